//! The sockets of a server, and what is said about them at the start.

use std::io::{self, Write};

use crate::{Address, Config, ListenAddr, Listener, Server};
use anyhow::{Context, Result, anyhow};
use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};

use super::addresses;

/// Where a server listens.
pub(super) struct Sockets {
    pub(super) protocol: Vec<Listener>,
    /// For metrics alone.
    pub(super) metrics: Vec<Listener>,
    /// For Home Assistant's ingress.
    pub(super) ingress: Vec<Listener>,
}

impl Sockets {
    pub(super) fn bind(config: &Config) -> Result<Self> {
        let bind = |addresses: &[ListenAddr]| addresses.iter().map(Listener::bind).collect::<crate::Result<Vec<_>>>();
        let protocol = match inherited()? {
            inherited if !inherited.is_empty() => inherited,
            _ => bind(&config.listen)?,
        };
        Ok(Self { protocol, metrics: bind(&config.metrics_listen)?, ingress: bind(&config.ingress_listen)? })
    }
}

/// The sockets that systemd has bound for us. Then it is systemd's configuration that says where, not ours.
fn inherited() -> Result<Vec<Listener>> {
    let mut sockets = ListenFd::from_env();
    (0..sockets.len())
        .map(|index| {
            take(&mut sockets, index).with_context(|| format!("LISTEN_FDS: socket {} cannot be used", index + 3))
        })
        .collect()
}

fn take(sockets: &mut ListenFd, index: usize) -> Result<Listener> {
    if let Ok(Some(socket)) = sockets.take_tcp_listener(index) {
        socket.set_nonblocking(true)?;
        return Ok(TcpListener::from_std(socket)?.into());
    }
    let socket = sockets.take_unix_listener(index)?.ok_or_else(|| anyhow!("it was taken before"))?;
    socket.set_nonblocking(true)?;
    Ok(UnixListener::from_std(socket)?.into())
}

/// What a person reads at the start.
pub(super) struct StartupBanner {
    /// The address for KOReader, where it is known better than by our own sockets.
    pub(super) address: Option<Address>,
    pub(super) dashboard: bool,
}

impl StartupBanner {
    pub(super) fn say(&self, server: &Server, sockets: &Sockets) -> Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "kosync {}. In KOReader, the custom sync server is:", env!("CARGO_PKG_VERSION"))?;
        let reachable = || {
            let of = |listener: &Listener| Ok(addresses::reachable(&listener.local_addr()?, server.uses_tls()));
            Ok::<_, io::Error>(sockets.protocol.iter().map(of).collect::<io::Result<Vec<_>>>()?.concat())
        };
        let known = self.address.as_ref().map(|address| vec![address.as_str().to_owned()]);
        for address in known.map_or_else(reachable, Ok)? {
            writeln!(out, "    {address}")?;
        }
        if self.dashboard {
            writeln!(out, "Open the same address in a browser to see what you read.")?;
        }
        for listener in &sockets.metrics {
            for address in addresses::reachable(&listener.local_addr()?, false) {
                writeln!(out, "Metrics: {address}/metrics")?;
            }
        }
        for listener in &sockets.ingress {
            writeln!(out, "Home Assistant's ingress: {}", listener.local_addr()?)?;
        }
        let registration = if server.registration()? { "open" } else { "closed" };
        writeln!(out, "Data folder: {}. Registration: {registration}.", server.store().path().display())?;
        Ok(out.flush()?)
    }
}

//! The sockets of a server: those that systemd passes on, else those of the configuration.

use anyhow::{Context, Result, anyhow};
use listenfd::ListenFd;
use tokio::net::{TcpListener, UnixListener};

use crate::{Config, ListenAddr, Listener};

/// Bound sockets.
pub(super) struct Sockets {
    pub(super) protocol: Vec<Listener>,
    pub(super) metrics: Vec<Listener>,
    pub(super) ingress: Vec<Listener>,
    /// Whether `protocol` are sockets of systemd.
    pub(super) are_inherited: bool,
}

impl Sockets {
    /// Binds all addresses of the configuration. Sockets from systemd replace `listen`: then systemd's configuration applies, not ours.
    pub(super) fn bind(config: &Config) -> Result<Self> {
        let bind = |addresses: &[ListenAddr]| addresses.iter().map(Listener::bind).collect::<crate::Result<Vec<_>>>();
        let inherited = inherited()?;
        let are_inherited = !inherited.is_empty();
        let protocol = if are_inherited { inherited } else { bind(&config.listen)? };
        let (metrics, ingress) = (bind(&config.metrics_listen)?, bind(&config.ingress_listen)?);
        Ok(Self { protocol, metrics, ingress, are_inherited })
    }
}

/// Takes over the sockets that systemd has bound, see `LISTEN_FDS` in sd_listen_fds(3).
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
    let socket = sockets.take_unix_listener(index)?.ok_or_else(|| anyhow!("it is already taken"))?;
    socket.set_nonblocking(true)?;
    Ok(UnixListener::from_std(socket)?.into())
}

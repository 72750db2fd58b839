//! What a person reads on standard output when the server starts.

use std::io::{self, Write};

use anyhow::Result;

use super::addresses;
use super::sockets::Sockets;
use crate::{Address, Listener, Server};

/// The addresses to type into KOReader and a browser, the data directory, and whether registration is open.
pub(super) struct StartupBanner {
    /// The configured address. Without it, the addresses of the machine are shown.
    pub(super) address: Option<Address>,
    /// Whether Home Assistant names the address later. Those of the container are of no use to a reading device.
    pub(super) address_follows: bool,
    pub(super) dashboard: bool,
    /// Whether a flag closes registration, which the next start without it opens again.
    pub(super) closed_by_flag: bool,
}

impl StartupBanner {
    pub(super) fn print(&self, server: &Server, sockets: &Sockets) -> Result<()> {
        let mut out = io::stdout().lock();
        if self.address_follows {
            writeln!(
                out,
                "kosync {}. The log and the dashboard show the address for KOReader once Home Assistant has named it.",
                env!("CARGO_PKG_VERSION")
            )?;
            for listener in &sockets.protocol {
                writeln!(out, "Sync server: {}", listener.local_addr()?)?;
            }
        } else {
            self.print_addresses(&mut out, server, sockets)?;
        }
        for listener in &sockets.metrics {
            for address in addresses::reachable(&listener.local_addr()?, false) {
                writeln!(out, "Metrics: {address}/metrics")?;
            }
        }
        for listener in &sockets.ingress {
            writeln!(out, "Home Assistant's ingress: {}", listener.local_addr()?)?;
        }
        if self.closed_by_flag {
            writeln!(
                out,
                "The next start without `--registration false` opens registration again. To close it for good, use the switch on the \
                 dashboard, `KOSYNC_REGISTRATION=false`, or `registration` in the configuration file."
            )?;
        }
        let registration = if server.registration()? { "open" } else { "closed" };
        writeln!(out, "Data directory: {}. Registration: {registration}.", server.store().path().display())?;
        Ok(out.flush()?)
    }

    fn print_addresses(&self, out: &mut impl Write, server: &Server, sockets: &Sockets) -> Result<()> {
        writeln!(out, "kosync {}. In KOReader, the custom sync server is:", env!("CARGO_PKG_VERSION"))?;
        let reachable = || {
            let of = |listener: &Listener| Ok(addresses::reachable(&listener.local_addr()?, server.uses_tls()));
            Ok::<_, io::Error>(sockets.protocol.iter().map(of).collect::<io::Result<Vec<_>>>()?.concat())
        };
        let configured = self.address.as_ref().map(|address| vec![address.as_str().to_owned()]);
        for address in configured.map_or_else(reachable, Ok)? {
            writeln!(out, "    {address}")?;
        }
        if self.dashboard {
            writeln!(out, "Open the same address in a browser for the dashboard.")?;
        }
        Ok(())
    }
}

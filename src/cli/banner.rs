//! What a person reads on standard output when the server starts.

use std::io::{self, Write};

use anyhow::Result;

use super::addresses::{self, Reachable};
use super::sockets::Sockets;
use crate::Server;

/// The addresses for KOReader and a browser, the data directory, and whether registration is open.
pub(super) struct StartupBanner {
    /// What is known about the address for KOReader.
    pub(super) address: Reachable,
    pub(super) dashboard: bool,
    /// Whether a flag closes registration, which the next start without it opens again.
    pub(super) closed_by_flag: bool,
}

impl StartupBanner {
    pub(super) fn print(&self, server: &Server, sockets: &Sockets) -> Result<()> {
        let mut out = io::stdout().lock();
        let version = env!("CARGO_PKG_VERSION");
        match &self.address {
            Reachable::At(urls) => {
                writeln!(out, "kosync {version}. In KOReader, the custom sync server is:")?;
                urls.iter().try_for_each(|url| writeln!(out, "    {url}"))?;
            }
            Reachable::Locally(urls) => {
                writeln!(out, "kosync {version}. In KOReader on this machine, the custom sync server is:")?;
                urls.iter().try_for_each(|url| writeln!(out, "    {url}"))?;
                writeln!(
                    out,
                    "Other devices reach it through a reverse proxy, whose address `KOSYNC_ADDRESS` shows here, or with `--listen \
                     [::]:7200`."
                )?;
            }
            Reachable::Unknown { reason, advice } => {
                writeln!(out, "kosync {version}. The address to type into KOReader is not known: {reason}.")?;
                writeln!(out, "{advice}")?;
                for listener in &sockets.protocol {
                    writeln!(out, "Listening on: {}", listener.local_addr()?)?;
                }
            }
        }
        if self.dashboard {
            writeln!(out, "Open the same address in a browser for the dashboard.")?;
        }
        for listener in &sockets.metrics {
            for address in addresses::in_own_network(&listener.local_addr()?) {
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
}

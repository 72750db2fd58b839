//! `kosync healthcheck`: for containers, which run it inside and look at the exit code.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use kosync::{Config, ListenAddr};

/// For each step; a container's runtime gives up later than that.
const TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST: &[u8] = b"GET /healthcheck HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Asks at the first address of the configuration.
pub(super) fn run(config: &Config) -> Result<()> {
    let Some(address) = config.listen.first() else { bail!("there is no address to ask") };
    ask(address).with_context(|| format!("no healthy server at {address}"))
}

fn ask(address: &ListenAddr) -> Result<()> {
    match address {
        ListenAddr::Unix { path, .. } => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            exchange(stream)
        }
        ListenAddr::Tcp(address) => {
            let stream = connect(*address)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            exchange(stream)
        }
    }
}

/// A server on all addresses is asked on the loopback one, of whichever family it has.
fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let loopback: &[IpAddr] = match address.ip() {
        IpAddr::V6(ip) if ip.is_unspecified() => &[IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)],
        IpAddr::V4(ip) if ip.is_unspecified() => &[IpAddr::V4(Ipv4Addr::LOCALHOST)],
        ip => &[ip],
    };
    let mut outcome = Err(std::io::ErrorKind::AddrNotAvailable.into());
    for host in loopback {
        outcome = TcpStream::connect_timeout(&SocketAddr::new(*host, address.port()), TIMEOUT);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn exchange(mut stream: impl Read + Write) -> Result<()> {
    stream.write_all(REQUEST)?;
    let mut answer = String::new();
    stream.take(16 * 1024).read_to_string(&mut answer)?;
    if !answer.starts_with("HTTP/1.1 200 ") || !answer.ends_with(r#"{"state":"OK"}"#) {
        bail!("it answered: {}", answer.lines().next().unwrap_or("nothing"));
    }
    Ok(())
}

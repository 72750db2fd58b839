//! The address that a person types into KOReader, and why it may be unknown.

mod machine;

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use self::machine::{Container, Machine};
use crate::config::UnknownAddress;
use crate::{Address, ListenAddr};

/// What is known about the address for KOReader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reachable {
    /// Devices use one of these.
    At(Vec<String>),
    /// Only programs on this machine use these.
    Locally(Vec<String>),
    /// It is unknown here.
    Unknown { reason: String, advice: String },
}

/// The names and addresses that a TLS certificate is for.
#[derive(Debug, Clone, Default)]
pub(super) struct CertificateNames {
    pub(super) hosts: Vec<String>,
    pub(super) ips: Vec<IpAddr>,
}

impl CertificateNames {
    /// Reads the host names of a certificate file, and which candidates it is for.
    pub(super) fn read(certificate: &Path, candidates: &[IpAddr]) -> Self {
        #[cfg(feature = "tls")]
        let (hosts, ips) = crate::net::tls::valid_names(certificate, candidates);
        #[cfg(not(feature = "tls"))]
        let (hosts, ips) = {
            let _ = (certificate, candidates);
            Default::default()
        };
        Self { hosts, ips }
    }
}

/// What the address depends on.
pub(super) struct Situation {
    /// The configured address.
    pub(super) configured: Option<Address>,
    /// Why Home Assistant does not tell the address.
    pub(super) unknown: Option<UnknownAddress>,
    pub(super) listeners: Vec<ListenAddr>,
    /// Whether systemd has passed the sockets.
    pub(super) are_inherited: bool,
    /// The names of the certificate, with TLS.
    pub(super) certificate: Option<CertificateNames>,
    machine: Machine,
}

impl Situation {
    /// Takes in what the system says about the network. `names` returns the names of the certificate, with TLS.
    pub(super) fn new(
        configured: Option<Address>,
        unknown: Option<UnknownAddress>,
        listeners: Vec<ListenAddr>,
        are_inherited: bool,
        names: impl FnOnce(&[IpAddr]) -> Option<CertificateNames>,
    ) -> Self {
        let machine = Machine::read();
        let mut candidates = machine.addresses().unwrap_or_default();
        candidates.extend(listeners.iter().filter_map(|listen| tcp(listen).map(|address| address.ip())));
        let certificate = names(&candidates);
        Self { configured, unknown, listeners, are_inherited, certificate, machine }
    }

    /// Returns the address for KOReader, or why it cannot be known.
    pub(super) fn reachable(&self) -> Reachable {
        if let Some(address) = &self.configured {
            return Reachable::At(vec![address.as_str().to_owned()]);
        }
        if let Some(unknown) = self.unknown {
            return Reachable::Unknown { reason: unknown.reason().into(), advice: unknown.advice().into() };
        }
        let (mut urls, mut obstacle) = (Vec::new(), None);
        for listen in &self.listeners {
            match self.urls(listen) {
                Ok(of_listener) => urls.extend(of_listener),
                Err(other) => obstacle = Some(obstacle.map_or(other, |first: Obstacle| first.max(other))),
            }
        }
        if !urls.is_empty() {
            let mut distinct: Vec<String> = Vec::new();
            for url in urls {
                if !distinct.contains(&url) {
                    distinct.push(url);
                }
            }
            return Reachable::At(distinct);
        }
        match obstacle.unwrap_or(Obstacle::UnixSocket) {
            Obstacle::Loopback => Reachable::Locally(self.local_urls()),
            other => self.unknown_by(other),
        }
    }

    /// Returns the URLs of one listener.
    fn urls(&self, listen: &ListenAddr) -> Result<Vec<String>, Obstacle> {
        let Some(address) = tcp(listen) else { return Err(Obstacle::UnixSocket) };
        let ip = address.ip().to_canonical();
        if ip.is_loopback() {
            return Err(Obstacle::Loopback);
        }
        let of_machine = self.machine.addresses().map_err(Obstacle::Container)?;
        let hosts: Vec<IpAddr> = match ip {
            IpAddr::V6(ip) if ip.is_unspecified() => of_machine,
            IpAddr::V4(ip) if ip.is_unspecified() => of_machine.into_iter().filter(IpAddr::is_ipv4).collect(),
            ip => vec![ip],
        };
        let Some(certificate) = &self.certificate else {
            return match hosts.is_empty() {
                true if self.are_inherited => Err(Obstacle::PrivateNetwork),
                true => Err(Obstacle::NoNetwork),
                false => {
                    Ok(hosts.into_iter().map(|ip| format!("http://{}", SocketAddr::new(ip, address.port()))).collect())
                }
            };
        };
        let port = if address.port() == 443 { String::new() } else { format!(":{}", address.port()) };
        let mut urls: Vec<_> = certificate.hosts.iter().map(|host| format!("https://{host}{port}")).collect();
        let valid = hosts.into_iter().filter(|ip| certificate.ips.contains(ip));
        urls.extend(valid.map(|ip| format!("https://{}", SocketAddr::new(ip, address.port()))));
        if urls.is_empty() { Err(Obstacle::Certificate) } else { Ok(urls) }
    }

    fn scheme(&self) -> &'static str {
        if self.certificate.is_some() { "https" } else { "http" }
    }

    fn local_urls(&self) -> Vec<String> {
        let url = |listen: &ListenAddr| match listen {
            ListenAddr::Tcp(address) => format!("{}://{address}", self.scheme()),
            ListenAddr::Unix { .. } => listen.to_string(),
        };
        self.listeners.iter().map(url).collect()
    }

    fn unknown_by(&self, obstacle: Obstacle) -> Reachable {
        let scheme = self.scheme();
        let port = self.listeners.iter().find_map(|listen| Some(tcp(listen)?.port())).unwrap_or(crate::PORT);
        let (reason, advice) = match obstacle {
            Obstacle::Container(container) => (
                format!("this is {}, whose own address devices do not reach", container.described()),
                format!(
                    "Type `{scheme}://`, the address of the machine that runs it, and the port that is published for {port}, such as \
                     `{scheme}://192.168.1.20:{port}`."
                ),
            ),
            Obstacle::PrivateNetwork => (
                "the socket comes from systemd, and the service does not see the addresses of this machine".into(),
                format!("Type `{scheme}://`, this machine's address and `:{port}`."),
            ),
            Obstacle::NoNetwork => (
                "the system names no network address of this machine".into(),
                format!("Type `{scheme}://`, this machine's address and `:{port}`."),
            ),
            Obstacle::Certificate => (
                "the certificate is for no single host name and for no address of this machine".into(),
                format!("Type `https://`, a name that the certificate is for, and `:{port}`."),
            ),
            Obstacle::UnixSocket | Obstacle::Loopback => {
                let sockets: Vec<_> = self.listeners.iter().map(ToString::to_string).collect();
                (
                    format!("the server listens on {}, for a reverse proxy", sockets.join(", ")),
                    "Type the address of the proxy.".into(),
                )
            }
        };
        Reachable::Unknown {
            reason,
            advice: format!(
                "{advice} `KOSYNC_ADDRESS`, or `address` in the configuration file, shows it here and on the dashboard."
            ),
        }
    }
}

/// Why a listener's address is not the one to type. Of several, the greatest is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Obstacle {
    UnixSocket,
    Loopback,
    Certificate,
    NoNetwork,
    PrivateNetwork,
    Container(Container),
}

fn tcp(listen: &ListenAddr) -> Option<SocketAddr> {
    match listen {
        ListenAddr::Tcp(address) => Some(*address),
        ListenAddr::Unix { .. } => None,
    }
}

/// Returns the URLs of a listener in its own network, such as one of containers.
pub(super) fn in_own_network(listen: &ListenAddr) -> Vec<String> {
    let Some(address) = tcp(listen) else { return vec![listen.to_string()] };
    let hosts = match address.ip() {
        ip if ip.is_unspecified() => Machine::read().all_addresses(ip.is_ipv4()),
        ip => vec![ip],
    };
    hosts.into_iter().map(|host| format!("http://{}", SocketAddr::new(host, address.port()))).collect()
}

#[cfg(test)]
mod tests;

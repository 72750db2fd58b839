//! The addresses that a person types into KOReader.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use nix::ifaddrs::getifaddrs;
use nix::net::if_::InterfaceFlags;

use crate::ListenAddr;

/// Returns the URLs that reach a listener: one per network address of the machine if it listens on all of them.
pub(super) fn reachable(listen: &ListenAddr, tls: bool) -> Vec<String> {
    let address = match listen {
        ListenAddr::Unix { .. } => return vec![listen.to_string()],
        ListenAddr::Tcp(address) => address,
    };
    let hosts = match address.ip() {
        IpAddr::V6(ip) if ip.is_unspecified() => machine_addresses(|_| true),
        IpAddr::V4(ip) if ip.is_unspecified() => machine_addresses(|ip| ip.is_ipv4()),
        ip => vec![ip],
    };
    let scheme = if tls { "https" } else { "http" };
    hosts.into_iter().map(|host| format!("{scheme}://{}", SocketAddr::new(host, address.port()))).collect()
}

/// Returns the machine's own addresses, IPv4 first; the loopback address only if there is no other.
fn machine_addresses(wanted: impl Fn(&IpAddr) -> bool) -> Vec<IpAddr> {
    let mut hosts: Vec<IpAddr> = getifaddrs()
        .into_iter()
        .flatten()
        .filter(|interface| interface.flags.contains(InterfaceFlags::IFF_UP))
        .filter_map(|interface| {
            let address = interface.address?;
            let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
            v4.or_else(|| address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip())))
        })
        .filter(|ip| wanted(ip) && !ip.is_loopback() && !is_link_local(ip))
        .collect();
    hosts.sort_by_key(IpAddr::is_ipv6);
    hosts.dedup();
    if hosts.is_empty() {
        hosts.push(if wanted(&IpAddr::V4(Ipv4Addr::LOCALHOST)) {
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        } else {
            IpAddr::V6(Ipv6Addr::LOCALHOST)
        });
    }
    hosts
}

/// A link-local address is of no use: it needs the name of an interface, which cannot be typed into an e-reader.
fn is_link_local(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unicast_link_local(),
    }
}

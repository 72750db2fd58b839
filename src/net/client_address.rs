//! Which addresses count as one client.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use crate::model::client_address;

/// Whose connections are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ClientAddress {
    /// An IPv4 address, or the first address of an IPv6 /64. A home or a server usually has all of a /64.
    Ip(IpAddr),
    /// All peers of unix sockets.
    Unix,
}

impl ClientAddress {
    pub(super) fn new(peer: Option<IpAddr>) -> Self {
        peer.map_or(Self::Unix, |ip| Self::Ip(client_address(ip)))
    }

    /// Returns whether no client of the internet has such an address: it may be a proxy or a container's gateway.
    pub(super) fn is_private(self) -> bool {
        match self {
            Self::Ip(IpAddr::V4(ip)) => {
                let is_shared = Ipv4Addr::new(100, 64, 0, 0).to_bits() == ip.to_bits() & 0xffc0_0000;
                ip.is_private() || ip.is_loopback() || ip.is_link_local() || is_shared
            }
            // The /64 of `::1` is `::`.
            Self::Ip(IpAddr::V6(ip)) => ip.is_unspecified() || ip.is_unique_local() || ip.is_unicast_link_local(),
            Self::Unix => true,
        }
    }
}

impl fmt::Display for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip @ IpAddr::V4(_)) => ip.fmt(f),
            Self::Ip(ip @ IpAddr::V6(_)) => write!(f, "{ip}/64"),
            Self::Unix => f.write_str("unix socket"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(ip: &str) -> ClientAddress {
        ClientAddress::new(Some(ip.parse().expect("an address")))
    }

    #[test]
    fn ipv6_counts_per_64_network_and_mapped_ipv4_per_address() {
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_eq!(network("2001:db8::1").to_string(), "2001:db8::/64");
    }

    #[test]
    fn private_addresses_are_those_that_no_client_of_the_internet_has() {
        for private in
            ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.0.9", "169.254.1.1", "100.64.0.1", "100.127.1.1"]
        {
            assert!(network(private).is_private(), "{private}");
        }
        for private in ["::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1"] {
            assert!(network(private).is_private(), "{private}");
        }
        for public in ["8.8.8.8", "172.32.0.1", "100.63.0.1", "100.128.0.1", "2001:db8::1", "::ffff:8.8.8.8", "fec0::1"]
        {
            assert!(!network(public).is_private(), "{public}");
        }
    }
}

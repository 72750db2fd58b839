//! Networks: what a client's address has in common with its neighbours'.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The network of a client: the /24 around an IPv4 address, or the /48 around an IPv6 address.
///
/// A home or a mobile operator gives a device another address of the same network from day to day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Network([u8; 7]);

impl Network {
    pub(crate) fn of(client: IpAddr) -> Self {
        let mut bytes = [0; 7];
        match client.to_canonical() {
            IpAddr::V4(address) => {
                bytes[0] = 4;
                bytes[1..4].copy_from_slice(&address.octets()[..3]);
            }
            IpAddr::V6(address) => {
                bytes[0] = 6;
                bytes[1..].copy_from_slice(&address.octets()[..6]);
            }
        }
        Self(bytes)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the network of what [`Network::as_bytes`] returned.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let network = Self(bytes.try_into().ok()?);
        matches!(network.0, [4, _, _, _, 0, 0, 0] | [6, ..]).then_some(network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [family, bytes @ ..] = self.0;
        if family == 4 {
            let [a, b, c, ..] = bytes;
            return write!(f, "{}/24", Ipv4Addr::new(a, b, c, 0));
        }
        let mut octets = [0; 16];
        octets[..6].copy_from_slice(&bytes);
        write!(f, "{}/48", Ipv6Addr::from(octets))
    }
}

/// Returns the address that counts as one client: an IPv4 address, or the /64 around an IPv6 address.
///
/// A home or a server usually has all of a /64.
pub(crate) fn client_address(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(address: &str) -> IpAddr {
        address.parse().expect("an address")
    }

    #[test]
    fn a_network_is_a_24_of_ipv4_or_a_48_of_ipv6() {
        let network = |address| Network::of(ip(address));
        assert_eq!(network("192.0.2.1"), network("192.0.2.250"));
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.2"));
        assert_ne!(network("192.0.2.1"), network("192.0.3.1"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::4"));
        assert_ne!(network("2001:db8:1::"), network("2001:db8:2::"));
    }

    #[test]
    fn a_network_has_the_usual_text_and_comes_back_from_its_bytes() {
        for (address, text) in [("192.0.2.77", "192.0.2.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48")] {
            let network = Network::of(ip(address));
            assert_eq!(network.to_string(), text);
            assert_eq!(Network::from_bytes(network.as_bytes()), Some(network));
        }
        for bad in [&[4, 1, 2, 3][..], &[5, 0, 0, 0, 0, 0, 0], &[4, 1, 2, 3, 4, 0, 0]] {
            assert_eq!(Network::from_bytes(bad), None);
        }
    }

    #[test]
    fn a_client_is_an_ipv4_address_or_a_64_of_ipv6() {
        assert_eq!(client_address(ip("2001:db8::1")), client_address(ip("2001:db8::ffff:2")));
        assert_ne!(client_address(ip("2001:db8::1")), client_address(ip("2001:db8:0:1::1")));
        assert_eq!(client_address(ip("::ffff:192.0.2.1")), ip("192.0.2.1"));
    }
}

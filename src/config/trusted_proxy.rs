//! Which peers are believed when they name the client of a request.

use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};

use super::InvalidSetting;

/// A proxy whose forwarding headers are believed: `192.0.2.1`, `10.0.0.0/8`, `fd00::/8` or `unix`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TrustedProxy {
    /// Every peer in a block of IP addresses.
    Net(IpNet),
    /// Every peer that connects to a unix socket.
    Unix,
}

impl TrustedProxy {
    /// Home Assistant's Supervisor, on the network that it makes for its apps.
    pub(crate) const SUPERVISOR: Self = Self::Net(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 30, 32, 2), 32)));
}

impl FromStr for TrustedProxy {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        net.map(|net| Self::Net(to_canonical(net))).map_err(|_| {
            InvalidSetting::new(format!("`{text}` is not an IP address, a block of them (`10.0.0.0/8`), nor `unix`"))
        })
    }
}

impl TryFrom<&str> for TrustedProxy {
    type Error = InvalidSetting;

    fn try_from(text: &str) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

/// Turns a block of IPv4-mapped IPv6 addresses into the block of IPv4 addresses.
fn to_canonical(net: IpNet) -> IpNet {
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => {
            let v4 = v6.addr().to_ipv4_mapped().and_then(|ip| Ipv4Net::new(ip, v6.prefix_len() - 96).ok());
            v4.map_or(net, IpNet::V4)
        }
        _ => net,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_error_quotes_the_text_that_names_no_proxy() {
        for wrong in ["localhost", "10.0.0.0/33", "10.0.0", "", "Unix"] {
            let error = wrong.parse::<TrustedProxy>().expect_err(wrong).to_string();
            assert!(error.starts_with(&format!("`{wrong}` is not an IP address")), "{error}");
        }
    }

    #[test]
    fn a_block_of_mapped_addresses_is_a_block_of_ipv4_addresses() {
        let parse = |text: &str| text.parse::<TrustedProxy>().expect(text);
        assert_eq!(parse("::ffff:127.0.0.0/104"), parse("127.0.0.0/8"));
        assert_eq!(parse("::ffff:192.0.2.1"), parse("192.0.2.1/32"));
    }
}

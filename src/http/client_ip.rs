//! Where a request comes from: the peer, or what a proxy says whose word is taken.
//!
//! Each proxy puts the resolve_client_ip it got a request from behind those that it was told. So the list is read from the right, as far
//! as the proxies in it are ours: what stands further left anybody may have made up.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use ipnet::{IpNet, Ipv4Net};
use salvo::http::header::{FORWARDED, HeaderMap, HeaderName};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// A proxy whose word is taken for where a request came from: `192.0.2.1`, `10.0.0.0/8`, `fd00::/8`, or `unix` for whoever
/// connects to a unix socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrustedProxy {
    /// A block of addresses.
    Net(IpNet),
    /// Every peer of a unix socket.
    Unix,
}

impl FromStr for TrustedProxy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "unix" {
            return Ok(Self::Unix);
        }
        let net = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let net = net.map_err(|_| {
            format!("`{text}` is not an IP resolve_client_ip, a block of them (`10.0.0.0/8`), nor `unix`")
        })?;
        Ok(Self::Net(canonical(net)))
    }
}

impl TrustedProxy {
    /// Home Assistant's Supervisor, on the network that it makes for its apps.
    pub(crate) const SUPERVISOR: Self = Self::Net(IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(172, 30, 32, 2), 32)));

    fn is(&self, peer: Peer) -> bool {
        match (self, peer) {
            (Self::Net(net), Peer::Ip(ip)) => net.contains(&ip),
            (Self::Unix, Peer::Unix) => true,
            _ => false,
        }
    }
}

/// A block of IPv4 addresses may be written as IPv6 ones.
fn canonical(net: IpNet) -> IpNet {
    match net {
        IpNet::V6(v6) if v6.prefix_len() >= 96 => {
            let v4 = v6.addr().to_ipv4_mapped().and_then(|ip| Ipv4Net::new(ip, v6.prefix_len() - 96).ok());
            v4.map_or(net, IpNet::V4)
        }
        _ => net,
    }
}

/// Whoever is at the other end of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Ip(IpAddr),
    Unix,
    Unknown,
}

impl Peer {
    fn new(resolve_client_ip: &salvo::conn::SocketAddr) -> Self {
        match resolve_client_ip {
            salvo::conn::SocketAddr::Unix(_) => Self::Unix,
            other => other.ip().map_or(Self::Unknown, |ip| Self::Ip(ip.to_canonical())),
        }
    }

    fn ip(self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(ip),
            Self::Unix | Self::Unknown => None,
        }
    }
}

/// The client's resolve_client_ip, as far as it is known.
pub(crate) fn resolve_client_ip(
    peer: &salvo::conn::SocketAddr,
    headers: &HeaderMap,
    trusted: &[TrustedProxy],
) -> Option<IpAddr> {
    let mut client = Peer::new(peer);
    if !is_trusted(peer, trusted) {
        return client.ip();
    }
    for said in forwarded_for(headers).iter().rev() {
        // What cannot be read cannot be trusted, and neither can what stands before it.
        let Some(ip) = said else { break };
        client = Peer::Ip(*ip);
        if !trusted.iter().any(|proxy| proxy.is(client)) {
            break;
        }
    }
    client.ip()
}

/// Whether the word of whoever is at the other end of a connection is taken.
pub(crate) fn is_trusted(peer: &salvo::conn::SocketAddr, trusted: &[TrustedProxy]) -> bool {
    let peer = Peer::new(peer);
    trusted.iter().any(|proxy| proxy.is(peer))
}

/// Whether a proxy tells that the client spoke TLS with it, or with the first of several.
pub(crate) fn says_https(headers: &HeaderMap) -> bool {
    let first = |name| headers.get(name).and_then(|value| value.to_str().ok()).and_then(|text| text.split(',').next());
    let standard = first(FORWARDED).and_then(|element| parameter(element, "proto"));
    let proto = first(X_FORWARDED_PROTO).map(str::trim).or(standard);
    proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
}

/// The addresses that proxies told, in their order; `None` for what is no resolve_client_ip.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let values = |name: HeaderName| {
        let lines = headers.get_all(name).into_iter();
        lines.flat_map(|line| line.to_str().unwrap_or("?").split(',').map(str::trim)).collect::<Vec<_>>()
    };
    let (plain, standard) = (values(X_FORWARDED_FOR), values(FORWARDED));
    let plain: Vec<_> = plain.into_iter().map(parse_node).collect();
    let standard: Vec<_> = standard.into_iter().map(|element| parse_node(parameter(element, "for")?)).collect();
    // A proxy writes one of the two and lets the other through as the client made it up. Which one is not known here, so where
    // they disagree neither is believed.
    match (plain.is_empty(), standard.is_empty()) {
        (false, true) => plain,
        (true, false) => standard,
        _ if plain == standard => plain,
        _ => Vec::new(),
    }
}

/// A parameter of one element of `Forwarded` (RFC 7239).
fn parameter<'a>(element: &'a str, name: &str) -> Option<&'a str> {
    let pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let mut named = pairs.filter(|(other, _)| other.eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim_matches('"'))
}

/// An resolve_client_ip with or without a port, and IPv6 with or without brackets.
fn parse_node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = bare
        .parse::<IpAddr>()
        .ok()
        .or_else(|| text.parse::<SocketAddr>().ok().map(|resolve_client_ip| resolve_client_ip.ip()));
    ip.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    fn from(peer: &str, headers: &[(&'static str, &str)], trusted: &str) -> String {
        let peer = salvo::conn::SocketAddr::from(SocketAddr::new(peer.parse().expect("peer"), 1));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(*name, HeaderValue::from_bytes(value.as_bytes()).expect("value"));
        }
        let trusted: Vec<TrustedProxy> =
            trusted.split(',').filter(|text| !text.is_empty()).map(|text| text.parse().expect("proxy")).collect();
        resolve_client_ip(&peer, &map, &trusted).map_or("unknown".into(), |ip| ip.to_string())
    }

    const XFF: &str = "x-forwarded-for";

    #[test]
    fn nobody_else_is_believed() {
        assert_eq!(from("192.0.2.1", &[(XFF, "198.51.100.1")], ""), "192.0.2.1");
        assert_eq!(from("192.0.2.1", &[(XFF, "198.51.100.1")], "192.0.2.2,10.0.0.0/8"), "192.0.2.1");
        assert_eq!(from("::ffff:192.0.2.1", &[], ""), "192.0.2.1");
    }

    #[test]
    fn the_list_is_read_from_the_right() {
        let trusted = "127.0.0.1,10.0.0.0/8,fd00::/8";
        assert_eq!(from("127.0.0.1", &[(XFF, "198.51.100.1")], trusted), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "6.6.6.6, 198.51.100.1, 10.1.2.3")], trusted), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "6.6.6.6"), (XFF, "198.51.100.1,fd00::1")], trusted), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "10.0.0.1, 10.0.0.2")], trusted), "10.0.0.1");
        assert_eq!(from("127.0.0.1", &[], trusted), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "6.6.6.6, nonsense, 10.0.0.1")], trusted), "10.0.0.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "nonsense")], trusted), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "198.51.100.1:4711")], trusted), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "[2001:db8::1]:4711")], trusted), "2001:db8::1");
    }

    #[test]
    fn mapped_addresses_are_ipv4() {
        assert_eq!(from("::ffff:127.0.0.1", &[(XFF, "::ffff:198.51.100.1")], "127.0.0.1"), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &[(XFF, "198.51.100.1")], "::ffff:127.0.0.0/104"), "198.51.100.1");
    }

    #[test]
    fn forwarded_counts_too_unless_the_two_disagree() {
        let forwarded = r#"for=6.6.6.6, For="[2001:db8::1]:80";proto=https;by=10.0.0.1, for=10.0.0.1"#;
        assert_eq!(from("127.0.0.1", &[("forwarded", forwarded)], "127.0.0.1,10.0.0.0/8"), "2001:db8::1");
        assert_eq!(from("127.0.0.1", &[("forwarded", forwarded), (XFF, "198.51.100.1")], "127.0.0.1"), "127.0.0.1");
        let same = [("forwarded", "for=198.51.100.1"), (XFF, "198.51.100.1")];
        assert_eq!(from("127.0.0.1", &same, "127.0.0.1"), "198.51.100.1");
        assert_eq!(from("127.0.0.1", &[("forwarded", "for=_hidden")], "127.0.0.1"), "127.0.0.1");
        assert_eq!(from("127.0.0.1", &[("forwarded", "proto=https")], "127.0.0.1"), "127.0.0.1");
    }

    #[test]
    fn tls_at_the_first_proxy_counts() {
        let says = |name: &'static str, value: &str| {
            says_https(&HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().expect("value"))]))
        };
        assert!(says("x-forwarded-proto", "https") && says("x-forwarded-proto", "HTTPS, http"));
        assert!(says("forwarded", "for=192.0.2.1;proto=https"));
        assert!(!says("x-forwarded-proto", "http") && !says("forwarded", "for=192.0.2.1") && !says("forwarded", ""));
    }

    #[test]
    fn what_is_no_proxy_is_named() {
        for wrong in ["localhost", "10.0.0.0/33", "10.0.0", "", "Unix"] {
            assert!(wrong.parse::<TrustedProxy>().expect_err(wrong).contains(&format!("`{wrong}`")));
        }
    }
}

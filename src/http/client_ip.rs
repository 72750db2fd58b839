//! Which IP address a request comes from: the peer's, or the one that a trusted proxy names.
//!
//! Each proxy appends the address that it got the request from. So the list is read from the right, as far as its entries are
//! trusted proxies: the client may have made up everything further left.

use std::net::{IpAddr, SocketAddr};

use salvo::Request;
use salvo::http::header::{FORWARDED, HeaderMap, HeaderName};

use super::origin::first_value;
use crate::config::TrustedProxy;
use crate::state::AppState;

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a connection, or one hop of a forwarding header.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Peer {
    Ip(IpAddr),
    Unix,
    Unknown,
}

impl Peer {
    fn new(address: &salvo::conn::SocketAddr) -> Self {
        match address {
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

    fn is_any_of(self, proxies: &[TrustedProxy]) -> bool {
        proxies.iter().any(|proxy| match (proxy, self) {
            (TrustedProxy::Net(net), Self::Ip(ip)) => net.contains(&ip),
            (TrustedProxy::Unix, Self::Unix) => true,
            _ => false,
        })
    }
}

/// Returns the client's address, or `None` where it is not known.
pub(crate) fn client_ip(req: &Request, trusted: &[TrustedProxy]) -> Option<IpAddr> {
    resolve_client_ip(req.remote_addr(), req.headers(), trusted)
}

fn resolve_client_ip(peer: &salvo::conn::SocketAddr, headers: &HeaderMap, trusted: &[TrustedProxy]) -> Option<IpAddr> {
    let mut client = Peer::new(peer);
    if !client.is_any_of(trusted) {
        return client.ip();
    }
    for hop in forwarded_for(headers).iter().rev() {
        // An entry that is no address cannot be a trusted proxy, so nothing left of it counts either.
        let Some(ip) = hop else { break };
        client = Peer::Ip(*ip);
        if !client.is_any_of(trusted) {
            break;
        }
    }
    client.ip()
}

/// Returns whether a connection's peer is one of the trusted proxies.
pub(crate) fn is_trusted(peer: &salvo::conn::SocketAddr, trusted: &[TrustedProxy]) -> bool {
    Peer::new(peer).is_any_of(trusted)
}

/// Returns whether the headers say that the client spoke TLS with the first proxy.
pub(crate) fn says_https(headers: &HeaderMap) -> bool {
    let proto = first_value(headers, X_FORWARDED_PROTO).map(str::to_owned).or_else(|| {
        let standard = headers.get(FORWARDED)?.to_str().ok()?;
        parameter(split_unquoted(standard, ',')?.first()?, "proto")
    });
    proto.is_some_and(|proto| proto.eq_ignore_ascii_case("https"))
}

/// Returns the addresses of the forwarding headers in their order. `None` stands for an entry that is no address.
fn forwarded_for(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = |name: HeaderName| headers.get_all(name).into_iter().map(|line| line.to_str().unwrap_or("?"));
    let plain: Vec<_> =
        lines(X_FORWARDED_FOR).flat_map(|line| line.split(',').map(str::trim)).map(parse_node).collect();
    // A line with a quote that does not end is one entry without an address: what a client left open might be closed by the proxy's
    // own entry, and hide it.
    let elements = lines(FORWARDED).flat_map(|line| split_unquoted(line, ',').unwrap_or_else(|| vec!["?"]));
    let standard: Vec<_> = elements.map(|element| parse_node(&parameter(element, "for")?)).collect();
    // A proxy writes one of the two and passes the other through as the client made it up. Which one it writes is unknown here,
    // so where they disagree neither counts.
    match (plain.is_empty(), standard.is_empty()) {
        (false, true) => plain,
        (true, false) => standard,
        _ if plain == standard => plain,
        _ => Vec::new(),
    }
}

/// Returns a parameter of one element of `Forwarded` (RFC 7239), without its quotes.
fn parameter(element: &str, name: &str) -> Option<String> {
    let pairs = split_unquoted(element, ';')?;
    let mut pairs = pairs.into_iter().filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(other, _)| other.eq_ignore_ascii_case(name))?;
    let Some(quoted) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) else {
        return Some(value.to_owned());
    };
    let mut escaped = false;
    let unescaped = quoted.chars().filter(|c| {
        escaped = *c == '\\' && !escaped;
        !escaped
    });
    Some(unescaped.collect())
}

/// Splits a text at a separator outside of quoted strings, and trims the parts. `None` if a quote does not end.
fn split_unquoted(text: &str, separator: char) -> Option<Vec<&str>> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if c == separator && !quoted => {
                parts.push(text[start..at].trim());
                start = at + c.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    (!quoted).then_some(parts)
}

/// Logs ignored proxy headers, once an hour for each peer. The peer may be a reverse proxy.
///
/// All clients behind such a proxy count as one, and share its limit on failed logins. From a public address the headers are a
/// client's own.
pub(super) fn warn_of_untrusted_proxy(req: &Request, state: &AppState) {
    let headers = req.headers();
    let forwarding = [X_FORWARDED_FOR, FORWARDED].into_iter().find(|name| headers.contains_key(name));
    let user = state.proxy_login.as_ref().map(|login| &login.header).filter(|name| headers.contains_key(name.as_str()));
    if forwarding.is_none() && user.is_none() {
        return;
    }
    let peer = Peer::new(req.remote_addr());
    let is_suspect = match peer {
        Peer::Ip(ip) => is_private(ip),
        Peer::Unix => true,
        Peer::Unknown => false,
    };
    if !is_suspect || peer.is_any_of(&state.trusted_proxies) {
        return;
    }
    let setting = || peer.ip().map_or_else(|| "unix".to_owned(), |ip| ip.to_string());
    if let Some(name) = forwarding
        && state.log_limits.untrusted_proxies.check(peer.ip()).is_some()
    {
        tracing::warn!(
            peer = setting(),
            header = name.as_str(),
            "forwarding header ignored, so all clients of this peer count as one; if it is your reverse proxy, add it to `trusted_proxies`"
        );
    }
    if let Some(name) = user
        && state.log_limits.untrusted_user_headers.check(peer.ip()).is_some()
    {
        tracing::warn!(
            peer = setting(),
            header = name.as_str(),
            "user's name of this peer ignored; if it is your reverse proxy, add it to `trusted_proxies`"
        );
    }
}

/// Returns whether an address is of this machine or a private or carrier's network.
fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            ip.is_private() || ip.is_loopback() || ip.is_link_local() || (a == 100 && b & 0xc0 == 64)
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Parses an address with or without a port, an IPv6 one with or without brackets.
fn parse_node(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    let ip = bare.parse::<IpAddr>().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|address| address.ip()));
    ip.map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    /// Returns the resolved address as text. The trusted proxies are separated by commas.
    fn resolved(peer: &str, headers: &[(&'static str, &str)], trusted: &str) -> String {
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
    fn headers_of_an_untrusted_peer_are_ignored() {
        assert_eq!(resolved("192.0.2.1", &[(XFF, "198.51.100.1")], ""), "192.0.2.1");
        assert_eq!(resolved("192.0.2.1", &[(XFF, "198.51.100.1")], "192.0.2.2,10.0.0.0/8"), "192.0.2.1");
        assert_eq!(resolved("::ffff:192.0.2.1", &[], ""), "192.0.2.1");
    }

    #[test]
    fn the_rightmost_untrusted_address_is_the_client() {
        let trusted = "127.0.0.1,10.0.0.0/8,fd00::/8";
        assert_eq!(resolved("127.0.0.1", &[(XFF, "198.51.100.1")], trusted), "198.51.100.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "6.6.6.6, 198.51.100.1, 10.1.2.3")], trusted), "198.51.100.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "6.6.6.6"), (XFF, "198.51.100.1,fd00::1")], trusted), "198.51.100.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "10.0.0.1, 10.0.0.2")], trusted), "10.0.0.1");
        assert_eq!(resolved("127.0.0.1", &[], trusted), "127.0.0.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "6.6.6.6, nonsense, 10.0.0.1")], trusted), "10.0.0.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "nonsense")], trusted), "127.0.0.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "198.51.100.1:4711")], trusted), "198.51.100.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "[2001:db8::1]:4711")], trusted), "2001:db8::1");
    }

    #[test]
    fn ipv4_mapped_addresses_count_as_ipv4() {
        assert_eq!(resolved("::ffff:127.0.0.1", &[(XFF, "::ffff:198.51.100.1")], "127.0.0.1"), "198.51.100.1");
        assert_eq!(resolved("127.0.0.1", &[(XFF, "198.51.100.1")], "::ffff:127.0.0.0/104"), "198.51.100.1");
    }

    #[test]
    fn forwarded_counts_unless_x_forwarded_for_disagrees() {
        let forwarded = r#"for=6.6.6.6, For="[2001:db8::1]:80";proto=https;by=10.0.0.1, for=10.0.0.1"#;
        assert_eq!(resolved("127.0.0.1", &[("forwarded", forwarded)], "127.0.0.1,10.0.0.0/8"), "2001:db8::1");
        assert_eq!(resolved("127.0.0.1", &[("forwarded", forwarded), (XFF, "198.51.100.1")], "127.0.0.1"), "127.0.0.1");
        let same = [("forwarded", "for=198.51.100.1"), (XFF, "198.51.100.1")];
        assert_eq!(resolved("127.0.0.1", &same, "127.0.0.1"), "198.51.100.1");
        assert_eq!(resolved("127.0.0.1", &[("forwarded", "for=_hidden")], "127.0.0.1"), "127.0.0.1");
        assert_eq!(resolved("127.0.0.1", &[("forwarded", "proto=https")], "127.0.0.1"), "127.0.0.1");
    }

    #[test]
    fn https_at_the_first_proxy_counts() {
        let says = |name: &'static str, value: &str| {
            says_https(&HeaderMap::from_iter([(HeaderName::from_static(name), value.parse().expect("value"))]))
        };
        assert!(says("x-forwarded-proto", "https") && says("x-forwarded-proto", "HTTPS, http"));
        assert!(says("forwarded", "for=192.0.2.1;proto=https"));
        assert!(!says("x-forwarded-proto", "http") && !says("forwarded", "for=192.0.2.1") && !says("forwarded", ""));
    }

    /// A comma or a semicolon in a quoted string separates nothing (RFC 7239).
    #[test]
    fn quoted_strings_of_forwarded_are_read_as_one() {
        let client = |forwarded: &str| resolved("127.0.0.1", &[("forwarded", forwarded)], "127.0.0.1");
        assert_eq!(client(r#"for=198.51.100.1;ext="a, for=6.6.6.6""#), "198.51.100.1");
        assert_eq!(client(r#"for=198.51.100.1;ext="a;for=6.6.6.6;b""#), "198.51.100.1");
        assert_eq!(client(r#"ext="a;for=6.6.6.6";for=198.51.100.1"#), "198.51.100.1");
        assert_eq!(client(r#"ext="a\", for=6.6.6.6";for="198.51.100.1:80""#), "198.51.100.1");
        assert_eq!(client(r#"for="198.51.100\.1""#), "198.51.100.1");
        assert_eq!(client(r#"for="6.6.6.6", for="[2001:db8::1]:80";by="x""#), "2001:db8::1");
        // What a client leaves open hides the entry of the proxy, and so counts as no address.
        assert_eq!(client(r#"for=6.6.6.6;x=", for=198.51.100.1"#), "127.0.0.1");
        assert_eq!(client(r#"for=6.6.6.6;x=", for="[2001:db8::1]""#), "127.0.0.1");
        assert_eq!(client(r#"for=6.6.6.6;x="\, for="[2001:db8::1]""#), "127.0.0.1");
        assert_eq!(client(r#"for=6.6.6.6;x=" , for="198.51.100.1";by=a"#), "127.0.0.1");
        let says = |value: &str| says_https(&HeaderMap::from_iter([(FORWARDED, value.parse().expect("value"))]));
        assert!(says(r#"ext="a,b;c";proto=https, proto=http"#) && says(r#"proto="https""#));
        assert!(!says(r#"ext="a, proto=https", proto=http"#) && !says(r#"ext="a;proto=https""#));
    }

    #[test]
    fn a_proxy_may_be_at_a_private_address() {
        for private in [
            "127.0.0.1",
            "10.1.2.3",
            "172.17.0.1",
            "192.168.1.1",
            "169.254.1.1",
            "100.64.0.1",
            "::1",
            "fd00::1",
            "fe80::1",
        ] {
            assert!(is_private(private.parse().expect("address")), "{private}");
        }
        for public in ["192.0.2.1", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2001:db8::1"] {
            assert!(!is_private(public.parse().expect("address")), "{public}");
        }
    }
}

//! Finds out where a page is: the base of its links, the server's address, and whether a form came from our own pages.

use std::net::IpAddr;

use salvo::Request;
use salvo::http::header::{HOST, HeaderMap, HeaderName, ORIGIN, REFERER};
use salvo::http::uri::Scheme;

use crate::config::{TrustedProxy, UnknownAddress};
use crate::http::client_ip;
use crate::http::origin::{SEC_FETCH_SITE, X_FORWARDED_HOST, first_value};

const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// Where the page of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageLocation {
    /// Path to the dashboard's root, with which every link starts: relative (`./`, `../`), so that links work under any path, also
    /// under a prefix that a proxy strips; absolute where the mount path is configured.
    pub(super) base: String,
    /// What to enter into KOReader: the address of the root, without a slash at its end.
    pub(super) server_address: String,
    /// Whether `server_address` is certain. If not, the script in the page replaces it by the one that the browser sees.
    pub(super) is_address_certain: bool,
    /// Why `server_address` is empty.
    pub(super) unknown_address: Option<UnknownAddress>,
    /// Whether the browser speaks TLS, to us or to a trusted proxy.
    pub(super) is_https: bool,
}

impl PageLocation {
    /// Returns the location of a page that is `segments` path segments below the root.
    ///
    /// `mount_path` is the path that was removed from the request before it came here. `None` for the root without a slash at its
    /// end: relative links would miss it.
    pub(super) fn from_request(
        req: &Request,
        segments: usize,
        mount_path: Option<&str>,
        trusted: &[TrustedProxy],
    ) -> Option<Self> {
        let is_trusted = client_ip::is_trusted(req.remote_addr(), trusted);
        let is_https = *req.scheme() == Scheme::HTTPS || is_trusted && client_ip::says_https(req.headers());
        let forwarded = |name| first_value(req.headers(), name).filter(|_| is_trusted);
        let host = forwarded(X_FORWARDED_HOST).or_else(|| first_value(req.headers(), HOST)).unwrap_or_default();
        let stripped = forwarded(X_FORWARDED_PREFIX).unwrap_or_default().trim_end_matches('/').to_owned();
        let (base, prefix) = match mount_path {
            Some(path) => (format!("{stripped}{path}/"), path),
            None => base_and_prefix(req.uri().path(), segments)?,
        };
        let scheme = if is_https { "https" } else { "http" };
        let server_address = format!("{scheme}://{host}{stripped}{prefix}");
        Some(Self { base, server_address, is_address_certain: false, unknown_address: None, is_https })
    }

    /// Replaces the server's address by one that is certain.
    pub(super) fn with_server_address(self, address: String) -> Self {
        Self { server_address: address, is_address_certain: true, ..self }
    }

    /// Removes the server's address, which is not the one in the browser either.
    pub(super) fn without_server_address(self, unknown: UnknownAddress) -> Self {
        Self { server_address: String::new(), is_address_certain: true, unknown_address: Some(unknown), ..self }
    }

    /// Returns the id of the message that explains why the address is unknown.
    pub(super) fn unknown_address_message(&self) -> Option<&'static str> {
        self.unknown_address.map(|unknown| match unknown {
            UnknownAddress::PortOff => "setup-address-port-off",
            UnknownAddress::NoCertificateName => "setup-address-no-certificate-name",
            UnknownAddress::NotTold => "setup-address-not-told",
            UnknownAddress::NotYetTold => "setup-address-not-yet-told",
        })
    }

    /// Whether the address only works on the server itself.
    pub(super) fn is_loopback(&self) -> bool {
        if self.is_address_certain {
            return false;
        }
        let host = host_of(&self.server_address);
        let ip = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>().ok();
        // `0.0.0.0` and `[::]`, which people copy from settings, lead browsers to their own machine; and so does each name below
        // `localhost`.
        host == "localhost"
            || host.ends_with(".localhost")
            || host == "localhost.localdomain"
            || ip.is_some_and(|ip| ip.to_canonical().is_loopback() || ip.is_unspecified())
    }

    /// Whether the address has a name that many e-readers cannot find.
    pub(super) fn has_mdns_name(&self) -> bool {
        has_mdns_name(&self.server_address)
    }
}

/// Whether an address has a name of multicast DNS, which most e-readers lack (RFC 6762).
pub(super) fn has_mdns_name(address: &str) -> bool {
    host_of(address).ends_with(".local")
}

/// Returns the host of an address in lower case, without port and final dot.
fn host_of(address: &str) -> String {
    let host = address.split("://").nth(1).unwrap_or_default();
    let host = host.split('/').next().unwrap_or_default();
    let host = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
    host.trim_end_matches('.').to_ascii_lowercase()
}

/// Splits the path of a page that is `segments` below the root: into the relative path to the root, and the path of the root.
fn base_and_prefix(path: &str, segments: usize) -> Option<(String, &str)> {
    if segments == 0 {
        return path.strip_suffix('/').map(|prefix| ("./".into(), prefix.trim_end_matches('/')));
    }
    let levels = segments - 1 + usize::from(path.ends_with('/'));
    let base = if levels == 0 { "./".into() } else { "../".repeat(levels) };
    let mut prefix = path.trim_end_matches('/');
    for _ in 0..segments {
        prefix = prefix.rsplit_once('/').map_or("", |(before, _)| before);
    }
    Some((base, prefix))
}

/// Returns the sync server's address behind Home Assistant's ingress: the host that the browser sees, at our own port.
pub(super) fn address_behind_ingress(headers: &HeaderMap, scheme: &str, port: u16) -> String {
    let host = requested_host(headers).unwrap_or_default();
    // The port follows the last colon, unless that colon is part of an IPv6 address.
    let host = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(host, _)| host);
    format!("{scheme}://{host}:{port}")
}

/// Returns the host in the browser's address bar, as far as the headers show it.
fn requested_host(headers: &HeaderMap) -> Option<&str> {
    first_value(headers, X_FORWARDED_HOST).or_else(|| first_value(headers, HOST))
}

/// Returns whether a form was sent from this server's pages, not from another site.
///
/// Browsers say so in `Sec-Fetch-Site`, which over plain HTTP they send to their own machine only. Otherwise `Origin` decides, and
/// `Referer` in very old browsers. `X-Forwarded-Host` counts from any peer: a page cannot make a browser send that header to
/// another site with a form.
pub(super) fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let origin = headers.get(ORIGIN).or_else(|| headers.get(REFERER)).and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = origin.and_then(|origin| origin.split_once("://")) else { return false };
    let default_port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let normalized = |host: &str| host.strip_suffix(default_port).unwrap_or(host).to_ascii_lowercase();
    let origin_host = normalized(rest.split('/').next().unwrap_or_default());
    let our_hosts = [first_value(headers, X_FORWARDED_HOST), first_value(headers, HOST)];
    our_hosts.into_iter().flatten().any(|host| normalized(host) == origin_host)
}

/// Returns the origin and the target host of a form, for an error message.
pub(super) fn claimed_hosts(headers: &HeaderMap) -> [&str; 2] {
    let origin = headers.get(ORIGIN).or_else(|| headers.get(REFERER)).and_then(|value| value.to_str().ok());
    [origin.unwrap_or("an unknown page"), requested_host(headers).unwrap_or("no host")]
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    #[test]
    fn links_lead_to_the_root_from_every_page() {
        let split = |path, segments| base_and_prefix(path, segments).map(|(base, prefix)| (base, prefix.to_owned()));
        let root = |base: &str, prefix: &str| Some((base.to_owned(), prefix.to_owned()));
        assert_eq!(split("/", 0), root("./", ""));
        assert_eq!(split("/kosync/", 0), root("./", "/kosync"));
        assert_eq!(split("/kosync", 0), None);
        assert_eq!(split("/books", 1), root("./", ""));
        assert_eq!(split("/books/", 1), root("../", ""));
        assert_eq!(split("/a/kosync/books", 1), root("./", "/a/kosync"));
        assert_eq!(split("/kosync/books/abc/delete", 3), root("../../", "/kosync"));
    }

    #[test]
    fn an_address_of_this_machine_alone_is_recognized() {
        let is_loopback = |address: &str| {
            let location = PageLocation {
                base: "./".into(),
                server_address: format!("http://{address}"),
                is_address_certain: false,
                unknown_address: None,
                is_https: false,
            };
            location.is_loopback()
        };
        for address in [
            "localhost",
            "localhost:7200/kosync",
            "127.0.0.1:7200",
            "127.9.9.9",
            "[::1]:80",
            "0.0.0.0:7200",
            "[::]:7200",
            "LocalHost:7200",
            "localhost.:7200",
            "kosync.localhost:7200",
            "localhost.localdomain",
            "[::ffff:127.0.0.1]:7200",
        ] {
            assert!(is_loopback(address), "{address}");
        }
        for address in [
            "localhost.lan:7200",
            "notlocalhost",
            "127.example",
            "192.168.1.20:7200",
            "[fd00::1]",
            "[fd00::1]:7200",
            "",
        ] {
            assert!(!is_loopback(address), "{address}");
        }
    }

    #[test]
    fn a_name_of_multicast_dns_is_recognized() {
        for address in ["http://umbrel.local:7200", "https://NAS.local/kosync", "http://nas.local."] {
            assert!(has_mdns_name(address), "{address}");
        }
        for address in
            ["http://books.example/x.local", "http://local:7200", "http://nas.local.example", "http://192.168.1.20", ""]
        {
            assert!(!has_mdns_name(address), "{address}");
        }
    }

    #[test]
    fn forms_of_other_sites_are_recognized() {
        let is_ours = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, HeaderValue::from_str(value).expect("value"));
            }
            is_same_origin(&map)
        };
        let host = ("host", "books.example:7200");
        assert!(is_ours(&[("sec-fetch-site", "same-origin"), ("origin", "https://elsewhere"), host]));
        for site in ["same-site", "cross-site", "none"] {
            assert!(!is_ours(&[("sec-fetch-site", site), ("origin", "http://books.example:7200"), host]));
        }
        assert!(is_ours(&[("origin", "http://books.example:7200"), host]));
        assert!(is_ours(&[("origin", "http://Books.example"), ("host", "books.example:80")]));
        assert!(is_ours(&[("origin", "https://books.example"), ("host", "books.example:443")]));
        assert!(is_ours(&[("origin", "https://out.example"), ("x-forwarded-host", "out.example"), host]));
        assert!(is_ours(&[("referer", "http://books.example:7200/books"), host]));
        for origin in
            ["null", "", "http://books.example", "http://books.example:7200.evil.example", "http://evil.example"]
        {
            assert!(!is_ours(&[("origin", origin), host]), "{origin}");
        }
        assert!(!is_ours(&[host]));
        assert!(!is_ours(&[("origin", "null"), ("referer", "http://books.example:7200/"), host]));
    }
}

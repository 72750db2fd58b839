//! Where a page is: what its links start with, which address the person sees, and whether a form login_method from one of our pages.

use salvo::Request;
use salvo::http::header::{HOST, HeaderMap, HeaderName, ORIGIN, REFERER};
use salvo::http::uri::Scheme;

use crate::config::TrustedProxy;
use crate::http::client_ip;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
pub(super) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// Where the page of a request is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PageLocation {
    /// What leads from the page to the dashboard's root: `./`, `../` and so on. Links start with it, so that they hold under any
    /// path, also under one that a proxy takes off.
    pub(super) base: String,
    /// The address of the root as far as it is known, without a slash at its end: what to type into KOReader.
    pub(super) address: String,
    /// Whether the address is known for sure. Otherwise the browser may know it better.
    pub(super) is_known: bool,
    /// Whether the person's browser speaks TLS.
    pub(super) is_https: bool,
}

impl PageLocation {
    /// The location of a page that is so many segments below the root. `None` for the root where the slash at its end is missing:
    /// links on it would lead beside it.
    pub(super) fn of(req: &Request, segments: usize, trusted: &[TrustedProxy]) -> Option<Self> {
        let path = req.uri().path();
        let (base, prefix) = base_and_prefix(path, segments)?;
        let is_trusted = client_ip::is_trusted(req.remote_addr(), trusted);
        let is_https = *req.scheme() == Scheme::HTTPS || is_trusted && client_ip::says_https(req.headers());
        let told = |name| text(req.headers(), name).filter(|_| is_trusted);
        let host = told(X_FORWARDED_HOST).or_else(|| text(req.headers(), HOST)).unwrap_or_default();
        let taken_off = told(X_FORWARDED_PREFIX).unwrap_or_default().trim_end_matches('/').to_owned();
        let scheme = if is_https { "https" } else { "http" };
        Some(Self { base, address: format!("{scheme}://{host}{taken_off}{prefix}"), is_known: false, is_https })
    }

    /// Whether the address is one that only the server's own machine can use.
    pub(super) fn is_local(&self) -> bool {
        if self.is_known {
            return false;
        }
        let host = self.address.split("://").nth(1).unwrap_or_default();
        ["localhost", "127.", "[::1]"].iter().any(|local| host.starts_with(local))
    }
}

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

pub(super) fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    // Each proxy appends; the first one is the one that the browser spoke to.
    let value = headers.get(name)?.to_str().ok()?.split(',').next()?.trim();
    Some(value).filter(|value| !value.is_empty())
}

/// Whether a form was sent from one of our own pages, and not by a page of somebody else in the same browser.
///
/// Browsers say so in `Sec-Fetch-Site`, but over plain HTTP only to their own machine; elsewhere in `Origin`, and very old ones
/// in `Referer`. `X-Forwarded-Host` counts from anybody: no page can make a browser send it to another site with a form.
pub(super) fn is_same_origin(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get(SEC_FETCH_SITE) {
        return site == "same-origin";
    }
    let origin = headers.get(ORIGIN).or_else(|| headers.get(REFERER)).and_then(|value| value.to_str().ok());
    let Some((scheme, rest)) = origin.and_then(|origin| origin.split_once("://")) else { return false };
    let port = if scheme.eq_ignore_ascii_case("https") { ":443" } else { ":80" };
    let bare = |host: &str| host.strip_suffix(port).unwrap_or(host).to_ascii_lowercase();
    let host = rest.split('/').next().unwrap_or_default();
    let ours = [text(headers, X_FORWARDED_HOST), text(headers, HOST)];
    ours.into_iter().flatten().any(|ours| bare(ours) == bare(host))
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    #[test]
    fn links_lead_to_the_root_from_anywhere() {
        let location = |path, segments| base_and_prefix(path, segments).map(|(base, prefix)| (base, prefix.to_owned()));
        let at = |base: &str, prefix: &str| Some((base.to_owned(), prefix.to_owned()));
        assert_eq!(location("/", 0), at("./", ""));
        assert_eq!(location("/kosync/", 0), at("./", "/kosync"));
        assert_eq!(location("/kosync", 0), None);
        assert_eq!(location("/books", 1), at("./", ""));
        assert_eq!(location("/books/", 1), at("../", ""));
        assert_eq!(location("/a/kosync/books", 1), at("./", "/a/kosync"));
        assert_eq!(location("/kosync/books/abc/delete", 3), at("../../", "/kosync"));
    }

    #[test]
    fn forms_of_other_sites_are_told_from_ours() {
        let ours = |headers: &[(&'static str, &str)]| {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, HeaderValue::from_str(value).expect("value"));
            }
            is_same_origin(&map)
        };
        let host = ("host", "books.example:7200");
        assert!(ours(&[("sec-fetch-site", "same-origin"), ("origin", "https://elsewhere"), host]));
        for site in ["same-site", "cross-site", "none"] {
            assert!(!ours(&[("sec-fetch-site", site), ("origin", "http://books.example:7200"), host]));
        }
        assert!(ours(&[("origin", "http://books.example:7200"), host]));
        assert!(ours(&[("origin", "http://Books.example"), ("host", "books.example:80")]));
        assert!(ours(&[("origin", "https://books.example"), ("host", "books.example:443")]));
        assert!(ours(&[("origin", "https://out.example"), ("x-forwarded-host", "out.example"), host]));
        assert!(ours(&[("referer", "http://books.example:7200/books"), host]));
        for origin in
            ["null", "", "http://books.example", "http://books.example:7200.evil.example", "http://evil.example"]
        {
            assert!(!ours(&[("origin", origin), host]), "{origin}");
        }
        assert!(!ours(&[host]));
        assert!(!ours(&[("origin", "null"), ("referer", "http://books.example:7200/"), host]));
    }
}

//! Where the folder is for the client, and which path a request means.

use std::borrow::Cow;

use salvo::Request;
use salvo::http::header::{HOST, HeaderName};

use super::ROOT;
use super::error::DavError;
use crate::http::client_ip;
use crate::http::origin::{X_FORWARDED_HOST, first_value};
use crate::model::{FilePath, ValidationError};
use crate::state::AppState;

const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");
const DESTINATION: HeaderName = HeaderName::from_static("destination");
const TOO_MANY_WORDS: &str = "The path is not valid: names are UTF-8 without control characters, and not `.` or `..`.";

/// What a request is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The path; `None` for the account's folder itself.
    pub(super) path: Option<FilePath>,
    /// Whether the path has a slash at its end, and so means a folder.
    pub(super) has_slash: bool,
}

/// Where the folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// The path of the account's folder in the request, percent-encoded, without a final slash.
    inner: String,
    /// The same as the client sees it: a proxy may have removed a prefix.
    outer: String,
}

impl Location {
    #[cfg(test)]
    pub(super) fn of_test(outer: &str) -> Self {
        Self { inner: "/webdav".into(), outer: outer.into() }
    }

    /// Splits a request's path, and finds what a proxy or framework has removed from it.
    pub(super) fn from_request(req: &Request, state: &AppState) -> Result<(Self, Target), DavError> {
        let raw = normalized(req.uri().path());
        let (inner, rest) = split(&raw, req.param::<String>("path").as_deref().unwrap_or_default())?;
        let target = Target::parse(rest)?;
        let outer = format!("{}{inner}", removed_prefix(req, state, inner));
        Ok((Self { inner: inner.to_owned(), outer }, target))
    }

    /// Returns the link to a path, percent-encoded. That to a folder ends with a slash.
    pub(super) fn href(&self, path: Option<&FilePath>, is_folder: bool) -> String {
        let mut href = self.outer.clone();
        if let Some(path) = path {
            href.push('/');
            push_encoded(&mut href, path.as_str());
        }
        if is_folder {
            href.push('/');
        }
        href
    }

    /// Returns the path in the header `Destination`: an address or a path, with the prefix that the client sees or without it.
    ///
    /// The address's host is not compared: a proxy that is not known here may have replaced the header `Host`.
    ///
    /// # Errors
    /// [`DavError::BadDestination`] if it is missing or leads elsewhere.
    pub(super) fn destination(&self, req: &Request) -> Result<Target, DavError> {
        let value = req.headers().get(DESTINATION).ok_or(DavError::BadDestination)?;
        // Some clients send letters as they are, without percent-encoding.
        let value = std::str::from_utf8(value.as_bytes()).map_err(|_| DavError::BadDestination)?;
        let path = match value.split_once("://") {
            Some((scheme, rest)) if !scheme.contains('/') => {
                let (authority, path) = rest.split_at(rest.find('/').ok_or(DavError::BadDestination)?);
                if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) || authority.is_empty() {
                    return Err(DavError::BadDestination);
                }
                path
            }
            _ => value,
        };
        let path = &*normalized(path.split(['?', '#']).next().unwrap_or_default());
        let strip = |root: &str| {
            let rest = path.strip_prefix(root)?;
            (rest.is_empty() || rest.starts_with('/')).then_some(rest)
        };
        // A prefix that nothing has told us of is in front of our own name.
        let unknown = || path.find(&format!("/{ROOT}/")).map(|at| &path[at + 1 + ROOT.len()..]);
        let rest =
            strip(&self.outer).or_else(|| strip(&self.inner)).or_else(unknown).ok_or(DavError::BadDestination)?;
        Target::parse(rest)
    }
}

impl Target {
    /// Parses what follows the folder's own path: nothing, or a slash and a percent-encoded path.
    fn parse(rest: &str) -> Result<Self, DavError> {
        let has_slash = rest.ends_with('/');
        let mut path = String::with_capacity(rest.len());
        for name in rest.split('/').filter(|name| !name.is_empty()) {
            let name = decode(name)?;
            // An encoded slash would be one between names.
            if name.contains('/') {
                return Err(DavError::BadPath(TOO_MANY_WORDS));
            }
            if !path.is_empty() {
                path.push('/');
            }
            path.push_str(&name);
        }
        if path.is_empty() {
            return Ok(Self { path: None, has_slash: true });
        }
        match FilePath::new(&path) {
            Ok(path) => Ok(Self { path: Some(path), has_slash }),
            Err(ValidationError::TooLong { .. }) => Err(DavError::PathTooLong),
            Err(_) => Err(DavError::BadPath(TOO_MANY_WORDS)),
        }
    }
}

/// Splits a path, as sent, into that of the account's folder and the rest. `matched` is what the router found behind it.
fn split<'a>(raw: &'a str, matched: &str) -> Result<(&'a str, &'a str), DavError> {
    let names = |text: &str| text.split('/').filter(|name| !name.is_empty()).count();
    // The router has decoded what it matched, so an encoded slash would count as one.
    let is_odd = raw.as_bytes().windows(3).any(|three| three.eq_ignore_ascii_case(b"%2f"));
    if is_odd {
        return Err(DavError::BadPath(TOO_MANY_WORDS));
    }
    let mut above = names(raw).saturating_sub(names(matched));
    let mut end = 0;
    for part in raw.split_inclusive('/') {
        if above == 0 {
            break;
        }
        end += part.len();
        above -= usize::from(part != "/");
    }
    let root = raw[..end].trim_end_matches('/');
    if root.rsplit('/').next() == Some(ROOT) {
        Ok((root, &raw[root.len()..]))
    } else {
        Err(DavError::BadPath("The path does not lead to the folder. Check its address."))
    }
}

/// Returns the prefix that a proxy or framework removed from the path. It has no slash at its end.
fn removed_prefix(req: &Request, state: &AppState, inner: &str) -> String {
    let is_trusted = client_ip::is_trusted(req.remote_addr(), &state.trusted_proxies);
    let mounted = state.mount_path.as_deref().unwrap_or_default();
    let forwarded = first_value(req.headers(), X_FORWARDED_PREFIX).filter(|_| is_trusted);
    if let Some(prefix) = forwarded.filter(|prefix| prefix.starts_with('/') && !prefix.starts_with("//")) {
        return format!("{}{mounted}", prefix.trim_end_matches('/'));
    }
    if !mounted.is_empty() {
        return mounted.to_owned();
    }
    // The configured address has the path that clients use, if they come through its host.
    let address = state.address.borrow();
    let Some((host, path)) = address.as_ref().ok().and_then(|address| host_and_path(address.as_ref()?.as_str())) else {
        return String::new();
    };
    let asked = |name| first_value(req.headers(), name).map(host_name);
    let comes_through =
        is_trusted || [X_FORWARDED_HOST, HOST].into_iter().any(|name| asked(name).is_some_and(|asked| asked == host));
    if comes_through && !inner.starts_with(&format!("{path}/")) { path.to_owned() } else { String::new() }
}

/// Returns host and path of an address. `None` without a path.
fn host_and_path(address: &str) -> Option<(String, &str)> {
    let (_, rest) = address.split_once("://")?;
    let start = rest.find('/')?;
    Some((host_name(&rest[..start]), &rest[start..]))
}

/// Returns a host without its port, in lower case.
fn host_name(authority: &str) -> String {
    let host = authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(authority, |(host, _)| host);
    host.to_ascii_lowercase()
}

/// Decodes percent-encoded letters, digits, `-`, `.`, `_` and `~`, which mean the same without (RFC 3986, 6.2.2.2).
///
/// A path with an invalid encoding stays as it is: what is left of one could become a valid one.
fn normalized(path: &str) -> Cow<'_, str> {
    let mut parts = path.split('%');
    let mut normalized = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.get(..2).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else { return path.into() };
        match char::from(byte) {
            plain @ ('A'..='Z' | 'a'..='z' | '0'..='9' | '-' | '.' | '_' | '~') => {
                normalized.push(plain);
                normalized.push_str(&part[2..]);
            }
            _ => {
                normalized.push('%');
                normalized.push_str(part);
            }
        }
    }
    normalized.into()
}

/// Decodes a percent-encoded name.
fn decode(name: &str) -> Result<Cow<'_, str>, DavError> {
    if !name.contains('%') {
        return Ok(name.into());
    }
    let invalid = || DavError::BadPath(TOO_MANY_WORDS);
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((&first, others)) = rest.split_first() {
        rest = others;
        if first != b'%' {
            bytes.push(first);
            continue;
        }
        let (digits, others) = rest.split_at_checked(2).ok_or_else(invalid)?;
        let digit = |byte: u8| char::from(byte).to_digit(16).ok_or_else(invalid);
        bytes.push(u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).unwrap_or_default());
        rest = others;
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| invalid())
}

/// Appends a path, percent-encoded but for letters, digits and what no client's pattern trips over.
fn push_encoded(href: &mut String, path: &str) {
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => href.push(char::from(byte)),
            byte => {
                const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                href.push('%');
                href.push(char::from(DIGITS[usize::from(byte >> 4)]));
                href.push(char::from(DIGITS[usize::from(byte & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> FilePath {
        FilePath::new(text).expect("a path")
    }

    #[test]
    fn the_folder_is_found_under_every_prefix() {
        let of = |raw: &'static str, matched: &str| split(raw, matched).expect("a path");
        assert_eq!(of("/webdav", ""), ("/webdav", ""));
        assert_eq!(of("/webdav/", ""), ("/webdav", "/"));
        assert_eq!(of("/webdav/a/b", "a/b"), ("/webdav", "/a/b"));
        assert_eq!(of("//webdav//a/", "a"), ("//webdav", "//a/"));
        assert_eq!(of("/x/webdav/webdav/a", "webdav/a"), ("/x/webdav", "/webdav/a"));
        assert_eq!(of("/webdav/webdav/webdav", "webdav"), ("/webdav/webdav", "/webdav"));
        assert!(split("/webdav/a%2Fb", "a/b").is_err());
        assert!(split("/webdav/a%2fb", "a/b").is_err());
    }

    #[test]
    fn paths_are_decoded_once() {
        let parse = |rest: &str| Target::parse(rest).map(|target| (target.path, target.has_slash));
        assert_eq!(parse("").expect("the root"), (None, true));
        assert_eq!(parse("//").expect("the root"), (None, true));
        assert_eq!(parse("/a%20b//c").expect("a path"), (Some(path("a b/c")), false));
        assert_eq!(parse("/B%C3%BCcher/").expect("a path"), (Some(path("Bücher")), true));
        assert_eq!(parse("/a%252fb").expect("a path"), (Some(path("a%2fb")), false));
        for bad in ["/..", "/a/../b", "/%2e%2e/b", "/a/.", "/a%2Fb", "/%ff", "/%", "/%4", "/%zz", "/%00", "/a%0Ab"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        // Every byte alone: a name, or refused; never another path.
        for byte in 0..=255_u8 {
            if let Ok((found, _)) = parse(&format!("/x%{byte:02x}")) {
                assert_eq!(found, Some(path(&format!("x{}", char::from(byte)))), "{byte:02x}");
                assert!(byte.is_ascii() && !byte.is_ascii_control() && byte != b'/', "{byte:02x}");
            }
        }
        assert!(matches!(parse(&format!("/{}", "n".repeat(256))), Err(DavError::PathTooLong)));
    }

    #[test]
    fn what_needs_no_encoding_is_the_same_with_it() {
        for (path, expected) in [
            ("/%77ebdav/%61%2D%2e%5f%7E", "/webdav/a-._~"),
            ("/%57/%2f%20%25%c3%bc", "/W/%2f%20%25%c3%bc"),
            ("%2577ebdav", "%2577ebdav"),
            ("/%41%%341", "/%41%%341"),
            ("/%41%+a", "/%41%+a"),
            ("/%41%4", "/%41%4"),
            ("/%41%ü", "/%41%ü"),
        ] {
            assert_eq!(normalized(path), expected, "{path}");
        }
    }

    #[test]
    fn links_are_encoded_and_decode_to_the_same_path() {
        let location = Location { inner: "/webdav".into(), outer: "/books/webdav".into() };
        assert_eq!(location.href(None, true), "/books/webdav/");
        assert_eq!(location.href(Some(&path("a b/ü&<.json")), false), "/books/webdav/a%20b/%C3%BC%26%3C.json");
        assert_eq!(location.href(Some(&path("a+%")), true), "/books/webdav/a%2B%25/");
    }
}

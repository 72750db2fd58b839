//! Web origins: which page a request was sent from, as the browser says.

use salvo::http::header::{HOST, HeaderMap, HeaderName, ORIGIN};

use crate::config::CorsOrigin;

pub(super) const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
pub(super) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Returns whether a request comes from a page of a site not `allowed`.
///
/// Programs other than browsers send no `Origin`. Apps made of web pages have one of their own: another scheme (`tauri://`,
/// `capacitor://`), or a host below `localhost`. A file, a sandboxed frame and some apps have the origin `null`, which counts only
/// where the browser itself calls the request one to another site. Ports are not compared, since proxies drop them from `Host`.
pub(super) fn is_foreign_page(headers: &HeaderMap, allowed: &[CorsOrigin]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return false };
    let Ok(origin) = origin.to_str() else { return true };
    if origin == "null" {
        return headers.get(SEC_FETCH_SITE).is_some_and(|site| site == "cross-site");
    }
    let Some((scheme, authority)) = origin.split_once("://") else { return true };
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return false;
    }
    let host = host_name(authority);
    let is_app = host == "localhost" || host.ends_with(".localhost");
    let is_allowed =
        || allowed.iter().any(|allowed| allowed == &CorsOrigin::any() || allowed.as_str().eq_ignore_ascii_case(origin));
    let is_ours = || {
        [X_FORWARDED_HOST, HOST]
            .into_iter()
            .filter_map(|name| first_value(headers, name))
            .any(|ours| host_name(ours) == host)
    };
    !is_app && !is_allowed() && !is_ours()
}

/// Returns a host without its port, in lower case.
fn host_name(authority: &str) -> String {
    let authority = authority.split('/').next().unwrap_or_default();
    // The port follows the last colon, unless that colon is part of an IPv6 address.
    let host = authority.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(authority, |(host, _)| host);
    host.to_ascii_lowercase()
}

/// Returns the first of a header's values. Each proxy appends one, so the first is that of the proxy next to the browser.
pub(super) fn first_value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let value = headers.get(name)?.to_str().ok()?.split(',').next()?.trim();
    Some(value).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use salvo::http::HeaderValue;

    use super::*;

    #[test]
    fn pages_of_other_sites_are_told_from_apps_and_our_own() {
        let is_foreign = |headers: &[(&'static str, &'static str)]| {
            let headers =
                headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
            let allowed =
                ["https://web.readest.com", "http://10.0.0.1:3000"].map(|origin| origin.parse().expect("an origin"));
            is_foreign_page(&headers.collect(), &allowed)
        };
        let from = |origin: &'static str| is_foreign(&[("host", "books.example:7200"), ("origin", origin)]);
        for origin in [
            "http://books.example:7200",
            "https://Books.example",
            "https://web.readest.com",
            "http://10.0.0.1:3000",
            "tauri://localhost",
            "http://tauri.localhost",
            "https://tauri.localhost",
            "https://localhost",
            "http://localhost:8100",
            "capacitor://localhost",
            "chrome-extension://abc",
            "null",
        ] {
            assert!(!from(origin), "{origin}");
        }
        for origin in [
            "https://evil.example",
            "http://10.0.0.1:3001",
            "https://web.readest.com.evil.example",
            "https://books.example.evil.example",
            "https://localhost.evil.example",
            "http://notlocalhost",
            "http://[::1]:80",
            "HTTPS://evil.example",
            "nonsense",
            "",
        ] {
            assert!(from(origin), "{origin}");
        }
        assert!(!is_foreign(&[("host", "books.example")]));
        assert!(!is_foreign(&[
            ("host", "inner"),
            ("x-forwarded-host", "out.example"),
            ("origin", "https://out.example")
        ]));
        assert!(is_foreign(&[("origin", "null"), ("sec-fetch-site", "cross-site")]));
        assert!(!is_foreign(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        assert!(!is_foreign(&[("host", "[fd00::1]:7200"), ("origin", "http://[fd00::1]:7200")]));
    }
}

//! Compresses pages and assets for clients that accept gzip.
//!
//! The length of a compressed answer tells a listener what repeats in it (BREACH): text that another site put into the request repeats
//! what the page says about the reader. So only pages that no other site can have asked for with text of its own are compressed: answers to
//! GET, whose page was opened from our own pages or by the reader (`Sec-Fetch-Site`), or, where a browser does not say so, that have no
//! query. Answers to forms, among them the one that shows a device password, are never compressed. There are no other secrets in pages:
//! forms are told apart by their origin, not by a token.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use salvo::Request;
use salvo::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, VARY};
use salvo::http::{Method, Response};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Pages below this size, in bytes, fit into one packet as they are.
const MIN_PAGE_BYTES: usize = 1400;
/// Largest page that is compressed, in bytes. A larger one would keep a thread for more than a few milliseconds.
const MAX_PAGE_BYTES: usize = 512 << 10;

/// In a response's extensions: its page may be compressed.
#[derive(Clone, Copy)]
pub(super) struct MayCompress;

/// Returns whether the answer to a request may be a compressed page.
pub(super) fn may_compress_page(req: &Request) -> bool {
    let is_read = matches!(*req.method(), Method::GET | Method::HEAD);
    let is_ours = match req.headers().get(SEC_FETCH_SITE) {
        Some(site) => site == "same-origin" || site == "none",
        None => req.uri().query().is_none(),
    };
    is_read && is_ours && accepts_gzip(req.headers())
}

/// Returns a page as it is sent, and says in the headers how.
pub(super) fn page(html: String, res: &mut Response) -> Vec<u8> {
    res.headers_mut().append(VARY, HeaderValue::from_static("accept-encoding"));
    let is_worth_it = (MIN_PAGE_BYTES..=MAX_PAGE_BYTES).contains(&html.len());
    if !is_worth_it || res.extensions.get::<MayCompress>().is_none() {
        return html.into_bytes();
    }
    res.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    compressed(html.as_bytes(), Compression::fast())
}

/// Compresses bytes.
pub(super) fn compressed(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    #[allow(clippy::expect_used)]
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

/// Returns whether a client accepts gzip: it names it, or `*`, with a quality above 0.
pub(super) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
    let (mut named, mut any) = (None, None);
    for coding in lines.flat_map(|line| line.split(',')) {
        let (name, parameters) = coding.split_once(';').unwrap_or((coding, ""));
        let quality = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().unwrap_or(0.0))
        });
        let is_accepted = quality.unwrap_or(1.0) > 0.0;
        match name.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => named = Some(is_accepted),
            "*" => any = Some(is_accepted),
            _ => {}
        }
    }
    named.or(any).unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_accepted_where_it_is_named_and_not_refused() {
        let accepts = |lines: &[&str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_str(line).expect("value"));
            }
            accepts_gzip(&headers)
        };
        for line in
            ["gzip", "deflate, gzip;q=1.0, *;q=0.5", "GZip", "x-gzip", "br;q=1, gzip;q=0.001", "*", "gzip ; q = 0.5"]
        {
            assert!(accepts(&[line]), "{line}");
        }
        assert!(accepts(&["br", "gzip"]));
        for line in ["", "identity", "br", "gzip;q=0", "gzip;q=0.0, *", "gzip; Q=0.000", "*;q=0", "gzip;q=x", "gzipped"]
        {
            assert!(!accepts(&[line]), "{line}");
        }
        assert!(!accepts(&[]));
    }
}

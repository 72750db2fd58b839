//! What is compressed, for whom, and that nothing of the protocol ever is.

use std::io::{Read as _, Write as _};

use flate2::read::GzDecoder;

use crate::common::{Client, KEY, connect, position, request};
use crate::visitor::{Visitor, book_path, site};

/// A response with the bytes of its body.
struct RawReply {
    head: String,
    body: Vec<u8>,
}

impl RawReply {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.into_iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn is_gzip(&self) -> bool {
        self.header("content-encoding") == Some("gzip")
    }

    /// Returns the body as it was before it was compressed, if it was.
    fn text(&self) -> String {
        let mut text = String::new();
        match self.is_gzip() {
            true => GzDecoder::new(&*self.body).read_to_string(&mut text).unwrap(),
            false => (&*self.body).read_to_string(&mut text).unwrap(),
        };
        text
    }
}

fn send(client: Client, method: &str, path: &str, headers: &[(&str, &[u8])], body: Option<&str>) -> RawReply {
    let mut stream = connect(client.address);
    stream.write_all(&request(method, path, headers, body)).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let reply = RawReply { head: String::from_utf8(bytes[..end].to_vec()).unwrap(), body: bytes.split_off(end + 4) };
    if let (Some(length), true) = (reply.header("content-length"), method != "HEAD") {
        assert_eq!(length, reply.body.len().to_string(), "{path}");
    }
    reply
}

#[test]
fn pages_are_compressed_for_clients_that_accept_gzip() {
    let site = site();
    for number in 0..40 {
        site.pushed("ada", KEY, &position(&format!("book {number}"), "p", 0.5));
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    let get = |method: &str, path: &str, accepted: &[u8]| {
        send(site.client, method, path, &[("cookie", ada.cookie.as_bytes()), ("accept-encoding", accepted)], None)
    };
    for path in ["/", "/books", "/devices", "/account", "/year/2025.svg"] {
        let plain = get("GET", path, b"gzip;q=0, identity");
        assert!(!plain.is_gzip(), "{path}");
        let packed = get("GET", path, b"gzip, deflate, br");
        assert!(packed.is_gzip(), "{path}: {}", packed.head);
        let is_whole = |text: &str| text.contains("</html>") || text.contains("</svg>");
        assert!(is_whole(&plain.text()) && packed.text() == plain.text(), "{path}");
        assert!(packed.body.len() * 3 < plain.body.len() * 2, "{path}: {} of {}", packed.body.len(), plain.body.len());
        for reply in [&plain, &packed] {
            assert_eq!(reply.header("vary"), Some("accept-encoding"), "{path}");
        }
        // HEAD says what GET would.
        assert_eq!(get("HEAD", path, b"gzip").header("content-length"), packed.header("content-length"), "{path}");
    }
}

/// A compressed length would tell another site what is in such a page. It would tell the same to a listener whom that
/// site helps.
#[test]
fn pages_that_another_site_may_have_shaped_are_not_compressed() {
    let site = site();
    for number in 0..40 {
        site.pushed("ada", KEY, &position(&format!("book {number}"), "p", 0.5));
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    let cookie = ("cookie", ada.cookie.as_bytes());
    let get = |path: &str, fetched: Option<&[u8]>| {
        let mut headers: Vec<(&str, &[u8])> = vec![cookie, ("accept-encoding", b"gzip")];
        headers.extend(fetched.map(|site| ("sec-fetch-site", site)));
        send(site.client, "GET", path, &headers, None).is_gzip()
    };
    for ours in [&b"same-origin"[..], b"none"] {
        assert!(get("/books?page=1", Some(ours)));
    }
    for others in [&b"cross-site"[..], b"same-site"] {
        assert!(!get("/books?page=1", Some(others)) && !get("/books", Some(others)));
    }
    // A browser that does not say where a link was may have been sent by another site with a text in the query.
    assert!(get("/books", None) && !get("/books?page=1", None));
    // The device password is in this answer alone.
    let headers: [(&str, &[u8]); 4] =
        [cookie, ("accept-encoding", b"gzip"), ("origin", b"http://localhost"), ("sec-fetch-site", b"same-origin")];
    let made = send(site.client, "POST", "/device-passwords", &headers, Some("name=Kobo"));
    assert!(made.head.starts_with("HTTP/1.1 200") && !made.is_gzip(), "{}", made.head);
}

#[test]
fn nothing_of_the_protocol_the_api_or_webdav_is_compressed() {
    let site = site();
    for number in 0..100 {
        site.pushed("ada", KEY, &position(&format!("book {number}"), "p", 0.5));
    }
    let login: [(&str, &[u8]); 3] =
        [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes()), ("accept-encoding", b"gzip")];
    for path in [
        "/syncs/documents",
        "/syncs/progress/book%201",
        "/users/auth",
        "/api/v1/documents",
        "/api/v1/openapi.json",
        "/healthcheck",
    ] {
        let reply = send(site.client, "GET", path, &login, None);
        assert!(reply.head.starts_with("HTTP/1.1 200"), "{path}: {}", reply.head);
        assert!(!reply.is_gzip() && reply.header("vary").is_none(), "{path}: {}", reply.head);
    }
    // The Basic authentication of `ada` and `password` [W1].
    let basic: [(&str, &[u8]); 3] =
        [("authorization", b"Basic YWRhOnBhc3N3b3Jk"), ("accept-encoding", b"gzip"), ("depth", b"1")];
    let text = "a text that repeats ".repeat(500);
    let stored = send(site.client, "PUT", "/webdav/notes.txt", &basic, Some(&text));
    assert!(stored.head.starts_with("HTTP/1.1 201"), "{}", stored.head);
    for method in ["GET", "PROPFIND"] {
        let reply =
            send(site.client, method, if method == "GET" { "/webdav/notes.txt" } else { "/webdav/" }, &basic, None);
        assert!(reply.head.starts_with("HTTP/1.1 20") && !reply.is_gzip(), "{method}: {}", reply.head);
    }
    // Books are looked up by an unknown path's first segment, and pages that are not there are not compressed either.
    let page = send(site.client, "GET", &book_path("nowhere"), &[("accept-encoding", b"gzip")], None);
    assert!(!page.is_gzip());
}

#[test]
fn assets_are_compressed_and_kept_by_their_version_alone() {
    let site = site();
    let login = send(site.client, "GET", "/login", &[], None).text();
    let mut assets: Vec<&str> = login.split('"').filter(|text| text.starts_with("./assets/")).collect();
    assets.dedup();
    assert!(assets.len() >= 5, "{login}");
    for asset in assets {
        let path = asset.trim_start_matches('.');
        let (bare, _) = path.split_once("?v=").unwrap();
        let get = |path: &str, accepted: &[u8]| send(site.client, "GET", path, &[("accept-encoding", accepted)], None);
        let (plain, packed) = (get(path, b"identity"), get(path, b"gzip"));
        assert!(!plain.is_gzip() && plain.head.starts_with("HTTP/1.1 200"), "{path}");
        // Images in PNG are compressed already, and a text of a few words may get no smaller.
        assert!(!packed.is_gzip() || !bare.ends_with(".png"), "{path}");
        assert!(packed.is_gzip() || !bare.ends_with(".css"), "{path}");
        if packed.is_gzip() {
            assert_eq!(packed.text(), plain.text(), "{path}");
            assert!(packed.body.len() < plain.body.len(), "{path}");
        }
        assert_eq!(packed.header("vary"), Some("accept-encoding"), "{path}");
        assert_eq!(plain.header("cache-control"), Some("public, max-age=31536000, immutable"), "{path}");
        for other in [bare, &format!("{bare}?v=0")] {
            assert_eq!(get(other, b"gzip").header("cache-control"), Some("public, max-age=3600"), "{other}");
        }
    }
}

//! The bytes that KOReader 2026.08 was seen to send, by LuaSocket.
//!
//! It opens a connection for each request. `tests/process/koreader.rs` runs that code itself, where there is a checkout of it.

use super::{Answer, entries, send};
use crate::common::Site;

/// Sends a request with the headers that all of KOReader's have, and the lines `more`.
fn koreader(site: &Site, line: &str, more: &str, body: &[u8]) -> Answer {
    let head = format!(
        "{line} HTTP/1.1\r\n{more}Host: 192.168.1.20:7200\r\nTE: trailers\r\nConnection: close, TE\r\nUser-Agent: KOReader/2026.08 \
         (Kobo_nova; Linux; arm; https://github.com/koreader/koreader) LuaSocket/3.0.0\r\nAuthorization: Basic YWRhOnBhc3N3b3Jk\r\n\r\n"
    );
    send(site.address, &[head.as_bytes(), body].concat())
}

#[test]
fn w3_a_sync_makes_the_file_and_then_replaces_the_one_that_it_read() {
    let site = Site::with_ada();
    assert_eq!(koreader(&site, "MKCOL /webdav/my%20books", "", b"").status, 201);
    let path = "/webdav/my%20books/statistics.sqlite3";
    let (get, put) = (format!("GET {path}"), format!("PUT {path}"));
    let missing = koreader(&site, &get, "", b"");
    assert_eq!((missing.status, missing.body.len()), (404, 0));
    let upload = |condition: &str, body: &[u8]| {
        koreader(&site, &put, &format!("Content-Length: {}\r\n{condition}", body.len()), body)
    };
    assert_eq!(upload("", b"one").status, 201);
    let read = koreader(&site, &get, "", b"");
    assert_eq!((read.status, read.body.as_slice(), read.header("transfer-encoding")), (200, &b"one"[..], None));
    let condition = format!("If-Match: {}\r\n", read.etag());
    assert_eq!(upload(&condition, b"two").status, 204);
    assert_eq!(upload(&condition, &vec![b'3'; 1 << 20]).status, 412);
    assert_eq!(koreader(&site, &get, "", b"").body, b"two");
    // It takes names from the links, and the folder itself for the entry whose decoded link is the path that it asked for.
    let body: &[u8] = br#"<?xml version="1.0"?><a:propfind xmlns:a="DAV:"><a:prop><a:resourcetype/><a:getcontentlength/><a:getlastmodified/></a:prop></a:propfind>"#;
    let more = format!("Content-Type: application/xml\r\nContent-Length: {}\r\ndepth: 1\r\n", body.len());
    let listed = koreader(&site, "PROPFIND /webdav/my%20books/", &more, body);
    let expected = [("/webdav/my%20books/", true), (path, false)].map(|(href, is_folder)| (href.to_owned(), is_folder));
    assert_eq!(entries(&listed), expected);
    assert_eq!(koreader(&site, &format!("DELETE {path}"), "", b"").status, 204);
    assert_eq!(koreader(&site, &format!("DELETE {path}"), "", b"").status, 404);
}

/// KOReader sends no condition where there was no file [W3]. It takes what is missing later for deleted [W5].
#[test]
fn w5_of_two_devices_that_find_no_file_the_second_one_merges() {
    let site = Site::with_ada();
    let path = "/webdav/statistics.sqlite3";
    let get = || koreader(&site, &format!("GET {path}"), "", b"");
    let put = |condition: &str, body: &[u8]| {
        let more = format!("Content-Length: {}\r\n{condition}", body.len());
        koreader(&site, &format!("PUT {path}"), &more, body).status
    };
    // Two devices of one model behind one address look the same.
    assert_eq!((get().status, get().status), (404, 404));
    assert_eq!((put("", b"kitchen"), put("", b"bed")), (201, 412));
    let read = get();
    assert_eq!(read.body, b"kitchen");
    assert_eq!(put(&format!("If-Match: {}\r\n", read.etag()), b"kitchen, bed"), 204);
    // A file that a person uploads by hand replaces what is there.
    assert_eq!(put("", b"by hand"), 204);
    assert_eq!(get().body, b"by hand");
    // Also where they have asked for it to be removed, and for files that nobody merges.
    assert_eq!(koreader(&site, &format!("DELETE {path}"), "", b"").status, 204);
    assert_eq!((get().status, put("", b"a"), put("", b"b")), (404, 201, 204));
    for body in [&b"a"[..], b"b"] {
        let more = format!("Content-Length: {}\r\n", body.len());
        assert_eq!(koreader(&site, "GET /webdav/other", "", b"").status, if body == b"a" { 404 } else { 200 });
        assert!(koreader(&site, "PUT /webdav/other", &more, body).status < 300);
    }
}

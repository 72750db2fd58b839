//! The accounts' WebDAV folders, in the requests of KOReader and its plugins: rules W1 to W4.

use std::io::{Read, Write};
use std::net::SocketAddr;

use kosync::salvo::http::Method;

use crate::common::{Site, connect, request};

mod bounds;
mod koreader;
mod merge;

mod prefixes;
mod programs;
mod withheld;

/// `ada` and `password`, whose MD5 is `common::KEY`.
pub const ADA: (&str, &[u8]) = ("Authorization", b"Basic YWRhOnBhc3N3b3Jk");

/// A response whose body may be any bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// Asserts a strong entity tag, and returns it.
    #[track_caller]
    pub fn etag(&self) -> String {
        let tag = self.header("etag").unwrap_or_else(|| panic!("no tag: {self:?}"));
        assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 10, "{tag}");
        tag.to_owned()
    }
}

/// Sends raw bytes on a connection that the server closes, and reads all that comes.
pub fn send(address: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    read_answer(&mut stream)
}

pub fn read_answer(stream: &mut impl Read) -> Answer {
    let mut raw = Vec::new();
    stream.read_to_end(&mut raw).unwrap();
    let end = raw.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or_else(|| panic!("{raw:?}"));
    let head = String::from_utf8(raw[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut body = raw[end + 4..].to_vec();
    if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
        body = dechunked(&body);
    }
    Answer { status, headers, body }
}

fn dechunked(mut raw: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = raw.windows(2).position(|two| two == b"\r\n").unwrap();
        let length = usize::from_str_radix(std::str::from_utf8(&raw[..end]).unwrap(), 16).unwrap();
        body.extend_from_slice(&raw[end + 2..end + 2 + length]);
        raw = &raw[end + 4 + length..];
        if length == 0 {
            return body;
        }
    }
}

/// Returns a request as KOReader's WebDAV client sends it: with the password at once [W1].
pub fn dav_request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Vec<u8> {
    let mut all = vec![ADA];
    all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
    let length = body.map(|body| body.len().to_string());
    if let Some(length) = &length {
        all.push(("Content-Length", length.as_bytes()));
    }
    let mut bytes = request(method, path, &all, None);
    bytes.extend_from_slice(body.unwrap_or_default());
    bytes
}

pub trait Dav {
    fn dav_address(&self) -> SocketAddr;

    fn dav(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Answer {
        send(self.dav_address(), &dav_request(method, path, headers, body))
    }

    fn get(&self, path: &str) -> Answer {
        self.dav("GET", path, &[], None)
    }

    fn put(&self, path: &str, body: &[u8]) -> Answer {
        self.dav("PUT", path, &[], Some(body))
    }

    fn put_if(&self, path: &str, tag: &str, body: &[u8]) -> Answer {
        self.dav("PUT", path, &[("If-Match", tag)], Some(body))
    }

    /// Lists a folder as KOReader does when one is chosen [W2].
    fn list(&self, path: &str) -> Answer {
        const BODY: &[u8] = br#"<?xml version="1.0"?><a:propfind xmlns:a="DAV:"><a:prop><a:resourcetype/><a:getcontentlength/><a:getlastmodified/></a:prop></a:propfind>"#;
        self.dav("PROPFIND", path, &[("Depth", "1"), ("Content-Type", "application/xml")], Some(BODY))
    }
}

impl Dav for Site {
    fn dav_address(&self) -> SocketAddr {
        self.address
    }
}

/// Returns the entries of an answer to `PROPFIND`, as KOReader's patterns find them: the link, and whether it is a folder.
pub fn entries(answer: &Answer) -> Vec<(String, bool)> {
    assert_eq!(answer.status, 207, "{answer:?}");
    let text = answer.text();
    let responses =
        text.split("<D:response>").skip(1).map(|rest| rest.split("</D:response>").next().unwrap().to_owned());
    responses
        .map(|response| {
            let href = response.split("<D:href>").nth(1).unwrap().split("</D:href>").next().unwrap().to_owned();
            let is_folder = response.contains("<D:collection/>");
            assert_ne!(is_folder, response.contains("<D:resourcetype/>"), "{response}");
            (href, is_folder)
        })
        .collect()
}

#[test]
fn w1_the_plain_password_is_sent_at_once_and_asked_for_in_words_that_clients_know() {
    let site = Site::with_ada();
    assert_eq!(site.list("/webdav/").status, 207);
    for headers in [
        &[][..],
        &[("Authorization", b"Basic YWRhOndyb25n" as &[u8])],
        &[("Authorization", b"Basic !")],
        &[("Authorization", b"Bearer x")],
        // The MD5 of the password is not the password.
        &[("x-auth-user", b"ada"), ("x-auth-key", crate::common::KEY.as_bytes())],
    ] {
        for method in ["PROPFIND", "GET", "PUT", "DELETE", "MKCOL", "MOVE", "COPY", "HEAD"] {
            let answer = send(site.address, &request(method, "/webdav/a", headers, None));
            assert_eq!(answer.status, 401, "{method} {answer:?}");
            assert_eq!(answer.header("www-authenticate"), Some(r#"Basic realm="kosync", charset="UTF-8""#));
            assert!(!answer.text().contains("code"), "{answer:?}");
        }
    }
    // A name and a password that are not ASCII.
    site.registered("jürgen", &md5_hex("päßwort"));
    let basic = format!("Basic {}", base64("jürgen:päßwort"));
    let answer = send(site.address, &request("PROPFIND", "/webdav/", &[("Authorization", basic.as_bytes())], None));
    assert_eq!(answer.status, 207);
}

pub fn md5_hex(text: &str) -> String {
    kosync::Key::from_password(text.as_bytes()).unwrap().reveal().to_owned()
}

pub fn base64(text: &str) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - three.len()));
        for digit in 0..4 {
            let index = (bits >> (18 - 6 * digit)) & 63;
            out.push(if digit <= three.len() { char::from(DIGITS[index as usize]) } else { '=' });
        }
    }
    out
}

#[test]
fn w2_a_folder_is_listed_in_the_form_that_koreader_matches() {
    let site = Site::with_ada();
    let answer = site.list("/webdav/");
    assert_eq!(answer.header("content-type"), Some("application/xml; charset=utf-8"));
    assert_eq!(entries(&answer), [("/webdav/".to_owned(), true)]);
    assert_eq!(site.dav("MKCOL", "/webdav/B%C3%BCcher%20&%20mehr", &[], None).status, 201);
    assert_eq!(site.put("/webdav/B%C3%BCcher%20&%20mehr/a%3Cb.json", b"{}").status, 201);
    assert_eq!(site.put("/webdav/statistics.sqlite3", b"12345").status, 201);
    let root = site.list("/webdav/");
    let expected =
        [("/webdav/", true), ("/webdav/B%C3%BCcher%20%26%20mehr/", true), ("/webdav/statistics.sqlite3", false)];
    assert_eq!(entries(&root), expected.map(|(href, is_folder)| (href.to_owned(), is_folder)));
    assert!(root.text().contains("<D:getcontentlength>5</D:getcontentlength>"), "{}", root.text());
    assert!(root.text().contains(" GMT</D:getlastmodified>"), "{}", root.text());
    let folder = entries(&site.list("/webdav/B%C3%BCcher%20&%20mehr/"));
    let names: Vec<&str> = folder.iter().map(|(href, _)| href.as_str()).collect();
    assert_eq!(names, ["/webdav/B%C3%BCcher%20%26%20mehr/", "/webdav/B%C3%BCcher%20%26%20mehr/a%3Cb.json"]);
    // Depth 0 is the folder alone.
    let zero = site.dav("PROPFIND", "/webdav/", &[("Depth", "0")], None);
    assert_eq!(entries(&zero).len(), 1);
    let infinite = site.dav("PROPFIND", "/webdav/", &[("Depth", "infinity")], None);
    assert_eq!(infinite.status, 403);
    assert!(infinite.text().contains("propfind-finite-depth"));
    // What is asked for by other names is answered by those, and what nothing has is said to be missing.
    let body =
        br#"<propfind xmlns="DAV:"><prop><getetag/><quota-available-bytes/><x xmlns="urn:&amp;y"/></prop></propfind>"#;
    let answer = site.dav("PROPFIND", "/webdav/", &[("Depth", "1")], Some(body)).text();
    let tag = site.get("/webdav/statistics.sqlite3").etag().replace('"', "&quot;");
    assert!(answer.contains(&format!("<D:getetag>{tag}</D:getetag>")), "{answer}");
    assert!(answer.contains("<D:quota-available-bytes>268435449</D:quota-available-bytes>"), "{answer}");
    assert!(answer.contains("404 Not Found"), "{answer}");
}

#[test]
fn w3_a_sync_reads_merges_and_writes_under_the_tag_it_read() {
    let site = Site::with_ada();
    let path = "/webdav/statistics.sqlite3";
    assert_eq!(site.get(path).status, 404);
    // Where there was no file, there is no condition.
    let created = site.put(path, b"one");
    assert_eq!((created.status, created.body.len()), (201, 0));
    let read = site.get(path);
    assert_eq!((read.status, read.body.as_slice()), (200, &b"one"[..]));
    assert_eq!(read.etag(), created.etag());
    assert_eq!(read.header("content-encoding"), None);
    let compressed = site.dav("GET", path, &[("Accept-Encoding", "gzip, deflate, br")], None);
    assert_eq!((compressed.header("content-encoding"), compressed.body.as_slice()), (None, &b"one"[..]));
    let written = site.put_if(path, &read.etag(), b"two");
    assert_eq!(written.status, 204);
    assert_ne!(written.etag(), read.etag());
    let late = site.put_if(path, &read.etag(), b"three");
    assert_eq!(late.status, 412, "{late:?}");
    assert_eq!(site.get(path).body, b"two");
    // The same bytes have another tag: a device that read before must merge again.
    assert_eq!(site.put(path, b"two").status, 204);
    assert_eq!(site.put_if(path, &written.etag(), b"three").status, 412);
    // Weak tags never match, and a file that must not be there is.
    assert_eq!(site.put_if(path, &format!("W/{}", site.get(path).etag()), b"x").status, 412);
    assert_eq!(site.dav("PUT", path, &[("If-None-Match", "*")], Some(b"x")).status, 412);
    assert_eq!(site.put_if("/webdav/none", "*", b"x").status, 412);
    let tag = site.get(path).etag();
    assert_eq!(site.dav("GET", path, &[("If-None-Match", &tag)], None).status, 304);
    let head = site.dav("HEAD", path, &[], None);
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("3"), 0));
    assert_eq!(head.etag(), tag);
    let part = site.dav("GET", path, &[("Range", "bytes=1-")], None);
    assert_eq!(
        (part.status, part.body.as_slice(), part.header("content-range")),
        (206, &b"wo"[..], Some("bytes 1-2/3"))
    );
    let behind = site.dav("GET", path, &[("Range", "bytes=3-")], None);
    assert_eq!((behind.status, behind.header("content-range")), (416, Some("bytes */3")));
}

/// KOReader sends a whole file before it reads: a connection that is closed meanwhile is an error to it, and no reason to merge again.
#[test]
fn w3_a_refusal_of_a_large_upload_arrives_though_the_client_reads_after_it_has_sent_all() {
    let site = Site::with_ada();
    let path = "/webdav/statistics.sqlite3";
    site.put(path, b"old");
    let large = vec![7_u8; 20 << 20];
    for (path, headers, status) in [
        (path, &[("If-Match", "\"x\"")][..], 412),
        ("/webdav/none/a", &[], 409),
        ("/webdav/", &[], 405),
        (path, &[("Content-Encoding", "gzip")], 415),
    ] {
        assert_eq!(site.dav("PUT", path, headers, Some(&large)).status, status, "{path}");
    }
    assert_eq!(site.get(path).body, b"old");
}

#[test]
fn w3_of_two_uploads_that_overlap_exactly_one_succeeds() {
    let site = Site::with_ada();
    let path = "/webdav/statistics.sqlite3";
    let tag = site.put(path, b"old").etag();
    let bodies = [vec![1_u8; 300_000], vec![2_u8; 300_000]];
    // The server asks both for their bodies, having seen the same tag, before either ends.
    let mut uploads: Vec<_> = bodies
        .iter()
        .map(|body| {
            let bytes = dav_request("PUT", path, &[("If-Match", &tag), ("Expect", "100-continue")], Some(body));
            let (head, body) = bytes.split_at(bytes.len() - body.len());
            let mut stream = connect(site.address);
            stream.write_all(head).unwrap();
            let mut asked = [0; 25];
            stream.read_exact(&mut asked).unwrap();
            assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");
            (stream, body.to_vec())
        })
        .collect();
    let statuses: Vec<u16> = uploads
        .iter_mut()
        .map(|(stream, rest)| {
            stream.write_all(rest).unwrap();
            read_answer(stream).status
        })
        .collect();
    assert_eq!(statuses, [204, 412]);
    assert_eq!(site.get(path).body, bodies[0]);
    // All at once, from threads.
    for round in 0..5_u8 {
        let tag = site.get(path).etag();
        let statuses: Vec<u16> = std::thread::scope(|scope| {
            let uploads: Vec<_> = (0..6_u8)
                .map(|number| {
                    let (site, tag) = (&site, &tag);
                    scope.spawn(move || site.put_if(path, tag, &vec![round * 6 + number; 100_000]).status)
                })
                .collect();
            uploads.into_iter().map(|upload| upload.join().unwrap()).collect()
        });
        assert_eq!(statuses.iter().filter(|status| **status == 204).count(), 1, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 412).count(), 5, "{statuses:?}");
        let body = site.get(path).body;
        assert!(body.len() == 100_000 && body.iter().all(|byte| *byte == body[0]));
    }
}

#[test]
fn w4_folders_are_made_and_things_removed_and_what_is_missing_has_no_body() {
    let site = Site::with_ada();
    for (method, path) in
        [("GET", "/webdav/a.json"), ("DELETE", "/webdav/a.json"), ("PROPFIND", "/webdav/a/"), ("MOVE", "/webdav/a")]
    {
        let answer = site.dav(method, path, &[("Destination", "/webdav/b"), ("Accept", "text/html")], None);
        assert_eq!((answer.status, answer.body.len()), (404, 0), "{method} {answer:?}");
        assert_eq!(answer.header("content-length"), Some("0"), "{method} {answer:?}");
    }
    assert_eq!(site.dav("MKCOL", "/webdav/a/b/", &[], None).status, 409);
    assert_eq!(site.dav("MKCOL", "/webdav/a/", &[], None).status, 201);
    assert_eq!(site.dav("MKCOL", "/webdav/a", &[], None).status, 405);
    assert_eq!(site.dav("MKCOL", "/webdav/c", &[], Some(b"<x/>")).status, 415);
    assert_eq!(site.put("/webdav/b/c", b"x").status, 409);
    assert_eq!(site.put("/webdav/a", b"x").status, 405);
    assert_eq!(site.put("/webdav/a/b", b"x").status, 201);
    assert_eq!(site.dav("MKCOL", "/webdav/a/b", &[], None).status, 405);
    assert_eq!(site.get("/webdav/a/").status, 405);
    assert_eq!(site.get("/webdav/").status, 405);
    assert_eq!(site.dav("DELETE", "/webdav/a/b", &[("If-Match", "\"x\"")], None).status, 412);
    assert_eq!(site.dav("DELETE", "/webdav/a/", &[], None).status, 204);
    assert_eq!(site.get("/webdav/a/b").status, 404);
    assert_eq!(site.dav("DELETE", "/webdav/", &[], None).status, 403);
}

#[test]
fn files_and_folders_are_copied_and_moved() {
    let site = Site::with_ada();
    let large: Vec<u8> = (0..300_000_u32).map(|at| (at % 253) as u8).collect();
    site.dav("MKCOL", "/webdav/a", &[], None);
    site.dav("MKCOL", "/webdav/a/sub", &[], None);
    site.put("/webdav/a/large", &large);
    site.put("/webdav/a/sub/empty", b"");
    let transfer = |method: &str, from: &str, to: &str, headers: &[(&str, &str)]| {
        let mut headers = headers.to_vec();
        headers.push(("Destination", to));
        site.dav(method, from, &headers, None).status
    };
    assert_eq!(transfer("COPY", "/webdav/a/large", "/webdav/copy", &[]), 201);
    assert_eq!(site.get("/webdav/copy").body, large);
    assert_ne!(site.get("/webdav/copy").etag(), site.get("/webdav/a/large").etag());
    assert_eq!(transfer("COPY", "/webdav/a/large", "/webdav/copy", &[("Overwrite", "F")]), 412);
    assert_eq!(transfer("COPY", "/webdav/a/large", "http://elsewhere:1/webdav/copy", &[("Overwrite", "T")]), 204);
    assert_eq!(transfer("COPY", "/webdav/a", "/webdav/b/", &[]), 201);
    assert_eq!(site.get("/webdav/b/large").body, large);
    assert_eq!(site.get("/webdav/b/sub/empty").status, 200);
    assert_eq!(transfer("COPY", "/webdav/a", "/webdav/c", &[("Depth", "0")]), 201);
    assert_eq!(entries(&site.list("/webdav/c/")).len(), 1);
    assert_eq!(transfer("MOVE", "/webdav/b", "/webdav/c", &[("Overwrite", "F")]), 412);
    assert_eq!(transfer("MOVE", "/webdav/b", "/webdav/c", &[]), 204);
    assert_eq!(site.get("/webdav/c/large").body, large);
    assert_eq!(site.get("/webdav/b/large").status, 404);
    let tag = site.get("/webdav/c/large").etag();
    assert_eq!(transfer("MOVE", "/webdav/c/large", "/webdav/moved%20here", &[("If-Match", "\"x\"")]), 412);
    assert_eq!(transfer("MOVE", "/webdav/c/large", "/webdav/moved%20here", &[("If-Match", &tag)]), 201);
    assert_eq!(site.get("/webdav/moved%20here").etag(), tag);
    for to in ["/webdav/a/sub/x", "/webdav/a"] {
        assert_eq!(transfer("MOVE", "/webdav/a", to, &[]), 403, "{to}");
        assert_eq!(transfer("COPY", "/webdav/a", to, &[]), 403, "{to}");
    }
    assert_eq!(transfer("MOVE", "/webdav/a", "/webdav/none/x", &[]), 409);
    assert_eq!(transfer("MOVE", "/webdav/a", "/webdav/", &[]), 403);
    for to in ["", "/elsewhere", "http://localhost", "/webdavx/a", "ftp://localhost/webdav/x", "http:///webdav/x"] {
        assert_eq!(transfer("MOVE", "/webdav/a", to, &[]), 400, "{to}");
    }
    for to in ["/webdav/../x", "/webdav/%2e%2e/x", "/webdav/a%2Fb", "/webdav/%00"] {
        assert_eq!(transfer("MOVE", "/webdav/a", to, &[]), 400, "{to}");
    }
    assert_eq!(site.get("/webdav/a/large").body, large);
}

#[test]
fn an_upload_that_ends_early_leaves_the_old_file() {
    let site = Site::with_ada();
    let tag = site.put("/webdav/a", b"old").etag();
    let body = vec![7_u8; 500_000];
    let whole = dav_request("PUT", "/webdav/a", &[], Some(&body));
    for sent in [whole.len() - 1, whole.len() / 2, whole.len() - body.len()] {
        let mut stream = connect(site.address);
        stream.write_all(&whole[..sent]).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest);
        assert_eq!(site.get("/webdav/a").etag(), tag);
    }
    // Without a length, in chunks: whole, and cut off.
    let head = dav_request("PUT", "/webdav/a", &[("Transfer-Encoding", "chunked")], None);
    let mut stream = connect(site.address);
    stream.write_all(&head).unwrap();
    stream.write_all(b"3\r\nnew\r\n").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let _ = stream.read_to_end(&mut Vec::new());
    assert_eq!(site.get("/webdav/a").body, b"old");
    let mut chunked = head;
    chunked.extend_from_slice(b"3\r\nnew\r\n0\r\n\r\n");
    assert_eq!(send(site.address, &chunked).status, 204);
    assert_eq!(site.get("/webdav/a").body, b"new");
}

/// RFC 9110, section 13: what a client says of the file that it knows.
#[test]
fn conditions_of_requests_are_those_of_http() {
    let site = Site::with_ada();
    let (past, future) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Fri, 01 Jan 2100 00:00:00 GMT");
    let tag = site.put("/webdav/a", b"0123456789").etag();
    let weak = format!("W/{tag}");
    let put = |name: &str, value: &str| site.dav("PUT", "/webdav/a", &[(name, value)], Some(b"0123456789")).status;
    // A weak tag excludes the file, but it is no proof of knowing it.
    assert_eq!((put("If-None-Match", &weak), put("If-Match", &weak)), (412, 412));
    assert_eq!((put("If-None-Match", "*"), put("If-Match", "\"x\", \"*\"")), (412, 412));
    assert_eq!(put("If-Unmodified-Since", past), 412);
    for method in ["DELETE", "GET", "MOVE", "COPY"] {
        let headers = [("If-Unmodified-Since", past), ("Destination", "/webdav/b")];
        assert_eq!(site.dav(method, "/webdav/a", &headers, None).status, 412, "{method}");
    }
    assert_eq!(site.get("/webdav/a").etag(), tag);
    let get = |headers: &[(&str, &str)]| site.dav("GET", "/webdav/a", headers, None).status;
    assert_eq!(get(&[("If-Modified-Since", future)]), 304);
    assert_eq!(get(&[("If-Modified-Since", past)]), 200);
    assert_eq!(get(&[("If-Modified-Since", future), ("If-None-Match", "\"x\"")]), 200);
    assert_eq!(get(&[("If-None-Match", &weak)]), 304);
    assert_eq!(get(&[("If-Unmodified-Since", past), ("If-Match", &tag)]), 200);
    assert_eq!(put("If-Unmodified-Since", future), 204);
    // A range is of a body.
    let range = [("Range", "bytes=2-3")];
    assert_eq!(site.dav("GET", "/webdav/a", &range, None).body, b"23");
    let head = site.dav("HEAD", "/webdav/a", &range, None);
    assert_eq!((head.status, head.header("content-length"), head.header("content-range")), (200, Some("10"), None));
    assert_eq!(site.dav("HEAD", "/webdav/a", &[("Range", "bytes=99-")], None).status, 200);
}

#[test]
fn what_is_not_supported_is_said_so() {
    let site = Site::with_ada();
    let options = send(site.address, &request("OPTIONS", "/webdav/", &[], None));
    assert_eq!((options.status, options.header("dav")), (200, Some("1")));
    assert!(options.header("allow").unwrap().contains("PROPFIND"));
    for method in ["LOCK", "UNLOCK", "PROPPATCH", "POST", "PATCH", "TRACE", "REPORT", "X"] {
        assert!(Method::from_bytes(method.as_bytes()).is_ok());
        let answer = site.dav(method, "/webdav/a", &[], None);
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.header("allow").unwrap().contains("MKCOL"), "{method}");
    }
    assert_eq!(site.dav("PUT", "/webdav/a", &[("If", "(<urn:x>)")], Some(b"x")).status, 412);
    assert_eq!(site.dav("PUT", "/webdav/a", &[("Content-Encoding", "gzip")], Some(b"x")).status, 415);
    assert_eq!(site.dav("PUT", "/webdav/a", &[("Content-Range", "bytes 0-0/2")], Some(b"x")).status, 400);
    assert_eq!(site.get("/webdav/a").status, 404);
}

#[test]
fn it_can_be_switched_off() {
    let site = Site::with(|builder| builder.webdav(false));
    site.registered("ada", crate::common::KEY);
    let answer = site.dav("PROPFIND", "/webdav/", &[], None);
    assert_eq!(answer.status, 404);
    assert!(answer.text().contains("3404"), "{answer:?}");
}

/// hyper sees to the length of what it reads; another framework may not.
#[test]
fn a_body_that_is_shorter_than_it_was_announced_is_no_file_behind_other_frameworks_either() {
    let dir = tempfile::tempdir().unwrap();
    let server = kosync::Server::builder().data_dir(dir.path()).build().unwrap();
    let put = |length: u64| {
        let request = axum::extract::Request::builder().method("PUT").uri("/webdav/a");
        let request =
            request.header("authorization", std::str::from_utf8(ADA.1).unwrap()).header("content-length", length);
        request.body(axum::body::Body::from("four")).unwrap()
    };
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        server.create_user("ada".parse().unwrap(), "password".parse().unwrap()).await.unwrap();
        for (length, status) in [(5, 400), (3, 400), (4, 201)] {
            assert_eq!(server.handle(put(length), None).await.status().as_u16(), status, "{length}");
        }
    });
}

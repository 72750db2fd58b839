//! What is too much, hostile or another's: refused, before it costs anything.

use std::io::{Read, Write};
use std::time::Duration;

use super::{ADA, Dav, base64, dav_request, entries, md5_hex, read_answer, send};
use crate::common::{Site, connect, request};

#[test]
fn a_body_that_is_announced_too_large_is_refused_before_it_is_read() {
    let site = Site::with(|builder| builder.client_timeout(Duration::from_secs(600)));
    site.registered("ada", crate::common::KEY);
    let length = ((64 << 20) + 1).to_string();
    let mut stream = connect(site.address);
    stream.write_all(&request("PUT", "/webdav/a", &[ADA, ("Content-Length", length.as_bytes())], None)).unwrap();
    // Not a byte of the body is sent, and the answer does not wait for one.
    assert_eq!(read_answer(&mut stream).status, 413);
    let mut stream = connect(site.address);
    let headers = [ADA, ("Content-Length", length.as_bytes()), ("Expect", b"100-continue")];
    stream.write_all(&request("PUT", "/webdav/a", &headers, None)).unwrap();
    assert_eq!(read_answer(&mut stream).status, 413);
}

#[test]
fn an_account_is_bounded_in_bytes_and_files() {
    let site = Site::with(|builder| builder.max_files_bytes(100_000));
    site.registered("ada", crate::common::KEY);
    assert_eq!(site.put("/webdav/a", &[1; 60_000]).status, 201);
    let refused = site.put("/webdav/b", &[1; 40_001]);
    assert_eq!(refused.status, 507);
    assert!(refused.text().contains("max_files_bytes"), "{refused:?}");
    assert_eq!(site.put("/webdav/a", &[2; 100_000]).status, 204);
    let copy = site.dav("COPY", "/webdav/a", &[("Destination", "/webdav/b")], None);
    assert_eq!(copy.status, 507);
    // What a copy replaces does not count.
    assert_eq!(site.put("/webdav/a", &[1; 60_000]).status, 204);
    assert_eq!(site.put("/webdav/b", &[2; 40_000]).status, 201);
    assert_eq!(site.dav("COPY", "/webdav/b", &[("Destination", "/webdav/a")], None).status, 204);
    assert_eq!(site.get("/webdav/a").body, [2; 40_000]);
    assert_eq!(site.dav("DELETE", "/webdav/b", &[], None).status, 204);
    // Positions are another matter.
    site.pushed("ada", crate::common::KEY, &crate::common::position("book", "p", 0.5));
    assert_eq!(site.dav("DELETE", "/webdav/a", &[], None).status, 204);
    for number in 0..1000 {
        assert_eq!(site.dav("MKCOL", &format!("/webdav/{number}"), &[], None).status, 201, "{number}");
    }
    assert_eq!(site.dav("MKCOL", "/webdav/more", &[], None).status, 507);
    assert_eq!(site.put("/webdav/more", b"x").status, 507);
    assert_eq!(site.dav("COPY", "/webdav/0", &[("Destination", "/webdav/more")], None).status, 507);
    // A long list comes whole, and in parts.
    let all = site.list("/webdav/");
    assert_eq!(all.header("transfer-encoding"), Some("chunked"));
    assert_eq!(entries(&all).len(), 1001);
    for (from, to) in [("/webdav/2", "/webdav/0/2"), ("/webdav/3", "/webdav/1/3")] {
        assert_eq!(site.dav("MOVE", from, &[("Destination", to)], None).status, 201);
    }
    assert_eq!(site.dav("COPY", "/webdav/0", &[("Destination", "/webdav/1")], None).status, 204);
    assert_eq!(entries(&site.list("/webdav/1/"))[1].0, "/webdav/1/2/");
    assert_eq!(site.dav("COPY", "/webdav/0", &[("Destination", "/webdav/4")], None).status, 507);
}

#[test]
fn names_of_every_byte_are_themselves_or_refused() {
    let site = Site::with_ada();
    for byte in 0..=255_u8 {
        let path = format!("/webdav/x%{byte:02X}");
        let status = site.put(&path, &[byte]).status;
        let is_name = byte.is_ascii() && !byte.is_ascii_control() && byte != b'/';
        assert_eq!(status, if is_name { 201 } else { 400 }, "{byte:02x}");
        if is_name {
            assert_eq!(site.get(&path).body, [byte], "{byte:02x}");
        }
    }
    // The bytes of a request line that a client did not encode.
    for byte in 0x21..=0x7e_u8 {
        if matches!(byte, b'#' | b'?' | b'%' | b'/') {
            continue;
        }
        let mut bytes = dav_request("GET", "/webdav/xX", &[], None);
        let at = bytes.windows(2).position(|two| two == b"xX").unwrap() + 1;
        bytes[at] = byte;
        let answer = send(site.address, &bytes);
        assert!(answer.status == 200 && answer.body == [byte] || answer.status == 400, "{byte:02x} {answer:?}");
    }
    let names = entries(&site.list("/webdav/"));
    assert_eq!(names.len(), 1 + 94);
    for (href, _) in names {
        assert!(!href.contains(['<', '>', '&', '"', '\'', ' ']), "{href}");
        assert!(matches!(site.get(&href).status, 200 | 405), "{href}");
    }
    assert_eq!(site.put(&format!("/webdav/{}", "n".repeat(255)), b"x").status, 201);
    assert_eq!(site.put(&format!("/webdav/{}", "n".repeat(256)), b"x").status, 414);
}

#[test]
fn no_path_leads_to_another_account_or_out_of_the_folder() {
    let site = Site::with_ada();
    site.registered("bob", &md5_hex("b"));
    site.dav("MKCOL", "/webdav/ada", &[], None);
    assert_eq!(site.put("/webdav/ada/secret", b"s").status, 201);
    let basic = format!("Basic {}", base64("bob:b"));
    let as_bob = |method: &str, path: &str, extra: &[(&str, &[u8])]| {
        let mut headers = vec![("Authorization", basic.as_bytes())];
        headers.extend(extra);
        send(site.address, &request(method, path, &headers, None))
    };
    assert_eq!(entries(&as_bob("PROPFIND", "/webdav/", &[("Depth", b"1")])).len(), 1);
    for path in [
        "/webdav/ada/secret",
        "/webdav/../ada/secret",
        "/webdav/%2e%2e/ada/secret",
        "/webdav/..%2fada%2fsecret",
        "/webdav/./ada/secret",
        "/webdav//ada//secret",
        "/webdav/ada%00/secret",
        "/webdav/..;/secret",
        "/webdav/%c0%ae%c0%ae/ada/secret",
        "/webdav/../../etc/passwd",
    ] {
        for method in ["GET", "HEAD", "DELETE", "PROPFIND"] {
            let status = as_bob(method, path, &[]).status;
            assert!(matches!(status, 400 | 404), "{method} {path} {status}");
        }
        let status = as_bob("MOVE", path, &[("Destination", b"/webdav/mine")]).status;
        assert!(matches!(status, 400 | 404), "{path} {status}");
    }
    assert_eq!(site.get("/webdav/ada/secret").body, b"s");
}

#[test]
fn bodies_and_headers_of_propfind_are_bounded() {
    let site = Site::with_ada();
    let propfind = |headers: &[(&str, &str)], body: &[u8]| site.dav("PROPFIND", "/webdav/", headers, Some(body)).status;
    for depth in ["2", "99999999999999999999", "-1", "1,noroot", "", "0 1"] {
        assert_eq!(propfind(&[("Depth", depth)], b""), 400, "{depth:?}");
    }
    let laughs: String =
        (1..10).map(|n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10))).collect();
    let bomb = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY l0 \"lol\">{laughs}]><D:propfind xmlns:D=\"DAV:\"><D:prop><a>&l9;</a></D:prop></D:propfind>"
    );
    let external = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><D:propfind xmlns:D=\"DAV:\"><D:prop><a>&x;</a></D:prop></D:propfind>";
    let deep = format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{}", "<a>".repeat(15_000));
    let wide = format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{}</D:prop></D:propfind>", "<a/>".repeat(10_000));
    for body in [&bomb, external, &deep, &wide, "<", "no xml", "\u{0}"] {
        assert_eq!(propfind(&[("Depth", "0")], body.as_bytes()), 400, "{}", &body[..body.len().min(60)]);
    }
    assert_eq!(propfind(&[("Depth", "0")], &[b' '; 70_000]), 413);
}

/// One name that XML forbids would make the whole folder unreadable to strict clients.
#[test]
fn a_list_is_xml_whatever_names_and_prefixes_are_in_it() {
    let site = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    site.registered("ada", crate::common::KEY);
    for (name, status) in [("%EF%BF%BE", 400), ("%EF%BF%BF", 400), ("a&b", 201), ("%3Cx%3E", 201)] {
        assert_eq!(site.put(&format!("/webdav/{name}"), b"x").status, status, "{name}");
    }
    let headers = [("Depth", "1"), ("X-Forwarded-Prefix", "/a&b<c>\"d")];
    let text = site.dav("PROPFIND", "/webdav/", &headers, None).text();
    assert!(text.contains("<D:href>/a&amp;b&lt;c&gt;&quot;d/webdav/a%26b</D:href>"), "{text}");
    assert!(text.contains("<D:displayname>&lt;x&gt;</D:displayname>"), "{text}");
    // What was asked for and is unknown is repeated as XML, or refused.
    let ask = |property: &str| {
        let body = format!("<D:propfind xmlns:D=\"DAV:\"><D:prop>{property}</D:prop></D:propfind>");
        site.dav("PROPFIND", "/webdav/", &[("Depth", "0")], Some(body.as_bytes()))
    };
    let answer = ask("<é xmlns=\"a&amp;b&quot;\"/>");
    assert!(answer.text().contains("<é xmlns=\"a&amp;b&quot;\"/>"), "{answer:?}");
    for property in ["<a\u{b2} xmlns=\"a\"/>", "<a xmlns=\"&#1;\"/>", "<a xmlns=\"\u{fffe}\"/>", "<a xmlns=\"&b;\"/>"] {
        assert_eq!(ask(property).status, 400, "{property}");
    }
}

#[test]
fn pages_of_other_sites_change_nothing() {
    let site = Site::with_ada();
    site.put("/webdav/a", b"a");
    for (name, value) in [("Origin", "https://evil.example"), ("Origin", "nonsense")] {
        for method in ["PUT", "DELETE", "MKCOL", "MOVE", "COPY"] {
            let answer = site.dav(method, "/webdav/a", &[(name, value), ("Destination", "/webdav/b")], Some(b""));
            assert_eq!(answer.status, 403, "{method}");
        }
    }
    assert_eq!(site.get("/webdav/a").body, b"a");
    // Our own page, and a page that may not read what it gets.
    assert_eq!(site.dav("PUT", "/webdav/a", &[("Origin", "http://localhost")], Some(b"b")).status, 204);
    let read = site.dav("GET", "/webdav/a", &[("Origin", "https://evil.example")], None);
    assert_eq!(read.header("access-control-allow-origin"), None);
    // Whatever a file is, it is no page of this site.
    assert_eq!(read.header("content-type"), Some("application/octet-stream"));
    assert_eq!(read.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(read.header("content-disposition"), Some("attachment"));
    assert_eq!(read.header("cache-control"), Some("no-store"));
}

#[test]
fn wrong_passwords_are_limited_as_at_other_logins() {
    let site = Site::with_ada();
    let basic = format!("Basic {}", base64("nobody:x"));
    let mut last = 0;
    for _ in 0..40 {
        last = send(site.address, &request("GET", "/webdav/a", &[("Authorization", basic.as_bytes())], None)).status;
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429);
    // A verified password goes on.
    assert_eq!(site.list("/webdav/").status, 207);
}

/// Attack: a body that comes byte by byte, with a wrong password. It is read for as long as that of any other request.
#[test]
fn a_stranger_cannot_keep_a_connection_by_a_slow_body() {
    const LENGTH: usize = 2_000;
    let site = Site::with(|builder| builder.client_timeout(Duration::from_millis(500)));
    let mut stream = connect(site.address);
    let length = LENGTH.to_string();
    stream.write_all(&request("PUT", "/webdav/a", &[("Content-Length", length.as_bytes())], None)).unwrap();
    let mut slow = stream.try_clone().unwrap();
    let sender = std::thread::spawn(move || {
        (0..LENGTH)
            .take_while(|_| {
                std::thread::sleep(Duration::from_millis(10));
                slow.write_all(b"x").is_ok()
            })
            .count()
    });
    // What the client still sends may end the connection before all of the answer is read.
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    assert_eq!(&start, b"HTTP/1.1 401");
    drop(stream);
    assert!(sender.join().unwrap() < LENGTH, "all of the body was read");
}

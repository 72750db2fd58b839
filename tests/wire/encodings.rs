//! Bytes that are not UTF-8: rules T9 and A6 of docs/protocol.md. Every fixture is bytes, as a device or a browser sent them.

use base64ct::{Base64, Encoding as _};

use crate::common::{KEY, Reply, Site, exchange};

/// Sends a request of `ada` with a body of bytes.
fn send(site: &Site, method: &str, path: &str, body: &[u8]) -> Reply {
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nx-auth-user: ada\r\nx-auth-key: {KEY}\r\nContent-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    exchange(site.client.address, &request)
}

#[track_caller]
fn pushed(site: &Site, body: &[u8]) {
    let reply = send(site, "PUT", "/syncs/progress", body).shaped();
    assert_eq!(reply.status, 200, "{reply:?}");
}

/// Issue 16, 1: KOReader's JSON encoder passes bytes on. The push was 400, its queue took that for sent, and the book never synced.
#[test]
fn t9_a_latin_1_file_name_does_not_refuse_the_push() {
    let site = Site::with_ada();
    pushed(
        &site,
        b"{\"document\":\"book\",\"progress\":\"/body/p[\xe9]\",\"percentage\":0.5,\"device\":\"B\xfccher\",\
          \"device_id\":\"\xc3\",\"metadata\":{\"filename\":\"M\xfcller.epub\",\"title\":\"Emma\",\"k\xe4se\":1}}",
    );
    let pulled = site.pulled("ada", KEY, "book");
    assert_eq!(pulled["progress"], "/body/p[\u{fffd}]");
    assert_eq!(pulled["device"], "B\u{fffd}cher");
    assert_eq!(pulled["device_id"], "\u{fffd}");
    let user = site.server.store().user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
    let entry = site.server.store().document(user.id, &kosync::Document::new("book").unwrap()).unwrap().unwrap();
    assert_eq!(entry.metadata.filename.as_deref(), Some("M\u{fffd}ller.epub"));
    assert_eq!(entry.metadata.title.as_deref(), Some("Emma"));
}

/// Issue 16, 1: a device name cut in mid-character, by a client that escapes what is left.
#[test]
fn t9_a_lone_surrogate_counts_as_a_bad_byte() {
    let site = Site::with_ada();
    let push = |document: &str, progress: &str, device: &str| {
        let body =
            format!(r#"{{"document":"{document}","progress":"{progress}","percentage":0.5,"device":"{device}"}}"#);
        pushed(&site, body.as_bytes());
        let pulled = site.pulled("ada", KEY, document);
        (pulled["progress"].as_str().unwrap().to_owned(), pulled["device"].as_str().unwrap().to_owned())
    };
    assert_eq!(push("a", r"p\ud83d", r"K\udcf6bo"), ("p\u{fffd}".into(), "K\u{fffd}bo".into()));
    // Pairs stay, in either case; halves in the wrong order, before another escape or twice in a row do not make one.
    assert_eq!(push("b", r"\ud83d\ude00", r"\uD83D\uDE00"), ("😀".into(), "😀".into()));
    assert_eq!(push("c", r"\ude00\ud83d", r"\ud83d\n"), ("\u{fffd}\u{fffd}".into(), "\u{fffd}\n".into()));
    assert_eq!(push("d", r"\ud83d\ud83d\ude00", r"\ud83d\u0041"), ("\u{fffd}😀".into(), "\u{fffd}A".into()));
    // An escaped backslash is no escape of a surrogate.
    assert_eq!(push("e", r"\\udcf6", r"\\\udcf6"), (r"\udcf6".into(), "\\\u{fffd}".into()));
    // Also as a name of a field, and in a field that is ignored.
    pushed(
        &site,
        br#"{"\udcf6":1,"document":"f","progress":"p","percentage":0.5,"device":"K","metadata":{"\ud800":2,"title":"\udfff"}}"#,
    );
}

/// Kinds of bytes that are not UTF-8, in each field that a push may have.
#[test]
fn t9_every_kind_of_bad_bytes_is_stored_in_every_field() {
    let site = Site::with_ada();
    let kinds: [&[u8]; 14] = [
        b"\xfc",                     // Latin-1
        b"\x81\x40",                 // Shift-JIS
        b"\xc0\xaf",                 // overlong `/`
        b"\xc0\xa2",                 // overlong `\"`
        b"\xe0\x80\xaf",             // overlong, three bytes
        b"\xf0\x80\x80\xaf",         // overlong, four bytes
        b"\xed\xa0\x80",             // a high surrogate
        b"\xed\xb3\xb6",             // a low one
        b"\xed\xa0\xbd\xed\xb8\x80", // a pair (CESU-8)
        b"\xf4\x90\x80\x80",         // beyond Unicode
        b"\xf8\x88\x80\x80\x80",     // five bytes
        b"\xfe\xff",                 // UTF-16's mark
        b"\xe2\x82",                 // cut, before the quote
        b"\xf0\x9f\x98",
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let document = format!("book{number}");
        let body = [
            format!("{{\"document\":\"{document}\",\"percentage\":0.5,\"progress\":\"").as_bytes(),
            kind,
            b"\",\"device\":\"",
            kind,
            b"\",\"device_id\":\"",
            kind,
            b"\",\"",
            kind,
            b"\":\"",
            kind,
            b"\",\"metadata\":{\"title\":\"",
            kind,
            b"\",\"filename\":\"a",
            kind,
            b"\",\"authors\":\"",
            kind,
            b"\",\"",
            kind,
            b"\":[\"",
            kind,
            b"\"]}}",
        ]
        .concat();
        pushed(&site, &body);
        let pulled = site.pulled("ada", KEY, &document);
        for field in ["progress", "device", "device_id"] {
            let text = pulled[field].as_str().unwrap();
            assert!(text.starts_with('\u{fffd}') && !text.contains('"'), "{kind:x?} {field}: {text:?}");
        }
        let user = site.server.store().user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
        let entry = site.server.store().document(user.id, &kosync::Document::new(&document).unwrap()).unwrap().unwrap();
        let kosync::Metadata { title, filename, authors, .. } = entry.metadata;
        for text in [title, filename, authors] {
            assert!(text.as_ref().is_some_and(|text| text.contains('\u{fffd}')), "{kind:x?}: {text:?}");
        }
    }
}

/// lua-cjson, the official server's parser, takes them, and small devices' encoders send them. The push was 400.
#[test]
fn t9_control_characters_in_strings_do_not_refuse_the_push() {
    let site = Site::with_ada();
    for control in (0..0x20_u8).chain([0x7f]) {
        let text = format!("a{}b", char::from(control));
        let document = format!("book{control}");
        let body = format!(
            "{{\n\t\"document\":\"{document}\",\"progress\":\"{text}\",\"percentage\":0.5,\r\n\"device\":\"{text}\",\
             \"metadata\":{{\"title\":\"\\\"{text}\",\"filename\":\"{text}\\\\\"}}}}\n"
        );
        pushed(&site, body.as_bytes());
        let pulled = site.pulled("ada", KEY, &document);
        assert_eq!((&pulled["progress"], &pulled["device"]), (&text.as_str().into(), &text.as_str().into()));
    }
}

#[test]
fn t9_a_byte_order_mark_before_the_json_is_ignored() {
    let site = Site::with_ada();
    let push = b"\xef\xbb\xbf{\"document\":\"book\",\"progress\":\"p\",\"percentage\":0.5,\"device\":\"K\"}";
    pushed(&site, push);
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    let account = b"\xef\xbb\xbf{\"username\":\"bob\",\"password\":\"p\"}";
    assert_eq!(send(&site, "POST", "/users/create", account).status, 201);
}

/// As in Lua's tables. A name may be written with escapes, and names of bad bytes are one name.
#[test]
fn t9_of_a_field_that_comes_twice_the_last_one_counts() {
    let site = Site::with_ada();
    pushed(
        &site,
        b"{\"document\":\"other\",\"progress\":\"p1\",\"progress\":\"p2\",\"percentage\":\"x\",\"percentage\":0.5,\"device\":\"K\",\
          \"docum\\u0065nt\":\"book\",\"\xff\":1,\"\xfe\":2,\"metadata\":1,\"metadata\":{\"title\":\"A\",\"title\":\"B\"}}",
    );
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p2");
    assert_eq!(site.pull("ada", KEY, "other").body, "{}");
}

#[test]
fn t9_a_document_with_bad_bytes_is_refused() {
    let site = Site::with_ada();
    let documents: [&[u8]; 4] = [b"b\xfcch", b"\xff", br"\udcf6", b"\xed\xa0\x80"];
    for document in documents {
        let body =
            [b"{\"document\":\"", document, b"\",\"progress\":\"p\",\"percentage\":0.5,\"device\":\"K\"}"].concat();
        let reply = send(&site, "PUT", "/syncs/progress", &body);
        reply.refused(403, 2004, "Field 'document' not provided.");
    }
}

#[test]
fn t9_bad_bytes_outside_of_strings_are_no_json() {
    let site = Site::with_ada();
    let bodies: [&[u8]; 4] = [b"\xff", b"{\"document\":\"a\"}\xff", b"{\xff}", br"{\udcf6}"];
    for body in bodies {
        send(&site, "PUT", "/syncs/progress", body).refused(400, 103, "Could not parse JSON in body.");
    }
}

/// Two names, or two passwords, that differ in bad bytes alone would become one.
#[test]
fn t9_a_name_or_a_key_with_bad_bytes_is_refused() {
    let site = Site::with_ada();
    let bodies: [&[u8]; 4] = [
        b"{\"username\":\"M\xfcller\",\"password\":\"p\"}",
        br#"{"username":"M\udcfcller","password":"p"}"#,
        b"{\"username\":\"mueller\",\"password\":\"gr\xfcn\"}",
        br#"{"username":"mueller","password":"gr\udcfcn"}"#,
    ];
    for body in bodies {
        send(&site, "POST", "/users/create", body).refused(403, 2003, "Invalid request");
    }
    send(&site, "PUT", "/users/password", b"{\"password\":\"gr\xfcn\"}").refused(403, 2003, "Invalid request");
    assert_eq!(site.login("ada", KEY).status, 200);
}

/// Issue 16, 2: browsers, Node's fetch and Python's http.client send header values as Latin-1.
#[test]
fn a6_a_name_and_a_password_work_as_utf8_and_as_latin_1() {
    let site = Site::start();
    site.registered("Müller", "grün");
    let login = |headers: &[(&str, &[u8])]| site.send("GET", "/users/auth", headers, None).shaped().status;
    let basic = |text: &[u8]| format!("Basic {}", Base64::encode_string(text));
    for name in [b"M\xc3\xbcller".as_slice(), b"M\xfcller"] {
        for key in [b"gr\xc3\xbcn".as_slice(), b"gr\xfcn"] {
            assert_eq!(login(&[("x-auth-user", name), ("x-auth-key", key)]), 200, "{name:?} {key:?}");
        }
        assert_eq!(login(&[("x-auth-user", name), ("x-auth-key", b"gr\xf6n")]), 401);
    }
    assert_eq!(login(&[("Authorization", basic("Müller:grün".as_bytes()).as_bytes())]), 200);
    assert_eq!(login(&[("Authorization", basic(b"M\xfcller:gr\xfcn").as_bytes())]), 200);
    assert_eq!(login(&[("Authorization", basic(b"M\xfcller:gr\xf6n").as_bytes())]), 401);

    // Both spellings are one account.
    let body = crate::common::position("book", "p", 0.5).to_string();
    let latin1: [(&str, &[u8]); 2] = [("x-auth-user", b"M\xfcller"), ("x-auth-key", b"gr\xfcn")];
    assert_eq!(site.send("PUT", "/syncs/progress", &latin1, Some(&body)).shaped().status, 200);
    assert_eq!(site.pulled("Müller", "grün", "book")["progress"], "p");
    assert_eq!(site.send("DELETE", "/users/me", &latin1, None).shaped().status, 200);
    site.login("Müller", "grün").unauthorized();
}

/// "Ã¼" in Latin-1 is "ü" in UTF-8, which is tried first.
#[test]
fn a6_utf8_is_tried_first() {
    let site = Site::start();
    site.registered("ü", KEY);
    let login = |name: &[u8]| {
        site.send("GET", "/users/auth", &[("x-auth-user", name), ("x-auth-key", KEY.as_bytes())], None).status
    };
    assert_eq!(login(b"\xc3\xbc"), 200);
    assert_eq!(login(b"\xfc"), 200);
    assert_eq!(login("Ã¼".as_bytes()), 401);
}

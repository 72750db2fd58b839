//! Arbitrary bytes as body, headers and path: the status is below 500, and stored positions stay.

use std::io::{ErrorKind, Write};

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{KEY, Reply, Site, connect, percent_encoded, position, read_reply, request};

/// A server for all cases of a test. It has a position of ada's that must not change.
struct Target {
    site: Site,
    before: String,
}

impl Target {
    fn new() -> Self {
        let site = Site::with_ada();
        site.pushed("ada", KEY, &position("book", "kept", 0.25));
        site.registered("mallory", KEY);
        let before = site.pull("ada", KEY, "book").body;
        Self { site, before }
    }

    /// Sends bytes and reads the response, if there is one.
    fn send(&self, bytes: &[u8]) -> Option<Reply> {
        let mut stream = connect(self.site.address);
        // The server may close the connection before the end.
        let _ = stream.write_all(bytes);
        let reply = read_reply(&mut stream, bytes.starts_with(b"HEAD "));
        assert!(
            !reply.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock),
            "neither a response nor the end of the connection"
        );
        reply.ok()
    }

    /// Asserts that position and accounts are as before.
    fn assert_unchanged(&self) {
        assert_eq!(self.site.pull("ada", KEY, "book").body, self.before);
        assert_eq!(self.site.server.store().users().unwrap().len(), 3, "admin, ada, mallory");
    }
}

fn token() -> impl Strategy<Value = String> {
    "[A-Za-z!#$%&'*+.^_`|~-]{1,12}"
}

#[test]
fn arbitrary_bodies_are_client_errors() {
    let target = Target::new();
    let routes = [("PUT", "/syncs/progress"), ("POST", "/users/create"), ("PUT", "/users/password")];
    proptest!(ProptestConfig::with_cases(300), |(body in vec(any::<u8>(), 0..2000), route in 0..3_usize)| {
        let (method, path) = routes[route];
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nx-auth-user: mallory\r\nx-auth-key: {KEY}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let reply = target.send(&[head.as_bytes(), &body].concat()).expect("a response").shaped();
        prop_assert!((400..500).contains(&reply.status), "{reply:?}");
    });
    target.assert_unchanged();
}

/// Generates JSON values of every type.
fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        ".{0,300}".prop_map(Into::into),
        "[0-9.eExX+-]{0,12}".prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Into::into),
            proptest::collection::btree_map("[a-z_]{0,8}", inner, 0..4)
                .prop_map(|map| map.into_iter().collect::<serde_json::Map<_, _>>().into()),
        ]
    })
}

#[test]
fn fields_of_any_type_are_stored_or_refused() {
    let target = Target::new();
    let fields = ["document", "progress", "percentage", "device", "device_id", "metadata"];
    proptest!(ProptestConfig::with_cases(300), |(values in vec(json(), 6), left_out in 0..12_usize)| {
        let mut body = serde_json::Map::new();
        for (index, (field, value)) in fields.iter().zip(values).enumerate() {
            if index != left_out {
                body.insert((*field).to_owned(), value);
            }
        }
        let body = serde_json::Value::from(body);
        let reply = target.site.push("mallory", KEY, &body).shaped();
        prop_assert!(reply.status == 200 || reply.status == 403, "{body} {reply:?}");
        if reply.status == 200 {
            let document = body["document"].as_str().unwrap();
            let record = target.site.pulled("mallory", KEY, document);
            prop_assert_eq!(record["document"].as_str(), Some(document));
        }
    });
    target.assert_unchanged();
}

/// A push and a pull agree about every list.
#[test]
fn any_list_of_identifiers_is_taken_or_refused_by_push_and_pull() {
    let target = Target::new();
    let label = "[a-z][a-z0-9-]{0,3}|[^:,]{0,40}";
    let value = "[A-Za-z0-9._-]{1,3}|[A-Za-z0-9]{120,130}|[^:,]{0,20}";
    let entry = (label, value);
    proptest!(ProptestConfig::with_cases(150), |(list in vec(entry, 0..10), own in any::<prop::sample::Index>(), other in "[a-z]{1,2}")| {
        let document = if list.is_empty() { &other } else { &own.get(&list).1 };
        let document = if document.is_empty() { &other } else { document };
        let mut body = position(document, "p", 0.5);
        body["identifiers"] = list.iter().map(|(label, value)| serde_json::json!({ "type": label, "value": value })).collect();
        let pushed = target.site.push("mallory", KEY, &body).shaped();
        prop_assert!(pushed.status == 200 || pushed.status == 403, "{body} {pushed:?}");
        let ids: Vec<_> = list.iter().map(|(label, value)| percent_encoded(&format!("{label}:{value}"))).collect();
        let path = format!("/syncs/progress/{}?ids={}", percent_encoded(document), ids.join(","));
        let pulled = target.site.send_as("mallory", KEY, "GET", &path, None).shaped();
        prop_assert_eq!(pulled.status, pushed.status, "{} {}", body, path);
        if pulled.status == 200 {
            let (pulled, pushed) = (pulled.json(), pushed.json());
            prop_assert_eq!(&pulled["document"], &pushed["document"]);
            prop_assert_eq!(&pulled["progress_match"], list[0].0.as_str());
        }
    });
    assert_eq!(target.site.server.store().verify().unwrap().problems, [""; 0]);
    target.assert_unchanged();
}

#[test]
fn arbitrary_header_values_are_client_errors() {
    let target = Target::new();
    proptest!(ProptestConfig::with_cases(200), |(user in vec(any::<u8>(), 0..300), key in vec(any::<u8>(), 0..300), other in vec(any::<u8>(), 0..300))| {
        let headers = [("x-auth-user", user.as_slice()), ("x-auth-key", &key), ("X-Other", &other), ("Accept", &other)];
        for (method, path) in [("GET", "/syncs/progress/book"), ("PUT", "/syncs/progress"), ("DELETE", "/users/me")] {
            let Some(reply) = target.send(&request(method, path, &headers, Some("{}"))) else { continue };
            prop_assert!((400..500).contains(&reply.status), "{reply:?}");
        }
    });
    target.assert_unchanged();
}

#[test]
fn arbitrary_paths_and_methods_are_no_server_errors() {
    let target = Target::new();
    let auth = format!("x-auth-user: mallory\r\nx-auth-key: {KEY}\r\n");
    proptest!(ProptestConfig::with_cases(300), |(method in token(), path in vec(any::<u8>(), 0..300))| {
        for prefix in ["/", "", "/syncs/progress/"] {
            for method in ["GET", method.as_str()] {
                let line = [method.as_bytes(), b" ", prefix.as_bytes(), &path, b" HTTP/1.1\r\nHost: x\r\n"].concat();
                let reply = target.send(&[&line, auth.as_bytes(), b"Connection: close\r\n\r\n"].concat());
                let Some(reply) = reply else { continue };
                prop_assert!(reply.status < 500 && reply.status != 202, "{reply:?}");
            }
        }
    });
    target.assert_unchanged();
}

#[test]
fn any_percent_encoded_path_is_an_unknown_document() {
    let target = Target::new();
    proptest!(ProptestConfig::with_cases(300), |(path in vec(any::<u8>(), 1..200))| {
        let encoded: String = path.iter().map(|byte| format!("%{byte:02x}")).collect();
        let reply = target.site.send_as("mallory", KEY, "GET", &format!("/syncs/progress/{encoded}"), None).shaped();
        prop_assert_eq!((reply.status, reply.body.as_str()), (200, "{}"));
    });
    target.assert_unchanged();
}

#[test]
fn bytes_that_are_not_http_are_client_errors() {
    let target = Target::new();
    proptest!(ProptestConfig::with_cases(200), |(bytes in vec(any::<u8>(), 0..3000))| {
        let mut stream = connect(target.site.address);
        let _ = stream.write_all(&bytes);
        // The server sees the end of an incomplete request.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        if let Ok(reply) = read_reply(&mut stream, false) {
            prop_assert!((400..500).contains(&reply.status), "{reply:?}");
        }
    });
    target.assert_unchanged();
}

/// A recursive parser would overflow the stack.
#[test]
fn deeply_nested_json_is_a_client_error() {
    let target = Target::new();
    for body in ["[".repeat(60_000), "{\"a\":".repeat(12_000), format!("{{\"document\":{}", "[".repeat(60_000))] {
        let reply = target.site.send_as("mallory", KEY, "PUT", "/syncs/progress", Some(&body)).shaped();
        assert!((400..500).contains(&reply.status), "{reply:?}");
    }
    let nested = format!("{{\"metadata\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    let reply = target.site.send_as("mallory", KEY, "PUT", "/syncs/progress", Some(&nested)).shaped();
    assert_eq!(reply.status, 403);
    target.assert_unchanged();
}

//! Arbitrary bytes as body, headers and path: always an answer below 500, and what is stored stays.

use std::io::{ErrorKind, Write};

use proptest::collection::vec;
use proptest::prelude::*;

use crate::common::{KEY, Reply, Site, connect, position, read_reply, request};

/// One server for all cases of a test, with a position that nobody may touch.
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

    /// Sends bytes and reads the answer, if there is one.
    fn send(&self, bytes: &[u8]) -> Option<Reply> {
        let mut stream = connect(self.site.address);
        // The server may have had enough of it before the end.
        let _ = stream.write_all(bytes);
        let reply = read_reply(&mut stream, bytes.starts_with(b"HEAD "));
        assert!(!reply.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock), "no answer, and no end");
        reply.ok()
    }

    fn stands(&self) {
        assert_eq!(self.site.pull("ada", KEY, "book").body, self.before);
        assert_eq!(self.site.server.store().users().unwrap().len(), 3, "admin, ada, mallory");
    }
}

fn token() -> impl Strategy<Value = String> {
    "[A-Za-z!#$%&'*+.^_`|~-]{1,12}"
}

#[test]
fn arbitrary_bodies() {
    let target = Target::new();
    let routes = [("PUT", "/syncs/progress"), ("POST", "/users/create"), ("PUT", "/users/password")];
    proptest!(ProptestConfig::with_cases(300), |(body in vec(any::<u8>(), 0..2000), route in 0..3_usize)| {
        let (method, path) = routes[route];
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nx-auth-user: mallory\r\nx-auth-key: {KEY}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let reply = target.send(&[head.as_bytes(), &body].concat()).expect("an answer").shaped();
        prop_assert!((400..500).contains(&reply.status), "{reply:?}");
    });
    target.stands();
}

/// JSON of every shape under the names that matter.
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
fn json_of_every_shape() {
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
    target.stands();
}

#[test]
fn arbitrary_header_values() {
    let target = Target::new();
    proptest!(ProptestConfig::with_cases(200), |(user in vec(any::<u8>(), 0..300), key in vec(any::<u8>(), 0..300), other in vec(any::<u8>(), 0..300))| {
        let headers = [("x-auth-user", user.as_slice()), ("x-auth-key", &key), ("X-Other", &other), ("Accept", &other)];
        for (method, path) in [("GET", "/syncs/progress/book"), ("PUT", "/syncs/progress"), ("DELETE", "/users/me")] {
            let Some(reply) = target.send(&request(method, path, &headers, Some("{}"))) else { continue };
            prop_assert!((400..500).contains(&reply.status), "{reply:?}");
        }
    });
    target.stands();
}

#[test]
fn arbitrary_paths_and_methods() {
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
    target.stands();
}

#[test]
fn percent_encoded_paths() {
    let target = Target::new();
    proptest!(ProptestConfig::with_cases(300), |(path in vec(any::<u8>(), 1..200))| {
        let encoded: String = path.iter().map(|byte| format!("%{byte:02x}")).collect();
        let reply = target.site.send_as("mallory", KEY, "GET", &format!("/syncs/progress/{encoded}"), None).shaped();
        prop_assert_eq!((reply.status, reply.body.as_str()), (200, "{}"));
    });
    target.stands();
}

#[test]
fn no_http_at_all() {
    let target = Target::new();
    proptest!(ProptestConfig::with_cases(200), |(bytes in vec(any::<u8>(), 0..3000))| {
        let mut stream = connect(target.site.address);
        let _ = stream.write_all(&bytes);
        // What looks like the start of a request is over for the server, too.
        let _ = stream.shutdown(std::net::Shutdown::Write);
        if let Ok(reply) = read_reply(&mut stream, false) {
            prop_assert!((400..500).contains(&reply.status), "{reply:?}");
        }
    });
    target.stands();
}

/// Nesting that would exhaust a stack.
#[test]
fn deep_nesting() {
    let target = Target::new();
    for body in ["[".repeat(60_000), "{\"a\":".repeat(12_000), format!("{{\"document\":{}", "[".repeat(60_000))] {
        let reply = target.site.send_as("mallory", KEY, "PUT", "/syncs/progress", Some(&body)).shaped();
        assert!((400..500).contains(&reply.status), "{reply:?}");
    }
    let nested = format!("{{\"metadata\":{}{}}}", "[".repeat(30_000), "]".repeat(30_000));
    let reply = target.site.send_as("mallory", KEY, "PUT", "/syncs/progress", Some(&nested)).shaped();
    assert_eq!(reply.status, 403);
    target.stands();
}

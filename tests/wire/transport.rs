//! Transport: rules T1 to T7 of docs/protocol.md, and failures that belong to no single route.

use std::io::Write;

use kosync::salvo::Router;

use crate::common::{Client, KEY, Site, connect, exchange, position, read_reply};

#[test]
fn t1_routes_have_no_prefix_and_can_be_mounted_under_a_path() {
    let site = Site::with_ada();
    assert_eq!(site.send("GET", "/healthcheck", &[], None).shaped().body, r#"{"state":"OK"}"#);
    site.pushed("ada", KEY, &position("book", "p", 0.5));

    let app = Router::new().push(Router::with_path("some/where").push(site.server.router()));
    let mounted = crate::common::serve(app);
    let client = Client { address: mounted.address };
    assert_eq!(client.send("GET", "/some/where/healthcheck", &[], None).shaped().status, 200);
    let under = client.send_as("ada", KEY, "GET", "/some/where/syncs/progress/book", None).shaped();
    assert_eq!((under.status, under.json()), (200, site.pulled("ada", KEY, "book")));
    assert_eq!(client.send("GET", "/healthcheck", &[], None).status, 404);
}

#[test]
fn t2_any_accept_header_or_none_is_served() {
    let site = Site::with_ada();
    for accept in ["application/vnd.koreader.v1+json", "*/*", "text/html", "nonsense", ""] {
        let reply = site.send("GET", "/healthcheck", &[("Accept", accept.as_bytes())], None).shaped();
        assert_eq!(reply.status, 200, "{accept}");
    }
    assert_eq!(site.send("GET", "/healthcheck", &[], None).shaped().status, 200);
}

#[test]
fn t3_any_content_type_or_none_is_served() {
    let site = Site::with_ada();
    let auth: [(&str, &[u8]); 2] = [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes())];
    let body = position("book", "p", 0.5).to_string();
    for kind in
        ["application/json", "application/json; charset=utf-8", "text/plain", "application/x-www-form-urlencoded", "?"]
    {
        let headers = [auth[0], auth[1], ("Content-Type", kind.as_bytes())];
        assert_eq!(site.send("PUT", "/syncs/progress", &headers, Some(&body)).shaped().status, 200, "{kind}");
        assert_eq!(site.send("GET", "/syncs/progress/book", &headers, None).shaped().status, 200, "{kind}");
    }
    assert_eq!(site.send("PUT", "/syncs/progress", &auth, Some(&body)).shaped().status, 200);
    let multipart = [auth[0], auth[1], ("Content-Type", b"multipart/form-data; boundary=x".as_slice())];
    assert_eq!(site.send("PUT", "/syncs/progress", &multipart, Some(&body)).shaped().status, 200);
}

#[test]
fn t4_failures_have_content_type_and_length_too() {
    let site = Site::with_ada();
    let nothing = "There is nothing at this path. Check the address of the sync server.";
    for path in
        ["//nowhere", "/nowhere", "/syncs", "/syncs/progress/a/b", "/users", "/users/create/x", "/healthcheck/x", "*"]
    {
        site.send("GET", path, &[], None).refused(404, 3404, nothing);
    }
    let large = format!("{{\"document\":\"{}\"}}", "x".repeat(64 * 1024));
    for (method, path) in [("PUT", "/syncs/progress"), ("POST", "/users/create"), ("PUT", "/users/password")] {
        let reply = site.send_as("ada", KEY, method, path, Some(&large));
        reply.refused(413, 3413, "The body is larger than 65536 bytes.");
    }
    let limit = format!("{{\"password\":\"{}\"}}", "x".repeat(64 * 1024 - 15));
    assert_eq!(limit.len(), 64 * 1024);
    assert_eq!(site.send_as("ada", KEY, "PUT", "/users/password", Some(&limit)).shaped().status, 200);
}

/// The client is still sending when the server writes the response.
#[test]
fn t4_the_response_to_a_body_that_is_too_large_arrives() {
    let site = Site::with_ada();
    let large = "x".repeat(900 * 1024);
    for _ in 0..10 {
        site.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&large)).refused(
            413,
            3413,
            "The body is larger than 65536 bytes.",
        );
    }
}

#[test]
fn t5_a_connection_is_kept_unless_the_client_asks_to_close_it() {
    let site = Site::with_ada();
    let close = site.send("GET", "/healthcheck", &[("TE", b"trailers"), ("Connection", b"close, TE")], None).shaped();
    assert_eq!(close.header("connection"), Some("close"));
    let mut stream = connect(site.address);
    for _ in 0..3 {
        stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(read_reply(&mut stream, false).unwrap().shaped().status, 200);
    }
}

#[test]
fn t6_no_response_is_202() {
    let site = Site::start();
    let mut seen = vec![site.register("ada", KEY).status, site.login("ada", KEY).status];
    seen.push(site.push("ada", KEY, &position("book", "p", 0.5)).status);
    seen.push(site.pull("ada", KEY, "book").status);
    seen.push(site.send_as("ada", KEY, "PUT", "/users/password", Some(r#"{"password":"x"}"#)).status);
    seen.push(site.send_as("ada", "x", "DELETE", "/users/me", None).status);
    assert_eq!(seen, [201, 200, 200, 200, 200, 200]);
}

#[test]
fn t7_extra_slashes_and_percent_encoding_do_not_matter() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    for path in ["/syncs/progress/book/", "//syncs/progress/book", "/syncs//progress///book//"] {
        let reply = site.send_as("ada", KEY, "GET", path, None).shaped();
        assert_eq!(reply.json()["progress"], "p", "{path}");
    }
    for path in ["/healthcheck/", "//healthcheck", "/%68ealthcheck", "/healthcheck?x=y"] {
        assert_eq!(site.send("GET", path, &[], None).shaped().status, 200, "{path}");
    }
    let body = position("book", "q", 0.5).to_string();
    assert_eq!(site.send_as("ada", KEY, "PUT", "//syncs/progress/?a=b", Some(&body)).shaped().status, 200);
}

#[test]
fn t7_a_route_is_met_by_its_whole_path_alone() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("a/b", "p", 0.5));
    for path in [
        "/healthcheckx",
        "/health",
        "/xhealthcheck",
        "/healthcheck/x",
        "/health/check",
        "/HEALTHCHECK",
        "/users",
        "/users%2Fauth",
        "/users/auth%2F",
        "/syncs/progress/a/b",
        "/syncs/progress%2Fa%2Fb",
    ] {
        assert_eq!(site.send_as("ada", KEY, "GET", path, None).shaped().status, 404, "{path}");
    }
    let pulled = site.send_as("ada", KEY, "GET", "/syncs/progress/a%2fb", None).shaped();
    assert_eq!(pulled.json()["progress"], "p");
}

#[test]
fn t7_head_is_get_without_the_body() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    for path in ["/healthcheck", "/users/auth", "/syncs/progress/book", "/syncs/progress/other", "/nowhere"] {
        let get = site.send_as("ada", KEY, "GET", path, None);
        let head = site.send_as("ada", KEY, "HEAD", path, None);
        assert_eq!(head.status, get.status, "{path}");
        assert_eq!(head.body, "");
        assert_eq!(head.header("content-type"), get.header("content-type"), "{path}");
        assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()), "{path}");
    }
    assert_eq!(site.send("HEAD", "/users/auth", &[], None).status, 401);
}

#[test]
fn t7_other_methods_are_405_with_the_right_ones_in_allow() {
    let site = Site::with_ada();
    let routes = [
        ("/healthcheck", "GET, HEAD"),
        ("/users/auth", "GET, HEAD"),
        ("/syncs/progress/book", "GET, HEAD"),
        ("/users/create", "POST"),
        ("/syncs/progress", "PUT"),
        ("/users/password", "PUT"),
        ("/users/me", "DELETE"),
    ];
    for (path, allowed) in routes {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "BREW"] {
            if allowed.split(", ").any(|allowed| allowed == method) {
                continue;
            }
            let reply = site.send_as("ada", KEY, method, path, None);
            assert_eq!(reply.header("allow"), Some(allowed), "{method} {path}");
            reply.refused(405, 3405, "This path does not support the request's method; see the header 'Allow'.");
        }
    }
}

#[test]
fn a_body_that_is_no_json_object_is_400() {
    let site = Site::with_ada();
    for (method, path) in [("PUT", "/syncs/progress"), ("POST", "/users/create"), ("PUT", "/users/password")] {
        for body in ["", " ", "{", "{]", "{\"a\":1} x", "nonsense", "{'a':1}", "\u{feff}\u{feff}{}", "{\"a\":01}"] {
            let reply = site.send_as("ada", KEY, method, path, Some(body));
            reply.refused(400, 103, "Could not parse JSON in body.");
        }
        for body in ["[]", "1", "\"text\"", "null", "true", " [ {} ] "] {
            site.send_as("ada", KEY, method, path, Some(body)).refused(400, 104, "Body should be a JSON hash.");
        }
        site.send_as("ada", KEY, method, path, None).refused(400, 103, "Could not parse JSON in body.");
    }
}

#[test]
fn a_chunked_body_is_accepted() {
    let site = Site::with_ada();
    let body = position("book", "p", 0.5).to_string();
    let (first, second) = body.split_at(20);
    let request = format!(
        "PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nx-auth-user: ada\r\nx-auth-key: {KEY}\r\nTransfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\n{:x}\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n",
        first.len(),
        second.len()
    );
    assert_eq!(exchange(site.address, request.as_bytes()).shaped().status, 200);
}

//! Each known client, with the bytes that it sends.

use serde_json::json;

use crate::common::{KEY, Reply, Site, exchange, read_reply};

/// Builds a request from a header with plain line ends; `LENGTH` becomes the body's length.
fn wire(head: &str, body: &str) -> Vec<u8> {
    let head = head.trim_start().replace('\n', "\r\n").replace("LENGTH", &body.len().to_string());
    format!("{head}\r\n\r\n{body}").into_bytes()
}

fn send(site: &Site, head: &str, body: &str) -> Reply {
    exchange(site.address, &wire(head, body)).shaped()
}

const KOREADER_BODY: &str = r#"{"device_id":"AAAA","device":"Kobo_nova","progress":"/body/DocFragment[11]/body/div/p[7]/text().123","percentage":0.4213,"document":"41cce710f34e5ec21315e19c99821415"}"#;

/// Captured from KOReader, which opens a connection for each request.
#[test]
fn koreader_registers_logs_in_pushes_and_pulls() {
    let site = Site::start();
    let register = r#"{"username":"ada","password":"5f4dcc3b5aa765d61d8327deb882cf99"}"#;
    let created = send(
        &site,
        "POST /users/create HTTP/1.1
Content-Length: LENGTH
User-Agent: lua-Spore v0.3.3
TE: trailers
Content-Type: application/json
Host: 192.168.1.20:7200
Accept: application/vnd.koreader.v1+json
Connection: close, TE",
        register,
    );
    assert_eq!((created.status, created.body.as_str()), (201, r#"{"username":"ada"}"#));

    let login = send(
        &site,
        "GET /users/auth HTTP/1.1
x-auth-key: 5f4dcc3b5aa765d61d8327deb882cf99
User-Agent: lua-Spore v0.3.3
TE: trailers
Host: 192.168.1.20:7200
x-auth-user: ada
Accept: application/vnd.koreader.v1+json
Connection: close, TE",
        "",
    );
    assert_eq!((login.status, login.body.as_str()), (200, r#"{"authorized":"OK"}"#));

    let pushed = send(
        &site,
        "PUT /syncs/progress HTTP/1.1
x-auth-key: 5f4dcc3b5aa765d61d8327deb882cf99
Content-Length: LENGTH
User-Agent: lua-Spore v0.3.3
TE: trailers
Content-Type: application/json
Host: 192.168.1.20:7200
x-auth-user: ada
Accept: application/vnd.koreader.v1+json
Connection: close, TE",
        KOREADER_BODY,
    );
    assert_eq!(pushed.status, 200);
    let timestamp = pushed.json()["timestamp"].as_u64().unwrap();
    assert_eq!(pushed.body, format!(r#"{{"document":"41cce710f34e5ec21315e19c99821415","timestamp":{timestamp}}}"#));
    assert_eq!(pushed.header("connection"), Some("close"));

    let pulled = send(
        &site,
        "GET /syncs/progress/41cce710f34e5ec21315e19c99821415 HTTP/1.1
x-auth-key: 5f4dcc3b5aa765d61d8327deb882cf99
User-Agent: lua-Spore v0.3.3
TE: trailers
Host: 192.168.1.20:7200
x-auth-user: ada
Accept: application/vnd.koreader.v1+json
Connection: close, TE",
        "",
    );
    assert_eq!(
        pulled.json(),
        json!({
            "document": "41cce710f34e5ec21315e19c99821415", "percentage": 0.4213, "device": "Kobo_nova", "device_id": "AAAA",
            "progress": "/body/DocFragment[11]/body/div/p[7]/text().123", "timestamp": timestamp,
        })
    );
}

/// CrossPoint sends its plain password in Basic beside the two headers. It has 2 KiB for the whole response.
#[test]
fn crosspoint_gets_a_small_response() {
    let site = Site::with_ada();
    let head = |line: &str| {
        format!(
            "{line} HTTP/1.1
Host: 192.168.1.20:7200
User-Agent: ESP32HTTPClient
Connection: keep-alive
Accept-Encoding: identity;q=1,chunked;q=0.1,*;q=0
Accept: application/vnd.koreader.v1+json
x-auth-user: ada
x-auth-key: 5f4dcc3b5aa765d61d8327deb882cf99
Authorization: Basic YWRhOnBhc3N3b3Jk
Content-Type: application/json
Content-Length: LENGTH"
        )
    };
    let progress = "/body/DocFragment[11]/body/div/p[7]/text().123";
    let body = json!({
        "document": "41cce710f34e5ec21315e19c99821415", "progress": progress, "percentage": 0.25, "device": "CrossPoint",
        "device_id": "crosspoint-reader",
    });
    assert_eq!(send(&site, &head("PUT /syncs/progress"), &body.to_string()).status, 200);
    let request = wire(&head("GET /syncs/progress/41cce710f34e5ec21315e19c99821415"), "");
    let pulled = exchange(site.address, &request).shaped();
    assert_eq!(pulled.json()["device_id"], "crosspoint-reader");
    let head: usize = pulled.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    assert!(head + pulled.body.len() < 512, "{head} bytes of header, {} of body", pulled.body.len());
}

/// Readest tries its headers, then Basic, then registers, then logs in. Several devices in a row stay below the limit.
#[test]
fn readest_registers_after_failed_logins() {
    let site = Site::start();
    for device in 0..5 {
        let user = format!("reader{device}");
        let headers = [("x-auth-user", user.as_bytes()), ("x-auth-key", KEY.as_bytes())];
        site.send("GET", "/users/auth", &headers, None).unauthorized();
        site.send("GET", "/users/auth", &[("Authorization", b"Basic cmVhZGVyOnBhc3N3b3Jk")], None).unauthorized();
        site.registered(&user, KEY);
        assert_eq!(site.login(&user, KEY).status, 200);
    }
}

/// calibre's plugins join base address and path with two slashes. They expect exactly `{}`, and need all five fields.
#[test]
fn calibre_plugins_push_and_pull() {
    let site = Site::with_ada();
    let pull = "GET //syncs/progress/41cce710f34e5ec21315e19c99821415 HTTP/1.1
Host: home.example
User-Agent: python-requests/2.31.0
Accept-Encoding: gzip, deflate
Accept: application/vnd.koreader.v1+json
Connection: keep-alive
Content-Type: application/json
X-Auth-User: ada
X-Auth-Key: 5f4dcc3b5aa765d61d8327deb882cf99";
    let none = send(&site, pull, "");
    assert_eq!((none.status, none.body.as_str()), (200, "{}"));
    let push = pull.replace("GET //syncs/progress/41cce710f34e5ec21315e19c99821415", "PUT //syncs/progress");
    let pushed = send(&site, &format!("{push}\nContent-Length: LENGTH"), KOREADER_BODY);
    assert_eq!(pushed.status, 200);
    let record = send(&site, pull, "").json();
    for field in ["device", "device_id", "percentage", "progress", "timestamp"] {
        assert!(record.get(field).is_some(), "{field}: {record}");
    }
}

/// abs-kosync-bridge probes with this document, and sends unknown fields and an empty progress.
#[test]
fn abs_kosync_bridge_probes_and_pushes() {
    let site = Site::with_ada();
    assert_eq!(site.pull("ada", KEY, "test-connection").body, "{}");
    let body = json!({
        "document": "7f0bd4bd0f2c4ce9a2fbc8bb6ea9a2c6", "progress": "", "percentage": 0.31, "device": "abs-sync-bot",
        "device_id": "abs-sync-bot", "timestamp": 1_700_000_000, "force": true,
    });
    site.pushed("ada", KEY, &body);
    let record = site.pulled("ada", KEY, "7f0bd4bd0f2c4ce9a2fbc8bb6ea9a2c6");
    assert_eq!(record["progress"], "");
    assert_ne!(record["timestamp"], 1_700_000_000);
    assert!(record.get("force").is_none());
}

/// Suwayomi registers by itself when a login fails, and sends page numbers as strings.
#[test]
fn suwayomi_registers_and_pushes_page_numbers() {
    let site = Site::start();
    site.login("ada", KEY).unauthorized();
    let created = send(
        &site,
        "POST /users/create HTTP/1.1
Accept: application/vnd.koreader.v1+json
Connection: close
Content-Type: application/json
Content-Length: LENGTH
Host: 127.0.0.1
User-Agent: okhttp/4.12.0",
        r#"{"username":"ada","password":"5f4dcc3b5aa765d61d8327deb882cf99"}"#,
    );
    assert_eq!(created.status, 201);
    let body = json!({
        "document": "b1", "progress": "56", "percentage": 0.7, "device": "Suwayomi-Server (host)", "device_id": "5B3A",
    });
    site.pushed("ada", KEY, &body);
    assert_eq!(site.pulled("ada", KEY, "b1")["progress"], "56");
    site.register("ada", KEY).refused(402, 2002, "Username is already registered.");
}

/// Liseur registers with the plain password and logs in with its MD5. It sends no `Accept`, and a number as string.
#[test]
fn liseur_logs_in_with_the_md5_of_the_password_it_registered() {
    let site = Site::start();
    let created = send(
        &site,
        "POST /users/create HTTP/1.1
Host: home.example
Content-Type: application/json
Content-Length: LENGTH",
        r#"{"username":"ada","password":"password"}"#,
    );
    assert_eq!(created.status, 201);
    assert_eq!(site.login("ada", KEY).status, 200);
    let body = json!({ "document": "b", "progress": "0.42", "percentage": 0.42, "device": "liseur", "device_id": "l" });
    site.pushed("ada", KEY, &body);
    assert_eq!(site.pulled("ada", KEY, "b")["progress"], "0.42");
}

/// Several clients send `Content-Type` with GET, unknown fields and a query. Some send several requests on one
/// connection.
#[test]
fn unknown_fields_and_queries_are_ignored() {
    use std::io::Write;
    let site = Site::with_ada();
    let body = json!({
        "document": "b", "progress": "p", "percentage": 0.5, "device": "d", "position": { "cfi": "x" }, "timestamp": 1,
    });
    site.pushed("ada", KEY, &body);
    let mut stream = crate::common::connect(site.address);
    for _ in 0..2 {
        let head = "GET /syncs/progress/b?position_kinds=cfi,xpointer HTTP/1.1
Host: x
Content-Type: application/json
x-auth-user: ada
x-auth-key: 5f4dcc3b5aa765d61d8327deb882cf99";
        stream.write_all(&wire(head, "")).unwrap();
        let record = read_reply(&mut stream, false).unwrap().shaped();
        assert_eq!(record.json()["progress"], "p");
        assert!(!record.body.contains("null"), "null is sent to no client");
    }
}

/// Old scripts and health checks speak HTTP/1.0.
#[test]
fn http_1_0_is_answered() {
    let site = Site::start();
    let reply = exchange(site.address, b"GET /healthcheck HTTP/1.0\r\n\r\n").shaped();
    assert_eq!(reply.body, r#"{"state":"OK"}"#);
}

/// Readest in a browser: preflights and all responses, failures included, carry the headers for an allowed origin.
#[test]
fn a_configured_origin_may_use_the_api_and_no_other() {
    const ORIGIN: &str = "https://web.readest.com";
    let origins = [ORIGIN, "http://localhost:3000"].map(|origin| origin.parse().unwrap());
    let site = Site::with(|builder| builder.cors_origins(origins));
    site.registered("ada", KEY);
    let from = |origin: &'static str, method: &str, path: &str, more: &[(&str, &[u8])]| {
        site.send(method, path, &[&[("Origin", origin.as_bytes())], more].concat(), None)
    };
    let preflight_headers: [(&str, &[u8]); 2] = [
        ("Access-Control-Request-Method", b"PUT"),
        ("Access-Control-Request-Headers", b"x-auth-user,x-auth-key,content-type"),
    ];
    for path in ["/syncs/progress", "/syncs/progress/x", "/users/auth", "/users/create"] {
        let preflight = from(ORIGIN, "OPTIONS", path, &preflight_headers);
        assert_eq!((preflight.status, preflight.body.as_str()), (204, ""), "{path}");
        assert_eq!(preflight.header("access-control-allow-origin"), Some(ORIGIN));
        for (header, wanted) in [
            ("access-control-allow-methods", ["GET", "PUT", "POST", "DELETE"].as_slice()),
            ("access-control-allow-headers", &["x-auth-user", "x-auth-key", "authorization", "content-type", "accept"]),
        ] {
            let allowed: Vec<&str> = preflight.header(header).unwrap().split(',').map(str::trim).collect();
            assert!(wanted.iter().all(|wanted| allowed.contains(wanted)), "{allowed:?}");
        }
        assert!(preflight.header("access-control-max-age").is_some());
        assert!(preflight.header("access-control-allow-credentials").is_none());
        let foreign = from("https://evil.example", "OPTIONS", path, &preflight_headers);
        assert_eq!(foreign.header("access-control-allow-origin"), None);
    }
    let auth: [(&str, &[u8]); 2] = [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes())];
    for (path, headers, status) in
        [("/users/auth", auth.as_slice(), 200), ("/users/auth", &[], 401), ("/nowhere", &[], 404)]
    {
        let reply = from(ORIGIN, "GET", path, headers).shaped();
        assert_eq!((reply.status, reply.header("access-control-allow-origin")), (status, Some(ORIGIN)));
        assert_eq!(from("https://evil.example", "GET", path, headers).header("access-control-allow-origin"), None);
    }
    // A page that keeps files in the account's folder uses the methods of WebDAV, and needs the tag that it read.
    let preflight = from(ORIGIN, "OPTIONS", "/webdav/a", &[("Access-Control-Request-Method", b"PROPFIND")]);
    let allowed = preflight.header("access-control-allow-methods").unwrap().to_owned();
    assert!(["PROPFIND", "MKCOL", "COPY", "MOVE"].iter().all(|method| allowed.contains(method)), "{allowed}");
    let refused = from(ORIGIN, "GET", "/webdav/a", &[]);
    assert_eq!((refused.status, refused.header("access-control-expose-headers")), (401, Some("etag")));
    // OPTIONS that is no preflight is 405.
    assert_eq!(site.send("OPTIONS", "/users/auth", &[], None).shaped().status, 405);

    let any_origin = Site::with(|builder| builder.cors_origins(["*".parse().unwrap()]));
    let reply = any_origin.send("GET", "/healthcheck", &[("Origin", b"https://anywhere.example")], None);
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    // No origin is allowed by default.
    let no_origin = Site::start();
    let reply = no_origin.send("GET", "/healthcheck", &[("Origin", ORIGIN.as_bytes())], None);
    assert!(reply.headers.iter().all(|(name, _)| !name.starts_with("access-control") && name != "vary"), "{reply:?}");
    assert_eq!(
        no_origin
            .send("OPTIONS", "/healthcheck", &[&[("Origin", ORIGIN.as_bytes())], &preflight_headers[..]].concat(), None)
            .status,
        405
    );
}

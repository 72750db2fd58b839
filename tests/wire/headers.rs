//! Headers around the answers: what caches may keep [T8], what pages of other sites may do, and how `/metrics` is spelled.

use kosync::salvo::Router;

use crate::common::{Client, KEY, OTHER_KEY, Reply, Site, exchange, position, request};

#[track_caller]
fn uncached(reply: Reply) -> Reply {
    assert_eq!(reply.header("cache-control"), Some("no-store"), "{reply:?}");
    reply
}

/// Issue 16, 4: behind `proxy_cache` another account and a wrong key were served somebody's position.
#[test]
fn t8_no_answer_may_be_cached() {
    let site = Site::with(|builder| builder.admin_password("secret").metrics(true));
    let create = site.register("ada", KEY);
    assert_eq!(uncached(create).status, 201);
    let as_ada = |method: &str, path: &str, body: Option<&str>| uncached(site.send_as("ada", KEY, method, path, body));
    let body = position("book", "p", 0.5).to_string();
    let large = "x".repeat(70_000);
    let password = format!(r#"{{"password":"{KEY}"}}"#);
    for (method, path, body, status) in [
        ("PUT", "/syncs/progress", Some(body.as_str()), 200),
        ("GET", "/syncs/progress/book", None, 200),
        ("HEAD", "/syncs/progress/book", None, 200),
        ("GET", "/syncs/progress/none", None, 200),
        ("GET", "/users/auth", None, 200),
        ("PUT", "/users/password", Some(&password), 200),
        ("PUT", "/syncs/progress", Some("{"), 400),
        ("PUT", "/syncs/progress", Some("{}"), 403),
        ("PUT", "/syncs/progress", Some(&large), 413),
        ("GET", "/users/create", None, 405),
        ("GET", "/nowhere", None, 404),
        ("GET", "/syncs", None, 404),
        ("GET", "/healthcheck", None, 200),
        ("GET", "/metrics", None, 200),
        ("GET", "/manage/users", None, 401),
        ("GET", "/manage/users/documents?username=ada", None, 200),
        ("GET", "/api/v1/documents", None, 200),
        ("GET", "/api/v1/documents/none", None, 404),
        ("GET", "/api/v1/openapi.json", None, 200),
        ("DELETE", "/users/me", None, 200),
    ] {
        assert_eq!(as_ada(method, path, body).status, status, "{method} {path}");
    }
    uncached(site.login("ada", OTHER_KEY)).unauthorized();
    // 429, and an error of the server.
    let refused = std::iter::repeat_with(|| site.login("nobody", KEY)).take(60).find(|reply| reply.status == 429);
    uncached(refused.expect("429"));
}

#[test]
fn t8_no_answer_may_be_cached_where_the_routes_are_mounted() {
    let site = Site::with_ada();
    let mounted = crate::common::serve(Router::new().push(Router::with_path("sub").push(site.server.router())));
    let client = Client { address: mounted.address };
    for (method, path, status) in [
        ("GET", "/sub/syncs/progress/book", 200),
        ("GET", "/sub/users/create", 405),
        ("GET", "/sub/manage/users", 401),
        ("PUT", "/sub/syncs/progress", 400),
    ] {
        assert_eq!(uncached(client.send_as("ada", KEY, method, path, None)).status, status, "{method} {path}");
    }
}

/// The dashboard's assets have their hash in their address, and stay cacheable.
#[test]
fn t8_assets_may_be_cached() {
    let site = Site::start();
    let page = site.send("GET", "/login", &[], None);
    assert_eq!(page.header("cache-control"), Some("no-store"));
    let style = page.body.split('"').find(|text| text.contains("kosync.css")).unwrap().trim_start_matches('.');
    let reply = site.send("GET", style, &[], None);
    assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"), "{reply:?}");
}

/// CrossPoint reads the whole answer into 2 KiB.
#[test]
fn t8_the_head_of_an_answer_stays_small() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let reply = site.pull("ada", KEY, "book");
    let head: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len() + 4).sum();
    assert!(head < 200, "{reply:?}");
}

/// Issue 16, 7: a web client with a header of its own was refused by the browser.
#[test]
fn a_preflight_is_answered_with_the_headers_that_it_asks_for() {
    let site = Site::with(|builder| builder.cors_origins(["https://reader.example".parse().unwrap()]));
    let allowed = |asked: &[&[u8]]| {
        let mut headers: Vec<(&str, &[u8])> =
            vec![("Origin", b"https://reader.example"), ("Access-Control-Request-Method", b"PUT")];
        headers.extend(asked.iter().map(|asked| ("Access-Control-Request-Headers", *asked)));
        let reply = site.send("OPTIONS", "/syncs/progress", &headers, None);
        assert_eq!(reply.status, 204, "{reply:?}");
        let allowed = reply.header("access-control-allow-headers").unwrap().to_owned();
        allowed.split(',').map(str::to_owned).collect::<Vec<_>>()
    };
    let own = ["x-auth-user", "x-auth-key", "authorization", "content-type", "accept"];
    assert_eq!(allowed(&[]), own);
    assert_eq!(allowed(&[b"X-Auth-User, content-type"]), own);
    assert_eq!(
        allowed(&[b"cf-access-client-id, X-Reader , cf-access-client-id", b"x-more"]),
        [&own[..], &["cf-access-client-id", "x-reader", "x-more"]].concat()
    );
    // Within reason: what is no name of a header, what is long, and what is too much is left out.
    let long = "x".repeat(65);
    assert_eq!(allowed(&[b"a b, *\xff, ,x(y)", long.as_bytes()]), own);
    let many: Vec<String> = (0..200).map(|number| format!("x-{number}")).collect();
    let many = allowed(&[many.join(",").as_bytes()]);
    assert_eq!((many.len(), many.last().map(String::as_str)), (own.len() + 32, Some("x-31")));
}

/// Issue 15, small ones: a proxy's rule that denies `/metrics` lets other spellings pass.
#[test]
fn metrics_have_one_spelling() {
    let site = Site::with(|builder| builder.metrics(true));
    assert_eq!(site.send("GET", "/metrics", &[], None).status, 200);
    assert_eq!(site.send("GET", "/metrics?x=//", &[], None).status, 200);
    for path in
        ["//metrics", "/metrics/", "/%6detrics", "/metric%73", "///metrics", "/metrics//", "/./metrics", "/METRICS"]
    {
        for accept in ["*/*", "text/html"] {
            let reply = site.send("GET", path, &[("Accept", accept.as_bytes())], None);
            assert_eq!(reply.status, 404, "{path}");
            assert!(!reply.body.contains("kosync_"), "{path}");
        }
    }
    let mounted = crate::common::serve(Router::new().push(Router::with_path("sub").push(site.server.router())));
    let client = Client { address: mounted.address };
    assert_eq!(client.send("GET", "/sub/metrics", &[], None).status, 200);
    for path in ["//sub/metrics", "/sub//metrics", "/s%75b/metrics", "/sub/metrics/"] {
        assert_eq!(client.send("GET", path, &[], None).status, 404, "{path}");
    }
}

/// Issue 15, small ones: a page of another site made accounts on a server in its visitor's network.
#[test]
fn a_page_of_another_site_cannot_create_an_account() {
    let site = Site::with(|builder| builder.cors_origins(["https://web.readest.com".parse().unwrap()]));
    let mut number = 0;
    let mut register = |headers: &[(&str, &[u8])]| {
        number += 1;
        let body = serde_json::json!({ "username": format!("reader{number}"), "password": KEY }).to_string();
        exchange(site.client.address, &request("POST", "/users/create", headers, Some(&body))).shaped()
    };
    let message =
        "Pages of other sites cannot create accounts here. The server's setting `cors_origins` allows a site.";
    for origin in ["https://evil.example", "http://192.168.1.9", "http://localhost.evil.example:80"] {
        register(&[("Origin", origin.as_bytes())]).refused(403, 3403, message);
    }
    register(&[("Origin", b"null"), ("Sec-Fetch-Site", b"cross-site")]).refused(403, 3403, message);
    for origin in [
        "https://web.readest.com",
        "tauri://localhost",
        "http://tauri.localhost",
        "capacitor://localhost",
        "https://localhost",
        // The server's own, behind a proxy on another port.
        "https://localhost:8443",
        "null",
    ] {
        assert_eq!(register(&[("Origin", origin.as_bytes())]).status, 201, "{origin}");
    }
    assert_eq!(register(&[]).status, 201);
    let mut any = Site::with(|builder| builder.cors_origins(["*".parse().unwrap()]));
    let any = &mut any;
    let body = serde_json::json!({ "username": "ada", "password": KEY }).to_string();
    let reply = any.send("POST", "/users/create", &[("Origin", b"https://evil.example")], Some(&body));
    assert_eq!(reply.status, 201);
    // Log-in needs a key that the page does not have.
    let headers: [(&str, &[u8]); 3] =
        [("Origin", b"https://evil.example"), ("x-auth-user", b"reader5"), ("x-auth-key", KEY.as_bytes())];
    assert_eq!(site.send("GET", "/users/auth", &headers, None).status, 200);
}

//! Credentials: rules A1 to A5 of docs/protocol.md.

use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Site, position};

#[test]
fn a1_both_headers_are_needed() {
    let site = Site::with_ada();
    let (user, key) = (("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes()));
    assert_eq!(site.send("GET", "/users/auth", &[user, key], None).shaped().body, r#"{"authorized":"OK"}"#);
    for headers in [vec![], vec![user], vec![key], vec![user, ("x-auth-key", b"")], vec![("x-auth-user", b""), key]] {
        for (method, path) in [
            ("GET", "/users/auth"),
            ("PUT", "/syncs/progress"),
            ("GET", "/syncs/progress/x"),
            ("PUT", "/users/password"),
        ] {
            site.send(method, path, &headers, Some("{}")).unauthorized();
        }
        site.send("DELETE", "/users/me", &headers, None).unauthorized();
    }
    // Header names are case-insensitive.
    let other_case = [("X-Auth-User", user.1), ("X-AUTH-KEY", key.1)];
    assert_eq!(site.send("GET", "/users/auth", &other_case, None).status, 200);
}

#[test]
fn a2_a_key_is_any_string_and_its_case_counts() {
    let site = Site::start();
    for (index, key) in
        ["k", "ключ", "a key with spaces", &"long".repeat(200), &KEY.to_uppercase(), KEY].iter().enumerate()
    {
        let user = format!("user{index}");
        site.registered(&user, key);
        assert_eq!(site.login(&user, key).shaped().status, 200, "{key}");
    }
    site.login("user4", KEY).unauthorized();
    site.login("user5", &KEY.to_uppercase()).unauthorized();
}

/// Clients that send the plain password or its MD5 reach the same account.
#[test]
fn a2_a_password_and_its_md5_are_the_same_key() {
    let site = Site::start();
    site.registered("plain", "password");
    site.registered("hashed", KEY);
    for user in ["plain", "hashed"] {
        assert_eq!(site.login(user, "password").status, 200);
        assert_eq!(site.login(user, KEY).status, 200);
        site.login(user, "Password").unauthorized();
        site.login(user, OTHER_KEY).unauthorized();
    }
}

#[test]
fn a3_usernames_may_be_in_any_script() {
    let site = Site::start();
    let long = "ü".repeat(100);
    for user in
        ["*", "a b", "Jörg", "読書家", "📚 reader", "Ωμέγα", "a/b", "100%", "%41", "a\"b'c\\", "a\tb", "..", &long]
    {
        let reply = site.register(user, KEY).shaped();
        assert_eq!((reply.status, reply.json()), (201, json!({ "username": user })), "{user}");
        assert_eq!(site.login(user, KEY).status, 200, "{user}");
        site.login(user, OTHER_KEY).unauthorized();
        site.pushed(user, KEY, &position("book", user, 0.5));
        assert_eq!(site.pulled(user, KEY, "book")["progress"], user);
    }
}

/// Registration drops blanks at both ends of a name. HTTP drops them from a header value, too.
#[test]
fn a3_blanks_around_a_name_are_no_part_of_it() {
    let site = Site::start();
    site.registered(" ada ", KEY);
    assert_eq!(site.login("ada", KEY).status, 200);
    assert_eq!(site.login(" ada ", KEY).status, 200);
    site.register("ada", KEY).refused(402, 2002, "Username is already registered.");
}

#[test]
fn a6_credentials_that_are_not_utf8_and_belong_to_no_account_are_unauthorized() {
    let site = Site::with_ada();
    let headers = [("x-auth-user", b"J\xf6rg".as_slice()), ("x-auth-key", KEY.as_bytes())];
    site.send("GET", "/users/auth", &headers, None).unauthorized();
    let key = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", b"\xff\xfe".as_slice())];
    site.send("GET", "/users/auth", &key, None).unauthorized();
}

#[test]
fn a4_an_unknown_name_and_a_wrong_key_get_the_same_response() {
    let site = Site::with_ada();
    let routes = [
        ("GET", "/users/auth"),
        ("PUT", "/syncs/progress"),
        ("GET", "/syncs/progress/x"),
        ("PUT", "/users/password"),
        ("HEAD", "/users/auth"),
    ];
    for (method, path) in routes {
        let response = |user| {
            let reply = site.send_as(user, OTHER_KEY, method, path, Some("{}"));
            let headers: Vec<_> = reply.headers.into_iter().filter(|(name, _)| name != "date").collect();
            (reply.status, headers, reply.body)
        };
        let (known, unknown) = (response("ada"), response("nobody"));
        assert_eq!(known, unknown, "{method} {path}");
        assert_eq!(known.0, 401);
        let long = "x".repeat(300);
        assert_eq!(response(&long), unknown, "an invalid name");
    }
}

/// KOReader keeps a push that gets 429, and retries it.
#[test]
fn a5_too_many_failures_are_429_and_the_owner_still_logs_in() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let limited = (0..100).map(|guess| site.login("ada", &format!("guess {guess}"))).find(|reply| reply.status != 401);
    let limited = limited.expect("guessing is not limited").shaped();
    assert_eq!(limited.status, 429);
    assert_eq!(limited.json()["code"], 3429);
    let wait: u64 = limited.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=3600).contains(&wait), "{wait}");

    let push = site.push("mallory", KEY, &position("book", "p", 0.5)).shaped();
    assert_eq!(push.status, 429, "the address is limited, with any name");
    assert_eq!(site.login("ada", KEY).status, 200, "a verified key is never limited");
    site.pushed("ada", KEY, &position("book", "q", 0.6));
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "q");
}

/// Basic authentication accepts the plain password and the key.
#[test]
fn basic_is_accepted_instead_of_the_two_headers() {
    let site = Site::with_ada();
    site.registered("Jörg", "p:a:s");
    let status = |value: &str, headers: &[(&str, &str)]| {
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let all = [&[("Authorization", value.as_bytes())], headers.as_slice()].concat();
        site.send("GET", "/users/auth", &all, None).shaped().status
    };
    // ada:password, ada and its key, Jörg:p:a:s
    assert_eq!(status("Basic YWRhOnBhc3N3b3Jk", &[]), 200);
    assert_eq!(status("basic YWRhOjVmNGRjYzNiNWFhNzY1ZDYxZDgzMjdkZWI4ODJjZjk5", &[]), 200);
    assert_eq!(status("Basic SsO2cmc6cDphOnM=", &[]), 200);
    // ada:wrong, nobody:x, and headers that are not valid Basic
    for wrong in
        ["Basic YWRhOndyb25n", "Basic bm9ib2R5Ong=", "Basic YWRh", "Basic YWRhOg==", "Basic", "Basic ?", "Bearer x", ""]
    {
        assert_eq!(status(wrong, &[]), 401, "{wrong}");
    }
    // The two headers take precedence, right or wrong; one alone does not count.
    let (user, right, wrong) = (("x-auth-user", "ada"), ("x-auth-key", KEY), ("x-auth-key", OTHER_KEY));
    assert_eq!(status("Basic bm9ib2R5Ong=", &[user, right]), 200);
    assert_eq!(status("Basic YWRhOnBhc3N3b3Jk", &[user, wrong]), 401);
    assert_eq!(status("Basic YWRhOnBhc3N3b3Jk", &[user]), 200);

    let headers = [("Authorization", b"Basic YWRhOnBhc3N3b3Jk".as_slice())];
    let body = position("book", "p", 0.5).to_string();
    assert_eq!(site.send("PUT", "/syncs/progress", &headers, Some(&body)).shaped().status, 200);
    assert_eq!(site.send("GET", "/syncs/progress/book", &headers, None).json()["progress"], "p");
}

/// Each client behind a trusted proxy has its own limit.
#[test]
fn failures_are_counted_for_the_client_behind_a_trusted_proxy() {
    let guesses = |site: &Site, from: &dyn Fn(usize) -> String| {
        let statuses = (0..60).map(|guess| {
            let (key, from) = (format!("guess {guess}"), from(guess));
            let headers = [
                ("x-auth-user", b"ada".as_slice()),
                ("x-auth-key", key.as_bytes()),
                ("X-Forwarded-For", from.as_bytes()),
            ];
            site.send("GET", "/users/auth", &headers, None).status
        });
        statuses.filter(|status| *status == 401).count()
    };
    let trusting = Site::with(|builder| builder.trusted_proxies(["127.0.0.0/8".parse().unwrap()]));
    let one = guesses(&trusting, &|_| "198.51.100.1".into());
    assert!(one < 30, "one client made {one} guesses");
    let headers = [("x-auth-user", b"grace".as_slice()), ("x-auth-key", b"x"), ("X-Forwarded-For", b"198.51.100.2")];
    trusting.send("GET", "/users/auth", &headers, None).unauthorized();

    // Headers of an untrusted peer are ignored: its guesses count as those of one client.
    let untrusting = Site::start();
    let many = guesses(&untrusting, &|guess| format!("198.51.100.{guess}"));
    assert!(many < 30, "{many} guesses");
    // So is an entry that the client put before its proxy's.
    let trusting = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    let forged = guesses(&trusting, &|guess| format!("203.0.113.{guess}, 198.51.100.1"));
    assert!(forged < 30, "{forged} guesses");
}

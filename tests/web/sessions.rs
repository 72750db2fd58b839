//! Sessions, logins and forms of other sites.

use serde_json::json;

use crate::common::{KEY, OTHER_KEY, Reply, Site, position};
use crate::visitor::{ADMIN_PASSWORD, Visitor, cookie, forms, site};

#[test]
fn scripts_and_other_sites_do_not_get_the_session_s_cookie() {
    let site = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    site.registered("ada", KEY);
    let login = |origin: &[(&str, &[u8])]| {
        let fields = [("name", "ada"), ("password", "password")];
        cookie(&Visitor::anonymous(site.client).post_from("/login", &fields, origin))
    };
    let (token, attributes) = login(&[("origin", b"http://localhost")]);
    assert_eq!(attributes, "Max-Age=2592000; HttpOnly; SameSite=Lax");
    assert_eq!(token.strip_prefix("kosync=").unwrap().len(), 48, "36 bytes");
    let (other, attributes) = login(&[("origin", b"https://localhost"), ("x-forwarded-proto", b"https")]);
    assert_eq!(attributes, "Max-Age=2592000; HttpOnly; SameSite=Lax; Secure");
    assert_ne!(token, other);

    // A token with one bit changed has no session.
    let visitor = Visitor { client: site.client, cookie: token.clone() };
    assert!(visitor.is_logged_in());
    let forged = if token.ends_with('A') { "B" } else { "A" };
    assert!(!Visitor { client: site.client, cookie: format!("{}{forged}", &token[..token.len() - 1]) }.is_logged_in());
    for garbage in ["kosync=", "kosync=%", "kosync=AAAA", "x", "kosync"] {
        assert!(!Visitor { client: site.client, cookie: garbage.into() }.is_logged_in(), "{garbage}");
    }
    // A cookie of another server, sent before ours, does not hide ours.
    assert!(Visitor { client: site.client, cookie: format!("a=b; kosync=stale; {token}") }.is_logged_in());

    let reply = visitor.post("/logout", &[]);
    assert_eq!(cookie(&reply), ("kosync=".into(), "Max-Age=0; HttpOnly; SameSite=Lax".into()));
    assert!(!visitor.is_logged_in());
    assert!(Visitor { client: site.client, cookie: other }.is_logged_in(), "the other browser stays logged in");
}

#[test]
fn only_a_trusted_proxy_can_say_that_the_browser_speaks_tls() {
    let site = site();
    let fields = [("name", "ada"), ("password", "password")];
    let origin: [(&str, &[u8]); 2] = [("origin", b"http://localhost"), ("x-forwarded-proto", b"https")];
    let reply = Visitor::anonymous(site.client).post_from("/login", &fields, &origin);
    assert_eq!(cookie(&reply).1, "Max-Age=2592000; HttpOnly; SameSite=Lax");
}

#[test]
fn changing_the_password_ends_all_other_sessions() {
    let site = site();
    let change =
        |visitor: &Visitor, old, new| visitor.post("/password", &[("current", old), ("new", new), ("again", new)]);
    let (here, elsewhere) =
        (Visitor::log_in(site.client, "ada", "password"), Visitor::log_in(site.client, "ada", "password"));
    let reply = change(&here, "password", "test");
    assert_eq!(reply.header("location"), Some("./account"), "{reply:?}");
    assert!(!elsewhere.is_logged_in());
    let here = Visitor { client: site.client, cookie: cookie(&reply).0 };
    assert!(here.is_logged_in());

    // A device changes the password, over the protocol.
    let body = json!({ "password": KEY }).to_string();
    assert_eq!(site.send_as("ada", OTHER_KEY, "PUT", "/users/password", Some(&body)).status, 200);
    assert!(!here.is_logged_in());
    // An administrator changes it.
    let here = Visitor::log_in(site.client, "ada", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    assert_eq!(admin.post("/accounts/2/password", &[("new", "test"), ("again", "test")]).status, 303);
    assert!(!here.is_logged_in());
    // An administrator disables the account and enables it again.
    let here = Visitor::log_in(site.client, "ada", "test");
    assert_eq!(admin.post("/accounts/2/active", &[("active", "no")]).status, 303);
    assert_eq!(admin.post("/accounts/2/active", &[("active", "yes")]).status, 303);
    assert!(!here.is_logged_in());
    // The account is deleted, and created again with the same password.
    assert_eq!(admin.post("/accounts/2/delete", &[]).status, 303);
    site.registered("ada", OTHER_KEY);
    assert!(!here.is_logged_in());
}

#[test]
fn every_failed_login_gets_the_same_answer() {
    let site = site();
    let visitor = Visitor::anonymous(site.client);
    let attempt = |name: &str, password: &str| visitor.post("/login", &[("name", name), ("password", password)]);
    let refused = |reply: Reply| {
        assert_eq!((reply.status, reply.header("set-cookie")), (403, None), "{reply:?}");
        assert!(reply.body.contains("The name or the password is wrong."), "{reply:?}");
    };
    for (name, password) in [("ada", "wrong"), ("nobody", "password"), ("a:b", "x"), ("", ""), ("ada", "")] {
        refused(attempt(name, password));
    }
    // A device's key is no password: it does not log in here.
    refused(attempt("ada", KEY));
    let reply = (0..40).map(|number| attempt("ada", &number.to_string())).find(|reply| reply.status != 403).unwrap();
    assert_eq!(reply.status, 429);
    assert!(reply.header("retry-after").is_some(), "{reply:?}");
    assert!(reply.body.contains("Too many failed logins. Try again in "), "{reply:?}");
}

#[test]
fn a_form_of_another_site_changes_nothing() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    let origins: [&[(&str, &[u8])]; 6] = [
        &[],
        &[("origin", b"null")],
        &[("origin", b"http://localhost.evil.example")],
        &[("origin", b"http://localhost:8080")],
        &[("referer", b"http://evil.example/http://localhost/")],
        &[("origin", b"http://localhost"), ("sec-fetch-site", b"cross-site")],
    ];
    for origin in origins {
        for visitor in [&ada, &admin] {
            for (path, fields) in forms() {
                let reply = visitor.post_from(&path, &fields, origin);
                assert_eq!(reply.status, 403, "{path}: {reply:?}");
                assert!(reply.body.contains("Nothing was changed"), "{path}: {reply:?}");
            }
        }
        let fields = [("name", "ada"), ("password", "password")];
        assert_eq!(Visitor::anonymous(site.client).post_from("/login", &fields, origin).status, 403);
    }
    assert!(ada.is_logged_in() && admin.is_logged_in());
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    assert_eq!(site.server.store().users().unwrap().len(), 3);
    assert!(site.server.registration().unwrap());
}

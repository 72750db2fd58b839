//! The page of device passwords, and that a device password opens no page.

use crate::common::{KEY, OTHER_KEY, Site, percent_encoded, position};
use crate::visitor::{ADMIN_PASSWORD, Visitor, cookie, pages, site};

const PATH: &str = "/device-passwords";

/// Returns the password that a page shows, if it shows one.
fn shown(page: &str) -> Option<String> {
    let code = page.split("<code class=\"address\">").nth(1)?;
    Some(code.split('<').next()?.to_owned()).filter(|text| text.len() == 31)
}

fn make(visitor: &Visitor, name: &str) -> String {
    let reply = visitor.post(PATH, &[("name", name)]);
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("no-store")), "{reply:?}");
    assert_eq!((reply.header("location"), reply.header("set-cookie")), (None, None));
    shown(&reply.body).unwrap_or_else(|| panic!("{}", reply.body))
}

/// Returns the path at which the only device password of the page is revoked.
fn revoke_path(page: &str) -> String {
    let action = page.split("action=\"./device-passwords/").nth(1).unwrap_or_else(|| panic!("{page}"));
    format!("{PATH}/{}", action.split('"').next().unwrap())
}

#[test]
fn a_device_password_is_made_shown_once_and_revoked() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    assert!(ada.get("/account").body.contains("href=\"./device-passwords\""));
    let password = make(&ada, "Kobo <b>");
    site.pushed("ada", &password, &position("book", "p", 0.5));
    let listed = ada.get(PATH).body;
    assert!(listed.contains("Kobo &#60;b&#62;") && listed.contains("You have 1 of at most 100"), "{listed}");
    for path in pages() {
        assert!(!ada.get(&path).body.contains(&password), "{path}");
    }
    // The use is written without a wait.
    let used =
        crate::common::wait_until("the use", || Some(ada.get(PATH).body).filter(|page| page.contains("last used on")));
    assert!(used.contains("127.0.0.0/24"), "{used}");
    // Of another account's, nothing is listed or revoked.
    let grace = Visitor::log_in(site.client, "grace", "password");
    assert!(!grace.get(PATH).body.contains("Kobo"));
    let path = revoke_path(&listed);
    assert_eq!(grace.post(&path, &[]).status, 303);
    assert_eq!(site.login("ada", &password).status, 200);
    for _ in 0..2 {
        let reply = ada.post(&path, &[]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("../../device-passwords")));
    }
    site.login("ada", &password).unauthorized();
    assert!(!ada.get(PATH).body.contains("Kobo"));
    assert_eq!(ada.post("/device-passwords/x/revoke", &[]).status, 404);
}

#[test]
fn a_name_that_cannot_be_is_shown_again_with_the_reason() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    for (name, reason) in [("", "name is empty"), ("a\u{1}b", "control characters"), (&"x".repeat(65), "64 characters")]
    {
        let reply = ada.post(PATH, &[("name", name)]);
        assert!(reply.status == 400 && reply.body.contains(reason), "{reply:?}");
        assert_eq!(shown(&reply.body), None);
    }
    assert!(ada.post(PATH, &[("name", &"x".repeat(65))]).body.contains(&"x".repeat(65)));
    for _ in 0..100 {
        make(&ada, "Kobo");
    }
    let reply = ada.post(PATH, &[("name", "one more")]);
    assert!(reply.status == 400 && reply.body.contains("you have 100, as many as"), "{reply:?}");
}

/// A device password cannot log in, open a page by headers or confirm changes. An administrator's device password
/// cannot do so either.
#[test]
fn a_device_password_opens_no_page() {
    let site: Site = site();
    for (name, password) in [("ada", "password"), ("admin", ADMIN_PASSWORD)] {
        let visitor = Visitor::log_in(site.client, name, password);
        let device = make(&visitor, "Kobo");
        let anonymous = Visitor::anonymous(site.client);
        let reply = anonymous.post("/login", &[("name", name), ("password", &device)]);
        assert_eq!((reply.status, reply.header("set-cookie")), (403, None), "{reply:?}");
        assert!(reply.body.contains("This is a device password."), "{reply:?}");
        let headers =
            [("x-auth-user", name.as_bytes()), ("x-auth-key", device.as_bytes()), ("accept", b"text/html".as_slice())];
        for path in pages()
            .into_iter()
            .chain(["/accounts".into(), "/transfer".into()])
            .filter(|path| !["/login", "/register"].contains(&path.as_str()))
        {
            let reply = site.send("GET", &path, &headers, None);
            assert_eq!((reply.status, reply.body.as_str()), (303, ""), "{path}");
        }
        for (path, fields) in [
            ("/password", vec![("current", device.as_str()), ("new", "x"), ("again", "x")]),
            ("/delete-account", vec![("password", device.as_str())]),
        ] {
            let reply = visitor.post(path, &fields);
            assert_eq!(reply.status, 403, "{path}: {reply:?}");
        }
        assert!(visitor.is_logged_in());
    }
}

/// The page says so, and it is so.
#[test]
fn devices_with_a_password_of_their_own_stay_logged_in_when_the_account_s_changes() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let device = make(&ada, "Kobo");
    let page = ada.get("/account").body;
    assert!(page.contains("these stay logged in. Revoke the device passwords that you do not know"), "{page}");
    let reply = ada.post("/password", &[("current", "password"), ("new", "test"), ("again", "test")]);
    assert_eq!(reply.status, 303, "{reply:?}");
    let ada = Visitor { cookie: cookie(&reply).0, ..ada };
    site.login("ada", KEY).unauthorized();
    assert_eq!(site.login("ada", OTHER_KEY).status, 200);
    site.pushed("ada", &device, &position("book", "p", 0.5));
    assert_eq!(ada.post(&revoke_path(&ada.get(PATH).body), &[]).status, 303);
    site.login("ada", &device).unauthorized();
    // In an address, a password would reach logs and histories.
    let reply = site.send("GET", &format!("{PATH}?password={}", percent_encoded(&device)), &[], None);
    assert_eq!(reply.status, 303);
}

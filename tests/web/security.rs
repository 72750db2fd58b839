//! Tests what pages load, what they show of hostile text, and who can change what. Also tests who can see what.

use serde_json::json;

use crate::common::{KEY, position};
use crate::visitor::{ADMIN_PASSWORD, Visitor, book_path, forms, pages, site};

#[test]
fn pages_load_and_run_our_own_assets_only() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let others = ["/accounts", "/nowhere"].map(str::to_owned);
    for path in pages().into_iter().chain(others) {
        let reply = ada.get(&path);
        let policy = reply.header("content-security-policy").unwrap_or_else(|| panic!("{path}: {reply:?}"));
        assert!(policy.starts_with("default-src 'none'; style-src 'self'; script-src 'self';"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(reply.header("referrer-policy"), Some("same-origin"));
        assert_eq!(reply.header("cache-control"), Some("no-store"), "{path}");
        assert!(
            !reply.body.contains(" style=") && !reply.body.contains("<script>"),
            "{path} has an inline style or script"
        );
        assert!(!reply.body.contains("href=\"/") && !reply.body.contains("action=\"/"), "{path} has an absolute link");
    }
    // The assets exist, and browsers may cache them.
    let page = ada.get("/").body;
    for name in ["kosync.css", "kosync.js", "icon.svg"] {
        let start = page.find(&format!("assets/{name}?v=")).unwrap_or_else(|| panic!("{name}: {page}"));
        let address = format!("/{}", page[start..].split('"').next().unwrap());
        let reply = Visitor::anonymous(site.client).get(&address);
        assert_eq!(reply.status, 200, "{address}");
        assert_eq!(reply.header("cache-control"), Some("public, max-age=31536000, immutable"));
        assert!(reply.body.len() < 40 * 1024, "{name} is too large");
    }
}

/// Titles, names, devices and positions come from clients. Pages show them as text, whatever they contain.
#[test]
fn hostile_text_is_escaped_on_every_page() {
    const HOSTILE: [&str; 7] = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\" onfocus=alert(1) autofocus x=\"",
        "' onfocus=alert(1) autofocus x='",
        "</title></textarea></svg><iframe srcdoc=x>",
        "&lt;b&gt;&#60;i&#62;<b>",
        "{{ 7*7 }}${7*7}<!-- \u{202e}\u{0}\u{1b}\u{ffff}",
    ];
    let site = site();
    let ignored = ["bdi", "span", "time", "progress", "button", "path", "title", "td"];
    let tags = |body: &str| -> Vec<String> {
        let mut tags: Vec<String> = body
            .split('<')
            .skip(1)
            .map(|rest| {
                rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '!' && c != '/').next().unwrap().to_owned()
            })
            .filter(|tag| !ignored.contains(&tag.trim_start_matches('/')))
            .collect();
        tags.sort();
        tags
    };
    // The tags of the same pages with harmless text.
    let mut expected = Vec::new();
    for text in ["harmless"].into_iter().chain(HOSTILE) {
        let name = format!("ada {}", text.replace([':', '\0', '\u{1b}'], ""));
        site.registered(&name, KEY);
        let document = text.replace([':', '\0'], "");
        let metadata = json!({ "title": text, "authors": text, "filename": text });
        for progress in ["before", text] {
            let body = json!({
                "document": document, "progress": progress, "percentage": 0.5, "device": text, "device_id": text,
                "metadata": metadata,
            });
            site.pushed(&name, KEY, &body);
            // Its page and the other's suggest that they are one book.
            let mut twin = body.clone();
            twin["document"] = json!("twin");
            site.pushed(&name, KEY, &twin);
        }
        let visitor = Visitor::log_in(site.client, &name, "password");
        let pages = [
            "/".into(),
            "/books".into(),
            "/devices".into(),
            "/account".into(),
            "/activity".into(),
            book_path(&document),
            format!("{}/delete", book_path(&document)),
            format!("{}/join", book_path(&document)),
            book_path("twin"),
        ];
        let found =
            visitor.post("/books", &[("search", text)]).header("location").unwrap().trim_start_matches('.').to_owned();
        let renamed =
            visitor.post(&format!("{}/rename", book_path(&document)), &[("name", &document.replace('\u{1b}', ""))]);
        assert_eq!(renamed.status, 303, "{renamed:?}");
        let wrong = visitor.post("/login", &[("name", text), ("password", "x")]);
        let bodies: Vec<String> =
            pages.iter().chain([&found]).map(|page| visitor.get(page).body).chain([wrong.body]).collect();
        if expected.is_empty() {
            expected = bodies.iter().map(|body| tags(body)).collect();
        }
        for (body, expected) in bodies.iter().zip(&expected) {
            assert_eq!(tags(body), *expected, "{text}: {body}");
            assert!(!body.contains("\" onfocus") && !body.contains("' onfocus"), "{body}");
            // HTML has no control characters but white space.
            assert!(!body.contains(|c: char| c.is_control() && c != '\n'), "{text}: {body:?}");
            assert!(!body.contains('\u{ffff}'), "{text}: {body:?}");
        }
        let body = json!({ "password": KEY }).to_string();
        assert_eq!(site.send_as(&name, KEY, "DELETE", "/users/me", Some(&body)).status, 200);
    }
}

/// Every route is in the lists of pages and forms. The tests of other sites and other users go through these lists.
#[test]
fn the_lists_of_pages_and_forms_are_complete() {
    let source = include_str!("../../src/http/dashboard/mod.rs");
    let mut routes: Vec<String> = source
        .split("push(self.")
        .skip(1)
        .filter(|rest| ["page(", "file(", "action("].iter().any(|kind| rest.starts_with(kind)))
        .map(|rest| format!("/{}", rest.split('"').nth(1).unwrap()))
        .map(|path| {
            path.replace("/{book}", &book_path("book")["/books".len()..])
                .replace("{number}", "2")
                .replace("{device}", "0")
                .replace("{program}", "koreader")
                .replace("{day}", "2024-01-01")
                .replace("{month}", "2024-01")
                .replace("{year}", "2024")
        })
        .collect();
    let forms = forms().into_iter().map(|(path, _)| path);
    let for_administrators = ["/accounts/2", "/server"].map(str::to_owned);
    let mut listed: Vec<String> = pages().into_iter().chain(forms).chain(for_administrators).collect();
    for list in [&mut routes, &mut listed] {
        list.sort();
        list.dedup();
    }
    assert_eq!(listed, routes);
}

#[test]
fn data_of_other_accounts_is_out_of_reach() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "first", 0.25));
    site.pushed("ada", KEY, &position("book", "second", 0.5));
    site.pushed("grace", KEY, &position("other", "p", 0.125));
    let before = site.server.store().users().unwrap();
    let grace = Visitor::log_in(site.client, "grace", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    for visitor in [&grace, &admin] {
        for path in pages() {
            let reply = visitor.get(&path);
            let expected = match path.as_str() {
                "/login" | "/register" => 303,
                book if book.starts_with("/books/") || book.starts_with("/statistics/") => 404,
                "/files/download" => 404,
                _ => 200,
            };
            assert_eq!(reply.status, expected, "{path}");
            assert!(!reply.body.contains("50%") && !reply.body.contains("25%"), "{path}: {}", reply.body);
        }
        for (path, fields) in forms().into_iter().filter(|(path, _)| path.starts_with("/books/")) {
            assert_eq!(visitor.post(&path, &fields).status, 404, "{path}");
        }
    }
    // Ada's positions cannot be put back by Grace, whose own is the third.
    for sequence in ["1", "2"] {
        let reply = grace.post(&format!("{}/put-back", book_path("other")), &[("sequence", sequence)]);
        assert_eq!(reply.status, 400, "{reply:?}");
    }
    assert_eq!(grace.post(&format!("{}/put-back", book_path("other")), &[("sequence", "3")]).status, 303);
    // Pages for administrators.
    for path in ["/accounts", "/accounts/2", "/accounts/2/delete", "/transfer", "/server"] {
        assert_eq!(grace.get(path).status, 403, "{path}");
        assert_eq!(admin.get(path).status, 200, "{path}");
    }
    for (path, fields) in
        forms().into_iter().filter(|(path, _)| path.starts_with("/accounts") || path == "/registration")
    {
        assert_eq!(grace.post(&path, &fields).status, 403, "{path}");
    }
    // Without a session, everything leads to the login.
    let anonymous = Visitor::anonymous(site.client);
    let of_login = |path: &String| ["/login", "/register"].contains(&path.as_str());
    for path in pages().into_iter().chain(["/accounts".into(), "/accounts/2".into()]).filter(|path| !of_login(path)) {
        let reply = anonymous.get(&path);
        assert_eq!(reply.status, 303, "{path}");
        assert!(reply.header("location").unwrap().contains("./login") && reply.body.is_empty(), "{reply:?}");
    }
    for (path, fields) in forms() {
        let reply = anonymous.post(&path, &fields);
        let needs_none = ["/logout", "/theme", "/switch-account"].contains(&path.as_str());
        let expected = if needs_none { 303 } else { 403 };
        assert_eq!(reply.status, expected, "{path}");
    }
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "second");
    let names = |users: &[kosync::User]| users.iter().map(|user| (user.name.clone(), user.active)).collect::<Vec<_>>();
    assert_eq!(names(&site.server.store().users().unwrap()), names(&before));
    assert_eq!(site.login("ada", KEY).status, 200);
    assert!(site.server.registration().unwrap());
}

#[test]
fn the_account_admin_cannot_be_deleted_or_disabled() {
    let site = site();
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    for (path, fields) in [
        ("/accounts/1/delete", vec![]),
        ("/accounts/1/active", vec![("active", "no")]),
        ("/accounts/1/password", vec![("new", "x"), ("again", "x")]),
        ("/delete-account", vec![("password", ADMIN_PASSWORD)]),
    ] {
        let reply = admin.post(path, &fields);
        assert_eq!(reply.status, 400, "{path}: {reply:?}");
        assert!(reply.body.contains("account admin can"), "{path}: {reply:?}");
    }
    assert!(admin.is_logged_in());
    let account = admin.get("/account").body;
    assert!(account.contains("The server’s configuration sets this password") && !account.contains("Delete account"));
}

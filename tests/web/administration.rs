//! Tests what administrators, and only they, see of all accounts and of the server.

use crate::common::{KEY, Site, position, wait_until};
use crate::visitor::{ADMIN_PASSWORD, Visitor, site};

fn admin(site: &Site) -> Visitor {
    Visitor::log_in(site.client, "admin", ADMIN_PASSWORD)
}

/// Returns the value of a fact of the server's page, and where it is from.
#[track_caller]
fn fact(page: &str, label: &str) -> (String, String) {
    let fact = page.split(&format!("<dt>{label}</dt>")).nth(1).unwrap_or_else(|| panic!("{label}: {page}"));
    let fact = fact.split("</dd>").next().unwrap();
    let (value, source) = fact.split_once("<span class=\"quiet source\">").unwrap();
    let text = |html: &str| {
        html.split('<').map(|part| part.split_once('>').map_or(part, |(_, text)| text)).collect::<String>()
    };
    (text(value).trim().to_owned(), text(source).trim().to_owned())
}

/// Reads `780 KiB` or `1.5 MiB`.
#[track_caller]
fn mebibytes(text: &str) -> f64 {
    let (number, unit) = text.split_once('\u{a0}').unwrap_or_else(|| panic!("{text}"));
    let number: f64 = number.parse().unwrap();
    match unit {
        "KiB" => number / 1024.0,
        "MiB" => number,
        _ => panic!("{text}"),
    }
}

/// The account `admin` cannot be deleted, so nothing asks whether it is to be.
#[test]
fn nothing_asks_whether_the_account_admin_is_to_be_deleted() {
    let site = site();
    let reply = admin(&site).get("/accounts/1/delete");
    assert_eq!((reply.status, reply.header("location")), (303, Some("../../accounts/1")));
    assert!(admin(&site).get("/accounts/2/delete").body.contains("reading days and files"));
}

#[test]
fn the_server_s_page_says_how_it_is_and_where_each_number_is_from() {
    let site = site();
    let page = admin(&site).get("/server").body;
    assert_eq!(fact(&page, "Version").0, env!("CARGO_PKG_VERSION"));
    assert_eq!(fact(&page, "Health").0, "Good: the data can be read, and its files are in place.");
    assert_eq!(fact(&page, "Data directory").0, site.server.store().path().display().to_string());
    let number = |label| mebibytes(&fact(&page, label).0);
    let file = site.server.store().size().unwrap() as f64 / f64::from(1 << 20);
    assert!((number("Data file") - file).abs() < 0.06, "{page}");
    assert!(number("Of which in use") <= number("Data file"), "{page}");
    assert!(fact(&page, "Can grow to").0.ends_with("\u{a0}GiB"), "{page}");
    assert_eq!(fact(&page, "Waiting writes").0, "0 of 1,024");
    // This page's own, once the server has seen the end of those before it.
    let visitor = admin(&site);
    wait_until("one open connection", || {
        let page = visitor.get("/server").body;
        (fact(&page, "Open connections").0.split(' ').next() == Some("1")).then_some(())
    });
    assert_eq!(
        (fact(&page, "Last backup").0.as_str(), fact(&page, "Last export").0.as_str()),
        ("none known", "none known")
    );
    for part in page.split("<dt>").skip(1) {
        let label = part.split('<').next().unwrap();
        assert!(fact(&page, label).1.ends_with('.'), "{label} is from nowhere: {page}");
    }
    assert!(page.contains("They are in the log of the program that contains this server."), "{page}");
}

#[test]
fn backups_and_exports_are_noted_whoever_made_them() {
    let site = site();
    let admin = admin(&site);
    let dir = tempfile::tempdir().unwrap();
    site.server.store().backup(&dir.path().join("kosync.mdb"), false).unwrap();
    // A write that is acknowledged comes after the note.
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let page = admin.get("/server").body;
    assert_eq!(
        (fact(&page, "Last backup").0.as_str(), fact(&page, "Last export").0.as_str()),
        ("just now", "none known")
    );
    #[cfg(feature = "import")]
    {
        let mut export = Vec::new();
        // One account is no export of all.
        assert_eq!(admin.get("/server").status, 200);
        kosync::import::export(site.server.store(), dir.path(), &mut export, |_| ()).unwrap();
        site.pushed("ada", KEY, &position("book", "q", 0.6));
        assert_eq!(fact(&admin.get("/server").body, "Last export").0, "just now");
    }
}

#[test]
fn the_server_s_page_and_the_exports_of_accounts_are_for_administrators() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    for path in ["/server", "/transfer/export?account=2", "/transfer/export?account=99"] {
        let refused = ada.get(path);
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
        assert!(!refused.body.contains("data.mdb"), "{refused:?}");
    }
    assert!(!ada.get("/").body.contains("href=\"./server\""));
    assert_eq!(Visitor::anonymous(site.client).get("/server").status, 303);
    assert!(admin(&site).get("/").body.contains("href=\"./server\""));
}

/// A form that is not whole disables no account, and shows no hidden book.
#[test]
fn a_form_that_chooses_nothing_changes_nothing() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let (admin, ada) = (admin(&site), Visitor::log_in(site.client, "ada", "password"));
    assert_eq!(ada.post("/books/Ym9vaw/hidden", &[("hidden", "yes")]).status, 303);
    for form in
        [&[][..], &[("active", ""), ("open", ""), ("hidden", "")], &[("active", "1"), ("open", "1"), ("hidden", "1")]]
    {
        assert_eq!(admin.post("/accounts/2/active", form).status, 400, "{form:?}");
        assert_eq!(admin.post("/registration", form).status, 400, "{form:?}");
        assert_eq!(ada.post("/books/Ym9vaw/hidden", form).status, 400, "{form:?}");
    }
    assert_eq!(site.login("ada", KEY).status, 200);
    let document = site.send_as("ada", KEY, "GET", "/api/v1/documents/book", None).json();
    assert_eq!(document["hidden"], true, "{document}");
    site.registered("new", KEY);
}

#[test]
fn the_list_of_accounts_says_what_each_has_and_may_have() {
    let site = site();
    let long = "x".repeat(1 << 10);
    for number in 0..200 {
        site.pushed("ada", KEY, &position(&format!("book {number}"), &long, 0.5));
    }
    let admin = admin(&site);
    let list = admin.get("/accounts").body;
    let row = list.split("<tr>").find(|row| row.contains("<bdi>ada</bdi>")).unwrap();
    let cells: Vec<&str> =
        row.split("class=\"number").skip(1).map(|cell| cell.split(['<', '>']).nth(1).unwrap()).collect();
    assert_eq!(cells[0], "200");
    assert!((0.1..5.0).contains(&mebibytes(cells[1])), "{cells:?}");
    assert_eq!(cells[2], "0 bytes");
    assert!(list.contains("may have 10,000 books, 64\u{a0}MiB of positions and 256\u{a0}MiB of files"), "{list}");
    let account = admin.get("/accounts/2").body;
    assert!(
        account.contains("200 of 10,000") && account.contains(&format!("{} of 64\u{a0}MiB", cells[1])),
        "{account}"
    );
}

#[cfg(feature = "import")]
#[test]
fn an_account_is_exported_alone() {
    let site = site();
    for name in ["ada", "grace"] {
        site.pushed(name, KEY, &position(&format!("book of {name}"), "p", 0.5));
    }
    let admin = admin(&site);
    let (head, body) = crate::transfer::download(&admin, "/transfer/export?account=2");
    let text = String::from_utf8(body).unwrap();
    assert!(head.contains("filename=\"kosync-account-2-"), "{head}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4, "{text}");
    assert!(text.contains("book of ada") && !text.contains("grace") && !text.contains("\"admin\""), "{text}");
    assert!(lines[3].contains("\"accounts\":1,\"documents\":1"), "{text}");
    assert_eq!(admin.get("/transfer/export?account=99").status, 404);
    assert_eq!(admin.get("/transfer/export?account=").status, 404);
    // It is no export of all accounts.
    assert_eq!(fact(&admin.get("/server").body, "Last export").0, "none known");
}

//! Accounts have a size: documents, bytes, and what the disk must keep free.

use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get, push};
use super::joined::{KOBO, PHONE, TABLET, join, xpointer};
use crate::common::{KEY, Site, position};

fn site(settings: impl FnOnce(kosync::Builder) -> kosync::Builder) -> Site {
    let site = Site::with(|builder| settings(builder.min_free_disk(0)));
    site.registered("ada", KEY);
    site
}

#[test]
fn a_push_of_one_document_too_many_is_507() {
    let site = site(|builder| builder.max_documents(2));
    for document in ["a", "b", "a"] {
        site.pushed("ada", KEY, &position(document, "p", 0.5));
    }
    let message = "The account has as many documents as it may have. Delete some of them on the dashboard, or ask the \
                   administrator for a greater 'max_documents'.";
    site.push("ada", KEY, &position("c", "p", 0.5)).refused(507, 3507, message);
    // The titles of a push that is refused are not stored either.
    let mut titled = position("c", "p", 0.5);
    titled["metadata"] = json!({ "title": "Emma" });
    site.push("ada", KEY, &titled).refused(507, 3507, message);
    assert_eq!(site.pull("ada", KEY, "c").body, "{}");
    assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
    let account = get(&site, "/api/v1/account");
    assert_eq!((&account["documents"], &account["max_documents"]), (&json!(2), &json!(2)));
    as_ada(&site, "DELETE", &document_path("b", ""), None);
    site.pushed("ada", KEY, &position("c", "p", 0.5));
}

/// Attack 4 of the issue on abuse: one account filled 120 MB in a second.
#[test]
fn positions_beyond_the_bytes_of_an_account_are_507() {
    const MAX: u64 = 100_000;
    let site = site(|builder| builder.max_account_bytes(MAX));
    site.registered("grace", KEY);
    let large = "\u{1}".repeat(8 << 10);
    let mut refused = 0;
    for number in 0..20 {
        // Twice each: the first goes into the history, and leaves it for the others.
        for _ in 0..2 {
            let reply = site.push("ada", KEY, &position(&number.to_string(), &large, 0.5)).shaped();
            if reply.status == 507 {
                refused += 1;
                let message = "The account's positions take as much space as it may have. Delete some documents on the dashboard, \
                               or ask the administrator for a greater 'max_account_bytes'.";
                assert_eq!(reply.json(), json!({ "code": 3507, "message": message }));
            }
        }
    }
    assert!(refused >= 20, "{refused}");
    let account = get(&site, "/api/v1/account");
    let bytes = account["bytes"].as_u64().unwrap();
    assert_eq!((&account["username"], &account["max_bytes"]), (&json!("ada"), &json!(MAX)));
    // Each position takes three pages, and its entry in the history as much: the last push that was taken is beyond.
    assert!((50_000..MAX + 30_000).contains(&bytes), "{account}");
    // Pulls and other accounts go on, and what is there already can be updated.
    assert_eq!(site.pulled("ada", KEY, "0")["progress"], Value::from(large.clone()));
    site.pushed("ada", KEY, &position("0", &large, 0.6));
    site.pushed("grace", KEY, &position("0", "p", 0.5));
    let history = get(&site, &document_path("0", "/history"));
    assert_eq!(history["history"].as_array().unwrap().len(), 1, "only the current one is kept");
}

/// A book's current position may not be that of the document it was pushed for.
#[test]
fn i7_a_full_account_keeps_the_current_position_of_its_books() {
    let site = site(|builder| builder.max_account_bytes(100_000).current_position(kosync::PositionRule::Furthest));
    push(&site, "one", &xpointer(70), 0.7, TABLET);
    push(&site, "two", &xpointer(10), 0.1, PHONE);
    join(&site, "one", "two");
    assert_eq!(as_ada(&site, "POST", &document_path("two", "/start-over"), None).status, 200);
    push(&site, "one", &xpointer(31), 0.31, KOBO);
    push(&site, "one", &xpointer(20), 0.2, PHONE);
    for number in 0..40 {
        let _ = site.push("ada", KEY, &position(&number.to_string(), &"\u{1}".repeat(8 << 10), 0.5));
    }
    let history = get(&site, &document_path("one", "/history"))["history"].take();
    let current: Vec<_> = history.as_array().unwrap().iter().filter(|entry| entry["current"] == true).collect();
    assert_eq!((current.len(), &current[0]["percentage"]), (1, &json!(0.31)), "{history}");
    assert_eq!(
        history.as_array().unwrap().len(),
        4,
        "the newest, the current ones, and that of the other file: {history}"
    );
    assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
}

#[test]
fn little_free_disk_refuses_new_documents_alone() {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::with(|builder| builder.data_dir(dir.path()).min_free_disk(0));
    site.registered("ada", KEY);
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    drop(site);
    let site = Site::with(|builder| builder.data_dir(dir.path()).min_free_disk(u64::MAX));
    let message = "The server's disk has little space left, so it stores no new documents.";
    site.push("ada", KEY, &position("new", "p", 0.5)).refused(507, 3507, message);
    site.pushed("ada", KEY, &position("book", "q", 0.6));
}

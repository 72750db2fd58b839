//! Tests joined documents [I7] together with aliases and identifiers [I3] [I5]. Files also join and leave a book that
//! is read.

use kosync::PositionRule;
use kosync::store::Transferred;
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, field_of_each, get, ok, push, rename};
use super::identifiers::{pulled, pushed};
use super::joined::{KOBO, PHONE, TABLET, join, joined, part, site_under, xpointer};
use crate::common::{KEY, OTHER_KEY, Site, position};

/// Starts a server with a joined book that the Kobo read to 60 %. The phone opened one of its files once. A third file
/// was read to 30 %.
fn opened_on_the_phone(rule: PositionRule) -> Site {
    let site = site_under(rule);
    push(&site, "third", &xpointer(30), 0.3, TABLET);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    join(&site, "one", "two");
    push(&site, "two", &xpointer(1), 0.01, PHONE);
    site
}

#[track_caller]
fn assert_at_60(site: &Site, rule: PositionRule, what: &str) {
    for (document, device) in [("one", "Kobo"), ("two", "Kobo (other copy)")] {
        let pulled = site.pulled("ada", KEY, document);
        assert_eq!((&pulled["percentage"], &pulled["progress"]), (&json!(0.6), &json!(xpointer(60))), "{rule}, {what}");
        assert_eq!(pulled["device"], device, "{rule}, {what}");
    }
}

/// What devices pushed is judged once: the position that files share does not change because another file comes or goes.
#[test]
fn i7_a_file_that_joins_or_leaves_does_not_move_the_others() {
    for rule in [PositionRule::Newest, PositionRule::Furthest] {
        let site = opened_on_the_phone(rule);
        assert_at_60(&site, rule, "at first");
        push(&site, "one", &xpointer(59), 0.59, KOBO);
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        // The phone goes where it is sent, and is closed there: by itself, its file would be read later than the other one.
        push(&site, "two", &xpointer(60), 0.6, PHONE);
        assert_at_60(&site, rule, "the phone followed");
        join(&site, "two", "nobody's");
        assert_at_60(&site, rule, "a file that nobody has pushed was joined");
        join(&site, "third", "one");
        assert_at_60(&site, rule, "another file was joined");
        join(&site, "one", "fourth");
        part(&site, "one", "nobody's");
        assert_at_60(&site, rule, "a file was parted");
        ok(as_ada(&site, "DELETE", &document_path("third", ""), None));
        assert_at_60(&site, rule, "a file was deleted");
        // The phone is where it was, and goes on from there.
        push(&site, "two", &xpointer(60), 0.6, PHONE);
        assert_at_60(&site, rule, "the phone repeats its place");
        push(&site, "two", &xpointer(61), 0.61, PHONE);
        assert_eq!(site.pulled("ada", KEY, "one")["percentage"], 0.61, "{rule}");
        let problems = site.server.store().verify().unwrap().problems;
        assert_eq!(problems, [""; 0]);
    }
}

#[test]
fn i7_two_books_that_are_joined_go_on_where_the_later_one_is() {
    let site = opened_on_the_phone(PositionRule::Newest);
    push(&site, "four", &xpointer(20), 0.2, TABLET);
    push(&site, "five", &xpointer(21), 0.21, TABLET);
    join(&site, "four", "five");
    join(&site, "one", "four");
    for document in ["one", "two", "four", "five"] {
        assert_eq!(site.pulled("ada", KEY, document)["percentage"], 0.21, "{document}");
    }
    // Without the file for which it was pushed, the others go on where they are.
    part(&site, "one", "five");
    assert_eq!(site.pulled("ada", KEY, "five")["device"], "Tablet");
    let at = site.pulled("ada", KEY, "one");
    assert_eq!((&at["percentage"], &at["device"]), (&json!(0.2), &json!("Tablet (other copy)")), "{at}");
}

#[test]
fn i7_a_book_that_was_started_over_stays_so_when_a_file_leaves() {
    let site = opened_on_the_phone(PositionRule::Newest);
    join(&site, "one", "third");
    ok(as_ada(&site, "POST", &document_path("one", "/start-over"), None));
    part(&site, "two", "third");
    assert_eq!((site.pulled("ada", KEY, "one"), site.pulled("ada", KEY, "two")), (json!({}), json!({})));
    assert_eq!(site.pulled("ada", KEY, "third")["percentage"], 0.3);
}

/// No file has the position of a started-over book, so none takes it away.
#[test]
fn i7_a_book_that_was_started_over_stays_so_when_the_file_leaves_that_had_its_position() {
    type Leave = fn(&Site);
    let leaves: [Leave; 2] = [
        |site| drop(part(site, "two", "one")),
        |site| drop(ok(as_ada(site, "DELETE", &document_path("one", ""), None))),
    ];
    for rule in PositionRule::ALL {
        for leave in leaves {
            let site = opened_on_the_phone(rule);
            join(&site, "one", "third");
            push(&site, "one", &xpointer(61), 0.61, KOBO);
            ok(as_ada(&site, "POST", &document_path("one", "/start-over"), None));
            leave(&site);
            let pulled = ["two", "third"].map(|document| site.pulled("ada", KEY, document));
            assert_eq!(pulled, [json!({}), json!({})], "{rule}");
            assert_eq!(joined(&site, "two"), ["third"], "{rule}");
            push(&site, "third", &xpointer(5), 0.05, TABLET);
            assert_eq!(site.pulled("ada", KEY, "two")["percentage"], 0.05, "{rule}");
            assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
        }
    }
}

/// The phone opened its own file before the two were joined: it has not been read there [C1].
#[test]
fn i7_a_file_that_was_only_opened_does_not_take_the_position() {
    for (percentage, expected) in [(0.02, 0.6), (0.021, 0.021)] {
        let site = site_under(PositionRule::Newest);
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        push(&site, "two", &xpointer(1), percentage, PHONE);
        join(&site, "two", "one");
        assert_eq!(site.pulled("ada", KEY, "one")["percentage"], expected);
        assert_eq!(site.pulled("ada", KEY, "two")["percentage"], expected);
    }
    // Where both were only opened, the later one counts.
    let site = site_under(PositionRule::Newest);
    push(&site, "one", &xpointer(1), 0.02, KOBO);
    push(&site, "two", &xpointer(1), 0.01, PHONE);
    join(&site, "one", "two");
    assert_eq!(site.pulled("ada", KEY, "one")["percentage"], 0.01);
}

/// Another program's pushes come in by an import while the book is read.
#[test]
fn i7_an_import_into_one_file_does_not_move_a_book_that_was_read_later() {
    let site = opened_on_the_phone(PositionRule::Newest);
    let records = exported(&site);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    push(&site, "one", &xpointer(62), 0.62, KOBO);
    push(&site, "two", &xpointer(62), 0.62, PHONE);
    push(&site, "two", &xpointer(63), 0.63, PHONE);
    let newer = exported(&site);
    // In the other store the book is at 60 %, and its second file was only opened.
    let other = Site::start();
    runtime.block_on(other.server.store().import_batch(records.clone())).unwrap();
    assert_at_60(&other, PositionRule::Newest, "imported");
    runtime.block_on(other.server.store().import_batch(newer.clone())).unwrap();
    assert_eq!(other.pulled("ada", KEY, "one")["percentage"], 0.63);
    for records in [records, newer] {
        runtime.block_on(other.server.store().import_batch(records)).unwrap();
        assert_eq!(other.pulled("ada", KEY, "one")["percentage"], 0.63, "what is older changes nothing");
    }
    assert_eq!(other.server.store().verify().unwrap().problems, [""; 0]);
}

/// Returns an export without the administrator, whom each server makes at its first start.
fn exported(site: &Site) -> Vec<Transferred> {
    let mut records = site.exported();
    records.retain(|record| !matches!(record, Transferred::Account(account) if account.name.as_str() == "admin"));
    records
}

#[test]
fn i7_an_export_carries_files_that_nobody_has_pushed() {
    let site = opened_on_the_phone(PositionRule::Newest);
    join(&site, "one", "0 nobody's");
    join(&site, "one", "z nobody's");
    join(&site, "third", "two");
    let records = exported(&site);
    let other = Site::start();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..2 {
        runtime.block_on(other.server.store().import_batch(records.clone())).unwrap();
        let mut files = joined(&other, "one");
        files.sort_unstable();
        assert_eq!(files, ["0 nobody's", "third", "two", "z nobody's"]);
        assert_eq!(other.pulled("ada", KEY, "z nobody's")["percentage"], 0.6);
        assert_eq!(exported(&other), records);
    }
    assert_eq!(other.server.store().verify().unwrap().problems, [""; 0]);
}

/// What users have joined by hand holds for clients that name identifiers, too [I2].
#[test]
fn i3_a_joined_file_that_nobody_has_pushed_is_a_document() {
    let site = site_under(PositionRule::Newest);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    join(&site, "one", "two");
    let found = pulled(&site, "two", "isbn:978,md5:two").unwrap();
    assert_eq!(found, [xpointer(60), "two".into(), "md5".into(), "none".into()]);
    // It is no alias of another document, and its first push is one of the book.
    push(&site, "else", &xpointer(5), 0.05, KOBO);
    assert_eq!(pushed(&site, "else", &xpointer(6), "md5:else,name:two"), ("else".into(), "md5".into()));
    assert_eq!(pulled(&site, "two", "md5:two").unwrap()[1], "two");
    assert_eq!(pushed(&site, "two", &xpointer(61), "md5:two,isbn:978"), ("two".into(), "md5".into()));
    assert_eq!(joined(&site, "one"), ["two"]);
    assert_eq!(site.pulled("ada", KEY, "one")["progress"], xpointer(61));
    assert_eq!(pulled(&site, "978", "isbn:978").unwrap()[1], "two");
}

#[test]
fn i3_progress_match_of_a_joined_file_is_that_of_who_wrote_the_locator() {
    let site = site_under(PositionRule::Newest);
    push(&site, "two", &xpointer(10), 0.1, PHONE);
    pushed(&site, "one", &xpointer(50), "md5:one,isbn:978");
    join(&site, "two", "one");
    pushed(&site, "one", &xpointer(51), "md5:one,isbn:978");
    let label = |ids: &str| pulled(&site, "two", ids).unwrap()[3].clone();
    assert_eq!(label("md5:two,isbn:978"), "isbn");
    assert_eq!(label("md5:two,own:one"), "own");
    assert_eq!(label("md5:two,isbn:other"), "none");
    // Without identifiers the locator is that of the file it was pushed for.
    push(&site, "one", &xpointer(70), 0.7, KOBO);
    assert_eq!(label("md5:two,isbn:978"), "none");
    assert_eq!(label("md5:two,isbn:978,own:one"), "own");
    // Its own locators are its own.
    push(&site, "two", &xpointer(71), 0.71, PHONE);
    assert_eq!(label("md5:two,isbn:978"), "md5");
}

/// Devices that name no identifiers mean no alias [I2], but a person does.
#[test]
fn i5_a_user_means_a_document_by_its_aliases() {
    let site = site_under(PositionRule::Newest);
    pushed(&site, "one", &xpointer(50), "md5:one,isbn:978");
    push(&site, "two", &xpointer(10), 0.1, PHONE);
    assert_eq!(site.pulled("ada", KEY, "978"), json!({}));
    assert_eq!(get(&site, &document_path("978", ""))["document"], "one");
    let entries = get(&site, &document_path("978", "/history"))["history"].as_array().unwrap().clone();
    assert_eq!(entries.len(), 1);
    assert_eq!(ok(rename(&site, "978", json!("Emma")))["name"], "Emma");
    let back = json!({ "sequence": entries[0]["sequence"] });
    ok(as_ada(&site, "POST", &document_path("978", "/start-over"), None));
    assert_eq!(site.pulled("ada", KEY, "one"), json!({}));
    ok(as_ada(&site, "POST", &document_path("978", "/put-back"), Some(back)));
    assert_eq!(site.pulled("ada", KEY, "one")["progress"], xpointer(50));
    // The answer to a join is what is stored.
    let answer = join(&site, "two", "978");
    assert_eq!(field_of_each(&answer["joined"], "document"), ["one"]);
    assert_eq!(joined(&site, "978"), ["two"]);
    assert_eq!(part(&site, "two", "978").get("joined"), None);
    join(&site, "978", "two");
    assert_eq!(joined(&site, "one"), ["two"]);
    part(&site, "978", "two");
    // In another account it is nothing.
    site.registered("grace", OTHER_KEY);
    for (method, rest, body) in
        [("GET", "", None), ("POST", "/join", Some(r#"{"document":"two"}"#)), ("DELETE", "", None)]
    {
        let reply = site.send_as("grace", OTHER_KEY, method, &document_path("978", rest), body);
        reply.refused(404, 3404, "There is no such document.");
    }
    site.pushed("grace", OTHER_KEY, &position("hers", "p", 0.5));
    let body = Some(r#"{"document":"978"}"#);
    let reply = site.send_as("grace", OTHER_KEY, "POST", &document_path("hers", "/join"), body);
    let files = ok(reply)["joined"].clone();
    assert_eq!(field_of_each(&files, "document"), ["978"], "an id that nobody has pushed");
    // A document of that id comes first.
    push(&site, "978", &xpointer(3), 0.03, PHONE);
    assert_eq!(get(&site, &document_path("978", ""))["document"], "978");
    ok(as_ada(&site, "DELETE", &document_path("978", ""), None));
    ok(as_ada(&site, "DELETE", &document_path("978", ""), None));
    as_ada(&site, "GET", &document_path("one", ""), None).refused(404, 3404, "There is no such document.");
    as_ada(&site, "GET", &document_path("978", ""), None).refused(404, 3404, "There is no such document.");
}

#[test]
fn i5_the_management_api_deletes_a_document_by_its_alias() {
    let site = site_under(PositionRule::Newest);
    pushed(&site, "one", &xpointer(50), "md5:one,isbn:978");
    let path = "/manage/users/documents?username=ada&documentHash=978";
    assert_eq!(as_ada(&site, "DELETE", path, None).json(), json!({ "message": "Success" }));
    assert_eq!(site.pulled("ada", KEY, "one"), json!({}));
}

/// A device that names no identifiers asks for the alias itself: its reader says that this is a file of the book.
#[test]
fn i7_an_alias_of_the_book_itself_is_joined_as_a_file() {
    let site = site_under(PositionRule::Newest);
    pushed(&site, "one", &xpointer(50), "md5:one,name:n1");
    assert_eq!(site.pulled("ada", KEY, "n1"), json!({}));
    join(&site, "one", "n1");
    assert_eq!(joined(&site, "one"), ["n1"]);
    assert_eq!(site.pulled("ada", KEY, "n1")["progress"], xpointer(50));
    push(&site, "n1", &xpointer(60), 0.6, PHONE);
    assert_eq!(site.pulled("ada", KEY, "one")["progress"], xpointer(60));
    let problems = site.server.store().verify().unwrap().problems;
    assert_eq!(problems, [""; 0]);
    part(&site, "one", "n1");
    let own: Value = site.pulled("ada", KEY, "n1");
    assert_eq!((&own["progress"], &own["device"]), (&json!(xpointer(60)), &json!("Phone")));
}

/// The book is known if a client has named the id that another asks for.
#[test]
fn i7_an_id_that_was_asked_for_is_suggested_for_the_book_whose_alias_it_is() {
    let site = site_under(PositionRule::Newest);
    let id = "0123456789abcdef0123456789abcdef";
    pushed(&site, "one", &xpointer(50), &format!("md5:one,name:{id}"));
    push(&site, "newest", &xpointer(10), 0.1, PHONE);
    assert_eq!(site.pulled("ada", KEY, id), json!({}));
    let suggestions = get(&site, "/api/v1/suggestions")["suggestions"].clone();
    assert_eq!(suggestions.as_array().unwrap().len(), 1, "{suggestions}");
    assert_eq!((&suggestions[0]["document"], &suggestions[0]["other"]), (&json!("one"), &json!(id)));
    join(&site, "one", id);
    assert_eq!(site.pulled("ada", KEY, id)["progress"], xpointer(50));
    assert_eq!(get(&site, "/api/v1/suggestions")["suggestions"], json!([]));
}

/// A device without identifiers pushes the alias itself, which then is a document [I2] [I5]. A client has said which
/// book it is.
#[test]
fn i7_a_document_whose_id_is_an_alias_is_suggested_for_its_book() {
    let site = site_under(PositionRule::Newest);
    pushed(&site, "one", &xpointer(50), "md5:one,isbn:978,name:n1,hash:h1");
    let suggested = || get(&site, "/api/v1/suggestions")["suggestions"].clone();
    assert_eq!(suggested(), json!([]), "an alias that nobody pushed is no document");
    push(&site, "n1", &xpointer(10), 0.1, PHONE);
    assert_eq!(site.pulled("ada", KEY, "n1")["progress"], xpointer(10), "nothing is joined unasked");
    let found = suggested();
    assert_eq!(found.as_array().unwrap().len(), 1, "{found}");
    let of = |field: &str| found[0][field].clone();
    assert_eq!((of("document"), of("other"), of("reason")), (json!("n1"), json!("one"), json!("identifier")));
    // To another account it says nothing.
    site.registered("grace", OTHER_KEY);
    site.pushed("grace", OTHER_KEY, &position("n1", "p", 0.5));
    site.pushed("grace", OTHER_KEY, &position("one", "q", 0.5));
    let hers = site.send_as("grace", OTHER_KEY, "GET", "/api/v1/suggestions", None);
    assert_eq!(hers.json()["suggestions"], json!([]));
    join(&site, "n1", "one");
    assert_eq!(suggested(), json!([]));
    assert_eq!(site.pulled("ada", KEY, "one")["percentage"], 0.1);
    part(&site, "n1", "one");
    ok(as_ada(&site, "DELETE", &document_path("one", ""), None));
    assert_eq!(suggested(), json!([]), "its book is gone");
}

#[test]
fn i7_an_import_brings_a_file_that_nobody_had_pushed() {
    let site = site_under(PositionRule::Newest);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    let before = exported(&site);
    push(&site, "two", &xpointer(70), 0.7, PHONE);
    let after = exported(&site);
    for percentage in [0.7, 0.5] {
        let other = Site::start();
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(other.server.store().import_batch(before.clone())).unwrap();
        join(&other, "one", "two");
        if percentage < 0.7 {
            // It was read later here.
            push(&other, "one", &xpointer(50), 0.5, KOBO);
        }
        runtime.block_on(other.server.store().import_batch(after.clone())).unwrap();
        assert_eq!(other.server.store().verify().unwrap().problems, [""; 0]);
        assert_eq!((joined(&other, "one"), joined(&other, "two")), (vec!["two".into()], vec!["one".into()]));
        for document in ["one", "two"] {
            assert_eq!(other.pulled("ada", KEY, document)["percentage"], percentage);
        }
    }
}

/// When a book was finished and begun again is carried, and is not noted twice.
#[test]
fn an_export_of_what_was_imported_is_the_same() {
    let site = site_under(PositionRule::Newest);
    for (locator, percentage) in [(1, 0.2), (99, 0.99)] {
        push(&site, "one", &xpointer(locator), percentage, KOBO);
    }
    ok(as_ada(&site, "POST", &document_path("one", "/start-over"), None));
    for (locator, percentage) in [(98, 0.991), (2, 0.1), (97, 0.995)] {
        push(&site, "one", &xpointer(locator), percentage, KOBO);
    }
    pushed(&site, "emma", &xpointer(50), "md5:emma,isbn:978");
    let records = exported(&site);
    let other = Site::start();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..3 {
        runtime.block_on(other.server.store().import_batch(records.clone())).unwrap();
        assert_eq!(exported(&other), records);
    }
}

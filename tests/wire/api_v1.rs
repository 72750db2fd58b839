//! `/api/v1`, the JSON API: what each route says and does, and that nobody gets at another's data by it.

use kosync::{Document, Username};
use serde_json::{Value, json};

use crate::common::{KEY, OTHER_KEY, Reply, Site, percent_encoded, position};

const ADMIN: &str = "the admin's password";
const OPENAPI: &str = include_str!("../../src/http/api/openapi.json");

pub fn description() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

/// The path of a document, or of what belongs to it.
pub fn of(document: &str, rest: &str) -> String {
    format!("/api/v1/documents/{}{rest}", percent_encoded(document))
}

pub fn as_ada(site: &Site, method: &str, path: &str, body: Option<Value>) -> Reply {
    site.send_as("ada", KEY, method, path, body.map(|body| body.to_string()).as_deref()).shaped()
}

#[track_caller]
fn done(reply: Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

#[track_caller]
pub fn got(site: &Site, path: &str) -> Value {
    done(as_ada(site, "GET", path, None))
}

#[track_caller]
fn no_document(reply: Reply) {
    reply.refused(404, 3404, "There is no such document.");
}

#[track_caller]
fn no_position(reply: Reply) {
    reply.refused(404, 3404, "The document's history has no such position.");
}

pub fn pushed(site: &Site, document: &str, progress: &str, percentage: f64, device: (&str, Option<&str>)) -> u64 {
    let mut body = position(document, progress, percentage);
    body["device"] = json!(device.0);
    body["device_id"] = json!(device.1);
    site.pushed("ada", KEY, &body)["timestamp"].as_u64().unwrap()
}

pub fn described(site: &Site, document: &str, metadata: Value) {
    let mut body = position(document, "p", 0.5);
    body["metadata"] = metadata;
    site.pushed("ada", KEY, &body);
}

fn put_back(site: &Site, document: &str, sequence: &Value) -> Reply {
    as_ada(site, "POST", &of(document, "/put-back"), Some(json!({ "sequence": sequence })))
}

fn rename(site: &Site, document: &str, name: Value) -> Reply {
    as_ada(site, "PATCH", &of(document, ""), Some(json!({ "name": name })))
}

/// One field of each entry of a list.
fn each<'a>(list: &'a Value, field: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|entry| &entry[field]).collect()
}

#[test]
fn a_document_is_shown_with_all_that_is_known_of_it() {
    let site = Site::with_ada();
    described(&site, "book", json!({ "filename": "emma.epub", "title": "Emma", "authors": "Jane Austen" }));
    let mut bare = position("bare", "/p[1]", 0.25);
    bare.as_object_mut().unwrap().remove("device_id");
    let timestamp = site.pushed("ada", KEY, &bare)["timestamp"].clone();

    let book = got(&site, &of("book", ""));
    let expected = json!({
        "document": "book", "title": "Emma", "progress": "p", "percentage": 0.5, "device": "Kobo_nova", "device_id": "AAAA",
        "metadata": { "filename": "emma.epub", "title": "Emma", "authors": "Jane Austen" }, "timestamp": book["timestamp"],
    });
    assert_eq!(book, expected);
    // Fields that there is nothing for are left out.
    let expected = json!({
        "document": "bare", "title": "bare", "progress": "/p[1]", "percentage": 0.25, "device": "Kobo_nova",
        "metadata": {}, "timestamp": timestamp,
    });
    assert_eq!(got(&site, &of("bare", "")), expected);
    let listed = got(&site, "/api/v1/documents");
    assert!(listed["documents"].as_array().unwrap().contains(&expected), "the list shows the same: {listed}");
    no_document(as_ada(&site, "GET", &of("nothing", ""), None));
}

/// Also where several were pushed within one second.
#[test]
fn the_list_has_the_last_push_first() {
    let site = Site::with_ada();
    assert_eq!(got(&site, "/api/v1/documents"), json!({ "total": 0, "documents": [] }));
    for id in ["c", "a", "é", "B", "b", "a"] {
        pushed(&site, id, "p", 0.5, ("d", None));
    }
    let list = got(&site, "/api/v1/documents");
    assert_eq!(list["total"], 5);
    assert_eq!(each(&list["documents"], "document"), ["a", "b", "B", "é", "c"]);
}

#[test]
fn a_search_finds_words_in_title_authors_and_id() {
    let site = Site::with_ada();
    described(&site, "one", json!({ "title": "Emma", "authors": "Jane Austen" }));
    described(&site, "two", json!({ "title": "Überredung", "authors": "Jane Austen" }));
    pushed(&site, "0123emma", "p", 0.5, ("d", None));
    done(rename(&site, "two", json!("Persuasion & more")));
    let found = |query: &str| {
        let list = got(&site, &format!("/api/v1/documents?search={query}"));
        let mut ids: Vec<String> =
            each(&list["documents"], "document").iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        assert_eq!(list["total"], ids.len());
        ids
    };
    assert_eq!(found("EMMA"), ["0123emma", "one"]);
    assert_eq!(found("austen"), ["one", "two"]);
    assert_eq!(found("jane+emma"), ["one"]);
    assert_eq!(found(&percent_encoded("persuasion &")), ["two"]);
    assert_eq!(found(&percent_encoded("überredung")), [""; 0], "the name stands for the title");
    assert_eq!(found(""), ["0123emma", "one", "two"]);
    assert_eq!(found("%20+"), ["0123emma", "one", "two"]);
}

#[test]
fn pages_of_the_list_make_up_the_whole() {
    let site = Site::with_ada();
    for number in 0..25 {
        pushed(&site, &format!("{number:02}"), "p", 0.5, ("d", None));
    }
    let page = |query: &str| {
        let list = got(&site, &format!("/api/v1/documents?{query}"));
        assert_eq!(list["total"], 25, "of all, not of the page");
        each(&list["documents"], "document").into_iter().cloned().collect::<Vec<_>>()
    };
    let all = page("");
    assert_eq!(all.len(), 25);
    assert_eq!([page("limit=10"), page("limit=10&offset=10"), page("offset=20&limit=10")].concat(), all);
    assert_eq!(page("limit=1&offset=24"), all[24..]);
    assert_eq!(page("limit=1000"), all);
    for beyond in ["offset=25", "offset=18446744073709551615"] {
        assert_eq!(page(beyond), [""; 0]);
    }
}

/// As the description says it.
#[test]
fn a_page_is_100_documents_unless_asked_otherwise() {
    let site = Site::with_ada();
    for number in 0..101 {
        pushed(&site, &number.to_string(), "p", 0.5, ("d", None));
    }
    let count = |path| got(&site, path)["documents"].as_array().unwrap().len();
    assert_eq!(count("/api/v1/documents"), 100);
    assert_eq!(count("/api/v1/documents?limit=1000"), 101);
}

#[test]
fn what_is_no_page_is_refused() {
    let site = Site::with_ada();
    let page = |query: &str| as_ada(&site, "GET", &format!("/api/v1/documents?{query}"), None);
    for limit in ["0", "1001", "-1", "1.5", "x", "", "%2010", "99999999999999999999"] {
        let message = "'limit' must be a whole number from 1 to 1000.";
        page(&format!("limit={limit}")).refused(400, 3400, message);
    }
    for offset in ["-1", "1.5", "x", "", "99999999999999999999"] {
        page(&format!("offset={offset}")).refused(400, 3400, "'offset' must be a whole number.");
    }
}

#[test]
fn a_document_is_given_a_name() {
    let site = Site::with_ada();
    described(&site, "book", json!({ "title": "Emma" }));
    let named = |name: Value| {
        let answer = done(rename(&site, "book", name));
        assert_eq!(answer, got(&site, &of("book", "")), "the answer is the document as it now is");
        (answer["name"].as_str().map(str::to_owned), answer["title"].as_str().unwrap().to_owned())
    };
    let both = |name: &str| (Some(name.to_owned()), name.to_owned());
    assert_eq!(named(json!("Mein Bücherl 📚")), both("Mein Bücherl 📚"));
    assert_eq!(named(json!(" \u{a0}\t trimmed  at both ends \n")), both("trimmed  at both ends"));
    let longest = "é".repeat(512);
    assert_eq!(named(json!(format!("  {longest}  "))), both(&longest));
    // A name is not a position: what devices see is as before.
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    assert_eq!(got(&site, &of("book", "/history"))["history"].as_array().unwrap().len(), 1);
    for nothing in [json!(null), json!(""), json!(" \t\n")] {
        assert_eq!(named(json!("a name")), both("a name"));
        assert_eq!(named(nothing), (None, "Emma".to_owned()));
    }
}

#[test]
fn a_name_that_cannot_be_is_refused_and_changes_nothing() {
    let site = Site::with_ada();
    pushed(&site, "book", "p", 0.5, ("d", None));
    done(rename(&site, "book", json!("mine")));
    let long = "Invalid request: name is longer than 1024 bytes.";
    rename(&site, "book", json!("x".repeat(1025))).refused(403, 2003, long);
    rename(&site, "book", json!("é".repeat(513))).refused(403, 2003, long);
    for control in ["a\nb", "a\tb", "a\0b", "\u{7f}a", "a\u{1b}[2J", "a\u{85}b"] {
        let message = "Invalid request: name may not contain control characters.";
        rename(&site, "book", json!(control)).refused(403, 2003, message);
    }
    for other in [json!({}), json!(["a"]), json!(true), json!(5)] {
        rename(&site, "book", other).refused(400, 3400, "'name' must be a string, or null.");
    }
    let raw = |body| site.send_as("ada", KEY, "PATCH", &of("book", ""), body);
    // What does not say a name takes none away.
    for body in ["{}", r#"{"nmae":"x"}"#] {
        raw(Some(body)).refused(400, 3400, "'name' must be a string, or null.");
    }
    raw(None).refused(400, 103, "Could not parse JSON in body.");
    raw(Some("{\"name\":")).refused(400, 103, "Could not parse JSON in body.");
    raw(Some("[\"a\"]")).refused(400, 104, "Body should be a JSON hash.");
    no_document(rename(&site, "nothing", json!("a name")));
    no_document(rename(&site, "nothing", json!(null)));
    assert_eq!(got(&site, &of("book", ""))["name"], "mine");
    assert_eq!(got(&site, "/api/v1/documents")["total"], 1);
    // Nor was the name kept for when there is such a document.
    pushed(&site, "nothing", "p", 0.5, ("d", None));
    assert_eq!(got(&site, &of("nothing", "")).get("name"), None);
}

#[test]
fn a_deleted_document_is_gone_and_no_other() {
    let site = Site::with_ada();
    described(&site, "book", json!({ "title": "Emma" }));
    pushed(&site, "book", "q", 0.6, ("d", None));
    pushed(&site, "other", "p", 0.5, ("d", None));
    done(rename(&site, "book", json!("mine")));
    let delete = || as_ada(&site, "DELETE", &of("book", ""), None);
    assert_eq!(done(delete()), json!({ "deleted": true }));
    no_document(delete());
    no_document(as_ada(&site, "GET", &of("book", ""), None));
    no_document(as_ada(&site, "GET", &of("book", "/history"), None));
    assert_eq!(site.pull("ada", KEY, "book").body, "{}");
    assert_eq!(each(&got(&site, "/api/v1/documents")["documents"], "document"), ["other"]);
    // One of the same id is a new one.
    pushed(&site, "book", "again", 0.1, ("d", None));
    let book = got(&site, &of("book", ""));
    assert_eq!((&book["title"], &book["metadata"], book.get("name")), (&json!("book"), &json!({}), None));
    assert_eq!(got(&site, &of("book", "/history"))["history"].as_array().unwrap().len(), 1);
}

#[test]
fn the_history_has_the_current_position_first() {
    let site = Site::with_ada();
    let mut expected = Vec::new();
    for (progress, percentage, device) in
        [("1", 0.1, ("Kobo", Some("K"))), ("2", 0.2, ("phone", None)), ("1", 0.1, ("Kobo", Some("K")))]
    {
        let timestamp = pushed(&site, "book", progress, percentage, device);
        let mut entry = json!({
            "progress": progress, "percentage": percentage, "device": device.0, "pushes": 1, "timestamp": timestamp,
        });
        if let Some(id) = device.1 {
            entry["device_id"] = json!(id);
        }
        expected.insert(0, entry);
        pushed(&site, "another", "x", 0.5, device);
    }
    let mut history = got(&site, &of("book", "/history"))["history"].take();
    let mut sequences = Vec::new();
    for entry in history.as_array_mut().unwrap() {
        sequences.push(entry.as_object_mut().unwrap().remove("sequence").unwrap().as_u64().unwrap());
    }
    assert_eq!(history, json!(expected));
    assert!(sequences.is_sorted_by(|one, other| one > other), "{sequences:?}");
    no_document(as_ada(&site, "GET", &of("nothing", "/history"), None));
}

/// What a stale device overwrote is what every device is offered again.
#[test]
fn an_older_position_is_put_back() {
    let site = Site::with_ada();
    pushed(&site, "book", "/body/p[7]", 0.4213, ("Kobo", Some("K")));
    pushed(&site, "book", "/body/p[1]", 0.01, ("stale", None));
    let before = got(&site, &of("book", "/history"))["history"].take();
    let answer = done(put_back(&site, "book", &before[1]["sequence"]));
    assert_eq!(answer, got(&site, &of("book", "")), "the answer is the document as it now is");
    let expected = json!({
        "document": "book", "progress": "/body/p[7]", "percentage": 0.4213, "device": "kosync (put back)",
        "device_id": "kosync-put-back", "timestamp": answer["timestamp"],
    });
    assert_eq!(site.pulled("ada", KEY, "book"), expected, "by the protocol, for the devices");
    let after = got(&site, &of("book", "/history"))["history"].take();
    assert_eq!(json!(after.as_array().unwrap()[1..]), before, "it was added; nothing else has changed");
    // A reader goes on from there as ever.
    pushed(&site, "book", "/body/p[8]", 0.43, ("Kobo", Some("K")));
    assert_eq!(site.pulled("ada", KEY, "book")["device"], "Kobo");
}

#[test]
fn only_a_position_of_this_very_document_is_put_back() {
    let site = Site::with_ada();
    site.registered("grace", OTHER_KEY);
    pushed(&site, "book", "ada's", 0.5, ("d", None));
    pushed(&site, "other", "ada's other", 0.6, ("d", None));
    site.pushed("grace", OTHER_KEY, &position("book", "grace's", 0.9));
    let newest = |reply: Reply| done(reply)["history"][0]["sequence"].clone();
    let other = newest(as_ada(&site, "GET", &of("other", "/history"), None));
    let grace = newest(site.send_as("grace", OTHER_KEY, "GET", &of("book", "/history"), None));
    let before = got(&site, &of("book", "/history"));

    for sequence in [&other, &grace, &json!(0), &json!(999_999), &json!(u64::MAX)] {
        no_position(put_back(&site, "book", sequence));
    }
    no_document(put_back(&site, "nothing", &other));
    let no_number = [json!(null), json!("x"), json!(-1), json!(1.5), json!(true), json!([1]), json!({})];
    let message = "'sequence' must be a number from the history.";
    for sequence in no_number {
        put_back(&site, "book", &sequence).refused(400, 3400, message);
    }
    as_ada(&site, "POST", &of("book", "/put-back"), Some(json!({}))).refused(400, 3400, message);
    assert_eq!(got(&site, &of("book", "/history")), before);
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "ada's");
    assert_eq!(site.pulled("grace", OTHER_KEY, "book")["progress"], "grace's");
}

#[test]
fn a_device_is_known_by_its_name_and_its_id() {
    let site = Site::with_ada();
    assert_eq!(got(&site, "/api/v1/devices"), json!({ "devices": [] }));
    described(&site, "b", json!({ "title": "Emma" }));
    for (document, percentage, device) in [
        ("a", 0.1, ("Kobo", Some("1"))),
        ("a", 0.2, ("Kobo", Some("2"))),
        ("a", 0.3, ("Kobo", None)),
        ("b", 0.4, ("Kobo", Some("1"))),
        ("b", 0.5, ("Kobo", Some("1"))),
    ] {
        pushed(&site, document, "p", percentage, device);
    }
    let history = got(&site, &of("a", "/history"));
    done(put_back(&site, "a", &history["history"][2]["sequence"]));

    let devices = got(&site, "/api/v1/devices")["devices"].take();
    let mut found: Vec<_> = devices
        .as_array()
        .unwrap()
        .iter()
        .map(|device| {
            let [name, id] = ["device", "device_id"].map(|field| device[field].as_str().unwrap_or("none"));
            (name, id, device["documents"].as_u64().unwrap())
        })
        .collect();
    found.sort_unstable();
    let expected = [("Kobo", "1", 2), ("Kobo", "2", 1), ("Kobo", "none", 1), ("Kobo_nova", "AAAA", 1)];
    assert_eq!(found, expected, "what was put back is no device's: {devices}");
    let second = devices.as_array().unwrap().iter().find(|device| device["device_id"] == "2").unwrap();
    let expected = json!({
        "device": "Kobo", "device_id": "2", "document": "a", "title": "a", "percentage": 0.2, "documents": 1,
        "timestamp": second["timestamp"],
    });
    assert_eq!(*second, expected, "what it pushed last, not what is current");
    let unnamed = devices.as_array().unwrap().iter().find(|device| device["percentage"] == 0.3).unwrap();
    assert!(unnamed.get("device_id").is_none());
}

#[test]
fn statistics_count_books_days_and_pushes() {
    let site = Site::with_ada();
    let empty = json!({
        "documents": 0, "finished": 0, "in_progress": 0, "days_read": 0, "days_in_a_row": 0, "days": [],
    });
    assert_eq!(got(&site, "/api/v1/statistics"), empty);
    for (document, percentage) in
        [("a", 0.1), ("a", 0.2), ("b", 0.989), ("c", 0.99), ("d", 1.0), ("d", 0.5), ("e", 1.0)]
    {
        pushed(&site, document, "p", percentage, ("d", None));
    }
    let history = got(&site, &of("a", "/history"));
    done(put_back(&site, "a", &history["history"][1]["sequence"]));
    let mut statistics = got(&site, "/api/v1/statistics");
    let days = statistics["days"].take();
    // It may be midnight.
    let count = days.as_array().unwrap().len();
    assert!((1..=2).contains(&count), "{days}");
    let pushes: u64 = each(&days, "pushes").iter().map(|pushes| pushes.as_u64().unwrap()).sum();
    assert_eq!(pushes, 7, "each push, and nothing for what was put back");
    let expected = json!({
        "documents": 5, "finished": 2, "in_progress": 3, "days_read": count, "days_in_a_row": count, "days": null,
    });
    assert_eq!(statistics, expected);
}

/// What a GET answers, without the body; and whatever else is asked is told what may be.
#[test]
fn methods() {
    let site = Site::with_ada();
    pushed(&site, "a/b", "p", 0.5, ("d", None));
    let document = of("a/b", "");
    for (path, allowed) in [
        ("/api/v1/documents", "GET, HEAD"),
        (&document, "DELETE, GET, HEAD, PATCH"),
        (&of("a/b", "/history"), "GET, HEAD"),
        (&of("a/b", "/put-back"), "POST"),
        ("/api/v1/devices", "GET, HEAD"),
        ("/api/v1/statistics", "GET, HEAD"),
        ("/api/v1/openapi.json", "GET, HEAD"),
    ] {
        if allowed.contains("GET") {
            let full = as_ada(&site, "GET", path, None);
            let head = site.send_as("ada", KEY, "HEAD", path, None);
            assert_eq!((full.status, head.status), (200, 200), "{path}");
            assert_eq!(head.header("content-type"), Some("application/json"), "{path}");
            assert_eq!(head.header("content-length"), full.header("content-length"), "{path}");
            assert_eq!(site.send("HEAD", path, &[], None).status, if path.ends_with(".json") { 200 } else { 401 });
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
            if allowed.split(", ").any(|other| other == method) {
                continue;
            }
            let reply = as_ada(&site, method, path, Some(json!({})));
            assert_eq!(reply.header("allow"), Some(allowed), "{method} {path}");
            reply.refused(405, 3405, "This path has other methods; see the header 'Allow'.");
        }
    }
    assert_eq!(got(&site, &document)["progress"], "p", "nothing was done");
    let nowhere = "There is nothing at this path. Check the address of the sync server.";
    for path in ["/api", "/api/v1", "/api/v1/users", "/api/v2/documents", &of("a", "/b"), &of("a", "/history/1")] {
        as_ada(&site, "GET", path, None).refused(404, 3404, nowhere);
    }
    assert_eq!(site.send_as("ada", KEY, "HEAD", &of("nothing", ""), None).status, 404);
}

/// Whatever the protocol takes as an id, on every route that has one.
#[test]
fn odd_ids_are_ids() {
    let site = Site::with_ada();
    let long = "ü".repeat(127);
    let documents = [
        ".",
        "..",
        "a/b",
        "/",
        "a//b",
        "book/history",
        "book/put-back",
        "book",
        "history",
        "ümläut",
        "本 📚",
        "%41",
        "a?b#c",
        "+",
        " ",
        "\\",
        "{document}",
        "**",
        "\n",
        &long,
    ];
    for document in documents {
        pushed(&site, document, &format!("old {document}"), 0.25, ("d", None));
        pushed(&site, document, &format!("new {document}"), 0.5, ("d", None));
    }
    for document in documents {
        let book = got(&site, &of(document, ""));
        assert_eq!((&book["document"], &book["progress"]), (&json!(document), &json!(format!("new {document}"))));
        let history = got(&site, &of(document, "/history"))["history"].take();
        assert_eq!(each(&history, "progress"), [&format!("new {document}"), &format!("old {document}")]);
        assert_eq!(done(rename(&site, document, json!("a name")))["document"], document);
        let back = done(put_back(&site, document, &history[1]["sequence"]));
        assert_eq!(back["progress"], format!("old {document}"), "{document:?}");
    }
    for (deleted, document) in documents.into_iter().enumerate() {
        assert_eq!(got(&site, "/api/v1/documents")["total"], documents.len() - deleted);
        done(as_ada(&site, "DELETE", &of(document, ""), None));
        no_document(as_ada(&site, "GET", &of(document, ""), None));
    }
    // What cannot be an id is nobody's.
    let none = "x".repeat(256);
    for document in ["a:b", "\0", "\u{fffd}", &none] {
        no_document(as_ada(&site, "GET", &of(document, ""), None));
        no_document(as_ada(&site, "GET", &of(document, "/history"), None));
        no_document(as_ada(&site, "DELETE", &of(document, ""), None));
        no_document(rename(&site, document, json!("a name")));
        no_document(put_back(&site, document, &json!(1)));
    }
    no_document(as_ada(&site, "GET", "/api/v1/documents/%ff", None));
}

type Headers<'a> = Vec<(&'a str, &'a [u8])>;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// All that a user has, by every way there is to see it.
fn all_of(site: &Site, user: &str, key: &str, documents: &[&str]) -> Vec<Value> {
    let paths = ["documents", "devices", "statistics"].map(|name| format!("/api/v1/{name}"));
    let each = documents.iter().flat_map(|document| [of(document, ""), of(document, "/history")]);
    let mut all: Vec<Value> =
        paths.into_iter().chain(each).map(|path| done(site.send_as(user, key, "GET", &path, None))).collect();
    all.extend(documents.iter().map(|document| site.pulled(user, key, document)));
    let account = site.server.store().user(&Username::new(user).unwrap()).unwrap().unwrap();
    all.push(json!([account.documents, account.last_used, account.active]));
    all
}

/// Every route, with every method, asked by each who is not ada about what ada has, with numbers and ids that would do.
#[test]
fn another_user_s_data_is_out_of_reach() {
    let site = Site::with(|builder| builder.admin_password(ADMIN));
    for name in ["ada", "grace", "off"] {
        site.registered(name, KEY);
    }
    let documents = ["book", "a/b"];
    for document in documents {
        described(&site, document, json!({ "title": "a title of ada's" }));
        pushed(&site, document, "ada's place", 1.0, ("ada's device", None));
        done(rename(&site, document, json!("ada's name")));
        site.pushed("off", KEY, &position(document, "p", 0.5));
    }
    let off = site.send_as("admin", ADMIN, "PUT", "/manage/users/active?username=off", None);
    assert_eq!(off.body, r#"{"message":"User marked as inactive"}"#);
    let before = all_of(&site, "ada", KEY, &documents);

    let key = KEY.as_bytes();
    let somebody: [(&str, Headers<'_>); 5] = [
        ("another user", vec![("x-auth-user", b"grace"), ("x-auth-key", key)]),
        ("an administrator", vec![("x-auth-user", b"admin"), ("x-auth-key", ADMIN.as_bytes())]),
        ("nobody", vec![]),
        ("the name alone", vec![("x-auth-user", b"ada")]),
        ("who is switched off", vec![("x-auth-user", b"off"), ("x-auth-key", key)]),
    ];
    let description = description();
    let mut asked = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for document in documents {
            let history = got(&site, &of(document, "/history"));
            let own = path.replace("{document}", &percent_encoded(document));
            // What somebody might try instead of a place of their own.
            let own = format!("{own}?username=ada&user=ada");
            for sequence in each(&history["history"], "sequence") {
                let body = json!({ "name": "stolen", "sequence": sequence, "username": "ada" }).to_string();
                for (who, headers) in &somebody {
                    for method in METHODS {
                        let reply = site.send(method, &own, headers, Some(&body));
                        let what = format!("{method} {own} by {who}: {reply:?}");
                        asked += 1;
                        let described = if method == "HEAD" { "get" } else { &method.to_lowercase() };
                        let wanted = match path.as_str() {
                            _ if methods.get(described).is_none() => 405,
                            "/api/v1/openapi.json" => 200,
                            _ if !matches!(*who, "another user" | "an administrator") => 401,
                            _ if path.contains("{document}") => 404,
                            _ => 200,
                        };
                        assert_eq!(reply.status, wanted, "{what}");
                        assert!(!reply.body.contains("ada's"), "{what}");
                        if wanted != 200 || method == "HEAD" || path.ends_with("openapi.json") {
                            continue;
                        }
                        let nothing = match path.as_str() {
                            "/api/v1/documents" => json!({ "total": 0, "documents": [] }),
                            "/api/v1/devices" => json!({ "devices": [] }),
                            "/api/v1/statistics" => json!({
                                "documents": 0, "finished": 0, "in_progress": 0, "days_read": 0, "days_in_a_row": 0,
                                "days": [],
                            }),
                            other => panic!("{other}: what has an account there that has nothing?"),
                        };
                        assert_eq!(reply.json(), nothing, "{what}");
                    }
                }
            }
        }
    }
    assert!(asked >= 7 * METHODS.len() * somebody.len() * 2 * 2, "{asked}");
    assert_eq!(all_of(&site, "ada", KEY, &documents), before);
    // Nor has anybody got something.
    let store = site.server.store();
    for name in ["grace", "admin"] {
        let user = store.user(&Username::new(name).unwrap()).unwrap().unwrap();
        assert_eq!((user.documents, store.documents(user.id, None, 1).unwrap()), (0, vec![]), "{name}");
    }
    let off = store.user(&Username::new("off").unwrap()).unwrap().unwrap();
    let history = store.history(off.id, &Document::new("book").unwrap(), 9).unwrap();
    assert_eq!(history.len(), 1, "nor has one who is switched off changed what is theirs");
}

#[test]
fn one_id_of_two_users_is_two_documents() {
    let site = Site::with_ada();
    site.registered("grace", OTHER_KEY);
    pushed(&site, "book", "ada's", 0.5, ("d", None));
    let before = all_of(&site, "ada", KEY, &["book"]);
    site.pushed("grace", OTHER_KEY, &position("book", "1", 0.9));
    site.pushed("grace", OTHER_KEY, &position("book", "2", 0.9));
    let as_grace = |method, rest, body: Option<Value>| {
        let body = body.map(|body| body.to_string());
        done(site.send_as("grace", OTHER_KEY, method, &of("book", rest), body.as_deref()).shaped())
    };
    let history = as_grace("GET", "/history", None)["history"].take();
    assert_eq!(each(&history, "progress"), ["2", "1"]);
    let sequence = &history[1]["sequence"];
    assert_eq!(as_grace("PATCH", "", Some(json!({ "name": "grace's" })))["name"], "grace's");
    assert_eq!(as_grace("POST", "/put-back", Some(json!({ "sequence": sequence })))["progress"], "1");
    assert_eq!(all_of(&site, "ada", KEY, &["book"]), before);
    as_grace("DELETE", "", None);
    assert_eq!(all_of(&site, "ada", KEY, &["book"]), before);
}

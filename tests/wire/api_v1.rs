//! `/api/v1`: a document, its name and its history, and the answer and the effect of each route.

use serde_json::{Value, json};

use crate::common::{KEY, OTHER_KEY, Reply, Site, percent_encoded, position};

const OPENAPI: &str = include_str!("../../src/http/api/openapi.json");

pub fn description() -> Value {
    serde_json::from_str(OPENAPI).unwrap()
}

/// Returns the path of a document, or of a route below it.
pub fn document_path(document: &str, rest: &str) -> String {
    format!("/api/v1/documents/{}{rest}", percent_encoded(document))
}

pub fn as_ada(site: &Site, method: &str, path: &str, body: Option<Value>) -> Reply {
    site.send_as("ada", KEY, method, path, body.map(|body| body.to_string()).as_deref()).shaped()
}

/// Asserts 200 and returns the body.
#[track_caller]
pub fn ok(reply: Reply) -> Value {
    assert_eq!(reply.status, 200, "{reply:?}");
    reply.json()
}

#[track_caller]
pub fn get(site: &Site, path: &str) -> Value {
    ok(as_ada(site, "GET", path, None))
}

#[track_caller]
fn assert_no_document(reply: Reply) {
    reply.refused(404, 3404, "There is no such document.");
}

#[track_caller]
fn assert_no_position(reply: Reply) {
    reply.refused(404, 3404, "The document's history has no such position.");
}

pub fn push(site: &Site, document: &str, progress: &str, percentage: f64, device: (&str, Option<&str>)) -> u64 {
    let mut body = position(document, progress, percentage);
    body["device"] = json!(device.0);
    body["device_id"] = json!(device.1);
    site.pushed("ada", KEY, &body)["timestamp"].as_u64().unwrap()
}

pub fn push_metadata(site: &Site, document: &str, metadata: Value) {
    let mut body = position(document, "p", 0.5);
    body["metadata"] = metadata;
    site.pushed("ada", KEY, &body);
}

pub fn restore(site: &Site, document: &str, sequence: &Value) -> Reply {
    as_ada(site, "POST", &document_path(document, "/put-back"), Some(json!({ "sequence": sequence })))
}

pub fn rename(site: &Site, document: &str, name: Value) -> Reply {
    as_ada(site, "PATCH", &document_path(document, ""), Some(json!({ "name": name })))
}

/// Returns one field of each entry of a list.
pub fn field_of_each<'a>(list: &'a Value, field: &str) -> Vec<&'a Value> {
    list.as_array().unwrap().iter().map(|entry| &entry[field]).collect()
}

#[test]
fn a_document_has_position_title_name_and_metadata() {
    let site = Site::with_ada();
    push_metadata(&site, "book", json!({ "filename": "emma.epub", "title": "Emma", "authors": "Jane Austen" }));
    let mut bare = position("bare", "/p[1]", 0.25);
    bare.as_object_mut().unwrap().remove("device_id");
    let timestamp = site.pushed("ada", KEY, &bare)["timestamp"].clone();

    let book = get(&site, &document_path("book", ""));
    let expected = json!({
        "document": "book", "title": "Emma", "progress": "p", "percentage": 0.5, "device": "Kobo_nova", "device_id": "AAAA",
        "metadata": { "filename": "emma.epub", "title": "Emma", "authors": "Jane Austen" }, "timestamp": book["timestamp"],
        "shelf": "reading", "finished": null,
    });
    assert_eq!(book, expected);
    // Fields without a value are left out.
    let expected = json!({
        "document": "bare", "title": "bare", "progress": "/p[1]", "percentage": 0.25, "device": "Kobo_nova",
        "metadata": {}, "timestamp": timestamp, "shelf": "reading", "finished": null,
    });
    assert_eq!(get(&site, &document_path("bare", "")), expected);
    let listed = get(&site, "/api/v1/documents");
    assert!(listed["documents"].as_array().unwrap().contains(&expected), "the list has the same document: {listed}");
    assert_no_document(as_ada(&site, "GET", &document_path("nothing", ""), None));
}

#[test]
fn renaming_sets_and_removes_the_name_and_leaves_the_position() {
    let site = Site::with_ada();
    push_metadata(&site, "book", json!({ "title": "Emma" }));
    let named = |name: Value| {
        let answer = ok(rename(&site, "book", name));
        assert_eq!(answer, get(&site, &document_path("book", "")), "the response is the changed document");
        (answer["name"].as_str().map(str::to_owned), answer["title"].as_str().unwrap().to_owned())
    };
    let both = |name: &str| (Some(name.to_owned()), name.to_owned());
    assert_eq!(named(json!("Mein Bücherl 📚")), both("Mein Bücherl 📚"));
    assert_eq!(named(json!(" \u{a0}\t trimmed  at both ends \n")), both("trimmed  at both ends"));
    let longest = "é".repeat(512);
    assert_eq!(named(json!(format!("  {longest}  "))), both(&longest));
    // Position and history are unchanged.
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    assert_eq!(get(&site, &document_path("book", "/history"))["history"].as_array().unwrap().len(), 1);
    for nothing in [json!(null), json!(""), json!(" \t\n")] {
        assert_eq!(named(json!("a name")), both("a name"));
        assert_eq!(named(nothing), (None, "Emma".to_owned()));
    }
}

#[test]
fn an_invalid_name_is_refused_and_changes_nothing() {
    let site = Site::with_ada();
    push(&site, "book", "p", 0.5, ("d", None));
    ok(rename(&site, "book", json!("mine")));
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
    let raw = |body| site.send_as("ada", KEY, "PATCH", &document_path("book", ""), body);
    // A body without `name` does not remove the name.
    for body in ["{}", r#"{"nmae":"x"}"#] {
        raw(Some(body)).refused(400, 3400, "The body must have 'name', 'shelf', 'finished' or 'hidden'.");
    }
    raw(None).refused(400, 103, "Could not parse JSON in body.");
    raw(Some("{\"name\":")).refused(400, 103, "Could not parse JSON in body.");
    raw(Some("[\"a\"]")).refused(400, 104, "Body should be a JSON hash.");
    assert_no_document(rename(&site, "nothing", json!("a name")));
    assert_no_document(rename(&site, "nothing", json!(null)));
    assert_eq!(get(&site, &document_path("book", ""))["name"], "mine");
    assert_eq!(get(&site, "/api/v1/documents")["total"], 1);
    // The refused name is not stored for a later document of that id.
    push(&site, "nothing", "p", 0.5, ("d", None));
    assert_eq!(get(&site, &document_path("nothing", "")).get("name"), None);
}

#[test]
fn deleting_a_document_deletes_its_history_and_no_other_document() {
    let site = Site::with_ada();
    push_metadata(&site, "book", json!({ "title": "Emma" }));
    push(&site, "book", "q", 0.6, ("d", None));
    push(&site, "other", "p", 0.5, ("d", None));
    ok(rename(&site, "book", json!("mine")));
    let delete = || as_ada(&site, "DELETE", &document_path("book", ""), None);
    assert_eq!(ok(delete()), json!({ "deleted": true }));
    assert_no_document(delete());
    assert_no_document(as_ada(&site, "GET", &document_path("book", ""), None));
    assert_no_document(as_ada(&site, "GET", &document_path("book", "/history"), None));
    assert_eq!(site.pull("ada", KEY, "book").body, "{}");
    assert_eq!(field_of_each(&get(&site, "/api/v1/documents")["documents"], "document"), ["other"]);
    // A new document of the same id starts without metadata, name and history.
    push(&site, "book", "again", 0.1, ("d", None));
    let book = get(&site, &document_path("book", ""));
    assert_eq!((&book["title"], &book["metadata"], book.get("name")), (&json!("book"), &json!({}), None));
    assert_eq!(get(&site, &document_path("book", "/history"))["history"].as_array().unwrap().len(), 1);
}

#[test]
fn the_history_has_the_newest_position_first_and_marks_the_current_one() {
    let site = Site::with_ada();
    let mut expected = Vec::new();
    for (progress, percentage, device) in
        [("1", 0.1, ("Kobo", Some("K"))), ("2", 0.2, ("phone", None)), ("1", 0.1, ("Kobo", Some("K")))]
    {
        let timestamp = push(&site, "book", progress, percentage, device);
        let mut entry = json!({
            "progress": progress, "percentage": percentage, "device": device.0, "pushes": 1, "timestamp": timestamp,
        });
        if let Some(id) = device.1 {
            entry["device_id"] = json!(id);
        }
        expected.insert(0, entry);
        push(&site, "another", "x", 0.5, device);
    }
    // The Kobo pushed last, from where it had been before.
    expected[1]["current"] = json!(true);
    let mut history = get(&site, &document_path("book", "/history"))["history"].take();
    let mut sequences = Vec::new();
    for entry in history.as_array_mut().unwrap() {
        sequences.push(entry.as_object_mut().unwrap().remove("sequence").unwrap().as_u64().unwrap());
    }
    assert_eq!(history, json!(expected));
    assert!(sequences.is_sorted_by(|one, other| one > other), "{sequences:?}");
    assert_no_document(as_ada(&site, "GET", &document_path("nothing", "/history"), None));
}

/// A position that a stale device overwrote becomes the current one again.
#[test]
fn an_older_position_is_restored() {
    let site = Site::with_ada();
    push(&site, "book", "/body/p[7]", 0.4213, ("Kobo", Some("K")));
    push(&site, "book", "/body/p[3]", 0.1, ("stale", None));
    let mut before = get(&site, &document_path("book", "/history"))["history"].take();
    assert_eq!(before[0].as_object_mut().unwrap().remove("current"), Some(json!(true)));
    let answer = ok(restore(&site, "book", &before[1]["sequence"]));
    assert_eq!(answer, get(&site, &document_path("book", "")), "the response is the changed document");
    let expected = json!({
        "document": "book", "progress": "/body/p[7]", "percentage": 0.4213, "device": "kosync (put back)",
        "device_id": "kosync-put-back", "timestamp": answer["timestamp"],
    });
    assert_eq!(site.pulled("ada", KEY, "book"), expected, "a pull returns the restored position");
    let after = get(&site, &document_path("book", "/history"))["history"].take();
    assert_eq!(json!(after.as_array().unwrap()[1..]), before, "restoring adds one entry and changes no other");
    // The next push becomes the current position as usual.
    push(&site, "book", "/body/p[8]", 0.43, ("Kobo", Some("K")));
    assert_eq!(site.pulled("ada", KEY, "book")["device"], "Kobo");
}

#[test]
fn only_a_position_of_the_same_document_and_account_is_restored() {
    let site = Site::with_ada();
    site.registered("grace", OTHER_KEY);
    push(&site, "book", "ada's", 0.5, ("d", None));
    push(&site, "other", "ada's other", 0.6, ("d", None));
    site.pushed("grace", OTHER_KEY, &position("book", "grace's", 0.9));
    let newest = |reply: Reply| ok(reply)["history"][0]["sequence"].clone();
    let other = newest(as_ada(&site, "GET", &document_path("other", "/history"), None));
    let grace = newest(site.send_as("grace", OTHER_KEY, "GET", &document_path("book", "/history"), None));
    let before = get(&site, &document_path("book", "/history"));

    for sequence in [&other, &grace, &json!(0), &json!(999_999), &json!(u64::MAX)] {
        assert_no_position(restore(&site, "book", sequence));
    }
    assert_no_document(restore(&site, "nothing", &other));
    let no_number = [json!(null), json!("x"), json!(-1), json!(1.5), json!(true), json!([1]), json!({})];
    let message = "'sequence' must be a number from the history.";
    for sequence in no_number {
        restore(&site, "book", &sequence).refused(400, 3400, message);
    }
    as_ada(&site, "POST", &document_path("book", "/put-back"), Some(json!({}))).refused(400, 3400, message);
    assert_eq!(get(&site, &document_path("book", "/history")), before);
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "ada's");
    assert_eq!(site.pulled("grace", OTHER_KEY, "book")["progress"], "grace's");
}

/// HEAD is GET without the body, and every other method is 405 with `Allow`.
#[test]
fn each_route_answers_its_methods_and_names_them_to_others() {
    let site = Site::with_ada();
    push(&site, "a/b", "p", 0.5, ("d", None));
    let document = document_path("a/b", "");
    for (path, allowed) in [
        ("/api/v1/documents", "GET, HEAD"),
        (&document, "DELETE, GET, HEAD, PATCH"),
        (&document_path("a/b", "/history"), "GET, HEAD"),
        (&document_path("a/b", "/put-back"), "POST"),
        (&document_path("a/b", "/start-over"), "POST"),
        ("/api/v1/devices", "GET, HEAD"),
        ("/api/v1/account", "GET, HEAD, PATCH"),
        ("/api/v1/activity", "GET, HEAD"),
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
            reply.refused(405, 3405, "This path does not support the request's method; see the header 'Allow'.");
        }
    }
    assert_eq!(get(&site, &document)["progress"], "p", "nothing was changed");
    let nowhere = "There is nothing at this path. Check the address of the sync server.";
    for path in [
        "/api",
        "/api/v1",
        "/api/v1/users",
        "/api/v2/documents",
        &document_path("a", "/b"),
        &document_path("a", "/history/1"),
    ] {
        as_ada(&site, "GET", path, None).refused(404, 3404, nowhere);
    }
    assert_eq!(site.send_as("ada", KEY, "HEAD", &document_path("nothing", ""), None).status, 404);
}

/// Every id that a push accepts works on every route with an id.
#[test]
fn unusual_ids_work_on_every_route() {
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
        push(&site, document, &format!("old {document}"), 0.25, ("d", None));
        push(&site, document, &format!("new {document}"), 0.5, ("d", None));
    }
    for document in documents {
        let book = get(&site, &document_path(document, ""));
        assert_eq!((&book["document"], &book["progress"]), (&json!(document), &json!(format!("new {document}"))));
        let history = get(&site, &document_path(document, "/history"))["history"].take();
        assert_eq!(field_of_each(&history, "progress"), [&format!("new {document}"), &format!("old {document}")]);
        assert_eq!(ok(rename(&site, document, json!("a name")))["document"], document);
        let back = ok(restore(&site, document, &history[1]["sequence"]));
        assert_eq!(back["progress"], format!("old {document}"), "{document:?}");
    }
    for (deleted, document) in documents.into_iter().enumerate() {
        assert_eq!(get(&site, "/api/v1/documents")["total"], documents.len() - deleted);
        ok(as_ada(&site, "DELETE", &document_path(document, ""), None));
        assert_no_document(as_ada(&site, "GET", &document_path(document, ""), None));
    }
    // An invalid id is an unknown document.
    let none = "x".repeat(256);
    for document in ["a:b", "\0", "\u{fffd}", &none] {
        assert_no_document(as_ada(&site, "GET", &document_path(document, ""), None));
        assert_no_document(as_ada(&site, "GET", &document_path(document, "/history"), None));
        assert_no_document(as_ada(&site, "DELETE", &document_path(document, ""), None));
        assert_no_document(rename(&site, document, json!("a name")));
        assert_no_document(restore(&site, document, &json!(1)));
    }
    assert_no_document(as_ada(&site, "GET", "/api/v1/documents/%ff", None));
}

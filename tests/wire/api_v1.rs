//! `/api/v1`: the answer and the effect of each route.

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

fn restore(site: &Site, document: &str, sequence: &Value) -> Reply {
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

/// Several pushes within one second are in order, too.
#[test]
fn preferences_are_chosen_one_by_one_and_null_is_the_default() {
    let site = Site::with_ada();
    let fields = ["language", "time_zone", "day_end", "goal"];
    let get = || {
        let account = as_ada(&site, "GET", "/api/v1/account", None).shaped().json();
        (fields.map(|field| account.get(field).cloned()), account["current_position"].clone())
    };
    let patch = |body: Value| as_ada(&site, "PATCH", "/api/v1/account", Some(body));
    assert_eq!(get(), ([None, None, None, None], json!("newest")));
    let all = json!({ "language": "fr", "time_zone": "Europe/Paris", "day_end": 0, "goal": 1000, "current_position": "last" });
    let answer = patch(all.clone()).shaped();
    assert_eq!(answer.status, 200, "{answer:?}");
    let chosen = fields.map(|field| Some(all[field].clone()));
    assert_eq!(get(), (chosen.clone(), json!("last")));
    assert_eq!(fields.map(|field| answer.json().get(field).cloned()), chosen, "the answer has them");
    // What is not sent stays.
    assert_eq!(patch(json!({ "goal": 12 })).status, 200);
    assert_eq!(get(), ([chosen[0].clone(), chosen[1].clone(), chosen[2].clone(), Some(json!(12))], json!("last")));
    assert_eq!(patch(json!({ "language": null, "day_end": null, "current_position": null })).status, 200);
    assert_eq!(get(), ([None, chosen[1].clone(), None, Some(json!(12))], json!("newest")));
}

#[test]
fn a_preference_that_is_no_choice_is_refused_with_the_choices_and_changes_nothing() {
    let site = Site::with_ada();
    let patch = |body: Value| as_ada(&site, "PATCH", "/api/v1/account", Some(body));
    assert_eq!(patch(json!({ "language": "de", "time_zone": "UTC", "day_end": 3, "goal": 5 })).status, 200);
    let account = || as_ada(&site, "GET", "/api/v1/account", None).shaped().json();
    let before = account();
    let language = "'language' must be 'de', 'en', 'es', 'fr' or 'nl', or null.";
    let zone = "'time_zone' must be a name of the tz database, such as 'Europe/Berlin', or null.";
    let hour = "'day_end' must be an hour from 0 to 12, or null.";
    let goal = "'goal' must be a number of books from 1 to 1000, or null.";
    let rule = "'current_position' must be 'newest', 'furthest' or 'last', or null.";
    for (field, values, message) in [
        ("language", vec![json!("pl"), json!("DE"), json!(""), json!(1)], language),
        (
            "time_zone",
            vec![json!("Nowhere/Land"), json!(""), json!("../UTC"), json!("x".repeat(70_000 / 2)), json!([])],
            zone,
        ),
        ("day_end", vec![json!(13), json!(-1), json!(1.5), json!("4"), json!(260)], hour),
        ("goal", vec![json!(0), json!(1001), json!("12"), json!(70_000)], goal),
        ("current_position", vec![json!("first"), json!(1)], rule),
    ] {
        for value in values {
            let mut body = json!({ "language": "nl", "goal": 7 });
            body[field] = value;
            patch(body).refused(400, 3400, message);
            assert_eq!(account(), before, "{field}");
        }
    }
    let none = "The body must have 'current_position', 'language', 'time_zone', 'day_end' or 'goal'.";
    patch(json!({})).refused(400, 3400, none);
    patch(json!({ "other": 1 })).refused(400, 3400, none);
}

#[test]
fn the_list_has_the_last_push_first() {
    let site = Site::with_ada();
    assert_eq!(get(&site, "/api/v1/documents"), json!({ "total": 0, "documents": [] }));
    for (index, id) in ["c", "a", "é", "B", "b", "a"].into_iter().enumerate() {
        push(&site, id, "p", index as f64 / 10.0, ("d", None));
    }
    let list = get(&site, "/api/v1/documents");
    assert_eq!(list["total"], 5);
    assert_eq!(field_of_each(&list["documents"], "document"), ["a", "b", "B", "é", "c"]);
}

#[test]
fn a_search_matches_words_in_name_title_authors_file_and_id() {
    let site = Site::with_ada();
    push_metadata(&site, "one", json!({ "title": "Emma", "authors": "Jane Austen" }));
    push_metadata(&site, "two", json!({ "title": "Überredung", "authors": "Jane Austen" }));
    push(&site, "0123emma", "p", 0.5, ("d", None));
    ok(rename(&site, "two", json!("Persuasion & more")));
    let found = |query: &str| {
        let list = get(&site, &format!("/api/v1/documents?search={query}"));
        let mut ids: Vec<String> =
            field_of_each(&list["documents"], "document").iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        assert_eq!(list["total"], ids.len());
        ids
    };
    assert_eq!(found("EMMA"), ["0123emma", "one"]);
    assert_eq!(found("austen"), ["one", "two"]);
    assert_eq!(found("jane+emma"), ["one"]);
    assert_eq!(found(&percent_encoded("persuasion &")), ["two"]);
    assert_eq!(found(&percent_encoded("überredung")), ["two"], "a renamed book is found by its title");
    assert_eq!(found(""), ["0123emma", "one", "two"]);
    assert_eq!(found("%20+"), ["0123emma", "one", "two"]);
}

/// What people type on a phone's keyboard finds what stands on the cover.
#[test]
fn a_search_ignores_case_accents_and_typography() {
    let site = Site::with_ada();
    push_metadata(&site, "gödel", json!({ "title": "GÖDEL, Escher, Bach" }));
    push_metadata(&site, "decomposed", json!({ "title": "Go\u{308}del’s Proof", "filename": "Beweis ｎ１.epub" }));
    push_metadata(&site, "street", json!({ "title": "Die Straße", "authors": "Stanisław Lem" }));
    push_metadata(&site, "istanbul", json!({ "title": "İSTANBUL Ansiklopedisi ﬁnal" }));
    push_metadata(&site, "lost", json!({ "title": "Ὀδυσσεύς" }));
    let found = |query: &str| {
        let list = get(&site, &format!("/api/v1/documents?search={}", percent_encoded(query)));
        let mut ids: Vec<String> =
            field_of_each(&list["documents"], "document").iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        ids.sort_unstable();
        ids
    };
    assert_eq!(found("godel"), ["decomposed", "gödel"]);
    assert_eq!(found("GÖDEL"), ["decomposed", "gödel"]);
    assert_eq!(found("godel's"), ["decomposed"], "straight and curly apostrophes are one");
    assert_eq!(found("n1.epub"), ["decomposed"], "the file's name, in full-width letters");
    for query in ["strasse", "STRASSE", "straße", "STRAẞE lem", "stanislaw"] {
        assert_eq!(found(query), ["street"], "{query}");
    }
    for query in ["istanbul", "ISTANBUL", "İstanbul", "ıstanbul", "final"] {
        assert_eq!(found(query), ["istanbul"], "{query}");
    }
    assert_eq!(found("οδυσσευς"), ["lost"]);
}

#[test]
fn pages_of_the_list_add_up_to_the_whole() {
    let site = Site::with_ada();
    for number in 0..25 {
        push(&site, &format!("{number:02}"), "p", 0.5, ("d", None));
    }
    let page = |query: &str| {
        let list = get(&site, &format!("/api/v1/documents?{query}"));
        assert_eq!(list["total"], 25, "the number of all documents, not of the page");
        field_of_each(&list["documents"], "document").into_iter().cloned().collect::<Vec<_>>()
    };
    let all = page("");
    assert_eq!(all.len(), 25);
    assert_eq!([page("limit=10"), page("limit=10&offset=10"), page("offset=20&limit=10")].concat(), all);
    assert_eq!(page("limit=1&offset=24"), all[24..]);
    assert_eq!(page("limit=1000"), all);
    for beyond in ["offset=25", "offset=4294967296", "offset=18446744073709551615"] {
        assert_eq!(page(beyond), [""; 0]);
    }
}

/// The default that `openapi.json` documents.
#[test]
fn a_page_has_100_documents_by_default() {
    let site = Site::with_ada();
    for number in 0..101 {
        push(&site, &number.to_string(), "p", 0.5, ("d", None));
    }
    let count = |path| get(&site, path)["documents"].as_array().unwrap().len();
    assert_eq!(count("/api/v1/documents"), 100);
    assert_eq!(count("/api/v1/documents?limit=1000"), 101);
}

#[test]
fn an_invalid_limit_or_offset_is_refused() {
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

#[test]
fn devices_are_told_apart_by_name_and_id() {
    let site = Site::with_ada();
    assert_eq!(get(&site, "/api/v1/devices"), json!({ "devices": [] }));
    push_metadata(&site, "b", json!({ "title": "Emma" }));
    for (document, percentage, device) in [
        ("a", 0.1, ("Kobo", Some("1"))),
        ("a", 0.2, ("Kobo", Some("2"))),
        ("a", 0.3, ("Kobo", None)),
        ("b", 0.4, ("Kobo", Some("1"))),
        ("b", 0.5, ("Kobo", Some("1"))),
    ] {
        push(&site, document, "p", percentage, device);
    }
    let history = get(&site, &document_path("a", "/history"));
    ok(restore(&site, "a", &history["history"][2]["sequence"]));

    let devices = get(&site, "/api/v1/devices")["devices"].take();
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
    assert_eq!(found, expected, "a restored position belongs to no device: {devices}");
    let second = devices.as_array().unwrap().iter().find(|device| device["device_id"] == "2").unwrap();
    let expected = json!({
        "device": "Kobo", "device_id": "2", "document": "a", "title": "a", "percentage": 0.2, "documents": 1,
        "timestamp": second["timestamp"], "id": second["id"], "mark": second["mark"],
    });
    assert_eq!(*second, expected, "the last push of the device, not the current position");
    let unnamed = devices.as_array().unwrap().iter().find(|device| device["percentage"] == 0.3).unwrap();
    assert!(unnamed.get("device_id").is_none());
}

#[test]
fn statistics_count_books_days_and_pushes() {
    let site = Site::with_ada();
    let empty = json!({
        "documents": 0, "finished": 0, "finished_this_year": 0, "in_progress": 0, "aside": 0, "hidden": 0, "days_read": 0, "days_in_a_row": 0, "days": [],
        "longest_days_in_a_row": 0, "weeks_in_a_row": 0, "longest_weeks_in_a_row": 0, "finished_by_month": [],
    });
    assert_eq!(get(&site, "/api/v1/statistics"), empty);
    for (document, percentage) in
        [("a", 0.1), ("a", 0.2), ("b", 0.989), ("c", 0.99), ("d", 1.0), ("d", 0.5), ("e", 1.0)]
    {
        push(&site, document, "p", percentage, ("d", None));
    }
    let history = get(&site, &document_path("a", "/history"));
    ok(restore(&site, "a", &history["history"][1]["sequence"]));
    let mut statistics = get(&site, "/api/v1/statistics");
    let days = statistics["days"].take();
    let [weeks, longest, months] =
        ["weeks_in_a_row", "longest_weeks_in_a_row", "finished_by_month"].map(|name| statistics[name].take());
    assert_eq!(weeks, longest);
    assert!(!months.as_array().unwrap().is_empty());
    let read: f64 = field_of_each(&days, "read").iter().map(|read| read.as_f64().unwrap()).sum();
    assert!((read - 0.6).abs() < 1e-6, "a tenth of each of five books, and a tenth more of one: {read}");
    // The pushes may span midnight.
    let count = days.as_array().unwrap().len();
    assert!((1..=2).contains(&count), "{days}");
    let pushes: u64 = field_of_each(&days, "pushes").iter().map(|pushes| pushes.as_u64().unwrap()).sum();
    assert_eq!(pushes, 7, "a restored position is no push");
    let expected = json!({
        "documents": 5, "finished": 3, "finished_this_year": 3, "in_progress": 2, "aside": 0, "hidden": 0, "days_read": count, "days_in_a_row": count, "days": null,
        "longest_days_in_a_row": count, "weeks_in_a_row": null, "longest_weeks_in_a_row": null, "finished_by_month": null,
    });
    assert_eq!(statistics, expected);
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

//! `/api/v1`: the lists of documents and devices, what a search finds, and the numbers of all.

use serde_json::json;

use super::api_v1::{as_ada, document_path, field_of_each, get, ok, push, push_metadata, rename, restore};
use crate::common::{Site, percent_encoded};

/// Several pushes within one second are in order, too.
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

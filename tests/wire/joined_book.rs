//! What joined documents are together: one book in lists and numbers, until they are parted or deleted [I7].

use kosync::PositionRule;
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, field_of_each, get, ok, push, push_metadata, rename};
use super::joined::{
    KOBO, PHONE, TABLET, assert_pulled, history, join, joined, part, site_under, site_with_two, under_each_rule,
    xpointer,
};
use crate::common::KEY;

#[test]
fn i7_three_files_share_one_position() {
    under_each_rule(|rule| {
        let site = site_with_two(rule, &xpointer(10), "20");
        push(&site, "three", &xpointer(10), 0.1, TABLET);
        join(&site, "one", "two");
        join(&site, "three", "two");
        let mut with = joined(&site, "two");
        with.sort_unstable();
        assert_eq!(with, ["one", "three"]);
        push(&site, "one", &xpointer(50), 0.5, KOBO);
        assert_pulled(&site, "two", "100", 0.5, "Kobo (other copy)");
        assert_pulled(&site, "three", &xpointer(50), 0.5, "Kobo (other copy)");
        // A page number is for the PDF alone. The others get what the other EPUB has there.
        push(&site, "two", "102", 0.51, PHONE);
        assert_pulled(&site, "one", &xpointer(50), 0.51, "Phone (other copy)");
        assert_pulled(&site, "three", &xpointer(50), 0.51, "Phone (other copy)");
        // Parting one leaves the others together.
        part(&site, "one", "two");
        assert_eq!((joined(&site, "one"), joined(&site, "two")), (vec!["three".to_owned()], Vec::new()));
        assert_pulled(&site, "two", "102", 0.51, "Phone");
        assert_pulled(&site, "three", &xpointer(50), 0.5, "Kobo (other copy)");
    });
}

#[test]
fn i7_parting_gives_each_file_its_own_history_back() {
    under_each_rule(|rule| {
        let site = site_with_two(rule, &xpointer(10), "20");
        let before = (history(&site, "one"), history(&site, "two"));
        join(&site, "one", "two");
        assert_eq!(history(&site, "one"), history(&site, "two"), "they share one history");
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        let shared = history(&site, "two");
        assert_eq!(field_of_each(&shared, "document"), ["one", "two", "one"]);
        part(&site, "two", "one");
        assert_pulled(&site, "one", &xpointer(60), 0.6, "Kobo");
        assert_pulled(&site, "two", "20", 0.1, "Phone");
        let (one, two) = (history(&site, "one"), history(&site, "two"));
        for (entry, before) in [(&one[1], &before.0[0]), (&two[0], &before.1[0])] {
            let mut before = before.clone();
            // The first file has moved on since.
            if entry.get("current").is_none() {
                before.as_object_mut().unwrap().remove("current");
            }
            assert_eq!(*entry, before);
        }
        assert_eq!((one.as_array().unwrap().len(), two.as_array().unwrap().len()), (2, 1));
        let parted = get(&site, &document_path("one", ""));
        assert_eq!((parted.get("joined"), parted.get("written_for")), (None, None));
    });
}

#[test]
fn i7_deleting_a_document_parts_it_first() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), &xpointer(10));
    push(&site, "three", &xpointer(10), 0.1, TABLET);
    join(&site, "one", "two");
    join(&site, "one", "three");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    ok(as_ada(&site, "DELETE", &document_path("one", ""), None));
    assert_eq!(site.pulled("ada", KEY, "one"), json!({}));
    assert_eq!(joined(&site, "two"), ["three"]);
    // The last but one dissolves the book.
    ok(as_ada(&site, "DELETE", &document_path("three", ""), None));
    assert_eq!(joined(&site, "two"), [""; 0]);
    assert_pulled(&site, "two", &xpointer(10), 0.1, "Phone");
    assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
}

#[test]
fn i7_joined_documents_are_one_book_in_lists_and_numbers() {
    let site = site_under(PositionRule::Newest);
    push_metadata(&site, "one", json!({ "title": "Emma", "authors": "Jane Austen" }));
    push(&site, "two", "20", 0.1, PHONE);
    push(&site, "other", "p", 1.0, PHONE);
    join(&site, "two", "one");
    push(&site, "two", "200", 1.0, PHONE);
    let list = get(&site, "/api/v1/documents");
    assert_eq!(list["total"], 2);
    assert_eq!(field_of_each(&list["documents"], "document"), ["two", "other"]);
    let book = &list["documents"][0];
    assert_eq!((&book["title"], &book["percentage"], &book["device"]), (&json!("Emma"), &json!(1.0), &json!("Phone")));
    assert_eq!(field_of_each(&book["joined"], "document"), ["one"]);
    assert_eq!(*book, get(&site, &document_path("two", "")));
    let other = get(&site, &document_path("one", ""));
    assert_eq!((&other["written_for"], &other["percentage"]), (&json!("two"), &json!(1.0)));

    // It is found by what is known of any of its files.
    for search in ["emma", "two", "one"] {
        assert_eq!(get(&site, &format!("/api/v1/documents?search={search}"))["total"], 1, "{search}");
    }
    let statistics = get(&site, "/api/v1/statistics");
    assert_eq!(
        (&statistics["documents"], &statistics["finished"], &statistics["finished_this_year"]),
        (&json!(2), &json!(2), &json!(2))
    );
    // A book that is finished in one file is not finished again in the other.
    push(&site, "one", "p", 1.0, KOBO);
    assert_eq!(get(&site, "/api/v1/statistics")["finished_this_year"], 2);
    let devices = get(&site, "/api/v1/devices");
    let phone =
        devices["devices"].as_array().unwrap().iter().find(|device| device["device"] == "Phone").unwrap().clone();
    assert_eq!(phone["documents"], 2);

    // A name is the book's, whichever file it was given to.
    ok(rename(&site, "one", json!("Mine")));
    assert_eq!(get(&site, &document_path("two", ""))["title"], "Mine");
    ok(rename(&site, "two", json!("Ours")));
    assert_eq!(get(&site, &document_path("one", ""))["title"], "Ours");
}

#[test]
fn i7_what_cannot_be_joined_or_parted_is_refused() {
    let site = site_with_two(PositionRule::Newest, "1", "1");
    let send =
        |document: &str, rest: &str, body: Value| as_ada(&site, "POST", &document_path(document, rest), Some(body));
    for bad in [json!({}), json!({ "document": "" }), json!({ "document": "a:b" }), json!({ "document": 1 })] {
        send("one", "/join", bad.clone()).refused(400, 3400, "'document' must be the id of another document.");
        send("one", "/part", bad).refused(400, 3400, "'document' must be the id of another document.");
    }
    let itself = "'document' is the document itself. Send the id of another one.";
    send("one", "/join", json!({ "document": "one" })).refused(400, 3400, itself);
    send("nothing", "/join", json!({ "document": "one" })).refused(404, 3404, "There is no such document.");
    let not_joined = "The document is not joined with the other one.";
    send("one", "/part", json!({ "document": "two" })).refused(404, 3404, not_joined);
    join(&site, "one", "two");
    join(&site, "two", "one");
    assert_eq!(joined(&site, "one"), ["two"], "joining again changes nothing");
    send("one", "/part", json!({ "document": "one" })).refused(404, 3404, not_joined);
    for number in 3..=16 {
        join(&site, "one", &format!("id {number}"));
    }
    let too_many = "A book has 16 documents at most. Part one of them before you join another.";
    send("two", "/join", json!({ "document": "id 17" })).refused(400, 3400, too_many);
    // Of another account they are nothing.
    site.registered("grace", KEY);
    assert_eq!(site.pulled("grace", KEY, "id 3"), json!({}));
    let path = document_path("one", "/join");
    site.send_as("grace", KEY, "POST", &path, Some(r#"{"document":"two"}"#)).refused(
        404,
        3404,
        "There is no such document.",
    );
}

//! Tests which documents are suggested as one book [I6] [I7]. Also tests for which one they are suggested when several
//! moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kosync::PositionRule;
use serde_json::{Value, json};

use super::activity::{self, behind_a_proxy, pulls, pushes};
use super::api_v1::{get, push, push_metadata};
use super::joined::{KOBO, PHONE, join, joined, site_under, xpointer};
use crate::common::{KEY, Site};

const ASKED: &str = "8718c0ffee8718c0ffee8718c0ffee87";
const HOUR: u64 = 60 * 60;

fn site_at(now: &Arc<AtomicU64>) -> Site {
    let clock = now.clone();
    let site = Site::with(|builder| behind_a_proxy(builder).clock(move || clock.load(Ordering::Relaxed)));
    site.registered("ada", KEY);
    site
}

/// Returns the documents of each suggestion, and its reason.
fn suggested(site: &Site) -> Vec<(Value, Value, Value)> {
    let found = get(site, "/api/v1/suggestions")["suggestions"].take();
    let pair = |row: &Value| (row["document"].clone(), row["other"].clone(), row["reason"].clone());
    found.as_array().unwrap().iter().map(pair).collect()
}

fn asked_for(book: &str) -> [(Value, Value, Value); 1] {
    [(json!(book), json!(ASKED), json!("asked"))]
}

/// The book of the page "Why does it not sync?": a device does not ask for its own book under another id.
#[test]
fn i7_an_id_that_was_asked_for_is_suggested_for_the_book_of_another_device() {
    let now = Arc::new(AtomicU64::new(20_000 * 24 * HOUR));
    let site = site_at(&now);
    pushes(&site, activity::KOBO, "of the Kobo", 0.6);
    now.fetch_add(60, Ordering::Relaxed);
    pushes(&site, activity::PHONE, "of the phone", 0.1);
    now.fetch_add(60, Ordering::Relaxed);
    pulls(&site, activity::PHONE, ASKED);
    assert_eq!(suggested(&site), asked_for("of the Kobo"));
}

/// "While another book moved" [I7]: what moves hours later is another story.
#[test]
fn i7_an_id_that_was_asked_for_is_suggested_for_the_book_that_moved_then() {
    let now = Arc::new(AtomicU64::new(20_000 * 24 * HOUR));
    let site = site_at(&now);
    push(&site, "a day before", &xpointer(1), 0.1, KOBO);
    now.fetch_add(24 * HOUR, Ordering::Relaxed);
    push(&site, "then", &xpointer(60), 0.6, KOBO);
    now.fetch_add(60, Ordering::Relaxed);
    assert_eq!(site.pulled("ada", KEY, ASKED), json!({}));
    assert_eq!(suggested(&site), asked_for("then"));
    now.fetch_add(10 * HOUR, Ordering::Relaxed);
    push(&site, "later", &xpointer(1), 0.1, KOBO);
    push(&site, "a later one", &xpointer(1), 0.1, KOBO);
    assert_eq!(suggested(&site), asked_for("then"));
    // Read on, it is the one that moved later; the other is nearer to the time of the question.
    now.fetch_add(10 * HOUR, Ordering::Relaxed);
    push(&site, "then", &xpointer(61), 0.7, KOBO);
    push(&site, "later", &xpointer(9), 0.2, KOBO);
    assert_eq!(suggested(&site), asked_for("a later one"));
    now.fetch_add(10 * HOUR, Ordering::Relaxed);
    for book in ["then", "later", "a later one"] {
        push(&site, book, &xpointer(70), 0.8, KOBO);
    }
    assert_eq!(suggested(&site), [], "no book moved within a day of it");
}

/// Returns the suggestions as pairs of ids with the reason.
fn suggested_pairs(site: &Site) -> Vec<(String, String, String)> {
    let found = get(site, "/api/v1/suggestions");
    let text = |suggestion: &Value, field: &str| suggestion[field].as_str().unwrap().to_owned();
    let found = found["suggestions"].as_array().unwrap();
    found
        .iter()
        .map(|found| {
            let mut ids = [text(found, "document"), text(found, "other")];
            ids.sort_unstable();
            let [one, other] = ids;
            (one, other, text(found, "reason"))
        })
        .collect()
}

#[test]
fn i6_documents_that_may_be_one_book_are_suggested_and_not_joined() {
    let site = site_under(PositionRule::Newest);
    let pair = |one: &str, other: &str, reason: &str| (one.to_owned(), other.to_owned(), reason.to_owned());
    push_metadata(&site, "t1", json!({ "title": "Emma", "authors": "Jane  Austen", "filename": "a.epub" }));
    push_metadata(&site, "t2", json!({ "title": "emma", "authors": "jane austen", "filename": "b.epub" }));
    push_metadata(&site, "t3", json!({ "title": "Emma", "authors": "Another", "filename": "c.epub" }));
    assert_eq!(suggested_pairs(&site), [pair("t1", "t2", "title")]);
    join(&site, "t1", "t2");
    assert_eq!(suggested_pairs(&site), []);

    push_metadata(&site, "f1", json!({ "filename": "b.epub" }));
    assert_eq!(suggested_pairs(&site), [pair("f1", "t2", "filename")]);
    join(&site, "f1", "t1");

    // The MD5 of `Überredung.epub`, as KOReader has it with the document matching method "Filename".
    let by_name = "6de1e93c43f352f684fd6ea25560d2e5";
    push(&site, by_name, &xpointer(1), 0.1, PHONE);
    push_metadata(&site, "binary", json!({ "filename": "Überredung.epub" }));
    assert_eq!(suggested_pairs(&site), [pair(by_name, "binary", "matching-method")]);
    assert_eq!(joined(&site, "binary"), [""; 0], "nothing is joined unasked");
    join(&site, "binary", by_name);
    // A blank before the name is a part of it.
    push(&site, "cfed11ba3937ccb29a2db63ca3a3e3ff", &xpointer(1), 0.1, PHONE);
    push_metadata(&site, "blank", json!({ "filename": " Emma.epub" }));
    let found = suggested_pairs(&site);
    assert_eq!((found.len(), found[0].2.as_str()), (1, "matching-method"), "{found:?}");
    join(&site, "blank", "cfed11ba3937ccb29a2db63ca3a3e3ff");

    // A device asks for an id that nobody has pushed, while a book moves.
    let asked = "8718c0ffee8718c0ffee8718c0ffee87";
    assert_eq!(site.pulled("ada", KEY, asked), json!({}));
    assert_eq!(site.pulled("ada", KEY, "test-connection"), json!({}));
    let found = suggested_pairs(&site);
    assert_eq!((found.len(), found[0].0.as_str(), found[0].2.as_str()), (1, asked, "asked"));
    join(&site, &found[0].1.clone(), asked);
    assert_eq!(suggested_pairs(&site), []);
}

//! Tests which documents are suggested as one book [I6] [I7]. Also tests for which one they are suggested when several
//! moved.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::activity::{self, behind_a_proxy, pulls, pushes};
use super::api_v1::{get, push};
use super::joined::{KOBO, xpointer};
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

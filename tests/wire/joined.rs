//! One book in several files, joined by hand: what each file gets, and which push moves the book [I7].

use std::sync::atomic::{AtomicU64, Ordering};

use kosync::{Builder, PositionRule};
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, field_of_each, get, ok, push, push_metadata};
use crate::common::{KEY, Site};

pub(super) const KOBO: (&str, Option<&str>) = ("Kobo", Some("K1"));
pub(super) const PHONE: (&str, Option<&str>) = ("Phone", Some("P1"));
pub(super) const TABLET: (&str, Option<&str>) = ("Tablet", None);

pub(super) fn xpointer(number: u32) -> String {
    format!("/body/DocFragment[{number}]/body/p[1]/text().0")
}

pub(super) fn join(site: &Site, document: &str, other: &str) -> Value {
    ok(as_ada(site, "POST", &document_path(document, "/join"), Some(json!({ "document": other }))))
}

pub(super) fn part(site: &Site, document: &str, other: &str) -> Value {
    ok(as_ada(site, "POST", &document_path(document, "/part"), Some(json!({ "document": other }))))
}

/// Asserts what a pull gets: `progress`, percentage and device.
#[track_caller]
pub(super) fn assert_pulled(site: &Site, document: &str, progress: &str, percentage: f64, device: &str) {
    let pulled = site.pulled("ada", KEY, document);
    assert_eq!(pulled["document"], document);
    assert_eq!((&pulled["progress"], &pulled["device"]), (&json!(progress), &json!(device)), "{pulled}");
    assert_eq!(pulled["percentage"], percentage, "{pulled}");
}

/// Returns the ids that a document is joined with.
pub(super) fn joined(site: &Site, document: &str) -> Vec<String> {
    let document = get(site, &document_path(document, ""));
    let Some(joined) = document.get("joined") else { return Vec::new() };
    field_of_each(joined, "document").into_iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

pub(super) fn history(site: &Site, document: &str) -> Value {
    get(site, &document_path(document, "/history"))["history"].clone()
}

/// Sets a rule, and a clock that advances by 10 s at each read. Therefore, no two pushes are of one queue.
pub(super) fn settings(rule: PositionRule) -> impl FnOnce(Builder) -> Builder {
    let now = AtomicU64::new(20_000 * 24 * 60 * 60);
    move |builder| builder.current_position(rule).clock(move || now.fetch_add(10, Ordering::Relaxed))
}

pub(super) fn site_under(rule: PositionRule) -> Site {
    let site = Site::with(settings(rule));
    site.registered("ada", KEY);
    site
}

/// Starts a server under a rule, with two files of one book at 10 %. Each was pushed once, the first by the Kobo, the
/// second by the phone.
pub(super) fn site_with_two(rule: PositionRule, first: &str, second: &str) -> Site {
    let site = site_under(rule);
    push(&site, "one", first, 0.1, KOBO);
    push(&site, "two", second, 0.1, PHONE);
    site
}

pub(super) fn under_each_rule(test: impl Fn(PositionRule)) {
    PositionRule::ALL.into_iter().for_each(test);
}

/// A re-saved EPUB has the same structure under another digest.
#[test]
fn i7_a_resaved_epub_gets_the_xpointer_of_the_other_copy() {
    under_each_rule(|rule| {
        let site = site_with_two(rule, &xpointer(10), &xpointer(10));
        assert_eq!(joined(&site, "one"), [""; 0], "nothing is joined unasked");
        join(&site, "one", "two");
        assert_eq!((joined(&site, "one"), joined(&site, "two")), (vec!["two".to_owned()], vec!["one".to_owned()]));
        let timestamp = push(&site, "one", &xpointer(60), 0.6, KOBO);
        let expected = json!({
            "document": "two", "percentage": 0.6, "progress": xpointer(60), "device": "Kobo (other copy)",
            "device_id": "K1-other-copy", "timestamp": timestamp,
        });
        assert_eq!(site.pulled("ada", KEY, "two"), expected, "{rule}");
        // The file that it was written for gets what was pushed, byte for byte.
        let expected = json!({
            "document": "one", "percentage": 0.6, "progress": xpointer(60), "device": "Kobo", "device_id": "K1",
            "timestamp": timestamp,
        });
        assert_eq!(site.pulled("ada", KEY, "one"), expected, "{rule}");
    });
}

#[test]
fn i7_a_file_gets_its_own_locator_where_it_has_one_within_2_percent() {
    under_each_rule(|rule| {
        let site = site_with_two(rule, &xpointer(10), &xpointer(10));
        push(&site, "one", &xpointer(58), 0.585, KOBO);
        push(&site, "one", &xpointer(59), 0.59, KOBO);
        push(&site, "one", &xpointer(90), 0.9, KOBO);
        join(&site, "two", "one");
        push(&site, "two", "/body/DocFragment[3]/body/div[7]", 0.95, PHONE);
        push(&site, "two", "/body/DocFragment[3]/body/div[8]", 0.98, PHONE);
        push(&site, "one", &xpointer(100), 1.0, KOBO);
        push(&site, "two", "/body/DocFragment[3]/body/div[9]", 0.985, PHONE);
        if rule != PositionRule::Furthest {
            assert_pulled(&site, "one", &xpointer(100), 0.985, "Phone (other copy)");
        } else {
            assert_pulled(&site, "two", "/body/DocFragment[3]/body/div[9]", 1.0, "Kobo (other copy)");
        }
    });
}

#[test]
fn i7_a_pdf_beside_an_epub_gets_page_numbers_and_the_epub_never_does() {
    under_each_rule(|rule| {
        let site = site_with_two(rule, &xpointer(10), "20");
        join(&site, "one", "two");
        push(&site, "one", &xpointer(57), 0.573, KOBO);
        // 20 of 200 pages.
        assert_pulled(&site, "two", "115", 0.573, "Kobo (other copy)");
        push(&site, "two", "160", 0.8, PHONE);
        // The EPUB has no locator near 80 %: it gets its own last position, whole.
        assert_pulled(&site, "one", &xpointer(57), 0.573, "Kobo");
        push(&site, "two", "116", 0.58, PHONE);
        if rule == PositionRule::Last {
            assert_pulled(&site, "one", &xpointer(57), 0.58, "Phone (other copy)");
        }
    });
}

/// Its XPointers mean other places. A client that went to one says so by its percentage.
#[test]
fn i7_an_epub_of_another_structure_lands_elsewhere_once_and_gets_no_xpointer_again() {
    under_each_rule(|rule| {
        let site = site_with_two(rule, &xpointer(10), "/body/DocFragment[2]/body/p[1]");
        join(&site, "one", "two");
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        assert_pulled(&site, "two", &xpointer(60), 0.6, "Kobo (other copy)");
        // In this file that place is at 75 %.
        push(&site, "two", &xpointer(60), 0.75, PHONE);
        assert_pulled(&site, "one", &xpointer(60), 0.6, "Kobo");
        assert_pulled(&site, "two", "/body/DocFragment[2]/body/p[1]", 0.1, "Phone");
        assert_eq!(history(&site, "two")[0]["percentage"], 0.75, "it is in the history");
        push(&site, "one", &xpointer(64), 0.64, KOBO);
        assert_pulled(&site, "two", "/body/DocFragment[2]/body/p[1]", 0.1, "Phone");
        // A place of its own is still found.
        push(&site, "one", &xpointer(74), 0.74, KOBO);
        assert_pulled(&site, "two", &xpointer(60), 0.74, "Kobo (other copy)");
        // Reading on moves the book, and the other file keeps to its own places.
        push(&site, "two", "/body/DocFragment[2]/body/p[9]", 0.9, PHONE);
        assert_pulled(&site, "one", &xpointer(74), 0.74, "Kobo");
        assert_eq!(get(&site, &document_path("one", ""))["percentage"], 0.9);
        // After a restart, too.
        let site = site.restarted(settings(rule));
        assert_pulled(&site, "one", &xpointer(74), 0.74, "Kobo");
    });
}

#[test]
fn i7_a_file_that_nobody_has_pushed_gets_an_xpointer_unless_its_name_has_pages() {
    let site = site_under(PositionRule::Newest);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    push_metadata(&site, "named", json!({ "filename": "Shovel Knight.pdf" }));
    assert_eq!(site.pulled("ada", KEY, "new"), json!({}));
    join(&site, "one", "new");
    assert_eq!(joined(&site, "one"), ["new"]);
    assert_pulled(&site, "new", &xpointer(60), 0.6, "Kobo (other copy)");
    // It becomes a document with its first push, and stays joined.
    push(&site, "new", &xpointer(61), 0.61, PHONE);
    assert_eq!(joined(&site, "new"), ["one"]);
    assert_pulled(&site, "one", &xpointer(60), 0.61, "Phone (other copy)");

    // The MD5 of `Shovel Knight.pdf`: KOReader's id by file name.
    let by_name = "26ba394dfdec159a803a41087f529e42";
    join(&site, "named", by_name);
    push(&site, "named", &xpointer(7), 0.7, KOBO);
    assert_eq!(site.pulled("ada", KEY, by_name), json!({}), "a file of pages gets no XPointer");
}

/// Asserts the current position of the book, whichever file it was pushed for.
#[track_caller]
fn assert_book(site: &Site, percentage: f64, device: &str) {
    let book = get(site, &document_path("one", ""));
    assert_eq!((&book["percentage"], &book["device"]), (&json!(percentage), &json!(device)), "{book}");
}

/// The phone pulled, went there, and was closed late: that is no reading, whatever locator the pull had for its file.
#[test]
fn i7_the_place_that_a_pull_sent_to_another_file_is_an_echo() {
    for (own, sent, next) in [(xpointer(10), xpointer(60), xpointer(61)), ("20".into(), "120".into(), "121".into())] {
        let site = site_with_two(PositionRule::Newest, &xpointer(10), &own);
        join(&site, "one", "two");
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        assert_pulled(&site, "two", &sent, 0.6, "Kobo (other copy)");
        push(&site, "one", &xpointer(80), 0.8, KOBO);
        push(&site, "two", &sent, 0.6, PHONE);
        assert_book(&site, 0.8, "Kobo");
        assert_eq!(history(&site, "one").as_array().unwrap().len(), 5, "it is in the history");
        // Its next page is reading.
        push(&site, "two", &next, 0.605, PHONE);
        assert_book(&site, 0.605, "Phone");
    }
    // A place of its own that the file knew already.
    let site = site_with_two(PositionRule::Newest, &xpointer(10), "/body/DocFragment[2]");
    push(&site, "two", "/body/DocFragment[7]", 0.61, PHONE);
    push(&site, "two", "/body/DocFragment[3]", 0.2, PHONE);
    join(&site, "one", "two");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    assert_pulled(&site, "two", "/body/DocFragment[7]", 0.6, "Kobo (other copy)");
    push(&site, "one", &xpointer(80), 0.8, KOBO);
    push(&site, "two", "/body/DocFragment[7]", 0.61, PHONE);
    assert_book(&site, 0.8, "Kobo");
}

/// C1 to C3 hold for the book: of two files, each device is one for itself.
#[test]
fn c4_a_device_is_another_one_for_each_file_of_a_book() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), &xpointer(10));
    push(&site, "two", &xpointer(12), 0.12, KOBO);
    join(&site, "one", "two");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    // Opened and closed where it was in the other file.
    push(&site, "two", &xpointer(12), 0.12, KOBO);
    assert_book(&site, 0.6, "Kobo");
    push(&site, "two", &xpointer(13), 0.13, KOBO);
    assert_book(&site, 0.13, "Kobo");
    assert_pulled(&site, "one", &xpointer(13), 0.13, "Kobo (other copy)");

    let site = site_with_two(PositionRule::Furthest, &xpointer(10), &xpointer(10));
    join(&site, "one", "two");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    push(&site, "two", &xpointer(50), 0.5, PHONE);
    assert_book(&site, 0.6, "Kobo");
    push(&site, "two", &xpointer(70), 0.7, PHONE);
    assert_book(&site, 0.7, "Phone");
}

/// KOReader's queue drains yesterday's places, one after the other: what was current before is current again, in its file.
#[test]
fn c1_a_queue_that_is_drained_into_one_file_gives_the_other_its_position_back() {
    let now = std::sync::Arc::new(AtomicU64::new(20_000 * 24 * 60 * 60));
    let clock = now.clone();
    let site = Site::with(|builder| builder.clock(move || clock.load(Ordering::Relaxed)));
    site.registered("ada", KEY);
    let wait = |seconds| now.fetch_add(seconds, Ordering::Relaxed);
    push(&site, "one", &xpointer(10), 0.1, KOBO);
    push(&site, "two", "20", 0.1, PHONE);
    join(&site, "one", "two");
    wait(60);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    wait(60);
    push(&site, "two", "60", 0.3, PHONE);
    assert_book(&site, 0.3, "Phone");
    wait(1);
    push(&site, "two", "70", 0.35, PHONE);
    assert_book(&site, 0.6, "Kobo");
    assert_pulled(&site, "two", "120", 0.6, "Kobo (other copy)");
    assert_pulled(&site, "one", &xpointer(60), 0.6, "Kobo");
    // By itself the file is where its device is.
    part(&site, "one", "two");
    assert_pulled(&site, "two", "70", 0.35, "Phone");
}

#[test]
fn i7_put_back_and_start_over_are_for_the_book() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), "20");
    push(&site, "two", "80", 0.4, PHONE);
    join(&site, "one", "two");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    let put_back = |sequence: &Value| {
        let body = json!({ "sequence": sequence });
        ok(as_ada(&site, "POST", &document_path("one", "/put-back"), Some(body)))
    };
    let shared = history(&site, "one");
    let old = shared.as_array().unwrap().iter().find(|entry| entry["percentage"] == 0.4).unwrap();
    assert_eq!(old["document"], "two");
    put_back(&old["sequence"]);
    assert_book(&site, 0.4, "kosync (put back)");
    assert_pulled(&site, "two", "80", 0.4, "kosync (put back)");
    // What is current already is not written again.
    let length = history(&site, "one").as_array().unwrap().len();
    put_back(&history(&site, "two")[0]["sequence"]);
    assert_eq!(history(&site, "one").as_array().unwrap().len(), length);

    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let ada = kosync::Username::new("ada").unwrap();
    let change = kosync::store::Change::StartOver(kosync::Document::new("two").unwrap());
    let changed = runtime.block_on(site.server.store().manage(kosync::store::Authority::Local, ada, change)).unwrap();
    assert_eq!(changed, kosync::store::AccountOutcome::Done);
    assert_eq!((site.pulled("ada", KEY, "one"), site.pulled("ada", KEY, "two")), (json!({}), json!({})));
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    assert_eq!(site.pulled("ada", KEY, "two"), json!({}), "a repeat is no reading");
    push(&site, "one", &xpointer(2), 0.02, KOBO);
    assert_pulled(&site, "two", "4", 0.02, "Kobo (other copy)");
}

/// A client that knows only a percentage moves the book [C5]. Each file gets a place of its own.
#[test]
fn c5_a_position_without_a_place_moves_joined_files_to_their_own_places() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), "20");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    join(&site, "one", "two");
    push(&site, "one", "", 0.61, TABLET);
    assert_pulled(&site, "one", &xpointer(60), 0.61, "Tablet");
    assert_pulled(&site, "two", "122", 0.61, "Tablet (other copy)");
    push(&site, "two", "", 0.7, TABLET);
    assert_pulled(&site, "two", "20", 0.7, "Tablet");
    assert_pulled(&site, "one", &xpointer(60), 0.61, "Tablet");
}

/// `/api/v1` shows the place that a pull gets, also where the last device sent none [C5].
#[test]
fn c5_a_book_without_a_place_of_its_own_has_the_one_that_a_pull_gets_in_lists_too() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), "20");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    join(&site, "one", "two");
    push(&site, "one", "", 0.61, TABLET);
    let pulled = site.pulled("ada", KEY, "one");
    assert_eq!(pulled["progress"], xpointer(60));
    let listed = get(&site, "/api/v1/documents")["documents"][0].take();
    let other = get(&site, &document_path("two", ""));
    assert_eq!(other["written_for"], "one");
    for shown in [get(&site, &document_path("one", "")), listed, other] {
        for field in ["progress", "percentage", "device", "timestamp"] {
            assert_eq!(shown[field], pulled[field], "{field}: {shown}");
        }
    }
    // The history has what was pushed.
    assert_eq!(history(&site, "one")[0]["progress"], "");
}

/// A client that sends 12 for 12 % is not at the end of a book of pages.
#[test]
fn i7_a_percentage_that_is_no_part_of_a_book_leads_to_no_page() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), "20");
    join(&site, "one", "two");
    for percentage in [12.0, -1.0] {
        push(&site, "one", &xpointer(12), percentage, KOBO);
        assert_pulled(&site, "two", "20", 0.1, "Phone");
        assert_pulled(&site, "one", &xpointer(12), percentage, "Kobo");
    }
    push(&site, "one", &xpointer(100), 1.000_1, KOBO);
    assert_pulled(&site, "two", "200", 1.000_1, "Kobo (other copy)");
}

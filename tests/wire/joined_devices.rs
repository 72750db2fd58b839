//! Tests where each device is in a joined book [I7], by rules C1 to C4. Files join the book, leave it and are imported.

use kosync::PositionRule;
use kosync::store::Transferred;
use serde_json::json;

use super::api_v1::{as_ada, document_path, ok, push};
use super::joined::{KOBO, PHONE, TABLET, join, part, settings, site_under, xpointer};
use crate::common::{KEY, Site};

#[track_caller]
pub(super) fn assert_at(site: &Site, document: &str, percentage: f64, device: &str) {
    let pulled = site.pulled("ada", KEY, document);
    assert_eq!((&pulled["percentage"], &pulled["device"]), (&json!(percentage), &json!(device)), "{pulled}");
}

/// Starts a server on which the Kobo read one file to 60 %. Before that, the phone read the other file to 30 %.
fn kobo_at_60(rule: PositionRule) -> Site {
    let site = site_under(rule);
    push(&site, "two", &xpointer(30), 0.3, PHONE);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    site
}

pub(super) fn import(site: &Site, records: Vec<Transferred>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(site.server.store().import_batch(records)).unwrap();
}

/// Opened and closed where it was, a device has not read [C1].
#[test]
fn i7_a_join_keeps_where_the_devices_of_both_files_are() {
    for (document, other) in [("one", "two"), ("two", "one")] {
        let site = kobo_at_60(PositionRule::Newest);
        join(&site, document, other);
        push(&site, "two", &xpointer(30), 0.3, PHONE);
        assert_at(&site, "one", 0.6, "Kobo");
        push(&site, "two", &xpointer(31), 0.31, PHONE);
        assert_at(&site, "two", 0.31, "Phone");
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        assert_at(&site, "two", 0.31, "Phone");
    }
}

/// The phone's pushes of its file do not show how far the book is read.
#[test]
fn i7_a_join_of_two_books_keeps_where_all_their_devices_are() {
    let site = kobo_at_60(PositionRule::Newest);
    push(&site, "three", &xpointer(40), 0.4, TABLET);
    push(&site, "four", &xpointer(41), 0.41, PHONE);
    join(&site, "one", "two");
    join(&site, "three", "four");
    join(&site, "three", "one");
    assert_at(&site, "four", 0.41, "Phone");
    for (document, place, percentage, device) in
        [("three", 40, 0.4, TABLET), ("two", 30, 0.3, PHONE), ("one", 60, 0.6, KOBO)]
    {
        push(&site, document, &xpointer(place), percentage, device);
        assert_at(&site, "four", 0.41, "Phone");
    }
}

#[test]
fn i7_an_import_into_a_file_keeps_where_the_devices_of_the_others_are() {
    let site = kobo_at_60(PositionRule::Newest);
    let other = Site::with(settings(PositionRule::Newest));
    import(&other, site.exported());
    join(&other, "one", "two");
    push(&site, "one", &xpointer(65), 0.65, KOBO);
    import(&other, site.exported());
    assert_at(&other, "one", 0.65, "Kobo");
    push(&other, "two", &xpointer(30), 0.3, PHONE);
    assert_at(&other, "one", 0.65, "Kobo");
    push(&other, "two", &xpointer(31), 0.31, PHONE);
    assert_at(&other, "two", 0.31, "Phone");
}

/// The file was deleted since a tablet read it. Opened on that tablet again, it is a new one [C1].
#[test]
fn i7_a_file_that_leaves_takes_its_devices_along() {
    let site = kobo_at_60(PositionRule::Newest);
    push(&site, "two", &xpointer(50), 0.5, TABLET);
    push(&site, "three", &xpointer(10), 0.1, PHONE);
    push(&site, "one", &xpointer(61), 0.61, KOBO);
    join(&site, "one", "two");
    join(&site, "one", "three");
    part(&site, "one", "two");
    ok(as_ada(&site, "DELETE", &document_path("two", ""), None));
    push(&site, "two", &xpointer(32), 0.32, PHONE);
    push(&site, "one", &xpointer(62), 0.62, KOBO);
    join(&site, "one", "two");
    assert_at(&site, "one", 0.62, "Kobo");
    push(&site, "two", &xpointer(1), 0.01, TABLET);
    assert_at(&site, "one", 0.62, "Kobo");
    // The devices of the files that stayed are where they were.
    push(&site, "three", &xpointer(10), 0.1, PHONE);
    assert_at(&site, "one", 0.62, "Kobo");
}

/// After a start-over, there is no position until a reader moves [C2]. How far another file was read before does not
/// matter.
#[test]
fn c2_a_start_over_of_one_file_counts_beside_a_file_that_was_read_further_before() {
    for rule in PositionRule::ALL {
        let site = kobo_at_60(rule);
        ok(as_ada(&site, "POST", &document_path("two", "/start-over"), None));
        join(&site, "one", "two");
        for document in ["one", "two"] {
            assert_eq!(site.pulled("ada", KEY, document), json!({}), "{rule}");
        }
        // What was read since the start-over counts.
        let site = kobo_at_60(rule);
        ok(as_ada(&site, "POST", &document_path("two", "/start-over"), None));
        push(&site, "one", &xpointer(61), 0.61, KOBO);
        join(&site, "one", "two");
        assert_at(&site, "one", 0.61, "Kobo");
    }
}

/// It goes where its own file has the place: a pull has sent it no other one.
#[test]
fn i7_a_holder_that_passes_a_place_of_the_other_file_has_not_landed_there() {
    let site = kobo_at_60(PositionRule::Newest);
    join(&site, "one", "two");
    push(&site, "two", &xpointer(59), 0.74, PHONE);
    push(&site, "two", &xpointer(60), 0.75, PHONE);
    assert_at(&site, "two", 0.75, "Phone");
    // The files exchange their places as before.
    push(&site, "one", &xpointer(90), 0.9, KOBO);
    let pulled = site.pulled("ada", KEY, "two");
    assert_eq!((&pulled["progress"], &pulled["device"]), (&json!(xpointer(90)), &json!("Kobo (other copy)")));
    // Another device is checked: it may have been sent there.
    push(&site, "two", &xpointer(60), 0.76, TABLET);
    assert_at(&site, "one", 0.9, "Kobo");
}

/// The devices pushed their files before the join [C1]. They have not pushed since the Kobo took the book's position.
#[test]
fn c1_what_a_join_brings_was_pushed_before_the_position_that_it_makes_current() {
    let site = kobo_at_60(PositionRule::Newest);
    push(&site, "two", &xpointer(20), 0.2, TABLET);
    push(&site, "two", &xpointer(31), 0.31, PHONE);
    push(&site, "one", &xpointer(61), 0.61, KOBO);
    join(&site, "one", "two");
    // Each goes where it is sent, or lays out its page with another font.
    for (progress, percentage, device) in
        [(xpointer(61), 0.612, PHONE), ("/body/DocFragment[20]/body/p[2]/text().7".into(), 0.201, TABLET)]
    {
        push(&site, "two", &progress, percentage, device);
        assert_at(&site, "one", 0.61, "Kobo");
    }
}

/// The phone followed the other file's place and landed elsewhere in its own file. Its own file is still where the
/// phone left it.
#[test]
fn i7_a_device_that_landed_elsewhere_is_known_once() {
    for rule in PositionRule::ALL {
        let site = kobo_at_60(rule);
        join(&site, "one", "two");
        push(&site, "one", &xpointer(61), 0.61, KOBO);
        push(&site, "two", &xpointer(61), 0.75, PHONE);
        assert_at(&site, "one", 0.61, "Kobo");
        push(&site, "two", "/body/DocFragment[9]/body/p[1]", 0.8, TABLET);
        push(&site, "one", &xpointer(90), 0.9, KOBO);
        let problems = site.server.store().verify().unwrap().problems;
        assert_eq!(problems, [""; 0], "{rule}");
        part(&site, "one", "two");
        assert_at(&site, "two", 0.8, "Tablet");
    }
}

/// The same locator is at 75 % in this file. The file's own pushes have said so.
#[test]
fn i7_a_place_that_the_file_has_pushed_itself_is_not_the_other_file_s() {
    let site = site_under(PositionRule::Last);
    push(&site, "two", &xpointer(60), 0.75, PHONE);
    push(&site, "two", &xpointer(59), 0.74, PHONE);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    join(&site, "one", "two");
    push(&site, "two", &xpointer(60), 0.75, PHONE);
    assert_at(&site, "two", 0.75, "Phone");
    push(&site, "one", &xpointer(90), 0.9, KOBO);
    let pulled = site.pulled("ada", KEY, "two");
    assert_eq!((&pulled["progress"], &pulled["device"]), (&json!(xpointer(90)), &json!("Kobo (other copy)")));
}

/// A page that a pull sent before the device's last push is no echo. Only a place that was sent since that push is one.
#[test]
fn c1_an_echo_in_another_file_is_of_a_place_that_was_sent_since_the_last_push() {
    for (page, percentage, expected) in [("60", 0.3, (0.3, "Phone")), ("120", 0.602, (0.6, "Kobo (other copy)"))] {
        let site = site_under(PositionRule::Newest);
        push(&site, "two", "20", 0.1, PHONE);
        push(&site, "one", &xpointer(30), 0.3, KOBO);
        join(&site, "one", "two");
        assert_eq!(site.pulled("ada", KEY, "two")["progress"], "60");
        push(&site, "two", "22", 0.11, PHONE);
        push(&site, "one", &xpointer(60), 0.6, KOBO);
        assert_eq!(site.pulled("ada", KEY, "two")["progress"], "120");
        push(&site, "two", page, percentage, PHONE);
        assert_at(&site, "two", expected.0, expected.1);
    }
}

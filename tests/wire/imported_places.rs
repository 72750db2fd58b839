//! Always a place to land [C5], also after an import: a position without a place moves the percentage alone.

use kosync::PositionRule;
use kosync::store::Transferred;
use serde_json::{Value, json};

use super::api_v1::{get, push};
use super::joined::{KOBO, PHONE, join, settings, site_under, xpointer};
use super::joined_devices::import;
use crate::common::{KEY, Site};

/// Later than what the clock of [`site_under`] says.
const LATER: u64 = 40_000 * 24 * 60 * 60;

fn document(id: &str, history: &[(&str, f64)], more: Value) -> Transferred {
    let entry = |(index, (progress, percentage)): (usize, &(&str, f64))| {
        let device = if progress.is_empty() { "Bridge" } else { "Kobo" };
        json!({ "progress": progress, "percentage": percentage, "device": device, "timestamp": LATER + index as u64 })
    };
    let history: Vec<Value> = history.iter().enumerate().map(entry).collect();
    let mut record = json!({ "account": "ada", "document": id, "history": history });
    record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Transferred::Document(serde_json::from_value(record).unwrap())
}

#[track_caller]
fn assert_at(site: &Site, document: &str, progress: &str, percentage: f64) {
    let pulled = site.pulled("ada", KEY, document);
    assert_eq!((&pulled["progress"], &pulled["percentage"]), (&json!(progress), &json!(percentage)), "{pulled}");
    let path = format!("/syncs/progress/{document}?ids=x:{document}");
    let identified = site.send_as("ada", KEY, "GET", &path, None).json();
    assert_eq!((&identified["progress"], &identified["progress_match"]), (&json!(progress), &json!("x")));
}

#[test]
fn c5_an_imported_position_without_a_place_does_not_destroy_one() {
    for rule in PositionRule::ALL {
        let site = site_under(rule);
        push(&site, "book", &xpointer(50), 0.5, KOBO);
        push(&site, "book", &xpointer(60), 0.6, KOBO);
        import(&site, vec![document("book", &[("", 0.69)], json!({}))]);
        assert_at(&site, "book", &xpointer(60), 0.69);
        // What the import brings is compared, too, and pages go to no book of XPointers.
        import(&site, vec![document("book", &[("7", 0.7), (&xpointer(68), 0.68), ("", 0.7)], json!({}))]);
        assert_at(&site, "book", &xpointer(68), 0.7);
        let site = site.restarted(|builder| builder.current_position(rule));
        assert_at(&site, "book", &xpointer(68), 0.7);
        assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
    }
}

/// An older version and other servers let such a position replace any other. Its export says nothing of places.
#[test]
fn c5_a_history_that_ends_without_a_place_is_imported_with_the_nearest() {
    let history = [(&*xpointer(50), 0.5), (&xpointer(60), 0.6), ("", 0.52)];
    for rule in [PositionRule::Newest, PositionRule::Last] {
        let site = site_under(rule);
        import(&site, vec![document("book", &history, json!({})), document("none", &[("", 0.52)], json!({}))]);
        assert_at(&site, "book", &xpointer(50), 0.52);
        assert_at(&site, "none", "", 0.52);
        // The same from an export in which the position has no place, though the history has some.
        let current = json!({ "current": { "entry": 2, "locator": { "progress": "" } } });
        import(&site, vec![document("other", &history, current)]);
        assert_at(&site, "other", &xpointer(50), 0.52);
        let mut imported = Site::with(settings(rule));
        import(&imported, site.exported());
        imported = imported.restarted(|builder| builder.current_position(rule));
        for book in ["book", "other"] {
            assert_at(&imported, book, &xpointer(50), 0.52);
        }
        join(&site, "book", "other");
        assert_at(&site, "book", &xpointer(50), 0.52);
        for site in [&site, &imported] {
            assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
        }
    }
}

/// A holder's repeat gives the entry that it repeats the device's new name.
#[test]
fn c1_an_export_from_before_a_holder_s_repeat_brings_nothing_new() {
    let site = site_under(PositionRule::Newest);
    push(&site, "book", &xpointer(60), 0.60001, KOBO);
    let records = site.exported();
    push(&site, "book", &xpointer(60), 0.60002, ("My Kobo", KOBO.1));
    let history = || get(&site, "/api/v1/documents/book/history")["history"].take();
    let before = history();
    assert_eq!((before.as_array().unwrap().len(), &before[0]["device"]), (1, &json!("My Kobo")));
    import(&site, records);
    assert_eq!(history(), before);
}

/// Of each device the later place counts: opened and closed there, it has not read [C1].
#[test]
fn c1_an_import_of_older_positions_keeps_where_each_device_was_last() {
    let site = site_under(PositionRule::Newest);
    push(&site, "book", &xpointer(20), 0.2, PHONE);
    let mut records = site.exported();
    for record in &mut records {
        let Transferred::Document(document) = record else { continue };
        // A position that the store lacks.
        document.history[0].progress.timestamp -= 1;
    }
    push(&site, "book", &xpointer(30), 0.3, PHONE);
    push(&site, "book", &xpointer(60), 0.6, KOBO);
    import(&site, records);
    push(&site, "book", &xpointer(30), 0.3, PHONE);
    assert_at(&site, "book", &xpointer(60), 0.6);
}

//! Tests imports of joined documents of which some are known already [I7]. Also tests imports from an export of an
//! older version.

use kosync::PositionRule;
use kosync::store::{Transferred, TransferredJoin};
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get, ok, push};
use super::joined::{
    KOBO, PHONE, TABLET, assert_pulled, join, joined, part, settings, site_under, site_with_two, xpointer,
};
use super::joined_devices::{assert_at, import};
use crate::common::{KEY, Site};

/// Three files of a book that the Kobo has read to 60 %. The places of the second and of the third do not carry over.
fn book_of_three() -> Site {
    let site = site_under(PositionRule::Newest);
    push(&site, "three", &xpointer(11), 0.1, TABLET);
    push(&site, "two", &xpointer(30), 0.3, PHONE);
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    join(&site, "two", "three");
    push(&site, "three", &xpointer(30), 0.5, TABLET);
    join(&site, "one", "two");
    site
}

fn without_books(records: Vec<Transferred>) -> Vec<Transferred> {
    records.into_iter().filter(|record| !matches!(record, Transferred::Book(_))).collect()
}

/// Returns an export as older versions wrote it: each document names the others, and nothing else is said of the book.
fn older(records: Vec<Transferred>) -> Vec<Transferred> {
    let book = records.iter().find_map(|record| match record {
        Transferred::Book(book) => Some(book.clone()),
        _ => None,
    });
    let book = book.unwrap();
    let mut records = without_books(records);
    for record in &mut records {
        let Transferred::Document(document) = record else { continue };
        document.history.iter_mut().for_each(|entry| entry.shared_effect = None);
        let others = book.documents.iter().filter(|member| member.document != document.document);
        let is_apart = |other| {
            let of = &document.document;
            book.apart.iter().any(|(one, two)| (one, two) == (of, other) || (two, one) == (of, other))
        };
        let join = others.map(|member| TransferredJoin {
            document: member.document.clone(),
            apart: is_apart(&member.document),
            awaited: member.positions == 0,
        });
        document.joined = join.collect();
        document.joined.sort_by(|one, other| one.document.cmp(&other.document));
    }
    records
}

fn empty() -> Site {
    Site::with(settings(PositionRule::Newest))
}

#[test]
fn i7_an_export_of_an_older_version_joins_its_documents_again() {
    let site = book_of_three();
    join(&site, "one", "nobody's");
    let records = site.exported();
    for records in [older(records.clone()), records] {
        let other = empty();
        for _ in 0..2 {
            import(&other, records.clone());
            let mut files = joined(&other, "one");
            files.sort_unstable();
            assert_eq!(files, ["nobody's", "three", "two"]);
            assert_at(&other, "one", 0.6, "Kobo");
        }
        // Places of the second file go to the first, and not to the third.
        push(&other, "two", &xpointer(80), 0.8, PHONE);
        assert_at(&other, "one", 0.8, "Phone (other copy)");
        assert_at(&other, "three", 0.1, "Tablet");
        assert_eq!(other.server.store().verify().unwrap().problems, [""; 0]);
    }
}

/// The export knows nothing of what was read here since.
#[test]
fn i7_documents_that_were_read_here_are_joined_at_the_later_position() {
    let records = book_of_three().exported();
    let other = empty();
    import(&other, without_books(records.clone()));
    assert_eq!(joined(&other, "one"), [""; 0]);
    // The clock of this server begins with the same day.
    for _ in 0..20 {
        push(&other, "else", &xpointer(1), 0.1, KOBO);
    }
    push(&other, "two", &xpointer(70), 0.7, PHONE);
    import(&other, records.clone());
    assert_at(&other, "one", 0.7, "Phone (other copy)");
    push(&other, "one", &xpointer(71), 0.71, KOBO);
    import(&other, records);
    assert_at(&other, "one", 0.71, "Kobo");
}

#[test]
fn i7_an_import_does_not_undo_a_start_over_of_the_book() {
    let records = book_of_three().exported();
    let other = empty();
    import(&other, records.clone());
    assert_at(&other, "one", 0.6, "Kobo");
    // A start-over is in no history.
    ok(as_ada(&other, "POST", &document_path("one", "/start-over"), None));
    import(&other, records);
    for document in ["one", "two", "three"] {
        assert_eq!(other.pulled("ada", KEY, document), json!({}));
    }
}

/// The bridge of the first file knows a percentage alone [C5].
#[test]
fn c5_a_position_without_a_place_is_imported_with_a_place_to_go_to() {
    let site = book_of_three();
    push(&site, "one", "", 0.9, ("Bridge", None));
    let other = empty();
    import(&other, site.exported());
    for document in ["one", "two", "three"] {
        let pulled = site.pulled("ada", KEY, document);
        assert_eq!(other.pulled("ada", KEY, document), pulled);
        assert_ne!(pulled["progress"], "");
    }
    assert_at(&other, "one", 0.9, "Bridge");
}

/// A history of the same length may be another one: then the position is worked out from what is here.
#[test]
fn i7_an_exported_book_is_adopted_with_its_own_histories_alone() {
    for (is_later, expected) in [(false, 0.77), (true, 0.6)] {
        let mut records = book_of_three().exported();
        for record in &mut records {
            let Transferred::Book(book) = record else { continue };
            book.documents[0].newest += u64::from(is_later);
            book.current.position.as_mut().unwrap().percentage = 0.77;
        }
        let other = empty();
        import(&other, records);
        assert_at(&other, "one", expected, "Kobo");
    }
}

#[test]
fn i7_files_whose_places_differ_stay_apart_when_another_file_leaves() {
    let site = book_of_three();
    part(&site, "two", "one");
    push(&site, "two", &xpointer(80), 0.8, PHONE);
    assert_eq!(joined(&site, "two"), ["three"]);
    assert_ne!(site.pulled("ada", KEY, "three")["progress"], xpointer(80));
}

/// An import numbers the histories of a book one after the other.
#[test]
fn i7_a_book_s_history_is_in_the_order_of_time_after_an_import() {
    let site = site_under(PositionRule::Newest);
    for (document, place, device) in [
        ("one", 10, KOBO),
        ("two", 20, PHONE),
        ("one", 30, KOBO),
        ("two", 40, PHONE),
        ("one", 99, KOBO),
        ("two", 50, PHONE),
    ] {
        push(&site, document, &xpointer(place), f64::from(place) / 100.0, device);
    }
    join(&site, "one", "two");
    let other = empty();
    import(&other, site.exported());
    let history = |site: &Site, limit: usize| {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = get(site, &document_path("one", &format!("/history?limit={limit}{cursor}")));
            for entry in page["history"].as_array().unwrap() {
                found.push(["document", "percentage", "timestamp", "current"].map(|field| entry[field].clone()));
            }
            let Some(next) = page.get("next") else { return found };
            cursor = format!("&cursor={}", next.as_str().unwrap());
        }
    };
    let before = history(&site, 100);
    assert_eq!(before.len(), 6);
    for limit in [1, 2, 4, 100] {
        assert_eq!(history(&other, limit), before, "{limit} a page");
    }
    // What the history adds up to is the same, too.
    let numbers = |site: &Site| {
        let document = get(site, &document_path("one", ""));
        (get(site, "/api/v1/statistics"), document["shelf"].clone(), document["finished"].clone())
    };
    assert_eq!(numbers(&other), numbers(&site));
}

/// Positions that the store lacks are written before the others, which get new numbers.
#[test]
fn i7_the_current_position_of_a_book_is_in_its_history_after_an_import_of_older_ones() {
    let site = book_of_three();
    let mut records = site.exported();
    for record in &mut records {
        if let Transferred::Document(document) = record {
            document.history.iter_mut().for_each(|entry| entry.progress.timestamp -= 1);
        }
    }
    let history = || get(&site, &document_path("one", "/history"))["history"].clone();
    let before = history().as_array().unwrap().len();
    import(&site, records);
    assert_at(&site, "one", 0.6, "Kobo");
    let after = history();
    assert!(after.as_array().unwrap().len() > before, "{after}");
    let current: Vec<_> = after.as_array().unwrap().iter().filter(|entry| entry["current"] == true).collect();
    assert_eq!(current.len(), 1, "{after}");
    assert_eq!((&current[0]["document"], &current[0]["percentage"]), (&json!("one"), &json!(0.6)));
    assert_eq!(site.server.store().verify().unwrap().problems, [""; 0]);
}

/// The book was started over through another file than the one that had its position.
#[test]
fn i7_an_import_of_what_was_read_before_does_not_undo_a_start_over() {
    let site = book_of_three();
    let mut records = site.exported();
    ok(as_ada(&site, "POST", &document_path("three", "/start-over"), None));
    for record in &mut records {
        let Transferred::Document(document) = record else { continue };
        if document.document.as_str() == "one" {
            let mut later = document.history[0].clone();
            (later.progress.percentage, later.progress.progress) = (0.61, xpointer(61));
            later.progress.timestamp += 1;
            (document.history, document.current) = (vec![later], None);
        }
    }
    import(&site, records);
    for document in ["one", "two", "three"] {
        assert_eq!(site.pulled("ada", KEY, document), json!({}), "{document}");
    }
    push(&site, "one", &xpointer(5), 0.05, KOBO);
    assert_at(&site, "one", 0.05, "Kobo");
}

/// Here, a later entry of the day counts the one that was current.
#[test]
fn c2_a_start_over_that_was_imported_is_exported_again() {
    let site = site_under(PositionRule::Newest);
    push(&site, "else", &xpointer(1), 0.1, KOBO);
    let document = |entry: Value, more: Value| {
        let mut record = json!({ "account": "ada", "document": "book", "history": [entry] });
        record.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Transferred::Document(serde_json::from_value(record).unwrap())
    };
    let entry = |timestamp: u64, pushes: u32| {
        json!({
            "progress": xpointer(50), "percentage": 0.5, "device": "Kobo", "device_id": "K1", "timestamp": timestamp,
            "pushes": pushes,
        })
    };
    import(&site, vec![document(entry(86_400 * 10_000 + 60, 2), json!({}))]);
    let current = json!({ "current": { "entry": 0, "started_over": 86_400 * 10_000 + 120 } });
    import(&site, vec![document(entry(86_400 * 10_000, 1), current)]);
    assert_eq!(site.pulled("ada", KEY, "book"), json!({}));
    let other = empty();
    import(&other, site.exported());
    assert_eq!(other.pulled("ada", KEY, "book"), json!({}));
}

#[test]
fn i7_an_export_carries_joins_and_an_import_makes_them_again() {
    let site = site_with_two(PositionRule::Newest, &xpointer(10), "/body/DocFragment[2]/body/p[1]");
    push(&site, "three", "20", 0.1, TABLET);
    join(&site, "one", "two");
    join(&site, "one", "three");
    push(&site, "one", &xpointer(60), 0.6, KOBO);
    push(&site, "two", &xpointer(60), 0.75, PHONE);
    push(&site, "one", &xpointer(80), 0.8, KOBO);
    let records = site.exported();
    let other = Site::start();
    let import = || {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(other.server.store().import_batch(records.clone())).unwrap();
    };
    import();
    let mut with = joined(&other, "two");
    with.sort_unstable();
    assert_eq!(with, ["one", "three"]);
    assert_pulled(&other, "three", "160", 0.8, "Kobo (other copy)");
    assert_pulled(&other, "two", "/body/DocFragment[2]/body/p[1]", 0.1, "Phone");
    // What was parted here stays so, unless no file of it is in another book.
    part(&other, "one", "two");
    join(&other, "two", "else");
    import();
    assert_eq!(joined(&other, "two"), ["else"]);
    assert_eq!(other.server.store().verify().unwrap().problems, [""; 0]);
}

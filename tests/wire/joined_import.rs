//! Tests imports of joined documents of which some are known already [I7]. Also tests imports from an export of an
//! older version.

use kosync::PositionRule;
use kosync::store::{Transferred, TransferredJoin};
use serde_json::json;

use super::api_v1::{as_ada, document_path, ok, push};
use super::joined::{KOBO, PHONE, TABLET, join, joined, part, settings, site_under, xpointer};
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

//! A finish by accident, a jump to the end of a book, is taken back: no number knows it any more, and 99 % later finish the book.

use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path};
use super::joined::{join, part};
use super::shelves::Library;

const DAY: u64 = 24 * 60 * 60;

fn take_back(library: &Library, document: &str) -> Value {
    library.change(document, json!({ "finished": null }))
}

/// Returns the shelf of a book and how often it was finished. Also returns the statistics' number of finished books.
fn state(library: &Library, document: &str) -> (String, u64, u64) {
    let (book, statistics) = (library.document(document), library.statistics());
    let months = statistics["finished_by_month"].as_array().unwrap();
    let by_month: u64 = months.iter().map(|month| month["books"].as_u64().unwrap()).sum();
    assert_eq!(statistics["finished_this_year"], by_month, "{statistics}");
    let times = book["finished"]["times"].as_u64().unwrap_or_default();
    (book["shelf"].as_str().unwrap().to_owned(), times, by_month)
}

fn is(shelf: &str, times: u64, counted: u64) -> (String, u64, u64) {
    (shelf.to_owned(), times, counted)
}

/// A library whose book `emma` was finished by accident, which was taken back.
fn with_accident() -> Library {
    let library = Library::new();
    library.read("emma", 0.3);
    library.wait(DAY);
    library.read("emma", 0.99);
    library.read("emma", 0.995);
    assert_eq!(state(&library, "emma"), is("finished", 1, 1));
    assert_eq!(take_back(&library, "emma")["finished"], Value::Null);
    library
}

#[test]
fn a_finish_by_accident_is_taken_back_and_99_percent_later_finish_the_book() {
    let library = with_accident();
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    take_back(&library, "emma");
    let library = library.restarted();
    assert_eq!(state(&library, "emma"), is("reading", 0, 0), "also where all is counted anew");
    library.read("emma", 0.4);
    library.wait(3 * DAY);
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    library.read("emma", 0.99);
    assert_eq!(state(&library, "emma"), is("finished", 1, 1), "read to its end");
    let date = library.document("emma")["finished"]["date"].clone();
    let library = library.restarted();
    assert_eq!(library.document("emma")["finished"]["date"], date);
    assert!(date.as_str() > Some("2024-10-06"), "{date}");
    library.is_sound();
}

#[test]
fn only_the_last_finish_is_taken_back() {
    let library = Library::new();
    [0.5, 1.0, 0.1, 0.6].into_iter().for_each(|percentage| library.read("emma", percentage));
    let first = library.document("emma")["finished"].clone();
    library.wait(40 * DAY);
    library.read("emma", 0.99);
    assert_eq!(library.document("emma")["finished"]["times"], 2);
    take_back(&library, "emma");
    assert_eq!(library.document("emma")["finished"], first);
    assert_eq!(state(&library, "emma"), is("reading", 1, 1));
    take_back(&library, "emma");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    assert_eq!(library.change("emma", json!({ "hidden": true }))["finished"], Value::Null);
}

#[test]
fn a_finish_that_is_taken_back_stays_so_when_the_history_is_thinned_exported_and_the_book_deleted() {
    let library = with_accident();
    library.wait(3 * DAY);
    (0..40).for_each(|step| library.read("emma", 0.4 + f64::from(step) / 1000.0));
    let library = library.restarted();
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));

    let records = library.export();
    let other = library.on_new_server();
    other.import(records.clone());
    assert_eq!(state(&other, "emma"), is("reading", 0, 0));
    other.read("emma", 1.0);
    assert_eq!(state(&other, "emma"), is("finished", 1, 1));
    // Imported again, it takes back what it took back, and no more.
    other.import(records.clone());
    assert_eq!(state(&other, "emma"), is("finished", 1, 1));
    other.is_sound();

    library.delete("emma");
    assert_eq!(library.statistics()["finished_this_year"], 0);
    library.import(records);
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    library.is_sound();
}

/// What an import notes of a document counts at once, also without a position.
#[test]
fn an_import_takes_back_what_its_store_took_back() {
    let library = Library::new();
    [0.3, 1.0, 0.6].into_iter().for_each(|percentage| library.read("emma", percentage));
    let other = library.on_new_server();
    other.import(library.export());
    assert_eq!(state(&other, "emma"), is("finished", 1, 1));
    take_back(&library, "emma");
    other.import(library.export());
    assert_eq!(state(&other, "emma"), is("reading", 0, 0));
}

#[test]
fn what_a_reader_says_is_taken_back_too_and_counts_again_when_it_is_said_again() {
    let library = Library::new();
    library.read("emma", 0.9);
    library.change("emma", json!({ "shelf": "finished" }));
    assert_eq!(state(&library, "emma"), is("finished", 1, 1));
    take_back(&library, "emma");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    // A date that the positions had, which the reader corrected.
    library.read("emma", 1.0);
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-01" }));
    assert_eq!(library.document("emma")["finished"]["date"], "2024-10-01");
    library.wait(DAY);
    take_back(&library, "emma");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    // On second thought it was that day.
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-04" }));
    assert_eq!(state(&library, "emma"), is("finished", 1, 1));
    assert_eq!(library.document("emma")["finished"]["date"], "2024-10-04");
    library.is_sound();
}

#[test]
fn i7_joined_documents_take_a_finish_back_together_and_keep_that_when_they_are_parted_or_deleted() {
    let library = Library::new();
    library.read_on("Kobo", "emma", 0.3);
    library.read_on("Phone", "copy", 0.35);
    join(&library.site, "emma", "copy");
    library.read_on("Kobo", "emma", 1.0);
    library.wait(60);
    take_back(&library, "copy");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    let library = library.restarted();
    assert_eq!(state(&library, "copy"), is("reading", 0, 0));
    part(&library.site, "emma", "copy");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    join(&library.site, "emma", "copy");
    library.delete("copy");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    library.is_sound();
}

#[test]
fn what_cannot_be_taken_back_is_refused_or_changes_nothing() {
    let library = Library::new();
    library.read("emma", 0.3);
    assert_eq!(take_back(&library, "emma")["finished"], Value::Null);
    let refused = |body: Value| as_ada(&library.site, "PATCH", &document_path("emma", ""), Some(body)).status;
    assert_eq!(refused(json!({ "finished": true })), 400);
    assert_eq!(refused(json!({ "finished": null, "shelf": "finished" })), 400);
    assert_eq!(
        as_ada(&library.site, "PATCH", &document_path("none", ""), Some(json!({ "finished": null }))).status,
        404
    );
}

/// Once the book was read again, another finish is the last one.
#[test]
fn of_a_book_that_was_read_again_the_last_finish_is_taken_back_not_what_its_reader_said_before() {
    for reached in [0.93, 1.0] {
        let library = Library::new();
        library.read("emma", reached);
        library.wait(DAY);
        library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-03" }));
        library.wait(200 * DAY);
        [0.05, 0.6].into_iter().for_each(|percentage| library.read("emma", percentage));
        library.wait(DAY);
        library.read("emma", 1.0);
        let read = library.document("emma")["finished"].clone();
        assert_eq!((&read["date"], &read["times"]), (&json!("2024-10-03"), &json!(2)), "{read}");
        take_back(&library, "emma");
        let expected = json!({ "date": "2024-10-03", "times": 1 });
        assert_eq!(library.document("emma")["finished"], expected, "as its button says, with the last date");
        assert_eq!(library.document("emma")["shelf"], "reading");
        let library = library.restarted();
        assert_eq!(library.document("emma")["finished"], expected);
        take_back(&library, "emma");
        assert_eq!(library.document("emma")["finished"], Value::Null);
        library.is_sound();
    }
}

#[test]
fn what_a_reader_said_is_taken_back_also_when_the_book_was_begun_again() {
    let library = Library::new();
    library.read("emma", 0.93);
    library.change("emma", json!({ "shelf": "finished" }));
    library.wait(DAY);
    library.read("emma", 0.05);
    assert_eq!(state(&library, "emma"), is("reading", 1, 1));
    take_back(&library, "emma");
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    let library = library.restarted();
    assert_eq!(state(&library, "emma"), is("reading", 0, 0));
    library.is_sound();
}

//! What a reader said of books and devices, and what was read since.

use serde_json::json;

use super::api_v1::{as_ada, get, ok};
use super::shelves::Library;

const DAY: u64 = 24 * 60 * 60;

/// Few books end at 100 %, so readers finish each reading by hand.
#[test]
fn a_book_that_is_finished_by_hand_in_two_years_was_finished_twice() {
    let library = Library::new();
    library.read("emma", 0.93);
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-01" }));
    library.wait(300 * DAY);
    [0.02, 0.5, 0.93].into_iter().for_each(|percentage| library.read("emma", percentage));
    library.wait(DAY);
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2025-08-01" }));
    let twice = json!({ "date": "2024-10-01", "last": "2025-08-01", "times": 2 });
    assert_eq!(library.document("emma")["finished"], twice);
    assert_eq!(library.statistics()["finished_by_month"].as_array().unwrap().len(), 2);
    // The second date is corrected, and then the book is moved, then left to its positions.
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2025-07-31" }));
    assert_eq!(library.document("emma")["finished"]["last"], "2025-07-31");
    assert_eq!(
        library.change("emma", json!({ "shelf": null }))["finished"],
        json!({ "date": "2024-10-01", "times": 1 })
    );
    let library = library.restarted();
    assert_eq!(library.document("emma")["finished"], json!({ "date": "2024-10-01", "times": 1 }));
    library.read("emma", 0.94);
    library.change("emma", json!({ "shelf": "aside" }));
    assert_eq!(library.document("emma")["finished"]["times"], 1, "that was another reading");
    library.is_sound();
}

/// Read on paper: no position tells of it.
#[test]
fn a_finished_book_that_is_moved_to_reading_and_finished_by_hand_on_a_later_day_was_finished_twice() {
    let library = Library::new();
    library.read("emma", 1.0);
    library.wait(300 * DAY);
    library.change("emma", json!({ "shelf": "reading" }));
    // A second thought on the same day.
    library.change("emma", json!({ "shelf": "finished" }));
    assert_eq!(library.document("emma")["finished"]["times"], 1);
    library.change("emma", json!({ "shelf": "reading" }));
    library.wait(9 * DAY);
    let finished = library.change("emma", json!({ "shelf": "finished" }));
    assert_eq!(finished["finished"], json!({ "date": "2024-10-04", "last": "2025-08-09", "times": 2 }));
    let library = library.restarted();
    assert_eq!(library.document("emma")["finished"]["times"], 2);
    assert_eq!(library.change("emma", json!({ "finished": null }))["finished"]["times"], 1);
    library.is_sound();
}

/// A date that a reader gave is that of the reading before it.
#[test]
fn a_deleted_book_keeps_the_years_in_which_it_was_finished() {
    let library = Library::new();
    library.read("emma", 1.0);
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-01" }));
    library.wait(300 * DAY);
    [0.02, 0.6, 1.0].into_iter().for_each(|percentage| library.read("emma", percentage));
    let before = library.statistics()["finished_by_month"].clone();
    assert_eq!(before, json!([{ "month": "2025-07", "books": 1 }, { "month": "2024-10", "books": 1 }]));
    library.delete("emma");
    assert_eq!(library.statistics()["finished_by_month"], before);
}

/// An import gives positions new numbers.
#[test]
fn an_export_keeps_that_a_book_was_read_on_after_it_was_moved_and_a_device_used_after_it_was_forgotten() {
    let library = Library::new();
    for (book, shelf) in [("aside", "aside"), ("finished", "finished"), ("left", "aside")] {
        library.read(book, 0.9);
        library.change(book, json!({ "shelf": shelf }));
    }
    library.read_on("Kobo", "other", 0.1);
    library.read_on("Phone", "other", 0.2);
    let devices = |library: &Library| {
        let list = get(&library.site, "/api/v1/devices")["devices"].clone();
        list.as_array().unwrap().iter().map(|device| device["device"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    for device in get(&library.site, "/api/v1/devices")["devices"].as_array().unwrap() {
        let path = format!("/api/v1/devices/{}", device["id"].as_str().unwrap());
        ok(as_ada(&library.site, "DELETE", &path, None));
    }
    library.wait(DAY);
    library.read("aside", 0.91);
    library.read("finished", 0.05);
    assert_eq!(devices(&library), ["Kobo"]);

    let other = library.on_new_server();
    let records = library.export();
    for _ in 0..2 {
        other.import(records.clone());
        for (book, shelf) in [("aside", "reading"), ("finished", "reading"), ("left", "aside")] {
            assert_eq!(library.document(book)["shelf"], shelf);
            assert_eq!(other.document(book), library.document(book));
        }
        assert_eq!(devices(&other), ["Kobo"]);
        assert_eq!(other.statistics(), library.statistics());
        other.is_sound();
    }
}

//! Days that were read: to which day of the account a position counts, and what of it outlives thinning, deletion and imports.

use std::sync::atomic::Ordering;

use kosync::store::{Transferred, TransferredDocument};
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get, ok};
use super::shelves::Library;
use crate::common::{KEY, position};

const DAY: u64 = 24 * 60 * 60;

/// Returns a time, such as `2026-03-29T03:30+02`.
fn at(time: &str) -> u64 {
    u64::try_from(time.parse::<jiff::Timestamp>().unwrap().as_second()).unwrap()
}

/// A library whose clock shows a time.
fn library(now: u64) -> Library {
    let library = Library::new();
    library.now.store(now, Ordering::Relaxed);
    library
}

fn choose(library: &Library, preferences: Value) {
    ok(as_ada(&library.site, "PATCH", "/api/v1/account", Some(preferences)));
}

/// Imports a book that one device read at some times up to some percentages.
fn import(library: &Library, book: &str, history: &[(u64, f64)]) {
    let position = |(timestamp, percentage): &(u64, f64)| json!({ "progress": format!("p{timestamp}"), "percentage": percentage, "device": "Kobo", "timestamp": timestamp });
    let history: Vec<Value> = history.iter().map(position).collect();
    let document = json!({ "account": "ada", "document": book, "history": history });
    let document: TransferredDocument = serde_json::from_value(document).unwrap();
    library.import(vec![Transferred::Document(document)]);
}

/// Returns the days of the last year, each with how much was read.
fn days(library: &Library) -> Vec<(String, f64)> {
    let statistics = library.statistics();
    let day = |day: &Value| (day["date"].as_str().unwrap().to_owned(), day["read"].as_f64().unwrap());
    statistics["days"].as_array().unwrap().iter().map(day).collect()
}

fn dates(library: &Library) -> Vec<String> {
    days(library).into_iter().map(|(date, _)| date).collect()
}

#[test]
fn a_day_ends_at_the_account_s_hour_also_when_the_clock_changes() {
    let library = library(at("2026-11-26T12:00+01"));
    choose(&library, json!({ "time_zone": "Europe/Berlin" }));
    let times = [
        ("2026-03-28T23:30+01", 0.02),
        ("2026-03-29T01:59:59+01", 0.03),
        ("2026-03-29T03:59:59+02", 0.04),
        ("2026-03-29T04:00+02", 0.05),
        ("2026-10-25T02:30+02", 0.06),
        ("2026-10-25T02:30+01", 0.07),
        ("2026-10-25T03:59:59+01", 0.08),
        ("2026-10-25T04:00+01", 0.09),
    ];
    import(&library, "emma", &times.map(|(time, percentage)| (at(time), percentage)));
    let read: Vec<(String, f64)> = days(&library);
    let expected = [("2026-03-28", 0.04), ("2026-03-29", 0.01), ("2026-10-24", 0.03), ("2026-10-25", 0.01)];
    assert_eq!(read, expected.map(|(date, read)| (date.to_owned(), read)));
    assert_eq!(library.statistics()["longest_days_in_a_row"], 2);
    choose(&library, json!({ "day_end": 0 }));
    assert_eq!(dates(&library), ["2026-03-28", "2026-03-29", "2026-10-25"]);
    choose(&library, json!({ "time_zone": "America/Los_Angeles", "day_end": 4 }));
    assert_eq!(dates(&library), ["2026-03-28", "2026-10-24"]);
    let library = library.restarted();
    assert_eq!(dates(&library), ["2026-03-28", "2026-10-24"]);
}

#[test]
fn a_year_ends_at_the_account_s_hour_too_and_has_a_leap_day() {
    let library = library(at("2028-03-01T20:00Z"));
    choose(&library, json!({ "time_zone": "UTC" }));
    import(&library, "night", &[(at("2027-12-31T22:00Z"), 0.05), (at("2028-01-01T03:59Z"), 1.0)]);
    import(&library, "morning", &[(at("2028-01-01T04:00Z"), 0.05), (at("2028-01-02T04:00Z"), 1.0)]);
    import(
        &library,
        "leap",
        &[(at("2028-02-28T12:00Z"), 0.05), (at("2028-03-01T03:00Z"), 0.1), (at("2028-03-01T12:00Z"), 0.2)],
    );
    let statistics = library.statistics();
    assert_eq!(
        statistics["finished_by_month"],
        json!([{ "month": "2028-01", "books": 1 }, { "month": "2027-12", "books": 1 }])
    );
    assert_eq!((&statistics["finished_this_year"], &statistics["days_in_a_row"]), (&json!(1), &json!(3)));
    assert_eq!(library.document("night")["finished"], json!({ "date": "2027-12-31", "times": 1 }));
    assert_eq!(dates(&library)[3..], ["2028-02-28", "2028-02-29", "2028-03-01"]);
}

#[test]
fn a_position_of_the_future_is_neither_of_today_nor_of_this_year() {
    let library = library(at("2026-11-26T12:00Z"));
    import(&library, "emma", &[(at("2026-11-25T12:00Z"), 0.05), (at("2027-02-01T12:00Z"), 1.0)]);
    let statistics = library.statistics();
    assert_eq!(dates(&library), ["2026-11-25"]);
    assert_eq!((&statistics["days_in_a_row"], &statistics["finished_this_year"]), (&json!(1), &json!(0)));
}

/// Reads much on the first day and goes back on another. On a third day, reads so much that the history is thinned.
fn read_until_thinned(library: &Library) -> Vec<(String, f64)> {
    (1..=12).for_each(|step| library.read("emma", f64::from(step) / 40.0));
    library.wait(DAY);
    [0.4, 0.5, 0.35, 0.45].into_iter().for_each(|percentage| library.read("emma", percentage));
    library.wait(3 * DAY);
    (1..=10).for_each(|step| library.read("emma", 0.5 + f64::from(step) / 100.0));
    let before = days(library);
    assert_eq!(before.iter().map(|(_, read)| *read).collect::<Vec<_>>(), [0.3, 0.3, 0.15]);
    (11..=30).for_each(|step| library.read("emma", 0.5 + f64::from(step) / 100.0));
    before
}

#[test]
fn thinning_a_history_leaves_what_was_read_on_each_day() {
    let library = Library::new();
    let before = read_until_thinned(&library);
    let library = library.restarted();
    let history = get(&library.site, &document_path("emma", "/history"));
    assert!(history["history"].as_array().unwrap().len() < 40, "it is thinned");
    assert_eq!(days(&library)[..2], before[..2]);
    let whole = days(&library);
    library.delete("emma");
    assert_eq!(days(&library), whole);
    library.is_sound();
}

#[test]
fn a_book_that_is_deleted_and_imported_again_counts_once() {
    let library = Library::new();
    read_until_thinned(&library);
    library.read("other", 0.3);
    library.read("emma", 1.0);
    library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-01" }));
    let library = library.restarted();
    let (before, records) = (library.statistics(), library.export());
    for _ in 0..2 {
        library.delete("emma");
        let mut deleted = library.statistics();
        assert_eq!(deleted["documents"], 1);
        (deleted["documents"], deleted["finished"]) = (before["documents"].clone(), before["finished"].clone());
        assert_eq!(deleted, before, "what was lived stays");
        library.import(records.clone());
        assert_eq!(library.statistics(), before);
        library.import(records.clone());
        assert_eq!(library.statistics(), before);
        library.is_sound();
    }
    // Where it never was, what was read at other times stays.
    let other = Library::new();
    other.wait(60 * 60);
    other.read("gone", 0.1);
    other.delete("gone");
    other.now.store(library.now.load(Ordering::Relaxed), Ordering::Relaxed);
    other.import(records.into_iter().filter(|record| !matches!(record, Transferred::Account(_))).collect());
    assert_eq!((days(&other).len(), days(&other)[0].1), (3, 0.4));
}

/// Another server may know more of days whose positions are gone there.
#[test]
fn notes_of_days_and_finishes_are_imported_by_themselves() {
    let library = Library::new();
    library.read("emma", 0.05);
    library.read("emma", 1.0);
    library.delete("emma");
    let notes = library.export().into_iter().filter(|record| matches!(record, Transferred::Notes(_)));
    let notes: Vec<Transferred> = notes.collect();
    let other = Library::new();
    other.wait(DAY);
    other.read("other", 0.1);
    assert_eq!(other.statistics()["days_read"], 1);
    for _ in 0..2 {
        other.import(notes.clone());
        let statistics = other.statistics();
        assert_eq!((&statistics["days_read"], &statistics["finished_this_year"]), (&json!(2), &json!(1)));
        assert_eq!(days(&other)[0].1, 1.0);
    }
}

/// A history has 400 positions of old days: those before them are folded, and an older export still has them.
#[test]
fn positions_that_an_import_brings_back_count_once() {
    let library = library(at("2026-11-26T12:00Z"));
    let first = at("2026-03-01T12:00Z");
    let position = |number: u32| {
        let (device, hour) = if number.is_multiple_of(2) { ("Kobo", 0) } else { ("Phone", 1) };
        let timestamp = first + u64::from(number / 2) * DAY + hour * 3600;
        json!({ "progress": format!("p{number}"), "percentage": f64::from(number) / 1000.0, "device": device, "timestamp": timestamp })
    };
    let import = |count: u32| {
        let history: Vec<Value> = (1..=count).map(position).collect();
        let document = json!({ "account": "ada", "document": "emma", "history": history });
        library.import(vec![Transferred::Document(serde_json::from_value(document).unwrap())]);
    };
    import(300);
    import(500);
    let positions = || {
        let history = get(&library.site, &document_path("emma", "/history?limit=1000"));
        history["history"].as_array().unwrap().len()
    };
    assert!(positions() < 410, "it is thinned");
    let before = days(&library);
    assert_eq!(before.len(), 251);
    import(500);
    assert_eq!(positions(), 500);
    assert_eq!(days(&library)[1..], before[1..]);
    library.is_sound();
}

/// A server's counts in memory are those of a server that has just started. This holds whatever was thinned meanwhile.
#[test]
fn counts_that_are_kept_are_those_that_a_new_server_makes() {
    let library = library(at("2026-11-20T12:00Z"));
    let mut shown = Vec::new();
    for day in 0..4 {
        (1..=20).for_each(|step| library.read_on("Kobo", "emma", f64::from(day * 20 + step) / 100.0));
        (1..=20).for_each(|step| library.read_on("Kindle", "walden", f64::from(day * 20 + step) / 100.0));
        shown.push(library.statistics());
        library.wait(DAY);
    }
    let pushes: u64 = shown[3]["days"].as_array().unwrap().iter().map(|day| day["pushes"].as_u64().unwrap()).sum();
    assert_eq!(pushes, 160);
    let library = library.restarted();
    assert_eq!(library.statistics()["days"], shown[3]["days"]);
}

/// Of positions that are merged, some may be counted already.
#[test]
fn what_was_counted_before_it_was_merged_counts_once() {
    let library = library(at("2026-11-20T12:00Z"));
    let read = |steps: std::ops::RangeInclusive<u32>| {
        steps.for_each(|step| library.read("emma", f64::from(step) / 100.0));
    };
    read(1..=10);
    library.statistics();
    read(11..=20);
    library.wait(3 * DAY);
    read(21..=60);
    let shown = library.statistics()["days"].clone();
    let pushes: Vec<u64> = shown.as_array().unwrap().iter().map(|day| day["pushes"].as_u64().unwrap()).collect();
    assert_eq!(pushes, [20, 40]);
    assert_eq!(library.restarted().statistics()["days"], shown);
}

/// Joined documents are one book, whose history is counted once.
#[test]
fn a_book_of_two_files_is_counted_once() {
    let library = library(at("2026-11-20T12:00Z"));
    library.read_on("Kobo", "epub", 0.1);
    library.read_on("Kindle", "pdf", 0.3);
    library.post("epub", "/join", Some(json!({ "document": "pdf" })));
    let check = |statistics: Value| {
        let day = &statistics["days"][0];
        assert_eq!((&day["pushes"], &statistics["in_progress"]), (&json!(2), &json!(1)), "{statistics}");
    };
    check(library.statistics());
    // What is pushed to a file after the book was counted is of that book.
    library.wait(DAY);
    library.read_on("Kindle", "pdf", 0.35);
    let counted = library.statistics();
    assert_eq!((&counted["in_progress"], &counted["days"][1]["read"]), (&json!(1), &json!(0.05)));
    let library = library.restarted();
    assert_eq!(library.statistics(), counted);
    check(counted);
}

/// A device that was renamed is another one in the list. Days whose positions are gone count it so, too.
#[test]
fn a_device_of_two_names_is_counted_alike_before_and_after_its_positions_are_thinned() {
    let library = library(at("2026-11-20T12:00Z"));
    let read = |name: &str, percentage: f64| {
        library.wait(60);
        let place = format!("/body/p[{}]", library.now.load(Ordering::Relaxed));
        let mut body = position("emma", &place, percentage);
        (body["device"], body["device_id"]) = (json!(name), json!("one id"));
        library.site.pushed("ada", KEY, &body);
    };
    // Back and forth, so that it matters where each of them was last.
    for (name, percentage) in
        [("Kobo", 0.1), ("Kobo", 0.5), ("Ada's", 0.2), ("Kobo", 0.3), ("Ada's", 0.6), ("Kobo", 0.4), ("Ada's", 0.7)]
    {
        read(name, percentage);
    }
    library.wait(3 * DAY);
    (1..=20).for_each(|step| read("Kobo", 0.7 + f64::from(step) / 200.0));
    let shown = days(&library);
    (21..=30).for_each(|step| read("Kobo", 0.7 + f64::from(step) / 200.0));
    let library = library.restarted();
    let history = get(&library.site, &document_path("emma", "/history?limit=1000"));
    assert!(history["history"].as_array().unwrap().len() < 37, "it is thinned");
    assert_eq!(days(&library)[0], shown[0]);
    let devices = get(&library.site, "/api/v1/devices")["devices"].take();
    assert_eq!(devices.as_array().unwrap().len(), 2, "{devices}");
    library.is_sound();
}

/// Files of one book are read in turns: what is thinned in one of them was read up to where the other one was.
#[test]
fn thinning_a_joined_file_leaves_what_was_read_on_each_day() {
    let long_turns = vec![("epub", 0.2), ("pdf", 0.3), ("pdf", 0.4), ("epub", 0.5)];
    let short_turns = (1..=4).map(|step| (if step % 2 == 0 { "pdf" } else { "epub" }, 0.1 + f64::from(step) / 10.0));
    for turns in [long_turns, short_turns.collect()] {
        let library = library(at("2026-11-20T12:00Z"));
        library.read_on("Kobo", "epub", 0.1);
        library.post("epub", "/join", Some(json!({ "document": "pdf" })));
        for (file, percentage) in turns {
            library.read_on(if file == "epub" { "Kobo" } else { "Phone" }, file, percentage);
        }
        library.wait(3 * DAY);
        (1..=40).for_each(|step| library.read_on("Kobo", "epub", 0.5 + f64::from(step) / 200.0));
        let whole = days(&library);
        assert_eq!(whole.iter().map(|(_, read)| *read).collect::<Vec<_>>(), [0.5, 0.2]);
        let library = library.restarted();
        let history = get(&library.site, &document_path("epub", "/history?limit=1000"));
        assert!(history["history"].as_array().unwrap().len() < 45, "it is thinned");
        assert_eq!(days(&library), whole);
        library.is_sound();
    }
}

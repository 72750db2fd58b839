//! What histories add up to.

use jiff::tz::TimeZone;

use super::*;
use crate::PushEffect;
use crate::model::Progress;
use crate::store::BookMark;

fn document(id: &str) -> Document {
    Document::new(id).expect("an id")
}

fn push(device: &str, timestamp: u64) -> HistoryEntry {
    let mut progress = Progress::new("p".into(), 0.5, device.into(), None).expect("a position");
    progress.timestamp = timestamp;
    HistoryEntry { sequence: timestamp, progress, pushes: 2, effect: crate::PushEffect::Moved, repeats: 0 }
}

fn counts() -> ActivityCounts {
    ActivityCounts::new(DayRule::midnight(TimeZone::UTC))
}

/// Returns a push of a percentage by a device at a time. `effect` says whether it became the current position.
fn moved(device: &str, timestamp: u64, percentage: f64, effect: PushEffect) -> HistoryEntry {
    let mut entry = push(device, timestamp);
    entry.progress.percentage = percentage;
    HistoryEntry { effect, pushes: 1, ..entry }
}

fn start(book: &Document) -> BookStart<'_> {
    BookStart { book, opened: 0, folded: Vec::new() }
}

fn activity(counts: &ActivityCounts) -> Activity {
    counts.activity(&Notes { members: &HashMap::new(), marks: &[], devices: &[], read: &[] }, 100_000)
}

/// Returns a history as that of a document.
fn of<const N: usize>(document: &Document, history: [HistoryEntry; N]) -> [(Document, HistoryEntry); N] {
    history.map(|entry| (document.clone(), entry))
}

#[test]
fn a_device_counts_each_document_once_and_shows_the_last() {
    let mut counts = counts();
    let (one, two) = (document("one"), document("two"));
    counts.start_book(start(&one));
    // The history comes in two slices.
    counts.add(of(&one, [HistoryEntry { repeats: 1, ..push("Kobo", 30) }, push("Kindle", 20)]));
    counts.add(of(&one, [push("Kobo", 10)]));
    counts.start_book(start(&two));
    counts.add(of(&two, [push("Kindle", 90_000)]));
    counts.end_book();
    let Activity { devices, calendar, .. } = activity(&counts);
    let summary = |device: &Device| (device.first, device.document.to_string(), device.documents);
    let summaries: Vec<_> = devices.iter().map(summary).collect();
    assert_eq!(summaries, [(20, "two".to_owned(), 2), (10, "one".to_owned(), 1)]);
    let pushes = |day| calendar.day(jiff::civil::date(1970, 1, day)).pushes;
    assert_eq!((calendar.days_read(), pushes(1), pushes(2)), (2, 5, 2), "a device that holds its place reads nothing");
}

/// As from a queue that a device had kept offline.
#[test]
fn of_positions_of_one_second_a_device_shows_the_last() {
    let mut counts = counts();
    let (one, two) = (document("one"), document("a longer one"));
    let at = |sequence, percentage| HistoryEntry { sequence, ..moved("Kobo", 30, percentage, PushEffect::Moved) };
    counts.start_book(start(&two));
    counts.add(of(&two, [at(6, 0.6), at(5, 0.5)]));
    counts.start_book(start(&one));
    counts.add(of(&one, [at(4, 0.4), at(3, 0.3)]));
    counts.end_book();
    let shown = |counts: &ActivityCounts| {
        let device = activity(counts).devices.remove(0);
        (device.document.to_string(), device.percentage)
    };
    assert_eq!(shown(&counts), ("a longer one".to_owned(), 0.6));
    counts.add_push(&one, &one, &at(7, 0.7));
    assert_eq!(shown(&counts), ("one".to_owned(), 0.7));
    assert_eq!(counts.bytes, counts.devices.values().map(Device::size).sum::<usize>(), "and the memory of its id");
}

/// A client with another device name per push takes at most 2,000 devices' memory.
#[test]
fn the_thousand_devices_that_pushed_last_are_kept() {
    let mut counts = counts();
    for number in 0..5_000_u64 {
        let document = document(&number.to_string());
        counts.start_book(start(&document));
        counts.add(of(&document, [push(&format!("device {number}"), number)]));
        assert!(counts.devices.len() <= 2 * MAX_DEVICES);
    }
    let devices = activity(&counts).devices;
    let (first, last) = (devices[0].timestamp, devices[MAX_DEVICES - 1].timestamp);
    assert_eq!((devices.len(), first, last), (MAX_DEVICES, 4_999, 4_000));
}

/// Long names and ids take a bounded memory, too.
#[test]
fn devices_with_long_names_are_fewer() {
    let mut counts = counts();
    for number in 0..1_000_u64 {
        let document = document(&number.to_string());
        counts.start_book(start(&document));
        counts.add(of(&document, [push(&format!("{number:0512}"), number)]));
        assert!(counts.devices.values().map(Device::size).sum::<usize>() <= MAX_DEVICE_BYTES + 1024);
    }
    let devices = activity(&counts).devices;
    assert!((150..200).contains(&devices.len()) && devices[0].timestamp == 999, "{}", devices.len());
}

const NO_NOTES: fn(&HashMap<Document, Document>) -> Notes<'_> =
    |members| Notes { members, marks: &[], devices: &[], read: &[] };

/// What was read up to a position counts from its device's last current one. A position that was held aside says
/// nothing.
#[test]
fn a_position_that_did_not_become_the_current_one_is_not_where_its_device_was() {
    let mut counts = counts();
    let book = document("book");
    counts.start_book(start(&book));
    let history = [
        moved("Kindle", 40, 0.95, PushEffect::Moved),
        moved("Kindle", 30, 0.9, PushEffect::Queue),
        moved("Kobo", 20, 0.5, PushEffect::Moved),
        moved("Kobo", 10, 0.05, PushEffect::Moved),
    ];
    counts.add(of(&book, history));
    counts.end_book();
    let read = activity(&counts).calendar.day(jiff::civil::date(1970, 1, 1)).read;
    assert!((read - 0.95).abs() < 1e-6, "{read}");
}

/// With more pairs of books and devices, the history is counted again each time.
#[test]
fn counts_of_very_many_books_are_not_complete() {
    let mut counts = counts();
    let add = |counts: &mut ActivityCounts, number: usize| {
        let book = document(&number.to_string());
        counts.start_book(start(&book));
        counts.add(of(&book, [push("Kobo", 20), push("Kindle", 10)]));
        counts.end_book();
    };
    (1..MAX_SEEN / 2).for_each(|number| add(&mut counts, number));
    assert!(counts.is_complete());
    add(&mut counts, MAX_SEEN);
    assert!(!counts.is_complete(), "no more are told apart");
    add(&mut counts, MAX_SEEN + 1);
    assert!(!counts.is_complete(), "those before are forgotten");
}

#[test]
fn days_of_devices_that_are_told_apart_are_bounded() {
    let mut counts = counts();
    let book = document("book");
    counts.start_book(start(&book));
    counts.end_book();
    for day in 0..=MAX_DEVICE_DAYS as u64 {
        counts.add_push(&book, &book, &push("Kobo", day * 86_400));
    }
    assert_eq!(counts.device_days.len(), MAX_DEVICE_DAYS);
}

#[test]
fn a_day_on_a_device_counts_once() {
    let mut counts = counts();
    let book = document("book");
    counts.start_book(start(&book));
    let day = 86_400;
    counts.add(of(&book, [push("Kobo", day + 20), push("Kobo", day + 10), push("Kobo", 10)]));
    counts.end_book();
    counts.add_push(&book, &book, &push("Kobo", day + 30));
    assert_eq!(activity(&counts).devices[0].share(None).days, 2);
}

/// Of joined documents, marks and readings of any file are those of the book. Of several readings the last one counts.
#[test]
fn what_is_noted_of_a_file_is_noted_of_its_book() {
    let mut counts = counts();
    let (first, second) = (document("first"), document("second"));
    counts.start_book(start(&first));
    counts.add(of(&first, [push("Kobo", 10)]));
    counts.end_book();
    let members = HashMap::from([(first.clone(), first.clone()), (second.clone(), first.clone())]);
    let marks = [(second.clone(), BookMark { shelf: None, is_hidden: true })];
    let read = [(second.clone(), 500), (first.clone(), 300)];
    let notes = Notes { members: &members, marks: &marks, devices: &[], read: &read };
    let activity = counts.activity(&notes, 100_000);
    let [book] = &activity.books[..] else { panic!("{:?}", activity.books) };
    assert_eq!((book.is_hidden, book.opened), (true, 500));
    assert!(activity.is_hidden(&second));
}

/// Of a pace, two weeks count, today included.
#[test]
fn a_pace_is_that_of_fourteen_days() {
    let day = 86_400;
    let recent = |last: u64| {
        let mut counts = counts();
        let book = document("book");
        counts.start_book(start(&book));
        counts.add(of(&book, [moved("Kobo", last, 0.1, PushEffect::Moved)]));
        counts.end_book();
        let members = HashMap::new();
        let activity = counts.activity(&NO_NOTES(&members), 40 * day);
        activity.books[0].recent.is_some()
    };
    assert_eq!([40 - 13, 40 - 14].map(|at| recent(at * day)), [true, false]);
}

#[test]
fn the_book_that_was_opened_last_is_the_first() {
    let mut counts = counts();
    for (id, time) in [("old", 10), ("new", 30), ("middle", 20)] {
        let book = document(id);
        counts.start_book(start(&book));
        counts.add(of(&book, [push("Kobo", time)]));
    }
    counts.end_book();
    let books: Vec<String> = activity(&counts).books.iter().map(|book| book.document.to_string()).collect();
    assert_eq!(books, ["new", "middle", "old"]);
}

/// A device opened at the end of another copy says nothing about the book.
#[test]
fn a_later_push_that_did_not_become_current_neither_finishes_a_book_nor_changes_its_file() {
    let mut counts = counts();
    let (first, second) = (document("first"), document("second"));
    counts.start_book(start(&first));
    counts.add(of(&first, [moved("Kobo", 10, 0.3, PushEffect::Moved)]));
    counts.end_book();
    counts.add_push(&first, &second, &moved("Kindle", 20, 1.0, PushEffect::Opened));
    let seen = activity(&counts);
    assert_eq!((seen.books[0].document.as_str(), seen.finishes.len()), ("first", 0));
    assert_eq!(seen.books[0].opened, 20, "yet it was opened");
    counts.add_push(&first, &second, &moved("Kindle", 30, 1.0, PushEffect::Moved));
    let seen = activity(&counts);
    assert_eq!((seen.books[0].document.as_str(), seen.finishes.len()), ("second", 1));
}

/// A device that is opened where it holds the position adds no entry to the history.
#[test]
fn a_book_was_opened_when_its_current_position_says() {
    let mut counts = counts();
    let book = document("book");
    counts.start_book(BookStart { opened: 50_000, ..start(&book) });
    counts.add(of(&book, [push("Kobo", 10)]));
    counts.end_book();
    assert_eq!(activity(&counts).books[0].opened, 50_000);
}

/// Where one file was before says nothing about the first position of the book.
#[test]
fn the_first_position_of_joined_files_is_one_where_reading_may_have_begun_elsewhere() {
    let book = document("book");
    let read = |files: usize| {
        let mut counts = counts();
        let mut folded = vec![serde_json::from_str(r#"{ "turns": [], "base": 5000 }"#).expect("a record")];
        folded.resize(files, FoldedHistory::default());
        counts.start_book(BookStart { folded, ..start(&book) });
        counts.add(of(&book, [moved("Kobo", 10, 0.9, PushEffect::Moved)]));
        counts.end_book();
        let read = activity(&counts).calendar.day(jiff::civil::date(1970, 1, 1)).read;
        (read * 10.0).round() / 10.0
    };
    assert_eq!([1, 2].map(read), [0.4, 0.1]);
}

#[test]
fn a_book_counts_in_the_month_and_in_the_year_in_which_it_was_finished() {
    let mut counts = counts();
    let year = 365 * 86_400;
    counts.add_folded(&[], vec![10, year + 10, year + 20, year + 40 * 86_400]);
    let activity = activity(&counts);
    assert_eq!([1970, 1971, 1972].map(|year| activity.finished_in(year)), [1, 3, 0]);
    let months = [(1970, 1), (1971, 1), (1971, 2), (1971, 3)];
    assert_eq!(months.map(|(year, month)| activity.finished_in_month(year, month)), [1, 2, 1, 0]);
}

/// A forgotten device is back once it pushes again, even in the same second.
#[test]
fn a_forgotten_device_is_back_with_its_next_push() {
    let shown = |timestamp, sequence| {
        let mut counts = counts();
        let book = document("book");
        counts.start_book(start(&book));
        counts.add(of(&book, [HistoryEntry { sequence, ..push("Kobo", timestamp) }]));
        counts.end_book();
        let label = DeviceLabel { device: "Kobo".into(), device_id: None };
        let rows = [DeviceRow { label, name: None, forgotten: Some((30, 7)), first: None }];
        let members = HashMap::new();
        let notes = Notes { devices: &rows, ..NO_NOTES(&members) };
        counts.activity(&notes, 100).devices.len()
    };
    assert_eq!([shown(30, 7), shown(30, 8), shown(31, 7), shown(29, 8)], [0, 1, 0, 0]);
}

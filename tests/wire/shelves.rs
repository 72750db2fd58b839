//! Finished books, shelves, days that were read, and devices: what is remembered, and what a reader may change.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kosync::store::Transferred;
use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get, ok};
use crate::common::{KEY, Site, position};

const DAY: u64 = 24 * 60 * 60;
/// Noon in UTC.
const START: u64 = 20_000 * DAY + DAY / 2;

/// A server whose clock only the test moves, with the account `ada`.
pub(super) struct Library {
    pub(super) site: Site,
    pub(super) now: Arc<AtomicU64>,
}

impl Library {
    pub(super) fn new() -> Self {
        let now = Arc::new(AtomicU64::new(START));
        let clock = now.clone();
        let site = Site::with(|builder| builder.clock(move || clock.load(Ordering::Relaxed)));
        site.registered("ada", KEY);
        Self { site, now }
    }

    /// Starts another server at the same time, without the account.
    pub(super) fn on_new_server(&self) -> Self {
        let other = Self::new();
        other.now.store(self.now.load(Ordering::Relaxed), Ordering::Relaxed);
        ok(as_ada(&other.site, "DELETE", "/users/me", None).shaped());
        other
    }

    /// Starts the server again, which forgets all that it has in memory.
    pub(super) fn restarted(self) -> Self {
        let Self { site, now } = self;
        let clock = now.clone();
        Self { site: site.restarted(|builder| builder.clock(move || clock.load(Ordering::Relaxed))), now }
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    /// Pushes a position on a device, a minute after what was before.
    pub(super) fn read_on(&self, device: &str, document: &str, percentage: f64) {
        self.wait(60);
        let place = format!("/body/p[{}]", self.now.load(Ordering::Relaxed));
        let mut body = position(document, &place, percentage);
        body["device"] = json!(device);
        body["device_id"] = json!(format!("id of {device}"));
        self.site.pushed("ada", KEY, &body);
    }

    pub(super) fn read(&self, document: &str, percentage: f64) {
        self.read_on("Kobo", document, percentage);
    }

    pub(super) fn document(&self, document: &str) -> Value {
        get(&self.site, &document_path(document, ""))
    }

    pub(super) fn change(&self, document: &str, body: Value) -> Value {
        ok(as_ada(&self.site, "PATCH", &document_path(document, ""), Some(body)))
    }

    pub(super) fn post(&self, document: &str, rest: &str, body: Option<Value>) {
        ok(as_ada(&self.site, "POST", &document_path(document, rest), body));
    }

    pub(super) fn delete(&self, document: &str) {
        ok(as_ada(&self.site, "DELETE", &document_path(document, ""), None));
    }

    pub(super) fn statistics(&self) -> Value {
        get(&self.site, "/api/v1/statistics")
    }

    /// Returns all records of an export.
    pub(super) fn export(&self) -> Vec<Transferred> {
        self.site.exported()
    }

    /// Imports records, as the command line does beside a server.
    pub(super) fn import(&self, records: Vec<Transferred>) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(self.site.server.store().import_batch(records)).unwrap();
    }

    fn devices(&self) -> Vec<(String, u64, Value)> {
        let list = get(&self.site, "/api/v1/devices");
        let device = |device: &Value| {
            let name = device["device"].as_str().unwrap().to_owned();
            (name, device["mark"].as_u64().unwrap(), device["given_name"].clone())
        };
        list["devices"].as_array().unwrap().iter().map(device).collect()
    }

    fn device_path(&self, name: &str) -> String {
        let list = get(&self.site, "/api/v1/devices");
        let device = list["devices"].as_array().unwrap().iter().find(|device| device["device"] == name).unwrap();
        format!("/api/v1/devices/{}", device["id"].as_str().unwrap())
    }

    pub(super) fn is_sound(&self) {
        let report = self.site.server.store().verify().unwrap();
        assert!(report.problems.is_empty(), "{:?}", report.problems);
    }
}

#[test]
fn a_finished_book_stays_finished_when_it_is_opened_again_and_counts_twice_when_it_is_read_again() {
    let library = Library::new();
    library.read("emma", 0.5);
    let begun = library.document("emma");
    assert_eq!((&begun["shelf"], &begun["finished"]), (&json!("reading"), &Value::Null));
    library.wait(DAY);
    library.read("emma", 0.99);
    let finished = library.document("emma")["finished"].clone();
    assert_eq!(finished["times"], 1);
    library.wait(3 * DAY);
    library.read("emma", 0.7);
    library.read("emma", 1.0);
    let opened = library.document("emma");
    assert_eq!((&opened["shelf"], &opened["finished"]), (&json!("finished"), &finished), "looked something up");

    library.post("emma", "/start-over", None);
    let again = library.document("emma");
    assert_eq!((&again["shelf"], &again["finished"]), (&json!("reading"), &finished), "started over");
    library.wait(DAY);
    library.read("emma", 0.6);
    library.read("emma", 0.995);
    library.wait(DAY);
    library.read("emma", 0.1);
    library.wait(DAY);
    library.read("emma", 1.0);
    let library = library.restarted();
    let read = library.document("emma");
    assert_eq!((&read["finished"]["times"], &read["finished"]["date"]), (&json!(3), &finished["date"]));
    assert!(read["finished"]["last"].as_str() > finished["date"].as_str());
    let list = get(&library.site, "/api/v1/documents");
    assert_eq!(list["documents"][0]["finished"], read["finished"]);
    library.is_sound();
}

#[test]
fn a_history_that_is_thinned_keeps_when_the_book_was_finished_and_put_back_positions_were_not_read() {
    let library = Library::new();
    // On one day, so that one position of it is kept.
    [0.4, 1.0, 0.3, 0.6].into_iter().for_each(|percentage| library.read("emma", percentage));
    let before = library.document("emma")["finished"].clone();
    assert_eq!(before["times"], 1);
    library.wait(3 * DAY);
    (0..40).for_each(|step| library.read("emma", 0.61 + f64::from(step) / 1000.0));
    let history = get(&library.site, &document_path("emma", "/history"));
    let history = history["history"].as_array().unwrap();
    assert!(history.iter().all(|entry| entry["percentage"] != 1.0), "it is thinned: {history:?}");
    assert_eq!(library.document("emma")["finished"], before);
    let library = library.restarted();
    assert_eq!(
        (&library.document("emma")["finished"], &library.document("emma")["shelf"]),
        (&before, &json!("reading"))
    );
    library.is_sound();

    library.read("other", 0.5);
    library.read("other", 1.0);
    let sequence = get(&library.site, &document_path("other", "/history"))["history"][0]["sequence"].clone();
    library.read("other", 0.2);
    library.post("other", "/put-back", Some(json!({ "sequence": sequence })));
    let document = library.document("other");
    assert_eq!((&document["percentage"], &document["finished"]["times"]), (&json!(1.0), &json!(1)));
}

#[test]
fn days_that_were_lived_and_finished_books_outlive_a_deleted_book_but_not_the_account() {
    let library = Library::new();
    for day in 0..5 {
        library.read("emma", 0.2 + f64::from(day) / 5.0);
        library.wait(DAY);
    }
    library.wait(2 * DAY);
    library.read("other", 0.3);
    let before = library.statistics();
    assert_eq!((&before["days_read"], &before["finished_this_year"]), (&json!(6), &json!(1)));
    assert_eq!((&before["longest_days_in_a_row"], &before["days_in_a_row"]), (&json!(5), &json!(1)));
    assert_eq!(before["finished_by_month"][0]["books"], 1);
    library.delete("emma");
    let counts = |statistics: &Value| {
        ["days", "days_read", "finished_this_year", "finished_by_month", "longest_days_in_a_row", "weeks_in_a_row"]
            .map(|name| statistics[name].clone())
    };
    assert_eq!(counts(&library.statistics()), counts(&before));
    as_ada(&library.site, "GET", &document_path("emma", ""), None).refused(404, 3404, "There is no such document.");
    let library = library.restarted();
    assert_eq!(counts(&library.statistics()), counts(&before));
    library.is_sound();
    assert_eq!(library.site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    library.site.registered("ada", KEY);
    assert_eq!(library.statistics()["days_read"], 0);
}

#[test]
fn a_reader_moves_books_by_hand_and_hides_them() {
    let library = Library::new();
    library.read("emma", 0.93);
    assert_eq!(library.change("emma", json!({ "shelf": "aside" }))["shelf"], "aside");
    library.read("emma", 0.94);
    assert_eq!(library.document("emma")["shelf"], "reading", "it was read on");
    library.wait(46 * DAY);
    assert_eq!(library.document("emma")["shelf"], "aside");
    assert_eq!(
        library.change("emma", json!({ "shelf": "reading", "name": "Mine", "hidden": true }))["shelf"],
        "reading"
    );
    let hidden = library.document("emma");
    assert_eq!((&hidden["hidden"], &hidden["name"]), (&json!(true), &json!("Mine")));
    assert!(library.change("emma", json!({ "hidden": false })).get("hidden").is_none());

    let finished = library.change("emma", json!({ "shelf": "finished", "finished_on": "2024-10-15" }));
    assert_eq!(
        (&finished["shelf"], &finished["finished"]),
        (&json!("finished"), &json!({ "date": "2024-10-15", "times": 1 }))
    );
    library.read("emma", 0.95);
    let library = library.restarted();
    assert_eq!(library.document("emma")["finished"], finished["finished"]);
    assert_eq!(library.document("emma")["shelf"], "finished", "until it is begun again");
    assert_eq!(library.statistics()["finished_by_month"], json!([{ "month": "2024-10", "books": 1 }]));
    let undone = library.change("emma", json!({ "shelf": null }));
    assert_eq!((&undone["shelf"], &undone["finished"]), (&json!("reading"), &Value::Null));
    library.change("emma", json!({ "shelf": "finished" }));
    library.read("emma", 0.02);
    let again = library.document("emma");
    assert_eq!((&again["shelf"], &again["finished"]["times"]), (&json!("reading"), &json!(1)));
    library.is_sound();

    let path = document_path("emma", "");
    for (body, message) in [
        (json!({ "shelf": "read" }), "'shelf' must be 'reading', 'aside' or 'finished', or null."),
        (
            json!({ "shelf": "finished", "finished_on": "soon" }),
            "'finished_on' must be a date like 2026-11-26, and not in the future.",
        ),
        (
            json!({ "shelf": "finished", "finished_on": "2999-01-01" }),
            "'finished_on' must be a date like 2026-11-26, and not in the future.",
        ),
        (json!({ "hidden": "yes" }), "'hidden' must be true or false."),
        (json!({}), "The body must have 'name', 'shelf', 'finished' or 'hidden'."),
    ] {
        as_ada(&library.site, "PATCH", &path, Some(body)).refused(400, 3400, message);
    }
    let nothing = as_ada(&library.site, "PATCH", &document_path("nothing", ""), Some(json!({ "shelf": "aside" })));
    nothing.refused(404, 3404, "There is no such document.");
}

#[test]
fn i7_joined_documents_are_one_book_that_is_finished_once_and_keeps_that_when_one_is_deleted() {
    let library = Library::new();
    library.read("epub", 0.5);
    library.read("pdf", 0.6);
    library.post("epub", "/join", Some(json!({ "document": "pdf" })));
    library.read("epub", 1.0);
    library.read("pdf", 1.0);
    let finished = library.document("epub")["finished"].clone();
    assert_eq!((&finished["times"], &library.document("pdf")["finished"]), (&json!(1), &finished));
    library.post("pdf", "/start-over", None);
    assert_eq!(library.document("epub")["shelf"], "reading", "started over, though the other file was finished");
    library.change("epub", json!({ "shelf": null, "hidden": true }));
    assert_eq!(library.document("pdf")["hidden"], true);
    assert_eq!(library.statistics()["finished_this_year"], 1);
    library.wait(DAY);
    library.read("pdf", 0.7);
    library.delete("epub");
    let library = library.restarted();
    let left = library.document("pdf");
    assert_eq!((&left["finished"], &left["shelf"], &left["hidden"]), (&finished, &json!("reading"), &json!(true)));
    assert_eq!(library.statistics()["finished_this_year"], 1);
    library.is_sound();
}

#[test]
fn a_device_has_a_name_and_a_number_that_stays_whatever_is_forgotten_or_deleted() {
    let library = Library::new();
    library.read_on("Kobo", "first", 0.1);
    library.wait(DAY);
    library.read_on("Phone", "second", 0.2);
    library.read_on("Kobo", "second", 0.3);
    let name = |path: &str, name: Value| ok(as_ada(&library.site, "PATCH", path, Some(json!({ "given_name": name }))));
    let kobo = library.device_path("Kobo");
    assert_eq!(name(&kobo, json!(" Kobo in the kitchen "))["given_name"], "Kobo in the kitchen");
    let both = vec![("Kobo".into(), 1, json!("Kobo in the kitchen")), ("Phone".into(), 2, Value::Null)];
    assert_eq!(library.devices(), both);
    // The Kobo was first in a book that goes.
    library.delete("first");
    assert_eq!(library.devices(), both);
    ok(as_ada(&library.site, "DELETE", &kobo, None));
    assert_eq!(library.devices(), both[1..], "forgotten, and the other has its number");
    as_ada(&library.site, "DELETE", &kobo, None).refused(404, 3404, "There is no such device.");
    let library = library.restarted();
    assert_eq!(library.devices(), both[1..]);
    library.read_on("Kobo", "second", 0.4);
    assert_eq!(library.devices(), both, "it pushed again");
    ok(as_ada(&library.site, "PATCH", &kobo, Some(json!({ "given_name": "" }))));
    assert_eq!(library.devices()[0].2, Value::Null);
    library.is_sound();
}

#[test]
fn an_export_carries_what_is_remembered() {
    let library = Library::new();
    [0.4, 1.0, 0.3, 0.6].into_iter().for_each(|percentage| library.read("emma", percentage));
    library.wait(3 * DAY);
    (0..40).for_each(|step| library.read("emma", 0.61 + f64::from(step) / 1000.0));
    library.change("emma", json!({ "shelf": "aside", "hidden": true }));
    library.read_on("Phone", "gone", 1.0);
    library.wait(DAY);
    library.delete("gone");
    library.read_on("Tablet", "other", 0.1);
    ok(as_ada(&library.site, "PATCH", &library.device_path("Tablet"), Some(json!({ "given_name": "Mine" }))));

    let other = library.on_new_server();
    let records = library.export();
    for _ in 0..2 {
        other.import(records.clone());
        assert_eq!(other.statistics(), library.statistics());
        assert_eq!(other.document("emma"), library.document("emma"));
        assert_eq!(other.devices(), library.devices());
        other.is_sound();
    }
    assert_eq!(other.document("emma")["hidden"], true);
    assert_eq!(other.devices()[0], ("Tablet".into(), 3, json!("Mine")));
    // What its reader says here counts.
    other.change("emma", json!({ "shelf": "reading", "hidden": false }));
    let yours = json!({ "given_name": "Yours" });
    ok(as_ada(&other.site, "PATCH", &other.device_path("Tablet"), Some(yours)));
    other.import(records);
    let emma = other.document("emma");
    assert_eq!((&emma["shelf"], emma.get("hidden")), (&json!("reading"), None));
    assert_eq!(other.devices()[0].2, json!("Yours"));
}

/// The numbers of books by shelf: finished, in progress, set aside, hidden.
fn shelves(library: &Library) -> [u64; 5] {
    let statistics = library.statistics();
    ["documents", "finished", "in_progress", "aside", "hidden"].map(|name| statistics[name].as_u64().unwrap())
}

#[test]
fn statistics_count_books_by_shelf_and_hidden_ones_apart() {
    let library = Library::new();
    library.read("old", 0.4);
    library.wait(45 * DAY);
    ["emma", "reopened", "again"].into_iter().for_each(|book| library.read(book, 1.0));
    library.read("reopened", 0.7);
    library.read("again", 0.1);
    library.read("begun", 0.2);
    assert_eq!(shelves(&library), [5, 2, 2, 1, 0], "a book that was reopened stays finished");
    library.change("begun", json!({ "shelf": "aside" }));
    library.change("emma", json!({ "hidden": true }));
    assert_eq!(shelves(&library), [5, 1, 1, 2, 1]);
    let list = get(&library.site, "/api/v1/documents");
    let row = |id: &str| list["documents"].as_array().unwrap().iter().find(|row| row["document"] == id).cloned();
    assert_eq!(list["total"], 5, "programs see hidden books, too");
    let emma = row("emma").unwrap();
    assert_eq!((&emma["hidden"], &emma["shelf"]), (&json!(true), &json!("finished")));
    assert_eq!(row("begun").unwrap()["shelf"], "aside");
    assert_eq!(library.statistics()["finished_this_year"], 3, "it was finished, though it is hidden");
    let library = library.restarted();
    assert_eq!(shelves(&library), [5, 1, 1, 2, 1]);
}

#[test]
fn a_book_is_being_read_for_45_days_to_the_second() {
    let library = Library::new();
    library.read("emma", 0.4);
    let shelf = || library.document("emma")["shelf"].clone();
    library.wait(45 * DAY);
    assert_eq!(shelf(), "reading");
    library.wait(1);
    assert_eq!(shelf(), "aside");
    library.read("emma", 0.41);
    assert_eq!(shelf(), "reading");
}

#[test]
fn a_finished_book_that_is_moved_by_hand_can_be_finished_again() {
    let library = Library::new();
    // A look at the last page.
    [0.55, 1.0, 0.56].into_iter().for_each(|percentage| library.read("emma", percentage));
    let finished = library.document("emma")["finished"].clone();
    assert_eq!(finished["times"], 1);
    let moved = library.change("emma", json!({ "shelf": "reading" }));
    assert_eq!((&moved["shelf"], &moved["finished"]), (&json!("reading"), &finished), "it stays in the counts");
    library.wait(DAY);
    library.read("emma", 0.7);
    library.wait(DAY);
    library.read("emma", 1.0);
    let read = library.document("emma");
    assert_eq!((&read["shelf"], &read["finished"]["times"]), (&json!("finished"), &json!(2)));
    library.change("emma", json!({ "shelf": "aside" }));
    library.wait(60);
    library.read("emma", 0.99);
    assert_eq!(library.document("emma")["finished"]["times"], 3, "set aside, taken up and finished");
    // A second thought.
    library.change("emma", json!({ "shelf": "reading" }));
    let library = library.restarted();
    assert_eq!(library.change("emma", json!({ "shelf": null }))["shelf"], "finished");
    library.is_sound();
}

/// Who puts a position back looks for a place; nobody has read.
#[test]
fn a_position_that_is_put_back_does_not_open_its_book() {
    let library = Library::new();
    [0.4, 0.5].into_iter().for_each(|percentage| library.read("emma", percentage));
    let history = get(&library.site, &document_path("emma", "/history"));
    library.wait(46 * DAY);
    library.post("emma", "/put-back", Some(json!({ "sequence": history["history"][1]["sequence"] })));
    let check = |library: &Library| {
        let document = library.document("emma");
        assert_eq!((&document["percentage"], &document["shelf"]), (&json!(0.4), &json!("aside")));
    };
    check(&library);
    check(&library.restarted());
}

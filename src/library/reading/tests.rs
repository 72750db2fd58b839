//! From an upload to the rows: what the worker computes, when, and what it leaves alone.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::json;

use super::lookup::Loaded;
use super::*;
use crate::library::SearchWords;
use crate::library::scan::ScanLimiter;
use crate::model::{Document, FilePath, Metadata, Preferences, Progress, StoredKey, User, Username};
use crate::reading::test_files::{SCHEMA, file};
use crate::store::{
    AccountOutcome, Authority, Change, CreateOutcome, FileCondition, FileOutcome, Store, StoreOptions, UploadStep,
};

const NOW: u64 = 1_795_651_200;
const MIDNIGHT: i64 = 1_795_564_800;
const EMMA: &str = "0123456789abcdef0123456789abcdef";
const WALDEN: &str = "ffffffffffffffffffffffffffffffff";

struct Fixture {
    store: Store,
    limiter: ScanLimiter,
    worker: ReadingWorker,
    ada: User,
    dir: Arc<tempfile::TempDir>,
}

fn open(dir: &tempfile::TempDir, zone: TimeZone) -> Store {
    let mut options = StoreOptions::new(dir.path().to_owned());
    (options.clock, options.zone) = (Arc::new(|| NOW), zone);
    Store::open(options).expect("store")
}

impl Fixture {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let store = open(&dir, TimeZone::UTC);
        let created = store.create_user(Username::new("ada").expect("a name"), StoredKey("key".into()), None).await;
        let CreateOutcome::Created(ada) = created.expect("created") else { panic!("the name is taken") };
        let (limiter, worker) = (ScanLimiter::new(), ReadingWorker::default());
        let mut fixture = Self { store, limiter, worker, ada, dir: Arc::new(dir) };
        fixture.end_days_at(Some(0)).await;
        fixture
    }

    /// Sets the hour at which the account's day ends.
    async fn end_days_at(&mut self, day_end: Option<u8>) {
        let change = Change::SetPreferences(Preferences { day_end, ..Preferences::default() });
        let (user, name) = (self.ada.clone(), self.ada.name.clone());
        let outcome = self.store.manage(Authority::User(user), name, change).await.expect("changed");
        assert_eq!(outcome, AccountOutcome::Done);
        self.ada = self.store.user(&self.ada.name).expect("read").expect("ada");
    }

    async fn put(&self, path: &str, bytes: &[u8]) {
        self.put_by("KOReader/2026.08", path, bytes).await;
    }

    /// Stores a file that a client of that name uploads.
    async fn put_by(&self, agent: &str, path: &str, bytes: &[u8]) {
        let path = FilePath::new(path).expect("a path");
        let upload = self.store.begin_upload(self.ada.clone(), &path, None).await.expect("begun");
        let mut upload = upload.expect("room");
        assert_eq!(upload.write(bytes).await.expect("written"), UploadStep::Taken);
        let outcome = upload.finish(path, FileCondition::default(), Some(agent)).await.expect("finished");
        assert!(matches!(outcome, FileOutcome::Done { .. }), "{outcome:?}");
    }

    /// Returns what is known once the worker has caught up.
    async fn known(&self) -> Loaded {
        loop {
            let loaded = load_state(&self.store, &self.limiter, &self.worker, &self.ada).await.expect("read");
            if !loaded.is_pending {
                return loaded;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Returns the times of a row.
    fn book(&self, name: &str) -> Option<BookReading> {
        find_statistics_book(&self.store, self.ada.id, name).expect("read").map(|book| book.times)
    }

    async fn push(&self, id: &str, title: &str, filename: &str) {
        let progress = Progress::new("p".into(), 0.5, "Kobo".into(), None).expect("a position");
        let metadata = Metadata::new(Some(filename.into()), Some(title.into()), None);
        self.store.push(self.ada.clone(), document(id), progress, Some(metadata)).await.expect("stored");
    }
}

fn document(id: &str) -> Document {
    Document::new(id).expect("an id")
}

/// A file with a page of *Emma*, read for `seconds` at `hour`. The day is the 25th.
fn statistics(seconds: u32, hour: i64) -> Vec<u8> {
    file(&format!(
        "{SCHEMA} INSERT INTO book (id, title, authors, pages, md5) VALUES (1, 'Emma', 'Jane Austen', 100, '{EMMA}'),
             (2, 'Walden', 'Henry Thoreau', 300, '{WALDEN}');
         INSERT INTO page_stat_data VALUES (1, 1, {MIDNIGHT} + {hour} * 3600, {seconds}, 100), (2, 1, {MIDNIGHT}, 60, 300);"
    ))
}

#[tokio::test]
async fn w6_an_upload_lands_on_the_right_book() {
    let fixture = Fixture::new().await;
    let none = fixture.known().await;
    assert!(none.times.is_none() && none.highlights.is_none());
    fixture.put("statistics.sqlite3", &statistics(30, 12)).await;
    let times = fixture.known().await.times.expect("times");
    assert_eq!((times.seconds, times.pages, times.unread.clone()), (90, 2, None));
    let file = times.file.clone().expect("a file");
    let expected = ("statistics.sqlite3", NOW, Some("KOReader/2026.08"));
    assert_eq!((file.path.as_str(), file.uploaded_at, file.uploaded_by.as_deref()), expected);
    assert_eq!(times.days().map(|day| day.date.to_string()).collect::<Vec<_>>(), ["2026-11-25"]);
    let book = fixture.book(EMMA).expect("a book");
    assert_eq!((book.title.as_str(), book.seconds), ("Emma", 30));
    assert!(fixture.book("other").is_none());
    // The books without a position are listed; one that is pushed is not any more.
    let listed = async |words: &str| {
        let (mut names, words) = (Vec::new(), SearchWords::new(words));
        let add = |name, _| names.push(name);
        let read = each_statistics_book(&fixture.store, &fixture.limiter, fixture.ada.id, &words, add);
        read.await.expect("read");
        names.sort_unstable();
        names
    };
    let mut both = [WALDEN, EMMA];
    both.sort_unstable();
    assert_eq!((listed("thoreau").await, listed("").await), (vec![WALDEN.to_owned()], both.map(str::to_owned).into()));
    fixture.push(EMMA, "Emma", "emma.epub").await;
    assert_eq!((listed("thoreau").await, listed("").await), (vec![WALDEN.to_owned()], vec![WALDEN.to_owned()]));
}

#[tokio::test]
async fn an_upload_that_cannot_be_read_leaves_the_numbers_of_the_last_one_that_could() {
    let fixture = Fixture::new().await;
    fixture.put("statistics.sqlite3", b"not a database").await;
    let times = fixture.known().await.times.expect("times");
    assert!(times.file.is_none() && times.unread.is_some());
    fixture.put("statistics.sqlite3", &statistics(30, 12)).await;
    assert_eq!(fixture.known().await.times.expect("times").seconds, 90);
    fixture.put("statistics.sqlite3", &[&b"SQLite format 3\0"[..], &[0; 500]].concat()).await;
    let times = fixture.known().await.times.expect("times");
    assert_eq!((times.seconds, times.file.is_some()), (90, true));
    assert!(times.unread.expect("a reason").reason.contains("SQLite"));
    fixture.put("statistics.sqlite3", &statistics(31, 12)).await;
    let times = fixture.known().await.times.expect("times");
    assert_eq!((times.seconds, times.unread), (91, None));
}

#[tokio::test]
async fn the_last_upload_counts_in_whichever_folder_and_a_deleted_one_does_not() {
    let fixture = Fixture::new().await;
    for folder in ["a", "b"] {
        fixture.store.create_folder(fixture.ada.clone(), FilePath::new(folder).expect("a path")).await.expect("made");
    }
    fixture.put("b/statistics.sqlite3", &statistics(1, 12)).await;
    fixture.put("a/statistics.sqlite3", &statistics(2, 12)).await;
    assert_eq!(fixture.known().await.times.expect("times").seconds, 62);
    let delete = |path: &str| {
        fixture.store.delete_file(fixture.ada.clone(), FilePath::new(path).expect("a path"), FileCondition::default())
    };
    delete("a").await.expect("deleted");
    assert_eq!(fixture.known().await.times.expect("times").seconds, 61);
    delete("b").await.expect("deleted");
    assert!(fixture.known().await.times.is_none());
    assert!(fixture.book(EMMA).is_none());
}

#[tokio::test]
async fn days_are_computed_again_when_the_zone_or_the_account_s_hour_changes() {
    let mut fixture = Fixture::new().await;
    fixture.put("statistics.sqlite3", &statistics(30, 23)).await;
    assert_eq!(fixture.known().await.times.expect("times").days().count(), 1);
    let Fixture { store, worker, dir, .. } = fixture;
    drop((store, worker));
    let store = open(&dir, TimeZone::fixed(jiff::tz::offset(1)));
    let ada = store.user(&Username::new("ada").expect("a name")).expect("read").expect("ada");
    fixture = Fixture { store, limiter: ScanLimiter::new(), worker: ReadingWorker::default(), ada, dir };
    let days: Vec<_> = fixture.known().await.times.expect("times").days().map(|day| day.date.to_string()).collect();
    assert_eq!(days, ["2026-11-25", "2026-11-26"]);
    // Who reads past midnight still reads on the evening's day.
    fixture.end_days_at(None).await;
    let days: Vec<_> = fixture.known().await.times.expect("times").days().map(|day| day.date.to_string()).collect();
    assert_eq!(days, ["2026-11-24", "2026-11-25"]);
}

/// Rows that stay as they were are not written: an upload changes one book or two.
#[tokio::test]
async fn the_worker_reads_a_file_once() {
    let fixture = Fixture::new().await;
    fixture.put("statistics.sqlite3", &statistics(30, 12)).await;
    fixture.known().await;
    let size = fixture.store.size().expect("a size");
    for _ in 0..3 {
        fixture.worker.request(&fixture.store, &fixture.ada);
        fixture.known().await;
    }
    assert_eq!(fixture.store.size().expect("a size"), size);
}

#[tokio::test]
async fn w7_highlights_of_both_sources_are_one_book() {
    let fixture = Fixture::new().await;
    fixture.push("plain", "A plain book", "plain.epub").await;
    fixture.put("statistics.sqlite3", &statistics(30, 12)).await;
    let annotation = |text: &str, deleted: bool| {
        json!({ "text": text, "drawer": "lighten", "pageno": 3, "datetime": "2026-11-25 12:00:00",
            "datetime_updated": "2026-11-25 13:00:00", "deleted": deleted })
    };
    let sync = json!({ "a": annotation("handsome", false), "b": annotation("gone", true) });
    fixture.put(&format!("{EMMA}.json"), sync.to_string().as_bytes()).await;
    let entry =
        |text: &str| json!({ "text": text, "drawer": "lighten", "page": 3, "time": MIDNIGHT + 43_200, "chapter": "I" });
    let export = |title: &str, author: &str, file: &str| {
        json!({ "title": title, "author": author, "file": file, "created_on": MIDNIGHT + 44_000,
            "entries": [entry("handsome"), entry("gone"), entry("clever")] })
    };
    fixture.put("2026 Austen - Emma.json", export("Emma", "Jane Austen", "/x/e.epub").to_string().as_bytes()).await;
    fixture.put("plain.json", export("Other title", "", "/x/plain.epub").to_string().as_bytes()).await;
    fixture.put("unknown.json", export("Unknown", "", "/x/unknown.epub").to_string().as_bytes()).await;
    fixture.put("settings.json", b"{\"a\": {\"b\": 1}}").await;
    fixture.put("broken.json", b"{\"entries\": [").await;
    fixture.put("other.json", b"nothing").await;
    let state = fixture.known().await.highlights.expect("highlights");
    assert_eq!(state.unread.iter().map(|file| file.file.path.as_str()).collect::<Vec<_>>(), ["broken.json"]);
    let mut books: Vec<_> = highlighted_books(Some(&state))
        .iter()
        .map(|name| find_highlights(&fixture.store, fixture.ada.id, name).expect("read").expect("a book"))
        .map(|book| (book.title, book.authors, book.document.is_some(), book.highlights.len()))
        .collect();
    books.sort();
    assert_eq!(
        books,
        [
            ("A plain book".into(), None, true, 3),
            ("Emma".into(), Some("Jane Austen".into()), false, 2),
            ("Unknown".into(), None, false, 3),
        ]
    );
    let mut emma = find_highlights(&fixture.store, fixture.ada.id, EMMA).expect("read").expect("a book");
    assert_eq!(emma.highlights[0].chapter.as_deref(), Some("I"), "the export knows the chapter");
    emma.search(&SearchWords::new("AUSTEN cléver"));
    assert_eq!(emma.highlights.iter().map(|highlight| highlight.text.as_str()).collect::<Vec<_>>(), ["clever"]);
}

/// Readers have their books in the same folder on all devices of a maker.
#[tokio::test]
async fn w7_an_export_replaces_that_of_the_same_model_and_no_other() {
    let fixture = Fixture::new().await;
    let export = |text: &str, created_on: i64| {
        let entry = json!({ "text": text, "drawer": "lighten", "page": 3, "time": MIDNIGHT });
        json!({ "title": "Emma", "file": "/mnt/onboard/emma.epub", "created_on": created_on, "entries": [entry] })
    };
    let agent = |version: &str, model: &str| {
        format!("KOReader/{version} ({model}; Linux; arm; https://github.com/koreader/koreader) LuaSocket/3.1.0")
    };
    for (day, version, model, text) in [
        (1, "2026.08", "Kobo_nova", "first"),
        (2, "2026.08", "Kobo_monza", "other device's"),
        (3, "2026.09", "Kobo_nova", "after an update"),
    ] {
        let exported = export(text, MIDNIGHT + day).to_string();
        fixture.put_by(&agent(version, model), &format!("{day}.json"), exported.as_bytes()).await;
    }
    let state = fixture.known().await.highlights.expect("highlights");
    let names = highlighted_books(Some(&state));
    let book = find_highlights(&fixture.store, fixture.ada.id, &names[0]).expect("read").expect("a book");
    let mut texts: Vec<_> = book.highlights.iter().map(|highlight| highlight.text.as_str()).collect();
    texts.sort_unstable();
    assert_eq!((names.len(), texts), (1, vec!["after an update", "other device's"]));
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_files() {
    let fixture = Fixture::new().await;
    fixture.put("statistics.sqlite3", &statistics(30, 12)).await;
    for _ in 0..20 {
        let worker = ReadingWorker::default();
        worker.request(&fixture.store, &fixture.ada);
        drop(worker);
    }
    let Fixture { store, worker, dir, .. } = fixture;
    drop((store, worker));
    // Nothing holds the store open.
    let _ = open(&dir, TimeZone::UTC);
}

/// A file name may be that of several documents: `volume 1.epub` in two folders, or a file that was replaced.
#[tokio::test]
async fn w7_an_export_is_of_the_document_of_its_file_name_that_has_its_title() {
    let fixture = Fixture::new().await;
    for (id, title) in [("a", "Emma"), ("b", "Emma"), ("c", "Walden"), ("d", "Ulysses")] {
        fixture.push(id, title, "volume 1.epub").await;
    }
    let export = |title: &str| {
        let entry = json!({ "text": title, "drawer": "lighten", "page": 3, "time": MIDNIGHT });
        json!({ "title": title, "file": "/books/volume 1.epub", "created_on": MIDNIGHT, "entries": [entry] })
            .to_string()
    };
    for title in ["Walden", "Emma"] {
        fixture.put(&format!("{title}.json"), export(title).as_bytes()).await;
    }
    let state = fixture.known().await.highlights.expect("highlights");
    let found = highlighted_books(Some(&state)).into_iter().map(|name| {
        let book = find_highlights(&fixture.store, fixture.ada.id, &name).expect("read").expect("a book");
        (book.document.map(|document| document.to_string()), book.highlights[0].text.clone())
    });
    let mut found: Vec<_> = found.collect();
    found.sort();
    assert_eq!(found[1], (Some("c".into()), "Walden".into()));
    // Of the same title, the one that was pushed last; in the same second, either.
    assert_eq!((found.len(), found[0].1.as_str()), (2, "Emma"));
    assert!(matches!(found[0].0.as_deref(), Some("a" | "b")));
}

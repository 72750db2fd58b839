//! Quotas: what accounts have is counted exactly, and what is too much is refused or thinned.

use std::collections::HashMap;

use heed::types::Bytes;

use super::*;
use crate::store::usage::{Quota, QuotaExceeded, Usage};
use crate::store::{Transferred, TransferredDocument, TransferredPosition};

/// A server's store with a quota. The free disk does not matter.
fn fixture(max_documents: u32, max_bytes: u64) -> Fixture {
    Fixture::with(|options| {
        options.is_server = true;
        options.quota = Quota { max_documents, max_bytes, min_free_disk: Some(0), ..Quota::default() };
    })
}

impl Fixture {
    async fn bytes(&self, user: &User) -> u64 {
        self.store.usage(&self.reload(user)).await.expect("counted").bytes
    }

    /// Counts all rows of all accounts from scratch.
    fn recount(&self) -> HashMap<UserId, u64> {
        let count = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            let mut bytes = HashMap::new();
            for row in tables.progress.with_values::<Bytes>().all(txn)? {
                let (key, value) = row?;
                *bytes.entry(key.user).or_default() += tables.progress.footprint(key.len(), value.len() as u64);
            }
            for row in tables.documents.with_values::<Bytes>().all(txn)? {
                let (key, value) = row?;
                *bytes.entry(key.user).or_default() += tables.documents.footprint(key.len(), value.len() as u64);
            }
            for row in tables.aliases.with_values::<Bytes>().all(txn)? {
                let (key, value) = row?;
                *bytes.entry(key.user).or_default() += tables.aliases.footprint(key.len(), value.len() as u64);
            }
            for row in tables.log.measured().all(txn)? {
                let (_, (entry, length)) = row?;
                *bytes.entry(entry.user).or_default() += tables.log.entry_footprint(length);
            }
            for row in tables.books.with_values::<Bytes>().all(txn)? {
                let (key, value) = row?;
                let user = UserId(u32::try_from(key >> 32).expect("an account's number"));
                *bytes.entry(user).or_default() += tables.books.footprint(8, value.len() as u64);
            }
            for row in tables.awaited.with_values::<Bytes>().all(txn)? {
                let (key, value) = row?;
                *bytes.entry(key.user).or_default() += tables.awaited.footprint(key.len(), value.len() as u64);
            }
            Ok(bytes)
        };
        self.store.read(count).expect("counts")
    }

    async fn push_sized(&self, user: &User, id: &str, length: usize) -> PushOutcome {
        self.push(user, id, &"x".repeat(length)).await.expect("an outcome")
    }
}

/// Numbers that look random and are the same each time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    /// Returns a text shorter than `end` bytes.
    fn text(&mut self, end: u64) -> String {
        (0..self.below(end)).map(|_| 'x').collect()
    }
}

fn imported(user: &User, id: &str, times: std::ops::Range<u64>) -> Transferred {
    let history = times.map(|timestamp| {
        let progress = Progress { timestamp, ..position(&format!("imported {timestamp}")) };
        TransferredPosition::new(progress)
    });
    Transferred::Document(TransferredDocument {
        account: user.name.clone(),
        document: document(id),
        metadata: Metadata::new(Some("file.epub".into()), None, None),
        name: None,
        joined: Vec::new(),
        history: history.collect(),
        identifiers: None,
        notes: None,
        current: None,
    })
}

/// The count after each of hundreds of changes is what counting from scratch gives. The changes are of every kind. Both accounts are
/// thinned to make room many times over, and one is counted in several slices.
#[tokio::test]
async fn the_count_is_what_a_recount_gives_after_any_change() {
    let fixture = fixture(1000, 160 << 10);
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    for number in 0..300 {
        let many = (0..5).map(|entry| imported(&grace, &format!("{number}{entry}"), 0..1)).collect();
        fixture.store.import_batch(many).await.expect("imported");
    }
    let mut numbers = Numbers(15);
    let mut refused = 0;
    for step in 0..600 {
        let user = if numbers.below(3) == 0 { &grace } else { &ada };
        let id = numbers.below(8).to_string();
        match numbers.below(17) {
            0 => drop(fixture.change_own(user, Change::DeleteDocument(document(&id))).await),
            10 | 11 => {
                let list = format!("x:{id},y:{}{},z:alias{}", numbers.below(9), numbers.text(50), numbers.below(60));
                let (list, text) = (list.parse().expect("a list"), numbers.text(2000));
                let pushed = fixture.store.push_identified(user.clone(), document(&id), list, position(&text), None);
                pushed.await.expect("an outcome");
            }
            1 => {
                let name = DocumentName::new(&format!("name {}", numbers.text(90))).expect("a name");
                fixture.change_own(user, Change::RenameDocument(document(&id), Some(name))).await;
            }
            2 => {
                if let Some(oldest) = fixture.history(user, &id).last() {
                    fixture.change_own(user, Change::RestorePosition(document(&id), oldest.sequence)).await;
                }
            }
            3 => {
                let start = numbers.below(2_000_000);
                fixture.store.import_batch(vec![imported(user, &id, start..start + 5)]).await.expect("imported");
            }
            4 => {
                // A job that fails after it has changed rows.
                let (user, id) = (user.clone(), id.clone());
                let failing = move |write: &mut WriteTxn<'_, '_>| -> Result<()> {
                    write.push(&user, document(&id), position("lost"), None)?;
                    Err(Error::Busy)
                };
                assert!(fixture.store.inner.writer.run(failing).await.is_err());
            }
            5 => fixture.advance_clock(numbers.below(2 * DAY)),
            6 => {
                let metadata = Metadata::new(None, Some(numbers.text(99)), None);
                let push = fixture.store.push(user.clone(), document(&id), position("titled"), Some(metadata));
                push.await.expect("an outcome");
            }
            7 | 8 => {
                let other = document(&numbers.below(9).to_string());
                fixture.change_own(user, Change::JoinDocuments(document(&id), other)).await;
            }
            9 => {
                let other = document(&numbers.below(9).to_string());
                fixture.change_own(user, Change::PartDocuments(document(&id), other)).await;
            }
            _ => {
                let pushed = fixture.push(user, &id, &numbers.text(4000)).await.expect("an outcome");
                refused += u32::from(pushed == PushOutcome::OverQuota(QuotaExceeded::Bytes));
            }
        }
        let counted = fixture.recount();
        for user in [&ada, &grace] {
            let expected = counted.get(&user.id).copied().unwrap_or(0);
            assert_eq!(fixture.bytes(user).await, expected, "step {step}");
        }
        assert!(counted[&ada.id] <= (160 << 10) + 3 * 17_000, "step {step}: {}", counted[&ada.id]);
    }
    assert!(refused > 0, "grace has too much from the import");
    let report = fixture.store.verify().expect("read");
    assert_eq!(report.problems, [""; 0]);
}

/// What an older version wrote has no count of its history's bytes.
#[tokio::test]
async fn documents_of_older_versions_are_counted() {
    let fixture = fixture(1000, 1 << 20);
    let ada = fixture.user("ada").await;
    for page in 0..5 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
        fixture.push(&ada, "other", &page.to_string()).await.expect("push");
    }
    let (id, epoch) = (ada.id, 1);
    let as_before = move |write: &mut WriteTxn<'_, '_>| {
        for name in ["book", "other"] {
            let name = document(name);
            let key = DocumentKey::new(id, &name);
            let mut record = write.tables.progress.get(write.txn, &key)?.expect("exists");
            record.bytes = None;
            write.tables.progress.put(write.txn, &key, &record)?;
        }
        // As a command beside the server would, so that the server counts again.
        Ok(write.tables.meta.put(write.txn, crate::store::tables::META_USAGE_EPOCH, &epoch)?)
    };
    fixture.store.inner.writer.run(as_before).await.expect("written");
    assert_eq!(fixture.bytes(&ada).await, fixture.recount()[&ada.id]);
    fixture.push(&ada, "book", "next").await.expect("push");
    assert_eq!(fixture.bytes(&ada).await, fixture.recount()[&ada.id]);
}

#[tokio::test]
async fn one_document_too_many_is_refused_and_updates_are_taken() {
    let fixture = fixture(3, 1 << 20);
    let ada = fixture.user("ada").await;
    for id in ["a", "b", "c"] {
        assert!(matches!(fixture.push_sized(&ada, id, 1).await, PushOutcome::Stored { .. }));
    }
    assert_eq!(fixture.push_sized(&ada, "d", 1).await, PushOutcome::OverQuota(QuotaExceeded::Documents));
    assert!(matches!(fixture.push_sized(&ada, "a", 2).await, PushOutcome::Stored { .. }));
    let oldest = fixture.history(&ada, "a")[1].sequence;
    assert_eq!(fixture.change_own(&ada, Change::RestorePosition(document("a"), oldest)).await, AccountOutcome::Done);
    // An import is trusted; what is there then counts.
    let outcome = fixture.store.import_batch(vec![imported(&ada, "e", 1..2), imported(&ada, "f", 1..2)]).await;
    outcome.expect("imported");
    let Usage { documents, .. } = fixture.store.usage(&fixture.reload(&ada)).await.expect("counted");
    assert_eq!(documents, 5);
    for id in ["a", "b"] {
        fixture.change_own(&ada, Change::DeleteDocument(document(id))).await;
        assert_eq!(fixture.push_sized(&ada, "d", 1).await, PushOutcome::OverQuota(QuotaExceeded::Documents));
    }
    fixture.change_own(&ada, Change::DeleteDocument(document("c"))).await;
    assert!(matches!(fixture.push_sized(&ada, "d", 1).await, PushOutcome::Stored { .. }));
    // Another account has its own.
    let grace = fixture.user("grace").await;
    assert!(matches!(fixture.push_sized(&grace, "d", 1).await, PushOutcome::Stored { .. }));
}

/// Attack 4 of the issue on abuse: one account filled 120 MB in a second.
#[tokio::test]
async fn histories_make_room_oldest_first_and_only_current_positions_are_refused() {
    let max = 64 << 10;
    let fixture = fixture(1000, max);
    let ada = fixture.user("ada").await;
    for page in 0..500 {
        let (id, text) = ((page % 4).to_string(), format!("{page:01000}"));
        assert!(matches!(fixture.push(&ada, &id, &text).await, Ok(PushOutcome::Stored { .. })), "page {page}");
        assert!(fixture.bytes(&ada).await <= max, "page {page}");
    }
    for id in 0..4 {
        let pages: Vec<usize> =
            fixture.texts(&ada, &id.to_string()).iter().map(|text| text.parse().expect("a number")).collect();
        assert!(pages.len() > 3, "room for {} positions of document {id}", pages.len());
        let newest: Vec<usize> = (0..500).rev().filter(|page| page % 4 == id).take(pages.len()).collect();
        assert_eq!(pages, newest, "the oldest went first");
    }
    // Current positions of 2 KiB each, with their log entries, until they alone are too much.
    let stored = loop {
        let number = fixture.reload(&ada).documents;
        match fixture.push_sized(&ada, &format!("new {number}"), 2000).await {
            PushOutcome::Stored { .. } => assert!(number < 40, "it never ends"),
            refused => {
                assert_eq!(refused, PushOutcome::OverQuota(QuotaExceeded::Bytes));
                break number;
            }
        }
    };
    assert!(fixture.bytes(&ada).await <= max + 10_000);
    let (documents, log, _) = fixture.rows();
    assert_eq!((documents, log), (stored as usize, documents), "no history is left");
    // A reader moves on, back and on; a longer position is too much.
    for text in ["x".repeat(2000), "y".repeat(1999), "z".repeat(2010)] {
        assert!(matches!(fixture.push(&ada, "new 4", &text).await, Ok(PushOutcome::Stored { .. })));
        assert_eq!(fixture.texts(&ada, "new 4"), [text]);
    }
    let longer = fixture.push_sized(&ada, "new 4", 5000).await;
    assert_eq!(longer, PushOutcome::OverQuota(QuotaExceeded::Bytes));
    // A deleted document makes room.
    fixture.change_own(&ada, Change::DeleteDocument(document("new 5"))).await;
    fixture.change_own(&ada, Change::DeleteDocument(document("new 6"))).await;
    assert!(matches!(fixture.push_sized(&ada, "new 4", 5000).await, PushOutcome::Stored { .. }));
    assert_eq!(fixture.bytes(&ada).await, fixture.recount()[&ada.id]);
}

#[tokio::test]
async fn with_little_free_disk_only_new_documents_are_refused() {
    let fixture = Fixture::with(|options| options.quota.min_free_disk = Some(0));
    let ada = fixture.user("ada").await;
    fixture.push(&ada, "book", "p").await.expect("push");
    let Fixture { store, dir, .. } = fixture;
    drop(store);
    let mut options = StoreOptions::new(dir.path().to_owned());
    options.quota.min_free_disk = Some(u64::MAX);
    let fixture = Fixture { store: Store::open(options).expect("store"), now: Arc::default(), dir };
    assert_eq!(fixture.push_sized(&ada, "new", 1).await, PushOutcome::OverQuota(QuotaExceeded::FreeDisk));
    let ada = fixture.reload(&ada);
    assert!(matches!(fixture.push_sized(&ada, "book", 1).await, PushOutcome::Stored { .. }));
}

/// An account is charged for no less than what the data file grows by. That holds for any sizes and any order of its documents.
#[tokio::test]
async fn the_file_grows_by_what_is_counted() {
    for (length, count) in [(20, 1500_u64), (400, 800), (1200, 600), (1700, 500), (2100, 300), (8000, 150)] {
        for order in ["ascending", "descending", "mixed"] {
            let fixture = fixture(10_000, u64::MAX);
            let ada = fixture.user("ada").await;
            let before = fixture.store.size().expect("size");
            let numbers: Vec<u64> = match order {
                "ascending" => (0..count).collect(),
                "descending" => (0..count).rev().collect(),
                // Each number once, far from the one before.
                _ => (0..count).map(|number| number * 7919 % count).collect(),
            };
            for numbers in numbers.chunks(15) {
                let document = |number: &u64| {
                    let Transferred::Document(mut imported) = imported(&ada, &format!("{number:032}"), 1..2) else {
                        unreachable!()
                    };
                    imported.metadata = Metadata::default();
                    imported.history[0].progress.progress = "x".repeat(length);
                    Transferred::Document(imported)
                };
                fixture.store.import_batch(numbers.iter().map(document).collect()).await.expect("imported");
            }
            let (grown, counted) = (fixture.store.size().expect("size") - before, fixture.bytes(&ada).await);
            let case = format!("{count} positions of {length} bytes, {order}: counted {counted}, grown by {grown}");
            // Some pages are in use by one transaction and free in the next.
            assert!(grown <= counted + counted / 10 + (200 << 10), "{case}");
            assert!(counted <= 3 * grown, "{case}");
        }
    }
}

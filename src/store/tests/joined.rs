//! Joined documents: whatever is pushed, joined and parted, no file gets a locator of another notation, and all rows agree [I7].

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::model::{LocatorKind, PositionRule};
use crate::store::JoinRefusal;

/// Documents of the tests: two EPUBs, a PDF and a comic, whose ids are their file names.
pub(super) const FILES: [&str; 4] = ["a.epub", "b.epub", "c.pdf", "d.cbz"];

#[derive(Debug, Clone)]
pub(super) enum Step {
    /// A push for a file by a device, at a place of a hundred.
    Push {
        file: usize,
        device: usize,
        place: u32,
    },
    /// A device goes where a pull sends it, and pushes that. Its percentage is `away` from that of the pull.
    Follow {
        file: usize,
        device: usize,
        away: f64,
    },
    Join(usize, usize),
    Part(usize, usize),
    PutBack {
        file: usize,
        age: usize,
    },
    StartOver(usize),
    Delete(usize),
    Wait(u64),
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    let (file, device) = (0..FILES.len(), 0..2_usize);
    prop_oneof![
        6 => (file.clone(), device.clone(), 0_u32..=100)
            .prop_map(|(file, device, place)| Step::Push { file, device, place }),
        3 => (file.clone(), device, prop_oneof![Just(0.0), Just(0.01), Just(0.2)])
            .prop_map(|(file, device, away)| Step::Follow { file, device, away }),
        3 => (file.clone(), file.clone()).prop_map(|(one, other)| Step::Join(one, other)),
        1 => (file.clone(), file.clone()).prop_map(|(one, other)| Step::Part(one, other)),
        1 => (file.clone(), 0..4_usize).prop_map(|(file, age)| Step::PutBack { file, age }),
        1 => file.clone().prop_map(Step::StartOver),
        1 => file.prop_map(Step::Delete),
        2 => prop_oneof![Just(1), Just(10), Just(DAY)].prop_map(Step::Wait),
    ]
}

fn is_paged(file: usize) -> bool {
    file >= 2
}

/// Returns the locator of a place in a file: pages of the PDFs, XPointers of the EPUBs.
fn locator(file: usize, place: u32) -> String {
    if is_paged(file) { (place * 2 + 1).to_string() } else { format!("/body/DocFragment[{place}]") }
}

impl Fixture {
    async fn push_at(&self, user: &User, file: usize, device: usize, progress: String, percentage: f64) {
        let name = format!("device {device}");
        let progress = Progress::new(progress, percentage, name.clone(), Some(name)).expect("a position");
        let metadata = Metadata::new(Some(FILES[file].into()), None, None);
        self.store.push(user.clone(), document(FILES[file]), progress, Some(metadata)).await.expect("an outcome");
    }

    pub(super) fn pulled(&self, user: &User, id: &str) -> Option<Progress> {
        self.store.progress(user.id, &document(id)).expect("read")
    }

    pub(super) async fn run(&self, user: &User, step: Step) {
        let id = |file: usize| document(FILES[file]);
        match step {
            Step::Push { file, device, place } => {
                self.push_at(user, file, device, locator(file, place), f64::from(place) / 100.0).await;
            }
            Step::Follow { file, device, away } => {
                let Some(sent) = self.pulled(user, FILES[file]) else { return };
                // What KOReader does with an XPointer in a file of pages, of which nothing was known.
                if is_paged(file) && LocatorKind::of(&sent.progress) == Some(LocatorKind::XPointer) {
                    return self.push_at(user, file, device, "1".into(), 0.005).await;
                }
                self.push_at(user, file, device, sent.progress, (sent.percentage + away).min(1.0)).await;
            }
            Step::Join(one, other) => drop(self.change_own(user, Change::JoinDocuments(id(one), id(other))).await),
            Step::Part(one, other) => drop(self.change_own(user, Change::PartDocuments(id(one), id(other))).await),
            Step::PutBack { file, age } => {
                if let Some(entry) = self.history(user, FILES[file]).get(age) {
                    self.change_own(user, Change::RestorePosition(id(file), entry.sequence)).await;
                }
            }
            Step::StartOver(file) => drop(self.change_own(user, Change::StartOver(id(file))).await),
            Step::Delete(file) => drop(self.change_own(user, Change::DeleteDocument(id(file))).await),
            Step::Wait(seconds) => self.advance_clock(seconds),
        }
    }

    /// Asserts that a pull of each file gets what the file can have.
    fn assert_kinds(&self, user: &User) {
        for (file, id) in FILES.iter().enumerate() {
            let Some(pulled) = self.pulled(user, id) else { continue };
            let own: HashSet<_> =
                self.history(user, id).iter().map(|entry| LocatorKind::of(&entry.progress.progress)).collect();
            let kind = LocatorKind::of(&pulled.progress);
            assert!(own.contains(&kind) || own.is_empty() && kind == Some(LocatorKind::XPointer), "{id}: {pulled:?}");
            let is_page = kind == Some(LocatorKind::Page);
            assert!(own.is_empty() || is_page == is_paged(file), "{id}: {pulled:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Under each rule, through restarts. What is parted is as if it had never been joined.
    #[test]
    fn i7_no_device_is_sent_a_locator_of_the_wrong_kind(
        rule in prop_oneof![Just(PositionRule::Newest), Just(PositionRule::Furthest), Just(PositionRule::Last)],
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let fixture = Fixture::with(|options| options.default_rule = rule);
            let ada = fixture.user("ada").await;
            for step in steps {
                fixture.run(&ada, step).await;
                fixture.assert_kinds(&ada);
            }
            let report = fixture.store.verify().expect("read");
            assert_eq!(report.problems, [""; 0]);
            let entries = fixture.store.documents(ada.id, None, 100).expect("read");
            // Each book is listed once.
            for entry in &entries {
                if let Some(book) = &entry.joined {
                    let members = || entries.iter().filter(|other| other.joined.as_ref() == Some(book));
                    assert_eq!(members().filter(|member| member.is_listed()).count(), 1);
                    let pushed = book.documents.iter().filter(|joined| !joined.is_awaited).count();
                    assert_eq!(members().count(), pushed);
                }
            }
            for one in FILES {
                for other in FILES {
                    fixture.change_own(&ada, Change::PartDocuments(document(one), document(other))).await;
                }
            }
            fixture.assert_kinds(&ada);
            let entries = fixture.store.documents(ada.id, None, 100).expect("read");
            assert!(entries.iter().all(|entry| entry.joined.is_none()));
            for entry in entries {
                let own = Some(entry.progress).filter(|_| entry.current.is_some());
                assert_eq!(fixture.store.progress(ada.id, &entry.document).expect("read"), own);
            }
        });
    }
}

#[tokio::test]
async fn i7_a_deleted_account_leaves_no_joined_books_behind() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for id in ["a", "b", "c", "d"] {
        fixture.push(&ada, id, "/body/p[1]").await.expect("push");
    }
    for (one, other) in [("a", "b"), ("c", "awaited"), ("d", "c")] {
        let change = Change::JoinDocuments(document(one), document(other));
        assert_eq!(fixture.change_own(&ada, change).await, AccountOutcome::Done);
    }
    let rows = || {
        let count = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            Ok((
                tables.books.all(txn)?.count(),
                tables.awaited.all(txn)?.count(),
                tables.pending_purge.all(txn)?.count(),
            ))
        };
        fixture.store.read(count).expect("counts")
    };
    assert_eq!(rows(), (2, 1, 0));
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    eventually(|| rows() == (0, 0, 0)).await;
}

/// Sixteen files, and the one that holds the position is taken out again and again.
#[tokio::test]
async fn i7_a_book_has_sixteen_documents_at_most() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let id = |number: usize| document(&number.to_string());
    for number in 0..17 {
        fixture.push(&ada, &number.to_string(), "/body/p[1]").await.expect("push");
        fixture.advance_clock(10);
    }
    for number in 1..16 {
        assert_eq!(fixture.change_own(&ada, Change::JoinDocuments(id(0), id(number))).await, AccountOutcome::Done);
    }
    let refused = fixture.change_own(&ada, Change::JoinDocuments(id(16), id(3))).await;
    assert_eq!(refused, AccountOutcome::JoinRefused(JoinRefusal::TooManyDocuments));
    for number in (1..16).rev() {
        let book = fixture.store.document(ada.id, &id(0)).expect("read").and_then(|entry| entry.joined);
        assert_eq!(book.map(|book| book.written_for), Some(id(number)), "the last push is current");
        assert_eq!(fixture.change_own(&ada, Change::PartDocuments(id(0), id(number))).await, AccountOutcome::Done);
        assert_eq!(fixture.store.verify().expect("read").problems, [""; 0]);
    }
    assert_eq!(fixture.store.document(ada.id, &id(0)).expect("read").and_then(|entry| entry.joined), None);
}

/// A store that was damaged or partly restored by hand is reported and still read.
#[tokio::test]
async fn i7_a_book_without_its_row_is_reported_and_its_documents_are_alone() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.push(&ada, "a", "/body/p[1]").await.expect("push");
    fixture.push(&ada, "b", "/body/p[2]").await.expect("push");
    let change = Change::JoinDocuments(document("a"), document("b"));
    assert_eq!(fixture.change_own(&ada, change).await, AccountOutcome::Done);
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    let book = (u64::from(ada.id.0) << 32) + 1;
    assert!(tables.books.delete(&mut txn, &book).expect("deleted"));
    txn.commit().expect("commit");
    let expected =
        ["a", "b"].map(|id| format!("account number {}, document {id}: its joined book 1 does not have it", ada.id.0));
    assert_eq!(fixture.store.verify().expect("read").problems, expected);
    assert_eq!(fixture.pulled(&ada, "a").map(|position| position.progress), Some("/body/p[1]".into()));
    fixture.push(&ada, "a", "/body/p[3]").await.expect("push");
    assert_eq!(
        fixture.change_own(&ada, Change::JoinDocuments(document("a"), document("b"))).await,
        AccountOutcome::Done
    );
    assert_eq!(fixture.store.verify().expect("read").problems, [""; 0]);
}

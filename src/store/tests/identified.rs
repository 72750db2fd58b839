//! Identifiers and aliases [I1] to [I5].

use heed::types::Bytes;

use super::super::alias_key::AliasKey;
use super::super::records::{AliasListRecord, AliasRecord};
use super::super::{
    IdentifiedPosition, ImportOutcome, Transferred, TransferredAccount, TransferredAlias, TransferredDocument,
};
use super::*;
use crate::model::{Identifier, Identifiers};
use crate::store::packed::Packed;

fn identifiers(list: &str) -> Identifiers {
    list.parse().expect(list)
}

impl Fixture {
    /// Pushes with identifiers. Returns the document that it was for, and the label that means it.
    pub(super) async fn push_identified(&self, user: &User, id: &str, progress: &str, list: &str) -> (String, String) {
        let (list, progress) = (identifiers(list), position(progress));
        let pushed = self.store.push_identified(user.clone(), document(id), list, progress, None).await;
        let pushed = pushed.expect("an outcome");
        assert!(matches!(pushed.outcome, PushOutcome::Stored { .. }), "{pushed:?}");
        (pushed.document.to_string(), pushed.matched.label().to_owned())
    }

    /// Returns document, `progress`, `match` and `progress_match`.
    pub(super) fn pull_identified(&self, user: &User, list: &str) -> Option<Pulled> {
        let found = self.store.progress_identified(user.id, &identifiers(list)).expect("read")?;
        let IdentifiedPosition { document, progress, matched, progress_matched } = found;
        let label = |identifier: Identifier| identifier.label().to_owned();
        Some((document.to_string(), progress.progress, label(matched), progress_matched.map(label)))
    }

    fn alias_rows(&self) -> usize {
        self.store.read(|txn, tables| Ok(tables.aliases.with_values::<Bytes>().all(txn)?.count())).expect("read")
    }

    pub(super) fn problems(&self) -> Vec<String> {
        self.store.verify().expect("verified").problems
    }
}

pub(super) type Pulled = (String, String, String, Option<String>);
/// A second push with the same identifiers writes only rows that every push writes.
#[tokio::test]
async fn a_repeated_push_registers_nothing() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let list = "a:a,b:b,c:c,d:d,e:e,f:f,g:g,h:h";
    fixture.push_identified(&ada, "a", "1", list).await;
    let rows = || {
        let rows = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            let rows = tables.aliases.with_values::<Bytes>();
            rows.all(txn)?.map(|row| row.map(|(_, value)| value.to_vec())).collect::<heed::Result<Vec<_>>>()
        };
        fixture.store.read(rows).expect("read")
    };
    let before = rows();
    assert_eq!(before.len(), 8, "seven aliases and their list");
    fixture.push_identified(&ada, "a", "2", list).await;
    assert_eq!(rows(), before);
    assert_eq!(fixture.texts(&ada, "a"), ["2", "1"]);
}

#[tokio::test]
async fn an_account_that_changed_registers_nothing() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let changed = fixture.store.set_key(ada.clone(), StoredKey("new".into())).await;
    assert_eq!(changed.expect("an outcome"), UpdateOutcome::Applied);
    let stale = fixture.store.push_identified(ada, document("a"), identifiers("x:a,y:b"), position("p"), None).await;
    assert_eq!(stale.expect("an outcome").outcome, PushOutcome::Stale);
    assert_eq!((fixture.alias_rows(), fixture.rows()), (0, (0, 0, 0)));
}

/// A full disk takes no positions of new documents, and no aliases of existing ones.
#[tokio::test]
async fn little_free_disk_space_makes_no_alias() {
    let dir = {
        let fixture = Fixture::new();
        let ada = fixture.user("ada").await;
        fixture.push(&ada, "a", "p").await.expect("an outcome");
        fixture.dir
    };
    let mut options = StoreOptions::new(dir.path().to_owned());
    options.quota.min_free_disk = Some(u64::MAX);
    let store = Store::open(options).expect("store");
    let ada = store.user(&Username::new("ada").expect("a name")).expect("read").expect("exists");
    let pushed = store.push_identified(ada.clone(), document("a"), identifiers("x:a,y:b"), position("q"), None).await;
    assert!(matches!(pushed.expect("an outcome").outcome, PushOutcome::Stored { .. }));
    assert_eq!(store.progress_identified(ada.id, &identifiers("y:b")).expect("read"), None);
    assert!(store.progress_identified(ada.id, &identifiers("y:a")).expect("read").is_some());
}

/// Rows left by a version that does not know aliases are purged, too. It left them of documents that it deleted.
#[tokio::test]
async fn the_aliases_of_a_deleted_account_are_purged() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    for id in 0..200 {
        let list: Vec<_> = (0..7).map(|entry| format!("t{entry}:v{id}.{entry}")).collect();
        fixture.push_identified(&ada, &id.to_string(), "p", &format!("md:{id},{}", list.join(","))).await;
    }
    fixture.push_identified(&grace, "a", "p", "x:a,y:b").await;
    assert_eq!(fixture.alias_rows(), 200 * 8 + 2);
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    for id in 0..100 {
        tables.progress.delete(&mut txn, &DocumentKey::new(ada.id, &document(&id.to_string()))).expect("deleted");
    }
    txn.commit().expect("commit");
    assert!(fixture.problems().iter().any(|problem| problem.contains("document 7: it has aliases but no position")));
    fixture.delete(&ada).await;
    eventually(|| fixture.alias_rows() == 2).await;
    assert_eq!(fixture.pull_identified(&grace, "y:b").expect("found").0, "a");
}

/// An alias of a document that is gone is none, and becomes another's.
#[tokio::test]
async fn i5_an_alias_whose_document_is_gone_is_made_again() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.push_identified(&ada, "a", "p", "x:a,y:i,z:j").await;
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.progress.delete(&mut txn, &DocumentKey::new(ada.id, &document("a"))).expect("deleted");
    txn.commit().expect("commit");
    assert_eq!(fixture.pull_identified(&ada, "y:i"), None);
    assert_eq!(fixture.push_identified(&ada, "b", "q", "x:b,y:i").await, ("b".into(), "x".into()));
    assert_eq!(fixture.pull_identified(&ada, "y:i").expect("found").0, "b");
    // It is off the list of the other, which has the rest of its aliases if it comes back.
    let lists = |id: &str| {
        let key = DocumentKey { user: ada.id, document: id };
        fixture.store.read(|txn, tables| tables.aliases_of(txn, &key)).expect("read")
    };
    assert_eq!((lists("a"), lists("b")), (vec![document("j")], vec![document("i")]));
}

#[tokio::test]
async fn verify_reports_rows_of_aliases_that_disagree() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.push_identified(&ada, "a", "p", "x:a,y:i,z:j").await;
    fixture.push(&ada, "b", "q").await.expect("an outcome");
    assert_eq!((fixture.problems(), fixture.store.verify().expect("verified").aliases), (Vec::new(), 2));
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    let to_b = AliasRecord { document: document("b") };
    tables.aliases.put(&mut txn, &AliasKey::alias(ada.id, &document("i")), &to_b).expect("put");
    let lists = tables.aliases.with_values::<Packed<AliasListRecord>>();
    let list = AliasListRecord { values: vec![document("k")] };
    lists.put(&mut txn, &AliasKey::list_of(ada.id, "b"), &list).expect("put");
    let raw = tables.aliases.with_values::<Bytes>();
    raw.put(&mut txn, &AliasKey::alias(ada.id, &document("broken")), b"\x09").expect("put");
    txn.commit().expect("commit");
    let problems = fixture.problems();
    let number = ada.id.get();
    for expected in [
        format!("account number {number}, document a: its alias i does not lead to it"),
        format!("account number {number}, document b: its alias k does not lead to it"),
        format!("account number {number}, alias i: its document b does not list it"),
        format!(
            "account number {number}, alias broken: its row cannot be read: the row's version is 9, known are 1 and 2"
        ),
    ] {
        assert!(problems.contains(&expected), "{expected}: {problems:?}");
    }
    assert_eq!(problems.len(), 4, "{problems:?}");
}

fn imported_document(user: &User, id: &str, texts: &[(&str, u64)], list: Option<&str>) -> Transferred {
    let history = texts.iter().map(|(text, timestamp)| {
        let progress = Progress { timestamp: *timestamp, ..position(text) };
        super::super::TransferredPosition::new(progress)
    });
    Transferred::Document(TransferredDocument {
        account: user.name.clone(),
        document: document(id),
        metadata: Metadata::default(),
        name: None,
        joined: Vec::new(),
        history: history.collect(),
        identifiers: list.map(identifiers),
        notes: None,
        current: None,
    })
}

fn imported_alias(user: &User, value: &str, id: &str) -> Transferred {
    let account = user.name.clone();
    Transferred::Alias(TransferredAlias { account, value: document(value), document: document(id) })
}

#[tokio::test]
async fn i5_an_import_neither_repoints_an_alias_nor_shadows_a_document() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.push_identified(&ada, "a", "p", "x:a,y:i").await;
    fixture.push(&ada, "own", "q").await.expect("an outcome");
    let cases = [
        (imported_document(&ada, "b", &[("r", 1)], None), ImportOutcome::Created),
        (imported_alias(&ada, "i", "b"), ImportOutcome::Unchanged),
        (imported_alias(&ada, "i", "a"), ImportOutcome::Unchanged),
        (imported_alias(&ada, "own", "b"), ImportOutcome::Created),
        (imported_alias(&ada, "own", "a"), ImportOutcome::Unchanged),
        (imported_alias(&ada, "b", "b"), ImportOutcome::Unchanged),
        (imported_alias(&ada, "new", "missing"), ImportOutcome::Unchanged),
        (imported_alias(&ada, "new", "b"), ImportOutcome::Created),
        (imported_alias(&ada, "new", "b"), ImportOutcome::Unchanged),
    ];
    let preview: Vec<_> = cases.iter().map(|(record, _)| fixture.store.preview_import(record).expect("read")).collect();
    let (records, outcomes): (Vec<_>, Vec<_>) = cases.into_iter().unzip();
    assert_eq!(fixture.store.import_batch(records).await.expect("imported"), outcomes);
    assert_eq!(preview[1..3], [ImportOutcome::Unchanged; 2]);
    assert_eq!(preview[3], ImportOutcome::Created);
    assert_eq!((preview[5], preview[7]), (ImportOutcome::Unchanged, ImportOutcome::Created));
    let meant = |list: &str| fixture.pull_identified(&ada, list).expect("found").0;
    assert_eq!((meant("x:i"), meant("x:own"), meant("x:new")), ("a".into(), "own".into(), "b".into()));
    // One that rests under a document means the other one when that is deleted.
    fixture.change_own(&ada, Change::DeleteDocument(document("own"))).await;
    assert_eq!(meant("x:own"), "b");
    // A document that is imported later is not shadowed by the alias either.
    let later = vec![imported_document(&ada, "new", &[("s", 2)], None)];
    fixture.store.import_batch(later).await.expect("imported");
    assert_eq!(meant("x:new"), "new");
    assert_eq!(fixture.problems(), Vec::<String>::new());

    let bad = Transferred::Alias(TransferredAlias {
        account: ada.name.clone(),
        value: document("no value"),
        document: document("b"),
    });
    assert!(fixture.store.import_batch(vec![bad]).await.is_err());
    let stranger = TransferredAccount {
        device_passwords: Vec::new(),
        name: ada.name.clone(),
        key: StoredKey("another".into()),
        active: true,
        administrator: false,
        created: 0,
        last_used: 0,
        any_case: false,
        position_rule: None,
        preferences: crate::model::Preferences::default(),
    };
    let foreign = vec![Transferred::Account(stranger), imported_alias(&ada, "foreign", "b")];
    let outcomes = fixture.store.import_batch(foreign).await.expect("imported");
    assert_eq!(outcomes, [ImportOutcome::Unchanged, ImportOutcome::NoAccount]);
}

/// They belong to the position that is current after the import.
#[tokio::test]
async fn i3_an_import_takes_the_identifiers_of_the_position_that_wins() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let shared = || fixture.pull_identified(&ada, "x:a,y:i,z:j").expect("found").3;
    let import = |record| fixture.store.import_batch(vec![record]);
    import(imported_document(&ada, "a", &[("1", 1)], Some("m:j"))).await.expect("imported");
    assert_eq!(shared().as_deref(), Some("z"));
    import(imported_document(&ada, "a", &[("0", 0)], Some("m:i"))).await.expect("imported");
    assert_eq!(shared().as_deref(), Some("z"), "an older position changes nothing");
    import(imported_document(&ada, "a", &[("2", 2)], Some("m:i"))).await.expect("imported");
    assert_eq!(shared().as_deref(), Some("y"));
    import(imported_document(&ada, "a", &[("3", 3)], None)).await.expect("imported");
    assert_eq!(shared().as_deref(), Some("x"), "an older export has none, which is the document");
    fixture.push_identified(&ada, "a", "4", "x:a,z:j").await;
    let mut exported = Vec::new();
    let scratch = tempfile::tempdir().expect("dir");
    let export = fixture.store.export::<Error>(scratch.path(), |record| {
        exported.push(record);
        Ok(())
    });
    export.expect("exported");
    let Transferred::Document(document) = &exported[1] else { panic!("{exported:?}") };
    assert_eq!(document.identifiers, Some(identifiers("x:a,z:j")));
    assert!(matches!(&exported[2], Transferred::Alias(alias) if alias.value.as_str() == "j"), "{exported:?}");
}

/// The identifiers stay with the position that is current, whoever pushes in between.
#[tokio::test]
async fn i3_a_push_that_does_not_move_the_current_position_leaves_its_identifiers() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let push = async |device: &str, text: &str, percentage: f64, list: &str| {
        let progress = Progress::new(text.into(), percentage, device.into(), None).expect("a position");
        let pushed = fixture.store.push_identified(ada.clone(), document("a"), identifiers(list), progress, None).await;
        let PushOutcome::Stored { effect, .. } = pushed.expect("an outcome").outcome else { panic!("not stored") };
        effect
    };
    let shared = || {
        let found = fixture.pull_identified(&ada, "x:a,y:i,z:j").expect("found");
        (found.1, found.3.unwrap_or_default())
    };
    let is = |text: &str, label: &str| (text.to_owned(), label.to_owned());
    push("Kobo", "p", 0.6, "m:i,x:a").await;
    assert_eq!(shared(), is("p", "x"));
    fixture.advance_clock(60);
    push("Kobo", "p", 0.61, "i:i,x:a,q:q").await;
    fixture.advance_clock(60);
    assert_eq!(push("Phone", "start", 0.01, "x:a,z:j").await, crate::model::PushEffect::Opened);
    assert_eq!(shared(), is("p", "x"));
    assert_eq!(fixture.pull_identified(&ada, "q:q,x:j").map(|found| found.3), Some(Some("q".into())));

    // A queue that is drained takes the position and gives it back, with its identifiers.
    fixture.advance_clock(60);
    assert_eq!(push("Tablet", "old 1", 0.3, "x:a,z:j").await, crate::model::PushEffect::Moved);
    assert_eq!(fixture.pull_identified(&ada, "z:j").expect("found").3.as_deref(), Some("z"));
    fixture.advance_clock(1);
    assert_eq!(push("Tablet", "old 2", 0.35, "x:a,z:j").await, crate::model::PushEffect::Queue);
    assert_eq!(fixture.pull_identified(&ada, "z:j").expect("found").3, None);
    assert_eq!(fixture.pull_identified(&ada, "z:j,q:q").expect("found").3.as_deref(), Some("q"));
    assert_eq!(shared(), is("p", "x"));
}

/// [C5]: a position without a locator borrows one, and the identifiers with it.
#[tokio::test]
async fn i3_a_borrowed_locator_has_the_identifiers_of_its_writer() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.push_identified(&ada, "a", "/body/p[1]", "x:a,z:j").await;
    fixture.advance_clock(60);
    let progress = Progress::new(String::new(), 0.7, "Web".into(), None).expect("a position");
    let pushed =
        fixture.store.push_identified(ada.clone(), document("a"), identifiers("y:i,x:a"), progress, None).await;
    assert!(matches!(pushed.expect("an outcome").outcome, PushOutcome::Stored { .. }));
    let found = fixture.pull_identified(&ada, "y:i,z:j").expect("found");
    assert_eq!((found.1.as_str(), found.3.as_deref()), ("/body/p[1]", Some("z")));
    // A book that was started over has no position, and takes what the next reader names.
    assert_eq!(fixture.change_own(&ada, Change::StartOver(document("a"))).await, AccountOutcome::Done);
    assert_eq!(fixture.pull_identified(&ada, "x:a"), None);
    fixture.advance_clock(60);
    let progress = Progress::new("/body/p[2]".into(), 0.05, "device".into(), None).expect("a position");
    let pushed =
        fixture.store.push_identified(ada.clone(), document("a"), identifiers("x:a,y:i"), progress, None).await;
    assert!(matches!(pushed.expect("an outcome").outcome, PushOutcome::Stored { .. }));
    assert_eq!(fixture.pull_identified(&ada, "z:j,y:i").expect("found").3.as_deref(), Some("y"));
}

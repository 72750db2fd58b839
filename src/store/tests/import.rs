use super::super::{ImportOutcome, Transferred, TransferredAccount, TransferredDocument, TransferredPosition};
use super::*;
use crate::model::PositionRule;

fn account(name: &Username, key: &str) -> Transferred {
    Transferred::Account(TransferredAccount {
        name: name.clone(),
        key: StoredKey(key.to_owned()),
        active: true,
        administrator: false,
        created: 0,
        last_used: 0,
        any_case: false,
        device_passwords: Vec::new(),
        position_rule: None,
        preferences: crate::model::Preferences::default(),
    })
}

fn document_of(account: &Username) -> Transferred {
    let progress = Progress::new("/p[1]".into(), 0.5, "Kobo".into(), None).expect("a position");
    Transferred::Document(TransferredDocument {
        account: account.clone(),
        document: Document::new("emma").expect("an id"),
        metadata: Metadata::default(),
        name: None,
        joined: Vec::new(),
        history: vec![TransferredPosition::new(Progress { timestamp: 1, ..progress })],
        current: None,
        notes: None,
        identifiers: None,
    })
}

/// A stranger may register the name between an import's look at it and its commit.
#[tokio::test]
async fn an_account_with_another_key_gets_no_documents_of_the_same_batch() {
    let fixture = Fixture::new();
    let [ada, bob] = ["ada", "bob"].map(|name| Username::new(name).expect("a name"));
    let import = |records| fixture.store.import_batch(records);
    assert_eq!(import(vec![account(&ada, "stranger's")]).await.expect("import"), [ImportOutcome::Created]);
    let batch = || vec![account(&ada, "ada's"), document_of(&ada), account(&bob, "bob's"), document_of(&bob)];
    let outcomes = import(batch()).await.expect("import");
    let (created, unchanged) = (ImportOutcome::Created, ImportOutcome::Unchanged);
    assert_eq!(outcomes, [unchanged, ImportOutcome::NoAccount, created, created]);
    // The same key is the same account.
    let again = import(batch()).await.expect("import");
    assert_eq!(again, [unchanged, ImportOutcome::NoAccount, unchanged, unchanged]);
}

/// However the process ends while it exports, nothing is left behind.
#[tokio::test]
async fn the_copy_that_an_export_reads_has_no_name() {
    let fixture = Fixture::new();
    let ada = Username::new("ada").expect("a name");
    fixture.store.import_batch(vec![account(&ada, "ada's"), document_of(&ada)]).await.expect("import");
    let scratch = tempfile::tempdir().expect("dir");
    let mut records = 0;
    let exported = fixture.store.export::<Error>(scratch.path(), |_| {
        records += 1;
        assert_eq!(fs::read_dir(scratch.path()).expect("dir").count(), 0);
        Ok(())
    });
    exported.expect("exported");
    assert_eq!(records, 2);
}

/// Returns all records of a store.
pub(super) fn exported(fixture: &Fixture) -> Vec<Transferred> {
    let mut records = Vec::new();
    let export = fixture.store.export::<Error>(fixture.dir.path(), |record| {
        records.push(record);
        Ok(())
    });
    export.expect("exported");
    records
}

async fn push_at(fixture: &Fixture, user: &User, id: &str, device: &str, text: &str, percentage: f64) {
    let progress = Progress::new(text.into(), percentage, device.into(), None).expect("progress");
    let pushed = fixture.store.push(user.clone(), document(id), progress, None).await.expect("pushed");
    assert!(matches!(pushed, PushOutcome::Stored { .. }));
    fixture.advance_clock(60);
}

/// Returns what a pull answers: device, progress, percentage and time.
fn pulled(fixture: &Fixture, user: &User, id: &str) -> Option<(String, String, f64, u64)> {
    let pulled = fixture.store.progress(user.id, &document(id)).expect("read")?;
    Some((pulled.device, pulled.progress, pulled.percentage, pulled.timestamp))
}

#[tokio::test]
async fn an_export_carries_the_rule_the_current_positions_and_where_devices_are() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for id in ["repeated", "over", "back", "placeless", "held"] {
        push_at(&fixture, &ada, id, "Phone", "/p[2]", 0.2).await;
        push_at(&fixture, &ada, id, "Kobo", "/p[6]", 0.6).await;
    }
    push_at(&fixture, &ada, "repeated", "Phone", "/p[2]", 0.2).await;
    push_at(&fixture, &ada, "placeless", "bridge", "", 0.5).await;
    push_at(&fixture, &ada, "held", "Kobo", "/p[6]", 0.6).await;
    push_at(&fixture, &ada, "held", "Kobo", "/p[6]", 0.61).await;
    let first = |id| fixture.history(&ada, id).last().expect("a position").sequence;
    let restore = Change::RestorePosition(document("back"), first("back"));
    for change in [Change::StartOver(document("over")), restore, Change::SetPositionRule(Some(PositionRule::Furthest))]
    {
        assert_eq!(fixture.change_own(&ada, change).await, AccountOutcome::Done);
    }
    fixture.advance_clock(60);

    let records = exported(&fixture);
    let other = Fixture::new();
    let outcomes = other.store.import_batch(records.clone()).await.expect("imported");
    assert!(outcomes.iter().all(|outcome| *outcome == ImportOutcome::Created), "{outcomes:?}");
    assert_eq!(exported(&other), records);
    assert_eq!(other.reload(&ada).position_rule, Some(PositionRule::Furthest));
    other.now.store(fixture.now.load(Ordering::Relaxed), Ordering::Relaxed);
    assert_eq!(fixture.change_own(&ada, Change::SetPositionRule(None)).await, AccountOutcome::Done);
    let there = other.reload(&ada);
    assert_eq!(other.change_own(&there, Change::SetPositionRule(None)).await, AccountOutcome::Done);
    let there = other.reload(&ada);
    for id in ["repeated", "over", "back", "placeless", "held"] {
        assert_eq!(pulled(&other, &there, id), pulled(&fixture, &ada, id), "{id}");
        // Devices that are opened and closed change nothing, here and there.
        for (device, text, percentage) in [("Phone", "/p[2]", 0.2), ("Kobo", "/p[6]", 0.61), ("Phone", "/p[3]", 0.3)] {
            push_at(&fixture, &ada, id, device, text, percentage).await;
            push_at(&other, &there, id, device, text, percentage).await;
            assert_eq!(pulled(&other, &there, id), pulled(&fixture, &ada, id), "{id} {device}");
        }
    }
    assert_eq!(other.store.verify().expect("a report").problems, [""; 0]);
    // Importing again changes nothing.
    let before = exported(&other);
    let outcomes = other.store.import_batch(records).await.expect("imported");
    assert!(outcomes.iter().all(|outcome| *outcome == ImportOutcome::Unchanged), "{outcomes:?}");
    assert_eq!(exported(&other), before);
}

/// The later position wins, or the further one, by the account's rule. That holds also where it is not the newest of
/// its history.
#[tokio::test]
async fn an_import_follows_the_account_s_rule() {
    for (rule, expected) in [
        (PositionRule::Newest, ("Kobo", 0.3)),
        (PositionRule::Last, ("Phone", 0.2)),
        (PositionRule::Furthest, ("Tablet", 0.6)),
    ] {
        let source = Fixture::with(|options| options.default_rule = rule);
        let ada = source.user("ada").await;
        push_at(&source, &ada, "book", "Phone", "/p[2]", 0.2).await;
        let target = Fixture::with(|options| options.default_rule = rule);
        target.store.import_batch(exported(&source)).await.expect("imported");
        let there = target.reload(&ada);
        push_at(&target, &there, "book", "Tablet", "/p[6]", 0.6).await;
        source.advance_clock(DAY);
        push_at(&source, &ada, "book", "Kobo", "/p[3]", 0.3).await;
        push_at(&source, &ada, "book", "Phone", "/p[2]", 0.2).await;

        let records = exported(&source);
        let preview: Vec<_> =
            records.iter().map(|record| target.store.preview_import(record).expect("a preview")).collect();
        let outcomes = target.store.import_batch(records.clone()).await.expect("imported");
        assert_eq!(outcomes, preview);
        let outcome = if rule == PositionRule::Furthest { ImportOutcome::Unchanged } else { ImportOutcome::Advanced };
        assert_eq!(outcomes[1], outcome, "{rule}");
        let (device, _, percentage, _) = pulled(&target, &there, "book").expect("a position");
        assert_eq!((device.as_str(), percentage), expected, "{rule}");
        assert_eq!(target.history(&there, "book").len(), 4);
        assert_eq!(target.store.verify().expect("a report").problems, [""; 0], "{rule}");
        let before = exported(&target);
        target.store.import_batch(records).await.expect("imported");
        assert_eq!(exported(&target), before, "once");
        // Each device is where it was.
        target.advance_clock(2 * DAY);
        push_at(&target, &there, "book", "Phone", "/p[2]", 0.2).await;
        push_at(&target, &there, "book", "Tablet", "/p[6]", 0.6).await;
        let (device, _, percentage, _) = pulled(&target, &there, "book").expect("a position");
        let last = if rule == PositionRule::Last { ("Tablet", 0.6) } else { expected };
        assert_eq!((device.as_str(), percentage), last, "{rule}");
    }
}

/// An export of an older version has no state: it is derived, as that of older data is.
#[tokio::test]
async fn older_data_behaves_by_the_rules_at_once() {
    let history = |positions: &[(&str, f64, u64)]| {
        let position = |(device, percentage, timestamp): &(&str, f64, u64)| {
            let text = format!("/p[{}]", percentage * 10.0);
            let progress = Progress::new(text, *percentage, (*device).into(), None).expect("progress");
            TransferredPosition::new(Progress { timestamp: *timestamp, ..progress })
        };
        positions.iter().map(position).collect::<Vec<_>>()
    };
    for (rule, positions, expected) in [
        (PositionRule::Newest, &[("Phone", 0.2, 100), ("Kobo", 0.6, 200)][..], ("Kobo", 0.6)),
        (PositionRule::Furthest, &[("Kobo", 0.6, 100), ("Phone", 0.2, 200)][..], ("Kobo", 0.6)),
    ] {
        let fixture = Fixture::with(|options| options.default_rule = rule);
        let ada = Username::new("ada").expect("a name");
        let Transferred::Document(mut book) = document_of(&ada) else { panic!("a document") };
        book.history = history(positions);
        fixture.store.import_batch(vec![account(&ada, "key"), Transferred::Document(book)]).await.expect("imported");
        let ada = fixture.store.user(&ada).expect("read").expect("exists");
        for _ in 0..2 {
            push_at(&fixture, &ada, "emma", "Phone", "/p[2]", 0.2).await;
            let (device, _, percentage, _) = pulled(&fixture, &ada, "emma").expect("a position");
            assert_eq!((device.as_str(), percentage), expected, "{rule}");
        }
        push_at(&fixture, &ada, "emma", "Phone", "/p[7]", 0.7).await;
        assert_eq!(pulled(&fixture, &ada, "emma").expect("a position").0, "Phone");
    }
}

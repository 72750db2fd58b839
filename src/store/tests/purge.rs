//! Purging: the data of a deleted account is removed in batches.

use super::*;

#[tokio::test]
async fn a_deleted_account_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let metadata = Metadata::new(None, Some("title".into()), None);
    for id in 0..300 {
        let progress = Progress::new("p".into(), 0.5, "d".into(), None).expect("progress");
        for page in 0..5 {
            fixture.push(&ada, &id.to_string(), &page.to_string()).await.expect("push");
        }
        let pushed = fixture.store.push(ada.clone(), document(&id.to_string()), progress, Some(metadata.clone())).await;
        pushed.expect("push");
    }
    fixture.push(&grace, "1", "grace's").await.expect("push");
    assert_eq!(fixture.rows(), (301, 1801, 300));
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Done);
    assert_eq!(fixture.push(&ada, "1", "late").await.expect("push"), PushOutcome::Stale);
    assert_eq!(fixture.store.set_key(ada.clone(), StoredKey("new".into())).await.expect("set"), UpdateOutcome::Stale);
    assert_eq!(fixture.delete(&ada).await, AccountOutcome::Refused);

    let again = fixture.user("ada").await;
    assert!(again.id > ada.id);
    assert_eq!(again.documents, 0);
    eventually(|| fixture.rows() == (1, 1, 0)).await;
    assert_eq!(fixture.texts(&grace, "1"), ["grace's"]);
}

/// The process may end before a purge is complete.
#[tokio::test]
async fn a_purge_goes_on_after_a_restart() {
    let Fixture { store, dir, .. } = {
        let fixture = Fixture::new();
        let ada = fixture.user("ada").await;
        for id in 0..50 {
            fixture.push(&ada, &id.to_string(), "p").await.expect("push");
        }
        fixture
    };
    // The state that a process leaves behind when it is killed right after the commit.
    let Inner { env, tables, .. } = &*store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.users.delete(&mut txn, "ada").expect("delete");
    tables.pending_purge.put(&mut txn, &1, &()).expect("put");
    txn.commit().expect("commit");
    drop(store);
    let store =
        Store::open(StoreOptions { is_server: true, ..StoreOptions::new(dir.path().to_owned()) }).expect("store");
    let left = || {
        let count = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            Ok(tables.progress.all(txn)?.count()
                + tables.log.all(txn)?.count()
                + tables.pending_purge.all(txn)?.count())
        };
        store.read(count)
    };
    eventually(|| left().expect("read") == 0).await;
}

/// It is tried again after the next write, not at once. The clock is read once in each write transaction, so it counts them.
#[tokio::test]
async fn a_purge_that_fails_is_not_repeated_in_a_loop() {
    const PUSHES: u64 = 20;
    let writes = Arc::new(AtomicU64::new(0));
    let counter = writes.clone();
    let fixture = Fixture::with(|options| options.clock = Arc::new(move || counter.fetch_add(1, Ordering::Relaxed)));
    let ada = fixture.user("ada").await;
    // No version writes this id, so that each purge of its owner's data fails.
    let record = r#"{"position":{"progress":"p","percentage":0.5,"device":"d"},"sequence":1}"#;
    let record = serde_json::from_str(record).expect("record");
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.progress.put(&mut txn, &DocumentKey { user: UserId(99), document: "a:b" }, &record).expect("put");
    tables.pending_purge.put(&mut txn, &99, &()).expect("put");
    txn.commit().expect("commit");
    let before = writes.load(Ordering::Relaxed);
    for _ in 0..PUSHES {
        fixture.push(&ada, "book", "p").await.expect("push");
    }
    // No write is queued during these reads: a thread that waits begins no transaction, however long they take.
    for _ in 0..100_000 {
        fixture.store.user(&ada.name).expect("read");
    }
    let count = writes.load(Ordering::Relaxed) - before;
    assert!(count > PUSHES, "no purge was tried: {count}");
    assert!(count <= 2 * PUSHES + 1, "{count} write transactions for {PUSHES} pushes");
}

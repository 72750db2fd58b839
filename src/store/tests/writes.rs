//! The write queue and group commit.

use std::sync::Mutex;

use super::*;
use crate::store::env::unexpected;

#[tokio::test]
async fn sequence_numbers_are_never_given_out_twice() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut last = 0;
    for _ in 0..3 {
        let deleted = fixture.user("deleted").await;
        for id in ["a", "b"] {
            let Ok(PushOutcome::Stored { sequence, .. }) = fixture.push(&deleted, id, "p").await else { panic!() };
            assert!(sequence > last);
            last = sequence;
        }
        assert_eq!(fixture.delete(&deleted).await, AccountOutcome::Done);
        eventually(|| fixture.rows().1 == 0).await;
    }
    let Ok(PushOutcome::Stored { sequence, .. }) = fixture.push(&ada, "c", "p").await else { panic!() };
    assert!(sequence > last);
}

/// A batch may delete the log's last entry. A job of the same batch may have taken a number and failed.
#[tokio::test]
async fn a_failed_push_does_not_hide_the_last_sequence_number() {
    let fixture = Fixture::new();
    let (ada, other) = (fixture.user("ada").await, fixture.user("other").await);
    let Ok(PushOutcome::Stored { sequence: last, .. }) = fixture.push(&other, "a", "p").await else { panic!() };
    let remove = move |write: &mut WriteTxn<'_, '_>| {
        // As a job does that fails afterwards.
        write.take_sequence();
        let document = document("a");
        write.remove_document(&DocumentKey::new(other.id, &document), last).map(drop)
    };
    fixture.store.inner.writer.run(remove).await.expect("removed");
    assert_eq!(fixture.rows().1, 0);
    let Ok(PushOutcome::Stored { sequence, .. }) = fixture.push(&ada, "b", "p").await else { panic!() };
    assert!(sequence > last, "{sequence} {last}");
}

/// A commit of pushes looks up little while no other process commits. A command that deletes an account is one.
#[tokio::test]
async fn what_another_process_commits_between_two_pushes_is_noticed() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    for (user, progress) in [(&grace, "p"), (&ada, "1"), (&ada, "2")] {
        fixture.push(user, "book", progress).await.expect("push");
    }
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.users.delete(&mut txn, "grace").expect("delete");
    tables.pending_purge.put(&mut txn, &grace.id.0, &()).expect("put");
    txn.commit().expect("commit");
    fixture.push(&ada, "book", "3").await.expect("push");
    eventually(|| fixture.rows().0 == 1).await;
    assert_eq!(fixture.texts(&ada, "book"), ["3", "2", "1"]);
}

#[tokio::test]
async fn a_write_checks_the_right_to_write_in_its_own_transaction() {
    let fixture = Fixture::new();
    let before = fixture.user("ada").await;
    assert_eq!(
        fixture.store.set_key(before.clone(), StoredKey("new".into())).await.expect("set"),
        UpdateOutcome::Applied
    );
    assert_eq!(fixture.push(&before, "book", "p").await.expect("push"), PushOutcome::Stale);
    assert_eq!(fixture.store.set_key(before.clone(), StoredKey("x".into())).await.expect("set"), UpdateOutcome::Stale);
    assert_eq!(fixture.delete(&before).await, AccountOutcome::Refused);
    let after = fixture.reload(&before);
    assert!(matches!(fixture.push(&after, "book", "p").await, Ok(PushOutcome::Stored { .. })));
}

/// A job that fails or panics is rolled back. The other jobs of its batch are committed.
///
/// A batch with a job that cannot run twice runs nested from the start; the others share a transaction until one fails.
async fn assert_that_a_failed_job_affects_no_other(is_repeatable: bool) {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    assert_eq!(fixture.store.usage(&ada).await.expect("counted").documents, 0);
    let mut events = fixture.store.subscribe();
    let release = fixture.store.block_writer().await;
    let mut pushes = Vec::new();
    let mut push = |id: u32| {
        let (store, ada) = (fixture.store.clone(), ada.clone());
        pushes.push(tokio::spawn(async move { store.push(ada, document(&id.to_string()), position("p"), None).await }));
        // The task runs until its push is queued.
        tokio::task::yield_now()
    };
    let write_and = |end: fn() -> Result<()>| {
        let (store, grace) = (fixture.store.clone(), grace.clone());
        tokio::spawn(async move {
            let work = move |write: &mut WriteTxn<'_, '_>| {
                write.push(&grace, document("lost"), position("p"), None)?;
                end()
            };
            if is_repeatable {
                store.inner.writer.run_repeatable(work).await
            } else {
                store.inner.writer.run(work).await
            }
        })
    };
    push(0).await;
    push(1).await;
    let fails = write_and(|| Err(Error::NoSpace));
    let panics = write_and(|| panic!("a defect"));
    for id in 2..5 {
        push(id).await;
    }
    drop(release);
    assert!(matches!(fails.await.expect("task"), Err(Error::NoSpace)));
    assert!(matches!(panics.await.expect("task"), Err(Error::Store(_))));
    let mut last = 0;
    for (id, push) in pushes.into_iter().enumerate() {
        let Ok(PushOutcome::Stored { sequence, .. }) = push.await.expect("task") else { panic!("push {id}") };
        assert!(sequence > last);
        last = sequence;
        let event = events.next().await.expect("an event").expect("no gap");
        assert!(matches!(&*event, Event::Pushed { sequence: one, .. } if *one == sequence), "{event:?}");
    }
    assert_eq!(fixture.rows(), (5, 5, 0));
    assert_eq!(fixture.reload(&ada).documents, 5);
    let counted = fixture.store.usage(&ada).await.expect("counted");
    let Fixture { store, dir, .. } = fixture;
    drop(store);
    let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("opened again");
    assert_eq!(store.usage(&ada).await.expect("counted again"), counted);
}

#[tokio::test]
async fn a_failed_job_affects_no_other() {
    assert_that_a_failed_job_affects_no_other(false).await;
}

#[tokio::test]
async fn a_failed_push_affects_no_other() {
    assert_that_a_failed_job_affects_no_other(true).await;
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let fixture = Fixture::with(|options| options.queue_len = 2);
    let ada = fixture.user("ada").await;
    let release = fixture.store.block_writer().await;
    let queued: Vec<_> = (0..2)
        .map(|id| {
            let (store, ada) = (fixture.store.clone(), ada.clone());
            tokio::spawn(async move { store.push(ada, document(&id.to_string()), position("p"), None).await })
        })
        .collect();
    eventually(|| fixture.store.inner.writer.is_full()).await;
    let refused = fixture.push(&ada, "one more", "p").await;
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    drop(release);
    for push in queued {
        assert!(matches!(push.await.expect("task"), Ok(PushOutcome::Stored { .. })));
    }
    assert!(matches!(fixture.push(&ada, "one more", "p").await, Ok(PushOutcome::Stored { .. })));
}

/// The bound on a batch bounds the dirty pages of its transaction. It must hold also while deleted accounts are purged, when the
/// thread takes jobs without waiting for them.
#[tokio::test]
async fn a_commit_carries_at_most_256_jobs() {
    for is_purging in [false, true] {
        let sizes = Arc::new(Mutex::new(Vec::new()));
        let observed = sizes.clone();
        let fixture = Fixture::with(|options| {
            options.queue_len = 600;
            options.on_commit = Box::new(move |jobs, _| observed.lock().expect("sizes").push(jobs));
        });
        let deleted = if is_purging { 90..100 } else { 0..0 };
        let release = fixture.store.block_writer_after(move |write| {
            // Each number takes one purge transaction.
            deleted.into_iter().try_for_each(|id| Ok(write.tables.pending_purge.put(write.txn, &id, &())?))
        });
        let release = release.await;
        let jobs: Vec<_> = (0..600)
            .map(|_| {
                let store = fixture.store.clone();
                tokio::spawn(async move { store.inner.writer.run(|_| Ok(())).await })
            })
            .collect();
        eventually(|| fixture.store.inner.writer.is_full()).await;
        drop(release);
        for job in jobs {
            job.await.expect("task").expect("written");
        }
        assert_eq!(*sizes.lock().expect("sizes"), [1, 256, 256, 88], "purging: {is_purging}");
    }
}

/// A commit is gone at the next start if its file loses its name meanwhile. The check before the commit is too early to notice.
#[tokio::test]
async fn a_file_that_is_moved_away_during_a_commit_acknowledges_nothing() {
    for name in ["data.mdb", "lock.mdb"] {
        let fixture = Fixture::new();
        let ada = fixture.user("ada").await;
        let mut events = fixture.store.subscribe();
        let [file, away] = [name, "away"].map(|name| fixture.dir.path().join(name));
        let (from, to, user) = (file.clone(), away.clone(), ada.clone());
        let work = move |write: &mut WriteTxn<'_, '_>| {
            let pushed = write.push(&user, document("book"), position("during"), None)?;
            fs::rename(from, to).map_err(unexpected)?;
            Ok(pushed)
        };
        let outcome = fixture.store.inner.writer.run(work).await;
        assert!(matches!(outcome, Err(Error::DataDirReplaced { .. })), "{name}: {outcome:?}");
        assert!(matches!(fixture.store.health(), Err(Error::DataDirReplaced { .. })), "{name}");

        fs::rename(&away, &file).expect("moved back");
        fixture.store.health().expect("healthy");
        fixture.push(&ada, "book", "after").await.expect("push");
        let event = events.next().await.expect("an event").expect("no gap");
        let Event::Pushed { progress, .. } = &*event else { panic!("{event:?}") };
        assert_eq!(progress.progress, "after", "{name}: the failed commit sent no event");
    }
}

#[tokio::test]
async fn a_full_map_refuses_writes_and_serves_reads() {
    let fixture = Fixture::with(|options| options.max_size = Some(1 << 20));
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    fixture.push(&grace, "book", "kept").await.expect("push");
    let long = "x".repeat(4000);
    let mut stored = 0;
    let refused = loop {
        match fixture.push(&ada, &stored.to_string(), &long).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::NoSpace), "{refused:?}");
    assert!(stored > 10, "{stored}");
    assert!(matches!(fixture.push(&ada, "one more", &long).await, Err(Error::NoSpace)));
    assert_eq!(fixture.texts(&grace, "book"), ["kept"]);
    assert_eq!(fixture.texts(&ada, "0"), [long.as_str()]);
    assert_eq!(fixture.reload(&ada).documents, stored);
}

/// Another process may be suspended while it holds the write lock.
#[test]
fn a_writer_that_hangs_does_not_keep_the_store_from_closing() {
    let Fixture { store, dir: _dir, .. } = Fixture::with(|options| options.close_timeout = Duration::from_millis(1));
    let runtime = tokio::runtime::Runtime::new().expect("runtime");
    let release = runtime.block_on(store.block_writer());
    drop(runtime);
    let (closed, closing) = mpsc::channel();
    thread::spawn(move || {
        drop(store);
        closed.send(())
    });
    closing.recv_timeout(Duration::from_secs(60)).expect("closed");
    drop(release);
}

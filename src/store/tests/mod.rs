//! The store's promises, with a clock that the tests control and limits that can be reached.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::records::{FORMAT, META_FORMAT};
use super::*;
use crate::model::{DocumentName, Event};

mod changes;
mod removal;
mod sessions;

const DAY: u64 = 24 * 60 * 60;

/// A store in a folder of its own, whose clock stands at `now`.
struct Fixture {
    store: Store,
    now: Arc<AtomicU64>,
    dir: tempfile::TempDir,
}

impl Fixture {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut StoreOptions)) -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let now = Arc::new(AtomicU64::new(20_000 * DAY));
        let clock = now.clone();
        let mut options = StoreOptions::new(dir.path().to_owned());
        options.clock = Arc::new(move || clock.load(Ordering::Relaxed));
        options.zone = TimeZone::UTC;
        change(&mut options);
        Self { store: Store::open(options).expect("store"), now, dir }
    }

    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::new(name).expect("name");
        match self.store.create_user(name, StoredKey("key".into())).await.expect("created") {
            CreateOutcome::Created(user) => user,
            CreateOutcome::Taken => panic!("taken"),
        }
    }

    async fn push(&self, user: &User, id: &str, progress: &str) -> Result<PushOutcome> {
        let progress = Progress::new(progress.into(), 0.5, "device".into(), None).expect("progress");
        self.store.push(user.clone(), document(id), progress, None).await
    }

    async fn delete(&self, user: &User) -> AccountOutcome {
        let pending_purge = self.store.manage(Authority::User(user.clone()), user.name.clone(), Change::Delete);
        pending_purge.await.expect("pending_purge")
    }

    fn texts(&self, user: &User, id: &str) -> Vec<String> {
        let history = self.store.history(user.id, &document(id), usize::MAX).expect("history");
        history.into_iter().map(|entry| entry.progress.progress).collect()
    }

    fn rows(&self) -> (usize, usize, usize) {
        let count = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            Ok((tables.progress.all(txn)?.count(), tables.log.all(txn)?.count(), tables.documents.all(txn)?.count()))
        };
        self.store.read(count).expect("counts")
    }
}

/// Waits for what the writer does by itself, with a limit.
async fn until(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "waited in vain");
        tokio::task::yield_now().await;
    }
}

impl Store {
    /// Keeps the writer busy until what is returned is dropped.
    pub(crate) async fn block_writer(&self) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel();
        let (started, running) = tokio::sync::oneshot::channel();
        let store = self.clone();
        tokio::spawn(async move {
            let block = move |_: &mut WriteTxn<'_, '_>| {
                let _ = started.send(());
                let _ = released.recv();
                Ok(())
            };
            store.inner.writer.run(block).await
        });
        running.await.expect("the writer runs");
        release
    }
}

impl Store {
    /// As another process would do it.
    pub(crate) fn set_active(&self, name: &Username, active: bool) {
        let Inner { env, tables, .. } = &*self.inner;
        let mut txn = env.write_txn().expect("txn");
        let mut record = tables.users.get(&txn, name.as_str()).expect("read").expect("there");
        record.active = active;
        tables.users.put(&mut txn, name.as_str(), &record).expect("put");
        txn.commit().expect("commit");
    }
}

fn document(id: &str) -> Document {
    Document::new(id).expect("document")
}

#[tokio::test]
async fn history_thins_out_with_age() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    // Five weeks of reading, 20 pushes a day.
    for day in 0..35 {
        for page in 0..20 {
            fixture.push(&ada, "book", &format!("{day} {page}")).await.expect("push");
            fixture.pass(DAY / 20);
        }
    }
    let texts = fixture.texts(&ada, "book");
    // The last two days are whole.
    let recent: Vec<String> = (33..35).flat_map(|day| (0..20).map(move |page| format!("{day} {page}"))).rev().collect();
    assert_eq!(texts[..40], recent);
    // Each day before that still has its last push.
    for day in 0..33 {
        assert!(texts.contains(&format!("{day} 19")), "day {day} in {texts:?}");
    }
    // And the list was never more than half as long again as what must be kept.
    assert!(texts.len() <= (33 + 40) * 3 / 2 + 20, "{}", texts.len());
    let (_, log, _) = fixture.rows();
    assert_eq!(log, texts.len(), "what is dropped is gone");
}

#[tokio::test]
async fn history_is_never_longer_than_600() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for page in 0..1500 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let texts = fixture.texts(&ada, "book");
    assert!((400..600).contains(&texts.len()), "{}", texts.len());
    let newest: Vec<String> = (0..1500).rev().take(texts.len()).map(|page| page.to_string()).collect();
    assert_eq!(texts, newest);
}

#[tokio::test]
async fn sequence_numbers_are_never_given_out_twice() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut last = 0;
    for _ in 0..3 {
        let gone = fixture.user("gone").await;
        for id in ["a", "b"] {
            let Ok(PushOutcome::Stored { sequence, .. }) = fixture.push(&gone, id, "p").await else { panic!() };
            assert!(sequence > last);
            last = sequence;
        }
        assert_eq!(fixture.delete(&gone).await, AccountOutcome::Done);
        until(|| fixture.rows().1 == 0).await;
    }
    let Ok(PushOutcome::Stored { sequence, .. }) = fixture.push(&ada, "c", "p").await else { panic!() };
    assert!(sequence > last);
}

/// Nor after a push that failed in the very batch in which the log's last entry goes.
#[tokio::test]
async fn a_failed_push_does_not_hide_the_last_number() {
    let fixture = Fixture::new();
    let (ada, gone) = (fixture.user("ada").await, fixture.user("gone").await);
    let Ok(PushOutcome::Stored { sequence: last, .. }) = fixture.push(&gone, "a", "p").await else { panic!() };
    let remove = move |write: &mut WriteTxn<'_, '_>| {
        // As after a job that took a number and failed.
        *write.next_sequence += 1;
        let document = document("a");
        write.remove_document(&DocumentKey::new(gone.id, &document), last).map(drop)
    };
    fixture.store.inner.writer.run(remove).await.expect("removed");
    assert_eq!(fixture.rows().1, 0);
    let Ok(PushOutcome::Stored { sequence, .. }) = fixture.push(&ada, "b", "p").await else { panic!() };
    assert!(sequence > last, "{sequence} {last}");
}

#[tokio::test]
async fn a_write_checks_its_right_in_its_own_transaction() {
    let fixture = Fixture::new();
    let before = fixture.user("ada").await;
    assert_eq!(
        fixture.store.set_key(before.clone(), StoredKey("new".into())).await.expect("set"),
        UpdateOutcome::Applied
    );
    assert_eq!(fixture.push(&before, "book", "p").await.expect("push"), PushOutcome::Stale);
    assert_eq!(fixture.store.set_key(before.clone(), StoredKey("x".into())).await.expect("set"), UpdateOutcome::Stale);
    assert_eq!(fixture.delete(&before).await, AccountOutcome::Refused);
    let after = fixture.store.user(&before.name).expect("read").expect("there");
    assert!(matches!(fixture.push(&after, "book", "p").await, Ok(PushOutcome::Stored { .. })));
}

/// A job that fails, or panics, is dropped with all that it wrote, and the others of its batch stand.
#[tokio::test]
async fn one_failed_job_hurts_no_other() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let release = fixture.store.block_writer().await;
    let write_and = |end: fn() -> Result<()>| {
        let (store, ada) = (fixture.store.clone(), ada.clone());
        tokio::spawn(async move {
            let work = move |write: &mut WriteTxn<'_, '_>| {
                let progress = Progress::new("p".into(), 0.5, "d".into(), None).map_err(unexpected)?;
                write.push(&ada, document("lost"), progress, None)?;
                end()
            };
            store.inner.writer.run(work).await
        })
    };
    let fails = write_and(|| Err(Error::NoSpace));
    let panics = write_and(|| panic!("a defect"));
    let mut pushes = Vec::new();
    for id in 0..5 {
        let (store, ada) = (fixture.store.clone(), ada.clone());
        pushes.push(tokio::spawn(async move {
            let progress = Progress::new("p".into(), 0.5, "d".into(), None).expect("progress");
            store.push(ada, document(&id.to_string()), progress, None).await
        }));
        // Let it queue.
        tokio::task::yield_now().await;
    }
    drop(release);
    assert!(matches!(fails.await.expect("task"), Err(Error::NoSpace)));
    assert!(matches!(panics.await.expect("task"), Err(Error::Store(_))));
    for push in pushes {
        assert!(matches!(push.await.expect("task"), Ok(PushOutcome::Stored { .. })));
    }
    assert_eq!(fixture.rows(), (5, 5, 0));
    assert_eq!(fixture.store.user(&ada.name).expect("read").expect("there").documents, 5);
}

#[tokio::test]
async fn a_full_queue_is_busy_not_a_wait() {
    let fixture = Fixture::with(|options| options.queue = 2);
    let ada = fixture.user("ada").await;
    let release = fixture.store.block_writer().await;
    let queued: Vec<_> = (0..2)
        .map(|id| {
            let (store, ada) = (fixture.store.clone(), ada.clone());
            let progress = Progress::new("p".into(), 0.5, "d".into(), None).expect("progress");
            tokio::spawn(async move { store.push(ada, document(&id.to_string()), progress, None).await })
        })
        .collect();
    // The queue has places until both have theirs; from then on there is none until the writer goes on.
    until(|| fixture.store.inner.writer.is_full()).await;
    let refused = fixture.push(&ada, "one more", "p").await;
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    drop(release);
    for push in queued {
        assert!(matches!(push.await.expect("task"), Ok(PushOutcome::Stored { .. })));
    }
    assert!(matches!(fixture.push(&ada, "one more", "p").await, Ok(PushOutcome::Stored { .. })));
}

/// With no room left pushes fail with a word for it, and what is stored stays.
#[tokio::test]
async fn a_full_map_refuses_writes_and_is_read() {
    let fixture = Fixture::with(|options| options.map_size = 1 << 20);
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
    assert_eq!(fixture.store.user(&ada.name).expect("read").expect("there").documents, stored);
}

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let Fixture { store, dir, .. } = Fixture::new();
    let Inner { env, tables, .. } = &*store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.meta.put(&mut txn, META_FORMAT, &(FORMAT + 1)).expect("put");
    txn.commit().expect("commit");
    drop(store);
    let before = fs::read(dir.path().join("data.mdb")).expect("file");
    let error = Store::open(StoreOptions::new(dir.path().to_owned())).expect_err("refused");
    assert!(matches!(error, Error::NewerFormat { found: 2, known: 1, .. }), "{error:?}");
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(fs::read(dir.path().join("data.mdb")).expect("file"), before);
}

#[tokio::test]
async fn a_slow_subscriber_learns_what_it_missed() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut events = fixture.store.subscribe();
    for page in 0..5000 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let Err(lagged) = events.next().await else { panic!("nothing was missed") };
    assert_eq!(lagged.missed, 5000 - 4096);
    let Ok(Some(event)) = events.next().await else { panic!("no event") };
    assert!(matches!(&*event, Event::Pushed { progress, .. } if progress.progress == lagged.missed.to_string()));
    drop(fixture);
    for _ in 1..4096 {
        assert!(matches!(events.next().await, Ok(Some(_))));
    }
    assert!(matches!(events.next().await, Ok(None)));
}

/// Another process may have been stopped while it had the lock.
#[test]
fn whoever_keeps_the_lock_for_writing_does_not_keep_the_store_from_closing() {
    let Fixture { store, dir: _dir, .. } = Fixture::with(|options| options.patience = Duration::from_millis(1));
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

/// What is written must be found by the folder's name at the next start, from the moment the files are opened.
#[test]
fn a_folder_that_is_replaced_while_it_is_opened_is_noticed() {
    let outer = tempfile::tempdir().expect("dir");
    let [folder, away] = ["folder", "away"].map(|name| outer.path().join(name));
    let open = || {
        env::make_folder(&folder).expect("folder");
        let lock_file = data_files::make_lock_file(&folder).expect("lock file");
        (env::open_environment(&folder, 1 << 20).expect("opened"), lock_file)
    };
    let (first, lock_file) = open();
    assert!(DataFiles::of(&first, folder.clone(), lock_file).expect("place").is_current());
    fs::rename(&folder, &away).expect("renamed");
    assert!(!DataFiles::of(&first, folder.clone(), lock_file).expect("place").is_current());
    fs::create_dir(&folder).expect("another");
    for file in ["data.mdb", "lock.mdb"] {
        fs::copy(away.join(file), folder.join(file)).expect("copied");
    }
    assert!(!DataFiles::of(&first, folder.clone(), lock_file).expect("place").is_current());
}

#[tokio::test]
async fn the_folder_is_nobody_else_s() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().expect("dir");
    let path = outer.path().join("made/deep");
    let store = Store::open(StoreOptions::new(path.clone())).expect("store");
    assert_eq!(fs::metadata(&path).expect("folder").permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(path.join("data.mdb")).expect("file").permissions().mode() & 0o077, 0);
    drop(store);
}

impl Fixture {
    async fn push_from(&self, user: &User, id: &str, text: &str, device: (&str, Option<&str>)) -> u64 {
        let (name, device_id) = device;
        let progress = Progress::new(text.into(), 0.5, name.into(), device_id.map(str::to_owned)).expect("progress");
        let pushed = self.store.push(user.clone(), document(id), progress, None).await;
        let Ok(PushOutcome::Stored { sequence, .. }) = pushed else { panic!("{pushed:?}") };
        sequence
    }

    async fn change(&self, authority: Authority, target: &User, change: Change) -> AccountOutcome {
        self.store.manage(authority, target.name.clone(), change).await.expect("an answer")
    }

    /// By somebody who has logged in, to their own account.
    async fn own(&self, user: &User, change: Change) -> AccountOutcome {
        self.change(Authority::User(user.clone()), user, change).await
    }

    /// As the store has it now.
    fn again(&self, user: &User) -> User {
        self.store.user(&user.name).expect("read").expect("there")
    }

    fn history(&self, user: &User, id: &str) -> Vec<HistoryEntry> {
        self.store.history(user.id, &document(id), usize::MAX).expect("history")
    }

    async fn session(&self, user: &User) -> SessionToken {
        self.store.open_session(user.clone()).await.expect("an answer").expect("a session")
    }

    /// Whose session it is, if it holds.
    fn whose(&self, token: &SessionToken) -> Option<UserId> {
        self.store.session(token).expect("read").map(|user| user.id)
    }

    fn session_hashes(&self) -> Vec<[u8; 32]> {
        let hashes = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            tables.sessions.all(txn)?.map(|row| row.map(|(key, _)| key.hash)).collect()
        };
        self.store.read(hashes).expect("read")
    }
}

fn administrator(fixture: &Fixture) -> User {
    let name = Username::new("root").expect("name");
    fixture.store.set_administrator(name.clone(), StoredKey("key".into())).expect("set");
    fixture.store.user(&name).expect("read").expect("there")
}

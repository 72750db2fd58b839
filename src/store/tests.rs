//! The store's promises, with a clock that the tests control and limits that can be reached.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;

use super::*;
use crate::model::DocumentName;

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

    fn with(change: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::tempdir().expect("dir");
        let now = Arc::new(AtomicU64::new(20_000 * DAY));
        let clock = now.clone();
        let mut options = Options::new(dir.path().to_owned());
        options.clock = Arc::new(move || clock.load(Ordering::Relaxed));
        change(&mut options);
        Self { store: Store::open(options).expect("store"), now, dir }
    }

    fn pass(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::new(name).expect("name");
        match self.store.create_user(name, StoredKey("key".into())).await.expect("created") {
            Registered::Created(user) => user,
            Registered::Taken => panic!("taken"),
        }
    }

    async fn push(&self, user: &User, id: &str, progress: &str) -> Result<Pushed> {
        let progress = Progress::new(progress.into(), 0.5, "device".into(), None).expect("progress");
        self.store.push(user.clone(), document(id), progress, None).await
    }

    async fn delete(&self, user: &User) -> Managed {
        let deleted = self.store.manage(Authority::User(user.clone()), user.name.clone(), Change::Delete);
        deleted.await.expect("deleted")
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

impl Store {
    /// Keeps the writer busy until what is returned is dropped.
    pub(crate) async fn block_writer(&self) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel();
        let (started, running) = tokio::sync::oneshot::channel();
        let store = self.clone();
        tokio::spawn(async move {
            let block = move |_: &mut Write<'_, '_>| {
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
            let Ok(Pushed::Stored { sequence, .. }) = fixture.push(&gone, id, "p").await else { panic!() };
            assert!(sequence > last);
            last = sequence;
        }
        assert_eq!(fixture.delete(&gone).await, Managed::Done);
        while fixture.rows().1 > 0 {
            tokio::task::yield_now().await;
        }
    }
    let Ok(Pushed::Stored { sequence, .. }) = fixture.push(&ada, "c", "p").await else { panic!() };
    assert!(sequence > last);
}

/// Nor after a push that failed in the very batch in which the log's last entry goes.
#[tokio::test]
async fn a_failed_push_does_not_hide_the_last_number() {
    let fixture = Fixture::new();
    let (ada, gone) = (fixture.user("ada").await, fixture.user("gone").await);
    let Ok(Pushed::Stored { sequence: last, .. }) = fixture.push(&gone, "a", "p").await else { panic!() };
    let remove = move |write: &mut Write<'_, '_>| {
        // As after a job that took a number and failed.
        *write.next_sequence += 1;
        let document = document("a");
        write.remove_document(&Owned::new(gone.id, &document), last).map(drop)
    };
    fixture.store.inner.writer.run(remove).await.expect("removed");
    assert_eq!(fixture.rows().1, 0);
    let Ok(Pushed::Stored { sequence, .. }) = fixture.push(&ada, "b", "p").await else { panic!() };
    assert!(sequence > last, "{sequence} {last}");
}

#[tokio::test]
async fn a_deleted_account_leaves_nothing_behind() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let metadata = Metadata::new(None, Some("title".into()), None);
    for id in 0..300 {
        let progress = Progress::new("p".into(), 0.5, "d".into(), None).expect("progress");
        for _ in 0..5 {
            fixture.push(&ada, &id.to_string(), "p").await.expect("push");
        }
        let pushed = fixture.store.push(ada.clone(), document(&id.to_string()), progress, Some(metadata.clone())).await;
        pushed.expect("push");
    }
    fixture.push(&grace, "1", "grace's").await.expect("push");
    assert_eq!(fixture.rows(), (301, 1801, 300));
    assert_eq!(fixture.delete(&ada).await, Managed::Done);
    assert_eq!(fixture.push(&ada, "1", "late").await.expect("push"), Pushed::Refused);
    assert_eq!(fixture.store.set_key(ada.clone(), StoredKey("new".into())).await.expect("set"), Changed::Refused);
    assert_eq!(fixture.delete(&ada).await, Managed::Refused);

    let again = fixture.user("ada").await;
    assert!(again.id > ada.id);
    assert_eq!(again.documents, 0);
    while fixture.rows() != (1, 1, 0) {
        tokio::task::yield_now().await;
    }
    assert_eq!(fixture.texts(&grace, "1"), ["grace's"]);
}

/// A deletion that the process did not live to finish is finished by the next one.
#[tokio::test]
async fn a_removal_goes_on_after_a_restart() {
    let Fixture { store, dir, .. } = {
        let fixture = Fixture::new();
        let ada = fixture.user("ada").await;
        for id in 0..50 {
            fixture.push(&ada, &id.to_string(), "p").await.expect("push");
        }
        fixture
    };
    // As a process that was killed right after the commit leaves it behind.
    let Inner { env, tables, .. } = &*store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.users.delete(&mut txn, "ada").expect("delete");
    tables.deleted.put(&mut txn, &1, &()).expect("put");
    txn.commit().expect("commit");
    drop(store);
    let store = Store::open(Options::new(dir.path().to_owned())).expect("store");
    let left = || {
        let count = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            Ok(tables.progress.all(txn)?.count() + tables.log.all(txn)?.count() + tables.deleted.all(txn)?.count())
        };
        store.read(count)
    };
    while left().expect("read") > 0 {
        tokio::task::yield_now().await;
    }
}

/// A removal that fails is tried again after the next write, not at once and for ever. The clock is read once in each write
/// transaction, so that it counts them.
#[tokio::test]
async fn a_removal_that_fails_does_not_spin() {
    const PUSHES: u64 = 20;
    let writes = Arc::new(AtomicU64::new(0));
    let count = writes.clone();
    let fixture = Fixture::with(|options| options.clock = Arc::new(move || count.fetch_add(1, Ordering::Relaxed)));
    let ada = fixture.user("ada").await;
    // An id that no version writes: the removal of its owner's data fails each time.
    let record = r#"{"position":{"progress":"p","percentage":0.5,"device":"d"},"sequence":1}"#;
    let record = serde_json::from_str(record).expect("record");
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.progress.put(&mut txn, &Owned { user: UserId(99), document: "a:b" }, &record).expect("put");
    tables.deleted.put(&mut txn, &99, &()).expect("put");
    txn.commit().expect("commit");
    let before = writes.load(Ordering::Relaxed);
    for _ in 0..PUSHES {
        fixture.push(&ada, "book", "p").await.expect("push");
    }
    // Nobody writes while these reads go on; however long that is, a writer that waits opens nothing more.
    for _ in 0..100_000 {
        fixture.store.user(&ada.name).expect("read");
    }
    let each = writes.load(Ordering::Relaxed) - before;
    assert!(each > PUSHES, "no removal was tried: {each}");
    assert!(each <= 2 * PUSHES + 1, "{each} write transactions for {PUSHES} pushes");
}

#[tokio::test]
async fn a_write_checks_its_right_in_its_own_transaction() {
    let fixture = Fixture::new();
    let before = fixture.user("ada").await;
    assert_eq!(fixture.store.set_key(before.clone(), StoredKey("new".into())).await.expect("set"), Changed::Done);
    assert_eq!(fixture.push(&before, "book", "p").await.expect("push"), Pushed::Refused);
    assert_eq!(fixture.store.set_key(before.clone(), StoredKey("x".into())).await.expect("set"), Changed::Refused);
    assert_eq!(fixture.delete(&before).await, Managed::Refused);
    let after = fixture.store.user(&before.name).expect("read").expect("there");
    assert!(matches!(fixture.push(&after, "book", "p").await, Ok(Pushed::Stored { .. })));
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
            let work = move |write: &mut Write<'_, '_>| {
                let progress = Progress::new("p".into(), 0.5, "d".into(), None).map_err(unexpected)?;
                write.push(&ada, document("lost"), progress, None)?;
                end()
            };
            store.inner.writer.run(work).await
        })
    };
    let fails = write_and(|| Err(Error::Full));
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
    assert!(matches!(fails.await.expect("task"), Err(Error::Full)));
    assert!(matches!(panics.await.expect("task"), Err(Error::Store(_))));
    for push in pushes {
        assert!(matches!(push.await.expect("task"), Ok(Pushed::Stored { .. })));
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
    let refused = loop {
        if fixture.store.inner.writer.is_full() {
            break fixture.push(&ada, "one more", "p").await;
        }
        tokio::task::yield_now().await;
    };
    assert!(matches!(refused, Err(Error::Busy)), "{refused:?}");
    drop(release);
    for push in queued {
        assert!(matches!(push.await.expect("task"), Ok(Pushed::Stored { .. })));
    }
    assert!(matches!(fixture.push(&ada, "one more", "p").await, Ok(Pushed::Stored { .. })));
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
    assert!(matches!(refused, Error::Full), "{refused:?}");
    assert!(stored > 10, "{stored}");
    assert!(matches!(fixture.push(&ada, "one more", &long).await, Err(Error::Full)));
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
    let error = Store::open(Options::new(dir.path().to_owned())).expect_err("refused");
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

#[tokio::test]
async fn the_folder_is_nobody_else_s() {
    use std::os::unix::fs::PermissionsExt;
    let outer = tempfile::tempdir().expect("dir");
    let path = outer.path().join("made/deep");
    let store = Store::open(Options::new(path.clone())).expect("store");
    assert_eq!(fs::metadata(&path).expect("folder").permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(path.join("data.mdb")).expect("file").permissions().mode() & 0o077, 0);
    drop(store);
}

impl Fixture {
    async fn push_from(&self, user: &User, id: &str, text: &str, device: (&str, Option<&str>)) -> u64 {
        let (name, device_id) = device;
        let progress = Progress::new(text.into(), 0.5, name.into(), device_id.map(str::to_owned)).expect("progress");
        let pushed = self.store.push(user.clone(), document(id), progress, None).await;
        let Ok(Pushed::Stored { sequence, .. }) = pushed else { panic!("{pushed:?}") };
        sequence
    }

    async fn change(&self, authority: Authority, target: &User, change: Change) -> Managed {
        self.store.manage(authority, target.name.clone(), change).await.expect("an answer")
    }

    /// By somebody who has logged in, to their own account.
    async fn own(&self, user: &User, change: Change) -> Managed {
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

#[tokio::test]
async fn a_session_holds_30_days_and_not_a_second_longer() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let token = fixture.session(&ada).await;
    fixture.pass(10);
    let later = fixture.session(&grace).await;
    fixture.pass(30 * DAY - 11);
    assert_eq!(fixture.store.session(&token).expect("read"), Some(fixture.again(&ada)));
    fixture.pass(1);
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.whose(&later), Some(grace.id));
}

/// By whom and in whatever way it is changed.
#[tokio::test]
async fn another_key_ends_all_sessions_of_its_account() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let other = fixture.session(&grace).await;
    for way in 0..3 {
        let before = fixture.again(&ada);
        let tokens = [fixture.session(&before).await, fixture.session(&before).await];
        assert!(tokens.iter().all(|token| fixture.whose(token) == Some(ada.id)));
        let key = StoredKey(format!("new {way}"));
        match way {
            0 => assert_eq!(fixture.store.set_key(before.clone(), key).await.expect("set"), Changed::Done),
            1 => assert_eq!(fixture.change(Authority::Host, &ada, Change::SetKey(key)).await, Managed::Done),
            _ => fixture.store.set_administrator(ada.name.clone(), key).expect("set"),
        }
        assert!(tokens.iter().all(|token| fixture.whose(token).is_none()), "way {way}");
        assert_eq!(fixture.store.open_session(before).await.expect("an answer"), None, "the key is another");
    }
    assert_eq!(fixture.whose(&other), Some(grace.id));
}

#[tokio::test]
async fn a_session_ends_with_its_account() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    assert_eq!(fixture.delete(&ada).await, Managed::Done);
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.session_hashes().len(), 0, "nothing of it is left");
    assert_eq!(fixture.store.open_session(ada.clone()).await.expect("an answer"), None);

    // Of the same name and with the same key, but another account.
    let again = fixture.user("ada").await;
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.whose(&fixture.session(&again).await), Some(again.id));
}

/// Even if its row were left behind: a session is that of a number, not of a name.
#[tokio::test]
async fn a_session_is_of_one_account_and_not_of_a_name() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    // As a process without sessions would delete the account.
    let Inner { env, tables, .. } = &*fixture.store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.users.delete(&mut txn, "ada").expect("delete");
    txn.commit().expect("commit");
    let again = fixture.user("ada").await;
    assert!(again.id != ada.id && again.key == ada.key);
    assert_eq!(fixture.whose(&token), None);
}

#[tokio::test]
async fn who_is_switched_off_has_no_session() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Host, &ada, off).await, Managed::SwitchedOff);
    assert_eq!(fixture.whose(&token), None);
    assert_eq!(fixture.store.open_session(fixture.again(&ada)).await.expect("an answer"), None);
}

#[tokio::test]
async fn logging_out_ends_that_session_alone() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let (gone, stays, other) =
        (fixture.session(&ada).await, fixture.session(&ada).await, fixture.session(&grace).await);
    fixture.store.close_session(gone.clone()).await.expect("closed");
    let left = [&gone, &stays, &other].map(|token| fixture.whose(token));
    assert_eq!(left, [None, Some(ada.id), Some(grace.id)]);
    // One that is over already is no failure.
    fixture.store.close_session(gone).await.expect("closed");
}

#[tokio::test]
async fn an_account_has_at_most_32_sessions_and_the_oldest_goes() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let other = fixture.session(&grace).await;
    let mut tokens = Vec::new();
    for _ in 0..40 {
        fixture.pass(1);
        tokens.push(fixture.session(&ada).await);
    }
    let hold: Vec<bool> = tokens.iter().map(|token| fixture.whose(token).is_some()).collect();
    assert_eq!(hold, [[false; 8].as_slice(), &[true; 32]].concat());
    assert_eq!(fixture.whose(&other), Some(grace.id), "another account's are not counted");
    assert_eq!(fixture.session_hashes().len(), 33, "what is over is gone");
}

/// They take no place of one that holds, and no room for ever.
#[tokio::test]
async fn sessions_that_are_over_are_cleared_when_one_is_opened() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    fixture.session(&ada).await;
    fixture.pass(30 * DAY);
    fixture.session(&ada).await;
    assert_eq!(fixture.session_hashes().len(), 1);
    assert_eq!(fixture.store.set_key(ada.clone(), StoredKey("new".into())).await.expect("set"), Changed::Done);
    let last = fixture.session(&fixture.again(&ada)).await;
    assert_eq!(fixture.session_hashes().len(), 1);
    assert_eq!(fixture.whose(&last), Some(ada.id));
}

/// The number of an account, and the secret, of a token as it is written.
fn token_bytes(token: &SessionToken) -> Vec<u8> {
    use base64ct::Encoding as _;
    base64ct::Base64UrlUnpadded::decode_vec(&token.to_text()).expect("base64")
}

#[tokio::test]
async fn who_reads_the_data_file_finds_no_secret_of_a_session() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let token = fixture.session(&ada).await;
    let (text, bytes) = (token.to_text(), token_bytes(&token));
    let secret = &bytes[4..];
    let hash = fixture.session_hashes().remove(0);
    let mut found = false;
    for file in fs::read_dir(fixture.dir.path()).expect("folder") {
        let data = fs::read(file.expect("file").path()).expect("read");
        let has = |part: &[u8]| data.windows(part.len()).any(|window| window == part);
        assert!(!has(secret) && !has(text.as_bytes()) && !has(&text.as_bytes()[6..]));
        found |= has(&hash);
    }
    assert!(found, "the files are those in which the session is");
    assert_eq!(format!("{token:?}"), "SessionToken(..)");
}

#[tokio::test]
async fn only_what_was_given_out_is_a_session() {
    use base64ct::Encoding as _;
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let token = fixture.session(&ada).await;
    let text = token.to_text();
    assert_eq!(SessionToken::from_text(&text), Some(token.clone()));
    let end = text.len();
    let (long, padded, blank) = (format!("{text}AAAA"), format!("{text}="), format!(" {text}"));
    let other_alphabet = format!("{}+/", &text[..end - 2]);
    let long_letters = "ä".repeat(24);
    for bad in
        ["", "A", "garbage", &text[..end - 1], &text[..end - 4], &text[..4], &long, &padded, &blank, &other_alphabet]
    {
        assert_eq!(SessionToken::from_text(bad), None, "{bad:?}");
    }
    assert_eq!(SessionToken::from_text(&long_letters), None);

    // What has the form alone opens nothing: another secret, or this one as somebody else's.
    let mut other_secret = token_bytes(&token);
    other_secret[35] ^= 1;
    let as_grace = [&grace.id.get().to_be_bytes()[..], &token_bytes(&token)[4..]].concat();
    for bytes in [other_secret, as_grace] {
        let text = base64ct::Base64UrlUnpadded::encode_string(&bytes);
        let token = SessionToken::from_text(&text).expect("the form of a token");
        assert_eq!(fixture.whose(&token), None);
    }
    assert!(token != fixture.session(&ada).await);
}

/// For each day and device, however often the list is thinned in between.
#[tokio::test]
async fn thinning_keeps_each_device_s_last_of_a_day_and_the_count_of_all() {
    const DAYS: u64 = 20;
    let devices = [("Kobo", Some("1")), ("Kobo", Some("2")), ("Kindle", None)];
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let mut pushes = 0;
    for day in 0..DAYS {
        for hour in 0..24 {
            let device = devices[hour % devices.len()];
            fixture.push_from(&ada, "book", &format!("{day} {hour}"), device).await;
            fixture.pass(3600);
            pushes += 1;
            let counted: u32 = fixture.history(&ada, "book").iter().map(|entry| entry.pushes).sum();
            assert_eq!(counted, pushes, "day {day}, hour {hour}");
        }
    }
    let history = fixture.history(&ada, "book");
    assert!(history.len() < 200, "nothing was thinned: {}", history.len());
    for day in 0..DAYS {
        for (place, (name, id)) in devices.into_iter().enumerate() {
            let of_both = |entry: &&HistoryEntry| {
                let position = &entry.progress;
                let at = position.timestamp / DAY - 20_000;
                at == day && position.device == name && position.device_id.as_deref() == id
            };
            let entries: Vec<_> = history.iter().filter(of_both).collect();
            assert_eq!(entries[0].progress.progress, format!("{day} {}", 21 + place));
            assert_eq!(entries.iter().map(|entry| entry.pushes).sum::<u32>(), 8, "day {day}, {name} {id:?}");
        }
    }
}

/// The limit on the list's length drops positions, not the count of a day that is still there.
#[tokio::test]
async fn a_day_with_more_pushes_than_are_kept_counts_them_all() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    for page in 0..1500 {
        fixture.push(&ada, "book", &page.to_string()).await.expect("push");
    }
    let history = fixture.history(&ada, "book");
    assert!(history.len() < 600);
    assert_eq!(history.iter().map(|entry| entry.pushes).sum::<u32>(), 1500);
}

#[tokio::test]
async fn a_position_is_put_back_as_the_newest() {
    let fixture = Fixture::new();
    let ada = fixture.user("ada").await;
    let first = Progress::new("1".into(), 0.25, "Kobo".into(), Some("id".into())).expect("progress");
    let about = Metadata::new(None, Some("title".into()), None);
    fixture.store.push(ada.clone(), document("book"), first, Some(about)).await.expect("push");
    fixture.push(&ada, "book", "2").await.expect("push");
    let before = fixture.history(&ada, "book");
    let mut events = fixture.store.subscribe();
    fixture.pass(60);
    let back = Change::PutBack(document("book"), before[1].sequence);
    assert_eq!(fixture.own(&ada, back).await, Managed::Done);

    let after = fixture.history(&ada, "book");
    assert_eq!(after[1..], before, "nothing before it has changed");
    let newest = &after[0];
    assert!(newest.sequence > before[0].sequence);
    let mut expected = before[1].progress.clone();
    expected.device = "kosync (put back)".into();
    expected.device_id = Some("kosync-put-back".into());
    expected.timestamp += 60;
    assert_eq!((&newest.progress, newest.pushes), (&expected, 1));
    let entry = fixture.store.document(ada.id, &document("book")).expect("read").expect("there");
    assert_eq!((&entry.progress, entry.metadata.title.as_deref()), (&newest.progress, Some("title")));
    assert_eq!(fixture.again(&ada).documents, 1);
    let Ok(Some(event)) = events.next().await else { panic!("no event") };
    let (user, progress) = (ada.name.clone(), newest.progress.clone());
    let told = Event::Pushed { sequence: newest.sequence, user, document: document("book"), progress };
    assert_eq!(*event, told);
}

#[tokio::test]
async fn only_a_document_s_own_positions_are_put_back() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let gone = fixture.push_from(&ada, "book", "before it was deleted", ("d", None)).await;
    assert_eq!(fixture.own(&ada, Change::DeleteDocument(document("book"))).await, Managed::Done);
    fixture.push(&ada, "book", "ada's").await.expect("push");
    let of_other_book = fixture.push_from(&ada, "other", "other", ("d", None)).await;
    let of_grace = fixture.push_from(&grace, "book", "grace's", ("d", None)).await;
    for sequence in [gone, of_other_book, of_grace, 0, of_grace + 1, u64::MAX] {
        let back = Change::PutBack(document("book"), sequence);
        assert_eq!(fixture.own(&ada, back).await, Managed::NoPosition, "{sequence}");
    }
    // A position that is there, of a document that is not.
    let back = Change::PutBack(document("nothing"), of_other_book);
    assert_eq!(fixture.own(&ada, back).await, Managed::NoDocument);
    assert_eq!(fixture.texts(&ada, "book"), ["ada's"]);
    assert_eq!(fixture.texts(&ada, "other"), ["other"]);
    assert_eq!(fixture.texts(&ada, "nothing"), [""; 0]);
    assert_eq!(fixture.texts(&grace, "book"), ["grace's"]);
}

/// Owners may, and administrators, and whoever has the data folder. Whether they still may is looked up when it is done.
#[tokio::test]
async fn who_may_change_a_document() {
    let fixture = Fixture::new();
    let (ada, grace, root) = (fixture.user("ada").await, fixture.user("grace").await, administrator(&fixture));
    let sequence = fixture.push_from(&ada, "book", "p", ("d", None)).await;
    let rename = |name| Change::Rename(document("book"), Some(DocumentName::new(name).expect("name")));
    let back = || Change::PutBack(document("book"), sequence);
    let delete = || Change::DeleteDocument(document("book"));

    let grace = Authority::User(grace);
    for change in [rename("grace's"), back(), delete()] {
        assert_eq!(fixture.change(grace.clone(), &ada, change).await, Managed::Refused);
    }
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Host, &ada, off).await, Managed::SwitchedOff);
    for actor in [ada.clone(), fixture.again(&ada)] {
        for change in [rename("mine"), back(), delete()] {
            assert_eq!(fixture.own(&actor, change).await, Managed::Refused);
        }
    }
    assert_eq!(fixture.texts(&ada, "book"), ["p"]);
    // An account that is switched off is changed by others all the same.
    for authority in [Authority::User(root), Authority::Host] {
        assert_eq!(fixture.change(authority.clone(), &ada, rename("theirs")).await, Managed::Done);
        assert_eq!(fixture.change(authority, &ada, back()).await, Managed::Done);
    }
    assert_eq!(fixture.texts(&ada, "book"), ["p", "p", "p"]);
}

#[tokio::test]
async fn a_name_belongs_to_a_document_that_is_there() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let rename = |name: Option<&str>| {
        let name = name.map(|name| DocumentName::new(name).expect("name"));
        Change::Rename(document("book"), name)
    };
    let entry = |user: &User| fixture.store.document(user.id, &document("book")).expect("read");
    fixture.push(&grace, "book", "p").await.expect("push");
    assert_eq!(fixture.own(&ada, rename(Some("mine"))).await, Managed::NoDocument);
    assert_eq!(fixture.own(&ada, rename(None)).await, Managed::NoDocument);
    assert_eq!((entry(&ada), fixture.rows()), (None, (1, 1, 0)), "no row was made for it");

    fixture.push(&ada, "book", "p").await.expect("push");
    assert_eq!(fixture.own(&ada, rename(Some("mine"))).await, Managed::Done);
    // What clients tell later takes nothing away.
    let progress = Progress::new("q".into(), 0.5, "d".into(), None).expect("progress");
    let about = Metadata::new(None, Some("title".into()), None);
    fixture.store.push(ada.clone(), document("book"), progress, Some(about)).await.expect("push");
    let told = |entry: Option<DocumentEntry>| entry.map(|entry| (entry.name, entry.metadata.title)).expect("there");
    assert_eq!(told(entry(&ada)), (Some("mine".into()), Some("title".into())));
    assert_eq!(told(entry(&grace)), (None, None), "another user's is another document");
    assert_eq!(fixture.own(&ada, rename(None)).await, Managed::Done);
    assert_eq!(told(entry(&ada)), (None, Some("title".into())));

    // It goes with its document.
    assert_eq!(fixture.own(&ada, rename(Some("mine"))).await, Managed::Done);
    assert_eq!(fixture.own(&ada, Change::DeleteDocument(document("book"))).await, Managed::Done);
    assert_eq!(fixture.own(&ada, rename(Some("again"))).await, Managed::NoDocument);
    fixture.push(&ada, "book", "p").await.expect("push");
    assert_eq!(told(entry(&ada)), (None, None));
}

#[tokio::test]
async fn registration_is_as_configured_until_somebody_switches_it() {
    for configured in [true, false] {
        let fixture = Fixture::new();
        let store = &fixture.store;
        let open = || store.registration(configured).expect("read");
        assert_eq!(open(), configured);
        store.configure_registration(configured).expect("configured");
        assert_eq!(open(), configured);

        let switched = if configured { Managed::SwitchedOff } else { Managed::SwitchedOn };
        let set = store.set_registration(Authority::Host, !configured, configured).await;
        assert_eq!((set.expect("set"), open()), (switched, !configured));
        // Another start with the same configuration changes nothing.
        store.configure_registration(configured).expect("configured");
        assert_eq!(open(), !configured);
        let back = store.set_registration(Authority::Host, configured, configured).await;
        assert!(matches!(back, Ok(Managed::SwitchedOn | Managed::SwitchedOff)));
        assert_eq!(open(), configured);
    }
}

/// Whoever edits the configuration means it, and a switch from before that does not come back.
#[tokio::test]
async fn another_configuration_wins_over_the_switch_for_good() {
    for configured in [true, false] {
        let fixture = Fixture::new();
        let store = &fixture.store;
        store.set_registration(Authority::Host, !configured, configured).await.expect("set");
        // Before the start is through as well.
        assert_eq!(store.registration(!configured).expect("read"), !configured);
        store.configure_registration(!configured).expect("configured");
        assert_eq!(store.registration(!configured).expect("read"), !configured);
        store.configure_registration(configured).expect("configured");
        assert_eq!(store.registration(configured).expect("read"), configured);
    }
}

#[tokio::test]
async fn administrators_alone_switch_registration() {
    let fixture = Fixture::new();
    let (ada, root) = (fixture.user("ada").await, administrator(&fixture));
    let mut events = fixture.store.subscribe();
    let set = |user: &User| fixture.store.set_registration(Authority::User(user.clone()), false, true);
    assert_eq!(set(&ada).await.expect("an answer"), Managed::Refused);
    let off = Change::SetActive(Some(false));
    assert_eq!(fixture.change(Authority::Host, &root, off).await, Managed::SwitchedOff);
    for stale in [root.clone(), fixture.again(&root)] {
        assert_eq!(set(&stale).await.expect("an answer"), Managed::Refused);
    }
    assert!(fixture.store.registration(true).expect("read"));
    let on = Change::SetActive(Some(true));
    assert_eq!(fixture.change(Authority::Host, &root, on).await, Managed::SwitchedOn);
    assert_eq!(set(&root).await.expect("an answer"), Managed::SwitchedOff);
    assert!(!fixture.store.registration(true).expect("read"));
    let user = root.name.clone();
    let told = [
        Event::ActiveChanged { user: user.clone(), active: false },
        Event::ActiveChanged { user, active: true },
        Event::RegistrationChanged { open: false },
    ];
    for event in told {
        assert_eq!(events.next().await.expect("no gap").as_deref(), Some(&event), "what was refused tells nothing");
    }
}

#[tokio::test]
async fn the_last_use_is_noted_once_an_hour() {
    let fixture = Fixture::new();
    let (ada, grace) = (fixture.user("ada").await, fixture.user("grace").await);
    let start = 20_000 * DAY;
    let used = || fixture.again(&ada).last_used;
    assert_eq!(used(), None, "an account that was only made is not in use");
    fixture.pass(10);
    fixture.push(&ada, "book", "1").await.expect("push");
    assert_eq!(used(), Some(start + 10));
    fixture.pass(3589);
    fixture.push(&ada, "book", "2").await.expect("push");
    fixture.session(&ada).await;
    assert_eq!(used(), Some(start + 10));
    fixture.pass(1);
    fixture.push(&ada, "book", "3").await.expect("push");
    assert_eq!(used(), Some(start + 3600));
    // The dashboard is a use as well.
    fixture.pass(3600);
    fixture.session(&ada).await;
    assert_eq!(used(), Some(start + 7200));
    assert_eq!(fixture.again(&grace).last_used, None);
}

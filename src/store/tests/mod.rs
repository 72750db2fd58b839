//! The store's guarantees, tested with a clock under the test's control and with small limits.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use heed::{RoTxn, WithoutTls};
use jiff::tz::TimeZone;

use super::handle::{Inner, Store, StoreOptions};
use super::keyspace::DocumentKey;
use super::tables::{FORMAT, META_FORMAT, Tables};
use super::transaction::WriteTxn;
use super::{
    AccountOutcome, Authority, Change, CreateOutcome, DocumentEntry, HistoryEntry, PushOutcome, SessionToken,
    UpdateOutcome,
};
use crate::error::{Error, Result};
use crate::model::{Document, DocumentName, Event, Metadata, Progress, StoredKey, User, UserId, Username};

mod aliases;
mod changes;
mod current_position;
mod device_passwords;
mod events;
mod files;
mod history;
mod identified;
mod identified_model;
mod import;
mod joined;
mod joined_transfer;
mod marks;
mod networks;
mod opening;
mod purge;
mod quota;
mod reading;
mod registration;
mod sessions;
mod writes;

const DAY: u64 = 24 * 60 * 60;

/// A store in a directory of its own, whose clock stands at `now`.
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

    fn advance_clock(&self, seconds: u64) {
        self.now.fetch_add(seconds, Ordering::Relaxed);
    }

    async fn user(&self, name: &str) -> User {
        let name = Username::new(name).expect("name");
        match self.store.create_user(name, StoredKey("key".into()), None).await.expect("created") {
            CreateOutcome::Created(user) => user,
            CreateOutcome::Taken => panic!("taken"),
        }
    }

    fn administrator(&self) -> User {
        let name = Username::new("root").expect("name");
        self.store.set_administrator(name.clone(), StoredKey("key".into())).expect("set");
        self.store.user(&name).expect("read").expect("exists")
    }

    /// Returns the account as the store has it now.
    fn reload(&self, user: &User) -> User {
        self.store.user(&user.name).expect("read").expect("exists")
    }

    async fn push(&self, user: &User, id: &str, progress: &str) -> Result<PushOutcome> {
        self.store.push(user.clone(), document(id), position(progress), None).await
    }

    async fn push_from(&self, user: &User, id: &str, text: &str, device: (&str, Option<&str>)) -> u64 {
        let (name, device_id) = device;
        let progress = Progress::new(text.into(), 0.5, name.into(), device_id.map(str::to_owned)).expect("progress");
        let pushed = self.store.push(user.clone(), document(id), progress, None).await;
        let Ok(PushOutcome::Stored { sequence, .. }) = pushed else { panic!("{pushed:?}") };
        sequence
    }

    async fn change(&self, authority: Authority, target: &User, change: Change) -> AccountOutcome {
        self.store.manage(authority, target.name.clone(), change).await.expect("an outcome")
    }

    /// Changes an account on its owner's authority.
    async fn change_own(&self, user: &User, change: Change) -> AccountOutcome {
        self.change(Authority::User(user.clone()), user, change).await
    }

    async fn delete(&self, user: &User) -> AccountOutcome {
        self.change_own(user, Change::Delete).await
    }

    fn history(&self, user: &User, id: &str) -> Vec<HistoryEntry> {
        self.store.history(user.id, &document(id), usize::MAX).expect("history")
    }

    /// Returns the `progress` texts of a history, newest first.
    fn texts(&self, user: &User, id: &str) -> Vec<String> {
        self.history(user, id).into_iter().map(|entry| entry.progress.progress).collect()
    }

    /// Returns how many rows the tables `progress`, `log` and `documents` have.
    fn rows(&self) -> (usize, usize, usize) {
        let count = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            Ok((tables.progress.all(txn)?.count(), tables.log.all(txn)?.count(), tables.documents.all(txn)?.count()))
        };
        self.store.read(count).expect("counts")
    }

    async fn session(&self, user: &User) -> SessionToken {
        self.store.open_session(user.clone()).await.expect("an outcome").expect("a session")
    }

    /// Returns the account of a session that is valid.
    fn session_owner(&self, token: &SessionToken) -> Option<UserId> {
        self.store.session(token).expect("read").map(|user| user.id)
    }

    fn session_hashes(&self) -> Vec<[u8; 32]> {
        let hashes = |txn: &RoTxn<'_, WithoutTls>, tables: &Tables| {
            tables.sessions.all(txn)?.map(|row| row.map(|(key, _)| key.hash)).collect()
        };
        self.store.read(hashes).expect("read")
    }
}

impl Store {
    /// Keeps the writer thread busy until the returned sender is dropped.
    pub(crate) async fn block_writer(&self) -> mpsc::Sender<()> {
        self.block_writer_after(|_| Ok(())).await
    }

    /// Runs a job that does `work` and then keeps the writer thread busy. It ends when the returned sender is dropped.
    async fn block_writer_after(
        &self,
        work: impl FnOnce(&mut WriteTxn<'_, '_>) -> Result<()> + Send + 'static,
    ) -> mpsc::Sender<()> {
        let (release, released) = mpsc::channel();
        let (started, running) = tokio::sync::oneshot::channel();
        let store = self.clone();
        tokio::spawn(async move {
            let block = move |write: &mut WriteTxn<'_, '_>| {
                work(write)?;
                let _ = started.send(());
                let _ = released.recv();
                Ok(())
            };
            store.inner.writer.run(block).await
        });
        running.await.expect("the writer runs");
        release
    }

    /// Enables or disables an account without the writer thread, as another process would.
    pub(crate) fn set_active(&self, name: &Username, active: bool) {
        let Inner { env, tables, .. } = &*self.inner;
        let mut txn = env.write_txn().expect("txn");
        let mut record = tables.users.get(&txn, name.as_str()).expect("read").expect("exists");
        record.active = active;
        tables.users.put(&mut txn, name.as_str(), &record).expect("put");
        txn.commit().expect("commit");
    }
}

/// Waits for what the writer thread does by itself, for up to 60 s.
async fn eventually(is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "it did not happen within 60 s");
        tokio::task::yield_now().await;
    }
}

fn document(id: &str) -> Document {
    Document::new(id).expect("document")
}

fn position(text: &str) -> Progress {
    Progress::new(text.into(), 0.5, "device".into(), None).expect("progress")
}

//! The store: one LMDB environment in the data folder. Nothing else in the crate knows LMDB.
//!
//! Reads are short transactions on the calling thread, microseconds each, never held over an await. Writes go to one thread
//! that commits them in groups; an answer means "on disk". Both are safe while other processes use the same folder.

mod accounts;
mod backup;
mod committer;
mod data_files;
mod env;
mod events;
mod ingress_users;
mod keyspace;
mod progress;
mod records;
mod retention;
mod sessions;
mod transfer;
mod verify;

use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

use heed::{Env, MdbError, RoTxn, WithoutTls};
use jiff::civil::Date;
use jiff::tz::TimeZone;

pub use self::accounts::{AccountOutcome, Authority, Change};
#[cfg(feature = "import")]
pub(crate) use self::backup::folder_of;
pub use self::backup::{Restored, restore};
use self::committer::WriteQueue;
use self::data_files::{DataFiles, DirLock};
use self::env::Clock;
pub(crate) use self::env::StoreOptions;
pub use self::events::{Events, Lagged};
use self::progress::WriteTxn;
pub use self::progress::{CreateOutcome, PushOutcome, UpdateOutcome};
use self::records::{DocumentKey, DocumentRecord, META_INSTANCE, ProgressRecord, Tables};
pub(crate) use self::sessions::{LIFETIME as SESSION_LIFETIME, SessionToken};
pub use self::transfer::{
    HISTORY_MAX, ImportOutcome, Transferred, TransferredAccount, TransferredDocument, TransferredPosition,
};
pub use self::verify::VerifyReport;
use crate::error::{Error, Result};
use crate::model::{ADMIN, Document, Metadata, Progress, StoredKey, User, UserId, Username, calendar_day};

/// A document of a user, as it stands.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DocumentEntry {
    /// Its id.
    pub document: Document,
    /// Where the reader is.
    pub progress: Progress,
    /// The number of the last push in the store's log.
    pub sequence: u64,
    /// What clients told about it.
    pub metadata: Metadata,
    /// The name that the user gave it.
    pub name: Option<String>,
}

/// One position of a document's history.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// Its number in the store's log. Numbers grow; some are left out.
    pub sequence: u64,
    /// The position, with the time it was written.
    pub progress: Progress,
    /// How many pushes it stands for: itself, and those of its day and device that are no longer kept.
    pub pushes: u32,
}

/// Users, positions and history, on disk. Clones share one environment.
///
/// ```
/// # tokio::runtime::Runtime::new().unwrap().block_on(async {
/// # let dir = tempfile::tempdir().unwrap();
/// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
/// let store = kosync.store();
/// for user in store.users()? {
///     for entry in store.documents(user.id, None, 100)? {
///         println!("{} is at {:.0} % of {}", user.name, entry.progress.percentage * 100.0, entry.document);
///     }
/// }
/// # Ok::<(), kosync::Error>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    // The writer goes first: its thread ends before the environment closes. Then the hold, so that who waits until the environment
    // is closed can open another.
    writer: WriteQueue,
    _hold: Arc<DirLock>,
    env: Env<WithoutTls>,
    tables: Tables,
    place: DataFiles,
    clock: Clock,
    zone: TimeZone,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path()).finish_non_exhaustive()
    }
}

impl Store {
    /// The data folder.
    pub fn path(&self) -> &Path {
        self.inner.env.path()
    }

    fn read<T>(&self, work: impl FnOnce(&RoTxn<'_, WithoutTls>, &Tables) -> heed::Result<T>) -> Result<T> {
        let txn = self.inner.env.read_txn()?;
        Ok(work(&txn, &self.inner.tables)?)
    }

    /// How large the data file is, in bytes.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn size(&self) -> Result<u64> {
        Ok(self.inner.env.real_disk_size()?)
    }

    /// Whether the store can be read, and is where it was.
    ///
    /// # Errors
    /// [`Error::StoreClosed`] once the store has stopped, see [`Store::stopped`].
    /// [`Error::DataDirReplaced`] if the data folder was pending_purge or replaced: reads go on, and nothing is written any more.
    pub fn check(&self) -> Result<()> {
        self.read(|_, _| Ok(()))?;
        if self.inner.place.is_current() {
            Ok(())
        } else {
            Err(Error::DataDirReplaced { path: self.path().to_owned() })
        }
    }

    /// Completes once the store has stopped for good: LMDB gives up when the disk fails while it writes its own head, and answers
    /// nothing any more until it is opened anew. What was answered before is on the disk. [`Server::serve`](crate::Server::serve)
    /// ends then; who serves by other means drops all clones of the server and builds another.
    pub async fn stopped(&self) {
        self.inner.writer.stopped().await;
    }

    /// The account of that name.
    ///
    /// # Errors
    /// [`Error::Store`] if the data cannot be read. The same holds for every read below.
    pub fn user(&self, name: &Username) -> Result<Option<User>> {
        let record = self.read(|txn, tables| tables.users.get(txn, name.as_str()))?;
        Ok(record.map(|record| record.into_user(name.clone())))
    }

    /// The account that answers to a name: the one that is called so, or else one that was imported from a server that does not tell
    /// upper case from lower case. Its devices may have its name in any spelling.
    pub(crate) fn find_user(&self, name: &Username) -> Result<Option<User>> {
        let found = self.read(|txn, tables| tables.find_account(txn, name))?;
        Ok(found.map(|(name, record)| record.into_user(name)))
    }

    /// All accounts, by name.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn users(&self) -> Result<Vec<User>> {
        let rows = self.read(|txn, tables| {
            let rows = tables.users.all(txn)?;
            rows.map(|row| row.map(|(name, record)| (name.to_owned(), record))).collect::<heed::Result<Vec<_>>>()
        })?;
        rows.into_iter().map(|(name, record)| Ok(record.into_user(Username::new(&name).map_err(unexpected)?))).collect()
    }

    /// The current position of a user in a document.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn progress(&self, user: UserId, document: &Document) -> Result<Option<Progress>> {
        let record = self.read(|txn, tables| tables.progress.get(txn, &DocumentKey::new(user, document)))?;
        Ok(record.map(|record| record.position))
    }

    /// Up to `limit` documents of a user, by id, from the one behind `after` on.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn documents(&self, user: UserId, after: Option<&Document>, limit: usize) -> Result<Vec<DocumentEntry>> {
        let rows = self.read(|txn, tables| {
            let mut entries = Vec::new();
            let all = DocumentKey::all(user);
            let first =
                after.map_or(Bound::Included(all.start), |after| Bound::Excluded(DocumentKey::new(user, after)));
            for row in tables.progress.range(txn, &(first, Bound::Excluded(all.end)))?.take(limit) {
                let (key, record) = row?;
                let about = tables.documents.get(txn, &key)?.unwrap_or_default();
                entries.push((key.document.to_owned(), record, about));
            }
            Ok(entries)
        })?;
        rows.into_iter()
            .map(|(document, record, about)| Ok(entry(Document::new(&document).map_err(unexpected)?, record, about)))
            .collect()
    }

    /// The last `limit` positions of a user in a document, the current one first.
    ///
    /// The last 48 hours are kept whole, then each device's last one of each day (of the server's time zone); 400 in all, and up to half as many
    /// more until the list is next thinned.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn history(&self, user: UserId, document: &Document, limit: usize) -> Result<Vec<HistoryEntry>> {
        self.read(|txn, tables| {
            let mut entries = Vec::new();
            let mut next = tables.progress.get(txn, &DocumentKey::new(user, document))?.map(|record| record.sequence);
            while let Some(sequence) = next.filter(|_| entries.len() < limit) {
                let Some(entry) = tables.log.get(txn, &sequence)? else { break };
                next = entry.previous;
                entries.push(HistoryEntry { sequence, progress: entry.position, pushes: entry.pushes });
            }
            Ok(entries)
        })
    }

    /// What the store has of one document of a user.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn document(&self, user: UserId, document: &Document) -> Result<Option<DocumentEntry>> {
        let found = self.read(|txn, tables| {
            let row = DocumentKey::new(user, document);
            let Some(record) = tables.progress.get(txn, &row)? else { return Ok(None) };
            Ok(Some((record, tables.documents.get(txn, &row)?.unwrap_or_default())))
        })?;
        Ok(found.map(|(record, about)| entry(document.clone(), record, about)))
    }

    /// Which document of a user was pushed with that number, if the log still has it.
    pub(crate) fn document_of(&self, user: UserId, sequence: u64) -> Result<Option<Document>> {
        let entry = self.read(|txn, tables| tables.log.get(txn, &sequence))?;
        Ok(entry.filter(|entry| entry.user == user).map(|entry| entry.document))
    }

    /// A random number that tells this store from others, made when it is first asked for. A backup has the same.
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn instance(&self) -> Result<u64> {
        // It is written once, and read where nothing can be written.
        if let Some(instance) = self.read(|txn, tables| tables.meta.get(txn, META_INSTANCE))? {
            return Ok(instance);
        }
        self.inner.writer.run(|write| write.instance()).await
    }

    /// The number of the last push that the log has, of whatever process; 0 if there is none.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn last_sequence(&self) -> Result<u64> {
        self.read(|txn, tables| Ok(tables.log.last_key(txn)?.unwrap_or(0)))
    }

    /// The time by which positions are written, in whole seconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        (self.inner.clock)()
    }

    /// Whose days count.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.inner.zone
    }

    pub(crate) fn today(&self) -> Date {
        calendar_day(self.now(), self.zone())
    }

    /// Makes an account. The name is looked up in the same transaction: of two at once, one is [`CreateOutcome::Taken`].
    pub(crate) async fn create_user(&self, name: Username, key: StoredKey) -> Result<CreateOutcome> {
        let administrator = name.as_str() == ADMIN;
        let work = move |write: &mut WriteTxn<'_, '_>| match write.tables.find_account(write.txn, &name)? {
            Some(_) => Ok(CreateOutcome::Taken),
            None => write.create_user(name, key, administrator),
        };
        self.inner.writer.run(work).await
    }

    /// Makes an administrator's account, or gives it another key, on the calling thread. For the start: nobody listens to
    /// events yet, and the caller may have no runtime.
    pub(crate) fn set_administrator(&self, name: Username, key: StoredKey) -> Result<()> {
        self.at_start(|write| write.set_administrator(name, key))
    }

    /// Makes an account, or gives it another key, on the calling thread, as [`Store::set_administrator`] does.
    pub(crate) fn set_account(&self, name: Username, key: StoredKey) -> Result<()> {
        self.at_start(|write| write.set_account(name, key))
    }

    fn at_start(&self, work: impl FnOnce(&mut WriteTxn<'_, '_>) -> Result<()>) -> Result<()> {
        let Inner { env, tables, clock, zone, .. } = &*self.inner;
        let mut txn = env.write_txn()?;
        let mut next_sequence = tables.next_sequence(&txn)?;
        let (tables, now, events) = (*tables, clock(), Vec::new());
        let mut write = WriteTxn { txn: &mut txn, tables, next_sequence: &mut next_sequence, now, zone, events };
        work(&mut write)?;
        Ok(txn.commit()?)
    }

    /// Gives an account another key, if it still is as `user` shows it.
    pub(crate) async fn set_key(&self, user: User, key: StoredKey) -> Result<UpdateOutcome> {
        self.inner.writer.run(move |write| write.set_key(&user, key)).await
    }

    /// Changes somebody's account, on the authority of whoever has the data folder or of a user who has logged in. Whether
    /// they may is checked in the same transaction.
    ///
    /// # Errors
    /// [`Error::NoSpace`], [`Error::DiskWrite`], [`Error::DataDirReplaced`], [`Error::Busy`]: nothing was stored, and the same call may work later.
    /// [`Error::StoreClosed`] once the store has stopped. [`Error::Store`] for what nobody expected. The same holds for [`Store::push`].
    pub async fn manage(&self, authority: Authority, target: Username, change: Change) -> Result<AccountOutcome> {
        self.inner.writer.run(move |write| write.manage(&authority, &target, change)).await
    }

    /// Makes a position the current one, if the account still is as `user` shows it.
    ///
    /// What `metadata` lacks stays as it was stored.
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn push(
        &self,
        user: User,
        document: Document,
        progress: Progress,
        metadata: Option<Metadata>,
    ) -> Result<PushOutcome> {
        progress.check().map_err(unexpected)?;
        self.inner.writer.run(move |write| write.push(&user, document, progress, metadata)).await
    }

    /// Changes that this process commits from now on, in their order.
    pub fn subscribe(&self) -> Events {
        Events::new(self.inner.writer.subscribe())
    }
}

fn entry(document: Document, record: ProgressRecord, about: DocumentRecord) -> DocumentEntry {
    let ProgressRecord { position, sequence, .. } = record;
    let DocumentRecord { metadata, name } = about;
    DocumentEntry { document, progress: position, sequence, metadata, name }
}

/// An error that nobody expected, with its text.
fn unexpected(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Store(Arc::from(error.into()))
}

fn means_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

impl From<heed::Error> for Error {
    fn from(error: heed::Error) -> Self {
        match &error {
            heed::Error::Mdb(MdbError::MapFull) => Self::NoSpace,
            heed::Error::Mdb(MdbError::ReadersFull) => Self::Busy,
            heed::Error::Mdb(MdbError::Panic) => Self::StoreClosed,
            heed::Error::Io(reason) if means_full(reason) => Self::NoSpace,
            _ => unexpected(error.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;

//! The handle on a store: opening it, its state, and the way to its transactions.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use heed::{Env, RoTxn, WithoutTls};
use jiff::tz::TimeZone;

use super::committer::{BatchCommitter, Clock, OnCommit};
use super::data_files::{self, DataFiles};
use super::env::{self, OpenEnv, open_error};
use super::event_log::log_change;
use super::events::Events;
use super::file_transfers::Transfers;
use super::lock::DirLock;
use super::page_cache::PageCache;
use super::tables::Tables;
use super::transaction::WriteTxn;
use super::usage::{Limits, Quota};
use super::write_queue::{CLOSE_TIMEOUT, QUEUE_LEN, WriteQueue};
use crate::error::{Error, Result};
use crate::model::PositionRule;

/// Users, positions and history on disk. Clones share one environment.
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
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    // Fields are dropped in this order: the writer thread ends before the environment closes, and the directory is unlocked before
    // that too, so that a caller that waits for the environment to close can open another.
    pub(super) writer: WriteQueue,
    pub(super) lock: Arc<DirLock>,
    pub(super) env: Env<WithoutTls>,
    /// Behind `env`: what that has mapped cannot be dropped.
    pub(super) page_cache: PageCache,
    pub(super) tables: Tables,
    pub(super) data_files: DataFiles,
    pub(super) clock: Clock,
    pub(super) zone: TimeZone,
    pub(super) quota: Quota,
    pub(super) default_rule: PositionRule,
    pub(super) transfers: Arc<Transfers>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("path", &self.path()).finish_non_exhaustive()
    }
}

/// A clock that a builder keeps.
#[derive(Clone)]
pub(crate) struct OwnClock(pub(crate) Clock);

impl std::fmt::Debug for OwnClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnClock")
    }
}

/// How to open a store.
pub(crate) struct StoreOptions {
    /// The data directory.
    pub(crate) path: PathBuf,
    /// Whether this process is to be the directory's server. There is at most one; commands may run beside it. Default: no.
    pub(crate) is_server: bool,
    /// Clock of the server. Default: the system's.
    pub(crate) clock: Clock,
    /// Time zone that defines a retention day. Default: the system's.
    pub(crate) zone: TimeZone,
    /// Writes that may wait. One more fails with [`Error::Busy`].
    pub(crate) queue_len: usize,
    /// How long closing the store waits for them.
    pub(crate) close_timeout: Duration,
    /// Largest size of the data file in bytes. Default: that of the disk, within limits. Only a server sets it.
    pub(crate) max_size: Option<u64>,
    /// How much an account may store. Default: 10,000 documents and 64 MiB.
    pub(crate) quota: Quota,
    /// Rule of the current positions of accounts that chose none.
    pub(crate) default_rule: PositionRule,
    /// Observes each commit. Default: nothing does.
    pub(crate) on_commit: OnCommit,
}

impl StoreOptions {
    pub(crate) fn new(path: PathBuf) -> Self {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        Self {
            path,
            is_server: false,
            clock: Arc::new(clock),
            zone: TimeZone::system(),
            queue_len: QUEUE_LEN,
            close_timeout: CLOSE_TIMEOUT,
            max_size: None,
            quota: Quota::default(),
            default_rule: PositionRule::default(),
            on_commit: Box::new(|_, _| ()),
        }
    }
}

impl Store {
    /// Opens the store in a directory, and creates both if they do not exist.
    ///
    /// # Errors
    /// [`Error::DataDir`] if the directory cannot be created, read or written; [`Error::NewerFormat`] if a newer version wrote it;
    /// [`Error::AlreadyOpen`] if this process has it open; [`Error::InUse`] if this is to be the server and another one runs;
    /// [`Error::DataDirReplaced`] if the directory was replaced in the meantime.
    pub(crate) fn open(options: StoreOptions) -> Result<Self> {
        let StoreOptions {
            path,
            is_server,
            clock,
            zone,
            queue_len,
            close_timeout,
            max_size,
            quota,
            default_rule,
            on_commit,
        } = options;
        let OpenEnv { env, tables, data_files, lock } = env::open(path.clone(), is_server, max_size)?;
        let transfers = Arc::new(Transfers::default());
        let committer = BatchCommitter::new(
            env.clone(),
            tables,
            data_files.clone(),
            clock.clone(),
            zone.clone(),
            default_rule,
            on_commit,
            quota,
            transfers.clone(),
        );
        if is_server {
            warn_of_surroundings(&path);
            data_files::remove_leftovers(&path);
        }
        let lock = Arc::new(lock);
        let writer = WriteQueue::start(committer, queue_len, close_timeout, lock.clone())
            .map_err(|reason| open_error(&path, heed::Error::Io(reason)))?;
        let page_cache = PageCache::new(&path);
        Ok(Self {
            inner: Arc::new(Inner {
                writer,
                lock,
                env,
                page_cache,
                tables,
                data_files,
                clock,
                zone,
                quota,
                default_rule,
                transfers,
            }),
        })
    }

    /// Returns the data directory.
    pub fn path(&self) -> &Path {
        self.inner.env.path()
    }

    /// Returns the size of the data file in bytes.
    ///
    /// # Errors
    /// [`Error::Store`] if the file cannot be examined.
    pub fn size(&self) -> Result<u64> {
        Ok(self.inner.env.real_disk_size()?)
    }

    /// Checks that the store can be read, and that its files are where they were.
    ///
    /// # Errors
    /// [`Error::DataDirReplaced`] if the data directory was deleted or replaced: reads still work, writes are refused.
    /// [`Error::StoreClosed`] once the store has stopped, see [`Store::stopped`]. [`Error::Busy`] if 1,024 reads are open already.
    /// [`Error::Store`] for any other error of LMDB.
    pub fn health(&self) -> Result<()> {
        self.read(|_, _| Ok(()))?;
        if self.inner.data_files.is_current() {
            Ok(())
        } else {
            Err(Error::DataDirReplaced { path: self.path().to_owned() })
        }
    }

    /// Completes once the store has stopped for good.
    ///
    /// LMDB refuses all reads and writes after it failed to write its own meta page. What was acknowledged before is on disk.
    /// [`Server::serve`](crate::Server::serve) returns then. A program that serves by other means drops all clones of the server and
    /// builds another.
    pub async fn stopped(&self) {
        self.inner.writer.stopped().await;
    }

    /// Subscribes to the changes that this process commits from now on, in commit order.
    pub fn subscribe(&self) -> Events {
        Events::new(self.inner.writer.subscribe())
    }

    /// Returns the current time of the store's clock, in whole seconds since the Unix epoch.
    pub(crate) fn now(&self) -> u64 {
        (self.inner.clock)()
    }

    /// Returns how much an account may store.
    pub(crate) fn quota(&self) -> Quota {
        self.inner.quota
    }

    /// Returns the rule of the current positions of accounts that chose none.
    pub(crate) fn default_rule(&self) -> PositionRule {
        self.inner.default_rule
    }

    /// Returns the time zone that defines a day.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.inner.zone
    }

    /// Notes how far the data file is [W5]. Call it after a change that an older file must not undo unnoticed.
    pub(super) fn note_served_state(&self) {
        let Inner { lock, env, tables, .. } = &*self.inner;
        if lock.is_server()
            && let Ok(state) = env::state_of(env, tables)
        {
            lock.note_served_state(state);
        }
    }

    /// Runs a read transaction.
    pub(super) fn read<T>(&self, work: impl FnOnce(&RoTxn<'_, WithoutTls>, &Tables) -> heed::Result<T>) -> Result<T> {
        let txn = self.inner.env.read_txn()?;
        Ok(work(&txn, &self.inner.tables)?)
    }

    /// Runs a write transaction on the calling thread, and logs its changes of accounts.
    ///
    /// It is for the start, when there are no subscribers yet and the caller may have no runtime.
    pub(super) fn write_at_start(&self, work: impl FnOnce(&mut WriteTxn<'_, '_>) -> Result<()>) -> Result<()> {
        let Inner { env, tables, clock, zone, quota, default_rule, transfers, .. } = &*self.inner;
        let mut txn = env.write_txn()?;
        let mut next_sequence = tables.next_sequence(&txn)?;
        let mut events = Vec::new();
        let mut write = WriteTxn {
            txn: &mut txn,
            tables: *tables,
            next_sequence: &mut next_sequence,
            now: clock(),
            zone,
            default_rule: *default_rule,
            events: &mut events,
            limits: &mut Limits::new(*quota, env.path().to_owned(), transfers.clone()),
            touched: &mut Vec::new(),
        };
        work(&mut write)?;
        txn.commit()?;
        // Clients cannot cause these: none is left out.
        events.iter().for_each(|event| log_change(event, None));
        Ok(())
    }
}

/// Logs what a server's administrator should repair, though the server runs without.
fn warn_of_surroundings(dir: &Path) {
    if let Some(zone) = std::env::var_os("TZ").filter(|_| TimeZone::try_system().is_err()) {
        tracing::warn!(?zone, "TZ names no time zone, days are those of UTC; a name looks like `Europe/Berlin`");
    }
    if data_files::is_world_writable(dir) {
        tracing::warn!(?dir, "all users of this machine may write to the data directory; change that with `chmod o-w`");
    }
}

//! The one thread that commits the write queue in groups.
//!
//! The thread takes the first job and all that queued behind it, runs each, commits once, and only then replies to all of them. So a
//! reply means "on disk", and the more jobs wait, the more each commit carries.
//!
//! A job that fails affects no other. Pushes share the batch's transaction: if one fails, that transaction is dropped, and all of them
//! run again, each in a nested transaction of its own. So do batches with jobs that cannot run twice. Nesting costs every job a
//! twentieth of its time, and pushes only fail where LMDB does, as on a full disk.
//!
//! An LMDB write transaction belongs to the thread that began it; except while the store is opened, only this thread begins any.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use heed::{Env, MdbError, RwTxn, WithoutTls};
use jiff::tz::TimeZone;
use rustix::fs::statvfs;
use rustix::io::Errno;
use tokio::sync::{broadcast, mpsc};

use super::data_files::DataFiles;
use super::env::is_no_space;
use super::event_log::{EventLog, log_failure};
use super::file_transfers::Transfers;
use super::job::{Job, PurgeJob};
use super::large_pages::LargePages;
use super::tables::{META_USAGE_EPOCH, Tables};
use super::transaction::WriteTxn;
use super::usage::{Limits, Quota};
use crate::error::{Error, Result};
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::model::{Event, PositionRule, UserId};

/// Jobs in one commit. It bounds the dirty pages of a transaction.
const MAX_BATCH: usize = 256;
/// Events kept for a slow subscriber.
const EVENT_BACKLOG: usize = 4096;
/// Batches between two sweeps of the reader table. A process that was killed while reading leaves a slot there.
const BATCHES_PER_SWEEP: usize = 1024;
/// Free bytes below which a disk counts as full.
const MIN_FREE_BYTES: u64 = 1 << 20;

/// Returns the time in whole seconds since the Unix epoch.
pub(crate) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Observes each commit: how many jobs it carried, and how long it took.
pub(crate) type OnCommit = Box<dyn Fn(usize, Duration) + Send>;

/// How the jobs of a batch are kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Isolation {
    /// All run in one transaction, which is dropped if one of them fails.
    Shared,
    /// Each runs in a nested transaction of its own. That alone is dropped if it fails.
    Nested,
}

/// What the jobs of a batch share.
struct RunningBatch<'c> {
    tables: Tables,
    next_sequence: u64,
    now: u64,
    zone: &'c TimeZone,
    default_rule: PositionRule,
    events: Vec<Event>,
    limits: &'c mut Limits,
    touched: Vec<UserId>,
}

impl RunningBatch<'_> {
    /// Runs a job. A job that fails leaves its changes in the transaction alone.
    fn run(&mut self, job: &mut dyn Job, txn: &mut RwTxn<'_>) -> std::thread::Result<Result<()>> {
        let (events, touched) = (self.events.len(), self.touched.len());
        let mut write = WriteTxn {
            txn,
            tables: self.tables,
            next_sequence: &mut self.next_sequence,
            now: self.now,
            zone: self.zone,
            default_rule: self.default_rule,
            events: &mut self.events,
            limits: self.limits,
            touched: &mut self.touched,
        };
        let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&mut write)));
        if !matches!(outcome, Ok(Ok(()))) {
            self.events.truncate(events);
            self.forget(touched);
        }
        outcome
    }

    /// Forgets the counts of the accounts that the jobs touched, from one of them on.
    fn forget(&mut self, first: usize) {
        self.touched.drain(first..).for_each(|user| self.limits.usage.forget(user));
    }
}

/// Runs and commits batches of jobs, on the writer thread.
pub(super) struct BatchCommitter {
    env: Env<WithoutTls>,
    tables: Tables,
    data_files: DataFiles,
    clock: Clock,
    zone: TimeZone,
    default_rule: PositionRule,
    pub(super) events: broadcast::Sender<Arc<Event>>,
    event_log: EventLog,
    on_commit: OnCommit,
    limits: Limits,
    is_server: bool,
    last_pushes: Option<LastPushes>,
    large_pages: LargePages,
}

/// What the last commit left, if it was one of pushes. As long as no other process commits, the next one need not look it up.
#[derive(Clone, Copy)]
struct LastPushes {
    transaction: usize,
    epoch: u64,
    next_sequence: u64,
    /// Whether nothing is to be removed, now or later. A push leaves nothing to remove.
    is_all_purged: bool,
}

impl BatchCommitter {
    #[allow(clippy::too_many_arguments, reason = "each is given once, by name, where a store is opened")]
    pub(super) fn new(
        env: Env<WithoutTls>,
        tables: Tables,
        data_files: DataFiles,
        clock: Clock,
        zone: TimeZone,
        default_rule: PositionRule,
        on_commit: OnCommit,
        quota: Quota,
        transfers: Arc<Transfers>,
    ) -> Self {
        let limits = Limits::new(quota, env.path().to_owned(), transfers);
        let events = broadcast::Sender::new(EVENT_BACKLOG);
        let event_log = EventLog::new();
        Self {
            env,
            tables,
            data_files,
            clock,
            zone,
            default_rule,
            events,
            event_log,
            on_commit,
            limits,
            is_server: false,
            last_pushes: None,
            large_pages: LargePages::new(),
        }
    }

    /// Commits queued jobs until the queue is closed and empty, or LMDB refuses all work.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Box<dyn Job>>, is_server: bool) {
        self.is_server = is_server;
        // Only a server resumes a purge at its start: a command may be there just to read.
        let mut is_purging = is_server;
        let mut batch = Vec::new();
        let throttle = LogThrottle::new(LOG_PERIOD);
        for count in 1_usize.. {
            // While a deleted account has data left, the thread purges on instead of waiting for a job.
            if is_purging {
                while batch.len() < MAX_BATCH
                    && let Ok(job) = queue.try_recv()
                {
                    batch.push(job);
                }
                if batch.is_empty() && queue.is_closed() {
                    return;
                }
            } else if queue.blocking_recv_many(&mut batch, MAX_BATCH) == 0 {
                return;
            }
            if !batch.is_empty() {
                let start = Instant::now();
                let committed = self.commit(&mut batch, &throttle);
                (self.on_commit)(batch.len(), start.elapsed());
                is_purging = matches!(committed, Ok(true));
                let committed = committed.map(|_| ());
                for job in batch.drain(..) {
                    job.reply(&committed);
                }
                self.large_pages.after_commit(&self.env);
            }
            // In a commit of its own, so that no push waits for its pages or fails with it.
            if is_purging {
                is_purging = matches!(self.commit(&mut [Box::new(PurgeJob)], &throttle), Ok(true));
            }
            if self.is_env_dead() {
                tracing::error!(
                    "store stopped: LMDB could not write the meta page of data.mdb, and refuses reads and writes from now on"
                );
                return;
            }
            if count % BATCHES_PER_SWEEP == 0
                && let Err(error) = self.env.clear_stale_readers()
            {
                tracing::warn!(%error, "clearing stale readers failed");
            }
        }
    }

    /// Runs a batch and commits it. Returns whether a purge is to go on.
    ///
    /// After a failure it is not, since it would fail again at once. The next write that succeeds resumes it.
    fn commit(&mut self, batch: &mut [Box<dyn Job>], throttle: &LogThrottle<()>) -> Result<bool> {
        self.try_commit(batch, throttle).inspect_err(|error| {
            // They count changes that are not there.
            self.limits.usage.forget_all();
            log_failure(throttle, error);
        })
    }

    fn try_commit(&mut self, batch: &mut [Box<dyn Job>], throttle: &LogThrottle<()>) -> Result<bool> {
        self.check_data_files()?;
        if batch.iter().all(|job| job.is_repeatable())
            && let Some(has_pending_purge) = self.commit_as(batch, Isolation::Shared, throttle)?
        {
            return Ok(has_pending_purge);
        }
        Ok(self.commit_as(batch, Isolation::Nested, throttle)?.unwrap_or(false))
    }

    /// Runs a batch and commits it. Returns whether a purge is to go on, or `None` if nothing was done because a job failed in the
    /// shared transaction.
    fn commit_as(
        &mut self,
        batch: &mut [Box<dyn Job>],
        isolation: Isolation,
        throttle: &LogThrottle<()>,
    ) -> Result<Option<bool>> {
        let mut txn = self.env.write_txn()?;
        let transaction = txn.id();
        // LMDB counts transactions, over all processes.
        let last_pushes = self.last_pushes.take().filter(|last| last.transaction + 1 == transaction);
        let (epoch, next_sequence) = match last_pushes {
            Some(last) => (last.epoch, last.next_sequence),
            None => (self.tables.meta.get(&txn, META_USAGE_EPOCH)?.unwrap_or(0), self.tables.next_sequence(&txn)?),
        };
        self.limits.usage.refresh((epoch, next_sequence));
        let mut running = RunningBatch {
            tables: self.tables,
            next_sequence,
            now: (self.clock)(),
            zone: &self.zone,
            default_rule: self.default_rule,
            events: Vec::with_capacity(batch.len()),
            limits: &mut self.limits,
            touched: Vec::new(),
        };
        let mut has_failed = false;
        for job in batch {
            let outcome = match isolation {
                Isolation::Shared => running.run(&mut **job, &mut txn),
                Isolation::Nested => {
                    let mut child = self.env.nested_write_txn(&mut txn)?;
                    let outcome = running.run(&mut **job, &mut child);
                    // After a panic, as after an error, the child is dropped with all its changes.
                    if matches!(outcome, Ok(Ok(()))) {
                        child.commit()?;
                    }
                    outcome
                }
            };
            match outcome {
                Ok(Ok(())) => {}
                _ if isolation == Isolation::Shared => {
                    running.forget(0);
                    return Ok(None);
                }
                Ok(Err(error)) => {
                    has_failed = true;
                    log_failure(throttle, &error);
                }
                // The panic hook has logged it.
                Err(_) => has_failed = true,
            }
        }
        let RunningBatch { now, events, touched, next_sequence: taken, .. } = running;
        let is_foreign = !touched.is_empty() && !self.is_server;
        let epoch = epoch + u64::from(is_foreign);
        if is_foreign {
            self.tables.meta.put(&mut txn, META_USAGE_EPOCH, &epoch)?;
        }
        // A job that fails may have taken numbers, and a purge may raise the next one. Pushes that succeed write what they take.
        let are_pushes = isolation == Isolation::Shared && taken > next_sequence;
        let next_sequence = if are_pushes { taken } else { self.tables.next_sequence(&txn)? };
        self.limits.usage.leave((epoch, next_sequence));
        let is_all_purged = match last_pushes {
            Some(last) if are_pushes && last.is_all_purged => true,
            _ => self.tables.is_all_purged(&txn)?,
        };
        let has_pending_purge = !is_all_purged && self.tables.has_pending_purge(&txn, now, &self.limits.transfers)?;
        txn.commit().map_err(|error| self.commit_error(error))?;
        // LMDB counts no transaction that wrote nothing: another process may get its number.
        let is_counted = self.env.info().last_txn_id == transaction;
        self.last_pushes =
            (are_pushes && is_counted).then_some(LastPushes { transaction, epoch, next_sequence, is_all_purged });
        // Again: a commit to a file that lost its name meanwhile is not there at the next start.
        self.check_data_files()?;
        for event in events {
            self.event_log.log(&event);
            // An error means that there is no subscriber.
            let _ = self.events.send(Arc::new(event));
        }
        Ok(Some(has_pending_purge && !has_failed))
    }

    fn check_data_files(&self) -> Result<()> {
        if self.data_files.is_current() {
            Ok(())
        } else {
            Err(Error::DataDirReplaced { path: self.env.path().to_owned() })
        }
    }

    /// Converts an error of a commit. LMDB reports a short write as an I/O error, also where the disk is full.
    fn commit_error(&self, error: heed::Error) -> Error {
        let reason = match error {
            heed::Error::Io(reason) if !is_no_space(&reason) => reason,
            other => return other.into(),
        };
        let is_short_write = reason.raw_os_error() == Some(Errno::IO.raw_os_error());
        if is_short_write && self.is_disk_full() { Error::NoSpace } else { Error::DiskWrite(Arc::new(reason)) }
    }

    fn is_disk_full(&self) -> bool {
        statvfs(self.env.path()).is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) < MIN_FREE_BYTES)
    }

    /// Returns whether LMDB refuses all work, as after a failed write of its meta page.
    fn is_env_dead(&self) -> bool {
        matches!(self.env.read_txn(), Err(heed::Error::Mdb(MdbError::Panic)))
    }
}

//! The write queue, and the one thread that commits it in groups.
//!
//! The thread takes the first job and all that queued behind it, runs each in a nested transaction of its own, commits once, and only
//! then replies to all of them. So a reply means "on disk", a job that fails affects no other, and the more jobs wait, the more each
//! commit carries. An LMDB write transaction belongs to the thread that began it; except while the store is opened, only this thread
//! begins any.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use heed::{Env, MdbError, WithoutTls};
use jiff::tz::TimeZone;
use rustix::fs::statvfs;
use rustix::io::Errno;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::data_files::DataFiles;
use super::env::{is_no_space, unexpected};
use super::lock::DirLock;
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::{Error, Result};
use crate::model::Event;

/// Jobs that may wait in the queue. One more fails with [`Error::Busy`].
pub(super) const QUEUE_LEN: usize = 1024;
/// How long closing the store waits for the queued jobs.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Jobs in one commit. It bounds the dirty pages of a transaction.
const MAX_BATCH: usize = 256;
/// Events kept for a slow subscriber.
const EVENT_BACKLOG: usize = 4096;
/// Batches between two sweeps of the reader table, where a process that was killed while reading leaves its slot behind.
const BATCHES_PER_SWEEP: usize = 1024;
/// Free bytes below which a disk counts as full.
const MIN_FREE_BYTES: u64 = 1 << 20;
/// How long a write error suppresses the next ones in the log.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// Returns the time in whole seconds since the Unix epoch.
pub(crate) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Observes each commit: how many jobs it carried, and how long it took.
pub(crate) type OnCommit = Box<dyn Fn(usize, Duration) + Send>;

trait Job: Send {
    /// Does the work. Its changes are dropped if it fails.
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()>;
    /// Replies to the caller, once the outcome of the commit is known.
    fn reply(self: Box<Self>, committed: &Result<()>);
}

struct Task<F, T> {
    work: Option<F>,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<F, T> Job for Task<F, T>
where
    F: FnOnce(&mut WriteTxn<'_, '_>) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()> {
        let Some(work) = self.work.take() else { return Ok(()) };
        let outcome = work(write);
        let result = outcome.as_ref().map(|_| ()).map_err(Error::clone);
        self.outcome = Some(outcome);
        result
    }

    fn reply(self: Box<Self>, committed: &Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)), Err(error)) => Err(error.clone()),
            (Some(outcome), _) => outcome,
            (None, Err(error)) => Err(error.clone()),
            (None, Ok(())) => Err(unexpected("a write panicked; see the log above")),
        };
        // A client that hung up no longer waits; its write was carried out all the same [T10].
        let _ = self.reply.send(outcome);
    }
}

/// The queue of the writer thread.
///
/// Dropping it waits until the queued jobs are done, but only for a limited time: another process may be suspended while it holds
/// the write lock.
pub(super) struct WriteQueue {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    events: broadcast::Sender<Arc<Event>>,
    thread: Option<JoinHandle<()>>,
    /// Disconnected when the thread ends.
    ended: Mutex<std::sync::mpsc::Receiver<()>>,
    close_timeout: Duration,
}

impl WriteQueue {
    /// Starts the writer thread, which holds the directory's lock until it ends.
    pub(super) fn start(
        committer: BatchCommitter,
        queue_len: usize,
        close_timeout: Duration,
        lock: Arc<DirLock>,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(queue_len);
        let events = committer.events.clone();
        let (end, ended) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("kosync-writer".into()).spawn(move || {
            let _end = end;
            // Only a server resumes a purge at its start: a command may be there just to read.
            committer.run(receiver, lock.is_server());
        })?;
        Ok(Self { queue: Some(sender), events, thread: Some(thread), ended: Mutex::new(ended), close_timeout })
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    #[cfg(test)]
    pub(super) fn is_full(&self) -> bool {
        self.queue.as_ref().is_some_and(|queue| queue.capacity() == 0)
    }

    /// Queues a job and waits until it is on disk.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&mut WriteTxn<'_, '_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, outcome) = oneshot::channel();
        let task = Task { work: Some(work), outcome: None, reply };
        let queue = self.queue.as_ref().ok_or(Error::StoreClosed)?;
        queue.try_send(Box::new(task)).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => Error::StoreClosed,
        })?;
        outcome.await.map_err(|_| Error::StoreClosed)?
    }

    /// Queues a job whose outcome nobody waits for. Its failure is in the log only.
    ///
    /// The next job that is acknowledged, and the end of the store, come after it.
    ///
    /// # Errors
    /// [`Error::Busy`] if the queue is full, [`Error::StoreClosed`] once the store has stopped.
    pub(super) fn submit<F>(&self, work: F) -> Result<()>
    where
        F: FnOnce(&mut WriteTxn<'_, '_>) -> Result<()> + Send + 'static,
    {
        let task = Task { work: Some(work), outcome: None, reply: oneshot::channel().0 };
        let queue = self.queue.as_ref().ok_or(Error::StoreClosed)?;
        queue.try_send(Box::new(task)).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => Error::StoreClosed,
        })
    }

    /// Completes when the thread has ended, which it does by itself once LMDB refuses all work.
    pub(super) async fn stopped(&self) {
        if let Some(queue) = &self.queue {
            queue.closed().await;
        }
    }
}

impl Drop for WriteQueue {
    fn drop(&mut self) {
        self.queue = None;
        let ended = self.ended.get_mut().unwrap_or_else(PoisonError::into_inner);
        if ended.recv_timeout(self.close_timeout) == Err(RecvTimeoutError::Timeout) {
            tracing::error!(
                "store closed with writes pending: another process holds the write lock, or the disk is slow; writes without a reply \
                 may be lost"
            );
        } else if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("writer thread panicked");
        }
    }
}

/// Runs and commits batches of jobs, on the writer thread.
pub(super) struct BatchCommitter {
    env: Env<WithoutTls>,
    tables: Tables,
    data_files: DataFiles,
    clock: Clock,
    zone: TimeZone,
    events: broadcast::Sender<Arc<Event>>,
    on_commit: OnCommit,
}

impl BatchCommitter {
    pub(super) fn new(
        env: Env<WithoutTls>,
        tables: Tables,
        data_files: DataFiles,
        clock: Clock,
        zone: TimeZone,
        on_commit: OnCommit,
    ) -> Self {
        Self { env, tables, data_files, clock, zone, events: broadcast::Sender::new(EVENT_BACKLOG), on_commit }
    }

    fn run(self, mut queue: mpsc::Receiver<Box<dyn Job>>, mut is_purging: bool) {
        let mut batch = Vec::new();
        let mut throttle = LogThrottle::default();
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
                let committed = self.commit(&mut batch, &mut throttle);
                (self.on_commit)(batch.len(), start.elapsed());
                is_purging = matches!(committed, Ok(true));
                let committed = committed.map(|_| ());
                for job in batch.drain(..) {
                    job.reply(&committed);
                }
            }
            // In a commit of its own, so that no push waits for its pages or fails with it.
            if is_purging {
                is_purging = matches!(self.commit(&mut [Box::new(PurgeJob)], &mut throttle), Ok(true));
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
    fn commit(&self, batch: &mut [Box<dyn Job>], throttle: &mut LogThrottle) -> Result<bool> {
        self.try_commit(batch, throttle).inspect_err(|error| throttle.log(error))
    }

    fn try_commit(&self, batch: &mut [Box<dyn Job>], throttle: &mut LogThrottle) -> Result<bool> {
        self.check_data_files()?;
        let mut txn = self.env.write_txn()?;
        let mut next_sequence = self.tables.next_sequence(&txn)?;
        let now = (self.clock)();
        let (mut events, mut has_failed) = (Vec::new(), false);
        for job in batch {
            let mut child = self.env.nested_write_txn(&mut txn)?;
            let mut write = WriteTxn {
                txn: &mut child,
                tables: self.tables,
                next_sequence: &mut next_sequence,
                now,
                zone: &self.zone,
                events: Vec::new(),
            };
            // After a panic, as after an error, the child is dropped with all its changes.
            let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&mut write)));
            let job_events = write.events;
            match outcome {
                Ok(Ok(())) => {
                    child.commit()?;
                    events.extend(job_events);
                }
                Ok(Err(error)) => {
                    has_failed = true;
                    throttle.log(&error);
                }
                // The panic hook has logged it.
                Err(_) => has_failed = true,
            }
        }
        let has_pending_purge = self.tables.pending_purge.all(&txn)?.next().is_some();
        txn.commit().map_err(|error| self.commit_error(error))?;
        // Again: a commit to a file that lost its name meanwhile is not there at the next start.
        self.check_data_files()?;
        for event in events {
            log_event(&event);
            // An error means that there is no subscriber.
            let _ = self.events.send(Arc::new(event));
        }
        Ok(has_pending_purge && !has_failed)
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

    /// Returns whether LMDB refuses all work, which it does once it could not write its meta page.
    fn is_env_dead(&self) -> bool {
        matches!(self.env.read_txn(), Err(heed::Error::Mdb(MdbError::Panic)))
    }
}

/// Logs a committed change of an account.
///
/// Names and ids come from clients: they are logged as strings, which are quoted and escaped, so that none can forge a log line.
fn log_event(event: &Event) {
    match event {
        Event::UserCreated { user } => tracing::info!(user = user.as_str(), "account created"),
        Event::KeyChanged { user } => tracing::info!(user = user.as_str(), "password changed"),
        Event::ActiveChanged { user, active: true } => tracing::info!(user = user.as_str(), "account enabled"),
        Event::ActiveChanged { user, active: false } => tracing::info!(user = user.as_str(), "account disabled"),
        Event::UserDeleted { user } => tracing::info!(user = user.as_str(), "account deleted"),
        Event::RegistrationChanged { open: true } => tracing::info!("registration opened"),
        Event::RegistrationChanged { open: false } => tracing::info!("registration closed"),
        Event::DocumentDeleted { user, document } => {
            tracing::info!(user = user.as_str(), document = document.as_str(), "document deleted")
        }
        // Each request is logged at debug level already.
        Event::Pushed { .. } | Event::DocumentRenamed { .. } => {}
    }
}

/// Removes the next part of what deleted accounts left behind.
struct PurgeJob;

impl Job for PurgeJob {
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()> {
        write.purge_batch()
    }

    fn reply(self: Box<Self>, _: &Result<()>) {}
}

/// Logs write errors, at most one per [`LOG_INTERVAL`].
#[derive(Default)]
struct LogThrottle {
    last: Option<Instant>,
}

impl LogThrottle {
    fn log(&mut self, error: &Error) {
        if self.last.is_none_or(|last| last.elapsed() >= LOG_INTERVAL) {
            self.last = Some(Instant::now());
            tracing::error!(%error, "write failed, rolled back; repeats suppressed for 60 s");
        }
    }
}

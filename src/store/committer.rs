//! The one thread that writes.
//!
//! It takes the first job and all that have queued behind it, runs each in a nested transaction of its own, commits once, and
//! only then answers them all. So every answer means "on disk", a job that fails hurts no other, and the more wait, the more
//! a commit carries. An LMDB write transaction belongs to the thread that began it, and no other thread has one but while the store is
//! opened.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use heed::{Env, MdbError, WithoutTls};
use jiff::tz::TimeZone;
use nix::sys::statvfs::statvfs;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::data_files::{DataFiles, DirLock};
use super::env::{Clock, OnCommit};
use super::progress::WriteTxn;
use super::records::Tables;
use crate::error::{Error, Result};
use crate::model::Event;

/// Jobs that may wait. One more is [`Error::Busy`].
pub(super) const QUEUE_LEN: usize = 1024;
/// How long the queue may take to run empty at the end.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);
/// Jobs in one commit. It bounds how many pages one transaction makes dirty.
const MAX_BATCH: usize = 256;
/// Events that a slow subscriber may lag behind.
const EVENT_BACKLOG: usize = 4096;
/// A process that was killed while it read leaves its slot in the reader table behind; once in so many batches such are cleared.
const BATCHES_PER_SWEEP: usize = 1024;

/// With fewer bytes than this, a disk counts as full.
const MIN_FREE_BYTES: u64 = 1 << 20;

trait Job: Send {
    /// Does the work. Its changes stay unless it fails.
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()>;
    /// Answers whoever waits, once it is known whether the batch is on disk.
    fn answer(self: Box<Self>, committed: &Result<()>);
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

    fn answer(self: Box<Self>, committed: &Result<()>) {
        let outcome = match (self.outcome, committed) {
            (Some(Ok(_)), Err(error)) => Err(error.clone()),
            (Some(outcome), _) => outcome,
            (None, Err(error)) => Err(error.clone()),
            (None, Ok(())) => Err(super::unexpected("a write ended in a panic; see the log above")),
        };
        // A client that hung up no longer waits; what it asked for is done all the same.
        let _ = self.reply.send(outcome);
    }
}

/// The handle on the thread. Dropping it lets the queue run empty and waits for that, but not for ever: another process may have
/// been stopped while it had the lock for writing.
pub(super) struct WriteQueue {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    events: broadcast::Sender<Arc<Event>>,
    thread: Option<JoinHandle<()>>,
    /// Hung up when the thread ends.
    ended: Mutex<std::sync::mpsc::Receiver<()>>,
    timeout: Duration,
}

impl WriteQueue {
    /// The folder is held for as long as the thread works.
    pub(super) fn start(
        batches: BatchCommitter,
        queue: usize,
        timeout: Duration,
        lock: Arc<DirLock>,
    ) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(queue);
        let events = batches.events.clone();
        let (ends, ended) = std::sync::mpsc::channel();
        let thread = std::thread::Builder::new().name("kosync-writer".into()).spawn(move || {
            let _ends = ends;
            // What pending_purge accounts have left behind is the server's to remove: a command may be there to read only.
            batches.run(receiver, lock.serves());
        })?;
        Ok(Self { queue: Some(sender), events, thread: Some(thread), ended: Mutex::new(ended), timeout })
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
        let (reply, answer) = oneshot::channel();
        let task = Task { work: Some(work), outcome: None, reply };
        let queue = self.queue.as_ref().ok_or(Error::StoreClosed)?;
        queue.try_send(Box::new(task)).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => Error::StoreClosed,
        })?;
        answer.await.map_err(|_| Error::StoreClosed)?
    }

    /// Completes when the thread has ended, which it does by itself once LMDB has given up.
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
        if ended.recv_timeout(self.timeout) == Err(RecvTimeoutError::Timeout) {
            tracing::error!(
                "the store is closed while writes wait: another process keeps the lock, or the disk is slow; what was not answered \
                 may not be stored"
            );
        } else if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the writer thread ended in a panic");
        }
    }
}

/// What the thread works with.
pub(super) struct BatchCommitter {
    env: Env<WithoutTls>,
    tables: Tables,
    place: DataFiles,
    clock: Clock,
    zone: TimeZone,
    events: broadcast::Sender<Arc<Event>>,
    on_commit: OnCommit,
}

impl BatchCommitter {
    pub(super) fn new(
        env: Env<WithoutTls>,
        tables: Tables,
        place: DataFiles,
        clock: Clock,
        zone: TimeZone,
        on_commit: OnCommit,
    ) -> Self {
        Self { env, tables, place, clock, zone, events: broadcast::Sender::new(EVENT_BACKLOG), on_commit }
    }

    fn run(self, mut queue: mpsc::Receiver<Box<dyn Job>>, mut removing: bool) {
        let mut batch = Vec::new();
        let mut throttle = LogThrottle::default();
        // While a pending_purge account's data is still to be removed, the thread goes on instead of waiting for a job.
        for count in 1_usize.. {
            if removing {
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
                let committed = self.write(&mut batch, &mut throttle);
                (self.on_commit)(batch.len(), start.elapsed());
                removing = matches!(committed, Ok(true));
                let committed = committed.map(|_| ());
                for job in batch.drain(..) {
                    job.answer(&committed);
                }
            }
            // In a commit of its own: nobody's push waits for its pages, or fails with it.
            if removing {
                removing = matches!(self.write(&mut [Box::new(PurgeJob)], &mut throttle), Ok(true));
            }
            if self.is_env_dead() {
                tracing::error!(
                    "the store stops: LMDB could not write the head of data.mdb, and neither reads nor writes from then on"
                );
                return;
            }
            if count % BATCHES_PER_SWEEP == 0
                && let Err(error) = self.env.clear_stale_readers()
            {
                tracing::warn!(%error, "stale readers could not be cleared");
            }
        }
    }

    /// Runs a batch and commits it. Says whether to go on removing what pending_purge accounts have left behind: not after a failure,
    /// which would only come again at once. The next write that goes well says so again.
    fn write(&self, batch: &mut [Box<dyn Job>], throttle: &mut LogThrottle) -> Result<bool> {
        let written = self.try_write(batch, throttle);
        written.inspect_err(|error| throttle.about(error))
    }

    fn try_write(&self, batch: &mut [Box<dyn Job>], throttle: &mut LogThrottle) -> Result<bool> {
        self.check_data_files()?;
        let mut txn = self.env.write_txn()?;
        let mut next_sequence = self.tables.next_sequence(&txn)?;
        let now = (self.clock)();
        let (mut events, mut failed) = (Vec::new(), false);
        for job in batch {
            let mut child = self.env.nested_write_txn(&mut txn)?;
            let (tables, told) = (self.tables, Vec::new());
            let mut write = WriteTxn {
                txn: &mut child,
                tables,
                next_sequence: &mut next_sequence,
                now,
                zone: &self.zone,
                events: told,
            };
            // After a panic the child is dropped with all it did, like after an error.
            let outcome = catch_unwind(AssertUnwindSafe(|| job.run(&mut write)));
            let told = write.events;
            match outcome {
                Ok(Ok(())) => {
                    child.commit()?;
                    events.extend(told);
                }
                Ok(Err(error)) => {
                    failed = true;
                    throttle.about(&error);
                }
                // Its message is in the log already.
                Err(_) => failed = true,
            }
        }
        let left_behind = self.tables.pending_purge.all(&txn)?.next().is_some();
        txn.commit().map_err(|error| self.commit_failed(error))?;
        // What went to a file without a name is on no disk that anybody starts from.
        self.check_data_files()?;
        for event in events {
            log(&event);
            // Nobody may be listening.
            let _ = self.events.send(Arc::new(event));
        }
        Ok(left_behind && !failed)
    }

    fn check_data_files(&self) -> Result<()> {
        if self.place.is_current() { Ok(()) } else { Err(Error::DataDirReplaced { path: self.env.path().to_owned() }) }
    }

    /// LMDB takes a write that was cut short for a fault of the disk, which it is where the disk is full.
    fn commit_failed(&self, error: heed::Error) -> Error {
        let reason = match error {
            heed::Error::Io(reason) if !super::means_full(&reason) => reason,
            other => return other.into(),
        };
        let short = reason.raw_os_error() == Some(nix::libc::EIO);
        let full = || {
            statvfs(self.env.path()).is_ok_and(|disk| disk.blocks_available() * disk.fragment_size() < MIN_FREE_BYTES)
        };
        if short && full() { Error::NoSpace } else { Error::DiskWrite(Arc::new(reason)) }
    }

    /// LMDB gives up when it cannot write its own head: it then refuses all that it is asked.
    fn is_env_dead(&self) -> bool {
        matches!(self.env.read_txn(), Err(heed::Error::Mdb(MdbError::Panic)))
    }
}

/// What happens to accounts is told to the log, whoever did it. Names and ids come from outside: as plain text they could lock a
/// whole line of their own, so they are given as strings, which the log quotes and escapes.
fn log(event: &Event) {
    match event {
        Event::UserCreated { user } => tracing::info!(user = user.as_str(), "account made"),
        Event::KeyChanged { user } => tracing::info!(user = user.as_str(), "password changed"),
        Event::ActiveChanged { user, active: true } => tracing::info!(user = user.as_str(), "account switched on"),
        Event::ActiveChanged { user, active: false } => tracing::info!(user = user.as_str(), "account switched off"),
        Event::UserDeleted { user } => tracing::info!(user = user.as_str(), "account pending_purge"),
        Event::RegistrationChanged { open: true } => tracing::info!("registration opened"),
        Event::RegistrationChanged { open: false } => tracing::info!("registration closed"),
        Event::DocumentDeleted { user, document } => {
            tracing::info!(user = user.as_str(), document = document.as_str(), "document pending_purge")
        }
        // Each request has a line of its own, at debug.
        Event::Pushed { .. } | Event::DocumentRenamed { .. } => {}
    }
}

/// What pending_purge accounts have left behind, removed slice by slice.
struct PurgeJob;

impl Job for PurgeJob {
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()> {
        write.purge_some()
    }

    fn answer(self: Box<Self>, _: &Result<()>) {}
}

/// Says in the log what keeps failing, once a minute.
#[derive(Default)]
struct LogThrottle {
    last: Option<Instant>,
}

impl LogThrottle {
    fn about(&mut self, error: &Error) {
        if self.last.is_none_or(|last| last.elapsed() >= Duration::from_secs(60)) {
            self.last = Some(Instant::now());
            tracing::error!(%error, "a write failed, and nothing of it was stored; others of the next minute are not told");
        }
    }
}

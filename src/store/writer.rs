//! The one thread that writes.
//!
//! It takes the first job and all that have queued behind it, runs each in a nested transaction of its own, commits once, and
//! only then answers them all. So every answer means "on disk", a job that fails hurts no other, and the more wait, the more
//! a commit carries. An LMDB write transaction belongs to the thread that began it; here no other thread ever has one.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use heed::{Env, WithoutTls};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::Clock;
use super::codec::Tables;
use super::write::Write;
use crate::error::{Error, Result};
use crate::model::Event;

/// Jobs that may wait. One more is [`Error::Busy`].
pub(super) const QUEUE: usize = 1024;
/// Jobs in one commit. It bounds how many pages one transaction makes dirty.
const BATCH: usize = 256;
/// Events that a slow subscriber may lag behind.
const EVENTS: usize = 4096;
/// A process that was killed while it read leaves its slot in the reader table behind; once in so many batches such are cleared.
const BATCHES_PER_SWEEP: usize = 1024;

trait Job: Send {
    /// Does the work, and says whether its changes are to stay.
    fn run(&mut self, write: &mut Write<'_, '_>) -> bool;
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
    F: FnOnce(&mut Write<'_, '_>) -> Result<T> + Send,
    T: Send,
{
    fn run(&mut self, write: &mut Write<'_, '_>) -> bool {
        let outcome = self.work.take().map(|work| work(write));
        let stays = matches!(outcome, Some(Ok(_)));
        self.outcome = outcome;
        stays
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

/// The handle on the thread. Dropping it lets the queue run empty and waits for that.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    events: broadcast::Sender<Arc<Event>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(env: Env<WithoutTls>, tables: Tables, clock: Clock, queue: usize) -> std::io::Result<Self> {
        let (sender, receiver) = mpsc::channel(queue);
        let events = broadcast::Sender::new(EVENTS);
        let batches = Batches { env, tables, clock, events: events.clone() };
        let thread = std::thread::Builder::new().name("kosync-writer".into()).spawn(move || batches.run(receiver))?;
        Ok(Self { queue: Some(sender), events, thread: Some(thread) })
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
        F: FnOnce(&mut Write<'_, '_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Task { work: Some(work), outcome: None, reply };
        let queue = self.queue.as_ref().ok_or(Error::Stopped)?;
        queue.try_send(Box::new(task)).map_err(|refused| match refused {
            TrySendError::Full(_) => Error::Busy,
            TrySendError::Closed(_) => Error::Stopped,
        })?;
        answer.await.map_err(|_| Error::Stopped)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the writer thread ended in a panic");
        }
    }
}

struct Batches {
    env: Env<WithoutTls>,
    tables: Tables,
    clock: Clock,
    events: broadcast::Sender<Arc<Event>>,
}

impl Batches {
    fn run(self, mut queue: mpsc::Receiver<Box<dyn Job>>) {
        let mut batch = Vec::new();
        // Whether a deleted account's data is still to be removed: then the thread goes on instead of waiting for a job.
        let mut removing = true;
        for count in 1_usize.. {
            if removing {
                while batch.len() < BATCH
                    && let Ok(job) = queue.try_recv()
                {
                    batch.push(job);
                }
                if batch.is_empty() && queue.is_closed() {
                    return;
                }
            } else if queue.blocking_recv_many(&mut batch, BATCH) == 0 {
                return;
            }
            let committed = self.write(&mut batch);
            if let Err(error) = &committed {
                tracing::error!(%error, jobs = batch.len(), "a commit failed; nothing of it was stored");
            }
            removing = matches!(committed, Ok(true));
            let committed = committed.map(|_| ());
            for job in batch.drain(..) {
                job.answer(&committed);
            }
            if count % BATCHES_PER_SWEEP == 0
                && let Err(error) = self.env.clear_stale_readers()
            {
                tracing::warn!(%error, "stale readers could not be cleared");
            }
        }
    }

    /// Runs a batch and commits it. Says whether there is more to remove of deleted accounts.
    fn write(&self, batch: &mut [Box<dyn Job>]) -> Result<bool> {
        let mut txn = self.env.write_txn()?;
        let mut next_sequence = self.tables.next_sequence(&txn)?;
        let now = (self.clock)();
        let mut events = Vec::new();
        let mut in_child = |work: &mut dyn FnMut(&mut Write<'_, '_>) -> bool| -> Result<()> {
            let mut child = self.env.nested_write_txn(&mut txn)?;
            let mut write = Write {
                txn: &mut child,
                tables: self.tables,
                next_sequence: &mut next_sequence,
                now,
                events: Vec::new(),
            };
            // After a panic the child is dropped with all it did, like after an error.
            let stays = catch_unwind(AssertUnwindSafe(|| work(&mut write))).unwrap_or(false);
            let told = write.events;
            if stays {
                child.commit()?;
                events.extend(told);
            }
            Ok(())
        };
        for job in batch.iter_mut() {
            in_child(&mut |write| job.run(write))?;
        }
        let mut more = false;
        in_child(&mut |write| match write.remove_some() {
            Ok(left) => {
                more = left;
                true
            }
            Err(error) => {
                tracing::warn!(%error, "what a deleted account left behind could not be removed yet");
                false
            }
        })?;
        txn.commit()?;
        for event in events {
            // Nobody may be listening.
            let _ = self.events.send(Arc::new(event));
        }
        Ok(more)
    }
}

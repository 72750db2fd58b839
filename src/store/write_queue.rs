//! The queue of jobs for the writer thread.

use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{broadcast, mpsc, oneshot};

use super::committer::BatchCommitter;
use super::job::{Job, Once, Repeatable, Task, Work};
use super::lock::DirLock;
use super::transaction::WriteTxn;
use crate::error::{Error, Result};
use crate::model::Event;

/// Jobs that may wait in the queue. One more fails with [`Error::Busy`].
pub(super) const QUEUE_LEN: usize = 1024;
/// How long closing the store waits for the queued jobs.
pub(super) const CLOSE_TIMEOUT: Duration = Duration::from_secs(10);

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
            committer.run(receiver, lock.is_server());
        })?;
        Ok(Self { queue: Some(sender), events, thread: Some(thread), ended: Mutex::new(ended), close_timeout })
    }

    pub(super) fn subscribe(&self) -> broadcast::Receiver<Arc<Event>> {
        self.events.subscribe()
    }

    /// Returns how many jobs wait.
    pub(super) fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
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
        self.queue(Once(Some(work)))?.await.map_err(|_| Error::StoreClosed)?
    }

    /// Like [`WriteQueue::run`], but blocks the thread, which must not be one of the runtime's.
    pub(super) fn run_blocking<T, F>(&self, work: F) -> Result<T>
    where
        F: FnOnce(&mut WriteTxn<'_, '_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.queue(Once(Some(work)))?.blocking_recv().map_err(|_| Error::StoreClosed)?
    }

    /// Queues a job that may run twice, and waits until it is on disk. It costs less than [`WriteQueue::run`].
    pub(super) async fn run_repeatable<T, F>(&self, work: F) -> Result<T>
    where
        F: FnMut(&mut WriteTxn<'_, '_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        self.queue(Repeatable(work))?.await.map_err(|_| Error::StoreClosed)?
    }

    /// Queues a job without waiting for its outcome. Its failure is in the log only.
    ///
    /// The next job that is acknowledged, and the end of the store, come after it.
    ///
    /// # Errors
    /// [`Error::Busy`] if the queue is full, [`Error::StoreClosed`] once the store has stopped.
    pub(super) fn submit<F>(&self, work: F) -> Result<()>
    where
        F: FnOnce(&mut WriteTxn<'_, '_>) -> Result<()> + Send + 'static,
    {
        self.queue(Once(Some(work))).map(drop)
    }

    fn queue<T: Send + 'static>(&self, work: impl Work<T> + 'static) -> Result<oneshot::Receiver<Result<T>>> {
        let (task, outcome) = Task::new(work);
        let queue = self.queue.as_ref().ok_or(Error::StoreClosed)?;
        queue.try_send(Box::new(task)).map_err(refusal)?;
        Ok(outcome)
    }

    /// Completes when the thread has ended. It ends by itself once LMDB refuses all work.
    pub(super) async fn stopped(&self) {
        if let Some(queue) = &self.queue {
            queue.closed().await;
        }
    }
}

fn refusal<T>(refused: TrySendError<T>) -> Error {
    match refused {
        TrySendError::Full(_) => Error::Busy,
        TrySendError::Closed(_) => Error::StoreClosed,
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

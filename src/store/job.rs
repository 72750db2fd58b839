//! Jobs: writes that wait in the queue, and what becomes of their outcomes.

use tokio::sync::oneshot;

use super::env::unexpected;
use super::transaction::WriteTxn;
use crate::error::{Error, Result};

/// A write that waits in the queue.
pub(super) trait Job: Send {
    /// Does the work. Its changes are dropped if it fails.
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()>;
    /// Returns whether the work can be done again after its changes were dropped.
    fn is_repeatable(&self) -> bool;
    /// Replies to the caller, once the outcome of the commit is known.
    fn reply(self: Box<Self>, committed: &Result<()>);
}

/// Work of a job, which it may take with it.
pub(super) struct Once<F>(pub(super) Option<F>);

/// Work of a job that can be done again.
pub(super) struct Repeatable<F>(pub(super) F);

/// What a [`Task`] does.
pub(super) trait Work<T>: Send {
    const IS_REPEATABLE: bool;

    /// Does the work; `None` if it was done and cannot be done again.
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Option<Result<T>>;
}

impl<F: FnOnce(&mut WriteTxn<'_, '_>) -> Result<T> + Send, T> Work<T> for Once<F> {
    const IS_REPEATABLE: bool = false;

    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Option<Result<T>> {
        self.0.take().map(|work| work(write))
    }
}

impl<F: FnMut(&mut WriteTxn<'_, '_>) -> Result<T> + Send, T> Work<T> for Repeatable<F> {
    const IS_REPEATABLE: bool = true;

    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Option<Result<T>> {
        Some((self.0)(write))
    }
}

/// A job whose caller waits for its outcome.
pub(super) struct Task<W, T> {
    work: W,
    outcome: Option<Result<T>>,
    reply: oneshot::Sender<Result<T>>,
}

impl<W, T> Task<W, T> {
    /// Returns a job, and where its outcome arrives.
    pub(super) fn new(work: W) -> (Self, oneshot::Receiver<Result<T>>) {
        let (reply, outcome) = oneshot::channel();
        (Self { work, outcome: None, reply }, outcome)
    }
}

impl<W: Work<T>, T: Send> Job for Task<W, T> {
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()> {
        // An outcome of a transaction that was dropped must not be taken for this one's, should the work panic.
        self.outcome = None;
        let Some(outcome) = self.work.run(write) else { return Ok(()) };
        let result = outcome.as_ref().map(|_| ()).map_err(Error::clone);
        self.outcome = Some(outcome);
        result
    }

    fn is_repeatable(&self) -> bool {
        W::IS_REPEATABLE
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

/// Removes the next part of what deleted accounts left behind.
pub(super) struct PurgeJob;

impl Job for PurgeJob {
    fn run(&mut self, write: &mut WriteTxn<'_, '_>) -> Result<()> {
        write.purge_batch()
    }

    fn is_repeatable(&self) -> bool {
        false
    }

    fn reply(self: Box<Self>, _: &Result<()>) {}
}

//! Subscriptions to committed changes.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use crate::model::Event;

type Received = Result<Arc<Event>, RecvError>;
type Receive = dyn Future<Output = (Received, Receiver<Arc<Event>>)> + Send + Sync;

/// A stream of committed changes, in commit order. [`Store::subscribe`](super::Store::subscribe) returns one.
///
/// It ends once the store is closed. A subscriber that falls more than 4,096 changes behind gets [`Lagged`] once, and then the changes
/// after the gap.
///
/// ```
/// use futures_core::Stream;
/// use kosync::{Event, store::{Events, Lagged}};
///
/// async fn print_pushes(mut events: Events) -> Result<(), Lagged> {
///     while let Some(event) = events.next().await {
///         if let Event::Pushed { user, document, progress, .. } = &*event? {
///             println!("{user} is at {} of {document}", progress.percentage);
///         }
///     }
///     Ok(())
/// }
///
/// // With the extensions of `futures` or `tokio-stream`: `kosync.subscribe().take(10).collect::<Vec<_>>().await`.
/// fn is_a_stream(_: impl Stream<Item = Result<std::sync::Arc<Event>, Lagged>>) {}
/// # let dir = tempfile::tempdir().unwrap();
/// # let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
/// is_a_stream(kosync.subscribe());
/// # Ok::<(), kosync::Error>(())
/// ```
pub struct Events {
    // Owns the receiver and gives it back. It is kept between polls, so it stays registered for the next change's wake-up.
    receive: Pin<Box<Receive>>,
}

async fn receive(mut receiver: Receiver<Arc<Event>>) -> (Received, Receiver<Arc<Event>>) {
    let received = receiver.recv().await;
    (received, receiver)
}

impl Events {
    pub(super) fn new(receiver: Receiver<Arc<Event>>) -> Self {
        Self { receive: Box::pin(receive(receiver)) }
    }

    /// Waits for the next change. Returns `None` once the store is closed.
    ///
    /// Dropping the returned future loses no change.
    ///
    /// # Errors
    /// [`Lagged`] if this subscriber fell more than 4,096 changes behind. The next call goes on after the gap.
    pub async fn next(&mut self) -> Option<Result<Arc<Event>, Lagged>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl Stream for Events {
    type Item = Result<Arc<Event>, Lagged>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let (received, receiver) = ready!(self.receive.as_mut().poll(context));
        self.receive = Box::pin(receive(receiver));
        Poll::Ready(match received {
            Ok(event) => Some(Ok(event)),
            Err(RecvError::Lagged(missed)) => Some(Err(Lagged { missed })),
            Err(RecvError::Closed) => None,
        })
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}

/// A subscriber fell behind and missed changes. They are in the store all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("subscriber too slow: {missed} changes missed")]
#[non_exhaustive]
pub struct Lagged {
    /// Number of changes that were missed.
    pub missed: u64,
}

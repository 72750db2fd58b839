//! Committed changes, for whoever listens.

use std::sync::Arc;

use tokio::sync::broadcast;

use crate::model::Event;

/// A stream of committed changes; [`Store::subscribe`](super::Store::subscribe) gives one.
#[derive(Debug)]
pub struct Events {
    receiver: broadcast::Receiver<Arc<Event>>,
}

impl Events {
    pub(super) fn new(receiver: broadcast::Receiver<Arc<Event>>) -> Self {
        Self { receiver }
    }

    /// The next change, or `None` once the store is closed.
    ///
    /// # Errors
    /// [`Lagged`] if more changes came than are kept for a slow subscriber (4,096). The next call goes on behind the gap.
    pub async fn next(&mut self) -> Result<Option<Arc<Event>>, Lagged> {
        match self.receiver.recv().await {
            Ok(event) => Ok(Some(event)),
            Err(broadcast::error::RecvError::Closed) => Ok(None),
            Err(broadcast::error::RecvError::Lagged(missed)) => Err(Lagged { missed }),
        }
    }
}

/// A subscriber was too slow. What it missed is in the store all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too slow: {missed} changes were missed")]
pub struct Lagged {
    /// How many changes were left out.
    pub missed: u64,
}

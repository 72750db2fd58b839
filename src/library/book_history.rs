//! The history of joined documents as one, newest first, read slice by slice.

use std::iter::Peekable;

use super::scan::ScanLimiter;
use crate::error::Result;
use crate::model::{Document, UserId};
use crate::store::{HistoryEntry, JoinedBook, SliceLimit, Store};

/// What is left to read of a book's history: the sequence numbers, the newest first.
///
/// A book has up to 16 documents with up to 600 positions each, of which the numbers take 77 KiB.
pub(crate) struct BookHistory {
    left: Peekable<std::vec::IntoIter<u64>>,
}

impl BookHistory {
    /// Finds the positions of all documents of a book.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: UserId, book: &JoinedBook) -> Result<Self> {
        let mut sequences = Vec::new();
        for joined in book.documents.iter().filter(|joined| !joined.is_awaited) {
            sequences.extend(limiter.slice(user, || store.history_sequences(user, &joined.document)).await?);
        }
        sequences.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Self { left: sequences.into_iter().peekable() })
    }

    /// Drops the positions whose sequence numbers are not such.
    pub(crate) fn retain(&mut self, is_such: impl Fn(u64) -> bool) {
        let left: Vec<u64> = self.left.by_ref().filter(|sequence| is_such(*sequence)).collect();
        self.left = left.into_iter().peekable();
    }

    /// Returns whether all positions have been read.
    pub(crate) fn is_at_end(&mut self) -> bool {
        self.left.peek().is_none()
    }

    /// Reads the next positions, each with its document; `None` at the end. Those that were thinned away meanwhile are left out.
    pub(crate) async fn next(
        &mut self,
        store: &Store,
        limiter: &ScanLimiter,
        user: UserId,
        limit: SliceLimit,
    ) -> Result<Option<Vec<(Document, HistoryEntry)>>> {
        if self.is_at_end() {
            return Ok(None);
        }
        limiter.slice(user, || store.history_at(user, &mut self.left, limit)).await.map(Some)
    }
}

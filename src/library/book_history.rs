//! The history of joined documents as one, newest first, read slice by slice.

use std::fmt;
use std::iter::Peekable;
use std::str::FromStr;

use super::scan::ScanLimiter;
use crate::error::Result;
use crate::model::{Document, UserId};
use crate::store::{HistoryEntry, JoinedBook, SliceLimit, Store};

/// Where a list of positions goes on: behind the one with this sequence number.
///
/// In joined documents its time goes before it, since an import numbers the histories of a book one after the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HistoryCursor {
    /// In whole seconds since the Unix epoch.
    pub(crate) timestamp: Option<u64>,
    pub(crate) sequence: u64,
}

impl fmt::Display for HistoryCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp {
            Some(timestamp) => write!(f, "{timestamp}-{}", self.sequence),
            None => write!(f, "{}", self.sequence),
        }
    }
}

impl FromStr for HistoryCursor {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (timestamp, sequence) = text.split_once('-').map_or((None, text), |(time, rest)| (Some(time), rest));
        Ok(Self { timestamp: timestamp.map(str::parse).transpose()?, sequence: sequence.parse()? })
    }
}

/// What is left to read of a book's history, the newest first.
///
/// A book has up to 16 documents with up to 600 positions each. Their times and sequence numbers take 154 KiB.
pub(crate) struct BookHistory {
    left: Peekable<std::vec::IntoIter<(u64, u64)>>,
}

impl BookHistory {
    /// Finds the positions of all documents of a book.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: UserId, book: &JoinedBook) -> Result<Self> {
        let mut times = Vec::new();
        for joined in book.documents.iter().filter(|joined| !joined.is_awaited) {
            times.extend(limiter.slice(user, || store.history_times(user, &joined.document)).await?);
        }
        times.sort_unstable_by(|one, other| other.cmp(one));
        Ok(Self { left: times.into_iter().peekable() })
    }

    /// Drops the positions whose sequence numbers are not such.
    pub(crate) fn retain(&mut self, is_such: impl Fn(u64) -> bool) {
        self.retain_times(|(_, sequence)| is_such(sequence));
    }

    /// Drops the positions before a cursor.
    pub(crate) fn go_to(&mut self, HistoryCursor { timestamp, sequence }: HistoryCursor) {
        self.retain_times(|(time, number)| match timestamp {
            Some(timestamp) => (time, number) < (timestamp, sequence),
            None => number < sequence,
        });
    }

    fn retain_times(&mut self, is_such: impl Fn((u64, u64)) -> bool) {
        let left: Vec<_> = self.left.by_ref().filter(|time| is_such(*time)).collect();
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
        let mut sequences = self.left.by_ref().map(|(_, sequence)| sequence);
        limiter.slice(user, || store.history_at(user, &mut sequences, limit)).await.map(Some)
    }
}

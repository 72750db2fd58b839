//! The documents of an account, the last read first.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fmt;
use std::str::FromStr;

use super::scan::{SLICE, ScanLimiter, each_document};
use super::search::SearchWords;
use crate::error::Result;
use crate::model::{User, UserId};
use crate::store::{DocumentEntry, Store};

/// When a document was pushed last, and the sequence number of that push. As text it is the cursor of a list.
///
/// The order is by time first, because imported positions have higher numbers than older pushes to this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BookRef {
    timestamp: u64,
    sequence: u64,
}

impl fmt::Display for BookRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.timestamp, self.sequence)
    }
}

impl FromStr for BookRef {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (timestamp, sequence) = text.split_once('-').ok_or(())?;
        let number = |text: &str| text.parse().map_err(|_| ());
        Ok(Self { timestamp: number(timestamp)?, sequence: number(sequence)? })
    }
}

/// Which documents a list is about.
#[derive(Debug, Clone, Default)]
pub(crate) struct BookQuery {
    /// Words of which each must be in name, title, authors, file name or id.
    pub(crate) search: SearchWords,
    /// Only documents behind this one.
    pub(crate) after: Option<BookRef>,
    /// Documents that are kept, the last read first; all are counted.
    pub(crate) keep: usize,
}

impl BookQuery {
    /// Looks for the last `keep` documents with each word of `search`.
    pub(crate) fn new(search: &str, keep: usize) -> Self {
        Self { search: SearchWords::new(search), keep, ..Self::default() }
    }
}

/// The first books of a list, and the numbers of all.
///
/// A client may push very many documents, so the list holds a [`BookRef`] of those that are shown, and [`look_up`] reads them.
#[derive(Debug, Default)]
pub(crate) struct BookList {
    query: BookQuery,
    total: usize,
    newest: BinaryHeap<Reverse<BookRef>>,
}

impl BookList {
    pub(super) fn new(query: BookQuery) -> Self {
        Self { query, ..Self::default() }
    }

    /// Reads all documents.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: &User, query: BookQuery) -> Result<Self> {
        let mut books = Self::new(query);
        each_document(store, limiter, user.id, |entry| books.add(&entry)).await?;
        Ok(books)
    }

    pub(super) fn add(&mut self, entry: &DocumentEntry) {
        // Joined documents are one book.
        if !entry.is_listed() || !self.query.search.find(entry) {
            return;
        }
        self.total += 1;
        let book = BookRef { timestamp: entry.shared().timestamp, sequence: entry.sequence };
        let is_behind = self.query.after.is_none_or(|after| book < after);
        if is_behind {
            self.newest.push(Reverse(book));
            if self.newest.len() > self.query.keep {
                self.newest.pop();
            }
        }
    }

    /// Returns the number of all books that the search finds.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Returns the books that the query keeps, the last read first.
    pub(crate) fn into_refs(self) -> Vec<BookRef> {
        self.newest.into_sorted_vec().into_iter().map(|Reverse(book)| book).collect()
    }
}

/// Takes the documents of a slice out of the list, and reads them.
///
/// Those deleted since the list was made are left out.
pub(crate) async fn look_up_slice(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
    books: &mut &[BookRef],
) -> Result<Vec<DocumentEntry>> {
    let sequences = || books.iter().map(|book| book.sequence);
    let (entries, count) = limiter.slice(user, || store.documents_of_pushes(user, sequences(), SLICE)).await?;
    *books = &books[count..];
    Ok(entries)
}

/// Calls `visit` with each document of a part of the list, slice by slice.
#[cfg(any(feature = "mqtt", test))]
pub(crate) async fn look_up(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
    mut books: &[BookRef],
    mut visit: impl FnMut(DocumentEntry) + Send,
) -> Result<()> {
    while !books.is_empty() {
        look_up_slice(store, limiter, user, &mut books).await?.into_iter().for_each(&mut visit);
    }
    Ok(())
}

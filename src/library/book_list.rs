//! All documents of an account, the last read first.

use std::collections::BTreeSet;

use super::book::{Book, FINISHED};
use super::scan::{ScanLimiter, each_document};
use crate::error::Result;
use crate::model::{DOCUMENT_NAME_MAX, User};
use crate::store::{DocumentEntry, Store};

/// Words of a search that are used; each costs a comparison with every document.
const MAX_SEARCH_WORDS: usize = 16;

/// The books of an account, or those that a search finds.
///
/// A client may push any number of documents, so the list holds a [`BookRef`] of each, and [`look_up`] reads those of the page that
/// is shown.
#[derive(Debug, Default)]
pub(crate) struct BookList {
    all: Vec<BookRef>,
    unfinished: Vec<BookRef>,
}

/// When a document was pushed last, and the sequence number of that push.
///
/// The order is by time first, because imported positions have higher numbers than older pushes to this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct BookRef {
    timestamp: u64,
    sequence: u64,
}

impl BookList {
    /// Reads all documents and keeps those that have each word of `search`.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: &User, search: &str) -> Result<Self> {
        let search = &search[..search.floor_char_boundary(DOCUMENT_NAME_MAX)];
        let words: BTreeSet<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<String> = words.into_iter().take(MAX_SEARCH_WORDS).collect();
        let mut books = Self::default();
        let add = |entry: DocumentEntry| {
            if Book::has(&entry, &words) {
                books.add(&entry);
            }
            Ok(0)
        };
        each_document(store, limiter, user.id, user.id, add).await?;
        Ok(books.sorted())
    }

    pub(super) fn add(&mut self, entry: &DocumentEntry) {
        let book = BookRef { timestamp: entry.progress.timestamp, sequence: entry.sequence };
        self.all.push(book);
        if entry.progress.percentage < FINISHED {
            self.unfinished.push(book);
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        for books in [&mut self.all, &mut self.unfinished] {
            books.sort_unstable_by(|one, other| other.cmp(one));
        }
        self
    }

    /// Returns all books, the last read first.
    pub(crate) fn all(&self) -> &[BookRef] {
        &self.all
    }

    /// Returns the books below 99 %, the last read first.
    pub(crate) fn unfinished(&self) -> &[BookRef] {
        &self.unfinished
    }
}

/// Reads the documents of a page of the list. Those deleted since the list was made are left out.
pub(crate) fn look_up(store: &Store, user: &User, books: &[BookRef]) -> Result<Vec<DocumentEntry>> {
    let mut entries = Vec::new();
    for BookRef { sequence, .. } in books {
        if let Some(document) = store.document_of_push(user.id, *sequence)? {
            entries.extend(store.document(user.id, &document)?);
        }
    }
    Ok(entries)
}

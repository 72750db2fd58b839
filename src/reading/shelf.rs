//! All documents of an account, the one read last first.

use super::SLICE;
use super::book::{Book, FINISHED};
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::{Document, User};
use crate::store::DocumentEntry;

/// The books of an account, or those that a search finds.
///
/// Whoever may push can have as many documents as they like. So a shelf has no more of each than the number of its last push,
/// by which it sorts, and looks a page of them up when it is shown.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    all: Vec<u64>,
    unfinished: Vec<u64>,
}

impl Shelf {
    /// Reads them all, and leaves those that have each word of `search`.
    pub(crate) async fn load(app: &App, user: &User, search: &str) -> Result<Self> {
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        // One at a time: that bounds the memory, and what others have to wait for.
        let _turn = app.lists.acquire().await.map_err(|_| Error::Stopped)?;
        let mut shelf = Self::default();
        let mut after: Option<Document> = None;
        loop {
            let page = app.store.documents(user.id, after.as_ref(), SLICE)?;
            for entry in page.iter().filter(|entry| Book::has(entry, &words)) {
                shelf.all.push(entry.sequence);
                if entry.progress.percentage < FINISHED {
                    shelf.unfinished.push(entry.sequence);
                }
            }
            let Some(last) = page.into_iter().next_back() else { break };
            after = Some(last.document);
            tokio::task::yield_now().await;
        }
        for sequences in [&mut shelf.all, &mut shelf.unfinished] {
            sequences.sort_unstable_by(|one, other| other.cmp(one));
        }
        Ok(shelf)
    }

    /// All of them, as the numbers of their last pushes, the newest first.
    pub(crate) fn all(&self) -> &[u64] {
        &self.all
    }

    /// Those that are not read to their end.
    pub(crate) fn unfinished(&self) -> &[u64] {
        &self.unfinished
    }
}

/// What the store has of the documents that were pushed with these numbers. One that was deleted since is left out.
pub(crate) fn look_up(app: &App, user: &User, sequences: &[u64]) -> Result<Vec<DocumentEntry>> {
    let mut entries = Vec::new();
    for sequence in sequences {
        if let Some(document) = app.store.document_of(user.id, *sequence)? {
            entries.extend(app.store.document(user.id, &document)?);
        }
    }
    Ok(entries)
}

//! All documents of an account, the one read last first.

use std::collections::BTreeSet;

use super::book::{Book, FINISHED};
use crate::error::Result;
use crate::model::{DOCUMENT_NAME_MAX, User};
use crate::state::AppState;
use crate::store::DocumentEntry;

/// Words of a search that are looked for: each costs a look at every document.
const MAX_SEARCH_WORDS: usize = 16;

/// The books of an account, or those that a search finds.
///
/// Whoever may push can have as many documents as they like. So a list has no more of each than the time and the number of its
/// last push, by which it sorts, and looks a page of them up when it is shown. By the time first: what was imported has newer
/// numbers than what was pushed here before.
#[derive(Debug, Default)]
pub(crate) struct BookList {
    all: Vec<BookRef>,
    unfinished: Vec<BookRef>,
}

/// When a document was pushed last, and the number of that push.
pub(crate) type BookRef = (u64, u64);

impl BookList {
    /// Reads them all, and leaves those that have each word of `search`.
    pub(crate) async fn load(state: &AppState, user: &User, search: &str) -> Result<Self> {
        let search = &search[..search.floor_char_boundary(DOCUMENT_NAME_MAX)];
        let words: BTreeSet<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<String> = words.into_iter().take(MAX_SEARCH_WORDS).collect();
        let mut list = Self::default();
        let add = |entry: DocumentEntry| {
            if Book::has(&entry, &words) {
                list.add(&entry);
            }
            Ok(0)
        };
        state.each_document(user.id, user.id, add).await?;
        Ok(list.sorted())
    }

    pub(super) fn add(&mut self, entry: &DocumentEntry) {
        let pushed = (entry.progress.timestamp, entry.sequence);
        self.all.push(pushed);
        if entry.progress.percentage < FINISHED {
            self.unfinished.push(pushed);
        }
    }

    pub(super) fn sorted(mut self) -> Self {
        for pushed in [&mut self.all, &mut self.unfinished] {
            pushed.sort_unstable_by(|one, other| other.cmp(one));
        }
        self
    }

    /// All of them, the newest first.
    pub(crate) fn all(&self) -> &[BookRef] {
        &self.all
    }

    /// Those that are not read to their end.
    pub(crate) fn unfinished(&self) -> &[BookRef] {
        &self.unfinished
    }
}

/// What the store has of the documents that were pushed then. One that was deleted since is left out.
pub(crate) fn look_up(state: &AppState, user: &User, pushed: &[BookRef]) -> Result<Vec<DocumentEntry>> {
    let mut entries = Vec::new();
    for (_, sequence) in pushed {
        if let Some(document) = state.store.document_of_push(user.id, *sequence)? {
            entries.extend(state.store.document(user.id, &document)?);
        }
    }
    Ok(entries)
}

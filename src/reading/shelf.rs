//! All documents of an account, the one read last first.

use std::collections::BTreeSet;

use super::book::{Book, FINISHED};
use crate::app::App;
use crate::error::Result;
use crate::model::{NAME_MAX, User};
use crate::store::DocumentEntry;

/// Words of a search that are looked for: each costs a look at every document.
const WORDS: usize = 16;

/// The books of an account, or those that a search finds.
///
/// Whoever may push can have as many documents as they like. So a shelf has no more of each than the time and the number of its
/// last push, by which it sorts, and looks a page of them up when it is shown. By the time first: what was imported has newer
/// numbers than what was pushed here before.
#[derive(Debug, Default)]
pub(crate) struct Shelf {
    all: Vec<Pushed>,
    unfinished: Vec<Pushed>,
}

/// When a document was pushed last, and the number of that push.
pub(crate) type Pushed = (u64, u64);

impl Shelf {
    /// Reads them all, and leaves those that have each word of `search`.
    pub(crate) async fn load(app: &App, user: &User, search: &str) -> Result<Self> {
        let search = &search[..search.floor_char_boundary(NAME_MAX)];
        let words: BTreeSet<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let words: Vec<String> = words.into_iter().take(WORDS).collect();
        let mut shelf = Self::default();
        let add = |entry: DocumentEntry| {
            if Book::has(&entry, &words) {
                shelf.add(&entry);
            }
            Ok(0)
        };
        app.each_document(user.id, user.id, add).await?;
        Ok(shelf.sorted())
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
    pub(crate) fn all(&self) -> &[Pushed] {
        &self.all
    }

    /// Those that are not read to their end.
    pub(crate) fn unfinished(&self) -> &[Pushed] {
        &self.unfinished
    }
}

/// What the store has of the documents that were pushed then. One that was deleted since is left out.
pub(crate) fn look_up(app: &App, user: &User, pushed: &[Pushed]) -> Result<Vec<DocumentEntry>> {
    let mut entries = Vec::new();
    for (_, sequence) in pushed {
        if let Some(document) = app.store.document_of(user.id, *sequence)? {
            entries.extend(app.store.document(user.id, &document)?);
        }
    }
    Ok(entries)
}

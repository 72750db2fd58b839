//! Finds the document that an export of highlights is of: an export has the book's file name, title and authors, and no id.

use std::collections::{HashMap, HashSet};

use super::rows::{BookRecord, decode};
use crate::error::Result;
use crate::library::book::Title;
use crate::library::scan::SLICE;
use crate::model::UserId;
use crate::reading::HighlightSource;
use crate::store::{DocumentEntry, ReadingKind, Store};

/// Which documents are called what.
#[derive(Default)]
pub(super) struct Titles {
    by_title: HashMap<String, Titled>,
    /// Several documents may have one file name: in different folders, or since a file was replaced.
    by_file: HashMap<String, Vec<File>>,
}

struct Titled {
    id: String,
    /// Books of the statistics come before documents, then what was read last.
    rank: (bool, u64),
}

struct File {
    id: String,
    title: String,
    /// When it was last pushed, in seconds since the Unix epoch.
    pushed: u64,
}

impl Titles {
    /// Reads what an account's books are called. `known` are the MD5s of other files with highlights.
    pub(super) fn read(store: &Store, user: UserId, mut known: HashSet<String>) -> Result<Self> {
        let mut titles = Self::default();
        let mut after: Option<String> = None;
        loop {
            let rows = store.reading_rows(user, ReadingKind::Book, after.as_deref(), SLICE)?;
            let Some((last, _)) = rows.last() else { break };
            after = Some(last.clone());
            for book in rows.iter().filter_map(|(_, row)| decode::<BookRecord>(row)).map(BookRecord::into_times) {
                if !book.md5.is_empty() {
                    known.insert(book.md5.clone());
                    titles.add(&book.title, &book.authors, Titled { id: book.md5, rank: (true, book.last) });
                }
            }
        }
        let mut after = None;
        loop {
            let documents = store.documents_slice(user, after.as_ref(), SLICE)?;
            let Some(last) = documents.last() else { return Ok(titles) };
            after = Some(last.document.clone());
            for entry in documents {
                let (id, pushed) = (name_in_files(store, user, &entry, &known)?, entry.progress.timestamp);
                let shown = Title::of(&entry);
                let authors = entry.metadata.authors.unwrap_or_default();
                let title = entry.metadata.title.unwrap_or(shown.text);
                titles.add(&title, &authors, Titled { id: id.clone(), rank: (false, pushed) });
                if let Some(name) = entry.metadata.filename {
                    titles.by_file.entry(name).or_default().push(File { id, title: words(&title), pushed });
                }
            }
        }
    }

    fn add(&mut self, title: &str, authors: &str, new: Titled) {
        let key = title_key(title, authors);
        if self.by_title.get(&key).is_none_or(|known| known.rank < new.rank) {
            self.by_title.insert(key, new);
        }
    }

    /// Finds the document of an export: by the book's file name, else by title and authors. Of several documents of that file name, it is
    /// the one with the title, else the one that was pushed last.
    pub(super) fn find(&self, source: &HighlightSource) -> Option<String> {
        let name = source.book_path.as_deref().and_then(|path| path.rsplit('/').next());
        let files = name.and_then(|name| self.by_file.get(name)).map_or(&[][..], Vec::as_slice);
        if let [file] = files {
            return Some(file.id.clone());
        }
        let title = words(&source.title);
        let titled = files.iter().filter(|file| file.title == title).max_by_key(|file| file.pushed);
        // For a book whose authors are not known, the exporter makes some up.
        let by_title = || {
            let mut keys = [&*source.authors, ""].map(|authors| title_key(&source.title, authors)).into_iter();
            keys.find_map(|key| self.by_title.get(&key)).map(|known| &known.id)
        };
        let last = || files.iter().max_by_key(|file| file.pushed).map(|file| &file.id);
        titled.map(|file| &file.id).or_else(by_title).or_else(last).cloned()
    }
}

/// Returns the id by which KOReader's files know a document, else its own. It looks for all ids of the document's book.
fn name_in_files(store: &Store, user: UserId, entry: &DocumentEntry, known: &HashSet<String>) -> Result<String> {
    let ids = store.ids_of_book(user, entry)?;
    let known = ids.iter().find(|id| known.contains(id.as_str()));
    Ok(known.unwrap_or(&entry.document).to_string())
}

fn title_key(title: &str, authors: &str) -> String {
    format!("{}\n{}", words(title), words(&authors.replace(['\n', ','], " ")))
}

/// Returns a text in lower case, with one blank between words.
fn words(text: &str) -> String {
    text.split_whitespace().map(str::to_lowercase).collect::<Vec<_>>().join(" ")
}

//! Reads the rows of reading times and highlights.

use std::cmp::Reverse;

use jiff::civil::Date;

use super::inputs::Inputs;
use super::rows::{BookRecord, HIGHLIGHTS, HighlightsRecord, HighlightsState, TIMES, TimesState, decode, read_state};
use super::worker::ReadingWorker;
use crate::error::Result;
use crate::library::book::{Title, in_one_line};
use crate::library::scan::{SLICE, ScanLimiter};
use crate::library::search::SearchWords;
use crate::model::{Document, User, UserId};
use crate::reading::{BookHighlights, BookTimes, Highlight};
use crate::store::{DocumentEntry, ReadingKind, Store};

/// What is known of an account, and whether the worker is about to know more.
#[derive(Debug, Default)]
pub(crate) struct Loaded {
    pub(crate) times: Option<TimesState>,
    pub(crate) highlights: Option<HighlightsState>,
    /// Whether files have changed since.
    pub(crate) is_pending: bool,
}

/// Reads what is known of an account. Has the files read again if they, or the time zone, have changed.
pub(crate) async fn load_state(
    store: &Store,
    limiter: &ScanLimiter,
    worker: &ReadingWorker,
    user: &User,
) -> Result<Loaded> {
    let read = || {
        let inputs = Inputs::read(store, user)?;
        let times: Option<TimesState> = read_state(store, user.id, TIMES)?;
        let highlights: Option<HighlightsState> = read_state(store, user.id, HIGHLIGHTS)?;
        let wanted = (
            inputs.statistics.is_some().then(|| inputs.times_fingerprint()),
            (!inputs.json.is_empty()).then(|| inputs.highlights_fingerprint()),
        );
        let found = (
            times.as_ref().map(|times| times.fingerprint.clone()),
            highlights.as_ref().map(|highlights| highlights.fingerprint.clone()),
        );
        Ok(Loaded { times, highlights, is_pending: wanted != found })
    };
    let loaded = limiter.slice(user.id, read).await?;
    if loaded.is_pending {
        worker.request(store, user);
    }
    Ok(loaded)
}

/// Reads what is known of an account's reading times.
#[cfg(feature = "mqtt")]
pub(crate) fn find_times(store: &Store, user: UserId) -> Result<Option<TimesState>> {
    read_state(store, user, TIMES)
}

/// When KOReader's statistics last saw documents read.
#[derive(Debug, Default)]
pub(crate) struct ReadBooks {
    /// From what it was computed.
    fingerprint: Option<String>,
    books: Vec<(Document, u64)>,
}

impl ReadBooks {
    /// Reads the rows of an account again, if they were computed again.
    pub(crate) async fn refresh(&mut self, store: &Store, limiter: &ScanLimiter, user: UserId) -> Result<()> {
        let state = limiter.slice(user, || read_state::<TimesState>(store, user, TIMES)).await?;
        let fingerprint = state.map(|state| state.fingerprint);
        if fingerprint == self.fingerprint {
            return Ok(());
        }
        (self.books, self.fingerprint) = (Vec::new(), fingerprint);
        let mut after = None::<String>;
        loop {
            let read = || {
                let rows = store.reading_rows(user, ReadingKind::Book, after.as_deref(), SLICE)?;
                let mut books = Vec::with_capacity(rows.len());
                for (name, row) in &rows {
                    if let (Ok(id), Some(book)) = (Document::new(name), decode::<BookRecord>(row)) {
                        books.push((store.meant_document(user, &id)?, book.into_times().last));
                    }
                }
                Ok((books, rows.last().map(|(name, _)| name.clone())))
            };
            let (books, last) = limiter.slice(user, read).await?;
            self.books.extend(books);
            let Some(last) = last else { return Ok(()) };
            after = Some(last);
        }
    }

    /// Returns the documents with when each was last read, in Unix seconds.
    pub(crate) fn books(&self) -> &[(Document, u64)] {
        &self.books
    }
}

/// Reading times of a book, and what they call it.
pub(crate) type BookReading = BookTimes;

/// Reads the reading times of a book: of all its files, under whichever of their ids the statistics have them.
pub(crate) fn find_book(store: &Store, user: UserId, entry: &DocumentEntry) -> Result<Option<BookReading>> {
    let mut found: Option<BookReading> = None;
    for id in store.ids_of_book(user, entry)? {
        let Some(times) = find_book_row(store, user, id.as_str())? else { continue };
        match &mut found {
            Some(known) => known.merge(times),
            None => found = Some(times),
        }
    }
    Ok(found)
}

/// Reads a document, with the reading times of its book.
pub(crate) fn find_read_document(
    store: &Store,
    user: UserId,
    document: &Document,
) -> Result<Option<(DocumentEntry, Option<BookReading>)>> {
    let Some(entry) = store.document(user, document)? else { return Ok(None) };
    let times = find_book(store, user, &entry)?;
    Ok(Some((entry, times)))
}

fn find_book_row(store: &Store, user: UserId, name: &str) -> Result<Option<BookReading>> {
    let row = store.reading_row(user, ReadingKind::Book, name)?;
    Ok(row.and_then(|row| decode::<BookRecord>(&row)).map(BookRecord::into_times))
}

/// A book that only the statistics know.
#[derive(Debug, Clone)]
pub(crate) struct StatisticsBook {
    /// Name of its row, by which [`find_statistics_book`] finds it.
    pub(crate) name: String,
    pub(crate) times: BookReading,
}

impl StatisticsBook {
    /// Returns the title that the statistics have, else the name of the row.
    pub(crate) fn title_of(name: &str, times: &BookReading) -> Title {
        let is_id = times.title.is_empty();
        let text = if is_id { name } else { &times.title };
        Title {
            text: text.to_owned(),
            authors: Some(in_one_line(&times.authors)).filter(|authors| !authors.is_empty()),
            is_id,
        }
    }
}

/// Reads a book of the statistics by the name of its row.
pub(crate) fn find_statistics_book(store: &Store, user: UserId, name: &str) -> Result<Option<StatisticsBook>> {
    let times = find_book_row(store, user, name)?;
    Ok(times.map(|times| StatisticsBook { name: name.to_owned(), times }))
}

/// Visits the books without a position that match all `words`, slice by slice. Title, authors and id are searched.
pub(crate) async fn each_statistics_book(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
    words: &SearchWords,
    mut visit: impl FnMut(String, BookReading) + Send,
) -> Result<()> {
    let mut after = None::<String>;
    loop {
        let read = || {
            let rows = store.reading_rows(user, ReadingKind::Book, after.as_deref(), SLICE)?;
            let last = rows.last().map(|(name, _)| name.clone());
            let mut found = Vec::new();
            for (name, row) in rows {
                let Some(times) = decode::<BookRecord>(&row).map(BookRecord::into_times) else { continue };
                if words.are_in([&*times.title, &times.authors, &name]) && !is_document(store, user, &name)? {
                    found.push((name, times));
                }
            }
            Ok((found, last))
        };
        let (found, last) = limiter.slice(user, read).await?;
        found.into_iter().for_each(|(name, times)| visit(name, times));
        let Some(last) = last else { return Ok(()) };
        after = Some(last);
    }
}

/// A book that was read on a day, by KOReader's statistics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TimedBook {
    /// Name of its row: the document's id, if it is one.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) authors: String,
    pub(crate) seconds: u32,
}

/// Reads the books that were read on a day, the longest first. Returns up to `keep` of them.
pub(crate) async fn books_timed_on(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
    date: Date,
    keep: usize,
) -> Result<Vec<TimedBook>> {
    let (mut found, mut after) = (Vec::new(), None::<String>);
    loop {
        let read = || store.reading_rows(user, ReadingKind::Book, after.as_deref(), SLICE);
        let rows = limiter.slice(user, read).await?;
        let Some((last, _)) = rows.last() else { break };
        after = Some(last.clone());
        for (name, row) in rows {
            let Some(times) = decode::<BookRecord>(&row).map(BookRecord::into_times) else { continue };
            let seconds = times.days.iter().find(|day| day.date == date).map_or(0, |day| day.seconds);
            if seconds > 0 {
                found.push(TimedBook { name, title: times.title, authors: in_one_line(&times.authors), seconds });
            }
        }
        found.sort_by_key(|book| Reverse(book.seconds));
        found.truncate(keep);
    }
    Ok(found)
}

fn is_document(store: &Store, user: UserId, name: &str) -> Result<bool> {
    let Ok(id) = Document::new(name) else { return Ok(false) };
    store.is_id_of_document(user, &id)
}

/// A book with its highlights.
#[derive(Debug, Clone)]
pub(crate) struct HighlightedBook {
    /// The document, if the account has it.
    pub(crate) document: Option<Document>,
    pub(crate) title: String,
    /// Whether nothing names it: pages say so in their language.
    pub(crate) is_untitled: bool,
    pub(crate) authors: Option<String>,
    pub(crate) highlights: Vec<Highlight>,
}

impl HighlightedBook {
    /// Keeps the highlights whose text, note or book has each of the words.
    pub(crate) fn search(&mut self, words: &SearchWords) {
        let Self { title, authors, highlights, .. } = self;
        let about = [&**title, authors.as_deref().unwrap_or_default()];
        highlights.retain(|highlight| {
            let texts = [&*highlight.text, highlight.note.as_deref().unwrap_or_default()];
            words.are_in(texts.into_iter().chain(about))
        });
    }
}

/// Returns the row names of books with highlights, the latest highlight first.
pub(crate) fn highlighted_books(state: Option<&HighlightsState>) -> Vec<String> {
    state.map(|state| state.books.iter().map(|book| book.name.clone()).collect()).unwrap_or_default()
}

/// Returns the row names of a book by one of them: those of all its files.
pub(crate) fn names_of_book(store: &Store, user: UserId, name: &str) -> Result<Vec<String>> {
    let mut names = vec![name.to_owned()];
    if let Ok(id) = Document::new(name)
        && let Some(entry) = store.document(user, &store.meant_document(user, &id)?)?
    {
        names.extend(store.ids_of_book(user, &entry)?.into_iter().map(|id| id.to_string()));
    }
    Ok(names)
}

/// Counts the highlights of a book, those of all its files.
pub(crate) fn count_highlights(store: &Store, user: UserId, entry: &DocumentEntry) -> Result<usize> {
    let mut count = 0;
    for id in store.ids_of_book(user, entry)? {
        let row = store.reading_row(user, ReadingKind::Highlights, id.as_str())?;
        let book = row.and_then(|row| decode::<HighlightsRecord>(&row)).map(HighlightsRecord::into_highlights);
        count += book.map_or(0, |book| book.highlights.len());
    }
    Ok(count)
}

/// Reads the highlights of a book by its row's name: an id of a document, where that is known.
pub(crate) fn find_highlights(store: &Store, user: UserId, name: &str) -> Result<Option<HighlightedBook>> {
    let Some(row) = store.reading_row(user, ReadingKind::Highlights, name)? else { return Ok(None) };
    let Some(BookHighlights { title, authors, highlights, .. }) =
        decode::<HighlightsRecord>(&row).map(HighlightsRecord::into_highlights)
    else {
        return Ok(None);
    };
    let text = |text: String| Some(text).filter(|text| !text.is_empty());
    let (mut title, mut authors, mut document) = (text(title), text(in_one_line(&authors)), None);
    if let Ok(id) = Document::new(name)
        && let Some(entry) = store.document(user, &store.meant_document(user, &id)?)?
    {
        let known = Title::of(&entry);
        if !known.is_id {
            (title, authors) = (Some(known.text), known.authors);
        }
        document = Some(entry.document);
    }
    if title.is_none()
        && let Some(book) = find_book_row(store, user, name)?
    {
        (title, authors) = (text(book.title), text(in_one_line(&book.authors)));
    }
    // The name of a row is the id of a file, or a hash, which says nothing.
    let is_untitled = title.is_none() && name.starts_with("t-");
    let title = title.unwrap_or_else(|| if is_untitled { "Without a title" } else { name }.to_owned());
    Ok(Some(HighlightedBook { document, title, is_untitled, authors, highlights }))
}

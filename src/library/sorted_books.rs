//! The part of an account's books that a page shows: searched, filtered, in an order, page by page.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use jiff::civil::Date;

use super::book::{FINISHED, Title};
use super::reading::{BookReading, StatisticsBook, each_statistics_book, find_statistics_book};
use super::scan::{SLICE, ScanLimiter, each_document};
use super::search::{SearchWords, fold};
use crate::error::Result;
use crate::model::{User, UserId};
use crate::store::{DocumentEntry, Store};

/// Books that a list has on all of its pages. More are counted, and found by searching and filtering.
///
/// The last page of a list keeps what orders each of them, about 150 bytes.
pub(crate) const MAX_LISTED: usize = 10_000;
/// Bytes of a title or of authors that order a list. Those that are the same so far come in the order of reading.
const KEY_MAX: usize = 48;
/// Books that are looked up in a slice: each may have some KiB.
const LOOK_UPS: usize = 8;

/// The order of a list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum BookOrder {
    /// The last read first.
    #[default]
    LastRead,
    /// By title; documents without one come last.
    Title,
    /// By authors and title; books without authors come last.
    Author,
    /// The furthest read first.
    Progress,
    /// The last finished first; unfinished books come last.
    Finished,
}

/// Which books a list has, and in which order.
#[derive(Debug, Clone, Default)]
pub(crate) struct BookSelection {
    pub(crate) search: SearchWords,
    pub(crate) order: BookOrder,
    /// Whether books that only the statistics know are among them.
    pub(crate) has_statistics: bool,
    /// Books that are kept, from the start of the list; all are counted.
    pub(crate) keep: usize,
}

/// A document that a list is about, and what its order may need.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Wanted {
    /// The day on which it was last finished.
    pub(crate) finished: Option<Date>,
}

/// What orders a book in a list, and how it is found. The first comes first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    key: Box<[u8]>,
    /// When it was read last.
    last: Reverse<u64>,
    source: Source,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// The sequence number of its newest position.
    Pushed(Reverse<u64>),
    /// The name of its row in the statistics.
    Statistics(Box<str>),
}

/// A book of a list, with or without a position.
pub(crate) enum ListedBook {
    Document(Box<DocumentEntry>),
    Statistics(StatisticsBook),
}

impl ListedBook {
    /// Returns the document; `None` if only the statistics know the book.
    pub(crate) fn document(&self) -> Option<&DocumentEntry> {
        match self {
            Self::Document(entry) => Some(entry),
            Self::Statistics(_) => None,
        }
    }
}

/// The first books of a selection, and how many it has.
///
/// Of a book it keeps what orders it; [`SortedBooks::look_up`] reads those of a page.
pub(crate) struct SortedBooks {
    selection: BookSelection,
    total: usize,
    /// The last of those that are kept is on top.
    first: BinaryHeap<Ranked>,
}

impl SortedBooks {
    /// Reads all books of an account, slice by slice. `wanted` is asked about each book; `None` is
    /// one that the list is not about.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the
    /// data cannot be read.
    pub(crate) async fn load(
        store: &Store,
        limiter: &ScanLimiter,
        user: &User,
        selection: BookSelection,
        mut wanted: impl FnMut(&DocumentEntry) -> Option<Wanted> + Send,
    ) -> Result<Self> {
        let selection = BookSelection { keep: selection.keep.min(MAX_LISTED), ..selection };
        let mut books = Self { selection, total: 0, first: BinaryHeap::new() };
        let add = |entry: DocumentEntry| {
            // Joined documents are one book.
            if entry.is_listed()
                && let Some(wanted) = wanted(&entry)
                && books.selection.search.find(&entry)
            {
                books.add(Ranked::of_document(&entry, wanted, books.selection.order));
            }
        };
        each_document(store, limiter, user.id, add).await?;
        if books.selection.has_statistics {
            let words = books.selection.search.clone();
            let add = |name: String, times: BookReading| {
                books.add(Ranked::of_statistics(name, &times, books.selection.order));
            };
            each_statistics_book(store, limiter, user.id, &words, add).await?;
        }
        Ok(books)
    }

    fn add(&mut self, book: Ranked) {
        self.total += 1;
        self.first.push(book);
        if self.first.len() > self.selection.keep {
            self.first.pop();
        }
    }

    /// Returns the number of all books of the selection.
    pub(crate) fn total(&self) -> usize {
        self.total
    }

    /// Returns how many of them the pages of the list have.
    pub(crate) fn listed(&self) -> usize {
        self.total.min(MAX_LISTED)
    }

    /// Reads a part of the list. Books deleted since the list was made are left out.
    ///
    /// # Errors
    /// As [`SortedBooks::load`].
    pub(crate) async fn look_up(
        self,
        store: &Store,
        limiter: &ScanLimiter,
        user: UserId,
        part: Range<usize>,
    ) -> Result<Vec<ListedBook>> {
        let first = self.first.into_sorted_vec();
        let part = first.get(part.start..part.end.min(first.len())).unwrap_or_default();
        let mut books = Vec::new();
        for part in part.chunks(LOOK_UPS) {
            let read = || part.iter().map(|book| book.source.look_up(store, user)).collect::<Result<Vec<_>>>();
            books.extend(limiter.slice(user, read).await?.into_iter().flatten());
        }
        Ok(books)
    }
}

impl Source {
    fn look_up(&self, store: &Store, user: UserId) -> Result<Option<ListedBook>> {
        match self {
            Self::Pushed(Reverse(sequence)) => {
                let (mut found, _) = store.documents_of_pushes(user, [*sequence].into_iter(), SLICE)?;
                Ok(found.pop().map(|entry| ListedBook::Document(Box::new(entry))))
            }
            Self::Statistics(name) => Ok(find_statistics_book(store, user, name)?.map(ListedBook::Statistics)),
        }
    }
}

impl Ranked {
    fn of_document(entry: &DocumentEntry, wanted: Wanted, order: BookOrder) -> Self {
        let position = entry.shared();
        let key = match order {
            BookOrder::LastRead => Box::default(),
            BookOrder::Title | BookOrder::Author => text_key(&Title::of(entry), order),
            BookOrder::Progress => progress_key(position.percentage),
            BookOrder::Finished => finished_key(wanted.finished),
        };
        Self { key, last: Reverse(position.timestamp), source: Source::Pushed(Reverse(entry.sequence)) }
    }

    fn of_statistics(name: String, times: &BookReading, order: BookOrder) -> Self {
        let key = match order {
            BookOrder::LastRead => Box::default(),
            BookOrder::Title | BookOrder::Author => text_key(&StatisticsBook::title_of(&name, times), order),
            // It has none.
            BookOrder::Progress | BookOrder::Finished => [u8::MAX; 8].into(),
        };
        Self { key, last: Reverse(times.last), source: Source::Statistics(name.into()) }
    }
}

/// Returns the start of the folded title, or of the folded authors and title. Missing ones come last.
fn text_key(title: &Title, order: BookOrder) -> Box<[u8]> {
    let mut key = Vec::with_capacity(2 * KEY_MAX + 3);
    if order == BookOrder::Author {
        push_text(&mut key, title.authors.as_deref().unwrap_or_default(), title.authors.is_none());
        key.push(0);
    }
    push_text(&mut key, &title.text, title.is_id);
    key.into()
}

fn push_text(key: &mut Vec<u8>, text: &str, is_missing: bool) {
    key.push(u8::from(is_missing));
    let folded = fold(text);
    // “‘Emma’” stands beside “Emma”, and “…” where it stands anyway.
    let trimmed = folded.trim_start_matches(|first: char| !first.is_alphanumeric());
    let text = if trimmed.is_empty() { &folded } else { trimmed };
    key.extend_from_slice(&text.as_bytes()[..text.floor_char_boundary(KEY_MAX)]);
}

/// Returns the bytes that put the furthest read first. All finished books are as far as each other.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is between 0 and 990,000")]
fn progress_key(percentage: f64) -> Box<[u8]> {
    let millionths = (percentage.clamp(0.0, FINISHED) * 1e6) as u64;
    (u64::MAX - 1 - millionths).to_be_bytes().into()
}

/// Returns the bytes that put the last finished first.
fn finished_key(finished: Option<Date>) -> Box<[u8]> {
    let key = finished.map_or(u64::MAX, |date| {
        let day = i64::from(date.year()) * 400 + i64::from(date.month()) * 32 + i64::from(date.day());
        u64::MAX - 1 - day.unsigned_abs()
    });
    key.to_be_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title(text: &str, authors: Option<&str>, is_id: bool) -> Title {
        Title { text: text.into(), authors: authors.map(str::to_owned), is_id }
    }

    #[test]
    fn titles_are_in_the_order_of_their_letters() {
        let ordered = ["", "“‘Aäb’”", "Áac", "ab", "Žižek", "Ж", "本"];
        let mut keys: Vec<_> =
            ordered.iter().map(|text| text_key(&title(text, None, false), BookOrder::Title)).collect();
        keys.push(text_key(&title("0123", None, true), BookOrder::Title));
        assert!(keys.is_sorted(), "{keys:?}");
        let long = text_key(&title(&"ﷺ".repeat(300), Some(&"é".repeat(500)), false), BookOrder::Author);
        assert!(long.len() <= 2 * KEY_MAX + 3, "{}", long.len());
    }

    #[test]
    fn authors_come_before_titles_and_books_without_them_last() {
        let books = [
            title("B", Some("Ä. Adams"), false),
            title("A", Some("B"), false),
            title("A", None, false),
            title("0", None, true),
        ];
        let keys: Vec<_> = books.iter().map(|title| text_key(title, BookOrder::Author)).collect();
        assert!(keys.is_sorted(), "{keys:?}");
    }

    #[test]
    fn the_last_finished_comes_first_and_unfinished_books_last() {
        use jiff::civil::date;
        let dates = [Some(date(2026, 11, 26)), Some(date(2026, 11, 2)), Some(date(2025, 12, 31)), None];
        let keys: Vec<_> = dates.map(finished_key).into();
        assert!(keys.is_sorted_by(|one, other| one < other), "{keys:?}");
    }

    #[test]
    fn the_furthest_read_comes_first_whatever_was_pushed() {
        let keys: Vec<_> = [1e300, 0.98, 0.5, 0.0, -7.0].map(progress_key).into();
        assert!(keys.is_sorted(), "{keys:?}");
        assert_eq!(progress_key(0.99), progress_key(1.0), "both are finished");
        assert!(*progress_key(-7.0) < [u8::MAX; 8][..], "a book without a position comes after them");
    }
}

//! Rows of reading times and highlights: a version byte, then CBOR. A row of another version counts as missing, and is computed again.

use jiff::Span;
use jiff::civil::{Date, date};
use minicbor::{Decode, Encode};

use crate::error::Result;
use crate::model::UserId;
use crate::reading::{BookHighlights, BookTimes, DayTimes, Highlight};
use crate::store::{ReadingKind, Store};

/// First byte of a row, and a part of every fingerprint.
pub(super) const VERSION: u8 = 1;
/// Name of the row that says what all books add up to.
pub(super) const TIMES: &str = "times";
/// Name of the row that says which books have highlights.
pub(super) const HIGHLIGHTS: &str = "highlights";

/// Encodes a row.
#[allow(clippy::expect_used)]
pub(super) fn encode(record: &impl Encode<()>) -> Vec<u8> {
    let mut row = vec![VERSION];
    minicbor::encode(record, &mut row).expect("a vector takes all bytes");
    row
}

/// Decodes a row. `None` if it is of another version.
pub(super) fn decode<'a, T: Decode<'a, ()>>(row: &'a [u8]) -> Option<T> {
    let (version, fields) = row.split_first()?;
    (*version == VERSION).then(|| minicbor::decode(fields).ok()).flatten()
}

/// Reads the row of a state.
pub(super) fn read_state<T: for<'a> Decode<'a, ()>>(store: &Store, user: UserId, name: &str) -> Result<Option<T>> {
    let row = store.reading_row(user, ReadingKind::State, name)?;
    Ok(row.and_then(|row| decode(&row)))
}

/// Which file something was read from.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct FileNote {
    #[n(0)]
    pub(crate) path: String,
    /// In seconds since the Unix epoch.
    #[n(1)]
    pub(crate) uploaded_at: u64,
    /// What the client calls itself.
    #[n(2)]
    pub(crate) uploaded_by: Option<String>,
}

/// A file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct UnreadFile {
    #[n(0)]
    pub(crate) file: FileNote,
    #[n(1)]
    pub(crate) reason: String,
}

/// What all books add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct TimesState {
    /// Says from what it was computed, also where that could not be read.
    #[n(0)]
    pub(super) fingerprint: String,
    /// The upload that could not be read. The numbers are those of the last one that could.
    #[n(1)]
    pub(crate) unread: Option<UnreadFile>,
    /// Where the numbers are from. `None` if nothing was read yet.
    #[n(2)]
    pub(crate) file: Option<FileNote>,
    #[n(3)]
    pub(crate) seconds: u64,
    #[n(4)]
    pub(crate) pages: u64,
    #[n(5)]
    pub(crate) sessions: u32,
    /// When reading began and last ended, in seconds since the Unix epoch. 0 if nothing was read.
    #[n(6)]
    pub(crate) first: u64,
    #[n(7)]
    pub(crate) last: u64,
    /// Ordered by date.
    #[n(8)]
    pub(super) days: Vec<DayRecord>,
}

impl TimesState {
    pub(super) fn set_days(&mut self, days: &[DayTimes]) {
        self.days = days.iter().map(DayRecord::new).collect();
    }

    /// Returns the days, ordered by date.
    pub(crate) fn days(&self) -> impl DoubleEndedIterator<Item = DayTimes> {
        self.days.iter().map(DayRecord::times)
    }

    /// Returns the reading of a day.
    pub(crate) fn day(&self, date: Date) -> DayTimes {
        let number = day_number(date);
        let found = self.days.binary_search_by_key(&number, |day| day.0);
        found.map_or(DayTimes { date, seconds: 0, pages: 0 }, |index| self.days[index].times())
    }
}

/// A day: its number since 1970-01-01, seconds and pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(super) struct DayRecord(#[n(0)] i32, #[n(1)] u32, #[n(2)] u32);

const EPOCH: Date = date(1970, 1, 1);

#[allow(clippy::cast_possible_truncation, reason = "jiff's days are within a few millions")]
fn day_number(date: Date) -> i32 {
    (date.duration_since(EPOCH).as_hours() / 24) as i32
}

impl DayRecord {
    fn new(day: &DayTimes) -> Self {
        Self(day_number(day.date), day.seconds, day.pages)
    }

    fn times(&self) -> DayTimes {
        let days = Span::new().try_days(self.0);
        let date = days.ok().and_then(|days| EPOCH.checked_add(days).ok()).unwrap_or(EPOCH);
        DayTimes { date, seconds: self.1, pages: self.2 }
    }
}

/// The reading times of a book.
#[derive(Debug, Clone, Default, Encode, Decode)]
pub(super) struct BookRecord {
    #[n(0)]
    title: String,
    #[n(1)]
    authors: String,
    #[n(2)]
    md5: String,
    #[n(3)]
    page_count: u32,
    #[n(4)]
    seconds: u64,
    #[n(5)]
    pages: u32,
    #[n(6)]
    sessions: u32,
    #[n(7)]
    first: u64,
    #[n(8)]
    last: u64,
    #[n(9)]
    last_page: u32,
    #[n(10)]
    days: Vec<DayRecord>,
}

impl BookRecord {
    pub(super) fn new(book: &BookTimes) -> Self {
        let BookTimes { title, authors, md5, page_count, seconds, pages, sessions, first, last, last_page, days } =
            book.clone();
        let days = days.iter().map(DayRecord::new).collect();
        Self { title, authors, md5, page_count, seconds, pages, sessions, first, last, last_page, days }
    }

    pub(super) fn into_times(self) -> BookTimes {
        let Self { title, authors, md5, page_count, seconds, pages, sessions, first, last, last_page, days } = self;
        let days = days.iter().map(DayRecord::times).collect();
        BookTimes { title, authors, md5, page_count, seconds, pages, sessions, first, last, last_page, days }
    }
}

/// Which books have highlights.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(crate) struct HighlightsState {
    #[n(0)]
    pub(super) fingerprint: String,
    /// Files that could not be read, a few of them.
    #[n(1)]
    pub(crate) unread: Vec<UnreadFile>,
    /// The last upload that was read.
    #[n(2)]
    pub(crate) file: Option<FileNote>,
    /// The book with the last highlight first.
    #[n(3)]
    pub(crate) books: Vec<HighlightsEntry>,
}

/// A book with highlights.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub(crate) struct HighlightsEntry {
    /// Name of the book's row.
    #[n(0)]
    pub(crate) name: String,
    #[n(1)]
    pub(crate) count: u32,
}

/// The highlights of a book.
#[derive(Debug, Clone, Default, Encode, Decode)]
pub(super) struct HighlightsRecord {
    #[n(0)]
    md5: Option<String>,
    #[n(1)]
    title: String,
    #[n(2)]
    authors: String,
    #[n(3)]
    highlights: Vec<HighlightRecord>,
}

#[derive(Debug, Clone, Default, Encode, Decode)]
struct HighlightRecord {
    #[n(0)]
    text: String,
    #[n(1)]
    note: Option<String>,
    #[n(2)]
    chapter: Option<String>,
    #[n(3)]
    page: Option<String>,
    #[n(4)]
    color: Option<String>,
    #[n(5)]
    time: u64,
}

impl HighlightsRecord {
    pub(super) fn new(book: BookHighlights) -> Self {
        let BookHighlights { md5, title, authors, highlights } = book;
        let record = |highlight: Highlight| {
            let Highlight { text, note, chapter, page, color, time, .. } = highlight;
            HighlightRecord { text, note, chapter, page, color, time }
        };
        Self { md5, title, authors, highlights: highlights.into_iter().map(record).collect() }
    }

    pub(super) fn into_highlights(self) -> BookHighlights {
        let Self { md5, title, authors, highlights } = self;
        let highlight = |record: HighlightRecord| {
            let mut highlight = Highlight::default();
            HighlightRecord {
                text: highlight.text,
                note: highlight.note,
                chapter: highlight.chapter,
                page: highlight.page,
                color: highlight.color,
                time: highlight.time,
            } = record;
            highlight
        };
        BookHighlights { md5, title, authors, highlights: highlights.into_iter().map(highlight).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_back_as_they_were_stored() {
        let days = vec![
            DayTimes { date: date(2026, 2, 28), seconds: 5, pages: 1 },
            DayTimes { date: date(2026, 3, 1), seconds: 7, pages: 2 },
        ];
        let book = BookTimes {
            title: "Emma".into(),
            seconds: 12,
            first: 3,
            last: 9,
            days: days.clone(),
            ..BookTimes::default()
        };
        let row = encode(&BookRecord::new(&book));
        assert_eq!(decode::<BookRecord>(&row).map(BookRecord::into_times), Some(book));
        let mut state = TimesState { seconds: 12, ..TimesState::default() };
        state.set_days(&days);
        let decoded: TimesState = decode(&encode(&state)).expect("a state");
        assert_eq!((decoded.days().collect::<Vec<_>>(), decoded.day(date(2026, 3, 1)).pages), (days, 2));
        assert_eq!(decoded.day(date(2026, 3, 2)).seconds, 0);
        let mut other = row;
        other[0] += 1;
        assert!(decode::<BookRecord>(&other).is_none() && decode::<BookRecord>(&[]).is_none());
    }
}

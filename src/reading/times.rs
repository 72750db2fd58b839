//! Adds page readings up: seconds and pages by book and day, sessions, and the pace.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use jiff::civil::Date;

use crate::model::DayRule;

/// Seconds without reading that end a session.
const SESSION_GAP: u64 = 10 * 60;
/// Books that are kept, the last read.
const MAX_BOOKS: usize = 4_000;
/// Days that are kept of a book, the last ones: ten years.
const MAX_BOOK_DAYS: usize = 3_660;
/// Days that are kept of all books together.
const MAX_DAYS: usize = 36_600;
/// Pairs of a book and a day that are kept. They are those of the books read last.
const MAX_PAIRS: usize = 100_000;

/// A page that was read once, in 12 bytes: a file may have half a million of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PageReading {
    /// In seconds since the Unix epoch.
    pub(super) start: u32,
    /// In seconds, at most 18 hours.
    pub(super) duration: u16,
    /// Index of the book.
    pub(super) book: u16,
    /// The page, of the `total` that the book had then. Where `total` is 0, the book had as many as now.
    pub(super) page: u16,
    pub(super) total: u16,
}

impl PageReading {
    /// Returns the first and last of a book's `pages` that the page is: a change of the font changes their number.
    fn rescaled(&self, pages: u32) -> (u16, u16) {
        /// KOReader counts no more pages for one.
        const MAX_PAGES: u64 = 1_000;
        let (page, total, pages) = (u64::from(self.page), u64::from(self.total), u64::from(pages));
        if page == 0 || total == 0 || pages == 0 || total == pages {
            return (self.page, self.page);
        }
        let first = (page - 1) * pages / total + 1;
        let last = (page * pages / total).clamp(first, first + MAX_PAGES - 1);
        let clamp = |page: u64| u16::try_from(page).unwrap_or(u16::MAX);
        (clamp(first), clamp(last))
    }
}

/// What is known about a book besides its times.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BookFacts {
    pub(super) title: String,
    pub(super) authors: String,
    pub(super) md5: String,
    pub(super) pages: u32,
}

impl BookFacts {
    /// Returns what two rows of one book have in common: the MD5, or else title and authors.
    fn identity(&self) -> [&str; 3] {
        if self.md5.is_empty() { ["", &self.title, &self.authors] } else { [&self.md5, "", ""] }
    }
}

/// The reading of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DayTimes {
    pub(crate) date: Date,
    pub(crate) seconds: u32,
    /// Different pages that were read that day.
    pub(crate) pages: u32,
}

/// The reading of one book, or of several files of one book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BookTimes {
    pub(crate) title: String,
    pub(crate) authors: String,
    /// What KOReader calls the book by its content: the binary `document` of the protocol. May be empty.
    pub(crate) md5: String,
    /// The book's number of pages, 0 if it is unknown.
    pub(crate) page_count: u32,
    pub(crate) seconds: u64,
    /// Different pages that were read.
    pub(crate) pages: u32,
    pub(crate) sessions: u32,
    /// When reading began and last ended, in seconds since the Unix epoch.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// The page that was read last, from 1 on; 0 if none was.
    pub(crate) last_page: u32,
    /// Ordered by date.
    pub(crate) days: Vec<DayTimes>,
}

impl BookTimes {
    /// Returns the pace in pages an hour, once at least a minute was read.
    pub(crate) fn pages_an_hour(&self) -> Option<f64> {
        let is_known = self.seconds >= 60 && self.pages > 0;
        is_known.then(|| f64::from(self.pages) * 3600.0 / seconds_f64(self.seconds))
    }

    /// Returns the seconds until the end of the book at this pace. `percentage` is the position, if there is one.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before")]
    pub(crate) fn seconds_left(&self, percentage: Option<f64>) -> Option<u64> {
        let pace = self.pages_an_hour()?;
        if self.page_count == 0 {
            return None;
        }
        let total = f64::from(self.page_count);
        let read = match percentage {
            Some(percentage) => percentage.clamp(0.0, 1.0) * total,
            None => f64::from(self.last_page.min(self.page_count)),
        };
        Some(((total - read) * 3600.0 / pace).clamp(0.0, 1e9).round() as u64)
    }

    /// Adds the reading of another file of the same book, whose pages are other ones. The facts stay those of the one that was read last.
    pub(crate) fn merge(&mut self, other: Self) {
        if other.last > self.last {
            let this = std::mem::replace(self, other);
            return self.merge(this);
        }
        if other.first > 0 {
            self.first = if self.first == 0 { other.first } else { self.first.min(other.first) };
        }
        self.seconds += other.seconds;
        self.pages = self.pages.saturating_add(other.pages);
        self.sessions = self.sessions.saturating_add(other.sessions);
        let mut days: BTreeMap<Date, DayTimes> = self.days.iter().map(|day| (day.date, *day)).collect();
        other.days.iter().for_each(|day| add_day(&mut days, day));
        self.days = days.into_values().collect();
    }
}

#[allow(clippy::cast_precision_loss, reason = "seconds of a lifetime are exact")]
fn seconds_f64(seconds: u64) -> f64 {
    seconds as f64
}

fn add_day(days: &mut BTreeMap<Date, DayTimes>, day: &DayTimes) {
    let sum = days.entry(day.date).or_insert(DayTimes { seconds: 0, pages: 0, ..*day });
    sum.seconds = sum.seconds.saturating_add(day.seconds);
    sum.pages = sum.pages.saturating_add(day.pages);
}

/// The reading of all books.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReadingTimes {
    pub(crate) seconds: u64,
    /// Different pages of each book.
    pub(crate) pages: u64,
    pub(crate) sessions: u32,
    /// When reading began and last ended, in seconds since the Unix epoch. 0 if nothing was read.
    pub(crate) first: u64,
    pub(crate) last: u64,
    /// Ordered by date.
    pub(crate) days: Vec<DayTimes>,
    /// The last read first.
    pub(crate) books: Vec<BookTimes>,
}

impl ReadingTimes {
    /// Adds up readings in any order.
    pub(super) fn new(mut readings: Vec<PageReading>, facts: Vec<BookFacts>, days: &DayRule) -> Self {
        let mut clock = DayClock::new(days);
        unify_books(&mut readings, &facts);
        readings.sort_unstable_by_key(|reading| reading.start);
        let mut times = Self { sessions: count_sessions(&readings), ..Self::default() };
        // By book, and in a book by time.
        readings.sort_unstable_by_key(|reading| (reading.book, reading.start, reading.page));
        let mut days = BTreeMap::new();
        let mut facts: Vec<Option<BookFacts>> = facts.into_iter().map(Some).collect();
        let (mut of_book, mut of_day) = (PageSet::default(), PageSet::default());
        for readings in readings.chunk_by(|one, other| one.book == other.book) {
            let Some(facts) = facts.get_mut(usize::from(readings[0].book)).and_then(Option::take) else { continue };
            let book = BookTimes::new(readings, facts, &mut clock, (&mut of_book, &mut of_day));
            book.days.iter().for_each(|day| add_day(&mut days, day));
            times.seconds += book.seconds;
            times.pages += u64::from(book.pages);
            times.first = if times.first == 0 { book.first } else { times.first.min(book.first) };
            times.last = times.last.max(book.last);
            times.books.push(book);
        }
        times.days = days.into_values().collect();
        keep_last(&mut times.days, MAX_DAYS);
        times.books.sort_by(|one, other| (other.last, &one.md5).cmp(&(one.last, &other.md5)));
        times.books.truncate(MAX_BOOKS);
        let mut pairs = 0;
        for book in &mut times.books {
            keep_last(&mut book.days, MAX_BOOK_DAYS.min(MAX_PAIRS - pairs));
            pairs += book.days.len();
        }
        times
    }
}

/// Makes books with the same MD5 one: KOReader keeps a row for each title that a file had. The one that was read last counts.
///
/// Books without an MD5 are one if they are called the same.
fn unify_books(readings: &mut [PageReading], facts: &[BookFacts]) {
    let mut last_read = vec![0; facts.len()];
    for reading in &*readings {
        if let Some(last) = last_read.get_mut(usize::from(reading.book)) {
            *last = reading.start.max(*last);
        }
    }
    let mut known: HashMap<[&str; 3], u16> = HashMap::new();
    for (book, (facts, last)) in (0..).zip(facts.iter().zip(&last_read)) {
        let known = known.entry(facts.identity()).or_insert(book);
        if *last > last_read[usize::from(*known)] {
            *known = book;
        }
    }
    for reading in readings {
        let facts = facts.get(usize::from(reading.book));
        if let Some(book) = facts.and_then(|facts| known.get(&facts.identity())) {
            reading.book = *book;
        }
    }
}

fn keep_last(days: &mut Vec<DayTimes>, max: usize) {
    days.drain(..days.len().saturating_sub(max));
}

impl BookTimes {
    /// Adds up the readings of one book, ordered by time.
    fn new(
        readings: &[PageReading],
        facts: BookFacts,
        clock: &mut DayClock<'_>,
        (of_book, of_day): (&mut PageSet, &mut PageSet),
    ) -> Self {
        let BookFacts { title, authors, md5, pages } = facts;
        let mut book = Self { title, authors, md5, page_count: pages, ..Self::default() };
        book.sessions = count_sessions(readings);
        of_book.clear();
        for reading in readings {
            let (start, duration) = (u64::from(reading.start), u32::from(reading.duration));
            let pages = reading.rescaled(pages);
            let date = clock.day(start);
            if book.days.last().is_none_or(|day| day.date != date) {
                of_day.clear();
                book.days.push(DayTimes { date, seconds: 0, pages: 0 });
            }
            if let Some(day) = book.days.last_mut() {
                day.seconds = day.seconds.saturating_add(duration);
                day.pages += of_day.add(pages);
            }
            book.seconds += u64::from(duration);
            book.pages += of_book.add(pages);
            book.last_page = pages.1.into();
            book.first = if book.first == 0 { start } else { book.first.min(start) };
            book.last = book.last.max(start + u64::from(duration));
        }
        book
    }
}

/// Counts the sessions of readings that are ordered by time.
fn count_sessions(readings: &[PageReading]) -> u32 {
    let (mut sessions, mut end) = (0, 0);
    for reading in readings {
        let start = u64::from(reading.start);
        sessions += u32::from(sessions == 0 || start > end + SESSION_GAP);
        end = end.max(start + u64::from(reading.duration));
    }
    sessions
}

/// A set of pages. Clearing it takes as long as what was added.
struct PageSet {
    bits: Vec<u64>,
    touched: Vec<u16>,
}

impl Default for PageSet {
    fn default() -> Self {
        Self { bits: vec![0; (usize::from(u16::MAX) + 1) / 64], touched: Vec::new() }
    }
}

impl PageSet {
    /// Adds the pages from a first to a last one, and returns how many are new.
    fn add(&mut self, (first, last): (u16, u16)) -> u32 {
        let mut new = 0;
        for word in first / 64..=last / 64 {
            let mut mask = u64::MAX;
            if word == first / 64 {
                mask &= u64::MAX << (first % 64);
            }
            if word == last / 64 {
                mask &= u64::MAX >> (63 - last % 64);
            }
            let bits = &mut self.bits[usize::from(word)];
            if *bits == 0 && mask != 0 {
                self.touched.push(word);
            }
            new += (mask & !*bits).count_ones();
            *bits |= mask;
        }
        new
    }

    fn clear(&mut self) {
        for word in self.touched.drain(..) {
            self.bits[usize::from(word)] = 0;
        }
    }
}

/// Returns the days of times. Asks the rule once a day.
struct DayClock<'a> {
    days: &'a DayRule,
    /// The last day, and its seconds.
    last: Option<(Date, Range<u64>)>,
}

impl<'a> DayClock<'a> {
    fn new(days: &'a DayRule) -> Self {
        Self { days, last: None }
    }

    fn day(&mut self, seconds: u64) -> Date {
        if let Some((date, range)) = &self.last
            && range.contains(&seconds)
        {
            return *date;
        }
        let date = self.days.date(seconds);
        self.last = self.seconds_of(date).map(|range| (date, range));
        date
    }

    fn seconds_of(&self, date: Date) -> Option<Range<u64>> {
        let start = |date: Date| {
            let start = date.at(i8::try_from(self.days.end()).ok()?, 0, 0, 0);
            let start = self.days.zone().to_timestamp(start).ok()?.as_second();
            Some(u64::try_from(start).unwrap_or(0))
        };
        Some(start(date)?..start(date.tomorrow().ok()?)?)
    }
}

#[cfg(test)]
mod tests;

//! What the histories of an account's books add up to: when each was opened and finished, and how much of it was read on which day.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use crate::model::{BEGUN_AGAIN, Document, FINISHED, FinishLog, read_share};
use crate::store::FoldedHistory;

/// Books that are kept. Their documents are limited by the account's quota, which may be raised.
const MAX_BOOKS: usize = 1 << 16;
/// Pairs of a day and a book that are kept: 2 MiB. With more, nothing tells any more what was read on the days that come last.
const MAX_DAY_BOOKS: usize = 1 << 18;

/// A position that a device pushed, as it is counted. It has no text, so a whole history takes little memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Position {
    /// Hash of book and device.
    pub(super) pair: u64,
    /// Hash of the device.
    pub(super) device: u64,
    pub(super) percentage: f64,
    /// In whole seconds since the Unix epoch.
    pub(super) timestamp: u64,
    pub(super) sequence: u64,
    pub(super) pushes: u32,
    /// Whether it was the current position.
    pub(super) is_current: bool,
}

/// How a book is counted: the document, or the first of those that it is joined with, and what is left of positions that are gone.
pub(super) struct BookStart<'a> {
    pub(super) book: &'a Document,
    /// When it was last opened as far as the history does not tell: a device that holds the position has no entry for that.
    pub(super) opened: u64,
    pub(super) folded: Vec<FoldedHistory>,
}

/// The history of a book that is being counted.
#[derive(Debug)]
pub(super) struct AtHand {
    pub(super) hash: u64,
    pub(super) document: Document,
    pub(super) opened: u64,
    pub(super) folded: Vec<FoldedHistory>,
    /// Whether `document` is that of the newest position.
    pub(super) has_document: bool,
    /// The newest first.
    pub(super) positions: Vec<Position>,
}

/// A moment in the history of a book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Moment {
    /// In whole seconds since the Unix epoch.
    pub(super) timestamp: u64,
    pub(super) sequence: u64,
}

/// What the history of a book adds up to.
#[derive(Debug, Clone)]
pub(super) struct BookCount {
    /// Of joined documents, the one that was read last.
    pub(super) document: Document,
    pub(super) finishes: FinishLog,
    /// The current percentage, or that before the first position of the history.
    pub(super) percentage: Option<f64>,
    /// When a device last pushed it.
    pub(super) opened: Moment,
    /// When it was last below 50 %.
    pub(super) low: Moment,
    /// The days on which it was read until it was first finished.
    first_reading: FirstReading,
}

/// Share of a book read on known days from which these count as all.
const MOST_OF_IT: f64 = 0.8;

/// The days from a book's first position until it was first finished.
#[derive(Debug, Clone, Copy, Default)]
struct FirstReading {
    days: u32,
    last: Option<Date>,
    /// As a fraction of the book.
    read: f64,
    is_over: bool,
}

impl FirstReading {
    fn add(&mut self, date: Date, percentage: f64, read: f64) {
        if self.is_over {
            return;
        }
        self.is_over = percentage >= FINISHED;
        self.read += read;
        if read > 0.0 && self.last != Some(date) {
            (self.days, self.last) = (self.days + 1, Some(date));
        }
    }
}

impl BookCount {
    pub(super) fn new(document: Document, percentage: Option<f64>) -> Self {
        let (finishes, opened, low, first_reading) = Default::default();
        Self { document, finishes, percentage, opened, low, first_reading }
    }

    /// Returns on how many days it was read until it was first finished. Returns `None` where the history does not tell of most of it.
    pub(super) fn days_read(&self) -> Option<u32> {
        Some(self.first_reading.days).filter(|_| self.first_reading.read >= MOST_OF_IT)
    }

    /// Adds the newest position of a day, and returns how much was read. `of_device` is where its device was last.
    pub(super) fn add(&mut self, position: &Position, date: Date, of_device: Option<f64>) -> f64 {
        let Position { percentage, timestamp, sequence, is_current, .. } = *position;
        let moment = Moment { timestamp, sequence };
        self.opened = self.opened.max(moment);
        if !is_current {
            return 0.0;
        }
        if percentage < BEGUN_AGAIN {
            self.low = self.low.max(moment);
        }
        let read = read_share(percentage, self.percentage, of_device);
        self.first_reading.add(date, percentage, read);
        self.percentage = Some(percentage);
        read
    }
}

/// The books of an account, each with a number.
#[derive(Debug, Default)]
pub(super) struct BookCounts {
    numbers: HashMap<u64, u32>,
    books: Vec<BookCount>,
    /// Bytes of their documents' ids.
    bytes: usize,
}

impl BookCounts {
    /// Returns the number of a book by its hash.
    pub(super) fn number(&self, book: u64) -> Option<u32> {
        self.numbers.get(&book).copied()
    }

    /// Returns a book by its hash; a new one is added, if there is room.
    pub(super) fn entry(&mut self, book: u64, new: impl FnOnce() -> BookCount) -> Option<(u32, &mut BookCount)> {
        let number = match self.numbers.get(&book) {
            Some(number) => *number,
            None if self.books.len() >= MAX_BOOKS => return None,
            None => {
                let number = u32::try_from(self.books.len()).ok()?;
                let new = new();
                self.bytes += new.document.as_str().len();
                self.books.push(new);
                self.numbers.insert(book, number);
                number
            }
        };
        self.books.get_mut(number as usize).map(|count| (number, count))
    }

    /// Returns a book by its hash.
    pub(super) fn get_mut(&mut self, book: u64) -> Option<(u32, &mut BookCount)> {
        let number = self.number(book)?;
        self.books.get_mut(number as usize).map(|count| (number, count))
    }
    pub(super) fn get(&self, number: u32) -> Option<&BookCount> {
        self.books.get(number as usize)
    }

    /// Returns the books with their hashes.
    pub(super) fn hashed(&self) -> impl Iterator<Item = (u64, &BookCount)> {
        self.numbers.iter().filter_map(|(hash, number)| Some((*hash, self.get(*number)?)))
    }

    /// Returns the books in the order of their numbers.
    pub(super) fn all(&self) -> &[BookCount] {
        &self.books
    }

    /// Returns about how many bytes of memory they take.
    pub(super) fn size(&self) -> usize {
        const PER_NUMBER: usize = 16;
        let turns: usize = self.books.iter().map(|book| size_of_val(book.finishes.turns())).sum();
        self.numbers.capacity() * PER_NUMBER + self.books.capacity() * size_of::<BookCount>() + self.bytes + turns
    }
}

/// How much of a book was read lately.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Recent {
    /// The first day with progress.
    pub(crate) first: Date,
    /// Days with progress.
    pub(crate) days: u32,
    /// As a fraction of the book.
    pub(crate) read: f64,
}

/// How much of which book was read on each day.
#[derive(Debug, Default)]
pub(super) struct DayBooks {
    days: BTreeMap<Date, Vec<(u32, f32)>>,
    count: usize,
}

impl DayBooks {
    /// Adds reading of a book. Returns whether there was room for it.
    pub(super) fn add(&mut self, date: Date, book: u32, read: f64) -> bool {
        #[allow(clippy::cast_possible_truncation, reason = "a share of a book")]
        let read = read as f32;
        let books = self.days.entry(date).or_default();
        // A whole history is added at once: the book is the last one then.
        match books.iter_mut().rev().find(|(number, _)| *number == book) {
            Some((_, total)) => *total += read,
            None if self.count >= MAX_DAY_BOOKS => return false,
            None => {
                books.push((book, read));
                self.count += 1;
            }
        }
        true
    }

    /// Returns the books of a day, each with how much of it was read: more than 1 if it was begun again.
    pub(super) fn of_day(&self, date: Date) -> impl Iterator<Item = (u32, f64)> {
        self.days.get(&date).into_iter().flatten().map(|(book, read)| (*book, f64::from(*read)))
    }

    /// Returns how much of each book was read from one day to another, both included.
    pub(super) fn between(&self, first: Date, last: Date) -> HashMap<u32, Recent> {
        let mut totals = HashMap::new();
        for (date, books) in self.days.range(first..=last) {
            for (book, read) in books.iter().filter(|(_, read)| *read > 0.0) {
                let recent = totals.entry(*book).or_insert(Recent { first: *date, days: 0, read: 0.0 });
                recent.days += 1;
                recent.read += f64::from(*read);
            }
        }
        totals
    }

    /// Returns about how many bytes of memory they take.
    pub(super) fn size(&self) -> usize {
        const PER_DAY: usize = 48;
        self.days.len() * PER_DAY
            + self.days.values().map(|books| books.capacity() * size_of::<(u32, f32)>()).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_day_without_progress_makes_no_pace() {
        let mut days = DayBooks::default();
        [(1, 0.1), (2, 0.0), (3, 0.2)]
            .into_iter()
            .for_each(|(day, read)| assert!(days.add(date(2026, 3, day), 7, read)));
        let recent = days.between(date(2026, 3, 1), date(2026, 3, 3))[&7];
        assert_eq!((recent.first, recent.days), (date(2026, 3, 1), 2));
        assert_eq!(days.between(date(2026, 3, 2), date(2026, 3, 2)).len(), 0);
    }

    /// Counts that lack days are not kept, so that no page shows them as all.
    #[test]
    fn a_day_of_a_book_for_which_there_is_no_room_is_told() {
        let mut days = DayBooks::default();
        let dates = || std::iter::successors(Some(date(1, 1, 1)), |date| date.tomorrow().ok());
        assert!(dates().take(MAX_DAY_BOOKS).all(|date| days.add(date, 7, 0.1)));
        assert!(days.add(date(1, 1, 1), 7, 0.1), "it is there already");
        assert!(!days.add(date(1, 1, 1), 8, 0.1));
    }

    #[test]
    fn days_count_until_a_book_is_first_finished_if_most_of_it_is_known() {
        let days = |positions: &[(i8, f64)]| {
            let mut book = BookCount::new(Document::new("emma").expect("an id"), None);
            for (number, (day, percentage)) in (1..).zip(positions) {
                let (pair, device, pushes, timestamp) = (0, 0, 1, number);
                let (percentage, sequence, is_current) = (*percentage, number, true);
                let position = Position { pair, device, percentage, timestamp, sequence, pushes, is_current };
                book.add(&position, date(2026, 3, *day), None);
            }
            book.days_read()
        };
        assert_eq!(days(&[(1, 0.05), (1, 0.2), (2, 0.1), (3, 0.9), (4, 0.995), (9, 0.7), (9, 1.0)]), Some(3));
        assert_eq!(days(&[(1, 0.05), (2, 0.84)]), Some(2), "its reader says that it is finished");
        assert_eq!(days(&[(1, 0.5), (2, 0.995)]), None, "begun elsewhere");
        assert_eq!(days(&[(1, 1.0)]), None);
    }
}

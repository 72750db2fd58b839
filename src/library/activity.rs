//! What an account has read, and on what: a snapshot of its counts.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;

use super::calendar::Calendar;
use super::devices::{Device, DeviceMarks};
use super::shelves::{BookActivity, Finish};
use crate::model::{DayRule, Document, Shelf};

/// What an account has read, and on what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Activity {
    /// The rule of the account's days.
    pub(crate) days: DayRule,
    /// The last to push first. Those that were forgotten are left out.
    pub(crate) devices: Vec<Device>,
    /// How devices are shown, those too that were forgotten.
    pub(crate) device_marks: DeviceMarks,
    pub(crate) calendar: Calendar,
    /// All books, those too that are hidden, the last opened first.
    pub(crate) books: Vec<BookActivity>,
    /// All books that were finished, the last first. A book that was read twice is there twice; so are hidden and deleted books.
    pub(crate) finishes: Vec<Finish>,
    /// Numbers of books by their documents.
    pub(super) index: HashMap<Document, usize>,
}

impl Activity {
    /// Returns the book that a document is, or is a file of.
    pub(crate) fn book(&self, document: &Document) -> Option<&BookActivity> {
        self.index.get(document).and_then(|index| self.books.get(*index))
    }

    /// Returns whether a document is a book that its reader hid.
    pub(crate) fn is_hidden(&self, document: &Document) -> bool {
        self.book(document).is_some_and(|book| book.is_hidden)
    }

    /// Returns the books of a shelf that are not hidden, the last opened first.
    pub(crate) fn on_shelf(&self, shelf: Shelf) -> impl Iterator<Item = &BookActivity> {
        self.books.iter().filter(move |book| book.shelf == shelf && !book.is_hidden)
    }

    /// Returns the number of books that were finished in a year, each once.
    pub(crate) fn finished_in(&self, year: i16) -> usize {
        self.finished_by(|date| date.year() == year)
    }

    /// Returns the number of books that were finished in a month, each once.
    pub(crate) fn finished_in_month(&self, year: i16, month: i8) -> usize {
        self.finished_by(|date| (date.year(), date.month()) == (year, month))
    }

    fn finished_by(&self, is_such: impl Fn(Date) -> bool) -> usize {
        let mut seen = HashSet::new();
        let finishes = self.finishes.iter().filter(|finish| is_such(finish.date));
        finishes.filter(|finish| finish.document.as_ref().is_none_or(|document| seen.insert(document))).count()
    }
}

//! The reading times of a book: numbers, and what they were counted from.

use super::book_rows::RowStyle;
use crate::library::reading::{BookReading, FileNote, TimesState};
use crate::reading::DayTimes;

/// Days of a book that its page lists.
const MAX_DAYS: usize = 60;
/// Bytes of a client's name that are shown.
const MAX_AGENT: usize = 60;

/// The reading times of a book.
pub(super) struct BookTimesView {
    /// `3 h 20 min on 12 days`.
    pub(super) time: String,
    /// `230 pages`, and others, each with the id of its label.
    pub(super) facts: Vec<(&'static str, String)>,
    /// The last days first.
    pub(super) days: Vec<DayRow>,
    /// How many days are not listed.
    pub(super) earlier_days: usize,
}

/// A day's reading.
pub(super) struct DayRow {
    pub(super) date: String,
    pub(super) time: String,
    pub(super) pages: u32,
}

impl BookTimesView {
    /// Describes a book's reading. `percentage` is its position, if it has one.
    pub(super) fn new(book: &BookReading, percentage: Option<f64>, style: &RowStyle) -> Self {
        let texts = style.texts;
        let counted = |id, count| texts.msg(id).arg("count", count).to_string();
        let mut facts = Vec::new();
        let pages = match book.page_count {
            0 => counted("books-page-count", book.pages),
            total => texts.msg("books-pages-of").arg("count", book.pages).arg("total", total).to_string(),
        };
        facts.push(("books-pages-read", pages));
        facts.push(("books-sittings", counted("books-sessions", book.sessions)));
        if let Some(pace) = book.pages_an_hour() {
            let pace = texts.msg("books-pages-an-hour").arg("count", pace.round());
            facts.push(("books-pace", pace.to_string()));
        }
        if let Some(left) = book.seconds_left(percentage).filter(|left| *left > 0) {
            let left = texts.msg("books-about").arg("time", texts.duration(left));
            facts.push(("books-left", left.to_string()));
        }
        facts.push(("books-begun", texts.time(book.first, &style.zone)));
        facts.push(("books-last-read", texts.time(book.last, &style.zone)));
        let row = |day: &DayTimes| DayRow {
            date: texts.date(day.date),
            time: texts.duration(day.seconds.into()),
            pages: day.pages,
        };
        let time = texts.msg("books-time-on-days").arg("time", texts.duration(book.seconds));
        Self {
            time: time.arg("count", book.days.len()).to_string(),
            facts,
            days: book.days.iter().rev().take(MAX_DAYS).map(row).collect(),
            earlier_days: book.days.len().saturating_sub(MAX_DAYS),
        }
    }
}

/// What the times were counted from.
pub(super) struct TimesSource {
    /// A sentence; empty if there are no statistics.
    pub(super) text: String,
    /// Why the last upload does not count.
    pub(super) unread: Option<String>,
}

impl TimesSource {
    pub(super) fn new(times: Option<&TimesState>, style: &RowStyle) -> Self {
        let texts = style.texts;
        let time = |file: &FileNote| style.ago(file.uploaded_at).text;
        let file = times.and_then(|times| times.file.as_ref());
        let text = file.map(|file| match &file.uploaded_by {
            Some(by) => {
                let agent = by[..by.floor_char_boundary(MAX_AGENT)].trim();
                texts.msg("books-source").arg("time", time(file)).arg("agent", agent).to_string()
            }
            None => texts.msg("books-source-unnamed").arg("time", time(file)).to_string(),
        });
        let unread = times.and_then(|times| times.unread.as_ref()).map(|unread| {
            let message = texts.msg(if text.is_some() { "books-unread" } else { "books-unread-none" });
            let message = message.arg("path", unread.file.path.to_string()).arg("time", time(&unread.file));
            message.arg("reason", &unread.reason).to_string()
        });
        Self { text: text.unwrap_or_default(), unread }
    }
}

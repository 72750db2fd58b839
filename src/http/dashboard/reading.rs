//! Reading times as pages show them: numbers, and what they were counted from.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::format::{count, day_and_time, duration};
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
    /// `230 different pages`, and others, each with its label.
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
    pub(super) fn new(book: &BookReading, percentage: Option<f64>, zone: &TimeZone, today: Date) -> Self {
        let mut facts = Vec::new();
        let pages = count(book.pages.try_into().unwrap_or(usize::MAX), "page", "pages");
        let of = if book.page_count > 0 { format!("{pages} of {}", book.page_count) } else { pages };
        facts.push(("Pages read", of));
        let sessions = count(book.sessions.try_into().unwrap_or(usize::MAX), "session", "sessions");
        facts.push(("Sittings", format!("{sessions}, with less than ten minutes without a page")));
        if let Some(pace) = book.pages_an_hour() {
            facts.push(("Pace", format!("{pace:.0} pages an hour")));
        }
        if let Some(left) = book.seconds_left(percentage).filter(|left| *left > 0) {
            facts.push(("Left at this pace", format!("about {}", duration(left))));
        }
        facts.push(("Begun", day_and_time(book.first, zone, today)));
        facts.push(("Last read", day_and_time(book.last, zone, today)));
        let row = |day: &DayTimes| DayRow {
            date: day.date.to_string(),
            time: duration(day.seconds.into()),
            pages: day.pages,
        };
        Self {
            time: format!("{} on {}", duration(book.seconds), count(book.days.len(), "day", "days")),
            facts,
            days: book.days.iter().rev().take(MAX_DAYS).map(row).collect(),
            earlier_days: book.days.len().saturating_sub(MAX_DAYS),
        }
    }
}

/// What numbers were counted from.
#[derive(Default)]
pub(super) struct Source {
    /// `KOReader’s statistics, last uploaded yesterday 22:10 by KOReader/2026.08`. Empty if there are none.
    pub(super) text: String,
    /// Why the last upload does not count.
    pub(super) unread: Option<String>,
}

impl Source {
    pub(super) fn new(times: Option<&TimesState>, zone: &TimeZone, today: Date) -> Self {
        let Some(times) = times else { return Self::default() };
        let text = times.file.as_ref().map(|file| format!("KOReader’s statistics, {}", uploaded(file, zone, today)));
        let unread = times.unread.as_ref().map(|unread| {
            let then = match text {
                Some(_) => "The times are those of the last upload that could be read.",
                None => "So there are no reading times yet.",
            };
            format!(
                "“{}”, {}, cannot be read: {}. {then}",
                unread.file.path,
                uploaded(&unread.file, zone, today),
                unread.reason
            )
        });
        Self { text: text.unwrap_or_default(), unread }
    }
}

/// Says when a file was uploaded, and by what: `last uploaded today 22:10 by KOReader/2026.08`.
pub(super) fn uploaded(file: &FileNote, zone: &TimeZone, today: Date) -> String {
    let time = day_and_time(file.uploaded_at, zone, today);
    match &file.uploaded_by {
        Some(by) => format!("last uploaded {time} by {}", by[..by.floor_char_boundary(MAX_AGENT)].trim()),
        None => format!("last uploaded {time}"),
    }
}

//! Reading times of an account as pages show them: numbers, and what they were counted from.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::format::{day_and_time, duration};
use crate::library::reading::{FileNote, TimesState};

/// Bytes of a client's name that are shown.
const MAX_AGENT: usize = 60;

/// The reading times of all books.
pub(super) struct TotalTimesView {
    /// `35 min`.
    pub(super) today: String,
    pub(super) total: String,
    pub(super) source: Source,
}

impl TotalTimesView {
    /// Describes an account's reading; `None` if no statistics were read yet.
    pub(super) fn new(times: &TimesState, zone: &TimeZone, today: Date) -> Option<Self> {
        times.file.as_ref()?;
        Some(Self {
            today: duration(times.day(today).seconds.into()),
            total: duration(times.seconds),
            source: Source::new(Some(times), zone, today),
        })
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

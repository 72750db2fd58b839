//! Reading times as pages show them: numbers, and what they were counted from.

use super::lines;
use crate::library::reading::{BookReading, FileNote, TimesState, UnreadFile};
use crate::model::Language;
use crate::reading::DayTimes;
use crate::text::{Clock, Message, Texts};

/// Days of a book that its page lists.
const MAX_DAYS: usize = 60;
/// Bytes of a client's name, and of a file's path, that are shown.
const MAX_AGENT: usize = 60;
const PATH_MAX: usize = 160;

/// The reading times of a book.
pub(super) struct BookTimesView {
    /// `3 h 20 min on 12 days`.
    pub(super) time: String,
    /// `230 different pages`, and others, each with its label.
    pub(super) facts: Vec<(Message, String)>,
    /// The last days first.
    pub(super) days: Vec<DayRow>,
    /// How many days are not listed.
    pub(super) earlier_days: usize,
}

/// A day's reading.
pub(super) struct DayRow {
    pub(super) date: String,
    pub(super) time: String,
    pub(super) pages: String,
}

impl BookTimesView {
    /// Describes a book's reading. `percentage` is its position, if it has one.
    pub(super) fn new(book: &BookReading, percentage: Option<f64>, clock: &Clock) -> Self {
        let texts = clock.texts;
        let mut facts = Vec::new();
        let mut fact = |label, text: String| facts.push((texts.msg(label), text));
        let pages = match book.page_count {
            0 => texts.msg("common-pages").arg("count", book.pages),
            total => texts.msg("common-pages-of").arg("count", book.pages).arg("total", total),
        };
        fact("common-pages-read", pages.to_string());
        fact("common-sittings", texts.msg("common-sittings-count").arg("count", book.sessions).to_string());
        if let Some(pace) = book.pages_an_hour() {
            fact("common-pace", texts.msg("common-pages-an-hour").arg("count", pace.round()).to_string());
        }
        if let Some(left) = book.seconds_left(percentage).filter(|left| *left > 0) {
            let time = texts.duration(left);
            // Under a minute is no exact time.
            fact(
                "common-time-left",
                if left < 60 { time } else { texts.msg("common-about").arg("time", time).to_string() },
            );
        }
        fact("common-begun", clock.when(book.first));
        fact("common-last-read", clock.when(book.last));
        let row = |day: &DayTimes| DayRow {
            date: texts.date(day.date),
            time: texts.duration(day.seconds.into()),
            pages: texts.number(day.pages.into()),
        };
        let time = texts.msg("common-time-on-days").arg("time", texts.duration(book.seconds));
        Self {
            time: time.arg("count", book.days.len()).to_string(),
            facts,
            days: book.days.iter().rev().take(MAX_DAYS).map(row).collect(),
            earlier_days: book.days.len().saturating_sub(MAX_DAYS),
        }
    }
}

/// What numbers were counted from.
#[derive(Default)]
pub(super) struct Source {
    /// The sentence that names the source of reading times; empty if there are none. For example `Reading times are from KOReader’s
    /// statistics, last uploaded yesterday 22:10 by KOReader/2026.08.`
    pub(super) text: String,
    /// Why the last upload does not count.
    pub(super) unread: Option<String>,
}

impl Source {
    pub(super) fn new(times: Option<&TimesState>, clock: &Clock) -> Self {
        let Some(times) = times else { return Self::default() };
        let text =
            times.file.as_ref().map(|file| uploaded(clock.texts.msg("common-times-from"), file, clock).to_string());
        let unread = times.unread.as_ref().map(|unread| {
            let then = if text.is_some() { "common-unread-kept" } else { "common-unread-none" };
            format!("{} {}", why_unread(unread, clock), clock.texts.msg(then))
        });
        Self { text: text.unwrap_or_default(), unread }
    }
}

/// Sets when a file was uploaded, as `when`, and by what, as `by`.
pub(super) fn uploaded(message: Message, file: &FileNote, clock: &Clock) -> Message {
    let by = file.uploaded_by.as_ref().map_or("none", |by| by[..by.floor_char_boundary(MAX_AGENT)].trim());
    message.arg("when", clock.when(file.uploaded_at)).arg("by", by)
}

/// Says why a file cannot be read.
pub(super) fn why_unread(unread: &UnreadFile, clock: &Clock) -> Message {
    let message = uploaded(clock.texts.msg("common-unread"), &unread.file, clock);
    message
        .arg("path", lines::ending(unread.file.path.as_str(), PATH_MAX))
        .arg("reason", unread_reason(&unread.reason, clock.texts))
}

/// Translates the reason for which a file was not read. It is stored in English, which says it exactly.
pub(super) fn unread_reason(reason: &str, texts: Texts) -> String {
    if texts.language() == Language::English {
        return reason.to_owned();
    }
    let size =
        reason.strip_prefix("it is larger than ").and_then(|size| size.strip_suffix(" MiB")?.parse::<u64>().ok());
    let message = if let Some(size) = size {
        texts.msg("common-unread-too-large").arg("size", texts.bytes(size << 20))
    } else if reason.starts_with("it is not an SQLite database") {
        texts.msg("common-unread-no-sqlite")
    } else if reason.ends_with("KOReader's statistics") {
        texts.msg("common-unread-no-statistics")
    } else if reason.starts_with("it is not JSON") {
        texts.msg("common-unread-no-json")
    } else if reason.starts_with("it has") {
        texts.msg("common-unread-too-much")
    } else {
        texts.msg("common-unread-damaged")
    };
    message.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reasons are made in `reading`, and these words of them are looked for here.
    #[test]
    fn the_reason_for_which_a_file_was_not_read_is_translated() {
        let german = Texts::of(Language::German);
        for (text, expected) in [
            ("it is larger than 4 MiB", "sie ist größer als 4\u{a0}MiB"),
            ("it is not an SQLite database", "sie ist keine SQLite-Datenbank"),
            ("its tables are not those of KOReader's statistics", "sie ist nicht die Statistik von KOReader"),
            ("it is not JSON (line 1, column 2)", "sie ist kein JSON"),
            ("it has too many books", "sie hat mehr Einträge, als der Server liest"),
            ("reading it takes too much memory", "sie ist beschädigt oder zu aufwendig zu lesen"),
        ] {
            assert_eq!(unread_reason(text, german), expected);
            assert_eq!(unread_reason(text, Texts::of(Language::English)), text);
            let sources = [include_str!("../../reading/statistics.rs"), include_str!("../../reading/highlights.rs")];
            let start = text.split(" (").next().unwrap_or_default();
            assert!(sources.iter().any(|source| source.contains(start)), "{text} is said nowhere");
        }
    }
}

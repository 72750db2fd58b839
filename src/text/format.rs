//! Numbers, dates and times as each language writes them.

use fluent_bundle::FluentValue;
use intl_memoizer::concurrent::IntlLangMemoizer;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Message, Texts};
use crate::model::{Language, calendar_day, timestamp};

/// Ids of the months' names, and of their abbreviations.
const MONTHS: [(&str, &str); 12] = [
    ("common-january", "common-jan"),
    ("common-february", "common-feb"),
    ("common-march", "common-mar"),
    ("common-april", "common-apr"),
    ("common-may", "common-may-short"),
    ("common-june", "common-jun"),
    ("common-july", "common-jul"),
    ("common-august", "common-aug"),
    ("common-september", "common-sep"),
    ("common-october", "common-oct"),
    ("common-november", "common-nov"),
    ("common-december", "common-dec"),
];
/// Days for which a time is said as how long ago it is.
const AGO_DAYS: i32 = 7;

/// Minutes in which an evening does not become yesterday at midnight.
const SAME_EVENING: u64 = 6 * 60;

/// How a language writes numbers: groups of three digits, the least digits that are grouped, decimal sign, percent sign.
struct Numbers {
    group: &'static str,
    min_grouped: usize,
    decimal: &'static str,
    percent: &'static str,
}

fn numbers(language: Language) -> Numbers {
    let (group, min_grouped, decimal, percent) = match language {
        Language::English => (",", 4, ".", "%"),
        Language::German => (".", 4, ",", "\u{a0}%"),
        Language::Spanish => ("\u{a0}", 5, ",", "\u{a0}%"),
        Language::French => ("\u{202f}", 4, ",", "\u{202f}%"),
        Language::Dutch => (".", 4, ",", "%"),
    };
    Numbers { group, min_grouped, decimal, percent }
}

/// Writes a number with the groups and the decimal sign of a language. `digits` are as Rust writes them.
fn grouped(digits: &str, language: Language) -> String {
    let Numbers { group, min_grouped, decimal, .. } = numbers(language);
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("−", digits));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut text = sign.to_owned();
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len() - index;
        if index > 0 && left % 3 == 0 && whole.len() >= min_grouped {
            text.push_str(group);
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push_str(decimal);
        text.push_str(fraction);
    }
    text
}

/// Returns the formatter of numbers in a language's messages. Fluent takes functions alone, not closures.
pub(super) fn formatter(language: Language) -> fn(&FluentValue<'_>, &IntlLangMemoizer) -> Option<String> {
    fn format(value: &FluentValue<'_>, language: Language) -> Option<String> {
        match value {
            FluentValue::Number(number) => Some(grouped(&number.as_string(), language)),
            _ => None,
        }
    }
    match language {
        Language::German => |value, _| format(value, Language::German),
        Language::English => |value, _| format(value, Language::English),
        Language::Spanish => |value, _| format(value, Language::Spanish),
        Language::French => |value, _| format(value, Language::French),
        Language::Dutch => |value, _| format(value, Language::Dutch),
    }
}

/// A time for a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Time {
    /// How long ago it was, or its day: `2 days ago`, `24 Nov`.
    pub(crate) text: String,
    /// Its day and time: `24 November 2026, 22:10`.
    pub(crate) exact: String,
    /// In UTC, as HTML wants it.
    pub(crate) datetime: String,
}

impl Texts {
    /// Formats a whole number.
    pub(crate) fn number(self, number: u64) -> String {
        grouped(&number.to_string(), self.language)
    }

    /// Formats a number with one decimal, which is left out if it is 0.
    pub(crate) fn decimal(self, number: f64) -> String {
        let digits = format!("{number:.1}");
        grouped(digits.strip_suffix(".0").unwrap_or(&digits), self.language)
    }

    /// Formats a fraction as a percentage, rounded down to a tenth: `42.5%`. What is beyond 9,999 % is named by that limit.
    pub(crate) fn percent(self, fraction: f64) -> String {
        const MAX: f64 = 99.99;
        let Numbers { percent, .. } = numbers(self.language);
        if !(-MAX..=MAX).contains(&fraction) {
            let limit = grouped(if fraction > 0.0 { "9999" } else { "-9999" }, self.language) + percent;
            let id = if fraction > 0.0 { "common-over" } else { "common-below" };
            return self.msg(id).arg("limit", limit).to_string();
        }
        // The rounding of what everyone else sees, for whom the sign is apart.
        let digits = crate::model::percent(fraction);
        let digits = digits.trim_end_matches('%').trim_end().replace('−', "-");
        grouped(&digits, self.language) + percent
    }

    /// Formats a date: `26 November 2026`.
    pub(crate) fn date(self, date: Date) -> String {
        let month = self.msg(MONTHS[month_index(date)].0);
        dated(self.msg("common-date"), date).arg("month", month).arg("year", date.year().to_string()).to_string()
    }

    /// Formats a day in few letters: `26 Nov`, with the year if it is not that of `today`.
    pub(crate) fn day(self, date: Date, today: Date) -> String {
        let month = self.msg(MONTHS[month_index(date)].1);
        if date.year() == today.year() {
            return dated(self.msg("common-day"), date).arg("month", month).to_string();
        }
        dated(self.msg("common-day-year"), date).arg("month", month).arg("year", date.year().to_string()).to_string()
    }

    /// Formats a month as a title, which begins with a capital in every language: `Noviembre de 2026`.
    pub(crate) fn month_title(self, date: Date) -> String {
        let month = self.msg(MONTHS[month_index(date)].0);
        let title =
            self.msg("overview-month-title").arg("month", month).arg("year", date.year().to_string()).to_string();
        let mut chars = title.chars();
        chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
    }

    /// Returns a month's abbreviation: `Nov`.
    pub(crate) fn short_month(self, date: Date) -> String {
        self.msg(MONTHS[month_index(date)].1).to_string()
    }

    /// Formats a time to the minute: `24 November 2026, 22:10`.
    pub(crate) fn time(self, seconds: u64, zone: &TimeZone) -> String {
        let time = zone.to_datetime(timestamp(seconds));
        let clock = time.strftime("%H:%M").to_string();
        self.msg("common-date-time").arg("date", self.date(time.date())).arg("time", clock).to_string()
    }

    /// Formats a time as how long ago it was: `5 minutes ago`, `yesterday`, `2 days ago`, and after a week `26 Nov`.
    pub(crate) fn ago(self, seconds: u64, now: u64, zone: &TimeZone) -> Time {
        let (date, today) = (calendar_day(seconds, zone), calendar_day(now, zone));
        let (minutes, days) = (now.saturating_sub(seconds) / 60, today.since(date).map_or(0, |span| span.get_days()));
        let text = match (minutes, days) {
            // The clock of a device may be ahead.
            (_, ..0) => self.day(date, today),
            (0, _) => self.msg("common-just-now").to_string(),
            (1..60, _) => self.msg("common-minutes-ago").arg("count", minutes).to_string(),
            (_, 0) | (..SAME_EVENING, _) => self.msg("common-hours-ago").arg("count", minutes / 60).to_string(),
            (_, 1) => self.msg("common-yesterday").to_string(),
            (_, 2..=AGO_DAYS) => self.msg("common-days-ago").arg("count", f64::from(days)).to_string(),
            _ => self.day(date, today),
        };
        Time { text, exact: self.time(seconds, zone), datetime: timestamp(seconds).to_string() }
    }

    /// Formats a duration in seconds to the minute: `45 min`, `3 h 20 min`, and from ten hours on `12 h`.
    pub(crate) fn duration(self, seconds: u64) -> String {
        let message = |id, hours, minutes| self.msg(id).arg("hours", hours).arg("minutes", minutes).to_string();
        match (seconds / 3600, seconds / 60 % 60) {
            (0, 0) if seconds > 0 => self.msg("common-under-a-minute").to_string(),
            (0, minutes) => self.msg("common-minutes").arg("minutes", minutes).to_string(),
            (hours, minutes @ 1..) if hours < 10 => message("common-hours-minutes", hours, minutes),
            (hours, _) => self.msg("common-hours").arg("hours", hours).to_string(),
        }
    }

    /// Formats a number of bytes in the unit that fits: `512 bytes`, `10 KiB`, `64 MiB`, `2.5 GiB`, `1 TiB`.
    pub(crate) fn bytes(self, bytes: u64) -> String {
        let (unit, id) = match bytes {
            0..1024 => return self.msg("common-bytes").arg("count", bytes).to_string(),
            // Whole ones, rounded down.
            1024..1_048_576 => return self.msg("common-kib").arg("size", bytes / 1024).to_string(),
            // What rounds to 1,024 of a unit is 1 of the next.
            1_048_576..1_073_689_395 => (1_u64 << 20, "common-mib"),
            1_073_689_395..1_099_457_940_685 => (1 << 30, "common-gib"),
            _ => (1 << 40, "common-tib"),
        };
        #[allow(clippy::cast_precision_loss, reason = "a tenth of a unit is exact enough")]
        let size = self.decimal(bytes as f64 / unit as f64);
        self.msg(id).arg("size", size).to_string()
    }
}

/// Sets the day of a month.
fn dated(message: Message, date: Date) -> Message {
    message.arg("day", date.day())
}

fn month_index(date: Date) -> usize {
    usize::from(date.month().unsigned_abs()).saturating_sub(1)
}

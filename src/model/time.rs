//! Times, and the calendar days they are in.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

use super::preferences::{DEFAULT_DAY_END, Preferences};

/// Which day a reader counts a time to: by a time zone, and the hour at which the day ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DayRule {
    zone: TimeZone,
    end: u8,
}

impl DayRule {
    /// Returns the rule of an account. What it has not chosen is the server's zone and `DEFAULT_DAY_END`.
    pub(crate) fn new(preferences: &Preferences, server: &TimeZone) -> Self {
        let zone = preferences.zone().unwrap_or_else(|| server.clone());
        Self { zone, end: preferences.day_end.unwrap_or(DEFAULT_DAY_END) }
    }

    /// Returns the rule by which a day ends at midnight.
    #[cfg(test)]
    pub(crate) fn midnight(zone: TimeZone) -> Self {
        Self { zone, end: 0 }
    }

    /// Returns the day of a time in seconds since the Unix epoch.
    pub(crate) fn date(&self, seconds: u64) -> Date {
        let time = self.zone.to_datetime(timestamp(seconds));
        time.saturating_sub(Span::new().hours(self.end)).date()
    }

    /// Returns the last second of a day, in seconds since the Unix epoch. `None` if it is before 1970 or beyond the calendar.
    pub(crate) fn last_second(&self, date: Date) -> Option<u64> {
        let end = date.tomorrow().ok()?.at(i8::try_from(self.end).ok()?, 0, 0, 0);
        let end = self.zone.to_ambiguous_timestamp(end).compatible().ok()?.as_second();
        u64::try_from(end).ok()?.checked_sub(1)
    }

    /// Returns the time zone.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// Returns the hour at which the day ends.
    pub(crate) fn end(&self) -> u8 {
        self.end
    }
}

/// Returns the day of a time in seconds since the Unix epoch. Times beyond the calendar give its last day.
pub(crate) fn calendar_day(seconds: u64, zone: &TimeZone) -> Date {
    zone.to_datetime(timestamp(seconds)).date()
}

/// Converts a time in seconds since the Unix epoch. Times beyond the calendar give its end.
pub(crate) fn timestamp(seconds: u64) -> Timestamp {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_s_day_ends_at_the_hour_that_was_chosen() {
        let rule = |end| DayRule { zone: TimeZone::fixed(jiff::tz::offset(1)), end };
        let (at_3, at_4) = (2 * 3600, 3 * 3600);
        assert_eq!(rule(4).date(at_3), jiff::civil::date(1969, 12, 31));
        assert_eq!(rule(4).date(at_4), jiff::civil::date(1970, 1, 1));
        assert_eq!(rule(0).date(at_3), jiff::civil::date(1970, 1, 1));
        assert_eq!(rule(4).last_second(jiff::civil::date(1970, 1, 1)), Some(27 * 3600 - 1));
        assert_eq!(DayRule::new(&Preferences::default(), &TimeZone::UTC), DayRule { zone: TimeZone::UTC, end: 4 });
        assert_eq!(rule(4).date(u64::MAX).year(), 9999);
    }

    #[test]
    fn a_calendar_day_depends_on_the_time_zone() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(calendar_day(82_800, &TimeZone::UTC), jiff::civil::date(1970, 1, 1));
        assert_eq!(calendar_day(82_800, &berlin), jiff::civil::date(1970, 1, 2));
        assert_eq!(calendar_day(u64::MAX, &TimeZone::UTC), TimeZone::UTC.to_datetime(Timestamp::MAX).date());
    }
}

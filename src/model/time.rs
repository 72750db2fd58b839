//! Times, and the calendar days they are in.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

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
    fn a_calendar_day_depends_on_the_time_zone() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(calendar_day(82_800, &TimeZone::UTC), jiff::civil::date(1970, 1, 1));
        assert_eq!(calendar_day(82_800, &berlin), jiff::civil::date(1970, 1, 2));
        assert_eq!(calendar_day(u64::MAX, &TimeZone::UTC), TimeZone::UTC.to_datetime(Timestamp::MAX).date());
    }
}

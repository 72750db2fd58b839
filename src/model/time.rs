//! Times and the days that they are in.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The day of a time in seconds since the Unix epoch. A time beyond the calendar's end is its end.
pub(crate) fn calendar_day(seconds: u64, zone: &TimeZone) -> Date {
    zone.to_datetime(timestamp(seconds)).date()
}

/// A time in seconds since the Unix epoch. One beyond the calendar's end is its end.
pub(crate) fn timestamp(seconds: u64) -> Timestamp {
    let time = i64::try_from(seconds).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_one_where_the_server_stands() {
        let berlin = TimeZone::fixed(jiff::tz::offset(1));
        assert_eq!(calendar_day(82_800, &TimeZone::UTC), jiff::civil::date(1970, 1, 1));
        assert_eq!(calendar_day(82_800, &berlin), jiff::civil::date(1970, 1, 2));
        assert_eq!(calendar_day(u64::MAX, &TimeZone::UTC), TimeZone::UTC.to_datetime(Timestamp::MAX).date());
    }
}

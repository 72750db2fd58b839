//! Formats numbers and times for people.

use jiff::tz::TimeZone;

use crate::model;
#[cfg(test)]
pub(super) use crate::model::percent;

/// Formats a percentage as the value of a progress bar, from 0 to 100.
pub(super) fn bar_value(percentage: f64) -> String {
    format!("{:.1}", (percentage * 100.0).clamp(0.0, 100.0))
}

/// A time for a `<time>` element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    /// In the server's time zone, to the minute.
    pub(super) text: String,
    /// In UTC, as HTML wants it.
    pub(super) datetime: String,
}

/// Formats a time in seconds since the Unix epoch.
pub(super) fn time(seconds: u64, zone: &TimeZone) -> Time {
    let timestamp = model::timestamp(seconds);
    Time { text: zone.to_datetime(timestamp).strftime("%Y-%m-%d %H:%M").to_string(), datetime: timestamp.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_are_rounded_down_to_tenths_and_cut_at_9999() {
        let texts = [0.0, 0.5, 0.4256, 0.29, 0.57, 0.9999, 1.0, 42.0, 1e300, -0.25, -1e300].map(percent);
        let expected = [
            "0 %",
            "50 %",
            "42.5 %",
            "29 %",
            "57 %",
            "99.9 %",
            "100 %",
            "4200 %",
            "over 9999 %",
            "−25 %",
            "below −9999 %",
        ];
        assert_eq!(texts, expected);
        assert_eq!([-1.0, 0.333, 7.0].map(bar_value), ["0.0", "33.3", "100.0"]);
    }

    #[test]
    fn times_are_shown_in_the_server_s_time_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let expected = Time { text: "1970-01-02 01:00".into(), datetime: "1970-01-01T23:00:00Z".into() };
        assert_eq!(time(82_800, &zone), expected);
        assert_eq!(time(u64::MAX, &zone).text.len(), 16);
    }
}

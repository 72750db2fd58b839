//! Times as one reader sees them.

use jiff::tz::TimeZone;

use super::{Texts, Time};
use crate::model::{calendar_day, timestamp};

/// Formats times in a reader's language and time zone, as seen at one moment.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    pub(crate) texts: Texts,
    pub(crate) zone: TimeZone,
    /// In whole seconds since the Unix epoch.
    pub(crate) now: u64,
}

impl Clock {
    /// Formats a time as how long ago it was: `2 days ago`.
    pub(crate) fn ago(&self, seconds: u64) -> Time {
        self.texts.ago(seconds, self.now, &self.zone)
    }

    /// Formats a time as a part of a sentence: `today 22:10`, `yesterday 22:10`, `on 24 November 2026, 22:10`.
    pub(crate) fn when(&self, seconds: u64) -> String {
        self.phrase(seconds, ["common-when-today", "common-when-yesterday", "common-when-date"])
    }

    /// Formats the time since which something is so: `since 22:10`, `since yesterday 22:10`, `since 24 November 2026, 22:10`.
    pub(crate) fn since(&self, seconds: u64) -> String {
        self.phrase(seconds, ["common-since-today", "common-since-yesterday", "common-since-date"])
    }

    fn phrase(&self, seconds: u64, [today, yesterday, date]: [&'static str; 3]) -> String {
        let time = self.zone.to_datetime(timestamp(seconds));
        let (day, current) = (time.date(), calendar_day(self.now, &self.zone));
        let message = if day == current {
            self.texts.msg(today)
        } else if Some(day) == current.yesterday().ok() {
            self.texts.msg(yesterday)
        } else {
            self.texts.msg(date).arg("date", self.texts.date(day))
        };
        message.arg("time", time.strftime("%H:%M").to_string()).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn the_last_two_days_have_names_in_sentences() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let clock = |language| Clock { texts: Texts::of(language), zone: zone.clone(), now: 172_800 };
        let english = clock(Language::English);
        assert_eq!(
            [172_800, 82_800, 0].map(|seconds| english.when(seconds)),
            ["today 02:00", "yesterday 01:00", "on 1 January 1970, 02:00"]
        );
        assert_eq!(
            [172_800, 82_800, 0].map(|seconds| english.since(seconds)),
            ["since 02:00", "since yesterday 01:00", "since 1 January 1970, 02:00"]
        );
        assert_eq!(clock(Language::German).when(0), "am 1. Januar 1970 um 02:00\u{a0}Uhr");
        assert_eq!(clock(Language::French).since(0), "depuis le 1er janvier 1970 à 02:00");
    }
}

//! The days on which an account has read, and how much.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;

/// Counts pushes by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    days: BTreeMap<Date, u32>,
}

/// Days in a row with a push, kept without the days themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Streak {
    last: Option<Date>,
    days: usize,
}

impl Streak {
    /// Adds a push of today. One of an earlier day, as after the clock was set back, changes nothing.
    #[cfg(any(feature = "mqtt", test))]
    pub(crate) fn add(&mut self, today: Date) {
        match self.last {
            Some(last) if last >= today => {}
            last => {
                self.days = if last.is_some() && last == today.yesterday().ok() { self.days + 1 } else { 1 };
                self.last = Some(today);
            }
        }
    }

    /// Returns the number of days: 0 if neither today nor yesterday had a push.
    pub(crate) fn length(&self, today: Date) -> usize {
        let is_current = |last: Date| last == today || Some(last) == today.yesterday().ok();
        if self.last.is_some_and(is_current) { self.days } else { 0 }
    }
}

/// One day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) pushes: u32,
}

impl Calendar {
    pub(crate) fn add(&mut self, date: Date, pushes: u32) {
        let count = self.days.entry(date).or_default();
        *count = count.saturating_add(pushes);
    }

    /// Returns the number of days with a push, as far as the history goes back.
    pub(crate) fn days_read(&self) -> usize {
        self.days.len()
    }

    /// Returns the number of days in a row with a push, up to today, or to yesterday: today is not over yet.
    pub(crate) fn streak(&self, today: Date) -> usize {
        self.current_streak(today).length(today)
    }

    /// Returns the days in a row up to today or yesterday, which later pushes may extend.
    pub(crate) fn current_streak(&self, today: Date) -> Streak {
        let has_push = |date: &Date| self.days.contains_key(date);
        let last = if has_push(&today) { Some(today) } else { today.yesterday().ok() };
        let days = std::iter::successors(last, |date| date.yesterday().ok()).take_while(has_push).count();
        Streak { last: last.filter(|_| days > 0), days }
    }

    /// Returns every day of the last twelve months, up to today and including it.
    pub(crate) fn last_year(&self, today: Date) -> Vec<Day> {
        let first = today.first_of_month().saturating_sub(Span::new().months(11));
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok());
        let days = dates.take_while(|date| *date <= today);
        days.map(|date| Day { date, pushes: self.days.get(&date).copied().unwrap_or(0) }).collect()
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_streak_ends_today_or_yesterday() {
        let today = date(2026, 3, 1);
        let streak = |days: &[Date]| {
            let mut calendar = Calendar::default();
            days.iter().for_each(|day| calendar.add(*day, 1));
            calendar.streak(today)
        };
        assert_eq!(streak(&[]), 0);
        assert_eq!(streak(&[today]), 1);
        assert_eq!(streak(&[date(2026, 2, 28), date(2026, 2, 27)]), 2, "today is not over");
        assert_eq!(streak(&[today, date(2026, 2, 27)]), 1);
    }

    /// Followed push by push, it is what the calendar says.
    #[test]
    fn a_streak_goes_on_from_day_to_day() {
        let mut calendar = Calendar::default();
        let mut streak = Streak::default();
        let first = date(2026, 2, 25);
        for (day, has_push) in [true, true, false, true, false, false, true, true, true].into_iter().enumerate() {
            let today = first.saturating_add(Span::new().days(i64::try_from(day).expect("a day")));
            if has_push {
                calendar.add(today, 1);
                streak.add(today);
                streak.add(today);
            }
            assert_eq!(streak.length(today), calendar.streak(today), "{today}");
            assert_eq!(calendar.current_streak(today).length(today), streak.length(today), "{today}");
        }
        streak.add(first);
        assert_eq!(streak.length(date(2026, 3, 5)), 3, "the clock was set back");
    }

    #[test]
    fn the_last_year_is_twelve_calendar_months_up_to_today() {
        let mut calendar = Calendar::default();
        for (today, first, count) in [
            (date(2026, 3, 1), date(2025, 4, 1), 335),
            (date(2024, 2, 29), date(2023, 3, 1), 366),
            (date(2026, 12, 31), date(2026, 1, 1), 365),
        ] {
            calendar.add(today, 3);
            let days = calendar.last_year(today);
            assert_eq!((days[0].date, days.len()), (first, count));
            assert_eq!(days.last(), Some(&Day { date: today, pushes: 3 }));
        }
        assert_eq!(calendar.days_read(), 3);
    }
}

//! The days on which an account has read, and how much.

use std::collections::BTreeMap;

use jiff::Span;
use jiff::civil::Date;

/// Counts pushes by day.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Calendar {
    days: BTreeMap<Date, u32>,
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
        let has_push = |date: &Date| self.days.contains_key(date);
        let last = if has_push(&today) { Some(today) } else { today.yesterday().ok() };
        std::iter::successors(last, |date| date.yesterday().ok()).take_while(has_push).count()
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

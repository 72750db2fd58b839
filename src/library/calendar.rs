//! The days on which an account has read, and how much.

use std::collections::BTreeMap;
use std::ops::Bound;

use jiff::Span;
use jiff::civil::Date;

/// Counts pushes and reading by day.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Calendar {
    days: BTreeMap<Date, DayCount>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct DayCount {
    pushes: u32,
    read: f32,
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
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) pushes: u32,
    /// How much was read, in books: 0.2 is a fifth of one.
    pub(crate) read: f64,
}

/// The longest run of days or weeks in a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// The first day; of weeks, a Monday.
    pub(crate) first: Date,
    /// The last day; of weeks, the Monday of the last week.
    pub(crate) last: Date,
    /// How many days or weeks.
    pub(crate) length: usize,
}

impl Calendar {
    pub(crate) fn add(&mut self, date: Date, pushes: u32, read: f64) {
        let count = self.days.entry(date).or_default();
        count.pushes = count.pushes.saturating_add(pushes);
        #[allow(clippy::cast_possible_truncation, reason = "a share of a few books")]
        let read = read as f32;
        count.read += read;
    }

    /// Returns the number of days with a push, as far as the history goes back.
    pub(crate) fn days_read(&self) -> usize {
        self.days.len()
    }

    /// Returns the years with a push, the first one first.
    pub(crate) fn years(&self) -> Vec<i16> {
        let mut years: Vec<i16> = self.days.keys().map(|date| date.year()).collect();
        years.dedup();
        years
    }

    /// Returns the last day with a push before another day.
    pub(crate) fn before(&self, date: Date) -> Option<Date> {
        self.days.range(..date).next_back().map(|(date, _)| *date)
    }

    /// Returns the first day with a push after another day.
    pub(crate) fn after(&self, date: Date) -> Option<Date> {
        self.days.range((Bound::Excluded(date), Bound::Unbounded)).next().map(|(date, _)| *date)
    }

    /// Returns a day, with a push or without.
    pub(crate) fn day(&self, date: Date) -> Day {
        let DayCount { pushes, read } = self.days.get(&date).copied().unwrap_or_default();
        Day { date, pushes, read: f64::from(read) }
    }

    /// Returns the number of days in a row with a push, to today or yesterday: today is not over yet.
    pub(crate) fn streak(&self, today: Date) -> usize {
        self.current_streak(today).length(today)
    }

    /// Returns the days in a row up to today or yesterday. Later pushes may extend them.
    pub(crate) fn current_streak(&self, today: Date) -> Streak {
        let has_push = |date: &Date| self.days.contains_key(date);
        let last = if has_push(&today) { Some(today) } else { today.yesterday().ok() };
        let days = std::iter::successors(last, |date| date.yesterday().ok()).take_while(has_push).count();
        Streak { last: last.filter(|_| days > 0), days }
    }

    /// Returns the weeks in a row with a push, up to this or last week. A week begins on Monday.
    pub(crate) fn week_streak(&self, today: Date) -> usize {
        let this = monday(today);
        let current = |run: &Run| run.last == this || Some(run.last) == this.checked_sub(Span::new().weeks(1)).ok();
        self.week_runs().last().filter(current).map_or(0, |run| run.length)
    }

    /// Returns the longest run of days with a push, the last one of several. `None` without a push.
    pub(crate) fn longest_streak(&self) -> Option<Run> {
        longest(runs(self.days.keys().copied(), 1))
    }

    /// Returns the longest run of weeks with a push, the last one of several. `None` without a push.
    pub(crate) fn longest_week_streak(&self) -> Option<Run> {
        longest(self.week_runs())
    }

    fn week_runs(&self) -> impl Iterator<Item = Run> {
        runs(self.days.keys().map(|date| monday(*date)), 7)
    }

    /// Returns every day of the last twelve months, up to today and including it.
    pub(crate) fn last_year(&self, today: Date) -> Vec<Day> {
        self.between(today.first_of_month().saturating_sub(Span::new().months(11)), today)
    }

    /// Returns every day from `first` to `last`, both included.
    pub(crate) fn between(&self, first: Date, last: Date) -> Vec<Day> {
        let dates = std::iter::successors(Some(first), |date| date.tomorrow().ok());
        dates.take_while(|date| *date <= last).map(|date| self.day(date)).collect()
    }
}

/// Returns the Monday of a day's week.
fn monday(date: Date) -> Date {
    date.saturating_sub(Span::new().days(date.weekday().to_monday_zero_offset()))
}

/// Returns the runs among sorted dates, each `step` days after the one before it. Dates may repeat.
fn runs(dates: impl Iterator<Item = Date>, step: i64) -> impl Iterator<Item = Run> {
    let mut dates = dates.peekable();
    std::iter::from_fn(move || {
        let first = dates.next()?;
        let mut run = Run { first, last: first, length: 1 };
        loop {
            let next = run.last.saturating_add(Span::new().days(step));
            if dates.next_if(|date| *date == run.last).is_some() {
                continue;
            }
            if dates.next_if(|date| *date == next).is_none() {
                return Some(run);
            }
            (run.last, run.length) = (next, run.length + 1);
        }
    })
}

fn longest(runs: impl Iterator<Item = Run>) -> Option<Run> {
    runs.max_by_key(|run| run.length)
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
            days.iter().for_each(|day| calendar.add(*day, 1, 0.0));
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
                calendar.add(today, 1, 0.0);
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
            calendar.add(today, 3, 0.25);
            let days = calendar.last_year(today);
            assert_eq!((days[0].date, days.len()), (first, count));
            assert_eq!(days.last(), Some(&Day { date: today, pushes: 3, read: 0.25 }));
        }
        assert_eq!(calendar.days_read(), 3);
    }

    #[test]
    fn the_longest_runs_of_days_and_weeks_are_found() {
        let mut calendar = Calendar::default();
        assert_eq!((calendar.longest_streak(), calendar.longest_week_streak()), (None, None));
        // Sunday and Monday; then Tuesday to Thursday of the next but one week; then a Sunday a week later.
        for day in [1, 2, 10, 11, 12, 22] {
            calendar.add(date(2026, 3, day), 1, 0.1);
        }
        let run = |first, last, length| Some(Run { first: date(2026, 3, first), last: date(2026, 3, last), length });
        assert_eq!(calendar.longest_streak(), run(10, 12, 3));
        let weeks = calendar.longest_week_streak().expect("weeks");
        assert_eq!((weeks.first, weeks.last, weeks.length), (date(2026, 2, 23), date(2026, 3, 16), 4));
        assert_eq!(calendar.week_streak(date(2026, 3, 23)), 4, "this week is not over");
        assert_eq!(calendar.week_streak(date(2026, 3, 29)), 4);
        assert_eq!(calendar.week_streak(date(2026, 3, 30)), 0);
        assert_eq!(calendar.week_streak(date(2026, 3, 22)), 4);
    }

    #[test]
    fn of_runs_of_the_same_length_the_last_one_counts() {
        let mut calendar = Calendar::default();
        [1, 2, 10, 11].into_iter().for_each(|day| calendar.add(date(2026, 3, day), 1, 0.1));
        assert_eq!(calendar.longest_streak().map(|run| run.first), Some(date(2026, 3, 10)));
    }

    #[test]
    fn days_with_a_push_are_found_from_any_day() {
        let mut calendar = Calendar::default();
        let days = [date(2024, 12, 31), date(2026, 3, 1), date(2026, 3, 9)];
        days.into_iter().for_each(|day| calendar.add(day, 1, 0.1));
        assert_eq!(calendar.years(), [2024, 2026]);
        assert_eq!((calendar.before(days[1]), calendar.after(days[1])), (Some(days[0]), Some(days[2])));
        assert_eq!(
            (calendar.before(date(2026, 3, 5)), calendar.after(date(2026, 3, 5))),
            (Some(days[1]), Some(days[2]))
        );
        assert_eq!((calendar.before(days[0]), calendar.after(days[2])), (None, None));
    }
}

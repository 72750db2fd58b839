//! Draws the calendar of the overview: one SVG per month.

use jiff::civil::Date;

use super::format::{count, duration};
use crate::library::Day;
use crate::library::reading::TimesState;

/// Distance between two squares, in the units of the SVG.
const SQUARE_PITCH: u32 = 14;

/// A month of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Month {
    /// `Nov 2026`.
    pub(super) name: String,
    pub(super) squares: Vec<DaySquare>,
    pub(super) days_read: usize,
    pub(super) pushes: u64,
    /// The time read, if it is known.
    pub(super) time: Option<String>,
}

/// A day of the calendar. Each week is a column, each day of the week a row, from Monday on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DaySquare {
    pub(super) x: u32,
    pub(super) y: u32,
    /// 0 for a day without pushes or reading, else the quartile of its time or pushes, from 1 to 4.
    pub(super) level: usize,
    pub(super) label: String,
}

impl DaySquare {
    fn new(day: &Day, seconds: Option<u32>, sorted_counts: &[u32]) -> Self {
        let pushes = count(usize::try_from(day.pushes).unwrap_or(usize::MAX), "push", "pushes");
        let (column, row) = cell(day.date);
        let read = seconds.map(|seconds| format!(", {} read", duration(seconds.into()))).unwrap_or_default();
        // A day with pushes and no reading in the statistics was read on another device.
        let least = usize::from(day.pushes > 0);
        Self {
            x: column * SQUARE_PITCH,
            y: row * SQUARE_PITCH,
            level: level(seconds.unwrap_or(day.pushes), sorted_counts).max(least),
            label: format!("{}: {pushes}{read}", day.date),
        }
    }
}

/// Draws days in their order, month by month. Where reading times are known, they are what the squares show.
pub(super) fn months(days: &[Day], times: Option<&TimesState>) -> Vec<Month> {
    let seconds = |day: &Day| times.map(|times| times.day(day.date).seconds);
    let counts = days.iter().map(|day| seconds(day).unwrap_or(day.pushes));
    let mut sorted_counts: Vec<u32> = counts.filter(|count| *count > 0).collect();
    sorted_counts.sort_unstable();
    days.chunk_by(|one, other| (one.date.year(), one.date.month()) == (other.date.year(), other.date.month()))
        .map(|days| Month {
            name: days[0].date.strftime("%b %Y").to_string(),
            squares: days.iter().map(|day| DaySquare::new(day, seconds(day), &sorted_counts)).collect(),
            days_read: days.iter().filter(|day| day.pushes > 0 || seconds(day) > Some(0)).count(),
            pushes: days.iter().map(|day| u64::from(day.pushes)).sum(),
            time: times.map(|_| duration(days.iter().filter_map(|day| seconds(day).map(u64::from)).sum())),
        })
        .collect()
}

/// Returns the column and the row of a day in its month.
fn cell(date: Date) -> (u32, u32) {
    let weekday = |date: Date| u32::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let days = weekday(date.first_of_month()) + u32::from(date.day().unsigned_abs()) - 1;
    (days / 7, weekday(date))
}

/// Returns the quartile of a day's pushes among those of all days with pushes.
fn level(pushes: u32, sorted_counts: &[u32]) -> usize {
    if pushes == 0 {
        return 0;
    }
    let smaller = sorted_counts.partition_point(|other| *other < pushes);
    1 + 4 * smaller / sorted_counts.len().max(1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn a_month_has_a_column_for_each_week() {
        assert_eq!(cell(date(2026, 11, 1)), (0, 6), "a Sunday");
        assert_eq!(cell(date(2026, 11, 2)), (1, 0), "the Monday after it");
        assert_eq!(cell(date(2026, 11, 30)), (5, 0));
        let days =
            [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)].map(|date| Day { date, pushes: 2, read: 0.0 });
        let months = months(&days, None);
        assert_eq!(months.iter().map(|month| month.name.as_str()).collect::<Vec<_>>(), ["Oct 2026", "Nov 2026"]);
        assert_eq!((months[1].days_read, months[1].pushes, months[1].squares.len()), (2, 4, 2));
        assert_eq!(months[1].squares[0].label, "2026-11-01: 2 pushes");
    }

    #[test]
    fn levels_are_quartiles_of_the_days_with_pushes() {
        let counts = [1, 2, 3, 4];
        assert_eq!([0, 1, 2, 3, 4].map(|pushes| level(pushes, &counts)), [0, 1, 2, 3, 4]);
        assert_eq!(level(7, &[7]), 1);
    }
}

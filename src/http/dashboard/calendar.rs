//! Lays out days as the months of a wall calendar: each week a row, from Monday on.

use std::fmt::Write as _;

use jiff::civil::Date;

/// Distance between two squares, and the side of a square, in units of the SVG.
pub(super) const SQUARE_PITCH: u32 = 14;
pub(super) const SQUARE: u32 = 12;
/// Shades of a day on which something was read.
pub(super) const LEVELS: usize = 4;

/// What was read on a day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct DayAmount {
    pub(super) date: Date,
    /// How much of a book, as the sum of all books.
    pub(super) fraction: f64,
    /// The time read, where it is known.
    pub(super) seconds: u32,
    /// Whether anything was read, be it less than can be measured.
    pub(super) is_read: bool,
}

/// Days, month by month.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calendar {
    pub(super) months: Vec<Month>,
    /// Where the second, third and fourth shade begin, as fractions of a book. `None` if no progress was made.
    pub(super) bounds: Option<[f64; 3]>,
}

/// A month.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Month {
    pub(super) first: Date,
    /// The squares of days without reading, as the path of an SVG.
    pub(super) blank: String,
    /// The days with reading by shade, those of the lightest first.
    pub(super) shades: Vec<Shade>,
    pub(super) days_read: usize,
    pub(super) fraction: f64,
    pub(super) seconds: u64,
}

/// The days of a month that have the same shade.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shade {
    /// From 1 to [`LEVELS`].
    pub(super) level: usize,
    pub(super) days: Vec<(DayAmount, String)>,
}

impl Shade {
    /// Returns all squares as one path.
    pub(super) fn path(&self) -> String {
        self.days.iter().map(|(_, path)| path.as_str()).collect()
    }
}

impl Calendar {
    /// Lays out days, given in order.
    pub(super) fn new(days: &[DayAmount]) -> Self {
        let scale = Scale::new(days);
        let months = days.chunk_by(|one, other| one.date.first_of_month() == other.date.first_of_month());
        Self { months: months.map(|days| Month::new(days, &scale)).collect(), bounds: scale.bounds() }
    }
}

impl Month {
    fn new(days: &[DayAmount], scale: &Scale) -> Self {
        let mut month = Self {
            first: days[0].date.first_of_month(),
            blank: String::new(),
            shades: Vec::new(),
            days_read: days.iter().filter(|day| day.is_read).count(),
            fraction: days.iter().map(|day| day.fraction).sum(),
            seconds: days.iter().map(|day| u64::from(day.seconds)).sum(),
        };
        let mut shades: [Vec<(DayAmount, String)>; LEVELS] = Default::default();
        for day in days {
            match scale.level(day) {
                0 => month.blank += &square(day.date),
                level => shades[level - 1].push((*day, square(day.date))),
            }
        }
        let shades = shades.into_iter().enumerate().filter(|(_, days)| !days.is_empty());
        month.shades = shades.map(|(index, days)| Shade { level: index + 1, days }).collect();
        month
    }
}

/// Says which shade a day has: the quartile of its progress among the days with progress.
struct Scale {
    fractions: Vec<f64>,
    seconds: Vec<u32>,
}

impl Scale {
    fn new(days: &[DayAmount]) -> Self {
        let mut fractions: Vec<f64> = days.iter().map(|day| day.fraction).filter(|fraction| *fraction > 0.0).collect();
        let mut seconds: Vec<u32> = days.iter().map(|day| day.seconds).filter(|seconds| *seconds > 0).collect();
        fractions.sort_by(f64::total_cmp);
        seconds.sort_unstable();
        Self { fractions, seconds }
    }

    /// Returns the shade from 1 to 4; 0 for a day without reading. Where there was no progress, by the time.
    fn level(&self, day: &DayAmount) -> usize {
        if !day.is_read {
            0
        } else if day.fraction > 0.0 {
            quartile(self.fractions.partition_point(|other| *other < day.fraction), self.fractions.len())
        } else {
            quartile(self.seconds.partition_point(|other| *other < day.seconds), self.seconds.len())
        }
    }

    fn bounds(&self) -> Option<[f64; 3]> {
        let count = self.fractions.len();
        (count >= LEVELS).then(|| [1, 2, 3].map(|quarter| self.fractions[(count * quarter).div_ceil(LEVELS)]))
    }
}

fn quartile(smaller: usize, count: usize) -> usize {
    1 + LEVELS * smaller / count.max(1)
}

/// Returns the column and the row of a day in its month.
pub(super) fn cell(date: Date) -> (u32, u32) {
    let weekday = |date: Date| u32::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let days = weekday(date.first_of_month()) + u32::from(date.day().unsigned_abs()) - 1;
    (weekday(date), days / 7)
}

/// Returns a day's square as the path of an SVG.
fn square(date: Date) -> String {
    let (column, row) = cell(date);
    let mut path = String::new();
    let _ = write!(path, "M{} {}h{SQUARE}v{SQUARE}h-{SQUARE}z", column * SQUARE_PITCH, row * SQUARE_PITCH);
    path
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn day(date: Date, fraction: f64, seconds: u32) -> DayAmount {
        DayAmount { date, fraction, seconds, is_read: fraction > 0.0 || seconds > 0 }
    }

    #[test]
    fn a_month_has_a_row_for_each_week() {
        assert_eq!(cell(date(2026, 11, 1)), (6, 0), "a Sunday");
        assert_eq!(cell(date(2026, 11, 2)), (0, 1), "the Monday after it");
        assert_eq!(cell(date(2026, 11, 30)), (0, 5));
        let days = [
            day(date(2026, 10, 31), 0.0, 0),
            day(date(2026, 11, 1), 0.25, 60),
            day(date(2026, 11, 2), 0.5, 0),
            day(date(2026, 11, 3), 0.0, 0),
        ];
        let calendar = Calendar::new(&days);
        let firsts: Vec<Date> = calendar.months.iter().map(|month| month.first).collect();
        assert_eq!(firsts, [date(2026, 10, 1), date(2026, 11, 1)]);
        let (october, november) = (&calendar.months[0], &calendar.months[1]);
        assert_eq!((october.days_read, october.blank.as_str(), october.shades.len()), (0, "M70 56h12v12h-12z", 0));
        assert_eq!((november.days_read, november.fraction, november.seconds), (2, 0.75, 60));
        assert_eq!(november.blank, "M14 14h12v12h-12z");
        let shades: Vec<_> = november.shades.iter().map(|shade| (shade.level, shade.path())).collect();
        assert_eq!(shades, [(1, "M84 0h12v12h-12z".to_owned()), (3, "M0 14h12v12h-12z".to_owned())]);
    }

    #[test]
    fn shades_are_quartiles_of_progress_else_of_time() {
        let of = |fractions: &[f64]| {
            let days: Vec<_> = fractions.iter().map(|fraction| day(date(2026, 1, 1), *fraction, 0)).collect();
            Scale::new(&days)
        };
        let scale = of(&[0.02, 0.01, 0.0, 0.04, 0.03]);
        let level = |fraction| scale.level(&day(date(2026, 1, 1), fraction, 0));
        assert_eq!([0.0, 0.01, 0.02, 0.03, 0.04].map(level), [0, 1, 2, 3, 4]);
        assert_eq!(scale.bounds(), Some([0.02, 0.03, 0.04]));
        assert_eq!(of(&[0.5, 0.5]).bounds(), None, "too few");
        assert_eq!(of(&[0.5]).level(&day(date(2026, 1, 1), 0.5, 0)), 1);
        let scale = Scale::new(&[day(date(2026, 1, 1), 0.0, 60), day(date(2026, 1, 2), 0.3, 600)]);
        assert_eq!(scale.level(&day(date(2026, 1, 1), 0.0, 60)), 1);
        let unmeasured = DayAmount { is_read: true, ..day(date(2026, 1, 1), 0.0, 0) };
        assert_eq!(scale.level(&unmeasured), 1);
        // Days that are alike have the same shade, and it is in range.
        let scale = of(&[0.1; 10]);
        assert_eq!((scale.level(&day(date(2026, 1, 1), 0.1, 0)), scale.bounds()), (1, Some([0.1; 3])));
    }
}

//! Drawings, as SVG in the page: the chart of a book's reading, and the days of a month.

use std::collections::HashMap;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::format::{percent, time};
use crate::library::Day;
use crate::model::timestamp;
use crate::store::HistoryEntry;

/// Devices that get a mark of their own; the others share one.
const MARKED: usize = 12;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 30.0;

/// How a device's points look. A screen without colours still has the shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// The class that gives it its colour.
    pub(super) class: &'static str,
    /// The outline, around 0,0.
    pub(super) shape: &'static str,
}

const CLASSES: [&str; 5] = ["c0", "c1", "c2", "c3", "c4"];
const SHAPES: [&str; 6] = [
    "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z",
    "M-3.5,-3.5h7v7h-7z",
    "M0,-5L4.5,3.5H-4.5z",
    "M0,-5L4.5,0L0,5L-4.5,0z",
    "M-1.5,-5h3v3.5h3.5v3h-3.5v3.5h-3v-3.5h-3.5v-3h3.5z",
    "M0,5L4.5,-3.5H-4.5z",
];
const OTHERS: Mark = Mark { class: "c9", shape: "M-2,-2h4v4h-4z" };

fn mark(location: usize) -> Mark {
    if location < MARKED { Mark { class: CLASSES[location % 5], shape: SHAPES[location % 6] } } else { OTHERS }
}

/// One position in the drawing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) mark: Mark,
    pub(super) label: String,
}

/// A label at an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

/// A device and how its points look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Legend {
    pub(super) mark: Mark,
    pub(super) device: String,
}

/// Percentage over time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProgressChart {
    pub(super) points: Vec<Point>,
    /// The line through them.
    pub(super) line: String,
    pub(super) times: Vec<Tick>,
    pub(super) percents: Vec<Tick>,
    pub(super) legend: Vec<Legend>,
    /// How many devices share the last mark.
    pub(super) others: usize,
}

impl ProgressChart {
    /// Draws a history, which comes newest first. The device that pushed last gets the first mark.
    pub(super) fn new(history: &[HistoryEntry], zone: &TimeZone) -> Self {
        let mut places = HashMap::new();
        let mut legend = Vec::new();
        for entry in history {
            let device = &entry.progress.device;
            let count = places.len();
            if let std::collections::hash_map::Entry::Vacant(location) =
                places.entry((device, &entry.progress.device_id))
            {
                location.insert(count);
                if count < MARKED {
                    legend.push(Legend { mark: mark(count), device: device.clone() });
                }
            }
        }
        let times = || history.iter().map(|entry| entry.progress.timestamp);
        let scale = TimeScale::new(times().min().unwrap_or(0), times().max().unwrap_or(0));
        let points: Vec<Point> = history
            .iter()
            .rev()
            .map(|entry| {
                let position = &entry.progress;
                let location = places.get(&(&position.device, &position.device_id)).copied().unwrap_or(0);
                let (when, how_far) = (time(position.timestamp, zone).text, percent(position.percentage));
                Point {
                    x: number(scale.x(position.timestamp)),
                    y: number(height(position.percentage)),
                    mark: mark(location),
                    label: format!("{when}: {how_far}, {}", position.device),
                }
            })
            .collect();
        let line = points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ");
        let percents = [0, 25, 50, 75, 100].map(|percent| Tick {
            at: number(height(f64::from(percent) / 100.0)),
            anchor: "end",
            text: format!("{percent} %"),
        });
        let others = places.len().saturating_sub(MARKED);
        Self { points, line, times: scale.ticks(zone), percents: percents.into(), legend, others }
    }

    pub(super) fn width(&self) -> String {
        number(WIDTH)
    }

    pub(super) fn height(&self) -> String {
        number(HEIGHT)
    }

    pub(super) fn left(&self) -> String {
        number(LEFT)
    }

    pub(super) fn right(&self) -> String {
        number(WIDTH - RIGHT)
    }

    pub(super) fn bottom(&self) -> String {
        number(HEIGHT - BOTTOM)
    }

    pub(super) fn others_mark(&self) -> Mark {
        OTHERS
    }
}

/// Where a percentage is drawn, from the top. What is beyond the book is drawn at its ends.
fn height(percentage: f64) -> f64 {
    TOP + (1.0 - percentage.clamp(0.0, 1.0)) * (HEIGHT - TOP - BOTTOM)
}

fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

struct TimeScale {
    start: u64,
    end: u64,
}

impl TimeScale {
    fn new(start: u64, end: u64) -> Self {
        // One point alone stands in the middle of two hours.
        if start == end {
            Self { start: start.saturating_sub(3600), end: end.saturating_add(3600) }
        } else {
            Self { start, end }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a drawing is coarser than that")]
    fn x(&self, time: u64) -> f64 {
        let share = (time - self.start.min(time)) as f64 / (self.end - self.start) as f64;
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    fn ticks(&self, zone: &TimeZone) -> Vec<Tick> {
        let span = self.end - self.start;
        let format = if span < 2 * 24 * 3600 { "%m-%d %H:%M" } else { "%Y-%m-%d" };
        [(0, "start"), (1, "middle"), (2, "end")]
            .map(|(half, anchor)| {
                let time = self.start + span / 2 * half;
                let text = zone.to_datetime(timestamp(time)).strftime(format).to_string();
                Tick { at: number(self.x(time)), anchor, text }
            })
            .into()
    }
}

/// A month of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Month {
    /// `Nov 2026`.
    pub(super) name: String,
    pub(super) squares: Vec<Square>,
    pub(super) days_read: usize,
    pub(super) pushes: u64,
}

/// A day of the calendar, in a column for each week and a row for each day from Monday on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Square {
    pub(super) x: u32,
    pub(super) y: u32,
    /// How much was read, from 0 to 4, compared with the other days.
    pub(super) level: usize,
    pub(super) label: String,
}

const SIDE: u32 = 14;

/// The days of a year, month by month.
pub(super) fn months(days: &[Day]) -> Vec<Month> {
    let mut counts: Vec<u32> = days.iter().map(|day| day.pushes).filter(|pushes| *pushes > 0).collect();
    counts.sort_unstable();
    days.chunk_by(|one, other| (one.date.year(), one.date.month()) == (other.date.year(), other.date.month()))
        .map(|days| Month {
            name: days[0].date.strftime("%b %Y").to_string(),
            squares: days.iter().map(|day| square(day, &counts)).collect(),
            days_read: days.iter().filter(|day| day.pushes > 0).count(),
            pushes: days.iter().map(|day| u64::from(day.pushes)).sum(),
        })
        .collect()
}

fn square(day: &Day, counts: &[u32]) -> Square {
    let pushes = super::format::count(usize::try_from(day.pushes).unwrap_or(usize::MAX), "push", "pushes");
    let (column, row) = cell(day.date);
    Square {
        x: column * SIDE,
        y: row * SIDE,
        level: level(day.pushes, counts),
        label: format!("{}: {pushes}", day.date),
    }
}

fn cell(date: Date) -> (u32, u32) {
    let location = |date: Date| u32::from(date.weekday().to_monday_zero_offset().unsigned_abs());
    let days = location(date.first_of_month()) + u32::from(date.day().unsigned_abs()) - 1;
    (days / 7, location(date))
}

/// In which quarter of the days on which was read a day is.
fn level(pushes: u32, counts: &[u32]) -> usize {
    if pushes == 0 {
        return 0;
    }
    let less = counts.partition_point(|other| *other < pushes);
    1 + 4 * less / counts.len().max(1)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::model::Progress;

    fn entry(device: &str, timestamp: u64, percentage: f64) -> HistoryEntry {
        let mut progress = Progress::new("p".into(), percentage, device.into(), None).expect("a position");
        progress.timestamp = timestamp;
        HistoryEntry { sequence: 1, progress, pushes: 1 }
    }

    #[test]
    fn points_are_where_time_and_percentage_say() {
        let history = [entry("Kobo", 300, 1.0), entry("Kindle", 200, 0.5), entry("Kobo", 100, 0.0)];
        let chart = ProgressChart::new(&history, &TimeZone::UTC);
        let points: Vec<_> =
            chart.points.iter().map(|point| (point.x.as_str(), point.y.as_str(), point.mark)).collect();
        assert_eq!(points, [("60", "210", mark(0)), ("265", "110", mark(1)), ("470", "10", mark(0))]);
        assert_eq!(chart.line, "60,210 265,110 470,10");
        assert_eq!(chart.legend.iter().map(|legend| legend.device.as_str()).collect::<Vec<_>>(), ["Kobo", "Kindle"]);
        assert_eq!(chart.points[1].label, "1970-01-01 00:03: 50 %, Kindle");
        assert_eq!(chart.others, 0);
    }

    #[test]
    fn any_history_can_be_drawn() {
        let chart = ProgressChart::new(&[entry("Kobo", 0, 1e300)], &TimeZone::UTC);
        assert_eq!((chart.points[0].x.as_str(), chart.points[0].y.as_str()), ("60", "10"));
        let odd = [entry("a", 5, -3.0), entry("b", u64::MAX, 2.0), entry("c", 7, 0.1)];
        assert_eq!(ProgressChart::new(&odd, &TimeZone::UTC).points.len(), 3);
        assert_eq!(ProgressChart::new(&[], &TimeZone::UTC).points.len(), 0);
    }

    #[test]
    fn a_hundred_devices_share_what_marks_there_are() {
        let many: Vec<_> = (0..100).map(|number| entry(&format!("device {number}"), number, 0.5)).collect();
        let chart = ProgressChart::new(&many, &TimeZone::UTC);
        assert_eq!((chart.legend.len(), chart.others), (MARKED, 100 - MARKED));
        let mut marks: Vec<_> = chart.legend.iter().map(|legend| (legend.mark.class, legend.mark.shape)).collect();
        marks.sort_unstable();
        marks.dedup();
        assert_eq!(marks.len(), MARKED, "no two look the same");
    }

    #[test]
    fn a_month_is_drawn_by_weeks() {
        assert_eq!(cell(date(2026, 11, 1)), (0, 6), "a Sunday");
        assert_eq!(cell(date(2026, 11, 2)), (1, 0), "the Monday after it");
        assert_eq!(cell(date(2026, 11, 30)), (5, 0));
        let days = [date(2026, 10, 31), date(2026, 11, 1), date(2026, 11, 2)].map(|date| Day { date, pushes: 2 });
        let months = months(&days);
        assert_eq!(months.iter().map(|month| month.name.as_str()).collect::<Vec<_>>(), ["Oct 2026", "Nov 2026"]);
        assert_eq!((months[1].days_read, months[1].pushes, months[1].squares.len()), (2, 4, 2));
        assert_eq!(months[1].squares[0].label, "2026-11-01: 2 pushes");
    }

    #[test]
    fn levels_are_quarters_of_the_days() {
        let counts = [1, 2, 3, 4];
        assert_eq!([0, 1, 2, 3, 4].map(|pushes| level(pushes, &counts)), [0, 1, 2, 3, 4]);
        assert_eq!(level(7, &[7]), 1);
    }
}

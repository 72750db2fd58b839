//! Draws a book's progress over time, as SVG.

use std::collections::HashSet;

use super::book_rows::RowStyle;
use super::device_tags::DeviceTag;
use super::lines;
use super::marker::{Marker, SHARED_MARKER};
use crate::model::{Progress, calendar_day, timestamp};

/// Devices that a legend lists.
const MAX_LEGEND: usize = 12;
/// Points of a chart, at most: 15 KiB of a page. Of a longer history, the last ones of each device in a stretch of time.
const MAX_POINTS: usize = 90;
/// Bytes of a device's name in a label.
const DEVICE_MAX: usize = 32;
/// Seconds that the axis of times has at least.
const SHORTEST: u64 = 2 * 60 * 60;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 30.0;

/// A position in the chart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Point {
    pub(super) x: String,
    pub(super) y: String,
    pub(super) marker: Marker,
    pub(super) label: String,
}

/// A label on an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tick {
    pub(super) at: String,
    pub(super) anchor: &'static str,
    pub(super) text: String,
}

/// What the chart needs of a position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ChartEntry {
    timestamp: u64,
    percentage: f64,
    /// Its place among the devices of the history.
    device: usize,
}

impl ChartEntry {
    pub(super) fn new(progress: &Progress, device: usize) -> Self {
        Self { timestamp: progress.timestamp, percentage: progress.percentage, device }
    }
}

/// Percentage over time, with a point for each position of a history.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ProgressChart {
    pub(super) points: Vec<Point>,
    /// The line that connects the points.
    pub(super) line: String,
    pub(super) times: Vec<Tick>,
    pub(super) percents: Vec<Tick>,
    pub(super) legend: Vec<DeviceTag>,
    /// Number of devices that the legend leaves out.
    pub(super) unlisted_devices: usize,
}

impl ProgressChart {
    /// Draws a history, given newest first, and its devices in that order.
    pub(super) fn new(history: &[ChartEntry], devices: &[DeviceTag], style: &RowStyle) -> Self {
        let times = || history.iter().map(|entry| entry.timestamp);
        let scale = TimeScale::new(times().min().unwrap_or(0), times().max().unwrap_or(0));
        let point = |position: ChartEntry| {
            let device = devices.get(position.device);
            let name = device.map(|device| device.name.as_str()).unwrap_or_default();
            let label = style.texts.msg("books-point").arg("time", style.texts.time(position.timestamp, &style.zone));
            let label = label.arg("percent", style.texts.percent(position.percentage));
            Point {
                x: number(scale.x(position.timestamp)),
                y: number(y(position.percentage)),
                marker: device.and_then(|device| device.marker).unwrap_or(SHARED_MARKER),
                label: label.arg("device", lines::shortened(name, DEVICE_MAX)).to_string(),
            }
        };
        let points: Vec<Point> = thinned(history, &scale).into_iter().rev().map(point).collect();
        let line = points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ");
        let percents = [0.0, 0.25, 0.5, 0.75, 1.0].map(|fraction| Tick {
            at: number(y(fraction)),
            anchor: "end",
            text: style.texts.percent(fraction),
        });
        Self {
            points,
            line,
            times: scale.ticks(style),
            percents: percents.into(),
            legend: devices.iter().take(MAX_LEGEND).cloned().collect(),
            unlisted_devices: devices.len().saturating_sub(MAX_LEGEND),
        }
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
}

/// Returns the last point of each device in each stretch of time, the newest first. Stretches are as long as needed to be few points.
fn thinned(history: &[ChartEntry], scale: &TimeScale) -> Vec<ChartEntry> {
    let mut width = 1.0;
    let mut left = history.to_vec();
    while left.len() > MAX_POINTS && width < WIDTH {
        let mut seen = HashSet::new();
        #[allow(clippy::cast_possible_truncation, reason = "below the width of the chart")]
        left.retain(|entry| seen.insert(((scale.x(entry.timestamp) / width) as i64, entry.device)));
        width *= 2.0;
    }
    left.truncate(MAX_POINTS);
    left
}

/// Returns the y coordinate of a percentage. Those outside the book are drawn at its start or its end.
fn y(percentage: f64) -> f64 {
    TOP + (1.0 - percentage.clamp(0.0, 1.0)) * (HEIGHT - TOP - BOTTOM)
}

/// Formats a coordinate, to a tenth.
fn number(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").unwrap_or(&text).to_owned()
}

/// Maps times to x coordinates.
struct TimeScale {
    start: u64,
    end: u64,
}

impl TimeScale {
    fn new(start: u64, end: u64) -> Self {
        // A shorter time is drawn in the middle of two hours: its labels would be the same.
        let room = SHORTEST.saturating_sub(end.saturating_sub(start));
        Self { start: start.saturating_sub(room / 2), end: end.saturating_add(room.div_ceil(2)) }
    }

    #[allow(clippy::cast_precision_loss, reason = "a tenth of a unit is exact enough")]
    fn x(&self, time: u64) -> f64 {
        let share = (time - self.start.min(time)) as f64 / (self.end - self.start) as f64;
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    /// Labels the start, the middle and the end.
    fn ticks(&self, style: &RowStyle) -> Vec<Tick> {
        let span = self.end - self.start;
        let today = calendar_day(style.now, &style.zone);
        [(0, "start"), (1, "middle"), (2, "end")]
            .map(|(half, anchor)| {
                let time = self.start + span / 2 * half;
                let local = style.zone.to_datetime(timestamp(time));
                let mut text = style.texts.day(local.date(), today);
                if span < 2 * 24 * 3600 {
                    text = format!("{text} {}", local.strftime("%H:%M"));
                }
                Tick { at: number(self.x(time)), anchor, text }
            })
            .into()
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::super::device_tags::DeviceTags;
    use super::*;
    use crate::http::dashboard::marker::MAX_MARKERS;
    use crate::model::Language;
    use crate::text::Texts;

    fn style() -> RowStyle {
        RowStyle {
            texts: Texts::of(Language::English),
            zone: TimeZone::UTC,
            now: 86_400,
            devices: DeviceTags::default(),
        }
    }

    fn entry(device: usize, timestamp: u64, percentage: f64) -> ChartEntry {
        ChartEntry { timestamp, percentage, device }
    }

    fn devices(count: usize) -> Vec<DeviceTag> {
        let tag = |index| DeviceTag { marker: Some(Marker::of(index)), name: format!("device {index}") };
        (0..count).map(tag).collect()
    }

    #[test]
    fn points_are_at_their_time_and_percentage() {
        let history = [entry(0, 17_200, 1.0), entry(1, 13_600, 0.5), entry(0, 10_000, 0.0)];
        let chart = ProgressChart::new(&history, &devices(2), &style());
        let points: Vec<_> =
            chart.points.iter().map(|point| (point.x.as_str(), point.y.as_str(), point.marker)).collect();
        let (first, second) = (Marker::of(0), Marker::of(1));
        assert_eq!(points, [("60", "210", first), ("265", "110", second), ("470", "10", first)]);
        assert_eq!(chart.line, "60,210 265,110 470,10");
        assert_eq!(
            chart.legend.iter().map(|device| device.name.as_str()).collect::<Vec<_>>(),
            ["device 0", "device 1"]
        );
        assert_eq!(chart.points[1].label, "1 January 1970, 03:46: 50%, device 1");
        assert_eq!(chart.unlisted_devices, 0);
    }

    #[test]
    fn the_labels_of_a_short_time_do_not_overlap() {
        for seconds in [0, 1, 59, 3600] {
            let history = [entry(0, 90_000 + seconds, 0.2), entry(0, 90_000, 0.1)];
            let times = ProgressChart::new(&history, &devices(1), &style()).times;
            assert_eq!([&*times[0].at, &*times[2].at], ["60", "470"], "{seconds}");
            assert!(times[0].text != times[1].text && times[1].text != times[2].text, "{times:?}");
        }
    }

    #[test]
    fn any_history_can_be_drawn() {
        let chart = ProgressChart::new(&[entry(0, 0, 1e300)], &devices(1), &style());
        assert_eq!((chart.points[0].x.as_str(), chart.points[0].y.as_str()), ("60", "10"));
        let odd = [entry(0, 5, -3.0), entry(1, u64::MAX, 2.0), entry(2, 7, 0.1)];
        assert_eq!(ProgressChart::new(&odd, &devices(3), &style()).points.len(), 3);
        assert_eq!(ProgressChart::new(&[], &[], &style()).points.len(), 0);
    }

    /// A page stays small however long a history is. Its ends and each device stay.
    #[test]
    fn a_long_history_is_drawn_with_few_points() {
        for (count, device_count) in [(600, 1), (600, 2), (600, 600), (9600, 20)] {
            let history: Vec<_> =
                (0..count).rev().map(|number| entry(number % device_count, number as u64 * 3600, 0.5)).collect();
            let chart = ProgressChart::new(&history, &devices(device_count), &style());
            assert!((20..=MAX_POINTS).contains(&chart.points.len()), "{count}: {}", chart.points.len());
            assert_eq!(chart.points.last().expect("a point").x, "470", "the newest is there");
        }
    }

    #[test]
    fn the_first_thirty_devices_have_different_marks() {
        let mut markers: Vec<_> = (0..MAX_MARKERS).map(Marker::of).map(|marker| (marker.class, marker.shape)).collect();
        markers.sort_unstable();
        markers.dedup();
        assert_eq!(markers.len(), 30);
        assert_eq!((Marker::of(30), Marker::of(usize::MAX)), (SHARED_MARKER, SHARED_MARKER));
        let chart = ProgressChart::new(&[], &devices(100), &style());
        assert_eq!((chart.legend.len(), chart.unlisted_devices), (MAX_LEGEND, 100 - MAX_LEGEND));
    }
}

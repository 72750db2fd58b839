//! Draws a book's progress over time, as SVG.

use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::{Hash as _, Hasher as _};

use jiff::tz::TimeZone;

use super::format::{percent, time};
use crate::model::timestamp;
use crate::store::HistoryEntry;

/// Devices with a marker of their own; the others share one.
const MAX_MARKERS: usize = 12;
/// Bytes of a device's name in a label. A chart may have 600.
const DEVICE_MAX: usize = 64;
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 60.0;
const RIGHT: f64 = 10.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 30.0;

/// How the points of a device look. On screens without colours, the shapes tell devices apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Marker {
    /// The CSS class with its colour.
    pub(super) class: &'static str,
    /// Its outline around 0,0, as the path of an SVG.
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
/// The marker of all devices beyond [`MAX_MARKERS`].
const SHARED_MARKER: Marker = Marker { class: "c9", shape: "M-2,-2h4v4h-4z" };

impl Marker {
    /// Returns the marker of the device with that number, from 0 on. No two of the first [`MAX_MARKERS`] are the same.
    pub(super) fn of(index: usize) -> Self {
        if index < MAX_MARKERS {
            Self { class: CLASSES[index % CLASSES.len()], shape: SHAPES[index % SHAPES.len()] }
        } else {
            SHARED_MARKER
        }
    }
}

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

/// A device and its marker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LegendEntry {
    pub(super) marker: Marker,
    pub(super) device: String,
}

/// What the chart needs of a position.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ChartEntry {
    pub(super) sequence: u64,
    timestamp: u64,
    percentage: f64,
    /// The start of the device's name.
    device: String,
    /// A hash of the device's name and id.
    device_key: u64,
}

impl ChartEntry {
    pub(super) fn new(HistoryEntry { sequence, progress, .. }: &HistoryEntry) -> Self {
        let device = &progress.device;
        let mut hasher = DefaultHasher::new();
        (device, &progress.device_id).hash(&mut hasher);
        Self {
            sequence: *sequence,
            timestamp: progress.timestamp,
            percentage: progress.percentage,
            device: device[..device.floor_char_boundary(DEVICE_MAX)].to_owned(),
            device_key: hasher.finish(),
        }
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
    pub(super) legend: Vec<LegendEntry>,
    /// Number of devices that the legend leaves out. They share a marker.
    pub(super) unlisted_devices: usize,
}

impl ProgressChart {
    /// Draws a history, given newest first. The device of the newest position gets the first marker.
    pub(super) fn new(history: &[ChartEntry], zone: &TimeZone) -> Self {
        let mut indexes = HashMap::new();
        let mut legend = Vec::new();
        for entry in history {
            let next = indexes.len();
            if let Entry::Vacant(vacant) = indexes.entry(entry.device_key) {
                vacant.insert(next);
                if next < MAX_MARKERS {
                    legend.push(LegendEntry { marker: Marker::of(next), device: entry.device.clone() });
                }
            }
        }
        let times = || history.iter().map(|entry| entry.timestamp);
        let scale = TimeScale::new(times().min().unwrap_or(0), times().max().unwrap_or(0));
        let point = |position: &ChartEntry| {
            let index = indexes.get(&position.device_key).copied().unwrap_or(0);
            let (when, how_far) = (time(position.timestamp, zone).text, percent(position.percentage));
            Point {
                x: number(scale.x(position.timestamp)),
                y: number(y(position.percentage)),
                marker: Marker::of(index),
                label: format!("{when}: {how_far}, {}", position.device),
            }
        };
        let points: Vec<Point> = history.iter().rev().map(point).collect();
        let line = points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" ");
        let percents = [0, 25, 50, 75, 100].map(|percent| Tick {
            at: number(y(f64::from(percent) / 100.0)),
            anchor: "end",
            text: format!("{percent} %"),
        });
        let unlisted_devices = indexes.len().saturating_sub(MAX_MARKERS);
        Self { points, line, times: scale.ticks(zone), percents: percents.into(), legend, unlisted_devices }
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

    pub(super) fn shared_marker(&self) -> Marker {
        SHARED_MARKER
    }
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
        // A single point is drawn in the middle of two hours.
        if start == end {
            Self { start: start.saturating_sub(3600), end: end.saturating_add(3600) }
        } else {
            Self { start, end }
        }
    }

    #[allow(clippy::cast_precision_loss, reason = "a tenth of a unit is exact enough")]
    fn x(&self, time: u64) -> f64 {
        let share = (time - self.start.min(time)) as f64 / (self.end - self.start) as f64;
        LEFT + share * (WIDTH - LEFT - RIGHT)
    }

    /// Labels the start, the middle and the end.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Progress;

    fn entry(device: &str, timestamp: u64, percentage: f64) -> ChartEntry {
        let mut progress = Progress::new("p".into(), percentage, device.into(), None).expect("a position");
        progress.timestamp = timestamp;
        ChartEntry::new(&HistoryEntry {
            sequence: 1,
            progress,
            pushes: 1,
            effect: crate::PushEffect::Moved,
            repeats: 0,
        })
    }

    #[test]
    fn points_are_at_their_time_and_percentage() {
        let history = [entry("Kobo", 300, 1.0), entry("Kindle", 200, 0.5), entry("Kobo", 100, 0.0)];
        let chart = ProgressChart::new(&history, &TimeZone::UTC);
        let points: Vec<_> =
            chart.points.iter().map(|point| (point.x.as_str(), point.y.as_str(), point.marker)).collect();
        assert_eq!(points, [("60", "210", Marker::of(0)), ("265", "110", Marker::of(1)), ("470", "10", Marker::of(0))]);
        assert_eq!(chart.line, "60,210 265,110 470,10");
        assert_eq!(chart.legend.iter().map(|legend| legend.device.as_str()).collect::<Vec<_>>(), ["Kobo", "Kindle"]);
        assert_eq!(chart.points[1].label, "1970-01-01 00:03: 50 %, Kindle");
        assert_eq!(chart.unlisted_devices, 0);
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
    fn devices_beyond_the_twelfth_share_a_marker() {
        let many: Vec<_> = (0..100).map(|number| entry(&format!("device {number}"), number, 0.5)).collect();
        let chart = ProgressChart::new(&many, &TimeZone::UTC);
        assert_eq!((chart.legend.len(), chart.unlisted_devices), (MAX_MARKERS, 100 - MAX_MARKERS));
        let mut markers: Vec<_> =
            chart.legend.iter().map(|legend| (legend.marker.class, legend.marker.shape)).collect();
        markers.sort_unstable();
        markers.dedup();
        assert_eq!(markers.len(), MAX_MARKERS, "no two are the same");
    }
}

//! Numbers and times as a person reads them.

use jiff::tz::TimeZone;

use crate::model;

/// A position's percentage, whatever a client sent: `42.5 %`.
pub(super) fn percent(percentage: f64) -> String {
    let percent = percentage * 100.0;
    if percent.abs() >= 10_000.0 {
        return (if percent > 0.0 { "over 9999 %" } else { "below −9999 %" }).to_owned();
    }
    // Cut, not rounded: a book is not at 100 % before its end. A millionth makes up for what binary fractions lack.
    let tenths = (percentage * 1000.0 + 1e-6).floor();
    let text = format!("{:.1}", tenths / 10.0);
    format!("{} %", text.strip_suffix(".0").unwrap_or(&text).replace('-', "−"))
}

/// The same as how much of a bar is full, from 0 to 100.
pub(super) fn bar(percentage: f64) -> String {
    format!("{:.1}", (percentage * 100.0).clamp(0.0, 100.0))
}

/// A time as it is told, where the server stands, and as a machine reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Time {
    pub(super) text: String,
    pub(super) machine: String,
}

pub(super) fn time(seconds: u64, zone: &TimeZone) -> Time {
    let timestamp = model::timestamp(seconds);
    Time { text: zone.to_datetime(timestamp).strftime("%Y-%m-%d %H:%M").to_string(), machine: timestamp.to_string() }
}

/// `1 book`, `2 books`.
pub(super) fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// Where one is in a list that is shown page by page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paging {
    /// From 1 on.
    pub(super) page: usize,
    pub(super) pages: usize,
    size: usize,
}

impl Paging {
    /// The page that is asked for, or the nearest that there is.
    pub(super) fn new(asked: Option<usize>, total: usize, size: usize) -> Self {
        let pages = total.div_ceil(size).max(1);
        Self { page: asked.unwrap_or(1).clamp(1, pages), pages, size }
    }

    /// What is on the page.
    pub(super) fn of<'a, T>(&self, all: &'a [T]) -> &'a [T] {
        let start = (self.page - 1) * self.size;
        all.get(start..all.len().min(start + self.size)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_of_all_kinds() {
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
        assert_eq!([-1.0, 0.333, 7.0].map(bar), ["0.0", "33.3", "100.0"]);
    }

    #[test]
    fn pages_of_a_list() {
        let all: Vec<usize> = (0..101).collect();
        let page = |asked| Paging::new(asked, all.len(), 50);
        assert_eq!((page(None).page, page(None).pages), (1, 3));
        assert_eq!(page(Some(3)).of(&all), [100]);
        assert_eq!(page(Some(99)).page, 3);
        assert_eq!(page(Some(0)).of(&all), &all[..50]);
        assert_eq!(Paging::new(None, 0, 50).of::<usize>(&[]), [0; 0]);
    }

    #[test]
    fn a_time_is_one_where_the_server_stands() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let expected = Time { text: "1970-01-02 01:00".into(), machine: "1970-01-01T23:00:00Z".into() };
        assert_eq!(time(82_800, &zone), expected);
        assert_eq!(time(u64::MAX, &zone).text.len(), 16);
    }
}

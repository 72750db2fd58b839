//! What the overview and the page of a year show in the same way.

use jiff::civil::Date;

use super::calendar::DayAmount;
use super::sources::Sources;
use super::year_view::{Bar, DeviceShareView, GoalView, MonthView, NumberView, Wall, short_amount};
use crate::text::Texts;

/// What both pages show of a year.
pub(super) struct YearView {
    pub(super) texts: Texts,
    pub(super) numbers: Vec<NumberView>,
    pub(super) sources: Sources,
    pub(super) calendar_summary: String,
    pub(super) calendar_about: String,
    pub(super) months: Vec<MonthView>,
    /// The account's day, if each square leads to what was read on its day. The page is the root then, or beside it.
    pub(super) links_for: Option<Date>,
    /// The first day whose square says what was read. The page has no room for what earlier ones would say. `None` if
    /// all say it.
    pub(super) labels_from: Option<Date>,
    pub(super) bars: Vec<Bar>,
    pub(super) finished_source: String,
    pub(super) goal: GoalView,
    pub(super) devices: Vec<DeviceShareView>,
    pub(super) devices_source: String,
    pub(super) wall: Wall,
    pub(super) years: Vec<i16>,
    /// The year that the page is about; 0 if it is about none.
    pub(super) year: i16,
}

impl YearView {
    /// Names a day of the calendar, and how much was read. Returns `None` if its square says nothing.
    pub(super) fn label(&self, day: &DayAmount) -> Option<String> {
        if self.labels_from.is_some_and(|first| day.date < first) {
            return None;
        }
        let (texts, today) = (self.texts, self.links_for.unwrap_or(day.date));
        let label = texts.msg("overview-day-label").arg("date", texts.day(day.date, today));
        Some(label.arg("amount", short_amount(texts, day)).to_string())
    }

    /// Removes the labels of the oldest days until the page is shorter by `bytes`. Their squares, and the pages of their months, still lead
    /// to what was read.
    pub(super) fn drop_labels(&mut self, bytes: usize) {
        const TAGS: usize = "<title></title>".len();
        let shades = self.months.iter().flat_map(|month| &month.layout.shades);
        let mut days: Vec<&DayAmount> = shades.flat_map(|shade| shade.days.iter().map(|(day, _)| day)).collect();
        days.sort_by_key(|day| day.date);
        let mut dropped = 0;
        let is_kept = |day: &&&DayAmount| {
            let is_enough = dropped >= bytes;
            dropped += TAGS + self.label(day).map_or(0, |label| label.len());
            is_enough
        };
        let first_kept = days.iter().find(is_kept).map(|day| day.date);
        self.labels_from = Some(first_kept.unwrap_or(Date::MAX));
    }
}

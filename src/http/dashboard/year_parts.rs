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
    /// The account's day, if each square leads to what was read on its day.
    pub(super) links_for: Option<Date>,
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
    /// Names a day of the calendar, and how much was read.
    pub(super) fn label(&self, day: &DayAmount) -> String {
        let (texts, today) = (self.texts, self.links_for.unwrap_or(day.date));
        let label = texts.msg("overview-day-label").arg("date", texts.day(day.date, today));
        label.arg("amount", short_amount(texts, day)).to_string()
    }
}

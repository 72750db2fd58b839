//! A year of reading, as a page and as one SVG to print or share.

use askama::Template;
use jiff::civil::{Date, date};
use salvo::Request;
use salvo::craft::craft;

use super::calendar::{Calendar, DayAmount};
use super::context::Dashboard;
use super::cover::Cover;
use super::error::PageError;
use super::layout::Layout;
use super::page::PageResponse;
use super::picture::Picture;
use super::poster::{MAX_COVERS, Poster, YearTexts};
use super::reading_record::{ReadingRecord, YearTotals};
use super::session::CurrentUser;
use super::sources::Sources;
use super::year_parts::YearView;
use super::year_view::{
    GoalState, GoalView, NumberView, YEARS, bars, calendar_about, dates, finished_source, months, tenth,
};
use crate::model::{FINISHED, GOAL_MAX};
use crate::text::Texts;

/// Covers of finished books on the page.
const MAX_WALL: usize = 50;

#[derive(Template)]
#[template(path = "year.html")]
struct YearPage {
    layout: Layout,
    year: i16,
    view: YearView,
}

/// The handlers of `year/{year}` and `year/{year}.svg`.
#[derive(Clone)]
pub struct Year {
    pub(super) dashboard: Dashboard,
}

/// A year, up to today where it is not over.
struct Period {
    year: i16,
    last: Date,
    is_over: bool,
}

impl Period {
    /// Returns the year; `None` for one that is still to come.
    fn new(year: i16, today: Date) -> Option<Self> {
        let is_over = year < today.year();
        let last = if is_over { date(year, 12, 31) } else { today };
        (year <= today.year()).then_some(Self { year, last, is_over })
    }

    /// Lays out the months up to today's.
    fn calendar(&self, record: &ReadingRecord) -> Calendar {
        let amounts: Vec<DayAmount> = dates(date(self.year, 1, 1), self.last).map(|date| record.amount(date)).collect();
        Calendar::new(&amounts)
    }
}

/// Returns the numbers on top.
fn numbers(texts: Texts, totals: &YearTotals, period: &Period) -> Vec<NumberView> {
    let with_year = |id| texts.msg(id).arg("year", period.year.to_string()).to_string();
    let days = texts.msg(if period.is_over { "overview-days-of" } else { "overview-days-so-far" });
    let number = |label: String, value: usize, note: Option<String>| NumberView {
        label,
        value: texts.number(value as u64),
        note,
    };
    let worth = texts.msg("overview-worth-read").arg("books", tenth(totals.fraction)).to_string();
    let mut numbers = vec![
        number(with_year("overview-finished-in"), totals.finished, Some(worth)),
        number(with_year("overview-days-read"), totals.days_read, Some(days.arg("days", totals.days).to_string())),
        number(texts.msg("overview-longest-in").to_string(), totals.longest_days, None),
    ];
    if totals.seconds > 0 {
        let value = texts.duration(totals.seconds);
        numbers.push(NumberView { label: with_year("overview-time-read"), value, note: None });
    }
    numbers
}

/// Returns the texts of the picture.
fn poster_texts(current_user: &CurrentUser, totals: &YearTotals, year: i16, more: Option<String>) -> YearTexts {
    let texts = current_user.texts;
    let number = |id, count: usize| (texts.number(count as u64), texts.msg(id).arg("count", count).to_string());
    let worth = tenth(totals.fraction);
    let mut numbers = vec![
        number("overview-poster-finished", totals.finished),
        number("overview-poster-days", totals.days_read),
        number("overview-poster-streak", totals.longest_days),
    ];
    if totals.seconds > 0 {
        numbers.push((texts.duration(totals.seconds), texts.msg("overview-poster-time").to_string()));
    } else {
        numbers.push((texts.decimal(worth), texts.msg("overview-poster-worth").arg("count", worth).to_string()));
    }
    let description = texts.msg("overview-poster-description").arg("finished", totals.finished);
    YearTexts {
        language: texts.language().as_str(),
        year: year.to_string(),
        heading: texts.msg("overview-poster-heading").to_string(),
        name: current_user.user.name.to_string(),
        numbers,
        more,
        source: texts.msg("overview-poster-source").arg("percent", texts.percent(FINISHED)).to_string(),
        description: description.arg("days", totals.days_read).to_string(),
    }
}

impl Year {
    /// Reads the year in a request's path. `None` if it is none, or still to come.
    async fn period(
        &self,
        req: &Request,
        current_user: &CurrentUser,
    ) -> Result<(Period, ReadingRecord, bool), PageError> {
        let name: String = req.param("year").unwrap_or_default();
        let (year, is_picture) = name.strip_suffix(".svg").map_or((name.as_str(), false), |year| (year, true));
        let is_year = year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
        let year = year.parse().ok().filter(|year| is_year && YEARS.contains(year)).ok_or(PageError::NoSuchPage)?;
        let record = ReadingRecord::load(&self.dashboard, current_user).await?;
        let period = Period::new(year, record.today).ok_or(PageError::NoSuchPage)?;
        Ok((period, record, is_picture))
    }
}

#[craft]
impl Year {
    /// `GET year/{year}`: the page; `GET year/{year}.svg`: the picture.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<Picture, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let slot = self.dashboard.state.scan_limiter.answer(current_user.user.id)?;
        let (period, record, is_picture) = self.period(req, &current_user).await?;
        let (texts, year) = (current_user.texts, period.year);
        let (totals, calendar) = (record.year(year), period.calendar(&record));
        let max = if is_picture { MAX_COVERS } else { MAX_WALL };
        let wall = record.wall(&self.dashboard, &current_user, year, max).await?;
        if is_picture {
            let covers: Vec<Cover> = wall.books.into_iter().rev().map(|book| book.cover).collect();
            let month = |first: Date| {
                let finished = record.finished_in_month(first);
                let finished = if finished > 0 { texts.number(finished as u64) } else { String::new() };
                (texts.short_month(first), finished)
            };
            let poster = Poster::new(poster_texts(&current_user, &totals, year, wall.more), &calendar, &covers, month);
            return Ok(Picture::Svg(poster.to_svg(), slot));
        }
        let counts: Vec<_> =
            calendar.months.iter().map(|month| (month.first, record.finished_in_month(month.first))).collect();
        let with_year = |id| texts.msg(id).arg("year", year.to_string());
        let title = with_year("overview-year-title").to_string();
        let state = |goal| GoalState::new(texts, goal, totals.finished, period.last, period.is_over);
        let goal = GoalView {
            is_editable: false,
            // The goal of past years may have been another one.
            state: current_user.user.preferences.goal.filter(|_| !period.is_over).map(state),
            chosen: String::new(),
            summary: String::new(),
            limit: GOAL_MAX,
        };
        let view = YearView {
            texts,
            numbers: numbers(texts, &totals, &period),
            sources: Sources::new(&current_user, &record),
            calendar_summary: with_year("overview-calendar-summary-year").arg("days", totals.days_read).to_string(),
            calendar_about: calendar_about(texts, &calendar),
            months: months(texts, &calendar, period.last),
            links_for: None,
            labels_from: None,
            bars: bars(texts, &counts),
            finished_source: finished_source(texts),
            goal,
            devices: record.shares(texts, year),
            devices_source: with_year("overview-devices-source").to_string(),
            wall,
            years: record.years(),
            year,
        };
        let layout = current_user.layout_titled(&title, "overview");
        Ok(Picture::Page(PageResponse::new(&YearPage { layout, year, view }).with_slot(slot)))
    }
}

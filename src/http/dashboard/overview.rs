//! The dashboard's root: books to go on with, the last twelve months day by day, what was finished, and the goal of the year.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::calendar::{Calendar, DayAmount};
use super::codec::path_segment;
use super::context::Dashboard;
use super::cover::Cover;
use super::error::PageError;
use super::format::bar_value;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::reading_record::ReadingRecord;
use super::session::CurrentUser;
use super::sources::Sources;
use super::year_parts::YearView;
use super::year_view::{
    GoalState, GoalView, NumberView, bars, calendar_about, finished_source, last_twelve_months, months, tenth,
};
use crate::library::reading::find_read_document;
use crate::library::{READING_DAYS, Run, Title};
use crate::model::{GOAL_MAX, Preferences};
use crate::store::Change;
use crate::text::{Texts, Time};

/// Books to go on with that are shown; the number counts all of them.
const MAX_READING: usize = 6;
/// Covers of finished books that are shown.
const MAX_WALL: usize = 14;
/// Bytes of the page from which the squares of the oldest days lose their labels.
const LABELLED_MAX: usize = 59_000;

/// A book to go on with.
struct ReadingCard {
    path_segment: String,
    cover: Cover,
    title: Title,
    bar_value: String,
    percent: String,
    time: Time,
    time_read: Option<String>,
    /// `at this pace done around 7 Dec`.
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    layout: Layout,
    /// Whether nothing was pushed or uploaded yet.
    is_new: bool,
    reading: Vec<ReadingCard>,
    /// `and 5 more`, if not all of them are shown.
    reading_more: Option<String>,
    reading_source: String,
    view: YearView,
}

/// The handlers of the root and of `goal`.
#[derive(Clone)]
pub struct Overview {
    pub(super) dashboard: Dashboard,
}

impl Overview {
    /// Reads the books to go on with.
    async fn reading(&self, current_user: &CurrentUser, record: &ReadingRecord) -> Result<Vec<ReadingCard>, PageError> {
        let state = &self.dashboard.state;
        let (texts, user) = (current_user.texts, current_user.user.id);
        let mut cards = Vec::new();
        for book in record.reading().take(MAX_READING) {
            let document = &book.document;
            let read = state.scan_limiter.slice(user, || find_read_document(&state.store, user, document)).await?;
            let Some((entry, times)) = read else { continue };
            let (title, progress) = (Title::of(&entry), entry.shared());
            let done = book.done_around(record.today);
            let around =
                |date| texts.msg("overview-done-around").arg("date", texts.day(date, record.today)).to_string();
            cards.push(ReadingCard {
                path_segment: path_segment(document),
                cover: Cover::new(&title),
                bar_value: bar_value(progress.percentage),
                percent: texts.percent(progress.percentage),
                time: texts.ago(progress.timestamp, record.now, current_user.days.zone()),
                time_read: times.map(|book| texts.duration(book.seconds)),
                done: done.map(around),
                title: lines::in_list(title),
            });
        }
        Ok(cards)
    }
}

/// Returns the numbers on top.
fn numbers(texts: Texts, record: &ReadingRecord) -> Vec<NumberView> {
    let year = record.today.year();
    let this_year = record.year(year);
    let with_year = |id| texts.msg(id).arg("year", year.to_string()).to_string();
    let calendar = &record.activity.calendar;
    let longest =
        |run: Option<Run>| texts.msg("overview-longest").arg("count", run.map_or(0, |run| run.length)).to_string();
    let (longest_days, longest_weeks) = (longest(calendar.longest_streak()), longest(calendar.longest_week_streak()));
    let number = |label: String, value: usize, note: String| NumberView {
        label,
        value: texts.number(value as u64),
        note: Some(note),
    };
    let worth = texts.msg("overview-worth-read").arg("books", tenth(this_year.fraction)).to_string();
    let so_far = texts.msg("overview-days-so-far").arg("days", this_year.days).to_string();
    let opened = texts.msg("overview-reading-now-about").arg("days", READING_DAYS).to_string();
    let mut numbers = vec![
        number(with_year("overview-finished-in"), this_year.finished, worth),
        number(texts.msg("overview-reading-now").to_string(), record.reading().count(), opened),
        number(with_year("overview-days-read"), this_year.days_read, so_far),
        number(texts.msg("overview-days-in-a-row").to_string(), calendar.streak(record.today), longest_days),
        number(texts.msg("overview-weeks-in-a-row").to_string(), calendar.week_streak(record.today), longest_weeks),
    ];
    if let Some(times) = &record.times {
        let today = texts.duration(times.day(record.today).seconds.into());
        let note = texts.msg("overview-time-in-all").arg("today", today).arg("all", texts.duration(times.seconds));
        let value = texts.duration(this_year.seconds);
        numbers.push(NumberView { label: with_year("overview-time-read"), value, note: Some(note.to_string()) });
    }
    numbers
}

impl OverviewPage {
    /// Renders the page, with the labels that it has room for: days, titles and devices are as many and as long as readers and clients
    /// make them.
    fn response(mut self) -> PageResponse {
        let response = PageResponse::new(&self);
        match response.len().saturating_sub(LABELLED_MAX) {
            0 => response,
            excess => {
                self.view.drop_labels(excess);
                PageResponse::new(&self)
            }
        }
    }
}

impl Overview {
    /// Makes the page. `typed` is what the field of the goal shows, where it was refused.
    async fn page(
        &self,
        current_user: &CurrentUser,
        layout: Layout,
        typed: Option<&str>,
    ) -> Result<OverviewPage, PageError> {
        let record = ReadingRecord::load(&self.dashboard, current_user).await?;
        let (texts, today) = (current_user.texts, record.today);
        let amounts: Vec<DayAmount> = last_twelve_months(today).map(|date| record.amount(date)).collect();
        let calendar = Calendar::new(&amounts);
        let days_read: usize = calendar.months.iter().map(|month| month.days_read).sum();
        let firsts = calendar.months.iter().map(|month| month.first);
        let counts: Vec<_> = firsts.map(|first| (first, record.finished_in_month(first))).collect();
        let (finished, chosen) = (record.year(today.year()).finished, current_user.user.preferences.goal);
        let goal = GoalView {
            is_editable: true,
            state: chosen.map(|goal| GoalState::new(texts, goal, finished, today, false)),
            chosen: typed.map(str::to_owned).or(chosen.map(|goal| goal.to_string())).unwrap_or_default(),
            summary: texts.msg(if chosen.is_some() { "overview-goal-change" } else { "overview-goal-set" }).to_string(),
            limit: GOAL_MAX,
        };
        let devices_source = texts.msg("overview-devices-source").arg("year", today.year().to_string());
        let view = YearView {
            texts,
            numbers: numbers(texts, &record),
            sources: Sources::new(current_user, &record),
            calendar_summary: texts.msg("overview-calendar-summary").arg("days", days_read).to_string(),
            calendar_about: calendar_about(texts, &calendar),
            months: months(texts, &calendar, today),
            links_for: Some(today),
            labels_from: None,
            bars: bars(texts, &counts),
            finished_source: finished_source(texts),
            goal,
            devices: record.shares(texts, today.year()),
            devices_source: devices_source.to_string(),
            wall: record.wall(&self.dashboard, current_user, record.last_year_with_finishes(), MAX_WALL).await?,
            years: record.years(),
            year: 0,
        };
        let more = record.reading().count().saturating_sub(MAX_READING);
        Ok(OverviewPage {
            layout,
            is_new: record.is_empty(),
            reading: self.reading(current_user, &record).await?,
            reading_more: (more > 0).then(|| texts.msg("overview-wall-more").arg("count", more).to_string()),
            reading_source: texts.msg("overview-go-on-source").arg("days", READING_DAYS).to_string(),
            view,
        })
    }
}

#[craft]
impl Overview {
    /// `GET` of the root.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let slot = self.dashboard.state.scan_limiter.answer(current_user.user.id)?;
        let layout = current_user.layout("overview-title", "overview");
        Ok(self.page(&current_user, layout, None).await?.response().with_slot(slot))
    }

    /// `POST goal` with `goal`: sets the number of books to finish in a year; an empty one is none.
    #[craft(handler)]
    pub(super) async fn set_goal(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let typed = form.get("goal").trim();
        let goal = Some(typed).filter(|goal| !goal.is_empty()).map(|goal| goal.parse().ok());
        let is_valid = |goal: &Option<u16>| goal.is_some_and(|goal| (1..=GOAL_MAX).contains(&goal));
        let set = if goal.as_ref().is_some_and(|goal| !is_valid(goal)) {
            let text = current_user.texts.msg("overview-goal-invalid").arg("max", GOAL_MAX);
            Err(PageError::InvalidForm(text.to_string()))
        } else {
            let preferences = Preferences { goal: goal.flatten(), ..current_user.user.preferences.clone() };
            self.dashboard.change_own(&current_user, Change::SetPreferences(preferences)).await
        };
        match set {
            Ok(()) => Ok(current_user.redirect_done("", "preferences")),
            Err(error) if error.leaves_the_form() => {
                let layout = current_user.layout("overview-title", "overview").with_error_at(&error, "goal");
                let slot = self.dashboard.state.scan_limiter.answer(current_user.user.id)?;
                let page = self.page(&current_user, layout, Some(typed)).await?;
                Ok(page.response().with_error(&error).with_slot(slot))
            }
            Err(error) => Err(error),
        }
    }
}

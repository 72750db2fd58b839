//! The dashboard's root: books in progress, numbers, and a calendar of the last twelve months.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::books::BookRow;
use super::calendar::{self, Month};
use super::context::Dashboard;
use super::error::PageError;
use super::format::count;
use super::layout::Layout;
use super::page::PageResponse;
use super::reading::{Source, TotalTimesView};
use crate::library::reading::load_state;
use crate::library::{BookList, BookQuery, look_up};

/// Books in progress that are listed; the numbers count all of them.
const MAX_CURRENT_BOOKS: usize = 5;

#[derive(Template)]
#[template(path = "overview.html")]
struct OverviewPage {
    layout: Layout,
    books: Vec<BookRow>,
    in_progress: usize,
    finished: usize,
    days_read: usize,
    streak: usize,
    months: Vec<Month>,
    times: Option<TotalTimesView>,
    unread: Option<String>,
}

impl OverviewPage {
    /// Returns what the calendar shows, as a sentence.
    fn calendar_summary(&self) -> String {
        let days = self.months.iter().map(|month| month.days_read).sum();
        format!("You read on {} in the last twelve months.", count(days, "day", "days"))
    }
}

/// The handler of the root.
#[derive(Clone)]
pub struct Overview {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl Overview {
    /// `GET` of the root.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let slot = state.scan_limiter.answer(current_user.user.id)?;
        let query = BookQuery { unfinished: true, ..BookQuery::new("", MAX_CURRENT_BOOKS) };
        let times = load_state(&state.store, &state.scan_limiter, &state.reading, &current_user.user).await?.times;
        let clock = current_user.clock(state.store.now());
        let calendar = state.activity.load(&state.store, &state.scan_limiter, &current_user.user).await?.calendar;
        let books = BookList::load(&state.store, &state.scan_limiter, &current_user.user, query).await?;
        let today = state.store.today();
        let (total, unfinished) = (books.total(), books.unfinished());
        let mut rows = Vec::new();
        let user = current_user.user.id;
        let add = |entry| rows.push(BookRow::with_reading(entry, &state.store, user));
        look_up(&state.store, &state.scan_limiter, user, &books.into_refs(), add).await?;
        Ok(PageResponse::new(&OverviewPage {
            layout: current_user.layout_titled("Overview", "overview"),
            books: rows,
            in_progress: unfinished,
            finished: total - unfinished,
            days_read: calendar.days_read(),
            streak: calendar.streak(today),
            months: calendar::months(&calendar.last_year(today), times.as_ref().filter(|times| times.file.is_some())),
            unread: Source::new(times.as_ref(), &clock).unread,
            times: times.and_then(|times| TotalTimesView::new(&times, &clock, today)),
        })
        .with_slot(slot))
    }
}

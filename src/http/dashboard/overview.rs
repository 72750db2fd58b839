//! The root: how reading is going.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Dashboard;
use super::books::BookRow;
use super::chart::{self, Month};
use super::error::PageError;
use super::format::count;
use super::page::{Layout, PageResponse};
use crate::library::{Activity, Book, look_up};

/// Books that are shown as those one is reading.
const RECENT: usize = 5;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    layout: Layout,
    recent: Vec<BookRow>,
    in_progress: usize,
    finished: usize,
    days_read: usize,
    streak: usize,
    months: Vec<Month>,
}

impl Overview {
    /// The calendar in a sentence.
    fn summary(&self) -> String {
        let days = self.months.iter().map(|month| month.days_read).sum();
        format!("In the last twelve months you have read on {}.", count(days, "day", "days"))
    }
}

#[craft]
impl Dashboard {
    /// `GET` of the root: the books in progress, numbers, and a calendar. Whoever is not logged in is led to the login.
    #[craft(handler)]
    pub(super) async fn overview(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let Activity { books, calendar, .. } =
            Activity::load(&self.state.store, &self.state.scan_limiter, &current_user.user).await?;
        let today = self.state.store.today();
        let unfinished = books.unfinished();
        let recent = look_up(&self.state.store, &current_user.user, &unfinished[..unfinished.len().min(RECENT)])?;
        Ok(PageResponse::new(&Overview {
            layout: current_user.layout("Overview", "overview"),
            recent: recent.into_iter().map(|entry| BookRow::new(&Book::new(entry), self.state.store.zone())).collect(),
            in_progress: unfinished.len(),
            finished: books.all().len() - unfinished.len(),
            days_read: calendar.days_read(),
            streak: calendar.streak(today),
            months: chart::months(&calendar.last_year(today)),
        }))
    }
}

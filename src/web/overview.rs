//! The root: how reading is going.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::Web;
use super::books::Row;
use super::page::{Frame, Page};
use super::plot::{self, Month};
use super::problem::Problem;
use super::text::count;
use crate::reading::{Activity, Book, look_up};

/// Books that are shown as those one is reading.
const RECENT: usize = 5;

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview {
    frame: Frame,
    recent: Vec<Row>,
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
impl Web {
    /// `GET` of the root: the books in progress, numbers, and a calendar. Whoever is not logged in is led to the login.
    #[craft(handler)]
    pub(super) async fn overview(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let Activity { shelf, calendar, .. } = Activity::load(&self.app, &visit.user).await?;
        let today = self.app.store.today();
        let unfinished = shelf.unfinished();
        let recent = look_up(&self.app, &visit.user, &unfinished[..unfinished.len().min(RECENT)])?;
        Ok(Page::new(&Overview {
            frame: visit.frame("Overview", "overview"),
            recent: recent.into_iter().map(|entry| Row::new(&Book::new(entry), self.app.store.zone())).collect(),
            in_progress: unfinished.len(),
            finished: shelf.all().len() - unfinished.len(),
            days_read: calendar.days_read(),
            streak: calendar.streak(today),
            months: plot::months(&calendar.last_year(today)),
        }))
    }
}

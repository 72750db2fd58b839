//! "Why does it not sync?": the last requests of the account's devices, in plain words.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::codec::path_segment;
use super::context::Dashboard;
use super::error::PageError;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use crate::http::activity::{self, ActivityLine, Part};
use crate::text::{Clock, Time};

/// Requests on a page.
const ROWS_PER_PAGE: usize = 30;
/// Bytes of a name or a title in a sentence.
const NAME_MAX: usize = 160;

struct LineRow {
    time: Time,
    sentence: Vec<Part>,
    /// Its book, as a path segment, if the account has it.
    book: Option<String>,
    /// Sequence number of a position that can be put back.
    sequence: Option<u64>,
    /// The book that may be the one that was asked for, as a path segment.
    candidate: Option<String>,
    /// The id that was asked for in vain, as a path segment.
    asked: Option<String>,
}

impl LineRow {
    fn new(line: ActivityLine, clock: &Clock) -> Self {
        Self {
            time: clock.ago(line.line.time),
            sentence: line.sentence.0.into_iter().map(shortened).collect(),
            book: line.line.document.as_ref().filter(|_| line.title.is_some()).map(path_segment),
            sequence: line.can_put_back,
            asked: line.line.document.as_ref().filter(|_| line.candidate.is_some()).map(path_segment),
            candidate: line.candidate.as_ref().map(path_segment),
        }
    }
}

/// Shortens what a client chose.
fn shortened(part: Part) -> Part {
    match part {
        Part::Name(text) => Part::Name(lines::shortened(&text, NAME_MAX)),
        Part::Title(text) => Part::Title(lines::shortened(&text, NAME_MAX)),
        part => part,
    }
}

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    layout: Layout,
    lines: Vec<LineRow>,
    paging: Paging,
    /// When the server started: it remembers nothing from before.
    started: Time,
}

/// The handler of `activity`.
#[derive(Clone)]
pub struct ActivityLog {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl ActivityLog {
    /// `GET activity?page=`: the last requests of the account's devices, the newest first.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let slot = state.scan_limiter.answer(current_user.user.id)?;
        let clock = current_user.clock(state.store.now());
        let lines = activity::load(state, &current_user.user, &clock).await?;
        let paging = Paging::from_request(req, lines.len(), ROWS_PER_PAGE);
        let shown = paging.range();
        Ok(PageResponse::new(&ActivityPage {
            layout: current_user.layout("activity-title", "account"),
            lines: lines
                .into_iter()
                .skip(shown.start)
                .take(ROWS_PER_PAGE)
                .map(|line| LineRow::new(line, &clock))
                .collect(),
            paging,
            started: clock.ago(state.started),
        })
        .with_slot(slot))
    }
}

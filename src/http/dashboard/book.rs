//! The page of a book, and that of its whole history.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book_files::{FileRow, SuggestionRow};
use super::book_history::{HistoryRow, PageHistory, ROWS_PER_PAGE};
use super::book_rows::{BookRow, RowStyle};
use super::chart::ProgressChart;
use super::context::Dashboard;
use super::device_tags::DeviceTags;
use super::error::PageError;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::reading::{BookTimesView, Source};
use super::session::CurrentUser;
use super::shelf_view::ShelfView;
use crate::library::reading::{count_highlights, find_book, load_state};
use crate::model::DOCUMENT_NAME_MAX;
use crate::store::DocumentEntry;

/// Positions that a book's page shows at once, and with those folded below. All are on the page of its history.
const NEWEST: usize = 5;
const WITH_FOLDED: usize = 23;
/// Bytes of a file's name.
const FILENAME_MAX: usize = 600;

#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    layout: Layout,
    book: BookRow,
    /// Whether the book was started over, and no reader has moved since.
    is_started_over: bool,
    /// The name that the user gave the book, or tried to; may be empty.
    name: String,
    filename: Option<String>,
    document: String,
    /// The other files of the book.
    files: Vec<FileRow>,
    suggestions: Vec<SuggestionRow>,
    shelf: Option<ShelfView>,
    chart: ProgressChart,
    /// The newest positions, then those that are folded.
    newest: Vec<HistoryRow>,
    folded: Vec<HistoryRow>,
    /// Number of all positions.
    total: usize,
    /// Reading times, where the statistics have them.
    reading: Option<BookTimesView>,
    source: Source,
    /// How many highlights there are.
    highlights: usize,
}

impl BookPage {
    const NAME_MAX: usize = DOCUMENT_NAME_MAX;

    /// Whether the history has more positions than the page.
    fn has_more(&self) -> bool {
        self.total > self.newest.len() + self.folded.len()
    }
}

#[derive(Template)]
#[template(path = "book_history.html")]
struct HistoryPage {
    layout: Layout,
    book: BookRow,
    history: Vec<HistoryRow>,
    total: usize,
    paging: Paging,
}

impl HistoryPage {
    /// Returns the address of the book's page.
    fn link(&self) -> String {
        format!("{}books/{}", self.layout.base(), self.book.path_segment)
    }
}

/// A form of a book's page that was refused.
pub(super) struct RefusedForm<'a> {
    /// Id of the field, what was typed there, and why.
    pub(super) field: &'static str,
    pub(super) typed: &'a str,
    pub(super) error: PageError,
}

/// The handlers that show a book.
#[derive(Clone)]
pub struct BookView {
    pub(super) dashboard: Dashboard,
}

impl Dashboard {
    /// Makes the page of a book. A form that was refused is shown with what was typed.
    pub(super) async fn book_page(
        &self,
        current_user: &CurrentUser,
        entry: DocumentEntry,
        refused: Option<RefusedForm<'_>>,
    ) -> Result<PageResponse, PageError> {
        let state = &self.state;
        let (store, user) = (&state.store, current_user.user.id);
        let slot = state.scan_limiter.answer(user)?;
        let read = state.activity.load(store, &state.scan_limiter, &current_user.user).await?;
        let style = RowStyle::new(current_user, store, DeviceTags::new(read.device_marks.clone()));
        let history = PageHistory::read(self, user, &entry, WITH_FOLDED, &style).await?;
        let suggestions = SuggestionRow::of(state, current_user, &entry, &read).await?;
        let current = entry.shared_sequence();
        let times = load_state(store, &state.scan_limiter, &state.reading, &current_user.user).await?.times;
        let clock = current_user.clock(store.now());
        let reading = find_book(store, user, &entry)?;
        let document = entry.document.to_string();
        let highlights = state.scan_limiter.slice(user, || count_highlights(store, user, &entry)).await?;
        let book = BookRow::with_reading(&entry, store, user, &style).on_own_page();
        let mut newest = history.rows(current, &style);
        let folded = newest.split_off(newest.len().min(NEWEST));
        let layout = current_user.layout_titled(&book.title.text, "books");
        let layout = match &refused {
            Some(RefusedForm { field, error, .. }) => layout.with_error_at(error, *field),
            None => layout,
        };
        let typed = |id: &str| refused.as_ref().filter(|refused| refused.field == id).map(|refused| refused.typed);
        let name = typed("name").or(entry.name.as_deref()).unwrap_or_default().to_owned();
        let shelf = ShelfView::new(read.book(&entry.document), read.days.date(style.now), style.texts);
        let date = typed("finished-on").map(str::to_owned);
        let page = PageResponse::new(&BookPage {
            reading: reading.map(|book| BookTimesView::new(&book, Some(entry.shared().percentage), &clock)),
            source: Source::new(times.as_ref(), &clock),
            highlights,
            layout,
            book,
            is_started_over: current.is_none(),
            name,
            filename: entry.metadata.filename.as_ref().map(|name| lines::shortened(name, FILENAME_MAX)),
            document,
            files: FileRow::others(&entry),
            suggestions,
            shelf: shelf.map(|shelf| ShelfView { date: date.unwrap_or_else(|| shelf.today.clone()), ..shelf }),
            chart: ProgressChart::new(&history.points, &history.devices, &style),
            newest,
            folded,
            total: history.points.len(),
        });
        let page = page.with_slot(slot);
        Ok(match &refused {
            Some(refused) => page.with_error(&refused.error),
            None => page,
        })
    }
}

#[craft]
impl BookView {
    /// `GET books/{book}`: one book.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        self.dashboard.book_page(&current_user, entry, None).await
    }

    /// `GET books/{book}/history?page=`: all positions of a book, newest first.
    #[craft(handler)]
    pub(super) async fn history(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let (current_user, entry) = self.dashboard.book(req)?;
        let user = current_user.user.id;
        let slot = state.scan_limiter.answer(user)?;
        let style = RowStyle::new(&current_user, &state.store, DeviceTags::load(state, &current_user).await?);
        let wanted = Paging::requested_end(req, ROWS_PER_PAGE);
        let history = PageHistory::read(&self.dashboard, user, &entry, wanted, &style).await?;
        let book = BookRow::new(&entry, &style).on_own_page();
        let title = style.texts.msg("books-history-title").arg("title", &book.title.text).to_string();
        Ok(PageResponse::new(&HistoryPage {
            layout: current_user.layout_titled(&title, "books"),
            book,
            history: history.rows(entry.shared_sequence(), &style),
            total: history.points.len(),
            paging: Paging::from_request(req, history.points.len(), ROWS_PER_PAGE),
        })
        .with_slot(slot))
    }
}

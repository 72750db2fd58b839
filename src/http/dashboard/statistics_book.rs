//! The page of a book that only KOReader's statistics know.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book_rows::{BookRow, RowStyle};
use super::codec::{decode, path_segment};
use super::context::Dashboard;
use super::device_tags::DeviceTags;
use super::error::PageError;
use super::layout::Layout;
use super::page::PageResponse;
use super::reading::{BookTimesView, Source};
use crate::library::reading::{find_highlights, find_statistics_book, load_state};
use crate::model::Document;
use crate::state::AppState;

/// A book that only the statistics know.
#[derive(Template)]
#[template(path = "statistics_book.html")]
struct StatisticsBookPage {
    layout: Layout,
    book: BookRow,
    document: Option<String>,
    reading: Option<BookTimesView>,
    source: Source,
    highlights: usize,
}

/// The handler of `statistics/{book}`.
#[derive(Clone)]
pub struct StatisticsBookView {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl StatisticsBookView {
    /// `GET statistics/{book}`: a book that only the statistics know. Redirects to the page of one that was pushed.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, reading, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let user = current_user.user.id;
        let name = req.params().get("book").and_then(|name| decode(name)).ok_or(PageError::NoSuchPage)?;
        let slot = scan_limiter.answer(user)?;
        let times = load_state(store, scan_limiter, reading, &current_user.user).await?.times;
        let book = find_statistics_book(store, user, &name)?.ok_or(PageError::NoSuchPage)?;
        // A device has pushed it since this page was linked.
        if let Ok(id) = Document::new(&name)
            && store.is_id_of_document(user, &id)?
            && let Some(entry) = store.document(user, &store.meant_document(user, &id)?)?
        {
            return Ok(current_user.redirect_to(&format!("books/{}", path_segment(&entry.document))));
        }
        let highlights = scan_limiter.slice(user, || find_highlights(store, user, &name)).await?;
        let style = RowStyle::new(&current_user, store, DeviceTags::default());
        let clock = current_user.clock(store.now());
        let view = BookTimesView::new(&book.times, None, &clock);
        let document = Some(book.times.md5.clone()).filter(|md5| !md5.is_empty());
        let book = BookRow::of_statistics(&book, &style).on_own_page();
        Ok(PageResponse::new(&StatisticsBookPage {
            layout: current_user.layout_titled(&book.title.text, "books"),
            book,
            document,
            reading: Some(view),
            source: Source::new(times.as_ref(), &clock),
            highlights: highlights.map_or(0, |book| book.highlights.len()),
        })
        .with_slot(slot))
    }
}

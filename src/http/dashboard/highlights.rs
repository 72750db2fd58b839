//! The account's highlights: all, those of a book, those with some words; as a page, as Markdown and as JSON.

use std::sync::Arc;

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::attachment::Attachment;
use super::codec::{decode, encode, path_segment, searched, typed_search};
use super::context::Dashboard;
use super::error::PageError;
use super::highlights_file::{Format, HighlightsFile, color_name, page_number, title_of};
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::reading::{uploaded, why_unread};
use crate::error::Error;
use crate::library::reading::{
    HighlightedBook, HighlightsState, find_highlights, highlighted_books, load_state, names_of_book,
};
use crate::library::{SearchWords, Title};
use crate::model::UserId;
use crate::reading::Highlight;
use crate::state::AppState;
use crate::store::Store;
use crate::text::{Clock, Html, Message, Texts, Time};

/// Highlights on a page.
const ROWS_PER_PAGE: usize = 20;
/// Bytes of a text, and of a note, that a page shows. Downloads have all.
const TEXT_MAX: usize = 1_000;
const NOTE_MAX: usize = 500;
/// Bytes of chapter, page and colour.
const PLACE_MAX: usize = 200;
/// Files that could not be read of which the page tells.
const MAX_UNREAD: usize = 10;

/// A highlight, and whether a book begins with it.
struct HighlightRow {
    /// The book, where this is its first highlight on the page.
    book: Option<BookHeading>,
    text: String,
    note: Option<String>,
    /// Chapter, page and colour.
    place: String,
    time: Option<Time>,
}

struct BookHeading {
    title: String,
    authors: Option<String>,
    /// Path segment of the book's page, if it has one.
    path_segment: Option<String>,
}

impl HighlightRow {
    fn new(highlight: &Highlight, clock: &Clock) -> Self {
        let page = highlight.page.as_deref().map(|page| page_number(page, clock.texts));
        let color = highlight.color.as_deref().map(|color| color_name(color, clock.texts));
        let place = [highlight.chapter.clone(), page, color];
        Self {
            book: None,
            text: lines::shortened(&highlight.text, TEXT_MAX),
            note: highlight.note.as_ref().map(|note| lines::shortened(note, NOTE_MAX)),
            place: lines::shortened(&place.into_iter().flatten().collect::<Vec<_>>().join(" · "), PLACE_MAX),
            time: (highlight.time > 0).then(|| clock.ago(highlight.time)),
        }
    }
}

impl BookHeading {
    fn new(book: &HighlightedBook, texts: Texts) -> Self {
        let HighlightedBook { authors, document, .. } = book;
        let Title { text, authors, .. } =
            lines::in_list(Title { text: title_of(book, texts), authors: authors.clone(), is_id: false });
        Self { title: text, authors, path_segment: document.as_ref().map(path_segment) }
    }
}

#[derive(Template)]
#[template(path = "highlights.html")]
struct HighlightsPage {
    layout: Layout,
    rows: Vec<HighlightRow>,
    /// Encoded name of the book that the page is about; empty for all books.
    book: String,
    search: String,
    /// The heading with the title of the book, where the page is about one.
    heading: Option<Html>,
    /// What the addresses of this selection have in their query.
    selection: String,
    query: String,
    /// How many highlights there are, or were found.
    total: Message,
    paging: Paging,
    /// When a file was last uploaded.
    source: Option<Message>,
    /// Files that could not be read, each with the reason.
    unread: Vec<Message>,
    is_pending: bool,
}

/// Which highlights a request is about.
pub(super) struct Selection {
    /// Encoded name of the book's row; empty for all books.
    book: String,
    /// The words that are searched for, and their encoded form.
    search: String,
    find: String,
}

impl Selection {
    fn of(req: &Request) -> Self {
        let search = searched(&req.query::<String>("find").unwrap_or_default());
        Self { book: req.query("book").unwrap_or_default(), find: encode(&search), search }
    }

    fn words(&self) -> SearchWords {
        SearchWords::new(&self.search)
    }

    /// Returns the names of the rows of its books: all that the files of a book have.
    fn books(&self, store: &Store, user: UserId, state: Option<&HighlightsState>) -> Result<Vec<String>, Error> {
        let mut books = highlighted_books(state);
        if !self.book.is_empty() {
            let of_book = match decode(&self.book) {
                Some(name) => names_of_book(store, user, &name)?,
                None => Vec::new(),
            };
            books.retain(|name| of_book.contains(name));
        }
        Ok(books)
    }

    fn query(&self) -> String {
        let part = |name: &str, value: &str| (!value.is_empty()).then(|| format!("&{name}={}", encode_again(value)));
        [part("book", &self.book), part("find", &self.find)].into_iter().flatten().collect()
    }
}

/// Keeps what an encoded value may have: it comes from a request.
fn encode_again(value: &str) -> String {
    value.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect()
}

/// The handlers of `highlights`.
#[derive(Clone)]
pub struct Highlights {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl Highlights {
    /// `GET highlights?book=&find=&page=`: all highlights, those of the encoded book, or those with the encoded words.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, reading, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let (user, selection) = (current_user.user.id, Selection::of(req));
        let slot = scan_limiter.answer(user)?;
        let loaded = load_state(store, scan_limiter, reading, &current_user.user).await?;
        let (words, clock) = (selection.words(), current_user.clock(store.now()));
        let mut page = Paging::collect(req, ROWS_PER_PAGE);
        let mut title = None;
        let books = scan_limiter.slice(user, || selection.books(store, user, loaded.highlights.as_ref())).await?;
        for name in books {
            let found = scan_limiter.slice(user, || find_highlights(store, user, &name)).await?;
            let Some(mut book) = found else { continue };
            title = (!selection.book.is_empty()).then(|| title_of(&book, clock.texts));
            book.search(&words);
            for highlight in &book.highlights {
                page.add(|| (name.clone(), BookHeading::new(&book, clock.texts), HighlightRow::new(highlight, &clock)));
            }
        }
        let (paging, found, total) = page.finish();
        let (mut rows, mut last) = (Vec::new(), None);
        for (name, heading, row) in found {
            let is_new = last.as_ref() != Some(&name);
            last = Some(name);
            rows.push(HighlightRow { book: is_new.then_some(heading), ..row });
        }
        let state = loaded.highlights.unwrap_or_default();
        let texts = current_user.texts;
        let total = match selection.search.is_empty() {
            true => texts.msg("common-highlights-count").arg("count", total),
            false => texts.msg("highlights-found").arg("count", total),
        };
        let layout = match &title {
            Some(title) => current_user.layout_titled(title, "highlights"),
            None => current_user.layout("highlights-title", "highlights"),
        };
        Ok(PageResponse::new(&HighlightsPage {
            layout,
            rows,
            book: encode_again(&selection.book),
            heading: title.map(|title| texts.html("highlights-of-book").arg("title", title)),
            selection: selection.query().trim_start_matches('&').to_owned(),
            query: selection.query(),
            search: selection.search,
            total,
            paging,
            source: state.file.as_ref().map(|file| uploaded(texts.msg("highlights-source"), file, &clock)),
            unread: state.unread.iter().take(MAX_UNREAD).map(|unread| why_unread(unread, &clock)).collect(),
            is_pending: loaded.is_pending,
        })
        .with_slot(slot))
    }

    /// `POST highlights` with `search`: redirects to the matches; with `book`, to those in that one.
    #[craft(handler)]
    pub(super) async fn search(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let find = encode(&typed_search(form.get("search")));
        let query = Selection { book: form.get("book").to_owned(), search: String::new(), find }.query();
        let page = format!("highlights?{}", query.trim_start_matches('&'));
        Ok(current_user.redirect_to(page.trim_end_matches('?')))
    }

    /// `GET highlights/markdown?book=&find=`: the same highlights as a Markdown file.
    #[craft(handler)]
    pub(super) async fn markdown(&self, req: &mut Request) -> Result<Attachment<HighlightsFile>, PageError> {
        self.download(req, Format::Markdown).await
    }

    /// `GET highlights/json?book=&find=`: the same highlights as a JSON file.
    #[craft(handler)]
    pub(super) async fn json(&self, req: &mut Request) -> Result<Attachment<HighlightsFile>, PageError> {
        self.download(req, Format::Json).await
    }
}

impl Highlights {
    async fn download(&self, req: &Request, format: Format) -> Result<Attachment<HighlightsFile>, PageError> {
        let state: &Arc<AppState> = &self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let (user, clock) = (&current_user.user, current_user.clock(state.store.now()));
        let selection = Selection::of(req);
        let slot = state.scan_limiter.answer(user.id)?;
        let loaded = load_state(&state.store, &state.scan_limiter, &state.reading, user).await?;
        let read = || selection.books(&state.store, user.id, loaded.highlights.as_ref());
        let books = state.scan_limiter.slice(user.id, read).await?;
        let mut name = clock.texts.msg("highlights-title").to_string();
        if let (Some(book), false) = (books.first(), selection.book.is_empty()) {
            let read = || find_highlights(&state.store, user.id, book);
            name = state.scan_limiter.slice(user.id, read).await?.map_or(name, |book| title_of(&book, clock.texts));
        }
        Ok(Attachment {
            name: format!("{name}.{}", format.ending()),
            content_type: format.content_type(),
            length: None,
            parts: HighlightsFile::new(state.clone(), user.id, books, selection.words(), format, clock),
            slot,
        })
    }
}

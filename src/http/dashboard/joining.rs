//! Joins documents that are one book, and parts them again [I7].

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book_files::SuggestionRow;
use super::book_rows::{BookRow, RowStyle};
use super::codec::{decode, encode, path_segment, searched, typed_search};
use super::context::Dashboard;
use super::device_tags::DeviceTags;
use super::error::PageError;
use super::form::Form;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::session::CurrentUser;
use crate::library::{BookOrder, BookSelection, ListedBook, SearchWords, SortedBooks, Wanted};
use crate::model::Document;
use crate::store::{Change, DocumentEntry};

/// Books to choose from on a page: most readers search, and on a phone each takes a finger's height.
const ROWS_PER_PAGE: usize = 15;

#[derive(Template)]
#[template(path = "join_book.html")]
struct JoinBookPage {
    layout: Layout,
    book: BookRow,
    suggestions: Vec<SuggestionRow>,
    books: Vec<BookRow>,
    /// The words that are searched for; empty for all books.
    search: String,
    paging: Paging,
    /// What the links to the other pages add to their query.
    query: String,
}

/// Bytes of the book's title in a sentence.
const TITLE_MAX: usize = 120;

impl JoinBookPage {
    fn title(&self) -> String {
        lines::shortened(&self.book.title.text, TITLE_MAX)
    }

    /// Returns the address of the book's page.
    fn link(&self) -> String {
        format!("{}books/{}", self.layout.base(), self.book.path_segment)
    }
}

/// The handlers of `books/{book}/join` and `part`.
#[derive(Clone)]
pub struct Joining {
    pub(super) dashboard: Dashboard,
}

impl Joining {
    /// Makes a change of a book and the document that the form names in `other`.
    async fn change(
        &self,
        (current_user, entry): (CurrentUser, DocumentEntry),
        form: &Form,
        done: &'static str,
        change: impl FnOnce(Document, Document) -> Change,
    ) -> Result<PageResponse, PageError> {
        let other = decode(form.get("other")).and_then(|id| Document::new(&id).ok());
        let other =
            other.ok_or_else(|| PageError::InvalidForm(current_user.texts.msg("books-join-missing").to_string()))?;
        let page = format!("books/{}", path_segment(&entry.document));
        self.dashboard.change_own(&current_user, change(entry.document, other)).await?;
        Ok(current_user.redirect_done(&page, done))
    }
}

#[craft]
impl Joining {
    /// `GET books/{book}/join?find=&page=`: the other books that are not hidden, of which one may be the same; suggestions first.
    #[craft(handler)]
    pub(super) async fn choose(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let state = &self.dashboard.state;
        let (current_user, entry) = self.dashboard.book(req)?;
        let user = current_user.user.id;
        let search = searched(&req.query::<String>("find").unwrap_or_default());
        let slot = state.scan_limiter.answer(user)?;
        let read = state.activity.load(&state.store, &state.scan_limiter, &current_user.user).await?;
        let suggestions = SuggestionRow::of(state, &current_user, &entry, &read).await?;
        let listed = entry.joined.as_ref().map_or(&entry.document, |book| &book.written_for);
        let selection = BookSelection {
            search: SearchWords::new(&search),
            order: BookOrder::LastRead,
            has_statistics: false,
            keep: Paging::requested_end(req, ROWS_PER_PAGE),
        };
        let wanted = |other: &DocumentEntry| {
            (other.document != *listed && !read.is_hidden(&other.document)).then(Wanted::default)
        };
        let list = SortedBooks::load(&state.store, &state.scan_limiter, &current_user.user, selection, wanted).await?;
        let paging = Paging::from_request(req, list.listed(), ROWS_PER_PAGE);
        let style = RowStyle::new(&current_user, &state.store, DeviceTags::new(read.device_marks.clone()));
        let books = list.look_up(&state.store, &state.scan_limiter, user, paging.range()).await?;
        let books = books.iter().filter_map(ListedBook::document);
        let books = books.map(|other| BookRow::new(other, &style).shortened()).collect();
        Ok(PageResponse::new(&JoinBookPage {
            layout: current_user.layout("books-join-title", "books"),
            book: BookRow::new(&entry, &style),
            suggestions,
            books,
            query: if search.is_empty() { String::new() } else { format!("&find={}", encode(&search)) },
            search,
            paging,
        })
        .with_slot(slot))
    }

    /// `POST books/{book}/join` with `other`: joins the book with that one; with `search`: redirects to the list of matches.
    #[craft(handler)]
    pub(super) async fn join(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.dashboard.book(req)?;
        let form = self.dashboard.form(req).await?;
        if form.has("search") {
            let search = typed_search(form.get("search"));
            let page = format!("books/{}/join", path_segment(&entry.document));
            let page = if search.is_empty() { page } else { format!("{page}?find={}", encode(&search)) };
            return Ok(current_user.redirect_to(&page));
        }
        self.change((current_user, entry), &form, "joined", Change::JoinDocuments).await
    }

    /// `POST books/{book}/part` with `other`: parts that file from the book.
    #[craft(handler)]
    pub(super) async fn part(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let target = self.dashboard.book(req)?;
        let form = self.dashboard.form(req).await?;
        self.change(target, &form, "parted", Change::PartDocuments).await
    }
}

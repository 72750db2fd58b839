//! The list of the account's books: search, order, filters.

use std::collections::HashSet;

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::book_rows::{BookRow, RowStyle};
use super::context::Dashboard;
use super::device_tags::{DeviceTags, shown};
use super::error::PageError;
use super::layout::Layout;
use super::list_query::{ListQuery, ORDERS, SHELF_FILTERS, ShelfFilter};
use super::page::PageResponse;
use super::paging::Paging;
use crate::library::reading::load_state;
use crate::library::{Activity, BookSelection, SearchWords, SortedBooks, Title, Wanted};
use crate::model::Document;
use crate::state::AppState;
use crate::store::DocumentEntry;

/// Books on a page of the list.
const ROWS_PER_PAGE: usize = 30;
/// Devices that the list can be filtered by, the last ones to push.
const MAX_DEVICES: usize = 30;

#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    layout: Layout,
    books: Vec<BookRow>,
    /// What the address asks for.
    list: ListQuery,
    /// Number of the books that it finds, and of those that the pages have.
    total: usize,
    listed: usize,
    /// The devices to choose from: key and name.
    devices: Vec<(String, String)>,
    /// Number of the books without a name that are not hidden, and of hidden books.
    unnamed: usize,
    hidden: usize,
    paging: Paging,
    /// What the links to the other pages add to their query.
    query: String,
}

impl BooksPage {
    /// Returns the choices of an order: the word, the id of the name, whether it is chosen.
    fn orders(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        ORDERS.into_iter().map(|(order, word, name, _)| (word, name, order == self.list.order))
    }

    /// Returns the choices of a shelf: the word, the id of the name, whether it is chosen.
    fn shelves(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        SHELF_FILTERS.into_iter().map(|(shelf, word, name)| (word, name, Some(shelf) == self.list.shelf))
    }

    fn is_device(&self, key: &str) -> bool {
        self.list.device == key
    }

    /// Whether the page leads to the hidden books.
    fn leads_to_hidden(&self) -> bool {
        self.hidden > 0 && self.list.shelf != Some(ShelfFilter::Hidden) && self.paging.page == 1
    }

    /// Whether the account has no books at all.
    fn is_empty(&self) -> bool {
        self.total + self.hidden == 0 && self.list.search.is_empty() && !self.list.is_filtered()
    }
}

/// The handlers of `books`.
#[derive(Clone)]
pub struct Books {
    pub(super) dashboard: Dashboard,
}

#[craft]
impl Books {
    /// `GET books?find=&sort=&shelf=&device=&unnamed=&page=`: all books, or those that match the encoded words in `find`.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, reading, activity, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let user = current_user.user.id;
        let slot = scan_limiter.answer(user)?;
        load_state(store, scan_limiter, reading, &current_user.user).await?;
        let read = activity.load(store, scan_limiter, &current_user.user).await?;
        let style = RowStyle::new(&current_user, store, DeviceTags::new(read.device_marks.clone()));
        let list = ListQuery::of(req);
        let device = Some(&list.device).filter(|key| !key.is_empty()).and_then(|key| read.device_marks.find(key));
        let of_device = match device {
            Some(label) => activity.books_of_device(store, scan_limiter, &current_user.user, label).await?,
            None => HashSet::new(),
        };
        let selection = BookSelection {
            search: SearchWords::new(&list.search),
            order: list.order,
            has_statistics: !list.is_filtered(),
            keep: Paging::requested_end(req, ROWS_PER_PAGE),
        };
        let mut unnamed = 0;
        let wanted = |entry: &DocumentEntry| {
            let wanted = wanted(&list, &read, &of_device, entry);
            let is_unnamed = Title::of(entry).is_id;
            unnamed += usize::from(is_unnamed && !read.is_hidden(&entry.document));
            wanted.filter(|_| is_unnamed || !list.is_unnamed)
        };
        let books = SortedBooks::load(store, scan_limiter, &current_user.user, selection, wanted).await?;
        let (total, listed) = (books.total(), books.listed());
        let paging = Paging::from_request(req, listed, ROWS_PER_PAGE);
        let books = books.look_up(store, scan_limiter, user, paging.range()).await?;
        let address = list.address();
        let devices = read.devices.iter().take(MAX_DEVICES).map(|device| (device.label.key(), shown(device.name())));
        Ok(PageResponse::new(&BooksPage {
            layout: current_user.layout("books-title", "books"),
            books: books.iter().map(|book| BookRow::listed(book, store, user, &style)).collect(),
            query: if address.is_empty() { address } else { format!("&{address}") },
            list,
            total,
            listed,
            devices: devices.collect(),
            unnamed,
            hidden: read.books.iter().filter(|book| book.is_hidden).count(),
            paging,
        })
        .with_slot(slot))
    }

    /// `POST books` with `search`, and the list's order and filters: redirects to the list of matches.
    #[craft(handler)]
    pub(super) async fn search(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.current_user(req)?;
        let address = ListQuery::of_form(&self.dashboard.form(req).await?).address();
        let page = if address.is_empty() { "books".into() } else { format!("books?{address}") };
        Ok(current_user.redirect_to(&page))
    }
}

/// Returns what the list needs of a book; `None` if it is not about it.
fn wanted(list: &ListQuery, read: &Activity, of_device: &HashSet<Document>, entry: &DocumentEntry) -> Option<Wanted> {
    let book = read.book(&entry.document);
    let is_hidden = book.is_some_and(|book| book.is_hidden);
    let is_on_shelf = match list.shelf {
        None => !is_hidden,
        Some(ShelfFilter::Hidden) => is_hidden,
        Some(ShelfFilter::On(shelf)) => !is_hidden && book.is_some_and(|book| book.shelf == shelf),
    };
    let is_of_device = list.device.is_empty() || book.is_some_and(|book| of_device.contains(&book.document));
    (is_on_shelf && is_of_device).then(|| Wanted { finished: book.and_then(|book| book.last_finished()) })
}

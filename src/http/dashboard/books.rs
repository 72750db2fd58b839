//! My books: the list, and one book with its chart, its history, and what can be done to it.

use askama::Template;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use jiff::tz::TimeZone;
use salvo::Request;
use salvo::craft::craft;

use super::Dashboard;
use super::chart::ProgressChart;
use super::error::PageError;
use super::format::{Paging, Time, bar, count, percent, time};
use super::page::{Layout, PageResponse};
use super::session::CurrentUser;
use crate::library::{Book, BookList, Title, look_up};
use crate::model::{DOCUMENT_NAME_MAX, Document, DocumentName};
use crate::store::{AccountOutcome, Authority, Change, DocumentEntry};

/// Books, and lines of a history, on one page.
const PER_PAGE: usize = 50;

/// Text in an address. Whatever it is, it is letters, digits, `-` and `_` there: an id may be `..` or have slashes, and there
/// are proxies that refuse what looks odd in a query.
pub(super) struct BookId;

impl BookId {
    pub(super) fn of(document: &Document) -> String {
        encode(document.as_str())
    }

    fn parse(req: &Request) -> Option<Document> {
        Document::new(&decode(req.params().get("book")?)?).ok()
    }
}

fn encode(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

fn decode(text: &str) -> Option<String> {
    String::from_utf8(Base64UrlUnpadded::decode_vec(text).ok()?).ok()
}

pub(super) fn page_number(req: &Request) -> Option<usize> {
    req.query("page")
}

/// A book in a list.
pub(super) struct BookRow {
    pub(super) id: String,
    pub(super) title: Title,
    pub(super) bar: String,
    pub(super) percent: String,
    pub(super) device: String,
    pub(super) time: Time,
}

impl BookRow {
    pub(super) fn new(book: &Book, zone: &TimeZone) -> Self {
        Self {
            id: BookId::of(&book.document),
            title: book.title.clone(),
            bar: bar(book.percentage),
            percent: percent(book.percentage),
            device: book.device.clone(),
            time: time(book.timestamp, zone),
        }
    }
}

#[derive(Template)]
#[template(path = "books.html")]
struct BooksPage {
    layout: Layout,
    rows: Vec<BookRow>,
    /// What is searched for; empty for all books.
    search: String,
    total: String,
    paging: Paging,
    /// What the links to other pages add.
    query: String,
}

/// A line of a book's history.
struct HistoryRow {
    sequence: u64,
    time: Time,
    percent: String,
    device: String,
    position: String,
    pushes: u32,
    is_current: bool,
}

#[derive(Template)]
#[template(path = "book.html")]
struct BookPage {
    layout: Layout,
    row: BookRow,
    /// The name that the user gave it.
    name: String,
    filename: Option<String>,
    document: String,
    chart: ProgressChart,
    history: Vec<HistoryRow>,
    total: usize,
    paging: Paging,
}

impl BookPage {
    const NAME_MAX: usize = DOCUMENT_NAME_MAX;
}

#[derive(Template)]
#[template(path = "delete_book.html")]
struct DeleteBookPage {
    layout: Layout,
    row: BookRow,
}

impl Dashboard {
    /// The book of the path, of whoever is logged in.
    fn entry(&self, req: &Request) -> Result<(CurrentUser, DocumentEntry), PageError> {
        let current_user = self.current_user(req)?;
        let document = BookId::parse(req).ok_or(PageError::NoSuchPage)?;
        let entry = self.state.store.document(current_user.user.id, &document)?.ok_or(PageError::NoSuchPage)?;
        Ok((current_user, entry))
    }

    async fn change(&self, current_user: &CurrentUser, change: Change) -> Result<(), PageError> {
        let user = current_user.user.clone();
        let name = user.name.clone();
        match self.state.store.manage(Authority::User(user), name, change).await? {
            AccountOutcome::Done => Ok(()),
            AccountOutcome::NoPosition => {
                Err(PageError::Wrong("This position is no longer in the history. Reload the book’s page.".into()))
            }
            AccountOutcome::NoDocument => Err(PageError::NoSuchPage),
            _ => Err(PageError::NotLoggedIn),
        }
    }
}

#[craft]
impl Dashboard {
    /// `GET books?find=&page=`: all books, the one read last first, or those that have the words of `find`.
    #[craft(handler)]
    pub(super) async fn books(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let find: String = req.query("find").unwrap_or_default();
        let search = decode(&find).unwrap_or_default();
        let list = BookList::load(&self.state, &current_user.user, &search).await?;
        let total = list.all().len();
        let paging = Paging::new(page_number(req), total, PER_PAGE);
        let entries = look_up(&self.state, &current_user.user, paging.of(list.all()))?;
        Ok(PageResponse::new(&BooksPage {
            layout: current_user.layout("My books", "books"),
            rows: entries.into_iter().map(|entry| BookRow::new(&Book::new(entry), self.state.store.zone())).collect(),
            query: if search.is_empty() { String::new() } else { format!("&find={find}") },
            search,
            total: count(total, "book", "books"),
            paging,
        }))
    }

    /// `POST books` with `search`: leads to the list of what is found. A search is sent as a form, and never stands in an address
    /// as it is.
    #[craft(handler)]
    pub(super) async fn search(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.current_user(req)?;
        let form = self.form(req).await?;
        let search = form.get("search").trim();
        let search = &search[..search.floor_char_boundary(DOCUMENT_NAME_MAX)];
        Ok(current_user.redirect_to(&if search.is_empty() {
            "books".into()
        } else {
            format!("books?find={}", encode(search))
        }))
    }

    /// `GET books/{book}?page=`: one book.
    #[craft(handler)]
    pub(super) async fn book(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.entry(req)?;
        let history = self.state.store.history(current_user.user.id, &entry.document, usize::MAX)?;
        let paging = Paging::new(page_number(req), history.len(), PER_PAGE);
        let current = history.first().map(|newest| newest.sequence);
        let lines = paging.of(&history).iter().map(|entry| HistoryRow {
            sequence: entry.sequence,
            time: time(entry.progress.timestamp, self.state.store.zone()),
            percent: percent(entry.progress.percentage),
            device: entry.progress.device.clone(),
            position: entry.progress.progress.clone(),
            pushes: entry.pushes,
            is_current: Some(entry.sequence) == current,
        });
        let (name, filename) = (entry.name.clone().unwrap_or_default(), entry.metadata.filename.clone());
        let document = entry.document.to_string();
        let row = BookRow::new(&Book::new(entry), self.state.store.zone());
        Ok(PageResponse::new(&BookPage {
            layout: current_user.layout(&row.title.text, "books"),
            row,
            name,
            filename,
            document,
            chart: ProgressChart::new(&history, self.state.store.zone()),
            history: lines.collect(),
            total: history.len(),
            paging,
        }))
    }

    /// `POST books/{book}/rename` with `name`: the book's page. An empty name takes it away.
    #[craft(handler)]
    pub(super) async fn rename(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.entry(req)?;
        let form = self.form(req).await?;
        let name = Some(form.get("name")).filter(|name| !name.trim().is_empty());
        let name = name.map(DocumentName::new).transpose();
        let name = name.map_err(|invalid| PageError::Wrong(format!("The name was not stored: {invalid}.")))?;
        let page = format!("books/{}?done=renamed", BookId::of(&entry.document));
        self.change(&current_user, Change::RenameDocument(entry.document, name)).await?;
        Ok(current_user.redirect_to(&page))
    }

    /// `POST books/{book}/put-back` with `sequence`: the book's page, and the position is the newest again.
    #[craft(handler)]
    pub(super) async fn put_back(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.entry(req)?;
        let form = self.form(req).await?;
        let sequence =
            form.get("sequence").parse().map_err(|_| PageError::Wrong("There is no such position.".into()))?;
        let page = format!("books/{}?done=put-back", BookId::of(&entry.document));
        self.change(&current_user, Change::RestorePosition(entry.document, sequence)).await?;
        Ok(current_user.redirect_to(&page))
    }

    /// `GET books/{book}/delete`: asks whether it is meant.
    #[craft(handler)]
    pub(super) async fn ask_delete(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.entry(req)?;
        let row = BookRow::new(&Book::new(entry), self.state.store.zone());
        Ok(PageResponse::new(&DeleteBookPage { layout: current_user.layout("Delete a book", "books"), row }))
    }

    /// `POST books/{book}/delete`: the list of books.
    #[craft(handler)]
    pub(super) async fn delete_book(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<PageResponse, PageError> {
        let (current_user, entry) = self.entry(req)?;
        self.change(&current_user, Change::DeleteDocument(entry.document)).await?;
        Ok(current_user.redirect_to("books?done=deleted"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_can_stand_in_an_address() {
        for id in [".", "..", "a/b", "%2e", "\n", "本", "?&#", "0123456789abcdef"] {
            let encoded = encode(id);
            assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{encoded}");
            assert_eq!(decode(&encoded).as_deref(), Some(id));
        }
        assert_eq!(decode("!"), None);
        assert_eq!(decode("_w"), None, "not UTF-8");
    }
}

//! My books: the list, and one book with its course, its history, and what can be done to it.

use askama::Template;
use base64ct::{Base64UrlUnpadded, Encoding as _};
use jiff::tz::TimeZone;
use salvo::Request;
use salvo::craft::craft;

use super::Web;
use super::page::{Frame, Page};
use super::plot::Course;
use super::problem::Problem;
use super::text::{Paging, Time, bar, count, percent, time};
use super::visit::Visit;
use crate::model::{Document, DocumentName, NAME_MAX};
use crate::reading::{Book, Shelf, Title, look_up};
use crate::store::{Authority, Change, DocumentEntry, Managed};

/// Books, and lines of a history, on one page.
const PAGE: usize = 50;

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

pub(super) fn page_asked(req: &Request) -> Option<usize> {
    req.query("page")
}

/// A book in a list.
pub(super) struct Row {
    pub(super) id: String,
    pub(super) title: Title,
    pub(super) bar: String,
    pub(super) percent: String,
    pub(super) device: String,
    pub(super) time: Time,
}

impl Row {
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
    frame: Frame,
    rows: Vec<Row>,
    /// What is searched for; empty for all books.
    search: String,
    total: String,
    paging: Paging,
    /// What the links to other pages add.
    query: String,
}

/// A line of a book's history.
struct Past {
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
    frame: Frame,
    row: Row,
    /// The name that the user gave it.
    name: String,
    filename: Option<String>,
    document: String,
    course: Course,
    history: Vec<Past>,
    total: usize,
    paging: Paging,
}

impl BookPage {
    const NAME_MAX: usize = NAME_MAX;
}

#[derive(Template)]
#[template(path = "delete_book.html")]
struct DeleteBookPage {
    frame: Frame,
    row: Row,
}

impl Web {
    /// The book of the path, of whoever is logged in.
    fn entry(&self, req: &Request) -> Result<(Visit, DocumentEntry), Problem> {
        let visit = self.visit(req)?;
        let document = BookId::parse(req).ok_or(Problem::NoSuchPage)?;
        let entry = self.app.store.document(visit.user.id, &document)?.ok_or(Problem::NoSuchPage)?;
        Ok((visit, entry))
    }

    async fn change(&self, visit: &Visit, change: Change) -> Result<(), Problem> {
        let user = visit.user.clone();
        let name = user.name.clone();
        match self.app.store.manage(Authority::User(user), name, change).await? {
            Managed::Done => Ok(()),
            Managed::NoPosition => {
                Err(Problem::Wrong("This position is no longer in the history. Reload the book’s page.".into()))
            }
            Managed::NoDocument => Err(Problem::NoSuchPage),
            _ => Err(Problem::NotLoggedIn),
        }
    }
}

#[craft]
impl Web {
    /// `GET books?find=&page=`: all books, the one read last first, or those that have the words of `find`.
    #[craft(handler)]
    pub(super) async fn books(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let find: String = req.query("find").unwrap_or_default();
        let search = decode(&find).unwrap_or_default();
        let shelf = Shelf::load(&self.app, &visit.user, &search).await?;
        let total = shelf.all().len();
        let paging = Paging::new(page_asked(req), total, PAGE);
        let entries = look_up(&self.app, &visit.user, paging.of(shelf.all()))?;
        Ok(Page::new(&BooksPage {
            frame: visit.frame("My books", "books"),
            rows: entries.into_iter().map(|entry| Row::new(&Book::new(entry), self.app.store.zone())).collect(),
            query: if search.is_empty() { String::new() } else { format!("&find={find}") },
            search,
            total: count(total, "book", "books"),
            paging,
        }))
    }

    /// `POST books` with `search`: leads to the list of what is found. A search is sent as a form, and never stands in an address
    /// as it is.
    #[craft(handler)]
    pub(super) async fn search(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let visit = self.visit(req)?;
        let form = self.form(req).await?;
        let search = form.get("search").trim();
        let search = &search[..search.floor_char_boundary(NAME_MAX)];
        Ok(visit.see(&if search.is_empty() { "books".into() } else { format!("books?find={}", encode(search)) }))
    }

    /// `GET books/{book}?page=`: one book.
    #[craft(handler)]
    pub(super) async fn book(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, entry) = self.entry(req)?;
        let history = self.app.store.history(visit.user.id, &entry.document, usize::MAX)?;
        let paging = Paging::new(page_asked(req), history.len(), PAGE);
        let current = history.first().map(|newest| newest.sequence);
        let lines = paging.of(&history).iter().map(|entry| Past {
            sequence: entry.sequence,
            time: time(entry.progress.timestamp, self.app.store.zone()),
            percent: percent(entry.progress.percentage),
            device: entry.progress.device.clone(),
            position: entry.progress.progress.clone(),
            pushes: entry.pushes,
            is_current: Some(entry.sequence) == current,
        });
        let (name, filename) = (entry.name.clone().unwrap_or_default(), entry.metadata.filename.clone());
        let document = entry.document.to_string();
        let row = Row::new(&Book::new(entry), self.app.store.zone());
        Ok(Page::new(&BookPage {
            frame: visit.frame(&row.title.text, "books"),
            row,
            name,
            filename,
            document,
            course: Course::new(&history, self.app.store.zone()),
            history: lines.collect(),
            total: history.len(),
            paging,
        }))
    }

    /// `POST books/{book}/rename` with `name`: the book's page. An empty name takes it away.
    #[craft(handler)]
    pub(super) async fn rename(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, entry) = self.entry(req)?;
        let form = self.form(req).await?;
        let name = Some(form.get("name")).filter(|name| !name.trim().is_empty());
        let name = name.map(DocumentName::new).transpose();
        let name = name.map_err(|invalid| Problem::Wrong(format!("The name was not stored: {invalid}.")))?;
        let page = format!("books/{}?done=renamed", BookId::of(&entry.document));
        self.change(&visit, Change::Rename(entry.document, name)).await?;
        Ok(visit.see(&page))
    }

    /// `POST books/{book}/put-back` with `sequence`: the book's page, and the position is the newest again.
    #[craft(handler)]
    pub(super) async fn put_back(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, entry) = self.entry(req)?;
        let form = self.form(req).await?;
        let sequence = form.get("sequence").parse().map_err(|_| Problem::Wrong("There is no such position.".into()))?;
        let page = format!("books/{}?done=put-back", BookId::of(&entry.document));
        self.change(&visit, Change::PutBack(entry.document, sequence)).await?;
        Ok(visit.see(&page))
    }

    /// `GET books/{book}/delete`: asks whether it is meant.
    #[craft(handler)]
    pub(super) async fn ask_delete(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, entry) = self.entry(req)?;
        let row = Row::new(&Book::new(entry), self.app.store.zone());
        Ok(Page::new(&DeleteBookPage { frame: visit.frame("Delete a book", "books"), row }))
    }

    /// `POST books/{book}/delete`: the list of books.
    #[craft(handler)]
    pub(super) async fn delete_book(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<Page, Problem> {
        let (visit, entry) = self.entry(req)?;
        self.change(&visit, Change::DeleteDocument(entry.document)).await?;
        Ok(visit.see("books?done=deleted"))
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

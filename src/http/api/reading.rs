//! Reading times and highlights in `/api/v1`: what KOReader's own files in the account's folder say.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde::Serialize;
use serde_json::{Value, json};

use super::auth::authenticate_reader;
use super::error::ApiError;
use super::list::{self, ListFields, ListResponse, RowSource, Rows};
use crate::error::Error;
use crate::http::query;
use crate::library::SearchWords;
use crate::library::reading::{
    BookReading, FileNote, HighlightedBook, TimesState, find_highlights, highlighted_books, load_state, names_of_book,
};
use crate::model::{Document, UserId};
use crate::reading::{DayTimes, Highlight};
use crate::state::AppState;

/// Lists the highlights of the requesting account.
#[derive(Clone)]
pub struct ReadingApi {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl ReadingApi {
    /// `GET /api/v1/highlights?document=&search=&limit=&cursor=`: 200 with a page of highlights, those of the book that was
    /// highlighted last first, in the order of the book.
    ///
    /// # Errors
    /// 400 (3400) if `limit` or `cursor` is invalid, 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn highlights(&self, req: &mut Request) -> Result<ListResponse<HighlightRows>, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let (left, cursor) = (list::limit(req)?, list::cursor::<HighlightCursor>(req)?);
        let slot = self.state.scan_limiter.answer(user.id)?;
        let AppState { store, scan_limiter, reading, .. } = &*self.state;
        let loaded = load_state(store, scan_limiter, reading, &user).await?;
        let mut books = highlighted_books(loaded.highlights.as_ref());
        if let Some(document) = req.query::<String>("document") {
            let of_book = scan_limiter.slice(user.id, || names_of_book(store, user.id, &document)).await?;
            books.retain(|book| of_book.contains(book));
        }
        let mut index = 0;
        if let Some(cursor) = cursor {
            // Of a book that has no highlights any more, nothing follows.
            books.drain(..books.iter().position(|book| *book == cursor.book).unwrap_or(books.len()));
            index = cursor.index;
        }
        books.reverse();
        let search = SearchWords::new(&req.query::<String>("search").unwrap_or_default());
        let rows = HighlightRows { state: self.state.clone(), user: user.id, books, index, left, search, next: None };
        ListResponse::object("highlights", rows, slot).await
    }
}

/// Where a list of highlights goes on: behind the first `index` highlights of a book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HighlightCursor {
    book: String,
    index: usize,
}

impl fmt::Display for HighlightCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.book, self.index)
    }
}

impl FromStr for HighlightCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (book, index) = text.rsplit_once('.').ok_or(())?;
        Ok(Self { book: book.to_owned(), index: query::size(index).ok_or(())? })
    }
}

/// The highlights of a page.
pub(super) struct HighlightRows {
    state: Arc<AppState>,
    user: UserId,
    /// Names of the books that are left, the next one last.
    books: Vec<String>,
    /// Highlights of the next book that were read.
    index: usize,
    /// Highlights that the page may still have.
    left: usize,
    search: SearchWords,
    next: Option<HighlightCursor>,
}

impl RowSource for HighlightRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let Some(name) = self.books.last().cloned() else { return Ok(false) };
        let AppState { store, scan_limiter, .. } = &*self.state;
        let found = scan_limiter.slice(self.user, || find_highlights(store, self.user, &name)).await?;
        if let Some(mut book) = found {
            book.search(&self.search);
            for highlight in book.highlights.iter().skip(self.index) {
                if self.left == 0 {
                    self.next = Some(HighlightCursor { book: name, index: self.index });
                    return Ok(false);
                }
                if rows.is_full() {
                    return Ok(true);
                }
                rows.add(&HighlightJson::new(&book, &name, highlight));
                self.index += 1;
                self.left -= 1;
            }
        }
        self.books.pop();
        self.index = 0;
        Ok(true)
    }

    async fn fields(&mut self) -> Result<ListFields, Error> {
        Ok(list::next(self.next.take().map(|next| next.to_string())))
    }
}

#[derive(Serialize)]
struct HighlightJson<'a> {
    /// The document, also where the account has no position of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a str>,
    title: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    authors: Option<&'a str>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chapter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    page: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    color: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<u64>,
}

impl<'a> HighlightJson<'a> {
    fn new(book: &'a HighlightedBook, name: &'a str, highlight: &'a Highlight) -> Self {
        Self {
            document: book
                .document
                .as_ref()
                .map(Document::as_str)
                .or_else(|| (!name.starts_with("t-")).then_some(name)),
            title: &book.title,
            authors: book.authors.as_deref(),
            text: &highlight.text,
            note: highlight.note.as_deref(),
            chapter: highlight.chapter.as_deref(),
            page: highlight.page.as_deref(),
            color: highlight.color.as_deref(),
            timestamp: Some(highlight.time).filter(|time| *time > 0),
        }
    }
}

/// Returns the reading of an account; `None` if no statistics were uploaded.
pub(super) fn reading_json(times: &TimesState) -> Option<Value> {
    let unread = times.unread.as_ref().map(|unread| {
        let mut value = file_json(&unread.file);
        value["reason"] = unread.reason.clone().into();
        value
    });
    if times.file.is_none() && unread.is_none() {
        return None;
    }
    let mut reading = json!({
        "seconds": times.seconds,
        "pages": times.pages,
        "sessions": times.sessions,
        "days": times.days().map(|day| day_json(&day)).collect::<Vec<_>>(),
    });
    if times.first > 0 {
        (reading["since"], reading["until"]) = (times.first.into(), times.last.into());
    }
    if let Some(file) = &times.file
        && let (Value::Object(reading), Value::Object(file)) = (&mut reading, file_json(file))
    {
        reading.extend(file);
    }
    if let Some(unread) = unread {
        reading["unread"] = unread;
    }
    Some(reading)
}

/// Returns the reading of a book. `percentage` is its current position.
pub(super) fn book_reading_json(book: &BookReading, percentage: f64) -> Value {
    let mut reading = json!({
        "seconds": book.seconds,
        "pages": book.pages,
        "sessions": book.sessions,
        "since": book.first,
        "until": book.last,
        "days": book.days.iter().map(day_json).collect::<Vec<_>>(),
    });
    if let Some(pace) = book.pages_an_hour() {
        reading["pages_an_hour"] = ((pace * 10.0).round() / 10.0).into();
    }
    if let Some(left) = book.seconds_left(Some(percentage)) {
        reading["seconds_left"] = left.into();
    }
    reading
}

fn day_json(day: &DayTimes) -> Value {
    json!({ "date": day.date.to_string(), "seconds": day.seconds, "pages": day.pages })
}

fn file_json(file: &FileNote) -> Value {
    let mut value = json!({ "file": file.path, "uploaded_at": file.uploaded_at });
    if let Some(by) = &file.uploaded_by {
        value["uploaded_by"] = by.clone().into();
    }
    value
}

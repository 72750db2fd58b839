//! Lists: JSON that is made slice by slice while the client takes it.

use std::io::Write as _;

use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use salvo::{Request, Response, Scribe};
use serde::Serialize;

use super::error::ApiError;
use crate::error::Error;
use crate::http::answer::{self, Parts};
use crate::http::query;
use crate::library::scan::{AnswerSlot, SLICE};

/// Rows of a page of `/api/v1`, at most and by default.
const LIMIT_MAX: usize = 1000;
const LIMIT_DEFAULT: usize = 100;
/// Bytes up to which a list has a `Content-Length`. Larger ones are chunked.
const WHOLE_MAX: usize = 64 << 10;

/// Rows as JSON, separated by commas.
#[derive(Default)]
pub(super) struct Rows {
    bytes: Vec<u8>,
    has_rows: bool,
}

impl Rows {
    /// Returns whether there is enough for a part of the answer.
    pub(super) fn is_full(&self) -> bool {
        self.bytes.len() >= SLICE.bytes / 2
    }

    /// Adds a row.
    #[allow(clippy::expect_used)]
    pub(super) fn add(&mut self, row: &impl Serialize) {
        if std::mem::replace(&mut self.has_rows, true) {
            self.bytes.push(b',');
        }
        serde_json::to_writer(&mut self.bytes, row).expect("our rows have string keys and no types that fail");
    }
}

/// Reads the rows of a list, slice by slice.
pub(super) trait RowSource: Send + Unpin + 'static {
    /// Adds the rows of the next slice, and returns whether there may be more.
    fn add_slice(&mut self, rows: &mut Rows) -> impl Future<Output = Result<bool, Error>> + Send;

    /// Returns the fields behind the rows, if the list is a field of an object. It is called after the last row.
    fn fields(&mut self) -> impl Future<Output = Result<ListFields, Error>> + Send {
        async { Ok(ListFields::new()) }
    }
}

/// Fields behind the rows of a list.
pub(super) type ListFields = Vec<(&'static str, serde_json::Value)>;

/// A list in the protocol's form.
pub(super) struct ListResponse<S> {
    parts: ListParts<S>,
    first: Vec<Vec<u8>>,
    slot: AnswerSlot,
}

struct ListParts<S> {
    source: S,
    rows: Rows,
    /// Whether the array is a field of an object.
    is_field: bool,
    has_ended: bool,
}

impl<S: RowSource> Parts for ListParts<S> {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        while !self.has_ended {
            if !self.source.add_slice(&mut self.rows).await? {
                self.has_ended = true;
                self.rows.bytes.push(b']');
                if self.is_field {
                    for (name, value) in self.source.fields().await? {
                        let _ = write!(self.rows.bytes, ",\"{name}\":{value}");
                    }
                    self.rows.bytes.push(b'}');
                }
            }
            if !self.rows.bytes.is_empty() {
                return Ok(Some(std::mem::take(&mut self.rows.bytes)));
            }
        }
        Ok(None)
    }
}

impl<S: RowSource> ListResponse<S> {
    /// Responds with an array of the rows.
    pub(super) async fn array(source: S, slot: AnswerSlot) -> Result<Self, ApiError> {
        Self::new("[".to_owned(), false, source, slot).await
    }

    /// Responds with an object of which one field is the array of rows.
    pub(super) async fn object(name: &str, source: S, slot: AnswerSlot) -> Result<Self, ApiError> {
        Self::new(format!("{{\"{name}\":["), true, source, slot).await
    }

    /// Reads as much as may be a whole list.
    async fn new(start: String, is_field: bool, source: S, slot: AnswerSlot) -> Result<Self, ApiError> {
        let mut parts = ListParts { source, rows: Rows::default(), is_field, has_ended: false };
        let (mut first, mut length) = (vec![start.into_bytes()], 0);
        while length <= WHOLE_MAX
            && let Some(part) = parts.next().await?
        {
            length += part.len();
            first.push(part);
        }
        Ok(Self { parts, first, slot })
    }
}

impl<S: RowSource> Scribe for ListResponse<S> {
    /// Writes the type, and the length of a list up to 64 KiB [T4].
    fn render(self, res: &mut Response) {
        let Self { parts, first, slot } = self;
        res.status_code(salvo::http::StatusCode::OK);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if !parts.has_ended {
            res.body(answer::streamed(first, parts, slot));
        } else {
            let bytes = first.concat();
            res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            res.body(answer::whole(bytes, Some(slot)));
        }
    }
}

/// Returns the parameter `limit`: 1 to 1,000, by default 100.
pub(super) fn limit(req: &Request) -> Result<usize, ApiError> {
    let limit = query::number(req, "limit", LIMIT_DEFAULT).filter(|limit| (1..=LIMIT_MAX).contains(limit));
    limit.ok_or(ApiError::BadParameter("'limit' must be a whole number from 1 to 1000."))
}

/// Returns the parameter `cursor`, if there is one: what `next` was in the page before.
pub(super) fn cursor<T: std::str::FromStr>(req: &Request) -> Result<Option<T>, ApiError> {
    let cursor = req.query::<String>("cursor").filter(|cursor| !cursor.is_empty());
    let cursor = cursor.map(|cursor| cursor.parse()).transpose();
    cursor.map_err(|_| ApiError::BadParameter("'cursor' must be the 'next' of the page before."))
}

/// Returns the fields behind the rows of a page: `next` if there is another page.
pub(super) fn next(cursor: Option<String>) -> ListFields {
    cursor.map(|cursor| ("next", cursor.into())).into_iter().collect()
}

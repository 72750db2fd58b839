//! The lists of `/api/v1`: their rows, how these are read slice by slice, and their cursors.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::Serialize;

use super::list::{self, ListFields, RowSource, Rows};
use super::pulled::find_place;
use crate::error::Error;
use crate::http::query;
use crate::library::scan::SLICE;
use crate::library::{
    Activity, BookActivity, BookHistory, BookRef, Device, HistoryCursor, Shelf, Suggestion, Title, look_up_slice,
    titles,
};
use crate::model::{Document, Metadata, Progress, UserId};
use crate::state::AppState;
use crate::store::{DocumentEntry, HistoryEntry, JoinedDocument, SliceLimit};

/// Devices that are read at a time.
const DEVICES: usize = 8;

/// The documents of a page.
pub(super) struct DocumentRows {
    pub(super) state: Arc<AppState>,
    pub(super) user: UserId,
    pub(super) activity: Activity,
    pub(super) books: Vec<BookRef>,
    /// Number of books that were read.
    pub(super) read: usize,
    pub(super) fields: ListFields,
}

impl RowSource for DocumentRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let AppState { store, scan_limiter, .. } = &*self.state;
        let mut left = &self.books[self.read..];
        while !left.is_empty() && !rows.is_full() {
            for mut entry in look_up_slice(store, scan_limiter, self.user, &mut left).await? {
                find_place(&self.state, self.user, &mut entry).await?;
                rows.add(&DocumentJson::new(&entry, &self.activity));
            }
        }
        self.read = self.books.len() - left.len();
        Ok(!left.is_empty())
    }

    async fn fields(&mut self) -> Result<ListFields, Error> {
        Ok(std::mem::take(&mut self.fields))
    }
}

/// The positions of a page of a document's history.
pub(super) struct HistoryRows {
    pub(super) state: Arc<AppState>,
    pub(super) user: UserId,
    pub(super) document: Document,
    /// Sequence number of the current position.
    pub(super) current: Option<u64>,
    /// Sequence number of the last position that was read. It is the list's cursor.
    pub(super) before: Option<u64>,
    /// Positions that the page may still have.
    pub(super) left: usize,
}

impl HistoryRows {
    async fn read(&self, before: Option<u64>, rows: usize) -> Result<Vec<HistoryEntry>, Error> {
        let limit = SliceLimit { rows: rows.min(SLICE.rows), ..SLICE };
        let AppState { store, scan_limiter, .. } = &*self.state;
        let read = || store.history_slice(self.user, &self.document, before, limit);
        Ok(scan_limiter.slice(self.user, read).await?.0)
    }
}

impl RowSource for HistoryRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let history = self.read(self.before, self.left).await?;
        history.iter().for_each(|entry| rows.add(&HistoryEntryJson::new(entry, self.current)));
        self.left -= history.len();
        let Some(last) = history.last() else { return Ok(false) };
        self.before = Some(last.sequence);
        Ok(self.left > 0)
    }

    async fn fields(&mut self) -> Result<ListFields, Error> {
        let has_more = self.left == 0 && !self.read(self.before, 1).await?.is_empty();
        Ok(list::next(self.before.filter(|_| has_more).map(|last| last.to_string())))
    }
}

/// The positions of a page of the history that joined documents share.
pub(super) struct BookHistoryRows {
    pub(super) state: Arc<AppState>,
    pub(super) user: UserId,
    pub(super) history: BookHistory,
    /// Sequence number of the current position's entry.
    pub(super) current: Option<u64>,
    /// The last position that was read. It is the list's cursor.
    pub(super) last: Option<HistoryCursor>,
    /// Positions that the page may still have.
    pub(super) left: usize,
}

impl RowSource for BookHistoryRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let limit = SliceLimit { rows: self.left.min(SLICE.rows), ..SLICE };
        let AppState { store, scan_limiter, .. } = &*self.state;
        let read = self.history.next(store, scan_limiter, self.user, limit).await?;
        let Some(history) = read.filter(|_| self.left > 0) else { return Ok(false) };
        for (document, entry) in &history {
            rows.add(&HistoryEntryJson { document: Some(document), ..HistoryEntryJson::new(entry, self.current) });
            self.last = Some(HistoryCursor { timestamp: Some(entry.progress.timestamp), sequence: entry.sequence });
        }
        self.left -= history.len();
        Ok(self.left > 0)
    }

    async fn fields(&mut self) -> Result<ListFields, Error> {
        let last = self.last.filter(|_| self.left == 0 && !self.history.is_at_end());
        Ok(list::next(last.map(|last| last.to_string())))
    }
}

/// The devices of a page.
pub(super) struct DeviceRows {
    pub(super) state: Arc<AppState>,
    pub(super) user: UserId,
    pub(super) devices: std::vec::IntoIter<Device>,
    pub(super) fields: ListFields,
}

impl RowSource for DeviceRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let AppState { store, scan_limiter, .. } = &*self.state;
        while self.devices.len() > 0 && !rows.is_full() {
            let devices: Vec<_> = self.devices.by_ref().take(DEVICES).collect();
            let titles = titles(store, scan_limiter, self.user, &devices).await?;
            devices.iter().zip(titles).for_each(|(device, title)| rows.add(&DeviceJson::new(device, title.text)));
        }
        Ok(self.devices.len() > 0)
    }

    async fn fields(&mut self) -> Result<ListFields, Error> {
        Ok(std::mem::take(&mut self.fields))
    }
}

/// Where a list of devices goes on: behind the first `count` devices that pushed last at `timestamp`.
///
/// A device that pushes in the meantime moves to the start of the list, and is not listed twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct DeviceCursor {
    timestamp: u64,
    count: usize,
}

impl DeviceCursor {
    /// Returns how many devices are before the cursor.
    pub(super) fn position_in(self, devices: &[Device]) -> usize {
        let newer = devices.partition_point(|device| device.timestamp > self.timestamp);
        let same = devices[newer..].iter().take_while(|device| device.timestamp == self.timestamp);
        newer + same.take(self.count).count()
    }

    /// Returns the cursor behind a page that began at `start`.
    pub(super) fn behind(page: &[Device], start: Option<Self>) -> Self {
        let timestamp = page.last().map_or(0, |last| last.timestamp);
        let before = start.filter(|start| start.timestamp == timestamp).map_or(0, |start| start.count);
        let here = page.iter().filter(|device| device.timestamp == timestamp).count();
        Self { timestamp, count: before.saturating_add(here) }
    }
}

impl fmt::Display for DeviceCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.timestamp, self.count)
    }
}

impl FromStr for DeviceCursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (timestamp, count) = text.split_once('-').ok_or(())?;
        Ok(Self { timestamp: timestamp.parse().map_err(drop)?, count: query::size(count).ok_or(())? })
    }
}

#[derive(Serialize)]
pub(super) struct DocumentJson<'a> {
    document: &'a Document,
    title: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    metadata: &'a Metadata,
    #[serde(flatten)]
    position: &'a Progress,
    /// The joined document that the position was pushed for, if that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    written_for: Option<&'a Document>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    joined: Vec<JoinedJson<'a>>,
    shelf: Shelf,
    /// Always there: `null` says that the book was never finished.
    finished: Option<FinishedJson>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    hidden: bool,
    /// Reading times, of a document by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reading: Option<serde_json::Value>,
}

/// When and how often a book was finished.
#[derive(Serialize)]
struct FinishedJson {
    /// The first time.
    date: String,
    times: usize,
    /// The last time, if there were several.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<String>,
}

impl FinishedJson {
    fn new(book: &BookActivity) -> Option<Self> {
        let last = book.last_finished().filter(|_| book.finishes.len() > 1).map(|date| date.to_string());
        Some(Self { date: book.finished()?.to_string(), times: book.finishes.len(), last })
    }
}

impl<'a> DocumentJson<'a> {
    /// `activity` is that of the account. It lacks a document that was pushed since it was loaded.
    pub(super) fn new(entry: &'a DocumentEntry, activity: &Activity) -> Self {
        let book = activity.book(&entry.document);
        let (shelf, hidden) = book.map_or((Shelf::Reading, false), |book| (book.shelf, book.is_hidden));
        let finished = book.and_then(FinishedJson::new);
        let DocumentEntry { document, metadata, name, joined, .. } = entry;
        let written_for = joined.as_ref().map(|book| &book.written_for).filter(|other| *other != document);
        let others = joined.iter().flat_map(|book| book.others(document)).map(JoinedJson::new).collect();
        let (title, position) = (Title::of(entry).text, entry.shared());
        Self {
            document,
            title,
            name: name.as_deref(),
            metadata,
            position,
            written_for,
            joined: others,
            shelf,
            finished,
            hidden,
            reading: None,
        }
    }
}

/// A document that another one is joined with.
#[derive(Serialize)]
struct JoinedJson<'a> {
    document: &'a Document,
    title: String,
    metadata: &'a Metadata,
}

impl<'a> JoinedJson<'a> {
    fn new(joined: &'a JoinedDocument) -> Self {
        let JoinedDocument { document, metadata, name, .. } = joined;
        Self { document, title: Title::new(document, metadata, name.as_ref()).text, metadata }
    }
}

/// Two documents that may be files of one book.
#[derive(Serialize)]
pub(super) struct SuggestionJson<'a> {
    document: &'a Document,
    title: &'a str,
    other: &'a Document,
    other_title: &'a str,
    reason: &'static str,
}

impl<'a> SuggestionJson<'a> {
    pub(super) fn new(suggestion: &'a Suggestion) -> Self {
        let Suggestion { document, title, other, other_title, reason } = suggestion;
        Self { document, title: &title.text, other, other_title: &other_title.text, reason: reason.as_str() }
    }
}

#[derive(Serialize)]
struct HistoryEntryJson<'a> {
    /// The document that it was pushed for, where several share the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a Document>,
    sequence: u64,
    pushes: u32,
    /// Set for the current position alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    current: Option<bool>,
    #[serde(flatten)]
    position: &'a Progress,
}

impl<'a> HistoryEntryJson<'a> {
    fn new(entry: &'a HistoryEntry, current: Option<u64>) -> Self {
        let is_current = current == Some(entry.sequence);
        let (sequence, pushes) = (entry.sequence, entry.pushes);
        Self { document: None, sequence, pushes, current: is_current.then_some(true), position: &entry.progress }
    }
}

#[derive(Serialize)]
pub(super) struct DeviceJson<'a> {
    id: String,
    mark: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    given_name: Option<&'a str>,
    device: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    timestamp: u64,
    document: &'a Document,
    title: String,
    percentage: f64,
    documents: usize,
}

impl<'a> DeviceJson<'a> {
    pub(super) fn new(device: &'a Device, title: String) -> Self {
        let Device { label, timestamp, document, percentage, documents, .. } = device;
        let (timestamp, percentage, documents) = (*timestamp, *percentage, *documents);
        let (name, id) = (&label.device, label.device_id.as_deref());
        let (mark, given_name) = (device.number, device.given_name.as_deref());
        Self {
            id: label.key(),
            mark,
            given_name,
            device: name,
            device_id: id,
            timestamp,
            document,
            title,
            percentage,
            documents,
        }
    }
}

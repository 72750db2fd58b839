//! The history of a book as its pages show it.

use std::collections::HashMap;

use super::book_rows::RowStyle;
use super::chart::ChartEntry;
use super::context::Dashboard;
use super::device_tags::DeviceTag;
use super::error::PageError;
use super::lines;
use crate::library::BookHistory;
use crate::library::scan::SLICE;
use crate::model::{UserId, timestamp};
use crate::state::AppState;
use crate::store::{DocumentEntry, HistoryEntry};

/// Positions on a page of a history.
pub(super) const ROWS_PER_PAGE: usize = 50;
/// Bytes of a position that a row shows.
const POSITION_MAX: usize = 160;

/// A position in a book's history.
pub(super) struct HistoryRow {
    pub(super) sequence: u64,
    /// `24 November 2026, 22:10`.
    pub(super) time: String,
    /// In UTC, as HTML wants it.
    pub(super) datetime: String,
    pub(super) percent: String,
    pub(super) device: DeviceTag,
    pub(super) position: String,
    pub(super) pushes: u32,
    pub(super) is_current: bool,
}

impl HistoryRow {
    pub(super) fn new(entry: &HistoryEntry, current: Option<u64>, style: &RowStyle) -> Self {
        let HistoryEntry { sequence, progress, pushes, .. } = entry;
        Self {
            sequence: *sequence,
            time: style.texts.time(progress.timestamp, &style.zone),
            datetime: timestamp(progress.timestamp).to_string(),
            percent: style.texts.percent(progress.percentage),
            device: style.devices.of(progress),
            position: lines::shortened(&progress.progress, POSITION_MAX),
            pushes: *pushes,
            is_current: Some(*sequence) == current,
        }
    }
}

/// The history of a book: all of it for the chart, and the rows of one page.
#[derive(Default)]
pub(super) struct PageHistory {
    pub(super) points: Vec<ChartEntry>,
    /// The devices of the points, in the order of their last positions.
    pub(super) devices: Vec<DeviceTag>,
    indexes: HashMap<(String, Option<String>), usize>,
    pub(super) rows: Vec<HistoryEntry>,
}

impl PageHistory {
    /// Reads a history slice by slice, and keeps the rows of one page. It ends at `wanted`, or is the last page.
    pub(super) async fn read(
        dashboard: &Dashboard,
        user: UserId,
        DocumentEntry { document, joined, .. }: &DocumentEntry,
        wanted: usize,
        style: &RowStyle,
    ) -> Result<Self, PageError> {
        let AppState { store, scan_limiter, .. } = &*dashboard.state;
        let mut all = Self::default();
        if let Some(book) = joined {
            let mut history = BookHistory::load(store, scan_limiter, user, book).await?;
            while let Some(slice) = history.next(store, scan_limiter, user, SLICE).await? {
                all.add(slice.into_iter().map(|(_, entry)| entry), wanted, style);
            }
            return Ok(all);
        }
        let mut before = None;
        loop {
            let (slice, _) = scan_limiter.slice(user, || store.history_slice(user, document, before, SLICE)).await?;
            let Some(last) = slice.last() else { return Ok(all) };
            before = Some(last.sequence);
            all.add(slice, wanted, style);
        }
    }

    fn add(&mut self, slice: impl IntoIterator<Item = HistoryEntry>, wanted: usize, style: &RowStyle) {
        for mut entry in slice {
            let index = self.points.len();
            let device = self.index_of_device(&entry, style);
            self.points.push(ChartEntry::new(&entry.progress, device));
            if index >= wanted {
                continue;
            }
            // The requested page may not exist: then the last one that does is shown.
            if index.is_multiple_of(ROWS_PER_PAGE) {
                self.rows.clear();
            }
            entry.progress.progress = lines::shortened(&entry.progress.progress, POSITION_MAX);
            self.rows.push(entry);
        }
    }

    fn index_of_device(&mut self, entry: &HistoryEntry, style: &RowStyle) -> usize {
        let key = (entry.progress.device.clone(), entry.progress.device_id.clone());
        *self.indexes.entry(key).or_insert_with(|| {
            self.devices.push(style.devices.of(&entry.progress));
            self.devices.len() - 1
        })
    }

    /// Returns the rows of the page.
    pub(super) fn rows(&self, current: Option<u64>, style: &RowStyle) -> Vec<HistoryRow> {
        self.rows.iter().map(|entry| HistoryRow::new(entry, current, style)).collect()
    }
}

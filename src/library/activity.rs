//! Which devices pushed what and on which days, from the history of all documents.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use jiff::tz::TimeZone;

use super::book::Title;
use super::book_list::{BookList, BookQuery};
use super::calendar::Calendar;
use super::scan::{SLICE, ScanLimiter};
use crate::error::Result;
use crate::model::{Document, RESTORE_DEVICE_ID, User, UserId, calendar_day};
use crate::store::{DocumentEntry, HistoryEntry, SliceLimit, Store};

/// Devices that are kept, the last to push. Without a limit a client with a new name for each push would fill the memory.
const MAX_DEVICES: usize = 1000;
/// Bytes of names that are kept: fewer devices where their names are long.
const MAX_DEVICE_BYTES: usize = 192 << 10;
/// Size of a slice of histories. Each row is looked up by itself, which takes longer than reading rows in order.
const HISTORY_SLICE: SliceLimit = SliceLimit { rows: 64, ..SLICE };
/// Titles that are read in a slice: each may have 24 KiB as JSON.
const TITLES: usize = 8;

/// A device that has pushed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    /// When it last pushed, in whole seconds since the Unix epoch.
    pub(crate) timestamp: u64,
    /// The document that it pushed then, and the percentage.
    pub(crate) document: Document,
    pub(crate) percentage: f64,
    /// The number of documents that it has pushed.
    pub(crate) documents: usize,
}

impl Device {
    /// Reads the title of its document; the id if there is no such document any more.
    fn title(&self, store: &Store, user: UserId) -> Result<Title> {
        let (metadata, name) = store.names_of_document(user, &self.document)?;
        Ok(Title::new(&self.document, &metadata, name.as_ref()))
    }

    fn size(&self) -> usize {
        self.name.len() + self.id.as_ref().map_or(0, String::len) + self.document.as_str().len()
    }
}

/// Reads the titles of the documents that devices pushed last, slice by slice.
pub(crate) async fn titles(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
    devices: &[Device],
) -> Result<Vec<Title>> {
    let mut titles = Vec::new();
    for devices in devices.chunks(TITLES) {
        let read = || devices.iter().map(|device| device.title(store, user)).collect::<Result<Vec<_>>>();
        titles.extend(limiter.slice(user, read).await?);
    }
    Ok(titles)
}

/// The devices, days and books of an account.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// The last to push first.
    pub(crate) devices: Vec<Device>,
    pub(crate) calendar: Calendar,
    pub(crate) books: BookList,
}

impl Activity {
    /// Reads the history of all documents, slice by slice, and the list of books that `books` asks for.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: &User, books: BookQuery) -> Result<Self> {
        let mut builder = ActivityBuilder { books: BookList::new(books), ..ActivityBuilder::default() };
        let mut after = None;
        loop {
            let documents = limiter.slice(user.id, || store.documents_slice(user.id, after.as_ref(), SLICE)).await?;
            let Some(last) = documents.last() else { return Ok(builder.build()) };
            after = Some(last.document.clone());
            // Where to go on: the document, and the last entry of its history that was read.
            let mut next = (0, None);
            while next.0 < documents.len() {
                next = limiter.slice(user.id, || builder.add_slice(store, user, &documents, next)).await?;
            }
        }
    }
}

/// Collects the history of one document after the other.
#[derive(Default)]
struct ActivityBuilder {
    /// Keyed by name and id: two devices may have the same name.
    devices: HashMap<(String, Option<String>), Device>,
    /// Bytes of their names.
    bytes: usize,
    calendar: Calendar,
    books: BookList,
    /// Hashes of the devices that the document at hand has been counted for.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl ActivityBuilder {
    /// Adds histories from `next` on until a slice is full. Returns where to go on.
    fn add_slice(
        &mut self,
        store: &Store,
        user: &User,
        documents: &[DocumentEntry],
        (mut index, mut before): (usize, Option<u64>),
    ) -> Result<(usize, Option<u64>)> {
        let mut left = HISTORY_SLICE;
        while let Some(entry) = documents.get(index)
            && left.rows > 0
            && left.bytes > 0
        {
            if before.is_none() {
                self.start(entry);
            }
            let (history, bytes) = store.history_slice(user.id, &entry.document, before, left)?;
            left = SliceLimit {
                rows: left.rows.saturating_sub(history.len().max(1)),
                bytes: left.bytes.saturating_sub(bytes),
            };
            before = history.last().map(|last| last.sequence);
            if before.is_none() {
                index += 1;
            }
            self.add(entry, history, store.zone());
        }
        Ok((index, before))
    }

    fn start(&mut self, entry: &DocumentEntry) {
        self.books.add(entry);
        self.seen.clear();
    }

    /// Adds a part of a document's history, newest entry first.
    fn add(&mut self, entry: &DocumentEntry, history: Vec<HistoryEntry>, zone: &TimeZone) {
        for HistoryEntry { progress: position, pushes, .. } in history {
            // A restored position was not read.
            if position.device_id.as_deref() == Some(RESTORE_DEVICE_ID) {
                continue;
            }
            self.calendar.add(calendar_day(position.timestamp, zone), pushes);
            let key = (position.device, position.device_id);
            if !self.seen.insert(self.hasher.hash_one(&key)) {
                continue;
            }
            if let Some(known) = self.devices.get_mut(&key) {
                known.documents += 1;
                if known.timestamp <= position.timestamp {
                    self.bytes = self.bytes + entry.document.as_str().len() - known.document.as_str().len();
                    known.timestamp = position.timestamp;
                    known.percentage = position.percentage;
                    known.document = entry.document.clone();
                }
                continue;
            }
            let device = Device {
                name: key.0.clone(),
                id: key.1.clone(),
                timestamp: position.timestamp,
                document: entry.document.clone(),
                percentage: position.percentage,
                documents: 1,
            };
            if self.devices.len() >= 2 * MAX_DEVICES || self.bytes >= MAX_DEVICE_BYTES {
                let newest = self.take_newest();
                self.bytes = newest.iter().map(Device::size).sum();
                let newest = newest.into_iter();
                self.devices = newest.map(|device| ((device.name.clone(), device.id.clone()), device)).collect();
            }
            self.bytes += device.size();
            self.devices.insert(key, device);
        }
    }

    /// Takes the devices out and returns those that pushed last, the last one first: [`MAX_DEVICES`], and half of
    /// [`MAX_DEVICE_BYTES`].
    fn take_newest(&mut self) -> Vec<Device> {
        let mut devices: Vec<Device> = self.devices.drain().map(|(_, device)| device).collect();
        devices.sort_by(|one, other| {
            other.timestamp.cmp(&one.timestamp).then_with(|| (&one.name, &one.id).cmp(&(&other.name, &other.id)))
        });
        devices.truncate(MAX_DEVICES);
        let mut bytes = 0;
        let fits = |device: &&Device| {
            bytes += device.size();
            bytes <= MAX_DEVICE_BYTES / 2
        };
        let count = devices.iter().take_while(fits).count();
        devices.truncate(count);
        devices
    }

    fn build(mut self) -> Activity {
        Activity { devices: self.take_newest(), calendar: self.calendar, books: self.books }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Metadata, Progress};

    fn entry(id: &str) -> DocumentEntry {
        let progress = Progress::new("p".into(), 0.5, "Kobo".into(), None).expect("a position");
        let document = Document::new(id).expect("an id");
        DocumentEntry { document, progress, sequence: 1, metadata: Metadata::default(), name: None }
    }

    fn push(device: &str, timestamp: u64) -> HistoryEntry {
        let mut progress = Progress::new("p".into(), 0.5, device.into(), None).expect("a position");
        progress.timestamp = timestamp;
        HistoryEntry { sequence: timestamp, progress, pushes: 2 }
    }

    #[test]
    fn a_device_counts_each_document_once_and_shows_the_last() {
        let mut builder = ActivityBuilder::default();
        let (one, two) = (entry("one"), entry("two"));
        builder.start(&one);
        // The history comes in two slices.
        builder.add(&one, vec![push("Kobo", 30), push("Kindle", 20)], &TimeZone::UTC);
        builder.add(&one, vec![push("Kobo", 10)], &TimeZone::UTC);
        builder.start(&two);
        builder.add(&two, vec![push("Kindle", 90_000)], &TimeZone::UTC);
        let Activity { devices, calendar, books } = builder.build();
        assert_eq!(books.total(), 2);
        let summary: Vec<_> =
            devices.iter().map(|device| (device.name.as_str(), device.document.as_str(), device.documents)).collect();
        assert_eq!(summary, [("Kindle", "two", 2), ("Kobo", "one", 1)]);
        assert_eq!(calendar.days_read(), 2);
    }

    /// A client that sends another device name with each push takes the memory of 2,000 devices at most.
    #[test]
    fn the_thousand_devices_that_pushed_last_are_kept() {
        let mut builder = ActivityBuilder::default();
        for number in 0..5_000_u64 {
            let entry = entry(&number.to_string());
            builder.start(&entry);
            builder.add(&entry, vec![push(&format!("device {number}"), number)], &TimeZone::UTC);
            assert!(builder.devices.len() <= 2 * MAX_DEVICES);
        }
        let devices = builder.build().devices;
        let (first, last) = (devices[0].timestamp, devices[MAX_DEVICES - 1].timestamp);
        assert_eq!((devices.len(), first, last), (MAX_DEVICES, 4_999, 4_000));
    }

    /// Long names and ids take a bounded memory, too.
    #[test]
    fn devices_with_long_names_are_fewer() {
        let mut builder = ActivityBuilder::default();
        for number in 0..1_000_u64 {
            let entry = entry(&number.to_string());
            builder.start(&entry);
            builder.add(&entry, vec![push(&format!("{number:0512}"), number)], &TimeZone::UTC);
            assert!(builder.devices.values().map(Device::size).sum::<usize>() <= MAX_DEVICE_BYTES + 1024);
        }
        let devices = builder.build().devices;
        assert!(devices.len() > 150 && devices[0].timestamp == 999, "{}", devices.len());
    }
}

//! Which devices pushed what and on which days, from the history of all documents.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use jiff::tz::TimeZone;

use super::book_list::{BookList, BookQuery};
use super::calendar::Calendar;
use super::finishes::FinishFinder;
use super::scan::{SLICE, ScanLimiter};
use crate::error::Result;
use crate::model::{Document, User, calendar_day};
use crate::store::{DocumentEntry, HistoryEntry, SliceLimit, Store};

/// Devices that are kept, the last to push. Without a limit a client with a new name for each push would fill the memory.
const MAX_DEVICES: usize = 1000;
/// Bytes of names that are kept: fewer devices where their names are long.
const MAX_DEVICE_BYTES: usize = 192 << 10;

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
    fn size(&self) -> usize {
        self.name.len() + self.id.as_ref().map_or(0, String::len) + self.document.as_str().len()
    }
}

/// The devices, days and books of an account.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// The last to push first.
    pub(crate) devices: Vec<Device>,
    pub(crate) calendar: Calendar,
    pub(crate) books: BookList,
    /// The number of documents that reached 99 % this year, once or more.
    pub(crate) finished_this_year: usize,
}

impl Activity {
    /// Reads the history of all documents, slice by slice, and the list of books that `books` asks for.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: &User, books: BookQuery) -> Result<Self> {
        let mut builder = ActivityBuilder::new(BookList::new(books), store.today().year());
        let mut after = None;
        loop {
            let documents = limiter.slice(|| store.documents_slice(user.id, after.as_ref(), SLICE)).await?;
            let Some(last) = documents.last() else { return Ok(builder.build()) };
            after = Some(last.document.clone());
            // Where to go on: the document, and the last entry of its history that was read.
            let mut next = (0, None);
            while next.0 < documents.len() {
                next = limiter.slice(|| builder.add_slice(store, user, &documents, next)).await?;
            }
        }
    }
}

/// Collects the history of one document after the other.
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
    year: i16,
    /// Of the document at hand.
    finish: FinishFinder,
    finished_this_year: usize,
}

impl ActivityBuilder {
    fn new(books: BookList, year: i16) -> Self {
        Self {
            devices: HashMap::new(),
            bytes: 0,
            calendar: Calendar::default(),
            books,
            seen: HashSet::new(),
            hasher: RandomState::new(),
            year,
            finish: FinishFinder::new(year),
            finished_this_year: 0,
        }
    }

    /// Adds histories from `next` on until a slice is full. Returns where to go on.
    fn add_slice(
        &mut self,
        store: &Store,
        user: &User,
        documents: &[DocumentEntry],
        (mut index, mut before): (usize, Option<u64>),
    ) -> Result<(usize, Option<u64>)> {
        let mut left = SLICE;
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
        self.end_document();
    }

    /// Counts the document at hand, whose history ends here.
    fn end_document(&mut self) {
        let finish = std::mem::replace(&mut self.finish, FinishFinder::new(self.year));
        self.finished_this_year += usize::from(finish.is_found());
    }

    /// Adds a part of a document's history, newest entry first.
    fn add(&mut self, entry: &DocumentEntry, history: Vec<HistoryEntry>, zone: &TimeZone) {
        for HistoryEntry { progress: position, pushes, .. } in history {
            self.finish.add(&position, zone);
            // A restored position was not read.
            if position.is_restored() {
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
        self.end_document();
        let devices = self.take_newest();
        let Self { calendar, books, finished_this_year, .. } = self;
        Activity { devices, calendar, books, finished_this_year }
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
        let mut builder = ActivityBuilder::new(BookList::default(), 1970);
        let (one, two) = (entry("one"), entry("two"));
        builder.start(&one);
        // The history comes in two slices.
        builder.add(&one, vec![push("Kobo", 30), push("Kindle", 20)], &TimeZone::UTC);
        builder.add(&one, vec![push("Kobo", 10)], &TimeZone::UTC);
        builder.start(&two);
        builder.add(&two, vec![push("Kindle", 90_000)], &TimeZone::UTC);
        let Activity { devices, calendar, books, .. } = builder.build();
        assert_eq!(books.total(), 2);
        let summary: Vec<_> =
            devices.iter().map(|device| (device.name.as_str(), device.document.as_str(), device.documents)).collect();
        assert_eq!(summary, [("Kindle", "two", 2), ("Kobo", "one", 1)]);
        assert_eq!(calendar.days_read(), 2);
    }

    /// A client that sends another device name with each push takes the memory of 2,000 devices at most.
    #[test]
    fn the_thousand_devices_that_pushed_last_are_kept() {
        let mut builder = ActivityBuilder::new(BookList::default(), 1970);
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
        let mut builder = ActivityBuilder::new(BookList::default(), 1970);
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

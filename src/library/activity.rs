//! Which devices pushed what and on which days, from the history of all documents.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use jiff::tz::TimeZone;

use super::book::Title;
use super::calendar::Calendar;
use super::finishes::{FinishYears, Finishes};
use super::scan::ScanLimiter;
use crate::error::Result;
use crate::model::{Document, Metadata, UserId, calendar_day};
use crate::store::{HistoryEntry, Store};

/// Devices that are kept, the last to push. Without a limit a client with a new name for each push would fill the memory.
const MAX_DEVICES: usize = 1000;
/// Bytes of names that are kept: fewer devices where their names are long.
const MAX_DEVICE_BYTES: usize = 192 << 10;
/// Pairs of a document and a device that are told apart: 1 MiB. With more, the history is counted again each time.
const MAX_SEEN: usize = 1 << 16;
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
        let entry = store.document(user, &self.document)?;
        Ok(entry.map_or_else(|| Title::new(&self.document, &Metadata::default(), None), |entry| Title::of(&entry)))
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

/// The devices and days of an account.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Activity {
    /// The last to push first.
    pub(crate) devices: Vec<Device>,
    pub(crate) calendar: Calendar,
    /// The number of documents that reached 99 % this year, once or more.
    pub(crate) finished_this_year: usize,
}

/// Counts an account's history, in any order of its documents.
#[derive(Debug, Default)]
pub(super) struct ActivityCounts {
    /// Keyed by name and id: two devices may have the same name.
    devices: HashMap<(String, Option<String>), Device>,
    /// Bytes of their names.
    bytes: usize,
    calendar: Calendar,
    /// Hashes of the documents and devices that are counted.
    seen: HashSet<u64>,
    /// Whether devices or pairs were dropped.
    is_partial: bool,
    hasher: RandomState,
    finishes: Finishes,
    /// The document at hand, and what its history says so far.
    at_hand: Option<(u64, FinishYears)>,
    /// Positions that were counted.
    pub(super) entries: u64,
}

impl ActivityCounts {
    /// Prepares for the history of one document, which comes as a whole before that of another.
    pub(super) fn start_document(&mut self) {
        self.end_document();
        if self.seen.len() >= MAX_SEEN {
            self.seen.clear();
            self.is_partial = true;
        }
    }

    /// Ends the history of the document at hand.
    pub(super) fn end_document(&mut self) {
        if let Some((document, years)) = self.at_hand.take() {
            self.finishes.add(document, years);
        }
    }

    /// Adds a push that came after the histories. `book` is the document, or the first of those that it is joined with.
    pub(super) fn add_push(&mut self, book: &Document, document: &Document, entry: HistoryEntry, zone: &TimeZone) {
        if entry.effect.is_current() {
            self.finishes.add_push(self.hasher.hash_one(book), &entry.progress, zone);
        }
        self.count(book, document, entry, zone);
    }

    /// Adds a part of a book's history, newest entry first.
    pub(super) fn add(
        &mut self,
        book: &Document,
        history: impl IntoIterator<Item = (Document, HistoryEntry)>,
        zone: &TimeZone,
    ) {
        for (document, entry) in history {
            let (_, years) = self.at_hand.get_or_insert_with(|| (self.hasher.hash_one(book), FinishYears::default()));
            // A device that is opened at the end of a book which others read again has not finished it again.
            if entry.effect.is_current() {
                years.add(&entry.progress, zone);
            }
            self.count(book, &document, entry, zone);
        }
    }

    fn count(&mut self, book: &Document, document: &Document, entry: HistoryEntry, zone: &TimeZone) {
        let HistoryEntry { progress: position, pushes, repeats, .. } = entry;
        self.entries += 1;
        // A restored position was not read.
        if position.is_restored() {
            return;
        }
        self.calendar.add(calendar_day(position.timestamp, zone), pushes.saturating_sub(repeats));
        let key = (position.device, position.device_id);
        let is_first = self.seen.insert(self.hasher.hash_one((book, &key)));
        if let Some(known) = self.devices.get_mut(&key) {
            known.documents += usize::from(is_first);
            if known.timestamp <= position.timestamp {
                self.bytes = self.bytes + document.as_str().len() - known.document.as_str().len();
                known.timestamp = position.timestamp;
                known.percentage = position.percentage;
                known.document = document.clone();
            }
            return;
        }
        if !is_first {
            // It is one of those that were dropped.
            return;
        }
        let device = Device {
            name: key.0.clone(),
            id: key.1.clone(),
            timestamp: position.timestamp,
            document: document.clone(),
            percentage: position.percentage,
            documents: 1,
        };
        if self.devices.len() >= 2 * MAX_DEVICES || self.bytes >= MAX_DEVICE_BYTES {
            self.is_partial = true;
            let newest = self.newest_devices();
            self.bytes = newest.iter().map(Device::size).sum();
            let newest = newest.into_iter();
            self.devices = newest.map(|device| ((device.name.clone(), device.id.clone()), device)).collect();
        }
        self.bytes += device.size();
        self.devices.insert(key, device);
    }

    /// Returns whether later pushes can be added: whether it is known which documents each device has pushed.
    pub(super) fn is_complete(&self) -> bool {
        !self.is_partial && self.seen.len() < MAX_SEEN
    }

    /// Returns about how many bytes of memory the counts take.
    pub(super) fn size(&self) -> usize {
        const PER_SEEN: usize = 16;
        const PER_DAY: usize = 32;
        let devices = 2 * self.bytes + self.devices.capacity() * size_of::<((String, Option<String>), Device)>();
        const PER_FINISH: usize = 32;
        devices
            + self.finishes.len() * PER_FINISH
            + self.seen.capacity() * PER_SEEN
            + self.calendar.days_read() * PER_DAY
    }

    /// Returns the counts of all histories that have ended.
    pub(super) fn activity(&self, year: i16) -> Activity {
        let finished_this_year = self.finishes.in_year(year);
        Activity { devices: self.newest_devices(), calendar: self.calendar.clone(), finished_this_year }
    }

    /// Returns the devices that pushed last, the last one first: [`MAX_DEVICES`], and half of [`MAX_DEVICE_BYTES`].
    fn newest_devices(&self) -> Vec<Device> {
        let mut devices: Vec<&Device> = self.devices.values().collect();
        devices.sort_by(|one, other| {
            other.timestamp.cmp(&one.timestamp).then_with(|| (&one.name, &one.id).cmp(&(&other.name, &other.id)))
        });
        devices.truncate(MAX_DEVICES);
        let mut bytes = 0;
        let fits = |device: &&Device| {
            bytes += device.size();
            bytes <= MAX_DEVICE_BYTES / 2
        };
        devices.into_iter().take_while(fits).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Progress;

    fn document(id: &str) -> Document {
        Document::new(id).expect("an id")
    }

    fn push(device: &str, timestamp: u64) -> HistoryEntry {
        let mut progress = Progress::new("p".into(), 0.5, device.into(), None).expect("a position");
        progress.timestamp = timestamp;
        HistoryEntry { sequence: timestamp, progress, pushes: 2, effect: crate::PushEffect::Moved, repeats: 0 }
    }

    /// Returns a history as that of a document.
    fn of<const N: usize>(document: &Document, history: [HistoryEntry; N]) -> [(Document, HistoryEntry); N] {
        history.map(|entry| (document.clone(), entry))
    }

    #[test]
    fn a_device_counts_each_document_once_and_shows_the_last() {
        let mut counts = ActivityCounts::default();
        let (one, two) = (document("one"), document("two"));
        counts.start_document();
        // The history comes in two slices.
        counts.add(&one, of(&one, [push("Kobo", 30), push("Kindle", 20)]), &TimeZone::UTC);
        counts.add(&one, of(&one, [push("Kobo", 10)]), &TimeZone::UTC);
        counts.start_document();
        counts.add(&two, of(&two, [push("Kindle", 90_000)]), &TimeZone::UTC);
        let Activity { devices, calendar, .. } = counts.activity(1970);
        let summary: Vec<_> =
            devices.iter().map(|device| (device.name.as_str(), device.document.as_str(), device.documents)).collect();
        assert_eq!(summary, [("Kindle", "two", 2), ("Kobo", "one", 1)]);
        assert_eq!(calendar.days_read(), 2);
    }

    /// A client that sends another device name with each push takes the memory of 2,000 devices at most.
    #[test]
    fn the_thousand_devices_that_pushed_last_are_kept() {
        let mut counts = ActivityCounts::default();
        for number in 0..5_000_u64 {
            let document = document(&number.to_string());
            counts.start_document();
            counts.add(&document, of(&document, [push(&format!("device {number}"), number)]), &TimeZone::UTC);
            assert!(counts.devices.len() <= 2 * MAX_DEVICES);
        }
        let devices = counts.activity(1970).devices;
        let (first, last) = (devices[0].timestamp, devices[MAX_DEVICES - 1].timestamp);
        assert_eq!((devices.len(), first, last), (MAX_DEVICES, 4_999, 4_000));
    }

    /// Long names and ids take a bounded memory, too.
    #[test]
    fn devices_with_long_names_are_fewer() {
        let mut counts = ActivityCounts::default();
        for number in 0..1_000_u64 {
            let document = document(&number.to_string());
            counts.start_document();
            counts.add(&document, of(&document, [push(&format!("{number:0512}"), number)]), &TimeZone::UTC);
            assert!(counts.devices.values().map(Device::size).sum::<usize>() <= MAX_DEVICE_BYTES + 1024);
        }
        let devices = counts.activity(1970).devices;
        assert!(devices.len() > 150 && devices[0].timestamp == 999, "{}", devices.len());
    }
}

//! Which devices pushed what and on which days, from the history of all documents.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use super::book::Title;
use super::book_list::BookList;
use super::calendar::Calendar;
use super::scan::{ScanLimiter, each_document};
use crate::error::Result;
use crate::model::{Document, RESTORE_DEVICE_ID, User, calendar_day};
use crate::store::{DocumentEntry, HistoryEntry, Store};

/// Devices that are kept, the last to push. Without a limit a client with a new name for each push would fill the memory.
const MAX_DEVICES: usize = 1000;

/// A device that has pushed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    /// When it last pushed, in whole seconds since the Unix epoch.
    pub(crate) timestamp: u64,
    /// The document that it pushed then, and the percentage.
    pub(crate) document: Document,
    pub(crate) title: Title,
    pub(crate) percentage: f64,
    /// The number of documents that it has pushed.
    pub(crate) documents: usize,
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
    /// Reads the history of all documents.
    pub(crate) async fn load(store: &Store, limiter: &ScanLimiter, user: &User) -> Result<Self> {
        let mut builder = ActivityBuilder::default();
        let add = |entry: DocumentEntry| {
            let history = store.history(user.id, &entry.document, usize::MAX)?;
            let rows = history.len();
            builder.add(&entry, history, store.zone());
            Ok(rows)
        };
        each_document(store, limiter, user.id, user.id, add).await?;
        Ok(builder.build())
    }
}

/// A device's name, and its id if it sends one: two devices may have the same name.
type DeviceKey = (String, Option<String>);

/// Collects the history of one document after the other.
#[derive(Default)]
struct ActivityBuilder {
    devices: HashMap<DeviceKey, Device>,
    calendar: Calendar,
    books: BookList,
}

impl ActivityBuilder {
    /// Adds the history of one document, newest entry first.
    fn add(&mut self, entry: &DocumentEntry, history: Vec<HistoryEntry>, zone: &TimeZone) {
        self.books.add(entry);
        let mut seen: HashSet<DeviceKey> = HashSet::new();
        for HistoryEntry { progress: position, pushes, .. } in history {
            // A restored position was not read.
            if position.device_id.as_deref() == Some(RESTORE_DEVICE_ID) {
                continue;
            }
            self.calendar.add(calendar_day(position.timestamp, zone), pushes);
            let key = (position.device, position.device_id);
            if seen.contains(&key) {
                continue;
            }
            let documents = self.devices.get(&key).map_or(0, |device| device.documents) + 1;
            let device = Device {
                name: key.0.clone(),
                id: key.1.clone(),
                timestamp: position.timestamp,
                document: entry.document.clone(),
                title: Title::of(entry),
                percentage: position.percentage,
                documents,
            };
            if self.devices.len() >= 2 * MAX_DEVICES {
                let newest = self.take_newest().into_iter();
                self.devices = newest.map(|device| ((device.name.clone(), device.id.clone()), device)).collect();
            }
            match self.devices.get_mut(&key) {
                Some(known) if known.timestamp > device.timestamp => known.documents = documents,
                _ => drop(self.devices.insert(key.clone(), device)),
            }
            seen.insert(key);
        }
    }

    /// Takes the devices out and returns the [`MAX_DEVICES`] that pushed last, the last one first.
    fn take_newest(&mut self) -> Vec<Device> {
        let mut devices: Vec<Device> = self.devices.drain().map(|(_, device)| device).collect();
        devices.sort_by(|one, other| {
            other.timestamp.cmp(&one.timestamp).then_with(|| (&one.name, &one.id).cmp(&(&other.name, &other.id)))
        });
        devices.truncate(MAX_DEVICES);
        devices
    }

    fn build(mut self) -> Activity {
        Activity { devices: self.take_newest(), calendar: self.calendar, books: self.books.sorted() }
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
        builder.add(&entry("one"), vec![push("Kobo", 30), push("Kindle", 20), push("Kobo", 10)], &TimeZone::UTC);
        builder.add(&entry("two"), vec![push("Kindle", 90_000)], &TimeZone::UTC);
        let Activity { devices, calendar, books } = builder.build();
        assert_eq!(books.all().len(), 2);
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
            let id = number.to_string();
            builder.add(&entry(&id), vec![push(&format!("device {number}"), number)], &TimeZone::UTC);
            assert!(builder.devices.len() <= 2 * MAX_DEVICES);
        }
        let devices = builder.build().devices;
        let (first, last) = (devices[0].timestamp, devices[MAX_DEVICES - 1].timestamp);
        assert_eq!((devices.len(), first, last), (MAX_DEVICES, 4_999, 4_000));
    }
}

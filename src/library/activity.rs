//! Which devices pushed what, and on which days: read from the history of all documents.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use super::book::Title;
use super::calendar::Calendar;
use super::list::BookList;
use crate::error::Result;
use crate::model::{Document, RESTORE_DEVICE_ID, User, calendar_day};
use crate::state::AppState;
use crate::store::{DocumentEntry, HistoryEntry};

/// Devices of an account that are told of, those that pushed last. A client may call itself something else with each push.
const DEVICES: usize = 1000;

/// A device that has pushed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Device {
    pub(crate) name: String,
    pub(crate) id: Option<String>,
    /// When it pushed last, in whole seconds since the Unix epoch.
    pub(crate) timestamp: u64,
    /// What it pushed then, and how far that was.
    pub(crate) document: Document,
    pub(crate) title: Title,
    pub(crate) percentage: f64,
    /// Documents that it has pushed.
    pub(crate) documents: usize,
}

/// What the history tells about an account as a whole.
#[derive(Debug, Default)]
pub(crate) struct Activity {
    /// The one that pushed last first.
    pub(crate) devices: Vec<Device>,
    pub(crate) calendar: Calendar,
    /// The documents that the history is of.
    pub(crate) list: BookList,
}

impl Activity {
    /// Reads the history of all documents.
    pub(crate) async fn load(state: &AppState, user: &User) -> Result<Self> {
        let mut tally = ActivityBuilder::default();
        let add = |entry: DocumentEntry| {
            let history = state.store.history(user.id, &entry.document, usize::MAX)?;
            let read = history.len();
            tally.add(&entry, history, state.store.zone());
            Ok(read)
        };
        state.each_document(user.id, user.id, add).await?;
        Ok(tally.done())
    }
}

/// A device is known by its name and its id, where it has one.
type DeviceKey = (String, Option<String>);

#[derive(Default)]
struct ActivityBuilder {
    devices: HashMap<DeviceKey, Device>,
    calendar: Calendar,
    list: BookList,
}

impl ActivityBuilder {
    /// Counts the history of one document, which comes newest first.
    fn add(&mut self, entry: &DocumentEntry, history: Vec<HistoryEntry>, zone: &TimeZone) {
        self.list.add(entry);
        let mut seen: HashSet<DeviceKey> = HashSet::new();
        for HistoryEntry { progress: position, pushes, .. } in history {
            // Somebody pressed a button; nobody read.
            if position.device_id.as_deref() == Some(RESTORE_DEVICE_ID) {
                continue;
            }
            self.calendar.add(calendar_day(position.timestamp, zone), pushes);
            let key = (position.device, position.device_id);
            if seen.contains(&key) {
                continue;
            }
            let documents = self.devices.get(&key).map_or(0, |device| device.documents) + 1;
            let last = Device {
                name: key.0.clone(),
                id: key.1.clone(),
                timestamp: position.timestamp,
                document: entry.document.clone(),
                title: Title::of(entry),
                percentage: position.percentage,
                documents,
            };
            if self.devices.len() >= 2 * DEVICES {
                let newest = self.newest().into_iter();
                self.devices = newest.map(|device| ((device.name.clone(), device.id.clone()), device)).collect();
            }
            match self.devices.get_mut(&key) {
                Some(known) if known.timestamp > last.timestamp => known.documents = documents,
                _ => drop(self.devices.insert(key.clone(), last)),
            }
            seen.insert(key);
        }
    }

    /// The devices that pushed last, the last one first.
    fn newest(&mut self) -> Vec<Device> {
        let mut devices: Vec<Device> = self.devices.drain().map(|(_, device)| device).collect();
        devices.sort_by(|one, other| {
            other.timestamp.cmp(&one.timestamp).then_with(|| (&one.name, &one.id).cmp(&(&other.name, &other.id)))
        });
        devices.truncate(DEVICES);
        devices
    }

    fn done(mut self) -> Activity {
        Activity { devices: self.newest(), calendar: self.calendar, list: self.list.sorted() }
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
        let mut tally = ActivityBuilder::default();
        tally.add(&entry("one"), vec![push("Kobo", 30), push("Kindle", 20), push("Kobo", 10)], &TimeZone::UTC);
        tally.add(&entry("two"), vec![push("Kindle", 90_000)], &TimeZone::UTC);
        let Activity { devices, calendar, list } = tally.done();
        assert_eq!(list.all().len(), 2);
        let told: Vec<_> =
            devices.iter().map(|device| (device.name.as_str(), device.document.as_str(), device.documents)).collect();
        assert_eq!(told, [("Kindle", "two", 2), ("Kobo", "one", 1)]);
        assert_eq!(calendar.days_read(), 2);
    }

    /// A client that calls itself something else with each push costs no more memory than a thousand devices.
    #[test]
    fn the_devices_that_pushed_last_are_told_of() {
        let mut tally = ActivityBuilder::default();
        for number in 0..5_000_u64 {
            let id = number.to_string();
            tally.add(&entry(&id), vec![push(&format!("device {number}"), number)], &TimeZone::UTC);
            assert!(tally.devices.len() <= 2 * DEVICES);
        }
        let devices = tally.done().devices;
        assert_eq!((devices.len(), devices[0].timestamp, devices[DEVICES - 1].timestamp), (DEVICES, 4_999, 4_000));
    }
}

//! The devices of an account: what was read on each, and its name and number, which are the same on all pages.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use super::book::Title;
use super::scan::ScanLimiter;
use crate::error::Result;
use crate::model::{DeviceLabel, Document, Metadata, UserId};
use crate::store::{DeviceRow, Store};

/// Titles that are read in a slice: each may have 24 KiB as JSON.
const TITLES: usize = 8;

/// A device that has pushed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Device {
    /// What it calls itself.
    pub(crate) label: DeviceLabel,
    /// The name that its reader gave it.
    pub(crate) given_name: Option<String>,
    /// Its number among the account's devices, which stays the same.
    pub(crate) number: usize,
    /// When it first pushed, in whole seconds since the Unix epoch.
    pub(crate) first: u64,
    /// When it last pushed, in whole seconds since the Unix epoch.
    pub(crate) timestamp: u64,
    /// The last sequence number that it took.
    pub(super) sequence: u64,
    /// The sequence number of that push.
    pub(super) pushed: u64,
    /// The document that it pushed then, and the percentage.
    pub(crate) document: Document,
    pub(crate) percentage: f64,
    /// The number of documents that it has pushed.
    pub(crate) documents: usize,
    /// What was read on it, by year.
    pub(crate) years: BTreeMap<i16, DeviceYear>,
}

/// What was read on a device in a year.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct DeviceYear {
    /// Days with a push.
    pub(crate) days: u32,
    /// How much was read, in books.
    pub(crate) read: f64,
}

impl Device {
    /// Returns the name that its reader gave it, else what it calls itself.
    pub(crate) fn name(&self) -> &str {
        self.given_name.as_ref().unwrap_or(&self.label.device)
    }

    /// Returns what was read on it in a year, or in all.
    pub(crate) fn share(&self, year: Option<i16>) -> DeviceYear {
        let years = self.years.iter().filter(|(known, _)| year.is_none_or(|year| year == **known));
        years.fold(DeviceYear::default(), |sum, (_, year)| DeviceYear {
            days: sum.days + year.days,
            read: sum.read + year.read,
        })
    }

    /// Reads the title of its document. Returns the id if there is no such document any more.
    fn title(&self, store: &Store, user: UserId) -> Result<Title> {
        let entry = store.document(user, &self.document)?;
        Ok(entry.map_or_else(|| Title::new(&self.document, &Metadata::default(), None), |entry| Title::of(&entry)))
    }

    pub(super) fn size(&self) -> usize {
        label_size(&self.label) + self.document.as_str().len()
    }
}

fn label_size(label: &DeviceLabel) -> usize {
    label.device.len() + label.device_id.as_ref().map_or(0, String::len)
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

/// How a device is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceMark {
    /// Its number among the account's devices by when they were first seen, from 1. Forgotten ones keep theirs.
    pub(crate) number: usize,
    /// The name that its reader gave it, else what it calls itself.
    pub(crate) name: String,
}

/// How the devices of an account are shown, those too that were forgotten.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DeviceMarks {
    marks: HashMap<DeviceLabel, DeviceMark>,
}

impl DeviceMarks {
    /// Numbers devices in the order of their first pushes. Rows tell of pushes that no history has any more.
    pub(super) fn new(devices: &[Device], rows: &[DeviceRow]) -> Self {
        let mut first: HashMap<&DeviceLabel, (u64, Option<&String>)> = HashMap::new();
        for device in devices {
            first.insert(&device.label, (device.first, None));
        }
        for row in rows {
            let known = first.entry(&row.label);
            let entry = match row.first {
                Some(seen) => known.or_insert((seen, None)),
                // A row of a device that no position tells of says nothing about its number.
                None => match known {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(_) => continue,
                },
            };
            entry.0 = entry.0.min(row.first.unwrap_or(u64::MAX));
            entry.1 = row.name.as_ref();
        }
        let mut ordered: Vec<_> = first.into_iter().collect();
        ordered.sort_by_key(|(label, (seen, _))| (*seen, *label));
        let mark = |(index, (label, (_, name))): (usize, (&DeviceLabel, (u64, Option<&String>)))| {
            (label.clone(), DeviceMark { number: index + 1, name: name.unwrap_or(&label.device).clone() })
        };
        Self { marks: ordered.into_iter().enumerate().map(mark).collect() }
    }

    /// Returns how a device is shown. `None` if nothing is known of it, as of positions that were restored.
    pub(crate) fn get(&self, device: &str, device_id: Option<&str>) -> Option<&DeviceMark> {
        self.of(&DeviceLabel { device: device.to_owned(), device_id: device_id.map(str::to_owned) })
    }

    /// Returns the device with an id of pages and of `/api/v1`.
    pub(crate) fn find(&self, key: &str) -> Option<&DeviceLabel> {
        self.marks.keys().find(|label| label.key() == key)
    }

    /// Returns how a device is shown.
    pub(crate) fn of(&self, label: &DeviceLabel) -> Option<&DeviceMark> {
        self.marks.get(label)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(name: &str) -> DeviceLabel {
        DeviceLabel { device: name.into(), device_id: None }
    }

    fn device(name: &str, first: u64) -> Device {
        Device {
            label: label(name),
            given_name: None,
            number: 0,
            first,
            timestamp: first,
            sequence: first,
            pushed: first,
            document: Document::new("a").expect("an id"),
            percentage: 0.5,
            documents: 1,
            years: BTreeMap::new(),
        }
    }

    fn row(name: &str, given: Option<&str>, first: Option<u64>) -> DeviceRow {
        DeviceRow { label: label(name), name: given.map(str::to_owned), forgotten: Some((9, 9)), first }
    }

    #[test]
    fn devices_are_numbered_as_they_were_first_seen_and_forgotten_ones_keep_their_numbers() {
        let devices = [device("Kindle", 5), device("Kobo", 3), device("Phone", 9)];
        let rows = [row("Phone", Some("Mine"), Some(4)), row("Gone", None, Some(1)), row("Never", Some("seen"), None)];
        let marks = DeviceMarks::new(&devices, &rows);
        let shown = |name| marks.get(name, None).map(|mark| (mark.number, mark.name.as_str()));
        assert_eq!(
            ["Gone", "Kobo", "Phone", "Kindle", "Never"].map(shown),
            [Some((1, "Gone")), Some((2, "Kobo")), Some((3, "Mine")), Some((4, "Kindle")), None]
        );
    }

    #[test]
    fn a_device_has_a_share_of_each_year_and_of_all() {
        let year = |days, read| DeviceYear { days, read };
        let device = Device { years: [(2025, year(3, 0.5)), (2026, year(4, 0.25))].into(), ..device("Kobo", 1) };
        let shares = [Some(2025), Some(2026), Some(2027), None].map(|year| device.share(year));
        assert_eq!(shares, [year(3, 0.5), year(4, 0.25), year(0, 0.0), year(7, 0.75)]);
    }
}

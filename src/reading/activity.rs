//! Which devices pushed what, and on which days: read from the history of all documents.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::SLICE;
use super::book::Title;
use super::calendar::{Calendar, day};
use crate::app::App;
use crate::error::{Error, Result};
use crate::model::{Document, PUT_BACK_DEVICE_ID, User};
use crate::store::{DocumentEntry, HistoryEntry};

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
}

impl Activity {
    /// Reads the history of all documents.
    pub(crate) async fn load(app: &App, user: &User, zone: &TimeZone) -> Result<Self> {
        let _turn = app.lists.acquire().await.map_err(|_| Error::Stopped)?;
        let mut tally = Tally::default();
        let mut after = None;
        let mut read = 0;
        loop {
            let page = app.store.documents(user.id, after.as_ref(), SLICE)?;
            for entry in &page {
                let history = app.store.history(user.id, &entry.document, usize::MAX)?;
                read += history.len() + 1;
                tally.add(entry, history, zone);
                if read >= SLICE {
                    read = 0;
                    tokio::task::yield_now().await;
                }
            }
            let Some(last) = page.into_iter().next_back() else { return Ok(tally.done()) };
            after = Some(last.document);
        }
    }
}

/// A device is known by its name and its id, where it has one.
type DeviceKey = (String, Option<String>);

#[derive(Default)]
struct Tally {
    devices: HashMap<DeviceKey, Device>,
    calendar: Calendar,
}

impl Tally {
    /// Counts the history of one document, which comes newest first.
    fn add(&mut self, entry: &DocumentEntry, history: Vec<HistoryEntry>, zone: &TimeZone) {
        let mut seen: Vec<DeviceKey> = Vec::new();
        for HistoryEntry { progress: position, pushes, .. } in history {
            // Somebody pressed a button; nobody read.
            if position.device_id.as_deref() == Some(PUT_BACK_DEVICE_ID) {
                continue;
            }
            self.calendar.add(day(position.timestamp, zone), pushes);
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
            match self.devices.get_mut(&key) {
                Some(known) if known.timestamp > last.timestamp => known.documents = documents,
                _ => drop(self.devices.insert(key.clone(), last)),
            }
            seen.push(key);
        }
    }

    fn done(self) -> Activity {
        let mut devices: Vec<Device> = self.devices.into_values().collect();
        devices.sort_by(|one, other| {
            other.timestamp.cmp(&one.timestamp).then_with(|| (&one.name, &one.id).cmp(&(&other.name, &other.id)))
        });
        Activity { devices, calendar: self.calendar }
    }
}

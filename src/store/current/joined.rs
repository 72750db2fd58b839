//! States of joined documents, where a device counts for each file apart [C4] [I7].

use super::{Current, LastPush, MAX_DEVICES, Push};
use crate::model::PositionRule;

impl Current {
    /// Returns a document's state as that of a book with the document as a file.
    pub(in crate::store) fn in_file(self, document: &str) -> Self {
        let in_file = |last: LastPush| LastPush { device: last.device.in_file(document), queue_time: None, ..last };
        Self {
            holder: self.holder.map(|device| device.in_file(document)),
            devices: self.devices.into_iter().map(in_file).collect(),
            undo: None,
            ..self
        }
    }

    /// Returns the state without what a queue may undo.
    pub(in crate::store) fn settled(mut self) -> Self {
        self.undo = None;
        self.devices.iter_mut().for_each(|last| last.queue_time = None);
        self
    }

    /// Takes over where the devices of another file are.
    pub(in crate::store) fn add_devices_of(&mut self, other: Self) {
        let devices = other.holder_push().into_iter().chain(other.devices);
        self.devices.extend(devices.map(|last| LastPush { has_pushed: false, ..last }));
        self.devices.sort_by_key(|last| std::cmp::Reverse(last.reached));
        let mut known: Vec<_> = self.holder.into_iter().collect();
        self.devices.retain(|last| {
            let is_new = !known.contains(&last.device);
            known.push(last.device);
            is_new
        });
        self.devices.truncate(MAX_DEVICES - 1);
    }

    /// Notes where a device is whose push led elsewhere.
    pub(in crate::store) fn note_landed_elsewhere(&mut self, rule: PositionRule, push: &Push<'_>) {
        self.end_queues(rule, push.position.timestamp);
        if self.holder == Some(push.device) {
            return;
        }
        let before = self.last_push_of(push.device);
        self.note(rule, push, before.as_ref(), false);
    }
}

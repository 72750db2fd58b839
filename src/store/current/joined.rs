//! States of joined documents, where a device counts for each file apart [C4] [I7].

use super::{Current, MAX_DEVICES, Mark, Push};
use crate::model::PositionRule;

impl Current {
    /// Returns a document's state as that of a book with the document as a file.
    pub(in crate::store) fn in_file(self, document: &str) -> Self {
        let mark = |mark: Mark| Mark { device: mark.device.in_file(document), last_push: None, ..mark };
        Self {
            holder: self.holder.map(|device| device.in_file(document)),
            marks: self.marks.into_iter().map(mark).collect(),
            undo: None,
            ..self
        }
    }

    /// Returns the state without what a queue may undo.
    pub(in crate::store) fn settled(mut self) -> Self {
        self.undo = None;
        self.marks.iter_mut().for_each(|mark| mark.last_push = None);
        self
    }

    /// Takes over where the devices of another file are.
    pub(in crate::store) fn add_devices_of(&mut self, other: Self) {
        let marks = other.holder_mark().into_iter().chain(other.marks);
        self.marks.extend(marks.map(|mark| Mark { has_pushed: false, ..mark }));
        self.marks.sort_by_key(|mark| std::cmp::Reverse(mark.reached));
        let mut known: Vec<_> = self.holder.into_iter().collect();
        self.marks.retain(|mark| {
            let is_new = !known.contains(&mark.device);
            known.push(mark.device);
            is_new
        });
        self.marks.truncate(MAX_DEVICES - 1);
    }

    /// Notes where a device is whose push led elsewhere.
    pub(in crate::store) fn note_landed_elsewhere(&mut self, rule: PositionRule, push: &Push<'_>) {
        self.end_queues(rule, push.position.timestamp);
        if self.holder == Some(push.device) {
            return;
        }
        let before = self.mark(push.device);
        self.note(rule, push, before.as_ref(), false);
    }
}

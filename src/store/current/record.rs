//! Stores the state of the current position, in field 5 of a `progress` record.
//!
//! What the record says anyway is left out: a document that one device pushes has an empty state, of one byte. Each other device takes
//! about 35 bytes, and what a queue may undo the bytes of a position, for five seconds.

use minicbor::{Decode, Encode};

use super::{Borrowed, Current, DeviceKey, LastPush, MAX_DEVICES, Undo};
use crate::model::Progress;
use crate::store::packed::PackedIdentifiers;

/// State of the current position.
#[derive(Debug, Clone, Default, PartialEq, Encode, Decode)]
pub(in crate::store) struct StateRecord {
    /// Sequence number of the current position's entry, unless it is the newest.
    #[n(0)]
    sequence: Option<u64>,
    /// Set if no device holds the current position. Otherwise its holder is the position's device.
    #[n(1)]
    is_released: Option<bool>,
    #[n(2)]
    devices: Option<Vec<LastPush>>,
    /// Time in whole seconds since the Unix epoch.
    #[n(3)]
    started_over: Option<u64>,
    #[n(4)]
    borrowed: Option<Borrowed>,
    #[n(5)]
    undo: Option<Undo>,
}

/// The part of a [`StateRecord`] that a pull needs.
#[derive(Debug, Clone, Copy, Decode)]
pub(in crate::store) struct StartedOver {
    #[n(3)]
    pub(in crate::store) started_over: Option<u64>,
}

impl StateRecord {
    /// Takes apart a state: the position, its identifiers, and what is stored beside it. `newest` is the sequence number of the document's newest entry.
    pub(in crate::store) fn split(current: Current, newest: u64) -> (Progress, Option<PackedIdentifiers>, Self) {
        let Current { position, sequence, holder, borrowed, started_over, devices, undo, identifiers } = current;
        let state = Self {
            sequence: Some(sequence).filter(|sequence| *sequence != newest),
            is_released: holder.is_none().then_some(true),
            devices: Some(devices).filter(|devices| !devices.is_empty()),
            started_over,
            borrowed,
            undo,
        };
        (position, identifiers, state)
    }

    /// Returns the state in full. The others are those of the document's record.
    pub(in crate::store) fn into_current(
        self,
        position: Progress,
        newest: u64,
        identifiers: Option<PackedIdentifiers>,
    ) -> Current {
        let Self { sequence, is_released, devices, started_over, borrowed, undo } = self;
        let holder = (is_released != Some(true)).then(|| DeviceKey::of(&position));
        Current {
            position,
            sequence: sequence.unwrap_or(newest),
            holder,
            borrowed,
            started_over,
            devices: devices.unwrap_or_default(),
            undo,
            identifiers,
        }
    }

    /// Returns the sequence number of the current position's entry.
    pub(in crate::store) fn current_sequence(&self, newest: u64) -> u64 {
        self.sequence.unwrap_or(newest)
    }

    /// Returns the sequence number of the entry that may become current again.
    pub(in crate::store) fn undo_sequence(&self) -> Option<u64> {
        self.undo.as_ref().map(|undo| undo.sequence)
    }

    /// Returns whether a pull finds no position.
    pub(in crate::store) fn is_started_over(&self) -> bool {
        self.started_over.is_some()
    }

    /// Returns whether the current position's locator is another push's [C5].
    pub(in crate::store) fn is_locator_borrowed(&self) -> bool {
        self.borrowed.is_some()
    }

    /// Returns whether a state can be that of a document: no device is there twice, and there are not too many.
    pub(in crate::store) fn is_sound(&self) -> bool {
        let devices = self.devices.as_deref().unwrap_or_default();
        let is_first =
            |(index, last): (usize, &LastPush)| devices[..index].iter().all(|other| other.device != last.device);
        devices.len() < MAX_DEVICES && devices.iter().enumerate().all(is_first)
    }
}

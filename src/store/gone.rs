//! Decides which positions of a history stay, and keeps what the removed ones say.

use std::collections::HashMap;

use super::current::DeviceKey;
use super::records::LogRecord;
use super::shelf_records::{FoldedHistory, SlotRecord};
use crate::model::{DeviceLabel, FinishLog, read_share};

/// What thinning does with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retention {
    Keep,
    /// Drops the entry, and adds its pushes to those of the entry at this index, which is of the same day and device.
    MergeInto(usize),
    Drop,
}

/// A history, the newest entry first, with sequence numbers and footprints.
pub(super) type History = [(u64, LogRecord, u64)];

/// What positions say that go.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// When the book was finished and begun again, in turn, if some position goes.
    pub(super) turns: Vec<u64>,
    /// Percentage before the first position that stays.
    pub(super) base: Option<f64>,
    /// Reading on days of which nothing else tells.
    pub(super) slots: Vec<SlotRecord>,
    /// Devices whose first position in the history goes, with its time.
    pub(super) devices: Vec<(DeviceLabel, u64)>,
}

impl Gone {
    /// Finds out what those entries of a history say for which `fates` is not to stay. Restored positions were not read.
    pub(super) fn of(history: &History, fates: &[Retention], folded: Option<&FoldedHistory>) -> Self {
        if fates.iter().all(|fate| *fate == Retention::Keep) {
            return Self::default();
        }
        let mut gone = Self { turns: finish_log(history, folded).into_turns(), ..Self::default() };
        let (mut before, mut of_devices) = (folded.and_then(FoldedHistory::base), HashMap::new());
        for ((_, entry, _), fate) in
            history.iter().zip(fates).rev().filter(|((_, entry, _), _)| !entry.position.is_restored())
        {
            let position = &entry.position;
            let device = DeviceKey::of(position);
            let known = of_devices.entry(device).or_insert_with(|| {
                if *fate != Retention::Keep {
                    let label = DeviceLabel { device: position.device.clone(), device_id: position.device_id.clone() };
                    gone.devices.push((label, position.timestamp));
                }
                None
            });
            let mut read = 0.0;
            if entry.shared_effect().is_current() {
                read = read_share(position.percentage, before, *known);
                (*known, before) = (Some(position.percentage), Some(position.percentage));
                if *fate == Retention::Drop {
                    gone.base = Some(position.percentage);
                }
            }
            if *fate == Retention::Drop {
                gone.slots.push(SlotRecord::new(position.timestamp, entry.pushes, read));
            }
        }
        gone
    }
}

/// Returns when the book of a history was finished and begun again.
pub(super) fn finish_log(history: &History, folded: Option<&FoldedHistory>) -> FinishLog {
    let read = history.iter().rev().map(|(_, entry, _)| entry);
    let read = read.filter(|entry| entry.shared_effect().is_current() && !entry.position.is_restored());
    let positions = read.map(|entry| (entry.position.percentage, entry.position.timestamp));
    FinishLog::replay(folded.map(|folded| folded.turns.as_slice()), positions)
}

/// Notes what a history tells, of which positions go.
pub(super) fn folded_after(folded: Option<FoldedHistory>, gone: &Gone) -> Option<FoldedHistory> {
    let mut folded = folded.unwrap_or_default();
    if !gone.turns.is_empty() {
        folded.turns.clone_from(&gone.turns);
    }
    if let Some(base) = gone.base {
        folded.set_base(base);
    }
    Some(folded).filter(|folded| !folded.is_empty())
}

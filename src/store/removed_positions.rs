//! Decides which positions of a history stay, and keeps what the removed ones say.

use std::collections::{HashMap, HashSet};

use super::current::DeviceKey;
use super::records::LogRecord;
use super::shelf_records::{FoldedHistory, SlotRecord};
use crate::model::{DeviceLabel, FinishLog, TakenBack, read_share};

/// What thinning does with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retention {
    Keep,
    /// Drops the entry, and adds its pushes to the entry at this index. That entry is of the same day and device.
    MergeInto(usize),
    Drop,
}

/// A history, the newest entry first, with sequence numbers and footprints.
pub(super) type History = [(u64, LogRecord, u64)];

/// What the positions say that are removed from a history.
#[derive(Debug, Default)]
pub(super) struct RemovedPositions {
    /// When the book was finished and begun again, in turn, if some position goes.
    pub(super) turns: Vec<u64>,
    /// Percentage before the first position that stays.
    pub(super) base: Option<f64>,
    /// Reading on days of which nothing else tells.
    pub(super) slots: Vec<SlotRecord>,
    /// Devices whose first position in the history goes, with its time.
    pub(super) devices: Vec<(DeviceLabel, u64)>,
}

impl RemovedPositions {
    /// Finds out what those entries of a history say that `plan` does not keep. Restored positions were not read.
    pub(super) fn of(history: &History, plan: &[Retention], folded: Option<&FoldedHistory>) -> Self {
        if plan.iter().all(|retention| *retention == Retention::Keep) {
            return Self::default();
        }
        let mut removed = Self { turns: finish_log(history, folded).into_turns(), ..Self::default() };
        let base = folded.and_then(FoldedHistory::base);
        let all = || (0..history.len()).rev().filter(|index| !history[*index].1.position.is_restored());
        let read = shares(history, all(), base);
        let (mut seen, mut is_first) = (HashSet::new(), base.is_none());
        for index in all() {
            let (entry, retention) = (&history[index].1, plan[index]);
            let position = &entry.position;
            if seen.insert(DeviceKey::of(position)) && retention != Retention::Keep {
                let label = DeviceLabel { device: position.device.clone(), device_id: position.device_id.clone() };
                removed.devices.push((label, position.timestamp));
            }
            if entry.shared_effect().is_current() {
                match retention {
                    Retention::Drop => removed.base = Some(position.percentage),
                    // What was read on the book's first day began before its first position.
                    Retention::MergeInto(_) if is_first => removed.base = Some(position.percentage - read[index]),
                    _ => {}
                }
                is_first = false;
            }
            if retention == Retention::Drop {
                removed.slots.push(SlotRecord::new(position.timestamp, entry.pushes, read[index]));
            }
        }
        // Where the reader went back on a day, its last position tells less than all of them did.
        let kept = || all().filter(|index| plan[*index] == Retention::Keep);
        let told = shares(history, kept(), removed.base.or(base));
        let mut more: Vec<f64> = read.iter().zip(&told).map(|(read, told)| read - told).collect();
        for index in all() {
            if let Retention::MergeInto(into) = plan[index] {
                more[into] += read[index];
            }
        }
        for index in kept().filter(|index| history[*index].1.shared_effect().is_current()) {
            let slot = SlotRecord::new(history[index].1.position.timestamp, 0, more[index]);
            removed.slots.extend(Some(slot).filter(|slot| slot.2 > 0));
        }
        removed
    }
}

/// Returns how much was read up to each entry at `indexes`, oldest first. The others have 0. `before` is the percentage before the first
/// one.
fn shares(history: &History, indexes: impl Iterator<Item = usize>, mut before: Option<f64>) -> Vec<f64> {
    let (mut read, mut of_devices) = (vec![0.0; history.len()], HashMap::new());
    for index in indexes {
        let entry = &history[index].1;
        if entry.shared_effect().is_current() {
            let percentage = entry.position.percentage;
            let of_device = of_devices.insert(DeviceKey::of(&entry.position), percentage);
            read[index] = read_share(percentage, before.replace(percentage), of_device);
        }
    }
    read
}

/// Returns when the book of a history was finished and begun again.
pub(super) fn finish_log(history: &History, folded: Option<&FoldedHistory>) -> FinishLog {
    let taken_back: Vec<TakenBack> = folded.into_iter().flat_map(FoldedHistory::taken_back).collect();
    FinishLog::replay_without(&taken_back, folded.map(|folded| folded.turns.as_slice()), read_positions(history))
}

/// Returns the positions of a history that were read, oldest first. Each comes with its time and sequence number.
pub(super) fn read_positions(history: &History) -> impl Iterator<Item = (f64, u64, u64)> {
    let read =
        |(_, entry, _): &&(u64, LogRecord, u64)| entry.shared_effect().is_current() && !entry.position.is_restored();
    let position = |(sequence, LogRecord { position, .. }, _): &(u64, LogRecord, u64)| {
        (position.percentage, position.timestamp, *sequence)
    };
    history.iter().rev().filter(read).map(position)
}

/// Notes what a history tells, of which positions go.
pub(super) fn folded_after(folded: Option<FoldedHistory>, removed: &RemovedPositions) -> Option<FoldedHistory> {
    let mut folded = folded.unwrap_or_default();
    if !removed.turns.is_empty() {
        folded.turns.clone_from(&removed.turns);
    }
    if let Some(base) = removed.base {
        folded.set_base(base);
    }
    Some(folded).filter(|folded| !folded.is_empty())
}

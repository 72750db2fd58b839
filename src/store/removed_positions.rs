//! Decides which positions of a history stay, and keeps what the removed ones say.

use std::collections::{HashMap, HashSet};

use super::records::LogRecord;
use super::shelf_records::{FoldedHistory, SlotRecord};
use crate::model::{DeviceLabel, FinishLog, Progress, TakenBack, read_share};

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
    ///
    /// `others` are the entries of the files that the document is joined with: what was read up to a position depends on them.
    pub(super) fn of(history: &History, others: &History, plan: &[Retention], folded: Option<&FoldedHistory>) -> Self {
        if plan.iter().all(|retention| *retention == Retention::Keep) {
            return Self::default();
        }
        let mut removed = Self { turns: finish_log(history, folded).into_turns(), ..Self::default() };
        let base = folded.and_then(FoldedHistory::base);
        let all = || (0..history.len()).rev().filter(|index| !history[*index].1.position.is_restored());
        let (mut seen, mut is_first) = (HashSet::new(), base.is_none());
        for index in all() {
            let (entry, retention) = (&history[index].1, plan[index]);
            let position = &entry.position;
            if seen.insert(label_of(position)) && retention != Retention::Keep {
                let (device, device_id) = (position.device.clone(), position.device_id.clone());
                removed.devices.push((DeviceLabel { device, device_id }, position.timestamp));
            }
            if entry.shared_effect().is_current() {
                let percentage = position.percentage;
                match retention {
                    Retention::Drop => removed.base = Some(percentage),
                    // What was read on the book's first day began before its first position.
                    Retention::MergeInto(_) if is_first => {
                        removed.base = Some(percentage - read_share(percentage, None, None));
                    }
                    _ => {}
                }
                is_first = false;
            }
        }
        let (read, told) = told_before_and_after(history, others, plan, [base, removed.base.or(base)]);
        let dropped = all().filter(|index| plan[*index] == Retention::Drop);
        removed.slots.extend(dropped.map(|index| {
            let entry = &history[index].1;
            SlotRecord::new(entry.position.timestamp, entry.pushes, read[index])
        }));
        // Where the reader went back on a day, its last position tells less than all of them did.
        let mut more: Vec<f64> = read.iter().zip(&told).map(|(read, told)| read - told).collect();
        for index in all() {
            if let Retention::MergeInto(into) = plan[index] {
                more[into] += read[index];
            }
        }
        let kept = all().filter(|index| plan[*index] == Retention::Keep);
        for index in kept.filter(|index| history[*index].1.shared_effect().is_current()) {
            let slot = SlotRecord::new(history[index].1.position.timestamp, 0, more[index]);
            removed.slots.extend(Some(slot).filter(|slot| slot.2 > 0));
        }
        removed
    }
}

/// Returns a device as those who count tell it from others: by name and id.
fn label_of(position: &Progress) -> (&str, Option<&str>) {
    (&position.device, position.device_id.as_deref())
}

/// Returns how much each entry of a history says was read up to it, before and after those go that `plan` does not keep.
///
/// `bases` are the percentages before the first entry, before and after. Where positions of other files tell afterwards what an entry that goes told,
/// that entry tells less.
fn told_before_and_after(
    history: &History,
    others: &History,
    plan: &[Retention],
    bases: [Option<f64>; 2],
) -> (Vec<f64>, Vec<f64>) {
    let of_file = history.iter().enumerate().rev().map(|(index, entry)| (Some(index), entry));
    let of_others = others.iter().rev().map(|entry| (None, entry));
    let mut book: Vec<_> = of_file.chain(of_others).filter(|(_, (_, entry, _))| is_read(entry)).collect();
    let mut bases = bases;
    if !others.is_empty() {
        // As the pages count joined files: by time, and without a common beginning.
        book.sort_by_key(|(_, (sequence, entry, _))| (entry.position.timestamp, *sequence));
        bases = [None; 2];
    }
    let is_kept = |index: Option<usize>| index.is_none_or(|index| plan[index] == Retention::Keep);
    let all = book.iter().map(|(_, (_, entry, _))| &entry.position);
    let kept = book.iter().filter(|(index, _)| is_kept(*index)).map(|(_, (_, entry, _))| &entry.position);
    let (before, mut after) = (shares(all, bases[0]), shares(kept, bases[1]).into_iter());
    let (mut read, mut told) = (vec![0.0; history.len()], vec![0.0; history.len()]);
    let mut gone: Vec<usize> = Vec::new();
    for ((index, _), share) in book.iter().zip(before) {
        let told_now = if is_kept(*index) { after.next().unwrap_or(0.0) } else { 0.0 };
        match *index {
            Some(index) => {
                (read[index], told[index]) = (share, told_now);
                gone.extend(Some(index).filter(|index| plan[*index] != Retention::Keep));
            }
            None => {
                let mut more = told_now - share;
                while more > 0.0
                    && let Some(last) = gone.last().copied()
                {
                    let taken = f64::min(more, read[last]);
                    (read[last], more) = (read[last] - taken, more - taken);
                    if read[last] <= 0.0 {
                        gone.pop();
                    }
                }
            }
        }
    }
    (read, told)
}

/// Returns how much was read up to each position, oldest first. `before` is the percentage before the first one.
fn shares<'a>(positions: impl Iterator<Item = &'a Progress>, mut before: Option<f64>) -> Vec<f64> {
    let mut of_devices = HashMap::new();
    let share = |position: &'a Progress| {
        let percentage = position.percentage;
        let of_device = of_devices.insert(label_of(position), percentage);
        read_share(percentage, before.replace(percentage), of_device)
    };
    positions.map(share).collect()
}

/// Returns when the book of a history was finished and begun again.
pub(super) fn finish_log(history: &History, folded: Option<&FoldedHistory>) -> FinishLog {
    let taken_back: Vec<TakenBack> = folded.into_iter().flat_map(FoldedHistory::taken_back).collect();
    FinishLog::replay_without(&taken_back, folded.map(|folded| folded.turns.as_slice()), read_positions(history))
}

fn is_read(entry: &LogRecord) -> bool {
    entry.shared_effect().is_current() && !entry.position.is_restored()
}

/// Returns the positions of a history that were read, oldest first. Each comes with its time and sequence number.
pub(super) fn read_positions(history: &History) -> impl Iterator<Item = (f64, u64, u64)> {
    let position = |(sequence, LogRecord { position, .. }, _): &(u64, LogRecord, u64)| {
        (position.percentage, position.timestamp, *sequence)
    };
    history.iter().rev().filter(|(_, entry, _)| is_read(entry)).map(position)
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

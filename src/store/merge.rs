//! Merging an imported history into the one that a document has.

use super::current::{DeviceKey, is_same_entry};
use super::import_outcome::ImportOutcome;
use super::retention;
use super::transfer::TransferredPosition;
use crate::model::{DayRule, Progress};

/// A history, oldest first, with sequence numbers.
pub(super) type NumberedHistory = Vec<(u64, TransferredPosition)>;

/// Compares an imported history with the existing one: returns the outcome, and the positions that the existing one lacks.
///
/// The newest position wins. A wrong clock leaves histories that are out of order, so the latest time in each counts.
pub(super) fn diff(
    imported: &[TransferredPosition],
    existing: Option<&[(u64, TransferredPosition)]>,
    days: &DayRule,
) -> (ImportOutcome, Vec<TransferredPosition>) {
    let Some(existing) = existing else { return (ImportOutcome::Created, imported.to_vec()) };
    // A holder's repeat gives its entry the device's name and the percentage of then.
    let is_same = |known: &Progress, position: &Progress| {
        known == position || is_same_entry(known, position) && DeviceKey::of(known) == DeviceKey::of(position)
    };
    let has = |position: &Progress| {
        existing.iter().any(|(_, TransferredPosition { progress, pushes, .. })| {
            progress.timestamp == position.timestamp && is_same(progress, position)
                || retention::may_count(progress, *pushes, position, days)
        })
    };
    let missing: Vec<_> = imported.iter().filter(|entry| !has(&entry.progress)).cloned().collect();
    let latest = existing.iter().map(|(_, entry)| entry.progress.timestamp).max();
    let is_newer = missing.iter().map(|entry| entry.progress.timestamp).max() > latest;
    (if is_newer { ImportOutcome::Advanced } else { ImportOutcome::Unchanged }, missing)
}

/// How to write a merged history.
///
/// Sequence numbers grow along a history, so every entry behind the first missing position is written again with a new number.
pub(super) struct MergePlan {
    /// How many of the oldest entries stay as they are.
    pub(super) kept: usize,
    /// Sequence number of the last of these.
    pub(super) last_kept: Option<u64>,
    /// Sequence numbers of the other entries, to be deleted.
    pub(super) removed: Vec<u64>,
    /// Entries to be appended behind those that stay.
    pub(super) appended: Vec<TransferredPosition>,
}

impl MergePlan {
    /// Plans how to add the missing positions to a history.
    pub(super) fn new(
        existing: Option<NumberedHistory>,
        mut missing: Vec<TransferredPosition>,
        outcome: ImportOutcome,
    ) -> Self {
        let Some(mut kept) = existing else {
            return Self { kept: 0, last_kept: None, removed: Vec::new(), appended: missing };
        };
        let first = missing.iter().map(|entry| entry.progress.timestamp).min().unwrap_or(u64::MAX);
        let mut count = kept.iter().take_while(|(_, entry)| entry.progress.timestamp <= first).count();
        let current_stays = outcome == ImportOutcome::Unchanged;
        if current_stays {
            count = count.min(kept.len().saturating_sub(1));
        }
        let (removed, mut appended): (Vec<_>, Vec<_>) = kept.split_off(count).into_iter().unzip();
        let current = if current_stays { appended.pop() } else { None };
        appended.append(&mut missing);
        appended.sort_by_key(|entry| entry.progress.timestamp);
        appended.extend(current);
        Self { kept: count, last_kept: kept.last().map(|(sequence, _)| *sequence), removed, appended }
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// Generates histories of few times and places, so that they overlap, in any order: clocks are wrong at times.
    fn history(lengths: std::ops::Range<usize>) -> impl Strategy<Value = Vec<TransferredPosition>> {
        let position = (0_u64..10, 0..4).prop_map(|(timestamp, place)| {
            let progress = Progress::new(format!("/p[{place}]"), 0.5, "Kobo".into(), None).expect("a position");
            TransferredPosition::new(Progress { timestamp, ..progress })
        });
        vec(position, lengths)
    }

    fn latest(history: &[TransferredPosition]) -> Option<u64> {
        history.iter().map(|entry| entry.progress.timestamp).max()
    }

    proptest! {
        #[test]
        fn no_position_is_lost_and_the_newest_is_the_current_one(existing in history(1..8), new in history(1..8)) {
            let numbered: Vec<_> = (10..).step_by(10).zip(existing.clone()).collect();
            let (outcome, missing) = diff(&new, Some(&numbered), &DayRule::midnight(TimeZone::UTC));
            let plan = MergePlan::new(Some(numbered.clone()), missing.clone(), outcome);
            let MergePlan { kept, last_kept, removed, appended } = plan;
            prop_assert_eq!(last_kept, kept.checked_sub(1).map(|last| numbered[last].0));
            prop_assert_eq!(removed, numbered[kept..].iter().map(|(number, _)| *number).collect::<Vec<_>>());

            let merged = [&existing[..kept], &appended].concat();
            prop_assert_eq!(merged.len(), existing.len() + missing.len());
            prop_assert!(existing.iter().chain(&new).all(|entry| merged.contains(entry)));
            if latest(&new) > latest(&existing) {
                prop_assert_eq!(outcome, ImportOutcome::Advanced);
                prop_assert_eq!(merged.last().map(|entry| entry.progress.timestamp), latest(&new));
            } else {
                prop_assert_eq!(outcome, ImportOutcome::Unchanged);
                prop_assert_eq!(merged.last(), existing.last());
            }
            let numbered: Vec<_> = (10..).zip(merged).collect();
            prop_assert_eq!(diff(&new, Some(&numbered), &DayRule::midnight(TimeZone::UTC)), (ImportOutcome::Unchanged, Vec::new()));
        }
    }
}

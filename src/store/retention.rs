//! Retention: which positions of a document's history are kept.
//!
//! A history is a linked list in `log`: each entry has the sequence number of the one before it, and `progress` has that of the newest.
//! A B-tree of history by document would dirty a second scattered page per push, and scattered pages are what a durable write costs.
//! So a push only appends to `log`, whose last page the whole batch shares, and a history is thinned when it has grown by half, not at
//! each push.

use std::ops::ControlFlow;

use heed::{PutFlags, RoTxn, RwTxn};

use super::current::{DeviceKey, Past};
use super::keyspace::Measured;
use super::packed::Packed;
use super::records::{LogLink, LogPosition, LogRecord, ProgressRecord};
use super::removed_positions::{History, RemovedPositions, Retention};
use super::tables::Tables;
use crate::error::Result;
use crate::model::{DayRule, Progress};

/// Age in seconds up to which every entry is kept: 48 hours.
const KEEP_ALL_SECONDS: u64 = 48 * 60 * 60;
/// Entries kept of a document.
pub(super) const MAX_ENTRIES: u32 = 400;
/// Length below which a history is never thinned.
const MIN_TO_THIN: u32 = 32;

/// Returns whether a history has grown by half since it was last thinned.
pub(super) fn is_due(entries: u32, thinned: u32) -> bool {
    entries >= MIN_TO_THIN.max(thinned.saturating_add(thinned / 2))
}

/// Plans which entries of a history to keep: `max` at most, and those at the indexes `pinned`. The positions are given newest first.
///
/// Of entries older than two days, each device keeps its last one of each day: one of the account, like those of the reading calendar.
fn plan<'a>(
    positions: impl IntoIterator<Item = &'a Progress>,
    pinned: &[usize],
    now: u64,
    days: &DayRule,
    max: u32,
) -> Vec<Retention> {
    let mut day = None;
    let mut kept = 0;
    // The devices of the day at hand, each with the index of its last kept entry.
    let mut devices: Vec<((&str, Option<&str>), usize)> = Vec::new();
    positions
        .into_iter()
        .enumerate()
        .map(|(index, position)| {
            let date = days.date(position.timestamp);
            if day.replace(date) != Some(date) {
                devices.clear();
            }
            let device = (position.device.as_str(), position.device_id.as_deref());
            let newer = devices.iter_mut().find(|(other, _)| *other == device);
            let is_old = position.timestamp.saturating_add(KEEP_ALL_SECONDS) < now;
            let retention = match &newer {
                _ if pinned.contains(&index) => Retention::Keep,
                Some((_, newer)) if is_old || kept >= max => Retention::MergeInto(*newer),
                None if kept >= max => Retention::Drop,
                _ => Retention::Keep,
            };
            if retention == Retention::Keep {
                kept += 1;
                match newer {
                    Some((_, newer)) => *newer = index,
                    None => devices.push((device, index)),
                }
            }
            retention
        })
        .collect()
}

/// Returns the history whose newest entry is `newest`, newest first, with sequence numbers and footprints.
pub(super) fn history(txn: &RoTxn<'_>, tables: &Tables, newest: u64) -> heed::Result<Vec<(u64, LogRecord, u64)>> {
    let mut history = Vec::new();
    let mut next = Some(newest);
    while let Some(sequence) = next {
        let Some((entry, bytes)) = tables.log.measured().get(txn, &sequence)? else { break };
        next = entry.previous;
        history.push((sequence, entry, tables.log.entry_footprint(bytes)));
    }
    Ok(history)
}

/// A document's history, as the rules of the current position read it.
pub(super) struct StoredPast<'a, 'txn> {
    pub(super) txn: &'a RoTxn<'txn>,
    pub(super) tables: &'a Tables,
    /// Sequence number of the newest entry.
    pub(super) newest: u64,
}

impl Past for StoredPast<'_, '_> {
    type Error = heed::Error;

    fn visit(&self, visit: &mut dyn FnMut(DeviceKey, &Progress) -> ControlFlow<()>) -> heed::Result<()> {
        let positions = self.tables.log.with_values::<Packed<LogPosition>>();
        let mut next = Some(self.newest);
        while let Some(sequence) = next {
            let Some(LogPosition { position, previous }) = positions.get(self.txn, &sequence)? else { break };
            // Sequence numbers fall along a history. In a damaged one a link may lead round in a circle.
            next = previous.filter(|previous| *previous < sequence);
            if visit(DeviceKey::of(&position), &position).is_break() {
                break;
            }
        }
        Ok(())
    }
}

/// Returns the footprint of the history whose newest entry is `newest`.
pub(super) fn history_bytes(txn: &RoTxn<'_>, tables: &Tables, newest: u64) -> heed::Result<u64> {
    let links = tables.log.with_values::<Measured<Packed<LogLink>>>();
    let (mut total, mut next) = (0, Some(newest));
    while let Some(sequence) = next {
        let Some((link, bytes)) = links.get(txn, &sequence)? else { break };
        next = link.previous;
        total += tables.log.entry_footprint(bytes);
    }
    Ok(total)
}

/// What is left of a history.
#[derive(Debug)]
pub(super) struct Thinned {
    pub(super) entries: u32,
    /// Footprint of the entries, in bytes.
    pub(super) bytes: u64,
    /// What those said that are gone.
    pub(super) removed: RemovedPositions,
}

/// Returns whether an entry counts a position that was thinned away: an earlier one of its day and device.
pub(super) fn may_count(entry: &Progress, pushes: u32, position: &Progress, days: &DayRule) -> bool {
    let day = |progress: &Progress| days.date(progress.timestamp);
    pushes > 1
        && entry.timestamp >= position.timestamp
        && (&entry.device, &entry.device_id) == (&position.device, &position.device_id)
        && day(entry) == day(position)
}

/// Thins a document's history to `max` entries, and those that the rules need.
///
/// `others` are the entries of the files that it is joined with. `pinned` are numbers of entries that the rules need, besides those of the
/// document's own current position.
///
/// The newest entry always stays: otherwise the last sequence number of `log` would be given out again.
pub(super) fn thin(
    txn: &mut RwTxn<'_>,
    tables: &Tables,
    record: &ProgressRecord,
    (others, pinned): (&History, &[u64]),
    now: u64,
    days: &DayRule,
    max: u32,
) -> Result<Thinned> {
    let history = history(txn, tables, record.sequence)?;
    let index_of = |pinned: &u64| history.iter().position(|(sequence, ..)| sequence == pinned);
    let pinned: Vec<usize> = record.pinned().iter().chain(pinned).filter_map(index_of).collect();
    let plan = plan(history.iter().map(|(_, entry, _)| &entry.position), &pinned, now, days, max);
    let removed = RemovedPositions::of(&history, others, &plan, record.folded.as_ref());
    let mut merged = vec![(0_u32, 0_u32); history.len()];
    for (retention, (_, entry, _)) in plan.iter().zip(&history) {
        if let Retention::MergeInto(index) = retention {
            let (pushes, repeats) = &mut merged[*index];
            *pushes = pushes.saturating_add(entry.pushes);
            *repeats = repeats.saturating_add(entry.repeats());
        }
    }
    let mut left = Thinned { entries: 0, bytes: 0, removed };
    // From the oldest on, so that each kept entry can be linked to the kept one before it.
    let mut previous = None;
    for (((sequence, mut entry, mut bytes), retention), merged) in history.into_iter().zip(plan).zip(merged).rev() {
        if retention != Retention::Keep {
            tables.log.delete(txn, &sequence)?;
            continue;
        }
        let (pushes, repeats) = merged;
        if entry.previous != previous || pushes > 0 {
            entry.previous = previous;
            entry.pushes = entry.pushes.saturating_add(pushes);
            entry.set_outcome(entry.effect(), entry.repeats().saturating_add(repeats));
            bytes = tables.log.put_measured(txn, PutFlags::empty(), &sequence, &entry)?;
        }
        previous = Some(sequence);
        left.entries += 1;
        left.bytes += bytes;
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;

    const DAY: u64 = 24 * 60 * 60;
    const NOW: u64 = 20_000 * DAY + DAY / 2;

    fn utc() -> DayRule {
        DayRule::midnight(TimeZone::UTC)
    }

    fn position(time: u64, device: &str) -> Progress {
        let mut position = Progress::new(String::new(), 0.0, device.into(), None).expect("a position");
        position.timestamp = time;
        position
    }

    fn times_kept(times: &[u64]) -> Vec<u64> {
        let positions: Vec<_> = times.iter().map(|time| position(*time, "Kobo")).collect();
        let plan = plan(&positions, &[], NOW, &utc(), MAX_ENTRIES);
        times.iter().zip(plan).filter(|(_, retention)| *retention == Retention::Keep).map(|(time, _)| *time).collect()
    }

    #[test]
    fn each_device_keeps_its_last_position_of_a_day_which_counts_the_others() {
        let long_ago = NOW - 10 * DAY;
        let day = [(5, "Kobo"), (4, "Kindle"), (3, "Kobo"), (2, "Kindle"), (1, "Kobo")];
        let positions = day.map(|(seconds, device)| position(long_ago + seconds, device));
        let expected = [
            Retention::Keep,
            Retention::Keep,
            Retention::MergeInto(0),
            Retention::MergeInto(1),
            Retention::MergeInto(0),
        ];
        assert_eq!(plan(&positions, &[], NOW, &utc(), MAX_ENTRIES), expected);
        // An entry older than two days is merged into a younger one of the same day.
        let limit = NOW - KEEP_ALL_SECONDS;
        let positions = [2, 1, 0].map(|late| position(limit + late - 1, "Kobo"));
        assert_eq!(
            plan(&positions, &[], NOW, &utc(), MAX_ENTRIES),
            [Retention::Keep, Retention::Keep, Retention::MergeInto(1)]
        );
        // So is an entry beyond the limit; one whose day and device have no other entry is dropped.
        let busy = (0..MAX_ENTRIES as u64 + 1).map(|seconds| position(NOW - seconds, "Kobo"));
        let positions: Vec<_> = busy.chain([position(NOW - 500, "Kindle"), position(NOW - DAY, "Kobo")]).collect();
        assert_eq!(
            plan(&positions, &[], NOW, &utc(), MAX_ENTRIES)[MAX_ENTRIES as usize - 1..],
            [Retention::Keep, Retention::MergeInto(399), Retention::Drop, Retention::Drop]
        );
    }

    #[test]
    fn all_positions_of_two_days_are_kept_and_then_the_last_of_each_day() {
        let recent: Vec<u64> = (0..=48).map(|hours| NOW - hours * 3600).collect();
        assert_eq!(times_kept(&recent), recent);

        let older: Vec<u64> = (49..24 * 10).map(|hours| NOW - hours * 3600).collect();
        let left = times_kept(&older);
        assert_eq!(left.len(), 9, "the rest of one day, seven whole days, the start of one");
        let mut days: Vec<u64> = left.iter().map(|time| time / DAY).collect();
        days.dedup();
        assert_eq!(days.len(), left.len());
        for time in &left {
            assert!(older.iter().filter(|other| *other / DAY == time / DAY).all(|other| other <= time));
        }
    }

    /// An evening and the next morning west of Greenwich are two days. In UTC they are one day.
    #[test]
    fn a_day_is_one_of_the_time_zone() {
        let midnight = NOW - 10 * DAY - DAY / 2 + 8 * 3600;
        let positions = [position(midnight + 3600, "Kobo"), position(midnight - 3600, "Kobo")];
        let west = TimeZone::fixed(jiff::tz::offset(-8));
        assert_eq!(
            plan(&positions, &[], NOW, &DayRule::midnight(west), MAX_ENTRIES),
            [Retention::Keep, Retention::Keep]
        );
        assert_eq!(plan(&positions, &[], NOW, &utc(), MAX_ENTRIES), [Retention::Keep, Retention::MergeInto(0)]);
    }

    #[test]
    fn at_most_400_positions_are_kept_and_always_the_newest() {
        let busy: Vec<u64> = (0..3_000).map(|seconds| NOW - seconds).collect();
        assert_eq!(times_kept(&busy), busy[..400]);
        let years: Vec<u64> = (0..3_000).map(|days| NOW - days * DAY).collect();
        assert_eq!(times_kept(&years), years[..400]);
        assert_eq!(times_kept(&[0]), [0]);
        let wrong = [NOW + 10 * DAY, 0];
        assert_eq!(times_kept(&wrong), wrong, "a wrong clock loses nothing");
    }

    #[test]
    fn a_history_is_thinned_when_it_has_grown_by_half() {
        assert!(!is_due(31, 0));
        assert!(is_due(32, 0));
        assert!(!is_due(47, 32));
        assert!(is_due(48, 32));
        assert!(!is_due(599, 400));
        assert!(is_due(600, 400));
    }
}

//! A document's history: its entries in `log`, each with the number of the one before it, the newest named by `progress`.
//!
//! A B-tree of history by document would dirty a second scattered page per push, and scattered pages are what a durable
//! write costs. So a push only appends to `log`, whose last page the whole batch shares, and a list is thinned when it has
//! grown by half again, not at each push.

use heed::{RoTxn, RwTxn};
use jiff::tz::TimeZone;

use super::records::{LogRecord, Tables};
use crate::error::Result;
use crate::model::{Progress, calendar_day};

/// Every entry of this many last seconds stays.
const RECENT: u64 = 48 * 60 * 60;
/// More entries than this are not kept of a document.
pub(super) const MAX_ENTRIES: u32 = 400;
/// A shorter list is not looked at.
const MIN_TO_THIN: u32 = 32;

/// Whether a list has grown enough since it was thinned last to be walked again.
pub(super) fn is_due(entries: u32, thinned: u32) -> bool {
    entries >= MIN_TO_THIN.max(thinned.saturating_add(thinned / 2))
}

/// What becomes of an entry when its list is thinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Retention {
    Keep,
    /// It goes, and its pushes are counted by the entry at this place, of the same day and device.
    MergeInto(usize),
    Drop,
}

/// What becomes of the entries of a list, whose positions are given newest first.
///
/// Of what is older than the last two days, each device's last entry of each day stays. A day is one of `zone`, as in the calendar
/// that counts them.
fn plan_retention<'a>(positions: impl IntoIterator<Item = &'a Progress>, now: u64, zone: &TimeZone) -> Vec<Retention> {
    let mut day = None;
    let mut count = 0;
    // The devices seen on the day at hand, each with the place of its entry that was seen last.
    let mut seen: Vec<((&str, Option<&str>), usize)> = Vec::new();
    positions
        .into_iter()
        .enumerate()
        .map(|(place, position)| {
            let date = calendar_day(position.timestamp, zone);
            if day.replace(date) != Some(date) {
                seen.clear();
            }
            let device = (position.device.as_str(), position.device_id.as_deref());
            let later = seen.iter_mut().find(|(other, _)| *other == device);
            let is_old = position.timestamp.saturating_add(RECENT) < now;
            let fate = match &later {
                Some((_, kept)) if is_old || count >= MAX_ENTRIES => Retention::MergeInto(*kept),
                None if count >= MAX_ENTRIES => Retention::Drop,
                _ => Retention::Keep,
            };
            if fate == Retention::Keep {
                count += 1;
                match later {
                    Some((_, kept)) => *kept = place,
                    None => seen.push((device, place)),
                }
            }
            fate
        })
        .collect()
}

/// The list that starts at `newest`, with the numbers of its entries.
pub(super) fn list(txn: &RoTxn<'_>, tables: &Tables, newest: u64) -> heed::Result<Vec<(u64, LogRecord)>> {
    let mut list = Vec::new();
    let mut next = Some(newest);
    while let Some(sequence) = next {
        let Some(entry) = tables.log.get(txn, &sequence)? else { break };
        next = entry.previous;
        list.push((sequence, entry));
    }
    Ok(list)
}

/// Whether an entry stands for a position that was thinned away: a later one of its day and device, which counts it.
pub(super) fn stands_for(entry: &Progress, pushes: u32, position: &Progress, zone: &TimeZone) -> bool {
    let day = |progress: &Progress| calendar_day(progress.timestamp, zone);
    pushes > 1
        && entry.timestamp >= position.timestamp
        && (&entry.device, &entry.device_id) == (&position.device, &position.device_id)
        && day(entry) == day(position)
}

/// Drops what need not be kept of the list that starts at `newest`, and returns how many entries are left.
///
/// The newest entry always stays: the last number of `log` would be given out again without it.
pub(super) fn thin(txn: &mut RwTxn<'_>, tables: &Tables, newest: u64, now: u64, zone: &TimeZone) -> Result<u32> {
    let list = list(txn, tables, newest)?;
    let plan_retention = plan_retention(list.iter().map(|(_, entry)| &entry.position), now, zone);
    let mut more = vec![0_u32; list.len()];
    for (fate, (_, entry)) in plan_retention.iter().zip(&list) {
        if let Retention::MergeInto(place) = fate {
            more[*place] = more[*place].saturating_add(entry.pushes);
        }
    }
    let mut left = 0;
    // From the oldest on, so that each entry that stays is told the one before it that stays.
    let mut previous = None;
    for (((sequence, mut entry), fate), more) in list.into_iter().zip(plan_retention).zip(more).rev() {
        if fate != Retention::Keep {
            tables.log.delete(txn, &sequence)?;
            continue;
        }
        if entry.previous != previous || more > 0 {
            entry.previous = previous;
            entry.pushes = entry.pushes.saturating_add(more);
            tables.log.put(txn, &sequence, &entry)?;
        }
        previous = Some(sequence);
        left += 1;
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 24 * 60 * 60;
    const NOW: u64 = 20_000 * DAY + DAY / 2;

    fn position(time: u64, device: &str) -> Progress {
        let mut position = Progress::new(String::new(), 0.0, device.into(), None).expect("a position");
        position.timestamp = time;
        position
    }

    fn times_kept(times: &[u64]) -> Vec<u64> {
        let positions: Vec<_> = times.iter().map(|time| position(*time, "Kobo")).collect();
        let plan_retention = plan_retention(&positions, NOW, &TimeZone::UTC);
        times.iter().zip(plan_retention).filter(|(_, fate)| *fate == Retention::Keep).map(|(time, _)| *time).collect()
    }

    #[test]
    fn each_device_keeps_its_last_of_a_day_which_counts_the_others() {
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
        assert_eq!(plan_retention(&positions, NOW, &TimeZone::UTC), expected);
        // What is older than two days joins what is younger, of the same day.
        let border = NOW - RECENT;
        let positions = [2, 1, 0].map(|late| position(border + late - 1, "Kobo"));
        assert_eq!(
            plan_retention(&positions, NOW, &TimeZone::UTC),
            [Retention::Keep, Retention::Keep, Retention::MergeInto(1)]
        );
        // So does what is one too many, and what no entry of its day and device is left for goes.
        let busy = (0..MAX_ENTRIES as u64 + 1).map(|seconds| position(NOW - seconds, "Kobo"));
        let positions: Vec<_> = busy.chain([position(NOW - 500, "Kindle"), position(NOW - DAY, "Kobo")]).collect();
        assert_eq!(
            plan_retention(&positions, NOW, &TimeZone::UTC)[MAX_ENTRIES as usize - 1..],
            [Retention::Keep, Retention::MergeInto(399), Retention::Drop, Retention::Drop]
        );
    }

    #[test]
    fn all_of_two_days_then_the_last_of_each_day() {
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

    /// An evening and the next morning far from Greenwich are two days, though they are one there.
    #[test]
    fn days_are_those_of_the_zone() {
        let midnight = NOW - 10 * DAY - DAY / 2 + 8 * 3600;
        let positions = [position(midnight + 3600, "Kobo"), position(midnight - 3600, "Kobo")];
        let west = TimeZone::fixed(jiff::tz::offset(-8));
        assert_eq!(plan_retention(&positions, NOW, &west), [Retention::Keep, Retention::Keep]);
        assert_eq!(plan_retention(&positions, NOW, &TimeZone::UTC), [Retention::Keep, Retention::MergeInto(0)]);
    }

    #[test]
    fn never_more_than_400_and_always_the_newest() {
        let busy: Vec<u64> = (0..3_000).map(|seconds| NOW - seconds).collect();
        assert_eq!(times_kept(&busy), busy[..400]);
        let years: Vec<u64> = (0..3_000).map(|days| NOW - days * DAY).collect();
        assert_eq!(times_kept(&years), years[..400]);
        assert_eq!(times_kept(&[0]), [0]);
        let wrong = [NOW + 10 * DAY, 0];
        assert_eq!(times_kept(&wrong), wrong, "a clock that was wrong loses nothing");
    }

    #[test]
    fn due_when_grown_by_half() {
        assert!(!is_due(31, 0));
        assert!(is_due(32, 0));
        assert!(!is_due(47, 32));
        assert!(is_due(48, 32));
        assert!(!is_due(599, 400));
        assert!(is_due(600, 400));
    }
}

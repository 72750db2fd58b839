//! A document's history: its entries in `log`, each with the number of the one before it, the newest named by `progress`.
//!
//! A B-tree of history by document would dirty a second scattered page per push, and scattered pages are what a durable
//! write costs. So a push only appends to `log`, whose last page the whole batch shares, and a list is thinned when it has
//! grown by half again, not at each push.

use heed::RwTxn;

use super::codec::Tables;
use crate::error::Result;

/// Every entry of this many last seconds stays.
const RECENT: u64 = 48 * 60 * 60;
/// Of what is older, the last entry of each day (in UTC) stays.
const DAY: u64 = 24 * 60 * 60;
/// More entries than this are not kept of a document.
const MOST: usize = 400;
/// A shorter list is not looked at.
const FEWEST: u32 = 32;

/// Whether a list has grown enough since it was thinned last to be walked again.
pub(super) fn is_due(entries: u32, thinned: u32) -> bool {
    entries >= FEWEST.max(thinned.saturating_add(thinned / 2))
}

/// Which entries stay, of a list whose times are given newest first.
fn kept(times: &[u64], now: u64) -> Vec<bool> {
    let mut day = None;
    let mut count = 0;
    times
        .iter()
        .map(|time| {
            let last_of_its_day = day.replace(time / DAY) != Some(time / DAY);
            let stays = count < MOST && (last_of_its_day || time.saturating_add(RECENT) >= now);
            count += usize::from(stays);
            stays
        })
        .collect()
}

/// Drops what need not be kept of the list that starts at `newest`, and returns how many entries are left.
///
/// The newest entry always stays: the last number of `log` would be given out again without it.
pub(super) fn thin(txn: &mut RwTxn<'_>, tables: &Tables, newest: u64, now: u64) -> Result<u32> {
    let mut list = Vec::new();
    let mut next = Some(newest);
    while let Some(sequence) = next {
        let Some(entry) = tables.log.get(txn, &sequence)? else { break };
        next = entry.previous;
        list.push((sequence, entry));
    }
    let times: Vec<u64> = list.iter().map(|(_, entry)| entry.position.timestamp).collect();
    let mut left = 0;
    // From the oldest on, so that each entry that stays is told the one before it that stays.
    let mut previous = None;
    for ((sequence, mut entry), stays) in list.into_iter().zip(kept(&times, now)).rev() {
        if !stays {
            tables.log.delete(txn, &sequence)?;
            continue;
        }
        if entry.previous != previous {
            entry.previous = previous;
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

    const NOW: u64 = 20_000 * DAY + DAY / 2;

    fn times_kept(times: &[u64]) -> Vec<u64> {
        times.iter().zip(kept(times, NOW)).filter(|(_, stays)| *stays).map(|(time, _)| *time).collect()
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

    #[test]
    fn never_more_than_400_and_always_the_newest() {
        let busy: Vec<u64> = (0..3_000).map(|seconds| NOW - seconds).collect();
        assert_eq!(times_kept(&busy), busy[..400]);
        let years: Vec<u64> = (0..3_000).map(|days| NOW - days * DAY).collect();
        assert_eq!(times_kept(&years), years[..400]);
        assert_eq!(kept(&[0], NOW), [true]);
        assert_eq!(kept(&[NOW + 10 * DAY, 0], NOW), [true, true], "a clock that was wrong loses nothing");
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

//! Finds the books that were finished in a year.

use jiff::tz::TimeZone;

use super::book::FINISHED;
use crate::model::{Progress, calendar_day};

/// Finds out whether a document was finished in a year: whether a push reached 99 % after one below, or as the first.
///
/// Takes the history, newest position first.
#[derive(Debug)]
pub(crate) struct FinishFinder {
    year: i16,
    /// Whether the last position that was added is finished, was read in the year, and so is the one sought if the next is below.
    pending: bool,
    is_found: bool,
}

impl FinishFinder {
    pub(crate) fn new(year: i16) -> Self {
        Self { year, pending: false, is_found: false }
    }

    pub(crate) fn add(&mut self, position: &Progress, zone: &TimeZone) {
        if position.percentage < FINISHED {
            self.is_found |= self.pending;
            self.pending = false;
        } else {
            // A restored position was not read.
            self.pending = !position.is_restored() && calendar_day(position.timestamp, zone).year() == self.year;
        }
    }

    pub(crate) fn is_found(&self) -> bool {
        self.is_found || self.pending
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RESTORE_DEVICE_ID;

    #[test]
    fn a_book_is_finished_when_a_push_reaches_99_percent() {
        const OLD: u64 = 1_000;
        const NEW: u64 = 1_800_000_000;
        let found = |history: &[(f64, u64)]| {
            let mut finder = FinishFinder::new(2027);
            for (percentage, timestamp) in history.iter().rev() {
                let device_id = (*percentage > 1.0).then(|| RESTORE_DEVICE_ID.to_owned());
                let mut position =
                    Progress::new("p".into(), percentage.min(1.0), "d".into(), device_id).expect("a position");
                position.timestamp = *timestamp;
                finder.add(&position, &TimeZone::UTC);
            }
            finder.is_found()
        };
        assert!(!found(&[]));
        assert!(!found(&[(0.98, NEW)]));
        assert!(found(&[(1.0, NEW)]), "finished with its first push");
        assert!(found(&[(0.5, OLD), (0.99, NEW)]));
        assert!(found(&[(0.5, OLD), (0.99, NEW), (0.1, NEW)]), "begun again");
        assert!(!found(&[(0.5, OLD), (0.99, OLD), (1.0, NEW)]), "finished before, and opened again");
        assert!(found(&[(1.0, OLD), (0.1, NEW), (1.0, NEW)]), "read again");
        assert!(!found(&[(0.5, OLD), (2.0, NEW)]), "restored");
    }
}

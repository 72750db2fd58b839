//! Finds the books that were finished, and when.

use std::collections::{BTreeMap, HashMap};

use jiff::tz::TimeZone;

use super::book::FINISHED;
use crate::model::{Progress, calendar_day};

/// Finds out in which years a document was finished: when a push reached 99 % after one below, or as the first.
///
/// Takes the history, newest position first.
#[derive(Debug, Default)]
pub(crate) struct FinishYears {
    /// Whether the newest position is finished.
    is_finished: Option<bool>,
    /// The year of the last position that was added, if it is finished. It is one sought if the next is below.
    pending: Option<i16>,
    years: Vec<i16>,
}

impl FinishYears {
    pub(crate) fn add(&mut self, position: &Progress, zone: &TimeZone) {
        let is_finished = position.percentage >= FINISHED;
        self.is_finished.get_or_insert(is_finished);
        if is_finished {
            // A restored position was not read.
            let was_read = !position.is_restored();
            self.pending = was_read.then(|| calendar_day(position.timestamp, zone).year());
        } else {
            self.settle();
        }
    }

    fn settle(&mut self) {
        if let Some(year) = self.pending.take()
            && !self.years.contains(&year)
        {
            self.years.push(year);
        }
    }

    /// Ends the history. Returns whether the newest position is finished, and the years, each once.
    pub(crate) fn end(mut self) -> (bool, Vec<i16>) {
        self.settle();
        (self.is_finished.unwrap_or(false), self.years)
    }
}

/// Counts the books that were finished in each year, and goes on with later pushes.
#[derive(Debug, Default)]
pub(super) struct Finishes {
    by_year: BTreeMap<i16, usize>,
    /// By hash of the document, for those that were ever finished: whether they are now, and the last year in which they were.
    documents: HashMap<u64, (bool, Option<i16>)>,
}

impl Finishes {
    /// Adds the whole history of a document.
    pub(super) fn add(&mut self, document: u64, history: FinishYears) {
        let (is_finished, years) = history.end();
        years.iter().for_each(|year| *self.by_year.entry(*year).or_default() += 1);
        if is_finished || !years.is_empty() {
            self.documents.insert(document, (is_finished, years.into_iter().max()));
        }
    }

    /// Adds a push that came after the document's history.
    pub(super) fn add_push(&mut self, document: u64, position: &Progress, zone: &TimeZone) {
        if position.percentage < FINISHED {
            if let Some((is_finished, _)) = self.documents.get_mut(&document) {
                *is_finished = false;
            }
            return;
        }
        let (is_finished, last_year) = self.documents.entry(document).or_default();
        let year = calendar_day(position.timestamp, zone).year();
        if !*is_finished && !position.is_restored() && *last_year != Some(year) {
            *self.by_year.entry(year).or_default() += 1;
            *last_year = Some(year);
        }
        *is_finished = true;
    }

    /// Returns the number of books that were finished in a year.
    pub(super) fn in_year(&self, year: i16) -> usize {
        self.by_year.get(&year).copied().unwrap_or(0)
    }

    /// Returns the number of documents that are kept.
    pub(super) fn len(&self) -> usize {
        self.documents.len()
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
            let position = |(percentage, timestamp): &(f64, u64)| {
                let device_id = (*percentage > 1.0).then(|| RESTORE_DEVICE_ID.to_owned());
                let position = Progress::new("p".into(), percentage.min(1.0), "d".into(), device_id);
                Progress { timestamp: *timestamp, ..position.expect("a position") }
            };
            let counts: Vec<usize> = (0..=history.len())
                .map(|split| {
                    // The first part is there at the beginning, the second comes push by push.
                    let mut finishes = Finishes::default();
                    let mut years = FinishYears::default();
                    let (old, new) = history.split_at(split);
                    old.iter().rev().for_each(|entry| years.add(&position(entry), &TimeZone::UTC));
                    finishes.add(7, years);
                    new.iter().for_each(|entry| finishes.add_push(7, &position(entry), &TimeZone::UTC));
                    finishes.in_year(2027)
                })
                .collect();
            assert!(counts.iter().all(|count| *count == counts[0]), "{history:?}: {counts:?}");
            counts[0] == 1
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

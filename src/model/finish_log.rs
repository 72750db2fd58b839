//! When a book was finished, and when it was begun again.

/// The percentage from which a book counts as finished: after it come only notes and the imprint.
pub(crate) const FINISHED: f64 = 0.99;
/// The percentage below which a finished book counts as begun again.
pub(crate) const BEGUN_AGAIN: f64 = 0.5;
/// Times that are kept: those of 32 readings. Of more, the first and the last ones.
pub(crate) const MAX_TURNS: usize = 64;
/// The most that a book's first position counts as read: who begins to sync in the middle of a book did not read half of it that day.
const FIRST_MAX: f64 = 0.1;

/// A finish that its reader took back: positions of that time do not finish the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TakenBack {
    /// When the book was finished, in whole seconds since the Unix epoch.
    pub(crate) from: u64,
    /// When that was taken back, in whole seconds since the Unix epoch.
    pub(crate) until: u64,
    /// The last sequence number then: of the same second, later positions count again.
    pub(crate) sequence: u64,
}

impl TakenBack {
    /// Returns whether a finish at a time is taken back. `sequence` is the number of its position, if that is still there.
    pub(crate) fn covers(&self, time: u64, sequence: Option<u64>) -> bool {
        let is_before = time < self.until || sequence.is_none_or(|sequence| sequence <= self.sequence);
        (self.from..=self.until).contains(&time) && is_before
    }
}

/// Unix times, in seconds, at which a book was finished and begun again, in turn.
///
/// It is finished when a position first reaches 99 %, and stays so whatever is pushed afterwards. It is begun again when a position is
/// below 50 %, or when it is started over; then it can be finished once more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FinishLog {
    turns: Vec<u64>,
}

impl FinishLog {
    /// Replays positions, oldest first, with what was noted of those that are gone. Each list of `noted` is
    /// one of times as [`FinishLog::turns`] returns them. Of the same second, the positions come first.
    pub(crate) fn replay<'a>(
        noted: impl IntoIterator<Item = &'a [u64]>,
        positions: impl IntoIterator<Item = (f64, u64)>,
    ) -> Self {
        Self::replay_without(&[], noted, positions.into_iter().map(|(percentage, time)| (percentage, time, 0)))
    }

    /// Replays as [`FinishLog::replay`], without the finishes that were taken back. Positions have their sequence numbers, too.
    pub(crate) fn replay_without<'a>(
        taken_back: &[TakenBack],
        noted: impl IntoIterator<Item = &'a [u64]>,
        positions: impl IntoIterator<Item = (f64, u64, u64)>,
    ) -> Self {
        let is_taken_back = |time, sequence| taken_back.iter().any(|taken| taken.covers(time, sequence));
        let events = noted.into_iter().flat_map(|turns| turns.iter().copied().zip(alternating()));
        let mut events: Vec<(u64, bool)> =
            events.filter(|(time, is_finish)| !(*is_finish && is_taken_back(*time, None))).collect();
        events.sort_by_key(|(time, _)| *time);
        let (mut log, mut events) = (Self::default(), events.into_iter().peekable());
        for (percentage, time, sequence) in positions {
            while let Some((noted, is_finish)) = events.next_if(|(noted, _)| *noted < time) {
                log.turn(is_finish, noted);
            }
            if percentage < FINISHED || !is_taken_back(time, Some(sequence)) {
                log.add(percentage, time);
            }
        }
        events.for_each(|(noted, is_finish)| log.turn(is_finish, noted));
        log
    }

    /// Adds a position that was read after all others.
    pub(crate) fn add(&mut self, percentage: f64, time: u64) {
        if percentage >= FINISHED {
            self.turn(true, time);
        } else if percentage < BEGUN_AGAIN {
            self.turn(false, time);
        }
    }

    /// Notes that the book was started over.
    pub(crate) fn start_over(&mut self, time: u64) {
        self.turn(false, time);
    }

    /// Notes that the book was finished, as its reader says.
    pub(crate) fn finish(&mut self, time: u64) {
        self.turn(true, time);
    }

    fn turn(&mut self, is_finish: bool, time: u64) {
        if self.is_finished() == is_finish {
            return;
        }
        self.turns.push(time);
        if self.turns.len() > MAX_TURNS {
            self.turns.drain(1..3);
        }
    }

    /// Returns whether the book is finished and was not begun again.
    pub(crate) fn is_finished(&self) -> bool {
        self.turns.len() % 2 == 1
    }

    /// Returns when the book was finished, each time once, the first time first.
    pub(crate) fn finishes(&self) -> impl DoubleEndedIterator<Item = u64> {
        self.turns
            .iter()
            .zip(alternating())
            .filter(|(_, is_finish)| *is_finish)
            .map(|(time, _)| *time)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Returns the times at which the book was finished and begun again, in turn.
    pub(crate) fn turns(&self) -> &[u64] {
        &self.turns
    }

    pub(crate) fn into_turns(self) -> Vec<u64> {
        self.turns
    }
}

/// Replaces the last finish that was known at `said_at` by the reader's date.
///
/// Later ones are of other readings.
pub(crate) fn correct_finish(finishes: &mut [u64], date: u64, said_at: u64) {
    if let Some(last) = finishes.iter_mut().rev().find(|time| **time <= said_at) {
        *last = date;
    }
}

fn alternating() -> impl Iterator<Item = bool> {
    [true, false].into_iter().cycle()
}

/// Returns how much of a book was read up to a position, as a fraction: what is beyond both the position before it and the last one of
/// its device. The first position of a book counts a tenth at most.
pub(crate) fn read_share(percentage: f64, before: Option<f64>, of_device: Option<f64>) -> f64 {
    let clipped = |share: f64| if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    match before.into_iter().chain(of_device).map(clipped).reduce(f64::max) {
        Some(from) => (clipped(percentage) - from).max(0.0),
        None => clipped(percentage).min(FIRST_MAX),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn finishes(positions: &[f64]) -> Vec<u64> {
        FinishLog::replay([], positions.iter().copied().zip(1..)).finishes().collect()
    }

    #[test]
    fn a_book_is_finished_when_it_first_reaches_99_percent() {
        assert_eq!(finishes(&[0.98]), [0; 0]);
        assert_eq!(finishes(&[0.99]), [1]);
        assert_eq!(finishes(&[0.5, 0.99, 1.0, 0.7, 1.0]), [2], "opened again, and looked something up");
        assert_eq!(finishes(&[0.5, 0.99, 0.3, 0.99, 0.1]), [2, 4], "read again");
        assert_eq!(finishes(&[f64::NAN, 2.0, -1.0, 2.0]), [2, 4]);
    }

    #[test]
    fn a_book_that_was_started_over_can_be_finished_again() {
        let mut log = FinishLog::replay([], [(1.0, 5)]);
        log.start_over(6);
        log.start_over(7);
        assert!(!log.is_finished());
        log.add(0.6, 8);
        log.add(1.0, 9);
        assert_eq!((log.finishes().collect::<Vec<_>>(), log.turns()), (vec![5, 9], &[5, 6, 9][..]));
    }

    #[test]
    fn of_very_many_readings_the_first_and_the_last_are_kept() {
        let positions = (1..=100_u64).flat_map(|number| [(0.1, 2 * number), (1.0, 2 * number + 1)]);
        let log = FinishLog::replay([], positions);
        let finishes: Vec<u64> = log.finishes().collect();
        assert!(log.turns().len() <= MAX_TURNS && log.is_finished());
        assert_eq!((finishes[0], finishes[finishes.len() - 1]), (3, 201));
    }

    #[test]
    fn what_was_read_is_what_lies_beyond_the_positions_before() {
        let share = |percentage, before, of_device| (read_share(percentage, before, of_device) * 1e6).round() / 1e6;
        assert_eq!(share(0.3, Some(0.2), None), 0.1);
        assert_eq!(share(0.3, Some(0.2), Some(0.28)), 0.02, "it was there before another device was elsewhere");
        assert_eq!(share(0.1, Some(0.2), None), 0.0);
        assert_eq!(share(0.05, None, None), 0.05);
        assert_eq!(share(0.7, None, None), 0.1, "begun to sync in the middle");
        assert_eq!(share(7.0, Some(-3.0), None), 1.0);
        assert_eq!(share(f64::NAN, Some(0.5), None), 0.0);
    }

    #[test]
    fn a_book_that_was_begun_again_in_the_second_of_its_last_position_is_begun_again() {
        let log = FinishLog::replay([&[5, 5][..]], [(1.0, 5)]);
        assert_eq!((log.turns(), log.is_finished()), (&[5, 5][..], false));
        assert_eq!(finishes(&[1.0, 0.5, 1.0]), [1], "at 50 % nobody begins");
    }

    #[test]
    fn a_finish_that_was_taken_back_is_none_until_99_percent_are_reached_again() {
        let positions = [(0.5, 1, 1), (1.0, 5, 2), (0.99, 8, 3), (1.0, 8, 4), (0.4, 9, 5), (1.0, 10, 6)];
        let finishes = |taken_back: &[TakenBack], noted: &[u64], count| {
            let log = FinishLog::replay_without(taken_back, [noted], positions[..count].iter().copied());
            log.finishes().collect::<Vec<_>>()
        };
        let taken_back = [TakenBack { from: 5, until: 8, sequence: 3 }];
        assert_eq!(finishes(&[], &[], 6), [5, 10]);
        assert_eq!(finishes(&taken_back, &[], 3), [0; 0]);
        assert_eq!(finishes(&taken_back, &[], 4), [8], "in the same second, behind it");
        assert_eq!(finishes(&taken_back, &[], 6), [8, 10]);
        assert_eq!(finishes(&taken_back, &[5], 1), [0; 0], "noted, since the position is gone");
        assert_eq!(finishes(&taken_back, &[4], 3), [4], "an earlier one stays");
        assert_eq!(finishes(&taken_back, &[4, 7], 3), [4], "also where it was begun again");
    }

    proptest! {
        /// Whatever part of the positions goes, the times that were noted before say the same.
        #[test]
        fn what_was_noted_stands_for_positions_that_are_gone(
            positions in proptest::collection::vec((0..5_u8, any::<bool>()), 0..40),
            cut in 0..40_usize,
        ) {
            let percentage = |kind: u8| [0.1, 0.3, 0.7, 0.99, 1.0][usize::from(kind)];
            let all: Vec<(f64, u64)> = positions.iter().map(|(kind, _)| percentage(*kind)).zip(1..).collect();
            let whole = FinishLog::replay([], all.iter().copied());
            let cut = cut.min(all.len());
            let noted = FinishLog::replay([], all[..cut].iter().copied());
            let left = all.iter().zip(&positions).enumerate().filter(|(index, (_, (_, stays)))| *index >= cut || *stays);
            let replayed = FinishLog::replay([noted.turns()], left.map(|(_, (position, _))| *position));
            prop_assert_eq!(&replayed, &whole);
            prop_assert_eq!(FinishLog::replay([noted.turns(), whole.turns()], all.iter().copied()), whole);
        }
    }
}

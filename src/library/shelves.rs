//! Which shelf a book stands on: where its positions put it, or its reader.

use jiff::Span;
use jiff::civil::Date;

use super::book_counts::{BookCount, Moment, Recent};
use crate::model::{DayRule, Document, Shelf, ShelfMove, correct_finish};
use crate::store::{BookMark, Moved};

/// For how long after it was opened a book counts as being read, in days.
pub(crate) const READING_DAYS: u64 = 45;
/// Days over which a book's pace is taken.
pub(crate) const PACE_DAYS: i64 = 14;
/// Days with progress that make a pace.
const MIN_READING_DAYS: u32 = 2;
/// The furthest that the end of a book is foretold, in days.
const MAX_DAYS_LEFT: f64 = 366.0;
const DAY_SECONDS: u64 = 24 * 60 * 60;

/// A book, as lists by shelves and the overview need it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BookActivity {
    /// Of joined documents, the one that was read last.
    pub(crate) document: Document,
    pub(crate) shelf: Shelf,
    /// Where its reader moved it, if that still counts.
    pub(crate) moved: Option<ShelfMove>,
    /// Whether its reader hid it: then only a list of hidden books has it.
    pub(crate) is_hidden: bool,
    /// The last percentage that a device pushed as the current one.
    pub(crate) percentage: f64,
    /// When it was last opened: pushed, or read by KOReader's statistics. In whole seconds since the Unix epoch.
    pub(crate) opened: u64,
    /// Until when it counts as being read by time alone: [`READING_DAYS`] after it was opened, or moved to the books that are read.
    pub(crate) reading_until: u64,
    /// The days on which it was finished, the first one first.
    pub(crate) finishes: Vec<Date>,
    /// Days on which it was read until first finished, where most is known.
    pub(crate) days_read: Option<u32>,
    /// How much of it was read in the last [`PACE_DAYS`] days, today included. `None` for nothing.
    pub(crate) recent: Option<Recent>,
}

impl BookActivity {
    /// Returns when it was first finished.
    pub(crate) fn finished(&self) -> Option<Date> {
        self.finishes.first().copied()
    }

    /// Returns when it was last finished.
    pub(crate) fn last_finished(&self) -> Option<Date> {
        self.finishes.last().copied()
    }

    /// Returns the day on which it is done at its recent pace: that of the last [`PACE_DAYS`] days, or of those since it was begun.
    ///
    /// `None` if it was not read on two of them, or would take over a year.
    pub(crate) fn done_around(&self, today: Date) -> Option<Date> {
        let recent = self.recent.filter(|recent| recent.days >= MIN_READING_DAYS)?;
        let days = f64::from(today.since(recent.first).ok()?.get_days() + 1);
        let left = ((1.0 - self.percentage).clamp(0.0, 1.0) * days / recent.read).ceil();
        #[allow(clippy::cast_possible_truncation, reason = "it is in range")]
        let left = (0.0..=MAX_DAYS_LEFT).contains(&left).then_some(left as i64)?;
        today.checked_add(Span::new().days(left)).ok()
    }
}

/// Returns until when a book counts as being read that was opened at a time.
pub(crate) fn reading_until(opened: u64) -> u64 {
    opened.saturating_add(READING_DAYS * DAY_SECONDS)
}

/// A book that was finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finish {
    pub(crate) date: Date,
    /// `None`: the book was deleted since.
    pub(crate) document: Option<Document>,
}

/// What decides on which shelf a book stands.
pub(super) struct ShelfRule<'a> {
    pub(super) days: &'a DayRule,
    /// In whole seconds since the Unix epoch.
    pub(super) now: u64,
}

impl ShelfRule<'_> {
    /// Places a book. `read` is when KOReader's statistics last saw it read.
    ///
    /// What its reader said holds until it is read on: *set aside* until it is opened, *finished* until it is begun again. *Reading*
    /// counts as opening it.
    pub(super) fn place(&self, book: &BookCount, mark: BookMark, read: Option<u64>) -> BookActivity {
        let pushed = book.opened.timestamp;
        let opened = read.map_or(pushed, |read| pushed.max(read.min(self.now)));
        let mut finishes: Vec<u64> = book.finishes.finishes().collect();
        let is_after = |moment: Moment, moved: &Moved| moment.timestamp >= moved.at && moment.sequence > moved.sequence;
        let is_finished_after =
            |moved: &Moved| finishes.last().is_some_and(|last| book.finishes.is_finished() && *last > moved.at);
        let moved = mark.shelf.filter(|moved| match moved.to {
            ShelfMove::Reading => !is_finished_after(moved),
            ShelfMove::Aside => !is_after(book.opened, moved) && read.is_none_or(|read| read <= moved.at),
            ShelfMove::Finished { .. } => !is_after(book.low, moved),
        });
        let opened_or_moved = match moved {
            Some(Moved { to: ShelfMove::Reading, at, .. }) => opened.max(at),
            _ => opened,
        };
        let reading_until = reading_until(opened_or_moved);
        let by_time = if reading_until >= self.now { Shelf::Reading } else { Shelf::Aside };
        let shelf = match moved.map(|moved| moved.to) {
            Some(ShelfMove::Finished { .. }) => Shelf::Finished,
            Some(ShelfMove::Aside) => Shelf::Aside,
            Some(ShelfMove::Reading) => by_time,
            None if book.finishes.is_finished() => Shelf::Finished,
            None => by_time,
        };
        // A reader may know better when a book was finished that its positions finished.
        if let Some(Moved { to: ShelfMove::Finished { at: date }, at, .. }) = mark.shelf {
            correct_finish(&mut finishes, date, at);
        }
        BookActivity {
            document: book.document.clone(),
            shelf,
            moved: moved.map(|moved| moved.to),
            is_hidden: mark.is_hidden,
            percentage: book.percentage.unwrap_or(0.0),
            opened,
            reading_until,
            finishes: finishes.into_iter().map(|time| self.days.date(time)).collect(),
            days_read: book.days_read(),
            recent: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use jiff::tz::TimeZone;

    use super::*;
    use crate::library::book_counts::Position;

    const DAY: u64 = DAY_SECONDS;

    fn book(positions: &[(f64, u64)]) -> BookCount {
        let mut book = BookCount::new(Document::new("a").expect("an id"), None);
        book.finishes = crate::model::FinishLog::replay([], positions.iter().copied());
        for (number, (percentage, timestamp)) in (1..).zip(positions) {
            let (percentage, timestamp) = (*percentage, *timestamp);
            let (pair, device, pushes) = (0, 0, 1);
            book.add(
                &Position { pair, device, percentage, timestamp, sequence: number, pushes, is_current: true },
                jiff::civil::date(1970, 1, 1),
                None,
            );
        }
        book
    }

    fn place(positions: &[(f64, u64)], moved: Option<(ShelfMove, u64, u64)>, now: u64) -> BookActivity {
        let shelf = moved.map(|(to, at, sequence)| Moved { to, at, sequence });
        let days = DayRule::midnight(TimeZone::UTC);
        ShelfRule { days: &days, now }.place(&book(positions), BookMark { shelf, is_hidden: false }, None)
    }

    fn shelf(positions: &[(f64, u64)], moved: Option<(ShelfMove, u64, u64)>, now: u64) -> Shelf {
        place(positions, moved, now).shelf
    }

    #[test]
    fn positions_put_a_book_on_a_shelf() {
        assert_eq!(shelf(&[(0.3, DAY)], None, 46 * DAY), Shelf::Reading);
        assert_eq!(shelf(&[(0.3, DAY)], None, 46 * DAY + 1), Shelf::Aside);
        assert_eq!(shelf(&[(0.99, DAY)], None, 2 * DAY), Shelf::Finished);
        assert_eq!(shelf(&[(0.99, DAY), (0.6, 2 * DAY)], None, 3 * DAY), Shelf::Finished, "looked something up");
        assert_eq!(shelf(&[(0.99, DAY), (0.1, 2 * DAY)], None, 3 * DAY), Shelf::Reading, "begun again");
    }

    #[test]
    fn statistics_open_a_book_too() {
        let days = DayRule::midnight(TimeZone::UTC);
        let rule = ShelfRule { days: &days, now: 100 * DAY };
        let placed = rule.place(&book(&[(0.3, DAY)]), BookMark::default(), Some(99 * DAY));
        assert_eq!((placed.shelf, placed.opened), (Shelf::Reading, 99 * DAY));
    }

    #[test]
    fn a_book_that_was_set_aside_by_hand_stays_there_until_it_is_read_on() {
        let aside = Some((ShelfMove::Aside, 2 * DAY, 1));
        assert_eq!(shelf(&[(0.3, DAY)], aside, 3 * DAY), Shelf::Aside);
        assert_eq!(shelf(&[(0.3, DAY), (0.4, 2 * DAY)], aside, 3 * DAY), Shelf::Reading, "in the same second");
        assert_eq!(shelf(&[(1.0, DAY)], aside, 3 * DAY), Shelf::Aside, "though it is finished");
    }

    #[test]
    fn a_book_that_was_moved_to_reading_goes_as_if_it_had_been_opened() {
        let reading = Some((ShelfMove::Reading, 100 * DAY, 1));
        assert_eq!(shelf(&[(0.3, DAY)], reading, 145 * DAY), Shelf::Reading);
        assert_eq!(shelf(&[(0.3, DAY)], reading, 145 * DAY + 1), Shelf::Aside);
        assert_eq!(shelf(&[(1.0, DAY)], reading, 101 * DAY), Shelf::Reading);
        assert_eq!(shelf(&[(1.0, 100 * DAY)], reading, 101 * DAY), Shelf::Reading, "in the second of its last page");
        assert_eq!(shelf(&[(1.0, DAY), (0.1, 101 * DAY), (1.0, 102 * DAY)], reading, 103 * DAY), Shelf::Finished);
    }

    #[test]
    fn a_book_that_was_finished_by_hand_stays_so_until_it_is_begun_again() {
        let finished = Some((ShelfMove::Finished { at: 2 * DAY }, 5 * DAY, 1));
        let mut positions = vec![(0.93, DAY)];
        assert_eq!(shelf(&positions, finished, 6 * DAY), Shelf::Finished);
        positions.push((0.95, 7 * DAY));
        positions.push((0.5, 8 * DAY));
        assert_eq!(shelf(&positions, finished, 8 * DAY), Shelf::Finished);
        positions.push((0.05, 9 * DAY));
        assert_eq!(shelf(&positions, finished, 9 * DAY), Shelf::Reading);
        let corrected = place(&[(1.0, 4 * DAY)], finished, 6 * DAY);
        assert_eq!(corrected.finishes, [date(1970, 1, 3)], "its reader knows the date");
    }

    #[test]
    fn what_a_reader_says_holds_from_that_second_on() {
        let aside = Some((ShelfMove::Aside, 2 * DAY, 1));
        let later = |time| shelf(&[(0.3, DAY), (0.4, time)], aside, 4 * DAY);
        assert_eq!(later(2 * DAY), Shelf::Reading, "in the same second, behind it");
        assert_eq!(later(2 * DAY - 1), Shelf::Aside, "an import brought an older position");
        assert_eq!(
            shelf(&[(0.3, 3 * DAY)], aside, 4 * DAY),
            Shelf::Aside,
            "it was there, though its time is a later one"
        );
        let finished = Some((ShelfMove::Finished { at: DAY }, 5 * DAY, 1));
        assert_eq!(place(&[(1.0, 5 * DAY)], finished, 6 * DAY).finishes, [date(1970, 1, 2)]);
    }

    #[test]
    fn statistics_of_a_wrong_clock_open_a_book_now_and_take_it_up_again() {
        let days = DayRule::midnight(TimeZone::UTC);
        let rule = ShelfRule { days: &days, now: 100 * DAY };
        let placed = |mark, read| rule.place(&book(&[(0.3, DAY)]), mark, Some(read));
        assert_eq!(placed(BookMark::default(), 400 * DAY).opened, 100 * DAY);
        let aside = Moved { to: ShelfMove::Aside, at: 98 * DAY, sequence: 1 };
        let mark = BookMark { shelf: Some(aside), is_hidden: false };
        assert_eq!(placed(mark, 98 * DAY).shelf, Shelf::Aside);
        assert_eq!(placed(mark, 98 * DAY + 1).shelf, Shelf::Reading);
    }

    #[test]
    fn a_book_is_done_when_its_pace_says() {
        let today = date(2026, 11, 26);
        let done = |percentage, first, days, read| {
            let recent = Some(Recent { first: date(2026, 11, first), days, read });
            BookActivity { recent, ..place(&[(percentage, DAY)], None, DAY) }.done_around(today)
        };
        assert_eq!(done(0.5, 13, 9, 0.5), Some(date(2026, 12, 10)), "half of it in two weeks");
        assert_eq!(done(0.5, 25, 2, 0.1), Some(date(2026, 12, 6)), "begun yesterday");
        assert_eq!(done(0.5, 26, 1, 0.1), None, "one day makes no pace");
        assert_eq!(done(0.5, 13, 9, 1e-6), None, "it would take years");
        let at_the_limit = [365.5, 366.5].map(|days| done(0.0, 13, 9, 14.0 / days));
        assert_eq!(at_the_limit, [Some(date(2027, 11, 27)), None], "a year is foretold, no more");
        assert_eq!(done(2.0, 13, 9, 0.5), Some(today));
        assert_eq!(place(&[(0.5, DAY)], None, DAY).done_around(today), None);
    }
}

use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;

/// 2026-11-25 00:00 UTC.
const MIDNIGHT: u32 = 1_795_564_800;

fn reading(book: u16, page: u16, start: u32, duration: u16) -> PageReading {
    PageReading { start, duration, book, page, total: 0 }
}

fn facts(md5: &str) -> BookFacts {
    BookFacts { title: md5.to_uppercase(), authors: String::new(), md5: md5.to_owned(), pages: 100 }
}

#[test]
fn seconds_and_pages_are_added_up_by_book_and_day() {
    let readings = vec![
        reading(0, 1, MIDNIGHT - 60, 30),
        reading(0, 2, MIDNIGHT + 60, 30),
        reading(0, 2, MIDNIGHT + 90, 10),
        reading(1, 7, MIDNIGHT + 7200, 60),
    ];
    let times = ReadingTimes::new(readings, vec![facts("a"), facts("b")], &DayRule::midnight(TimeZone::UTC));
    assert_eq!((times.seconds, times.pages, times.sessions), (130, 3, 2));
    let day = |date, seconds, pages| DayTimes { date, seconds, pages };
    let (before, after) = (date(2026, 11, 24), date(2026, 11, 25));
    assert_eq!(times.days, [day(before, 30, 1), day(after, 100, 2)]);
    let [b, a] = &times.books[..] else { panic!("{times:?}") };
    assert_eq!((b.md5.as_str(), b.seconds, b.sessions), ("b", 60, 1), "the last read is first");
    assert_eq!(a.days, [day(before, 30, 1), day(after, 40, 1)]);
    assert_eq!((a.first, a.last, a.last_page), (u64::from(MIDNIGHT) - 60, u64::from(MIDNIGHT) + 100, 2));
}

#[test]
fn days_are_those_of_the_reader_s_time_zone() {
    let berlin = TimeZone::fixed(jiff::tz::offset(1));
    let times = ReadingTimes::new(vec![reading(0, 1, MIDNIGHT - 60, 30)], vec![facts("a")], &DayRule::midnight(berlin));
    assert_eq!(times.days[0].date, date(2026, 11, 25));
}

#[test]
fn a_gap_of_more_than_ten_minutes_ends_a_session() {
    let sessions = |gap: u32| {
        let readings = vec![reading(0, 1, MIDNIGHT, 30), reading(0, 2, MIDNIGHT + 30 + gap, 30)];
        ReadingTimes::new(readings, vec![facts("a")], &DayRule::midnight(TimeZone::UTC)).sessions
    };
    assert_eq!([0, 600, 601].map(sessions), [1, 1, 2]);
    // A page that is open while others are read, as on a second device.
    let readings =
        vec![reading(0, 1, MIDNIGHT, 3_600), reading(1, 2, MIDNIGHT + 10, 1), reading(0, 3, MIDNIGHT + 3_700, 1)];
    let facts = vec![facts("a"), facts("b")];
    assert_eq!(ReadingTimes::new(readings, facts, &DayRule::midnight(TimeZone::UTC)).sessions, 1);
    assert_eq!(ReadingTimes::new(Vec::new(), Vec::new(), &DayRule::midnight(TimeZone::UTC)), ReadingTimes::default());
}

#[test]
fn the_time_left_is_that_of_the_pages_left_at_this_pace() {
    let readings = (1..=10).map(|page| reading(0, page, MIDNIGHT + 60 * u32::from(page), 60)).collect();
    let book = ReadingTimes::new(readings, vec![facts("a")], &DayRule::midnight(TimeZone::UTC)).books.remove(0);
    assert_eq!(book.pages_an_hour(), Some(60.0));
    assert_eq!(book.seconds_left(None), Some(90 * 60));
    assert_eq!(book.seconds_left(Some(0.5)), Some(50 * 60));
    assert_eq!(book.seconds_left(Some(7.0)), Some(0));
    let unknown = BookTimes { page_count: 0, ..book.clone() };
    assert_eq!(unknown.seconds_left(Some(0.5)), None);
    assert_eq!(BookTimes { seconds: 59, ..book }.pages_an_hour(), None);
}

/// KOReader has a row for each title that a file had.
#[test]
fn books_with_the_same_md5_are_one() {
    let readings = vec![reading(0, 1, MIDNIGHT, 30), reading(1, 2, MIDNIGHT + 100, 30), reading(2, 1, MIDNIGHT, 5)];
    let old = BookFacts { title: "Old".into(), ..facts("a") };
    let times = ReadingTimes::new(readings, vec![old, facts("a"), facts("")], &DayRule::midnight(TimeZone::UTC));
    assert_eq!(times.books.len(), 2);
    let book = &times.books[0];
    assert_eq!((book.title.as_str(), book.seconds, book.pages, book.days.len()), ("A", 60, 2, 1));
    // A page that was read under both titles is one page.
    let readings = vec![reading(0, 1, MIDNIGHT, 30), reading(1, 1, MIDNIGHT + 100, 30)];
    let times = ReadingTimes::new(readings, vec![facts("a"), facts("a")], &DayRule::midnight(TimeZone::UTC));
    assert_eq!(
        (times.pages, times.books[0].pages, times.books[0].days[0].pages, times.books[0].sessions),
        (1, 1, 1, 1)
    );
    // The old title's number of pages is that of a smaller font: the first half of the book was read under each.
    let read = |book, pages: u16, start| {
        (1..=pages / 2).map(move |page| PageReading { total: pages, ..reading(book, page, start + u32::from(page), 1) })
    };
    let readings = read(0, 40, MIDNIGHT).chain(read(1, 100, MIDNIGHT + 100)).collect();
    let old = BookFacts { title: "Old".into(), pages: 40, ..facts("a") };
    let times = ReadingTimes::new(readings, vec![old, facts("a")], &DayRule::midnight(TimeZone::UTC));
    assert_eq!((times.pages, times.books[0].page_count, times.books[0].last_page), (50, 100, 50));
}

/// Older versions of KOReader kept no MD5. A row of ours is known by title and authors then.
#[test]
fn books_without_an_md5_are_one_if_they_are_called_the_same() {
    let called = |title: &str| BookFacts { title: title.into(), ..facts("") };
    let readings = vec![reading(0, 1, MIDNIGHT, 30), reading(1, 2, MIDNIGHT, 7), reading(2, 3, MIDNIGHT + 60, 5)];
    let facts = vec![called("Emma"), called("Walden"), called("Emma")];
    let times = ReadingTimes::new(readings, facts, &DayRule::midnight(TimeZone::UTC));
    let books: Vec<_> = times.books.iter().map(|book| (book.title.as_str(), book.seconds, book.pages)).collect();
    assert_eq!(books, [("Emma", 35, 2), ("Walden", 7, 1)]);
}

#[test]
fn pages_are_rescaled_as_koreader_does() {
    let rescaled = |page, total, pages| PageReading { total, ..reading(0, page, 0, 0) }.rescaled(pages);
    assert_eq!(
        [(10, 50, 100), (10, 100, 100), (1, 1, 9_000), (7, 0, 10), (0, 5, 10), (3, 5, 0)]
            .map(|(page, total, pages)| rescaled(page, total, pages)),
        [(19, 20), (10, 10), (1, 1000), (7, 7), (0, 0), (3, 3)]
    );
    assert_eq!(rescaled(u16::MAX, 1, u32::MAX), (u16::MAX, u16::MAX));
}

#[test]
fn a_reading_of_several_pages_counts_each_once() {
    let mut set = PageSet::default();
    let counts = [(3, 3), (3, 3), (1, 130), (64, 64), (128, 131), (65_535, 65_535), (9, 8)];
    assert_eq!(counts.map(|pages| set.add(pages)), [1, 0, 129, 0, 1, 1, 0]);
    set.clear();
    assert_eq!(set.add((0, u16::MAX)), 65_536);
}

#[test]
fn what_is_kept_is_bounded() {
    let readings = (0..5_000).map(|book| reading(book, 1, MIDNIGHT + u32::from(book), 1)).collect();
    let facts: Vec<_> = (0..5_000).map(|book| facts(&book.to_string())).collect();
    let times = ReadingTimes::new(readings, facts.clone(), &DayRule::midnight(TimeZone::UTC));
    assert_eq!((times.books.len(), times.books[0].md5.as_str(), times.seconds), (MAX_BOOKS, "4999", 5_000));
    let days = |book| (0..4_000_u32).map(move |day| reading(book, 1, day * 86_400, 1));
    let readings = (0..40).flat_map(days).collect();
    let times = ReadingTimes::new(readings, facts, &DayRule::midnight(TimeZone::UTC));
    assert_eq!(times.books.iter().map(|book| book.days.len()).sum::<usize>(), MAX_PAIRS);
    assert_eq!(times.books[0].days.len(), MAX_BOOK_DAYS);
}

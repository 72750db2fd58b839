use jiff::civil::date;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use rusqlite::params;

use super::super::test_files::{SCHEMA, file, file_by};
use super::*;

/// 2026-11-25 00:00 UTC.
const MIDNIGHT: i64 = 1_795_564_800;
const NOW: u64 = 1_795_651_200;
const EMMA: &str = "0123456789abcdef0123456789abcdef";

const BOOKS: &str = "INSERT INTO book (id, title, authors, pages, md5) VALUES
    (1, 'Emma', 'Jane Austen', 100, '0123456789abcdef0123456789abcdef'), (2, 'Walden', 'N/A', 300, NULL);";

fn statistics(rows: &str) -> Vec<u8> {
    file(&format!("{SCHEMA}{BOOKS}INSERT INTO page_stat_data VALUES {rows};"))
}

fn read(bytes: &[u8]) -> Result<ReadingTimes, Unreadable> {
    read_statistics(bytes, bytes.len() as u64, &DayRule::midnight(TimeZone::UTC), NOW, &Arc::default())
}

fn reason(bytes: &[u8]) -> String {
    read(bytes).expect_err("unreadable").to_string()
}

#[test]
fn w6_seconds_and_pages_of_a_book_are_read() {
    let rows = format!(
        "(1, 1, {MIDNIGHT}, 30, 100), (1, 2, {} + 30, 40, 100), (2, 9, {} - 86400, 50, 300)",
        MIDNIGHT, MIDNIGHT
    );
    let times = read(&statistics(&rows)).expect("read");
    assert_eq!((times.seconds, times.pages, times.sessions), (120, 3, 2));
    let [emma, walden] = &times.books[..] else { panic!("{times:?}") };
    assert_eq!((emma.title.as_str(), emma.authors.as_str(), emma.md5.as_str()), ("Emma", "Jane Austen", EMMA));
    assert_eq!((emma.seconds, emma.pages, emma.page_count, emma.last_page), (70, 2, 100, 2));
    assert_eq!(emma.days[0].date, date(2026, 11, 25));
    assert_eq!((walden.authors.as_str(), walden.md5.as_str()), ("", ""));
}

/// Older versions of KOReader wrote them so, and it still finds them.
#[test]
fn w6_null_bytes_behind_titles_and_authors_are_left_out() {
    let sql = format!(
        "{SCHEMA}INSERT INTO book (id, title, authors, pages, md5)
             VALUES (1, 'Emma' || char(0), 'Jane Austen' || char(0) || char(10) || 'Another' || char(0), 100, '{EMMA}');
         INSERT INTO page_stat_data VALUES (1, 1, {MIDNIGHT}, 30, 100);"
    );
    let times = read(&file(&sql)).expect("read");
    let emma = &times.books[0];
    assert_eq!((emma.title.as_str(), emma.authors.as_str()), ("Emma", "Jane Austen, Another"));
}

/// SQLite refuses such an image in memory: "unable to open database file".
#[test]
fn w6_a_file_of_a_write_ahead_log_is_read() {
    let mut bytes = statistics(&format!("(1, 1, {MIDNIGHT}, 30, 100)"));
    bytes[JOURNAL_BYTES].fill(2);
    assert_eq!(read(&bytes).expect("read").seconds, 30);
}

/// The page that was page 10 of 100 is pages 19 and 20 of 200.
#[test]
fn w6_pages_are_those_of_the_book_s_current_number() {
    let rows =
        format!("(1, 10, {MIDNIGHT}, 30, 50), (1, 20, {} + 30, 30, 100), (1, 30, {} + 60, 30, 0)", MIDNIGHT, MIDNIGHT);
    assert_eq!(read(&statistics(&rows)).expect("read").books[0].pages, 3);
    assert_eq!([(10, 50), (7, 0), (-1, -1)].map(|(page, total)| page_of(page, total)), [(10, 50), (7, 0), (0, 0)]);
    assert_eq!(page_of(i64::MAX, 1), (u16::MAX, 1));
    assert_eq!(page_of(i64::MIN, i64::MIN), (0, 0));
    assert_eq!(page_of(50_001, 100_000), (32_768, u16::MAX));
}

#[test]
fn rows_that_cannot_be_readings_are_left_out() {
    let rows = [
        format!("(1, 1, {MIDNIGHT}, 30, 100)"),
        format!("(3, 1, {MIDNIGHT}, 30, 100)"),
        format!("(1, 2, {MIDNIGHT}, -30, 100)"),
        format!("(1, 3, {MIDNIGHT}, 0, 100)"),
        format!("(1, 4, {MIDNIGHT} + 3 * 86400, 30, 100)"),
        "(1, 5, 9223372036854775807, 30, 100)".to_owned(),
        "(1, 6, -9223372036854775808, 9223372036854775807, 100)".to_owned(),
        "(1, 7, 0, 30, 100)".to_owned(),
        format!("(NULL, 8, {MIDNIGHT}, 30, 100)"),
        format!("(1, 9, {MIDNIGHT}, 9e999, 100)"),
        "(1, 10, 'then', 30, 100)".to_owned(),
        format!("(1, x'00', {MIDNIGHT}, 30, 100)"),
        format!("(1, 11.0, {MIDNIGHT} + 0.0, 10.0, 'many')"),
    ];
    let times = read(&statistics(&rows.join(", "))).expect("read");
    assert_eq!((times.seconds, times.pages, times.books.len()), (40, 2, 1));
}

#[test]
fn a_duration_counts_for_eighteen_hours_at_most() {
    let times = read(&statistics(&format!("(1, 1, {MIDNIGHT}, 9223372036854775807, 100)"))).expect("read");
    assert_eq!(times.seconds, 65_535);
}

#[test]
fn the_table_of_versions_before_2020_is_read() {
    let bytes = file(&format!(
        "CREATE TABLE book (id integer PRIMARY KEY autoincrement, title text, authors text, pages integer, md5 text);
         CREATE TABLE page_stat (id_book integer, page integer, start_time integer, period integer, UNIQUE (page, start_time));
         {BOOKS} INSERT INTO page_stat VALUES (1, 5, {MIDNIGHT}, 30);"
    ));
    let times = read(&bytes).expect("read");
    assert_eq!((times.seconds, times.books[0].pages), (30, 1));
}

/// The rule: whatever stands in place of the tables, nothing of it is run.
#[test]
fn what_is_no_ordinary_table_is_refused() {
    let book = "CREATE TABLE book (id integer PRIMARY KEY, title text, authors text, pages integer, md5 text);";
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)";
    let columns = "id_book, page, start_time, duration";
    for sql in [
        format!(
            "{book} CREATE VIEW page_stat_data AS {endless} SELECT 1 AS id_book, i AS page, 1795564800 AS start_time,
            1 AS duration, 1 AS total_pages FROM n;"
        ),
        format!(
            "CREATE VIEW book AS {endless} SELECT i AS id, 'x' AS title, '' AS authors, '' AS md5, 1 AS pages FROM n;
            CREATE TABLE page_stat_data ({columns}, total_pages);"
        ),
        format!("{book} CREATE TABLE page_stat_data ({columns}, total_pages AS (length(hex(zeroblob(60000)))));"),
        format!("{book} CREATE TABLE page_stat_data ({columns}, total_pages GENERATED ALWAYS AS (1) STORED);"),
        format!("{book} CREATE VIRTUAL TABLE page_stat_data USING fts5({columns}, total_pages);"),
        format!("{book} CREATE VIRTUAL TABLE page_stat_data USING rtree({columns}, total_pages);"),
    ] {
        // The build may leave such modules out.
        let Some(bytes) = std::panic::catch_unwind(|| file(&sql)).ok() else { continue };
        assert_eq!(reason(&bytes), "its tables are not those of KOReader's statistics", "{sql}");
    }
}

#[test]
fn what_is_no_file_of_statistics_is_refused() {
    assert_eq!(reason(b""), "it is not an SQLite database");
    assert_eq!(reason(&[b'x'; 4096]), "it is not an SQLite database");
    assert_eq!(reason(&file("CREATE TABLE other (a)")), "it has no table of books, so it is not KOReader's statistics");
    let no_readings = file("CREATE TABLE book (id, title, authors, md5, pages)");
    assert_eq!(reason(&no_readings), "it has no table of page readings, so it is not KOReader's statistics");
    let other_columns = file("CREATE TABLE book (id, name); CREATE TABLE page_stat_data (a)");
    assert!(reason(&other_columns).starts_with("SQLite says that it is damaged"), "{}", reason(&other_columns));
    let bytes = statistics(&format!("(1, 1, {MIDNIGHT}, 30, 100)"));
    assert_eq!(
        read_statistics(&bytes[..], 33 << 20, &DayRule::midnight(TimeZone::UTC), NOW, &Arc::default()),
        Err(Unreadable::file("it is larger than 32 MiB"))
    );
    // The store gave less than it said: the file is not at fault.
    let short =
        read_statistics(&bytes[..8000], bytes.len() as u64, &DayRule::midnight(TimeZone::UTC), NOW, &Arc::default());
    assert_eq!(short, Err(Unreadable::Interrupted));
}

#[test]
fn values_are_bounded() {
    let long = file(&format!(
        "{SCHEMA} INSERT INTO book (id, title, authors, md5) VALUES (1, printf('%.*c', 30000, 'x'), '', 'no');
        INSERT INTO page_stat_data VALUES (1, 1, {MIDNIGHT}, 30, 100);"
    ));
    let book = read(&long).expect("read").books.remove(0);
    assert_eq!((book.title.len(), book.md5.as_str()), (MAX_TITLE, ""));
    let longer = file(&format!("{SCHEMA} INSERT INTO book (id, title) VALUES (1, zeroblob(5000000));"));
    assert_eq!(reason(&longer), "it has values of more than 64 KiB");
}

/// What a heavy reader has after years, in the time that a test may take.
#[test]
fn a_hundred_thousand_readings_are_read() {
    let bytes = file_by(|connection| {
        connection.execute_batch(&format!("{SCHEMA}{BOOKS} BEGIN")).expect("tables");
        let mut insert = connection.prepare("INSERT INTO page_stat_data VALUES (?, ?, ?, 20, 100)").expect("prepared");
        for row in 0..100_000_i64 {
            insert.execute(params![1 + row % 2, 1 + row % 90, MIDNIGHT - 2_000_000 + row * 20]).expect("a row");
        }
        drop(insert);
        connection.execute_batch("COMMIT").expect("committed");
    });
    assert!(bytes.len() > 4 << 20);
    let times = read(&bytes).expect("read");
    assert_eq!((times.seconds, times.sessions, times.days.len()), (2_000_000, 1, 24));
}

#[test]
fn reading_ends_when_the_server_stops() {
    let bytes = statistics(&format!("(1, 1, {MIDNIGHT}, 30, 100)"));
    let stop = Arc::new(AtomicBool::new(true));
    let result = read_statistics(&bytes[..], bytes.len() as u64, &DayRule::midnight(TimeZone::UTC), NOW, &stop);
    // A small file may be read before the first look.
    assert!(matches!(result, Err(Unreadable::Interrupted) | Ok(_)));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// A damaged file is read or refused. Neither takes long, and neither ends the process.
    #[test]
    fn any_bytes_changed_in_a_file_are_survived(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        static FILE: std::sync::OnceLock<Vec<u8>> = std::sync::OnceLock::new();
        let mut bytes = FILE.get_or_init(|| {
            let rows = (0..300).map(|row| format!("({}, {row}, {}, 30, 100)", 1 + row % 2, MIDNIGHT + row * 7));
            statistics(&rows.collect::<Vec<_>>().join(", "))
        }).clone();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if is_cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = read(&bytes);
    }
}

//! Reads KOReader's `statistics.sqlite3` [W6].
//!
//! SQLite reads the file from memory, read-only. A file may be made by an attacker, so the connection is locked down: no statement but
//! plain reads of two tables passes the authorizer, which views, triggers and virtual tables in their place do not; lengths, memory and
//! time are limited. The readings are then added up without SQLite.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags, Row, ffi};

use super::times::{BookFacts, PageReading, ReadingTimes};
use super::{Unreadable, trimmed};
use crate::model::DayRule;

/// Largest file that is read, in bytes.
const MAX_BYTES: usize = 32 << 20;
/// Memory that SQLite may take beyond the file, in bytes: with the readings and books, 8 MiB.
const SQLITE_MEMORY: i64 = 3 << 19;
/// Page readings of a file, in 4.6 MiB. One takes about 55 bytes of a file that KOReader wrote.
const MAX_READINGS: usize = 400_000;
/// Books of a file.
const MAX_BOOKS: usize = 10_000;
/// Bytes of all books' titles and authors.
const MAX_BOOK_BYTES: usize = 512 << 10;
/// Bytes of a title, and of authors, that are kept.
const MAX_TITLE: usize = 300;
/// Longest value, in bytes.
const MAX_VALUE: i32 = 64 << 10;
/// Time for reading a file.
const MAX_TIME: Duration = Duration::from_secs(10);
/// Steps of SQLite's virtual machine between two looks at the time.
const STEPS: i32 = 1_000;
/// Earlier times are those of a device whose clock was never set: 2000-01-01.
const MIN_START: i64 = 946_684_800;
/// How far ahead of ours a device's clock may be, in seconds.
const MAX_AHEAD: i64 = 24 * 60 * 60;
/// First bytes of every SQLite file.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// Where the header says how the file is written and read: 1 is a journal, 2 a write-ahead log.
const JOURNAL_BYTES: std::ops::Range<usize> = 18..20;
/// Bytes of SQLite's header.
const HEADER_LEN: usize = 100;

/// One file is read at a time: the limit on SQLite's memory is that of the process.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Reads the `size` bytes of a file and adds up its readings. `now` is in seconds since the Unix epoch, `stop` ends the reading.
///
/// # Errors
/// [`Unreadable::File`] if it is not a file of KOReader's statistics, or too large; [`Unreadable::Interrupted`] if `source` ends
/// early or fails, or if `stop` was set.
pub(crate) fn read_statistics(
    source: impl Read,
    size: u64,
    days: &DayRule,
    now: u64,
    stop: &Arc<AtomicBool>,
) -> Result<ReadingTimes, Unreadable> {
    let size = usize::try_from(size).ok().filter(|size| *size <= MAX_BYTES);
    let size = size.ok_or_else(|| Unreadable::file("it is larger than 32 MiB"))?;
    if size < HEADER_LEN {
        return Err(Unreadable::file("it is not an SQLite database"));
    }
    let _guard = exclusively();
    let _limit = MemoryLimit::new(size);
    let (readings, books) = {
        let connection = open(source, size, stop)?;
        let file = File { connection, stop };
        let mut books = Books::default();
        file.books(&mut books)?;
        (file.readings(&books, size, now)?, books)
    };
    Ok(ReadingTimes::new(readings, books.facts, days))
}

/// Waits until no other file is read.
pub(super) fn exclusively() -> MutexGuard<'static, ()> {
    ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Limits the memory of SQLite until it is dropped: what it has, the file, and [`SQLITE_MEMORY`].
struct MemoryLimit {
    previous: i64,
}

impl MemoryLimit {
    #[allow(unsafe_code)]
    fn new(size: usize) -> Self {
        let size = i64::try_from(size).unwrap_or(i64::MAX / 2);
        // SAFETY: both functions take and return integers, and may be called from any thread.
        let previous = unsafe { ffi::sqlite3_hard_heap_limit64(ffi::sqlite3_memory_used() + size + SQLITE_MEMORY) };
        Self { previous }
    }
}

impl Drop for MemoryLimit {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe { ffi::sqlite3_hard_heap_limit64(self.previous.max(0)) };
    }
}

/// Opens a file from memory, with every limit in place.
fn open(source: impl Read, size: usize, stop: &Arc<AtomicBool>) -> Result<Connection, Unreadable> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = Connection::open_in_memory_with_flags(flags).and_then(|mut connection| {
        for (config, value) in [
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
        ] {
            connection.set_db_config(config, value)?;
        }
        for (limit, value) in [
            (Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE),
            (Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_VALUE),
            (Limit::SQLITE_LIMIT_COLUMN, 64),
            (Limit::SQLITE_LIMIT_EXPR_DEPTH, 100),
            (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 10),
            (Limit::SQLITE_LIMIT_VDBE_OP, 5_000),
            (Limit::SQLITE_LIMIT_FUNCTION_ARG, 8),
            (Limit::SQLITE_LIMIT_ATTACHED, 0),
            (Limit::SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50),
            (Limit::SQLITE_LIMIT_VARIABLE_NUMBER, 1),
            (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
            (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
        ] {
            connection.set_limit(limit, value)?;
        }
        let (deadline, stop) = (Instant::now() + MAX_TIME, stop.clone());
        let is_over = move || Instant::now() >= deadline || stop.load(Ordering::Relaxed);
        connection.progress_handler(STEPS, Some(is_over))?;
        connection.execute_batch("PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;")?;
        Ok(connection)
    });
    let mut connection = opened.map_err(|error| file_error(&error, stop))?;
    let mut source = Source { source, at: 0, problem: None };
    let loaded = connection.deserialize_read_exact("main", &mut source, size, true);
    match source.problem {
        Some(problem) => return Err(problem),
        None => loaded.map_err(|error| file_error(&error, stop))?,
    }
    // The file is in memory already: a small cache of pages is enough. It belongs to the file, so it is set now.
    let locked =
        connection.execute_batch("PRAGMA cache_size = -256").and_then(|()| connection.authorizer(Some(authorize)));
    locked.map_err(|error| file_error(&error, stop))?;
    Ok(connection)
}

/// The bytes of the file as SQLite takes them from memory: without a write-ahead log [W6].
struct Source<R> {
    source: R,
    at: usize,
    problem: Option<Unreadable>,
}

impl<R: Read> Read for &mut Source<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        // The header in one piece.
        let count = if self.at == 0 {
            let header = &mut buffer[..HEADER_LEN];
            self.source.read_exact(header).inspect_err(|_| self.problem = Some(Unreadable::Interrupted))?;
            if !header.starts_with(MAGIC) {
                self.problem = Some(Unreadable::file("it is not an SQLite database"));
                return Err(io::ErrorKind::InvalidData.into());
            }
            header[JOURNAL_BYTES].fill(1);
            HEADER_LEN
        } else {
            let read = self.source.read(buffer);
            if !matches!(&read, Ok(count) if *count > 0) {
                self.problem = Some(Unreadable::Interrupted);
            }
            read?
        };
        self.at += count;
        Ok(count)
    }
}

/// Allows reads of the tables below and nothing else: no functions, no recursion, no pragmas.
fn authorize(context: AuthContext<'_>) -> Authorization {
    const TABLES: [&str; 5] = ["sqlite_master", "sqlite_schema", "book", "page_stat_data", "page_stat"];
    let is_allowed = context.accessor.is_none()
        && match context.action {
            AuthAction::Select => true,
            AuthAction::Read { table_name, .. } => TABLES.iter().any(|name| name.eq_ignore_ascii_case(table_name)),
            _ => false,
        };
    if is_allowed { Authorization::Allow } else { Authorization::Deny }
}

/// Says what is wrong with a file.
fn file_error(error: &rusqlite::Error, stop: &AtomicBool) -> Unreadable {
    if stop.load(Ordering::Relaxed) {
        return Unreadable::Interrupted;
    }
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase | ErrorCode::CannotOpen) => "it is not an SQLite database",
        Some(ErrorCode::OperationInterrupted) => "reading it takes longer than 10 s",
        Some(ErrorCode::OutOfMemory) => "reading it takes too much memory",
        Some(ErrorCode::TooBig) => "it has values of more than 64 KiB",
        Some(ErrorCode::AuthorizationForStatementDenied) => "its tables are not those of KOReader's statistics",
        _ => return Unreadable::file(format!("SQLite says that it is damaged ({})", shortened(&error.to_string()))),
    };
    Unreadable::file(reason)
}

fn shortened(text: &str) -> &str {
    trimmed(text, 200)
}

/// The books of a file.
#[derive(Default)]
struct Books {
    facts: Vec<BookFacts>,
    /// Indices in `facts`, by the file's ids.
    by_id: HashMap<i64, u16>,
}

struct File<'a> {
    connection: Connection,
    stop: &'a AtomicBool,
}

impl File<'_> {
    /// Calls `visit` with each row of a query.
    fn each_row(&self, sql: &str, mut visit: impl FnMut(&Row<'_>) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
        let failed = |error: rusqlite::Error| file_error(&error, self.stop);
        let mut statement = self.connection.prepare(sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            visit(row)?;
        }
        Ok(())
    }

    /// Returns whether the file has a table of this name: an ordinary one, without columns that are computed.
    fn has_table(&self, name: &str) -> Result<bool, Unreadable> {
        let mut found = None;
        self.each_row("SELECT type, name, sql FROM sqlite_master", |row| {
            if text(row, 1).eq_ignore_ascii_case(name) {
                let sql = text(row, 2).to_ascii_lowercase();
                // `as` begins the expression of a computed column.
                let computes = sql.split(|c: char| !c.is_alphanumeric()).any(|word| word == "as");
                found = Some(text(row, 0) == "table" && sql.starts_with("create table") && !computes);
            }
            Ok(())
        })?;
        match found {
            Some(false) => Err(Unreadable::file("its tables are not those of KOReader's statistics")),
            found => Ok(found.is_some()),
        }
    }

    fn books(&self, books: &mut Books) -> Result<(), Unreadable> {
        if !self.has_table("book")? {
            return Err(Unreadable::file("it has no table of books, so it is not KOReader's statistics"));
        }
        let mut bytes = 0;
        self.each_row("SELECT id, title, authors, md5, pages FROM book", |row| {
            let Some(id) = integer(row, 0) else { return Ok(()) };
            let facts = BookFacts {
                title: trimmed(&text(row, 1), MAX_TITLE).to_owned(),
                authors: authors(&text(row, 2)),
                md5: md5(&text(row, 3)),
                pages: integer(row, 4).and_then(|pages| u32::try_from(pages).ok()).unwrap_or(0),
            };
            bytes += facts.title.len() + facts.authors.len() + facts.md5.len();
            let index = u16::try_from(books.facts.len()).ok().filter(|_| bytes <= MAX_BOOK_BYTES);
            let index = index.filter(|index| usize::from(*index) < MAX_BOOKS);
            let index = index.ok_or_else(|| Unreadable::file("it has too many books"))?;
            books.by_id.insert(id, index);
            books.facts.push(facts);
            Ok(())
        })
    }

    fn readings(&self, books: &Books, size: usize, now: u64) -> Result<Vec<PageReading>, Unreadable> {
        // Versions before October 2020 have one table, and no total of pages beside each reading.
        let sql = if self.has_table("page_stat_data")? {
            "SELECT id_book, page, start_time, duration, total_pages FROM page_stat_data"
        } else if self.has_table("page_stat")? {
            "SELECT id_book, page, start_time, period, 0 FROM page_stat"
        } else {
            return Err(Unreadable::file("it has no table of page readings, so it is not KOReader's statistics"));
        };
        let latest = i64::try_from(now).unwrap_or(i64::MAX).saturating_add(MAX_AHEAD);
        // No row is shorter than ten bytes.
        let mut readings = Vec::with_capacity(MAX_READINGS.min(size / 10));
        self.each_row(sql, |row| {
            let [Some(id), Some(page), Some(start), Some(duration)] = [0, 1, 2, 3].map(|column| integer(row, column))
            else {
                return Ok(());
            };
            let Some(book) = books.by_id.get(&id).copied() else { return Ok(()) };
            if duration <= 0 || !(MIN_START..=latest).contains(&start) {
                return Ok(());
            }
            let Ok(start) = u32::try_from(start) else { return Ok(()) };
            if readings.len() == readings.capacity() {
                return Err(Unreadable::file("it has more than 400,000 page readings"));
            }
            let total = integer(row, 4).unwrap_or(0);
            let (page, total) = page_of(page, total);
            let duration = u16::try_from(duration).unwrap_or(u16::MAX);
            readings.push(PageReading { start, duration, book, page, total });
            Ok(())
        })?;
        Ok(readings)
    }
}

/// Returns a page and the book's number of pages then as [`PageReading`] has them.
fn page_of(page: i64, total: i64) -> (u16, u16) {
    const MAX: i128 = u16::MAX as i128;
    let clamp = |number: i128| u16::try_from(number.clamp(0, MAX)).unwrap_or(u16::MAX);
    let (page, total) = (i128::from(page), i128::from(total));
    if total > MAX && page > 0 { (clamp((page - 1) * MAX / total + 1), u16::MAX) } else { (clamp(page), clamp(total)) }
}

/// Returns the MD5 of a book in lower case, or nothing if it is none.
fn md5(text: &str) -> String {
    let is_md5 = text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_md5 { text.to_ascii_lowercase() } else { String::new() }
}

/// Returns the authors in one line. KOReader writes `N/A` where it knows none.
fn authors(text: &str) -> String {
    let lines = text.lines().map(|line| trimmed(line, MAX_TITLE));
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty() && *line != "N/A").collect();
    trimmed(&lines.join(", "), MAX_TITLE).to_owned()
}

/// Returns a text, or nothing where there is none. Bytes that are not UTF-8 are replaced.
fn text<'a>(row: &'a Row<'_>, column: usize) -> Cow<'a, str> {
    match row.get_ref(column) {
        Ok(ValueRef::Text(bytes)) => String::from_utf8_lossy(bytes),
        _ => Cow::Borrowed(""),
    }
}

/// Returns an integer, or a real number that is one. SQLite keeps any type in any column.
#[allow(clippy::cast_possible_truncation, reason = "checked before")]
fn integer(row: &Row<'_>, column: usize) -> Option<i64> {
    match row.get_ref(column).ok()? {
        ValueRef::Integer(integer) => Some(integer),
        ValueRef::Real(real) if real.abs() < 9e15 => Some(real as i64),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! Builds files of statistics for tests.

use rusqlite::Connection;

/// The tables of [W6].
pub(crate) const SCHEMA: &str = "
    PRAGMA user_version = 20221111;
    CREATE TABLE book (id integer PRIMARY KEY autoincrement, title text, authors text, notes integer, last_open integer,
        highlights integer, pages integer, series text, language text, md5 text, total_read_time integer,
        total_read_pages integer);
    CREATE TABLE page_stat_data (id_book integer, page integer NOT NULL DEFAULT 0, start_time integer NOT NULL DEFAULT 0,
        duration integer NOT NULL DEFAULT 0, total_pages integer NOT NULL DEFAULT 0, UNIQUE (id_book, page, start_time),
        FOREIGN KEY(id_book) REFERENCES book(id));
    CREATE INDEX page_stat_data_start_time ON page_stat_data(start_time);
    CREATE TABLE numbers (number INTEGER PRIMARY KEY);
    CREATE VIEW page_stat AS SELECT id_book, page, start_time, duration FROM page_stat_data;
";

/// Builds a file.
pub(crate) fn file(sql: &str) -> Vec<u8> {
    file_by(|connection| connection.execute_batch(sql).expect("valid SQL"))
}

pub(crate) fn file_by(fill: impl FnOnce(&Connection)) -> Vec<u8> {
    let _guard = super::statistics::exclusively();
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("statistics.sqlite3");
    let connection = Connection::open(&path).expect("a database");
    connection.execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF").expect("set");
    fill(&connection);
    connection.close().expect("closed");
    std::fs::read(path).expect("the file")
}

//! Files as KOReader uploads them: its statistics and highlights.

use std::io::Write;
use std::net::SocketAddr;

use serde_json::{Value, json};

use super::{KEY, Reply, connect, percent_encoded, read_reply, request, wait_until};

/// The binary document of *Emma* in the statistics.
pub const EMMA: &str = "0123456789abcdef0123456789abcdef";
/// That of *Walden*, which only the statistics know.
pub const WALDEN: &str = "fedcba9876543210fedcba9876543210";
/// 2023-11-14 12:00 UTC.
pub const NOON: i64 = 1_699_963_200;

/// Returns a file of statistics [W6]: *Emma* of 100 pages, read for 30 s a page, and *Walden*, read for 45 s. Its header says that there is a
/// write-ahead log, as that of a Kobo does.
pub fn statistics(pages_of_emma: i64) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("statistics.sqlite3");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection
        .execute_batch(&format!(
            "PRAGMA user_version = 20221111;
             CREATE TABLE book (id integer PRIMARY KEY autoincrement, title text, authors text, notes integer, last_open integer,
                 highlights integer, pages integer, series text, language text, md5 text, total_read_time integer,
                 total_read_pages integer);
             CREATE TABLE page_stat_data (id_book integer, page integer NOT NULL DEFAULT 0, start_time integer NOT NULL DEFAULT 0,
                 duration integer NOT NULL DEFAULT 0, total_pages integer NOT NULL DEFAULT 0,
                 UNIQUE (id_book, page, start_time), FOREIGN KEY(id_book) REFERENCES book(id));
             INSERT INTO book (id, title, authors, pages, md5) VALUES (1, 'Emma', 'Jane Austen', 100, '{EMMA}'),
                 (2, 'Walden & <b>', 'Henry Thoreau', 300, '{WALDEN}');
             INSERT INTO page_stat_data VALUES (2, 1, {NOON} - 172800, 45, 300);"
        ))
        .unwrap();
    for page in 1..=pages_of_emma {
        let values = rusqlite::params![page, NOON + 30 * page];
        connection.execute("INSERT INTO page_stat_data VALUES (1, ?, ?, 30, 100)", values).unwrap();
    }
    connection.close().unwrap();
    let mut bytes = std::fs::read(path).unwrap();
    bytes[18..20].fill(2);
    bytes
}

/// Returns an export of *Emma* with these texts.
pub fn export(texts: &[&str]) -> Value {
    let entry = |(page, text): (usize, &&str)| {
        json!({ "chapter": "Volume I", "page": page + 1, "time": NOON + 60 * page as i64, "text": text, "drawer": "lighten",
            "note": "a note", "color": "yellow", "sort": "highlight" })
    };
    json!({ "title": "Emma", "author": "Jane Austen", "file": "/mnt/onboard/emma.epub", "number_of_pages": 100,
        "created_on": NOON + 9000, "version": "json/1.0.0", "entries": texts.iter().enumerate().map(entry).collect::<Vec<_>>() })
}

/// Uploads a file to the folder of `ada`, as KOReader does [W1, W3].
pub fn upload(address: SocketAddr, name: &str, bytes: &[u8]) -> Reply {
    let length = bytes.len().to_string();
    let headers: [(&str, &[u8]); 3] = [
        ("authorization", b"Basic YWRhOnBhc3N3b3Jk"),
        ("content-length", length.as_bytes()),
        ("user-agent", b"KOReader/2026.08 <b>"),
    ];
    let mut bytes_sent = request("PUT", &format!("/webdav/{}", percent_encoded(name)), &headers, None);
    bytes_sent.extend_from_slice(bytes);
    let mut stream = connect(address);
    stream.write_all(&bytes_sent).unwrap();
    read_reply(&mut stream, true).unwrap()
}

/// Uploads a file and waits until what `ada` can get says so.
#[track_caller]
pub fn uploaded(
    client: &super::Client,
    name: &str,
    bytes: &[u8],
    path: &str,
    is_read: impl Fn(&Value) -> bool,
) -> Value {
    let reply = upload(client.address, name, bytes);
    assert!([201, 204].contains(&reply.status), "{reply:?}");
    wait_until(name, || Some(client.send_as("ada", KEY, "GET", path, None).json()).filter(&is_read))
}

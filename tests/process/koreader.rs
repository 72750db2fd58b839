//! KOReader's own WebDAV provider and statistics merge, in LuaJIT and SQLite [W2, W3, W5].
//!
//! It needs a checkout of KOReader with its submodule `base`, whose path is in `KOSYNC_TEST_KOREADER`, and LuaJIT with LuaSocket,
//! LuaFileSystem and SQLite (Debian: `luajit lua-socket lua-filesystem libsqlite3-0`). Without a checkout it is skipped.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::common::{KEY, are_installed, skip_unless_required, wait_until};
use crate::kosync::{Process, output, succeeded};

const CHECKOUT: &str = "KOSYNC_TEST_KOREADER";
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/process/koreader.lua");
const DONE: &str = "Successfully synchronized.";

/// Returns the checkout; `None` if the test is to be skipped.
fn checkout() -> Option<PathBuf> {
    let Some(checkout) = std::env::var_os(CHECKOUT) else {
        skip_unless_required(CHECKOUT, &format!("`{CHECKOUT}` names no checkout of KOReader"));
        return None;
    };
    are_installed(&["luajit"], CHECKOUT).then(|| checkout.into())
}

/// A device with KOReader.
struct Device {
    checkout: PathBuf,
    dir: tempfile::TempDir,
}

impl Device {
    fn new(checkout: &Path) -> Self {
        let device = Self { checkout: checkout.to_owned(), dir: tempfile::tempdir().unwrap() };
        device.run(None, &["create"], &[]);
        device
    }

    fn variables(&self, server: Option<SocketAddr>) -> Vec<(&str, String)> {
        let url = server.map_or("http://127.0.0.1:1".to_owned(), |server| format!("http://{server}/webdav/"));
        vec![
            ("KOREADER", self.checkout.display().to_string()),
            ("DEVICE", self.dir.path().display().to_string()),
            ("URL", url),
            ("FOLDER", "/koreader".to_owned()),
        ]
    }

    fn run(&self, server: Option<SocketAddr>, arguments: &[&str], variables: &[(&str, &str)]) -> String {
        let mut command = Command::new("luajit");
        command.arg(SCRIPT).args(arguments).envs(self.variables(server)).envs(variables.iter().copied());
        let output = command.output().unwrap();
        assert!(output.stderr.is_empty(), "{output:?}");
        succeeded(output).trim_end().to_owned()
    }

    /// Returns the statuses of a sync's requests, and what the device shows.
    fn sync(&self, server: &Process) -> String {
        self.run(Some(server.client.address), &["sync"], &[])
    }

    /// Syncs while `other` does between this device's download and its upload.
    fn sync_beside(&self, server: &Process, other: &Self) -> String {
        let address = server.client.address;
        let variables = other.variables(Some(address));
        let variables: Vec<String> = variables.iter().map(|(name, value)| format!("{name}='{value}'")).collect();
        let between = format!("env -u BETWEEN {} luajit '{SCRIPT}' sync > /dev/null", variables.join(" "));
        self.run(Some(address), &["sync"], &[("BETWEEN", &between)])
    }

    fn readings(&self) -> BTreeSet<Reading> {
        let text = self.run(None, &["print"], &[]);
        let reading = |line: &str| {
            let mut parts = line.split(' ');
            let book = u64::from_str_radix(parts.next().unwrap(), 16).unwrap();
            let mut number = || parts.next().unwrap().parse().unwrap();
            (book, number(), number(), number())
        };
        text.lines().map(reading).collect()
    }
}

/// A book, a page, when it was read, and for how long.
type Reading = (u64, u64, u64, u64);

fn md5(book: u64) -> String {
    format!("{book:032x}")
}

/// Two devices and what they have read.
struct Readers {
    devices: [Device; 2],
    expected: BTreeSet<Reading>,
}

/// Returns when a round of reading begins.
fn start(round: u64) -> u64 {
    1_790_000_000 + round * 100_000
}

impl Readers {
    /// Two devices, of which the first has made the file.
    fn new(checkout: &Path, server: &Process) -> Self {
        let readers = Self::unsynced(checkout, server);
        assert_eq!(readers.devices[0].sync(server), format!("404 201\t{DONE}"));
        readers
    }

    /// Two devices, and an empty folder.
    fn unsynced(checkout: &Path, server: &Process) -> Self {
        server.client.registered("ada", KEY);
        let devices = [Device::new(checkout), Device::new(checkout)];
        let made = devices[0].run(Some(server.client.address), &["create_folder", "", "koreader"], &[]);
        assert_eq!(made, "true");
        Self { devices, expected: BTreeSet::new() }
    }

    /// Has a device read pages of three books.
    fn read(&mut self, device: usize, round: u64) {
        for part in 0..3 {
            let book = (round + part) % 4;
            let begin = start(round) + device as u64 * 1000 + part * 100;
            let readings = [0, 1].map(|page| (book, round * 10 + part + page + 1, begin + page * 40, 20 + page));
            let pages = readings.map(|(_, page, start, duration)| format!("{page}:{start}:{duration}"));
            let (title, md5) = (format!("Book {book}"), md5(book));
            self.devices[device].run(None, &["read", &title, &md5, "300", &pages[0], &pages[1]], &[]);
            self.expected.extend(readings);
        }
    }

    /// Syncs until both devices have all.
    fn sync_all(&self, server: &Process) {
        for device in [0, 1, 0] {
            let shown = self.devices[device].sync(server);
            assert!(shown.ends_with(DONE), "{shown}");
        }
    }

    #[track_caller]
    fn check(&self, what: &str) {
        for device in &self.devices {
            assert_eq!(device.readings(), self.expected, "{what}");
        }
    }

    /// Ten rounds of reading, deleting, and syncs that overlap.
    fn ten_rounds(&mut self, server: &Process, first: u64) {
        for round in first..first + 10 {
            (0..2).for_each(|device| self.read(device, round));
            let book = round % 4;
            match round % 3 {
                // A device deletes a book that both have.
                1 => {
                    self.sync_all(server);
                    self.devices[0].run(None, &["delete", &md5(book)], &[]);
                    self.expected.retain(|reading| reading.0 != book);
                }
                // The other one deletes what was read of a book in this round.
                2 => {
                    self.sync_all(server);
                    let (from, to) = (start(round), start(round) + 99_999);
                    let arguments = ["reset", &md5(book), &from.to_string(), &to.to_string()];
                    self.devices[1].run(None, &arguments, &[]);
                    self.expected.retain(|reading| reading.0 != book || !(from..=to).contains(&reading.2));
                }
                _ => {}
            }
            let shown = self.devices[0].sync_beside(server, &self.devices[1]);
            assert_eq!(shown, format!("200 412 200 204\t{DONE}"), "round {round}");
            assert_eq!(self.devices[1].sync(server), format!("200 204\t{DONE}"), "round {round}");
            self.check(&format!("round {round}"));
        }
    }

    /// Waits until the server has counted all that was read.
    fn counted(&self, server: &Process) {
        let expected: u64 = self.expected.iter().map(|reading| reading.3).sum();
        wait_until("all is counted", || {
            let statistics: Value = server.client.send_as("ada", KEY, "GET", "/api/v1/statistics", None).json();
            (statistics["reading"]["seconds"] == expected).then_some(())
        });
    }
}

#[test]
fn w2_koreader_lists_creates_and_removes() {
    let Some(checkout) = checkout() else { return };
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    server.client.registered("ada", KEY);
    let device = Device::new(&checkout);
    let run = |arguments: &[&str]| device.run(Some(server.client.address), arguments, &[]);
    for (above, name) in [("", "Bücher & mehr"), ("/Bücher & mehr", "100 %25 <x>"), ("", "koreader")] {
        assert_eq!(run(&["create_folder", above, name]), "true");
    }
    let exported = dir.path().join("2026-11-26-10-00-00 Austen - \"Emma\" #1? +ü%.json");
    std::fs::write(&exported, "{}").unwrap();
    for folder in ["/Bücher & mehr", ""] {
        assert_eq!(run(&["upload", folder, exported.to_str().unwrap()]), "200");
    }
    let listed = |folder: &str| {
        let listed = run(&["list", folder]);
        let columns = listed.lines().map(|line| line.split('\t').take(3).collect::<Vec<_>>().join("|"));
        columns.collect::<Vec<_>>()
    };
    let file = "2026-11-26-10-00-00 Austen - \"Emma\" #1? +ü%.json";
    assert_eq!(
        listed("/Bücher & mehr"),
        ["folder|Bücher & mehr/100 %25 <x>|nil".to_owned(), format!("file|Bücher & mehr/{file}|2")]
    );
    assert_eq!(
        listed(""),
        [format!("file|/{file}|2"), "folder|/Bücher & mehr|nil".into(), "folder|/koreader|nil".into()]
    );
    assert_eq!(listed("/Bücher & mehr/100 %25 <x>"), Vec::<String>::new());
    let copy = dir.path().join("copy");
    let downloaded = run(&["download", &format!("/Bücher & mehr/{file}"), copy.to_str().unwrap()]);
    assert!(downloaded.starts_with("200\t\""), "{downloaded}");
    assert_eq!(std::fs::read_to_string(copy).unwrap(), "{}");
    assert_eq!(run(&["delete_file", &format!("/{file}")]), "true");
    assert_eq!(run(&["delete_file", &format!("/{file}")]), "");
    assert_eq!(listed("").len(), 2);
}

#[test]
fn w3_two_devices_of_koreader_lose_nothing_over_ten_rounds_and_what_was_deleted_stays_so() {
    let Some(checkout) = checkout() else { return };
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut readers = Readers::new(&checkout, &server);
    readers.ten_rounds(&server, 0);
    assert!(readers.expected.len() > 20);
    readers.counted(&server);
}

/// KOReader sends no condition where there was no file [W3]. The later of two first uploads is refused, and merged.
#[test]
fn w5_two_devices_of_koreader_that_make_the_first_sync_at_once_lose_nothing() {
    let Some(checkout) = checkout() else { return };
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut readers = Readers::unsynced(&checkout, &server);
    (0..2).for_each(|device| readers.read(device, 0));
    let shown = readers.devices[0].sync_beside(&server, &readers.devices[1]);
    assert_eq!(shown, format!("404 412 200 204\t{DONE}"));
    assert_eq!(readers.devices[1].sync(&server), format!("200 204\t{DONE}"));
    readers.check("after the first sync");
    readers.ten_rounds(&server, 1);
    readers.counted(&server);
}

#[test]
fn w3_a_server_that_dies_in_the_middle_of_an_upload_of_koreader_loses_nothing() {
    let Some(checkout) = checkout() else { return };
    let dir = tempfile::tempdir().unwrap();
    let server = Process::start(dir.path());
    let mut readers = Readers::new(&checkout, &server);
    readers.read(0, 0);
    readers.sync_all(&server);
    // Enough for an upload of many parts.
    let readings: Vec<Reading> = (1..2000).map(|page| (9, page, start(1) + page * 40, 30)).collect();
    let pages: Vec<String> = readings.iter().map(|reading| format!("{}:{}:30", reading.1, reading.2)).collect();
    let md5 = md5(9);
    let mut arguments = vec!["read", "Book 9", &md5, "2000"];
    arguments.extend(pages.iter().map(String::as_str));
    readers.devices[0].run(None, &arguments, &[]);
    let kill = format!("kill -9 {}", server.id());
    let shown = readers.devices[0].run(Some(server.client.address), &["sync"], &[("DURING", &kill)]);
    assert!(shown.starts_with("200 ") && shown.contains("Something went wrong"), "{shown}");
    server.kill();
    let server = Process::start(dir.path());
    // The other device finds the old file, whole; then the first one brings the rest.
    assert_eq!(readers.devices[1].sync(&server), format!("200 204\t{DONE}"));
    assert_eq!(readers.devices[1].readings(), readers.expected);
    readers.expected.extend(readings);
    readers.sync_all(&server);
    readers.check("after the kill");
    readers.counted(&server);
}

#[test]
fn w5_after_a_restored_backup_devices_of_koreader_lose_nothing() {
    let Some(checkout) = checkout() else { return };
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).display().to_string();
    let [data, backup, restored] = [path("data"), path("backup.mdb"), path("restored")];
    let server = Process::start(data.as_ref());
    let mut readers = Readers::new(&checkout, &server);
    readers.ten_rounds(&server, 0);
    succeeded(output(&["backup", &backup, "--data-dir", &data], &[]));
    for round in 10..13 {
        (0..2).for_each(|device| readers.read(device, round));
        readers.sync_all(&server);
    }
    // The second device has synced before, so the first is the last one.
    readers.read(1, 13);
    server.stop();
    succeeded(output(&["restore", &backup, "--data-dir", &restored], &[]));
    let server = Process::start(restored.as_ref());
    assert_eq!(readers.devices[0].sync(&server), format!("404 201\t{DONE}"));
    assert_eq!(readers.devices[1].sync(&server), format!("200 204\t{DONE}"));
    readers.sync_all(&server);
    readers.check("after the restore");
    readers.ten_rounds(&server, 14);
    readers.counted(&server);
}

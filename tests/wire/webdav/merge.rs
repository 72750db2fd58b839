//! The merge that devices do with the folder, over many rounds: nothing that was read is lost, and what was deleted stays so.
//!
//! The merge is the one that docs/webdav.md describes: what is missing in the server's file, but was in the copy that the device last
//! uploaded, was deleted elsewhere. `tests/process/koreader.rs` runs KOReader's own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::Dav;
use crate::common::Site;

const FILE: &str = "/webdav/koreader/statistics.sqlite3";

/// A page that was read: the book, and when.
type Row = (String, i64);

/// A device with its database, and the copy that it last uploaded.
struct Device {
    dir: tempfile::TempDir,
    uploaded: Option<Vec<u8>>,
}

impl Device {
    fn new() -> Self {
        let device = Self { dir: tempfile::tempdir().unwrap(), uploaded: None };
        let schema = "PRAGMA user_version = 20221111; \
             CREATE TABLE page_stat_data (md5 TEXT, start_time INTEGER, duration INTEGER, UNIQUE (md5, start_time));";
        device.open().execute_batch(schema).unwrap();
        device
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn open(&self) -> Connection {
        Connection::open(self.path("local")).unwrap()
    }

    fn read(&self, row: &Row) {
        let insert = "INSERT INTO page_stat_data VALUES (?, ?, 30)";
        self.open().execute(insert, (&row.0, row.1)).unwrap();
    }

    fn delete_book(&self, book: &str) {
        self.open().execute("DELETE FROM page_stat_data WHERE md5 = ?", [book]).unwrap();
    }

    fn rows(&self) -> BTreeSet<Row> {
        rows_of(&self.path("local"))
    }

    /// Merges the server's file into the device's database.
    fn merge(&self, server: &[u8]) {
        std::fs::write(self.path("server"), server).unwrap();
        let local = self.open();
        let attach = |name: &str| {
            let path = self.path(name).display().to_string();
            local.execute(&format!("ATTACH ? AS {name}"), [path]).unwrap();
        };
        attach("server");
        let rows = |name: &str| format!("SELECT md5, start_time FROM {name}.page_stat_data");
        let mut news = String::new();
        if let Some(uploaded) = &self.uploaded {
            std::fs::write(self.path("cached"), uploaded).unwrap();
            attach("cached");
            let deleted = format!(
                "DELETE FROM main.page_stat_data WHERE (md5, start_time) IN ({} EXCEPT {})",
                rows("cached"),
                rows("server")
            );
            local.execute(&deleted, []).unwrap();
            news = format!("WHERE (md5, start_time) NOT IN ({})", rows("cached"));
        }
        let insert = format!("INSERT OR IGNORE INTO main.page_stat_data SELECT * FROM server.page_stat_data {news}");
        local.execute(&insert, []).unwrap();
    }

    /// Syncs as KOReader does [W3]; `meanwhile` runs between reading and writing. Returns how often it had to begin again.
    fn sync(&mut self, site: &Site, mut meanwhile: impl FnMut()) -> usize {
        for retries in 0..10 {
            let found = site.get(FILE);
            let tag = match found.status {
                200 => {
                    self.merge(&found.body);
                    Some(found.etag())
                }
                404 => None,
                status => panic!("{status}"),
            };
            meanwhile();
            let bytes = std::fs::read(self.path("local")).unwrap();
            let status = match &tag {
                Some(tag) => site.put_if(FILE, tag, &bytes).status,
                None => site.put(FILE, &bytes).status,
            };
            match status {
                201 | 204 => {
                    self.uploaded = Some(bytes);
                    return retries;
                }
                412 => {}
                status => panic!("{status}"),
            }
        }
        panic!("it never ends")
    }
}

fn rows_of(path: &Path) -> BTreeSet<Row> {
    let connection = Connection::open(path).unwrap();
    let mut select = connection.prepare("SELECT md5, start_time FROM page_stat_data").unwrap();
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Two devices that read and sync for ten rounds, from round `first` on.
///
/// Before, one makes the file: while there is none, KOReader sends no condition, and of two devices that make it at once the
/// second would replace what the first one uploaded.
fn read_and_sync(site: &Site, devices: &mut [Device; 2], expected: &mut BTreeSet<Row>, first: i64) {
    devices[0].sync(site, || {});
    for round in first..first + 10 {
        for (number, device) in (0..).zip(devices.iter()) {
            for page in 0..5 {
                let row = (format!("book {}", (round + page) % 4), round * 1000 + number * 100 + page);
                device.read(&row);
                expected.insert(row);
            }
        }
        let [one, other] = devices;
        if round % 3 == 2 {
            // One device deletes a book that both know, once it has all of it.
            one.sync(site, || {});
            other.sync(site, || {});
            one.sync(site, || {});
            let book = format!("book {}", round % 4);
            one.delete_book(&book);
            expected.retain(|(read, _)| *read != book);
        }
        // The other device syncs while the first one merges: that one begins again.
        let mut is_first = true;
        let retries = one.sync(site, || {
            if std::mem::take(&mut is_first) {
                other.sync(site, || {});
            }
        });
        assert_eq!(retries, 1, "round {round}");
        other.sync(site, || {});
        assert_eq!(one.rows(), *expected, "round {round}");
        assert_eq!(other.rows(), *expected, "round {round}");
    }
}

#[test]
fn w3_two_devices_merge_over_ten_rounds_with_deletions_and_syncs_that_overlap() {
    let site = Site::with_ada();
    site.dav("MKCOL", "/webdav/koreader", &[], None);
    let (mut devices, mut expected) = ([Device::new(), Device::new()], BTreeSet::new());
    read_and_sync(&site, &mut devices, &mut expected, 0);
    assert!(expected.len() > 20);
}

#[test]
fn w5_after_a_restored_backup_devices_keep_what_they_have_read_since() {
    let site = Site::with_ada();
    site.dav("MKCOL", "/webdav/koreader", &[], None);
    let (mut devices, mut expected) = ([Device::new(), Device::new()], BTreeSet::new());
    read_and_sync(&site, &mut devices, &mut expected, 0);
    let (kept, old) = (tempfile::tempdir().unwrap(), site.get(FILE).body);
    let backup = kept.path().join("backup.mdb");
    site.server.store().backup(&backup, false).unwrap();
    read_and_sync(&site, &mut devices, &mut expected, 10);
    drop(site);
    // What an old file does to a device: it is this that the server must prevent.
    let victim = Device { dir: tempfile::tempdir().unwrap(), uploaded: devices[0].uploaded.clone() };
    std::fs::copy(devices[0].path("local"), victim.path("local")).unwrap();
    victim.merge(&old);
    assert!(victim.rows().len() < expected.len(), "the merge of this test deletes");

    let site = Site::of_backup(&backup);
    assert!(expected.iter().any(|(_, time)| (10_000..20_000).contains(time)), "read since the backup");
    for number in [0, 1, 0] {
        devices[number].sync(&site, || {});
        assert_eq!(devices[number].rows(), expected);
    }
    read_and_sync(&site, &mut devices, &mut expected, 20);
}

/// The rule of the documentation and of the page *Files*: the device that synced last syncs first.
#[test]
fn w5_after_a_restore_the_device_that_synced_last_has_all_that_others_uploaded() {
    let site = Site::with_ada();
    site.dav("MKCOL", "/webdav/koreader", &[], None);
    let (mut devices, mut expected) = ([Device::new(), Device::new()], BTreeSet::new());
    read_and_sync(&site, &mut devices, &mut expected, 0);
    let kept = tempfile::tempdir().unwrap();
    let backup = kept.path().join("backup.mdb");
    site.server.store().backup(&backup, false).unwrap();
    // Both read on, and both sync, but the first one does not get what the second one uploads then.
    for (number, time) in [(0, 50_000), (1, 50_001)] {
        let row = ("book 1".to_owned(), time);
        devices[number].read(&row);
        devices[number].sync(&site, || {});
        expected.insert(row);
    }
    assert!(devices[0].rows().len() < expected.len());
    let unsynced = ("book 2".to_owned(), 50_002);
    devices[0].read(&unsynced);
    expected.insert(unsynced);
    drop(site);
    let site = Site::of_backup(&backup);
    for number in [1, 0, 1] {
        devices[number].sync(&site, || {});
    }
    for device in &devices {
        assert_eq!(device.rows(), expected);
    }
}

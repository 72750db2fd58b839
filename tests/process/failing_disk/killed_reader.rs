//! A process that is killed while it reads leaves its slot in LMDB's reader table. Until the slot is cleared, no page
//! that was free since then is used again, and the data file grows with every push.

use std::fs;
use std::path::Path;

use super::library;
use crate::common::KEY;
use crate::kosync::{Process, command, output, run_with_input, succeeded};

/// Returns whether a process has a slot in the table of readers. A slot is 64 bytes: transaction id, process id, thread id.
fn has_reader_slot(data: &Path, process: u32) -> bool {
    let table = fs::read(data.join("lock.mdb")).unwrap();
    table.chunks_exact(64).any(|slot| slot[8..12] == process.to_ne_bytes())
}

/// LMDB keeps the table while any process uses the directory, so a server runs meanwhile.
#[test]
fn opening_a_store_clears_the_slots_of_killed_readers() {
    let dir = tempfile::tempdir().unwrap();
    let [data, killed, backup] = ["data", "killed", "books.mdb"].map(|name| dir.path().join(name));
    let server = Process::start(&data);
    server.client.registered("ada", KEY);

    // A backup reads from its first write on.
    let mut interrupted = command();
    interrupted.arg("--data-dir").arg(&data).arg("backup").arg(&backup);
    interrupted.env("LD_PRELOAD", library(dir.path(), "kill_on_write")).env("KILLED", &killed);
    let interrupted = run_with_input(interrupted, "");
    assert!(!interrupted.status.success() && !backup.exists(), "{interrupted:?}");
    let reader = fs::read_to_string(&killed).unwrap().parse().unwrap();
    assert!(has_reader_slot(&data, reader), "the killed process was reading");

    succeeded(output(&["user", "list", "--data-dir", data.to_str().unwrap()], &[]));
    assert!(!has_reader_slot(&data, reader));
    server.stop();
}

//! A disk whose writes fail midway: what was acknowledged is there after the next start, and nothing is there in part.

mod file_system;
mod killed_reader;
mod power_cut;
mod power_cut_uploads;
mod syncs;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use nix::sys::signal::Signal;

use super::kosync::{OLD_DOCUMENT, Process, command, old_data_dir, output};
use crate::common::{KEY, exchange_or_error, position, request};

/// Pushes of each round. The store may stop before: then nothing more is acknowledged.
const PUSHES: u32 = 120;
const DOCUMENTS: u32 = 7;

/// Compiles a library for `LD_PRELOAD`, with the C compiler that also builds LMDB.
pub fn library(dir: &Path, name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/process/failing_disk/{name}.c"));
    let library = dir.join(format!("{name}.so"));
    let compiled =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(compiled.unwrap().success());
    library
}

/// Returns the command of a server for which one of `every` store writes fails. Writes fail while the file `failing`
/// exists.
fn on_failing_disk(dir: &Path, every: u32) -> Command {
    library(dir, "shim");
    let mut command = command();
    command.arg("--data-dir").arg(dir.join("data")).args(["--listen", "127.0.0.1:0"]);
    command.env("LD_PRELOAD", dir.join("shim.so")).env("FAIL_WHEN", dir.join("failing"));
    command.env("FAIL_EVERY", every.to_string());
    command
}

#[test]
fn what_was_acknowledged_is_there_whatever_failed() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(&dir.path().join("data"));
    process.client.registered("ada", KEY);
    process.stop();
    assert_that_acknowledged_pushes_are_there(dir, "book 0");
}

#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "the data files are of 64-bit programs")]
fn what_was_acknowledged_is_there_in_data_of_format_1_whatever_failed() {
    let dir = tempfile::tempdir().unwrap();
    old_data_dir(&dir.path().join("data"));
    assert_that_acknowledged_pushes_are_there(dir, OLD_DOCUMENT);
}

/// Pushes while writes fail. The account `ada` exists already.
fn assert_that_acknowledged_pushes_are_there(dir: tempfile::TempDir, first_document: &str) {
    let id = |document: u32| match document {
        0 => first_document.to_owned(),
        number => format!("book {number}"),
    };
    let (data, failing) = (dir.path().join("data"), dir.path().join("failing"));
    // By document: the last acknowledged number, and the last tried one, which may be there, too.
    let mut stored: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let (mut number, mut refused, mut acknowledged) = (0, 0, 0);
    for every in [2, 3, 4, 5, 7, 9, 11, 13, 17] {
        let process = Process::spawn(on_failing_disk(dir.path(), every));
        assert_eq!(process.client.login("ada", KEY).status, 200);
        fs::write(&failing, "").unwrap();
        for _ in 0..PUSHES {
            number += 1;
            let document = number % DOCUMENTS;
            let body = position(&id(document), &number.to_string(), 0.5).to_string();
            let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
            let entry = stored.entry(document).or_default();
            entry.1 = number;
            let reply =
                exchange_or_error(process.client.address, &request("PUT", "/syncs/progress", &headers, Some(&body)));
            // Without a reply, the store has stopped, and the server with it.
            let Ok(reply) = reply else { break };
            let reply = reply.shaped();
            match reply.status {
                200 => {
                    entry.0 = number;
                    acknowledged += 1;
                }
                // KOReader keeps such a push and sends it again.
                503 | 507 => refused += 1,
                status => panic!("{status}: {reply:?}"),
            }
        }
        fs::remove_file(&failing).unwrap();
        drop(process);

        let process = Process::start(&data);
        for (document, (acknowledged, tried)) in &stored {
            let pulled = process.client.pull("ada", KEY, &id(*document)).json();
            // What the data file of format 1 has is no number.
            let found: u32 = pulled["progress"].as_str().map_or(0, |number| number.parse().unwrap_or(0));
            assert!(
                (*acknowledged..=*tried).contains(&found),
                "every {every}: book {document} is at {found}, not {acknowledged}"
            );
        }
        process.stop();
        let checked = output(&["check", "--data-dir", data.to_str().unwrap()], &[]);
        assert!(checked.status.success(), "every {every}: {checked:?}");
    }
    assert!(refused > 20 && acknowledged > 20, "{refused} refused, {acknowledged} acknowledged");
}

/// An SD card that is about to fail does this. Reads go on without a restart.
#[test]
fn a_disk_that_refuses_writes_is_logged_once_a_minute_and_recovers() {
    let dir = tempfile::tempdir().unwrap();
    let failing = dir.path().join("failing");
    for (number, reason) in [(nix::libc::EROFS, "Read-only file system"), (nix::libc::EIO, "Input/output error")] {
        let mut command = on_failing_disk(dir.path(), 1);
        command.env("FAIL_WITH", number.to_string());
        let mut process = Process::spawn(command);
        let client = process.client;
        if number == nix::libc::EROFS {
            client.registered("ada", KEY);
        }
        client.pushed("ada", KEY, &position("book", "before", 0.1));
        let start = Instant::now();
        fs::write(&failing, "").unwrap();
        for _ in 0..20 {
            let refused = client.push("ada", KEY, &position("book", "meanwhile", 0.2));
            refused.refused(503, 3503, "The server cannot write to its disk.");
            assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before", "reads go on");
        }
        assert_eq!(client.send("GET", "/healthcheck", &[], None).status, 200);
        fs::remove_file(&failing).unwrap();
        client.pushed("ada", KEY, &position("book", "after", 0.3));
        process.signal(Signal::SIGTERM);
        assert_eq!(process.wait().code(), Some(0));
        let errors: Vec<String> = process.all_logged().into_iter().filter(|line| line.contains("ERROR")).collect();
        let minutes = usize::try_from(start.elapsed().as_secs() / 60).unwrap();
        assert!((1..=1 + minutes).contains(&errors.len()), "once a minute: {errors:#?}");
        assert!(
            errors.iter().all(|line| line.contains("write failed, rolled back") && line.contains(reason)),
            "{errors:#?}"
        );
    }
}

/// LMDB refuses all work once it failed to write its meta page. The server then ends, so that the service manager restarts it.
#[test]
fn a_store_that_stops_ends_the_server_and_the_next_start_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut command = on_failing_disk(dir.path(), 1);
    command.env("FAIL_WITH", nix::libc::ENOSPC.to_string()).env("FAIL_META", "yes");
    let mut process = Process::spawn(command);
    let client = process.client;
    client.registered("ada", KEY);
    client.pushed("ada", KEY, &position("book", "before", 0.1));
    fs::write(dir.path().join("failing"), "").unwrap();
    let refused = client.push("ada", KEY, &position("book", "lost", 0.2));
    refused.refused(507, 3507, "The server has no space left on its disk.");
    assert_eq!(process.wait().code(), Some(1));
    let log = process.all_logged();
    let last = log.last().unwrap();
    assert!(last.starts_with("kosync: the store has stopped, because LMDB could not write"), "{log:#?}");

    // A start while the disk still fails: reads work.
    let mut command = on_failing_disk(dir.path(), 1);
    command.env("FAIL_WITH", nix::libc::ENOSPC.to_string());
    let process = Process::spawn(command);
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "before");
    assert_eq!(process.client.push("ada", KEY, &position("book", "lost", 0.2)).status, 507);
    fs::remove_file(dir.path().join("failing")).unwrap();
    process.client.pushed("ada", KEY, &position("book", "after", 0.3));
    process.stop();
    let process = Process::start(&data);
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "after");
    process.stop();
}

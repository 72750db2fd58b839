//! A disk whose writes fail in the middle: what was answered as stored is there after the next start, and nothing is half there.

mod power_cut;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::kosync::{Process, command, output};
use crate::common::{KEY, exchange_or_error, position, request};

/// Pushes of each round. The store may give up before: then nothing more is answered as stored.
const PUSHES: u32 = 120;
const DOCUMENTS: u32 = 7;

/// A library to be loaded in front of the C library, made by the C compiler that LMDB is made by.
fn library(dir: &Path, name: &str) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/process/failing_disk/{name}.c"));
    let library = dir.join(format!("{name}.so"));
    let made =
        Command::new("cc").args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").status();
    assert!(made.unwrap().success());
    library
}

/// A server whose every so manieth write to the store fails while the file `failing` is there.
fn on_failing_disk(dir: &Path, every: u32) -> Command {
    let mut command = command();
    command.arg("--data-dir").arg(dir.join("data")).args(["--listen", "127.0.0.1:0"]);
    command.env("LD_PRELOAD", dir.join("shim.so")).env("FAIL_WHEN", dir.join("failing"));
    command.env("FAIL_EVERY", every.to_string());
    command
}

#[test]
fn what_was_answered_is_there_whatever_failed() {
    let dir = tempfile::tempdir().unwrap();
    library(dir.path(), "shim");
    let (data, failing) = (dir.path().join("data"), dir.path().join("failing"));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.stop();

    // What was answered last, and what was tried since then and may be there, too.
    let mut stored: BTreeMap<u32, (u32, u32)> = BTreeMap::new();
    let (mut number, mut refused, mut answered) = (0, 0, 0);
    for every in [2, 3, 4, 5, 7, 9, 11, 13, 17] {
        let process = Process::spawn(on_failing_disk(dir.path(), every));
        assert_eq!(process.client.login("ada", KEY).status, 200);
        fs::write(&failing, "").unwrap();
        for _ in 0..PUSHES {
            number += 1;
            let document = number % DOCUMENTS;
            let body = position(&format!("book {document}"), &number.to_string(), 0.5).to_string();
            let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
            let reply =
                exchange_or_error(process.client.address, &request("PUT", "/syncs/progress", &headers, Some(&body)));
            let reply = reply.unwrap().shaped();
            let entry = stored.entry(document).or_default();
            entry.1 = number;
            match reply.status {
                200 => {
                    entry.0 = number;
                    answered += 1;
                }
                // KOReader keeps what is answered so, and sends it again.
                502 | 503 | 507 => refused += 1,
                status => panic!("{status}: {reply:?}"),
            }
        }
        fs::remove_file(&failing).unwrap();
        process.kill();

        let process = Process::start(&data);
        for (document, (told, tried)) in &stored {
            let pulled = process.client.pull("ada", KEY, &format!("book {document}")).json();
            let found: u32 = pulled["progress"].as_str().map_or(0, |number| number.parse().unwrap());
            assert!((*told..=*tried).contains(&found), "every {every}: book {document} is at {found}, was told {told}");
        }
        process.stop();
        let checked = output(&["check", "--data-dir", data.to_str().unwrap()], &[]);
        assert!(checked.status.success(), "every {every}: {checked:?}");
    }
    assert!(refused > 20 && answered > 20, "{refused} refused, {answered} answered");
}

/// When LMDB cannot write its own head it gives up; that is told, and the next start goes on.
#[test]
fn a_store_that_has_given_up_says_so_until_it_is_started_again() {
    let dir = tempfile::tempdir().unwrap();
    library(dir.path(), "shim");
    let data = dir.path().join("data");
    let process = Process::spawn(on_failing_disk(dir.path(), 1));
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("book", "before", 0.1));
    fs::write(dir.path().join("failing"), "").unwrap();
    let statuses: Vec<u16> =
        (0..10).map(|_| process.client.push("ada", KEY, &position("book", "x", 0.2)).status).collect();
    assert!(statuses.iter().all(|status| [502, 503, 507].contains(status)), "{statuses:?}");
    fs::remove_file(dir.path().join("failing")).unwrap();
    // Either it goes on by itself, or it says that it does not.
    let health = process.client.send("GET", "/healthcheck", &[], None).status;
    let push = process.client.push("ada", KEY, &position("book", "after", 0.3)).status;
    assert!((health, push) == (200, 200) || health == 502 && push >= 500, "{health}, {push}");
    process.kill();
    let process = Process::start(&data);
    let place = process.client.pulled("ada", KEY, "book")["progress"].clone();
    assert_eq!(place, if push == 200 { "after" } else { "before" });
    process.client.pushed("ada", KEY, &position("book", "again", 0.4));
    process.stop();
}

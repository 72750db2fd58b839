//! A damaged data file: LMDB may abort the process that reads it, but the command still reports it.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::Value;

use super::kosync::{Process, output, succeeded};
use super::transfer::fill;
use crate::common::{KEY, position};

/// Size of a page of the file, in bytes.
const PAGE: usize = 4096;
const LMDB_ABORTED: &str = "kosync: the file is damaged, and LMDB cannot read it; restore an intact backup";

/// Runs a command on a data directory.
fn kosync(data_dir: &Path, arguments: &[&str]) -> Output {
    output(&[&["--data-dir", data_dir.to_str().unwrap()], arguments].concat(), &[])
}

/// Returns the last line of standard error, if the command failed. LMDB may print lines before it.
fn error_line(output: &Output) -> Option<String> {
    let stderr = String::from_utf8_lossy(&output.stderr);
    let last = stderr.lines().last().unwrap_or_default().to_owned();
    match output.status.code() {
        Some(0) => None,
        Some(1 | 2) if last.starts_with("kosync: ") => Some(last),
        _ => panic!("{output:?}"),
    }
}

#[test]
fn every_lost_page_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let [data, damaged, again, file] = ["data", "damaged", "again", "books.mdb"].map(|name| dir.path().join(name));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    for number in 0..100 {
        process.client.pushed("ada", KEY, &position(&format!("{number}"), &"p".repeat(500), 0.5));
    }
    process.stop();
    succeeded(kosync(&data, &["backup", file.to_str().unwrap()]));
    let whole = fs::read(&file).unwrap();

    let (mut aborted, mut restored) = (0, 0);
    // The first two pages are LMDB's meta pages, of which one is enough.
    for at in (2 * PAGE..whole.len()).step_by(PAGE) {
        let mut bytes = whole.clone();
        bytes[at..at + PAGE].fill(0);
        let _ = fs::remove_dir_all(&damaged);
        fs::create_dir(&damaged).unwrap();
        fs::write(damaged.join("data.mdb"), &bytes).unwrap();
        let error = error_line(&kosync(&damaged, &["check"]));
        let Some(error) = error else { panic!("page {} is not missed", at / PAGE) };
        aborted += u32::from(error == LMDB_ABORTED);

        fs::write(&file, &bytes).unwrap();
        match error_line(&kosync(&again, &["restore", file.to_str().unwrap()])) {
            Some(error) => assert!(error == LMDB_ABORTED || error.contains("it is damaged: "), "{error}"),
            // The page contained no position.
            None => {
                restored += 1;
                fs::remove_dir_all(&again).unwrap();
            }
        }
    }
    assert!(aborted > 0 && restored < 3, "{aborted} {restored}");
    // The directory can be used for another restore, whatever a killed one has left there.
    fs::create_dir_all(again.join(".restoring")).unwrap();
    fs::write(again.join(".restoring/data.mdb"), "of a restore that was killed").unwrap();
    fs::write(&file, &whole).unwrap();
    succeeded(kosync(&again, &["restore", file.to_str().unwrap()]));
    succeeded(kosync(&again, &["check"]));
}

/// A copy of a running server's file may be cut off.
#[test]
fn a_data_file_that_is_cut_off_ends_no_process_by_a_signal() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fill(&data);
    let file = data.join("data.mdb");
    let whole = fs::read(&file).unwrap();
    for pages in 3..whole.len() / 4096 {
        fs::write(&file, &whole[..pages * 4096]).unwrap();
        for command in [&["check"][..], &["export", "-"], &["user", "list"]] {
            // Not in a subprocess, whose signal would go unnoticed.
            let data_dir = ["--data-dir", data.to_str().unwrap()];
            let output = output(&[command, &data_dir].concat(), &[("KOSYNC_SUBPROCESS", "yes")]);
            assert!(output.status.code().is_some(), "{pages} pages, {command:?}: {output:?}");
        }
    }
}

/// The file was modified without LMDB.
#[test]
fn a_check_reports_what_is_inconsistent() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fill(&data);
    let printed = succeeded(kosync(&data, &["check"]));
    assert!(printed.starts_with("4 accounts, 3 documents, 5 positions including history, 0 sessions, "), "{printed}");
    let file = data.join("data.mdb");
    let sound = fs::read(&file).unwrap();
    // Rows are CBOR: f5 is true, f4 is false, and 1a a time, which here may be any.
    let after_time = |fields: &[u8]| {
        let mut found = vec![Some(0x1a), None, None, None, None];
        found.extend(fields.iter().copied().map(Some));
        found
    };
    let of_ada = [Some(0xf5), Some(0xf4), Some(2)];
    for (found, change, problem) in [
        // Number of the last entry, length of the history.
        (
            after_time(&[3, 3, 0]),
            (6, 4),
            "account ada, document emma: its history has 3 positions, but its record says 4",
        ),
        (of_ada.to_vec(), (2, 5), "account ada: it has 2 documents, but its record says 5"),
        // Pushes, number of the entry before.
        (after_time(&[1, 1]), (6, 9), "account ada, document emma: entry 9 of its history is out of order"),
        (of_ada.to_vec(), (0, 0xff), "a row of accounts cannot be read: "),
    ] {
        let mut bytes = sound.clone();
        let is_found = |at: &[u8]| at.iter().zip(&found).all(|(byte, found)| found.is_none_or(|found| found == *byte));
        let places: Vec<usize> =
            bytes.windows(found.len()).enumerate().filter(|(_, at)| is_found(at)).map(|(place, _)| place).collect();
        assert!(!places.is_empty(), "{problem}");
        for place in places {
            bytes[place + change.0] = change.1;
        }
        fs::write(&file, &bytes).unwrap();
        let checked = kosync(&data, &["check"]);
        let errors = String::from_utf8(checked.stderr.clone()).unwrap();
        assert_eq!(checked.status.code(), Some(1), "{checked:?}");
        assert!(errors.contains(&format!("problem: {problem}")), "{problem}: {errors}");
        let as_json: Value = serde_json::from_slice(&kosync(&data, &["check", "--json"]).stdout).unwrap();
        assert!(as_json["problems"]["count"].as_u64() > Some(0), "{as_json}");
    }
    fs::write(&file, &sound).unwrap();
    succeeded(kosync(&data, &["check"]));
}

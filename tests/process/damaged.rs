//! A damaged data file: LMDB may abort the process that reads it, but the command still reports it.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::kosync::{Process, output, succeeded};
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

//! A damaged data file: LMDB may end the process that reads it, but whoever asks is told.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::kosync::{Process, done, output};
use crate::common::{KEY, position};

/// The smallest unit of the file that a disk damages.
const PAGE: usize = 4096;
const BEYOND_LMDB: &str = "kosync: the file is damaged, and LMDB cannot read on; restore a backup that can be read";

fn kosync(data_dir: &Path, arguments: &[&str]) -> Output {
    output(&[&["--data-dir", data_dir.to_str().unwrap()], arguments].concat(), &[])
}

/// What it says in the end, if it fails; LMDB may have its own say before.
fn complaint(output: &Output) -> Option<String> {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.lines().last().unwrap_or_default().to_owned();
    match output.status.code() {
        Some(0) => None,
        Some(1 | 2) if last.starts_with("kosync: ") => Some(last),
        _ => panic!("{output:?}"),
    }
}

#[test]
fn each_page_that_is_lost_is_noticed() {
    let dir = tempfile::tempdir().unwrap();
    let [data, damaged, again, file] = ["data", "damaged", "again", "books.mdb"].map(|name| dir.path().join(name));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    for number in 0..100 {
        process.client.pushed("ada", KEY, &position(&format!("{number}"), &"p".repeat(500), 0.5));
    }
    process.stop();
    done(kosync(&data, &["backup", file.to_str().unwrap()]));
    let whole = fs::read(&file).unwrap();

    let (mut beyond_lmdb, mut restored) = (0, 0);
    // The first two pages are LMDB's heads, of which one is enough.
    for at in (2 * PAGE..whole.len()).step_by(PAGE) {
        let mut bytes = whole.clone();
        bytes[at..at + PAGE].fill(0);
        let _ = fs::remove_dir_all(&damaged);
        fs::create_dir(&damaged).unwrap();
        fs::write(damaged.join("data.mdb"), &bytes).unwrap();
        let complaint_of_check = complaint(&kosync(&damaged, &["check"]));
        let Some(said) = complaint_of_check else { panic!("page {} is not missed", at / PAGE) };
        beyond_lmdb += u32::from(said == BEYOND_LMDB);

        fs::write(&file, &bytes).unwrap();
        match complaint(&kosync(&again, &["restore", file.to_str().unwrap()])) {
            Some(said) => assert!(said == BEYOND_LMDB || said.contains("it is damaged: "), "{said}"),
            // A page of something that no position is in.
            None => {
                restored += 1;
                fs::remove_dir_all(&again).unwrap();
            }
        }
    }
    assert!(beyond_lmdb > 0 && restored < 3, "{beyond_lmdb} {restored}");
    // The folder can be used for another one, whatever the last left there.
    fs::create_dir_all(again.join(".restoring")).unwrap();
    fs::write(again.join(".restoring/data.mdb"), "of a restore that was killed").unwrap();
    fs::write(&file, &whole).unwrap();
    done(kosync(&again, &["restore", file.to_str().unwrap()]));
    done(kosync(&again, &["check"]));
}

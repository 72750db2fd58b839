//! A power cut at any moment of an upload: an acknowledged file is whole, and any other is the old one.

use std::fs;

use super::library;
use super::power_cut::{Entry, after_cut, entries, random};
use crate::common::KEY;
use crate::kosync::{Process, command, output};
use crate::uploads::{content, get, put};

const CUTS: usize = 30;
const UPLOADS: usize = 24;

#[test]
fn a_power_cut_leaves_each_file_as_it_was_acknowledged_or_as_a_later_upload_made_it() {
    let dir = tempfile::tempdir().unwrap();
    let record = dir.path().join("record");
    let mut serve = command();
    serve.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path().join("data"));
    serve.env("LD_PRELOAD", library(dir.path(), "recorder")).env("RECORD", &record);
    let process = Process::spawn(serve);
    let length = || usize::try_from(fs::metadata(&record).unwrap().len()).unwrap();
    process.client.registered("ada", KEY);
    let start = length();
    // By upload, of two files in turn: the length of the record when it was acknowledged.
    let acknowledged: Vec<usize> = (0..UPLOADS)
        .map(|number| {
            let status = put(process.client.address, &format!("/webdav/{}", number % 2), &content(number)).unwrap();
            assert!(matches!(status, 201 | 204), "{status}");
            length()
        })
        .collect();
    process.kill();

    let entries = entries(&fs::read(&record).unwrap());
    assert!(entries.iter().any(|(_, entry)| matches!(entry, Entry::Sync)), "uploads are synced");
    let first = entries.iter().position(|(length, _)| *length >= start).unwrap();
    let mut state = 88_172_645_463_325_252;
    for _ in 0..CUTS {
        let cut = first + 1 + random(&mut state, entries.len() - first);
        let written = entries[cut - 1].0;
        let left = dir.path().join("left");
        fs::create_dir(&left).unwrap();
        fs::write(left.join("data.mdb"), after_cut(&[], &entries, cut, &mut state)).unwrap();
        let checked = output(&["check", "--data-dir", left.to_str().unwrap()], &[]);
        assert!(checked.status.success(), "cut {cut}: {checked:?}");
        let process = Process::start(&left);
        for file in 0..2 {
            let of_file = || (file..UPLOADS).step_by(2);
            let last = of_file().rfind(|number| acknowledged[*number] <= written);
            let (status, bytes) = get(process.client.address, &format!("/webdav/{file}"));
            let found = of_file().find(|number| status == 200 && content(*number) == bytes);
            assert!(status == 404 || found.is_some(), "cut {cut}: neither an old file nor a new one");
            // A later upload, written but not acknowledged yet, may be there.
            assert!(found >= last, "cut {cut}: upload {found:?} is there, {last:?} was acknowledged");
        }
        process.stop();
        fs::remove_dir_all(&left).unwrap();
    }
}

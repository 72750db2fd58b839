//! Data files that a program of another word size wrote: LMDB's format depends on it.

use std::fs;
use std::path::Path;

use super::kosync::{output, single_line};

/// The first 36 bytes of a data file of i686: page number, padding, flag of a meta page, magic, version, address, map size, page size.
const OF_32_BIT: [u8; 36] = [
    0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0xde, 0xc0, 0xef, 0xbe, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0x10, 0, 0,
    8, 0, 0, 0,
];
/// The same of x86_64.
const OF_64_BIT: [u8; 44] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0xde, 0xc0, 0xef, 0xbe, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    0, 0, 0x10, 0, 0, 0, 0, 0x10, 0, 0,
];

/// Writes the start of a data file of the other word size. Returns its bytes and both sizes' names, theirs and ours.
fn write_foreign(path: &Path) -> (Vec<u8>, &'static str, &'static str) {
    let (start, theirs, ours) = match cfg!(target_pointer_width = "64") {
        true => (&OF_32_BIT[..], "32-bit", "64-bit"),
        false => (&OF_64_BIT[..], "64-bit", "32-bit"),
    };
    let mut bytes = start.to_vec();
    bytes.resize(8192, 0);
    fs::write(path, &bytes).unwrap();
    (bytes, theirs, ours)
}

#[test]
fn a_data_directory_of_another_word_size_is_refused_untouched_and_the_way_to_move_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let (bytes, theirs, ours) = write_foreign(&dir.path().join("data.mdb"));
    let expected = format!(
        "kosync: data directory {data}: data.mdb was written by a {theirs} program, and this one is {ours}: LMDB's files differ; run \
         `kosync --data-dir {data} export kosync.jsonl` with a {theirs} kosync, then `kosync --data-dir NEW import kosync.jsonl` with \
         this one"
    );
    for arguments in [&["--listen", "127.0.0.1:0"][..], &["user", "list"], &["check"], &["export", "-"]] {
        let refused = output(&[arguments, &["--data-dir", data]].concat(), &[]);
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert_eq!(single_line(&refused.stderr), expected, "{arguments:?}");
    }
    let files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["data.mdb"]);
    assert_eq!(fs::read(dir.path().join("data.mdb")).unwrap(), bytes);
}

#[test]
fn a_backup_of_another_word_size_is_recognized_by_restore_and_import() {
    let dir = tempfile::tempdir().unwrap();
    let (file, new) = (dir.path().join("kosync.mdb"), dir.path().join("new"));
    let (_, theirs, ours) = write_foreign(&file);
    let (file, data) = (file.to_str().unwrap(), new.to_str().unwrap());
    let reason = format!(
        "it was written by a {theirs} program, and this one is {ours}: LMDB's files differ; run `kosync --data-dir OLD restore {file}` and \
         `kosync --data-dir OLD export kosync.jsonl` with a {theirs} kosync, then `kosync --data-dir NEW import kosync.jsonl` with this one"
    );
    for (command, what) in [("restore", ""), ("import", "this is a backup or a server's data file; ")] {
        let refused = output(&[command, file, "--data-dir", data], &[]);
        assert_eq!(refused.status.code(), Some(1), "{refused:?}");
        assert_eq!(single_line(&refused.stderr), format!("kosync: {file}: {what}{reason}"));
        assert!(!new.exists() || fs::read_dir(&new).unwrap().next().is_none());
    }
}

//! A power cut after a command has reported success: the file that it wrote must be on disk, complete and under its name.
//!
//! So a file is synced before it gets its name, and its directory afterwards.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::library;
use crate::common::{KEY, position};
use crate::kosync::{Process, command, run_with_input, succeeded};

/// One call of `fsync` or `fdatasync`.
#[derive(Debug)]
struct Sync {
    inode: u64,
    size: u64,
    /// Inode of the file under its final name at that moment. It is 0 if there was none.
    named: u64,
    path: PathBuf,
}

/// Runs a command that creates `target`, and returns what it synced, in order.
fn syncs_of(dir: &Path, target: &Path, arguments: &[&str], input: &str) -> Vec<Sync> {
    let log = dir.join("syncs");
    let mut command = command();
    command.args(arguments).env("LD_PRELOAD", library(dir, "syncs")).env("SYNC_LOG", &log).env("TARGET", target);
    succeeded(run_with_input(command, input));
    let syncs = fs::read_to_string(&log).unwrap();
    fs::remove_file(&log).unwrap();
    let parse = |line: &str| {
        let [inode, size, named, path] = line.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let number = |text: &str| text.parse().unwrap();
        Sync { inode: number(inode), size: number(size), named: number(named), path: path.into() }
    };
    syncs.lines().map(parse).collect()
}

#[test]
fn a_file_is_synced_before_it_gets_its_name_and_its_directory_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let [data, backup, export, restored] =
        ["data", "books.mdb", "books.jsonl", "restored"].map(|name| root.join(name).to_str().unwrap().to_owned());
    let process = Process::start(data.as_ref());
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("book", "p", 0.5));
    process.stop();

    let data_dir = ["--data-dir", data.as_str()];
    let restored_file = format!("{restored}/data.mdb");
    for (target, arguments) in [
        (&backup, [&data_dir[..], &["backup", &backup]].concat()),
        (&backup, [&data_dir[..], &["backup", "--force", &backup]].concat()),
        (&export, [&data_dir[..], &["export", &export]].concat()),
        (&export, [&data_dir[..], &["export", "--force", &export]].concat()),
        (&restored_file, vec!["--data-dir", &restored, "restore", &backup]),
    ] {
        let target = Path::new(target);
        let syncs = syncs_of(&root, target, &arguments, "");
        let file = fs::metadata(target).unwrap();
        let is_whole_file =
            |sync: &Sync| (sync.inode, sync.size) == (file.ino(), file.len()) && sync.named != file.ino();
        let before = syncs.iter().position(is_whole_file);
        let before = before.unwrap_or_else(|| panic!("{arguments:?}: no sync of the unnamed file: {syncs:#?}"));
        let parent = target.parent().unwrap();
        assert!(
            syncs[before..].iter().any(|sync| sync.path == parent && sync.named == file.ino()),
            "{arguments:?}: no sync of the directory after the naming: {syncs:#?}"
        );
    }
}

/// LMDB syncs its files, but not the directory that names them. The name of a new directory needs a sync, too.
#[test]
fn a_new_data_directory_and_the_names_in_it_are_synced() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().canonicalize().unwrap();
    let data = root.join("data");
    let target = data.join("data.mdb");
    let arguments = ["--data-dir", data.to_str().unwrap(), "--password-stdin"];
    let syncs = syncs_of(&root, &target, &[&["user", "add", "ada"], &arguments[..]].concat(), "password\n");
    let inode = fs::metadata(&target).unwrap().ino();
    assert!(syncs.iter().any(|sync| sync.path == root), "{syncs:#?}");
    assert!(syncs.iter().any(|sync| sync.path == data && sync.named == inode), "{syncs:#?}");
}

//! Backups, exports and restores work on USB sticks, cloud storage and network shares. Their file systems, such as FAT
//! and exFAT, lack hard links, exclusive renames, owners or syncs of directories. There, too, nothing is replaced
//! without `--force`, and nothing is left behind.

mod fuse;
mod refused_calls;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::{KEY, position};
use crate::kosync::{Process, command, failed, run_with_input, succeeded};

/// How a command is run that finds the file system.
type Run<'a> = &'a dyn Fn(&[&str]) -> Output;

/// Creates a data directory with an account and a position.
fn data_dir(dir: &Path) -> PathBuf {
    let data = dir.join("data");
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("book", "here", 0.5));
    process.stop();
    data
}

/// Returns the names in a directory, sorted.
fn names(dir: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string().unwrap();
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(name).collect();
    names.sort();
    names
}

/// Writes backups and exports to the directory `target`, and compares what is there. This process sees it as `seen`.
fn files_are_written(run: Run<'_>, data: &Path, target: &Path, seen: &Path) {
    let data = data.to_str().unwrap();
    let kosync = |arguments: &[&str]| run(&[&["--data-dir", data], arguments].concat());
    for (command, name) in [("backup", "books.mdb"), ("export", "books.jsonl")] {
        let (file, seen) = (target.join(name), seen.join(name));
        let file = file.to_str().unwrap();
        succeeded(kosync(&[command, file]));
        let first = fs::read(&seen).unwrap();
        assert!(first.len() > 200, "{command}: {}", first.len());
        let exists = format!("kosync: {file}: a file of that name exists already; `--force` replaces it");
        assert_eq!(failed(&kosync(&[command, file])), exists);
        assert!(fs::read(&seen).unwrap() == first, "{command} without --force changed the file");
        fs::write(&seen, "mine").unwrap();
        succeeded(kosync(&[command, "--force", file]));
        assert!(fs::read(&seen).unwrap().len() > 200, "{command}");
    }
    succeeded(kosync(&["backup", "--keep", "2", target.to_str().unwrap()]));
    let names = names(seen);
    let [export, backup, kept] = &names[..] else { panic!("something is left: {names:?}") };
    assert!(export == "books.jsonl" && backup == "books.mdb" && kept.starts_with("kosync-2"), "{names:?}");
}

/// Restores the backup of [`files_are_written`] into the directory `restored`, and reads it with a server.
fn backup_is_complete(run: Run<'_>, backup: &Path, restored: &Path) {
    let line = succeeded(run(&["--data-dir", restored.to_str().unwrap(), "restore", backup.to_str().unwrap()]));
    assert!(line.starts_with("Restored 2 accounts with 1 position to "), "{line}");
    let documents = run(&["--data-dir", restored.to_str().unwrap(), "user", "documents", "ada", "--json"]);
    assert!(succeeded(documents).contains(r#""progress": "here""#));
}

/// Compiles a program or a library with the C compiler that also builds LMDB.
fn compiled(dir: &Path, name: &str, options: &[&str]) -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/process/any_file_system/{name}.c"));
    let program = dir.join(format!("{name}.out"));
    let compiled = Command::new("cc").arg("-O1").arg("-o").arg(&program).arg(source).args(options).status();
    assert!(compiled.unwrap().success());
    program
}

/// Runs the binary as it is.
fn unrestricted(arguments: &[&str]) -> Output {
    let mut kosync = command();
    kosync.args(arguments);
    run_with_input(kosync, "")
}

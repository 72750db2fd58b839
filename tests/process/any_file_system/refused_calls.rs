//! Simulates such file systems with a seccomp filter, so that every machine can test them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{backup_is_complete, compiled, data_dir, files_are_written, names, unrestricted};
use crate::kosync::{failed, run_with_input, single_line, succeeded};

/// What exFAT answers through FUSE, and FAT about owners.
const EXFAT: [&str; 7] = [
    "renameat2=EINVAL",
    "link=EPERM",
    "linkat=EPERM",
    "fchown=EPERM",
    "fallocate=EOPNOTSUPP",
    "ioctl=EINVAL",
    "fsync=EINVAL",
];
/// What rclone answers.
const RCLONE: [&str; 4] = ["renameat2=EINVAL", "link=EIO", "linkat=EIO", "fallocate=EOPNOTSUPP"];
/// What the seccomp filters of some containers answer, or an old kernel.
const CONTAINER: [&str; 4] = ["renameat2=EPERM", "link=EPERM", "linkat=EPERM", "fchown=EPERM"];
const OLD: [&str; 1] = ["renameat2=ENOSYS"];
/// Hard links alone.
const LINKS: [&str; 1] = ["renameat2=EINVAL"];

/// The binary, for which the kernel refuses these calls.
fn refusing(refuse: &Path, calls: &[&str]) -> Command {
    let mut command = Command::new(refuse);
    command.env_clear().stdin(Stdio::null()).args(calls).arg("--").arg(env!("CARGO_BIN_EXE_kosync"));
    command
}

/// Compiles the library that interposes the calls that give names.
fn naming(dir: &Path) -> PathBuf {
    compiled(dir, "naming", &["-shared", "-fPIC", "-ldl"])
}

#[test]
fn files_get_their_names_whichever_calls_the_file_system_lacks() {
    let dir = tempfile::tempdir().unwrap();
    let (data, refuse) = (data_dir(dir.path()), compiled(dir.path(), "refuse", &[]));
    for (number, calls) in [&EXFAT[..], &RCLONE, &CONTAINER, &OLD, &LINKS].into_iter().enumerate() {
        let target = dir.path().join(number.to_string());
        fs::create_dir(&target).unwrap();
        let run = |arguments: &[&str]| -> Output {
            let mut command = refusing(&refuse, calls);
            command.args(arguments);
            if calls.iter().any(|call| call.starts_with("linkat=")) {
                command.env("LD_PRELOAD", naming(dir.path()));
            }
            run_with_input(command, "")
        };
        files_are_written(&run, &data, &target, &target);
        backup_is_complete(&run, &target.join("books.mdb"), &target.join("new/restored"));
        assert_eq!(names(&target.join("new")), ["restored"]);
    }
}

/// Without an exclusive rename or a hard link, a command reserves the name first.
#[test]
fn a_file_that_appears_meanwhile_is_not_replaced() {
    let dir = tempfile::tempdir().unwrap();
    let (data, refuse) = (data_dir(dir.path()), compiled(dir.path(), "refuse", &[]));
    let backup = dir.path().join("books.mdb");
    let [data, backup] = [&data, &backup].map(|path| path.to_str().unwrap());
    succeeded(unrestricted(&["--data-dir", data, "backup", backup]));
    let run = |name: &str, arguments: &[&str]| {
        let target = dir.path().join(name);
        fs::create_dir(&target).unwrap();
        let mut kosync = refusing(&refuse, &EXFAT);
        kosync.args(arguments).current_dir(&target).env("LD_PRELOAD", naming(dir.path())).env("APPEARS", "yes");
        let error = failed(&run_with_input(kosync, ""));
        let [file] = &names(&target)[..] else { panic!("{arguments:?}: {:?}", names(&target)) };
        assert_eq!(fs::read_to_string(target.join(file)).unwrap(), "mine", "{arguments:?}");
        error
    };
    let exists = "a file of that name exists already; `--force` replaces it";
    assert_eq!(run("backup", &["--data-dir", data, "backup", "new"]), format!("kosync: new: {exists}"));
    assert_eq!(run("export", &["--data-dir", data, "export", "new"]), format!("kosync: new: {exists}"));
    assert!(run("keep", &["--data-dir", data, "backup", "--keep", "2", "."]).ends_with(exists));
    let error = run("restore", &["--data-dir", ".", "restore", backup]);
    assert!(error.contains("it is not empty; restore into an empty or new directory"), "{error}");
}

/// The store cannot do without locks.
#[test]
fn a_data_directory_without_locks_is_refused_with_advice() {
    let dir = tempfile::tempdir().unwrap();
    let (data, refuse) = (data_dir(dir.path()), compiled(dir.path(), "refuse", &[]));
    let backup = dir.path().join("books.mdb");
    succeeded(unrestricted(&["--data-dir", data.to_str().unwrap(), "backup", backup.to_str().unwrap()]));
    let new = dir.path().join("new");
    for (command, data, code) in [
        (vec!["user", "list"], &data, 2),
        (vec!["--listen", "127.0.0.1:0"], &data, 2),
        (vec!["restore", backup.to_str().unwrap()], &new, 1),
    ] {
        let mut kosync = refusing(&refuse, &["flock=ENOLCK"]);
        kosync.arg("--data-dir").arg(data).args(command);
        let refused = run_with_input(kosync, "");
        assert_eq!(refused.status.code(), Some(code), "{refused:?}");
        let error = single_line(&refused.stderr);
        let start = format!("kosync: data directory {}: No locks available (os error 37): ", data.display());
        assert!(error.starts_with(&start) && error.ends_with("; choose a directory on a local disk"), "{error}");
    }
    assert!(names(&new).is_empty());
}

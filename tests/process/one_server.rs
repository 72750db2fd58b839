//! One folder has one server, and any number of commands beside it.

use std::fs::File;
use std::path::Path;
use std::process::Command;

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, flock};

use super::kosync::{Process, may_unshare, one_line, output};
use crate::common::{KEY, position};

#[test]
fn a_second_server_is_refused_and_commands_are_not() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let first = Process::start(dir.path());
    first.client.registered("ada", KEY);
    let refused = |number: u32| {
        let second = output(&["--data-dir", data, "--listen", "127.0.0.1:0"], &[]);
        assert_eq!(second.status.code(), Some(2), "{second:?}");
        let said = format!(
            "kosync: data folder {data}: another server is running on it (process {number}); stop that one, or choose another folder"
        );
        assert_eq!(one_line(&second.stderr), said);
    };
    refused(first.id());
    for command in [vec!["user", "list"], vec!["check"], vec!["export", "-"]] {
        let done = output(&[&command[..], &["--data-dir", data]].concat(), &[]);
        assert!(done.status.success(), "{done:?}");
    }
    // It has hurt nobody.
    first.client.pushed("ada", KEY, &position("book", "p", 0.5));

    // Whoever was killed holds nothing.
    first.kill();
    let second = Process::start(dir.path());
    assert_eq!(second.client.pulled("ada", KEY, "book")["progress"], "p");
    refused(second.id());
    second.stop();
    Process::start(dir.path()).stop();
}

/// The kind of lock on the first byte of LMDB's lock file, by which a process knows that it is not the first there. Whoever finds none
/// makes the file anew, with the mutex and the table of readers that others are using.
fn lmdb_lock(data: &Path) -> i32 {
    let file = File::options().read(true).write(true).open(data.join("lock.mdb")).unwrap();
    let (kind, whence) = (F_WRLCK.try_into().unwrap(), SEEK_SET.try_into().unwrap());
    let mut lock = flock { l_type: kind, l_whence: whence, l_start: 0, l_len: 1, l_pid: 0 };
    fcntl(&file, FcntlArg::F_GETLK(&mut lock)).unwrap();
    i32::from(lock.l_type)
}

#[test]
fn a_command_knows_that_it_is_not_alone() {
    let dir = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let process = Process::start(dir.path());
        assert_eq!(lmdb_lock(dir.path()), F_RDLCK);
        let done = output(&["check", "--data-dir", dir.path().to_str().unwrap()], &[]);
        assert!(done.status.success(), "{done:?}");
        assert_eq!(lmdb_lock(dir.path()), F_RDLCK);
        process.stop();
        assert_eq!(lmdb_lock(dir.path()), F_UNLCK);
    }
}

/// Two containers with one volume: in each the process is number 1, and by their numbers LMDB tells processes from each other.
#[test]
fn a_command_in_another_container_is_told_where_to_run() {
    let other_numbers = || {
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--kill-child"]);
        command
    };
    if !may_unshare("--pid") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut serve = other_numbers();
    serve.arg(env!("CARGO_BIN_EXE_kosync")).args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path());
    let first = Process::spawn(serve);
    first.client.registered("ada", KEY);
    let mut list = other_numbers();
    list.arg(env!("CARGO_BIN_EXE_kosync")).args(["user", "list", "--data-dir"]).arg(dir.path());
    let list = list.output().unwrap();
    assert_eq!(list.status.code(), Some(2), "{list:?}");
    let said = one_line(&list.stderr);
    assert!(
        said.contains("a process with the number 1, which this one has, too, uses it in another container"),
        "{said}"
    );
    first.client.pushed("ada", KEY, &position("book", "p", 0.5));
}

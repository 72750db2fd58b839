//! A data directory has one server, and any number of commands beside it.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::fcntl::{FcntlArg, fcntl};
use nix::libc::{F_RDLCK, F_UNLCK, F_WRLCK, SEEK_SET, SIGTSTP, flock};

use super::kosync::{
    Process, command, may_unshare, newest_meta_page, output, run_with_input, single_line, wait_for_exit,
};
use crate::common::{KEY, position, wait_until};

#[test]
fn a_second_server_is_refused_and_commands_are_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().to_str().unwrap();
    let first = Process::start(dir.path());
    first.client.registered("ada", KEY);
    let refused = |number: u32| {
        let second = output(&["--data-dir", data, "--listen", "127.0.0.1:0"], &[]);
        assert_eq!(second.status.code(), Some(2), "{second:?}");
        let expected = format!(
            "kosync: data directory {data}: another server is running on it (process {number}); stop that server, or choose another directory"
        );
        assert_eq!(single_line(&second.stderr), expected);
    };
    refused(first.id());
    for command in [vec!["user", "list"], vec!["check"], vec!["export", "-"]] {
        let done = output(&[&command[..], &["--data-dir", data]].concat(), &[]);
        assert!(done.status.success(), "{done:?}");
    }
    // The first server is unaffected.
    first.client.pushed("ada", KEY, &position("book", "p", 0.5));

    // A killed server leaves no lock.
    first.kill();
    let second = Process::start(dir.path());
    assert_eq!(second.client.pulled("ada", KEY, "book")["progress"], "p");
    refused(second.id());
    second.stop();
    Process::start(dir.path()).stop();
}

/// Returns the kind of lock on the first byte of LMDB's lock file. A process that finds no lock there considers itself the first one,
/// and creates the mutex and the table of readers again, even if others use them.
fn lmdb_lock(data: &Path) -> i32 {
    let file = File::options().read(true).write(true).open(data.join("lock.mdb")).unwrap();
    let (kind, whence) = (F_WRLCK.try_into().unwrap(), SEEK_SET.try_into().unwrap());
    let mut lock = flock { l_type: kind, l_whence: whence, l_start: 0, l_len: 1, l_pid: 0 };
    fcntl(&file, FcntlArg::F_GETLK(&mut lock)).unwrap();
    i32::from(lock.l_type)
}

#[test]
fn lmdb_s_lock_shows_that_the_store_is_open() {
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

fn locked(file: &File, kind: i32) {
    let (kind, whence) = (kind.try_into().unwrap(), SEEK_SET.try_into().unwrap());
    let lock = flock { l_type: kind, l_whence: whence, l_start: 0, l_len: 1, l_pid: 0 };
    fcntl(file, FcntlArg::F_SETLK(&lock)).unwrap();
}

/// The first process that opens a store creates the lock file. It writes the number of the last commit there at the
/// very end. If it is killed before that, waiting processes find a 0, with which their first commit would replace the
/// newest one.
#[test]
fn a_start_that_was_killed_half_way_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    process.client.registered("ada", KEY);
    for progress in ["first", "last"] {
        process.client.pushed("ada", KEY, &position("book", progress, 0.5));
    }
    process.stop();

    let lock_file = File::options().read(true).write(true).open(dir.path().join("lock.mdb")).unwrap();
    let mut head = [0; 64];
    lock_file.read_exact_at(&mut head, 0).unwrap();
    let number = newest_meta_page(dir.path()).commit.to_ne_bytes();
    let at = (0..64).step_by(8).find(|at| head[*at..][..8] == number).unwrap();
    lock_file.write_all_at(&[0; 8], at as u64).unwrap();
    // Like another process that has waited.
    locked(&lock_file, F_RDLCK);
    let add = || output(&["user", "add", "grace", "--password-stdin", "--data-dir", dir.path().to_str().unwrap()], &[]);
    let refused = add();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    assert!(single_line(&refused.stderr).contains("data.mdb and lock.mdb do not belong together"), "{refused:?}");

    drop(lock_file);
    let process = Process::start(dir.path());
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "last");
    process.client.pushed("ada", KEY, &position("book", "next", 0.5));
    process.stop();
}

/// LMDB's mutexes are those of the C library, of which it compares only the size.
#[test]
fn programs_with_different_c_libraries_refuse_to_share_a_store() {
    let dir = tempfile::tempdir().unwrap();
    Process::start(dir.path()).stop();
    let list = || output(&["user", "list", "--data-dir", dir.path().to_str().unwrap()], &[]);
    let open = || File::options().read(true).write(true).open(dir.path().join("build.lock")).unwrap();
    let build = || fs::read_to_string(dir.path().join("build.lock")).unwrap();
    let ours = build();
    assert!(ours.starts_with(std::env::consts::ARCH), "{ours}");

    fs::write(dir.path().join("build.lock"), "mips with another\n").unwrap();
    let other = open();
    other.lock_shared().unwrap();
    let refused = list();
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let error = single_line(&refused.stderr);
    assert!(
        error.contains("it is in use by a program built for mips with another, and this one is built for"),
        "{error}"
    );
    let refused = output(&["--listen", "127.0.0.1:0", "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert_eq!((refused.status.code(), single_line(&refused.stderr)), (Some(2), error), "a server, too");
    // Empty, as after a full disk.
    fs::write(dir.path().join("build.lock"), "").unwrap();
    assert!(list().status.success());

    // The other program has ended.
    fs::write(dir.path().join("build.lock"), b"\xff\xff\nmips").unwrap();
    assert_eq!(list().status.code(), Some(2));
    drop(other);
    assert!(list().status.success());
    assert_eq!(build(), ours);
}

/// If it were stopped within a write, the server could not write either.
#[test]
fn ctrl_z_does_not_stop_an_import() {
    let dir = tempfile::tempdir().unwrap();
    let mut import = command();
    import.args(["import", "http://127.0.0.1:9", "--admin", "--password-stdin", "--data-dir"]).arg(dir.path());
    let mut import = import.stdin(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let status = || fs::read_to_string(format!("/proc/{}/status", import.id())).unwrap();
    let blocks = |status: &str| {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigBlk:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() & 1 << (SIGTSTP - 1) != 0
    };
    wait_until("the signal mask", || blocks(&status()).then_some(()));
    // It waits for the password.
    drop(import.stdin.take());
    assert_eq!(wait_for_exit(&mut import).code(), Some(1));
}

/// Two containers share a volume. In both the process id is 1, by which LMDB distinguishes processes.
#[test]
fn a_command_in_another_container_is_refused_with_advice() {
    let other_pid_namespace = || {
        let mut command = Command::new("unshare");
        command.args(["--pid", "--fork", "--kill-child"]);
        command
    };
    if !may_unshare("--pid") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut serve = other_pid_namespace();
    serve.arg(env!("CARGO_BIN_EXE_kosync")).args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(dir.path());
    let first = Process::spawn(serve);
    first.client.registered("ada", KEY);
    let mut list = other_pid_namespace();
    list.arg(env!("CARGO_BIN_EXE_kosync")).args(["user", "list", "--data-dir"]).arg(dir.path());
    let list = run_with_input(list, "");
    assert_eq!(list.status.code(), Some(2), "{list:?}");
    let error = single_line(&list.stderr);
    assert!(
        error.contains("a process in another container uses it and has the same process id as this one (1)"),
        "{error}"
    );
    first.client.pushed("ada", KEY, &position("book", "p", 0.5));
}

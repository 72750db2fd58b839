//! One folder has one server, and any number of commands beside it.

use std::process::Command;

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

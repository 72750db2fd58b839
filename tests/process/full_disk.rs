//! A full disk and a missing data directory: acknowledged pushes stay, others are refused so that devices send them again, and
//! everything works again once the cause is gone.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::kosync::{Process, may_unshare, on_own_mount, output, run_with_input, single_line, succeeded};
use crate::common::{KEY, Reply, position};

/// A position of 4,000 bytes, which soon fills a small disk.
fn large(number: u32) -> Value {
    json!({ "document": format!("book {number}"), "progress": "x".repeat(4000), "percentage": 0.5, "device": "d" })
}

#[test]
fn a_full_disk_loses_no_acknowledged_push_and_writes_resume_with_space() {
    assert_that_a_full_disk_loses_nothing("");
}

#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "the data files are of 64-bit programs")]
fn a_full_disk_loses_nothing_of_data_of_format_1() {
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store/format-1/data.mdb");
    assert_that_a_full_disk_loses_nothing(&format!(r#" && mkdir "$1/data" && cp '{}' "$1/data""#, old.display()));
}

/// Fills a disk of 3 MiB. The shell's commands prepare it.
fn assert_that_a_full_disk_loses_nothing(prepare: &str) {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mount = format!(r#"mount -t tmpfs -o size=3m tmpfs "$1"{prepare}"#);
    let mut command = on_own_mount(dir.path(), &mount);
    // New documents are to fill the disk.
    command.env("KOSYNC_MIN_FREE_DISK", "0");
    let process = Process::spawn(command);
    let client = process.client;
    if prepare.is_empty() {
        client.registered("ada", KEY);
    }
    let push = |number| client.push("ada", KEY, &large(number));
    let full = |reply: Reply| reply.refused(507, 3507, "The server has no space left on its disk.");
    let start = Instant::now();
    // Pages that an earlier push freed may take one more position after the first refusal.
    let (mut stored, mut refused) = (Vec::new(), Vec::new());
    for number in 0..5000 {
        let reply = push(number);
        if reply.status == 200 {
            refused.clear();
            stored.push(number);
        } else {
            full(reply);
            refused.push(number);
        }
        if refused.len() == 20 {
            break;
        }
    }
    assert!(stored.len() > 50 && refused.len() == 20, "{stored:?}");
    // Reads need no space.
    assert_eq!(client.login("ada", KEY).status, 200);
    assert_eq!(client.send("GET", "/healthcheck", &[], None).status, 200);
    assert_eq!(client.pulled("ada", KEY, &format!("book {}", stored[stored.len() - 1]))["progress"], "x".repeat(4000));
    for number in refused {
        assert_eq!(client.pull("ada", KEY, &format!("book {number}")).body, "{}", "nothing half-written is visible");
    }

    let larger = Command::new("nsenter")
        .args(["--mount", "--target", &process.id().to_string(), "mount", "-o", "remount,size=64m"])
        .arg(dir.path())
        .status();
    assert!(larger.unwrap().success());
    for number in 0..20 {
        assert_eq!(push(10_000 + number).status, 200);
    }
    client.registered("grace", KEY);
    for number in stored.into_iter().chain(10_000..10_020) {
        assert_eq!(client.pulled("ada", KEY, &format!("book {number}"))["percentage"], 0.5, "{number}");
    }
    let mut check = Command::new("nsenter");
    check.args(["--mount", "--target", &process.id().to_string(), env!("CARGO_BIN_EXE_kosync"), "check", "--data-dir"]);
    check.arg(dir.path().join("data"));
    let checked = run_with_input(check, "");
    assert!(checked.status.success(), "{checked:?}");
    let mut process = process;
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    let log = process.all_logged();
    let complaints = log.iter().filter(|line| line.contains("write failed, rolled back")).count();
    let minutes = usize::try_from(start.elapsed().as_secs() / 60).unwrap();
    assert!((1..=1 + minutes).contains(&complaints), "once a minute: {log:#?}");
}

/// A backup leaves no partial file.
#[test]
fn commands_on_a_full_disk_report_it_and_can_be_repeated() {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [data, full] = ["data", "full"].map(|name| dir.path().join(name));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    for number in 0..400 {
        process.client.pushed("ada", KEY, &large(number));
    }
    process.stop();
    let export = dir.path().join("export");
    succeeded(output(&["export", export.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]));
    fs::create_dir(&full).unwrap();
    let script = r#"
        mount -t tmpfs -o size=1m tmpfs "$2" && export KOSYNC_DATA_DIR="$2/data"
        "$0" import "$1" 2>&1; "$0" check; "$0" backup "$2/backup" 2>&1; ls -A "$2"
        mount -o remount,size=64m "$2"; "$0" import "$1"; "$0" check; "$0" backup "$2/backup" > "$2/out" && ls -A "$2"
    "#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_kosync")]).args([&export, &full]);
    let out = succeeded(run_with_input(command, ""));
    let lines: Vec<&str> = out.lines().collect();
    let [failed, counts, sound, backup, "data", created, unchanged, all, "No problems found.", "backup", "data", "out"] =
        lines[..]
    else {
        panic!("{out}")
    };
    let stays = "the import stopped, and what was imported so far stays; fix this and repeat it";
    let reason = "no space left: the disk or the store is full";
    assert_eq!(failed, format!("kosync: {}: {stays}: {reason}", export.display()));
    assert!(counts.starts_with("1 account, ") && sound == "No problems found.", "{out}");
    assert_eq!(backup, format!("kosync: {}: No space left on device (os error 28)", full.join("backup").display()));
    assert!(created.starts_with("Created 1 account and ") && unchanged.starts_with("Unchanged: 1 account,"), "{out}");
    assert!(all.starts_with("2 accounts, 400 documents, 400 positions including history, "), "{out}");
}

#[test]
fn a_read_only_data_directory_is_refused_at_startup_with_advice() {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [data, new] = ["data", "new"].map(|name| dir.path().join(name).display().to_string());
    let process = Process::start(data.as_ref());
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("book", "p", 0.1));
    process.stop();
    let command = on_own_mount(dir.path(), r#"mount --bind "$1" "$1" && mount -o remount,bind,ro "$1""#);
    let refused = run_with_input(command, "");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let stderr = String::from_utf8(refused.stderr).unwrap();
    let advice = format!(
        "Read-only file system (os error 30); to use its data on another disk, run `kosync --data-dir NEW restore {data}/data.mdb`"
    );
    assert!(stderr.ends_with(&format!("kosync: data directory {data}: {advice}\n")), "{stderr}");
    let restored = output(&["restore", &format!("{data}/data.mdb"), "--data-dir", &new], &[]);
    assert!(restored.status.success(), "{restored:?}");
    let process = Process::start(new.as_ref());
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "p");
    process.stop();
}

/// The copy that an export reads fills the disk.
#[test]
fn an_export_without_space_reports_it_and_leaves_no_copy() {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [data, backup, scratch] = ["data", "backup", "scratch"].map(|name| dir.path().join(name));
    fs::create_dir(&scratch).unwrap();
    Process::start(&data).stop();
    let made = output(&["backup", backup.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]);
    assert!(made.status.success(), "{made:?}");
    let script = r#"mount -t tmpfs -o size="$(($(stat -c %s "$1") - 4096))" none "$2"; TMPDIR="$2" "$4" --data-dir "$3" export -; echo "ended with $?"; ls -A "$2""#;
    let mut export = Command::new("unshare");
    export
        .args(["--mount", "sh", "-c", script, "sh"])
        .args([&backup, &scratch, &data])
        .arg(env!("CARGO_BIN_EXE_kosync"));
    let output = run_with_input(export, "");
    // `ls` lists no file after it.
    assert!(output.stdout.ends_with(b"ended with 1\n"), "{output:?}");
    let error = single_line(&output.stderr);
    assert_eq!(error, format!("kosync: {}: No space left on device (os error 28)", scratch.display()));
}

/// Deleted files can still be written, and are gone at the next start: no push may be acknowledged then.
#[test]
fn pushes_are_refused_while_the_data_directory_is_missing_and_resume_when_it_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let (data, away) = (dir.path().join("data"), dir.path().join("away"));
    let process = Process::start(&data);
    let client = process.client;
    client.registered("ada", KEY);
    client.pushed("ada", KEY, &position("book", "before", 0.1));
    let gone = |reply: Reply| reply.refused(503, 3503, "The server's data directory was deleted or replaced.");
    let refused_all = || {
        gone(client.push("ada", KEY, &position("book", "meanwhile", 0.2)));
        gone(client.register("grace", KEY));
        assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before", "reads go on");
        gone(client.send("GET", "/healthcheck", &[], None));
    };

    fs::rename(&data, &away).unwrap();
    refused_all();
    process.logged("it was deleted or replaced; stop the server, put the directory back or restore a backup");
    // Another directory in its place.
    let other = output(&["user", "add", "x", "--password-stdin", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(data.join("lock.mdb").exists(), "{other:?}");
    refused_all();
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    client.pushed("ada", KEY, &position("book", "after", 0.3));
    // The lock file that all processes share.
    fs::rename(data.join("lock.mdb"), dir.path().join("lock")).unwrap();
    gone(client.push("ada", KEY, &position("book", "without a lock", 0.4)));
    fs::rename(dir.path().join("lock"), data.join("lock.mdb")).unwrap();
    client.pushed("ada", KEY, &position("book", "at the end", 0.5));
    process.stop();
    let process = Process::start(&data);
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "at the end");
    process.stop();
}

/// The copy that an export reads is beside the store while there is room. Otherwise, it is beside the export.
#[test]
fn an_export_needs_no_space_on_the_disk_of_the_store() {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [data, small, export] = ["data", "small", "books.jsonl"].map(|name| dir.path().join(name));
    fs::create_dir(&small).unwrap();
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    for number in 0..300 {
        process.client.pushed("ada", KEY, &large(number));
    }
    process.stop();
    // The data takes two thirds of the disk.
    let script = r#"
        size=$(($(cat "$1"/* | wc -c) * 3 / 2)) && mount -t tmpfs -o size="$size" none "$2" && cp "$1"/* "$2" && cat "$2"/* > /dev/null &&
        "$0" --data-dir "$2" export "$3" && ls -A "$2"
    "#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_kosync")]).args([&data, &small, &export]);
    let out = succeeded(run_with_input(command, ""));
    let wrote = format!("Wrote 2 accounts with 300 documents to {}.", export.display());
    assert_eq!(out.lines().collect::<Vec<_>>(), [&wrote, "build.lock", "data.mdb", "lock.mdb", "server.lock"]);
    let mut names: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["books.jsonl", "data", "small"]);
}

//! A disk that fills up, a folder that goes away: what was answered stays, what cannot be stored is refused so that devices keep it
//! and come again, and everything goes on by itself.

use std::fs;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::kosync::{Process, done, finished, may_unshare, on_own_mount, one_line, output};
use crate::common::{KEY, Reply, position};

/// A position of four thousand bytes, so that a small disk is soon full.
fn large(number: u32) -> Value {
    json!({ "document": format!("book {number}"), "progress": "x".repeat(4000), "percentage": 0.5, "device": "d" })
}

#[test]
fn a_full_disk_costs_nothing_that_was_answered_and_mends_itself() {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let process = Process::spawn(on_own_mount(dir.path(), r#"mount -t tmpfs -o size=3m tmpfs "$1""#));
    let client = process.client;
    client.registered("ada", KEY);
    let push = |number| client.push("ada", KEY, &large(number));
    let full = |reply: Reply| reply.refused(507, 3507, "The server has no space left on its disk.");
    let start = Instant::now();
    let stored = (0..5000).find(|number| push(*number).status != 200).unwrap();
    assert!(stored > 50, "{stored}");
    for number in 0..20 {
        full(push(10_000 + number));
    }
    // Reading needs no room.
    assert_eq!(client.login("ada", KEY).status, 200);
    assert_eq!(client.send("GET", "/healthcheck", &[], None).status, 200);
    assert_eq!(client.pulled("ada", KEY, &format!("book {}", stored - 1))["progress"], "x".repeat(4000));
    assert_eq!(client.pull("ada", KEY, "book 10000").body, "{}", "nothing half-written is seen");

    let larger = Command::new("nsenter")
        .args(["--mount", "--target", &process.id().to_string(), "mount", "-o", "remount,size=64m"])
        .arg(dir.path())
        .status();
    assert!(larger.unwrap().success());
    for number in 0..20 {
        assert_eq!(push(10_000 + number).status, 200);
    }
    client.registered("grace", KEY);
    for number in (0..stored).chain(10_000..10_020) {
        assert_eq!(client.pulled("ada", KEY, &format!("book {number}"))["percentage"], 0.5, "{number}");
    }
    let mut check = Command::new("nsenter");
    check.args(["--mount", "--target", &process.id().to_string(), env!("CARGO_BIN_EXE_kosync"), "check", "--data-dir"]);
    check.arg(dir.path().join("data"));
    let checked = finished(check, "");
    assert!(checked.status.success(), "{checked:?}");
    let mut process = process;
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    let told: Vec<String> = process.all_logged();
    let complaints = told.iter().filter(|line| line.contains("write failed, rolled back")).count();
    let minutes = usize::try_from(start.elapsed().as_secs() / 60).unwrap();
    assert!((1..=1 + minutes).contains(&complaints), "once a minute: {told:#?}");
}

/// An import that ran out of room is done again, and a backup leaves nothing half-written.
#[test]
fn commands_on_a_full_disk_say_so_and_can_be_done_again() {
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
    done(output(&["export", export.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]));
    fs::create_dir(&full).unwrap();
    let script = r#"
        mount -t tmpfs -o size=1m tmpfs "$2" && export KOSYNC_DATA_DIR="$2/data"
        "$0" import "$1" 2>&1; "$0" check; "$0" backup "$2/backup" 2>&1; ls -A "$2"
        mount -o remount,size=64m "$2"; "$0" import "$1"; "$0" check; "$0" backup "$2/backup" > "$2/said" && ls -A "$2"
    "#;
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", script, env!("CARGO_BIN_EXE_kosync")]).args([&export, &full]);
    let said = done(finished(command, ""));
    let lines: Vec<&str> = said.lines().collect();
    let [
        failed,
        counts,
        whole,
        backup,
        "data",
        made,
        before,
        all,
        "Everything fits together.",
        "backup",
        "data",
        "said",
    ] = lines[..]
    else {
        panic!("{said}")
    };
    let stays = "what was taken in until now stays; import it again when this is mended: no space left: the disk or the store is full";
    assert_eq!(failed, format!("kosync: {}: {stays}", export.display()));
    assert!(counts.starts_with("1 account, ") && whole == "Everything fits together.", "{said}");
    assert_eq!(backup, format!("kosync: {}: No space left on device (os error 28)", full.join("backup").display()));
    assert!(made.starts_with("Made 1 account and ") && before.starts_with("As before: 1 account "), "{said}");
    assert!(all.starts_with("2 accounts, 400 documents, 400 positions in all histories, "), "{said}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_at_the_start_and_what_to_do() {
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
    let refused = finished(command, "");
    assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    let said = String::from_utf8(refused.stderr).unwrap();
    let advice = format!(
        "Read-only file system (os error 30); to use its data on another disk, run `kosync --data-dir NEW restore {data}/data.mdb`"
    );
    assert!(said.ends_with(&format!("kosync: data directory {data}: {advice}\n")), "{said}");
    let restored = output(&["restore", &format!("{data}/data.mdb"), "--data-dir", &new], &[]);
    assert!(restored.status.success(), "{restored:?}");
    let process = Process::start(new.as_ref());
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "p");
    process.stop();
}

/// The copy that an export reads from may be the last that a disk has room for.
#[test]
fn an_export_without_room_beside_its_copy_says_so_and_leaves_nothing() {
    if !may_unshare("--mount") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let [data, backup, scratch] = ["data", "backup", "scratch"].map(|name| dir.path().join(name));
    fs::create_dir(&scratch).unwrap();
    Process::start(&data).stop();
    let made = output(&["backup", backup.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]);
    assert!(made.status.success(), "{made:?}");
    let script = r#"mount -t tmpfs -o size="$(stat -c %s "$1")" none "$2"; TMPDIR="$2" "$4" --data-dir "$3" export -; echo "ended with $?"; ls -A "$2""#;
    let mut export = Command::new("unshare");
    export
        .args(["--mount", "sh", "-c", script, "sh"])
        .args([&backup, &scratch, &data])
        .arg(env!("CARGO_BIN_EXE_kosync"));
    let output = finished(export, "");
    // No file is named behind it.
    assert!(output.stdout.ends_with(b"ended with 1\n"), "{output:?}");
    let said = one_line(&output.stderr);
    assert_eq!(said, format!("kosync: {}: No space left on device (os error 28)", scratch.display()));
}

/// Files without a name can be written as before, and are gone at the next start: nothing may be answered as stored then.
#[test]
fn a_folder_that_is_gone_takes_nothing_and_goes_on_when_it_is_back() {
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
    // Another one in its stead.
    let other = output(&["user", "add", "x", "--password-stdin", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(data.join("lock.mdb").exists(), "{other:?}");
    refused_all();
    fs::remove_dir_all(&data).unwrap();
    fs::rename(&away, &data).unwrap();
    client.pushed("ada", KEY, &position("book", "after", 0.3));
    // The lock that all processes share.
    fs::rename(data.join("lock.mdb"), dir.path().join("lock")).unwrap();
    gone(client.push("ada", KEY, &position("book", "without a lock", 0.4)));
    fs::rename(dir.path().join("lock"), data.join("lock.mdb")).unwrap();
    client.pushed("ada", KEY, &position("book", "at the end", 0.5));
    process.stop();
    let process = Process::start(&data);
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "at the end");
    process.stop();
}

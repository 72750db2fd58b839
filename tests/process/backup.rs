//! `kosync backup` and `kosync restore`, also while a server runs.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, SystemTime};

use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::libc::O_NONBLOCK;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use serde_json::json;

use super::kosync::{KillTimer, Process, SetOnDrop, command, newest_meta_page, output, single_line};
use crate::common::{KEY, position, wait_until};

/// Runs a command on a data directory.
fn kosync(data_dir: &Path, arguments: &[&str]) -> Output {
    output(&[&["--data-dir", data_dir.to_str().unwrap()], arguments].concat(), &[])
}

/// Asserts that a command succeeded, and returns the line that it printed.
#[track_caller]
fn printed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    single_line(&output.stdout)
}

/// Asserts that a command failed with an exit code, and returns its error.
#[track_caller]
fn error_line(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    single_line(&output.stderr)
}

/// A backup contains every push that was acknowledged before it began. Pushes go on meanwhile.
#[test]
fn a_backup_of_a_running_server_can_be_restored() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file, again) = (dir.path().join("data"), dir.path().join("books.mdb"), dir.path().join("again"));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let (client, over) = (process.client, &over);
        let _over = SetOnDrop(over);
        scope.spawn(move || {
            while !over.load(Ordering::Relaxed) {
                client.pushed("ada", KEY, &position("other", "p", 0.5));
            }
        });
        for number in 0..50 {
            client.pushed("ada", KEY, &position("book", &number.to_string(), 0.5));
            if number % 10 == 9 {
                let line = printed(&kosync(&data, &["backup", "--force", file.to_str().unwrap()]));
                let length = fs::metadata(&file).unwrap().len();
                assert_eq!(line, format!("Wrote {length} bytes to {}.", file.display()));
                let copy = dir.path().join(number.to_string());
                fs::create_dir(&copy).unwrap();
                fs::copy(&file, copy.join("data.mdb")).unwrap();
                let export = String::from_utf8(kosync(&copy, &["export", "-"]).stdout).unwrap();
                assert!(export.contains(&format!(r#""progress":"{number}""#)), "{number}: {export}");
            }
        }
    });
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    process.stop();

    let line = printed(&kosync(&again, &["restore", file.to_str().unwrap()]));
    assert!(
        line.starts_with("Restored 2 accounts with ") && line.ends_with(&format!(" {}.", again.display())),
        "{line}"
    );
    let names: Vec<_> = fs::read_dir(&again).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["data.mdb"]);
    let process = Process::start(&again);
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "49");
    let history = process.client.send_as("ada", KEY, "GET", "/api/v1/documents/book/history", None).json();
    assert_eq!(history["history"].as_array().unwrap().len(), 50);
    process.stop();
}

#[test]
fn an_existing_file_is_replaced_only_with_force() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("books.mdb"));
    Process::start(&data).stop();
    fs::write(&file, "mine").unwrap();
    let wrong = error_line(&kosync(&data, &["backup", file.to_str().unwrap()]), 1);
    assert_eq!(wrong, format!("kosync: {}: a file of that name exists already; `--force` replaces it", file.display()));
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    printed(&kosync(&data, &["backup", "--force", file.to_str().unwrap()]));
    assert!(fs::metadata(&file).unwrap().len() > 4096);
    let missing = dir.path().join("missing/books.mdb");
    let wrong = error_line(&kosync(&data, &["backup", missing.to_str().unwrap()]), 1);
    let parent = dir.path().join("missing");
    assert_eq!(wrong, format!("kosync: {}: there is no directory {}", missing.display(), parent.display()));
    let wrong = error_line(&kosync(&dir.path().join("nowhere"), &["backup", "x"]), 2);
    assert!(wrong.contains("there is no data in it"), "{wrong}");
    for file in ["data.mdb", "lock.mdb", "server.lock", "build.lock"] {
        let own = data.join(file).display().to_string();
        for command in ["backup", "export"] {
            let wrong = error_line(&kosync(&data, &[command, "--force", &own]), 1);
            assert_eq!(wrong, format!("kosync: {own}: it is one of the store's own files; choose another name"));
        }
    }
    // Nothing half-written is left.
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
}

#[test]
fn only_the_newest_backups_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let (data, backups) = (dir.path().join("data"), dir.path().join("backups"));
    fs::create_dir(&backups).unwrap();
    Process::start(&data).stop();
    let old = ["kosync-20250101T000000Z.mdb", "kosync-20250102T000000Z.mdb", "kosync-20250103T000000Z.mdb"];
    for name in old.iter().chain(&["books.mdb", "kosync-notes.mdb"]) {
        fs::write(backups.join(name), "x").unwrap();
    }
    let line = printed(&kosync(&data, &["backup", "--keep", "2", backups.to_str().unwrap()]));
    let new = line.rsplit('/').next().unwrap().trim_end_matches('.').to_owned();
    let mut names: Vec<_> = fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["books.mdb", old[2], &new, "kosync-notes.mdb"]);
    // An error names what was typed, not a file that is made of it.
    let missing = backups.join("missing").to_str().unwrap().to_owned();
    let wrong = error_line(&kosync(&data, &["backup", "--keep", "14", &missing]), 1);
    assert_eq!(wrong, format!("kosync: {missing}: there is no such directory; --keep writes into one that exists"));
    let file = backups.join("books.mdb").to_str().unwrap().to_owned();
    let wrong = error_line(&kosync(&data, &["backup", "--keep", "14", &file]), 1);
    assert_eq!(wrong, format!("kosync: {file}: this is a file; --keep writes into a directory"));
    let wrong = error_line(&kosync(&data, &["backup", "--keep", "0", "x"]), 2);
    assert!(wrong.contains("invalid value '0' for '--keep <NUMBER>'"), "{wrong}");
}

/// A clock that is behind gives a new backup an old name. A power cut leaves a partial file.
#[test]
fn the_new_backup_is_kept_and_old_partial_files_are_deleted() {
    let dir = tempfile::tempdir().unwrap();
    let [data, backups] = ["data", "backups"].map(|name| dir.path().join(name));
    fs::create_dir(&backups).unwrap();
    Process::start(&data).stop();
    let later = ["kosync-29990101T000000Z.mdb", "kosync-29990102T000000Z.mdb"];
    let [old, young] = ["old", "young"].map(|name| format!(".kosync-20250101T000000Z.mdb.{name}.partial"));
    for name in later.iter().copied().chain([old.as_str(), young.as_str()]) {
        fs::write(backups.join(name), "x").unwrap();
    }
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    File::options().write(true).open(backups.join(&old)).unwrap().set_modified(two_days_ago).unwrap();
    let line = printed(&kosync(&data, &["backup", "--keep", "2", backups.to_str().unwrap()]));
    let new = line.rsplit('/').next().unwrap().trim_end_matches('.').to_owned();
    let mut names: Vec<_> = fs::read_dir(&backups).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [young.as_str(), &new, later[1]]);
}

/// Runs a restore that reads from a pipe. Other processes can use the directory before the restore is complete.
struct SlowRestore {
    process: Child,
    pipe: File,
}

impl SlowRestore {
    fn start(pipe: &Path, directory: &Path) -> Self {
        if !pipe.exists() {
            mkfifo(pipe, Mode::S_IRWXU).unwrap();
        }
        let mut restore = command();
        restore.arg("restore").arg(pipe).arg("--data-dir").arg(directory).process_group(0);
        restore.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = restore.spawn().unwrap();
        // It can be opened only once the restore reads from it.
        let mut open = File::options();
        let open = open.write(true).custom_flags(O_NONBLOCK);
        let pipe = wait_until("a reader of the pipe", || open.open(pipe).ok());
        fcntl(&pipe, FcntlArg::F_SETFL(OFlag::empty())).unwrap();
        wait_until("the copy", || {
            assert!(process.try_wait().unwrap().is_none(), "it has ended");
            directory.join(".restoring/data.mdb").exists().then_some(())
        });
        Self { process, pipe }
    }

    fn finish(mut self, backup: &[u8]) -> Output {
        self.pipe.write_all(backup).unwrap();
        drop(self.pipe);
        let _timer = KillTimer::start(&self.process);
        self.process.wait_with_output().unwrap()
    }
}

#[test]
fn a_restore_does_not_replace_data_created_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let [data, file, again, pipe] = ["data", "books.mdb", "again", "pipe"].map(|name| dir.path().join(name));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.stop();
    printed(&kosync(&data, &["backup", file.to_str().unwrap()]));
    let backup = fs::read(&file).unwrap();

    let slow = SlowRestore::start(&pipe, &again);
    let wrong = error_line(&kosync(&again, &["restore", file.to_str().unwrap()]), 1);
    assert!(wrong.ends_with("another restore is running in it"), "{wrong}");
    let process = Process::start(&again);
    process.client.registered("grace", KEY);
    let wrong = error_line(&slow.finish(&backup), 1);
    assert!(wrong.contains("it is not empty; restore into an empty or new directory"), "{wrong}");
    process.client.pushed("grace", KEY, &position("book", "here", 0.5));
    process.stop();
    let process = Process::start(&again);
    assert_eq!(process.client.pulled("grace", KEY, "book")["progress"], "here");
    process.stop();

    // A killed restore leaves no subprocess that continues.
    fs::remove_dir_all(&again).unwrap();
    let mut slow = SlowRestore::start(&pipe, &again);
    slow.process.kill().unwrap();
    slow.process.wait().unwrap();
    let directory = File::open(&again).unwrap();
    wait_until("the lock", || directory.try_lock().ok());
    drop(directory);
    printed(&kosync(&again, &["restore", file.to_str().unwrap()]));
    assert_eq!(slow.pipe.write_all(&backup).unwrap_err().kind(), std::io::ErrorKind::BrokenPipe);
    let process = Process::start(&again);
    assert_eq!(process.client.login("ada", KEY).status, 200);
    process.stop();
}

/// Creates a data directory in which an account with so many documents was deleted.
fn data_dir_after_a_deletion(dir: &Path, documents: usize) -> PathBuf {
    let [data, export] = ["data", "books.jsonl"].map(|name| dir.join(name));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.client.registered("grace", KEY);
    process.client.pushed("grace", KEY, &position("book", "p", 0.5));
    process.stop();
    let mut lines = vec![json!({ "kosync_export": { "format": 1 } })];
    lines.extend((0..documents).map(|number| {
        let history =
            json!([{ "progress": "x".repeat(300), "percentage": 0.5, "device": "d", "timestamp": 1_795_531_709 }]);
        json!({ "document": { "account": "ada", "document": number.to_string(), "history": history } })
    }));
    lines.push(json!({ "end": { "accounts": 0, "documents": documents } }));
    fs::write(&export, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    assert!(kosync(&data, &["import", "--merge", "ada", export.to_str().unwrap()]).status.success());
    printed(&kosync(&data, &["user", "delete", "ada", "--yes"]));
    data
}

/// LMDB does not write pages that became free again before the end of a commit. A file that is shorter for that reason is complete.
#[test]
fn a_data_file_whose_last_pages_were_never_written_is_restored() {
    // Which pages become free depends on how full they are, so a few sizes are tried.
    let short = (40..=80).step_by(4).find_map(|documents| {
        let dir = tempfile::tempdir().unwrap();
        let data = data_dir_after_a_deletion(dir.path(), documents);
        let is_short = fs::metadata(data.join("data.mdb")).unwrap().len() < newest_meta_page(&data).length;
        is_short.then_some((dir, data))
    });
    let (dir, data) = short.expect("a data file whose last pages were not written");
    let (file, again) = (data.join("data.mdb"), dir.path().join("again"));

    let line = printed(&kosync(&again, &["restore", file.to_str().unwrap()]));
    assert!(line.starts_with("Restored 2 accounts with 1 position to "), "{line}");
    let process = Process::start(&again);
    process.client.registered("ada", KEY);
    assert_eq!(process.client.pulled("grace", KEY, "book")["progress"], "p");
    process.stop();
}

/// The directory stays empty, and can be used for another restore.
#[test]
fn an_incomplete_backup_or_another_file_is_not_restored() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file, again) = (dir.path().join("data"), dir.path().join("books.mdb"), dir.path().join("again"));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    for number in 0..200 {
        process.client.pushed("ada", KEY, &position(&number.to_string(), &"p".repeat(1000), 0.5));
    }
    process.stop();
    printed(&kosync(&data, &["backup", file.to_str().unwrap()]));
    let whole = fs::read(&file).unwrap();
    for (bytes, what) in [
        (&whole[..whole.len() / 2], "it is cut off"),
        (&whole[..whole.len() - 4096], "it is cut off"),
        (&whole[..4096], "it is"),
        (&b"this is no LMDB file".repeat(1000), "it is not a backup of a kosync store"),
        (b"", "it is not a backup of a kosync store"),
    ] {
        let wrong_file = dir.path().join("wrong.mdb");
        fs::write(&wrong_file, bytes).unwrap();
        let wrong = error_line(&kosync(&again, &["restore", wrong_file.to_str().unwrap()]), 1);
        assert!(wrong.starts_with(&format!("kosync: {}: {what}", wrong_file.display())), "{wrong}");
        assert_eq!(fs::read_dir(&again).unwrap().count(), 0, "{what}");
    }
    let wrong = error_line(&kosync(&data, &["restore", file.to_str().unwrap()]), 1);
    assert!(wrong.contains("it is not empty; restore into an empty or new directory"), "{wrong}");
    printed(&kosync(&again, &["restore", file.to_str().unwrap()]));
    let process = Process::start(&again);
    assert_eq!(process.client.pulled("ada", KEY, "7")["progress"], "p".repeat(1000));
    process.stop();
}

/// Returns how many KiB of a file the system has in its cache.
fn cached_kib(file: &Path) -> u64 {
    let output =
        Command::new("fincore").args(["--bytes", "--noheadings", "--output", "RES"]).arg(file).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse::<u64>().unwrap() >> 10
}

/// The system caches large pieces of a file that is read from start to end. Each push then writes pieces as large.
#[test]
fn commands_that_read_everything_leave_nothing_of_it_in_the_cache() {
    // Beside the binary: `/tmp` may be in memory.
    let dir = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let data = dir.path().join("data/data.mdb");
    let process = Process::start(data.parent().unwrap());
    process.client.registered("ada", KEY);
    for number in 0..200 {
        let large =
            json!({ "document": number.to_string(), "progress": "x".repeat(8000), "percentage": 0.5, "device": "d" });
        process.client.pushed("ada", KEY, &large);
    }
    process.stop();
    let directory = data.parent().unwrap().to_str().unwrap();
    let backup = dir.path().join("backup").display().to_string();
    for command in [&["check"][..], &["backup", &backup], &["export", "/dev/null"]] {
        fs::read(&data).unwrap();
        assert!(cached_kib(&data) > 1000);
        let run = output(&[command, &["--data-dir", directory]].concat(), &[]);
        assert!(run.status.success(), "{run:?}");
        let left = cached_kib(&data);
        assert!(left < 200, "{command:?} left {left} KiB");
    }
}

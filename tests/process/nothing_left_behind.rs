//! An interrupted or failed command leaves no unfinished file and no copy of the store.

use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::sys::stat::Mode;
use nix::unistd::{Pid, mkfifo};

use crate::common::{KEY, position, wait_until};
use crate::failing_disk::library;
use crate::kosync::{Process, command, output, run_with_input, succeeded, wait_for_exit};

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Creates a data directory, and beside it an empty one for what is written.
fn directories(dir: &Path) -> (PathBuf, PathBuf) {
    let [data, target] = ["data", "target"].map(|name| dir.join(name));
    fs::create_dir(&target).unwrap();
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("book", "here", 0.5));
    process.stop();
    (data, target)
}

/// The files that a data directory has while nobody uses it.
const STORE: [&str; 4] = ["build.lock", "data.mdb", "lock.mdb", "server.lock"];

#[test]
fn a_signal_removes_what_is_unfinished() {
    let dir = tempfile::tempdir().unwrap();
    let (data, target) = directories(dir.path());
    let [file, killed] = [target.join("file"), dir.path().join("killed")];
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        for (arguments, writes_to_target) in [
            (vec!["backup", file.to_str().unwrap()], true),
            (vec!["backup", "--keep", "3", target.to_str().unwrap()], true),
            // The first file that it writes is the copy that it reads.
            (vec!["export", file.to_str().unwrap()], true),
            (vec!["export", "-"], false),
        ] {
            let mut interrupted = command();
            interrupted.arg("--data-dir").arg(&data).args(&arguments).env("TMPDIR", &target);
            interrupted.env("LD_PRELOAD", library(dir.path(), "kill_on_write")).env("KILLED", &killed);
            interrupted.env("KILL_BY", (signal as i32).to_string());
            let interrupted = run_with_input(interrupted, "");
            assert_eq!(interrupted.status.signal(), Some(signal as i32), "{arguments:?}: {interrupted:?}");
            assert!(killed.exists(), "{arguments:?} {writes_to_target}: it was writing");
            fs::remove_file(&killed).unwrap();
            assert!(names(&target).is_empty(), "{arguments:?}, {signal}: {:?}", names(&target));
            assert_eq!(names(&data), STORE, "{arguments:?}, {signal}");
        }
    }
}

/// `nohup` ignores SIGHUP, and a shell SIGINT for what it runs in the background.
#[test]
fn an_ignored_signal_stays_ignored() {
    let dir = tempfile::tempdir().unwrap();
    let (data, target) = directories(dir.path());
    let [file, killed] = [target.join("file"), dir.path().join("killed")];
    for signal in [Signal::SIGINT, Signal::SIGHUP] {
        let mut nohup = Command::new("sh");
        nohup.env_clear().args(["-c", r#"trap '' INT HUP; exec "$@""#, "sh", env!("CARGO_BIN_EXE_kosync")]);
        nohup.arg("--data-dir").arg(&data).args(["backup", "--force"]).arg(&file);
        nohup.env("LD_PRELOAD", library(dir.path(), "kill_on_write")).env("KILLED", &killed).env("GO_ON", "yes");
        nohup.env("KILL_BY", (signal as i32).to_string());
        succeeded(run_with_input(nohup, ""));
        assert!(killed.exists());
        assert_eq!(names(&target), ["file"]);
    }
}

#[test]
fn a_signal_leaves_the_directory_of_a_restore_empty() {
    let dir = tempfile::tempdir().unwrap();
    let again = dir.path().join("again");
    let pipe = dir.path().join("pipe");
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    for to_group in [false, true] {
        let mut restore = command();
        restore.arg("restore").arg(&pipe).arg("--data-dir").arg(&again).process_group(0).stderr(Stdio::null());
        let mut process = restore.spawn().unwrap();
        // Held open, so that the restore waits for more.
        let _writer = fs::File::options().read(true).write(true).open(&pipe).unwrap();
        wait_until("the copy", || {
            assert!(process.try_wait().unwrap().is_none(), "it has ended");
            again.join(".restoring/data.mdb").exists().then_some(())
        });
        // Ctrl-C reaches all processes of the terminal, `kill` the one that was started.
        let id = i32::try_from(process.id()).unwrap();
        kill(Pid::from_raw(if to_group { -id } else { id }), Signal::SIGTERM).unwrap();
        assert_eq!(wait_for_exit(&mut process).signal(), Some(Signal::SIGTERM as i32));
        wait_until("the directory to be empty", || names(&again).is_empty().then_some(()));
    }
}

/// A later run removes what SIGKILL or a power cut has left. It does not remove what another run is writing.
#[test]
fn a_later_run_removes_what_a_killed_one_left() {
    let dir = tempfile::tempdir().unwrap();
    let (data, target) = directories(dir.path());
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    let leave = |path: &Path, time: SystemTime| {
        fs::write(path, "x").unwrap();
        fs::File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
    };
    for (command, name) in [("backup", "books.mdb"), ("export", "books.jsonl")] {
        leave(&target.join(format!(".{name}.old.partial")), two_days_ago);
        leave(&target.join(format!(".{name}.young.partial")), SystemTime::now());
        leave(&target.join(format!(".{name}.old.mine")), two_days_ago);
        leave(&data.join(".kosync-export.old.partial"), two_days_ago);
        let file = target.join(name);
        succeeded(output(&[command, file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]));
        let young = format!(".{name}.young.partial");
        assert_eq!(names(&target), [&format!(".{name}.old.mine"), &young, name]);
        for name in names(&target) {
            fs::remove_file(target.join(name)).unwrap();
        }
    }
    assert_eq!(names(&data), STORE);
}

/// A dry run without data works in a temporary directory.
#[test]
fn a_signal_removes_the_directory_of_a_dry_run() {
    let dir = tempfile::tempdir().unwrap();
    let (data, temporary) = directories(dir.path());
    let export = dir.path().join("books.jsonl");
    succeeded(output(&["export", export.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]));
    let killed = dir.path().join("killed");
    let mut import = command();
    import.args(["import", "--dry-run"]).arg(&export).arg("--data-dir").arg(dir.path().join("new"));
    import.env("TMPDIR", &temporary).env("LD_PRELOAD", library(dir.path(), "kill_on_write")).env("KILLED", &killed);
    import.env("KILL_ON", "/build.lock").env("KILL_BY", (Signal::SIGTERM as i32).to_string());
    let import = run_with_input(import, "");
    assert_eq!(import.status.signal(), Some(Signal::SIGTERM as i32), "{import:?}");
    assert!(killed.exists() && names(&temporary).is_empty());
}

//! `--force` replaces regular files alone. An export is written to pipes and devices, as to standard output.

use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

use nix::sys::stat::{Mode, SFlag, makedev, mknod};
use nix::unistd::mkfifo;

use crate::common::{KEY, skip_unless_required};
use crate::kosync::{Process, failed, output, run_with_input, succeeded};

fn kosync(data: &Path, arguments: &[&str]) -> Output {
    output(&[&["--data-dir", data.to_str().unwrap()], arguments].concat(), &[])
}

#[test]
fn what_is_no_regular_file_is_refused_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let [data, file, directory, socket, to_file, to_nothing] =
        ["data", "file", "directory", "socket", "to file", "to nothing"].map(|name| dir.path().join(name));
    Process::start(&data).stop();
    fs::write(&file, "mine").unwrap();
    fs::create_dir(&directory).unwrap();
    let _listener = UnixListener::bind(&socket).unwrap();
    std::os::unix::fs::symlink(&file, &to_file).unwrap();
    std::os::unix::fs::symlink("nothing", &to_nothing).unwrap();
    let link = |target: &str| {
        format!(
            "it is a symbolic link to {target}, and only regular files are replaced; name that file, or remove the link"
        )
    };
    for (path, reason) in [
        (&directory, "it is a directory; name a file in it".to_owned()),
        (&socket, "it is a socket, and only regular files are replaced; choose another name".to_owned()),
        (&to_file, link(file.to_str().unwrap())),
        (&to_nothing, link("nothing")),
    ] {
        for arguments in [&["backup"][..], &["backup", "--force"], &["export"], &["export", "--force"]] {
            let error = failed(&kosync(&data, &[arguments, &[path.to_str().unwrap()]].concat()));
            assert_eq!(error, format!("kosync: {}: {reason}", path.display()), "{arguments:?}");
        }
    }
    assert_eq!(fs::read_to_string(&to_file).unwrap(), "mine");
    assert!(to_file.is_symlink() && to_nothing.is_symlink() && directory.is_dir());
    assert!(fs::symlink_metadata(&socket).unwrap().file_type().is_socket());
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 6);
}

/// As in `kosync export >(gzip > books.jsonl.gz)`.
#[test]
fn an_export_is_written_to_a_named_pipe_and_a_backup_is_not() {
    let dir = tempfile::tempdir().unwrap();
    let [data, pipe] = ["data", "pipe"].map(|name| dir.path().join(name));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.stop();
    mkfifo(&pipe, Mode::S_IRWXU).unwrap();
    let name = pipe.to_str().unwrap();
    for force in [&[][..], &["--force"]] {
        let error = failed(&kosync(&data, &[&["backup"], force, &[name]].concat()));
        let reason = "it is a named pipe, and only regular files are replaced; choose another name";
        assert_eq!(error, format!("kosync: {name}: {reason}"));
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || {
                let mut text = String::new();
                File::open(pipe).unwrap().read_to_string(&mut text).unwrap();
                text
            }
        });
        succeeded(kosync(&data, &[&["export"], force, &[name]].concat()));
        let text = reader.join().unwrap();
        assert!(text.contains(r#""name":"ada""#) && text.lines().last().unwrap().starts_with(r#"{"end""#), "{text}");
    }
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
}

#[test]
fn a_device_stays_one() {
    let dir = tempfile::tempdir().unwrap();
    let [data, null, disk] = ["data", "null", "disk"].map(|name| dir.path().join(name));
    Process::start(&data).stop();
    let mode = Mode::S_IRUSR | Mode::S_IWUSR;
    // That of /dev/null, and of a disk that no machine has.
    let created = mknod(&null, SFlag::S_IFCHR, mode, makedev(1, 3))
        .and_then(|()| mknod(&disk, SFlag::S_IFBLK, mode, makedev(240, 1_000_000)));
    if created.is_err() || File::options().write(true).open(&null).is_err() {
        skip_unless_required("KOSYNC_TEST_ROOT", "only root may create and open devices");
        return;
    }
    for force in [&[][..], &["--force"]] {
        for (command, device) in [("backup", &null), ("backup", &disk), ("export", &disk)] {
            let error = failed(&kosync(&data, &[&[command], force, &[device.to_str().unwrap()]].concat()));
            let reason = "it is a device, and only regular files are replaced; choose another name";
            assert_eq!(error, format!("kosync: {}: {reason}", device.display()));
        }
        succeeded(kosync(&data, &[&["export"], force, &[null.to_str().unwrap()]].concat()));
    }
    assert!(fs::symlink_metadata(&null).unwrap().file_type().is_char_device());
    assert!(fs::symlink_metadata(&disk).unwrap().file_type().is_block_device());
}

#[test]
fn standard_output_is_for_exports() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    Process::start(&data).stop();
    for name in ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"] {
        for force in [&[][..], &["--force"]] {
            let error = failed(&kosync(&data, &[&["backup"], force, &[name]].concat()));
            let reason = "a backup is written to a file, not to standard output; name a file, or use `kosync export -`";
            assert_eq!(error, format!("kosync: {reason}"), "{name}");
            let exported = succeeded(kosync(&data, &[&["export"], force, &[name]].concat()));
            assert!(exported.starts_with(r#"{"kosync_export""#), "{name}: {exported}");
        }
    }
    // Standard output is a file, and another descriptor a pipe.
    let mut shell = Command::new("sh");
    let script = r#""$0" export /dev/stdout >"$1" && "$0" export /dev/fd/3 3>&1 >/dev/null"#;
    shell.env_clear().env("KOSYNC_DATA_DIR", &data).current_dir(dir.path()).args(["-c", script]);
    shell.args([env!("CARGO_BIN_EXE_kosync"), "stdout.jsonl"]);
    let exported = succeeded(run_with_input(shell, ""));
    assert_eq!(fs::read_to_string(dir.path().join("stdout.jsonl")).unwrap(), exported);
    assert!(exported.starts_with(r#"{"kosync_export""#), "{exported}");
}

//! A real file system of its own, ext4 in a file, and what its kernel does when the power or the disk fails.

use std::fs::{self, File};
use std::os::fd::AsRawFd;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use crate::common::{Client, KEY, exchange_or_error, has, may_skip, position, request};
use crate::kosync::{Process, on_own_mount};

/// Mounts the file beside the folder on it, for as long as the server lives.
const MOUNT: &str = r#"mount -t ext4 -o loop,errors=remount-ro "$1.ext4" "$1""#;

/// An empty file system for the folder, if this machine lets us have one.
fn may_make(folder: &Path) -> bool {
    if !has(&["mkfs.ext4", "mount", "unshare"], "KOSYNC_TEST_ROOT") {
        return false;
    }
    fs::create_dir(folder).unwrap();
    let image = folder.with_extension("ext4");
    File::create(&image).unwrap().set_len(16 << 20).unwrap();
    assert!(Command::new("mkfs.ext4").arg("-q").arg(&image).status().unwrap().success());
    let mut mount = Command::new("unshare");
    mount.args(["--mount", "sh", "-c", MOUNT, "sh"]).arg(folder).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success()) || may_skip("KOSYNC_TEST_ROOT", "only root may mount a file")
}

/// The server's folder, as it sees it.
fn seen_by(process: &Process, folder: &Path) -> File {
    File::open(format!("/proc/{}/root{}", process.id(), folder.display())).unwrap()
}

/// From now on nothing reaches the disk, not even what the file system has promised to its journal only.
#[allow(unsafe_code)]
fn cut_power(process: &Process, folder: &Path) {
    const EXT4_IOC_SHUTDOWN: nix::libc::c_ulong = 0x8004_587d;
    const WITHOUT_FLUSHING: u32 = 2;
    let folder = seen_by(process, folder);
    // SAFETY: this request reads one number from where the last argument points.
    let done = unsafe { nix::libc::ioctl(folder.as_raw_fd(), EXT4_IOC_SHUTDOWN, &WITHOUT_FLUSHING) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

/// Pushes on until the disk fails. What was answered last, and what was tried.
fn push_on(client: Client, document: &str, from: u32, answered: &AtomicU32) -> (u32, u32) {
    let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
    let mut told = from;
    for number in from + 1.. {
        let body = position(document, &number.to_string(), 0.5).to_string();
        match exchange_or_error(client.address, &request("PUT", "/syncs/progress", &headers, Some(&body))) {
            Ok(reply) if reply.status == 200 => told = number,
            _ => return (told, number),
        }
        answered.fetch_add(1, Ordering::Relaxed);
    }
    unreachable!("the disk fails before")
}

#[test]
fn a_power_cut_under_a_file_system_loses_nothing_that_was_answered() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("disk");
    if !may_make(&folder) {
        return;
    }
    let documents = ["one", "two", "three"];
    let mut stored = [(0, 0); 3];
    for round in 0..6 {
        let process = Process::spawn(on_own_mount(&folder, MOUNT));
        let client = process.client;
        if round == 0 {
            client.registered("ada", KEY);
        }
        for (document, (told, tried)) in documents.iter().zip(&mut stored) {
            let pulled = client.pulled("ada", KEY, document);
            let found = pulled["progress"].as_str().map_or(0, |number| number.parse().unwrap());
            assert!((*told..=*tried).contains(&found), "round {round}: {document} is at {found}, was told {told}");
            (*told, *tried) = (found, found);
        }
        let answered = AtomicU32::new(0);
        stored = thread::scope(|scope| {
            let push_on = |at: usize| {
                scope.spawn({
                    let (from, answered) = (stored[at].0, &answered);
                    move || push_on(client, documents[at], from, answered)
                })
            };
            let pushing = [push_on(0), push_on(1), push_on(2)];
            while answered.load(Ordering::Relaxed) < 40 + 30 * round {
                thread::yield_now();
            }
            cut_power(&process, &folder);
            pushing.map(|one| one.join().unwrap())
        });
        // It may have ended by itself, if it was LMDB's head that could not be written.
        drop(process);
    }
    let process = Process::spawn(on_own_mount(&folder, MOUNT));
    for (document, (told, tried)) in documents.iter().zip(&stored) {
        let found = process.client.pulled("ada", KEY, document)["progress"].as_str().unwrap().parse().unwrap();
        assert!((*told..=*tried).contains(&found), "{document} is at {found}, was told {told}");
    }
    process.stop();
}

/// What most Linux systems are set up to do when the disk has failed once.
#[test]
fn a_file_system_that_goes_read_only_under_the_server_is_read_on() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("disk");
    if !may_make(&folder) {
        return;
    }
    let process = Process::spawn(on_own_mount(&folder, MOUNT));
    let client = process.client;
    client.registered("ada", KEY);
    client.pushed("ada", KEY, &position("book", "before", 0.1));
    let mounts = fs::read_to_string(format!("/proc/{}/mounts", process.id())).unwrap();
    let mount = mounts.lines().find(|line| line.contains(folder.to_str().unwrap())).unwrap();
    let device = mount.split(' ').next().unwrap().trim_start_matches("/dev/");
    fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "kosync's test").unwrap();
    for _ in 0..5 {
        client.push("ada", KEY, &position("book", "lost", 0.2)).refused(
            503,
            3503,
            "The server's disk takes no writes.",
        );
        assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before");
    }
    process.logged("Read-only file system");
    process.stop();
    // Mounted anew, after which the kernel has mended it.
    let process = Process::spawn(on_own_mount(&folder, MOUNT));
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "before");
    process.client.pushed("ada", KEY, &position("book", "after", 0.3));
    process.stop();
}

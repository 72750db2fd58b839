//! A real file system of its own, in a file, and what its kernel does when the power or the disk fails, or the disk is full.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use nix::unistd::syncfs;
use tempfile::TempDir;

use crate::common::{Client, KEY, exchange_or_error, has, may_skip, position, request};
use crate::kosync::{Process, on_own_mount};

struct Disk {
    _dir: TempDir,
    /// Where it is mounted, beside its file.
    folder: PathBuf,
    kind: &'static str,
}

impl Disk {
    /// An empty one, if this machine lets us have it.
    fn make(kind: &'static str, mebibytes: u64) -> Option<Self> {
        let make = format!("mkfs.{kind}");
        if !has(&[&make, "mount", "unshare"], "KOSYNC_TEST_ROOT") {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("disk");
        fs::create_dir(&folder).unwrap();
        let image = folder.with_extension("image");
        File::create(&image).unwrap().set_len(mebibytes << 20).unwrap();
        assert!(Command::new(make).arg("-q").arg(&image).stderr(Stdio::null()).status().unwrap().success());
        let disk = Self { _dir: dir, folder, kind };
        let mut mount = Command::new("unshare");
        mount.args(["--mount", "sh", "-c", &disk.mount(), "sh"]).arg(&disk.folder).stderr(Stdio::null());
        let mounts = mount.status().is_ok_and(|status| status.success());
        (mounts || may_skip("KOSYNC_TEST_ROOT", &format!("only root may mount a file, as {kind}"))).then_some(disk)
    }

    fn mount(&self) -> String {
        let options = if self.kind == "ext4" { ",errors=remount-ro" } else { "" };
        format!(r#"mount -t {} -o loop{options} "$1.image" "$1""#, self.kind)
    }

    /// A server on it. It is mounted for as long as that lives.
    fn start(&self) -> Process {
        Process::spawn(on_own_mount(&self.folder, &self.mount()))
    }

    /// The folder, as the server sees it.
    fn seen_by(&self, process: &Process) -> PathBuf {
        format!("/proc/{}/root{}", process.id(), self.folder.display()).into()
    }
}

/// From now on nothing reaches the disk, not even what the file system has promised to its journal only.
#[allow(unsafe_code)]
fn cut_power(folder: &Path) {
    const EXT4_IOC_SHUTDOWN: nix::libc::c_ulong = 0x8004_587d;
    const WITHOUT_FLUSHING: u32 = 2;
    let folder = File::open(folder).unwrap();
    // SAFETY: this request reads one number from where the last argument points.
    let done = unsafe { nix::libc::ioctl(folder.as_raw_fd(), EXT4_IOC_SHUTDOWN, &WITHOUT_FLUSHING) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

/// Everything goes to the disk: who writes to a mapped file, as readers do to LMDB's lock file, asks the file system anew.
fn written_back(folder: &Path) {
    // A disk that has failed says so.
    let _ = syncfs(File::open(folder).unwrap());
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
    let Some(disk) = Disk::make("ext4", 16) else { return };
    let documents = ["one", "two", "three"];
    let mut stored = [(0, 0); 3];
    for round in 0..6 {
        let process = disk.start();
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
            // Ended here, so that a failure ends the pushes as well. It may have ended by itself, if LMDB's head could not be written.
            let process = process;
            let push_on = |at: usize| {
                scope.spawn({
                    let (from, answered) = (stored[at].0, &answered);
                    move || push_on(client, documents[at], from, answered)
                })
            };
            let pushing = [push_on(0), push_on(1), push_on(2)];
            while answered.load(Ordering::Relaxed) < 40 + 30 * round {
                assert!(
                    pushing.iter().all(|one| !one.is_finished()),
                    "round {round}: a push was refused before the cut"
                );
                thread::yield_now();
            }
            cut_power(&disk.seen_by(&process));
            pushing.map(|one| one.join().unwrap())
        });
    }
    let process = disk.start();
    for (document, (told, tried)) in documents.iter().zip(&stored) {
        let found = process.client.pulled("ada", KEY, document)["progress"].as_str().unwrap().parse().unwrap();
        assert!((*told..=*tried).contains(&found), "{document} is at {found}, was told {told}");
    }
    process.stop();
}

/// What most Linux systems are set up to do when the disk has failed once.
#[test]
fn a_file_system_that_goes_read_only_under_the_server_is_read_on() {
    let Some(disk) = Disk::make("ext4", 16) else { return };
    let process = disk.start();
    let client = process.client;
    client.registered("ada", KEY);
    client.pushed("ada", KEY, &position("book", "before", 0.1));
    let mounts = fs::read_to_string(format!("/proc/{}/mounts", process.id())).unwrap();
    let mount = mounts.lines().find(|line| line.contains(disk.folder.to_str().unwrap())).unwrap();
    let device = mount.split(' ').next().unwrap().trim_start_matches("/dev/");
    fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "kosync's test").unwrap();
    for _ in 0..5 {
        written_back(&disk.seen_by(&process));
        client.push("ada", KEY, &position("book", "lost", 0.2)).refused(
            503,
            3503,
            "The server cannot write to its disk.",
        );
        assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before");
    }
    process.logged("Read-only file system");
    process.stop();
    // Mounted anew, after which the kernel has mended it.
    let process = disk.start();
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "before");
    process.client.pushed("ada", KEY, &position("book", "after", 0.3));
    process.stop();
}

/// The kernel's version.
fn linux() -> (u32, u32) {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split(['.', '-']).map_while(|number| number.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// A file system that never writes where something is already (btrfs) has no room for that either, and would end the process.
#[test]
fn a_full_file_system_is_read_on() {
    for (kind, mebibytes) in [("ext4", 16), ("btrfs", 128)] {
        if kind == "btrfs" && linux() < (6, 18) {
            may_skip("KOSYNC_TEST_ROOT", "older kernels may want room for what btrfs writes in place, too");
            continue;
        }
        let Some(disk) = Disk::make(kind, mebibytes) else { continue };
        let process = disk.start();
        let (client, folder) = (process.client, disk.seen_by(&process));
        client.registered("ada", KEY);
        client.pushed("ada", KEY, &position("book", "before", 0.1));
        let fill = folder.join("fill");
        let mut filling = File::create(&fill).unwrap();
        for piece in [1 << 20, 4096, 1] {
            while filling.write_all(&vec![1; piece]).and_then(|()| filling.sync_data()).is_ok() {}
        }
        let mut refused = 0;
        for number in 0..1000 {
            written_back(&folder);
            let status = client.push("ada", KEY, &position(&format!("book {number}"), "x", 0.2)).status;
            assert!([200, 507].contains(&status), "{kind}: {status}");
            refused += u32::from(status == 507);
            written_back(&folder);
            assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before", "{kind}");
            if refused == 5 {
                break;
            }
        }
        assert_eq!(refused, 5, "{kind}");
        fs::remove_file(&fill).unwrap();
        drop(filling);
        written_back(&folder);
        client.pushed("ada", KEY, &position("book", "after", 0.3));
        process.stop();
        let process = disk.start();
        assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "after");
        process.stop();
    }
}

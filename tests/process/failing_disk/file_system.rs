//! Tests what the kernel does when power or disk fails, or the disk is full. The file system is in a file.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use nix::unistd::syncfs;
use tempfile::TempDir;

use crate::common::{Client, KEY, are_installed, exchange_or_error, position, request, skip_unless_required};
use crate::kosync::{Process, on_own_mount};

struct Disk {
    _dir: TempDir,
    /// Mount point, beside its image.
    mount_point: PathBuf,
    kind: &'static str,
}

impl Disk {
    /// Creates an empty file system, if this machine allows that.
    fn create(kind: &'static str, mebibytes: u64) -> Option<Self> {
        let mkfs = format!("mkfs.{kind}");
        if !are_installed(&[&mkfs, "mount", "unshare"], "KOSYNC_TEST_ROOT") {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let mount_point = dir.path().join("disk");
        fs::create_dir(&mount_point).unwrap();
        let image = mount_point.with_extension("image");
        File::create(&image).unwrap().set_len(mebibytes << 20).unwrap();
        assert!(Command::new(mkfs).arg("-q").arg(&image).stderr(Stdio::null()).status().unwrap().success());
        let disk = Self { _dir: dir, mount_point, kind };
        let mut mount = Command::new("unshare");
        mount.args(["--mount", "sh", "-c", &disk.mount(), "sh"]).arg(&disk.mount_point).stderr(Stdio::null());
        let mounts = mount.status().is_ok_and(|status| status.success());
        (mounts || skip_unless_required("KOSYNC_TEST_ROOT", &format!("only root may mount a file, as {kind}")))
            .then_some(disk)
    }

    fn mount(&self) -> String {
        let options = if self.kind == "ext4" { ",errors=remount-ro" } else { "" };
        format!(r#"mount -t {} -o loop{options} "$1.image" "$1""#, self.kind)
    }

    /// Starts a server on it. It is mounted while that server runs.
    fn start(&self) -> Process {
        Process::spawn(on_own_mount(&self.mount_point, &self.mount()))
    }

    /// Returns the mount point in the server's mount namespace.
    fn path_in(&self, process: &Process) -> PathBuf {
        format!("/proc/{}/root{}", process.id(), self.mount_point.display()).into()
    }
}

/// Stops all further writes to the disk. What is only in the file system's journal does not reach it either.
#[allow(unsafe_code)]
fn cut_power(dir: &Path) {
    const EXT4_IOC_SHUTDOWN: nix::libc::c_ulong = 0x8004_587d;
    const WITHOUT_FLUSHING: u32 = 2;
    let dir = File::open(dir).unwrap();
    // SAFETY: this request reads one number from where the last argument points.
    let done = unsafe { nix::libc::ioctl(dir.as_raw_fd(), EXT4_IOC_SHUTDOWN, &WITHOUT_FLUSHING) };
    assert_eq!(done, 0, "{}", std::io::Error::last_os_error());
}

/// Writes all dirty pages back. The next write to a mapped file, as readers do to LMDB's lock file, then asks the file system again.
fn write_back(dir: &Path) {
    // A failed disk returns an error.
    let _ = syncfs(File::open(dir).unwrap());
}

/// Pushes until the disk fails. Returns the last acknowledged number, and the last tried one.
fn push_until_failure(client: Client, document: &str, from: u32, count: &AtomicU32) -> (u32, u32) {
    let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
    let mut acknowledged = from;
    for number in from + 1.. {
        let body = position(document, &number.to_string(), 0.5).to_string();
        match exchange_or_error(client.address, &request("PUT", "/syncs/progress", &headers, Some(&body))) {
            Ok(reply) if reply.status == 200 => acknowledged = number,
            _ => return (acknowledged, number),
        }
        count.fetch_add(1, Ordering::Relaxed);
    }
    unreachable!("the disk fails before that")
}

#[test]
fn a_power_cut_under_a_file_system_loses_nothing_that_was_acknowledged() {
    let Some(disk) = Disk::create("ext4", 16) else { return };
    let documents = ["one", "two", "three"];
    let mut stored = [(0, 0); 3];
    for round in 0..6 {
        let process = disk.start();
        let client = process.client;
        if round == 0 {
            client.registered("ada", KEY);
        }
        for (document, (acknowledged, tried)) in documents.iter().zip(&mut stored) {
            let pulled = client.pulled("ada", KEY, document);
            let found = pulled["progress"].as_str().map_or(0, |number| number.parse().unwrap());
            assert!(
                (*acknowledged..=*tried).contains(&found),
                "round {round}: {document} is at {found}, not {acknowledged}"
            );
            (*acknowledged, *tried) = (found, found);
        }
        let count = AtomicU32::new(0);
        stored = thread::scope(|scope| {
            // Moved here, so that a failed assertion ends the server and with it the pushes. It may have ended by itself, if LMDB could
            // not write its meta page.
            let process = process;
            let push = |at: usize| {
                scope.spawn({
                    let (from, count) = (stored[at].0, &count);
                    move || push_until_failure(client, documents[at], from, count)
                })
            };
            let pushing = [push(0), push(1), push(2)];
            while count.load(Ordering::Relaxed) < 40 + 30 * round {
                assert!(
                    pushing.iter().all(|one| !one.is_finished()),
                    "round {round}: a push was refused before the cut"
                );
                thread::yield_now();
            }
            cut_power(&disk.path_in(&process));
            pushing.map(|one| one.join().unwrap())
        });
    }
    let process = disk.start();
    for (document, (acknowledged, tried)) in documents.iter().zip(&stored) {
        let found = process.client.pulled("ada", KEY, document)["progress"].as_str().unwrap().parse().unwrap();
        assert!((*acknowledged..=*tried).contains(&found), "{document} is at {found}, not {acknowledged}");
    }
    process.stop();
}

/// Most Linux systems remount a file system read-only after its first I/O error.
#[test]
fn reads_go_on_when_the_file_system_becomes_read_only() {
    let Some(disk) = Disk::create("ext4", 16) else { return };
    let process = disk.start();
    let client = process.client;
    client.registered("ada", KEY);
    client.pushed("ada", KEY, &position("book", "before", 0.1));
    let mounts = fs::read_to_string(format!("/proc/{}/mounts", process.id())).unwrap();
    let mount = mounts.lines().find(|line| line.contains(disk.mount_point.to_str().unwrap())).unwrap();
    let device = mount.split(' ').next().unwrap().trim_start_matches("/dev/");
    fs::write(format!("/sys/fs/ext4/{device}/trigger_fs_error"), "kosync's test").unwrap();
    for _ in 0..5 {
        write_back(&disk.path_in(&process));
        client.push("ada", KEY, &position("book", "lost", 0.2)).refused(
            503,
            3503,
            "The server cannot write to its disk.",
        );
        assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before");
    }
    process.logged("Read-only file system");
    process.stop();
    // The kernel repairs the file system when it is mounted again.
    let process = disk.start();
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "before");
    process.client.pushed("ada", KEY, &position("book", "after", 0.3));
    process.stop();
}

/// Returns the kernel's version.
fn kernel_version() -> (u32, u32) {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    let mut numbers = release.split(['.', '-']).map_while(|number| number.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

/// A copy-on-write file system (btrfs) needs room also for writes in place. Without it, a reader's write to LMDB's lock file would end
/// the process.
#[test]
fn reads_go_on_when_the_file_system_is_full() {
    for (kind, mebibytes) in [("ext4", 16), ("btrfs", 128)] {
        if kind == "btrfs" && kernel_version() < (6, 18) {
            skip_unless_required("KOSYNC_TEST_ROOT", "on older kernels btrfs may need room also for writes in place");
            continue;
        }
        let Some(disk) = Disk::create(kind, mebibytes) else { continue };
        let process = disk.start();
        let (client, mounted) = (process.client, disk.path_in(&process));
        client.registered("ada", KEY);
        client.pushed("ada", KEY, &position("book", "before", 0.1));
        let fill = mounted.join("fill");
        let mut filling = File::create(&fill).unwrap();
        for piece in [1 << 20, 4096, 1] {
            while filling.write_all(&vec![1; piece]).and_then(|()| filling.sync_data()).is_ok() {}
        }
        let mut refused = 0;
        for number in 0..1000 {
            write_back(&mounted);
            let status = client.push("ada", KEY, &position(&format!("book {number}"), "x", 0.2)).status;
            assert!([200, 507].contains(&status), "{kind}: {status}");
            refused += u32::from(status == 507);
            write_back(&mounted);
            assert_eq!(client.pulled("ada", KEY, "book")["progress"], "before", "{kind}");
            if refused == 5 {
                break;
            }
        }
        assert_eq!(refused, 5, "{kind}");
        fs::remove_file(&fill).unwrap();
        drop(filling);
        write_back(&mounted);
        client.pushed("ada", KEY, &position("book", "after", 0.3));
        process.stop();
        let process = disk.start();
        assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "after");
        process.stop();
    }
}

//! Real file systems without hard links, provided through FUSE.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

use super::{backup_is_complete, data_dir, files_are_written, names};
use crate::common::{are_installed, skip_unless_required};
use crate::kosync::{failed, run_with_input, single_line, succeeded};

/// A file system that is mounted for one test.
struct Mounted {
    dir: TempDir,
    /// A shell in a mount and a process namespace of its own. With it, the program ends that provides the file system.
    shell: Child,
}

impl Mounted {
    /// Mounts a file system in `disk` by a shell command. Returns `None` if this machine lacks the programs or forbids
    /// that.
    fn new(programs: &[&str], mount: &str) -> Option<Self> {
        if !are_installed(&[programs, &["unshare", "nsenter"]].concat(), "KOSYNC_TEST_FUSE") {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("disk")).unwrap();
        fs::create_dir(dir.path().join("remote")).unwrap();
        File::create(dir.path().join("image")).unwrap().set_len(32 << 20).unwrap();
        let script =
            format!(r#"cd "$1" && {{ {mount}; }} >/dev/null 2>&1 && mountpoint -q disk && echo mounted && read -r _"#);
        let mut shell = Command::new("unshare");
        shell.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", &script, "sh"]).arg(dir.path());
        let mut shell = shell.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(shell.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let mounted = Self { dir, shell };
        let reason = format!("{} cannot mount a file system here", programs[0]);
        (line == "mounted\n" || skip_unless_required("KOSYNC_TEST_FUSE", &reason)).then_some(mounted)
    }

    fn exfat() -> Option<Self> {
        // The loop device is detached when the file system is unmounted.
        let mount = r#"mkfs.exfat image && device=$(losetup --find --show image) && mount.exfat-fuse "$device" disk && losetup --detach "$device""#;
        Self::new(&["mount.exfat-fuse", "mkfs.exfat", "losetup"], mount)
    }

    /// `cache` is how much rclone keeps on the local disk: without a cache, a file can only be written from its beginning to its end.
    fn rclone(cache: &str) -> Option<Self> {
        let mount =
            format!(r#"rclone mount --config "" --cache-dir cache --vfs-cache-mode {cache} --daemon remote disk"#);
        Self::new(&["rclone", "fusermount3"], &mount)
    }

    /// Returns the mount point in the shell's namespace.
    fn disk(&self) -> PathBuf {
        self.dir.path().join("disk")
    }

    /// Returns the mount point as this process sees it.
    fn seen(&self) -> PathBuf {
        format!("/proc/{}/root{}", self.shell.id(), self.disk().canonicalize().unwrap().display()).into()
    }

    /// Runs the binary in the shell's namespace.
    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new("nsenter");
        command
            .args(["--mount", "--target", &self.shell.id().to_string(), env!("CARGO_BIN_EXE_kosync")])
            .args(arguments);
        run_with_input(command, "")
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // The shell reads to the end of its input.
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

fn backups_and_exports_work_on(mounted: &Mounted) {
    let data = data_dir(mounted.dir.path());
    let run = |arguments: &[&str]| mounted.run(arguments);
    files_are_written(&run, &data, &mounted.disk(), &mounted.seen());
    let backup = mounted.disk().join("books.mdb");
    backup_is_complete(&run, &backup, &mounted.dir.path().join("restored"));
}

/// A USB stick. Its files can also be the store's.
#[test]
fn exfat() {
    let Some(mounted) = Mounted::exfat() else { return };
    backups_and_exports_work_on(&mounted);
    let restored = mounted.disk().join("restored");
    backup_is_complete(&|arguments| mounted.run(arguments), &mounted.disk().join("books.mdb"), &restored);
    let there = names(&mounted.seen().join("restored"));
    assert_eq!(there, ["build.lock", "data.mdb", "lock.mdb"]);
    // Both the store and the export are there, and so is the copy that an export reads.
    let export = mounted.disk().join("restored/books.jsonl");
    succeeded(mounted.run(&["--data-dir", restored.to_str().unwrap(), "export", export.to_str().unwrap()]));
    let there = names(&mounted.seen().join("restored"));
    assert_eq!(there, ["books.jsonl", "build.lock", "data.mdb", "lock.mdb"]);
}

/// Cloud storage. It is no place for the store.
#[test]
fn rclone() {
    for cache in ["off", "full"] {
        let Some(mounted) = Mounted::rclone(cache) else { return };
        backups_and_exports_work_on(&mounted);
        if cache == "off" {
            let data = mounted.disk().join("data");
            let advice = "; choose a directory on a local disk";
            let refused =
                mounted.run(&["--data-dir", data.to_str().unwrap(), "user", "add", "ada", "--password-stdin"]);
            assert_eq!(refused.status.code(), Some(2), "{refused:?}");
            let error = single_line(&refused.stderr);
            assert!(error.contains("Operation not permitted") && error.ends_with(advice), "{error}");
            let backup = mounted.disk().join("books.mdb");
            let restored = mounted.disk().join("restored");
            let error =
                failed(&mounted.run(&["--data-dir", restored.to_str().unwrap(), "restore", backup.to_str().unwrap()]));
            assert!(error.ends_with(advice), "{error}");
            assert!(names(&mounted.seen().join("restored")).is_empty());
        }
    }
}

//! What file systems do not support, and how that differs from a failure.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::statfs;
use rustix::io::Errno;

/// Type of all file systems by FUSE, such as exFAT's, sshfs and rclone.
const FUSE: u64 = 0x6573_5546;

/// Errors that mean "not on this file system", or "not by you".
///
/// `EPERM` is FAT's answer to `link` and `chown`, and a container's to calls that its seccomp filter forbids; what a file's mode
/// forbids is `EACCES`. NFS answers `EBADF` to a lock on a directory.
const UNSUPPORTED: [Errno; 8] =
    [Errno::INVAL, Errno::PERM, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP, Errno::NODEV, Errno::NOLCK, Errno::BADF];

/// Returns whether an error says that file system or sandbox do not support a call.
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    error.raw_os_error().is_some_and(|code| UNSUPPORTED.iter().any(|errno| errno.raw_os_error() == code))
}

/// Turns "not supported" into success, for a call without which the rest is still right.
pub(super) fn unless_unsupported(done: io::Result<()>) -> io::Result<()> {
    done.or_else(|error| if is_unsupported(&error) { Ok(()) } else { Err(error) })
}

/// Returns whether a program provides the file system that a directory is on.
pub(super) fn is_fuse(dir: &Path) -> bool {
    statfs(dir).is_ok_and(|system| system.f_type as u64 == FUSE)
}

/// Makes the names in a directory durable: syncing a file does not sync its name.
///
/// Some file systems cannot do that, and a directory that may be written but not read cannot be opened.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        dir => unless_unsupported(dir?.sync_all()),
    }
}

/// Returns the directory that a path is in; `.` for a bare file name.
pub(crate) fn parent_dir(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

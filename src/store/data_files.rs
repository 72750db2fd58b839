//! The files of the data directory: their names, their identity, and LMDB's lock file.
//!
//! A process can go on writing to a file that was deleted: every write would be acknowledged and lost at the next start. And without
//! the one lock file that all processes share, two of them would write at once. So each commit checks that the open files still are
//! those of the directory.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use heed::{Env, WithoutTls};
use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;

use super::new_file::NewFile;
use super::owner;

/// LMDB's file with all data.
pub(super) const DATA: &str = "data.mdb";
/// LMDB's file with its locks and its table of readers.
const LOCK: &str = "lock.mdb";
/// File that the directory's one server holds an exclusive lock on.
pub(super) const SERVER_LOCK: &str = "server.lock";
/// File that all processes that use the directory hold a shared lock on.
pub(super) const BUILD_LOCK: &str = "build.lock";

/// Directory of the copies of the data file that the server reads.
pub(super) const SCRATCH: &str = ".scratch";

/// Read transactions that may be open at once, over all processes.
pub(super) const MAX_READERS: u32 = 1024;
/// Size of LMDB's lock file: 64 bytes per reader, and less than a page before them. LMDB uses any rest for more readers.
const LOCK_SIZE: u64 = 64 * MAX_READERS as u64 + 4096;

/// Returns whether every user may create, replace and delete files in a directory.
///
/// The group is left out: with a umask of 002, as on Fedora, a user's directories are writable by a group of that user alone.
pub(super) fn is_world_writable(dir: &Path) -> bool {
    fs::metadata(dir).is_ok_and(|dir| dir.mode() & 0o002 != 0)
}

/// Device and inode of a file.
pub(super) type FileId = (u64, u64);

/// Identifies the files that an environment has open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataFiles {
    dir: PathBuf,
    /// Paths and identities of the data file and the lock file. Each commit looks at them twice.
    files: [(PathBuf, FileId); 2],
}

impl DataFiles {
    /// Identifies the files of an open environment. `dir` must be absolute: the working directory may change.
    pub(super) fn new(env: &Env<WithoutTls>, dir: PathBuf, lock: FileId) -> heed::Result<Self> {
        let data = file_id(&env.try_clone_inner_file()?.metadata()?);
        Ok(Self { files: [(dir.join(DATA), data), (dir.join(LOCK), lock)], dir })
    }

    /// Returns whether the directory still has these very files under their names.
    pub(super) fn is_current(&self) -> bool {
        self.files.iter().all(|(path, id)| fs::metadata(path).is_ok_and(|found| file_id(&found) == *id))
    }

    /// Returns whether a path leads to one of the store's own files, under whatever name.
    pub(super) fn contains(&self, file: &Path) -> bool {
        let Ok(file) = fs::metadata(file) else { return false };
        let is = |name| fs::metadata(self.dir.join(name)).is_ok_and(|own| file_id(&own) == file_id(&file));
        [DATA, LOCK, SERVER_LOCK, BUILD_LOCK].into_iter().any(is)
    }
}

/// Returns what tells the open data file from a copy of it: device, inode and time of birth in nanoseconds.
///
/// The time is 0 on file systems that do not keep it.
pub(super) fn data_file_identity(env: &Env<WithoutTls>) -> heed::Result<[u64; 3]> {
    let file = env.try_clone_inner_file()?.metadata()?;
    let birth = file.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let birth = birth.map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0));
    Ok([file.dev(), file.ino(), birth])
}

fn file_id(file: &Metadata) -> FileId {
    (file.dev(), file.ino())
}

/// Creates LMDB's lock file at its full size unless it exists, and returns its identity.
///
/// Readers write to its mapping. On a full disk, a write that needs a new block would end the process with a signal. So all blocks
/// are allocated here, and copy-on-write is turned off where the file system has it (btrfs).
///
/// Call this before LMDB opens the file: LMDB marks the file as in use by a POSIX lock, and a process loses such a lock when it closes
/// any descriptor of the file. That is why the file gets its name only after its descriptor here is closed. In a directory that other
/// processes use, the caller holds [`lock_for_open`](super::lock::lock_for_open).
pub(super) fn create_lock_file(dir: &Path) -> io::Result<FileId> {
    let lock = dir.join(LOCK);
    match lock.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return Ok(file_id(&found?)),
    }
    let mut new = NewFile::create(dir, &format!(".{LOCK}"))?;
    let file = new.file();
    disable_copy_on_write(file);
    // Where the file system cannot allocate, LMDB sets the size.
    if let Err(full @ (Errno::NOSPC | Errno::DQUOT)) = fallocate(&*file, FallocateFlags::empty(), 0, LOCK_SIZE) {
        return Err(full.into());
    }
    new.close().finish(|unnamed| fs::rename(unnamed, &lock))?;
    Ok(file_id(&lock.metadata()?))
}

/// Disables copy-on-write for an empty file, where the file system has it (btrfs). Others ignore or refuse the flag.
#[cfg(target_os = "linux")]
fn disable_copy_on_write(file: &File) {
    use rustix::fs::{IFlags, ioctl_getflags, ioctl_setflags};

    let _ = ioctl_getflags(file).and_then(|flags| ioctl_setflags(file, flags | IFlags::NOCOW));
}

/// Does nothing: only Linux has the flag. On a file system that copies on write a full disk may end a process that reads.
#[cfg(not(target_os = "linux"))]
fn disable_copy_on_write(_: &File) {}

/// Creates the data directory with mode 0700, and missing parents with the default mode.
pub(super) fn create_data_dir(path: &Path) -> io::Result<()> {
    owner::create_dir(path, 0o700)
}

/// Removes what a server that was killed left in its directory. Only the directory's server may call it.
pub(super) fn remove_leftovers(dir: &Path) {
    let scratch = dir.join(SCRATCH);
    match fs::remove_dir_all(&scratch) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::warn!(?scratch, %error, "leftover copies cannot be removed; delete the directory");
        }
        _ => {}
    }
}

//! The files of the data folder: LMDB's lock file as it is to be, whose server this is, and whether the files that are open still
//! are those of the folder.
//!
//! A file whose name is gone can be written as before: everything would be answered as stored, and be lost at the next start. And
//! without the lock file that all processes share, two of them would write at once.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, IFlags, fallocate, ioctl_getflags, ioctl_setflags};
use rustix::io::Errno;

use super::backup::DATA;
use super::open::MAX_READERS;

/// LMDB's file of who reads and writes.
const LOCK: &str = "lock.mdb";
/// What LMDB makes of it: 64 bytes for each reader, and less than a page before them. Of what is more it makes more readers.
const LOCK_SIZE: u64 = 64 * MAX_READERS as u64 + 4096;
/// The files that must stay where they are.
const FILES: [&str; 2] = [DATA, LOCK];

/// The files as they were when they were opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
    files: [Identity; 2],
}

type Identity = (u64, u64);

impl Place {
    /// Of files that are open by now.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.to_owned(), files: identities(folder)? })
    }

    /// Whether they still are there, and no others in their stead.
    pub(super) fn is_kept(&self) -> bool {
        identities(&self.folder).is_ok_and(|files| files == self.files)
    }
}

/// Makes the lock file as it is to be, if it is not there. Whoever reads writes to its mapping, which must not need room then: on a
/// full disk it would end the process. So all of it is allocated, and is written in place where a file system would not do so by
/// itself (btrfs).
///
/// Not once LMDB has the file open: it holds a POSIX lock on it, by which others know that they are not the first there, and which
/// a process loses when it closes any descriptor of the file. So this one is closed before the file has its name.
pub(super) fn make_lock_file(folder: &Path) -> io::Result<()> {
    let lock = folder.join(LOCK);
    if lock.try_exists()? {
        return Ok(());
    }
    let open = |path: &Path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let (file, unnamed) = tempfile::Builder::new().prefix(&format!(".{LOCK}.")).make_in(folder, open)?.into_parts();
    // It must be empty for that. Elsewhere it means nothing, or is refused.
    let _ = ioctl_getflags(&file).and_then(|flags| ioctl_setflags(&file, flags | IFlags::NOCOW));
    match fallocate(&file, FallocateFlags::empty(), 0, LOCK_SIZE) {
        Err(Errno::NOSPC | Errno::DQUOT) => return Err(io::ErrorKind::StorageFull.into()),
        // Where a file system cannot, LMDB gives the file its size.
        Ok(()) | Err(_) => drop(file),
    }
    match unnamed.persist_noclobber(lock) {
        Err(error) if error.error.kind() != io::ErrorKind::AlreadyExists => Err(error.error),
        _ => Ok(()),
    }
}

/// The file that the one server of a folder holds a lock on. It has its process's number, for whoever wants to know.
const SERVING: &str = "server.lock";

/// Makes this process the server of a folder, for as long as the file is open. `Err` with the process that is.
pub(super) fn claim(folder: &Path) -> io::Result<Result<File, Option<u32>>> {
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(folder.join(SERVING))?;
    match file.try_lock() {
        Ok(()) => {
            // Only for whoever wants to know: a full disk stops no server.
            let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
            Ok(Ok(file))
        }
        Err(TryLockError::WouldBlock) => {
            let mut process = String::new();
            file.read_to_string(&mut process)?;
            Ok(Err(process.trim().parse().ok()))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn identities(folder: &Path) -> io::Result<[Identity; 2]> {
    let identity = |file: &str| fs::metadata(folder.join(file)).map(|file| (file.dev(), file.ino()));
    Ok([identity(FILES[0])?, identity(FILES[1])?])
}

//! The files of the data folder: whose server this is, LMDB's lock file as it is to be, and whether the files that are open still
//! are those of the folder.
//!
//! A file whose name is gone can be written as before: everything would be answered as stored, and be lost at the next start. And
//! without the lock file that all processes share, two of them would write at once.

use std::env::consts::ARCH;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use heed::{Env, WithoutTls};
use rustix::fs::{FallocateFlags, IFlags, fallocate, ioctl_getflags, ioctl_setflags};
use rustix::io::Errno;

use super::backup::DATA;
use super::env::{MAX_READERS, opening};
use crate::error::{Error, Result};

/// LMDB's file of who reads and writes.
const LOCK: &str = "lock.mdb";
/// What LMDB makes of it: 64 bytes for each reader, and less than a page before them. Of what is more it makes more readers.
const LOCK_SIZE: u64 = 64 * MAX_READERS as u64 + 4096;
/// The files that must stay where they are.
const FILES: [&str; 2] = [DATA, LOCK];
/// The file that the one server of a folder holds a lock on.
const SERVING: &str = "server.lock";
/// The file that all who use a folder hold a shared lock on.
const BUILD: &str = "build.lock";
/// What is read of these two.
const LINE_MAX: u64 = 200;

/// The files that are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DataFiles {
    folder: PathBuf,
    files: [Identity; 2],
}

pub(super) type Identity = (u64, u64);

impl DataFiles {
    /// Of an environment that is open, in a folder that is named absolutely.
    pub(super) fn of(env: &Env<WithoutTls>, folder: PathBuf, lock_file: Identity) -> heed::Result<Self> {
        Ok(Self { folder, files: [identity(&env.try_clone_inner_file()?.metadata()?), lock_file] })
    }

    /// Whether they still are there, and no others in their stead.
    pub(super) fn is_current(&self) -> bool {
        let there = |(name, file)| fs::metadata(self.folder.join(name)).is_ok_and(|there| identity(&there) == file);
        FILES.into_iter().zip(self.files).all(there)
    }

    /// Whether a file is one of the store's, whatever it is called.
    pub(super) fn has(&self, file: &Path) -> bool {
        let Ok(file) = fs::metadata(file) else { return false };
        let is = |name| fs::metadata(self.folder.join(name)).is_ok_and(|own| identity(&own) == identity(&file));
        [DATA, LOCK, SERVING, BUILD].into_iter().any(is)
    }
}

fn identity(file: &Metadata) -> Identity {
    (file.dev(), file.ino())
}

/// Makes the lock file as it is to be, if it is not there, and says which it is. Whoever reads writes to its mapping, which must not
/// need room then: on a full disk it would end the process. So all of it is allocated, and is written in place where a file system
/// would not do so by itself (btrfs).
///
/// Not once LMDB has the file open: it holds a POSIX lock on it, by which others know that they are not the first there, and which
/// a process loses when it closes any descriptor of the file. So this one is closed before the file has its name. In a folder that
/// others use, the caller is lock_for_open, see [`lock_for_open`].
pub(super) fn make_lock_file(folder: &Path) -> io::Result<Identity> {
    let lock = folder.join(LOCK);
    match lock.metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        there => return Ok(identity(&there?)),
    }
    let open = |path: &Path| OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let (file, unnamed) = tempfile::Builder::new().prefix(&format!(".{LOCK}.")).make_in(folder, open)?.into_parts();
    // It must be empty for that. Elsewhere it means nothing, or is refused.
    let _ = ioctl_getflags(&file).and_then(|flags| ioctl_setflags(&file, flags | IFlags::NOCOW));
    match fallocate(&file, FallocateFlags::empty(), 0, LOCK_SIZE) {
        Err(full @ (Errno::NOSPC | Errno::DQUOT)) => return Err(full.into()),
        // Where a file system cannot, LMDB gives the file its size.
        Ok(()) | Err(_) => drop(file),
    }
    unnamed.persist(&lock)?;
    Ok(identity(&lock.metadata()?))
}

/// Lets no other process open the folder for as long as the file is open.
///
/// Who is the first to open it makes LMDB's lock file anew, and notes the last commit in it at the very end. If that process is ended
/// in between, others that have waited within LMDB find a 0, with which their first commit would replace the newest head. Here they
/// wait before; this lock is gone only after all others of a process that ends.
pub(super) fn lock_for_open(folder: &Path) -> io::Result<File> {
    // LMDB makes the same of an empty file as of none.
    let file = openable().open(folder.join(DATA))?;
    file.lock()?;
    Ok(file)
}

/// What a process holds of a folder for as long as it uses it.
#[derive(Debug)]
pub(super) struct DirLock {
    serving: Option<File>,
    _build: File,
}

impl DirLock {
    /// Holds a folder, as its server or beside it. The caller is lock_for_open, see [`lock_for_open`].
    ///
    /// # Errors
    /// [`Error::InUse`] if it is to be the server and another process is; [`Error::DataDir`].
    pub(super) fn take(folder: &Path, serves: bool) -> Result<Self> {
        let failed = |reason| opening(folder, heed::Error::Io(reason));
        let serving = match serves {
            true => {
                let served = acquire_server_lock(folder).map_err(failed)?;
                Some(served.map_err(|process| Error::InUse { path: folder.to_owned(), process })?)
            }
            false => None,
        };
        Ok(Self { serving, _build: acquire_build_lock(folder).map_err(failed)? })
    }

    /// Whether this process is the folder's server.
    pub(super) fn serves(&self) -> bool {
        self.serving.is_some()
    }
}

/// Makes this process the folder's one server. The file has its number, for whoever wants to know. `Err` with that of another one.
fn acquire_server_lock(folder: &Path) -> io::Result<Result<File, Option<u32>>> {
    let mut file = openable().open(folder.join(SERVING))?;
    match file.try_lock() {
        Ok(()) => {
            write_line(&mut file, &std::process::id().to_string());
            Ok(Ok(file))
        }
        Err(TryLockError::WouldBlock) => Ok(Err(read_line(&mut file)?.parse().ok())),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// LMDB's lock file has mutexes of the C library, and LMDB compares nothing but their size, which many have in common. So all who use
/// a folder share a lock on a file that says which mutexes these are, and who would have others must be the only one.
fn acquire_build_lock(folder: &Path) -> io::Result<File> {
    let library = if cfg!(target_env = "musl") { "musl" } else { "glibc" };
    let ours = format!("{ARCH} with {library}");
    let mut file = openable().open(folder.join(BUILD))?;
    let theirs = read_line(&mut file)?;
    // Empty where a full disk has kept it so.
    if theirs != ours && !theirs.is_empty() {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::other(format!(
                "a program built for {theirs} uses it, and this one is built for {ours}: their locks do not work together; use that \
                 program (in Docker `docker compose exec kosync /kosync`), or stop it first"
            )),
            TryLockError::Error(error) => error,
        })?;
    }
    if theirs != ours {
        write_line(&mut file, &ours);
    }
    file.lock_shared()?;
    Ok(file)
}

fn openable() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(0o600);
    options
}

fn read_line(file: &mut File) -> io::Result<String> {
    let mut text = Vec::new();
    file.take(LINE_MAX).read_to_end(&mut text)?;
    Ok(String::from_utf8_lossy(&text).lines().next().unwrap_or_default().to_owned())
}

/// In place of what is there. It says something to people, or is not needed: a full disk stops nobody.
fn write_line(file: &mut File, line: &str) {
    let line = format!("{line}\n");
    let _ = file.set_len(0).and_then(|()| file.write_all_at(line.as_bytes(), 0));
}

//! The files of the data folder: whose server this is, LMDB's lock file as it is to be, and whether the files that are open still
//! are those of the folder.
//!
//! A file whose name is gone can be written as before: everything would be answered as stored, and be lost at the next start. And
//! without the lock file that all processes share, two of them would write at once.

use std::env::consts::ARCH;
use std::fs::{self, File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use heed::{Env, WithoutTls};
use rustix::fs::{FallocateFlags, IFlags, fallocate, ioctl_getflags, ioctl_setflags};
use rustix::io::Errno;
use tempfile::PathPersistError;

use super::backup::DATA;
use super::open::MAX_READERS;

/// LMDB's file of who reads and writes.
const LOCK: &str = "lock.mdb";
/// What LMDB makes of it: 64 bytes for each reader, and less than a page before them. Of what is more it makes more readers.
const LOCK_SIZE: u64 = 64 * MAX_READERS as u64 + 4096;
/// The files that must stay where they are.
const FILES: [&str; 2] = [DATA, LOCK];

/// The files that are open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
    files: [Identity; 2],
}

pub(super) type Identity = (u64, u64);

impl Place {
    /// Of an environment that is open, in a folder that is named absolutely.
    pub(super) fn of(env: &Env<WithoutTls>, folder: PathBuf, lock_file: Identity) -> heed::Result<Self> {
        Ok(Self { folder, files: [identity(&env.try_clone_inner_file()?.metadata()?), lock_file] })
    }

    /// Whether they still are there, and no others in their stead.
    pub(super) fn is_kept(&self) -> bool {
        let there = |(name, file)| fs::metadata(self.folder.join(name)).is_ok_and(|there| identity(&there) == file);
        FILES.into_iter().zip(self.files).all(there)
    }

    /// Whether a file is one of them, whatever it is called.
    pub(super) fn has(&self, file: &Path) -> bool {
        fs::metadata(file).is_ok_and(|file| self.files.contains(&identity(&file)))
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
/// a process loses when it closes any descriptor of the file. So this one is closed before the file has its name.
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
    if let Err(PathPersistError { error, path }) = unnamed.persist_noclobber(&lock)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        // Some file systems cannot name a file without replacing another. Whose lock file is replaced notices it by its place.
        path.persist(&lock).map_err(|error| error.error)?;
    }
    Ok(identity(&lock.metadata()?))
}

/// The file that the one server of a folder holds a lock on. It has its process's number, for whoever wants to know, and below it
/// what the program was built for.
const SERVING: &str = "server.lock";

/// What decides how the mutexes in LMDB's lock file work. LMDB looks at their size alone, which many have in common.
fn build() -> String {
    let library = if cfg!(target_env = "musl") { "musl" } else { "glibc" };
    format!("{ARCH} with {library}")
}

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
            // A full disk stops no server.
            let text = format!("{}\n{}\n", std::process::id(), build());
            let _ = file.set_len(0).and_then(|()| file.write_all(text.as_bytes()));
            Ok(Ok(file))
        }
        Err(TryLockError::WouldBlock) => {
            Ok(Err(io::read_to_string(file)?.lines().next().and_then(|line| line.parse().ok())))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Whether this process may use a folder beside its server: their mutexes must be the same.
pub(super) fn check_build(folder: &Path) -> io::Result<()> {
    let Ok(file) = File::open(folder.join(SERVING)) else { return Ok(()) };
    let text = io::read_to_string(&file)?;
    // It may be on the way.
    let Some((_, theirs)) = text.strip_suffix('\n').and_then(|text| text.split_once('\n')) else { return Ok(()) };
    let ours = build();
    // Nobody's lock is tried without need: a server that starts at this moment would be refused.
    if theirs == ours || !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "a server built for {theirs} is running on it, and this program is built for {ours}: their locks do not work together; use \
         the server's own program (in Docker `docker compose exec kosync /kosync`), or stop it first"
    )))
}

//! Locks on the data directory: one server, one C library, one process at a time while LMDB is opened.

use std::env::consts::{ARCH, OS};
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use rustix::fs::OFlags;

use super::data_files::{BUILD_LOCK, DATA, SERVER_LOCK};
use super::owner::open_or_create_file;
use super::tables::ServedState;

/// Bytes that are read of the text in a lock file.
const TEXT_MAX: usize = 200;

/// Why a directory could not be locked.
#[derive(Debug)]
pub(super) enum LockError {
    /// Another server runs on the directory; its process id, where it could be read.
    ServerRunning(Option<u32>),
    /// A lock file is unusable, or a program with another C library uses the directory.
    Io(io::Error),
}

impl From<io::Error> for LockError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Keeps other processes from opening the directory until the returned file is closed.
///
/// The first process to open a directory initializes LMDB's lock file, and writes the number of the last commit into it at the very
/// end. If that process is killed in between, the processes that wait inside LMDB find 0 there, and their first commit would
/// overwrite the newest meta page. With this lock they wait outside LMDB instead. A process that ends releases it after its other
/// locks.
pub(super) fn lock_for_open(dir: &Path) -> io::Result<File> {
    // LMDB treats an empty data file like a missing one, so this may create it.
    let file = open_or_create_file(&dir.join(DATA), OFlags::empty())?;
    file.lock()?;
    Ok(file)
}

/// Locks that a process holds on a data directory while it uses it.
#[derive(Debug)]
pub(super) struct DirLock {
    server: Option<File>,
    _build: File,
}

impl DirLock {
    /// Takes the locks of a server, or of a command that runs beside one. The caller holds [`lock_for_open`].
    pub(super) fn acquire(dir: &Path, is_server: bool) -> Result<Self, LockError> {
        let server = if is_server { Some(acquire_server_lock(dir)?) } else { None };
        Ok(Self { server, _build: acquire_build_lock(dir)? })
    }

    /// Returns whether this process is the directory's server.
    pub(super) fn is_server(&self) -> bool {
        self.server.is_some()
    }

    /// Returns the state of the data file that a server noted last. `None` if there is none, or this process is no server.
    pub(super) fn served_state(&self) -> Option<ServedState> {
        let text = read_text(self.server.as_ref()?).ok()?;
        let (epoch, commit) = text.lines().nth(1)?.split_once(' ')?;
        Some(ServedState { epoch: epoch.parse().ok()?, commit: commit.parse().ok()? })
    }

    /// Notes the state of the data file, once it is on disk. Only a server does.
    pub(super) fn note_served_state(&self, state: ServedState) {
        if let Some(file) = &self.server {
            let ServedState { epoch, commit } = state;
            write_text(file, &format!("{}\n{epoch} {commit}\n", std::process::id()));
        }
    }
}

/// Makes this process the directory's one server. Writes its process id into the file, before the state that a server noted.
fn acquire_server_lock(dir: &Path) -> Result<File, LockError> {
    let file = open_lock_file(&dir.join(SERVER_LOCK))?;
    match file.try_lock() {
        Ok(()) => {
            let noted: String = read_text(&file)?.lines().skip(1).take(1).map(|line| format!("{line}\n")).collect();
            write_text(&file, &format!("{}\n{noted}", std::process::id()));
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => Err(LockError::ServerRunning(read_line(&file)?.parse().ok())),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

/// Keeps programs of different C libraries from using a directory at the same time.
///
/// LMDB's lock file holds mutexes of the C library, and LMDB compares only their size, which differing mutexes share. So the file
/// `build.lock` says which kind is in use: processes of that kind share a lock on it, and one of another kind needs it exclusively.
fn acquire_build_lock(dir: &Path) -> io::Result<File> {
    let library = match OS {
        "linux" if cfg!(target_env = "musl") => "musl",
        "linux" => "glibc",
        // Each has one C library of its own.
        system => system,
    };
    let ours = format!("{ARCH} with {library}");
    let file = open_lock_file(&dir.join(BUILD_LOCK))?;
    let theirs = read_line(&file)?;
    // The file is empty if the disk was full when it was written.
    if theirs != ours && !theirs.is_empty() {
        file.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::other(format!(
                "it is in use by a program built for {theirs}, and this one is built for {ours}: their locks do not work together; \
                 run that program instead (in Docker `docker compose exec kosync /kosync`), or stop it first"
            )),
            TryLockError::Error(error) => error,
        })?;
    }
    if theirs != ours {
        write_text(&file, &format!("{ours}\n"));
    }
    file.lock_shared()?;
    Ok(file)
}

/// Opens a lock file. A symbolic link is an error: this truncates and writes, perhaps as root in a directory of another user.
fn open_lock_file(path: &Path) -> io::Result<File> {
    open_or_create_file(path, OFlags::NOFOLLOW).map_err(|error| match path.is_symlink() {
        true => io::Error::other(format!("{} is a symbolic link; remove it", path.display())),
        false => error,
    })
}

fn read_line(file: &File) -> io::Result<String> {
    Ok(read_text(file)?.lines().next().unwrap_or_default().to_owned())
}

fn read_text(file: &File) -> io::Result<String> {
    let mut text = vec![0; TEXT_MAX];
    let length = file.read_at(&mut text, 0)?;
    Ok(String::from_utf8_lossy(&text[..length]).into_owned())
}

/// Replaces a lock file's text. Errors are ignored: a full disk must not stop a start.
fn write_text(file: &File, text: &str) {
    let _ = file.write_all_at(text.as_bytes(), 0).and_then(|()| file.set_len(text.len() as u64));
}

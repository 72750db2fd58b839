//! Opening the store: the folder, the environment, and what can be wrong with them.

use std::fs;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use heed::{Env, EnvOpenOptions, MdbError, WithoutTls};
use jiff::tz::TimeZone;

use super::backup::{self, DATA};
use super::committer::{BatchCommitter, CLOSE_TIMEOUT, QUEUE_LEN, WriteQueue};
use super::data_files::{self, DataFiles, DirLock};
use super::records::{self, FORMAT, META_FORMAT, Tables};
use super::{Inner, Store};
use crate::error::{Error, Result};

/// Whole seconds since the Unix epoch.
pub(crate) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

pub(crate) type OnCommit = Box<dyn Fn(usize, Duration) + Send>;

/// Address space for the map, not disk: the file grows as it is filled. It is below what the smallest 64-bit machines have.
pub(super) const MAP_SIZE: usize = if cfg!(target_pointer_width = "64") { 64 << 30 } else { 512 << 20 };
/// Reads that may be open at once, over all processes.
pub(super) const MAX_READERS: u32 = 1024;

/// How long a store that was dropped may take to be closed before another one is opened.
const CLOSING_MAX: Duration = Duration::from_secs(1);

/// How to open a store.
pub(crate) struct StoreOptions {
    pub(crate) path: PathBuf,
    /// Whether this is to be the folder's server. There is one; others may use the folder beside it.
    pub(crate) serves: bool,
    pub(crate) clock: Clock,
    /// Whose days the history is thinned by.
    pub(crate) zone: TimeZone,
    /// Writes that may wait; one more is [`Error::Busy`].
    pub(crate) queue: usize,
    /// How long they may take when the store is closed.
    pub(crate) patience: Duration,
    /// Bytes of address space for the map.
    pub(crate) map_size: usize,
    /// Told of each commit: how many writes it carried, and how long it took.
    pub(crate) on_commit: OnCommit,
}

impl StoreOptions {
    pub(crate) fn new(path: PathBuf) -> Self {
        let clock = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let (clock, zone) = (Arc::new(clock), TimeZone::system());
        Self {
            path,
            serves: false,
            clock,
            zone,
            queue: QUEUE_LEN,
            patience: CLOSE_TIMEOUT,
            map_size: MAP_SIZE,
            on_commit: Box::new(|_, _| ()),
        }
    }
}

impl Store {
    /// Opens the store in a folder, and makes both if they are not there.
    ///
    /// # Errors
    /// [`Error::DataDir`] if the folder cannot be made, read or written; [`Error::NewerFormat`] if a newer version wrote it;
    /// [`Error::AlreadyOpen`] if this process has it open, [`Error::InUse`] if it is to be the server and another is;
    /// [`Error::DataDirReplaced`] if the folder was replaced meanwhile.
    pub(crate) fn open(options: StoreOptions) -> Result<Self> {
        let StoreOptions { path, serves, clock, zone, queue, patience, map_size, on_commit } = options;
        let failed = |reason| opening(&path, heed::Error::Io(reason));
        let opening = |error| opening(&path, error);
        make_folder(&path).map_err(failed)?;
        // One that was dropped may not be closed yet.
        if let Some(closing) = heed::env_closing_event(path.canonicalize().map_err(failed)?)
            && !closing.wait_timeout(CLOSING_MAX)
        {
            return Err(Error::AlreadyOpen { path });
        }
        let lock_for_open = data_files::lock_for_open(&path).map_err(failed)?;
        // Before LMDB has its files open: who is refused must not have touched them.
        let hold = DirLock::take(&path, serves)?;
        let lock_file = data_files::make_lock_file(&path).map_err(failed)?;
        let env = open_whole(&path, map_size).map_err(opening)?;
        drop(lock_for_open);
        let absolute = std::path::absolute(&path).map_err(failed)?;
        let place = DataFiles::of(&env, absolute, lock_file).map_err(opening)?;
        match records::format_version(&env).map_err(opening)? {
            Some(found) if found > FORMAT => return Err(Error::NewerFormat { path, found, known: FORMAT }),
            _ => {}
        }
        let prepare = || {
            env.clear_stale_readers()?;
            let tables = Tables::create(&env)?;
            let mut txn = env.write_txn()?;
            if tables.meta.get(&txn, META_FORMAT)? != Some(FORMAT) {
                tables.meta.put(&mut txn, META_FORMAT, &FORMAT)?;
            }
            txn.commit()?;
            Ok(tables)
        };
        let tables = prepare().map_err(opening)?;
        // LMDB syncs its files, not the folder that names them.
        fs::File::open(&path).and_then(|folder| folder.sync_all()).map_err(failed)?;
        if !place.is_current() {
            return Err(Error::DataDirReplaced { path });
        }
        let batches = BatchCommitter::new(env.clone(), tables, place.clone(), clock.clone(), zone.clone(), on_commit);
        let hold = Arc::new(hold);
        let writer = WriteQueue::start(batches, queue, patience, hold.clone()).map_err(failed)?;
        Ok(Self { inner: Arc::new(Inner { writer, _hold: hold, env, tables, place, clock, zone }) })
    }
}

/// Makes the data folder for its owner lock_for_open, in folders that are as others are.
pub(super) fn make_folder(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(parent)?;
    fs::DirBuilder::new().mode(0o700).create(path)?;
    fs::File::open(parent)?.sync_all()
}

#[allow(unsafe_code)]
pub(super) fn open_environment(path: &Path, map_size: usize) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(map_size).max_readers(MAX_READERS);
    // SAFETY: the map must not be changed but through LMDB. The folder is ours (mode 0700 where we make it), all our
    // processes go through LMDB's lock file, and the flags that give up locking or syncing stay off.
    unsafe { options.open(path) }
}

/// Opens an environment, and makes its data file whole.
fn open_whole(path: &Path, map_size: usize) -> heed::Result<Env<WithoutTls>> {
    let env = open_environment(path, map_size)?;
    // With the lock for writing, nobody's commit comes in between, and nobody else makes the file longer.
    let txn = env.write_txn()?;
    if txn.id() != env.info().last_txn_id + 1 {
        return Err(heed::Error::Io(io::Error::other(
            "data.mdb and lock.mdb do not belong together: data.mdb was replaced, or a start was ended half-way; stop all processes \
             that use this folder, and try again",
        )));
    }
    backup::fill_up(&env, path)?;
    drop(txn);
    Ok(env)
}

/// An error while the store is opened: it is about the folder, and a person can mend it.
pub(super) fn opening(path: &Path, error: heed::Error) -> Error {
    let path = path.to_owned();
    let reason = match error {
        heed::Error::EnvAlreadyOpened => return Error::AlreadyOpen { path },
        // LMDB tells processes from each other by their numbers.
        heed::Error::Io(reason) if reason.raw_os_error() == Some(nix::libc::EAGAIN) => {
            let number = std::process::id();
            io::Error::other(format!(
                "a process with the number {number}, which this one has, too, uses it in another container; run this in the same one \
                 (`docker exec`)"
            ))
        }
        heed::Error::Io(reason) if reason.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            let data = path.join(DATA);
            io::Error::other(format!("{reason}; `kosync restore {}` makes a folder of it elsewhere", data.display()))
        }
        heed::Error::Io(reason) => reason,
        heed::Error::Mdb(MdbError::Invalid | MdbError::VersionMismatch) => {
            io::Error::other("data.mdb is not an LMDB file that this version can read")
        }
        other => io::Error::other(other.to_string()),
    };
    Error::DataDir { path, reason: Arc::new(reason) }
}

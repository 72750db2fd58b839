//! Opening LMDB's environment, and what its errors mean.

use std::fs::OpenOptions;
use std::io;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use heed::{Env, EnvFlags, EnvOpenOptions, MdbError, WithoutTls};
use rustix::fs::statvfs;
use rustix::io::Errno;

use super::data_files::{self, DATA, DataFiles, MAX_READERS, data_file_identity};
use super::file_system::{is_fuse, is_unsupported, sync_dir};
use super::layout::Layout;
use super::lock::{self, DirLock, LockError};
use super::tables::{FORMAT, META_FORMAT, META_MAX_SIZE, ServedState, Tables, format_version};
use crate::error::{Error, Result};

/// Bounds of the default size of the map, which is the disk's, in bytes.
///
/// The largest is well below what the smallest 64-bit address spaces offer to a process: 256 GiB of 39 bits.
const DEFAULT_MAP: RangeInclusive<u64> = (1 << 30)..=(128 << 30);
/// Size of the map on 32-bit systems, in bytes.
const MAP_SIZE_32: usize = 512 << 20;
/// A map is a multiple of this, and so of every system's page size.
const MAP_UNIT: u64 = 1 << 20;

/// Smallest map that is tried where address space is limited, in bytes. Millions of positions fit into it.
const MIN_MAP_SIZE: usize = 256 << 20;
/// Largest map. More than any system has address space for.
const MAX_MAP_SIZE: u64 = 1 << 60;

/// Map that is asked for to read a copy, in bytes: a multiple of every system's page size.
const MIN_COPY_MAP: usize = 1 << 20;

/// How long to wait for a dropped store of this process to close.
const CLOSING_MAX: Duration = Duration::from_secs(1);

/// An environment that is open and ready, with its locks and files.
pub(super) struct OpenEnv {
    pub(super) env: Env<WithoutTls>,
    pub(super) tables: Tables,
    pub(super) data_files: DataFiles,
    pub(super) lock: DirLock,
}

/// Opens the environment in a directory, and creates both if they do not exist.
///
/// # Errors
/// [`Error::DataDir`] if the directory cannot be created, read or written; [`Error::NewerFormat`] if a newer version wrote it;
/// [`Error::AlreadyOpen`] if this process has it open; [`Error::InUse`] if `is_server` and another server runs on it;
/// [`Error::DataDirReplaced`] if it was replaced in the meantime.
pub(super) fn open(path: PathBuf, is_server: bool, max_size: Option<u64>) -> Result<OpenEnv> {
    let io_failed = |reason| open_error(&path, heed::Error::Io(reason));
    let failed = |error| open_error(&path, error);
    data_files::create_data_dir(&path).map_err(io_failed)?;
    if let Some(closing) = heed::env_closing_event(path.canonicalize().map_err(io_failed)?)
        && !closing.wait_timeout(CLOSING_MAX)
    {
        return Err(Error::AlreadyOpen { path });
    }
    // Before LMDB opens its files: a process that is refused must not have touched them.
    let opening = lock::lock_for_open(&path).map_err(io_failed)?;
    if let Some(foreign) = Layout::foreign(&opening).map_err(io_failed)? {
        return Err(io_failed(io::Error::other(foreign.data_dir_advice(&path))));
    }
    let lock = DirLock::acquire(&path, is_server).map_err(|error| match error {
        LockError::ServerRunning(process) => Error::InUse { path: path.clone(), process },
        LockError::Io(reason) => io_failed(reason),
    })?;
    let lock_file = data_files::create_lock_file(&path).map_err(io_failed)?;
    let map_size = max_size.map_or_else(|| default_map_size(&path), map_size);
    let env = open_checked(&path, map_size).map_err(failed)?;
    drop(opening);
    let absolute = std::path::absolute(&path).map_err(io_failed)?;
    let data_files = DataFiles::new(&env, absolute, lock_file).map_err(failed)?;
    match format_version(&env).map_err(failed)? {
        Some(found) if found > FORMAT => return Err(Error::NewerFormat { path, found, known: FORMAT }),
        _ => {}
    }
    let max_size = if is_server { MaxSize::Set(max_size) } else { MaxSize::Obey };
    let tables = prepare(&env, max_size, map_size, lock.served_state()).map_err(failed)?;
    lock.note_served_state(state_of(&env, &tables).map_err(failed)?);
    sync_dir(&path).map_err(io_failed)?;
    if !data_files.is_current() {
        return Err(if is_fuse(&path) { io_failed(unstable_files()) } else { Error::DataDirReplaced { path } });
    }
    Ok(OpenEnv { env, tables, data_files, lock })
}

/// Returns the error of a file system that cannot identify an open store's files.
fn unstable_files() -> io::Error {
    io::Error::other(
        "its files were replaced while they were opened, or its file system gives them new inode numbers, as rclone's does; then choose \
         a directory on a local disk",
    )
}

/// Opens the copy of a store that no other process uses: one file, only to be read, without a lock file.
#[allow(unsafe_code)]
pub(super) fn open_copy(file: &Path) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    // LMDB maps all of the file, and no more, if this is less.
    options.map_size(MIN_COPY_MAP);
    // SAFETY: no other process knows the file, so it cannot change and needs no lock.
    unsafe {
        options.flags(EnvFlags::NO_SUB_DIR | EnvFlags::READ_ONLY | EnvFlags::NO_LOCK);
        options.open(file)
    }
}

#[allow(unsafe_code)]
fn open_mapped(path: &Path, map_size: usize) -> heed::Result<Env<WithoutTls>> {
    let mut options = EnvOpenOptions::new().read_txn_without_tls();
    options.map_size(map_size).max_readers(MAX_READERS);
    // SAFETY: the mapped file must only be changed through LMDB. The directory is ours (mode 0700 where we create it), all our
    // processes use LMDB's lock file, and the flags that turn off locking or syncing stay off.
    unsafe { options.open(path) }
}

/// Opens an environment without checks, and warns if its map is smaller than asked for.
///
/// The limits on address space decide (`ulimit -v`, `LimitAS=`). The caller has created the lock file.
pub(super) fn open_env(path: &Path, map_size: usize) -> heed::Result<Env<WithoutTls>> {
    let mut size = map_size;
    loop {
        match open_mapped(path, size) {
            Err(heed::Error::Io(reason)) if is_no_address_space(&reason) && size / 2 >= MIN_MAP_SIZE => size /= 2,
            Err(heed::Error::Io(reason)) if is_no_address_space(&reason) => {
                return Err(heed::Error::Io(io::Error::other(format!(
                    "cannot map data.mdb into memory, not even {} MiB: {reason}; raise the limit on address space (`ulimit -v`, \
                     systemd's `LimitAS=`)",
                    size >> 20
                ))));
            }
            opened => {
                if opened.is_ok() && size < map_size {
                    tracing::warn!(
                        mib = size >> 20,
                        "address space is limited (ulimit -v, LimitAS=), using a smaller map: the store is full at this size"
                    );
                }
                return opened;
            }
        }
    }
}

fn is_no_address_space(error: &io::Error) -> bool {
    error.raw_os_error() == Some(Errno::NOMEM.raw_os_error())
}

/// Opens an environment, checks that its files belong together, and extends the data file.
fn open_checked(path: &Path, map_size: usize) -> heed::Result<Env<WithoutTls>> {
    let env = open_env(path, map_size)?;
    // The write lock keeps other processes from committing, and from extending the file, in between.
    let txn = env.write_txn()?;
    if txn.id() != env.info().last_txn_id + 1 {
        return Err(heed::Error::Io(io::Error::other(
            "data.mdb and lock.mdb do not belong together: data.mdb was replaced, or a process was killed while it opened the store; \
             stop all processes that use this directory, and try again",
        )));
    }
    extend_to_last_page(&env, path)?;
    drop(txn);
    Ok(env)
}

/// Who decides about the size of the map.
enum MaxSize {
    /// This process, the server: its configuration is kept for others.
    Set(Option<u64>),
    /// What the store says. Commands start without the server's settings.
    Obey,
}

/// Returns how far the data file of an environment is.
pub(super) fn state_of(env: &Env<WithoutTls>, tables: &Tables) -> heed::Result<ServedState> {
    let epoch = tables.file_epoch(&*env.read_txn()?)?;
    Ok(ServedState { epoch, commit: env.info().last_txn_id as u64 })
}

/// Clears slots of killed readers, opens the tables, and completes data of older versions.
///
/// `noted` is how far the data file was when a server last noted it.
fn prepare(
    env: &Env<WithoutTls>,
    max_size: MaxSize,
    mapped: usize,
    noted: Option<ServedState>,
) -> heed::Result<Tables> {
    env.clear_stale_readers()?;
    let tables = Tables::open_or_create(env)?;
    let mut txn = env.write_txn()?;
    if tables.meta.get(&txn, META_FORMAT)? != Some(FORMAT) {
        tables.meta.put(&mut txn, META_FORMAT, &FORMAT)?;
    }
    tables.complete_names(&mut txn)?;
    let kept = tables.meta.get(&txn, META_MAX_SIZE)?;
    match max_size {
        MaxSize::Set(Some(size)) if kept != Some(size) => tables.meta.put(&mut txn, META_MAX_SIZE, &size)?,
        MaxSize::Set(None) if kept.is_some() => drop(tables.meta.delete(&mut txn, META_MAX_SIZE)?),
        MaxSize::Set(_) | MaxSize::Obey => {}
    }
    if matches!(max_size, MaxSize::Set(_)) {
        let commit = (txn.id() as u64).saturating_sub(1);
        tables.note_served_file(&mut txn, data_file_identity(env)?, commit, noted)?;
        tables.end_uploads(&mut txn)?;
    }
    txn.commit()?;
    if let (MaxSize::Obey, Some(kept)) = (max_size, kept.map(map_size))
        && kept != mapped
    {
        resize(env, kept)?;
    }
    Ok(tables)
}

/// Maps an environment that was just opened with another size.
#[allow(unsafe_code)]
fn resize(env: &Env<WithoutTls>, size: usize) -> heed::Result<()> {
    // SAFETY: the environment is not shared yet, and the one transaction of this process has ended.
    unsafe { env.resize(size) }
}

/// Returns the size of the map for a data file of at most `max` bytes.
pub(super) fn map_size(max: u64) -> usize {
    let size = max.clamp(1, MAX_MAP_SIZE).next_multiple_of(MAP_UNIT);
    usize::try_from(size).unwrap_or(MAP_SIZE_32)
}

/// Returns the map's size for a data file that grows as its disk allows.
pub(super) fn default_map_size(dir: &Path) -> usize {
    if cfg!(not(target_pointer_width = "64")) {
        return MAP_SIZE_32;
    }
    // A disk may be enlarged while the store is open: the part of a GiB that it lacks is no loss.
    let disk = statvfs(dir).map(|disk| disk.f_blocks.saturating_mul(disk.f_frsize)).ok().filter(|size| *size > 0);
    map_size(disk.unwrap_or(*DEFAULT_MAP.end()).clamp(*DEFAULT_MAP.start(), *DEFAULT_MAP.end()))
}

/// Extends the data file to its meta page's length. Returns whether it was too short.
///
/// Reading a page behind the end of the file would end the process with a signal; a page of zeros is an error instead. LMDB itself may
/// leave the last pages unwritten, so a file that is too short need not be damaged. The new part takes no room on the disk.
///
/// The caller holds the write lock, so that no other process extends the file.
pub(super) fn extend_to_last_page(env: &Env<WithoutTls>, dir: &Path) -> io::Result<bool> {
    let needed = (env.info().last_page_number as u64 + 1) * u64::from(env.unnamed_database_stat().page_size);
    let file = OpenOptions::new().write(true).open(dir.join(DATA))?;
    let is_short = file.metadata()?.len() < needed;
    if is_short {
        file.set_len(needed)?;
    }
    Ok(is_short)
}

/// Converts an error of opening a store into one that names the directory.
pub(super) fn open_error(path: &Path, error: heed::Error) -> Error {
    let path = path.to_owned();
    let reason = match error {
        heed::Error::EnvAlreadyOpened => return Error::AlreadyOpen { path },
        // LMDB tells processes apart by their ids.
        heed::Error::Io(reason) if reason.raw_os_error() == Some(Errno::AGAIN.raw_os_error()) => {
            let id = std::process::id();
            io::Error::other(format!(
                "a process in another container uses it and has the same process id as this one ({id}), so that LMDB cannot tell them \
                 apart; run this in that container (`docker exec`)"
            ))
        }
        heed::Error::Io(reason) if reason.kind() == io::ErrorKind::ReadOnlyFilesystem => {
            let data = path.join(DATA);
            io::Error::other(format!(
                "{reason}; to use its data on another disk, run `kosync --data-dir NEW restore {}`",
                data.display()
            ))
        }
        heed::Error::Io(reason) if is_unsupported(&reason) => io::Error::other(format!(
            "{reason}: the store needs memory maps, locks and files that can be changed, which the file system of this directory may not \
             support, as network shares, rclone and some FUSE mounts do not; choose a directory on a local disk"
        )),
        heed::Error::Io(reason) => reason,
        heed::Error::Mdb(MdbError::Invalid | MdbError::VersionMismatch) => {
            io::Error::other("data.mdb is not an LMDB file that this version can read")
        }
        other => io::Error::other(other.to_string()),
    };
    Error::DataDir { path, reason: Arc::new(reason) }
}

/// Wraps an error that no caller can handle.
pub(super) fn unexpected(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Store(Arc::from(error.into()))
}

/// Returns whether an error says that disk, quota or file size are exhausted.
pub(super) fn is_no_space(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge)
}

impl From<heed::Error> for Error {
    fn from(error: heed::Error) -> Self {
        match &error {
            heed::Error::Mdb(MdbError::MapFull) => Self::NoSpace,
            heed::Error::Mdb(MdbError::ReadersFull) => Self::Busy,
            heed::Error::Mdb(MdbError::Panic) => Self::StoreClosed,
            heed::Error::Io(reason) if is_no_space(reason) => Self::NoSpace,
            _ => unexpected(error.to_string()),
        }
    }
}

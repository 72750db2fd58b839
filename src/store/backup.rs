//! Backups: the whole store as one file, taken while it is written to, and a folder made of one.
//!
//! A backup is what LMDB makes of a snapshot, without the pages that are free: a `data.mdb` like any other. It gets its name only
//! when it is on disk, so a file of that name is a whole one, whatever happened.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heed::{CompactionOption, Env, MdbError, WithoutTls};
use tempfile::TempPath;

use super::Store;
use super::data_files::make_lock_file;
use super::env::{MAP_SIZE, make_folder, open_environment, opening};
use super::records::{self, FORMAT, Tables};
use crate::error::{Error, Result};

/// The file that LMDB keeps everything in, in its folder.
pub(super) const DATA: &str = "data.mdb";
/// What the name of a file ends with that is not whole yet.
const PARTIAL: &str = ".partial";
/// The folder, in the new data folder, in which a backup is looked at before it counts.
const TRIAL: &str = ".restoring";

/// What a folder was made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// Accounts.
    pub accounts: usize,
    /// Documents with a position, of all accounts.
    pub positions: usize,
}

impl Store {
    /// Writes a snapshot of everything to a file, mode 0600, and says how many bytes it has. Others read and write in the
    /// meantime. It blocks the thread.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path().join("data")).build()?;
    /// kosync.store().backup(&dir.path().join("books.mdb"), false)?;
    /// let restored = kosync::store::restore(&dir.path().join("books.mdb"), &dir.path().join("again"))?;
    /// assert_eq!((restored.accounts, restored.positions), (1, 0));
    /// # Ok::<(), kosync::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be written, is there and is not to be replaced, or is the store's own: then it stays as it
    /// was.
    pub fn backup(&self, file: &Path, replace: bool) -> Result<u64> {
        let mut bytes = 0;
        self.write_whole(file, replace, |partial| {
            bytes = self.copy_to(partial)?;
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Writes a file, mode 0600, that gets its name when it is whole and on disk.
    ///
    /// # Errors
    /// [`Error::File`] if it cannot be written, is there and is not to be replaced, or is the store's own: then it stays as it was.
    pub(crate) fn write_whole(
        &self,
        file: &Path,
        replace: bool,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<()> {
        let failed = |reason| failed(file, reason);
        let name = file.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        let taken = || io::Error::new(io::ErrorKind::AlreadyExists, "there already is a file of that name");
        // Told before all the work is done; what counts is the naming.
        if !replace && file.symlink_metadata().is_ok() {
            return Err(failed(taken()));
        }
        if self.inner.place.has(file) {
            return Err(failed(io::Error::other("it is the store's own file")));
        }
        let whole = || {
            // Beside the other one, so that naming it moves nothing.
            let (prefix, folder) = (format!(".{}.", name.to_string_lossy()), folder_of(file));
            let mut partial = tempfile::Builder::new().prefix(&prefix).suffix(PARTIAL).tempfile_in(folder)?;
            write(partial.as_file_mut())?;
            partial.as_file().sync_all()?;
            let named = if replace { partial.persist(file) } else { partial.persist_noclobber(file) };
            named.map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => taken(),
                _ => error.error,
            })?;
            File::open(folder)?.sync_all()
        };
        whole().map_err(failed)
    }

    fn copy_to(&self, file: &mut File) -> io::Result<u64> {
        self.inner.env.copy_to_file(file, CompactionOption::Enabled).map_err(|error| match error {
            heed::Error::Io(reason) => reason,
            other => io::Error::other(other.to_string()),
        })?;
        Ok(file.metadata()?.len())
    }
}

/// Gives the data file the length that it says it has. Of one that was cut off, pages that it does not have would end the process
/// with a signal when they are read; as zeros they are an error of whoever reads them. LMDB itself may leave the last pages
/// unwritten, so a file that is too short need not be damaged.
///
/// The caller has the lock for writing, so nobody else makes the file longer. It takes no room on the disk. Says whether it was too
/// short.
pub(super) fn fill_up(env: &Env<WithoutTls>, folder: &Path) -> io::Result<bool> {
    let needed = (env.info().last_page_number as u64 + 1) * u64::from(env.unnamed_database_stat().page_size);
    let file = OpenOptions::new().write(true).open(folder.join(DATA))?;
    let is_short = file.metadata()?.len() < needed;
    if is_short {
        file.set_len(needed)?;
    }
    Ok(is_short)
}

/// Makes a data folder of a backup. The folder must be empty, or not be there. What a restore that was killed has left there, a
/// folder `.restoring`, does not count, and is removed.
///
/// A backup that is damaged in the midst of a page may end the process, as LMDB does then; `kosync restore` has one for that.
///
/// # Errors
/// [`Error::DataDir`] if there is something in the folder, another restore is at work in it, or it cannot be written;
/// [`Error::File`] if the file is no whole backup, [`Error::NewerFormat`] if a newer version made it. The folder is then as it was,
/// and empty.
pub fn restore(backup: &Path, data_dir: &Path) -> Result<Restored> {
    let in_folder = |reason: io::Error| Error::DataDir { path: data_dir.to_owned(), reason: Arc::new(reason) };
    let mut source = File::open(backup).map_err(|reason| failed(backup, reason))?;
    make_folder(data_dir).map_err(in_folder)?;
    let folder = File::open(data_dir).map_err(in_folder)?;
    folder.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => in_folder(io::Error::other("another restore is at work in it")),
        TryLockError::Error(reason) => in_folder(reason),
    })?;
    let in_use = |entry: io::Result<fs::DirEntry>| entry.map_or(true, |entry| entry.file_name() != TRIAL);
    if fs::read_dir(data_dir).map_err(in_folder)?.any(in_use) {
        return Err(in_folder(not_empty()));
    }
    let trial = data_dir.join(TRIAL);
    let mut copy = || {
        match fs::remove_dir_all(&trial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        make_folder(&trial)?;
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create_new(true).mode(0o600).open(trial.join(DATA))?;
        io::copy(&mut source, &mut file)?;
        file.sync_all()
    };
    let restored = copy().map_err(in_folder).and_then(|()| inspect(backup, &trial)).and_then(|restored| {
        let place = || {
            // A server may have been started meanwhile, and what it has by now is nobody's to replace.
            let placed = TempPath::try_from_path(trial.join(DATA))?.persist_noclobber(data_dir.join(DATA));
            placed.map_err(|error| match error.error.kind() {
                io::ErrorKind::AlreadyExists => not_empty(),
                _ => error.error,
            })?;
            fs::remove_dir_all(&trial)?;
            folder.sync_all()
        };
        place().map_err(in_folder).map(|()| restored)
    });
    restored.inspect_err(|_| {
        let _ = fs::remove_dir_all(&trial);
    })
}

fn not_empty() -> io::Error {
    let reason = "it is not empty; restore into a new folder, and then start the server with that one";
    io::Error::new(io::ErrorKind::DirectoryNotEmpty, reason)
}

/// Reads all of a backup that was copied to a folder.
fn inspect(backup: &Path, folder: &Path) -> Result<Restored> {
    let unfit = |what: &str| failed(backup, io::Error::new(io::ErrorKind::InvalidData, what));
    let data = folder.join(DATA);
    let length = data.metadata().map_err(|reason| failed(backup, reason))?.len();
    // LMDB would make a new store of it.
    if length == 0 {
        return Err(unfit("it is no backup of a kosync store"));
    }
    make_lock_file(folder).map_err(|reason| failed(backup, reason))?;
    let env = open_environment(folder, MAP_SIZE).map_err(|error| match error {
        heed::Error::Mdb(MdbError::Invalid | MdbError::VersionMismatch) => unfit("it is no backup of a kosync store"),
        other => opening(folder, other),
    })?;
    // A page that the file does not have would end the process, not the read.
    let was_short = fill_up(&env, folder).map_err(|reason| failed(backup, reason))?;
    let broken = |error: heed::Error| match was_short {
        true => unfit("it is cut off"),
        false => unfit(&format!("it is damaged: {error}")),
    };
    match records::format_version(&env).map_err(broken)? {
        None => return Err(unfit("it is no backup of a kosync store")),
        Some(found) if found > FORMAT => {
            return Err(Error::NewerFormat { path: backup.to_owned(), found, known: FORMAT });
        }
        Some(_) => {}
    }
    let count = || {
        let tables = Tables::create(&env)?;
        let txn = env.read_txn()?;
        let mut restored = Restored { accounts: 0, positions: 0 };
        for row in tables.users.all(&txn)? {
            row?;
            restored.accounts += 1;
        }
        for row in tables.progress.all(&txn)? {
            row?;
            restored.positions += 1;
        }
        tables.pending_purge.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.documents.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.sessions.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.ingress_users.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.name_aliases.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.log.all(&txn)?.try_for_each(|row| row.map(drop))?;
        Ok(restored)
    };
    count().map_err(broken)
}

pub(crate) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn failed(path: &Path, reason: io::Error) -> Error {
    Error::File { path: PathBuf::from(path), reason: Arc::new(reason) }
}

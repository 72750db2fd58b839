//! Restoring a backup into a new data directory.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;

use heed::MdbError;

use super::backup::file_error;
use super::data_files::{DATA, create_data_dir, create_lock_file};
use super::env::{default_map_size, extend_to_last_page, open_env, open_error};
use super::file_system::{sync_dir, unless_unsupported};
use super::layout::Layout;
use super::new_file::name_exclusively;
use super::owner::create_file;
use super::tables::{FORMAT, Tables, format_version};
use super::unfinished::Unfinished;
use crate::error::{Error, Result};

/// Directory inside the new data directory in which a backup is first verified.
const TRIAL: &str = ".restoring";

/// What a restored backup holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoreReport {
    /// Number of accounts.
    pub accounts: usize,
    /// Number of documents with a position, over all accounts.
    pub positions: usize,
}

/// Restores a backup into an empty or new directory, and verifies it first.
///
/// What a killed restore left in the directory, a subdirectory `.restoring`, is removed.
///
/// LMDB may end the process when it reads a damaged page; `kosync restore` runs it in a process of its own.
///
/// # Errors
/// The directory is empty after an error. [`Error::DataDir`] if it is not empty before, another restore runs in it, or it cannot be
/// written; [`Error::File`] if the file is not a complete backup; [`Error::NewerFormat`] if a newer version wrote it.
pub fn restore_backup(backup: &Path, data_dir: &Path) -> Result<RestoreReport> {
    let dir_failed = |reason| open_error(data_dir, heed::Error::Io(reason));
    let mut source = File::open(backup).map_err(|reason| file_error(backup, reason))?;
    create_data_dir(data_dir).map_err(dir_failed)?;
    let dir = File::open(data_dir).map_err(dir_failed)?;
    dir.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => dir_failed(io::Error::other("another restore is running in it")),
        TryLockError::Error(reason) => dir_failed(reason),
    })?;
    let in_use = |entry: io::Result<fs::DirEntry>| entry.map_or(true, |entry| entry.file_name() != TRIAL);
    if fs::read_dir(data_dir).map_err(dir_failed)?.any(in_use) {
        return Err(dir_failed(not_empty()));
    }
    let path = data_dir.join(TRIAL);
    let trial = create_trial(&path).map_err(dir_failed)?;
    copy(&mut source, &path).map_err(dir_failed)?;
    let report = verify_copy(backup, &path, data_dir)?;
    trial.finish(|trial| move_data_file(trial, data_dir)).map_err(dir_failed)?;
    sync_dir(data_dir).map_err(dir_failed)?;
    Ok(report)
}

fn not_empty() -> io::Error {
    io::Error::new(
        io::ErrorKind::DirectoryNotEmpty,
        "it is not empty; restore into an empty or new directory, and then start the server with that one",
    )
}

/// Creates the trial directory, in place of one that a killed restore left.
fn create_trial(path: &Path) -> io::Result<Unfinished> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    Ok(Unfinished::create(path, create_data_dir)?.0)
}

/// Copies a backup into the trial directory, and makes the copy durable.
fn copy(source: &mut File, trial: &Path) -> io::Result<()> {
    let mut file = create_file(&trial.join(DATA))?;
    io::copy(source, &mut file)?;
    unless_unsupported(file.sync_all())
}

/// Moves the verified copy to its place. A server may have started there in the meantime: its data must not be replaced.
fn move_data_file(trial: &Path, data_dir: &Path) -> io::Result<()> {
    name_exclusively(&trial.join(DATA), &data_dir.join(DATA)).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => not_empty(),
        _ => error,
    })?;
    fs::remove_dir_all(trial)
}

/// Reads every row of a copied backup.
fn verify_copy(backup: &Path, trial: &Path, data_dir: &Path) -> Result<RestoreReport> {
    let unfit = |what: &str| file_error(backup, io::Error::new(io::ErrorKind::InvalidData, what));
    let no_backup = || unfit("it is not a backup of a kosync store");
    let length = trial.join(DATA).metadata().map_err(|reason| file_error(backup, reason))?.len();
    // LMDB would initialize an empty file as a new store.
    if length == 0 {
        return Err(no_backup());
    }
    let foreign = File::open(trial.join(DATA)).and_then(|copy| Layout::foreign(&copy));
    if let Some(foreign) = foreign.map_err(|reason| file_error(backup, reason))? {
        return Err(unfit(&foreign.backup_advice(backup)));
    }
    create_lock_file(trial).map_err(|reason| file_error(backup, reason))?;
    let env = open_env(trial, default_map_size(trial)).map_err(|error| match error {
        heed::Error::Mdb(MdbError::Invalid | MdbError::VersionMismatch) => no_backup(),
        other => open_error(data_dir, other),
    })?;
    let was_short = extend_to_last_page(&env, trial).map_err(|reason| file_error(backup, reason))?;
    let broken = |error: heed::Error| match was_short {
        true => unfit("it is cut off"),
        false => unfit(&format!("it is damaged: {error}")),
    };
    match format_version(&env).map_err(broken)? {
        None => return Err(no_backup()),
        Some(found) if found > FORMAT => {
            return Err(Error::NewerFormat { path: backup.to_owned(), found, known: FORMAT });
        }
        Some(_) => {}
    }
    let read_all = || {
        let tables = Tables::open_or_create(&env)?;
        let txn = env.read_txn()?;
        let mut report = RestoreReport { accounts: 0, positions: 0 };
        for row in tables.users.all(&txn)? {
            row?;
            report.accounts += 1;
        }
        for row in tables.progress.all(&txn)? {
            row?;
            report.positions += 1;
        }
        tables.pending_purge.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.documents.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.sessions.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.device_passwords.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.remote_users.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.name_aliases.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.names.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.networks.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.files.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.file_chunks.all(&txn)?.try_for_each(|row| row.map(drop))?;
        tables.log.all(&txn)?.try_for_each(|row| row.map(drop))?;
        Ok((report, tables))
    };
    let (report, tables) = read_all().map_err(broken)?;
    // The server would notice that the file is another one, but where a file system gives it the number of the one that was deleted.
    let begin_epoch = || {
        let mut txn = env.write_txn()?;
        tables.begin_file_epoch(&mut txn, 0)?;
        txn.commit()
    };
    begin_epoch().map_err(|error| open_error(data_dir, error))?;
    Ok(report)
}

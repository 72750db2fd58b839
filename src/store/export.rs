//! Export: all accounts and documents of a store, as they are at one moment.

use std::path::Path;

#[cfg(feature = "import")]
use rustix::fs::{Access, AtFlags, CWD, accessat, statvfs};

use super::alias_key::{AliasKey, AliasRow};
use super::backup::file_error;
use super::current::Current;
use super::env::{open_copy, unexpected};
use super::file_system::is_fuse;
use super::handle::Store;
use super::keyspace::DocumentKey;
use super::merge_current;
use super::new_file::NewFile;
use super::packed::PackedIdentifiers;
use super::records::{AliasRecord, DocumentRecord, ProgressRecord, UserRecord};
use super::tables::{Tables, folded};
use super::transfer::{
    Transferred, TransferredAccount, TransferredAlias, TransferredDocument, TransferredPosition,
    transferred_device_passwords, transferred_history,
};
use super::transferred_position::TransferredCurrent;
use crate::error::{Error, Result};
use crate::model::{Document, UserId, Username};

/// Beginning of the name of the copy.
const COPY: &str = ".kosync-export";

impl Store {
    /// Returns whether the data directory can take a copy of the data file: it may be written, and its disk has room for two, so that
    /// the server can go on writing.
    #[cfg(feature = "import")]
    pub(crate) fn has_room_for_copy(&self) -> bool {
        if accessat(CWD, self.path(), Access::WRITE_OK, AtFlags::EACCESS).is_err() {
            return false;
        }
        let room = || Ok::<_, std::io::Error>((self.inner.env.real_disk_size(), statvfs(self.path())?));
        room().is_ok_and(|(size, disk)| {
            let free = disk.f_bavail.saturating_mul(disk.f_frsize);
            size.is_ok_and(|size| free / 2 >= size)
        })
    }

    /// Passes a snapshot of all accounts to `each`, ordered by name. Each is followed by its documents, its joined books and its aliases.
    ///
    /// They are read from a copy, a file in the directory `scratch` that is removed before, or on FUSE afterwards: however long `each` takes,
    /// the store does not grow meanwhile. The call blocks its thread.
    ///
    /// # Errors
    /// [`Error::File`] if the copy cannot be written; [`Error::Store`] if the data cannot be read; any error of `each`.
    pub fn export<E: From<Error>>(
        &self,
        scratch: &Path,
        each: impl FnMut(Transferred) -> Result<(), E>,
    ) -> Result<(), E> {
        self.export_accounts(scratch, None, each)
    }

    /// Like [`Store::export`], of one account if `only` names one.
    pub(crate) fn export_accounts<E: From<Error>>(
        &self,
        scratch: &Path,
        only: Option<UserId>,
        mut each: impl FnMut(Transferred) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |reason| file_error(scratch, reason);
        let mut copy = NewFile::create(scratch, COPY).map_err(failed)?;
        self.copy_to(copy.file()).map_err(failed)?;
        let copy = copy.close();
        // Declared before `env`, so that what it holds is removed after `env` is closed.
        let _kept_copy;
        let env = open_copy(copy.path()).map_err(|error| match error {
            heed::Error::Io(reason) => failed(reason),
            other => other.into(),
        })?;
        // Removed while it is open, so that nothing is left behind even if the process is killed. A program that provides the file
        // system could lose the data then, or keep the file under another name (rclone, sshfs).
        _kept_copy = is_fuse(scratch).then_some(copy);
        let tables = Tables::open_existing(&env).map_err(Error::from)?;
        let tables = tables.ok_or_else(|| unexpected("the copy of the store is empty"))?;
        let txn = env.read_txn().map_err(Error::from)?;
        for row in tables.users.all(&txn).map_err(Error::from)? {
            let (name, record) = row.map_err(Error::from)?;
            let name = Username::new(name).map_err(unexpected)?;
            let UserRecord { id, key, active, administrator, created, last_used, position_rule, preferences, .. } =
                record;
            if only.is_some_and(|only| only != id) {
                continue;
            }
            let alias = tables.name_aliases.get(&txn, &folded(&name)).map_err(Error::from)?;
            each(Transferred::Account(TransferredAccount {
                name: name.clone(),
                key,
                active,
                administrator,
                created,
                last_used,
                any_case: alias.is_some_and(|exact| exact == name),
                device_passwords: transferred_device_passwords(&txn, &tables, id)?,
                position_rule,
                preferences: preferences.unwrap_or_default(),
            }))?;
            let range = DocumentKey::range_of(id);
            for row in tables.progress.range(&txn, &range).map_err(Error::from)? {
                let (key, record) = row.map_err(Error::from)?;
                let DocumentRecord { metadata, name: given_name } =
                    tables.documents.get(&txn, &key).map_err(Error::from)?.unwrap_or_default();
                let (numbers, history): (Vec<_>, Vec<_>) =
                    transferred_history(&txn, &tables, &record).map_err(Error::from)?.into_iter().unzip();
                let identifiers =
                    record.identifiers.as_ref().map(PackedIdentifiers::unpack).transpose().map_err(Error::from)?;
                let notes = tables.exported_notes(&txn, &key, &record).map_err(Error::from)?;
                let current = exported_current(record, &numbers, &history);
                each(Transferred::Document(TransferredDocument {
                    account: name.clone(),
                    document: Document::new(key.document).map_err(unexpected)?,
                    metadata,
                    name: given_name,
                    joined: Vec::new(),
                    history,
                    identifiers,
                    notes,
                    current: current.map(Box::new),
                }))?;
            }
            for book in tables.exported_books(&txn, id, &name).map_err(Error::from)? {
                each(Transferred::Book(book))?;
            }
            for row in tables.aliases.range(&txn, &AliasKey::aliases_of(id)).map_err(Error::from)? {
                let (AliasKey { row: AliasRow::Alias(value), .. }, AliasRecord { document }) =
                    row.map_err(Error::from)?
                else {
                    continue;
                };
                let value = Document::new(value).map_err(unexpected)?;
                // In a damaged store, its document may be gone.
                if tables.has_document(&txn, id, &document).map_err(Error::from)? {
                    each(Transferred::Alias(TransferredAlias { account: name.clone(), value, document }))?;
                }
            }
            if let Some(notes) = tables.exported_account_notes(&txn, id, &name).map_err(Error::from)? {
                each(Transferred::Notes(notes))?;
            }
        }
        Ok(())
    }
}

/// Returns the current position's state, unless an import derives it from the history.
fn exported_current(
    record: ProgressRecord,
    numbers: &[u64],
    history: &[TransferredPosition],
) -> Option<TransferredCurrent> {
    let ProgressRecord { position, sequence, state, .. } = record;
    let current = match state {
        Some(state) => {
            let current = state.into_current(position, sequence, None);
            let index = numbers.iter().position(|number| *number == current.sequence)?;
            Current { sequence: index as u64, ..current }
        }
        None => merge_current::of_older_version(history)?,
    };
    merge_current::exported(current, history)
}

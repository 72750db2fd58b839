//! Export: all accounts and documents of a store, as they are at one moment.

use std::path::Path;

use super::backup::file_error;
use super::data_files::{DATA, create_lock_file};
use super::env::{MAP_SIZE, open_env, unexpected};
use super::handle::Store;
use super::keyspace::DocumentKey;
use super::records::{DocumentRecord, UserRecord};
use super::tables::{Tables, folded};
use super::transfer::{Transferred, TransferredAccount, TransferredDocument, transferred_history};
use crate::error::{Error, Result};
use crate::model::{Document, Username};

impl Store {
    /// Passes all accounts to `each`, ordered by name and each followed by its documents, as they are at one moment.
    ///
    /// They are read from a copy, in a directory that is created in `scratch` and removed at once: however long `each` takes, the
    /// store does not grow meanwhile. The call blocks its thread.
    ///
    /// # Errors
    /// [`Error::File`] if the copy cannot be written; [`Error::Store`] if the data cannot be read; any error of `each`.
    pub fn export<E: From<Error>>(
        &self,
        scratch: &Path,
        mut each: impl FnMut(Transferred) -> Result<(), E>,
    ) -> Result<(), E> {
        let failed = |reason| file_error(scratch, reason);
        let copy = tempfile::Builder::new().prefix(".kosync-export.").tempdir_in(scratch).map_err(failed)?;
        let opened = self.backup(&copy.path().join(DATA), true).and_then(|_| {
            create_lock_file(copy.path()).map_err(failed)?;
            Ok(open_env(copy.path(), MAP_SIZE)?)
        });
        // Deleted while it is open, so that nothing is left behind even if the process is killed.
        drop(copy);
        let env = opened?;
        let tables = Tables::open_or_create(&env).map_err(Error::from)?;
        let txn = env.read_txn().map_err(Error::from)?;
        for row in tables.users.all(&txn).map_err(Error::from)? {
            let (name, record) = row.map_err(Error::from)?;
            let name = Username::new(name).map_err(unexpected)?;
            let UserRecord { id, key, active, administrator, documents: _, created, last_used, rewrites: _ } = record;
            let alias = tables.name_aliases.get(&txn, &folded(&name)).map_err(Error::from)?;
            each(Transferred::Account(TransferredAccount {
                name: name.clone(),
                key,
                active,
                administrator,
                created,
                last_used,
                any_case: alias.is_some_and(|exact| exact == name),
            }))?;
            let range = DocumentKey::range_of(id);
            for row in tables.progress.range(&txn, &range).map_err(Error::from)? {
                let (key, record) = row.map_err(Error::from)?;
                let DocumentRecord { metadata, name: given_name } =
                    tables.documents.get(&txn, &key).map_err(Error::from)?.unwrap_or_default();
                let history = transferred_history(&txn, &tables, &record).map_err(Error::from)?;
                each(Transferred::Document(TransferredDocument {
                    account: name.clone(),
                    document: Document::new(key.document).map_err(unexpected)?,
                    metadata,
                    name: given_name,
                    history: history.into_iter().map(|(_, entry)| entry).collect(),
                }))?;
            }
        }
        Ok(())
    }
}

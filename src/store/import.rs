//! Import: accounts and documents of an export or another server. What is newer wins, and nothing is lost.

use std::collections::HashSet;

use heed::PutFlags;

use super::env::unexpected;
use super::handle::Store;
use super::keyspace::{DocumentKey, HashKey};
use super::merge::{MergePlan, diff};
use super::records::{DevicePasswordRecord, DocumentRecord, LogRecord, ProgressRecord, UserRecord};
use super::retention;
use super::tables::folded;
use super::transaction::WriteTxn;
use super::transfer::{
    ImportOutcome, Transferred, TransferredAccount, TransferredDevicePassword, TransferredDocument,
    TransferredPosition, transferred_history,
};
use crate::error::Result;
use crate::model::{Event, Metadata, PushEffect, UserId};

impl Store {
    /// Returns what importing a record would do. Nothing is changed.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn preview_import(&self, record: &Transferred) -> Result<ImportOutcome> {
        self.read(|txn, tables| match record {
            Transferred::Account(account) => {
                let existing = tables.users.get(txn, account.name.as_str())?;
                Ok(if existing.is_some() { ImportOutcome::Unchanged } else { ImportOutcome::Created })
            }
            Transferred::Document(document) => {
                let Some(owner) = tables.users.get(txn, document.account.as_str())? else {
                    return Ok(ImportOutcome::NoAccount);
                };
                let existing = tables.progress.get(txn, &DocumentKey::new(owner.id, &document.document))?;
                let history = existing.map(|record| transferred_history(txn, tables, &record)).transpose()?;
                Ok(diff(&document.history, history.as_deref(), self.zone()).0)
            }
        })
    }

    /// Imports all records in one commit, in their order.
    ///
    /// The newest position of each document becomes its current one, and all others go into its history. Importing the same records
    /// again changes nothing. Other writes wait meanwhile: a few hundred positions take a few milliseconds.
    ///
    /// Where an account exists with another key than its record here has, it may be somebody else's: of its documents that follow, none
    /// is imported, and their outcome is [`ImportOutcome::NoAccount`].
    ///
    /// What is imported counts towards the quotas of its accounts and may exceed them: an import is trusted. An account beyond its
    /// bytes is thinned when it next pushes.
    ///
    /// # Errors
    /// Nothing was stored after an error. [`Error`](crate::Error): `Busy`, `NoSpace`, `DiskWrite` or `DataDirReplaced` if nothing can
    /// be written now, and a later call may succeed; `StoreClosed` once the store has stopped; `Store` for a position or a history
    /// that no store can have, and for any other error of LMDB.
    pub async fn import_batch(&self, records: Vec<Transferred>) -> Result<Vec<ImportOutcome>> {
        for record in &records {
            match record {
                Transferred::Account(account) => account.validate().map_err(unexpected)?,
                Transferred::Document(document) => document.validate().map_err(unexpected)?,
            }
        }
        self.inner.writer.run(move |write| write.import_all(records)).await
    }
}

impl WriteTxn<'_, '_> {
    fn import_all(&mut self, records: Vec<Transferred>) -> Result<Vec<ImportOutcome>> {
        let mut foreign = HashSet::new();
        let mut import = |record: Transferred| {
            match &record {
                Transferred::Account(TransferredAccount { name, key, .. }) => {
                    let existing = self.tables.users.get(self.txn, name.as_str())?;
                    if existing.is_some_and(|existing| existing.key != *key) {
                        foreign.insert(name.clone());
                    }
                }
                Transferred::Document(document) if foreign.contains(&document.account) => {
                    return Ok(ImportOutcome::NoAccount);
                }
                Transferred::Document(_) => {}
            }
            self.import(record)
        };
        records.into_iter().map(&mut import).collect()
    }

    fn import(&mut self, record: Transferred) -> Result<ImportOutcome> {
        match record {
            Transferred::Account(account) => self.import_account(account),
            Transferred::Document(document) => self.import_document(document),
        }
    }

    fn import_account(&mut self, account: TransferredAccount) -> Result<ImportOutcome> {
        let TransferredAccount { name, key, active, administrator, created, last_used, any_case, device_passwords } =
            account;
        if self.tables.users.get(self.txn, name.as_str())?.is_some() {
            return Ok(ImportOutcome::Unchanged);
        }
        let id = self.new_user_id()?;
        let record = UserRecord {
            id,
            key,
            active,
            administrator,
            documents: 0,
            created,
            last_used,
            rewrites: 0,
            position_rule: None,
        };
        self.insert_account(&name, &record)?;
        self.import_device_passwords(id, device_passwords)?;
        let alias = folded(&name);
        // Of two accounts with one alias, the first gets it. The other is found by its exact name only.
        if any_case && self.tables.name_aliases.get(self.txn, &alias)?.is_none() {
            self.tables.name_aliases.put(self.txn, &alias, &name)?;
        }
        self.events.push(Event::UserCreated { user: name });
        Ok(ImportOutcome::Created)
    }

    /// Stores the device passwords of an account that was just created.
    fn import_device_passwords(&mut self, user: UserId, imported: Vec<TransferredDevicePassword>) -> Result<()> {
        for TransferredDevicePassword { id, name, hash, created } in imported {
            let name = name.as_str().to_owned();
            let record = DevicePasswordRecord { id, name, created, last_used: None, network: None };
            self.tables.device_passwords.put(self.txn, &HashKey { user, hash: hash.0 }, &record)?;
        }
        Ok(())
    }

    fn import_document(&mut self, imported: TransferredDocument) -> Result<ImportOutcome> {
        let user = imported.account;
        let Some(mut owner) = self.tables.users.get(self.txn, user.as_str())? else {
            return Ok(ImportOutcome::NoAccount);
        };
        let key = DocumentKey::new(owner.id, &imported.document);
        let existing = self.tables.progress.get(self.txn, &key)?;
        let history =
            existing.as_ref().map(|record| transferred_history(self.txn, &self.tables, record)).transpose()?;
        let (outcome, missing) = diff(&imported.history, history.as_deref(), self.zone);
        self.complete_description(&key, imported.metadata, imported.name)?;
        if missing.is_empty() {
            return Ok(outcome);
        }
        owner.documents = owner.documents.saturating_add(u32::from(existing.is_none()));
        owner.rewrites = owner.rewrites.wrapping_add(1);
        self.tables.users.put(self.txn, user.as_str(), &owner)?;

        let MergePlan { kept, last_kept, removed, appended } = MergePlan::new(history, missing, outcome);
        let freed = match &existing {
            Some(record) => self.tables.progress.size(self.txn, &key)?.footprint + self.history_bytes(record)?,
            None => 0,
        };
        for sequence in removed {
            self.tables.log.delete(self.txn, &sequence)?;
        }
        let mut previous = last_kept;
        let mut entries = u32::try_from(kept + appended.len()).unwrap_or(u32::MAX);
        let mut newest = None;
        for TransferredPosition { progress, pushes } in appended {
            let sequence = self.take_sequence();
            let document = imported.document.clone();
            let entry = LogRecord { user: owner.id, document, position: progress, previous, pushes, outcome: None };
            self.tables.log.append(self.txn, &sequence, &entry)?;
            previous = Some(sequence);
            newest = Some((sequence, entry.position));
        }
        let Some((sequence, position)) = newest else { return Ok(outcome) };
        let mut thinned = existing.as_ref().map_or(0, |record| record.thinned);
        if existing.is_none() {
            // A new history arrives thinned, and stays as it is until it has grown.
            thinned = entries.min(retention::MAX_ENTRIES);
        } else if retention::is_due(entries, thinned) {
            let max = retention::MAX_ENTRIES;
            entries =
                retention::thin(self.txn, &self.tables, sequence, [sequence; 2], self.now, self.zone, max)?.entries;
            thinned = entries;
        }
        let bytes = retention::history_bytes(self.txn, &self.tables, sequence)?;
        let record = ProgressRecord { position, sequence, entries, thinned, bytes: Some(bytes), state: None };
        let row = self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(owner.id, key.document, freed, row + bytes);
        if outcome == ImportOutcome::Unchanged {
            return Ok(outcome);
        }
        let before = existing.map(|record| record.position);
        let (document, progress) = (imported.document, record.position);
        self.events.push(Event::Pushed {
            sequence,
            user,
            user_id: owner.id,
            document,
            progress,
            before,
            effect: PushEffect::Moved,
            current: None,
        });
        Ok(outcome)
    }

    /// Adds imported metadata and an imported name where the document has none.
    fn complete_description(&mut self, key: &DocumentKey<'_>, metadata: Metadata, name: Option<String>) -> Result<()> {
        let before = self.tables.documents.get(self.txn, key)?;
        let mut after = DocumentRecord { metadata, name };
        if let Some(before) = before.clone() {
            after.metadata.update(before.metadata);
            after.name = before.name.or(after.name);
        }
        if after != before.unwrap_or_default() {
            let freed = self.tables.documents.size(self.txn, key)?.footprint;
            let added = self.tables.documents.put_measured(self.txn, PutFlags::empty(), key, &after)?;
            self.count_change(key.user, key.document, freed, added);
        }
        Ok(())
    }
}

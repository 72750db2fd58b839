//! Import: accounts and documents of an export or another server. What is newer wins, and nothing is lost.

use std::collections::HashSet;

use heed::{PutFlags, RoTxn};

use super::current::{Current, StateRecord};
use super::env::unexpected;
use super::handle::Store;
use super::import_outcome::ImportOutcome;
use super::keyspace::{DocumentKey, HashKey};
use super::merge::{MergePlan, NumberedHistory, diff};
use super::merge_current;
use super::records::{DevicePasswordRecord, DocumentRecord, LogRecord, ProgressRecord, UserRecord};
use super::retention::{self, StoredPast};
use super::tables::{Tables, folded};
use super::transaction::WriteTxn;
use super::transfer::{
    Transferred, TransferredAccount, TransferredAlias, TransferredDevicePassword, TransferredDocument,
    TransferredPosition, transferred_history,
};
use crate::error::Result;
use crate::model::{DayRule, Event, Metadata, PositionRule, Progress, PushEffect, UserId};

impl Store {
    /// Returns what importing a record would do. Nothing is changed. An alias's document counts as one that exists.
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
                let rule = owner.position_rule.unwrap_or(self.default_rule());
                let existing = tables.progress.get(txn, &DocumentKey::new(owner.id, &document.document))?;
                let days = DayRule::new(&owner.preferences.clone().unwrap_or_default(), self.zone());
                Ok(Merge::new(txn, tables, document, existing, rule, &days)?.outcome)
            }
            Transferred::Book(_) | Transferred::Notes(_) => Ok(ImportOutcome::Unchanged),
            Transferred::Alias(TransferredAlias { account, value, document }) => {
                let Some(owner) = tables.users.get(txn, account.as_str())? else {
                    return Ok(ImportOutcome::NoAccount);
                };
                let is_taken = value == document || tables.alias_target(txn, owner.id, value)?.is_some();
                Ok(if is_taken { ImportOutcome::Unchanged } else { ImportOutcome::Created })
            }
        })
    }

    /// Imports all records in one commit, in their order.
    ///
    /// The account's rule decides which position of a document is its current one; all others go into its history. Importing the same records
    /// again changes nothing. Other writes wait meanwhile: a few hundred positions take a few milliseconds.
    ///
    /// Where an account exists with another key than its record here has, it may belong to another person: of its documents that follow, none
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
                Transferred::Book(book) => book.validate().map_err(unexpected)?,
                Transferred::Alias(alias) => alias.validate().map_err(unexpected)?,
                Transferred::Notes(notes) => notes.validate().map_err(unexpected)?,
            }
        }
        self.inner.writer.run(move |write| write.import_all(records)).await
    }
}

/// What an import of a document does.
struct Merge {
    outcome: ImportOutcome,
    /// The existing history.
    history: Option<NumberedHistory>,
    /// The positions that it lacks.
    missing: Vec<TransferredPosition>,
    /// The current position afterwards. `None` if nothing changes.
    current: Option<MergedCurrent>,
}

/// The current position after an import.
struct MergedCurrent {
    state: Current,
    /// The position as its entry in the history has it.
    entry: Progress,
    /// Number of that entry, if the existing history has it.
    number: Option<u64>,
}

impl MergedCurrent {
    /// Returns the index of its entry among those appended to a history. Removed ones do not count.
    fn appended_index(&self, appended: &[TransferredPosition], removed: &[u64], is_new: bool) -> Option<usize> {
        if is_new {
            return usize::try_from(self.state.sequence).ok();
        }
        let stays = self.number.is_some_and(|number| !removed.contains(&number));
        if stays { None } else { appended.iter().position(|entry| entry.progress == self.entry) }
    }
}

impl Merge {
    fn new(
        txn: &RoTxn<'_>,
        tables: &Tables,
        document: &TransferredDocument,
        existing: Option<ProgressRecord>,
        rule: PositionRule,
        days: &DayRule,
    ) -> heed::Result<Self> {
        let imported = merge_current::imported(document, rule, existing.is_some());
        let entry_of = |state: &Current| {
            let index = usize::try_from(state.sequence).ok();
            index.and_then(|index| document.history.get(index)).map(|entry| entry.progress.clone())
        };
        let imported = imported.and_then(|state| Some(MergedCurrent { entry: entry_of(&state)?, state, number: None }));
        let Some(record) = existing else {
            let (outcome, missing) = diff(&document.history, None, days);
            return Ok(Self { outcome, history: None, missing, current: imported });
        };
        let history = transferred_history(txn, tables, &record)?;
        let (_, missing) = diff(&document.history, Some(&history), days);
        let state = tables.current(txn, record)?;
        let known = history.iter().find(|(sequence, _)| *sequence == state.sequence);
        let entry = known.map_or_else(|| state.position.clone(), |(_, entry)| entry.progress.clone());
        let existing = MergedCurrent { number: Some(state.sequence), state, entry };
        let replacing = imported.as_ref().is_some_and(|imported| {
            let is_known = missing.iter().all(|entry| entry.progress != imported.entry);
            merge_current::replaces(rule, &existing.state, &imported.state, is_known)
        });
        let outcome = if replacing { ImportOutcome::Advanced } else { ImportOutcome::Unchanged };
        let current = match imported {
            None => None,
            Some(_) if missing.is_empty() && !replacing => None,
            Some(MergedCurrent { state, entry, .. }) if replacing => {
                let number = history.iter().find(|(_, known)| known.progress == entry).map(|(number, _)| *number);
                Some(MergedCurrent { state: merge_current::replacing(state, existing.state), entry, number })
            }
            Some(MergedCurrent { state, .. }) => {
                Some(MergedCurrent { state: merge_current::merged(existing.state, state), ..existing })
            }
        };
        Ok(Self { outcome, history: Some(history), missing, current })
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
                Transferred::Book(book) if foreign.contains(&book.account) => return Ok(ImportOutcome::NoAccount),
                Transferred::Alias(alias) if foreign.contains(&alias.account) => return Ok(ImportOutcome::NoAccount),
                Transferred::Notes(notes) if foreign.contains(&notes.account) => return Ok(ImportOutcome::NoAccount),
                Transferred::Document(_) | Transferred::Book(_) | Transferred::Alias(_) | Transferred::Notes(_) => {}
            }
            self.import(record)
        };
        records.into_iter().map(&mut import).collect()
    }

    fn import(&mut self, record: Transferred) -> Result<ImportOutcome> {
        match record {
            Transferred::Account(account) => self.import_account(account),
            Transferred::Document(mut document) => {
                let joined = std::mem::take(&mut document.joined);
                let notes = document.notes.take();
                let (user, id) = (document.account.clone(), document.document.clone());
                let outcome = self.import_document(document)?;
                if matches!(outcome, ImportOutcome::Created | ImportOutcome::Advanced) {
                    self.refresh_book(&user, &id)?;
                }
                if let Some(notes) = notes {
                    self.import_notes(&user, &id, *notes)?;
                }
                if outcome == ImportOutcome::Created
                    && let Some(owner) = self.tables.users.get(self.txn, user.as_str())?
                {
                    self.unfold_document(owner.id, &id)?;
                }
                self.import_joins(user, &id, joined)?;
                Ok(outcome)
            }
            Transferred::Book(book) => self.import_book(&book),
            Transferred::Alias(alias) => self.import_alias(&alias),
            Transferred::Notes(notes) => self.import_account_notes(notes),
        }
    }

    /// Makes an alias, also beyond the quota. None is repointed, and one whose id is a document rests, as it may have in the export [I5].
    fn import_alias(&mut self, imported: &TransferredAlias) -> Result<ImportOutcome> {
        let TransferredAlias { account, value, document } = imported;
        let Some(owner) = self.tables.users.get(self.txn, account.as_str())? else {
            return Ok(ImportOutcome::NoAccount);
        };
        if !self.tables.has_document(self.txn, owner.id, document)? {
            return Ok(ImportOutcome::Unchanged);
        }
        let aliases = self.free_aliases(owner.id, document, std::iter::once(value), |_| Ok(false))?;
        if aliases.is_empty() {
            return Ok(ImportOutcome::Unchanged);
        }
        self.add_aliases(owner.id, document, aliases)?;
        Ok(ImportOutcome::Created)
    }

    fn import_account(&mut self, account: TransferredAccount) -> Result<ImportOutcome> {
        let TransferredAccount {
            name,
            key,
            active,
            administrator,
            created,
            last_used,
            any_case,
            position_rule,
            preferences,
            device_passwords,
        } = account;
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
            position_rule,
            preferences: Some(preferences.within_limits()).filter(|chosen| !chosen.is_empty()),
            renames: None,
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
        let user = imported.account.clone();
        let Some(mut owner) = self.tables.users.get(self.txn, user.as_str())? else {
            return Ok(ImportOutcome::NoAccount);
        };
        let key = DocumentKey::new(owner.id, &imported.document);
        let existing = self.tables.progress.get(self.txn, &key)?;
        let rule = self.rule_of(&owner);
        let merge = Merge::new(self.txn, &self.tables, &imported, existing.clone(), rule, &self.days_of(&owner))?;
        if self.complete_description(&key, imported.metadata, imported.name)? {
            owner.count_rename();
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }
        let Merge { outcome, history, missing, current } = merge;
        let Some(current) = current else { return Ok(outcome) };
        owner.documents = owner.documents.saturating_add(u32::from(existing.is_none()));
        owner.rewrites = owner.rewrites.wrapping_add(1);
        self.tables.users.put(self.txn, user.as_str(), &owner)?;

        let is_thinned_before = existing.is_some() && self.has_folded_days(owner.id)?;
        let back: Vec<Progress> =
            missing.iter().filter(|_| is_thinned_before).map(|entry| entry.progress.clone()).collect();
        let order = if missing.is_empty() { ImportOutcome::Advanced } else { outcome };
        let MergePlan { kept, last_kept, removed, appended } = MergePlan::new(history, missing, order);
        let freed = match &existing {
            Some(record) => self.tables.progress.size(self.txn, &key)?.footprint + self.history_bytes(record)?,
            None => 0,
        };
        let book_entry = self.book_entry(&key, existing.as_ref(), &removed)?;
        for sequence in &removed {
            self.tables.log.delete(self.txn, sequence)?;
        }
        let mut newest = last_kept;
        let entries = u32::try_from(kept + appended.len()).unwrap_or(u32::MAX);
        // The current position's entry may be written again, with another number.
        let index = current.appended_index(&appended, &removed, existing.is_none());
        let MergedCurrent { mut state, number, .. } = current;
        let mut current_sequence = number.filter(|number| !removed.contains(number));
        let book_index = book_entry.and_then(|entry| appended.iter().position(|other| other.progress == entry));
        for (position, TransferredPosition { progress, pushes, repeats, effect, shared_effect }) in
            appended.into_iter().enumerate()
        {
            let sequence = self.take_sequence();
            if index == Some(position) {
                current_sequence = Some(sequence);
            }
            if book_index == Some(position) {
                self.renumber_book(&key, existing.as_ref(), sequence)?;
            }
            let document = imported.document.clone();
            let mut entry =
                LogRecord { user: owner.id, document, position: progress, previous: newest, pushes, outcome: None };
            entry.set_outcome(effect, repeats);
            entry.set_shared_effect(shared_effect.unwrap_or(effect));
            self.tables.log.append(self.txn, &sequence, &entry)?;
            newest = Some(sequence);
        }
        let Some(sequence) = newest else { return Ok(outcome) };
        // Of a start-over, the entry before it may have been thinned away.
        state.sequence = current_sequence.unwrap_or(sequence);
        // What an export says of a single history stays as it is.
        if existing.is_some() || state.has_no_locator() {
            state.find_locator(&StoredPast { txn: self.txn, tables: &self.tables, newest: sequence })?;
        }
        let is_derived = existing.is_none()
            && imported.current.is_none()
            && rule != PositionRule::Furthest
            && state.borrowed.is_none();
        let (position, identifiers, state) = StateRecord::split(state, sequence);
        let thinned = existing.as_ref().map_or(0, |record| record.thinned);
        let state = Some(state).filter(|_| !is_derived);
        let book = existing.as_ref().and_then(|record| record.book);
        let folded = existing.as_ref().and_then(|record| record.folded.clone());
        let mut record =
            ProgressRecord { position, sequence, entries, thinned, bytes: None, state, identifiers, book, folded };
        if existing.is_none() {
            // A new history arrives thinned, and stays as it is until it has grown.
            record.thinned = entries.min(retention::MAX_ENTRIES);
        } else if !back.is_empty() {
            self.unfold_positions(owner.id, &record, |position| back.contains(position))?;
        }
        if existing.is_some() && retention::is_due(entries, thinned) {
            self.thin_history(&owner, &mut record, retention::MAX_ENTRIES)?;
        }
        let bytes = retention::history_bytes(self.txn, &self.tables, sequence)?;
        record.bytes = Some(bytes);
        let row = self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(owner.id, key.document, freed, row + bytes);
        if outcome == ImportOutcome::Unchanged {
            return Ok(outcome);
        }
        let before = existing.map(|record| record.position);
        let (document, user_id, is_started_over) = (imported.document, owner.id, record.is_started_over());
        self.events.push(if is_started_over {
            Event::StartedOver { user, user_id, document }
        } else {
            let (progress, effect) = (record.position, PushEffect::Moved);
            Event::Pushed { sequence, user, user_id, document, progress, before, effect, current: None }
        });
        Ok(outcome)
    }

    /// Adds imported metadata and an imported name where the document has none. Returns whether that changed something.
    fn complete_description(
        &mut self,
        key: &DocumentKey<'_>,
        metadata: Metadata,
        name: Option<String>,
    ) -> Result<bool> {
        let before = self.tables.documents.get(self.txn, key)?;
        let mut after = DocumentRecord { metadata, name };
        if let Some(before) = before.clone() {
            after.metadata.update(before.metadata);
            after.name = before.name.or(after.name);
        }
        let is_changed = after != before.unwrap_or_default();
        if is_changed {
            let freed = self.tables.documents.size(self.txn, key)?.footprint;
            let added = self.tables.documents.put_measured(self.txn, PutFlags::empty(), key, &after)?;
            self.count_change(key.user, key.document, freed, added);
        }
        Ok(is_changed)
    }
}

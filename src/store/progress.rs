//! Positions and documents: pushing, and what an account's owner changes about a document.

use heed::PutFlags;

use super::accounts::AccountOutcome;
use super::current::StateRecord;
use super::env::unexpected;
use super::handle::Store;
use super::keyspace::DocumentKey;
use super::push::Source;
use super::records::{DocumentRecord, ProgressRecord, UserRecord};
use super::transaction::WriteTxn;
use super::usage::QuotaExceeded;
use crate::error::Result;
use crate::model::{
    Document, DocumentName, Event, Metadata, Progress, PushEffect, RESTORE_DEVICE, RESTORE_DEVICE_ID, User, UserId,
    Username,
};

/// Outcome of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushOutcome {
    /// The position is on disk.
    #[non_exhaustive]
    Stored {
        /// Its sequence number in the log. A holder's repeat has that of the position that it repeats.
        sequence: u64,
        /// Time of the write, in whole seconds since the Unix epoch.
        timestamp: u64,
        /// What it did to the document's current position.
        effect: PushEffect,
    },
    /// Nothing was stored: the account was deleted or disabled, or its key changed, since `user` was read.
    Stale,
    /// Nothing was stored: the account's quota is used up, or the disk has little space left.
    OverQuota(QuotaExceeded),
}

impl Store {
    /// Stores a position, unless the account changed since `user` was read. The account's rule decides whether it is the current one.
    ///
    /// Fields that `metadata` lacks keep their stored value \[P10\].
    ///
    /// # Errors
    /// Nothing was stored after an error. [`Error`](crate::Error): `Busy`, `NoSpace`, `DiskWrite` or `DataDirReplaced` if nothing can
    /// be written now, and a later call may succeed; `StoreClosed` once the store has stopped; `Store` for a position that
    /// [`Progress::new`] would refuse, and for any other error of LMDB.
    pub async fn push(
        &self,
        user: User,
        document: Document,
        progress: Progress,
        metadata: Option<Metadata>,
    ) -> Result<PushOutcome> {
        progress.validate().map_err(unexpected)?;
        let push =
            move |write: &mut WriteTxn<'_, '_>| write.push(&user, document.clone(), progress.clone(), metadata.clone());
        self.inner.writer.run_repeatable(push).await
    }
}

impl WriteTxn<'_, '_> {
    /// Returns a document's record with new metadata, if that changes it.
    pub(super) fn updated_metadata(
        &mut self,
        key: &DocumentKey<'_>,
        metadata: Metadata,
    ) -> Result<Option<DocumentRecord>> {
        let before = self.tables.documents.get(self.txn, key)?;
        let mut after = before.clone().unwrap_or_default();
        after.metadata.update(metadata);
        Ok(Some(after).filter(|after| before.as_ref() != Some(after) && *after != DocumentRecord::default()))
    }

    pub(super) fn delete_document(
        &mut self,
        user: Username,
        mut owner: UserRecord,
        document: Document,
    ) -> Result<AccountOutcome> {
        let key = DocumentKey::new(owner.id, &document);
        let Some(position) = self.tables.progress.get(self.txn, &key)? else {
            return Ok(AccountOutcome::NoDocument);
        };
        self.remove_document(&key, position.sequence)?;
        owner.documents = owner.documents.saturating_sub(1);
        owner.rewrites = owner.rewrites.wrapping_add(1);
        self.tables.users.put(self.txn, user.as_str(), &owner)?;
        self.events.push(Event::DocumentDeleted { user, document });
        Ok(AccountOutcome::Done)
    }

    pub(super) fn rename_document(
        &mut self,
        user: Username,
        id: UserId,
        document: Document,
        name: Option<DocumentName>,
    ) -> Result<AccountOutcome> {
        let key = DocumentKey::new(id, &document);
        if self.tables.progress.get(self.txn, &key)?.is_none() {
            return Ok(AccountOutcome::NoDocument);
        }
        let mut about = self.tables.documents.get(self.txn, &key)?.unwrap_or_default();
        about.name = name.map(|name| name.as_str().to_owned());
        let freed = self.tables.documents.size(self.txn, &key)?.footprint;
        let added = self.tables.documents.put_measured(self.txn, PutFlags::empty(), &key, &about)?;
        self.count_change(id, key.document, freed, added);
        self.events.push(Event::DocumentRenamed { user, document, name: about.name });
        Ok(AccountOutcome::Done)
    }

    /// Pushes a position of the document's history again, as a device of its own. That of the current position changes nothing.
    pub(super) fn restore_position(
        &mut self,
        user: Username,
        owner: UserRecord,
        document: Document,
        sequence: u64,
    ) -> Result<AccountOutcome> {
        let Some(record) = self.tables.progress.get(self.txn, &DocumentKey::new(owner.id, &document))? else {
            return Ok(AccountOutcome::NoDocument);
        };
        let entry = self.tables.log.get(self.txn, &sequence)?;
        let Some(entry) = entry.filter(|entry| entry.user == owner.id && entry.document == document) else {
            return Ok(AccountOutcome::NoPosition);
        };
        let mut position = entry.position;
        let is_current = sequence == record.current_sequence()
            || position.percentage == record.position.percentage && position.progress == record.position.progress;
        if is_current && !record.is_started_over() {
            return Ok(AccountOutcome::Done);
        }
        position.device = RESTORE_DEVICE.to_owned();
        position.device_id = Some(RESTORE_DEVICE_ID.to_owned());
        match self.store_position(owner, user, document, position, None, Source::Restored)? {
            Ok(_) => Ok(AccountOutcome::Done),
            Err(exceeded) => Ok(AccountOutcome::OverQuota(exceeded)),
        }
    }

    /// Takes the current position from all devices, so that a pull finds none until a reader moves [C2]. The history stays.
    pub(super) fn start_over(
        &mut self,
        user: Username,
        owner: &UserRecord,
        document: Document,
    ) -> Result<AccountOutcome> {
        let key = DocumentKey::new(owner.id, &document);
        let Some((record, length)) = self.tables.progress.measured().get(self.txn, &key)? else {
            return Ok(AccountOutcome::NoDocument);
        };
        if record.is_started_over() {
            return Ok(AccountOutcome::Done);
        }
        let ProgressRecord { sequence, entries, thinned, bytes, .. } = record;
        let history = bytes.unwrap_or(0);
        let freed = self.tables.progress.footprint(key.len(), length) + history;
        let mut current = self.current(record)?;
        current.start_over(self.now);
        let (position, identifiers, state) = StateRecord::split(current, sequence);
        let record = ProgressRecord { position, sequence, entries, thinned, bytes, state: Some(state), identifiers };
        let added = self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(owner.id, key.document, freed, added + history);
        self.events.push(Event::StartedOver { user, user_id: owner.id, document });
        Ok(AccountOutcome::Done)
    }
}

//! Positions and documents: pushing, and what an account's owner changes about a document.

use super::accounts::AccountOutcome;
use super::env::unexpected;
use super::handle::Store;
use super::keyspace::DocumentKey;
use super::records::{DocumentRecord, LogRecord, ProgressRecord, UserRecord};
use super::retention;
use super::transaction::{WriteTxn, is_same_hour};
use crate::error::Result;
use crate::model::{
    Document, DocumentName, Event, Metadata, Progress, RESTORE_DEVICE, RESTORE_DEVICE_ID, User, UserId, Username,
};

/// Outcome of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PushOutcome {
    /// The position is on disk.
    #[non_exhaustive]
    Stored {
        /// Its sequence number in the log.
        sequence: u64,
        /// Time of the write, in whole seconds since the Unix epoch.
        timestamp: u64,
    },
    /// Nothing was stored: the account was deleted or disabled, or its key changed, since `user` was read.
    Stale,
}

impl Store {
    /// Stores a position as the document's current one, unless the account changed since `user` was read.
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
        self.inner.writer.run(move |write| write.push(&user, document, progress, metadata)).await
    }
}

impl WriteTxn<'_, '_> {
    pub(super) fn push(
        &mut self,
        user: &User,
        document: Document,
        progress: Progress,
        metadata: Option<Metadata>,
    ) -> Result<PushOutcome> {
        let Some(owner) = self.revalidate(user)? else { return Ok(PushOutcome::Stale) };
        if let Some(metadata) = metadata {
            self.update_metadata(&DocumentKey::new(user.id, &document), metadata)?;
        }
        let sequence = self.store_position(owner, user.name.clone(), document, progress)?;
        Ok(PushOutcome::Stored { sequence, timestamp: self.now })
    }

    /// Stores a position as the document's current one, and returns its sequence number.
    fn store_position(
        &mut self,
        mut owner: UserRecord,
        user: Username,
        document: Document,
        mut progress: Progress,
    ) -> Result<u64> {
        let key = DocumentKey::new(owner.id, &document);
        let before = self.tables.progress.get(self.txn, &key)?;
        if before.is_none() || !is_same_hour(owner.last_used, self.now) {
            owner.documents = owner.documents.saturating_add(u32::from(before.is_none()));
            owner.last_used = self.now;
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }

        let sequence = self.take_sequence();
        progress.timestamp = self.now;
        let (previous, entries, thinned) =
            before.as_ref().map_or((None, 0, 0), |before| (Some(before.sequence), before.entries, before.thinned));
        let entry = LogRecord { user: owner.id, document: document.clone(), position: progress, previous, pushes: 1 };
        self.tables.log.append(self.txn, &sequence, &entry)?;

        let mut record =
            ProgressRecord { position: entry.position, sequence, entries: entries.saturating_add(1), thinned };
        if retention::is_due(record.entries, record.thinned) {
            record.entries = retention::thin(self.txn, &self.tables, sequence, self.now, self.zone)?;
            record.thinned = record.entries;
        }
        self.tables.progress.put(self.txn, &key, &record)?;

        let (progress, before) = (record.position, before.map(|before| before.position));
        self.events.push(Event::Pushed { sequence, user, user_id: owner.id, document, progress, before });
        Ok(sequence)
    }

    fn update_metadata(&mut self, key: &DocumentKey<'_>, metadata: Metadata) -> Result<()> {
        let before = self.tables.documents.get(self.txn, key)?;
        let mut after = before.clone().unwrap_or_default();
        after.metadata.update(metadata);
        if before.as_ref() != Some(&after) && after != DocumentRecord::default() {
            self.tables.documents.put(self.txn, key, &after)?;
        }
        Ok(())
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
        self.tables.documents.put(self.txn, &key, &about)?;
        self.events.push(Event::DocumentRenamed { user, document, name: about.name });
        Ok(AccountOutcome::Done)
    }

    /// Pushes a position of the document's history again, as a device of its own.
    pub(super) fn restore_position(
        &mut self,
        user: Username,
        owner: UserRecord,
        document: Document,
        sequence: u64,
    ) -> Result<AccountOutcome> {
        if self.tables.progress.get(self.txn, &DocumentKey::new(owner.id, &document))?.is_none() {
            return Ok(AccountOutcome::NoDocument);
        }
        let entry = self.tables.log.get(self.txn, &sequence)?;
        let Some(entry) = entry.filter(|entry| entry.user == owner.id && entry.document == document) else {
            return Ok(AccountOutcome::NoPosition);
        };
        let mut position = entry.position;
        position.device = RESTORE_DEVICE.to_owned();
        position.device_id = Some(RESTORE_DEVICE_ID.to_owned());
        self.store_position(owner, user, document, position)?;
        Ok(AccountOutcome::Done)
    }
}

//! Positions and documents: pushing, and what an account's owner changes about a document.

use heed::PutFlags;

use super::accounts::AccountOutcome;
use super::env::unexpected;
use super::handle::Store;
use super::keyspace::{DocumentKey, RowSize};
use super::packed::{PackedIdentifiers, packed_len};
use super::records::{DocumentRecord, LogRecord, ProgressRecord, UserRecord};
use super::retention;
use super::transaction::{WriteTxn, is_same_hour};
use super::usage::QuotaExceeded;
use crate::error::Result;
use crate::model::{
    Document, DocumentName, Event, Metadata, Progress, PushEffect, RESTORE_DEVICE, RESTORE_DEVICE_ID, User, UserId,
    Username,
};

/// Bytes by which an update may grow an account that is full, up to a sixteenth beyond its quota.
const SMALL_GROWTH: u64 = 128;

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
        /// What it did to the document's current position.
        effect: PushEffect,
    },
    /// Nothing was stored: the account was deleted or disabled, or its key changed, since `user` was read.
    Stale,
    /// Nothing was stored: the account's quota is used up, or the disk has little space left.
    OverQuota(QuotaExceeded),
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
        match self.store_position(owner, user.name.clone(), document, progress, metadata, None)? {
            Ok(sequence) => Ok(PushOutcome::Stored { sequence, timestamp: self.now, effect: PushEffect::Moved }),
            Err(exceeded) => Ok(PushOutcome::OverQuota(exceeded)),
        }
    }

    /// Stores a position as the document's current one, and returns its sequence number, or why the account's quota is used up.
    ///
    /// `identifiers` are those that its device named, if it named any.
    pub(super) fn store_position(
        &mut self,
        mut owner: UserRecord,
        user: Username,
        document: Document,
        mut progress: Progress,
        metadata: Option<Metadata>,
        identifiers: Option<PackedIdentifiers>,
    ) -> Result<Result<u64, QuotaExceeded>> {
        let key = DocumentKey::new(owner.id, &document);
        let (before, length) = self.tables.progress.measured().get(self.txn, &key)?.unzip();
        let length = length.unwrap_or(0);
        if before.is_none()
            && let Some(exceeded) = self.check_new_document(&owner)
        {
            return Ok(Err(exceeded));
        }
        let about = metadata.map(|metadata| self.updated_metadata(&key, metadata)).transpose()?.flatten();
        let history = before.as_ref().map(|before| self.history_bytes(before)).transpose()?.unwrap_or(0);
        let row = if before.is_some() { self.tables.progress.footprint(key.len(), length) } else { 0 };
        let (mut freed, mut replaced) = (row + history, length);
        if about.is_some() {
            let RowSize { value, footprint } = self.tables.documents.size(self.txn, &key)?;
            (freed, replaced) = (freed + footprint, replaced + value);
        }

        let sequence = self.take_sequence();
        progress.timestamp = self.now;
        let (previous, entries, thinned) =
            before.as_ref().map_or((None, 0, 0), |before| (Some(before.sequence), before.entries, before.thinned));
        let entry = LogRecord { user: owner.id, document: document.clone(), position: progress, previous, pushes: 1 };

        self.count_usage(owner.id)?;
        let is_full = self.limits.usage.account(owner.id).is_full;
        if is_full && self.is_too_much(&entry, sequence, about.as_ref(), identifiers.as_ref(), freed, replaced)? {
            return Ok(Err(QuotaExceeded::Bytes));
        }

        if before.is_none() || !is_same_hour(owner.last_used, self.now) {
            owner.documents = owner.documents.saturating_add(u32::from(before.is_none()));
            owner.last_used = self.now;
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }
        let mut added = 0;
        if let Some(about) = about {
            added += self.tables.documents.put_measured(self.txn, PutFlags::empty(), &key, &about)?;
        }
        let history = history + self.tables.log.append(self.txn, &sequence, &entry)?;
        let (entries, position) = (entries.saturating_add(1), entry.position);
        // They belong to who wrote the record's `progress` [I3]: a record that keeps an earlier `progress` keeps its identifiers.
        let mut record = ProgressRecord { position, sequence, entries, thinned, bytes: Some(history), identifiers };
        if is_full {
            self.thin_history(&mut record, 1)?;
        } else if retention::is_due(record.entries, record.thinned) {
            self.thin_history(&mut record, retention::MAX_ENTRIES)?;
        }
        added += self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(owner.id, key.document, freed, added + record.bytes.unwrap_or(0));
        self.make_room(owner.id)?;

        let (progress, before) = (record.position, before.map(|before| before.position));
        self.events.push(Event::Pushed {
            sequence,
            user,
            user_id: owner.id,
            document,
            progress,
            before,
            effect: PushEffect::Moved,
        });
        Ok(Ok(sequence))
    }

    /// Returns whether a position would grow a full account, though all of its document's history goes.
    ///
    /// It frees so much, and replaces values of so many bytes. A reader who moves on changes a position by some bytes: there is a
    /// reserve for that.
    fn is_too_much(
        &mut self,
        entry: &LogRecord,
        sequence: u64,
        about: Option<&DocumentRecord>,
        identifiers: Option<&PackedIdentifiers>,
        freed: u64,
        replaced: u64,
    ) -> Result<bool> {
        let history = self.tables.log.entry_footprint(packed_len(&LogRecord { previous: None, ..entry.clone() })?);
        let position = entry.position.clone();
        let identifiers = identifiers.cloned();
        let record = ProgressRecord { position, sequence, entries: 1, thinned: 1, bytes: Some(history), identifiers };
        let (record, about) = (packed_len(&record)?, about.map(packed_len).transpose()?);
        let key = DocumentKey::new(entry.user, &entry.document).len();
        let about_row = about.map_or(0, |about| self.tables.documents.footprint(key, about));
        let added = history + self.tables.progress.footprint(key, record) + about_row;
        let max = self.limits.quota.max_bytes;
        let has_reserve = self.limits.usage.account(entry.user).bytes <= max.saturating_add(max / 16);
        let is_small = replaced > 0 && record + about.unwrap_or(0) <= replaced + SMALL_GROWTH;
        Ok(added > freed && !(is_small && has_reserve))
    }

    /// Returns a document's record with new metadata, if that changes it.
    fn updated_metadata(&mut self, key: &DocumentKey<'_>, metadata: Metadata) -> Result<Option<DocumentRecord>> {
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
        match self.store_position(owner, user, document, position, None, None)? {
            Ok(_) => Ok(AccountOutcome::Done),
            Err(exceeded) => Ok(AccountOutcome::OverQuota(exceeded)),
        }
    }
}

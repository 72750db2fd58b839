//! Positions and documents: pushing, and what an account's owner changes about a document.

use heed::PutFlags;

use super::accounts::AccountOutcome;
use super::current::StateRecord;
use super::keyspace::DocumentKey;
use super::push::Source;
use super::records::{DocumentRecord, ProgressRecord, UserRecord};
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, DocumentName, Event, Metadata, RESTORE_DEVICE, RESTORE_DEVICE_ID, UserId, Username};

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
        self.fold_document(&owner, &document, &position)?;
        self.part_from_book(&owner, &document)?;
        self.tables.marks.delete(self.txn, &key)?;
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
        self.forget_other_names(id, &document)?;
        if let Some(mut owner) = self.tables.users.get(self.txn, user.as_str())? {
            owner.count_rename();
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }
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
        let key = DocumentKey::new(owner.id, &document);
        let Some(record) = self.tables.progress.get(self.txn, &key)? else {
            return Ok(AccountOutcome::NoDocument);
        };
        let book = self.tables.book_of(self.txn, &key, Some(&record))?.map(|(_, book)| book);
        let has = |other: &Document| {
            *other == document || book.as_ref().is_some_and(|book| book.index_of(other.as_str()).is_some())
        };
        let entry = self.tables.log.get(self.txn, &sequence)?;
        let Some(entry) = entry.filter(|entry| entry.user == owner.id && has(&entry.document)) else {
            return Ok(AccountOutcome::NoPosition);
        };
        let mut position = entry.position;
        let (current, current_sequence, is_started_over) = match &book {
            None => (Some(&record.position), record.current_sequence(), record.is_started_over()),
            Some(book) => {
                let is_written_for = book.writer() == Some(&entry.document);
                (Some(&book.position).filter(|_| is_written_for), book.sequence, book.started_over.is_some())
            }
        };
        let is_current = sequence == current_sequence
            || current.is_some_and(|current| {
                position.percentage == current.percentage && position.progress == current.progress
            });
        if is_current && !is_started_over {
            return Ok(AccountOutcome::Done);
        }
        position.device = RESTORE_DEVICE.to_owned();
        position.device_id = Some(RESTORE_DEVICE_ID.to_owned());
        match self.store_position(owner, user, entry.document, position, None, Source::Restored)? {
            Ok(_) => Ok(AccountOutcome::Done),
            Err(exceeded) => Ok(AccountOutcome::OverQuota(exceeded)),
        }
    }

    /// Clears the current position. A pull finds none until a device reads on [C2]. The history stays.
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
        let joined = self.tables.book_of(self.txn, &key, Some(&record))?;
        if record.is_started_over() && joined.as_ref().is_none_or(|(_, book)| book.started_over.is_some()) {
            return Ok(AccountOutcome::Done);
        }
        let ProgressRecord { sequence, entries, thinned, bytes, book, .. } = record;
        let folded = self.folded_start_over(&record)?;
        let mut is_begun_again = folded != record.folded;
        let history = bytes.unwrap_or(0);
        let freed = self.tables.progress.footprint(key.len(), length) + history;
        let mut current = self.current(record)?;
        current.start_over(self.now);
        let (position, identifiers, state) = StateRecord::split(current, sequence);
        let record = ProgressRecord {
            position,
            sequence,
            entries,
            thinned,
            bytes,
            state: Some(state),
            identifiers,
            book,
            folded,
        };
        let added = self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(owner.id, key.document, freed, added + history);
        if let Some((number, before)) = joined {
            for (_, other) in before.pushed().filter(|(_, other)| **other != document) {
                let now = self.now;
                is_begun_again |= self.change_turns(owner.id, other, |turns, mut log| {
                    let was_finished = log.is_finished();
                    log.start_over(now);
                    *turns = log.into_turns();
                    was_finished
                })?;
            }
            let after = before.started_over(self.now);
            self.put_book(owner.id, number, Some(&before), Some(&after))?;
        }
        if is_begun_again {
            // No push tells those who count the history.
            let rewrites = owner.rewrites.wrapping_add(1);
            self.tables.users.put(self.txn, user.as_str(), &UserRecord { rewrites, ..owner.clone() })?;
        }
        self.events.push(Event::StartedOver { user, user_id: owner.id, document });
        Ok(AccountOutcome::Done)
    }
}

//! What can be written, each as one job in a transaction of its own.
//!
//! The invariant: whoever writes for a user has read the user's record before. A job compares that record with the one in its
//! own transaction, and refuses when the account is gone, switched off, or has another key. So nothing that races with a
//! deletion or a new password can bring the account or its data back (rules P7, U1, M4).

use heed::RwTxn;
use jiff::tz::TimeZone;

use super::records::{
    DocumentKey, DocumentRecord, LogRecord, META_INSTANCE, META_NEXT_SEQUENCE, META_NEXT_USER, ProgressRecord, Tables,
    UserRecord, in_lower_case,
};
use super::retention;
use crate::error::Result;
use crate::model::{Document, Event, Metadata, Progress, StoredKey, User, UserId, Username};

/// What became of a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CreateOutcome {
    /// The account was made.
    Created(User),
    /// There is an account of that name.
    Taken,
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PushOutcome {
    /// The position is on disk.
    Stored {
        /// Its number in the log.
        sequence: u64,
        /// When it was written, in whole seconds since the Unix epoch.
        timestamp: u64,
    },
    /// The account is gone, switched off, or has another key than the record that was shown.
    Stale,
}

/// What became of a change to an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateOutcome {
    /// It is done, and on disk.
    Applied,
    /// The account is gone, switched off, or has another key than the record that was shown.
    Stale,
}

/// Whether two times, in seconds since the Unix epoch, are in one hour.
pub(super) fn is_same_hour(one: u64, other: u64) -> bool {
    one / 3600 == other / 3600
}

/// How many log entries one slice of a removal deletes, about. Others write in between.
const PURGE_BATCH: u32 = 512;

/// One job's view of the store.
pub(super) struct WriteTxn<'a, 'p> {
    pub(super) txn: &'a mut RwTxn<'p>,
    pub(super) tables: Tables,
    /// The number the next log entry gets. It belongs to the batch: a number that a failed job took is left out.
    pub(super) next_sequence: &'a mut u64,
    /// Whole seconds since the Unix epoch.
    pub(super) now: u64,
    /// Whose days the history is thinned by.
    pub(super) zone: &'a TimeZone,
    /// What to tell once the batch is on disk.
    pub(super) events: Vec<Event>,
}

impl WriteTxn<'_, '_> {
    /// The record of an account that may still write.
    pub(super) fn revalidate(&self, user: &User) -> Result<Option<UserRecord>> {
        let record = self.tables.users.get(self.txn, user.name.as_str())?;
        Ok(record.filter(|record| record.id == user.id && record.key == user.key && record.active))
    }

    /// A number that no account has or had.
    pub(super) fn new_user_id(&mut self) -> Result<UserId> {
        let id = self.tables.meta.get(self.txn, META_NEXT_USER)?.unwrap_or(1);
        self.tables.meta.put(self.txn, META_NEXT_USER, &(id + 1))?;
        Ok(UserId(u32::try_from(id).map_err(|_| crate::error::Error::NoSpace)?))
    }

    pub(super) fn create_user(&mut self, name: Username, key: StoredKey, administrator: bool) -> Result<CreateOutcome> {
        if self.tables.users.get(self.txn, name.as_str())?.is_some() {
            return Ok(CreateOutcome::Taken);
        }
        let id = self.new_user_id()?;
        let record = UserRecord { id, key, active: true, administrator, documents: 0, created: self.now, last_used: 0 };
        self.tables.users.put(self.txn, name.as_str(), &record)?;
        self.events.push(Event::UserCreated { user: name.clone() });
        Ok(CreateOutcome::Created(record.into_user(name)))
    }

    pub(super) fn set_administrator(&mut self, name: Username, key: StoredKey) -> Result<()> {
        let Some(record) = self.tables.users.get(self.txn, name.as_str())? else {
            return self.create_user(name, key, true).map(drop);
        };
        let record = UserRecord { key, administrator: true, active: true, ..record };
        Ok(self.tables.users.put(self.txn, name.as_str(), &record)?)
    }

    pub(super) fn set_account(&mut self, name: Username, key: StoredKey) -> Result<()> {
        let Some(record) = self.tables.users.get(self.txn, name.as_str())? else {
            return self.create_user(name, key, false).map(drop);
        };
        Ok(self.tables.users.put(self.txn, name.as_str(), &UserRecord { key, ..record })?)
    }

    pub(super) fn set_key(&mut self, user: &User, key: StoredKey) -> Result<UpdateOutcome> {
        let Some(mut record) = self.revalidate(user)? else { return Ok(UpdateOutcome::Stale) };
        record.key = key;
        self.tables.users.put(self.txn, user.name.as_str(), &record)?;
        self.events.push(Event::KeyChanged { user: user.name.clone() });
        Ok(UpdateOutcome::Applied)
    }

    /// Deletes an account. What it owns is out of reach at once, since it lies under a number that is never used again, and is
    /// removed in slices by [`WriteTxn::purge_some`].
    pub(super) fn remove_account(&mut self, user: Username, id: UserId) -> Result<()> {
        self.tables.users.delete(self.txn, user.as_str())?;
        let spelling = in_lower_case(&user);
        if self.tables.name_aliases.get(self.txn, &spelling)?.is_some_and(|called| called == user) {
            self.tables.name_aliases.delete(self.txn, &spelling)?;
        }
        self.close_sessions(id)?;
        self.tables.pending_purge.put(self.txn, &id.0, &())?;
        self.events.push(Event::UserDeleted { user });
        Ok(())
    }

    pub(super) fn push(
        &mut self,
        user: &User,
        document: Document,
        progress: Progress,
        metadata: Option<Metadata>,
    ) -> Result<PushOutcome> {
        let Some(owner) = self.revalidate(user)? else { return Ok(PushOutcome::Stale) };
        if let Some(metadata) = metadata {
            self.describe(&DocumentKey::new(user.id, &document), metadata)?;
        }
        let sequence = self.store_position(owner, user.name.clone(), document, progress)?;
        Ok(PushOutcome::Stored { sequence, timestamp: self.now })
    }

    /// Makes a position the document's current one, and says its number in the log.
    pub(super) fn store_position(
        &mut self,
        mut owner: UserRecord,
        user: Username,
        document: Document,
        mut progress: Progress,
    ) -> Result<u64> {
        let row = DocumentKey::new(owner.id, &document);
        let before = self.tables.progress.get(self.txn, &row)?;
        if before.is_none() || !is_same_hour(owner.last_used, self.now) {
            owner.documents = owner.documents.saturating_add(u32::from(before.is_none()));
            owner.last_used = self.now;
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }

        let sequence = *self.next_sequence;
        *self.next_sequence += 1;
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
        self.tables.progress.put(self.txn, &row, &record)?;

        let (progress, before) = (record.position, before.map(|before| before.position));
        self.events.push(Event::Pushed { sequence, user, user_id: owner.id, document, progress, before });
        Ok(sequence)
    }

    fn describe(&mut self, row: &DocumentKey<'_>, metadata: Metadata) -> Result<()> {
        let before = self.tables.documents.get(self.txn, row)?;
        let mut after = before.clone().unwrap_or_default();
        after.metadata.update(metadata);
        if before.as_ref() != Some(&after) && after != DocumentRecord::default() {
            self.tables.documents.put(self.txn, row, &after)?;
        }
        Ok(())
    }

    pub(super) fn instance(&mut self) -> Result<u64> {
        if let Some(instance) = self.tables.meta.get(self.txn, META_INSTANCE)? {
            return Ok(instance);
        }
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(|error| super::unexpected(error.to_string()))?;
        let instance = u64::from_be_bytes(bytes);
        self.tables.meta.put(self.txn, META_INSTANCE, &instance)?;
        Ok(instance)
    }

    /// Removes some of what pending_purge accounts have left behind.
    pub(super) fn purge_some(&mut self) -> Result<()> {
        let Some((id, ())) = self.tables.pending_purge.all(self.txn)?.next().transpose()? else { return Ok(()) };
        let user = UserId(id);
        let mut removed = 0;
        while removed < PURGE_BATCH {
            let Some((document, record)) = self.any_progress(user)? else {
                self.tables.pending_purge.delete(self.txn, &id)?;
                return Ok(());
            };
            let row = DocumentKey::new(user, &document);
            removed += self.remove_document(&row, record.sequence)?;
        }
        Ok(())
    }

    fn any_progress(&self, user: UserId) -> Result<Option<(Document, ProgressRecord)>> {
        let rows = DocumentKey::all(user);
        let Some((row, record)) = self.tables.progress.range(self.txn, &rows)?.next().transpose()? else {
            return Ok(None);
        };
        let document = Document::new(row.document).map_err(super::unexpected)?;
        Ok(Some((document, record)))
    }

    /// Removes a document with its history, whose newest entry is given. Says how many entries that were.
    pub(super) fn remove_document(&mut self, row: &DocumentKey<'_>, newest: u64) -> Result<u32> {
        self.tables.documents.delete(self.txn, row)?;
        self.tables.progress.delete(self.txn, row)?;
        // The last number of the log must not be given out again: it stands for one change for ever.
        if self.tables.log.last_key(self.txn)? == Some(newest) {
            self.tables.meta.put(self.txn, META_NEXT_SEQUENCE, self.next_sequence)?;
        }
        let mut removed = 0;
        let mut next = Some(newest);
        while let Some(sequence) = next {
            let Some(entry) = self.tables.log.get(self.txn, &sequence)? else { break };
            next = entry.previous;
            self.tables.log.delete(self.txn, &sequence)?;
            removed += 1;
        }
        Ok(removed)
    }
}

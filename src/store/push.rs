//! Storing a position: its entry in the history, and what it does to the document's current position.

use heed::PutFlags;

use super::book_moves::MovingBook;
use super::current::{Current, DeviceKey, Push, StateRecord, is_same_entry};
use super::env::unexpected;
use super::handle::Store;
use super::keyspace::{DocumentKey, RowSize};
use super::packed::{PackedIdentifiers, packed_len};
use super::records::{DocumentRecord, LogRecord, ProgressRecord, UserRecord};
use super::retention::{self, StoredPast};
use super::transaction::{WriteTxn, is_same_hour};
use super::usage::QuotaExceeded;
use crate::error::Result;
use crate::model::{Document, Event, Metadata, Progress, PushEffect, User, Username};

/// Bytes by which an update may grow a full account beyond its quota.
const SMALL_GROWTH: u64 = 128;

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

/// Who sets a position.
#[derive(Debug)]
pub(super) enum Source {
    /// A device, whose push is judged by the account's rule. It may have named identifiers [I1].
    Device(Option<PackedIdentifiers>),
    /// A user, who restores a position of the history.
    Restored,
}

/// A position that was stored.
#[derive(Debug, Clone, Copy)]
pub(super) struct StoredPosition {
    pub(super) sequence: u64,
    pub(super) effect: PushEffect,
}

/// The entry of the history that a position gets.
enum Entry {
    New(LogRecord),
    /// The entry of the current position, which counts it, and its length until now.
    Held(LogRecord, u64),
}

/// The rows of a document that a position replaces. All is 0 for a new document.
#[derive(Debug, Clone, Copy)]
struct Replaced {
    /// Footprint of the document's history, in bytes.
    history: u64,
    /// Footprint of all rows, the history included, in bytes.
    footprint: u64,
    /// Length of the values outside the history, in bytes.
    values: u64,
}

impl Entry {
    /// Counts a repeat on its entry, which keeps its time.
    fn held(mut entry: LogRecord, bytes: u64, repeat: Progress) -> Self {
        entry.set_outcome(entry.effect(), entry.repeats().saturating_add(1));
        entry.position = Progress { timestamp: entry.position.timestamp, ..repeat };
        Self::Held(entry, bytes)
    }

    fn record(&self) -> &LogRecord {
        match self {
            Self::New(record) | Self::Held(record, _) => record,
        }
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
        let Some(owner) = self.revalidate_reader(user)? else { return Ok(PushOutcome::Stale) };
        match self.store_position(owner, user.name.clone(), document, progress, metadata, Source::Device(None))? {
            Ok(StoredPosition { sequence, effect }) => {
                Ok(PushOutcome::Stored { sequence, timestamp: self.now, effect })
            }
            Err(exceeded) => Ok(PushOutcome::OverQuota(exceeded)),
        }
    }

    /// Stores a position in a document's history, and moves the current one by rule. Returns its sequence number and what it
    /// did, or why the account's quota is used up.
    pub(super) fn store_position(
        &mut self,
        mut owner: UserRecord,
        user: Username,
        document: Document,
        mut progress: Progress,
        metadata: Option<Metadata>,
        source: Source,
    ) -> Result<Result<StoredPosition, QuotaExceeded>> {
        let key = DocumentKey::new(owner.id, &document);
        let (mut before, length) = self.tables.progress.measured().get(self.txn, &key)?.unzip();
        let length = length.unwrap_or(0);
        if before.is_none()
            && let Some(exceeded) = self.check_new_document(&owner)
        {
            return Ok(Err(exceeded));
        }
        let about = metadata.map(|metadata| self.updated_metadata(&key, metadata)).transpose()?.flatten();
        let replaced = self.replaced_rows(&key, before.as_ref(), length, about.is_some())?;

        progress.timestamp = self.now;
        let is_new = before.is_none();
        let (previous, entries, thinned) =
            before.as_ref().map_or((None, 0, 0), |before| (Some(before.sequence), before.entries, before.thinned));
        let folded = before.as_mut().and_then(|before| before.folded.take());
        let position_before = before.as_ref().map(|before| before.position.clone());
        let is_device = matches!(source, Source::Device(_));
        let mut moving = self.moving_book(&key, before.as_ref(), &progress, is_device)?;
        let has_landed_elsewhere = moving.as_ref().is_some_and(|book| book.has_landed_elsewhere);
        let book = moving.as_ref().map(|book| book.number);
        let (mut current, effect) = self.moved(&owner, before, &progress, &source, has_landed_elsewhere)?;
        let held = self.held_entry(current.sequence, effect, &progress)?;
        let repeated = held.is_some().then(|| progress.clone());
        // What it does to the current position that joined documents share is what it did.
        let shared_effect = match &mut moving {
            Some(moving) => {
                let sequence = if held.is_some() { current.sequence } else { *self.next_sequence };
                self.move_book(&owner, &document, moving, (&progress, sequence), previous, is_device)?
            }
            None => effect,
        };
        let (sequence, entry) = if let Some((entry, bytes)) = held {
            (current.sequence, Entry::held(entry, bytes, progress))
        } else {
            let sequence = self.take_sequence();
            if effect.is_current() {
                current.sequence = sequence;
            }
            let mut entry = LogRecord {
                user: owner.id,
                document: document.clone(),
                position: progress,
                previous,
                pushes: 1,
                outcome: None,
            };
            entry.set_outcome(effect, 0);
            entry.set_shared_effect(shared_effect);
            (sequence, Entry::New(entry))
        };
        let newest = previous.map_or(sequence, |previous| previous.max(sequence));
        let (position, identifiers, state) = StateRecord::split(current, newest);
        let mut record = ProgressRecord {
            position,
            sequence: newest,
            entries,
            thinned,
            bytes: Some(replaced.history),
            state: Some(state),
            identifiers,
            book,
            folded,
        };

        self.count_usage(owner.id)?;
        let is_full = self.limits.usage.account(owner.id).is_full;
        if is_full && self.is_too_much(entry.record(), &record, about.as_ref(), replaced)? {
            if matches!(entry, Entry::New(_)) {
                self.return_sequence(sequence);
            }
            return Ok(Err(QuotaExceeded::Bytes));
        }

        if is_new || about.is_some() || !is_same_hour(owner.last_used, self.now) {
            owner.documents = owner.documents.saturating_add(u32::from(is_new));
            if about.is_some() {
                owner.count_rename();
            }
            owner.last_used = self.now;
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }
        let mut added = 0;
        if let Some(about) = about {
            added += self.tables.documents.put_measured(self.txn, PutFlags::empty(), &key, &about)?;
        }
        let entry = self.put_entry(sequence, entry, &mut record)?;
        let progress = repeated.unwrap_or(entry.position);
        if is_full {
            self.thin_history(&owner, &mut record, 1)?;
        } else if retention::is_due(record.entries, record.thinned) {
            self.thin_history(&owner, &mut record, retention::MAX_ENTRIES)?;
        }
        added += self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(owner.id, key.document, replaced.footprint, added + record.bytes.unwrap_or(0));
        let (position_before, position) = match moving {
            Some(MovingBook { number, before, after, .. }) => {
                self.put_book(owner.id, number, Some(&before), Some(&after))?;
                (Some(before.position), after.position)
            }
            None => (position_before, record.position),
        };
        self.make_room(&owner)?;

        let current = (position != progress).then(|| Box::new(position));
        self.events.push(Event::Pushed {
            sequence,
            user,
            user_id: owner.id,
            document,
            progress,
            before: position_before,
            effect: shared_effect,
            current,
        });
        Ok(Ok(StoredPosition { sequence, effect: shared_effect }))
    }

    /// Measures what a push replaces: the document's rows, the one in `documents` only if its metadata changes.
    ///
    /// `length` is that of the value in `progress`.
    fn replaced_rows(
        &self,
        key: &DocumentKey<'_>,
        before: Option<&ProgressRecord>,
        length: u64,
        has_new_metadata: bool,
    ) -> Result<Replaced> {
        let history = before.map(|before| self.history_bytes(before)).transpose()?.unwrap_or(0);
        let row = if before.is_some() { self.tables.progress.footprint(key.len(), length) } else { 0 };
        let about = if has_new_metadata { self.tables.documents.size(self.txn, key)? } else { RowSize::default() };
        Ok(Replaced { history, footprint: history + row + about.footprint, values: length + about.value })
    }

    /// Returns the entry that counts a holder's repeat, and its length: that of the current position, if it is the same [C1].
    fn held_entry(&self, current: u64, effect: PushEffect, progress: &Progress) -> Result<Option<(LogRecord, u64)>> {
        if effect != PushEffect::HeldRepeat {
            return Ok(None);
        }
        let entry = self.tables.log.measured().get(self.txn, &current)?;
        Ok(entry.filter(|(entry, _): &(LogRecord, u64)| is_same_entry(&entry.position, progress)))
    }

    /// Writes an entry of the history, and counts it in the document's record. Returns the entry.
    fn put_entry(&mut self, sequence: u64, entry: Entry, record: &mut ProgressRecord) -> Result<LogRecord> {
        let history = record.bytes.unwrap_or(0);
        match entry {
            Entry::New(entry) => {
                record.bytes = Some(history + self.tables.log.append(self.txn, &sequence, &entry)?);
                record.entries = record.entries.saturating_add(1);
                Ok(entry)
            }
            Entry::Held(entry, bytes) => {
                let now = self.tables.log.put_measured(self.txn, PutFlags::empty(), &sequence, &entry)?;
                record.bytes = Some((history + now).saturating_sub(self.tables.log.entry_footprint(bytes)));
                Ok(entry)
            }
        }
    }

    /// Returns the state after a position was stored, and what that did.
    fn moved(
        &self,
        owner: &UserRecord,
        before: Option<ProgressRecord>,
        position: &Progress,
        source: &Source,
        has_landed_elsewhere: bool,
    ) -> Result<(Current, PushEffect)> {
        // The number that its entry gets, unless it is a holder's repeat.
        let identifiers = if let Source::Device(identifiers) = source { identifiers.as_ref() } else { None };
        let push = Push { position, device: DeviceKey::of(position), sequence: *self.next_sequence, identifiers };
        let Some(before) = before else { return Ok((Current::new(&push), PushEffect::Moved)) };
        let past = StoredPast { txn: self.txn, tables: &self.tables, newest: before.sequence };
        let mut current = self.current(before)?;
        let effect = match source {
            Source::Device(_) if has_landed_elsewhere => {
                current.note_landed_elsewhere(self.rule_of(owner), &push);
                PushEffect::LandedElsewhere
            }
            Source::Device(_) => current.apply(self.rule_of(owner), &push, &past)?,
            Source::Restored => {
                current.put_back(position, push.sequence, &past)?;
                PushEffect::Moved
            }
        };
        Ok((current, effect))
    }

    /// Returns the state of a document's current position.
    pub(super) fn current(&self, record: ProgressRecord) -> Result<Current> {
        Ok(self.tables.current(self.txn, record)?)
    }

    /// Returns whether a position would grow a full account, even without the document's history.
    ///
    /// A reader who moves on changes a position by some bytes: there is a reserve for that.
    fn is_too_much(
        &mut self,
        entry: &LogRecord,
        record: &ProgressRecord,
        about: Option<&DocumentRecord>,
        replaced: Replaced,
    ) -> Result<bool> {
        let footprint = |entry: LogRecord| -> Result<u64> { Ok(self.tables.log.entry_footprint(packed_len(&entry)?)) };
        let mut history = footprint(LogRecord { previous: None, ..entry.clone() })?;
        if record.current_sequence() != record.sequence {
            history += footprint(LogRecord { position: record.position.clone(), ..entry.clone() })?;
        }
        let record = ProgressRecord { entries: 1, thinned: 1, bytes: Some(history), ..record.clone() };
        let (record, about) = (packed_len(&record)?, about.map(packed_len).transpose()?);
        let key = DocumentKey::new(entry.user, &entry.document).len();
        let about_row = about.map_or(0, |about| self.tables.documents.footprint(key, about));
        let added = history + self.tables.progress.footprint(key, record) + about_row;
        let max = self.limits.quota.max_bytes;
        let has_reserve = self.limits.usage.account(entry.user).bytes <= max.saturating_add(max / 16);
        let is_small = replaced.values > 0 && record + about.unwrap_or(0) <= replaced.values + SMALL_GROWTH;
        Ok(added > replaced.footprint && !(is_small && has_reserve))
    }
}

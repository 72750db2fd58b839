//! What readers say about books and devices: on which shelf a book belongs, which ones are hidden, and the names of devices.

use super::accounts::AccountOutcome;
use super::handle::Store;
use super::keyspace::{DocumentKey, HashKey};
use super::reads::SliceLimit;
use super::records::{ProgressRecord, UserRecord};
use super::removed_positions::finish_log;
use super::retention;
use super::shelf_records::{DeviceRecord, FoldedHistory, Forgotten, MarkRecord, ShelfRecord};
use super::transaction::WriteTxn;
use super::usage::QuotaExceeded;
use crate::error::Result;
use crate::model::{DeviceLabel, DeviceName, Document, Event, FinishLog, ShelfMove, UserId, Username};

/// What a reader said about a book.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct BookMark {
    pub(crate) shelf: Option<Moved>,
    pub(crate) is_hidden: bool,
}

/// Where a reader moved a book, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moved {
    pub(crate) to: ShelfMove,
    /// In whole seconds since the Unix epoch.
    pub(crate) at: u64,
    /// The last sequence number then.
    pub(crate) sequence: u64,
}

/// What a reader said about a device, and what is known besides the histories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeviceRow {
    pub(crate) label: DeviceLabel,
    pub(crate) name: Option<String>,
    /// When it was forgotten, in Unix seconds, and the last sequence number then.
    pub(crate) forgotten: Option<(u64, u64)>,
    /// Time of its first push, where the histories may not tell it any more.
    pub(crate) first: Option<u64>,
}

/// Reading of a quarter of an hour whose positions are gone.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FoldedSlot {
    /// In whole seconds since the Unix epoch.
    pub(crate) time: u64,
    pub(crate) pushes: u32,
    /// As a fraction of a book.
    pub(crate) read: f64,
}

impl From<&MarkRecord> for BookMark {
    fn from(record: &MarkRecord) -> Self {
        let moved = |shelf: &ShelfRecord| Moved { to: shelf.to(), at: shelf.at, sequence: shelf.sequence };
        Self { shelf: record.shelf.as_ref().map(moved), is_hidden: record.is_hidden }
    }
}

impl Store {
    /// Returns what an account's reader said about books, ordered by document: those after `after`.
    pub(crate) fn marks_slice(
        &self,
        user: UserId,
        after: Option<&Document>,
        mut limit: SliceLimit,
    ) -> Result<Vec<(Document, BookMark)>> {
        use std::ops::Bound;
        self.read(|txn, tables| {
            let all = DocumentKey::range_of(user);
            let first =
                after.map_or(Bound::Included(all.start), |after| Bound::Excluded(DocumentKey::new(user, after)));
            let mut marks = Vec::new();
            for row in tables.marks.measured().range(txn, &(first, Bound::Excluded(all.end)))? {
                if limit.is_reached() {
                    break;
                }
                let (key, (record, bytes)) = row?;
                limit.take(bytes);
                let Ok(document) = Document::new(key.document) else { continue };
                marks.push((document, BookMark::from(&record)));
            }
            Ok(marks)
        })
    }

    /// Returns what is known of an account's devices besides the histories.
    pub(crate) fn device_rows(&self, user: UserId) -> Result<Vec<DeviceRow>> {
        self.read(|txn, tables| {
            let row = |row: heed::Result<(HashKey, DeviceRecord)>| {
                row.map(|(_, record)| DeviceRow {
                    label: record.label(),
                    name: record.name,
                    forgotten: record.forgotten.map(|Forgotten(at, sequence)| (at, sequence)),
                    first: Some(record.first).filter(|first| *first > 0),
                })
            };
            tables.devices.range(txn, &HashKey::range_of(user))?.map(row).collect()
        })
    }

    /// Returns an account's reading whose positions are gone, and when deleted books were finished.
    pub(crate) fn folded_days(&self, user: UserId) -> Result<(Vec<FoldedSlot>, Vec<u64>)> {
        let rows = self.read(|txn, tables| tables.folded_days_of(txn, user))?;
        let (mut slots, mut finishes) = (Vec::new(), Vec::new());
        for row in rows {
            slots.extend(row.slots.iter().map(|slot| FoldedSlot {
                time: slot.time(),
                pushes: slot.1,
                read: f64::from(slot.2) / super::shelf_records::PARTS,
            }));
            finishes.extend(row.finishes);
        }
        Ok((slots, finishes))
    }

    /// Returns what is left of positions of a document that are gone.
    pub(crate) fn folded_history(&self, user: UserId, document: &Document) -> Result<FoldedHistory> {
        let record = self.read(|txn, tables| tables.progress.get(txn, &DocumentKey::new(user, document)))?;
        Ok(record.and_then(|record| record.folded).unwrap_or_default())
    }
}

impl WriteTxn<'_, '_> {
    /// Moves a book to a shelf, or back to where its positions put it.
    pub(super) fn move_to_shelf(
        &mut self,
        user: Username,
        mut owner: UserRecord,
        document: Document,
        to: Option<ShelfMove>,
    ) -> Result<AccountOutcome> {
        let key = DocumentKey::new(owner.id, &document);
        if self.tables.progress.get(self.txn, &key)?.is_none() {
            return Ok(AccountOutcome::NoDocument);
        }
        let (holder, mut mark) = self.take_mark(owner.id, &document)?;
        let mut has_changed = false;
        if let Some(undone) = mark.shelf.take().filter(|shelf| shelf.is_noted)
            && !self.is_settled(&owner, &document, &undone, to)?
        {
            self.undo_noted(owner.id, &holder, &undone)?;
            has_changed = true;
        }
        if let Some(to) = to {
            let mut shelf = ShelfRecord::new(to, self.now, self.next_sequence.saturating_sub(1));
            let (is_finish, at) = match to {
                ShelfMove::Finished { at } => (true, at.min(self.now)),
                // From now on it can be finished once more.
                ShelfMove::Reading | ShelfMove::Aside => (false, self.now),
            };
            shelf.finished = Some(at).filter(|_| is_finish);
            if is_finish {
                has_changed |= self.allow_finish(owner.id, &document, at)?;
            }
            // A book that its positions finished has a date: the mark says another one.
            shelf.is_noted = self.change_turns(owner.id, &document, |turns, mut log| {
                if log.is_finished() == is_finish {
                    return false;
                }
                if is_finish {
                    log.finish(at);
                } else {
                    log.start_over(at);
                }
                *turns = log.into_turns();
                true
            })?;
            has_changed |= shelf.is_noted;
            mark.shelf = Some(shelf);
        }
        self.put_mark(owner.id, &document, &mark)?;
        if has_changed {
            owner.rewrites = owner.rewrites.wrapping_add(1);
            self.tables.users.put(self.txn, user.as_str(), &owner)?;
        }
        self.events.push(Event::DocumentMarked { user, document });
        Ok(AccountOutcome::Done)
    }

    /// Takes what a reader said of a book out of the history that knows it.
    fn undo_noted(&mut self, user: UserId, holder: &Document, said: &ShelfRecord) -> Result<bool> {
        let noted = said.finished.unwrap_or(said.at);
        self.change_turns(user, holder, |turns, log| {
            // A book that was finished since keeps that it was begun again before.
            if said.finished.is_none() && log.turns().last() != Some(&noted) {
                return false;
            }
            let Some(index) = turns.iter().rposition(|time| *time == noted) else { return false };
            // With it goes the turn after it.
            turns.drain(index..turns.len().min(index + 2));
            true
        })
    }

    /// Whether what a reader said stays true when they move the book again.
    ///
    /// It does if the book was begun again since, or is finished again by hand.
    fn is_settled(
        &self,
        owner: &UserRecord,
        document: &Document,
        said: &ShelfRecord,
        to: Option<ShelfMove>,
    ) -> Result<bool> {
        match (said.finished, to) {
            (Some(_), _) => {
                let documents = self.documents_of_book(owner.id, document)?;
                let log = self.book_finish_log(owner.id, &documents)?;
                Ok(log.turns().last().is_some_and(|last| *last > said.at))
            }
            // On the same day it is a second thought.
            (None, Some(ShelfMove::Finished { at })) => {
                let days = self.days_of(owner);
                Ok(days.date(at.min(self.now)) > days.date(said.at))
            }
            (None, _) => Ok(false),
        }
    }

    /// Hides a book from all lists, or shows it again.
    pub(super) fn hide_document(
        &mut self,
        user: Username,
        id: UserId,
        document: Document,
        hidden: bool,
    ) -> Result<AccountOutcome> {
        if self.tables.progress.get(self.txn, &DocumentKey::new(id, &document))?.is_none() {
            return Ok(AccountOutcome::NoDocument);
        }
        let (_, mark) = self.take_mark(id, &document)?;
        self.put_mark(id, &document, &MarkRecord { is_hidden: hidden, ..mark })?;
        self.events.push(Event::DocumentMarked { user, document });
        Ok(AccountOutcome::Done)
    }

    /// Returns the mark of a document's book.
    pub(super) fn mark_of(&mut self, user: UserId, document: &Document) -> Result<MarkRecord> {
        let (holder, mark) = self.take_mark(user, document)?;
        self.put_mark(user, &holder, &mark)?;
        Ok(mark)
    }

    /// Forgets to which shelf a reader moved a book, also in its history.
    pub(super) fn forget_shelf(&mut self, user: UserId, document: &Document) -> Result<()> {
        let (holder, mark) = self.take_mark(user, document)?;
        if let Some(said) = mark.shelf.as_ref().filter(|shelf| shelf.is_noted) {
            self.undo_noted(user, &holder, said)?;
        }
        self.put_mark(user, &holder, &MarkRecord { shelf: None, ..mark })
    }

    /// Removes the mark of a book from the document that has it, and returns both. Joined documents are one book.
    fn take_mark(&mut self, user: UserId, document: &Document) -> Result<(Document, MarkRecord)> {
        let key = DocumentKey::new(user, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let book = self.tables.book_of(self.txn, &key, record.as_ref())?;
        let others = book.into_iter().flat_map(|(_, book)| book.members).map(|member| member.document);
        let mut found = None;
        for member in std::iter::once(document.clone()).chain(others.filter(|other| other != document)) {
            let key = DocumentKey::new(user, &member);
            if let Some(mark) = self.tables.marks.get(self.txn, &key)? {
                self.tables.marks.delete(self.txn, &key)?;
                found.get_or_insert((member, mark));
            }
        }
        Ok(found.unwrap_or_else(|| (document.clone(), MarkRecord::default())))
    }

    fn put_mark(&mut self, user: UserId, document: &Document, mark: &MarkRecord) -> Result<()> {
        let key = DocumentKey::new(user, document);
        if *mark == MarkRecord::default() {
            self.tables.marks.delete(self.txn, &key)?;
            return Ok(());
        }
        Ok(self.tables.marks.put(self.txn, &key, mark)?)
    }

    /// Copies a book's mark to a document that leaves it, and to one that stays.
    pub(super) fn share_mark(&mut self, user: UserId, leaving: &Document, staying: Option<&Document>) -> Result<()> {
        let (holder, mark) = self.take_mark(user, leaving)?;
        // What was noted in one history can be undone with that alone.
        let copied = MarkRecord {
            shelf: mark.shelf.clone().map(|shelf| ShelfRecord { is_noted: false, ..shelf }),
            ..mark.clone()
        };
        self.put_mark(user, leaving, if holder == *leaving { &mark } else { &copied })?;
        match staying {
            Some(_) if holder != *leaving => self.put_mark(user, &holder, &mark),
            Some(staying) => self.put_mark(user, staying, &copied),
            None => Ok(()),
        }
    }

    /// Changes when the book of a document was finished and begun again. `change` also gets what its history says; if it returns
    /// `false`, nothing is stored.
    pub(super) fn change_turns(
        &mut self,
        user: UserId,
        document: &Document,
        change: impl FnOnce(&mut Vec<u64>, FinishLog) -> bool,
    ) -> Result<bool> {
        self.change_folded(user, document, |folded, log| change(&mut folded.turns, log))
    }

    /// Changes what is noted of positions that are gone from a document's history, as [`WriteTxn::change_turns`].
    pub(super) fn change_folded(
        &mut self,
        user: UserId,
        document: &Document,
        change: impl FnOnce(&mut FoldedHistory, FinishLog) -> bool,
    ) -> Result<bool> {
        let key = DocumentKey::new(user, document);
        let Some((mut record, length)) = self.tables.progress.measured().get(self.txn, &key)? else { return Ok(false) };
        let log = self.finish_log(&record)?;
        let mut folded = record.folded.take().unwrap_or_default();
        if !change(&mut folded, log) {
            return Ok(false);
        }
        record.folded = Some(folded).filter(|folded| !folded.is_empty());
        let freed = self.tables.progress.footprint(key.len(), length);
        let added = self.tables.progress.put_measured(self.txn, heed::PutFlags::empty(), &key, &record)?;
        self.count_change(user, key.document, freed, added);
        Ok(true)
    }

    /// Returns when a document's book was finished and begun again, as its history says.
    pub(super) fn finish_log(&self, record: &ProgressRecord) -> Result<FinishLog> {
        let history = retention::history(self.txn, &self.tables, record.sequence)?;
        Ok(finish_log(&history, record.folded.as_ref()))
    }

    /// Returns what to note of a history when its document is started over: a finished book can be finished again then.
    pub(super) fn folded_start_over(&self, record: &ProgressRecord) -> Result<Option<FoldedHistory>> {
        let mut log = self.finish_log(record)?;
        if !log.is_finished() {
            return Ok(record.folded.clone());
        }
        log.start_over(self.now);
        let base = record.folded.clone().unwrap_or_default();
        Ok(Some(FoldedHistory { turns: log.into_turns(), ..base }))
    }

    /// Gives a device a name, or removes that.
    pub(super) fn name_device(
        &mut self,
        user: UserId,
        label: &DeviceLabel,
        name: Option<&DeviceName>,
    ) -> Result<AccountOutcome> {
        let name = name.map(|name| name.as_str().to_owned());
        self.change_device(user, label, |record| record.name = name)
    }

    /// Takes a device out of the list until it pushes again. Its positions stay.
    pub(super) fn forget_device(&mut self, user: UserId, label: &DeviceLabel) -> Result<AccountOutcome> {
        let forgotten = Some(Forgotten(self.now, self.next_sequence.saturating_sub(1)));
        self.change_device(user, label, |record| record.forgotten = forgotten)
    }

    fn change_device(
        &mut self,
        user: UserId,
        label: &DeviceLabel,
        change: impl FnOnce(&mut DeviceRecord),
    ) -> Result<AccountOutcome> {
        let key = HashKey { user, hash: label.hash() };
        let known = self.tables.devices.get(self.txn, &key)?;
        if known.is_none() && self.has_all_device_rows(user)? {
            return Ok(AccountOutcome::OverQuota(QuotaExceeded::Bytes));
        }
        let mut record = known.unwrap_or_else(|| DeviceRecord::of(label));
        change(&mut record);
        self.tables.devices.put(self.txn, &key, &record)?;
        Ok(AccountOutcome::Done)
    }
}

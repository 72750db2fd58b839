//! What must outlive positions that go: the days that were read, finished books, and when devices were first seen.
//!
//! It is noted when positions go, in the transaction that removes them, never at a push of an ordinary kind. What concerns a book whose
//! history is thinned is in its row of `progress`, which is written then anyway.

use std::collections::HashMap;

use heed::RoTxn;

use super::keyspace::{DocumentKey, HashKey};
use super::records::{LogRecord, ProgressRecord, UserRecord};
use super::removed_positions::{RemovedPositions, Retention};
use super::retention;
use super::shelf_records::{DeviceRecord, FoldedDays, SlotRecord, period_key, period_keys};
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{DayRule, DeviceLabel, Document, FinishLog, Progress, UserId, correct_finish};

/// Positions of other files that are read when positions of a joined one go, about.
const MAX_OTHERS: usize = 2400;
/// Rows of `devices` of an account. A client that calls itself otherwise with each push gets no more.
pub(super) const MAX_DEVICE_ROWS: usize = 1000;

impl Tables {
    /// Returns what an account's rows say of reading whose positions are gone.
    pub(super) fn folded_days_of(&self, txn: &RoTxn<'_>, user: UserId) -> heed::Result<Vec<FoldedDays>> {
        let rows = self.folded_days.range(txn, &period_keys(user))?;
        rows.map(|row| row.map(|(_, days)| days)).collect()
    }
}

impl WriteTxn<'_, '_> {
    /// Returns the rule of an account's days.
    pub(super) fn days_of(&self, owner: &UserRecord) -> DayRule {
        DayRule::new(&owner.preferences.clone().unwrap_or_default(), self.zone)
    }

    /// Stores days and devices of positions that go. What they say of their book is in its own row.
    pub(super) fn fold(&mut self, user: UserId, removed: &RemovedPositions) -> Result<()> {
        self.fold_days(user, &removed.slots, &[])?;
        for (label, first) in &removed.devices {
            self.note_first(user, label, *first)?;
        }
        Ok(())
    }

    /// Returns the entries of the files that a document is joined with.
    pub(super) fn histories_of_others(
        &self,
        user: UserId,
        record: &ProgressRecord,
    ) -> Result<Vec<(u64, LogRecord, u64)>> {
        if record.book.is_none() {
            return Ok(Vec::new());
        }
        let Some(newest) = self.tables.log.get(self.txn, &record.sequence)? else { return Ok(Vec::new()) };
        let key = DocumentKey::new(user, &newest.document);
        let Some((_, book)) = self.tables.book_of(self.txn, &key, Some(record))? else { return Ok(Vec::new()) };
        let mut entries = Vec::new();
        for (_, other) in book.pushed().filter(|(_, other)| **other != newest.document) {
            let record = self.tables.progress.get(self.txn, &DocumentKey::new(user, other))?;
            let history = record.map(|record| retention::history(self.txn, &self.tables, record.sequence));
            entries.extend(history.transpose()?.unwrap_or_default());
            if entries.len() > MAX_OTHERS {
                break;
            }
        }
        Ok(entries)
    }

    /// Notes what a document's history says before it is deleted: the days that were read, and when the book was finished. Where others
    /// of the book stay, one of them keeps the latter.
    pub(super) fn fold_document(
        &mut self,
        owner: &UserRecord,
        document: &Document,
        record: &ProgressRecord,
    ) -> Result<()> {
        let user = owner.id;
        let key = DocumentKey::new(user, document);
        let history = retention::history(self.txn, &self.tables, record.sequence)?;
        let others = self.histories_of_others(user, record)?;
        let plan = vec![Retention::Drop; history.len()];
        let removed = RemovedPositions::of(&history, &others, &plan, record.folded.as_ref());
        self.fold(user, &removed)?;
        if removed.turns.is_empty() {
            return Ok(());
        }
        let book = self.tables.book_of(self.txn, &key, Some(record))?.map(|(_, book)| book);
        let heir =
            book.and_then(|book| book.pushed().map(|(_, other)| other).find(|other| *other != document).cloned());
        if let Some(heir) = heir {
            return self
                .change_turns(user, &heir, |turns, log| {
                    *turns = FinishLog::replay([log.turns(), &removed.turns], []).into_turns();
                    true
                })
                .map(drop);
        }
        let finishes = self.finishes_of(&key, &removed)?;
        self.fold_days(user, &[], &finishes)
    }

    /// Returns when a book was finished that is deleted.
    fn finishes_of(&self, key: &DocumentKey<'_>, removed: &RemovedPositions) -> Result<Vec<u64>> {
        let mut finishes: Vec<u64> = FinishLog::replay([removed.turns.as_slice()], []).finishes().collect();
        // The date that the reader gave counts.
        let mark = self.tables.marks.get(self.txn, key)?.and_then(|mark| mark.shelf);
        if let Some((date, said_at)) = mark.and_then(|shelf| Some((shelf.finished?, shelf.at))) {
            correct_finish(&mut finishes, date, said_at);
        }
        Ok(finishes)
    }

    /// Takes out the notes of a deleted document that its imported history tells again.
    pub(super) fn unfold_document(&mut self, user: UserId, document: &Document) -> Result<()> {
        if !self.has_folded_days(user)? {
            return Ok(());
        }
        let key = DocumentKey::new(user, document);
        let Some(record) = self.tables.progress.get(self.txn, &key)? else { return Ok(()) };
        let removed = self.unfold_positions(user, &record, |_| true)?;
        for finish in self.finishes_of(&key, &removed)? {
            let key = period_key(user, finish);
            let Some(mut days) = self.tables.folded_days.get(self.txn, &key)? else { continue };
            if let Ok(index) = days.finishes.binary_search(&finish) {
                days.finishes.remove(index);
                self.put_folded_days(key, &days)?;
            }
        }
        Ok(())
    }

    /// Takes out the reading of positions that an import brought back into a history.
    pub(super) fn unfold_positions(
        &mut self,
        user: UserId,
        record: &ProgressRecord,
        is_back: impl Fn(&Progress) -> bool,
    ) -> Result<RemovedPositions> {
        let history = retention::history(self.txn, &self.tables, record.sequence)?;
        let retention = |entry: &LogRecord| if is_back(&entry.position) { Retention::Drop } else { Retention::Keep };
        let plan: Vec<Retention> = history.iter().map(|(_, entry, _)| retention(entry)).collect();
        let others = self.histories_of_others(user, record)?;
        let removed = RemovedPositions::of(&history, &others, &plan, record.folded.as_ref());
        let mut rows: HashMap<u64, FoldedDays> = HashMap::new();
        // Those of positions: others say what the ones that stay do not tell.
        for slot in removed.slots.iter().filter(|slot| slot.1 > 0) {
            rows.entry(period_key(user, slot.time())).or_default().add(*slot);
        }
        let (mut all, mut known, mut changed) = (0, 0, Vec::new());
        for (key, back) in rows {
            let mut days = self.tables.folded_days.get(self.txn, &key)?.unwrap_or_default();
            all += back.slots.len();
            known += days.take_out(&back);
            changed.push((key, days));
        }
        // If most of it is not there, something else was noted of the same quarters of an hour.
        if 2 * known > all {
            for (key, days) in changed {
                self.put_folded_days(key, &days)?;
            }
        }
        Ok(removed)
    }

    /// Returns whether reading of an account is noted whose positions are gone.
    pub(super) fn has_folded_days(&self, user: UserId) -> Result<bool> {
        Ok(self.tables.folded_days.range(self.txn, &period_keys(user))?.next().transpose()?.is_some())
    }

    fn put_folded_days(&mut self, key: u64, days: &FoldedDays) -> Result<()> {
        if *days == FoldedDays::default() {
            self.tables.folded_days.delete(self.txn, &key)?;
            return Ok(());
        }
        Ok(self.tables.folded_days.put(self.txn, &key, days)?)
    }

    /// Adds reading and finishes to an account's rows.
    pub(super) fn fold_days(&mut self, user: UserId, slots: &[SlotRecord], finishes: &[u64]) -> Result<()> {
        let mut rows: HashMap<u64, FoldedDays> = HashMap::new();
        for slot in slots {
            rows.entry(period_key(user, slot.time())).or_default().add(*slot);
        }
        for finish in finishes {
            rows.entry(period_key(user, *finish)).or_default().finishes.push(*finish);
        }
        for (key, new) in rows {
            let mut days = self.tables.folded_days.get(self.txn, &key)?.unwrap_or_default();
            new.slots.into_iter().for_each(|slot| days.add(slot));
            days.finishes.extend(new.finishes);
            days.finishes.sort_unstable();
            self.tables.folded_days.put(self.txn, &key, &days)?;
        }
        Ok(())
    }

    /// Notes when a device was first seen, unless an earlier time is noted.
    pub(super) fn note_first(&mut self, user: UserId, label: &DeviceLabel, first: u64) -> Result<()> {
        let key = HashKey { user, hash: label.hash() };
        let known = self.tables.devices.get(self.txn, &key)?;
        if known.as_ref().is_some_and(|known| known.first > 0 && known.first <= first)
            || known.is_none() && self.has_all_device_rows(user)?
        {
            return Ok(());
        }
        let known = known.unwrap_or_else(|| DeviceRecord::of(label));
        Ok(self.tables.devices.put(self.txn, &key, &DeviceRecord { first, ..known })?)
    }

    /// Returns whether an account may have no more rows of devices.
    pub(super) fn has_all_device_rows(&self, user: UserId) -> Result<bool> {
        let rows = self.tables.devices.range(self.txn, &HashKey::range_of(user))?;
        Ok(rows.take(MAX_DEVICE_ROWS).count() >= MAX_DEVICE_ROWS)
    }
}

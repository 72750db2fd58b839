//! Joined books: the rows of documents that are files of one book [I7].
//!
//! A book is a row of its own beside those of its documents, which stay as they are. The record of each document has the book's number, so
//! that one that is not joined costs no other read. A document that was never pushed has no record; `awaited` has its book.

use heed::{PutFlags, RoTxn};

use super::current::Current;
use super::keyspace::DocumentKey;
use super::records::{BookMember, BookRecord, ProgressRecord};
use super::retention;
use super::tables::{Tables, book_key, book_keys};
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, Progress, UserId};

/// Documents of a book, at most.
pub(super) const MAX_MEMBERS: usize = 16;
/// Length of a book's key.
const KEY_LEN: usize = 8;
/// Length of a value of `awaited`.
const AWAITED_LEN: u64 = 4;

impl BookRecord {
    /// Returns the index of a document.
    pub(super) fn index_of(&self, document: &str) -> Option<u8> {
        let index = self.members.iter().position(|member| member.document.as_str() == document)?;
        u8::try_from(index).ok()
    }

    /// Returns the document that the current position was pushed for.
    pub(super) fn writer(&self) -> Option<&Document> {
        self.members.get(usize::from(self.writer)).map(|member| &member.document)
    }

    /// Returns the documents that have positions, with their indexes.
    pub(super) fn pushed(&self) -> impl Iterator<Item = (u8, &Document)> {
        let indexed = (0..).zip(&self.members);
        indexed.filter(|(_, member)| !member.is_awaited).map(|(index, member)| (index, &member.document))
    }

    /// Makes a record of documents whose current position is this one.
    pub(super) fn new(members: Vec<BookMember>, apart: Vec<[u8; 2]>, writer: u8, current: Current) -> Self {
        let position = current.position.clone();
        let record = Self {
            members,
            apart,
            writer,
            position,
            sequence: current.sequence,
            holder: None,
            borrowed: None,
            started_over: None,
            devices: Vec::new(),
            undo: None,
            undo_writer: None,
        };
        record.with(current)
    }

    fn with(self, current: Current) -> Self {
        let Current { mut position, sequence, holder, borrowed, started_over, devices, undo, identifiers: _ } = current;
        // A locator that was not pushed with the position may be another file's. Each pull finds one of its own.
        if borrowed.is_some() {
            position.progress.clear();
        }
        Self { position, sequence, holder, borrowed, started_over, devices, undo, ..self }
    }

    /// Returns the numbers of entries that stay when its documents' histories are thinned.
    pub(super) fn pinned(&self) -> [u64; 2] {
        [self.sequence, self.undo.as_ref().map_or(self.sequence, |undo| undo.sequence)]
    }

    /// Returns the state of the current position.
    pub(super) fn current(&self) -> Current {
        Current {
            position: self.position.clone(),
            sequence: self.sequence,
            holder: self.holder,
            borrowed: self.borrowed,
            started_over: self.started_over,
            devices: self.devices.clone(),
            undo: self.undo.clone(),
            // They are those of a file, and stay with its own position.
            identifiers: None,
        }
    }

    /// Updates the state after a push with this sequence number, for the document at `own`.
    pub(super) fn set_current(&mut self, current: Current, sequence: u64, own: u8) {
        let (before, undone) = (self.sequence, self.undo.as_ref().map(|undo| undo.sequence));
        let writer = self.writer;
        if current.sequence == sequence {
            self.writer = own;
        } else if current.sequence != before && Some(current.sequence) == undone {
            self.writer = self.undo_writer.unwrap_or(writer);
        }
        self.undo_writer = match current.undo.as_ref().map(|undo| undo.sequence) {
            None => None,
            undo if undo == undone => self.undo_writer,
            _ => Some(writer),
        };
        *self = self.clone().with(current);
    }

    /// Returns the book as it is without a current position, until a reader moves.
    pub(super) fn started_over(&self, now: u64) -> Self {
        let mut current = self.current();
        current.start_over(now);
        self.clone().with(current)
    }

    /// Returns whether XPointers are exchanged between two documents.
    pub(super) fn carries_over(&self, one: u8, other: u8) -> bool {
        !self.apart.iter().any(|pair| *pair == [one, other] || *pair == [other, one])
    }

    /// Notes that XPointers do not carry over between two documents.
    pub(super) fn set_apart(&mut self, one: u8, other: u8) {
        if one != other && self.carries_over(one, other) {
            self.apart.push([one, other]);
        }
    }

    /// Takes a document out.
    pub(super) fn remove(&mut self, index: u8) -> Option<BookMember> {
        if usize::from(index) >= self.members.len() {
            return None;
        }
        self.apart.retain(|pair| !pair.contains(&index));
        let shifted = |other: &mut u8| *other -= u8::from(*other > index);
        self.apart.iter_mut().flatten().for_each(shifted);
        Some(self.members.remove(usize::from(index)))
    }

    /// Returns the document under which the book is counted for the quota. There always is one that was pushed.
    fn counted_under(&self) -> Option<&Document> {
        self.pushed().map(|(_, document)| document).min()
    }
}

impl Tables {
    /// Returns the book of a document, with its number. `record` is the document's.
    pub(super) fn book_of(
        &self,
        txn: &RoTxn<'_>,
        key: &DocumentKey<'_>,
        record: Option<&ProgressRecord>,
    ) -> heed::Result<Option<(u32, BookRecord)>> {
        let number = match record {
            Some(record) => record.book,
            None => self.awaited.get(txn, key)?,
        };
        let Some(number) = number else { return Ok(None) };
        let book = self.books.get(txn, &book_key(key.user, number))?;
        // A damaged store may lack the row, or have that of another book there.
        Ok(book.filter(|book| book.index_of(key.document).is_some()).map(|book| (number, book)))
    }

    /// Estimates the bytes of a book that is counted under this document. They include its rows in `awaited`.
    pub(super) fn book_footprint(&self, txn: &RoTxn<'_>, user: UserId, number: u32, under: &str) -> heed::Result<u64> {
        let Some((book, length)) = self.books.measured().get(txn, &book_key(user, number))? else { return Ok(0) };
        let is_such = book.counted_under().is_some_and(|document| document.as_str() == under);
        Ok(if is_such { self.footprint_of_book(user, &book, length) } else { 0 })
    }

    fn footprint_of_book(&self, user: UserId, book: &BookRecord, length: u64) -> u64 {
        let awaited = book.members.iter().filter(|member| member.is_awaited);
        let rows =
            awaited.map(|member| self.awaited.footprint(DocumentKey::new(user, &member.document).len(), AWAITED_LEN));
        self.books.footprint(KEY_LEN, length) + rows.sum::<u64>()
    }

    /// Returns a document's history, newest first.
    pub(super) fn positions(&self, txn: &RoTxn<'_>, record: &ProgressRecord) -> heed::Result<Vec<Progress>> {
        let history = retention::history(txn, self, record.sequence)?;
        Ok(history.into_iter().map(|(_, entry, _)| entry.position).collect())
    }
}

impl WriteTxn<'_, '_> {
    /// Returns a number for a new book of an account.
    pub(super) fn new_book_number(&self, user: UserId) -> Result<u32> {
        let last = self.tables.books.range(self.txn, &book_keys(user))?.last().transpose()?;
        let (key, _) = last.unzip();
        #[allow(clippy::cast_possible_truncation, reason = "the lower half of a key is the number")]
        Ok(key.map_or(1, |key| (key as u32).saturating_add(1)))
    }

    /// Replaces a book's rows, and counts the change. The records of its documents are not changed.
    pub(super) fn put_book(
        &mut self,
        user: UserId,
        number: u32,
        before: Option<&BookRecord>,
        after: Option<&BookRecord>,
    ) -> Result<()> {
        let key = book_key(user, number);
        let awaited = |book: Option<&BookRecord>| -> Vec<Document> {
            let members = book.into_iter().flat_map(|book| &book.members);
            members.filter(|member| member.is_awaited).map(|member| member.document.clone()).collect()
        };
        let (old, new) = (awaited(before), awaited(after));
        for document in old.iter().filter(|document| !new.contains(document)) {
            self.tables.awaited.delete(self.txn, &DocumentKey::new(user, document))?;
        }
        for document in new.iter().filter(|document| !old.contains(document)) {
            self.tables.awaited.put(self.txn, &DocumentKey::new(user, document), &number)?;
        }
        if let Some(before) = before
            && let Some(under) = before.counted_under()
            && let Some((_, length)) = self.tables.books.measured().get(self.txn, &key)?
        {
            let freed = self.tables.footprint_of_book(user, before, length);
            self.count_change(user, under.as_str(), freed, 0);
        }
        let Some(after) = after else {
            self.tables.books.delete(self.txn, &key)?;
            return Ok(());
        };
        self.tables.books.put_measured(self.txn, PutFlags::empty(), &key, after)?;
        if let Some(under) = after.counted_under()
            && let Some((_, length)) = self.tables.books.measured().get(self.txn, &key)?
        {
            let added = self.tables.footprint_of_book(user, after, length);
            self.count_change(user, under.as_str(), 0, added);
        }
        Ok(())
    }

    /// Sets or removes the number of a document's book in its record.
    pub(super) fn set_book(&mut self, user: UserId, document: &Document, number: Option<u32>) -> Result<()> {
        let key = DocumentKey::new(user, document);
        let Some((mut record, length)) = self.tables.progress.measured().get(self.txn, &key)? else { return Ok(()) };
        record.book = number;
        let freed = self.tables.progress.footprint(key.len(), length);
        let added = self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(user, key.document, freed, added);
        Ok(())
    }
}

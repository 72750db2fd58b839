//! Joins that enter a store [I7].

use super::books::MAX_MEMBERS;
use super::keyspace::DocumentKey;
use super::records::{BookRecord, ProgressRecord};
use super::transaction::WriteTxn;
use super::transferred_position::TransferredJoin;
use crate::error::Result;
use crate::model::{Document, Progress, Username};

impl WriteTxn<'_, '_> {
    /// Brings the book of a document up to date, into whose history positions were imported.
    pub(super) fn refresh_book(&mut self, user: &Username, document: &Document) -> Result<()> {
        let Some(owner) = self.tables.users.get(self.txn, user.as_str())? else { return Ok(()) };
        let key = DocumentKey::new(owner.id, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        // Nobody had pushed it until now, if it is in a book of which its record does not know.
        let record = record.filter(|record| record.book.is_some());
        let Some((number, mut book)) = self.tables.book_of(self.txn, &key, record.as_ref())? else { return Ok(()) };
        let before = book.clone();
        let Some((writer, current)) = self.refreshed_state(&owner, &book, document)? else { return Ok(()) };
        for member in book.members.iter_mut().filter(|member| member.document == *document) {
            member.is_awaited = false;
        }
        self.put_book(owner.id, number, Some(&before), None)?;
        self.set_book(owner.id, document, Some(number))?;
        let after = BookRecord::new(book.members, book.apart, writer, current);
        self.put_book(owner.id, number, None, Some(&after))
    }

    /// Returns the entry of a book's current position, if an import renumbers it.
    pub(super) fn book_entry(
        &self,
        key: &DocumentKey<'_>,
        record: Option<&ProgressRecord>,
        removed: &[u64],
    ) -> Result<Option<Progress>> {
        let Some((_, book)) =
            record.map(|record| self.tables.book_of(self.txn, key, Some(record))).transpose()?.flatten()
        else {
            return Ok(None);
        };
        if !removed.contains(&book.sequence) {
            return Ok(None);
        }
        Ok(self.tables.log.get(self.txn, &book.sequence)?.map(|entry| entry.position))
    }

    /// Notes the new number of the entry of a book's current position.
    pub(super) fn renumber_book(
        &mut self,
        key: &DocumentKey<'_>,
        record: Option<&ProgressRecord>,
        sequence: u64,
    ) -> Result<()> {
        let Some((number, before)) = self.tables.book_of(self.txn, key, record)? else { return Ok(()) };
        // A queue is undone within five seconds, and what it would undo may have another number, too.
        let after = BookRecord { sequence, undo: None, undo_writer: None, ..before.clone() };
        self.put_book(key.user, number, Some(&before), Some(&after))
    }

    /// Joins an imported document with its former files, if they are in no other book.
    pub(super) fn import_joins(
        &mut self,
        user: Username,
        document: &Document,
        joined: Vec<TransferredJoin>,
    ) -> Result<()> {
        for other in joined.iter().take(MAX_MEMBERS - 1) {
            let Some(owner) = self.tables.users.get(self.txn, user.as_str())? else { return Ok(()) };
            // All that are in a book with one of the two must come from the same book.
            let is_of_book = |id: &Document| id == document || joined.iter().any(|join| join.document == *id);
            let mut may_be_joined = true;
            let mut are_joined = false;
            for id in [document, &other.document] {
                let key = DocumentKey::new(owner.id, id);
                let record = self.tables.progress.get(self.txn, &key)?;
                // Others follow, and are joined then.
                may_be_joined &= record.is_some() || other.awaited && *id == other.document;
                if let Some((_, book)) = self.tables.book_of(self.txn, &key, record.as_ref())? {
                    may_be_joined &= book.members.iter().all(|member| is_of_book(&member.document));
                    are_joined =
                        book.index_of(document.as_str()).is_some() && book.index_of(other.document.as_str()).is_some();
                }
            }
            if may_be_joined && !are_joined {
                self.join_documents(user.clone(), owner, document.clone(), other.document.clone())?;
            }
            // Two that other documents have joined exchange no places either.
            if may_be_joined && other.apart {
                self.set_apart(&user, document, &other.document)?;
            }
        }
        Ok(())
    }

    /// Notes that XPointers do not carry over between two documents of a book.
    pub(super) fn set_apart(&mut self, user: &Username, document: &Document, other: &Document) -> Result<()> {
        let Some(owner) = self.tables.users.get(self.txn, user.as_str())? else { return Ok(()) };
        let key = DocumentKey::new(owner.id, document);
        let record = self.tables.progress.get(self.txn, &key)?;
        let Some((number, before)) = self.tables.book_of(self.txn, &key, record.as_ref())? else { return Ok(()) };
        let mut after = before.clone();
        if let (Some(one), Some(two)) = (after.index_of(document.as_str()), after.index_of(other.as_str())) {
            after.set_apart(one, two);
            self.put_book(owner.id, number, Some(&before), Some(&after))?;
        }
        Ok(())
    }
}

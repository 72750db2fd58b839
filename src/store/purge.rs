//! Removes documents and, batch by batch, data of deleted accounts and unused contents.

use super::env::unexpected;
use super::keyspace::{DocumentKey, HashKey};
use super::records::{BookRecord, ProgressRecord};
use super::shelf_records::period_keys;
use super::tables::{META_NEXT_SEQUENCE, book_keys};
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, UserId};

/// Log entries and aliases that one purge transaction removes, rounded up to whole documents. Other writes run in between.
const PURGE_BATCH: u32 = 512;

impl WriteTxn<'_, '_> {
    /// Removes up to [`PURGE_BATCH`] log entries of a deleted account, then its other rows. Without such an account, it
    /// removes contents that no file has.
    pub(super) fn purge_batch(&mut self) -> Result<()> {
        let Some((id, ())) = self.tables.pending_purge.all(self.txn)?.next().transpose()? else {
            return self.purge_content();
        };
        let user = UserId(id);
        let mut removed = 0;
        while removed < PURGE_BATCH {
            let Some((document, record)) = self.first_document(user)? else {
                // Nothing is left of aliases, unless a version that does not know them has deleted documents.
                let has_aliases = self.purge_aliases(user, PURGE_BATCH as usize)? > 0;
                if !has_aliases
                    && !self.purge_books(user)?
                    && self.purge_reading_rows(user)?
                    && self.purge_notes(user)?
                    && self.purge_files(user)?
                {
                    self.tables.pending_purge.delete(self.txn, &id)?;
                }
                return Ok(());
            };
            removed += self.remove_document(&DocumentKey::new(user, &document), record.sequence)?;
        }
        Ok(())
    }

    /// Removes up to [`PURGE_BATCH`] joined books of a deleted account. Returns whether there were any.
    fn purge_books(&mut self, user: UserId) -> Result<bool> {
        let books = self.tables.books.range(self.txn, &book_keys(user))?.take(PURGE_BATCH as usize);
        let books: Vec<(u64, BookRecord)> = books.collect::<heed::Result<_>>()?;
        for (key, book) in &books {
            for member in book.members.iter().filter(|member| member.is_awaited) {
                self.tables.awaited.delete(self.txn, &DocumentKey::new(user, &member.document))?;
            }
            self.tables.books.delete(self.txn, key)?;
        }
        Ok(!books.is_empty())
    }

    /// Removes the next rows about a deleted account's books, devices and folded days. Returns whether none
    /// is left.
    fn purge_notes(&mut self, user: UserId) -> Result<bool> {
        let limit = PURGE_BATCH as usize;
        let marks = self.tables.marks.range(self.txn, &DocumentKey::range_of(user))?.take(limit);
        let marks = marks.map(|row| row.map(|(key, _)| key.document.to_owned())).collect::<heed::Result<Vec<_>>>()?;
        let days = self.tables.folded_days.range(self.txn, &period_keys(user))?.take(limit);
        let days = days.map(|row| row.map(|(key, _)| key)).collect::<heed::Result<Vec<_>>>()?;
        let devices = self.tables.devices.range(self.txn, &HashKey::range_of(user))?.take(limit);
        let devices = devices.map(|row| row.map(|(key, _)| key)).collect::<heed::Result<Vec<_>>>()?;
        for document in &marks {
            self.tables.marks.delete(self.txn, &DocumentKey { user, document })?;
        }
        for key in &days {
            self.tables.folded_days.delete(self.txn, key)?;
        }
        for key in &devices {
            self.tables.devices.delete(self.txn, key)?;
        }
        Ok(marks.len().max(days.len()).max(devices.len()) < limit)
    }

    fn first_document(&self, user: UserId) -> Result<Option<(Document, ProgressRecord)>> {
        let range = DocumentKey::range_of(user);
        let Some((key, record)) = self.tables.progress.range(self.txn, &range)?.next().transpose()? else {
            return Ok(None);
        };
        Ok(Some((Document::new(key.document).map_err(unexpected)?, record)))
    }

    /// Removes a document with its aliases and its history, which starts at entry `newest`. Returns how many entries and aliases it had.
    pub(super) fn remove_document(&mut self, key: &DocumentKey<'_>, newest: u64) -> Result<u32> {
        let about = self.tables.documents.size(self.txn, key)?;
        let mut freed = about.footprint + self.tables.progress.size(self.txn, key)?.footprint;
        self.tables.documents.delete(self.txn, key)?;
        self.tables.progress.delete(self.txn, key)?;
        // A sequence number stands for one change for ever, so the log's last number must not be given out again.
        if self.tables.log.last_key(self.txn)? == Some(newest) {
            self.tables.meta.put(self.txn, META_NEXT_SEQUENCE, self.next_sequence)?;
        }
        let (mut removed, aliases) = self.remove_aliases(key)?;
        freed += aliases;
        let mut next = Some(newest);
        while let Some(sequence) = next {
            let Some((entry, bytes)) = self.tables.log.measured().get(self.txn, &sequence)? else { break };
            next = entry.previous;
            self.tables.log.delete(self.txn, &sequence)?;
            removed += 1;
            freed += self.tables.log.entry_footprint(bytes);
        }
        self.count_change(key.user, key.document, freed, 0);
        Ok(removed)
    }
}

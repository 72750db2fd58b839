//! Removing documents, and, batch by batch, all data of deleted accounts and contents that no file has.

use super::env::unexpected;
use super::keyspace::DocumentKey;
use super::records::ProgressRecord;
use super::tables::META_NEXT_SEQUENCE;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, UserId};

/// Log entries that one purge transaction removes, rounded up to whole documents. Other writes run in between.
const PURGE_BATCH: u32 = 512;

impl WriteTxn<'_, '_> {
    /// Removes up to [`PURGE_BATCH`] log entries of one deleted account, then its reading times, its files, its mark; or contents that no file has.
    pub(super) fn purge_batch(&mut self) -> Result<()> {
        let Some((id, ())) = self.tables.pending_purge.all(self.txn)?.next().transpose()? else {
            return self.purge_content();
        };
        let user = UserId(id);
        let mut removed = 0;
        while removed < PURGE_BATCH {
            let Some((document, record)) = self.first_document(user)? else {
                if self.purge_reading_rows(user)? && self.purge_files(user)? {
                    self.tables.pending_purge.delete(self.txn, &id)?;
                }
                return Ok(());
            };
            removed += self.remove_document(&DocumentKey::new(user, &document), record.sequence)?;
        }
        Ok(())
    }

    fn first_document(&self, user: UserId) -> Result<Option<(Document, ProgressRecord)>> {
        let range = DocumentKey::range_of(user);
        let Some((key, record)) = self.tables.progress.range(self.txn, &range)?.next().transpose()? else {
            return Ok(None);
        };
        Ok(Some((Document::new(key.document).map_err(unexpected)?, record)))
    }

    /// Removes a document with its history, which starts at entry `newest`. Returns how many entries it had.
    pub(super) fn remove_document(&mut self, key: &DocumentKey<'_>, newest: u64) -> Result<u32> {
        let about = self.tables.documents.size(self.txn, key)?;
        let mut freed = about.footprint + self.tables.progress.size(self.txn, key)?.footprint;
        self.tables.documents.delete(self.txn, key)?;
        self.tables.progress.delete(self.txn, key)?;
        // A sequence number stands for one change for ever, so the log's last number must not be given out again.
        if self.tables.log.last_key(self.txn)? == Some(newest) {
            self.tables.meta.put(self.txn, META_NEXT_SEQUENCE, self.next_sequence)?;
        }
        let mut removed = 0;
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

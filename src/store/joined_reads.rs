//! Reads of joined documents: their histories as that of one book [I7].

use super::handle::Store;
use super::keyspace::DocumentKey;
use super::packed::Packed;
use super::reads::{HistoryEntry, SliceLimit};
use super::records::LogLink;
use crate::error::Result;
use crate::model::{Document, UserId};

impl Store {
    /// Returns the sequence numbers of a document's history, newest first.
    pub(crate) fn history_sequences(&self, user: UserId, document: &Document) -> Result<Vec<u64>> {
        self.read(|txn, tables| {
            let record = tables.progress.get(txn, &DocumentKey::new(user, document))?;
            let links = tables.log.with_values::<Packed<LogLink>>();
            let (mut sequences, mut next) = (Vec::new(), record.map(|record| record.sequence));
            while let Some(sequence) = next {
                let Some(link) = links.get(txn, &sequence)? else { break };
                sequences.push(sequence);
                next = link.previous;
            }
            Ok(sequences)
        })
    }

    /// Returns the positions of the next of these sequence numbers, up to a limit.
    pub(crate) fn history_at(
        &self,
        user: UserId,
        sequences: &mut impl Iterator<Item = u64>,
        mut limit: SliceLimit,
    ) -> Result<Vec<(Document, HistoryEntry)>> {
        let log = self.inner.tables.log.measured();
        self.read(|txn, _| {
            let mut entries = Vec::new();
            while !limit.is_reached()
                && let Some(sequence) = sequences.next()
            {
                let Some((entry, bytes)) = log.get(txn, &sequence)? else { continue };
                limit.take(bytes);
                if entry.user == user {
                    entries.push((entry.document.clone(), HistoryEntry::new(sequence, entry)));
                }
            }
            Ok(entries)
        })
    }
}

//! Reads of joined documents as one book: their histories, and their ids [I7].

use super::handle::Store;
use super::joined::JoinedBook;
use super::keyspace::DocumentKey;
use super::log_time::LogTime;
use super::packed::Packed;
use super::reads::{DocumentEntry, HistoryEntry, SliceLimit};
use crate::error::Result;
use crate::model::{Document, Progress, UserId};

impl Store {
    /// Returns the book of a file that no device has pushed yet.
    pub(crate) fn awaited_in(&self, user: UserId, document: &Document) -> Result<Option<JoinedBook>> {
        self.read(|txn, tables| {
            let Some((_, book)) = tables.book_of(txn, &DocumentKey::new(user, document), None)? else {
                return Ok(None);
            };
            Ok(tables.joined_book(txn, user, book)?.map(|(book, _)| book))
        })
    }

    /// Returns the position of a document in a list: the one that a pull gets. One that was started over is at 0 %, without a place.
    pub(crate) fn listed_position(&self, user: UserId, entry: &DocumentEntry) -> Result<Progress> {
        let pulled = if entry.is_as_pulled() { None } else { self.progress(user, &entry.document)? };
        Ok(pulled.unwrap_or_else(|| match entry.shared_sequence() {
            None => entry.shared().clone(),
            Some(_) => entry.progress.clone(),
        }))
    }

    /// Returns the times and sequence numbers of a document's history, newest first.
    pub(crate) fn history_times(&self, user: UserId, document: &Document) -> Result<Vec<(u64, u64)>> {
        self.read(|txn, tables| {
            let record = tables.progress.get(txn, &DocumentKey::new(user, document))?;
            let entries = tables.log.with_values::<Packed<LogTime>>();
            let (mut times, mut next) = (Vec::new(), record.map(|record| record.sequence));
            while let Some(sequence) = next {
                let Some(LogTime { position, previous }) = entries.get(txn, &sequence)? else { break };
                times.push((position.timestamp, sequence));
                next = previous;
            }
            Ok(times)
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

    /// Returns all ids of a book: those of its documents, the given one first, then their other ids.
    pub(crate) fn ids_of_book(&self, user: UserId, entry: &DocumentEntry) -> Result<Vec<Document>> {
        let others = entry.joined.iter().flat_map(|book| book.others(&entry.document));
        let mut ids: Vec<Document> =
            [entry.document.clone()].into_iter().chain(others.map(|joined| joined.document.clone())).collect();
        let documents = ids.clone();
        self.read(|txn, tables| {
            for document in &documents {
                for alias in tables.aliases_of(txn, &DocumentKey::new(user, document))? {
                    // A document of the same id precedes it.
                    if tables.meant_document(txn, user, &alias)?.as_ref() == Some(document) {
                        ids.push(alias);
                    }
                }
            }
            Ok(())
        })?;
        Ok(ids)
    }
}

//! Reads joined documents in a transaction: what a pull answers, and which documents are one book [I7].

use heed::RoTxn;

use super::books::MAX_MEMBERS;
use super::current::Current;
use super::keyspace::DocumentKey;
use super::other_copy::{OwnFile, answer, is_same_place};
use super::records::{BookRecord, DocumentRecord, ProgressRecord};
use super::retention::StoredPast;
use super::tables::Tables;
use crate::model::{Document, LocatorKind, Metadata, Progress, UserId, md5_digits};

/// Positions of other files that a pull looks through, at most.
const MAX_LOOKED_THROUGH: usize = 600;

/// A document that is joined with others.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JoinedDocument {
    /// The document's id.
    pub document: Document,
    /// The metadata that clients sent.
    pub metadata: Metadata,
    /// The name that the user gave it.
    pub name: Option<String>,
    /// Whether it was never pushed.
    pub is_awaited: bool,
}

/// The book that a document is a file of.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct JoinedBook {
    /// All documents of the book, in the order in which they were joined.
    pub documents: Vec<JoinedDocument>,
    /// The current position, which they share.
    pub position: Progress,
    /// Sequence number of that position. `None` if the book was started over, and no reader has moved since.
    pub current: Option<u64>,
    /// The document that the book's current position was pushed for.
    pub written_for: Document,
}

impl JoinedBook {
    /// Returns the documents but one.
    pub fn others(&self, document: &Document) -> impl Iterator<Item = &JoinedDocument> {
        self.documents.iter().filter(move |joined| joined.document != *document)
    }
}

impl Tables {
    /// Returns the state of a document's current position. That of older data is derived from the history.
    pub(super) fn current(&self, txn: &RoTxn<'_>, record: ProgressRecord) -> heed::Result<Current> {
        let ProgressRecord { position, sequence, state, identifiers, .. } = record;
        match state {
            Some(state) => Ok(state.into_current(position, sequence, identifiers)),
            None => {
                let past = StoredPast { txn, tables: self, newest: sequence };
                Ok(Current { identifiers, ..Current::derive(position, sequence, &past)? })
            }
        }
    }

    /// Returns the current position of a document by itself, unless it was started over.
    pub(super) fn own_position(&self, txn: &RoTxn<'_>, record: &ProgressRecord) -> heed::Result<Option<Progress>> {
        if record.lacks_locator() {
            return Ok(Some(self.current(txn, record.clone())?.position));
        }
        Ok((!record.is_started_over()).then(|| record.position.clone()))
    }

    /// Returns the position that a pull of a document gets.
    pub(super) fn pulled_position(&self, txn: &RoTxn<'_>, key: &DocumentKey<'_>) -> heed::Result<Option<Progress>> {
        let record = self.progress.get(txn, key)?;
        let own_position = || record.as_ref().map_or(Ok(None), |record| self.own_position(txn, record));
        let Some((_, book)) = self.book_of(txn, key, record.as_ref())? else { return own_position() };
        let Some(own) = book.index_of(key.document) else { return Ok(None) };
        if book.started_over.is_some() {
            return Ok(None);
        }
        if own == book.writer && book.borrowed.is_none() {
            return Ok(Some(book.position));
        }
        let history = record.as_ref().map(|record| self.positions(txn, record)).transpose()?.unwrap_or_default();
        let filename = self.filename(txn, key, &book)?;
        let current = own_position()?;
        let file = OwnFile { history: &history, current: current.as_ref(), filename: filename.as_deref() };
        if own == book.writer {
            // Its device sent no locator [C5].
            let progress = file.nearest_locator(book.position.percentage).unwrap_or_default().to_owned();
            return Ok(Some(Progress { progress, ..book.position }));
        }
        answer(file, &book.position, || self.carried_over(txn, key.user, &book, own))
    }

    /// Returns XPointers near the current position that may be sent to a file: those of files with which it exchanges them.
    fn carried_over(&self, txn: &RoTxn<'_>, user: UserId, book: &BookRecord, own: u8) -> heed::Result<Vec<Progress>> {
        let is_such = |position: &Progress| LocatorKind::of(&position.progress) == Some(LocatorKind::XPointer);
        if book.carries_over(own, book.writer) && is_such(&book.position) {
            return Ok(vec![book.position.clone()]);
        }
        let (mut found, mut left) = (Vec::new(), MAX_LOOKED_THROUGH);
        for (index, document) in book.pushed() {
            if index == own || !book.carries_over(own, index) {
                continue;
            }
            let record = self.progress.get(txn, &DocumentKey::new(user, document))?;
            let mut next = record.map(|record| record.sequence);
            while let Some(sequence) = next.filter(|_| left > 0) {
                let Some(entry) = self.log.get(txn, &sequence)? else { break };
                next = entry.previous;
                left -= 1;
                if is_such(&entry.position) && is_same_place(entry.position.percentage, book.position.percentage) {
                    found.push(entry.position);
                }
            }
        }
        Ok(found)
    }

    /// Returns the name of a joined file. A document that was never pushed may have an id that is the MD5 of a name [I6].
    fn filename(&self, txn: &RoTxn<'_>, key: &DocumentKey<'_>, book: &BookRecord) -> heed::Result<Option<String>> {
        let own = self.documents.get(txn, key)?.and_then(|about| about.metadata.filename);
        if own.is_some() {
            return Ok(own);
        }
        for (_, document) in book.pushed() {
            let about = self.documents.get(txn, &DocumentKey::new(key.user, document))?;
            let filename = about.and_then(|about| about.metadata.filename);
            if let Some(filename) = filename.filter(|name| md5_digits(name.as_bytes()) == key.document) {
                return Ok(Some(filename));
            }
        }
        Ok(None)
    }

    /// Returns the book of a joined document, and the bytes that were read.
    pub(super) fn joined_with(
        &self,
        txn: &RoTxn<'_>,
        key: &DocumentKey<'_>,
        record: &ProgressRecord,
    ) -> heed::Result<Option<(JoinedBook, u64)>> {
        if record.book.is_none() {
            return Ok(None);
        }
        match self.book_of(txn, key, Some(record))? {
            Some((_, book)) => self.joined_book(txn, key.user, book),
            None => Ok(None),
        }
    }

    /// Describes the documents of a book, and returns the bytes that were read.
    pub(super) fn joined_book(
        &self,
        txn: &RoTxn<'_>,
        user: UserId,
        book: BookRecord,
    ) -> heed::Result<Option<(JoinedBook, u64)>> {
        let Some(written_for) = book.writer().cloned() else { return Ok(None) };
        let (mut documents, mut bytes) = (Vec::new(), 0);
        for member in book.members.iter().take(MAX_MEMBERS) {
            let key = DocumentKey::new(user, &member.document);
            let (about, length) = self.documents.measured().get(txn, &key)?.unwrap_or_default();
            let DocumentRecord { metadata, name } = about;
            bytes += length;
            let (document, is_awaited) = (member.document.clone(), member.is_awaited);
            documents.push(JoinedDocument { document, metadata, name, is_awaited });
        }
        let current = book.started_over.is_none().then_some(book.sequence);
        Ok(Some((JoinedBook { documents, position: book.position, current, written_for }, bytes)))
    }
}

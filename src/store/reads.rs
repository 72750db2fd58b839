//! Reads: accounts, documents, positions and histories.

use std::ops::Bound;

use super::env::unexpected;
use super::handle::Store;
use super::joined::JoinedBook;
use super::keyspace::{DocumentKey, Measured};
use super::packed::Packed;
use super::records::{DocumentRecord, LogOwner, LogRecord, ProgressRecord, PulledPosition};
use super::shelf_records::FoldedHistory;
use super::tables::META_INSTANCE;
use crate::error::Result;
use crate::model::{Document, Metadata, Progress, PushEffect, User, UserId, Username};

/// A document of an account: its current position, and what is known about it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DocumentEntry {
    /// The document's id.
    pub document: Document,
    /// The document's own current position; see [`DocumentEntry::shared`]. In one that was started over, 0 % by
    /// [`START_OVER_DEVICE`](crate::START_OVER_DEVICE).
    pub progress: Progress,
    /// Sequence number of the newest position of the history.
    pub sequence: u64,
    /// Sequence number of the current position. `None` if the document was started over, and no reader has moved since.
    pub current: Option<u64>,
    /// The metadata that clients sent.
    pub metadata: Metadata,
    /// The name that the user gave the document.
    pub name: Option<String>,
    /// The book that the document is a file of, if it is joined with others.
    pub joined: Option<JoinedBook>,
    /// What is left of positions that are gone from the history.
    pub(crate) folded: FoldedHistory,
}

impl DocumentEntry {
    fn new(document: Document, record: ProgressRecord, about: DocumentRecord, joined: Option<JoinedBook>) -> Self {
        let current = (!record.is_started_over()).then(|| record.current_sequence());
        let ProgressRecord { position, sequence, folded, .. } = record;
        let DocumentRecord { metadata, name } = about;
        let folded = folded.unwrap_or_default();
        Self { document, progress: position, sequence, current, metadata, name, joined, folded }
    }

    /// Returns the current position of the book: the document's own, or the one that joined documents share.
    pub fn shared(&self) -> &Progress {
        self.joined.as_ref().map_or(&self.progress, |book| &book.position)
    }

    /// Returns the sequence number of that position. `None` if the book was started over, and no reader has moved since.
    pub fn shared_sequence(&self) -> Option<u64> {
        self.joined.as_ref().map_or(self.current, |book| book.current)
    }

    /// Returns whether a pull gets `progress` as it is here. Joined documents share another, and an empty place may be looked for.
    pub(crate) fn is_as_pulled(&self) -> bool {
        self.joined.is_none() && !self.progress.progress.is_empty()
    }

    /// Returns whether the document stands for its book in a list. Of joined documents, one does.
    pub fn is_listed(&self) -> bool {
        self.joined.as_ref().is_none_or(|book| book.written_for == self.document)
    }
}

/// One position of a document's history.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct HistoryEntry {
    /// Its sequence number. Numbers grow, with gaps.
    pub sequence: u64,
    /// The position, with the time at which it was written.
    pub progress: Progress,
    /// Number of pushes this entry counts: its own, those of the same day and device that were thinned away, and those by which the device
    /// held the position.
    pub pushes: u32,
    /// What it did to the current position.
    pub effect: PushEffect,
    /// Those of `pushes` by which the device held the position: they have no number of their own, and their reader did not move.
    pub(crate) repeats: u32,
}

impl HistoryEntry {
    pub(super) fn new(sequence: u64, entry: LogRecord) -> Self {
        let (effect, repeats) = (entry.shared_effect(), entry.repeats());
        let pushes = entry.pushes.saturating_add(repeats);
        Self { sequence, progress: entry.position, pushes, effect, repeats }
    }
}

/// A part of the log, as one account sees it.
pub(crate) struct PushesSlice {
    /// The account's entries, oldest first.
    pub(crate) entries: Vec<(Document, HistoryEntry)>,
    /// The last entry that was looked at, of any account.
    pub(crate) last: u64,
}

/// How much one read returns at most: rows, and bytes as stored. It returns one row at least, if there is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SliceLimit {
    pub(crate) rows: usize,
    pub(crate) bytes: usize,
}

impl SliceLimit {
    pub(super) fn is_reached(&self) -> bool {
        self.rows == 0 || self.bytes == 0
    }

    /// Counts a row, and returns its bytes.
    pub(super) fn take(&mut self, bytes: u64) -> usize {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        self.rows = self.rows.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(bytes);
        bytes
    }
}

impl Store {
    /// Returns the account of exactly that name.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn user(&self, name: &Username) -> Result<Option<User>> {
        let record = self.read(|txn, tables| tables.users.get(txn, name.as_str()))?;
        Ok(record.map(|record| record.into_user(name.clone())))
    }

    /// Returns the account that a name means at a login: the exact name, else the account that answers to any spelling of it.
    ///
    /// Accounts do the latter if they moved in from a server that ignores case.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn find_user(&self, name: &Username) -> Result<Option<User>> {
        let found = self.read(|txn, tables| tables.find_account(txn, name))?;
        Ok(found.map(|(name, record)| record.into_user(name)))
    }

    /// Returns all accounts, ordered by name.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn users(&self) -> Result<Vec<User>> {
        let rows = self.read(|txn, tables| {
            let rows = tables.users.all(txn)?;
            rows.map(|row| row.map(|(name, record)| (name.to_owned(), record))).collect::<heed::Result<Vec<_>>>()
        })?;
        rows.into_iter().map(|(name, record)| Ok(record.into_user(Username::new(&name).map_err(unexpected)?))).collect()
    }

    /// Returns up to `limit` accounts, ordered by name, starting behind `after`.
    pub(crate) fn users_slice(&self, after: Option<&Username>, limit: usize) -> Result<Vec<User>> {
        let rows = self.read(|txn, tables| {
            let rows = tables.users.after(txn, after.map(Username::as_str))?.take(limit);
            rows.map(|row| row.map(|(name, record)| (name.to_owned(), record))).collect::<heed::Result<Vec<_>>>()
        })?;
        rows.into_iter().map(|(name, record)| Ok(record.into_user(Username::new(&name).map_err(unexpected)?))).collect()
    }

    /// Returns the current position of a user in a document, as a pull gets it. There is none in one that was started over, until a reader
    /// moves.
    ///
    /// Of joined documents, each gets the position that they share, with a locator of its own if it has one there.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn progress(&self, user: UserId, document: &Document) -> Result<Option<Progress>> {
        self.read(|txn, tables| {
            let key = DocumentKey::new(user, document);
            match tables.progress.with_values::<Packed<PulledPosition>>().get(txn, &key)? {
                Some(pulled) if pulled.book.is_none() && !pulled.lacks_locator() => Ok(pulled.into_position()),
                _ => tables.pulled_position(txn, &key),
            }
        })
    }

    /// Returns up to `limit` documents of a user, ordered by id, starting behind `after`.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn documents(&self, user: UserId, after: Option<&Document>, limit: usize) -> Result<Vec<DocumentEntry>> {
        self.documents_slice(user, after, SliceLimit { rows: limit, bytes: usize::MAX })
    }

    /// Like [`Store::documents`], with a limit of bytes as well.
    pub(crate) fn documents_slice(
        &self,
        user: UserId,
        after: Option<&Document>,
        mut limit: SliceLimit,
    ) -> Result<Vec<DocumentEntry>> {
        let rows = self.read(|txn, tables| {
            let mut rows = Vec::new();
            let all = DocumentKey::range_of(user);
            let first =
                after.map_or(Bound::Included(all.start), |after| Bound::Excluded(DocumentKey::new(user, after)));
            for row in tables.progress.measured().range(txn, &(first, Bound::Excluded(all.end)))? {
                if limit.is_reached() {
                    break;
                }
                let (key, (record, bytes)) = row?;
                let (about, about_bytes) = tables.documents.measured().get(txn, &key)?.unwrap_or_default();
                let (joined, joined_bytes) = tables.joined_with(txn, &key, &record)?.unzip();
                limit.take(bytes + about_bytes + joined_bytes.unwrap_or(0));
                rows.push((key.document.to_owned(), record, about, joined));
            }
            Ok(rows)
        })?;
        let entry = |(id, record, about, joined): (String, _, _, _)| {
            Ok(DocumentEntry::new(Document::new(&id).map_err(unexpected)?, record, about, joined))
        };
        rows.into_iter().map(entry).collect()
    }

    /// Returns one document of a user.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn document(&self, user: UserId, document: &Document) -> Result<Option<DocumentEntry>> {
        let found = self.read(|txn, tables| {
            let key = DocumentKey::new(user, document);
            let Some(record) = tables.progress.get(txn, &key)? else { return Ok(None) };
            let joined = tables.joined_with(txn, &key, &record)?.map(|(joined, _)| joined);
            Ok(Some((record, tables.documents.get(txn, &key)?.unwrap_or_default(), joined)))
        })?;
        Ok(found.map(|(record, about, joined)| DocumentEntry::new(document.clone(), record, about, joined)))
    }

    /// Returns the last `limit` positions of a user in a document, the newest first.
    ///
    /// A history keeps all positions of the last 48 hours, then each device's last position of each day in the server's time zone, 400
    /// in all. It is thinned when it has grown by half, so it may hold up to 600.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn history(&self, user: UserId, document: &Document, limit: usize) -> Result<Vec<HistoryEntry>> {
        let limit = SliceLimit { rows: limit, bytes: usize::MAX };
        self.history_slice(user, document, None, limit).map(|(history, _)| history)
    }

    /// Returns a part of a document's history, newest first, and its length in bytes: entries older than that with number `before`.
    pub(crate) fn history_slice(
        &self,
        user: UserId,
        document: &Document,
        before: Option<u64>,
        mut limit: SliceLimit,
    ) -> Result<(Vec<HistoryEntry>, usize)> {
        let log = self.inner.tables.log.measured();
        let is_of = |entry: &LogRecord| entry.user == user && entry.document == *document;
        self.read(|txn, tables| {
            let known = before.map(|before| tables.log.get(txn, &before)).transpose()?.flatten().filter(is_of);
            let mut next = match (before, known) {
                (Some(_), Some(entry)) => entry.previous,
                // The entry was thinned away in the meantime: the others are still linked.
                _ => tables.progress.get(txn, &DocumentKey::new(user, document))?.map(|record| record.sequence),
            };
            let (mut entries, mut total) = (Vec::new(), 0);
            while let Some(sequence) = next.filter(|_| !limit.is_reached()) {
                let Some((entry, bytes)) = log.get(txn, &sequence)? else { break };
                next = entry.previous;
                if before.is_some_and(|before| sequence >= before) {
                    continue;
                }
                total += limit.take(bytes);
                entries.push(HistoryEntry::new(sequence, entry));
            }
            Ok((entries, total))
        })
    }

    /// Returns a user's entries of the log behind `after`, up to and including `last`. Entries of others count towards the limit, too.
    pub(crate) fn pushes_slice(
        &self,
        user: UserId,
        after: u64,
        last: u64,
        mut limit: SliceLimit,
    ) -> Result<PushesSlice> {
        self.read(|txn, tables| {
            let mut slice = PushesSlice { entries: Vec::new(), last };
            let range = (Bound::Excluded(after), Bound::Included(last));
            for row in tables.log.with_values::<Measured<Packed<LogOwner>>>().range(txn, &range)? {
                let (sequence, (owner, bytes)) = row?;
                if owner.user == user
                    && let Some(entry) = tables.log.get(txn, &sequence)?
                {
                    slice.entries.push((entry.document.clone(), HistoryEntry::new(sequence, entry)));
                }
                limit.take(bytes);
                if limit.is_reached() {
                    slice.last = sequence;
                    break;
                }
            }
            Ok(slice)
        })
    }

    /// Returns the documents of these sequence numbers, and how many numbers were looked up.
    ///
    /// Documents that the log or the account has no more are left out.
    pub(crate) fn documents_of_pushes(
        &self,
        user: UserId,
        sequences: impl Iterator<Item = u64>,
        mut limit: SliceLimit,
    ) -> Result<(Vec<DocumentEntry>, usize)> {
        let owners = self.inner.tables.log.with_values::<Measured<Packed<LogOwner>>>();
        self.read(|txn, tables| {
            let (mut entries, mut count) = (Vec::new(), 0);
            for sequence in sequences {
                if limit.is_reached() {
                    break;
                }
                count += 1;
                let (owner, log_bytes) = owners.get(txn, &sequence)?.unzip();
                limit.take(log_bytes.unwrap_or(0));
                let Some(LogOwner { document, .. }) = owner.filter(|owner| owner.user == user) else { continue };
                let key = DocumentKey::new(user, &document);
                let Some((record, bytes)) = tables.progress.measured().get(txn, &key)? else { continue };
                let (about, about_bytes) = tables.documents.measured().get(txn, &key)?.unwrap_or_default();
                let (joined, joined_bytes) = tables.joined_with(txn, &key, &record)?.unzip();
                let bytes = usize::try_from(bytes + about_bytes + joined_bytes.unwrap_or(0)).unwrap_or(usize::MAX);
                limit.bytes = limit.bytes.saturating_sub(bytes);
                entries.push(DocumentEntry::new(document, record, about, joined));
            }
            Ok((entries, count))
        })
    }

    /// Returns the sequence number of the last push in the log, by any process. Returns 0 if there is none.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn last_sequence(&self) -> Result<u64> {
        self.read(|txn, tables| Ok(tables.log.last_key(txn)?.unwrap_or(0)))
    }

    /// Returns a random number that tells this store from others. A backup has the same.
    ///
    /// The first call creates it.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already or the write queue is full,
    /// `StoreClosed` once the store has stopped. The first call also: `NoSpace` or `DiskWrite` if the disk does not take the number,
    /// `DataDirReplaced` if the data directory was deleted or replaced.
    pub async fn instance_id(&self) -> Result<u64> {
        // Read first: most calls find it, also where nothing can be written.
        if let Some(id) = self.read(|txn, tables| tables.meta.get(txn, META_INSTANCE))? {
            return Ok(id);
        }
        self.inner.writer.run(|write| write.instance_id()).await
    }
}

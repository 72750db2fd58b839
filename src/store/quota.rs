//! The quota of accounts: counting what they have, refusing what is too much, and thinning histories to make room.

use std::ops::Bound;

use heed::PutFlags;

use super::env::unexpected;
use super::handle::Store;
use super::keyspace::{DocumentKey, Measured};
use super::packed::Packed;
use super::reads::SliceLimit;
use super::records::{BookRecord, ProgressRecord, ProgressSize, UserRecord};
use super::removed_positions::folded_after;
use super::retention::{self, Thinned};
use super::tables::book_key;
use super::transaction::WriteTxn;
use super::usage::{QuotaExceeded, Thinning, Usage};
use crate::error::{Error, Result};
use crate::model::{Document, User, UserId};

/// Rows and bytes that are read before a push of an uncounted or thinned account: well below a millisecond.
const SLICE: SliceLimit = SliceLimit { rows: 256, bytes: 256 << 10 };
/// Slices before a push of an account far beyond its quota. So thinning is faster than pushing.
const SLICES_IF_FAR_BEYOND: usize = 8;
/// Slices after which counting gives up, because other processes write all the time.
const MAX_SLICES: usize = 100_000;
/// Positions of each document that are kept, pass by pass, until there is room. The oldest go first.
const LEVELS: [u32; 4] = [100, 25, 6, 1];

impl Store {
    /// Returns how much an account has stored. Counts it first, if its count is not known.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Busy`, `DataDirReplaced`, `StoreClosed` or `Store`, as for a write.
    pub(crate) async fn usage(&self, user: &User) -> Result<Usage> {
        let (id, documents) = (user.id, user.documents);
        for _ in 0..MAX_SLICES {
            let counted = self.inner.writer.run(move |write| write.count_usage(id)).await?;
            if let Some(bytes) = counted {
                return Ok(Usage { documents, bytes });
            }
        }
        Err(Error::Busy)
    }
}

impl WriteTxn<'_, '_> {
    /// Counts the next slice of an account that is not counted yet. Returns its bytes once all are counted.
    pub(super) fn count_usage(&mut self, user: UserId) -> Result<Option<u64>> {
        let account = self.limits.usage.account(user);
        let Some(after) = account.counting.clone() else { return Ok(Some(account.bytes)) };
        let (mut left, mut bytes, mut last) = (SLICE, 0, None);
        let has_aliases = self.tables.has_aliases(self.txn, user)?;
        for row in self.sizes(user, after.as_ref())? {
            if left.is_reached() {
                break;
            }
            let (key, (size, length)) = row?;
            let history = match size.bytes {
                Some(bytes) => bytes,
                None => retention::history_bytes(self.txn, &self.tables, size.sequence)?,
            };
            let title = self.tables.documents.size(self.txn, &key)?.footprint;
            let book = match size.book {
                Some(number) => self.tables.book_footprint(self.txn, user, number, key.document)?,
                None => 0,
            };
            left.take(length + if size.bytes.is_none() { history } else { 0 });
            if has_aliases {
                let aliases = self.tables.aliases_of(self.txn, &key)?;
                left.take(aliases.iter().map(|alias| alias.as_str().len() as u64).sum());
                bytes += self.tables.alias_footprint(&key, &aliases)?;
            }
            bytes += self.tables.progress.footprint(key.len(), length) + history + title + book;
            last = Some(Document::new(key.document).map_err(unexpected)?);
        }
        let account = self.limits.usage.account(user);
        account.bytes += bytes;
        account.counting = left.is_reached().then_some(last);
        Ok(account.counting.is_none().then_some(account.bytes))
    }

    /// Returns the sizes of an account's documents behind `after`.
    #[allow(clippy::type_complexity, reason = "it is heed's iterator")]
    fn sizes<'txn>(
        &'txn self,
        user: UserId,
        after: Option<&Document>,
    ) -> Result<impl Iterator<Item = heed::Result<(DocumentKey<'txn>, (ProgressSize, u64))>> + use<'txn>> {
        let all = DocumentKey::range_of(user);
        let first = after.map_or(Bound::Included(all.start), |after| Bound::Excluded(DocumentKey::new(user, after)));
        let sizes = self.tables.progress.with_values::<Measured<Packed<ProgressSize>>>();
        Ok(sizes.range(self.txn, &(first, Bound::Excluded(all.end)))?)
    }

    /// Counts a change of a document's rows.
    pub(super) fn count_change(&mut self, user: UserId, document: &str, freed: u64, added: u64) {
        self.touched.push(user);
        let max = self.limits.quota.max_bytes;
        self.limits.usage.change(user, document, freed, added, max);
    }

    /// Returns why an account may have no other document.
    pub(super) fn check_new_document(&mut self, owner: &UserRecord) -> Option<QuotaExceeded> {
        if owner.documents >= self.limits.quota.max_documents {
            Some(QuotaExceeded::Documents)
        } else if self.limits.disk.is_low() {
            Some(QuotaExceeded::FreeDisk)
        } else {
            None
        }
    }

    /// Thins the histories of an account beyond its quota, until it is an eighth below. It works in slices.
    pub(super) fn make_room(&mut self, owner: &UserRecord) -> Result<()> {
        let user = owner.id;
        let max = self.limits.quota.max_bytes;
        let account = self.limits.usage.account(user);
        if account.thinning.is_none() {
            if account.bytes <= max || account.is_full {
                return Ok(());
            }
            account.thinning = Some(Thinning::default());
        }
        let slices = if account.bytes > max.saturating_add(max / 4) { SLICES_IF_FAR_BEYOND } else { 1 };
        for _ in 0..slices {
            self.thin_slice(owner)?;
        }
        Ok(())
    }

    fn thin_slice(&mut self, owner: &UserRecord) -> Result<()> {
        let user = owner.id;
        let max = self.limits.quota.max_bytes;
        let mut left = SLICE;
        while let Some(Thinning { level, after }) = self.limits.usage.account(user).thinning.clone()
            && !left.is_reached()
        {
            let (mut long, mut last) = (Vec::new(), after.clone());
            for row in self.sizes(user, after.as_ref())? {
                if left.is_reached() {
                    break;
                }
                let (key, (size, length)) = row?;
                let document = Document::new(key.document).map_err(unexpected)?;
                left.take(length);
                if size.entries > LEVELS[level] {
                    left.take(size.bytes.unwrap_or(0));
                    long.push(document.clone());
                }
                last = Some(document);
            }
            for document in long {
                self.thin_document(owner, &document, LEVELS[level])?;
            }
            let account = self.limits.usage.account(user);
            let has_room = account.bytes <= max - max / 8;
            account.thinning = if has_room {
                None
            } else if left.is_reached() {
                Some(Thinning { level, after: last })
            } else if level + 1 < LEVELS.len() {
                Some(Thinning { level: level + 1, after: None })
            } else {
                account.is_full = account.bytes > max;
                None
            };
        }
        Ok(())
    }

    fn thin_document(&mut self, owner: &UserRecord, document: &Document, keep: u32) -> Result<()> {
        let user = owner.id;
        let key = DocumentKey::new(user, document);
        let Some((mut record, length)) = self.tables.progress.measured().get(self.txn, &key)? else { return Ok(()) };
        let freed = self.tables.progress.footprint(key.len(), length) + self.history_bytes(&record)?;
        self.thin_history(owner, &mut record, keep)?;
        let row = self.tables.progress.put_measured(self.txn, PutFlags::empty(), &key, &record)?;
        self.count_change(user, key.document, freed, row + record.bytes.unwrap_or(0));
        Ok(())
    }

    /// Thins a document's history to `keep` entries at most, and notes what is gone. The caller stores the record.
    pub(super) fn thin_history(&mut self, owner: &UserRecord, record: &mut ProgressRecord, keep: u32) -> Result<()> {
        let days = self.days_of(owner);
        let book =
            record.book.map(|number| self.tables.books.get(self.txn, &book_key(owner.id, number))).transpose()?;
        let pinned: Vec<u64> = book.flatten().iter().flat_map(BookRecord::pinned).collect();
        let others = self.histories_of_others(owner.id, record)?;
        let Thinned { entries, bytes, removed } =
            retention::thin(self.txn, &self.tables, record, (&others, &pinned), self.now, &days, keep)?;
        record.entries = entries;
        record.thinned = entries;
        record.bytes = Some(bytes);
        record.folded = folded_after(record.folded.take(), &removed);
        self.fold(owner.id, &removed)
    }

    /// Returns the footprint of a document's history.
    pub(super) fn history_bytes(&self, record: &ProgressRecord) -> Result<u64> {
        match record.bytes {
            Some(bytes) => Ok(bytes),
            None => Ok(retention::history_bytes(self.txn, &self.tables, record.sequence)?),
        }
    }
}

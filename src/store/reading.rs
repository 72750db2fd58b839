//! Rows that were computed from the files of accounts: reading times and highlights. They can be computed again, so they are in no
//! export, and a failed write loses nothing.
//!
//! What a row says is up to `library::reading`; here it is bytes under an account, a kind and a name.

use std::ops::Bound;

use super::handle::Store;
use super::reading_rows::{ReadingKey, ReadingKind};
use super::reads::SliceLimit;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Event, User, UserId};

/// Rows that one purge transaction removes.
const PURGE_BATCH: usize = 512;

/// A change to a row: its kind, its name, and its value, or `None` to remove it.
pub(crate) type ReadingChange = (ReadingKind, String, Option<Vec<u8>>);

impl Store {
    /// Returns the value of a row.
    pub(crate) fn reading_row(&self, user: UserId, kind: ReadingKind, name: &str) -> Result<Option<Vec<u8>>> {
        self.read(|txn, tables| Ok(tables.reading.get(txn, &ReadingKey::new(user, kind, name))?.map(<[u8]>::to_vec)))
    }

    /// Returns a part of an account's rows of a kind, ordered by name: those after `after`.
    pub(crate) fn reading_rows(
        &self,
        user: UserId,
        kind: ReadingKind,
        after: Option<&str>,
        mut limit: SliceLimit,
    ) -> Result<Vec<(String, Vec<u8>)>> {
        self.read(|txn, tables| {
            let first = ReadingKey::new(user, kind, after.unwrap_or_default());
            let end = ReadingKey { user, kind: kind as u8 + 1, name: "".into() };
            let first = if after.is_some() { Bound::Excluded(first) } else { Bound::Included(first) };
            let mut rows = Vec::new();
            for row in tables.reading.range(txn, &(first, Bound::Excluded(end)))? {
                if limit.is_reached() {
                    break;
                }
                let (key, value) = row?;
                limit.take(value.len() as u64);
                rows.push((key.name.into_owned(), value.to_vec()));
            }
            Ok(rows)
        })
    }

    /// Changes rows of an account, and waits until that is on disk. `false` if the account does not exist any more.
    ///
    /// It blocks its thread, which must not be one of the runtime's.
    pub(crate) fn change_reading_rows(&self, user: &User, changes: Vec<ReadingChange>) -> Result<bool> {
        let user = user.clone();
        self.inner.writer.run_blocking(move |write| write.change_reading_rows(&user, &changes))
    }
}

impl WriteTxn<'_, '_> {
    fn change_reading_rows(&mut self, user: &User, changes: &[ReadingChange]) -> Result<bool> {
        // Of an account that was deleted since, nothing would ever remove the rows.
        let record = self.tables.users.get(self.txn, user.name.as_str())?;
        if record.is_none_or(|record| record.id != user.id) {
            return Ok(false);
        }
        if changes.iter().any(|(kind, ..)| *kind == ReadingKind::State) {
            self.events.push(Event::ReadingUpdated { user: user.name.clone(), user_id: user.id });
        }
        for (kind, name, value) in changes {
            let key = ReadingKey::new(user.id, *kind, name);
            match value {
                Some(value) => self.tables.reading.put(self.txn, &key, value)?,
                None => drop(self.tables.reading.delete(self.txn, &key)?),
            }
        }
        Ok(true)
    }

    /// Removes the next rows of a deleted account. Returns whether none is left.
    pub(super) fn purge_reading_rows(&mut self, user: UserId) -> Result<bool> {
        let range = ReadingKey::range_of(user);
        let keys = self.tables.reading.range(self.txn, &range)?.take(PURGE_BATCH);
        let keys = keys
            .map(|row| row.map(|(key, _)| ReadingKey { name: key.name.into_owned().into(), ..key }))
            .collect::<heed::Result<Vec<ReadingKey<'static>>>>()?;
        for key in &keys {
            self.tables.reading.delete(self.txn, key)?;
        }
        Ok(keys.len() < PURGE_BATCH)
    }
}

//! A write transaction, as one job sees it.
//!
//! Invariant: a caller that writes for a user has read that user's record before. The job compares it with the record in its own
//! transaction, and stops when the account was deleted, disabled, or has another key. So no write that races with a deletion or a
//! new key can bring the account or its data back [P7, U1, M4].

use heed::RwTxn;
use jiff::tz::TimeZone;

use super::env::unexpected;
use super::records::UserRecord;
use super::tables::{META_INSTANCE, Tables};
use super::usage::Limits;
use crate::error::Result;
use crate::model::{Event, PositionRule, User, UserId};

/// One job's write access to the store.
pub(super) struct WriteTxn<'a, 'p> {
    pub(super) txn: &'a mut RwTxn<'p>,
    pub(super) tables: Tables,
    /// Sequence number of the next log entry. The whole batch shares it: a number that a failed job took is left out.
    pub(super) next_sequence: &'a mut u64,
    /// Time of the transaction, in whole seconds since the Unix epoch.
    pub(super) now: u64,
    /// Time zone that defines a retention day.
    pub(super) zone: &'a TimeZone,
    /// Rule of the current positions of accounts that chose none.
    pub(super) default_rule: PositionRule,
    /// Events to send once the batch is on disk.
    pub(super) events: &'a mut Vec<Event>,
    /// The quota of accounts, and what is known about its use.
    pub(super) limits: &'a mut Limits,
    /// Accounts whose use the job has changed.
    pub(super) touched: &'a mut Vec<UserId>,
}

impl WriteTxn<'_, '_> {
    /// Returns the account's record if it is enabled and has the key of `user`.
    ///
    /// A user of a device password may push and store files, see [`WriteTxn::revalidate_reader`], and change nothing else.
    pub(super) fn revalidate(&self, user: &User) -> Result<Option<UserRecord>> {
        if user.device_password.is_some() {
            return Ok(None);
        }
        let record = self.tables.users.get(self.txn, user.name.as_str())?;
        Ok(record.filter(|record| record.id == user.id && record.key == user.key && record.active))
    }

    /// Takes the next sequence number.
    pub(super) fn take_sequence(&mut self) -> u64 {
        let sequence = *self.next_sequence;
        *self.next_sequence += 1;
        sequence
    }

    /// Returns the sequence number that was taken last, of an entry that is not written.
    pub(super) fn return_sequence(&mut self, sequence: u64) {
        *self.next_sequence = sequence;
    }

    /// Returns the store's random number, and creates it if there is none yet.
    pub(super) fn instance_id(&mut self) -> Result<u64> {
        if let Some(id) = self.tables.meta.get(self.txn, META_INSTANCE)? {
            return Ok(id);
        }
        let mut bytes = [0; 8];
        getrandom::fill(&mut bytes).map_err(unexpected)?;
        let id = u64::from_be_bytes(bytes);
        self.tables.meta.put(self.txn, META_INSTANCE, &id)?;
        Ok(id)
    }
}

/// Returns whether two times, in seconds since the Unix epoch, are in the same hour.
pub(super) fn is_same_hour(one: u64, other: u64) -> bool {
    one / 3600 == other / 3600
}

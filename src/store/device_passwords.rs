//! Device passwords: found by the hash of their key, so that a login costs one read and no Argon2 run.
//!
//! They belong to their account, not to its key: another main password leaves them as they are. A device that logs in with one may read and
//! push. So [`WriteTxn::revalidate`] refuses them, and [`WriteTxn::revalidate_reader`] takes them while they exist.

use std::collections::HashSet;

use heed::RoTxn;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Span};

use super::accounts::Authority;
use super::env::unexpected;
use super::handle::Store;
use super::keyspace::HashKey;
use super::records::{DevicePasswordRecord, UserRecord};
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{
    DEVICE_PASSWORDS_MAX, DeviceKeyHash, DevicePasswordName, Event, Network, User, UserId, calendar_day,
};

/// Day 0 of the days on which device passwords were used.
const EPOCH: Date = date(1970, 1, 1);
const DAY: SignedDuration = SignedDuration::from_hours(24);
/// Account number that no account has.
const NOBODY: UserId = UserId(0);

/// A device password, as its account's owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DevicePasswordEntry {
    pub(crate) id: u32,
    pub(crate) name: String,
    /// Time of its creation, in whole seconds since the Unix epoch.
    pub(crate) created: u64,
    /// Day of its last use, in the store's time zone.
    pub(crate) last_used: Option<Date>,
    /// Network of the first use on that day.
    pub(crate) network: Option<Network>,
}

/// A device password that a login gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FoundDevicePassword {
    /// Whether a use on this day has been noted.
    pub(crate) is_used_today: bool,
}

/// Outcome of creating a device password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DevicePasswordOutcome {
    /// It is on disk, and has this number.
    Created(u32),
    /// The account has as many as it may have.
    TooMany,
    /// The account changed since its `User` was read, or a device password read it.
    Stale,
}

/// Outcome of revoking a device password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RevokeOutcome {
    /// It is gone, and the next request with it is refused.
    Revoked,
    /// The account has none of that number.
    NotFound,
    /// As [`DevicePasswordOutcome::Stale`].
    Stale,
}

impl Store {
    /// Finds the device password of an account by the hash of its key. Without an account, the look-up costs the same [A4].
    pub(crate) fn device_password(
        &self,
        user: Option<UserId>,
        hash: DeviceKeyHash,
    ) -> Result<Option<FoundDevicePassword>> {
        let key = row_key(user.unwrap_or(NOBODY), hash);
        let record = self.read(|txn, tables| tables.device_passwords.get(txn, &key))?;
        Ok(record.map(|record| FoundDevicePassword {
            is_used_today: record.last_used == Some(day_number(self.now(), self.zone())),
        }))
    }

    /// Notes the first use of a device password on a day. Does not wait until that is on disk.
    ///
    /// The network becomes one that the account has logged in from, too: guesses from elsewhere cannot lock its owner out there.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) if the write queue is full, [`Error::StoreClosed`](crate::Error::StoreClosed) once the store
    /// has stopped.
    pub(crate) fn note_device_use(&self, user: &User, hash: DeviceKeyHash, network: Option<Network>) -> Result<()> {
        let user = user.clone();
        self.inner.writer.submit(move |write| write.note_device_use(&user, hash, network))
    }

    /// Returns the device passwords of an account, oldest first.
    pub(crate) fn device_passwords(&self, user: UserId) -> Result<Vec<DevicePasswordEntry>> {
        let rows = self.read(|txn, tables| device_passwords_of(txn, tables, user))?;
        let mut entries: Vec<_> = rows.into_iter().map(|(_, record)| DevicePasswordEntry::new(record)).collect();
        entries.sort_by(|one, other| (one.created, &one.name, one.id).cmp(&(other.created, &other.name, other.id)));
        Ok(entries)
    }

    /// Creates a device password, unless the account changed since `user` was read.
    pub(crate) async fn create_device_password(
        &self,
        user: User,
        name: DevicePasswordName,
        hash: DeviceKeyHash,
    ) -> Result<DevicePasswordOutcome> {
        self.inner.writer.run(move |write| write.create_device_password(&user, &name, hash)).await
    }

    /// Revokes a device password of an account. A user may do so for their own account, unless it changed since it was read.
    pub(crate) async fn revoke_device_password(
        &self,
        authority: Authority,
        account: User,
        id: u32,
    ) -> Result<RevokeOutcome> {
        self.inner.writer.run(move |write| write.revoke_device_password(&authority, &account, id)).await
    }
}

impl DevicePasswordEntry {
    fn new(record: DevicePasswordRecord) -> Self {
        let DevicePasswordRecord { id, name, created, last_used, network } = record;
        let last_used = last_used.and_then(|days| EPOCH.checked_add(Span::new().try_days(days).ok()?).ok());
        Self { id, name, created, last_used, network }
    }
}

impl WriteTxn<'_, '_> {
    /// Returns the account's record if `user` may still push and store files: by the account's key, or by a device password that still exists.
    pub(super) fn revalidate_reader(&self, user: &User) -> Result<Option<UserRecord>> {
        let Some(hash) = user.device_password else { return self.revalidate(user) };
        let record = self.tables.users.get(self.txn, user.name.as_str())?;
        let Some(record) = record.filter(|record| record.id == user.id && record.active) else { return Ok(None) };
        let is_valid = self.tables.device_passwords.get(self.txn, &row_key(user.id, hash))?.is_some();
        Ok(is_valid.then_some(record))
    }

    /// Returns the number of the device password by which `user` was read.
    pub(super) fn device_password_id(&self, user: &User) -> Result<Option<u32>> {
        let Some(hash) = user.device_password else { return Ok(None) };
        let record = self.tables.device_passwords.get(self.txn, &row_key(user.id, hash))?;
        Ok(record.map(|record| record.id))
    }

    fn note_device_use(&mut self, user: &User, hash: DeviceKeyHash, network: Option<Network>) -> Result<()> {
        let key = row_key(user.id, hash);
        let Some(mut record) = self.tables.device_passwords.get(self.txn, &key)? else { return Ok(()) };
        let today = day_number(self.now, self.zone);
        if record.last_used == Some(today) {
            return Ok(());
        }
        (record.last_used, record.network) = (Some(today), network);
        self.tables.device_passwords.put(self.txn, &key, &record)?;
        network.map_or(Ok(()), |network| self.note_network(user, network))
    }

    fn create_device_password(
        &mut self,
        user: &User,
        name: &DevicePasswordName,
        hash: DeviceKeyHash,
    ) -> Result<DevicePasswordOutcome> {
        if self.revalidate(user)?.is_none() {
            return Ok(DevicePasswordOutcome::Stale);
        }
        let existing = device_passwords_of(self.txn, &self.tables, user.id)?;
        if existing.len() >= DEVICE_PASSWORDS_MAX {
            return Ok(DevicePasswordOutcome::TooMany);
        }
        let taken: HashSet<u32> = existing.into_iter().map(|(_, record)| record.id).collect();
        let id = unused_id(&taken)?;
        let record = DevicePasswordRecord {
            id,
            name: name.as_str().to_owned(),
            created: self.now,
            last_used: None,
            network: None,
        };
        self.tables.device_passwords.put(self.txn, &row_key(user.id, hash), &record)?;
        self.events.push(Event::DevicePasswordCreated { user: user.name.clone(), id });
        Ok(DevicePasswordOutcome::Created(id))
    }

    fn revoke_device_password(&mut self, authority: &Authority, user: &User, id: u32) -> Result<RevokeOutcome> {
        let is_allowed = match authority {
            // Also of a disabled account.
            Authority::Local => true,
            Authority::User(actor) => actor.id == user.id && self.revalidate(actor)?.is_some(),
        };
        if !is_allowed {
            return Ok(RevokeOutcome::Stale);
        }
        let rows = device_passwords_of(self.txn, &self.tables, user.id)?;
        let Some((key, _)) = rows.into_iter().find(|(_, record)| record.id == id) else {
            return Ok(RevokeOutcome::NotFound);
        };
        self.tables.device_passwords.delete(self.txn, &key)?;
        self.events.push(Event::DevicePasswordRevoked { user: user.name.clone(), id });
        Ok(RevokeOutcome::Revoked)
    }

    /// Removes all device passwords of an account.
    pub(super) fn forget_device_passwords(&mut self, user: UserId) -> Result<()> {
        for (key, _) in device_passwords_of(self.txn, &self.tables, user)? {
            self.tables.device_passwords.delete(self.txn, &key)?;
        }
        Ok(())
    }
}

/// Returns the rows of an account.
pub(super) fn device_passwords_of(
    txn: &RoTxn<'_>,
    tables: &Tables,
    user: UserId,
) -> heed::Result<Vec<(HashKey, DevicePasswordRecord)>> {
    tables.device_passwords.range(txn, &HashKey::range_of(user))?.collect()
}

/// Returns a random number that no device password of the account has.
///
/// Counting up would give the number of a revoked one again, and a page that is still open would then revoke another device's.
fn unused_id(taken: &HashSet<u32>) -> Result<u32> {
    loop {
        let mut bytes = [0; 4];
        getrandom::fill(&mut bytes).map_err(unexpected)?;
        // Nine digits at most, so that a person can type it.
        let id = u32::from_be_bytes(bytes) % 1_000_000_000;
        if id > 0 && !taken.contains(&id) {
            return Ok(id);
        }
    }
}

fn row_key(user: UserId, hash: DeviceKeyHash) -> HashKey {
    HashKey { user, hash: hash.0 }
}

/// Returns a time's day as the number of days since 1970.
fn day_number(seconds: u64, zone: &jiff::tz::TimeZone) -> u32 {
    let days = calendar_day(seconds, zone).duration_since(EPOCH).as_secs() / DAY.as_secs();
    u32::try_from(days).unwrap_or(0)
}

//! Creates, changes and deletes accounts, with the authenticator's cache beside the store.
//!
//! Each new key is in the cache once it is stored, so that its owner needs no Argon2 run, and no limit applies to them.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinError;

use super::AppState;
use crate::auth::Purpose;
use crate::error::{Error, Result};
use crate::model::{DevicePassword, DevicePasswordName, Key, Network, User, Username};
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome, DevicePasswordOutcome, UpdateOutcome};

/// The outcome of a registration by a client.
pub(crate) enum Registered {
    Created(User),
    Taken,
    /// Clients of that address, or all clients, have made too many accounts.
    TooMany {
        retry_after: Duration,
    },
}

/// The outcome of making a device password.
pub(crate) enum NewDevicePassword {
    /// It is on disk. Nothing else has its text.
    Created {
        id: u32,
        password: DevicePassword,
    },
    TooMany,
    Stale,
}

impl AppState {
    /// Returns whether clients may create accounts now: as an administrator switched it last, else as configured.
    pub(crate) fn registration_is_open(&self) -> Result<bool> {
        self.store.registration(self.registration)
    }

    /// Creates an account for a client, within the limits on registrations. Goes on when the client disconnects.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn register(
        self: &Arc<Self>,
        name: Username,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<Registered> {
        let state = self.clone();
        // In a task of its own: otherwise clients that disconnect at the right time would make accounts that are not counted.
        let task = tokio::spawn(async move { state.register_now(name, key, client).await });
        task.await.map_err(task_error)?
    }

    async fn register_now(&self, name: Username, key: Key, client: Option<IpAddr>) -> Result<Registered> {
        if self.store.is_taken(&name)? {
            return Ok(Registered::Taken);
        }
        let _claim = self.auth.claim_name(&name).await?;
        // The registration that this one waited for may have made the account [R5].
        if self.store.is_taken(&name)? {
            return Ok(Registered::Taken);
        }
        let slot = match self.auth.registration_slot(client) {
            Ok(slot) => slot,
            Err(retry_after) => return Ok(Registered::TooMany { retry_after }),
        };
        match self.create(Purpose::Registration, name, key, client).await? {
            CreateOutcome::Created(user) => {
                slot.use_up();
                Ok(Registered::Created(user))
            }
            CreateOutcome::Taken => Ok(Registered::Taken),
        }
    }

    /// Creates an account on an administrator's or the program's behalf. The number of such accounts has no limit.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn create_account(&self, name: Username, key: Key) -> Result<CreateOutcome> {
        self.create(Purpose::Login, name, key, None).await
    }

    async fn create(
        &self,
        purpose: Purpose,
        name: Username,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<CreateOutcome> {
        let stored = self.auth.hash_for(purpose, key.clone(), client).await?;
        let outcome = self.store.create_user(name, stored, client.map(Network::of)).await?;
        if let CreateOutcome::Created(user) = &outcome {
            self.auth.forget_deletion(&user.name);
            self.auth.cache(user, &key);
        }
        Ok(outcome)
    }

    /// Changes the key of an account that has just logged in from `client`.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn change_key(&self, user: User, key: Key, client: Option<IpAddr>) -> Result<UpdateOutcome> {
        let stored = self.auth.hash_for(Purpose::Login, key.clone(), client).await?;
        let changed = User { key: stored.clone(), ..user.clone() };
        let outcome = self.store.set_key(user, stored).await?;
        if outcome == UpdateOutcome::Applied {
            self.auth.cache(&changed, &key);
            self.note_network(&changed, client);
        }
        Ok(outcome)
    }

    /// Makes a device password for the account, unless it changed since `user` was read.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many writes wait; other errors of the store.
    pub(crate) async fn create_device_password(
        &self,
        user: User,
        name: DevicePasswordName,
    ) -> Result<NewDevicePassword> {
        let password = DevicePassword::random().map_err(|error| Error::Store(Arc::new(error)))?;
        let hash = password.hash().map_err(|error| Error::Store(Arc::new(error)))?;
        Ok(match self.store.create_device_password(user, name, hash).await? {
            DevicePasswordOutcome::Created(id) => NewDevicePassword::Created { id, password },
            DevicePasswordOutcome::TooMany => NewDevicePassword::TooMany,
            DevicePasswordOutcome::Stale => NewDevicePassword::Stale,
        })
    }

    /// Sets the key of any account, as far as `authority` may.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs or writes wait; other errors of the store.
    pub(crate) async fn set_key(&self, authority: Authority, target: Username, key: Key) -> Result<AccountOutcome> {
        let stored = self.auth.hash_for(Purpose::Login, key.clone(), None).await?;
        let outcome = self.store.manage(authority, target.clone(), Change::SetKey(stored.clone())).await?;
        if outcome == AccountOutcome::Done
            && let Some(user) = self.store.find_user(&target)?.filter(|user| user.key == stored)
        {
            self.auth.cache(&user, &key);
        }
        Ok(outcome)
    }

    /// Deletes an account, as far as `authority` may, and evicts it from the cache.
    ///
    /// # Errors
    /// Those of [`Store::manage`].
    pub(crate) async fn delete_account(&self, authority: Authority, target: Username) -> Result<AccountOutcome> {
        let user = self.store.find_user(&target)?;
        let outcome = self.store.manage(authority, target, Change::Delete).await?;
        if let (AccountOutcome::Done, Some(user)) = (outcome, user) {
            self.auth.evict(user.id);
            self.request_log.forget(user.id);
        }
        Ok(outcome)
    }

    /// Deletes the account that just logged in with `key`. Remembers the deletion for an hour [U2].
    ///
    /// Goes on when the client disconnects: that is the client that will ask again.
    ///
    /// # Errors
    /// Those of [`Store::manage`].
    pub(crate) async fn delete_own_account(
        self: &Arc<Self>,
        user: User,
        name: Username,
        key: Key,
    ) -> Result<AccountOutcome> {
        let state = self.clone();
        let task = tokio::spawn(async move {
            let target = user.name.clone();
            let outcome = state.delete_account(Authority::User(user), target).await?;
            if outcome == AccountOutcome::Done {
                state.auth.note_deletion(&name, &key);
            }
            Ok(outcome)
        });
        task.await.map_err(task_error)?
    }

    /// Returns whether an account of that name was deleted in the last hour [U2]. It must have had that key, and must
    /// not exist now.
    pub(crate) fn was_deleted(&self, name: &Username, key: &Key) -> Result<bool> {
        if !self.auth.was_deleted(name, key) {
            return Ok(false);
        }
        let exists = self.store.find_user(name)?.is_some();
        if exists {
            self.auth.forget_deletion(name);
        }
        Ok(!exists)
    }
}

/// Converts the error of a task: it panicked, or the runtime is shutting down.
fn task_error(error: JoinError) -> Error {
    if error.is_cancelled() { Error::StoreClosed } else { Error::Store(Arc::new(error)) }
}

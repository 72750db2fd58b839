//! Credentials: keys at rest, the cache of verified keys, the limit on failed logins.
//!
//! Keys are stored as Argon2id hashes, which are slow by design, so each key is verified once: a verified key stays in memory,
//! bound to the stored hash it was verified against. A record that changes, in this process or another, voids its entry. An
//! unknown name costs the same Argon2 run as a wrong key and counts against the same limits [A4].

pub(crate) mod password;
mod rate_limit;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use blake2::Blake2bMac;
use blake2::digest::{KeyInit, Mac, consts::U32};
use tokio::sync::Semaphore;

use self::rate_limit::{Clock, RateLimiter};
use crate::error::{Error, Result};
use crate::model::{Key, StoredKey, User, UserId, Username};

/// The outcome of a login.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// The key is right and the account is active.
    Accepted(User),
    /// The key is right, but the account is disabled.
    Inactive,
    /// The account does not exist, or the key is wrong.
    Refused,
    /// Too many logins failed before. The key was not checked.
    TooManyFailures {
        /// Time until the next attempt is allowed.
        retry_after: Duration,
    },
}

impl LoginOutcome {
    /// Returns the reason of a failed login, for the log.
    pub(crate) fn failure_reason(&self) -> Option<&'static str> {
        match self {
            Self::Accepted(_) => None,
            Self::Inactive => Some("account disabled"),
            Self::Refused => Some("wrong name or key"),
            Self::TooManyFailures { .. } => Some("too many failed logins"),
        }
    }
}

/// Verifies keys. One instance serves all routes, so that they share the cache and the limits.
pub(crate) struct Authenticator {
    /// MACs of the keys verified so far.
    verified: RwLock<HashMap<UserId, [u8; 32]>>,
    /// Random for each process, so that a MAC in memory tells nothing about a password.
    mac_key: [u8; 32],
    /// Bounds concurrent Argon2 runs to the number of cores.
    hash_permits: Arc<Semaphore>,
    limiter: RateLimiter,
}

impl Authenticator {
    pub(crate) fn new() -> Result<Self> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::with(rate_limit::monotonic_clock(), cores)
    }

    fn with(clock: Clock, max_concurrent_hashes: usize) -> Result<Self> {
        let mut mac_key = [0; 32];
        getrandom::fill(&mut mac_key).map_err(|error| Error::Store(Arc::new(error)))?;
        Ok(Self {
            verified: RwLock::default(),
            mac_key,
            hash_permits: Arc::new(Semaphore::new(max_concurrent_hashes)),
            limiter: RateLimiter::new(clock),
        })
    }

    /// Checks the key of a login.
    ///
    /// `user` is the stored account called `name`, if it exists. `client` is the address that the request came from.
    ///
    /// # Errors
    /// [`Error::Store`] if the Argon2 run panics.
    pub(crate) async fn login(
        self: &Arc<Self>,
        name: &Username,
        user: Option<User>,
        key: Key,
        client: Option<IpAddr>,
    ) -> Result<LoginOutcome> {
        if let Some(user) = user.as_ref().filter(|user| self.is_verified(user, &key)) {
            return Ok(accepted(user.clone()));
        }
        if let Err(retry_after) = self.limiter.check(name, client) {
            return Ok(LoginOutcome::TooManyFailures { retry_after });
        }
        let permit = self.hash_permits.clone().acquire_owned().await.map_err(|_| Error::StoreClosed)?;
        // Another request with the same key may have been verified in the meantime.
        if let Some(user) = user.as_ref().filter(|user| self.is_verified(user, &key)) {
            return Ok(accepted(user.clone()));
        }
        // Charged before the run and refunded after it, so that concurrent guesses cannot pass the limit together.
        if let Err(retry_after) = self.limiter.consume(name, client) {
            return Ok(LoginOutcome::TooManyFailures { retry_after });
        }
        // The run finishes even if the client disconnects: it holds its permit for as long as it uses a core, and a guess is
        // charged in any case.
        let (auth, name) = (self.clone(), name.clone());
        let run = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let stored = user.as_ref().map_or_else(password::dummy_hash, |user| user.key.clone());
            let is_right = password::verify(&stored, &key);
            let Some(user) = user.filter(|_| is_right) else { return LoginOutcome::Refused };
            auth.limiter.refund(&name, client);
            auth.cache(&user, &key);
            accepted(user)
        });
        run.await.map_err(|error| Error::Store(Arc::new(error)))
    }

    /// Hashes a key for storage, within the limit on concurrent Argon2 runs.
    ///
    /// # Errors
    /// [`Error::Store`] if Argon2 fails.
    pub(crate) async fn hash(&self, key: Key) -> Result<StoredKey> {
        let permit = self.hash_permits.clone().acquire_owned().await.map_err(|_| Error::StoreClosed)?;
        let run = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            password::hash(&key)
        });
        run.await.map_err(|error| Error::Store(Arc::new(error)))?
    }

    /// Removes a deleted account from the cache. Its id is never used again, so nothing else would remove it.
    pub(crate) fn evict(&self, user: UserId) {
        self.verified.write().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }

    fn cache(&self, user: &User, key: &Key) {
        let mac: [u8; 32] = self.mac(user, key).finalize().into_bytes().into();
        self.verified.write().unwrap_or_else(PoisonError::into_inner).insert(user.id, mac);
    }

    fn is_verified(&self, user: &User, key: &Key) -> bool {
        let verified = self.verified.read().unwrap_or_else(PoisonError::into_inner);
        verified.get(&user.id).is_some_and(|mac| self.mac(user, key).verify_slice(mac).is_ok())
    }

    /// Authenticates the key together with the stored hash: a changed hash has a different MAC.
    fn mac(&self, user: &User, key: &Key) -> Blake2bMac<U32> {
        #[allow(clippy::expect_used)]
        let mac = <Blake2bMac<U32> as KeyInit>::new_from_slice(&self.mac_key).expect("BLAKE2b takes keys of 32 bytes");
        mac.chain_update(key.as_bytes()).chain_update(user.key.0.as_bytes())
    }
}

fn accepted(user: User) -> LoginOutcome {
    if user.active { LoginOutcome::Accepted(user) } else { LoginOutcome::Inactive }
}

#[cfg(test)]
mod tests;

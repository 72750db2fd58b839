//! Credentials: keys at rest, the cache of verified keys, the limits on failed logins and on registrations.
//!
//! Keys are stored as Argon2id hashes, which are slow by design, so each key is verified once: a verified key stays in memory,
//! bound to the stored hash it was verified against. A record that changes, in this process or another, voids its entry. An
//! unknown name costs the same Argon2 run as a wrong key and counts against the same limits [A4].
//!
//! Imports point down this list:
//! - this file: `Authenticator`
//! - `registrations`: accounts that clients make
//! - `scheduler`: which Argon2 run is next
//! - `deletions`, `verified`: what is remembered about keys
//! - `rate_limit`, `memory_limit`, `password`

mod deletions;
mod memory_limit;
pub(crate) mod password;
mod rate_limit;
mod registrations;
mod scheduler;
mod verified;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use self::deletions::Deletions;
use self::rate_limit::{Clock, RateLimiter};
use self::registrations::NamesInProgress;
pub(crate) use self::registrations::{NameClaim, RegistrationLimits, RegistrationSlot};
pub(crate) use self::scheduler::Purpose;
use self::scheduler::{HashScheduler, Permit};
use self::verified::{MacKey, VerifiedKeys, WrongKeys};
use crate::error::{Error, Result};
use crate::model::{Key, Network, StoredKey, User, UserId, Username};

/// How long a push or a pull may take to be authenticated: KOReader waits 2 s.
pub(crate) const SYNC_DEADLINE: Duration = Duration::from_millis(1500);
/// How long any other login, a registration or a new key may take: KOReader waits 5 s.
pub(crate) const LOGIN_DEADLINE: Duration = Duration::from_secs(4);

/// The outcome of a login.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// The key is right and the account is active.
    Accepted(User),
    /// A device password of the account is right, and the account is active. It may read and push, and nothing else: not even see the
    /// account's pages. The store refuses all other changes by this `User`.
    AcceptedDevice(User),
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
    /// Returns the outcome for the account of a right key.
    pub(crate) fn of_right_key(user: User) -> Self {
        if user.active { Self::Accepted(user) } else { Self::Inactive }
    }

    /// Returns the reason of a failed login, for the log.
    pub(crate) fn failure_reason(&self) -> Option<&'static str> {
        match self {
            Self::Accepted(_) | Self::AcceptedDevice(_) => None,
            Self::Inactive => Some("account disabled"),
            Self::Refused => Some("wrong name or key"),
            Self::TooManyFailures { .. } => Some("too many failed logins"),
        }
    }
}

/// A login whose key is not in the cache.
pub(crate) struct Attempt {
    pub(crate) name: Username,
    /// The stored account called `name`, if it exists.
    pub(crate) user: Option<User>,
    pub(crate) key: Key,
    /// The address that the request came from.
    pub(crate) client: Option<IpAddr>,
    /// The client's network, if the account has logged in from there before.
    pub(crate) known_network: Option<Network>,
    /// How long the login may take.
    pub(crate) deadline: Duration,
}

/// Observes each Argon2 run that was refused because too many wait.
pub(crate) type OnBusy = Box<dyn Fn() + Send + Sync>;

/// Verifies keys. One instance serves all routes, so that they share the cache and the limits.
pub(crate) struct Authenticator {
    mac_key: MacKey,
    verified: VerifiedKeys,
    wrong: WrongKeys,
    deletions: Deletions,
    scheduler: Arc<HashScheduler>,
    limiter: RateLimiter,
    names: NamesInProgress,
    registration_limits: RegistrationLimits,
    on_busy: OnBusy,
    clock: Clock,
    /// The last day on which keys were dropped, counted from the start.
    day: AtomicU64,
}

impl Authenticator {
    pub(crate) fn new(registration_limits: RegistrationLimits, on_busy: OnBusy) -> Result<Self> {
        let permits = memory_limit::hash_permits();
        let auth = Self::with(rate_limit::monotonic_clock(), permits)?;
        Ok(Self { registration_limits, on_busy, ..auth })
    }

    fn with(clock: Clock, permits: usize) -> Result<Self> {
        Ok(Self {
            mac_key: MacKey::random()?,
            verified: VerifiedKeys::default(),
            wrong: WrongKeys::default(),
            deletions: Deletions::new(clock.clone()),
            scheduler: HashScheduler::new(permits, clock.clone()),
            limiter: RateLimiter::new(clock.clone()),
            names: NamesInProgress::default(),
            registration_limits: RegistrationLimits::default(),
            on_busy: Box::new(|| ()),
            clock,
            day: AtomicU64::new(0),
        })
    }

    /// Returns whether the key was verified against the account's stored hash before. It costs one MAC.
    pub(crate) fn is_verified(&self, user: &User, key: &Key) -> bool {
        self.verified.contains(&self.mac_key, user, key)
    }

    /// Checks a key that is not in the cache. The limits on failures and on Argon2 runs apply.
    ///
    /// # Errors
    /// [`Error::Busy`] if the run would end after the deadline, [`Error::Store`] if it panics.
    pub(crate) async fn login(self: &Arc<Self>, attempt: Attempt) -> Result<LoginOutcome> {
        let Attempt { name, user, key, client, known_network, deadline } = attempt;
        let mac = self.mac_key.of_login(&name, user.as_ref(), &key);
        if self.wrong.contains(&mac) {
            return Ok(self.repeated(mac, client));
        }
        let known = user.as_ref().map(|user| user.id).zip(known_network);
        let charge = self.limiter.login_charge(&name, client, known);
        if let Err(retry_after) = self.limiter.check(&charge) {
            return Ok(LoginOutcome::TooManyFailures { retry_after });
        }
        let purpose = if known.is_some() { Purpose::KnownLogin } else { Purpose::Login };
        let permit = self.permit(purpose, client, deadline).await?;
        // Another request with the same key may have been verified, or refused, in the meantime.
        if let Some(user) = user.as_ref().filter(|user| self.is_verified(user, &key)) {
            return Ok(LoginOutcome::of_right_key(user.clone()));
        }
        if self.wrong.contains(&mac) {
            return Ok(self.repeated(mac, client));
        }
        // Charged before the run and refunded after it, so that concurrent guesses cannot pass the limit together.
        if let Err(retry_after) = self.limiter.consume(&charge) {
            return Ok(LoginOutcome::TooManyFailures { retry_after });
        }
        // The run finishes even if the client disconnects: it holds its permit for as long as it uses a core, and a guess is
        // charged in any case.
        let auth = self.clone();
        let run = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let stored = user.as_ref().map_or_else(password::dummy_hash, |user| user.key.clone());
            let is_right = password::verify(&stored, &key);
            let Some(user) = user.filter(|_| is_right) else {
                auth.wrong.insert(mac);
                if known.is_some() {
                    auth.limiter.spend_address(client);
                }
                return LoginOutcome::Refused;
            };
            auth.limiter.refund(&charge);
            auth.cache(&user, &key);
            LoginOutcome::of_right_key(user)
        });
        run.await.map_err(|error| Error::Store(Arc::new(error)))
    }

    /// Refuses a key that is known to be wrong: it costs none of the failures that others need.
    fn repeated(&self, mac: [u8; 16], client: Option<IpAddr>) -> LoginOutcome {
        match self.limiter.consume(&self.limiter.wrong_key_charge(mac, client)) {
            Ok(()) => LoginOutcome::Refused,
            Err(retry_after) => LoginOutcome::TooManyFailures { retry_after },
        }
    }

    async fn permit(&self, purpose: Purpose, client: Option<IpAddr>, deadline: Duration) -> Result<Permit> {
        self.scheduler.acquire(purpose, client, deadline).await.map_err(|_| {
            (self.on_busy)();
            Error::Busy
        })
    }

    /// Hashes the key of an imported account, after logins and in turn with registrations.
    ///
    /// # Errors
    /// [`Error::Busy`] if too many Argon2 runs wait, [`Error::Store`] if Argon2 fails.
    #[cfg(feature = "import")]
    pub(crate) async fn hash(&self, key: Key) -> Result<StoredKey> {
        self.hash_for(Purpose::Registration, key, None).await
    }

    /// Hashes a key for storage.
    ///
    /// # Errors
    /// [`Error::Busy`] if the run would end after [`LOGIN_DEADLINE`], [`Error::Store`] if Argon2 fails.
    pub(crate) async fn hash_for(&self, purpose: Purpose, key: Key, client: Option<IpAddr>) -> Result<StoredKey> {
        let permit = self.permit(purpose, client, LOGIN_DEADLINE).await?;
        let run = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            password::hash(&key)
        });
        run.await.map_err(|error| Error::Store(Arc::new(error)))?
    }

    /// Waits until no other registration of a name is in progress.
    ///
    /// # Errors
    /// [`Error::Busy`] if that takes longer than [`LOGIN_DEADLINE`].
    pub(crate) async fn claim_name(&self, name: &Username) -> Result<NameClaim> {
        self.names.claim(name.clone(), LOGIN_DEADLINE).await.ok_or_else(|| {
            (self.on_busy)();
            Error::Busy
        })
    }

    /// Takes the right to create one account from the client's address. `Err` is the time until there is such a right.
    pub(crate) fn registration_slot(&self, client: Option<IpAddr>) -> Result<RegistrationSlot<'_>, Duration> {
        RegistrationSlot::take(&self.limiter, self.registration_limits, client)
    }

    /// Caches a key whose hash was just stored. Its first login then costs no Argon2 run.
    pub(crate) fn cache(&self, user: &User, key: &Key) {
        self.verified.insert(&self.mac_key, user, key);
    }

    /// Drops a thirtieth of the cache once a day. Called at each commit, off the way of requests.
    ///
    /// A login with a cached key does not note the client's network, and a network is known for 90 days. So each account's login
    /// costs an Argon2 run once in 30 days.
    pub(crate) fn age(&self) {
        const DAY_MS: u64 = 24 * 60 * 60 * 1000;
        let day = (self.clock)() / DAY_MS;
        let last = self.day.swap(day, Ordering::Relaxed);
        if day > last {
            self.verified.drop_share(day, day - last);
        }
    }

    /// Removes a deleted account from the cache. Its id is never used again, so nothing else would remove it.
    pub(crate) fn evict(&self, user: UserId) {
        self.verified.remove(user);
    }

    /// Remembers for an hour that the account of that name and key was deleted [U2].
    pub(crate) fn note_deletion(&self, name: &Username, key: &Key) {
        self.deletions.insert(self.name_mac(name), self.mac_key.of_name(name, key));
    }

    /// Returns whether an account of that name was deleted within the last hour [U2]. It must have had that key.
    pub(crate) fn was_deleted(&self, name: &Username, key: &Key) -> bool {
        self.deletions.contains(&self.name_mac(name), &self.mac_key.of_name(name, key))
    }

    /// Forgets the deletion of a name that exists again.
    pub(crate) fn forget_deletion(&self, name: &Username) {
        self.deletions.remove(&self.name_mac(name));
    }

    fn name_mac(&self, name: &Username) -> [u8; 32] {
        self.mac_key.of_text(name.as_str())
    }

    /// Takes all permits, so that every Argon2 run has to wait.
    #[cfg(test)]
    pub(crate) async fn hold_runs(&self) -> impl Sized + use<> {
        self.scheduler.hold().await
    }
}

#[cfg(test)]
mod tests;

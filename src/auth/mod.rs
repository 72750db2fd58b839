//! Credentials: keys at rest, the cache of verified keys, the limit on failed logins.
//!
//! At rest is Argon2id, which is slow by design. No login pays for it twice: a verified key is remembered, bound to the very
//! record it was verified against, so that a record changed by anybody, in this process or another, voids it. An unknown name
//! costs the same Argon2 run as a wrong key, and counts like one.

mod password;
mod rate_limit;

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use blake2::Blake2bMac;
use blake2::digest::{KeyInit, Mac, consts::U32};
use tokio::sync::Semaphore;

#[cfg(feature = "import")]
pub(crate) use self::password::is_stored_key;
pub(crate) use self::password::{hash as hash_now, verify as verify_now};
use self::rate_limit::{Now, RateLimiter};
use crate::error::{Error, Result};
use crate::model::{Key, StoredKey, User, UserId, Username};

/// What a login comes to.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoginOutcome {
    /// The key is right, and this is the account.
    Accepted(User),
    /// The key is right, but the account is switched off.
    Inactive,
    /// There is no such account, or the key is wrong.
    Refused,
    /// Too many failed before. The key was not looked at.
    TooMany {
        /// When to try again.
        retry_after: Duration,
    },
}

impl LoginOutcome {
    /// Why nobody was let in, in a few words for the log.
    pub(crate) fn refused_why(&self) -> Option<&'static str> {
        match self {
            Self::Accepted(_) => None,
            Self::Inactive => Some("the account is switched off"),
            Self::Refused => Some("wrong name or key"),
            Self::TooMany { .. } => Some("too many failures before it"),
        }
    }
}

/// Checks keys. Shared by everything that lets anybody in.
pub(crate) struct Authenticator {
    verified: RwLock<HashMap<UserId, [u8; 32]>>,
    /// Key of the hashes in `verified`: what is in memory tells nothing about a password.
    secret: [u8; 32],
    /// As many Argon2 hash_permits at once as there are cores.
    hash_permits: Arc<Semaphore>,
    limiter: RateLimiter,
}

impl Authenticator {
    pub(crate) fn new() -> Result<Self> {
        Self::with_clock(rate_limit::monotonic())
    }

    fn with_clock(now: Now) -> Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|error| Error::Store(Arc::new(error)))?;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            verified: RwLock::default(),
            secret,
            hash_permits: Arc::new(Semaphore::new(cores)),
            limiter: RateLimiter::new(now),
        })
    }

    /// Checks a key for a name, where `user` is what the store has under that name, and `client` the address it came from.
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
            return Ok(LoginOutcome::TooMany { retry_after });
        }
        let permit = self.hash_permits.clone().acquire_owned().await.map_err(|_| Error::StoreClosed)?;
        // While this one waited, another request may have shown the same key.
        if let Some(user) = user.as_ref().filter(|user| self.is_verified(user, &key)) {
            return Ok(accepted(user.clone()));
        }
        // Paid before the run and given back after it, so that guesses made at once do not pass together.
        if let Err(retry_after) = self.limiter.consume(name, client) {
            return Ok(LoginOutcome::TooMany { retry_after });
        }
        // A client that hangs up neither frees the core that its run still uses, nor gets its guess for nothing.
        let (auth, name) = (self.clone(), name.clone());
        let run = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let stored = user.as_ref().map_or_else(password::dummy_hash, |user| user.key.clone());
            let right = password::verify(&stored, &key);
            let Some(user) = user.filter(|_| right) else { return LoginOutcome::Refused };
            auth.limiter.refund(&name, client);
            auth.cache(&user, &key);
            accepted(user)
        });
        run.await.map_err(|error| Error::Store(Arc::new(error)))
    }

    /// Makes the form in which a key is stored.
    pub(crate) async fn hash(&self, key: Key) -> Result<StoredKey> {
        let permit = self.hash_permits.clone().acquire_owned().await.map_err(|_| Error::StoreClosed)?;
        let run = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            password::hash(&key)
        });
        run.await.map_err(|error| Error::Store(Arc::new(error)))?
    }

    /// Forgets an account that was deleted; its number is never used again.
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

    /// A keyed hash of the key and of what is stored for it: another stored key is another mac.
    fn mac(&self, user: &User, key: &Key) -> Blake2bMac<U32> {
        #[allow(clippy::expect_used)]
        let mac = <Blake2bMac<U32> as KeyInit>::new_from_slice(&self.secret).expect("BLAKE2b takes keys of 32 bytes");
        mac.chain_update(key.as_bytes()).chain_update(user.key.0.as_bytes())
    }
}

fn accepted(user: User) -> LoginOutcome {
    if user.active { LoginOutcome::Accepted(user) } else { LoginOutcome::Inactive }
}

/// A key that nobody knows: for an account whose password has to be set before it can be used.
#[cfg(feature = "import")]
pub(crate) fn unguessable() -> Result<Key> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Store(Arc::new(error)))?;
    Key::from_password(&bytes).map_err(|invalid| Error::Store(Arc::new(invalid)))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn key(password: &str) -> Key {
        Key::from_wire(password.as_bytes()).expect("a key")
    }

    fn user(password: &str) -> User {
        User {
            id: UserId(7),
            name: name("ada"),
            active: true,
            administrator: false,
            documents: 0,
            created: 0,
            last_used: None,
            key: password::hash(&key(password)).expect("hash"),
        }
    }

    fn name(name: &str) -> Username {
        Username::new(name).expect("a name")
    }

    fn address(last: u8) -> Option<IpAddr> {
        Some(IpAddr::from([192, 0, 2, last]))
    }

    /// An `Authenticator` whose clock stands still until the test moves it, by milliseconds.
    fn auth() -> (Arc<Authenticator>, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(0));
        let reader = clock.clone();
        let auth = Authenticator::with_clock(Box::new(move || reader.load(Ordering::Relaxed))).expect("auth");
        (Arc::new(auth), clock)
    }

    #[tokio::test]
    async fn a_changed_record_voids_a_verified_key() {
        let (auth, _) = auth();
        let before = user("old");
        let login = |user: &User, password| {
            let (auth, user, key) = (auth.clone(), user.clone(), key(password));
            async move { auth.login(&user.name.clone(), Some(user), key, None).await.expect("login") }
        };
        assert!(matches!(login(&before, "old").await, LoginOutcome::Accepted(_)));
        assert!(auth.is_verified(&before, &key("old")));
        assert!(!auth.is_verified(&before, &key("new")));

        // The same key hashed anew has another salt: that is another record, too.
        let after = user("old");
        assert!(!auth.is_verified(&after, &key("old")));
        let after = user("new");
        assert!(matches!(login(&after, "old").await, LoginOutcome::Refused));
        assert!(matches!(login(&after, "new").await, LoginOutcome::Accepted(_)));
        let off = User { active: false, ..after };
        assert!(matches!(login(&off, "new").await, LoginOutcome::Inactive));
        assert!(matches!(login(&off, "old").await, LoginOutcome::Refused));
    }

    #[tokio::test]
    async fn guessing_is_stopped_and_the_owner_goes_on() {
        let (auth, clock) = auth();
        let owner = user("right");
        let name = owner.name.clone();
        let guess = |from| auth.login(&name, Some(owner.clone()), key("wrong"), from);
        let mut refused = 0;
        let retry_after = loop {
            match guess(address(1)).await.expect("login") {
                LoginOutcome::Refused if refused < 1000 => refused += 1,
                LoginOutcome::TooMany { retry_after } => break retry_after,
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(refused, rate_limit::ADDRESS.burst);
        assert!(retry_after > Duration::ZERO);

        // From elsewhere the right key is let in, and once it is verified nobody's failures slow it down.
        let right = |from| auth.login(&name, Some(owner.clone()), key("right"), from);
        assert!(matches!(right(address(2)).await.expect("login"), LoginOutcome::Accepted(_)));
        assert!(matches!(right(address(1)).await.expect("login"), LoginOutcome::Accepted(_)));

        clock.fetch_add(u64::try_from(retry_after.as_millis()).expect("short"), Ordering::Relaxed);
        assert!(matches!(guess(address(1)).await.expect("login"), LoginOutcome::Refused));
        assert!(matches!(guess(address(1)).await.expect("login"), LoginOutcome::TooMany { .. }));
    }

    #[tokio::test]
    async fn an_account_is_guarded_against_many_addresses() {
        let (auth, _) = auth();
        let nobody = name("nobody");
        for last in 0..rate_limit::ACCOUNT.burst {
            let from = address(u8::try_from(last % 250).expect("small"));
            let login = auth.login(&nobody, None, key(&last.to_string()), from).await.expect("login");
            assert!(matches!(login, LoginOutcome::Refused), "guess {last}");
        }
        let login = auth.login(&nobody, None, key("one more"), address(251)).await.expect("login");
        assert!(matches!(login, LoginOutcome::TooMany { .. }));
        let other = auth.login(&name("somebody"), None, key("x"), address(251)).await.expect("login");
        assert!(matches!(other, LoginOutcome::Refused), "another name is another account");
    }

    /// While as many hash_permits as cores are under way, one more waits, with a right key, a wrong one and an unknown name alike.
    #[tokio::test]
    async fn runs_wait_for_a_core() {
        let (auth, _) = auth();
        let owner = user("right");
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let busy =
            auth.hash_permits.clone().acquire_many_owned(u32::try_from(cores).expect("few")).await.expect("permits");
        let attempts = [(Some(owner.clone()), "right"), (Some(owner.clone()), "wrong"), (None, "right")];
        let mut waiting = Vec::new();
        for (user, password) in attempts {
            let mut login = Box::pin(auth.login(&owner.name, user, key(password), None));
            // By then one that does not wait is done. One that waits does so for as long as it takes.
            let ran = tokio::time::timeout(Duration::from_millis(300), &mut login).await;
            assert!(ran.is_err(), "it ran beside the others");
            waiting.push(login);
        }
        drop(busy);
        let mut outcomes = Vec::new();
        for login in waiting {
            outcomes.push(matches!(login.await.expect("login"), LoginOutcome::Accepted(_)));
        }
        assert_eq!(outcomes, [true, false, false]);
    }

    #[tokio::test]
    async fn the_same_key_shown_at_once_is_verified_once() {
        let (auth, _) = auth();
        let owner = user("right");
        let logins: Vec<_> = (0..200)
            .map(|_| {
                let (auth, owner) = (auth.clone(), owner.clone());
                tokio::spawn(
                    async move { auth.login(&owner.name.clone(), Some(owner), key("right"), address(1)).await },
                )
            })
            .collect();
        for login in logins {
            assert!(matches!(login.await.expect("task").expect("login"), LoginOutcome::Accepted(_)));
        }
    }
}

//! Limits by token bucket: failed logins, and accounts made.
//!
//! A bucket is one number: the time at which it will be full again. Full buckets are removed, and there are never more than
//! [`MAX_BUCKETS`].

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::{Network, UserId, Username, client_address};

/// Returns milliseconds since some fixed time.
pub(super) type Clock = Arc<dyn Fn() -> u64 + Send + Sync>;

/// Returns a clock that does not jump when the system time is set.
pub(super) fn monotonic_clock() -> Clock {
    let start = Instant::now();
    Arc::new(move || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// The size of a bucket and its refill time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quota {
    /// How many in a row are allowed; at least one.
    pub(super) burst: u64,
    /// Milliseconds until one more is allowed.
    pub(super) refill_ms: u64,
}

/// 20 failures of one address, then one every 15 s. Names that do not exist share it, and accounts that have never logged in from the
/// client's network: the limits must not tell which names exist [A4].
pub(super) const PER_ADDRESS: Quota = Quota { burst: 20, refill_ms: 15_000 };
/// 10 failures of one of those names at one address, then one every 15 s. So the others keep some.
pub(super) const PER_NAME_AT_ADDRESS: Quota = Quota { burst: 10, refill_ms: 15_000 };
/// 60 failures of one account from unknown networks, then one every 15 s. That is 5,760 a day.
pub(super) const PER_ACCOUNT: Quota = Quota { burst: 60, refill_ms: 15_000 };
/// 20 failures of one account from a known network, then one every 15 s.
pub(super) const PER_KNOWN_NETWORK: Quota = Quota { burst: 20, refill_ms: 15_000 };
/// 20 repetitions of one wrong key from one address, then one every 15 s. They cost no Argon2 run.
pub(super) const PER_WRONG_KEY: Quota = Quota { burst: 20, refill_ms: 15_000 };

/// Most buckets, of 16 bytes each. At this number the fuller half of them is dropped.
const MAX_BUCKETS: usize = 1 << 17;

/// What a bucket is for. Clients of unknown address share one.
#[derive(Hash)]
pub(super) enum Bucket<'a> {
    Address(Option<IpAddr>),
    NameAtAddress(&'a Username, Option<IpAddr>),
    Account(&'a Username),
    KnownNetwork(UserId, Network),
    WrongKey([u8; 16], Option<IpAddr>),
    /// Accounts that clients of an address made.
    Registrations(Option<IpAddr>),
    AllRegistrations,
}

/// The buckets that an attempt needs one token of each.
pub(super) struct Charge(Vec<(u64, Quota)>);

pub(super) struct RateLimiter {
    clock: Clock,
    /// Keyed by hash, so that long names take no more memory than short ones.
    buckets: Mutex<HashMap<u64, u64>>,
    hasher: RandomState,
}

impl RateLimiter {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, buckets: Mutex::default(), hasher: RandomState::new() }
    }

    fn buckets(&self) -> MutexGuard<'_, HashMap<u64, u64>> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns what a failed login costs.
    ///
    /// Where the account has logged in from the client's network before, that is a bucket of its own, which strangers cannot empty.
    pub(super) fn login_charge(
        &self,
        name: &Username,
        client: Option<IpAddr>,
        known: Option<(UserId, Network)>,
    ) -> Charge {
        let client = client.map(client_address);
        match known {
            Some((user, network)) => self.charge(&[(Bucket::KnownNetwork(user, network), PER_KNOWN_NETWORK)]),
            None => self.charge(&[
                (Bucket::Address(client), PER_ADDRESS),
                (Bucket::NameAtAddress(name, client), PER_NAME_AT_ADDRESS),
                (Bucket::Account(name), PER_ACCOUNT),
            ]),
        }
    }

    /// Returns what one more login with a key that is known to be wrong costs.
    pub(super) fn wrong_key_charge(&self, key: [u8; 16], client: Option<IpAddr>) -> Charge {
        self.charge(&[(Bucket::WrongKey(key, client.map(client_address)), PER_WRONG_KEY)])
    }

    pub(super) fn charge(&self, buckets: &[(Bucket<'_>, Quota)]) -> Charge {
        Charge(buckets.iter().map(|(bucket, quota)| (self.hasher.hash_one(bucket), *quota)).collect())
    }

    /// Checks that each bucket has a token; `Err` is the time until all have.
    pub(super) fn check(&self, charge: &Charge) -> Result<(), Duration> {
        wait(&self.buckets(), charge, (self.clock)())
    }

    /// Takes a token of each bucket; `Err` is the time until all have one.
    pub(super) fn consume(&self, charge: &Charge) -> Result<(), Duration> {
        let now = (self.clock)();
        let mut buckets = self.buckets();
        wait(&buckets, charge, now)?;
        make_room(&mut buckets, now, MAX_BUCKETS);
        for (bucket, quota) in &charge.0 {
            let full_at = buckets.entry(*bucket).or_insert(now);
            *full_at = now.max(*full_at) + quota.refill_ms;
        }
        Ok(())
    }

    /// Takes a token of the address's bucket, if it has one. The failure was outside its limit.
    pub(super) fn spend_address(&self, client: Option<IpAddr>) {
        // An error means that it is empty already.
        let _ = self.consume(&self.charge(&[(Bucket::Address(client.map(client_address)), PER_ADDRESS)]));
    }

    /// Returns what [`RateLimiter::consume`] took.
    pub(super) fn refund(&self, charge: &Charge) {
        let mut buckets = self.buckets();
        for (bucket, quota) in &charge.0 {
            if let Some(full_at) = buckets.get_mut(bucket) {
                *full_at = full_at.saturating_sub(quota.refill_ms);
            }
        }
    }
}

fn wait(buckets: &HashMap<u64, u64>, charge: &Charge, now: u64) -> Result<(), Duration> {
    let waits = charge.0.iter().map(|(bucket, quota)| quota.wait(buckets.get(bucket).copied(), now));
    match waits.max().unwrap_or(0) {
        0 => Ok(()),
        wait => Err(Duration::from_millis(wait)),
    }
}

/// Removes full buckets, and the fuller half of the others, once there are `max`.
fn make_room(buckets: &mut HashMap<u64, u64>, now: u64, max: usize) {
    if buckets.len() < max {
        return;
    }
    buckets.retain(|_, full_at| *full_at > now);
    if buckets.len() < max / 2 {
        return;
    }
    let mut times: Vec<u64> = buckets.values().copied().collect();
    let middle = times.len() / 2;
    let (below, median, _) = times.select_nth_unstable(middle);
    let median = *median;
    // Of those like the median, as many as the half still lacks.
    let mut equal = below.iter().filter(|full_at| **full_at == median).count();
    buckets.retain(|_, full_at| {
        let goes = *full_at == median && equal > 0;
        equal -= usize::from(goes);
        !goes && *full_at >= median
    });
}

impl Quota {
    /// Returns the milliseconds until one more is allowed.
    fn wait(self, full_at: Option<u64>, now: u64) -> u64 {
        let missing = full_at.map_or(0, |full_at| full_at.saturating_sub(now));
        missing.saturating_sub(self.burst.saturating_sub(1).saturating_mul(self.refill_ms))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn limiter() -> (RateLimiter, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(1));
        let reader = clock.clone();
        (RateLimiter::new(Arc::new(move || reader.load(Ordering::Relaxed))), clock)
    }

    fn name(name: &str) -> Username {
        Username::new(name).expect("a name")
    }

    fn ip(address: &str) -> Option<IpAddr> {
        Some(address.parse().expect("an address"))
    }

    fn fail(limiter: &RateLimiter, who: &str, from: &str) -> Result<(), Duration> {
        limiter.consume(&limiter.login_charge(&name(who), ip(from), None))
    }

    #[test]
    fn a_bucket_refills_over_time() {
        let (limiter, clock) = limiter();
        for _ in 0..PER_NAME_AT_ADDRESS.burst {
            assert!(fail(&limiter, "a", "192.0.2.1").is_ok());
        }
        let wait = fail(&limiter, "a", "192.0.2.1").expect_err("empty");
        assert_eq!(wait, Duration::from_millis(PER_NAME_AT_ADDRESS.refill_ms));
        clock.fetch_add(PER_NAME_AT_ADDRESS.refill_ms - 1, Ordering::Relaxed);
        let charge = limiter.login_charge(&name("a"), ip("192.0.2.1"), None);
        assert_eq!(limiter.check(&charge), Err(Duration::from_millis(1)));
        clock.fetch_add(1, Ordering::Relaxed);
        assert!(fail(&limiter, "a", "192.0.2.1").is_ok());
        assert!(fail(&limiter, "a", "192.0.2.1").is_err());
    }

    /// Readest tries its header, then Basic, then registers. Setting up five devices must stay within the limit.
    #[test]
    fn a_successful_login_costs_nothing() {
        let (limiter, _) = limiter();
        let charge = limiter.login_charge(&name("a"), ip("192.0.2.1"), None);
        for _ in 0..10 * PER_ADDRESS.burst {
            assert!(limiter.consume(&charge).is_ok());
            limiter.refund(&charge);
        }
    }

    /// Attack 3: one device with an old password locked out the others behind its address.
    #[test]
    fn one_name_leaves_some_of_its_address_for_the_others() {
        let (limiter, clock) = limiter();
        for _ in 0..100 {
            let _ = fail(&limiter, "a", "192.0.2.1");
            clock.fetch_add(100, Ordering::Relaxed);
        }
        assert!(fail(&limiter, "a", "192.0.2.1").is_err());
        assert!(fail(&limiter, "b", "192.0.2.1").is_ok());
        // Names together have the address's limit, whether they exist or not.
        let allowed = (0..100).take_while(|number| fail(&limiter, &number.to_string(), "192.0.2.1").is_ok()).count();
        assert!(allowed < 10, "{allowed}");
        assert!(fail(&limiter, "c", "192.0.2.2").is_ok());
    }

    #[test]
    fn strangers_cannot_empty_the_bucket_of_a_known_network() {
        let (limiter, _) = limiter();
        for number in 0..PER_ACCOUNT.burst {
            assert!(fail(&limiter, "a", &format!("198.51.100.{number}")).is_ok());
        }
        assert!(fail(&limiter, "a", "203.0.113.1").is_err());
        let known = Some((UserId(1), Network::of(ip("192.0.2.1").expect("ip"))));
        let charge = limiter.login_charge(&name("a"), ip("192.0.2.1"), known);
        for _ in 0..PER_KNOWN_NETWORK.burst {
            assert!(limiter.consume(&charge).is_ok());
        }
        assert!(limiter.consume(&charge).is_err(), "it has a limit, too");
    }

    #[test]
    fn buckets_are_bounded_and_the_emptiest_stay() {
        let mut buckets: HashMap<u64, u64> = (0..100).map(|number| (number, number)).collect();
        make_room(&mut buckets, 10, 101);
        assert_eq!(buckets.len(), 100, "there is room");
        make_room(&mut buckets, 10, 100);
        let mut kept: Vec<u64> = buckets.into_keys().collect();
        kept.sort_unstable();
        // 11 to 99 were not full: the fuller 44 go.
        assert_eq!(kept, (55..100).collect::<Vec<_>>());
        let mut equal: HashMap<u64, u64> = (0..100).map(|number| (number, 7)).collect();
        make_room(&mut equal, 0, 100);
        assert_eq!(equal.len(), 50);
    }
}

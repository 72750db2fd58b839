//! Limits failed logins per client address and per account.
//!
//! Each has a token bucket, stored as one number: the time at which the bucket will be full again. Full buckets are removed.
//! Each failure costs an Argon2 run, so the cores bound how many buckets there can be.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Username;

/// Returns milliseconds since some fixed time.
pub(super) type Clock = Box<dyn Fn() -> u64 + Send + Sync>;

/// Returns a clock that does not jump when the system time is set.
pub(super) fn monotonic_clock() -> Clock {
    let start = Instant::now();
    Box::new(move || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// The size of a bucket and its refill time.
#[derive(Clone, Copy)]
pub(super) struct Quota {
    /// Failures in a row that are allowed.
    pub(super) burst: u64,
    /// Milliseconds until one more is allowed.
    pub(super) refill_ms: u64,
}

/// 20 failures, then one every 15 s: a household has several devices behind one address, and a forgotten password or two.
pub(super) const PER_ADDRESS: Quota = Quota { burst: 20, refill_ms: 15_000 };
/// 60 failures, then one every 15 s, or 5,760 a day. It is larger than [`PER_ADDRESS`], so that one address cannot lock the
/// owner of an account out at another address.
pub(super) const PER_ACCOUNT: Quota = Quota { burst: 60, refill_ms: 15_000 };

pub(super) struct RateLimiter {
    clock: Clock,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// Clients of unknown address share one bucket.
    addresses: HashMap<Option<IpAddr>, u64>,
    accounts: HashMap<Username, u64>,
    /// Number of buckets at which full ones are removed.
    sweep_at: usize,
}

impl RateLimiter {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, buckets: Mutex::default() }
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Checks that one more failure is allowed; `Err` is the time until it is.
    pub(super) fn check(&self, name: &Username, client: Option<IpAddr>) -> Result<(), Duration> {
        self.buckets().check(name, client.map(network), (self.clock)())
    }

    /// Consumes one failure from both buckets; `Err` is the time until both have one.
    pub(super) fn consume(&self, name: &Username, client: Option<IpAddr>) -> Result<(), Duration> {
        let now = (self.clock)();
        let client = client.map(network);
        let mut buckets = self.buckets();
        buckets.check(name, client, now)?;
        buckets.sweep(now);
        PER_ADDRESS.consume(&mut buckets.addresses, client, now);
        PER_ACCOUNT.consume(&mut buckets.accounts, name.clone(), now);
        Ok(())
    }

    /// Refunds what [`RateLimiter::consume`] took, for a login that succeeded.
    pub(super) fn refund(&self, name: &Username, client: Option<IpAddr>) {
        let mut buckets = self.buckets();
        if let Some(full_at) = buckets.addresses.get_mut(&client.map(network)) {
            *full_at = full_at.saturating_sub(PER_ADDRESS.refill_ms);
        }
        if let Some(full_at) = buckets.accounts.get_mut(name) {
            *full_at = full_at.saturating_sub(PER_ACCOUNT.refill_ms);
        }
    }
}

impl Buckets {
    fn check(&self, name: &Username, client: Option<IpAddr>, now: u64) -> Result<(), Duration> {
        let address = PER_ADDRESS.wait(self.addresses.get(&client), now);
        let account = PER_ACCOUNT.wait(self.accounts.get(name), now);
        match address.max(account) {
            0 => Ok(()),
            wait => Err(Duration::from_millis(wait)),
        }
    }

    fn sweep(&mut self, now: u64) {
        if self.addresses.len() + self.accounts.len() >= self.sweep_at {
            self.addresses.retain(|_, full_at| *full_at > now);
            self.accounts.retain(|_, full_at| *full_at > now);
            self.sweep_at = 1024.max(2 * (self.addresses.len() + self.accounts.len()));
        }
    }
}

impl Quota {
    /// Returns the milliseconds until one more failure is allowed.
    fn wait(self, full_at: Option<&u64>, now: u64) -> u64 {
        let missing = full_at.map_or(0, |full_at| full_at.saturating_sub(now));
        missing.saturating_sub((self.burst - 1) * self.refill_ms)
    }

    fn consume<K: Eq + Hash>(self, buckets: &mut HashMap<K, u64>, key: K, now: u64) {
        let full_at = buckets.entry(key).or_insert(now);
        *full_at = now.max(*full_at) + self.refill_ms;
    }
}

/// Returns the network that counts as one client.
///
/// That is an IPv4 address, or the /64 around an IPv6 address, since a home or a server usually has all of a /64.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn limiter() -> (RateLimiter, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(1));
        let reader = clock.clone();
        (RateLimiter::new(Box::new(move || reader.load(Ordering::Relaxed))), clock)
    }

    fn name(name: &str) -> Username {
        Username::new(name).expect("a name")
    }

    fn ip(address: &str) -> Option<IpAddr> {
        Some(address.parse().expect("an address"))
    }

    #[test]
    fn a_bucket_refills_over_time() {
        let (limiter, clock) = limiter();
        for _ in 0..PER_ADDRESS.burst {
            assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_ok());
        }
        let wait = limiter.consume(&name("a"), ip("192.0.2.1")).expect_err("empty");
        assert_eq!(wait, Duration::from_millis(PER_ADDRESS.refill_ms));
        clock.fetch_add(PER_ADDRESS.refill_ms - 1, Ordering::Relaxed);
        assert_eq!(limiter.check(&name("a"), ip("192.0.2.1")), Err(Duration::from_millis(1)));
        clock.fetch_add(1, Ordering::Relaxed);
        assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_ok());
        assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_err());
    }

    /// Readest tries its header, then Basic, then registers; setting up five devices must stay within the limit.
    #[test]
    fn a_successful_login_costs_nothing() {
        let (limiter, _) = limiter();
        for _ in 0..10 * PER_ADDRESS.burst {
            assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_ok());
            limiter.refund(&name("a"), ip("192.0.2.1"));
        }
    }

    #[test]
    fn ipv6_counts_per_64_network_and_mapped_ipv4_per_address() {
        assert_eq!(network("2001:db8::1".parse().expect("ip")), network("2001:db8::ffff:2".parse().expect("ip")));
        assert_ne!(network("2001:db8::1".parse().expect("ip")), network("2001:db8:0:1::1".parse().expect("ip")));
        assert_eq!(network("::ffff:192.0.2.1".parse().expect("ip")), "192.0.2.1".parse::<IpAddr>().expect("ip"));
    }

    #[test]
    fn full_buckets_are_removed() {
        let (limiter, clock) = limiter();
        for number in 0..5_000 {
            clock.fetch_add(PER_ACCOUNT.refill_ms, Ordering::Relaxed);
            assert!(limiter.consume(&name(&number.to_string()), None).is_ok());
        }
        assert!(limiter.buckets().accounts.len() <= 1024);
    }
}

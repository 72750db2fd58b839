//! The limit on failed logins: per client address, and per account.
//!
//! A token bucket each, kept as one number: the time at which the bucket will be full again. A bucket that is full is
//! forgotten, and since each failure costs an Argon2 run, the cores bound how many there can be.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::model::Username;

/// Milliseconds since some start.
pub(super) type Now = Box<dyn Fn() -> u64 + Send + Sync>;

/// The clock that nobody can set back.
pub(super) fn monotonic() -> Now {
    let start = Instant::now();
    Box::new(move || u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX))
}

/// How many failures in a row are let pass, and how long it takes until one more is.
#[derive(Clone, Copy)]
pub(super) struct Rate {
    pub(super) burst: u64,
    /// Milliseconds.
    pub(super) refill: u64,
}

/// A household behind one address has several devices and a forgotten password or two.
pub(super) const ADDRESS: Rate = Rate { burst: 20, refill: 15_000 };
/// Wider, so that one address cannot use up what its owner needs at another; 5,760 guesses a day at most.
pub(super) const ACCOUNT: Rate = Rate { burst: 60, refill: 15_000 };

pub(super) struct RateLimiter {
    now: Now,
    buckets: Mutex<Buckets>,
}

#[derive(Default)]
struct Buckets {
    /// Those whose address is not known count as one.
    addresses: HashMap<Option<IpAddr>, u64>,
    accounts: HashMap<Username, u64>,
    /// How many there may be before those that are full are looked for.
    sweep_at: usize,
}

impl RateLimiter {
    pub(super) fn new(now: Now) -> Self {
        Self { now, buckets: Mutex::default() }
    }

    fn buckets(&self) -> MutexGuard<'_, Buckets> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether one more failure would be let pass; if not, how long to wait.
    pub(super) fn check(&self, name: &Username, client: Option<IpAddr>) -> Result<(), Duration> {
        self.buckets().check(name, client.map(network), (self.now)())
    }

    /// Takes one failure out of both buckets, if both have one.
    pub(super) fn consume(&self, name: &Username, client: Option<IpAddr>) -> Result<(), Duration> {
        let now = (self.now)();
        let client = client.map(network);
        let mut buckets = self.buckets();
        buckets.check(name, client, now)?;
        buckets.sweep(now);
        ADDRESS.consume(&mut buckets.addresses, client, now);
        ACCOUNT.consume(&mut buckets.accounts, name.clone(), now);
        Ok(())
    }

    /// Gives back what [`RateLimiter::consume`] took: the login did not fail.
    pub(super) fn refund(&self, name: &Username, client: Option<IpAddr>) {
        let mut buckets = self.buckets();
        if let Some(full_at) = buckets.addresses.get_mut(&client.map(network)) {
            *full_at = full_at.saturating_sub(ADDRESS.refill);
        }
        if let Some(full_at) = buckets.accounts.get_mut(name) {
            *full_at = full_at.saturating_sub(ACCOUNT.refill);
        }
    }
}

impl Buckets {
    fn check(&self, name: &Username, client: Option<IpAddr>, now: u64) -> Result<(), Duration> {
        let address = ADDRESS.wait(self.addresses.get(&client), now);
        let account = ACCOUNT.wait(self.accounts.get(name), now);
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

impl Rate {
    /// Milliseconds until one more failure is let pass.
    fn wait(self, full_at: Option<&u64>, now: u64) -> u64 {
        let missing = full_at.map_or(0, |full_at| full_at.saturating_sub(now));
        missing.saturating_sub((self.burst - 1) * self.refill)
    }

    fn consume<K: Eq + Hash>(self, buckets: &mut HashMap<K, u64>, key: K, now: u64) {
        let full_at = buckets.entry(key).or_insert(now);
        *full_at = now.max(*full_at) + self.refill;
    }
}

/// What counts as one client: an IPv4 address, or the /64 that a home or a server has of IPv6.
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
    fn a_bucket_fills_up_again() {
        let (limiter, clock) = limiter();
        for _ in 0..ADDRESS.burst {
            assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_ok());
        }
        let wait = limiter.consume(&name("a"), ip("192.0.2.1")).expect_err("empty");
        assert_eq!(wait, Duration::from_millis(ADDRESS.refill));
        clock.fetch_add(ADDRESS.refill - 1, Ordering::Relaxed);
        assert_eq!(limiter.check(&name("a"), ip("192.0.2.1")), Err(Duration::from_millis(1)));
        clock.fetch_add(1, Ordering::Relaxed);
        assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_ok());
        assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_err());
    }

    /// Readest tries its header, then Basic, then registers: a person who sets up five devices must not be stopped.
    #[test]
    fn what_succeeds_costs_nothing() {
        let (limiter, _) = limiter();
        for _ in 0..10 * ADDRESS.burst {
            assert!(limiter.consume(&name("a"), ip("192.0.2.1")).is_ok());
            limiter.refund(&name("a"), ip("192.0.2.1"));
        }
    }

    #[test]
    fn ipv6_counts_by_64_and_mapped_ipv4_by_address() {
        assert_eq!(network("2001:db8::1".parse().expect("ip")), network("2001:db8::ffff:2".parse().expect("ip")));
        assert_ne!(network("2001:db8::1".parse().expect("ip")), network("2001:db8:0:1::1".parse().expect("ip")));
        assert_eq!(network("::ffff:192.0.2.1".parse().expect("ip")), "192.0.2.1".parse::<IpAddr>().expect("ip"));
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let (limiter, clock) = limiter();
        for last in 0..5_000 {
            clock.fetch_add(ACCOUNT.refill, Ordering::Relaxed);
            assert!(limiter.consume(&name(&last.to_string()), None).is_ok());
        }
        assert!(limiter.buckets().accounts.len() <= 1024);
    }
}

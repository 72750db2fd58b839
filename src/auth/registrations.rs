//! Registrations by clients: one at a time for each name, and a limit on how many accounts they make.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

use super::rate_limit::{Bucket, Charge, Quota, RateLimiter};
use crate::model::{Username, client_address};

/// How many accounts clients may make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RegistrationLimits {
    /// Accounts that clients of one address make in a row; then one a minute. 0: no limit.
    pub(crate) per_address: u32,
    /// Accounts that all clients together may create in a row. Then a tenth of that number is allowed each
    /// minute. 0: no limit.
    pub(crate) overall: u32,
}

impl Default for RegistrationLimits {
    fn default() -> Self {
        Self { per_address: 30, overall: 300 }
    }
}

impl RegistrationLimits {
    pub(super) fn buckets(self, client: Option<IpAddr>) -> Vec<(Bucket<'static>, Quota)> {
        const MINUTE_MS: u64 = 60_000;
        let mut buckets = Vec::new();
        if self.per_address > 0 {
            let quota = Quota { burst: self.per_address.into(), refill_ms: MINUTE_MS };
            buckets.push((Bucket::Registrations(client.map(client_address)), quota));
        }
        if self.overall > 0 {
            let refill_ms = (10 * MINUTE_MS / u64::from(self.overall)).max(1);
            buckets.push((Bucket::AllRegistrations, Quota { burst: self.overall.into(), refill_ms }));
        }
        buckets
    }
}

/// The right to make one account. It counts only if the account was made: otherwise dropping it gives it back.
pub(crate) struct RegistrationSlot<'a> {
    limiter: &'a RateLimiter,
    charge: Charge,
    is_used: bool,
}

impl<'a> RegistrationSlot<'a> {
    pub(super) fn take(
        limiter: &'a RateLimiter,
        limits: RegistrationLimits,
        client: Option<IpAddr>,
    ) -> Result<Self, Duration> {
        let charge = limiter.charge(&limits.buckets(client));
        limiter.consume(&charge)?;
        Ok(Self { limiter, charge, is_used: false })
    }

    /// Counts the account as made.
    pub(crate) fn use_up(mut self) {
        self.is_used = true;
    }
}

impl Drop for RegistrationSlot<'_> {
    fn drop(&mut self) {
        if !self.is_used {
            self.limiter.refund(&self.charge);
        }
    }
}

/// The names that are being registered now.
#[derive(Default)]
pub(super) struct NamesInProgress(Arc<Names>);

type Names = Mutex<HashMap<Username, Arc<AsyncMutex<()>>>>;

impl NamesInProgress {
    /// Waits until no other registration of that name is in progress. Returns `None` if that takes longer than
    /// `deadline`.
    pub(super) async fn claim(&self, name: Username, deadline: Duration) -> Option<NameClaim> {
        let lock = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(name.clone()).or_default().clone();
        // Made before the wait, so that a client that disconnects leaves no entry.
        let mut claim = NameClaim { names: self.0.clone(), name, lock: Some(lock.clone()), guard: None };
        claim.guard = Some(tokio::time::timeout(deadline, lock.lock_owned()).await.ok()?);
        Some(claim)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// The right to register a name, until it is dropped.
pub(crate) struct NameClaim {
    names: Arc<Names>,
    name: Username,
    lock: Option<Arc<AsyncMutex<()>>>,
    guard: Option<OwnedMutexGuard<()>>,
}

impl Drop for NameClaim {
    fn drop(&mut self) {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        self.guard = None;
        self.lock = None;
        // No other task waits for it: only the map holds it.
        if names.get(&self.name).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            names.remove(&self.name);
        }
    }
}

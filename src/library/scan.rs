//! ScanLimiter: for what reads all of an account at once, one after the other.
//!
//! One at a time bounds the memory, and what others have to wait for. So that nobody can take all limiter, an account has no more
//! than a few, and nobody waits without end: who is refused may try again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Error, Result};
use crate::model::UserId;

/// ScanLimiter that one account may have or wait for.
const MAX_PER_ACCOUNT: u32 = 3;
/// How long anybody waits for one.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);

pub(crate) struct ScanLimiter {
    one: Semaphore,
    of_accounts: Mutex<HashMap<UserId, u32>>,
}

/// A permit, until it is dropped.
pub(crate) struct ScanPermit<'a> {
    _permit: SemaphorePermit<'a>,
    _place: QueueSlot<'a>,
}

/// A slot in the queue.
struct QueueSlot<'a> {
    limiter: &'a ScanLimiter,
    account: UserId,
}

impl ScanLimiter {
    pub(crate) fn new() -> Self {
        Self { one: Semaphore::new(1), of_accounts: Mutex::default() }
    }

    /// Waits for a permit of an account.
    ///
    /// # Errors
    /// [`Error::Busy`] if the account has too many already, or the others take too long.
    pub(crate) async fn take(&self, account: UserId) -> Result<ScanPermit<'_>> {
        let slot = self.queue(account)?;
        let permit = tokio::time::timeout(WAIT_TIMEOUT, self.one.acquire()).await.map_err(|_| Error::Busy)?;
        Ok(ScanPermit { _permit: permit.map_err(|_| Error::StoreClosed)?, _place: slot })
    }

    fn queue(&self, account: UserId) -> Result<QueueSlot<'_>> {
        let mut of_accounts = self.of_accounts();
        let count = of_accounts.entry(account).or_default();
        if *count >= MAX_PER_ACCOUNT {
            return Err(Error::Busy);
        }
        *count += 1;
        Ok(QueueSlot { limiter: self, account })
    }

    fn of_accounts(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.of_accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        let mut of_accounts = self.limiter.of_accounts();
        if let Some(count) = of_accounts.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                of_accounts.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Polls once.
    async fn is_ready<T>(future: &mut std::pin::Pin<Box<impl Future<Output = T>>>) -> bool {
        std::future::poll_fn(|cx| std::task::Poll::Ready(future.as_mut().poll(cx).is_ready())).await
    }

    #[tokio::test]
    async fn an_account_has_no_more_than_its_share() {
        let limiter = ScanLimiter::new();
        let (greedy, other) = (UserId(1), UserId(2));
        let first = limiter.take(greedy).await.expect("a permit");
        let mut waiting: Vec<_> = (1..MAX_PER_ACCOUNT).map(|_| Box::pin(limiter.take(greedy))).collect();
        for permit in &mut waiting {
            assert!(!is_ready(permit).await);
        }
        assert!(matches!(limiter.take(greedy).await, Err(Error::Busy)), "one too many");
        let mut patient = Box::pin(limiter.take(other));
        assert!(!is_ready(&mut patient).await, "another account waits for its permit");
        // Who hangs up gives its slot back.
        waiting.clear();
        drop(first);
        drop(patient.await.expect("a permit"));
        assert!(limiter.take(greedy).await.is_ok());
        assert!(limiter.of_accounts().is_empty());
    }
}

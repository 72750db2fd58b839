//! Turns: for what reads all of an account at once, one after the other.
//!
//! One at a time bounds the memory, and what others have to wait for. So that nobody can take all turns, an account has no more
//! than a few, and nobody waits without end: who is refused may try again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Error, Result};
use crate::model::UserId;

/// Turns that one account may have or wait for.
const EACH: u32 = 3;
/// How long anybody waits for one.
const PATIENCE: Duration = Duration::from_secs(5);

pub(crate) struct Turns {
    one: Semaphore,
    of_accounts: Mutex<HashMap<UserId, u32>>,
}

/// A turn, until it is dropped.
pub(crate) struct Turn<'a> {
    _permit: SemaphorePermit<'a>,
    _place: Place<'a>,
}

/// A place in the queue.
struct Place<'a> {
    turns: &'a Turns,
    account: UserId,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self { one: Semaphore::new(1), of_accounts: Mutex::default() }
    }

    /// Waits for a turn of an account.
    ///
    /// # Errors
    /// [`Error::Busy`] if the account has too many already, or the others take too long.
    pub(crate) async fn take(&self, account: UserId) -> Result<Turn<'_>> {
        let place = self.queue(account)?;
        let permit = tokio::time::timeout(PATIENCE, self.one.acquire()).await.map_err(|_| Error::Busy)?;
        Ok(Turn { _permit: permit.map_err(|_| Error::Stopped)?, _place: place })
    }

    fn queue(&self, account: UserId) -> Result<Place<'_>> {
        let mut of_accounts = self.of_accounts();
        let count = of_accounts.entry(account).or_default();
        if *count >= EACH {
            return Err(Error::Busy);
        }
        *count += 1;
        Ok(Place { turns: self, account })
    }

    fn of_accounts(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.of_accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut of_accounts = self.turns.of_accounts();
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
        let turns = Turns::new();
        let (greedy, other) = (UserId(1), UserId(2));
        let first = turns.take(greedy).await.expect("a turn");
        let mut waiting: Vec<_> = (1..EACH).map(|_| Box::pin(turns.take(greedy))).collect();
        for turn in &mut waiting {
            assert!(!is_ready(turn).await);
        }
        assert!(matches!(turns.take(greedy).await, Err(Error::Busy)), "one too many");
        let mut patient = Box::pin(turns.take(other));
        assert!(!is_ready(&mut patient).await, "another account waits for its turn");
        // Who hangs up gives its place back.
        waiting.clear();
        drop(first);
        drop(patient.await.expect("a turn"));
        assert!(turns.take(greedy).await.is_ok());
        assert!(turns.of_accounts().is_empty());
    }
}

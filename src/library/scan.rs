//! Scans: reading all documents of an account, one scan at a time.
//!
//! One at a time bounds the memory of all scans together and the time that a scan takes. An account has a limited number of slots
//! in the queue, so that one account cannot keep the others out, and a wait ends with an error.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::error::{Error, Result};
use crate::model::UserId;
use crate::store::{DocumentEntry, Store};

/// Scans of one account that run or wait.
const MAX_PER_ACCOUNT: u32 = 3;
/// How long a scan waits for the others.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);
/// Rows that are read before other tasks run.
const ROWS_PER_SLICE: usize = 256;

/// Calls `visit` with each document of `owner`, in order of their ids, while no other scan runs.
///
/// `requester` is the account whose slot the scan takes. `visit` returns how many rows it has read itself, which count for the
/// slices: after [`ROWS_PER_SLICE`] rows other tasks run.
///
/// # Errors
/// [`Error::Busy`] if three scans of `requester` run or wait already, or the others take longer than 5 s; the first error of
/// `visit`; [`Error::Store`] if the data cannot be read.
pub(crate) async fn each_document(
    store: &Store,
    limiter: &ScanLimiter,
    requester: UserId,
    owner: UserId,
    mut visit: impl FnMut(DocumentEntry) -> Result<usize> + Send,
) -> Result<()> {
    let _permit = limiter.acquire(requester).await?;
    let (mut after, mut rows) = (None, 0);
    loop {
        let slice = store.documents(owner, after.as_ref(), ROWS_PER_SLICE)?;
        let Some(last) = slice.last() else { return Ok(()) };
        after = Some(last.document.clone());
        for entry in slice {
            rows += 1 + visit(entry)?;
            if rows >= ROWS_PER_SLICE {
                rows = 0;
                tokio::task::yield_now().await;
            }
        }
    }
}

/// Admits one scan at a time, and a few of each account to the queue.
pub(crate) struct ScanLimiter {
    running: Semaphore,
    by_account: Mutex<HashMap<UserId, u32>>,
}

/// The right to scan, until it is dropped.
pub(crate) struct ScanPermit<'a> {
    _running: SemaphorePermit<'a>,
    _slot: QueueSlot<'a>,
}

/// One of an account's slots in the queue, until it is dropped.
struct QueueSlot<'a> {
    limiter: &'a ScanLimiter,
    account: UserId,
}

impl ScanLimiter {
    pub(crate) fn new() -> Self {
        Self { running: Semaphore::new(1), by_account: Mutex::default() }
    }

    /// Waits until no other scan runs.
    ///
    /// # Errors
    /// [`Error::Busy`] if the account has [`MAX_PER_ACCOUNT`] scans already, or the wait is longer than [`WAIT_TIMEOUT`].
    async fn acquire(&self, account: UserId) -> Result<ScanPermit<'_>> {
        let slot = self.queue(account)?;
        let running = tokio::time::timeout(WAIT_TIMEOUT, self.running.acquire()).await.map_err(|_| Error::Busy)?;
        Ok(ScanPermit { _running: running.map_err(|_| Error::StoreClosed)?, _slot: slot })
    }

    fn queue(&self, account: UserId) -> Result<QueueSlot<'_>> {
        let mut by_account = self.by_account();
        let count = by_account.entry(account).or_default();
        if *count >= MAX_PER_ACCOUNT {
            return Err(Error::Busy);
        }
        *count += 1;
        Ok(QueueSlot { limiter: self, account })
    }

    fn by_account(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.by_account.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        let mut by_account = self.limiter.by_account();
        if let Some(count) = by_account.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                by_account.remove(&self.account);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    use super::*;
    use crate::model::{Document, Progress, StoredKey, User, Username};
    use crate::store::{CreateOutcome, StoreOptions};

    /// Polls once, and returns whether the future is ready.
    async fn is_ready<T>(mut future: Pin<&mut impl Future<Output = T>>) -> bool {
        std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
    }

    #[tokio::test]
    async fn an_account_gets_its_share_and_no_more() {
        let limiter = ScanLimiter::new();
        let (greedy, other) = (UserId(1), UserId(2));
        let first = limiter.acquire(greedy).await.expect("a permit");
        let mut waiting: Vec<_> = (1..MAX_PER_ACCOUNT).map(|_| Box::pin(limiter.acquire(greedy))).collect();
        for permit in &mut waiting {
            assert!(!is_ready(permit.as_mut()).await);
        }
        assert!(matches!(limiter.acquire(greedy).await, Err(Error::Busy)), "one too many");
        let mut queued = Box::pin(limiter.acquire(other));
        assert!(!is_ready(queued.as_mut()).await, "another account waits for the permit");
        // A client that hangs up frees its slot.
        waiting.clear();
        drop(first);
        drop(queued.await.expect("a permit"));
        assert!(limiter.acquire(greedy).await.is_ok());
        assert!(limiter.by_account().is_empty());
    }

    async fn user_with_documents(store: &Store, name: &str, documents: usize) -> User {
        let name = Username::new(name).expect("a name");
        let created = store.create_user(name, StoredKey("key".into()), None).await.expect("created");
        let CreateOutcome::Created(user) = created else { panic!("the name is taken") };
        for number in 0..documents {
            let progress = Progress::new("p".into(), 0.5, "Kobo".into(), None).expect("a position");
            let document = Document::new(&number.to_string()).expect("an id");
            store.push(user.clone(), document, progress, None).await.expect("stored");
        }
        user
    }

    /// A scan that gives way to other tasks keeps its permit: if it dropped the permit early, the second scan would begin.
    #[tokio::test]
    async fn a_scan_begins_only_when_the_one_before_has_ended() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("store");
        let (ada, grace) = (user_with_documents(&store, "ada", 3).await, user_with_documents(&store, "grace", 3).await);
        let limiter = ScanLimiter::new();
        let (of_ada, of_grace) = (AtomicUsize::new(0), AtomicUsize::new(0));
        // Each document counts as a whole slice, so a scan gives way after each.
        let visit = |seen: &AtomicUsize| {
            seen.fetch_add(1, Ordering::Relaxed);
            Ok(ROWS_PER_SLICE)
        };
        let mut first = pin!(each_document(&store, &limiter, ada.id, ada.id, |_| visit(&of_ada)));
        let mut second = pin!(each_document(&store, &limiter, grace.id, grace.id, |_| visit(&of_grace)));
        assert!(!is_ready(first.as_mut()).await);
        assert_eq!(of_ada.load(Ordering::Relaxed), 1, "it gave way after one document");
        assert!(!is_ready(second.as_mut()).await);
        assert_eq!(of_grace.load(Ordering::Relaxed), 0, "the second scan began while the first one ran");
        first.await.expect("the first scan");
        assert_eq!((of_ada.load(Ordering::Relaxed), of_grace.load(Ordering::Relaxed)), (3, 0));
        second.await.expect("the second scan");
        assert_eq!(of_grace.load(Ordering::Relaxed), 3);
    }
}

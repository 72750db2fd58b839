//! Reading an account's data in slices: what bounds the memory and the time of lists, pages and statistics.
//!
//! Two limits. An account has three answers in flight: an [`AnswerSlot`] is held until the last byte is sent or the client is gone.
//! And one slice is read at a time, the accounts in turn: the permit is taken for each slice and never held while waiting for a client
//! or for anything else, so that accounts with very many rows delay another's list by the time of a slice, which is below a
//! millisecond.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::scan_queue::ScanQueue;
use crate::error::{Error, Result};
use crate::model::{Document, User, UserId};
use crate::store::{DocumentEntry, ShadowedAliases, SliceLimit, Store};

/// Answers of one account that are made or sent.
const MAX_PER_ACCOUNT: u32 = 3;
/// How long a slice waits for others.
const WAIT_TIMEOUT: Duration = Duration::from_secs(5);
/// Size of a slice: the bytes read before others have their turn, and those that an answer holds in memory.
///
/// Control characters are stored as a byte and are six bytes of JSON, so a slice is at most about 250 KiB of an answer.
pub(crate) const SLICE: SliceLimit = SliceLimit { rows: 256, bytes: 32 << 10 };
/// Takes the turns of reads that no account asked for. No account has this number.
pub(crate) const SERVER: UserId = UserId(0);

/// Admits one slice at a time, and a few answers of each account. Clones share the limits.
#[derive(Clone)]
pub(crate) struct ScanLimiter {
    inner: Arc<Inner>,
}

struct Inner {
    queue: ScanQueue,
    answers: Mutex<HashMap<UserId, u32>>,
}

/// One of an account's answers in flight, until it is dropped.
pub(crate) struct AnswerSlot {
    limiter: ScanLimiter,
    account: UserId,
}

impl ScanLimiter {
    pub(crate) fn new() -> Self {
        Self { inner: Arc::new(Inner { queue: ScanQueue::new(), answers: Mutex::default() }) }
    }

    /// Takes one of the account's slots for an answer.
    ///
    /// # Errors
    /// [`Error::Busy`] if the account has three answers in flight already.
    pub(crate) fn answer(&self, account: UserId) -> Result<AnswerSlot> {
        let mut answers = self.answers();
        let count = answers.entry(account).or_default();
        if *count >= MAX_PER_ACCOUNT {
            return Err(Error::Busy);
        }
        *count += 1;
        Ok(AnswerSlot { limiter: self.clone(), account })
    }

    /// Calls `read` while no other slice is read, then lets other tasks run. Accounts take turns.
    ///
    /// # Errors
    /// [`Error::Busy`] if the account's turn does not come within 5 s; any error of `read`.
    pub(crate) async fn slice<T>(&self, account: UserId, read: impl FnOnce() -> Result<T>) -> Result<T> {
        let permit = tokio::time::timeout(WAIT_TIMEOUT, self.inner.queue.acquire(account)).await;
        let permit = permit.map_err(|_| Error::Busy)?.ok_or(Error::StoreClosed)?;
        let result = read();
        drop(permit);
        tokio::task::yield_now().await;
        result
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<UserId, u32>> {
        self.inner.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AnswerSlot {
    fn drop(&mut self) {
        let mut answers = self.limiter.answers();
        if let Some(count) = answers.get_mut(&self.account) {
            *count -= 1;
            if *count == 0 {
                answers.remove(&self.account);
            }
        }
    }
}

/// Calls `visit` with each document of an account, in order of ids, slice by slice.
///
/// # Errors
/// [`Error::Busy`] if the slices of others take longer than 5 s; the first error of `visit`; [`Error::Store`] if the data cannot be
/// read.
pub(crate) async fn each_document(
    store: &Store,
    limiter: &ScanLimiter,
    owner: UserId,
    mut visit: impl FnMut(DocumentEntry) + Send,
) -> Result<()> {
    let mut after = None;
    loop {
        let slice = limiter.slice(owner, || store.documents_slice(owner, after.as_ref(), SLICE)).await?;
        let Some(last) = slice.last() else { return Ok(()) };
        after = Some(last.document.clone());
        slice.into_iter().for_each(&mut visit);
    }
}

/// Calls `visit` with each shadowed alias of an account and its document, slice by slice. A document of the same id shadows such an alias.
///
/// # Errors
/// [`Error::Busy`] if the slices of others take longer than 5 s; [`Error::Store`] if the data cannot be read; those of `visit`.
pub(crate) async fn each_shadowed_alias(
    store: &Store,
    limiter: &ScanLimiter,
    owner: UserId,
    mut visit: impl FnMut(Document, Document) -> Result<()> + Send,
) -> Result<()> {
    let mut after = None;
    loop {
        let read = || store.shadowed_aliases_slice(owner, after.as_ref(), SLICE.rows);
        let ShadowedAliases { found, last } = limiter.slice(owner, read).await?;
        found.into_iter().try_for_each(|(value, document)| visit(value, document))?;
        if last.is_none() {
            return Ok(());
        }
        after = last;
    }
}

/// Calls `visit` with each account, by name, slice by slice, until it returns `false`. `reader` is the account that asks for it.
///
/// # Errors
/// [`Error::Busy`] if the slices of others take longer than 5 s; [`Error::Store`] if the data cannot be read.
pub(crate) async fn each_user(
    store: &Store,
    limiter: &ScanLimiter,
    reader: UserId,
    mut visit: impl FnMut(User) -> bool + Send,
) -> Result<()> {
    let mut after = None;
    loop {
        let slice = limiter.slice(reader, || store.users_slice(after.as_ref(), SLICE.rows)).await?;
        let Some(last) = slice.last() else { return Ok(()) };
        after = Some(last.name.clone());
        if !slice.into_iter().all(&mut visit) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::{Pin, pin};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    use super::*;
    use crate::library::{BookList, BookQuery, look_up};
    use crate::model::{Document, Progress, StoredKey, User, Username};
    use crate::store::{CreateOutcome, StoreOptions};

    /// Polls once, and returns whether the future is ready.
    async fn is_ready<T>(mut future: Pin<&mut impl Future<Output = T>>) -> bool {
        std::future::poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_ready())).await
    }

    #[tokio::test]
    async fn an_account_has_three_answers_in_flight_and_no_more() {
        let limiter = ScanLimiter::new();
        let (greedy, other) = (UserId(1), UserId(2));
        let mut answers: Vec<_> = (0..MAX_PER_ACCOUNT).map(|_| limiter.answer(greedy).expect("a slot")).collect();
        assert!(matches!(limiter.answer(greedy), Err(Error::Busy)), "one too many");
        assert!(limiter.answer(other).is_ok(), "another account has its own");
        // A client that hangs up frees its slot.
        answers.pop();
        drop(limiter.answer(greedy).expect("a slot"));
        drop(answers);
        assert!(limiter.answers().is_empty());
    }

    async fn user_with_documents(store: &Store, name: &str, documents: usize, position: &str) -> User {
        let name = Username::new(name).expect("a name");
        let created = store.create_user(name, StoredKey("key".into()), None).await.expect("created");
        let CreateOutcome::Created(user) = created else { panic!("the name is taken") };
        for number in 0..documents {
            let progress = Progress::new(position.to_owned(), 0.5, "Kobo".into(), None).expect("a position");
            for entry in 0..2 {
                let document = Document::new(&format!("{number}{entry}")).expect("an id");
                store.push(user.clone(), document, progress.clone(), None).await.expect("stored");
            }
        }
        user
    }

    /// A list must not need many slices; it needed 52 of them. The first slices of an account wait for one slice each.
    #[tokio::test]
    async fn a_list_of_a_hundred_documents_takes_few_slices() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("store");
        let ada = user_with_documents(&store, "ada", 50, "p").await;
        let limiter = ScanLimiter::new();
        let list = BookList::load(&store, &limiter, &ada, BookQuery::new("", 100)).await.expect("list");
        let mut found = 0;
        look_up(&store, &limiter, ada.id, &list.into_refs(), |_| found += 1).await.expect("documents");
        assert_eq!((found, limiter.inner.queue.slices_of(ada.id)), (100, 3));
    }

    /// Attack 1 of the issue on abuse: a scan of very many rows kept all other lists out until it had ended.
    #[tokio::test]
    async fn two_scans_take_turns_slice_by_slice() {
        let dir = tempfile::tempdir().expect("dir");
        let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("store");
        // Two of these are larger than a slice.
        let large = "\u{1}".repeat(8 << 10);
        let ada = user_with_documents(&store, "ada", 3, &large).await;
        let grace = user_with_documents(&store, "grace", 1, &large).await;
        let limiter = ScanLimiter::new();
        let (of_ada, of_grace) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let visit = |seen: &AtomicUsize| {
            seen.fetch_add(1, Ordering::Relaxed);
        };
        let mut first = pin!(each_document(&store, &limiter, ada.id, |_| visit(&of_ada)));
        let mut second = pin!(each_document(&store, &limiter, grace.id, |_| visit(&of_grace)));
        assert!(!is_ready(first.as_mut()).await);
        while !is_ready(second.as_mut()).await {
            tokio::task::yield_now().await;
        }
        assert_eq!(of_grace.load(Ordering::Relaxed), 2, "the second scan has ended");
        assert!(of_ada.load(Ordering::Relaxed) < 6, "the first one has not");
        first.await.expect("the first scan");
        assert_eq!(of_ada.load(Ordering::Relaxed), 6);
    }
}

//! Keeps the activity of accounts in memory, so that pages and statistics do not read all history each time.
//!
//! An account's history is counted once, and then brought up to date from the log's new entries, by whichever process they were
//! written. A push writes nothing for it. The account's record has a number that changes with each deletion and each import, after which
//! its history is counted again; so it is where that is less to read than the log's new entries. Until then the days of entries that
//! were thinned away stay counted.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::activity::{Activity, ActivityCounts};
use super::book_history::BookHistory;
use super::scan::{SLICE, ScanLimiter};
use crate::error::Result;
use crate::model::{Document, User, UserId};
use crate::store::{DocumentEntry, JoinedBook, SliceLimit, Store};

/// Accounts that are kept, the last asked for.
const MAX_ACCOUNTS: usize = 256;
/// Bytes of memory that they may take: 16 MiB.
const MAX_BYTES: usize = 16 << 20;
/// Size of a slice of histories. Each row is looked up by itself, which takes longer than reading rows in order.
const HISTORY_SLICE: SliceLimit = SliceLimit { rows: 64, ..SLICE };
/// Entries of the log that are always read rather than the whole history.
const MIN_NEW_ENTRIES: u64 = 4096;

/// The activity of the accounts that asked for it last.
#[derive(Default)]
pub(crate) struct ActivityCache {
    accounts: Mutex<Accounts>,
}

#[derive(Default)]
struct Accounts {
    counted: HashMap<UserId, Counted>,
    /// Number of the next use.
    next_use: u64,
}

/// The history of an account up to a log entry.
struct Counted {
    counts: ActivityCounts,
    /// The account's number of rewrites then.
    rewrites: u32,
    /// The last log entry that was looked at.
    sequence: u64,
    /// Joined documents, each with the first of those that it is joined with.
    books: HashMap<Document, Document>,
    last_use: u64,
}

impl ActivityCache {
    /// Returns the devices and days of an account, as of now.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the
    /// data cannot be read.
    pub(crate) async fn load(&self, store: &Store, limiter: &ScanLimiter, user: &User) -> Result<Activity> {
        let mut counted = self.take(user);
        if let Some(known) = &mut counted
            && !known.catch_up(store, limiter, user).await?
        {
            counted = None;
        }
        let counted = match counted {
            Some(counted) => counted,
            None => Counted::count(store, limiter, user).await?,
        };
        let activity = counted.counts.activity(store.today().year());
        self.put(user.id, counted);
        Ok(activity)
    }

    /// Takes an account's counts out, if they are still right for what was counted.
    fn take(&self, user: &User) -> Option<Counted> {
        self.accounts().counted.remove(&user.id).filter(|counted| counted.rewrites == user.rewrites)
    }

    /// Keeps an account's counts, and drops those that were asked for longest ago until all fit.
    fn put(&self, user: UserId, counted: Counted) {
        if !counted.counts.is_complete() {
            return;
        }
        let mut accounts = self.accounts();
        accounts.next_use += 1;
        let last_use = accounts.next_use;
        accounts.counted.insert(user, Counted { last_use, ..counted });
        let bytes = |accounts: &Accounts| accounts.counted.values().map(Counted::size).sum::<usize>();
        while (accounts.counted.len() > MAX_ACCOUNTS || bytes(&accounts) > MAX_BYTES)
            && let Some(oldest) = accounts.counted.iter().min_by_key(|(_, counted)| counted.last_use).map(|(id, _)| *id)
        {
            accounts.counted.remove(&oldest);
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counted {
    /// Returns about how many bytes of memory the counts take.
    fn size(&self) -> usize {
        const PER_BOOK: usize = 192;
        self.counts.size() + self.books.len() * PER_BOOK
    }

    /// Reads the history of all documents, slice by slice.
    async fn count(store: &Store, limiter: &ScanLimiter, user: &User) -> Result<Self> {
        let sequence = store.last_sequence()?;
        let counts = ActivityCounts::default();
        let mut counted = Self { counts, rewrites: user.rewrites, sequence, books: HashMap::new(), last_use: 0 };
        let mut after = None;
        loop {
            let documents = limiter.slice(user.id, || store.documents_slice(user.id, after.as_ref(), SLICE)).await?;
            let Some(last) = documents.last() else {
                counted.counts.end_document();
                return Ok(counted);
            };
            after = Some(last.document.clone());
            // Where to go on: the document, and the last entry of its history that was read.
            let mut next = (0, None);
            while let Some(entry) = documents.get(next.0) {
                if let Some(book) = &entry.joined {
                    if entry.is_listed() {
                        counted.count_book(store, limiter, user, book).await?;
                    }
                    next = (next.0 + 1, None);
                } else {
                    next = limiter.slice(user.id, || counted.count_slice(store, user, &documents, next)).await?;
                }
            }
        }
    }

    /// Adds histories from `next` on until a slice is full. Returns where to go on.
    fn count_slice(
        &mut self,
        store: &Store,
        user: &User,
        documents: &[DocumentEntry],
        (mut index, mut before): (usize, Option<u64>),
    ) -> Result<(usize, Option<u64>)> {
        let mut left = HISTORY_SLICE;
        while let Some(entry) = documents.get(index)
            && entry.joined.is_none()
            && left.rows > 0
            && left.bytes > 0
        {
            if before.is_none() {
                self.counts.start_document();
            }
            let (mut history, bytes) = store.history_slice(user.id, &entry.document, before, left)?;
            left = SliceLimit {
                rows: left.rows.saturating_sub(history.len().max(1)),
                bytes: left.bytes.saturating_sub(bytes),
            };
            before = history.last().map(|last| last.sequence);
            if before.is_none() {
                index += 1;
            }
            // What is pushed meanwhile is added when the counts are next brought up to date.
            history.retain(|entry| entry.sequence <= self.sequence);
            let history = history.into_iter().map(|of_history| (entry.document.clone(), of_history));
            self.counts.add(&entry.document, history, store.zone());
        }
        Ok((index, before))
    }

    /// Adds the history of joined documents, as that of one book.
    async fn count_book(&mut self, store: &Store, limiter: &ScanLimiter, user: &User, book: &JoinedBook) -> Result<()> {
        let Some(first) = book.documents.first().map(|first| &first.document) else { return Ok(()) };
        let all = book.documents.iter().map(|joined| (joined.document.clone(), first.clone()));
        self.books.extend(all);
        self.counts.start_document();
        let mut sequences = BookHistory::load(store, limiter, user.id, book).await?;
        sequences.retain(|sequence| sequence <= self.sequence);
        while let Some(history) = sequences.next(store, limiter, user.id, HISTORY_SLICE).await? {
            self.counts.add(first, history, store.zone());
        }
        Ok(())
    }

    /// Adds what the account pushed since. Returns `false` if its history must be counted again.
    async fn catch_up(&mut self, store: &Store, limiter: &ScanLimiter, user: &User) -> Result<bool> {
        let last = store.last_sequence()?;
        if last.saturating_sub(self.sequence) > MIN_NEW_ENTRIES.max(self.counts.entries) {
            return Ok(false);
        }
        while self.sequence < last {
            let pushes = limiter.slice(user.id, || store.pushes_slice(user.id, self.sequence, last, SLICE)).await?;
            for (document, entry) in pushes.entries {
                // It also counts entries that were thinned away since, and that may be counted already.
                if entry.pushes - entry.repeats > 1 {
                    return Ok(false);
                }
                let book = self.books.get(&document).unwrap_or(&document);
                self.counts.add_push(book, &document, entry, store.zone());
            }
            self.sequence = pushes.last;
        }
        Ok(self.counts.is_complete())
    }
}

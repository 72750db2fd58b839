//! Caches the activity of accounts, so that pages do not read all history each time.
//!
//! An account's history is counted once, and then brought up to date from the log's new entries, by whichever process they were
//! written. A push writes nothing for it. The account's record has a number that changes with each deletion and each import, after which
//! its history is counted again; so it is where that is less to read than the log's new entries. Until then the days of entries that
//! were thinned away stay counted.

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::civil::Date;

use super::activity::Activity;
use super::activity_counts::{ActivityCounts, Notes};
use super::book_counts::BookStart;
use super::book_history::BookHistory;
use super::reading::ReadBooks;
use super::scan::{SLICE, ScanLimiter};
use crate::error::Result;
use crate::model::{DayRule, DeviceLabel, Document, User, UserId};
use crate::store::{BookMark, DocumentEntry, JoinedBook, SliceLimit, Store};

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
    /// When KOReader's statistics last saw documents read.
    read: ReadBooks,
    last_use: u64,
}

impl ActivityCache {
    /// Returns what an account has read, as of now.
    ///
    /// # Errors
    /// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the
    /// data cannot be read.
    pub(crate) async fn load(&self, store: &Store, limiter: &ScanLimiter, user: &User) -> Result<Activity> {
        let mut counted = self.counted(store, limiter, user).await?;
        counted.read.refresh(store, limiter, user.id).await?;
        let marks = marks(store, limiter, user.id).await?;
        let devices = limiter.slice(user.id, || store.device_rows(user.id)).await?;
        let notes = Notes { members: &counted.books, marks: &marks, devices: &devices, read: counted.read.books() };
        let activity = counted.counts.activity(&notes, store.now());
        self.put(user.id, counted);
        Ok(activity)
    }

    /// Returns the books that were read on a day, each with how much of it: 0.2 is a fifth.
    ///
    /// # Errors
    /// Those of [`ActivityCache::load`].
    pub(crate) async fn read_on(
        &self,
        store: &Store,
        limiter: &ScanLimiter,
        user: &User,
        date: Date,
    ) -> Result<Vec<(Document, f64)>> {
        let counted = self.counted(store, limiter, user).await?;
        let books = counted.counts.read_on(date);
        self.put(user.id, counted);
        Ok(books)
    }

    /// Returns the books that a device has pushed, as [`Activity::book`] has them.
    ///
    /// # Errors
    /// Those of [`ActivityCache::load`].
    pub(crate) async fn books_of_device(
        &self,
        store: &Store,
        limiter: &ScanLimiter,
        user: &User,
        device: &DeviceLabel,
    ) -> Result<HashSet<Document>> {
        let counted = self.counted(store, limiter, user).await?;
        let books = counted.counts.books_of(device);
        self.put(user.id, counted);
        Ok(books)
    }

    /// Returns the counts of an account, up to date. The caller puts them back.
    async fn counted(&self, store: &Store, limiter: &ScanLimiter, user: &User) -> Result<Counted> {
        let days = days_of(store, user);
        let mut counted = self.take(user).filter(|counted| *counted.counts.days() == days);
        if let Some(known) = &mut counted
            && !known.catch_up(store, limiter, user).await?
        {
            counted = None;
        }
        match counted {
            Some(counted) => Ok(counted),
            None => Counted::count(store, limiter, user, days).await,
        }
    }

    /// Takes an account's counts out, if they are still right for what was counted.
    fn take(&self, user: &User) -> Option<Counted> {
        self.accounts().counted.remove(&user.id).filter(|counted| counted.rewrites == user.rewrites)
    }

    /// Keeps an account's counts, and drops the least recently used until all fit.
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

/// Returns the rule of an account's days.
pub(crate) fn days_of(store: &Store, user: &User) -> DayRule {
    DayRule::new(&user.preferences, store.zone())
}

/// Reads what an account's reader said about books.
async fn marks(store: &Store, limiter: &ScanLimiter, user: UserId) -> Result<Vec<(Document, BookMark)>> {
    let mut marks: Vec<(Document, BookMark)> = Vec::new();
    loop {
        let after = marks.last().map(|(document, _)| document);
        let slice = limiter.slice(user, || store.marks_slice(user, after, SLICE)).await?;
        if slice.is_empty() {
            return Ok(marks);
        }
        marks.extend(slice);
    }
}

impl Counted {
    /// Returns about how many bytes of memory the counts take.
    fn size(&self) -> usize {
        const PER_BOOK: usize = 192;
        self.counts.size() + (self.books.len() + self.read.books().len()) * PER_BOOK
    }

    /// Reads the history of all documents, slice by slice.
    async fn count(store: &Store, limiter: &ScanLimiter, user: &User, days: DayRule) -> Result<Self> {
        let sequence = store.last_sequence()?;
        let counts = ActivityCounts::new(days);
        let (books, read) = (HashMap::new(), ReadBooks::default());
        let mut counted = Self { counts, rewrites: user.rewrites, sequence, books, read, last_use: 0 };
        let mut after = None;
        loop {
            let documents = limiter.slice(user.id, || store.documents_slice(user.id, after.as_ref(), SLICE)).await?;
            let Some(last) = documents.last() else {
                counted.counts.end_book();
                let (slots, finishes) = limiter.slice(user.id, || store.folded_days(user.id)).await?;
                counted.counts.add_folded(&slots, finishes);
                return Ok(counted);
            };
            after = Some(last.document.clone());
            // Where to go on: the document, and the last entry of its history that was read.
            let mut next = (0, None);
            while let Some(entry) = documents.get(next.0) {
                if let Some(book) = &entry.joined {
                    // Which of its documents is listed may change while others are read.
                    if !counted.books.contains_key(&entry.document) {
                        counted.count_book(store, limiter, user, book, opened(entry)).await?;
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
                let (book, opened) = (&entry.document, opened(entry));
                self.counts.start_book(BookStart { book, opened, folded: vec![entry.folded.clone()] });
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
            self.counts.add(history);
        }
        Ok((index, before))
    }

    /// Adds the history of joined documents, as that of one book.
    async fn count_book(
        &mut self,
        store: &Store,
        limiter: &ScanLimiter,
        user: &User,
        book: &JoinedBook,
        opened: u64,
    ) -> Result<()> {
        let Some(first) = book.documents.first().map(|first| &first.document) else { return Ok(()) };
        let all = book.documents.iter().map(|joined| (joined.document.clone(), first.clone()));
        self.books.extend(all);
        let pushed = book.documents.iter().filter(|joined| !joined.is_awaited);
        let read = || pushed.map(|joined| store.folded_history(user.id, &joined.document)).collect::<Result<Vec<_>>>();
        let folded = limiter.slice(user.id, read).await?;
        self.counts.start_book(BookStart { book: first, opened, folded });
        let mut sequences = BookHistory::load(store, limiter, user.id, book).await?;
        sequences.retain(|sequence| sequence <= self.sequence);
        while let Some(history) = sequences.next(store, limiter, user.id, HISTORY_SLICE).await? {
            self.counts.add(history);
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
                self.counts.add_push(book, &document, &entry);
            }
            self.sequence = pushes.last;
        }
        Ok(self.counts.is_complete())
    }
}

/// Returns when a device last pushed a document, as the current position tells: one that holds it has no entry for that.
fn opened(entry: &DocumentEntry) -> u64 {
    if entry.shared().is_restored() { 0 } else { entry.shared().timestamp }
}

#[cfg(test)]
mod tests;

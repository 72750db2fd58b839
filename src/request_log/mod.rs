//! Keeps each account's last requests, which explain why a book does not sync.
//!
//! It is kept in memory alone, and bounded: 200 requests of an account and 40 failed logins, 1,024 accounts, 16 MiB in all. What goes
//! first is an account's oldest entry, and the account whose devices were quiet for longest: failed logins, which strangers cause, keep
//! none. A request costs one short lock and some hundred bytes. [`digest`] makes lines of it when the owner asks for them.

pub(crate) mod digest;
pub(crate) mod entry;
pub(crate) mod packed;

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use self::digest::{Line, What};
use self::entry::{Entry, LoginFailure};
use self::packed::{NewRequest, PackedEntry};
use crate::model::{Document, UserId};

/// Requests of an account that are kept.
pub(crate) const MAX_REQUESTS: usize = 200;
/// Failed logins of an account that are kept. Strangers cause them: they displace no more of the 200 requests that are shown.
const MAX_FAILED_LOGINS: usize = 40;
/// Accounts that are kept.
const MAX_ACCOUNTS: usize = 1024;
/// Bytes of memory that all accounts may take: 16 MiB.
const MAX_BYTES: usize = 16 << 20;
/// Entries among which a repeat is looked for: a few devices that ask in turn.
const REPEATS_AMONG: usize = 4;
/// Account of failed logins that belong to no account. No account has this number.
const NOBODY: UserId = UserId(0);

/// A document that a device asked for, and that was unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RequestedUnknown {
    pub(crate) document: Document,
    /// When a device last asked for it, in whole seconds since the Unix epoch.
    pub(crate) time: u64,
    /// The document that another device had pushed, if one had in the day before.
    pub(crate) candidate: Option<Document>,
}

/// The last requests of each account's devices.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    accounts: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    by_id: HashMap<UserId, Account>,
    bytes: usize,
    /// Number of the next entry.
    next: u64,
}

#[derive(Debug, Default)]
struct Account {
    /// The oldest first.
    requests: VecDeque<PackedEntry>,
    failed_logins: VecDeque<PackedEntry>,
    bytes: usize,
    /// Number of the last request; without one, of the last failed login.
    last: u64,
}

impl RequestLog {
    /// Adds an entry to an account's log.
    pub(crate) fn record(&self, user: UserId, entry: PackedEntry) {
        let mut accounts = self.accounts();
        accounts.next += 1;
        let next = accounts.next;
        let account = accounts.by_id.entry(user).or_default();
        if account.requests.is_empty() || !entry.is_failed_login() {
            account.last = next;
        }
        let before = account.bytes;
        account.add(entry);
        let after = account.bytes;
        accounts.bytes = accounts.bytes - before + after;
        if accounts.bytes > MAX_BYTES || accounts.by_id.len() > MAX_ACCOUNTS {
            accounts.make_room(user);
        }
    }

    /// Does what recording a failed login does, and keeps nothing of it: the time that this takes must not tell which names exist [A4].
    pub(crate) fn record_nothing(&self) {
        self.record(NOBODY, PackedEntry::new(NewRequest::failed_login(0, None, LoginFailure::WrongKey, None)));
    }

    /// Returns an account's entries, the oldest first.
    pub(crate) fn entries(&self, user: UserId) -> Vec<Entry> {
        let accounts = self.accounts();
        let Some(account) = accounts.by_id.get(&user) else { return Vec::new() };
        let mut entries: Vec<_> =
            account.requests.iter().chain(&account.failed_logins).map(PackedEntry::unpack).collect();
        drop(accounts);
        entries.sort_by_key(|entry| entry.time);
        entries.drain(..entries.len().saturating_sub(MAX_REQUESTS));
        entries
    }

    /// Returns the unknown documents that devices asked for, the last one first.
    ///
    /// A device may have pushed one of them since.
    pub(crate) fn requested_unknown(&self, user: UserId) -> Vec<RequestedUnknown> {
        let mut found: Vec<RequestedUnknown> = Vec::new();
        for Line { time, document, what, .. } in digest::lines(&self.entries(user)) {
            if let (Some(document), What::Unknown(candidate)) = (document, what)
                && !found.iter().any(|known| known.document == document)
            {
                found.push(RequestedUnknown { document, time, candidate: candidate.map(|it| it.document) });
            }
        }
        found
    }

    /// Forgets a deleted account. Its number is never used again.
    pub(crate) fn forget(&self, user: UserId) {
        let mut accounts = self.accounts();
        if let Some(account) = accounts.by_id.remove(&user) {
            accounts.bytes -= account.bytes;
        }
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Accounts {
    /// Removes an eighth of the accounts, so that the search for them is rare: those of which nothing but failed logins is known, then
    /// those quiet for longest. `current` stays.
    fn make_room(&mut self, current: UserId) {
        let order = |(id, account): (&UserId, &Account)| (!account.requests.is_empty(), account.last, *id);
        let mut quiet: Vec<_> = self.by_id.iter().map(order).collect();
        quiet.sort_unstable();
        let count = quiet.len().div_ceil(8);
        for (.., id) in quiet.into_iter().filter(|(.., id)| *id != current).take(count) {
            self.bytes -= self.by_id.remove(&id).map_or(0, |account| account.bytes);
        }
    }
}

impl Account {
    fn add(&mut self, mut entry: PackedEntry) {
        let (entries, max) = if entry.is_failed_login() {
            (&mut self.failed_logins, MAX_FAILED_LOGINS)
        } else {
            (&mut self.requests, MAX_REQUESTS)
        };
        let newest = entries.iter().rev().take(REPEATS_AMONG);
        if let Some(back) = newest.enumerate().find(|(_, other)| entry.is_repeat_of(other)).map(|(back, _)| back)
            && let Some(repeated) = entries.remove(entries.len() - 1 - back)
        {
            self.bytes -= repeated.size();
            entry.since = repeated.since;
            entry.times = repeated.times.saturating_add(1);
        } else if entries.len() >= max
            && let Some(oldest) = entries.pop_front()
        {
            self.bytes -= oldest.size();
        }
        self.bytes += entry.size();
        entries.push_back(entry);
    }
}

#[cfg(test)]
mod tests;

//! Uploads and downloads that are under way: how many each account has, and which contents they read.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::error::{Error, Result};
use crate::model::UserId;

/// Uploads, downloads and copies of an account that run at a time; others wait.
const MAX_TRANSFERS: usize = 8;
/// How long they wait for their turn.
const TURN_TIMEOUT: Duration = Duration::from_secs(8);
/// How long a reader keeps a replaced content from being removed.
const MAX_PIN: Duration = Duration::from_secs(10 * 60);
/// Readers of an account that do, with one content each.
const MAX_PINS: usize = 4;

/// The transfers of a process.
#[derive(Debug, Default)]
pub(super) struct Transfers {
    accounts: Mutex<HashMap<UserId, Account>>,
    /// Contents that are being read, with whose they are.
    pins: Mutex<HashMap<u64, Pin>>,
}

#[derive(Debug)]
struct Account {
    turns: Arc<Semaphore>,
    /// Transfers that run or wait.
    count: usize,
    /// Bytes that those under way may still add.
    reserved: u64,
}

#[derive(Debug)]
struct Pin {
    user: UserId,
    readers: usize,
    since: Instant,
}

impl Transfers {
    /// Waits for a turn of an account.
    ///
    /// # Errors
    /// [`Error::Busy`] if none came within 8 s.
    pub(super) async fn begin(self: &Arc<Self>, user: UserId) -> Result<Transfer> {
        let turns = {
            let mut accounts = lock(&self.accounts);
            let new = || Account { turns: Arc::new(Semaphore::new(MAX_TRANSFERS)), count: 0, reserved: 0 };
            let account = accounts.entry(user).or_insert_with(new);
            account.count += 1;
            account.turns.clone()
        };
        let mut transfer = Transfer { transfers: self.clone(), user, reserved: 0, _turn: None };
        let turn = tokio::time::timeout(TURN_TIMEOUT, turns.acquire_owned()).await;
        transfer._turn = Some(turn.map_err(|_| Error::Busy)?.map_err(|_| Error::StoreClosed)?);
        Ok(transfer)
    }

    /// Keeps a content from being removed while the returned value lives, within limits.
    pub(super) fn pin(self: &Arc<Self>, user: UserId, generation: u64) -> PinnedContent {
        let mut pins = lock(&self.pins);
        let of_account = pins.values().filter(|pin| pin.user == user).count();
        if let Some(pin) = pins.get_mut(&generation) {
            pin.readers += 1;
        } else if of_account < MAX_PINS {
            pins.insert(generation, Pin { user, readers: 1, since: Instant::now() });
        } else {
            return PinnedContent { transfers: None, generation };
        }
        PinnedContent { transfers: Some(self.clone()), generation }
    }

    /// Returns whether a content is being read.
    pub(super) fn is_pinned(&self, generation: u64) -> bool {
        lock(&self.pins).get(&generation).is_some_and(|pin| pin.since.elapsed() < MAX_PIN)
    }
}

/// An account's turn to upload or copy.
#[derive(Debug)]
pub(super) struct Transfer {
    transfers: Arc<Transfers>,
    user: UserId,
    reserved: u64,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transfer {
    /// Reserves bytes of the account in place of those reserved before. Returns what all its transfers have reserved.
    pub(super) fn reserve(&mut self, bytes: u64) -> u64 {
        let mut accounts = lock(&self.transfers.accounts);
        let Some(account) = accounts.get_mut(&self.user) else { return bytes };
        account.reserved = account.reserved.saturating_sub(self.reserved).saturating_add(bytes);
        self.reserved = bytes;
        account.reserved
    }
}

impl Drop for Transfer {
    fn drop(&mut self) {
        self.reserve(0);
        let mut accounts = lock(&self.transfers.accounts);
        if let Some(account) = accounts.get_mut(&self.user) {
            account.count -= 1;
            if account.count == 0 {
                accounts.remove(&self.user);
            }
        }
    }
}

/// Keeps a content readable after it was replaced.
#[derive(Debug)]
pub(super) struct PinnedContent {
    transfers: Option<Arc<Transfers>>,
    generation: u64,
}

impl Drop for PinnedContent {
    fn drop(&mut self) {
        let Some(transfers) = &self.transfers else { return };
        let mut pins = lock(&transfers.pins);
        if let Some(pin) = pins.get_mut(&self.generation) {
            pin.readers -= 1;
            if pin.readers == 0 {
                pins.remove(&self.generation);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Decides which account to load next, and when: new ones at once, others slowly, one after the other.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::model::UserId;

/// How long to wait for other servers' statuses before publishing the first device. Some brokers do not let us read them.
const STATUS_TIMEOUT: Duration = Duration::from_secs(5);
/// How much longer than the last load to wait for the next reload: reloads take 5 % of the time at most.
const RELOAD_PAUSE: u32 = 19;

/// The accounts that are to be loaded.
pub(super) struct LoadQueue {
    /// Accounts to load and to publish.
    new: BTreeSet<UserId>,
    /// Accounts to load again: changes were missed, or cannot be followed.
    stale: BTreeSet<UserId>,
    next_reload: Instant,
    /// Whether the broker has named the other servers.
    knows_others: bool,
    /// When to load accounts and publish their devices without knowing them.
    others_deadline: Instant,
    /// When to load accounts again after an error of the store.
    retry_at: Instant,
    /// The account that was loaded again last, so that others have their turn.
    last_reloaded: UserId,
}

impl LoadQueue {
    pub(super) fn new() -> Self {
        let now = Instant::now();
        Self {
            new: BTreeSet::new(),
            stale: BTreeSet::new(),
            next_reload: now,
            knows_others: false,
            others_deadline: now + STATUS_TIMEOUT,
            retry_at: now,
            last_reloaded: UserId(0),
        }
    }

    pub(super) fn add_new(&mut self, user: UserId) {
        self.new.insert(user);
    }

    pub(super) fn add_stale(&mut self, user: UserId) {
        self.stale.insert(user);
    }

    pub(super) fn remove(&mut self, user: UserId) {
        self.new.remove(&user);
        self.stale.remove(&user);
    }

    pub(super) fn has_new(&self, user: UserId) -> bool {
        self.new.contains(&user)
    }

    /// Notes that the other servers are known.
    pub(super) fn note_others(&mut self) {
        self.knows_others = true;
    }

    /// Waits after an error of the store.
    pub(super) fn pause(&mut self, delay: Duration) {
        self.retry_at = Instant::now() + delay;
    }

    /// Waits until an account is to be loaded.
    pub(super) async fn is_due(&self) {
        sleep_until(self.retry_at).await;
        match (self.new.is_empty(), self.stale.is_empty()) {
            (false, _) if self.knows_others => {}
            (false, _) => sleep_until(self.others_deadline).await,
            (true, false) => sleep_until(self.next_reload).await,
            (true, true) => std::future::pending().await,
        }
    }

    /// Returns the account to load. It stays in the queue until it is removed.
    pub(super) fn next(&mut self) -> Option<UserId> {
        if let Some(user) = self.new.first() {
            return Some(*user);
        }
        let later = self.stale.range((Bound::Excluded(self.last_reloaded), Bound::Unbounded)).next();
        let user = *later.or(self.stale.first())?;
        self.last_reloaded = user;
        Some(user)
    }

    /// Notes how long a load took.
    pub(super) fn note_load(&mut self, time: Duration) {
        self.next_reload = Instant::now() + time * RELOAD_PAUSE;
    }
}

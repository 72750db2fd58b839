//! Remembers accounts deleted in the last hour, for clients that lost the answer [U2].

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::rate_limit::Clock;

/// How long a deletion is remembered: an hour.
const REMEMBERED_MS: u64 = 60 * 60 * 1000;
/// Most deletions that are remembered, the last ones.
const MAX_DELETIONS: usize = 4096;

/// The MAC of a name.
pub(super) type NameMac = [u8; 32];
/// The MAC of a name and a key.
pub(super) type LoginMac = [u8; 32];

pub(super) struct Deletions {
    clock: Clock,
    recent: Mutex<Recent>,
}

#[derive(Default)]
struct Recent {
    by_name: HashMap<NameMac, (LoginMac, u64)>,
    order: VecDeque<(NameMac, u64)>,
}

impl Deletions {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, recent: Mutex::default() }
    }

    pub(super) fn insert(&self, name: NameMac, login: LoginMac) {
        let now = (self.clock)();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.by_name.insert(name, (login, now));
        recent.order.push_back((name, now));
        while recent.order.len() > MAX_DELETIONS || recent.order.front().is_some_and(|(_, then)| is_over(*then, now)) {
            let Some((oldest, then)) = recent.order.pop_front() else { break };
            // The name may have been deleted again since.
            if recent.by_name.get(&oldest).is_some_and(|(_, last)| *last == then) {
                recent.by_name.remove(&oldest);
            }
        }
    }

    /// Returns whether the account of that name was deleted with that key.
    pub(super) fn contains(&self, name: &NameMac, login: &LoginMac) -> bool {
        let now = (self.clock)();
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.by_name.get(name).is_some_and(|(deleted, then)| deleted == login && !is_over(*then, now))
    }

    /// Forgets a name that was registered again.
    pub(super) fn remove(&self, name: &NameMac) {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner).by_name.remove(name);
    }
}

fn is_over(then: u64, now: u64) -> bool {
    now.saturating_sub(then) >= REMEMBERED_MS
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    fn mac(number: usize) -> [u8; 32] {
        let mut mac = [0; 32];
        mac[..size_of::<usize>()].copy_from_slice(&number.to_be_bytes());
        mac
    }

    fn deletions() -> (Deletions, Arc<AtomicU64>) {
        let clock = Arc::new(AtomicU64::new(1));
        let reader = clock.clone();
        (Deletions::new(Arc::new(move || reader.load(Ordering::Relaxed))), clock)
    }

    #[test]
    fn a_deletion_is_remembered_for_an_hour_and_until_the_name_is_registered_again() {
        let (deletions, clock) = deletions();
        deletions.insert(mac(1), mac(10));
        assert!(deletions.contains(&mac(1), &mac(10)));
        assert!(!deletions.contains(&mac(1), &mac(11)), "another key");
        assert!(!deletions.contains(&mac(2), &mac(10)), "another name");
        clock.fetch_add(REMEMBERED_MS - 1, Ordering::Relaxed);
        assert!(deletions.contains(&mac(1), &mac(10)));
        clock.fetch_add(1, Ordering::Relaxed);
        assert!(!deletions.contains(&mac(1), &mac(10)));

        deletions.insert(mac(1), mac(12));
        deletions.remove(&mac(1));
        assert!(!deletions.contains(&mac(1), &mac(12)));
        deletions.insert(mac(1), mac(13));
        assert!(deletions.contains(&mac(1), &mac(13)));
    }

    #[test]
    fn the_deletions_that_came_last_are_remembered() {
        let (deletions, clock) = deletions();
        for number in 0..=MAX_DELETIONS {
            clock.fetch_add(1, Ordering::Relaxed);
            deletions.insert(mac(number), mac(number));
            deletions.insert(mac(number), mac(number));
        }
        let recent = deletions.recent.lock().expect("lock");
        assert!(recent.order.len() <= MAX_DELETIONS && recent.by_name.len() <= MAX_DELETIONS);
        drop(recent);
        assert!(!deletions.contains(&mac(0), &mac(0)) && deletions.contains(&mac(MAX_DELETIONS), &mac(MAX_DELETIONS)));
    }
}

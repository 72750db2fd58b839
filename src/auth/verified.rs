//! Keys that were verified, and keys that turned out wrong: as MACs under a key of the process.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Mutex, PoisonError, RwLock};

use blake2::digest::{Digest, KeyInit, Mac, consts::U32};
use blake2::{Blake2b, Blake2bMac};

use super::password::dummy_hash;
use crate::error::Result;
use crate::model::{Key, User, UserId, Username};

/// Most accounts whose verified key is kept, of about 50 bytes each. At this number every second one is dropped.
const MAX_VERIFIED: usize = 1 << 18;
/// Days until each account's key has been dropped once.
const SHARES: u64 = 30;
/// Most wrong keys that are remembered, the last ones.
const MAX_WRONG: usize = 4096;

/// What a MAC in memory is made with: random for each process, so that it tells nothing about a password.
pub(super) struct MacKey([u8; 32]);

impl MacKey {
    pub(super) fn random() -> Result<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| crate::error::Error::Store(std::sync::Arc::new(error)))?;
        Ok(Self(key))
    }

    /// Authenticates the key together with the stored hash: a changed hash has a different MAC.
    ///
    /// Each request needs one. The secret, an MD5 key and 64 bytes are one block of BLAKE2b, whose keyed form would take two or three.
    /// The last 64 bytes of a stored hash are most of its salt, and all that Argon2id made of it.
    fn of_user(&self, user: &User, key: &Key) -> [u8; 32] {
        let stored = user.key.0.as_bytes();
        let (_, end) = stored.split_at(stored.len().saturating_sub(64));
        let mac = <Blake2b<U32> as Digest>::new_with_prefix(self.0).chain_update(key.as_bytes());
        mac.chain_update(end).finalize().into()
    }

    /// Authenticates the key together with a name.
    pub(super) fn of_name(&self, name: &Username, key: &Key) -> [u8; 32] {
        let mac = self.start().chain_update(key.as_bytes()).chain_update(dummy_hash().0.as_bytes());
        mac.chain_update(name.as_str().as_bytes()).finalize().into_bytes().into()
    }

    /// Authenticates a text.
    pub(super) fn of_text(&self, text: &str) -> [u8; 32] {
        self.start().chain_update(text.as_bytes()).finalize().into_bytes().into()
    }

    /// Identifies a login in the memory of wrong keys. A name without an account gets one, too [A4].
    pub(super) fn of_login(&self, name: &Username, user: Option<&User>, key: &Key) -> [u8; 16] {
        let mac = match user {
            Some(user) => self.of_user(user, key),
            None => self.of_name(name, key),
        };
        let (half, _) = mac.split_at(16);
        half.try_into().unwrap_or_default()
    }

    fn start(&self) -> Blake2bMac<U32> {
        #[allow(clippy::expect_used)]
        <Blake2bMac<U32> as KeyInit>::new_from_slice(&self.0).expect("BLAKE2b takes keys of 32 bytes")
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

/// The verified key of each account that has logged in since the start.
#[derive(Default)]
pub(super) struct VerifiedKeys(RwLock<HashMap<UserId, [u8; 32]>>);

impl VerifiedKeys {
    pub(super) fn contains(&self, mac_key: &MacKey, user: &User, key: &Key) -> bool {
        let verified = self.0.read().unwrap_or_else(PoisonError::into_inner);
        verified.get(&user.id).is_some_and(|mac| is_equal(mac, &mac_key.of_user(user, key)))
    }

    pub(super) fn insert(&self, mac_key: &MacKey, user: &User, key: &Key) {
        let mac = mac_key.of_user(user, key);
        let mut verified = self.0.write().unwrap_or_else(PoisonError::into_inner);
        thin(&mut verified, MAX_VERIFIED);
        verified.insert(user.id, mac);
    }

    /// Drops the share of the last `days` days: a thirtieth of all accounts each day.
    pub(super) fn drop_share(&self, day: u64, days: u64) {
        let mut verified = self.0.write().unwrap_or_else(PoisonError::into_inner);
        verified.retain(|user, _| (u64::from(user.0) + day) % SHARES >= days);
    }

    pub(super) fn remove(&self, user: UserId) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

/// Compares all bytes, however many are equal.
fn is_equal(one: &[u8; 32], other: &[u8; 32]) -> bool {
    one.iter().zip(other).fold(0, |difference, (one, other)| difference | (one ^ other)) == 0
}

/// Drops every second entry once there are `max`.
fn thin(verified: &mut HashMap<UserId, [u8; 32]>, max: usize) {
    if verified.len() >= max {
        let mut stays = false;
        verified.retain(|_, _| {
            stays = !stays;
            stays
        });
    }
}

/// The wrong keys that came last.
///
/// A device with an old password sends it again and again. That costs no further Argon2 run, and no failure of those that the
/// account's other devices need.
#[derive(Default)]
pub(super) struct WrongKeys(Mutex<Wrong>);

#[derive(Default)]
struct Wrong {
    macs: HashSet<[u8; 16]>,
    order: VecDeque<[u8; 16]>,
}

impl WrongKeys {
    pub(super) fn contains(&self, mac: &[u8; 16]) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).macs.contains(mac)
    }

    pub(super) fn insert(&self, mac: [u8; 16]) {
        let mut wrong = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !wrong.macs.insert(mac) {
            return;
        }
        wrong.order.push_back(mac);
        if wrong.order.len() > MAX_WRONG
            && let Some(oldest) = wrong.order.pop_front()
        {
            wrong.macs.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verified_keys_are_bounded() {
        let mut verified: HashMap<UserId, [u8; 32]> = (0..100).map(|id| (UserId(id), [0; 32])).collect();
        thin(&mut verified, 101);
        assert_eq!(verified.len(), 100);
        thin(&mut verified, 100);
        assert_eq!(verified.len(), 50);
    }

    #[test]
    fn each_account_is_dropped_once_in_thirty_days() {
        let verified = VerifiedKeys(RwLock::new((0..300).map(|id| (UserId(id), [0; 32])).collect()));
        verified.drop_share(1, 1);
        assert_eq!(verified.len(), 290);
        // On some days nobody wrote.
        verified.drop_share(11, 10);
        assert_eq!(verified.len(), 190);
        verified.drop_share(30, 19);
        assert_eq!(verified.len(), 0);
    }

    #[test]
    fn the_wrong_keys_that_came_last_are_remembered() {
        let wrong = WrongKeys::default();
        let mac = |number: usize| u128::try_from(number).expect("small").to_be_bytes();
        for number in 0..=MAX_WRONG {
            wrong.insert(mac(number));
            wrong.insert(mac(number));
        }
        assert!(!wrong.contains(&mac(0)) && wrong.contains(&mac(1)) && wrong.contains(&mac(MAX_WRONG)));
        assert_eq!(wrong.0.lock().expect("lock").macs.len(), MAX_WRONG);
    }

    #[test]
    fn two_processes_make_different_macs() {
        let (one, other) = (MacKey::random().expect("key"), MacKey::random().expect("key"));
        assert_ne!(one.bytes(), [0; 32]);
        let (name, key) = (Username::new("ada").expect("name"), Key::from_wire(b"k").expect("key"));
        assert_eq!(one.of_name(&name, &key), one.of_name(&name, &key));
        assert_ne!(one.of_name(&name, &key), other.of_name(&name, &key));
    }
}

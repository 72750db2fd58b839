//! Keys at rest: Argon2id with 19 MiB, two passes and one lane, as a PHC string.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::error::{Error, Result};
use crate::model::{Key, StoredKey};

/// Hashes a key for storage, with a new random salt.
///
/// Takes tens of milliseconds of a core; on an async thread call
/// [`Authenticator::hash`](super::Authenticator::hash) instead.
///
/// # Errors
/// [`Error::Store`] if Argon2 fails.
pub(crate) fn hash(key: &Key) -> Result<StoredKey> {
    let params = Params::default();
    let hashed = || {
        let salt = Salt::generate();
        let hash = argon2id(&params, &salt, key, Params::DEFAULT_OUTPUT_LEN)?;
        let (algorithm, version) = (Algorithm::Argon2id.ident(), Some(Version::V0x13.into()));
        let params = ParamsString::try_from(&params)?;
        argon2::password_hash::Result::Ok(PasswordHash {
            algorithm,
            version,
            params,
            salt: Some(salt),
            hash: Some(hash),
        })
    };
    match hashed() {
        Ok(hash) => Ok(StoredKey(hash.to_string())),
        Err(error) => Err(Error::Store(Arc::new(error))),
    }
}

/// Returns whether `key` is the one that was stored. A stored hash that cannot be parsed matches no key.
pub(crate) fn verify(stored: &StoredKey, key: &Key) -> bool {
    let Ok(phc) = PasswordHash::new(&stored.0) else { return false };
    let (Ok(params), Some(salt), Some(expected)) = (Params::try_from(&phc), phc.salt, phc.hash) else { return false };
    // `Output` compares in constant time.
    argon2id(&params, &salt, key, expected.len()).is_ok_and(|hash| hash == expected)
}

/// Returns whether an imported hash may be stored.
///
/// It must be Argon2id, and at most four times as expensive to verify as one of ours.
#[cfg(feature = "import")]
pub(crate) fn is_acceptable_hash(stored: &StoredKey) -> bool {
    let Ok(phc) = PasswordHash::new(&stored.0) else { return false };
    let Ok(params) = Params::try_from(&phc) else { return false };
    let ours = Params::default();
    let cost = |params: &Params| u64::from(params.m_cost()) * u64::from(params.t_cost());
    phc.algorithm == Algorithm::Argon2id.ident()
        && phc.salt.is_some()
        && phc.hash.is_some_and(|hash| hash.len() >= 16)
        && params.m_cost() <= 4 * ours.m_cost()
        && params.p_cost() <= 4
        && cost(&params) <= 4 * cost(&ours)
}

/// Returns a hash that no key matches.
///
/// Keys for unknown names are verified against it, so that they cost as much as wrong keys. Imported accounts without a password have
/// it until one is set, and are recognised by it.
pub(crate) fn dummy_hash() -> StoredKey {
    StoredKey(format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "A".repeat(43)))
}

fn argon2id(params: &Params, salt: &Salt, key: &Key, length: usize) -> argon2::password_hash::Result<Output> {
    /// Blocks to reserve. glibc returns allocations of 32 MiB and more to the system when they are freed, and keeps smaller
    /// ones in the arena of each thread that ever ran this. Reserved memory that is never touched costs nothing.
    const MIN_RESERVED: usize = (33 << 20) / Block::SIZE;

    #[cfg(test)]
    let _run = runs::start(key);
    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(MIN_RESERVED));
    memory.resize(blocks, Block::new());
    let mut output = [0; Output::MAX_LENGTH];
    let output = output.get_mut(..length).ok_or(argon2::password_hash::Error::OutputSize)?;
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()).hash_password_into_with_memory(
        key.as_bytes(),
        salt,
        output,
        &mut memory[..],
    )?;
    Ok(Output::new(output)?)
}

/// Counts the Argon2 runs of each key. All tests of a process share the counts, so a test that reads them has keys of its own.
#[cfg(test)]
pub(crate) mod runs {
    use std::collections::HashMap;
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::Key;

    static RUNS: Mutex<Option<HashMap<String, Runs>>> = Mutex::new(None);

    #[derive(Debug, Clone, Copy, Default)]
    pub(crate) struct Runs {
        pub(crate) count: usize,
        pub(crate) most_at_once: usize,
        running: usize,
    }

    /// A run, until it is dropped.
    pub(super) struct Run(String);

    pub(super) fn start(key: &Key) -> Run {
        let mut lock = lock();
        let runs = lock.get_or_insert_default().entry(key.reveal().to_owned()).or_default();
        runs.count += 1;
        runs.running += 1;
        runs.most_at_once = runs.most_at_once.max(runs.running);
        Run(key.reveal().to_owned())
    }

    impl Drop for Run {
        fn drop(&mut self) {
            if let Some(runs) = lock().get_or_insert_default().get_mut(&self.0) {
                runs.running -= 1;
            }
        }
    }

    pub(crate) fn of(key: &Key) -> Runs {
        lock().get_or_insert_default().get(key.reveal()).copied().unwrap_or_default()
    }

    fn lock() -> MutexGuard<'static, Option<HashMap<String, Runs>>> {
        RUNS.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(password: &str) -> Key {
        Key::from_wire(password.as_bytes()).expect("a key")
    }

    #[test]
    fn a_stored_hash_verifies_only_its_own_key() {
        let stored = hash(&key("right")).expect("hash");
        assert!(stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.0);
        assert!(verify(&stored, &key("right")));
        assert!(!verify(&stored, &key("wrong")));
        assert_ne!(stored, hash(&key("right")).expect("hash"), "each hash has its own salt");
    }

    #[test]
    fn other_programs_can_verify_a_stored_hash() {
        use argon2::PasswordVerifier as _;
        let stored = hash(&key("right")).expect("hash");
        assert!(Argon2::default().verify_password(key("right").as_bytes(), stored.0.as_str()).is_ok());
    }

    #[test]
    fn the_dummy_hash_matches_no_key_and_costs_the_same() {
        let params = |stored: &StoredKey| PasswordHash::new(&stored.0).map(|phc| phc.params).expect("a PHC string");
        assert_eq!(params(&dummy_hash()), params(&hash(&key("x")).expect("hash")));
        assert!(!verify(&dummy_hash(), &key("x")));
        assert!(!verify(&StoredKey("nonsense".into()), &key("x")));
    }
}

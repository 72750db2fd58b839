//! A key at rest: Argon2id with 19 MiB, two passes and one lane, as a PHC string.

use std::sync::Arc;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::error::{Error, Result};
use crate::model::{Key, StoredKey};

/// Makes the form in which a key is stored, with a salt of its own.
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

/// Whether a key is the one that was stored. A stored form that cannot be read is no key's.
pub(crate) fn verify(stored: &StoredKey, key: &Key) -> bool {
    let Ok(phc) = PasswordHash::new(&stored.0) else { return false };
    let (Ok(params), Some(salt), Some(expected)) = (Params::try_from(&phc), phc.salt, phc.hash) else { return false };
    // Comparing two `Output`s takes the same time wherever they differ.
    argon2id(&params, &salt, key, expected.len()).is_ok_and(|hash| hash == expected)
}

/// Whether it is a form that we would make, or one that costs no more to check than four of ours.
#[cfg(feature = "import")]
pub(crate) fn is_stored_key(stored: &StoredKey) -> bool {
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

/// What the key for an unknown name is compared with, so that it costs what a wrong key does.
pub(crate) fn dummy_hash() -> StoredKey {
    StoredKey(format!("$argon2id$v=19$m=19456,t=2,p=1${}${}", "A".repeat(22), "A".repeat(43)))
}

fn argon2id(params: &Params, salt: &Salt, key: &Key, length: usize) -> argon2::password_hash::Result<Output> {
    /// glibc gives back at once what is larger than this, and keeps smaller blocks for reuse in the arena of each thread
    /// that ever ran here. What is reserved and not touched costs nothing.
    const GIVEN_BACK: usize = (33 << 20) / Block::SIZE;

    let blocks = params.block_count();
    let mut memory = Vec::with_capacity(blocks.max(GIVEN_BACK));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(password: &str) -> Key {
        Key::from_wire(password.as_bytes()).expect("a key")
    }

    #[test]
    fn what_is_stored_verifies_that_key_alone() {
        let stored = hash(&key("right")).expect("hash");
        assert!(stored.0.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", stored.0);
        assert!(verify(&stored, &key("right")));
        assert!(!verify(&stored, &key("wrong")));
        assert_ne!(stored, hash(&key("right")).expect("hash"), "each has a salt of its own");
    }

    /// The library's own verifier agrees: what we store is a PHC string like any other.
    #[test]
    fn the_stored_form_is_a_standard_one() {
        use argon2::PasswordVerifier as _;
        let stored = hash(&key("right")).expect("hash");
        let digits = key("right");
        assert!(Argon2::default().verify_password(digits.as_bytes(), stored.0.as_str()).is_ok());
    }

    #[test]
    fn the_decoy_is_a_hash_of_nothing_and_costs_the_same() {
        let phc = PasswordHash::new(&dummy_hash().0.clone()).map(|phc| phc.params);
        let real = PasswordHash::new(&hash(&key("x")).expect("hash").0).map(|phc| phc.params);
        assert_eq!(phc, real);
        assert!(!verify(&dummy_hash(), &key("x")));
        assert!(!verify(&StoredKey("nonsense".into()), &key("x")));
    }
}

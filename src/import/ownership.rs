//! Decides whether an account of a source is the one that has its name here.
//!
//! On a server whose registration is open, a stranger may have taken the name, and would get the positions. So an account is merged
//! into an existing one only where the passwords are the same, or where the caller says so, see
//! [`Origin::merge`](super::Origin::merge).

use std::collections::HashMap;

use super::record::SourceKey;
use crate::auth::password;
use crate::error::Error;
use crate::model::{ADMIN, StoredKey, Username};
use crate::store::Store;

/// What becomes of an account of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// There is none of that name here: it is created.
    New,
    /// The one here belongs to the same person: the documents are merged.
    Same,
    /// The one here may be somebody else's: it is left alone.
    Other,
}

/// The decisions of one pass over a source.
pub(super) struct Owners<'a> {
    store: &'a Store,
    merged: &'a [Username],
    decided: HashMap<Username, Ownership>,
    /// Accounts that were found to be the same, with the key here at that time. Verifying one costs an Argon2 run.
    verified: HashMap<Username, StoredKey>,
}

impl<'a> Owners<'a> {
    /// `merged` are the names that the caller wants to be merged, `verified` the result of an earlier pass.
    pub(super) fn new(store: &'a Store, merged: &'a [Username], verified: HashMap<Username, StoredKey>) -> Self {
        Self { store, merged, decided: HashMap::new(), verified }
    }

    /// Decides about an account, once for each name.
    pub(super) fn decide(&mut self, name: &Username, key: &SourceKey) -> Result<Ownership, Error> {
        if let Some(decided) = self.decided.get(name) {
            return Ok(*decided);
        }
        let ownership = match self.store.user(name)? {
            None => Ownership::New,
            // Every first start makes `admin`, and no client can register that name.
            Some(_) if name.as_str() == ADMIN || self.merged.contains(name) => Ownership::Same,
            Some(user) if self.verified.get(name) == Some(&user.key) || is_same(key, &user.key) => {
                self.verified.insert(name.clone(), user.key);
                Ownership::Same
            }
            Some(_) => Ownership::Other,
        };
        self.decided.insert(name.clone(), ownership);
        Ok(ownership)
    }

    /// Returns the decision about an account, if there was one.
    pub(super) fn decided(&self, name: &Username) -> Option<Ownership> {
        self.decided.get(name).copied()
    }

    /// Returns the decision about a document's account. `None` if that is neither in the source nor here.
    pub(super) fn decide_document(&mut self, account: &Username) -> Result<Option<Ownership>, Error> {
        if self.decided(account).is_none() && self.store.user(account)?.is_none() {
            return Ok(None);
        }
        // Without its account's record, there is no password to compare.
        self.decide(account, &SourceKey::Unknown).map(Some)
    }

    /// Notes that somebody else has created an account meanwhile.
    pub(super) fn set_other(&mut self, name: &Username) {
        self.decided.insert(name.clone(), Ownership::Other);
    }

    pub(super) fn into_verified(self) -> HashMap<Username, StoredKey> {
        self.verified
    }
}

/// Says why an account is left out, by what the source knows of its key.
pub(super) fn reason(key: &SourceKey) -> &'static str {
    match key {
        SourceKey::Plain(_) => "the account of that name here has another password, so it may be somebody else's",
        SourceKey::Hashed(_) => {
            "the account of that name here has another password, or the same one set anew, so it may be somebody else's"
        }
        SourceKey::Unknown => {
            "the source does not have its password, so the account of that name here may be somebody else's"
        }
    }
}

/// Compares a key of the source with one here.
///
/// Two hashes of one password differ, and cannot be compared without it: only the very same hash counts. Nobody can have used an
/// account here that never had a password.
fn is_same(source: &SourceKey, here: &StoredKey) -> bool {
    let is_equal = match source {
        SourceKey::Hashed(there) => there == here,
        SourceKey::Plain(key) => password::verify(here, key),
        SourceKey::Unknown => false,
    };
    is_equal || *here == password::dummy_hash()
}

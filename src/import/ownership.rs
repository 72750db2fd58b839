//! Decides whether an account of a source is the one that has its name here.
//!
//! On a server whose registration is open, a stranger may have taken the name, and would get the positions. So an account is merged
//! into an existing one only where the passwords are the same, or where the caller says so, see
//! [`Origin::merge`](super::Origin::merge).

use std::collections::{HashMap, HashSet};

use super::ImportError;
use super::origin::Origin;
use super::reason::SkipReason;
use super::record::{ImportRecord, SourceKey};
use crate::auth::password;
use crate::model::{ADMIN, StoredKey, User, Username};
use crate::store::Store;

/// What becomes of an account of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ownership {
    /// There is none of that name here: it is created.
    New,
    /// The one here belongs to the same person: the documents are merged.
    Same,
    /// The one here may belong to another person: it is left alone.
    Other,
}

/// The decisions of one pass over a source.
pub(super) struct Owners<'a> {
    store: &'a Store,
    origin: &'a Origin,
    /// Each account of the source, with the name that it has here.
    decided: HashMap<Username, (Ownership, Username)>,
    /// All accounts of the source; read when it matters.
    names: Option<HashSet<Username>>,
    /// Accounts that were found to be the same, with the key here at that time. Verifying one costs an Argon2 run.
    verified: HashMap<Username, StoredKey>,
}

impl<'a> Owners<'a> {
    /// `verified` is the result of an earlier pass.
    pub(super) fn new(store: &'a Store, origin: &'a Origin, verified: HashMap<Username, StoredKey>) -> Self {
        Self { store, origin, decided: HashMap::new(), names: None, verified }
    }

    /// Decides about an account, once for each name.
    pub(super) fn decide(&mut self, name: &Username, key: &SourceKey) -> Result<Ownership, ImportError> {
        if let Some((decided, _)) = self.decided.get(name) {
            return Ok(*decided);
        }
        let (ownership, target) = match self.find(name)? {
            None => (Ownership::New, name.clone()),
            // Every first start makes `admin`, and no client can register that name.
            Some(user) if user.name.as_str() == ADMIN || self.origin.merged().contains(name) => {
                (Ownership::Same, user.name)
            }
            Some(user) if self.verified.get(name) == Some(&user.key) || is_same(key, &user.key) => {
                self.verified.insert(name.clone(), user.key);
                (Ownership::Same, user.name)
            }
            Some(user) => (Ownership::Other, user.name),
        };
        self.decided.insert(name.clone(), (ownership, target));
        Ok(ownership)
    }

    /// Finds the account here that one of the source is: the exact name, else one that answers to it in any case [A7].
    ///
    /// If the source has that one, too, the two are different accounts there, and stay so.
    fn find(&mut self, name: &Username) -> Result<Option<User>, ImportError> {
        let Some(user) = self.store.find_user(name)? else { return Ok(None) };
        if user.name == *name || !self.source_has(&user.name)? { Ok(Some(user)) } else { Ok(None) }
    }

    fn source_has(&mut self, name: &Username) -> Result<bool, ImportError> {
        if self.names.is_none() {
            let accounts = self.origin.records()?.filter_map(|record| match record {
                Ok(ImportRecord::Account(account)) => Some(account.fields.name),
                _ => None,
            });
            self.names = Some(accounts.collect());
        }
        Ok(self.names.as_ref().is_some_and(|names| names.contains(name)))
    }

    /// Returns the name that an account of the source has here.
    pub(super) fn target(&self, name: &Username) -> Username {
        self.decided.get(name).map_or(name, |(_, target)| target).clone()
    }

    /// Returns the decision about an account, if there was one.
    pub(super) fn decided(&self, name: &Username) -> Option<Ownership> {
        self.decided.get(name).map(|(ownership, _)| *ownership)
    }

    /// Returns the decision about a document's account. `None` if that is neither in the source nor here.
    pub(super) fn decide_document(&mut self, account: &Username) -> Result<Option<Ownership>, ImportError> {
        if self.decided(account).is_none() && self.find(account)?.is_none() {
            return Ok(None);
        }
        // Without its account's record, there is no password to compare.
        self.decide(account, &SourceKey::Unknown).map(Some)
    }

    /// Notes that an account was created in the meantime.
    pub(super) fn set_other(&mut self, name: &Username) {
        self.decided.insert(name.clone(), (Ownership::Other, name.clone()));
    }

    pub(super) fn into_verified(self) -> HashMap<Username, StoredKey> {
        self.verified
    }
}

/// Says why an account is left out, by what the source knows of its key.
pub(super) fn reason(key: &SourceKey) -> SkipReason {
    match key {
        SourceKey::Plain(_) => SkipReason::OtherPassword,
        SourceKey::Hashed(_) => SkipReason::OtherPasswordHash,
        SourceKey::Unknown => SkipReason::UnknownPassword,
    }
}

/// Compares a key of the source with one here.
///
/// Two hashes of one password differ, and cannot be compared without it: only the very same hash counts. No client can have used an
/// account here that never had a password.
fn is_same(source: &SourceKey, here: &StoredKey) -> bool {
    let is_equal = match source {
        SourceKey::Hashed(there) => there == here,
        SourceKey::Plain(key) => password::verify(here, key),
        SourceKey::Unknown => false,
    };
    is_equal || *here == password::dummy_hash()
}

//! Ids that devices asked for, and that nobody has pushed: in memory alone, a few of each account.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::suggestions::AskedId;
use crate::model::{Document, UserId};

/// Ids of one account, the last asked for.
const MAX_IDS: usize = 16;
/// Accounts that are remembered. One more replaces all: they ask again when a book is next opened.
const MAX_ACCOUNTS: usize = 1024;

/// Remembers the ids that devices of each account asked for last.
#[derive(Debug, Default)]
pub(crate) struct AskedIds {
    accounts: Mutex<HashMap<UserId, VecDeque<AskedId>>>,
}

impl AskedIds {
    /// Notes that a device asked for an id that nobody has pushed. Ids that are no MD5 are no book's: some clients try their login so.
    pub(crate) fn note(&self, user: UserId, document: &Document, timestamp: u64) {
        let id = document.as_str().as_bytes();
        if id.len() != 32 || !id.iter().all(u8::is_ascii_hexdigit) {
            return;
        }
        let mut accounts = self.accounts();
        if accounts.len() >= MAX_ACCOUNTS && !accounts.contains_key(&user) {
            accounts.clear();
        }
        let ids = accounts.entry(user).or_default();
        ids.retain(|asked| asked.document != *document);
        ids.truncate(MAX_IDS - 1);
        ids.push_front(AskedId { document: document.clone(), timestamp });
    }

    /// Returns the ids that devices of an account asked for, the last one first.
    pub(crate) fn of(&self, user: UserId) -> Vec<AskedId> {
        self.accounts().get(&user).map(|ids| ids.iter().cloned().collect()).unwrap_or_default()
    }

    fn accounts(&self) -> MutexGuard<'_, HashMap<UserId, VecDeque<AskedId>>> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sixteen_ids_of_an_account_are_remembered() {
        let (asked, ada) = (AskedIds::default(), UserId(1));
        let document = |number: u64| Document::new(&format!("{number:032}")).expect("an id");
        (0..40).for_each(|number| asked.note(ada, &document(number), number));
        asked.note(ada, &document(30), 50);
        asked.note(ada, &Document::new("test-connection").expect("an id"), 60);
        let ids = asked.of(ada);
        assert_eq!((ids.len(), &ids[0].document, &ids[1].document), (MAX_IDS, &document(30), &document(39)));
        assert!(asked.of(UserId(2)).is_empty());
        (2..=1500).for_each(|number| asked.note(UserId(number), &document(1), 1));
        assert!(asked.accounts().len() <= MAX_ACCOUNTS);
    }
}

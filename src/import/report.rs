//! What an import did, or would do.

use std::collections::HashMap;

use super::error::SkippedRecord;
use super::label::LabelPart;
use super::reason::SkipReason;
use crate::model::{StoredKey, Username};
use crate::store::ImportOutcome;

/// Skipped records that are listed. Further ones are only counted.
pub(super) const SKIPPED_MAX: usize = 1000;

/// Counts what an import did, or, from [`preview`](super::preview), would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// Accounts that were created.
    pub accounts_created: u64,
    /// Accounts that existed, with the same password or named by [`Origin::merge`](super::Origin::merge). They keep their
    /// password and rights.
    pub accounts_unchanged: u64,
    /// Documents that were created.
    pub documents_created: u64,
    /// Documents that advanced to a newer position of the source. The earlier one is in their history.
    pub documents_advanced: u64,
    /// Documents that keep their position, which is as new as the source's or newer.
    pub documents_unchanged: u64,
    /// Aliases of documents that were made.
    pub aliases_created: u64,
    /// Aliases that were not made: their value is a document or an alias here already, or their document is missing or has 64.
    pub aliases_unchanged: u64,
    /// The skipped records, up to 1,000.
    pub skipped: Vec<SkippedRecord>,
    /// The number of all skipped records.
    pub skipped_count: u64,
    /// Accounts that were created without a usable password: the source has none, or a public one.
    pub without_password: Vec<Username>,
    /// Accounts that were left out with all their documents: the account here has another password, so it may belong to another
    /// person. [`Origin::merge`](super::Origin::merge) imports them. They count as skipped records, their documents do not.
    pub other_password: Vec<Username>,
    /// Documents of these accounts.
    pub other_password_documents: u64,
    /// Whether the source is a database of kosync-dotnet without a log. Mostly there is none; but where one was not copied with
    /// the database, the latest positions are missing, and nothing else tells.
    pub lacks_log: bool,
    /// Whether an ordinary account of the source is called `admin`. Here that is the administrator's name.
    pub reader_named_admin: bool,
    /// Accounts whose passwords were compared and are the same, with their keys here.
    pub(super) verified: HashMap<Username, StoredKey>,
}

impl ImportReport {
    /// Returns the number of documents that were compared with the store.
    pub fn documents(&self) -> u64 {
        self.documents_created + self.documents_advanced + self.documents_unchanged
    }

    pub(super) fn skip(&mut self, skipped: SkippedRecord) {
        self.skipped_count += 1;
        if self.skipped.len() < SKIPPED_MAX {
            self.skipped.push(skipped);
        }
    }

    /// Skips an account that may belong to another person, once.
    pub(super) fn skip_account(&mut self, name: Username, reason: SkipReason) {
        if !self.other_password.contains(&name) {
            self.skip(SkippedRecord { record: LabelPart::Account(name.to_string()).into(), reason });
            self.other_password.push(name);
        }
    }

    /// Counts an alias. Those of an account that is left out do not count.
    pub(super) fn count_alias(&mut self, outcome: ImportOutcome) {
        match outcome {
            ImportOutcome::Created => self.aliases_created += 1,
            ImportOutcome::Advanced | ImportOutcome::Unchanged => self.aliases_unchanged += 1,
            ImportOutcome::NoAccount => {}
        }
    }

    pub(super) fn count_document(&mut self, outcome: ImportOutcome) {
        match outcome {
            ImportOutcome::Created => self.documents_created += 1,
            ImportOutcome::Advanced => self.documents_advanced += 1,
            ImportOutcome::Unchanged | ImportOutcome::NoAccount => self.documents_unchanged += 1,
        }
    }
}

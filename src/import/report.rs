//! What an import did, or would do.

use super::error::SkippedRecord;
use crate::model::Username;
use crate::store::ImportOutcome;

/// Skipped records that are listed. Further ones are only counted.
pub(super) const SKIPPED_MAX: usize = 1000;

/// Counts what an import did, or, from [`preview`](super::preview), would do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportReport {
    /// Accounts that were created.
    pub accounts_created: u64,
    /// Accounts that existed. They keep their password and rights.
    pub accounts_unchanged: u64,
    /// Documents that were created.
    pub documents_created: u64,
    /// Documents that advanced to a newer position of the source. The earlier one is in their history.
    pub documents_advanced: u64,
    /// Documents that keep their position, which is as new as the source's or newer.
    pub documents_unchanged: u64,
    /// The skipped records, up to 1,000.
    pub skipped: Vec<SkippedRecord>,
    /// The number of all skipped records.
    pub skipped_count: u64,
    /// Accounts that were created without a usable password: the source has none, or one that everybody knows.
    pub without_password: Vec<Username>,
    /// Whether an ordinary account of the source is called `admin`, which is the administrator's name here.
    pub reader_named_admin: bool,
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

    pub(super) fn count_account(&mut self, created: bool) {
        if created {
            self.accounts_created += 1;
        } else {
            self.accounts_unchanged += 1;
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

//! Accounts and positions as every other server's data yields them.

use std::fmt;

use super::error::SkippedRecord;
use super::label::{LabelPart, RecordLabel};
use super::reason::SkipReason;
use super::report::SKIPPED_MAX;
use crate::model::{Document, Progress, ValidationError};

/// Accounts and positions of another server.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// The accounts, in the order of the source.
    pub accounts: Vec<SourceAccount>,
    /// Records that could not be read. kosync's own readers list at most 1,000, and then one that says how many more there are.
    pub skipped: Vec<SkippedRecord>,
    /// Whether that server ignores the case of account names.
    pub any_case: bool,
}

/// An account with all its positions.
#[derive(Clone, PartialEq)]
pub struct SourceAccount {
    /// Its name, in the form that [`Username`](crate::Username) accepts.
    pub name: String,
    /// Its key as devices send it: the MD5 of the password, as 32 lowercase hex digits. Empty if the source does not have it.
    /// It is a secret, which `Debug` does not show.
    pub key: String,
    /// Whether it may log in. By default it may.
    pub active: bool,
    /// Whether it may manage other accounts. By default it may not.
    pub administrator: bool,
    /// Its positions, in the order in which they were stored. A document may occur several times.
    pub positions: Vec<SourcePosition>,
}

impl Default for SourceAccount {
    fn default() -> Self {
        Self { name: String::new(), key: String::new(), active: true, administrator: false, positions: Vec::new() }
    }
}

impl fmt::Debug for SourceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, key: _, active, administrator, positions } = self;
        let mut account = f.debug_struct("SourceAccount");
        account.field("name", name).field("active", active).field("administrator", administrator);
        account.field("positions", positions).finish_non_exhaustive()
    }
}

/// The position of an account in one document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SourcePosition {
    /// The document's id, in the form that [`Document`] accepts.
    pub document: String,
    /// The position in the client's own notation. May be empty.
    pub progress: String,
    /// The same as a share of the document, usually 0 to 1. Finite.
    pub percentage: f64,
    /// The device's name. May be empty.
    pub device: String,
    /// The device's id, if the client has one.
    pub device_id: Option<String>,
    /// When it was stored, in whole seconds since the Unix epoch. 0 if the source does not say.
    pub timestamp: u64,
}

impl SourcePosition {
    /// Checks and normalizes it as a push would be.
    pub(super) fn checked(self) -> Result<Self, ValidationError> {
        Document::new(&self.document)?;
        let Self { document, progress, percentage, device, device_id, timestamp } = self;
        let Progress { progress, percentage, device, device_id, .. } =
            Progress::new(progress, percentage, device, device_id)?;
        Ok(Self { document, progress, percentage, device, device_id, timestamp })
    }
}

/// Collects skipped records up to the limit, and counts the others: a damaged file can have millions.
#[derive(Debug, Default)]
pub(super) struct SkipCollector {
    listed: Vec<SkippedRecord>,
    further: usize,
}

impl SkipCollector {
    /// Adds a record. `record` is called only if the record is listed.
    pub(super) fn add(&mut self, record: impl FnOnce() -> RecordLabel, reason: impl Into<SkipReason>) {
        if self.listed.len() < SKIPPED_MAX {
            self.listed.push(SkippedRecord { record: record(), reason: reason.into() });
        } else {
            self.further += 1;
        }
    }

    pub(super) fn finish(mut self) -> Vec<SkippedRecord> {
        if self.further > 0 {
            let record = LabelPart::More(self.further).into();
            self.listed.push(SkippedRecord { record, reason: SkipReason::NotListed { max: SKIPPED_MAX } });
        }
        self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_key() {
        let key = "5f4dcc3b5aa765d61d8327deb882cf99".to_owned();
        let account = SourceAccount { name: "ann".into(), key, ..SourceAccount::default() };
        let shown = format!("{account:?}");
        assert!(shown.contains("ann") && !shown.contains("5f4dcc3b"), "{shown}");
    }

    #[test]
    fn skipped_records_beyond_the_limit_are_counted() {
        let mut skipped = SkipCollector::default();
        for number in 0..SKIPPED_MAX + 7 {
            skipped.add(|| LabelPart::DocumentNumber(number).into(), SkipReason::NotIndexed);
        }
        let listed = skipped.finish();
        assert_eq!((listed.len(), listed[SKIPPED_MAX].record.to_string()), (SKIPPED_MAX + 1, "7 more".to_owned()));
    }
}

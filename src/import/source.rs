//! What every other server's database yields.

use std::fmt;

use crate::model::{Document, Progress, ValidationError};

/// How many skipped records are told one by one. A damaged file can have millions, and nobody reads those.
const SKIPPED_MAX: usize = 1000;

/// An account, with all its positions.
#[derive(Clone, PartialEq)]
pub struct SourceAccount {
    /// Its name, one that [`Username`](crate::Username) takes.
    pub name: String,
    /// What the device sends: the MD5 of the password, as 32 lowercase hex digits. Empty where the source does not tell it. It
    /// is a secret: `Debug` does not show it.
    pub key: String,
    /// Whether it may log in.
    pub active: bool,
    /// Whether it may manage the others.
    pub administrator: bool,
    /// Its positions, in the order in which they were stored. A document may be there twice.
    pub positions: Vec<SourcePosition>,
}

impl fmt::Debug for SourceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, key: _, active, administrator, positions } = self;
        let mut account = f.debug_struct("SourceAccount");
        account.field("name", name).field("active", active).field("administrator", administrator);
        account.field("positions", positions).finish_non_exhaustive()
    }
}

/// Where a reader is in one document.
#[derive(Debug, Clone, PartialEq)]
pub struct SourcePosition {
    /// The document's id, one that [`Document`] takes.
    pub document: String,
    /// The position in the client's own notation. May be empty.
    pub progress: String,
    /// How far that is, usually 0 to 1. Finite.
    pub percentage: f64,
    /// The device's name. May be empty.
    pub device: String,
    /// The device's id, if the client has one.
    pub device_id: Option<String>,
    /// When it was written, in whole seconds since the Unix epoch. 0 if the database does not say.
    pub timestamp: u64,
}

impl SourcePosition {
    /// Checks it as a push is checked, and takes only what the store takes.
    pub(super) fn checked(self) -> Result<Self, ValidationError> {
        Document::new(&self.document)?;
        let Self { document, progress, percentage, device, device_id, timestamp } = self;
        let Progress { progress, percentage, device, device_id, .. } =
            Progress::new(progress, percentage, device, device_id)?;
        Ok(Self { document, progress, percentage, device, device_id, timestamp })
    }
}

/// A record that was left out, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which one, so that a person can find it again: `account ann, document 3`.
    pub what: String,
    /// The reason, in words.
    pub why: String,
}

/// All that a database has for us.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// The accounts, in the database's order.
    pub accounts: Vec<SourceAccount>,
    /// What could not be taken. At most 1,000 are told one by one; a last one then says how many more there are.
    pub skipped: Vec<Skipped>,
    /// Whether that server takes a name in upper case and lower case for the same.
    pub any_case: bool,
}

/// Gathers what is skipped, up to the limit.
#[derive(Debug, Default)]
pub(super) struct Skips {
    told: Vec<Skipped>,
    more: usize,
}

impl Skips {
    /// Notes one. What it is called is only made up if it is going to be told.
    pub(super) fn add(&mut self, what: impl FnOnce() -> String, why: impl fmt::Display) {
        if self.told.len() < SKIPPED_MAX {
            self.told.push(Skipped { what: what(), why: why.to_string() });
        } else {
            self.more += 1;
        }
    }

    pub(super) fn finish(mut self) -> Vec<Skipped> {
        if self.more > 0 {
            let what = format!("{} more", self.more);
            self.told.push(Skipped { what, why: "only the first ones are told one by one".to_owned() });
        }
        self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_does_not_show_the_key() {
        let key = "5f4dcc3b5aa765d61d8327deb882cf99".to_owned();
        let account =
            SourceAccount { name: "ann".into(), key, active: true, administrator: false, positions: Vec::new() };
        let shown = format!("{account:?}");
        assert!(shown.contains("ann") && !shown.contains("5f4dcc3b"), "{shown}");
    }

    #[test]
    fn only_the_first_skipped_records_are_told() {
        let mut skips = Skips::default();
        for number in 0..SKIPPED_MAX + 7 {
            skips.add(|| format!("document {number}"), "damaged");
        }
        let told = skips.finish();
        assert_eq!((told.len(), told[SKIPPED_MAX].what.as_str()), (SKIPPED_MAX + 1, "7 more"));
    }
}

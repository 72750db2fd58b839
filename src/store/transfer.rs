//! Accounts and documents as values that leave one store and enter another.

use heed::RoTxn;
use serde::{Deserialize, Serialize};

use super::records::{LogRecord, ProgressRecord, is_one_push, one_push};
use super::retention;
use super::tables::Tables;
use crate::model::{
    Document, DocumentName, Identifiers, METADATA_MAX, Metadata, Progress, StoredKey, Username, checked_value,
};

/// Longest history that an import takes. Histories of a store have less than 600 entries.
pub const HISTORY_MAX: usize = 1000;

/// An account, as exported and imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredAccount {
    /// The account's name.
    pub name: Username,
    /// The key at rest.
    pub key: StoredKey,
    /// Whether the account is enabled.
    pub active: bool,
    /// Whether it may manage other accounts.
    #[serde(default)]
    pub administrator: bool,
    /// Time of its creation, in whole seconds since the Unix epoch; 0 if unknown.
    #[serde(default)]
    pub created: u64,
    /// Time of its last use, in whole seconds since the Unix epoch, accurate to the hour; 0 if unknown.
    #[serde(default)]
    pub last_used: u64,
    /// Whether its name is matched regardless of case, as on the server it came from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_case: bool,
}

/// A document of an account, as exported and imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredDocument {
    /// Name of the account it belongs to.
    pub account: Username,
    /// The document's id.
    pub document: Document,
    /// The metadata that clients sent.
    #[serde(default, skip_serializing_if = "is_default")]
    pub metadata: Metadata,
    /// The name that the user gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its positions, oldest first: 1 to [`HISTORY_MAX`].
    pub history: Vec<TransferredPosition>,
    /// The identifiers that the device named which wrote the current position, if it named any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifiers: Option<Identifiers>,
}

impl TransferredDocument {
    /// Checks that a store can have this document. The error says why not.
    pub(crate) fn validate(&self) -> Result<(), String> {
        if self.history.is_empty() {
            return Err("it has no position".into());
        }
        if self.history.len() > HISTORY_MAX {
            return Err(format!("its history has more than {HISTORY_MAX} positions"));
        }
        self.history.iter().try_for_each(|entry| entry.progress.validate()).map_err(|error| error.to_string())?;
        // A push would truncate them.
        if self.metadata != self.metadata.clone().truncated() {
            return Err(format!("its title, its authors or its file name is longer than {METADATA_MAX} bytes"));
        }
        self.name.as_deref().map_or(Ok(()), |name| DocumentName::new(name).map(drop)).map_err(|error| error.to_string())
    }
}

/// One position of a document's history, as exported and imported.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TransferredPosition {
    /// The position, with the time at which it was written.
    #[serde(flatten)]
    pub progress: Progress,
    /// Number of pushes this entry counts: its own, and those of the same day and device that were thinned away.
    #[serde(default = "one_push", skip_serializing_if = "is_one_push")]
    pub pushes: u32,
}

/// Another id of a document, as exported and imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredAlias {
    /// Name of the account that the document belongs to.
    pub account: Username,
    /// The other id: a value of an identifier that a client named.
    pub value: Document,
    /// The document's id.
    pub document: Document,
}

impl TransferredAlias {
    /// Checks that a store can have this alias. The error says why not.
    pub(crate) fn validate(&self) -> Result<(), String> {
        checked_value(self.value.as_str()).map(drop).map_err(|_| "its value is none of an identifier".to_owned())
    }
}

fn is_default(metadata: &Metadata) -> bool {
    *metadata == Metadata::default()
}

/// A record of an export.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Transferred {
    /// An account. It precedes its documents.
    Account(TransferredAccount),
    /// A document.
    Document(TransferredDocument),
    /// Another id of a document. It follows the account's documents.
    Alias(TransferredAlias),
}

/// Outcome of importing a record, or of previewing that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportOutcome {
    /// It did not exist, and was created.
    Created,
    /// The document existed, and moved on to the newer positions. Its own positions are in its history.
    Advanced,
    /// It existed, and is still current: the account with its key, or the document with a position that is at least as new. The
    /// imported positions are in its history. Or the alias was not made: its value is a document or an alias already, or its document
    /// does not exist, or has 64 aliases.
    Unchanged,
    /// The account of the document or alias does not exist.
    NoAccount,
}

/// Returns a document's history, oldest first, with sequence numbers. A damaged history counts as the current position alone.
pub(super) fn transferred_history(
    txn: &RoTxn<'_>,
    tables: &Tables,
    record: &ProgressRecord,
) -> heed::Result<Vec<(u64, TransferredPosition)>> {
    let entry = |(sequence, entry, _): (u64, LogRecord, u64)| {
        (sequence, TransferredPosition { progress: entry.position, pushes: entry.pushes })
    };
    let mut history: Vec<_> = retention::history(txn, tables, record.sequence)?.into_iter().rev().map(entry).collect();
    if history.is_empty() {
        history.push((record.sequence, TransferredPosition { progress: record.position.clone(), pushes: 1 }));
    }
    Ok(history)
}

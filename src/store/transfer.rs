//! Accounts and documents as values that leave one store and enter another.

use std::collections::HashSet;

use heed::RoTxn;
use serde::{Deserialize, Serialize};

use super::device_passwords::device_passwords_of;
use super::env::unexpected;
use super::keyspace::HashKey;
use super::records::{DevicePasswordRecord, LogRecord, ProgressRecord, is_one_push, one_push};
use super::retention;
use super::tables::Tables;
use crate::error::Result;
use crate::model::{
    DEVICE_PASSWORDS_MAX, DeviceKeyHash, DevicePasswordName, Document, DocumentName, METADATA_MAX, Metadata, Progress,
    StoredKey, UserId, Username,
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
    /// Its device passwords. An import takes them where it creates the account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub device_passwords: Vec<TransferredDevicePassword>,
}

impl TransferredAccount {
    /// Checks that a store can have these device passwords. The error says why not.
    pub(crate) fn validate(&self) -> std::result::Result<(), String> {
        if self.device_passwords.len() > DEVICE_PASSWORDS_MAX {
            return Err(format!("it has more than {DEVICE_PASSWORDS_MAX} device passwords"));
        }
        let ids: HashSet<u32> = self.device_passwords.iter().map(|password| password.id).collect();
        let hashes: HashSet<DeviceKeyHash> = self.device_passwords.iter().map(|password| password.hash).collect();
        if ids.len().min(hashes.len()) < self.device_passwords.len() {
            return Err("two of its device passwords have the same number or the same hash".into());
        }
        Ok(())
    }
}

/// A device password of an account, as exported and imported. Where it was last used stays behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TransferredDevicePassword {
    /// Its number, by which it is revoked.
    pub id: u32,
    /// The name that the reader gave it.
    pub name: DevicePasswordName,
    /// The key at rest.
    pub hash: DeviceKeyHash,
    /// Time of its creation, in whole seconds since the Unix epoch; 0 if unknown.
    #[serde(default)]
    pub created: u64,
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
}

impl TransferredDocument {
    /// Checks that a store can have this document. The error says why not.
    pub(crate) fn validate(&self) -> std::result::Result<(), String> {
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
    /// imported positions are in its history.
    Unchanged,
    /// The document's account does not exist.
    NoAccount,
}

/// Returns the device passwords of an account.
pub(super) fn transferred_device_passwords(
    txn: &RoTxn<'_>,
    tables: &Tables,
    user: UserId,
) -> Result<Vec<TransferredDevicePassword>> {
    let rows = device_passwords_of(txn, tables, user)?;
    let transferred = |(key, record): (HashKey, DevicePasswordRecord)| {
        let DevicePasswordRecord { id, name, created, .. } = record;
        let name = DevicePasswordName::new(&name).map_err(unexpected)?;
        Ok(TransferredDevicePassword { id, name, hash: DeviceKeyHash(key.hash), created })
    };
    rows.into_iter().map(transferred).collect()
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

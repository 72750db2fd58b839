//! Accounts and documents as values that leave one store and enter another.

use std::collections::HashSet;

use heed::RoTxn;
use serde::{Deserialize, Serialize};

use super::books::MAX_MEMBERS;
use super::device_passwords::device_passwords_of;
use super::env::unexpected;
use super::keyspace::HashKey;
use super::notes_transfer::{TransferredAccountNotes, TransferredNotes};
use super::records::{DevicePasswordRecord, LogRecord, ProgressRecord, is_one_push, one_push};
use super::retention;
use super::tables::Tables;
use super::transferred_position::{TransferredBook, TransferredCurrent, TransferredJoin, is_default};
use crate::error::Result;
use crate::model::{
    DEVICE_PASSWORDS_MAX, DeviceKeyHash, DevicePasswordName, Document, DocumentName, Identifiers, METADATA_MAX,
    Metadata, PositionRule, Preferences, Progress, PushEffect, StoredKey, UserId, Username, checked_value,
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
    /// Time of its last use, in whole seconds since the Unix epoch. Accurate to the hour; 0 if unknown.
    #[serde(default)]
    pub last_used: u64,
    /// Whether its name is matched regardless of case, as on the server it came from.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_case: bool,
    /// The rule of its current positions, unless it is the server's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_rule: Option<PositionRule>,
    /// What it has chosen for its pages.
    #[serde(default, skip_serializing_if = "Preferences::is_empty")]
    pub preferences: Preferences,
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
    /// The documents that it is joined with, in exports of older versions: a [`TransferredBook`] has them now. An import joins it with
    /// those that exist already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub joined: Vec<TransferredJoin>,
    /// Its positions, oldest first: 1 to [`HISTORY_MAX`].
    pub history: Vec<TransferredPosition>,
    /// Which of them is the current one, and where its devices are. `None`: each of them became the current one in its turn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<Box<TransferredCurrent>>,
    /// The identifiers that the device named which wrote the current position, if it named any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identifiers: Option<Identifiers>,
    /// What is noted of it besides its positions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<Box<TransferredNotes>>,
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
        if self.joined.len() >= MAX_MEMBERS {
            return Err(format!("it is joined with more than {} documents", MAX_MEMBERS - 1));
        }
        self.history.iter().try_for_each(|entry| entry.progress.validate()).map_err(|error| error.to_string())?;
        if let Some(current) = &self.current {
            current.validate(self.history.len())?;
        }
        self.notes.as_ref().map_or(Ok(()), |notes| notes.validate())?;
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
    /// Number of later pushes by which its device held the position. `pushes` does not count them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub repeats: u32,
    /// What it did to the current position, unless it became that.
    #[serde(default, skip_serializing_if = "is_default")]
    pub effect: PushEffect,
    /// What it did to the joined documents' shared current position, if that is different.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared_effect: Option<PushEffect>,
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

impl TransferredPosition {
    /// Returns a position that one push became the current one with.
    pub fn new(progress: Progress) -> Self {
        Self { progress, pushes: one_push(), repeats: 0, effect: PushEffect::default(), shared_effect: None }
    }

    pub(super) fn of(entry: LogRecord) -> Self {
        let (effect, repeats) = (entry.effect(), entry.repeats());
        let shared_effect = Some(entry.shared_effect()).filter(|shared| *shared != effect);
        Self { progress: entry.position, pushes: entry.pushes, repeats, effect, shared_effect }
    }
}

/// A record of an export.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Transferred {
    /// An account. It precedes its documents.
    Account(TransferredAccount),
    /// A document.
    Document(TransferredDocument),
    /// Documents that are one book. It follows the account's documents.
    Book(TransferredBook),
    /// Another id of a document. It follows the account's documents.
    Alias(TransferredAlias),
    /// What is noted of an account besides its documents. It follows them.
    Notes(TransferredAccountNotes),
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
    let entry = |(sequence, entry, _): (u64, LogRecord, u64)| (sequence, TransferredPosition::of(entry));
    let mut history: Vec<_> = retention::history(txn, tables, record.sequence)?.into_iter().rev().map(entry).collect();
    if history.is_empty() {
        history.push((record.sequence, TransferredPosition::new(record.position.clone())));
    }
    Ok(history)
}

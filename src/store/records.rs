//! Records: the values of the tables, packed or as JSON.
//!
//! The number of a packed field is part of the on-disk format: a new field gets the next one, and a default. The names of fields, and
//! the defaults of those that format 1 gained, read rows of that format.

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::current::{Borrowed, DeviceKey, LastPush, StartedOver, StateRecord, Undo};
use super::packed::PackedIdentifiers;
use super::shelf_records::FoldedHistory;
use crate::model::{
    Document, Metadata, Network, PositionRule, Preferences, Progress, PushEffect, StoredKey, User, UserId, Username,
};

/// Value of `users`.
#[derive(Debug, Clone, Encode, Decode, Deserialize)]
pub(super) struct UserRecord {
    #[n(0)]
    pub(super) id: UserId,
    #[n(1)]
    pub(super) key: StoredKey,
    #[n(2)]
    pub(super) active: bool,
    #[n(3)]
    #[serde(default)]
    pub(super) administrator: bool,
    /// Number of documents, kept so that listing accounts counts no rows.
    #[n(4)]
    #[serde(default)]
    pub(super) documents: u32,
    #[n(5)]
    #[serde(default)]
    pub(super) created: u64,
    /// Time of the last use, in whole seconds since the Unix epoch. It is written once an hour, not on each push.
    #[n(6)]
    #[serde(default)]
    pub(super) last_used: u64,
    /// Number of changes to the account's history other than pushes: deletions of documents, and imports.
    #[n(7)]
    #[cbor(default)]
    #[serde(default)]
    pub(super) rewrites: u32,
    /// The rule of its current positions, unless it is the server's default.
    #[n(8)]
    #[serde(default)]
    pub(super) position_rule: Option<PositionRule>,
    /// What it has chosen for its pages, if anything.
    #[n(9)]
    #[serde(skip)]
    pub(super) preferences: Option<Preferences>,
    /// Number of changes to what its documents are called.
    #[n(10)]
    #[serde(skip)]
    pub(super) renames: Option<u32>,
}

impl UserRecord {
    /// Counts a change to what documents are called.
    pub(super) fn count_rename(&mut self) {
        self.renames = Some(self.renames.unwrap_or(0).wrapping_add(1));
    }

    pub(super) fn into_user(self, name: Username) -> User {
        let Self {
            id,
            key,
            active,
            administrator,
            documents,
            created,
            last_used,
            rewrites,
            position_rule,
            preferences,
            renames,
        } = self;
        let last_used = Some(last_used).filter(|time| *time > 0);
        User {
            id,
            name,
            active,
            administrator,
            documents,
            created,
            last_used,
            position_rule,
            preferences: preferences.unwrap_or_default(),
            rewrites,
            renames: renames.unwrap_or(0),
            key,
            device_password: None,
        }
    }
}

/// Value of `progress`: the current position, and the state of the document's history.
#[derive(Debug, Clone, Encode, Decode, Deserialize)]
pub(super) struct ProgressRecord {
    #[n(0)]
    pub(super) position: Progress,
    /// Sequence number of the newest entry of the history in `log`.
    #[n(1)]
    pub(super) sequence: u64,
    /// Length of the history.
    #[n(2)]
    #[serde(default)]
    pub(super) entries: u32,
    /// Length of the history after it was last thinned.
    #[n(3)]
    #[serde(default)]
    pub(super) thinned: u32,
    /// Bytes that the history's entries take of the data file, as [`PageLayout`](super::page_layout::PageLayout) estimates them. Older versions did
    /// not count them.
    #[n(4)]
    #[serde(default, rename = "space")]
    pub(super) bytes: Option<u64>,
    /// What decides which push moves the current position. Older versions had none: each push did.
    #[n(5)]
    #[serde(skip)]
    pub(super) state: Option<StateRecord>,
    /// The identifiers named by the device that wrote the position's `progress`, if any [I3].
    #[n(6)]
    #[serde(skip)]
    pub(super) identifiers: Option<PackedIdentifiers>,
    /// Number of the joined book that the document is in.
    #[n(7)]
    #[serde(default)]
    pub(super) book: Option<u32>,
    /// What is left of positions gone from the history, if more than days.
    #[n(8)]
    #[serde(skip)]
    pub(super) folded: Option<FoldedHistory>,
}

impl ProgressRecord {
    /// Returns the sequence number of the current position's entry.
    pub(super) fn current_sequence(&self) -> u64 {
        self.state.as_ref().map_or(self.sequence, |state| state.current_sequence(self.sequence))
    }

    /// Returns the numbers of the entries that stay besides the newest when thinning.
    pub(super) fn pinned(&self) -> [u64; 2] {
        let undo = self.state.as_ref().and_then(StateRecord::undo_sequence);
        [self.current_sequence(), undo.unwrap_or(self.sequence)]
    }

    /// Returns whether the position names no place, and the history was not searched for one: a version without [C5] stored it.
    pub(super) fn lacks_locator(&self) -> bool {
        self.state.is_none() && self.position.progress.is_empty()
    }

    /// Returns whether a pull finds no position.
    pub(super) fn is_started_over(&self) -> bool {
        self.state.as_ref().is_some_and(StateRecord::is_started_over)
    }
}

/// The part of a [`ProgressRecord`] that a pull needs.
#[derive(Debug, Clone, Decode, Deserialize)]
pub(super) struct PulledPosition {
    #[n(0)]
    position: Progress,
    #[n(5)]
    #[serde(skip)]
    state: Option<StartedOver>,
    /// Number of the joined book that has the document, and then also the position.
    #[n(7)]
    #[serde(default)]
    pub(super) book: Option<u32>,
}

impl PulledPosition {
    /// Returns whether the position names no place, and the history was not searched for one. See [`ProgressRecord::lacks_locator`].
    pub(super) fn lacks_locator(&self) -> bool {
        self.state.is_none() && self.position.progress.is_empty()
    }

    /// Returns the position, unless the document was started over.
    pub(super) fn into_position(self) -> Option<Progress> {
        self.state.is_none_or(|state| state.started_over.is_none()).then_some(self.position)
    }
}

/// The part of a [`ProgressRecord`] that tells the size of the history.
#[derive(Debug, Clone, Copy, Decode, Deserialize)]
pub(super) struct ProgressSize {
    #[n(1)]
    pub(super) sequence: u64,
    #[n(2)]
    #[serde(default)]
    pub(super) entries: u32,
    #[n(4)]
    #[serde(default, rename = "space")]
    pub(super) bytes: Option<u64>,
    #[n(7)]
    #[serde(default)]
    pub(super) book: Option<u32>,
}

/// Value of `books`: documents that their reader joined, since they are files of one book [I7].
///
/// Each document keeps its own row in `progress`, as if it were alone, so that parting restores it.
#[derive(Debug, Clone, PartialEq, Encode, Decode, Deserialize)]
pub(super) struct BookRecord {
    /// 2 to [`MAX_MEMBERS`](super::books::MAX_MEMBERS) documents.
    #[n(0)]
    pub(super) members: Vec<BookMember>,
    /// Pairs of indexes: documents between which XPointers do not carry over.
    #[n(1)]
    pub(super) apart: Vec<[u8; 2]>,
    /// Index of the document that the current position was pushed for.
    #[n(2)]
    pub(super) writer: u8,
    /// The current position of the book. Its locator is empty if its device sent none.
    #[n(3)]
    pub(super) position: Progress,
    /// Sequence number of the push, which may have been thinned away.
    #[n(4)]
    pub(super) sequence: u64,
    /// The device that holds it, as a device of its file [C4].
    #[n(5)]
    #[serde(skip)]
    pub(super) holder: Option<DeviceKey>,
    #[n(6)]
    #[serde(skip)]
    pub(super) borrowed: Option<Borrowed>,
    #[n(7)]
    pub(super) started_over: Option<u64>,
    #[n(8)]
    #[serde(skip)]
    pub(super) devices: Vec<LastPush>,
    #[n(9)]
    #[serde(skip)]
    pub(super) undo: Option<Undo>,
    /// Index of the document that the position of `undo` was pushed for.
    #[n(10)]
    pub(super) undo_writer: Option<u8>,
}

/// A document of a [`BookRecord`].
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct BookMember {
    #[n(0)]
    pub(super) document: Document,
    /// Whether it was never pushed: it has no row in `progress`, and one in `awaited`.
    #[n(1)]
    pub(super) is_awaited: bool,
}

/// The part of a [`LogRecord`] that links it to the one before it.
#[derive(Debug, Clone, Copy, Decode, Deserialize)]
pub(super) struct LogLink {
    #[n(4)]
    #[serde(default)]
    pub(super) previous: Option<u64>,
}

/// The part of a [`LogRecord`] that the rules of the current position need.
#[derive(Debug, Clone, Decode, Deserialize)]
pub(super) struct LogPosition {
    #[n(2)]
    pub(super) position: Progress,
    #[n(4)]
    #[serde(default)]
    pub(super) previous: Option<u64>,
}

/// The part of a [`LogRecord`] that tells whose it is.
#[derive(Debug, Clone, Decode, Deserialize)]
pub(super) struct LogOwner {
    #[n(0)]
    pub(super) user: UserId,
    #[n(1)]
    pub(super) document: Document,
}

/// Value of `log`: one position of a document's history, with a link to the one before it.
#[derive(Debug, Clone, Encode, Decode, Deserialize)]
pub(super) struct LogRecord {
    #[n(0)]
    pub(super) user: UserId,
    #[n(1)]
    pub(super) document: Document,
    #[n(2)]
    pub(super) position: Progress,
    /// Number of pushes this entry counts: its own, and those of the same day and device that were thinned away.
    #[n(3)]
    #[serde(default = "one_push")]
    pub(super) pushes: u32,
    /// Sequence number of the history's previous entry.
    #[n(4)]
    #[serde(default)]
    pub(super) previous: Option<u64>,
    /// What it did to the current position, unless it is just that it became that.
    #[n(5)]
    #[serde(skip)]
    pub(super) outcome: Option<LogOutcome>,
}

/// What a push did to the current position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
pub(super) struct LogOutcome {
    #[n(0)]
    pub(super) effect: PushEffect,
    /// Number of later pushes by which its device held the position. They have no entries of their own, and `pushes` does not count them.
    #[n(1)]
    pub(super) repeats: u32,
    /// What it did to the joined documents' shared current position, if that is different.
    #[n(2)]
    pub(super) shared: Option<PushEffect>,
}

impl LogRecord {
    pub(super) fn effect(&self) -> PushEffect {
        self.outcome.map_or(PushEffect::Moved, |outcome| outcome.effect)
    }

    pub(super) fn repeats(&self) -> u32 {
        self.outcome.map_or(0, |outcome| outcome.repeats)
    }

    pub(super) fn set_outcome(&mut self, effect: PushEffect, repeats: u32) {
        let shared = self.outcome.and_then(|outcome| outcome.shared);
        let is_said = effect != PushEffect::Moved || repeats > 0 || shared.is_some();
        self.outcome = is_said.then_some(LogOutcome { effect, repeats, shared });
    }

    /// Returns what it did to the current position that a pull gets: the document's own, or the one that joined documents share.
    pub(super) fn shared_effect(&self) -> PushEffect {
        self.outcome.and_then(|outcome| outcome.shared).unwrap_or_else(|| self.effect())
    }

    pub(super) fn set_shared_effect(&mut self, effect: PushEffect) {
        if effect != self.effect() {
            let (effect_alone, repeats) = (self.effect(), self.repeats());
            self.outcome = Some(LogOutcome { effect: effect_alone, repeats, shared: Some(effect) });
        }
    }
}

/// Returns the default of a `pushes` field.
pub(super) fn one_push() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(super) fn is_one_push(pushes: &u32) -> bool {
    *pushes == one_push()
}

/// Value of `documents`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct DocumentRecord {
    #[n(0)]
    #[serde(default)]
    pub(super) metadata: Metadata,
    /// The name that the user gave the document.
    #[n(1)]
    #[serde(default)]
    pub(super) name: Option<String>,
}

/// Value of `aliases` under an alias.
#[derive(Debug, Clone, Encode, Decode, Deserialize)]
pub(super) struct AliasRecord {
    /// The document that it is an alias of.
    #[n(0)]
    pub(super) document: Document,
}

/// Value of `aliases` under a document that has aliases.
#[derive(Debug, Clone, Default, Encode, Decode, Deserialize)]
pub(super) struct AliasListRecord {
    /// Its aliases, in the order in which they were made.
    #[n(0)]
    pub(super) values: Vec<Document>,
}

/// Value of `sessions`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SessionRecord {
    /// The account's name, by which the account is looked up.
    pub(super) user: Username,
    /// Hash of the stored key at the login. A session is over once the account has another key.
    pub(super) key: String,
    /// Time at which the session ends, in whole seconds since the Unix epoch.
    pub(super) expires: u64,
}

/// Value of `remote_users`: the account that a remote user chose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RemoteUserRecord {
    pub(super) user: UserId,
    /// The account's name, by which the account is looked up.
    pub(super) name: Username,
    /// Hash of the stored key when the user gave the account's password. `None` if an administrator picked the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<String>,
}

/// Value of `networks`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct NetworkRecord {
    /// Time of the last login, in whole seconds since the Unix epoch. It is written once a day.
    pub(super) last_used: u64,
}

/// Value of `device_passwords`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct DevicePasswordRecord {
    /// A number that no other device password of the account has.
    #[n(0)]
    pub(super) id: u32,
    #[n(1)]
    pub(super) name: String,
    /// Time of its creation, in whole seconds since the Unix epoch.
    #[n(2)]
    pub(super) created: u64,
    /// Day of its last use in the server's time zone, in days since 1970. It is written once a day.
    #[n(3)]
    pub(super) last_used: Option<u32>,
    /// Network of the first use on that day.
    #[n(4)]
    #[serde(skip)]
    pub(super) network: Option<Network>,
}

#[cfg(test)]
mod tests;

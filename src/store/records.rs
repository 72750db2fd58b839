//! Records: the values of the tables, as JSON.
//!
//! Every field that was added later has a default, so that older data always opens.

use serde::{Deserialize, Serialize};

use crate::model::{Document, Metadata, Progress, StoredKey, User, UserId, Username};

/// Value of `users`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct UserRecord {
    pub(super) id: UserId,
    pub(super) key: StoredKey,
    pub(super) active: bool,
    #[serde(default)]
    pub(super) administrator: bool,
    /// Number of documents, kept so that listing accounts counts no rows.
    #[serde(default)]
    pub(super) documents: u32,
    #[serde(default)]
    pub(super) created: u64,
    /// Time of the last use, in whole seconds since the Unix epoch. It is written once an hour, not on each push.
    #[serde(default)]
    pub(super) last_used: u64,
}

impl UserRecord {
    pub(super) fn into_user(self, name: Username) -> User {
        let Self { id, key, active, administrator, documents, created, last_used } = self;
        let last_used = Some(last_used).filter(|time| *time > 0);
        User { id, name, active, administrator, documents, created, last_used, key }
    }
}

/// Value of `progress`: the current position, and the state of the document's history.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ProgressRecord {
    pub(super) position: Progress,
    /// Sequence number of the position's entry in `log`, the newest of the history.
    pub(super) sequence: u64,
    /// Length of the history.
    #[serde(default)]
    pub(super) entries: u32,
    /// Length of the history after it was last thinned.
    #[serde(default)]
    pub(super) thinned: u32,
    /// Bytes of the history's entries in `log`. Older versions did not count them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bytes: Option<u64>,
}

/// The part of a [`ProgressRecord`] that tells the size of the history.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct ProgressSize {
    pub(super) sequence: u64,
    #[serde(default)]
    pub(super) entries: u32,
    #[serde(default)]
    pub(super) bytes: Option<u64>,
}

/// The part of a [`LogRecord`] that links it to the one before it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub(super) struct LogLink {
    #[serde(default)]
    pub(super) previous: Option<u64>,
}

/// Value of `log`: one position of a document's history, with a link to the one before it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LogRecord {
    pub(super) user: UserId,
    pub(super) document: Document,
    pub(super) position: Progress,
    /// Sequence number of the history's previous entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<u64>,
    /// Number of pushes this entry counts: its own, and those of the same day and device that were thinned away.
    #[serde(default = "one_push", skip_serializing_if = "is_one_push")]
    pub(super) pushes: u32,
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DocumentRecord {
    #[serde(default)]
    pub(super) metadata: Metadata,
    /// The name that the user gave the document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
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

/// Value of `ingress_users`: the account that a Home Assistant user chose.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct IngressUserRecord {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_older_versions_still_open() {
        let user: UserRecord = serde_json::from_str(r#"{"id":7,"key":"$argon2id$x","active":true}"#).expect("user");
        assert_eq!((user.id, user.administrator, user.documents, user.created), (UserId(7), false, 0, 0));
        assert_eq!(user.last_used, 0);

        let position = r#"{"progress":"p","percentage":0.5,"device":"d","timestamp":9}"#;
        let progress = format!(r#"{{"position":{position},"sequence":3}}"#);
        let progress: ProgressRecord = serde_json::from_str(&progress).expect("progress");
        assert_eq!((progress.sequence, progress.entries, progress.position.timestamp), (3, 0, 9));
        assert_eq!(progress.bytes, None);

        let log = format!(r#"{{"user":1,"document":"b","position":{position}}}"#);
        let log: LogRecord = serde_json::from_str(&log).expect("log");
        assert_eq!((log.document.as_str(), log.previous, log.pushes), ("b", None, 1));

        let chosen: IngressUserRecord = serde_json::from_str(r#"{"user":2,"name":"ada"}"#).expect("a choice");
        assert_eq!((chosen.user, chosen.name.as_str(), chosen.key), (UserId(2), "ada", None));

        let document: DocumentRecord = serde_json::from_str("{}").expect("document");
        assert_eq!(document, DocumentRecord::default());
    }
}

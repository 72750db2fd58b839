//! Keys and values as they lie on disk: the tables, their codecs and the format version.
//!
//! Keys are big-endian, so that LMDB's byte order is the order of the numbers. Values are JSON in which every later field has
//! a default, so that older data always opens.

use std::borrow::Cow;

use std::ops::{Range, RangeInclusive};

use heed::types::{Bytes, SerdeJson, Str, U32, U64, Unit};
use heed::{BoxedError, BytesDecode, BytesEncode, CommitOrAbort, Database, Env, RoTxn, WithoutTls, byteorder::BE};
use serde::{Deserialize, Serialize};

use super::keyspace::Table;
use crate::model::{Document, Metadata, Progress, StoredKey, User, UserId, Username};

/// The format this version writes. Adding a table or a defaulted field does not change it.
pub(super) const FORMAT: u64 = 1;

/// Rows of `meta`.
pub(super) const META_FORMAT: &str = "format";
pub(super) const META_NEXT_USER: &str = "next_user_id";
/// The number the next log entry gets at least. Written only where the log's last entry is pending_purge: elsewhere it is the
/// last entry's successor.
pub(super) const META_NEXT_SEQUENCE: &str = "next_sequence";

/// A random number that tells this store from others.
pub(super) const META_INSTANCE: &str = "instance";

/// Whether clients may make accounts, as somebody switched it at run time, and what the configuration said then. Each is 0 or 1.
pub(super) const META_REGISTRATION: &str = "registration";
pub(super) const META_REGISTRATION_CONFIGURED: &str = "registration_configured";

/// A row of `progress` and `documents`: the owner's number and the document's id.
pub(super) struct DocumentKey<'a> {
    pub(super) user: UserId,
    pub(super) document: &'a str,
}

impl<'a> DocumentKey<'a> {
    pub(super) fn new(user: UserId, document: &'a Document) -> Self {
        Self { user, document: document.as_str() }
    }

    /// All rows of a user: no id is empty.
    pub(super) fn all(user: UserId) -> Range<DocumentKey<'static>> {
        DocumentKey { user, document: "" }..DocumentKey { user: UserId(user.0.saturating_add(1)), document: "" }
    }
}

/// Codec of [`DocumentKey`]: four bytes of the number, big-endian, then the id.
pub(super) enum DocumentKeyCodec {}

impl<'a> BytesEncode<'a> for DocumentKeyCodec {
    type EItem = DocumentKey<'a>;

    fn bytes_encode(key: &'a DocumentKey<'a>) -> Result<Cow<'a, [u8]>, BoxedError> {
        let mut bytes = Vec::with_capacity(4 + key.document.len());
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        bytes.extend_from_slice(key.document.as_bytes());
        Ok(Cow::Owned(bytes))
    }
}

impl<'a> BytesDecode<'a> for DocumentKeyCodec {
    type DItem = DocumentKey<'a>;

    fn bytes_decode(bytes: &'a [u8]) -> Result<DocumentKey<'a>, BoxedError> {
        let (user, document) = bytes.split_first_chunk().ok_or("a key shorter than a user's number")?;
        Ok(DocumentKey { user: UserId(u32::from_be_bytes(*user)), document: std::str::from_utf8(document)? })
    }
}

/// Value of `users`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct UserRecord {
    pub(super) id: UserId,
    pub(super) key: StoredKey,
    pub(super) active: bool,
    #[serde(default)]
    pub(super) administrator: bool,
    /// Kept, so that nobody has to count.
    #[serde(default)]
    pub(super) documents: u32,
    #[serde(default)]
    pub(super) created: u64,
    /// When it was last used, to the hour: a push writes this row once an hour, not each time.
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

/// Value of `progress`: the current position, and what is needed to keep the document's list in `log` short.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ProgressRecord {
    pub(super) position: Progress,
    /// The number of the position's entry in `log`, the newest of the document's list.
    pub(super) sequence: u64,
    /// How long the list is.
    #[serde(default)]
    pub(super) entries: u32,
    /// How long it was after it was thinned last.
    #[serde(default)]
    pub(super) thinned: u32,
}

/// Value of `log`: who was where, and where the document's list goes on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct LogRecord {
    pub(super) user: UserId,
    pub(super) document: Document,
    pub(super) position: Progress,
    /// The number of the document's previous entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<u64>,
    /// How many pushes it stands for: itself, and those of its day and device that are no longer kept.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub(super) pushes: u32,
}

fn one() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_one(pushes: &u32) -> bool {
    *pushes == 1
}

/// Value of `documents`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct DocumentRecord {
    #[serde(default)]
    pub(super) metadata: Metadata,
    /// A name that the user gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
}

/// A row of `sessions`: whose it is, and the hash of its secret. All of an account lie together.
pub(super) struct SessionKey {
    pub(super) user: UserId,
    pub(super) hash: [u8; 32],
}

impl SessionKey {
    /// All rows of a user.
    pub(super) fn all(user: UserId) -> RangeInclusive<Self> {
        Self { user, hash: [0; 32] }..=Self { user, hash: [0xff; 32] }
    }
}

/// Codec of [`SessionKey`]: four bytes of the number, big-endian, then the hash.
pub(super) enum SessionKeyCodec {}

impl<'a> BytesEncode<'a> for SessionKeyCodec {
    type EItem = SessionKey;

    fn bytes_encode(key: &'a SessionKey) -> Result<Cow<'a, [u8]>, BoxedError> {
        Ok(Cow::Owned([&key.user.0.to_be_bytes()[..], &key.hash].concat()))
    }
}

impl BytesDecode<'_> for SessionKeyCodec {
    type DItem = SessionKey;

    fn bytes_decode(bytes: &[u8]) -> Result<SessionKey, BoxedError> {
        let (user, hash) = bytes.split_first_chunk().ok_or("a key shorter than a user's number")?;
        Ok(SessionKey { user: UserId(u32::from_be_bytes(*user)), hash: hash.try_into()? })
    }
}

/// Value of `sessions`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct SessionRecord {
    /// The account's name: accounts are found by it.
    pub(super) user: Username,
    /// A hash of the stored key that it was opened under: with another one it is over.
    pub(super) key: String,
    /// Until when it holds, in whole seconds since the Unix epoch.
    pub(super) expires: u64,
}

/// Value of `ingress_users`: the account that somebody of Home Assistant has chosen.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct IngressUserRecord {
    pub(super) user: UserId,
    /// The account's name: accounts are found by it.
    pub(super) name: Username,
}

type Meta = Table<0x01, Str, U64<BE>>;

/// The tables. The bytes in front of their keys are a promise to every later version; new tables get new ones, below the log's,
/// which is the last so that it can be appended to.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub(super) meta: Meta,
    pub(super) users: Table<0x02, Str, SerdeJson<UserRecord>>,
    /// Users whose account is gone and whose data is still being removed.
    pub(super) pending_purge: Table<0x03, U32<BE>, Unit>,
    pub(super) documents: Table<0x04, DocumentKeyCodec, SerdeJson<DocumentRecord>>,
    pub(super) progress: Table<0x05, DocumentKeyCodec, SerdeJson<ProgressRecord>>,
    pub(super) sessions: Table<0x06, SessionKeyCodec, SerdeJson<SessionRecord>>,
    /// By the id that Home Assistant gives its user.
    pub(super) ingress_users: Table<0x07, Str, SerdeJson<IngressUserRecord>>,
    /// By a name in lower case: the account that answers to it in upper case and lower case, as on the server it came from.
    pub(super) name_aliases: Table<0x08, Str, SerdeJson<Username>>,
    pub(super) log: Table<0xf0, U64<BE>, SerdeJson<LogRecord>>,
}

impl Tables {
    /// Opens the tables, and makes them if they are not there.
    pub(super) fn create(env: &Env<WithoutTls>) -> heed::Result<Self> {
        let tree = env.create_databases_and_commit(env.write_txn()?, |open, txn| {
            open.create_database::<Bytes, Bytes>(txn, None).map(CommitOrAbort::<_, ()>::Commit)
        })?;
        let tree = tree.unwrap_commit();
        Ok(Self {
            meta: Table::of(tree),
            users: Table::of(tree),
            pending_purge: Table::of(tree),
            documents: Table::of(tree),
            progress: Table::of(tree),
            sessions: Table::of(tree),
            ingress_users: Table::of(tree),
            name_aliases: Table::of(tree),
            log: Table::of(tree),
        })
    }

    /// The account that answers to a name: the one that is called so, or else one that came from a server that does not tell upper
    /// case from lower case.
    pub(super) fn find_account(
        &self,
        txn: &RoTxn<'_>,
        name: &Username,
    ) -> heed::Result<Option<(Username, UserRecord)>> {
        if let Some(record) = self.users.get(txn, name.as_str())? {
            return Ok(Some((name.clone(), record)));
        }
        let Some(called) = self.name_aliases.get(txn, &in_lower_case(name))? else { return Ok(None) };
        Ok(self.users.get(txn, called.as_str())?.map(|record| (called, record)))
    }

    /// The number the next log entry gets.
    pub(super) fn next_sequence(&self, txn: &RoTxn<'_>) -> heed::Result<u64> {
        let last = self.log.last_key(txn)?.unwrap_or(0);
        let floor = self.meta.get(txn, META_NEXT_SEQUENCE)?.unwrap_or(0);
        Ok(floor.max(last + 1))
    }
}

/// A name as `name_aliases` has it. Only ASCII: of that the other server is sure, and so no two of its names are one.
pub(super) fn in_lower_case(name: &Username) -> String {
    name.as_str().to_ascii_lowercase()
}

/// The format version of an environment, without changing it: `None` for a new one.
pub(super) fn format_version(env: &Env<WithoutTls>) -> heed::Result<Option<u64>> {
    let Some(tree) = open_tree(env)? else { return Ok(None) };
    Meta::of(tree).get(&*env.read_txn()?, META_FORMAT)
}

fn open_tree(env: &Env<WithoutTls>) -> heed::Result<Option<Database<'static, Bytes, Bytes>>> {
    let tree = env.open_databases_and_commit(env.read_txn()?, |open, txn| {
        open.open_database::<Bytes, Bytes>(txn, None).map(CommitOrAbort::<_, ()>::Commit)
    })?;
    Ok(tree.unwrap_commit())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes on disk are a promise to every later version.
    #[test]
    fn keys_sort_by_user_then_document() {
        let bytes = |user, document| {
            DocumentKeyCodec::bytes_encode(&DocumentKey { user: UserId(user), document }).expect("key").to_vec()
        };
        assert_eq!(bytes(0x0102_0304, "ab"), [1, 2, 3, 4, b'a', b'b']);
        let sorted =
            [bytes(1, "b"), bytes(2, "a"), bytes(2, "b"), bytes(255, "z"), bytes(256, "a"), bytes(65_536, "a")];
        assert!(sorted.is_sorted());
        let back = DocumentKeyCodec::bytes_decode(&sorted[4]).map(|key| (key.user, key.document));
        assert_eq!(back.expect("decodes"), (UserId(256), "a"));
        assert!(DocumentKeyCodec::bytes_decode(&[0, 0, 1]).is_err());
    }

    #[test]
    fn values_are_json_that_older_data_still_opens() {
        let user: UserRecord = serde_json::from_str(r#"{"id":7,"key":"$argon2id$x","active":true}"#).expect("user");
        assert_eq!((user.id, user.administrator, user.documents, user.created), (UserId(7), false, 0, 0));
        assert_eq!(user.last_used, 0);

        let position = r#"{"progress":"p","percentage":0.5,"device":"d","timestamp":9}"#;
        let progress = format!(r#"{{"position":{position},"sequence":3}}"#);
        let progress: ProgressRecord = serde_json::from_str(&progress).expect("progress");
        assert_eq!((progress.sequence, progress.entries, progress.position.timestamp), (3, 0, 9));

        let log = format!(r#"{{"user":1,"document":"b","position":{position}}}"#);
        let log: LogRecord = serde_json::from_str(&log).expect("log");
        assert_eq!((log.document.as_str(), log.previous, log.pushes), ("b", None, 1));

        let document: DocumentRecord = serde_json::from_str("{}").expect("document");
        assert_eq!(document, DocumentRecord::default());
    }
}

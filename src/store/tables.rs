//! Tables: their tags, the rows of `meta`, and the format version.

use heed::types::{Bytes, SerdeJson, Str, U32, U64, Unit};
use heed::{CommitOrAbort, Env, RoTxn, WithoutTls, byteorder::BE};

use super::keyspace::{DocumentKeyCodec, HashKeyCodec, LOG_TAG, Table, Tree};
use super::packed::Packed;
use super::page_layout::PageLayout;
use super::records::{
    DevicePasswordRecord, DocumentRecord, IngressUserRecord, LogRecord, NetworkRecord, ProgressRecord, SessionRecord,
    UserRecord,
};
use crate::model::Username;

/// Format version that this program writes. A new table or a field with a default does not change it.
///
/// 1: all values are JSON. 2: those of `users`, `documents`, `progress` and `log` are packed when they are written.
pub(super) const FORMAT: u64 = 2;

// Rows of `meta`.

pub(super) const META_FORMAT: &str = "format";
pub(super) const META_NEXT_USER: &str = "next_user_id";
/// Lower bound of the next sequence number.
///
/// It is written only when the log's last entry is deleted: otherwise the next number is that entry's successor.
pub(super) const META_NEXT_SEQUENCE: &str = "next_sequence";
/// Random number that tells this store from others.
pub(super) const META_INSTANCE: &str = "instance";
/// Whether registration is open, as last set at run time: 0 or 1.
pub(super) const META_REGISTRATION: &str = "registration";
/// What the configuration said about registration at that time: 0 or 1.
pub(super) const META_REGISTRATION_CONFIGURED: &str = "registration_configured";
/// Number of the next account when the index `names` was last complete.
pub(super) const META_INDEXED_USERS: &str = "indexed_users";

/// Largest size of the data file in bytes, if it is configured.
pub(super) const META_MAX_SIZE: &str = "max_size";

/// A number that commands raise which change what accounts use, so that the server counts again.
pub(super) const META_USAGE_EPOCH: &str = "usage_epoch";

/// Random number under which networks are hashed, in two halves.
pub(super) const META_NETWORK_KEY: [&str; 2] = ["network_key_1", "network_key_2"];

type Meta = Table<0x01, Str, U64<BE>>;

/// All tables of a store.
///
/// The tags are part of the on-disk format. A new table gets a tag below that of `log`, which must stay the highest: entries are
/// appended to it.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    pub(super) meta: Meta,
    pub(super) users: Table<0x02, Str, Packed<UserRecord>>,
    /// Numbers of deleted accounts whose data has not been removed yet.
    pub(super) pending_purge: Table<0x03, U32<BE>, Unit>,
    pub(super) documents: Table<0x04, DocumentKeyCodec, Packed<DocumentRecord>>,
    pub(super) progress: Table<0x05, DocumentKeyCodec, Packed<ProgressRecord>>,
    pub(super) sessions: Table<0x06, HashKeyCodec, SerdeJson<SessionRecord>>,
    /// Keyed by the id of the Home Assistant user.
    pub(super) ingress_users: Table<0x07, Str, SerdeJson<IngressUserRecord>>,
    /// Accounts whose name is matched regardless of case [A7], keyed by [`folded`].
    pub(super) name_aliases: Table<0x08, Str, SerdeJson<Username>>,
    /// Names of all accounts, keyed by [`folded`]: those that differ in case alone share a row [A7].
    pub(super) names: Table<0x0c, Str, SerdeJson<Vec<Username>>>,
    /// Networks from which an account's logins worked.
    pub(super) networks: Table<0x0a, HashKeyCodec, SerdeJson<NetworkRecord>>,
    /// Keyed by the account's number and the hash of the key.
    pub(super) device_passwords: Table<0x10, HashKeyCodec, Packed<DevicePasswordRecord>>,
    /// The history of all documents, keyed by sequence number.
    pub(super) log: Table<LOG_TAG, U64<BE>, Packed<LogRecord>>,
}

impl Tables {
    /// Opens the tables, and creates them in a new environment.
    pub(super) fn open_or_create(env: &Env<WithoutTls>) -> heed::Result<Self> {
        let tree = env.create_databases_and_commit(env.write_txn()?, |open, txn| {
            open.create_database::<Bytes, Bytes>(txn, None).map(CommitOrAbort::<_, ()>::Commit)
        })?;
        Ok(Self::new(tree.unwrap_commit(), layout(env)))
    }

    /// Opens the tables of an environment that can only be read. `None` if it has none.
    pub(super) fn open_existing(env: &Env<WithoutTls>) -> heed::Result<Option<Self>> {
        Ok(open_tree(env)?.map(|tree| Self::new(tree, layout(env))))
    }

    fn new(tree: Tree, layout: PageLayout) -> Self {
        Self {
            meta: Table::new(tree, layout),
            users: Table::new(tree, layout),
            pending_purge: Table::new(tree, layout),
            documents: Table::new(tree, layout),
            progress: Table::new(tree, layout),
            sessions: Table::new(tree, layout),
            ingress_users: Table::new(tree, layout),
            name_aliases: Table::new(tree, layout),
            names: Table::new(tree, layout),
            networks: Table::new(tree, layout),
            device_passwords: Table::new(tree, layout),
            log: Table::new(tree, layout),
        }
    }

    /// Returns the sequence number of the next log entry.
    pub(super) fn next_sequence(&self, txn: &RoTxn<'_>) -> heed::Result<u64> {
        let last = self.log.last_key(txn)?.unwrap_or(0);
        let floor = self.meta.get(txn, META_NEXT_SEQUENCE)?.unwrap_or(0);
        Ok(floor.max(last + 1))
    }
}

/// Returns the key of a name in `name_aliases` and `names`: the name in ASCII lower case.
///
/// Only ASCII case is folded: that is what kosync-dotnet is certain to fold, so no two of its names get the same key.
pub(super) fn folded(name: &Username) -> String {
    name.as_str().to_ascii_lowercase()
}

/// Reads the format version of an environment without changing it: `None` for a new one.
pub(super) fn format_version(env: &Env<WithoutTls>) -> heed::Result<Option<u64>> {
    let Some(tree) = open_tree(env)? else { return Ok(None) };
    Meta::new(tree, layout(env)).get(&*env.read_txn()?, META_FORMAT)
}

fn layout(env: &Env<WithoutTls>) -> PageLayout {
    PageLayout { page_size: env.unnamed_database_stat().page_size.into() }
}

pub(super) fn open_tree(env: &Env<WithoutTls>) -> heed::Result<Option<Tree>> {
    let tree = env.open_databases_and_commit(env.read_txn()?, |open, txn| {
        open.open_database::<Bytes, Bytes>(txn, None).map(CommitOrAbort::<_, ()>::Commit)
    })?;
    Ok(tree.unwrap_commit())
}

//! Tables: their tags, the rows of `meta`, and the format version.

use std::ops::RangeInclusive;

use heed::types::{Bytes, SerdeJson, Str, U32, U64, Unit};
use heed::{CommitOrAbort, Env, RoTxn, RwTxn, WithoutTls, byteorder::BE};

use super::alias_key::AliasKeyCodec;
use super::file_rows::{ChunkKey, ChunkKeyCodec, FileKeyCodec, FileRecord, UnusedGeneration};
use super::file_transfers::Transfers;
use super::keyspace::{DocumentKeyCodec, HashKeyCodec, LOG_TAG, Table, Tree};
use super::packed::Packed;
use super::page_layout::PageLayout;
use super::reading_rows::ReadingKeyCodec;
use super::records::{
    AliasRecord, BookRecord, DevicePasswordRecord, DocumentRecord, LogRecord, NetworkRecord, ProgressRecord,
    RemoteUserRecord, SessionRecord, UserRecord,
};
use super::shelf_records::{DeviceRecord, FoldedDays, MarkRecord};
use crate::model::{UserId, Username};

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

/// When the last backup and the last export of all accounts were complete.
pub(super) const META_LAST_BACKUP: &str = "last_backup";
pub(super) const META_LAST_EXPORT: &str = "last_export";

/// Largest size of the data file in bytes, if it is configured.
pub(super) const META_MAX_SIZE: &str = "max_size";

/// A number that commands raise which change what accounts use. The server then counts again.
pub(super) const META_USAGE_EPOCH: &str = "usage_epoch";

/// Random number under which networks are hashed, in two halves.
pub(super) const META_NETWORK_KEY: [&str; 2] = ["network_key_1", "network_key_2"];

/// Number of the next content of a file.
pub(super) const META_NEXT_GENERATION: &str = "next_generation";
/// Number of the file epoch [W5]. It grows when the data file is not the one last served, and may be older than the devices' data.
pub(super) const META_FILE_EPOCH: &str = "file_epoch";
/// Device, inode and time of birth of the data file that was last served. The time is in nanoseconds.
pub(super) const META_SERVED_FILE: [&str; 3] = ["served_device", "served_inode", "served_birth"];

type Meta = Table<0x01, Str, U64<BE>>;

/// How far a data file was when a server last noted it. `server.lock` beside the file has it.
///
/// A backup that is copied over `data.mdb` keeps the identity of that file, but it has fewer commits, or is of another epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ServedState {
    /// Number of the file epoch.
    pub(super) epoch: u64,
    /// Number of the last commit.
    pub(super) commit: u64,
}

impl ServedState {
    /// Returns whether a data file in state `found` may be older than this one.
    pub(super) fn is_newer_than(self, found: Self) -> bool {
        self.epoch != found.epoch || self.commit > found.commit
    }
}

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
    /// Keyed by [`RemoteUserId::as_key`](crate::model::RemoteUserId).
    pub(super) remote_users: Table<0x07, Str, SerdeJson<RemoteUserRecord>>,
    /// Accounts whose name is matched regardless of case [A7], keyed by [`folded`].
    pub(super) name_aliases: Table<0x08, Str, SerdeJson<Username>>,
    /// Names of all accounts, keyed by [`folded`]: those that differ in case alone share a row [A7].
    pub(super) names: Table<0x0c, Str, SerdeJson<Vec<Username>>>,
    /// Other ids of documents [I5], and each document's list of them, an `AliasListRecord`.
    pub(super) aliases: Table<0x0b, AliasKeyCodec, Packed<AliasRecord>>,
    /// Networks from which an account's logins worked.
    pub(super) networks: Table<0x0a, HashKeyCodec, SerdeJson<NetworkRecord>>,
    /// Files and folders of the accounts' WebDAV folders.
    pub(super) files: Table<0x0d, FileKeyCodec, Packed<FileRecord>>,
    /// The contents of files.
    pub(super) file_chunks: Table<0x0e, ChunkKeyCodec, Bytes>,
    /// Reading times and highlights, computed from files.
    pub(super) reading: Table<0x0f, ReadingKeyCodec, Bytes>,
    /// Documents that are files of one book [I7], keyed by [`book_key`].
    pub(super) books: Table<0x10, U64<BE>, Packed<BookRecord>>,
    /// The books of joined documents that were never pushed.
    pub(super) awaited: Table<0x11, DocumentKeyCodec, U32<BE>>,
    /// Keyed by the account's number and the hash of the key.
    pub(super) device_passwords: Table<0x12, HashKeyCodec, Packed<DevicePasswordRecord>>,
    /// What readers said about books: on which shelf they belong, and whether they are hidden.
    pub(super) marks: Table<0x13, DocumentKeyCodec, Packed<MarkRecord>>,
    /// Reading whose positions are gone, keyed by [`period_key`](super::shelf_records::period_key).
    pub(super) folded_days: Table<0x14, U64<BE>, Packed<FoldedDays>>,
    /// What readers said about devices, and when these were first seen. Keyed by the account's number and a hash of the device.
    pub(super) devices: Table<0x15, HashKeyCodec, Packed<DeviceRecord>>,
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
            remote_users: Table::new(tree, layout),
            name_aliases: Table::new(tree, layout),
            names: Table::new(tree, layout),
            aliases: Table::new(tree, layout),
            networks: Table::new(tree, layout),
            files: Table::new(tree, layout),
            file_chunks: Table::new(tree, layout),
            reading: Table::new(tree, layout),
            books: Table::new(tree, layout),
            awaited: Table::new(tree, layout),
            device_passwords: Table::new(tree, layout),
            marks: Table::new(tree, layout),
            folded_days: Table::new(tree, layout),
            devices: Table::new(tree, layout),
            log: Table::new(tree, layout),
        }
    }

    /// Returns the file epoch: a number that grows when the data file is not the one that was last served.
    pub(super) fn file_epoch(&self, txn: &RoTxn<'_>) -> heed::Result<u64> {
        Ok(self.meta.get(txn, META_FILE_EPOCH)?.unwrap_or(0))
    }

    /// Begins a file epoch if the data file is not the one last served [W5]. Also begins one if the file may be older
    /// than it was then.
    ///
    /// `identity` and `commit` are those of the data file, `noted` is its state when a server last noted it.
    pub(super) fn note_served_file(
        &self,
        txn: &mut RwTxn<'_>,
        identity: [u64; 3],
        commit: u64,
        noted: Option<ServedState>,
    ) -> heed::Result<()> {
        let mut served = [None; 3];
        for (value, name) in served.iter_mut().zip(META_SERVED_FILE) {
            *value = self.meta.get(txn, name)?;
        }
        let found = ServedState { epoch: self.file_epoch(txn)?, commit };
        let is_older = noted.is_some_and(|noted| noted.is_newer_than(found));
        if served == identity.map(Some) && !is_older {
            return Ok(());
        }
        // No file was uploaded in an epoch after both.
        self.begin_file_epoch(txn, noted.map_or(0, |noted| noted.epoch))?;
        for (value, name) in identity.iter().zip(META_SERVED_FILE) {
            self.meta.put(txn, name, value)?;
        }
        Ok(())
    }

    /// Withholds the databases that devices merge until each was uploaded again [W5]. The new epoch is after `last`, too.
    pub(super) fn begin_file_epoch(&self, txn: &mut RwTxn<'_>, last: u64) -> heed::Result<()> {
        let epoch = self.file_epoch(txn)?.max(last);
        self.meta.put(txn, META_FILE_EPOCH, &(epoch + 1))
    }

    /// Returns the rows of contents that no file has. They lie in `file_chunks`, under an account number that no account has.
    pub(super) fn unused_generations(&self) -> Table<0x0e, ChunkKeyCodec, Packed<UnusedGeneration>> {
        self.file_chunks.with_values()
    }

    /// Marks all uploads as ended: those of a server that is no more, when another one starts.
    pub(super) fn end_uploads(&self, txn: &mut RwTxn<'_>) -> heed::Result<()> {
        let (table, mut ended) = (self.unused_generations(), Vec::new());
        for row in table.range(txn, &ChunkKey::range_of_user(ChunkKey::UNUSED))? {
            let (key, unused) = row?;
            if unused.last_write > 0 {
                ended.push((key, UnusedGeneration { last_write: 0, ..unused }));
            }
        }
        ended.into_iter().try_for_each(|(key, unused)| table.put(txn, &key, &unused))
    }

    /// Returns the first content whose chunks may be removed, and whose it was: no file has it, no request reads it, and its upload ended.
    pub(super) fn next_unused_generation(
        &self,
        txn: &RoTxn<'_>,
        now: u64,
        transfers: &Transfers,
    ) -> heed::Result<Option<(u64, UserId)>> {
        for row in self.unused_generations().range(txn, &ChunkKey::range_of_user(ChunkKey::UNUSED))? {
            let (key, unused) = row?;
            if unused.has_ended(now) && !transfers.is_pinned(key.generation) {
                return Ok(Some((key.generation, unused.user)));
            }
        }
        Ok(None)
    }

    /// Returns whether no deleted data or unused content of files is left to remove.
    pub(super) fn is_all_purged(&self, txn: &RoTxn<'_>) -> heed::Result<bool> {
        let has_unused =
            self.unused_generations().range(txn, &ChunkKey::range_of_user(ChunkKey::UNUSED))?.next().is_some();
        Ok(!has_unused && self.pending_purge.all(txn)?.next().is_none())
    }

    /// Returns whether deleted data can be removed now.
    pub(super) fn has_pending_purge(&self, txn: &RoTxn<'_>, now: u64, transfers: &Transfers) -> heed::Result<bool> {
        Ok(self.pending_purge.all(txn)?.next().is_some() || self.next_unused_generation(txn, now, transfers)?.is_some())
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

/// Returns the key of a book: the account's number as 4 bytes, then the book's number as 4.
pub(super) fn book_key(user: UserId, number: u32) -> u64 {
    u64::from(user.0) << 32 | u64::from(number)
}

/// Returns the range of the keys of all books of an account.
pub(super) fn book_keys(user: UserId) -> RangeInclusive<u64> {
    book_key(user, 0)..=book_key(user, u32::MAX)
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

//! Rows of `files` and `file_chunks`: keys and records.
//!
//! The content of a file lies in chunks under a number of its own, its generation, and the row of its path points to it. A new
//! content gets a new generation, so the row changes in one commit from the whole old content to the whole new one. A generation that
//! no row points to, yet or any more, has a row in `file_chunks` under account number 0, which no account has: its chunks are removed
//! in slices.

use std::borrow::Cow;
use std::ops::{Range, RangeInclusive};

use heed::{BoxedError, BytesDecode};
use minicbor::{Decode, Encode};
use serde::Deserialize;

use super::keyspace::KeyCodec;
use crate::model::{FileInfo, FilePath, UserId};

/// Bytes of a chunk; the last one of a file may be shorter. With LMDB's header it fills 16 pages of 4 KiB.
pub const FILE_CHUNK_LEN: usize = (64 << 10) - 16;

/// Key of `files`: the account's number and the path.
pub(super) struct FileKey<'a> {
    pub(super) user: UserId,
    pub(super) path: Cow<'a, str>,
}

impl<'a> FileKey<'a> {
    pub(super) fn new(user: UserId, path: &'a FilePath) -> Self {
        Self { user, path: path.as_str().into() }
    }

    /// Returns the range of all keys of an account.
    pub(super) fn range_of(user: UserId) -> Range<FileKey<'static>> {
        FileKey { user, path: "".into() }..FileKey { user: UserId(user.0.saturating_add(1)), path: "".into() }
    }

    /// Returns the range of all keys below a folder.
    pub(super) fn range_below(user: UserId, folder: &FilePath) -> Range<FileKey<'static>> {
        // `0` follows `/`.
        let key = |end: char| FileKey { user, path: format!("{folder}{end}").into() };
        key('/')..key('0')
    }
}

/// Codec of [`FileKey`]: the account's number as 4 bytes, then the path.
pub(super) enum FileKeyCodec {}

impl<'a> KeyCodec<'a> for FileKeyCodec {
    type Key = FileKey<'a>;

    fn encode_key(key: &'a FileKey<'a>, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        bytes.extend_from_slice(key.path.as_bytes());
    }
}

impl<'a> BytesDecode<'a> for FileKeyCodec {
    type DItem = FileKey<'a>;

    fn bytes_decode(bytes: &'a [u8]) -> Result<FileKey<'a>, BoxedError> {
        let (user, path) = bytes.split_first_chunk().ok_or("a key shorter than an account's number")?;
        Ok(FileKey { user: UserId(u32::from_be_bytes(*user)), path: std::str::from_utf8(path)?.into() })
    }
}

/// Key of `file_chunks`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChunkKey {
    /// The account's number; 0 for the row of a generation that no file has.
    pub(super) user: UserId,
    pub(super) generation: u64,
    /// Number of the chunk, from 0.
    pub(super) number: u32,
}

impl ChunkKey {
    /// Account number under which generations lie that no file has.
    pub(super) const UNUSED: UserId = UserId(0);

    /// Returns the key of a generation that no file has.
    pub(super) fn unused(generation: u64) -> Self {
        Self { user: Self::UNUSED, generation, number: 0 }
    }

    /// Returns the range of all chunks of a generation.
    pub(super) fn range_of(user: UserId, generation: u64) -> RangeInclusive<Self> {
        Self { user, generation, number: 0 }..=Self { user, generation, number: u32::MAX }
    }

    /// Returns the range of all rows under an account's number.
    pub(super) fn range_of_user(user: UserId) -> RangeInclusive<Self> {
        Self { user, generation: 0, number: 0 }..=Self { user, generation: u64::MAX, number: u32::MAX }
    }
}

/// Codec of [`ChunkKey`]: account, generation and number as 4, 8 and 4 bytes.
pub(super) enum ChunkKeyCodec {}

impl<'a> KeyCodec<'a> for ChunkKeyCodec {
    type Key = ChunkKey;

    fn encode_key(key: &'a ChunkKey, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        bytes.extend_from_slice(&key.generation.to_be_bytes());
        bytes.extend_from_slice(&key.number.to_be_bytes());
    }
}

impl BytesDecode<'_> for ChunkKeyCodec {
    type DItem = ChunkKey;

    fn bytes_decode(bytes: &[u8]) -> Result<ChunkKey, BoxedError> {
        const WRONG: &str = "a key of a chunk has 16 bytes";
        let (user, rest) = bytes.split_first_chunk().ok_or(WRONG)?;
        let (generation, number) = rest.split_first_chunk().ok_or(WRONG)?;
        Ok(ChunkKey {
            user: UserId(u32::from_be_bytes(*user)),
            generation: u64::from_be_bytes(*generation),
            number: u32::from_be_bytes(number.try_into().map_err(|_| WRONG)?),
        })
    }
}

/// Value of `files`.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct FileRecord {
    /// Number of its content; `None` for a folder.
    #[n(0)]
    pub(super) generation: Option<u64>,
    #[n(1)]
    pub(super) size: u64,
    /// BLAKE2b hash of its content.
    #[cbor(n(2), with = "minicbor::bytes")]
    pub(super) hash: [u8; 32],
    /// Time of the upload, or of a folder's creation, in whole Unix seconds.
    #[n(3)]
    pub(super) modified: u64,
    #[n(4)]
    pub(super) uploaded_by: Option<String>,
    /// The store's file epoch at the upload; `None` if it was imported. A database that devices merge is withheld in other epochs.
    #[n(5)]
    pub(super) epoch: Option<u64>,
    /// Bytes that an import has not brought yet. Until then the file is not there.
    #[n(6)]
    #[cbor(default)]
    pub(super) missing: u64,
    /// Number of the device password by which it was uploaded.
    #[n(7)]
    pub(super) device_password: Option<u32>,
}

impl FileRecord {
    pub(super) fn folder(modified: u64) -> Self {
        Self {
            generation: None,
            size: 0,
            hash: [0; 32],
            modified,
            uploaded_by: None,
            epoch: None,
            missing: 0,
            device_password: None,
        }
    }

    /// Returns what others may know about it in a file epoch.
    pub(super) fn into_info(self, path: &FilePath, epoch: u64) -> FileInfo {
        let Self { generation, size, hash, modified, uploaded_by, epoch: uploaded, missing: _, device_password } = self;
        FileInfo {
            is_folder: generation.is_none(),
            size,
            modified,
            uploaded_by,
            device_password,
            is_withheld: generation.is_some() && path.is_merged_database() && uploaded != Some(epoch),
            generation: generation.unwrap_or(0),
            hash,
        }
    }
}

/// Value of the row of a generation that no file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode, Deserialize)]
pub(super) struct UnusedGeneration {
    /// Number of the account whose chunks they are.
    #[n(0)]
    pub(super) user: UserId,
    /// Time of the last write of the upload under way, in Unix seconds. 0 if the upload has ended.
    #[n(1)]
    pub(super) last_write: u64,
}

/// Seconds after which an upload that writes nothing counts as ended. A client that stalls is cut off long before.
const UPLOAD_STALE_AFTER: u64 = 60 * 60;

impl UnusedGeneration {
    /// Returns whether its chunks may be removed.
    pub(super) fn has_ended(&self, now: u64) -> bool {
        self.last_write.saturating_add(UPLOAD_STALE_AFTER) < now
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::keyspace::encoded;

    /// Every later version must read these bytes.
    #[test]
    fn keys_of_files_sort_by_account_then_path_and_those_of_chunks_by_number() {
        let path = FilePath::new("a/b").expect("a path");
        let key = encoded::<FileKeyCodec>(&FileKey::new(UserId(0x0102_0304), &path));
        assert_eq!(key, [1, 2, 3, 4, b'a', b'/', b'b']);
        let below = FileKey::range_below(UserId(1), &path);
        assert_eq!((&*below.start.path, &*below.end.path), ("a/b/", "a/b0"));
        let key = ChunkKey { user: UserId(1), generation: 2, number: 3 };
        let bytes = encoded::<ChunkKeyCodec>(&key);
        assert_eq!(bytes, [0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 3]);
        assert_eq!(ChunkKeyCodec::bytes_decode(&bytes).expect("a key"), key);
        assert!(ChunkKeyCodec::bytes_decode(&bytes[1..]).is_err());
        assert_eq!((FILE_CHUNK_LEN + 16) % 4096, 0);
    }

    #[test]
    fn w5_a_database_of_another_epoch_is_withheld_and_nothing_else() {
        let of = |path: &str, epoch| {
            let record = FileRecord { generation: Some(7), epoch, ..FileRecord::folder(1) };
            record.into_info(&FilePath::new(path).expect("a path"), 3).is_withheld
        };
        for name in ["statistics.sqlite3", "a/b/statistics.sqlite3", "a/vocabulary_builder.sqlite3"] {
            assert!(of(name, Some(2)), "{name}");
            assert!(of(name, Some(4)), "{name}");
            assert!(of(name, None), "{name}");
            assert!(!of(name, Some(3)), "{name}");
        }
        assert!(!of("a/book.json", Some(2)));
        let folder = FileRecord::folder(1).into_info(&FilePath::new("statistics.sqlite3").expect("a path"), 3);
        assert!(folder.is_folder && !folder.is_withheld);
    }
}

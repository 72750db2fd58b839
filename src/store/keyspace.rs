//! Key space: several tables in one LMDB tree, told apart by the first byte of each key.
//!
//! LMDB would keep each of several tables as a tree with a root page of its own, and all roots in one more tree. A push writes to
//! two tables, and each page it dirties is one more scattered write per commit: one tree saves two of nine.
//!
//! Numbers in keys are big-endian, so that LMDB's byte order is the order of the numbers.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::{Bound, Range, RangeBounds, RangeInclusive};

use heed::byteorder::BE;
use heed::types::{Bytes, Str, U32, U64};
use heed::{BoxedError, BytesDecode, BytesEncode, Database, PutFlags, Result, RoPrefix, RoRange, RoTxn, RwTxn};

use super::page_layout::{Filling, PageLayout};
use crate::model::{Document, UserId};

/// Tag of the table that is appended to.
pub(super) const LOG_TAG: u8 = 0xf0;
/// Length of a sequence number as a key.
pub(super) const SEQUENCE_LEN: usize = 8;

/// The untyped tree that holds all tables.
pub(super) type Tree = Database<'static, Bytes, Bytes>;

/// Longest key that takes one allocation. Nearly all are shorter.
const USUAL_KEY_LEN: usize = 48;

/// Codec of a key without its table's tag.
pub(super) trait KeyCodec<'a> {
    /// What is encoded.
    type Key: ?Sized + 'a;

    /// Appends a key's bytes to the tag: a key of its own, to be copied, would be one more allocation for each access.
    fn encode_key(key: &'a Self::Key, bytes: &mut Vec<u8>);
}

/// Codec of a key with its table's tag in front.
pub(super) struct Tagged<const TAG: u8, K>(PhantomData<K>);

impl<'a, const TAG: u8, K: KeyCodec<'a>> BytesEncode<'a> for Tagged<TAG, K> {
    type EItem = K::Key;

    fn bytes_encode(key: &'a K::Key) -> std::result::Result<Cow<'a, [u8]>, BoxedError> {
        let mut bytes = Vec::with_capacity(USUAL_KEY_LEN);
        bytes.push(TAG);
        K::encode_key(key, &mut bytes);
        Ok(Cow::Owned(bytes))
    }
}

impl<'a> KeyCodec<'a> for Str {
    type Key = str;

    fn encode_key(key: &'a str, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(key.as_bytes());
    }
}

impl<'a> KeyCodec<'a> for U64<BE> {
    type Key = u64;

    fn encode_key(key: &'a u64, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.to_be_bytes());
    }
}

impl<'a> KeyCodec<'a> for U32<BE> {
    type Key = u32;

    fn encode_key(key: &'a u32, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.to_be_bytes());
    }
}

impl<'a, const TAG: u8, K: BytesDecode<'a>> BytesDecode<'a> for Tagged<TAG, K> {
    type DItem = K::DItem;

    fn bytes_decode(bytes: &'a [u8]) -> std::result::Result<K::DItem, BoxedError> {
        match bytes.split_first() {
            Some((tag, key)) if *tag == TAG => K::bytes_decode(key),
            _ => Err("a key of another table".into()),
        }
    }
}

/// Codec of a value together with its length in bytes.
pub(super) struct Measured<V>(PhantomData<V>);

impl<'a, V: BytesDecode<'a>> BytesDecode<'a> for Measured<V> {
    type DItem = (V::DItem, u64);

    fn bytes_decode(bytes: &'a [u8]) -> std::result::Result<Self::DItem, BoxedError> {
        Ok((V::bytes_decode(bytes)?, bytes.len() as u64))
    }
}

/// One table: all keys that start with `TAG`. It is a handle, so copies are free.
pub(super) struct Table<const TAG: u8, K, V> {
    tree: Database<'static, Tagged<TAG, K>, V>,
    layout: PageLayout,
}

impl<const TAG: u8, K, V> Clone for Table<TAG, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<const TAG: u8, K, V> Copy for Table<TAG, K, V> {}

impl<const TAG: u8, K, V> Table<TAG, K, V> {
    pub(super) fn new(tree: Tree, layout: PageLayout) -> Self {
        Self { tree: tree.remap_types(), layout }
    }

    pub(super) fn get<'a, 'txn>(&self, txn: &'txn RoTxn<'_>, key: &'a K::Key) -> Result<Option<V::DItem>>
    where
        K: KeyCodec<'a>,
        V: BytesDecode<'txn>,
    {
        self.tree.get(txn, key)
    }

    pub(super) fn put<'a>(&self, txn: &mut RwTxn<'_>, key: &'a K::Key, value: &'a V::EItem) -> Result<()>
    where
        K: KeyCodec<'a>,
        V: BytesEncode<'a>,
    {
        self.tree.put(txn, key, value)
    }

    /// Returns the table with values that are read as another type.
    pub(super) fn with_values<W>(&self) -> Table<TAG, K, W> {
        Table { tree: self.tree.remap_data_type(), layout: self.layout }
    }

    /// Returns the table with values that are read together with their lengths.
    pub(super) fn measured(&self) -> Table<TAG, K, Measured<V>> {
        self.with_values()
    }

    /// Estimates the bytes that a row takes of the data file. The key's length is without the tag.
    pub(super) fn footprint(&self, key: usize, value: u64) -> u64 {
        let filling = if TAG == LOG_TAG { Filling::Appended } else { Filling::Inserted };
        self.layout.row(1 + key, value, filling)
    }

    /// Stores a row, and returns its footprint.
    pub(super) fn put_measured<'a>(
        &self,
        txn: &mut RwTxn<'_>,
        flags: PutFlags,
        key: &'a K::Key,
        value: &'a V::EItem,
    ) -> Result<u64>
    where
        K: KeyCodec<'a>,
        V: BytesEncode<'a>,
    {
        let key = Tagged::<TAG, K>::bytes_encode(key).map_err(heed::Error::Encoding)?;
        let value = V::bytes_encode(value).map_err(heed::Error::Encoding)?;
        self.tree.remap_types::<Bytes, Bytes>().put_with_flags(txn, flags, &key, &value)?;
        Ok(self.footprint(key.len() - 1, value.len() as u64))
    }

    /// Returns the rows behind a key, or all without one, ordered by key.
    pub(super) fn after<'a, 'txn>(
        &self,
        txn: &'txn RoTxn<'_>,
        key: Option<&'a K::Key>,
    ) -> Result<RoRange<'txn, Tagged<TAG, K>, V>>
    where
        K: KeyCodec<'a>,
    {
        let first = key.map(Tagged::<TAG, K>::bytes_encode).transpose().map_err(heed::Error::Encoding)?;
        let first = first.as_deref().map_or(Bound::Included(&[TAG][..]), Bound::Excluded);
        let end = [TAG + 1];
        let range = (first, Bound::Excluded(&end[..]));
        Ok(self.tree.remap_key_type::<Bytes>().range(txn, &range)?.remap_key_type())
    }

    /// Adds a row with the tree's greatest key, and returns its footprint. Pages are then filled to the end.
    ///
    /// Only the table with the highest tag has such keys.
    pub(super) fn append<'a>(&self, txn: &mut RwTxn<'_>, key: &'a K::Key, value: &'a V::EItem) -> Result<u64>
    where
        K: KeyCodec<'a>,
        V: BytesEncode<'a>,
    {
        self.put_measured(txn, PutFlags::APPEND, key, value)
    }

    pub(super) fn delete<'a>(&self, txn: &mut RwTxn<'_>, key: &'a K::Key) -> Result<bool>
    where
        K: KeyCodec<'a>,
    {
        self.tree.delete(txn, key)
    }

    /// Returns all rows, ordered by key.
    pub(super) fn all<'txn>(&self, txn: &'txn RoTxn<'_>) -> Result<RoPrefix<'txn, Tagged<TAG, K>, V>> {
        Ok(self.tree.remap_key_type::<Bytes>().prefix_iter(txn, &[TAG])?.remap_key_type())
    }

    /// Returns how many rows have a value of which `is_counted` is true.
    pub(super) fn count_values(&self, txn: &RoTxn<'_>, is_counted: impl Fn(&[u8]) -> bool) -> Result<u64> {
        let rows = self.tree.remap_types::<Bytes, Bytes>().prefix_iter(txn, &[TAG])?;
        rows.map(|row| row.map(|(_, value)| u64::from(is_counted(value)))).sum()
    }

    pub(super) fn range<'a, 'txn, R>(
        &self,
        txn: &'txn RoTxn<'_>,
        range: &'a R,
    ) -> Result<RoRange<'txn, Tagged<TAG, K>, V>>
    where
        K: KeyCodec<'a>,
        R: RangeBounds<K::Key>,
    {
        self.tree.range(txn, range)
    }

    /// Returns the highest key.
    pub(super) fn last_key<'txn>(&self, txn: &'txn RoTxn<'_>) -> Result<Option<K::DItem>>
    where
        K: BytesDecode<'txn>,
    {
        let rows = self.tree.remap_key_type::<Bytes>().rev_prefix_iter(txn, &[TAG])?;
        let Some((bytes, _)) = rows.remap_data_type::<Bytes>().next().transpose()? else { return Ok(None) };
        Tagged::<TAG, K>::bytes_decode(bytes).map(Some).map_err(heed::Error::Decoding)
    }
}

/// Key of the tables `progress` and `documents`: the account's number and the document's id.
pub(super) struct DocumentKey<'a> {
    pub(super) user: UserId,
    pub(super) document: &'a str,
}

impl<'a> DocumentKey<'a> {
    pub(super) fn new(user: UserId, document: &'a Document) -> Self {
        Self { user, document: document.as_str() }
    }

    /// Returns the key's length in bytes.
    pub(super) fn len(&self) -> usize {
        4 + self.document.len()
    }

    /// Returns the range of all keys of an account: no document id is empty.
    pub(super) fn range_of(user: UserId) -> Range<DocumentKey<'static>> {
        DocumentKey { user, document: "" }..DocumentKey { user: UserId(user.0.saturating_add(1)), document: "" }
    }
}

impl<V> Table<LOG_TAG, U64<BE>, V> {
    /// Estimates the bytes that an entry takes of the data file.
    pub(super) fn entry_footprint(&self, value: u64) -> u64 {
        self.footprint(SEQUENCE_LEN, value)
    }
}

impl<const TAG: u8, V> Table<TAG, DocumentKeyCodec, V> {
    /// Returns the length of a row's value, and its footprint. Both are 0 if there is no such row.
    pub(super) fn size(&self, txn: &RoTxn<'_>, key: &DocumentKey<'_>) -> Result<RowSize> {
        let value = self.with_values::<Bytes>().get(txn, key)?.map(|value| value.len() as u64);
        Ok(value.map_or(RowSize::default(), |value| RowSize { value, footprint: self.footprint(key.len(), value) }))
    }
}

/// The size of a row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct RowSize {
    /// Length of its value in bytes.
    pub(super) value: u64,
    /// Estimate of the bytes that it takes of the data file.
    pub(super) footprint: u64,
}

/// Codec of [`DocumentKey`]: the account's number as 4 bytes, then the document's id.
pub(super) enum DocumentKeyCodec {}

impl<'a> KeyCodec<'a> for DocumentKeyCodec {
    type Key = DocumentKey<'a>;

    fn encode_key(key: &'a DocumentKey<'a>, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        bytes.extend_from_slice(key.document.as_bytes());
    }
}

impl<'a> BytesDecode<'a> for DocumentKeyCodec {
    type DItem = DocumentKey<'a>;

    fn bytes_decode(bytes: &'a [u8]) -> std::result::Result<DocumentKey<'a>, BoxedError> {
        let (user, document) = bytes.split_first_chunk().ok_or(TOO_SHORT)?;
        Ok(DocumentKey { user: UserId(u32::from_be_bytes(*user)), document: std::str::from_utf8(document)? })
    }
}

/// Key of the tables `sessions`, `networks` and `device_passwords`: the account's number, and the hash of the session's secret, of the
/// network or of the key.
pub(super) struct HashKey {
    pub(super) user: UserId,
    pub(super) hash: [u8; 32],
}

impl HashKey {
    /// Returns the range of all keys of an account.
    pub(super) fn range_of(user: UserId) -> RangeInclusive<Self> {
        Self { user, hash: [0; 32] }..=Self { user, hash: [0xff; 32] }
    }
}

/// Codec of [`HashKey`]: the account's number as 4 bytes, then the hash.
pub(super) enum HashKeyCodec {}

impl<'a> KeyCodec<'a> for HashKeyCodec {
    type Key = HashKey;

    fn encode_key(key: &'a HashKey, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        bytes.extend_from_slice(&key.hash);
    }
}

impl BytesDecode<'_> for HashKeyCodec {
    type DItem = HashKey;

    fn bytes_decode(bytes: &[u8]) -> std::result::Result<HashKey, BoxedError> {
        let (user, hash) = bytes.split_first_chunk().ok_or(TOO_SHORT)?;
        Ok(HashKey { user: UserId(u32::from_be_bytes(*user)), hash: hash.try_into()? })
    }
}

pub(super) const TOO_SHORT: &str = "a key shorter than an account's number";

/// Returns a key's bytes without the tag.
#[cfg(test)]
pub(super) fn encoded<'a, K: KeyCodec<'a>>(key: &'a K::Key) -> Vec<u8> {
    let mut bytes = Vec::new();
    K::encode_key(key, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    type Numbers = Tagged<LOG_TAG, U64<BE>>;

    /// Every later version must read these bytes.
    #[test]
    fn the_tag_is_the_first_byte() {
        assert_eq!(*Numbers::bytes_encode(&258).expect("key"), [0xf0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(*Tagged::<2, Str>::bytes_encode("ab").expect("key"), [2, b'a', b'b']);
        assert_eq!(Tagged::<2, Str>::bytes_decode(&[2, b'a']).expect("key"), "a");
        assert!(Tagged::<2, Str>::bytes_decode(&[3, b'a']).is_err());
        assert!(Tagged::<2, Str>::bytes_decode(&[]).is_err());
    }

    /// Every later version must read these bytes.
    #[test]
    fn document_keys_sort_by_user_then_document() {
        let bytes = |user, document| encoded::<DocumentKeyCodec>(&DocumentKey { user: UserId(user), document });
        assert_eq!(bytes(0x0102_0304, "ab"), [1, 2, 3, 4, b'a', b'b']);
        let sorted =
            [bytes(1, "b"), bytes(2, "a"), bytes(2, "b"), bytes(255, "z"), bytes(256, "a"), bytes(65_536, "a")];
        assert!(sorted.is_sorted());
        let back = DocumentKeyCodec::bytes_decode(&sorted[4]).map(|key| (key.user, key.document));
        assert_eq!(back.expect("decodes"), (UserId(256), "a"));
        assert!(DocumentKeyCodec::bytes_decode(&[0, 0, 1]).is_err());
    }

    /// Every later version must read these bytes.
    #[test]
    fn hash_keys_are_the_user_then_the_hash() {
        let key = HashKey { user: UserId(0x0102_0304), hash: [7; 32] };
        let bytes = encoded::<HashKeyCodec>(&key);
        assert_eq!(bytes, [&[1, 2, 3, 4][..], &[7; 32]].concat());
        let back = HashKeyCodec::bytes_decode(&bytes).expect("decodes");
        assert_eq!((back.user, back.hash), (key.user, key.hash));
        assert!(HashKeyCodec::bytes_decode(&bytes[..35]).is_err());
    }
}

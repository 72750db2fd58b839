//! Tables, all in one B-tree: a byte in front of each key says of which table it is.
//!
//! LMDB would keep each of several tables as a tree of its own, with a root of its own, and the roots in one more. A push
//! writes to two tables, and each page that it dirties is one more scattered write of a commit: one tree saves two of nine.

use std::borrow::Cow;
use std::marker::PhantomData;
use std::ops::RangeBounds;

use heed::types::Bytes;
use heed::{BoxedError, BytesDecode, BytesEncode, Database, PutFlags, Result, RoPrefix, RoRange, RoTxn, RwTxn};

/// Codec of a key with its table's byte in front.
pub(super) struct Tagged<const TAG: u8, K>(PhantomData<K>);

impl<'a, const TAG: u8, K: BytesEncode<'a>> BytesEncode<'a> for Tagged<TAG, K> {
    type EItem = K::EItem;

    fn bytes_encode(key: &'a K::EItem) -> std::result::Result<Cow<'a, [u8]>, BoxedError> {
        let key = K::bytes_encode(key)?;
        let mut bytes = Vec::with_capacity(1 + key.len());
        bytes.push(TAG);
        bytes.extend_from_slice(&key);
        Ok(Cow::Owned(bytes))
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

/// One table. A handle only: copies are free.
pub(super) struct Table<const TAG: u8, K, V> {
    tree: Database<'static, Tagged<TAG, K>, V>,
}

impl<const TAG: u8, K, V> Clone for Table<TAG, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<const TAG: u8, K, V> Copy for Table<TAG, K, V> {}

impl<const TAG: u8, K, V> Table<TAG, K, V> {
    pub(super) fn of(tree: Database<'static, Bytes, Bytes>) -> Self {
        Self { tree: tree.remap_types() }
    }

    pub(super) fn get<'a, 'txn>(&self, txn: &'txn RoTxn<'_>, key: &'a K::EItem) -> Result<Option<V::DItem>>
    where
        K: BytesEncode<'a>,
        V: BytesDecode<'txn>,
    {
        self.tree.get(txn, key)
    }

    pub(super) fn put<'a>(&self, txn: &mut RwTxn<'_>, key: &'a K::EItem, value: &'a V::EItem) -> Result<()>
    where
        K: BytesEncode<'a>,
        V: BytesEncode<'a>,
    {
        self.tree.put(txn, key, value)
    }

    /// For a key that is behind all others of the tree: so only in the table with the highest byte. It fills pages to the end.
    pub(super) fn append<'a>(&self, txn: &mut RwTxn<'_>, key: &'a K::EItem, value: &'a V::EItem) -> Result<()>
    where
        K: BytesEncode<'a>,
        V: BytesEncode<'a>,
    {
        self.tree.put_with_flags(txn, PutFlags::APPEND, key, value)
    }

    pub(super) fn delete<'a>(&self, txn: &mut RwTxn<'_>, key: &'a K::EItem) -> Result<bool>
    where
        K: BytesEncode<'a>,
    {
        self.tree.delete(txn, key)
    }

    /// All rows, by key.
    pub(super) fn all<'txn>(&self, txn: &'txn RoTxn<'_>) -> Result<RoPrefix<'txn, Tagged<TAG, K>, V>> {
        Ok(self.tree.remap_key_type::<Bytes>().prefix_iter(txn, &[TAG])?.remap_key_type())
    }

    pub(super) fn range<'a, 'txn, R>(
        &self,
        txn: &'txn RoTxn<'_>,
        range: &'a R,
    ) -> Result<RoRange<'txn, Tagged<TAG, K>, V>>
    where
        K: BytesEncode<'a>,
        R: RangeBounds<K::EItem>,
    {
        self.tree.range(txn, range)
    }

    /// The highest key.
    pub(super) fn last_key<'txn>(&self, txn: &'txn RoTxn<'_>) -> Result<Option<K::DItem>>
    where
        K: BytesDecode<'txn>,
    {
        let rows = self.tree.remap_key_type::<Bytes>().rev_prefix_iter(txn, &[TAG])?;
        let Some((bytes, _)) = rows.remap_data_type::<Bytes>().next().transpose()? else { return Ok(None) };
        Tagged::<TAG, K>::bytes_decode(bytes).map(Some).map_err(heed::Error::Decoding)
    }
}

#[cfg(test)]
mod tests {
    use heed::types::{Str, U64};

    use super::*;

    type Numbers = Tagged<0xf0, U64<heed::byteorder::BE>>;

    /// The bytes on disk are a promise to every later version.
    #[test]
    fn the_tag_is_the_first_byte() {
        assert_eq!(*Numbers::bytes_encode(&258).expect("key"), [0xf0, 0, 0, 0, 0, 0, 0, 1, 2]);
        assert_eq!(*Tagged::<2, Str>::bytes_encode("ab").expect("key"), [2, b'a', b'b']);
        assert_eq!(Tagged::<2, Str>::bytes_decode(&[2, b'a']).expect("key"), "a");
        assert!(Tagged::<2, Str>::bytes_decode(&[3, b'a']).is_err());
        assert!(Tagged::<2, Str>::bytes_decode(&[]).is_err());
    }
}

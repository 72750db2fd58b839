//! Keys of `reading`: rows that were computed from the files of accounts.

use std::borrow::Cow;
use std::ops::Range;

use heed::{BoxedError, BytesDecode};

use super::keyspace::KeyCodec;
use crate::model::UserId;

/// Longest name of a row, in bytes.
const NAME_MAX: usize = 64;

/// Which rows of an account. The number is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum ReadingKind {
    /// What was computed from which files.
    State = 0,
    /// Reading times of a book.
    Book = 1,
    /// Highlights of a book.
    Highlights = 2,
}

/// Key of `reading`.
pub(super) struct ReadingKey<'a> {
    pub(super) user: UserId,
    pub(super) kind: u8,
    pub(super) name: Cow<'a, str>,
}

impl<'a> ReadingKey<'a> {
    pub(super) fn new(user: UserId, kind: ReadingKind, name: &'a str) -> Self {
        Self { user, kind: kind as u8, name: name[..name.floor_char_boundary(NAME_MAX)].into() }
    }

    pub(super) fn range_of(user: UserId) -> Range<ReadingKey<'static>> {
        let key = |user| ReadingKey { user, kind: 0, name: "".into() };
        key(user)..key(UserId(user.0.saturating_add(1)))
    }
}

/// Codec of [`ReadingKey`]: the account's number as 4 bytes, the kind as one, then the name.
pub(super) enum ReadingKeyCodec {}

impl<'a> KeyCodec<'a> for ReadingKeyCodec {
    type Key = ReadingKey<'a>;

    fn encode_key(key: &'a ReadingKey<'a>, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        bytes.push(key.kind);
        bytes.extend_from_slice(key.name.as_bytes());
    }
}

impl<'a> BytesDecode<'a> for ReadingKeyCodec {
    type DItem = ReadingKey<'a>;

    fn bytes_decode(bytes: &'a [u8]) -> std::result::Result<ReadingKey<'a>, BoxedError> {
        const WRONG: &str = "a key of reading times has at least 5 bytes";
        let (user, rest) = bytes.split_first_chunk().ok_or(WRONG)?;
        let (kind, name) = rest.split_first().ok_or(WRONG)?;
        let name = std::str::from_utf8(name)?.into();
        Ok(ReadingKey { user: UserId(u32::from_be_bytes(*user)), kind: *kind, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::keyspace::encoded;

    /// Every later version must read these bytes.
    #[test]
    fn keys_sort_by_account_kind_and_name() {
        let key = ReadingKey::new(UserId(0x0102_0304), ReadingKind::Highlights, "ab");
        let bytes = encoded::<ReadingKeyCodec>(&key);
        assert_eq!(bytes, [1, 2, 3, 4, 2, b'a', b'b']);
        assert_eq!(ReadingKeyCodec::bytes_decode(&bytes).expect("a key").name, "ab");
        assert!(ReadingKeyCodec::bytes_decode(&bytes[..4]).is_err());
    }
}

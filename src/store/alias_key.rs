//! Keys of the table `aliases`: an alias, and a document that has aliases.
//!
//! Both kinds of rows have the account's number in front, so an account's are one range. Values of identifiers begin with a letter or a
//! digit: the NUL in front of a document tells its row from an alias.

use std::ops::Range;

use heed::{BoxedError, BytesDecode};

use super::keyspace::{KeyCodec, TOO_SHORT};
use crate::model::{Document, UserId};

/// First byte behind the account's number where the row is a document's.
const LIST: u8 = 0;
/// The lowest first byte of an alias.
const FIRST_ALIAS: &str = "0";

/// Key of the table `aliases`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AliasKey<'a> {
    pub(super) user: UserId,
    pub(super) row: AliasRow<'a>,
}

/// What a row of the table `aliases` is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AliasRow<'a> {
    /// An alias: the row has its document.
    Alias(&'a str),
    /// A document: the row has all its aliases.
    ListOf(&'a str),
}

impl<'a> AliasKey<'a> {
    pub(super) fn alias(user: UserId, value: &'a Document) -> Self {
        Self { user, row: AliasRow::Alias(value.as_str()) }
    }

    pub(super) fn list_of(user: UserId, document: &'a str) -> Self {
        Self { user, row: AliasRow::ListOf(document) }
    }

    /// Returns the range of all keys of an account.
    pub(super) fn range_of(user: UserId) -> Range<AliasKey<'static>> {
        AliasKey::list_of(user, "")..AliasKey::list_of(UserId(user.0.saturating_add(1)), "")
    }

    /// Returns the range of an account's aliases.
    pub(super) fn aliases_of(user: UserId) -> Range<AliasKey<'static>> {
        AliasKey { user, row: AliasRow::Alias(FIRST_ALIAS) }..Self::range_of(user).end
    }

    /// Returns the key's length in bytes.
    pub(super) fn len(&self) -> usize {
        match self.row {
            AliasRow::Alias(value) => 4 + value.len(),
            AliasRow::ListOf(document) => 5 + document.len(),
        }
    }
}

/// Codec of [`AliasKey`]: the account's number as 4 bytes, then an alias, or NUL and a document.
pub(super) enum AliasKeyCodec {}

impl<'a> KeyCodec<'a> for AliasKeyCodec {
    type Key = AliasKey<'a>;

    fn encode_key(key: &'a AliasKey<'a>, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(&key.user.0.to_be_bytes());
        let text = match key.row {
            AliasRow::Alias(value) => value,
            AliasRow::ListOf(document) => {
                bytes.push(LIST);
                document
            }
        };
        bytes.extend_from_slice(text.as_bytes());
    }
}

impl<'a> BytesDecode<'a> for AliasKeyCodec {
    type DItem = AliasKey<'a>;

    fn bytes_decode(bytes: &'a [u8]) -> Result<AliasKey<'a>, BoxedError> {
        let (user, rest) = bytes.split_first_chunk().ok_or(TOO_SHORT)?;
        let row = match rest.split_first() {
            Some((&LIST, document)) => AliasRow::ListOf(std::str::from_utf8(document)?),
            _ => AliasRow::Alias(std::str::from_utf8(rest)?),
        };
        Ok(AliasKey { user: UserId(u32::from_be_bytes(*user)), row })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(user: u32, row: AliasRow<'_>) -> Vec<u8> {
        let key = AliasKey { user: UserId(user), row };
        let mut bytes = Vec::new();
        AliasKeyCodec::encode_key(&key, &mut bytes);
        assert_eq!(bytes.len(), key.len());
        assert_eq!(AliasKeyCodec::bytes_decode(&bytes).expect("decodes"), key);
        bytes
    }

    /// Every later version must read these bytes.
    #[test]
    fn alias_keys_are_the_user_then_the_alias_or_nul_and_the_document() {
        use AliasRow::{Alias, ListOf};
        assert_eq!(bytes(0x0102_0304, Alias("ab")), [1, 2, 3, 4, b'a', b'b']);
        assert_eq!(bytes(0x0102_0304, ListOf("ab")), [1, 2, 3, 4, 0, b'a', b'b']);
        assert!(AliasKeyCodec::bytes_decode(&[0, 0, 1]).is_err());

        let of = |range: Range<AliasKey<'_>>| {
            bytes(range.start.user.0, range.start.row)..bytes(range.end.user.0, range.end.row)
        };
        let (all, aliases) = (of(AliasKey::range_of(UserId(7))), of(AliasKey::aliases_of(UserId(7))));
        for document in ["\u{1}", "0", "\u{10ffff}"] {
            let list = bytes(7, ListOf(document));
            assert!(all.contains(&list) && !aliases.contains(&list), "{document:?}");
        }
        for alias in ["0", "Z", "z", &"z".repeat(128)] {
            let alias = bytes(7, Alias(alias));
            assert!(all.contains(&alias) && aliases.contains(&alias));
        }
        assert!(
            ![bytes(6, Alias("zz")), bytes(8, ListOf("0")), bytes(8, Alias("0"))].iter().any(|key| all.contains(key))
        );
    }
}

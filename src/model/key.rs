//! Keys: what a client proves itself with, on the wire and at rest.

use std::fmt;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

use super::validation::{ValidationError, parse_with};

/// What a client proves itself with: the MD5 of the password, as 32 lowercase hex digits.
///
/// KOReader makes it on the device; other clients send the plain password. Both reach the same account, because a text that is not a
/// key already is turned into one, at the registration and at every login. It is a secret: `Debug` hides it.
///
/// Parsing a text, by `FromStr` or `TryFrom`, treats it as the wire does ([`Key::from_wire`]): 32 lowercase hex digits are the key
/// itself, any other text is a plain password. For a password that may look like a key, use [`Key::from_password`].
///
/// ```
/// use kosync::Key;
///
/// let key: Key = "password".parse()?;
/// assert_eq!(key.reveal(), "5f4dcc3b5aa765d61d8327deb882cf99");
/// assert_eq!(Key::try_from(key.reveal())?.reveal(), key.reveal());
/// assert_ne!(Key::from_password(key.reveal().as_bytes())?.reveal(), key.reveal());
/// # Ok::<(), kosync::ValidationError>(())
/// ```
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    const FIELD: &str = "password";

    /// Returns the key that a client sent, in a header or a field called `password`. The client sends a key
    /// or a plain password.
    ///
    /// # Errors
    /// [`ValidationError::Empty`] if nothing was sent.
    pub fn from_wire(sent: &[u8]) -> Result<Self, ValidationError> {
        match <[u8; 32]>::try_from(sent) {
            Ok(digits) if digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => Ok(Self(digits)),
            _ => Self::from_password(sent),
        }
    }

    /// Returns the key of a plain password, even of one that looks like a key.
    ///
    /// # Errors
    /// [`ValidationError::Empty`] if the password is empty.
    pub fn from_password(password: &[u8]) -> Result<Self, ValidationError> {
        if password.is_empty() {
            return Err(ValidationError::Empty { field: Self::FIELD });
        }
        Ok(Self(hex_md5(password)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the key as a device sends it: 32 lowercase hex digits.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// Returns the MD5 of some bytes, as lowercase hex digits.
fn hex_md5(bytes: &[u8]) -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(Md5::digest(bytes)) {
        pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
        pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
    }
    digits
}

/// Returns the MD5 of some bytes, as lowercase hex digits: KOReader's id of a book by its file name [I6].
pub(crate) fn md5_digits(bytes: &[u8]) -> String {
    hex_md5(bytes).map(char::from).iter().collect()
}

parse_with!(Key, |text: &str| Self::from_wire(text.as_bytes()));

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// A key at rest: an Argon2id hash as a PHC string. `Debug` hides it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredKey(pub(crate) String);

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_and_its_md5_are_the_same_key() {
        let digits = b"5f4dcc3b5aa765d61d8327deb882cf99";
        let bytes = |sent: &[u8]| Key::from_wire(sent).expect("a key").as_bytes().to_vec();
        assert_eq!(bytes(b"password"), digits);
        assert_eq!(bytes(digits), digits);
        // Keys are lowercase, so this is a password.
        assert_ne!(bytes(&digits.to_ascii_uppercase()), digits);
        assert!(Key::from_wire(b"").is_err());
    }

    /// `?` must convert the error under `anyhow` and `Box<dyn Error>`.
    #[test]
    fn parsing_a_key_reads_it_as_the_wire_does() -> Result<(), Box<dyn std::error::Error>> {
        let digits = "5f4dcc3b5aa765d61d8327deb882cf99";
        for text in ["password", digits] {
            assert_eq!(text.parse::<Key>()?.reveal(), digits);
            assert_eq!(Key::try_from(text)?.reveal(), digits);
            assert_eq!(Key::try_from(text.to_owned())?.reveal(), digits);
        }
        assert_eq!("".parse::<Key>().err(), Some(ValidationError::Empty { field: "password" }));
        Ok(())
    }

    #[test]
    fn debug_hides_secrets() {
        let shown = format!("{:?} {:?}", Key::from_wire(b"hunter2"), StoredKey("$argon2id$secret".into()));
        assert_eq!(shown, "Ok(Key(..)) StoredKey(..)");
    }
}

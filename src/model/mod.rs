//! The words of the protocol as types. What is checked about them is checked here, once.

mod event;
mod time;

use std::fmt;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};

pub use self::event::Event;
pub(crate) use self::time::{calendar_day, timestamp};

/// The name of the account that is made at the first start, and that clients cannot delete.
pub const ADMIN: &str = "admin";
/// Longest username, in bytes of UTF-8.
pub const USERNAME_MAX: usize = 255;
/// Longest document id, in bytes of UTF-8.
pub const DOCUMENT_MAX: usize = 255;
/// Longest `progress` string, in bytes of UTF-8.
pub const PROGRESS_MAX: usize = 8 * 1024;
/// Longest `device` and `device_id`, in bytes of UTF-8.
pub const DEVICE_MAX: usize = 512;
/// What is kept of a title, of authors and of a file name, in bytes of UTF-8. Longer ones are cut, never refused.
pub const METADATA_MAX: usize = 1024;

/// Longest name that a user gives a document, in bytes of UTF-8.
pub const NAME_MAX: usize = 1024;
/// The device of a position that was put back. It is none of a reader's own, so that each of them offers to go there.
pub const PUT_BACK_DEVICE: &str = "kosync (put back)";
/// The id of that device.
pub const PUT_BACK_DEVICE_ID: &str = "kosync-put-back";

/// Why a value is not one of the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Invalid {
    /// The field is empty.
    #[error("{field} is empty")]
    Empty {
        /// The protocol's name of the field.
        field: &'static str,
    },
    /// The field has a character that it cannot carry.
    #[error("{field} may not contain {what}")]
    Character {
        /// The protocol's name of the field.
        field: &'static str,
        /// The character, in words.
        what: &'static str,
    },
    /// The field is too long.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The protocol's name of the field.
        field: &'static str,
        /// The longest that is taken, in bytes.
        limit: usize,
    },
    /// The percentage is not a finite number.
    #[error("percentage is not a finite number")]
    NotFinite,
}

fn checked_length(field: &'static str, text: &str, limit: usize) -> Result<(), Invalid> {
    if text.len() > limit { Err(Invalid::TooLong { field, limit }) } else { Ok(()) }
}

/// The name of an account: 1 to 255 bytes of UTF-8 without `:`.
///
/// Names are compared byte for byte. A client sends its name in a header, where HTTP drops blanks at both ends and
/// allows no control characters: so those blanks are no part of a name, and names with control characters are refused.
///
/// ```
/// use kosync::Username;
/// assert_eq!(Username::new("Jörg Ω")?.as_str(), "Jörg Ω");
/// assert_eq!(Username::new(" ada ")?, Username::new("ada")?);
/// assert!(Username::new("a:b").is_err());
/// # Ok::<(), kosync::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Username(String);

impl TryFrom<String> for Username {
    type Error = Invalid;

    fn try_from(name: String) -> Result<Self, Invalid> {
        Self::new(&name)
    }
}

impl Username {
    /// Checks a name.
    ///
    /// # Errors
    /// [`Invalid`] if it is empty, too long, or has a `:` or a control character.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        const FIELD: &str = "username";
        let name = name.trim_matches([' ', '\t']);
        if name.is_empty() {
            return Err(Invalid::Empty { field: FIELD });
        }
        checked_length(FIELD, name, USERNAME_MAX)?;
        if name.contains(':') {
            return Err(Invalid::Character { field: FIELD, what: "a colon" });
        }
        if name.chars().any(|c| c.is_ascii_control() && c != '\t') {
            return Err(Invalid::Character { field: FIELD, what: "control characters" });
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a user of Home Assistant: 1 to 255 visible ASCII characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HomeAssistantUser(String);

impl HomeAssistantUser {
    /// Checks an id, as Home Assistant sends it in a header.
    pub(crate) fn new(id: &str) -> Option<Self> {
        let fits = (1..=255).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| Self(id.to_owned()))
    }

    /// The id as text.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The id that a client gives a book: 1 to 255 bytes of UTF-8 without `:`, NUL and U+FFFD.
///
/// KOReader's are 32 hex digits, other clients' are not. Ids are compared byte for byte. U+FFFD is what a path with bytes
/// that are not UTF-8 decodes to, and two such paths could be taken for one document: so no id may have it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Document(String);

impl TryFrom<String> for Document {
    type Error = Invalid;

    fn try_from(id: String) -> Result<Self, Invalid> {
        Self::new(&id)
    }
}

impl Document {
    pub(crate) const FIELD: &str = "document";

    /// Checks an id.
    ///
    /// # Errors
    /// [`Invalid`] if it is empty, too long, or has a character that an id cannot have.
    pub fn new(id: &str) -> Result<Self, Invalid> {
        const FIELD: &str = Document::FIELD;
        if id.is_empty() {
            return Err(Invalid::Empty { field: FIELD });
        }
        checked_length(FIELD, id, DOCUMENT_MAX)?;
        if id.contains(':') {
            return Err(Invalid::Character { field: FIELD, what: "a colon" });
        }
        if id.contains(['\0', '\u{fffd}']) {
            return Err(Invalid::Character { field: FIELD, what: "NUL or U+FFFD" });
        }
        Ok(Self(id.to_owned()))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client proves itself with: the MD5 of the password, as 32 lowercase hex digits.
///
/// KOReader makes it on the device; other clients send the plain password. Both reach the same account, because whatever is
/// not already a key is turned into one, at registration and at every login. It is a secret: `Debug` does not show it.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    const FIELD: &str = "password";

    /// The key that a client sent, in a header or in a field called `password`: a key, or a plain password.
    ///
    /// # Errors
    /// [`Invalid::Empty`] if nothing was sent.
    pub fn from_wire(sent: &[u8]) -> Result<Self, Invalid> {
        match <[u8; 32]>::try_from(sent) {
            Ok(digits) if digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')) => Ok(Self(digits)),
            _ => Self::from_password(sent),
        }
    }

    /// The key of a plain password, even of one that looks like a key.
    ///
    /// # Errors
    /// [`Invalid::Empty`] if there is no password.
    pub fn from_password(password: &[u8]) -> Result<Self, Invalid> {
        if password.is_empty() {
            return Err(Invalid::Empty { field: Self::FIELD });
        }
        let mut digits = [0; 32];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(Md5::digest(password)) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        Ok(Self(digits))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The key as text, as a device sends it: 32 lowercase hex digits.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(..)")
    }
}

/// Where a reader is in one document, and which device said so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// The position in the client's own notation: an XPointer, a page number. At most 8 KiB, kept byte for byte; may be empty.
    pub progress: String,
    /// How far that is, usually 0 to 1. Any finite number is kept as it came.
    pub percentage: f64,
    /// The device's name. At most 512 bytes.
    pub device: String,
    /// The device's id, if the client has one. At most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// When it was written, in whole seconds since the Unix epoch, by the server's clock. The store sets it.
    #[serde(default)]
    pub timestamp: u64,
}

impl Progress {
    /// Checks a position that is to be pushed. Its timestamp is 0 until the store writes it.
    ///
    /// # Errors
    /// [`Invalid`] if a text is too long or the percentage is not finite.
    pub fn new(progress: String, percentage: f64, device: String, device_id: Option<String>) -> Result<Self, Invalid> {
        let position = Self { progress, percentage, device, device_id, timestamp: 0 };
        position.check()?;
        Ok(position)
    }

    /// The same for one whose fields somebody may have set since.
    pub(crate) fn check(&self) -> Result<(), Invalid> {
        checked_length("progress", &self.progress, PROGRESS_MAX)?;
        checked_length("device", &self.device, DEVICE_MAX)?;
        checked_length("device_id", self.device_id.as_deref().unwrap_or_default(), DEVICE_MAX)?;
        if self.percentage.is_finite() { Ok(()) } else { Err(Invalid::NotFinite) }
    }
}

/// What a client told about a document, if its reader switched that on; each at most 1 KiB.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// The file's name on the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// The book's title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The book's authors, as the client joined them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
}

impl Metadata {
    /// Takes what was sent, cut to 1 KiB each at a character's boundary.
    pub fn new(filename: Option<String>, title: Option<String>, authors: Option<String>) -> Self {
        Self { filename, title, authors }.cut()
    }

    /// No more than is kept of it.
    pub(crate) fn cut(mut self) -> Self {
        for text in [&mut self.filename, &mut self.title, &mut self.authors].into_iter().flatten() {
            text.truncate(text.floor_char_boundary(METADATA_MAX));
        }
        self
    }

    /// Takes over what `newer` has; what it lacks stays (rule P10).
    pub(crate) fn update(&mut self, newer: Metadata) {
        self.filename = newer.filename.or(self.filename.take());
        self.title = newer.title.or(self.title.take());
        self.authors = newer.authors.or(self.authors.take());
    }
}

/// A name that a user gives a document: 1 to 1,024 bytes of UTF-8, without blanks at its ends and without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentName(String);

impl DocumentName {
    /// Checks a name.
    ///
    /// # Errors
    /// [`Invalid`] if it is empty, too long, or has a control character.
    pub fn new(name: &str) -> Result<Self, Invalid> {
        const FIELD: &str = "name";
        let name = name.trim();
        if name.is_empty() {
            return Err(Invalid::Empty { field: FIELD });
        }
        checked_length(FIELD, name, NAME_MAX)?;
        if name.chars().any(char::is_control) {
            return Err(Invalid::Character { field: FIELD, what: "control characters" });
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The number of an account: small, the same for the account's life, never used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub(crate) u32);

impl UserId {
    /// No account's number: the first one is 1.
    #[cfg(feature = "mqtt")]
    pub(crate) const NOBODY: Self = Self(0);

    /// The number itself.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// A key at rest: an Argon2id hash as a PHC string. `Debug` does not show it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StoredKey(pub(crate) String);

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoredKey(..)")
    }
}

/// An account, as the store had it when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The account's number.
    pub id: UserId,
    /// The account's name.
    pub name: Username,
    /// Whether it may log in, push and pull.
    pub active: bool,
    /// Whether it may manage other accounts.
    pub administrator: bool,
    /// How many documents it has positions of.
    pub documents: u32,
    /// When it was made, in whole seconds since the Unix epoch.
    pub created: u64,
    /// When it last pushed, or logged in to the dashboard: whole seconds since the Unix epoch, accurate to the hour.
    pub last_used: Option<u64>,
    pub(crate) key: StoredKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_what_a_header_can_carry() {
        for good in ["a", "*", "a b", "Jörg", "読書家", "📚", "a/b%20", "a\tb"] {
            assert_eq!(Username::new(good).expect(good).as_str(), good);
        }
        assert_eq!(Username::new("\t a b ").expect("blanks").as_str(), "a b");
        for bad in ["", " ", "a:b", ":", "a\nb", "a\0", "\u{7f}"] {
            assert!(Username::new(bad).is_err(), "{bad:?}");
        }
        assert!(Username::new(&"é".repeat(127)).is_ok());
        assert_eq!(Username::new(&"é".repeat(128)), Err(Invalid::TooLong { field: "username", limit: 255 }));
    }

    #[test]
    fn documents_are_any_text_but_the_few_that_cannot_be_told_apart() {
        for good in ["0", "-", ".", "..", " ", "a/b", "%", "a?b#c", "\n", "本"] {
            assert_eq!(Document::new(good).expect(good).as_str(), good);
        }
        for bad in ["", "a:b", "a\0", "\u{fffd}", &"x".repeat(256)] {
            assert!(Document::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_password_and_its_md5_are_the_same_key() {
        let digits = b"5f4dcc3b5aa765d61d8327deb882cf99";
        let bytes = |sent: &[u8]| Key::from_wire(sent).expect("a key").as_bytes().to_vec();
        assert_eq!(bytes(b"password"), digits);
        assert_eq!(bytes(digits), digits);
        // Not a key, since keys are lowercase; so a password, and hashed as one.
        assert_ne!(bytes(&digits.to_ascii_uppercase()), digits);
        assert!(Key::from_wire(b"").is_err());
    }

    #[test]
    fn secrets_are_not_shown() {
        let shown = format!("{:?} {:?}", Key::from_wire(b"hunter2"), StoredKey("$argon2id$secret".into()));
        assert_eq!(shown, "Ok(Key(..)) StoredKey(..)");
    }

    #[test]
    fn long_metadata_is_cut_between_characters() {
        let metadata = Metadata::new(None, Some("é".repeat(600)), Some("x".into()));
        assert_eq!(metadata.title.map(|t| t.len()), Some(1024));
        let odd = Metadata::new(Some(format!("x{}", "é".repeat(600))), None, None);
        assert_eq!(odd.filename.map(|t| t.len()), Some(1023));
    }
}

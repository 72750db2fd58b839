//! Documents: their ids, their names, and the metadata that clients send.

use std::fmt;

use memchr::memchr3;
use serde::{Deserialize, Serialize};

use super::validation::{ValidationError, check_length, parse_with};

/// Longest document id, in bytes of UTF-8.
pub const DOCUMENT_MAX: usize = 255;
/// Longest name that a user gives a document, in bytes of UTF-8.
pub const DOCUMENT_NAME_MAX: usize = 1024;
/// Bytes of UTF-8 that are kept of a title, authors or a file name. Longer ones are truncated, never refused.
pub const METADATA_MAX: usize = 1024;

/// The id that a client gives a book: 1 to 255 bytes of UTF-8 without `:`, NUL and U+FFFD.
///
/// KOReader's ids are 32 hex digits, those of other clients are not. Ids are compared byte for byte. A path whose bytes are not UTF-8
/// is decoded to U+FFFD, so that two such paths could mean one document: no id may contain it.
///
/// ```
/// let document: kosync::Document = "0b229176d4e8db7f6d2b5a4952368d7a".parse()?;
/// assert_eq!(document.as_str(), "0b229176d4e8db7f6d2b5a4952368d7a");
/// # Ok::<(), kosync::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Document(String);

impl Document {
    pub(crate) const FIELD: &str = "document";

    /// Checks an id.
    ///
    /// # Errors
    /// [`ValidationError`] if the id is empty, too long, or has a `:`, NUL or U+FFFD.
    pub fn new(id: &str) -> Result<Self, ValidationError> {
        Self::check(id)?;
        Ok(Self(id.to_owned()))
    }

    /// Checks an id, and keeps its text.
    pub(crate) fn from_owned(id: String) -> Result<Self, ValidationError> {
        Self::check(&id)?;
        Ok(Self(id))
    }

    fn check(id: &str) -> Result<(), ValidationError> {
        const FIELD: &str = Document::FIELD;
        if id.is_empty() {
            return Err(ValidationError::Empty { field: FIELD });
        }
        check_length(FIELD, id, DOCUMENT_MAX)?;
        // The first byte of U+FFFD. An id without one of these needs no closer look.
        if memchr3(b':', b'\0', 0xef, id.as_bytes()).is_none() {
            return Ok(());
        }
        if id.contains(':') {
            return Err(ValidationError::Character { field: FIELD, what: "a colon" });
        }
        if id.contains(['\0', '\u{fffd}']) {
            return Err(ValidationError::Character { field: FIELD, what: "NUL or U+FFFD" });
        }
        Ok(())
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parse_with!(Document, Self::new);

impl fmt::Display for Document {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A name that a user gives a document: 1 to 1,024 bytes of UTF-8 without control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentName(String);

impl DocumentName {
    /// Checks a name, and strips white space at both ends.
    ///
    /// # Errors
    /// [`ValidationError`] if the name is empty, too long, or has a control character.
    pub fn new(name: &str) -> Result<Self, ValidationError> {
        const FIELD: &str = "name";
        let name = name.trim();
        if name.is_empty() {
            return Err(ValidationError::Empty { field: FIELD });
        }
        check_length(FIELD, name, DOCUMENT_NAME_MAX)?;
        if name.chars().any(char::is_control) {
            return Err(ValidationError::Character { field: FIELD, what: "control characters" });
        }
        Ok(Self(name.to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parse_with!(DocumentName, Self::new);

impl fmt::Display for DocumentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a client sent about a document, if its user turned that on. Each field has at most 1 KiB.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Metadata {
    /// File name on the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// Title of the book.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Authors of the book, as the client joined them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authors: Option<String>,
}

impl Metadata {
    /// Truncates each field to 1 KiB, at a character boundary.
    pub fn new(filename: Option<String>, title: Option<String>, authors: Option<String>) -> Self {
        Self { filename, title, authors }.truncated()
    }

    /// Truncates each field to what is kept of it.
    pub(crate) fn truncated(mut self) -> Self {
        for text in [&mut self.filename, &mut self.title, &mut self.authors].into_iter().flatten() {
            text.truncate(text.floor_char_boundary(METADATA_MAX));
        }
        self
    }

    /// Replaces the fields that `newer` has, and keeps the others [P10].
    pub(crate) fn update(&mut self, newer: Metadata) {
        self.filename = newer.filename.or(self.filename.take());
        self.title = newer.title.or(self.title.take());
        self.authors = newer.authors.or(self.authors.take());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_id_is_any_text_but_the_few_that_could_be_confused() {
        for good in ["0", "-", ".", "..", " ", "a/b", "%", "a?b#c", "\n", "本", "！"] {
            assert_eq!(Document::new(good).expect(good).as_str(), good);
        }
        for bad in ["", "a:b", "！:", "a\0", "\u{fffd}", "！\u{fffd}", &"x".repeat(256)] {
            assert!(Document::new(bad).is_err(), "{bad:?}");
        }
    }

    /// `?` must convert the error under `anyhow` and `Box<dyn Error>`.
    #[test]
    fn parsing_an_id_or_a_name_checks_it() -> Result<(), Box<dyn std::error::Error>> {
        assert_eq!("book".parse::<Document>()?, Document::try_from("book")?);
        assert_eq!("a:b".parse::<Document>(), Document::new("a:b"));
        assert_eq!(" Emma ".parse::<DocumentName>()?.to_string(), "Emma");
        assert_eq!(DocumentName::try_from("Emma")?, DocumentName::try_from(String::from("Emma"))?);
        assert_eq!(DocumentName::try_from(" "), Err(ValidationError::Empty { field: "name" }));
        Ok(())
    }

    #[test]
    fn long_metadata_is_truncated_between_characters() {
        let metadata = Metadata::new(None, Some("é".repeat(600)), Some("x".into()));
        assert_eq!(metadata.title.map(|t| t.len()), Some(1024));
        let odd = Metadata::new(Some(format!("x{}", "é".repeat(600))), None, None);
        assert_eq!(odd.filename.map(|t| t.len()), Some(1023));
    }
}

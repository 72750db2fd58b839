//! Secrets: passwords in settings, and in files that settings name.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Deserializer};

use super::parse::unset_if_empty;

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Returns the text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// Deserializes a secret. Serde's own error would show a value of another type, such as a password of digits without quotes.
pub(super) fn secret_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    unset_if_empty(from).map_err(|_| serde::de::Error::custom("it must be a string, in quotes"))
}

/// Reads the password in a file: its first line, without the line break, and without a byte-order mark before it.
///
/// # Errors
/// The path, and that the file cannot be read or its first line is empty.
pub(crate) fn read_password_file(path: &Path) -> Result<Secret, String> {
    let failed = |reason: &str| format!("file {}: {reason}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::InvalidData => failed("it is not UTF-8 text"),
        _ => failed(&error.to_string()),
    })?;
    match text.trim_start_matches('\u{feff}').lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::from(line)),
        _ => Err(failed("the first line is empty; it must be the password")),
    }
}

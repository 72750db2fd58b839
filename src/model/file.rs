//! Files of an account's WebDAV folder: their paths, and what is known about them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::validation::{ValidationError, check_length, parse_with};

/// Longest name of a file or folder, in bytes of UTF-8.
pub const FILE_NAME_MAX: usize = 255;
/// Longest path of a file or folder, in bytes of UTF-8.
pub const FILE_PATH_MAX: usize = 480;

/// The path of a file or folder in an account's WebDAV folder: names with `/` between, without one at either end.
///
/// A name has 1 to 255 bytes of UTF-8, is not `.` or `..`, and has no control character. A path has at most 480 bytes. Paths are
/// compared byte for byte.
///
/// ```
/// let path: kosync::FilePath = "koreader/statistics.sqlite3".parse()?;
/// assert_eq!((path.name(), path.parent().as_ref().map(|parent| parent.as_str())), ("statistics.sqlite3", Some("koreader")));
/// # Ok::<(), kosync::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct FilePath(String);

impl FilePath {
    /// Checks a path.
    ///
    /// # Errors
    /// [`ValidationError`] if a name is empty, `.` or `..`, a name or the path is too long, or there is a control character.
    pub fn new(path: &str) -> Result<Self, ValidationError> {
        const PATH: &str = "path";
        const NAME: &str = "file name";
        check_length(PATH, path, FILE_PATH_MAX)?;
        for name in path.split('/') {
            if name.is_empty() {
                return Err(ValidationError::Empty { field: NAME });
            }
            check_length(NAME, name, FILE_NAME_MAX)?;
            if name == "." || name == ".." {
                return Err(ValidationError::Character { field: NAME, what: "nothing but dots" });
            }
            // XML cannot express the last two either.
            if name.contains(|c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
                return Err(ValidationError::Character { field: NAME, what: "a control character" });
            }
        }
        Ok(Self(path.to_owned()))
    }

    /// Returns the path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the last name of the path.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// Returns the path of the folder that it is in. `None` stands for the account's folder itself.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// Returns whether it is in a folder, or in one below it.
    pub fn is_below(&self, folder: &Self) -> bool {
        self.0.strip_prefix(&folder.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Returns whether it is a database that KOReader's devices merge: one that is older than their own makes them delete data [W5].
    pub(crate) fn is_merged_database(&self) -> bool {
        matches!(self.name(), "statistics.sqlite3" | "vocabulary_builder.sqlite3")
    }

    /// Returns its path after `from` was moved to `to`: `from` is it or a folder above it.
    ///
    /// # Errors
    /// [`ValidationError`] if the new path is too long.
    pub(crate) fn moved(&self, from: &Self, to: &Self) -> Result<Self, ValidationError> {
        Self::new(&format!("{}{}", to.0, self.0.strip_prefix(&from.0).unwrap_or_default()))
    }
}

parse_with!(FilePath, Self::new);

impl fmt::Display for FilePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is known about a file or folder of an account's WebDAV folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileInfo {
    /// Whether it is a folder. A folder has no bytes, and nothing uploaded it.
    pub is_folder: bool,
    /// Its length in bytes.
    pub size: u64,
    /// Time of the upload, in whole seconds since the Unix epoch. For a folder, that of its creation.
    pub modified: u64,
    /// What the client that uploaded it calls itself (`User-Agent`), up to 200 bytes.
    pub uploaded_by: Option<String>,
    /// Number of the device password by which it was uploaded; `None` for the account's password.
    pub(crate) device_password: Option<u32>,
    /// Whether clients get a 404, because devices may have uploaded a newer file \[W5\].
    pub is_withheld: bool,
    /// Number of its content; no other content of the store has or had it. 0 for a folder.
    pub generation: u64,
    /// BLAKE2b hash of its content.
    pub hash: [u8; 32],
}

impl FileInfo {
    /// Returns the strong entity tag, with its quotes.
    ///
    /// It has the number, so that two uploads of the same bytes differ, and a part of the hash, so that a restored store does not call
    /// other bytes by the same tag.
    pub fn etag(&self) -> String {
        format!("\"{:x}-{}\"", self.generation, base16ct::lower::encode_string(&self.hash[..16]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_nowhere_else() {
        for path in ["a", "a/b.txt", "Bücher/ü 1.json", "...", ".x", "a\\b", "a:b", "a%2fb"] {
            assert!(FilePath::new(path).is_ok(), "{path}");
        }
        for path in ["", "/", "/a", "a/", "a//b", ".", "..", "a/../b", "a/.", "a\0", "a\nb", "\u{7f}", "\u{ffff}"] {
            assert!(FilePath::new(path).is_err(), "{path:?}");
        }
        let name = |length| "n".repeat(length);
        assert!(FilePath::new(&name(255)).is_ok());
        assert!(FilePath::new(&name(256)).is_err());
        assert!(FilePath::new(&format!("{}/{}", name(240), name(239))).is_ok());
        assert!(FilePath::new(&format!("{}/{}", name(240), name(240))).is_err());
    }

    #[test]
    fn a_moved_folder_takes_what_is_below_it_along() {
        let path = |text: &str| FilePath::new(text).expect("a path");
        assert!(path("a/b/c").is_below(&path("a/b")));
        assert!(!path("a/bc").is_below(&path("a/b")));
        assert!(!path("a/b").is_below(&path("a/b")));
        assert_eq!(path("a/b/c").moved(&path("a/b"), &path("x")).expect("a path"), path("x/c"));
        assert_eq!(path("a/b").moved(&path("a/b"), &path("x/y")).expect("a path"), path("x/y"));
    }
}

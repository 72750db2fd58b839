//! Shelves of books, and the names that readers give their devices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::validation::{ValidationError, parse_with};

/// Longest name that a reader gives a device, in characters.
pub const DEVICE_NAME_MAX: usize = 64;

/// Where a book stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shelf {
    /// Opened in the last 45 days and not finished, or begun again since.
    Reading,
    /// It is not finished, and was not opened for longer.
    Aside,
    /// It is finished.
    Finished,
}

impl Shelf {
    /// Returns the shelf's name in `/api/v1`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reading => "reading",
            Self::Aside => "aside",
            Self::Finished => "finished",
        }
    }
}

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that names no shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownShelf;

impl fmt::Display for UnknownShelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a shelf is reading, aside or finished")
    }
}

impl std::error::Error for UnknownShelf {}

impl FromStr for Shelf {
    type Err = UnknownShelf;

    fn from_str(text: &str) -> Result<Self, UnknownShelf> {
        let shelves = [Self::Reading, Self::Aside, Self::Finished];
        shelves.into_iter().find(|shelf| shelf.as_str() == text).ok_or(UnknownShelf)
    }
}

/// Where a reader moved a book by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShelfMove {
    /// To those that are being read, as if it had been opened now.
    Reading,
    /// To those that were set aside, until it is read on.
    Aside,
    /// To the finished ones, until it is begun again.
    Finished {
        /// When it was finished, in whole seconds since the Unix epoch.
        at: u64,
    },
}

/// The name that a reader gives a device: 1 to 64 characters, none of which is a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DeviceName(String);

impl DeviceName {
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
        if name.chars().count() > DEVICE_NAME_MAX {
            return Err(ValidationError::TooManyCharacters { field: FIELD, limit: DEVICE_NAME_MAX });
        }
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

parse_with!(DeviceName, Self::new);

impl fmt::Display for DeviceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a device calls itself: two of the same name are told apart by the id.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DeviceLabel {
    /// The field `device` of its pushes.
    pub device: String,
    /// The field `device_id` of its pushes.
    pub device_id: Option<String>,
}

impl DeviceLabel {
    /// Hashes it. The first 16 bytes, as hexadecimal digits, are the device's id in `/api/v1` and on the dashboard.
    pub(crate) fn hash(&self) -> [u8; 32] {
        use blake2::digest::{Digest as _, consts::U32};
        let mut hash = blake2::Blake2b::<U32>::new();
        hash.update((self.device.len() as u64).to_be_bytes());
        hash.update(&self.device);
        if let Some(id) = &self.device_id {
            hash.update([1]);
            hash.update(id);
        }
        hash.finalize().into()
    }

    /// Returns the id by which pages and `/api/v1` name it: 32 hexadecimal digits.
    pub(crate) fn key(&self) -> String {
        base16ct::lower::encode_string(&self.hash()[..16])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_is_read_as_it_is_written() {
        for shelf in [Shelf::Reading, Shelf::Aside, Shelf::Finished] {
            assert_eq!(shelf.to_string().parse(), Ok(shelf));
        }
        assert_eq!("Reading".parse::<Shelf>(), Err(UnknownShelf));
    }

    #[test]
    fn a_name_has_1_to_64_characters_and_no_control_characters() {
        assert_eq!(
            DeviceName::new(" Kobo in the kitchen ").map(|name| name.to_string()),
            Ok("Kobo in the kitchen".into())
        );
        assert!(DeviceName::new(&"é".repeat(64)).is_ok() && DeviceName::new(&"é".repeat(65)).is_err());
        for bad in ["", "  ", "a\nb", "\0"] {
            assert!(DeviceName::new(bad).is_err(), "{bad:?}");
        }
    }

    /// Every later version must find the rows of these hashes.
    #[test]
    fn a_device_is_told_apart_by_name_and_id() {
        let label =
            |device: &str, id: Option<&str>| DeviceLabel { device: device.into(), device_id: id.map(str::to_owned) };
        let labels = [label("ab", None), label("a", Some("b")), label("ab", Some("")), label("", Some("ab"))];
        let keys: std::collections::HashSet<String> = labels.iter().map(DeviceLabel::key).collect();
        assert_eq!(keys.len(), 4);
    }
}

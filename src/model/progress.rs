//! Positions: where a reader is in a document, and by which device.

use serde::{Deserialize, Serialize};

use super::validation::{ValidationError, check_length};

/// Longest `progress` string, in bytes of UTF-8.
pub const PROGRESS_MAX: usize = 8 * 1024;
/// Longest `device` and `device_id`, in bytes of UTF-8.
pub const DEVICE_MAX: usize = 512;
/// Device of a position that a user restored from the history. It is no reader's own, so each of them offers to go there.
pub const RESTORE_DEVICE: &str = "kosync (put back)";
/// Id of that device.
pub const RESTORE_DEVICE_ID: &str = "kosync-put-back";
/// Device of the position, 0 %, of a document that a user has started over. No client is sent it.
pub const START_OVER_DEVICE: &str = "kosync (start over)";
/// Id of that device.
pub const START_OVER_DEVICE_ID: &str = "kosync-start-over";

/// Ending of the device's name where a pull gets a position of another file. The other file is of the same book.
pub(crate) const OTHER_COPY_MARK: &str = " (other copy)";
/// What its id ends with then.
pub(crate) const OTHER_COPY_ID_MARK: &str = "-other-copy";

/// A reader's position in a document, and the device that pushed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Progress {
    /// The position in the client's own notation: an XPointer, a page number. At most 8 KiB, kept byte for byte; may be empty.
    pub progress: String,
    /// The part of the document that was read, usually 0 to 1. Any finite number is kept as it is.
    pub percentage: f64,
    /// The device's name. At most 512 bytes.
    pub device: String,
    /// The device's id, if the client has one. At most 512 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Time of the write by the server's clock, in whole seconds since the Unix epoch. The store sets it.
    #[serde(default)]
    pub timestamp: u64,
}

impl Progress {
    /// Returns whether a user set it on the dashboard, by restoring or starting over.
    pub(crate) fn is_restored(&self) -> bool {
        matches!(self.device_id.as_deref(), Some(RESTORE_DEVICE_ID | START_OVER_DEVICE_ID))
    }

    /// Checks a position to be pushed. Its timestamp is 0 until the store writes it.
    ///
    /// # Errors
    /// [`ValidationError`] if a text is too long or the percentage is not finite.
    pub fn new(
        progress: String,
        percentage: f64,
        device: String,
        device_id: Option<String>,
    ) -> Result<Self, ValidationError> {
        let position = Self { progress, percentage, device, device_id, timestamp: 0 };
        position.validate()?;
        Ok(position)
    }

    /// Checks the limits again: the fields are public, and may have changed since [`Progress::new`].
    pub(crate) fn validate(&self) -> Result<(), ValidationError> {
        check_length("progress", &self.progress, PROGRESS_MAX)?;
        check_length("device", &self.device, DEVICE_MAX)?;
        check_length("device_id", self.device_id.as_deref().unwrap_or_default(), DEVICE_MAX)?;
        if self.percentage.is_finite() { Ok(()) } else { Err(ValidationError::NotFinite) }
    }
}

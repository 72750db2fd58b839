//! The error of a setting that cannot be parsed.

/// Says why a setting is invalid, and what is allowed. The text does not name the setting.
///
/// ```
/// let invalid = "7200".parse::<kosync::ListenAddr>().unwrap_err();
/// assert!(invalid.to_string().starts_with("`7200` is not an IP address with a port"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
#[non_exhaustive]
pub struct InvalidSetting(String);

impl InvalidSetting {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self(message.into())
    }
}

//! How much is logged.

use std::str::FromStr;

use serde::Deserialize;

use super::InvalidSetting;

/// The least severe messages that are logged. By default [`Info`](LogLevel::Info).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum LogLevel {
    /// Failures.
    Error,
    /// Conditions that may need attention.
    Warn,
    /// What the server did, such as starting and stopping, and changes to accounts.
    #[default]
    Info,
    /// Each request, and details that help to find a cause.
    Debug,
    /// Everything, including the details that libraries log.
    Trace,
}

impl LogLevel {
    /// Returns its name in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl FromStr for LogLevel {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace]
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| InvalidSetting::new(format!("`{text}` is not one of error, warn, info, debug, trace")))
    }
}

impl TryFrom<&str> for LogLevel {
    type Error = InvalidSetting;

    fn try_from(text: &str) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

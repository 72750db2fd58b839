//! The programs that a device can be set up for.

use std::str::FromStr;

use super::super::error::PageError;

/// What a device reads with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Program {
    KoReader,
    CrossPoint,
    Readest,
    Other,
}

impl Program {
    pub(super) const ALL: [Self; 4] = [Self::KoReader, Self::CrossPoint, Self::Readest, Self::Other];

    /// Returns its segment of the path.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::KoReader => "koreader",
            Self::CrossPoint => "crosspoint",
            Self::Readest => "readest",
            Self::Other => "other",
        }
    }

    /// Returns its name, which is the same in all languages. Returns `None` for a program that we do not know.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::KoReader => Some("KOReader"),
            Self::CrossPoint => Some("CrossPoint"),
            Self::Readest => Some("Readest"),
            Self::Other => None,
        }
    }

    /// Returns the id of the message that says where it runs.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::KoReader => "setup-koreader-about",
            Self::CrossPoint => "setup-crosspoint-about",
            Self::Readest => "setup-readest-about",
            Self::Other => "setup-other-about",
        }
    }
}

impl FromStr for Program {
    type Err = PageError;

    fn from_str(text: &str) -> Result<Self, PageError> {
        Self::ALL.into_iter().find(|program| program.as_str() == text).ok_or(PageError::NoSuchPage)
    }
}

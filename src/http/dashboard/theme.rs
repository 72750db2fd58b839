//! The appearance that a reader chooses: light, dark, or as the browser prefers. A cookie keeps it, with or without a login.

use salvo::Request;

use super::cookies::cookie_values;

pub(super) const COOKIE_NAME: &str = "kosync-theme";

/// The appearance of pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Theme {
    /// What the browser or its system prefers.
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub(super) const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// Returns the value of the cookie and of the form's field.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the id of its name.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Auto => "common-theme-auto",
            Self::Light => "common-theme-light",
            Self::Dark => "common-theme-dark",
        }
    }

    /// Returns the schemes that a page is made for, as `color-scheme` has them.
    pub(super) fn schemes(self) -> &'static str {
        match self {
            Self::Auto => "light dark",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// Returns the theme that the browser's cookie names.
    pub(super) fn chosen(req: &Request) -> Self {
        cookie_values(req, COOKIE_NAME).find_map(Self::parse).unwrap_or(Self::Auto)
    }
}

//! The languages of the dashboard.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A language of the dashboard.
///
/// ```
/// use kosync::Language;
///
/// assert_eq!("de".parse(), Ok(Language::German));
/// assert_eq!(Language::default().to_string(), "en");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Language {
    /// `de`
    #[serde(rename = "de")]
    German,
    /// `en`, the default.
    #[default]
    #[serde(rename = "en")]
    English,
    /// `es`
    #[serde(rename = "es")]
    Spanish,
    /// `fr`
    #[serde(rename = "fr")]
    French,
    /// `nl`
    #[serde(rename = "nl")]
    Dutch,
}

impl Language {
    /// All languages, in the order of their tags.
    pub const ALL: [Self; 5] = [Self::German, Self::English, Self::Spanish, Self::French, Self::Dutch];

    /// Returns the language's tag (RFC 5646): `de`, `en`, `es`, `fr` or `nl`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
            Self::Spanish => "es",
            Self::French => "fr",
            Self::Dutch => "nl",
        }
    }

    /// Returns what its speakers call the language.
    pub fn native_name(self) -> &'static str {
        match self {
            Self::German => "Deutsch",
            Self::English => "English",
            Self::Spanish => "Español",
            Self::French => "Français",
            Self::Dutch => "Nederlands",
        }
    }

    /// Returns the language among these that a browser prefers, by its `Accept-Language`. Returns `None` if it names none of them.
    pub(crate) fn accepted(header: &str) -> Option<Self> {
        let ranges = header.split(',').filter_map(|range| {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            let quality =
                parameters.trim().strip_prefix("q=").map_or(Some(1.0), |quality| quality.trim().parse().ok())?;
            let language: Self = primary.parse().ok()?;
            (quality > 0.0_f64).then_some((language, quality))
        });
        // Of equal ones, the first.
        let better = |best: (Self, f64), other: (Self, f64)| if other.1 > best.1 { other } else { best };
        ranges.reduce(better).map(|(language, _)| language)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no [`Language`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it must be `de`, `en`, `es`, `fr` or `nl`")]
pub struct UnknownLanguage;

impl FromStr for Language {
    type Err = UnknownLanguage;

    fn from_str(text: &str) -> Result<Self, UnknownLanguage> {
        Self::ALL.into_iter().find(|language| language.as_str() == text).ok_or(UnknownLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_gets_the_language_that_it_prefers() {
        let accepted = Language::accepted;
        assert_eq!(accepted("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5"), Some(Language::French));
        assert_eq!(accepted("pl,en-GB;q=0.8,DE-at;q=0.9"), Some(Language::German));
        assert_eq!(accepted("nl ; q=0.3 , es"), Some(Language::Spanish));
        assert_eq!(accepted("de;q=0, en;q=0.1"), Some(Language::English));
        assert_eq!(accepted("es, nl"), Some(Language::Spanish), "of equal ones the first");
        for none in ["", "*", "pl", "de;q=0", "de;q=x", ",;,", "deutsch"] {
            assert_eq!(accepted(none), None, "{none:?}");
        }
    }
}

//! The published state of an account: the book that was synced last, and what its statistics say.

use serde::Serialize;

use crate::library::Title;
use crate::model::{Document, timestamp};
use crate::store::DocumentEntry;

/// Longest state that Home Assistant accepts, in characters.
const STATE_MAX: usize = 255;
/// States that mean to Home Assistant that there is none.
const RESERVED: [&str; 3] = ["None", "unknown", "unavailable"];

/// The state of an account's sensors.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct State<'a> {
    #[serde(flatten)]
    pub(super) book: &'a BookState,
    #[serde(flatten)]
    pub(super) numbers: Numbers,
}

/// What a state says beyond the current book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Numbers {
    /// Whether the account has just pushed.
    pub(super) reading: bool,
    pub(super) finished_this_year: usize,
    pub(super) in_progress: usize,
    pub(super) days_in_a_row: usize,
    /// Read today, by KOReader's statistics. Absent where these are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) minutes_today: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pages_today: Option<u32>,
}

/// The current book. All fields are null if the account has no documents.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct BookState {
    book: Option<String>,
    authors: Option<String>,
    /// The document's id.
    document: Option<String>,
    /// From 0 to 100, with two decimals.
    percentage: Option<f64>,
    device: Option<String>,
    /// In RFC 3339.
    last_sync: Option<String>,
}

impl BookState {
    /// Returns whether the state is about this document.
    pub(super) fn is_of(&self, document: &Document) -> bool {
        self.document.as_deref() == Some(document.as_str())
    }

    pub(super) fn of(entry: DocumentEntry) -> Self {
        let (title, position) = (Title::of(&entry), entry.shared());
        Self {
            book: text_state(&title.text),
            authors: title.authors.map(|authors| truncated(&authors).to_owned()),
            document: Some(entry.document.to_string()),
            percentage: Some(percent(position.percentage)),
            device: text_state(&position.device),
            last_sync: Some(timestamp(position.timestamp).to_string()),
        }
    }
}

/// Converts a fraction to percent with two decimals. Clients may send any number, but the sensor's range is 0 to 100.
fn percent(fraction: f64) -> f64 {
    (fraction.clamp(0.0, 1.0) * 10_000.0).round() / 100.0
}

/// Makes a state of a text. Quotes tell a title such as `None` from a sensor without a state.
fn text_state(text: &str) -> Option<String> {
    // Home Assistant removes the same characters at both ends.
    let text = text.trim_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c));
    match text {
        "" => None,
        text if RESERVED.contains(&text) => Some(format!("“{text}”")),
        text => Some(truncated(text).to_owned()),
    }
}

fn truncated(text: &str) -> &str {
    text.char_indices().nth(STATE_MAX).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_fit_the_limits_of_home_assistant() {
        assert_eq!(truncated(&"ü".repeat(256)), "ü".repeat(255));
        assert_eq!(truncated("short"), "short");
        for (fraction, expected) in [(0.123_456, 12.35), (1.5, 100.0), (-1.0, 0.0), (0.29, 29.0)] {
            assert!(percent(fraction) == expected, "{fraction}");
        }
    }

    #[test]
    fn no_title_is_taken_for_a_missing_one() {
        for (text, expected) in [
            ("Emma", Some("Emma")),
            ("None", Some("“None”")),
            (" unknown\u{1f}", Some("“unknown”")),
            ("unavailable\n", Some("“unavailable”")),
            ("None of the Above", Some("None of the Above")),
            ("none", Some("none")),
            (" \u{1c}\u{a0}", None),
            ("", None),
        ] {
            assert_eq!(text_state(text).as_deref(), expected, "{text:?}");
        }
    }
}

//! The published state of an account: the book that was synced last.

use serde::Serialize;

use crate::error::Result;
use crate::library::Title;
use crate::library::scan::each_document;
use crate::model::{Document, User, timestamp};
use crate::state::AppState;
use crate::store::DocumentEntry;

/// Longest state that Home Assistant accepts, in characters.
const STATE_MAX: usize = 255;

/// The state of an account's sensors. All fields are null if the account has no documents.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct ReadingState {
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

impl ReadingState {
    /// Loads the state from the store. Reads all documents of the account.
    pub(super) async fn load(app: &AppState, user: &User) -> Result<Self> {
        let mut newest: Option<DocumentEntry> = None;
        let keep_newest = |entry: DocumentEntry| {
            let when = |entry: &DocumentEntry| (entry.progress.timestamp, entry.sequence);
            if newest.as_ref().is_none_or(|newest| when(newest) < when(&entry)) {
                newest = Some(entry);
            }
        };
        // It takes none of the account's slots, so an account that requests many lists does not delay its sensors.
        each_document(&app.store, &app.scan_limiter, user.id, keep_newest).await?;
        Ok(newest.map(Self::of).unwrap_or_default())
    }

    /// Returns whether the state is about this document.
    pub(super) fn is_of(&self, document: &Document) -> bool {
        self.document.as_deref() == Some(document.as_str())
    }

    pub(super) fn of(entry: DocumentEntry) -> Self {
        let title = Title::of(&entry);
        Self {
            book: Some(truncated(title.text)),
            authors: title.authors.map(truncated),
            document: Some(entry.document.to_string()),
            percentage: Some(percent(entry.progress.percentage)),
            device: Some(truncated(entry.progress.device)),
            last_sync: Some(timestamp(entry.progress.timestamp).to_string()),
        }
    }
}

/// Converts a fraction to percent with two decimals. Clients may send any number, but the sensor's range is 0 to 100.
fn percent(fraction: f64) -> f64 {
    (fraction.clamp(0.0, 1.0) * 10_000.0).round() / 100.0
}

fn truncated(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(STATE_MAX) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_fit_the_limits_of_home_assistant() {
        assert_eq!(truncated("ü".repeat(256)), "ü".repeat(255));
        assert_eq!(truncated("short".into()), "short");
        for (fraction, expected) in [(0.123_456, 12.35), (1.5, 100.0), (-1.0, 0.0), (0.29, 29.0)] {
            assert!(percent(fraction) == expected, "{fraction}");
        }
    }
}

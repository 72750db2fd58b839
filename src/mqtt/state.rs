//! Where an account's reading stands, as it is told.

use serde::Serialize;

use crate::error::Result;
use crate::library::Title;
use crate::model::{Document, User, UserId, timestamp};
use crate::state::AppState;
use crate::store::DocumentEntry;

/// The longest state that Home Assistant takes, in characters.
const STATE_MAX: usize = 255;

/// The book that was synced last. All is null where there is none.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(super) struct Reading {
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

impl Reading {
    /// Finds it out: looks through all documents of the account.
    pub(super) async fn load(state: &AppState, user: &User) -> Result<Self> {
        let mut newest: Option<DocumentEntry> = None;
        let keep_newest = |entry: DocumentEntry| {
            let when = |entry: &DocumentEntry| (entry.progress.timestamp, entry.sequence);
            if newest.as_ref().is_none_or(|newest| when(newest) < when(&entry)) {
                newest = Some(entry);
            }
            Ok(0)
        };
        // On a turn of the server's own: a user who asks for many lists at once holds up nobody's sensors.
        state.each_document(UserId::NONE, user.id, keep_newest).await?;
        Ok(newest.map(Self::of).unwrap_or_default())
    }

    /// Whether it is that document that is read.
    pub(super) fn is_of(&self, document: &Document) -> bool {
        self.document.as_deref() == Some(document.as_str())
    }

    pub(super) fn of(entry: DocumentEntry) -> Self {
        let title = Title::of(&entry);
        Self {
            book: Some(cut(title.text)),
            authors: title.authors.map(cut),
            document: Some(entry.document.to_string()),
            percentage: Some(hundredths(entry.progress.percentage)),
            device: Some(cut(entry.progress.device)),
            last_sync: Some(timestamp(entry.progress.timestamp).to_string()),
        }
    }
}

/// Clients may say what they like; a sensor goes from 0 to 100.
fn hundredths(percentage: f64) -> f64 {
    (percentage.clamp(0.0, 1.0) * 10_000.0).round() / 100.0
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(STATE_MAX) {
        text.truncate(end);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_are_as_home_assistant_takes_them() {
        assert_eq!(cut("ü".repeat(256)), "ü".repeat(255));
        assert_eq!(cut("short".into()), "short");
        let told = [(0.123_456, 12.35), (1.5, 100.0), (-1.0, 0.0), (0.29, 29.0)];
        assert!(told.into_iter().all(|(percentage, told)| hundredths(percentage) == told));
    }
}

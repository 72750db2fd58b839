//! What a book's page says about its files: those that are joined, and those that may be.

use super::codec::path_segment;
use super::error::PageError;
use super::lines;
use super::session::CurrentUser;
use crate::library::{self, Activity, Reason, Suggestion, Title};
use crate::model::Document;
use crate::state::AppState;
use crate::store::DocumentEntry;

/// Suggestions that a page shows.
const MAX_SUGGESTIONS: usize = 5;

/// Bytes of a file's id in a list.
const ID_MAX: usize = 100;

/// A file of a joined book, as its page lists it.
pub(super) struct FileRow {
    pub(super) path_segment: String,
    pub(super) title: Title,
    pub(super) document: String,
    /// Whether it was never pushed.
    pub(super) is_awaited: bool,
}

impl FileRow {
    /// Returns the files that a document is joined with.
    pub(super) fn others(entry: &DocumentEntry) -> Vec<Self> {
        let joined = entry.joined.iter().flat_map(|book| book.others(&entry.document));
        joined
            .map(|joined| Self {
                path_segment: path_segment(&joined.document),
                title: lines::in_list(Title::of_file(&joined.document, &joined.metadata)),
                document: lines::shortened(joined.document.as_str(), ID_MAX),
                is_awaited: joined.is_awaited,
            })
            .collect()
    }
}

/// A book that may be the same as the one at hand.
pub(super) struct SuggestionRow {
    pub(super) path_segment: String,
    pub(super) title: Title,
    pub(super) reason: String,
}

impl SuggestionRow {
    /// Finds what may be the same book as a document, except hidden books.
    pub(super) async fn of(
        state: &AppState,
        current_user: &CurrentUser,
        entry: &DocumentEntry,
        read: &Activity,
    ) -> Result<Vec<Self>, PageError> {
        let AppState { store, scan_limiter, request_log, .. } = state;
        let (user, texts) = (current_user.user.id, current_user.texts);
        let asked = request_log.requested_unknown(user);
        let found = library::suggestions(store, scan_limiter, user, asked, Some(entry)).await?;
        let is_of_book = |document: &Document| {
            let joined = entry.joined.iter().flat_map(|book| &book.documents);
            *document == entry.document || joined.into_iter().any(|joined| joined.document == *document)
        };
        let row = |Suggestion { document, title, other, other_title, reason }: Suggestion| {
            let (document, title) = if is_of_book(&document) {
                (other, other_title)
            } else if is_of_book(&other) {
                (document, title)
            } else {
                return None;
            };
            if read.is_hidden(&document) {
                return None;
            }
            let (title, reason) = (lines::in_list(title), texts.msg(words(reason)).to_string());
            Some(Self { path_segment: path_segment(&document), title, reason })
        };
        Ok(found.into_iter().filter_map(row).take(MAX_SUGGESTIONS).collect())
    }
}

/// Returns the id of what says why two documents may be one book.
fn words(reason: Reason) -> &'static str {
    match reason {
        Reason::Title => "books-reason-title",
        Reason::FileName => "books-reason-filename",
        Reason::MatchingMethod => "books-reason-matching",
        Reason::Identifier => "books-reason-identifier",
        Reason::Asked => "books-reason-asked",
    }
}

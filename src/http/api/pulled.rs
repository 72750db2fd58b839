//! Positions in lists as pulls get them. A list and a device must not tell of two places.

use crate::error::Result;
use crate::model::{Progress, UserId};
use crate::state::AppState;
use crate::store::DocumentEntry;

/// Returns the position of a document in a list. See [`Store::listed_position`](crate::store::Store).
///
/// `reader` is the requesting account.
pub(super) async fn listed_position(
    state: &AppState,
    reader: UserId,
    owner: UserId,
    entry: &DocumentEntry,
) -> Result<Progress> {
    if entry.is_as_pulled() {
        return Ok(entry.progress.clone());
    }
    state.scan_limiter.slice(reader, || state.store.listed_position(owner, entry)).await
}

/// Gives a book whose device sent no place the one that a pull of the same file gets [C5].
pub(super) async fn find_place(state: &AppState, owner: UserId, entry: &mut DocumentEntry) -> Result<()> {
    if !entry.shared().progress.is_empty() || entry.shared_sequence().is_none() {
        return Ok(());
    }
    let document = entry.joined.as_ref().map_or(&entry.document, |book| &book.written_for).clone();
    let pulled = state.scan_limiter.slice(owner, || state.store.progress(owner, &document)).await?;
    if let Some(pulled) = pulled {
        match &mut entry.joined {
            Some(book) => book.position = pulled,
            None => entry.progress = pulled,
        }
    }
    Ok(())
}

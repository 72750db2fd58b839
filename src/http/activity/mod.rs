//! Describes an account's requests and their effects in plain words. The page has them translated, `/api/v1` in English.
//!
//! The requests are in memory, as [`crate::request_log`] keeps them. Titles and current positions are read from the store when the
//! lines are asked for.

mod sentence;
mod words;

use std::collections::HashMap;

pub(crate) use self::sentence::{Part, Sentence};
use crate::error::Result;
use crate::library::Title;
use crate::model::{Document, Progress, PushEffect, User};
use crate::request_log::digest::{self, Candidate, Line, What};
use crate::request_log::entry::{LoginFailure, Refusal};
use crate::state::AppState;
use crate::store::DocumentEntry;
use crate::text::Clock;

/// Documents that are read in a slice: each may have 12 KiB.
const DOCUMENTS: usize = 8;

/// A line of an account's activity.
pub(crate) struct ActivityLine {
    pub(crate) line: Line,
    /// `push`, `pull` or `login`.
    pub(crate) request: &'static str,
    /// What came of it, as one word.
    pub(crate) outcome: &'static str,
    pub(crate) sentence: Sentence,
    /// The title of its document, if the account has it.
    pub(crate) title: Option<String>,
    /// Sequence number of a position that did not become current: it can be put back.
    pub(crate) can_put_back: Option<u64>,
    /// The document that may be the one that was asked for in vain.
    pub(crate) candidate: Option<Document>,
}

/// What the account has under a document's id now.
struct Known {
    title: Title,
    current: Progress,
    /// Sequence number of the current position; `None` if the book was started over.
    sequence: Option<u64>,
    /// The files of its book, if it is joined with others.
    files: Vec<Document>,
    /// Whether it is such a file, and no device has pushed it yet. What else is said is that of the others.
    is_awaited: bool,
}

impl Known {
    fn new(entry: &DocumentEntry) -> Self {
        let files = entry.joined.iter().flat_map(|book| &book.documents).map(|file| file.document.clone());
        Self {
            title: Title::of(entry),
            current: entry.shared().clone(),
            sequence: entry.shared_sequence(),
            files: files.collect(),
            is_awaited: false,
        }
    }
}

/// Returns the lines of an account, the newest first: 200 at most. Their sentences are in the clock's language.
///
/// # Errors
/// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the
/// data cannot be read.
pub(crate) async fn load(state: &AppState, user: &User, clock: &Clock) -> Result<Vec<ActivityLine>> {
    let lines = digest::lines(&state.request_log.entries(user.id));
    let documents = known_documents(state, user, &lines).await?;
    let words = words::Words { account: user.name.as_str(), documents: &documents, clock };
    Ok(lines.into_iter().map(|line| activity_line(line, &words)).collect())
}

async fn known_documents(state: &AppState, user: &User, lines: &[Line]) -> Result<HashMap<Document, Known>> {
    let candidates = lines.iter().filter_map(candidate_of).map(|candidate| &candidate.document);
    let mut wanted: Vec<&Document> = lines.iter().filter_map(|line| line.document.as_ref()).chain(candidates).collect();
    wanted.sort_unstable();
    wanted.dedup();
    let mut known = HashMap::new();
    for documents in wanted.chunks(DOCUMENTS) {
        let read =
            || documents.iter().map(|document| known_document(state, user, document)).collect::<Result<Vec<_>>>();
        let found = state.scan_limiter.slice(user.id, read).await?.into_iter().zip(documents);
        known.extend(found.filter_map(|(found, document)| Some(((*document).clone(), found?))));
    }
    Ok(known)
}

fn known_document(state: &AppState, user: &User, document: &Document) -> Result<Option<Known>> {
    if let Some(entry) = state.store.document(user.id, document)? {
        return Ok(Some(Known::new(&entry)));
    }
    let Some(book) = state.store.awaited_in(user.id, document)? else { return Ok(None) };
    let other = state.store.document(user.id, &book.written_for)?;
    Ok(other.map(|other| Known { is_awaited: true, ..Known::new(&other) }))
}

fn candidate_of(line: &Line) -> Option<&Candidate> {
    match &line.what {
        What::Unknown(candidate) => candidate.as_ref(),
        _ => None,
    }
}

fn activity_line(line: Line, words: &words::Words<'_>) -> ActivityLine {
    let known = line.document.as_ref().and_then(|document| words.documents.get(document));
    let (request, outcome) = outcome(&line.what);
    // The owner may have deleted it since.
    let candidate = candidate_of(&line).map(|candidate| &candidate.document);
    let may_be = |document: &&Document| {
        let other = words.documents.get(*document);
        // They may have been joined since.
        known.is_none()
            && other.is_some_and(|other| line.document.as_ref().is_none_or(|asked| !other.files.contains(asked)))
    };
    let candidate = candidate.filter(may_be).cloned();
    ActivityLine {
        request,
        outcome,
        sentence: words.sentence(&line),
        title: known.filter(|known| !known.is_awaited).map(|known| known.title.text.clone()),
        can_put_back: known.and_then(|known| can_put_back(&line, known)),
        candidate,
        line,
    }
}

/// Returns the sequence number of a position that can be put back: it did not become current, and was not put back since.
fn can_put_back(line: &Line, known: &Known) -> Option<u64> {
    let What::Push { effect, sequence, percentage, .. } = line.what else { return None };
    let is_back = known.current.is_restored() && known.current.percentage.to_bits() == percentage.to_bits();
    (!effect.is_current() && known.sequence != Some(sequence) && !is_back).then_some(sequence)
}

/// Returns the words of `request` and `outcome` in `/api/v1/activity`.
fn outcome(what: &What) -> (&'static str, &'static str) {
    match what {
        What::Push { effect, .. } => ("push", effect_word(*effect)),
        What::PushRefused(why) => ("push", refusal_word(*why)),
        What::Sent(_) => ("pull", "sent"),
        What::Unchanged(_) => ("pull", "unchanged"),
        What::Own { .. } => ("pull", "own_position"),
        What::Unknown(_) => ("pull", "unknown"),
        What::PullRefused(why) => ("pull", refusal_word(*why)),
        What::Login => ("login", "accepted"),
        What::LoginFailed(LoginFailure::WrongKey, _) => ("login", "wrong_password"),
        What::LoginFailed(LoginFailure::Disabled, _) => ("login", "disabled"),
        What::LoginFailed(LoginFailure::TooManyFailures, _) => ("login", "too_many_failures"),
        What::LoginFailed(LoginFailure::Busy, _) => ("login", "busy"),
        What::LoginFailed(LoginFailure::OtherName, _) => ("login", "other_name"),
    }
}

fn effect_word(effect: PushEffect) -> &'static str {
    match effect {
        PushEffect::Moved => "current",
        PushEffect::HeldRepeat => "held_repeat",
        PushEffect::Repeat => "repeat",
        PushEffect::Opened => "opened",
        PushEffect::Echo => "echo",
        PushEffect::Queue => "queue",
        PushEffect::NotFurther => "not_further",
        PushEffect::LandedElsewhere => "landed_elsewhere",
    }
}

fn refusal_word(why: Refusal) -> &'static str {
    match why {
        Refusal::Field(_) | Refusal::LongField(_) | Refusal::Invalid | Refusal::NotJson => "invalid",
        Refusal::TooLarge => "too_large",
        Refusal::TooSlow => "too_slow",
        Refusal::Busy => "busy",
        Refusal::NoSpace => "no_space",
        Refusal::Quota(_) => "over_quota",
        Refusal::DiskWrite | Refusal::DataDirReplaced | Refusal::Failed => "failed",
    }
}

#[cfg(test)]
mod tests;

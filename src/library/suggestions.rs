//! Which documents may be files of one book [I7]. A suggestion is for a person to accept: nothing is joined by itself.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use super::book::{Title, non_blank};
use super::scan::{ScanLimiter, each_document, each_shadowed_alias};
use crate::error::Result;
use crate::model::{Document, UserId, md5_digits};
use crate::request_log::RequestedUnknown;
use crate::store::{DocumentEntry, Store};

/// Suggestions of an account, at most.
const MAX_SUGGESTIONS: usize = 100;
/// Seconds between a request for an unknown id and the other book's push, at most.
const NEAR: u64 = 24 * 60 * 60;
/// Ids that devices asked for in vain, the last ones. Each costs a look-up.
const MAX_ASKED: usize = 16;

/// Why two documents may be files of one book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Reason {
    /// They have the same title and authors.
    Title,
    /// They have the same file name.
    FileName,
    /// One's id is the MD5 of the other's file name: KOReader's other document matching method [I6].
    MatchingMethod,
    /// One's id is an alias of the other: a client named both as identifiers of one book, and another pushed that id as a document.
    Identifier,
    /// A device asked for the other id, which was never pushed, while the book moved.
    Asked,
}

impl Reason {
    /// Returns the reason's name in `/api/v1`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::FileName => "filename",
            Self::MatchingMethod => "matching-method",
            Self::Identifier => "identifier",
            Self::Asked => "asked",
        }
    }
}

/// Two documents that may be files of one book.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Suggestion {
    /// The one that was read later.
    pub(crate) document: Document,
    pub(crate) title: Title,
    pub(crate) other: Document,
    pub(crate) other_title: Title,
    pub(crate) reason: Reason,
}

/// A document as the search for suggestions remembers it.
#[derive(Debug, Clone)]
struct Candidate {
    document: Document,
    /// The document that stands for its book.
    listed: Document,
    title: Title,
    timestamp: u64,
}

impl Candidate {
    fn new(entry: &DocumentEntry) -> Self {
        let listed = entry.joined.as_ref().map_or(&entry.document, |book| &book.written_for).clone();
        let (title, timestamp) = (Title::of(entry), entry.shared().timestamp);
        Self { document: entry.document.clone(), listed, title, timestamp }
    }
}

/// An id that a device asked for, and that the account does not have.
struct Asked {
    request: RequestedUnknown,
    /// The document that moved next to that time, within a day.
    nearest: Option<Candidate>,
}

/// Finds suggestions among the documents of an account, which it takes one by one.
#[derive(Default)]
struct Finder {
    /// The document that stands for the only book to find suggestions for; `None` for all.
    only: Option<Document>,
    hasher: RandomState,
    /// By hashes of title and authors, of file names, and of ids: the first document with each.
    by_title: HashMap<u64, Candidate>,
    by_filename: HashMap<u64, Candidate>,
    /// By id: documents whose id may be that of a file name.
    by_id: HashMap<String, Candidate>,
    /// By the MD5 of file names.
    by_name_id: HashMap<String, Candidate>,
    /// Ids of joined documents that were never pushed.
    awaited: HashSet<Document>,
    asked: Vec<Asked>,
    pairs: HashSet<(Document, Document)>,
    found: Vec<Suggestion>,
}

/// Returns suggestions for an account, or for one of its books. `requested` are ids that its devices asked for.
///
/// # Errors
/// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the data
/// cannot be read.
pub(crate) async fn suggestions(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
    requested: Vec<RequestedUnknown>,
    only: Option<&DocumentEntry>,
) -> Result<Vec<Suggestion>> {
    let only = only.map(|entry| Candidate::new(entry).listed);
    let mut finder = Finder { only, ..Finder::default() };
    for request in requested.into_iter().filter(|request| is_digest(&request.document)).take(MAX_ASKED) {
        if store.document(user, &request.document)?.is_none() {
            finder.asked.push(Asked { request, nearest: None });
        }
    }
    each_document(store, limiter, user, |entry| finder.add(&entry)).await?;
    each_shadowed_alias(store, limiter, user, |value, document| {
        let entry = |id: &Document| store.document(user, id).map(|entry| entry.as_ref().map(Candidate::new));
        if let (Some(one), Some(other)) = (entry(&value)?, entry(&document)?) {
            finder.suggest(&one, &other, Reason::Identifier);
        }
        Ok(())
    })
    .await?;
    for asked in std::mem::take(&mut finder.asked) {
        // A client may have named it as another id of a document.
        let RequestedUnknown { document, candidate, .. } = &asked.request;
        let meant = store.document(user, &store.meant_document(user, document)?)?;
        let pushed = candidate.as_ref().map(|candidate| store.document(user, candidate)).transpose()?.flatten();
        finder.add_asked(&asked, meant.as_ref(), pushed.as_ref());
    }
    Ok(finder.found)
}

/// Returns whether an id may be a book's digest. Some clients try their login with an id that is none.
fn is_digest(id: &Document) -> bool {
    let id = id.as_str().as_bytes();
    id.len() == 32 && id.iter().all(u8::is_ascii_hexdigit)
}

impl Finder {
    fn add(&mut self, entry: &DocumentEntry) {
        let candidate = Candidate::new(entry);
        let timestamp = candidate.timestamp;
        let awaited = entry.joined.iter().flat_map(|book| &book.documents).filter(|joined| joined.is_awaited);
        self.awaited.extend(awaited.map(|joined| joined.document.clone()));
        for asked in &mut self.asked {
            let distance = timestamp.abs_diff(asked.request.time);
            let is_nearer = |known: &Candidate| distance < known.timestamp.abs_diff(asked.request.time);
            if distance <= NEAR && asked.nearest.as_ref().is_none_or(is_nearer) {
                asked.nearest = Some(candidate.clone());
            }
        }
        let own = |text: Option<&String>| non_blank(text).map(normalized);
        let metadata = &entry.metadata;
        if let Some(title) = own(metadata.title.as_ref()) {
            let key = self.hasher.hash_one((title, own(metadata.authors.as_ref())));
            self.compare(|finder| &mut finder.by_title, key, &candidate, Reason::Title);
        }
        if let Some(filename) = non_blank(metadata.filename.as_ref()) {
            let key = self.hasher.hash_one(filename);
            self.compare(|finder| &mut finder.by_filename, key, &candidate, Reason::FileName);
            let id = md5_digits(filename.as_bytes());
            if let Some(other) = self.by_id.get(&id).cloned() {
                self.suggest(&candidate, &other, Reason::MatchingMethod);
            }
            self.by_name_id.entry(id).or_insert_with(|| candidate.clone());
        }
        let id = entry.document.as_str();
        if id.len() == 32 {
            if let Some(other) = self.by_name_id.get(id).cloned() {
                self.suggest(&candidate, &other, Reason::MatchingMethod);
            }
            self.by_id.insert(id.to_owned(), candidate);
        }
    }

    /// Compares a document with the first that has the same key.
    fn compare(
        &mut self,
        index: impl Fn(&mut Self) -> &mut HashMap<u64, Candidate>,
        key: u64,
        candidate: &Candidate,
        reason: Reason,
    ) {
        match index(self).get(&key).cloned() {
            Some(other) => self.suggest(candidate, &other, reason),
            None => drop(index(self).insert(key, candidate.clone())),
        }
    }

    /// Takes an id that a device asked for. It may be the alias of a document, and another device may have pushed one before.
    fn add_asked(&mut self, asked: &Asked, meant: Option<&DocumentEntry>, pushed: Option<&DocumentEntry>) {
        let document = &asked.request.document;
        if self.awaited.contains(document) {
            return;
        }
        let named = self.by_name_id.get(document.as_str()).cloned();
        let new = Candidate {
            document: document.clone(),
            listed: document.clone(),
            title: Title::new(document, &Default::default(), None),
            timestamp: 0,
        };
        if let Some(meant) = meant {
            self.suggest(&Candidate::new(meant), &new, Reason::Asked);
        } else if let Some(named) = named {
            self.suggest(&named, &new, Reason::MatchingMethod);
        } else if let Some(book) = pushed.map(Candidate::new).or_else(|| asked.nearest.clone()) {
            self.suggest(&book, &new, Reason::Asked);
        }
    }

    fn suggest(&mut self, one: &Candidate, other: &Candidate, reason: Reason) {
        let is_wanted = self.only.as_ref().is_none_or(|only| one.listed == *only || other.listed == *only);
        if one.listed == other.listed || !is_wanted || self.found.len() >= MAX_SUGGESTIONS {
            return;
        }
        let (later, earlier) = if one.timestamp >= other.timestamp { (one, other) } else { (other, one) };
        // One suggestion for two books, whatever files they have.
        let pair = (later.listed.clone(), earlier.listed.clone());
        if self.pairs.contains(&(pair.1.clone(), pair.0.clone())) || !self.pairs.insert(pair) {
            return;
        }
        self.found.push(Suggestion {
            document: later.document.clone(),
            title: later.title.clone(),
            other: earlier.document.clone(),
            other_title: earlier.title.clone(),
            reason,
        });
    }
}

/// Returns a text as it is compared: in lower case, with single spaces.
fn normalized(text: &str) -> String {
    text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

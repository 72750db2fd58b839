//! A document as a reader sees it: a book with a title.

use crate::model::{Document, Metadata, Progress};
use crate::store::DocumentEntry;

/// The percentage from which a book counts as finished: after it come only notes and the imprint.
pub(crate) const FINISHED: f64 = 0.99;

/// The title that is shown for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    /// The name that the user gave it, else its title, else its file name, else its id.
    pub(crate) text: String,
    /// The authors, unless the text is a file name or an id.
    pub(crate) authors: Option<String>,
    /// Whether the text is the document's id.
    pub(crate) is_id: bool,
}

impl Title {
    pub(crate) fn of(DocumentEntry { document, metadata, name, .. }: &DocumentEntry) -> Self {
        Self::new(document, metadata, name.as_ref())
    }

    pub(in crate::library) fn new(document: &Document, metadata: &Metadata, name: Option<&String>) -> Self {
        let name_or_title = non_blank(name).or(non_blank(metadata.title.as_ref()));
        let text = name_or_title.or(non_blank(metadata.filename.as_ref()));
        Self {
            text: text.unwrap_or(document.as_str()).to_owned(),
            authors: non_blank(metadata.authors.as_ref()).filter(|_| name_or_title.is_some()).map(str::to_owned),
            is_id: text.is_none(),
        }
    }
}

/// Returns the trimmed text, unless nothing is left of it.
fn non_blank(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// A document with what a list shows of it.
#[derive(Debug, Clone)]
pub(crate) struct Book {
    pub(crate) document: Document,
    pub(crate) title: Title,
    pub(crate) percentage: f64,
    pub(crate) device: String,
    pub(crate) timestamp: u64,
}

impl Book {
    pub(crate) fn new(entry: DocumentEntry) -> Self {
        let title = Title::of(&entry);
        let Progress { percentage, device, timestamp, .. } = entry.progress;
        Self { document: entry.document, title, percentage, device, timestamp }
    }

    /// Returns whether each of the words, in lower case, is in a document's title, authors or id.
    pub(super) fn has(entry: &DocumentEntry, words: &[String]) -> bool {
        if words.is_empty() {
            return true;
        }
        let title = Title::of(entry);
        let authors = title.authors.unwrap_or_default().to_lowercase();
        let (title, id) = (title.text.to_lowercase(), entry.document.as_str().to_lowercase());
        words.iter().all(|word| [&title, &authors, &id].iter().any(|text| text.contains(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: Option<&str>, title: Option<&str>, authors: Option<&str>, filename: Option<&str>) -> DocumentEntry {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let progress = Progress::new("p".into(), 0.5, "Kobo".into(), None).expect("a position");
        let document = Document::new("0123").expect("an id");
        DocumentEntry {
            document,
            progress,
            sequence: 1,
            metadata: Metadata::new(owned(filename), owned(title), owned(authors)),
            name: owned(name),
        }
    }

    fn title(entry: &DocumentEntry) -> (String, Option<String>, bool) {
        let Title { text, authors, is_id } = Title::of(entry);
        (text, authors, is_id)
    }

    #[test]
    fn a_title_is_the_name_else_title_else_file_name_else_id() {
        let all = |name, title, authors| entry(name, title, authors, Some("emma.epub"));
        let austen = Some("Jane Austen".to_owned());
        assert_eq!(
            title(&all(Some("Mine"), Some("Emma"), Some("Jane Austen"))),
            ("Mine".into(), austen.clone(), false)
        );
        assert_eq!(title(&all(None, Some("Emma"), Some("Jane Austen"))), ("Emma".into(), austen, false));
        assert_eq!(title(&all(None, Some(" "), Some("Jane Austen"))), ("emma.epub".into(), None, false));
        assert_eq!(title(&entry(None, None, None, None)), ("0123".into(), None, true));
    }

    #[test]
    fn every_word_must_be_in_title_authors_or_id() {
        let entry = entry(None, Some("Überall Emma"), Some("Jane Austen"), None);
        let has = |text: &str| Book::has(&entry, &text.split(' ').map(str::to_lowercase).collect::<Vec<_>>());
        assert!(has("emma") && has("austen überall") && has("012") && has("EMMA"));
        assert!(!has("emma bovary"));
    }
}

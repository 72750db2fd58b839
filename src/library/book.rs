//! A document as a reader sees it: a book with a title.

use std::cmp::Reverse;

pub(crate) use crate::model::FINISHED;
use crate::model::{Document, Metadata};
use crate::store::{DocumentEntry, JoinedBook};

/// The title that is shown for a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Title {
    /// Its given name, else its title, else its file name, else its id.
    pub(crate) text: String,
    /// The authors, unless the text is a file name or an id.
    pub(crate) authors: Option<String>,
    /// Whether the text is the document's id.
    pub(crate) is_id: bool,
}

impl Title {
    /// Returns the title of a document, or of the joined book that it is in.
    pub(crate) fn of(DocumentEntry { document, metadata, name, joined, .. }: &DocumentEntry) -> Self {
        match joined {
            None => Self::new(document, metadata, name.as_ref()),
            Some(book) => Self::of_book(book).unwrap_or_else(|| Self::new(document, metadata, name.as_ref())),
        }
    }

    /// Returns the title of joined documents: the name that the user gave one, else that of the document about which most is known.
    pub(crate) fn of_book(book: &JoinedBook) -> Option<Self> {
        let best = book.documents.iter().enumerate().max_by_key(|(index, document)| {
            let metadata = &document.metadata;
            let has = |text: Option<&String>| non_blank(text).is_some();
            let known = [
                has(document.name.as_ref()),
                has(metadata.title.as_ref()),
                has(metadata.authors.as_ref()),
                has(metadata.filename.as_ref()),
                !document.is_awaited,
            ];
            // Of several, the first.
            (known, Reverse(*index))
        });
        best.map(|(_, document)| Self::new(&document.document, &document.metadata, document.name.as_ref()))
    }

    /// Returns what tells a file of a joined book from the others: its file name, else its id.
    pub(crate) fn of_file(document: &Document, metadata: &Metadata) -> Self {
        Self::new(document, &Metadata { title: None, ..metadata.clone() }, None)
    }

    pub(crate) fn new(document: &Document, metadata: &Metadata, name: Option<&String>) -> Self {
        let name_or_title = non_blank(name).or(non_blank(metadata.title.as_ref()));
        let text = name_or_title.or(non_blank(metadata.filename.as_ref()));
        Self {
            text: text.unwrap_or(document.as_str()).to_owned(),
            authors: non_blank(metadata.authors.as_ref()).filter(|_| name_or_title.is_some()).map(in_one_line),
            is_id: text.is_none(),
        }
    }
}

/// Returns authors as one line: KOReader writes each in a line of its own.
pub(super) fn in_one_line(authors: &str) -> String {
    authors.lines().map(str::trim).filter(|author| !author.is_empty()).collect::<Vec<_>>().join(", ")
}

/// Returns the trimmed text, unless nothing is left of it.
pub(super) fn non_blank(text: Option<&String>) -> Option<&str> {
    text.map(|text| text.trim()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Progress;

    fn entry(name: Option<&str>, title: Option<&str>, authors: Option<&str>, filename: Option<&str>) -> DocumentEntry {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let progress = Progress::new("p".into(), 0.5, "Kobo".into(), None).expect("a position");
        let document = Document::new("0123").expect("an id");
        DocumentEntry {
            document,
            progress,
            sequence: 1,
            current: Some(1),
            metadata: Metadata::new(owned(filename), owned(title), owned(authors)),
            name: owned(name),
            joined: None,
            folded: Default::default(),
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
        let two = title(&all(None, Some("Good Omens"), Some("Terry Pratchett\r\n\nNeil Gaiman\n"))).1;
        assert_eq!(two.as_deref(), Some("Terry Pratchett, Neil Gaiman"));
        assert_eq!(title(&all(None, Some(" "), Some("Jane Austen"))), ("emma.epub".into(), None, false));
        assert_eq!(title(&entry(None, None, None, None)), ("0123".into(), None, true));
    }
}

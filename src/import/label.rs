//! Names a record of a source, so that a person finds it there.

use std::fmt;

/// Which record of a source it is: `line 3, account ann, document x`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordLabel(Vec<LabelPart>);

/// A part of a [`RecordLabel`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum LabelPart {
    /// A line of an export, from 1.
    Line(u64),
    /// An account, by its name.
    Account(String),
    /// What is noted of an account, by its name.
    NotesOf(String),
    /// A document, by its id.
    Document(String),
    /// The book of several documents that has this one, by its id.
    BookOf(String),
    /// A document of an account, by where it stands in its list, from 1.
    DocumentNumber(usize),
    /// A document and all after it, by its place in its list, counted from 1.
    DocumentsFrom(usize),
    /// All documents of an account.
    AllDocuments,
    /// Another id of a document.
    Alias(String),
    /// An account of a database whose name cannot be read, by its `_id`.
    AccountId(i32),
    /// An account of a database of which nothing can be read.
    AccountAt {
        /// The page of the database.
        page: u32,
        /// The slot of the page.
        slot: u8,
    },
    /// The end of the file.
    EndOfFile,
    /// That many further records.
    More(usize),
    /// Anything else, in English.
    Text(String),
}

impl RecordLabel {
    /// Returns its parts.
    pub fn parts(&self) -> &[LabelPart] {
        &self.0
    }

    /// Adds a part.
    #[must_use]
    pub(super) fn and(mut self, part: LabelPart) -> Self {
        self.0.push(part);
        self
    }
}

impl From<LabelPart> for RecordLabel {
    fn from(part: LabelPart) -> Self {
        Self(vec![part])
    }
}

impl From<String> for RecordLabel {
    fn from(text: String) -> Self {
        LabelPart::Text(text).into()
    }
}

impl From<&str> for RecordLabel {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl fmt::Display for RecordLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            part.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for LabelPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Account(name) => write!(f, "account {name}"),
            Self::NotesOf(name) => write!(f, "notes of account {name}"),
            Self::Document(id) => write!(f, "document {id}"),
            Self::BookOf(id) => write!(f, "book of document {id}"),
            Self::DocumentNumber(number) => write!(f, "document {number}"),
            Self::DocumentsFrom(number) => write!(f, "document {number} and all after it"),
            Self::AllDocuments => f.write_str("all documents"),
            Self::Alias(id) => write!(f, "alias {id}"),
            Self::AccountId(id) => write!(f, "the account with _id {id}"),
            Self::AccountAt { page, slot } => write!(f, "the account in page {page}, slot {slot}"),
            Self::EndOfFile => f.write_str("the end of the file"),
            Self::More(count) => write!(f, "{count} more"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

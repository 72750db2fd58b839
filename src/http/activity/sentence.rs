//! A sentence with names in it that clients chose. A page isolates these from the direction of the text around them.

use std::borrow::Cow;
use std::fmt;

use crate::model::{Document, shortened};

/// Longest title in a sentence, in characters.
const TITLE_MAX: usize = 64;
/// Characters that are shown of a document's id. KOReader's have 32.
const ID_MAX: usize = 8;

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Text(Cow<'static, str>),
    /// A device, an account, or a field.
    Name(String),
    /// A book's title.
    Title(String),
    /// The start of a document's id.
    Id(String),
}

/// A sentence, or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sentence(pub(crate) Vec<Part>);

impl Sentence {
    pub(super) fn text(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Part::Text(text.into()));
        self
    }

    pub(super) fn name(mut self, name: &str) -> Self {
        self.0.push(Part::Name(name.to_owned()));
        self
    }

    pub(super) fn title(mut self, title: &str) -> Self {
        self.0.push(Part::Title(cut(title, TITLE_MAX)));
        self
    }

    pub(super) fn id(mut self, document: &Document) -> Self {
        self.0.push(Part::Id(cut(document.as_str(), ID_MAX)));
        self
    }
}

impl fmt::Display for Sentence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|part| match part {
            Part::Text(text) => f.write_str(text),
            Part::Name(text) | Part::Id(text) => f.write_str(text),
            Part::Title(text) => write!(f, "“{text}”"),
        })
    }
}

fn cut(text: &str, max: usize) -> String {
    let start = shortened(text, max);
    if start.len() == text.len() { text.to_owned() } else { format!("{start}…") }
}

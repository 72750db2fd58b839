//! A sentence with names in it that clients chose. A page isolates these from the direction of the text around them.

use std::borrow::Cow;
use std::fmt;

use crate::model::{Document, shortened};
use crate::text::{Argument, Message};

/// Longest title in a sentence, in characters.
const TITLE_MAX: usize = 64;
/// Characters that are shown of a document's id. KOReader's have 32.
const ID_MAX: usize = 8;
/// Stand for the names in a message. No message has private characters, nor what is set in one as text.
const PLACES: [&str; 3] = ["\u{f8f0}", "\u{f8f1}", "\u{f8f2}"];

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

impl Part {
    pub(super) fn name(name: &str) -> Self {
        Self::Name(name.to_owned())
    }

    pub(super) fn title(title: &str) -> Self {
        Self::Title(cut(title, TITLE_MAX))
    }

    pub(super) fn id(document: &Document) -> Self {
        Self::Id(cut(document.as_str(), ID_MAX))
    }
}

/// A sentence, or several.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sentence(pub(crate) Vec<Part>);

impl Sentence {
    /// Adds another sentence.
    pub(super) fn then(mut self, sentence: impl Into<Self>) -> Self {
        self.0.push(Part::Text(" ".into()));
        self.0.extend(sentence.into().0);
        self
    }
}

impl From<Part> for Sentence {
    fn from(part: Part) -> Self {
        Self(vec![part])
    }
}

impl From<Message> for Sentence {
    fn from(message: Message) -> Self {
        Phrase::from(message).into()
    }
}

/// A message in which some variables are names.
pub(super) struct Phrase {
    message: Message,
    names: Vec<Sentence>,
}

impl Phrase {
    /// Sets a variable to a text that no client chose.
    pub(super) fn arg(self, variable: &'static str, value: impl Argument) -> Self {
        Self { message: self.message.arg(variable, value), ..self }
    }

    /// Sets a variable to a name, or a phrase with one. A message has three at most.
    pub(super) fn name(mut self, variable: &'static str, name: impl Into<Sentence>) -> Self {
        debug_assert!(self.names.len() < PLACES.len(), "too many names");
        let place = PLACES.get(self.names.len()).copied().unwrap_or_default();
        self.names.push(name.into());
        self.arg(variable, place)
    }
}

impl From<Message> for Phrase {
    fn from(message: Message) -> Self {
        Self { message, names: Vec::new() }
    }
}

impl From<Phrase> for Sentence {
    fn from(Phrase { message, names }: Phrase) -> Self {
        let text = message.to_string();
        let (mut parts, mut rest) = (Vec::new(), text.as_str());
        let place = |text: &str| {
            let places = PLACES.iter().zip(&names);
            places.filter_map(|(place, name)| Some((text.find(place)?, place.len(), name))).min_by_key(|found| found.0)
        };
        while let Some((start, len, name)) = place(rest) {
            if start > 0 {
                parts.push(Part::Text(rest[..start].to_owned().into()));
            }
            parts.extend(name.0.iter().cloned());
            rest = &rest[start + len..];
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned().into()));
        }
        Self(parts)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;
    use crate::text::Texts;

    /// Each language has its own order, and a name may be what stands for another.
    #[test]
    fn names_stand_where_the_message_has_them() {
        for language in Language::ALL {
            let message = Texts::of(language).msg("activity-pushed").arg("percent", "5%");
            let phrase =
                Phrase::from(message).name("device", Part::name(PLACES[1])).name("book", Part::title("{ $device }"));
            let names: Vec<_> =
                Sentence::from(phrase).0.into_iter().filter(|part| !matches!(part, Part::Text(_))).collect();
            assert_eq!(names, [Part::name(PLACES[1]), Part::title("{ $device }")], "{language}");
        }
    }
}

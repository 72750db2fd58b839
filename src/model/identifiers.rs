//! Identifiers: what a client calls the book in hand, so that a copy of it in another file is the same book [I1].

use serde::{Deserialize, Serialize};

use super::document::Document;
use super::validation::ValidationError;

/// Most identifiers that a request names.
pub const IDENTIFIERS_MAX: usize = 8;
/// Longest label of an identifier, in bytes.
pub const LABEL_MAX: usize = 32;
/// Longest value of an identifier, in bytes.
pub const IDENTIFIER_MAX: usize = 128;

/// The protocol's names of the list: in a body, and in a query.
const FIELD: &str = "identifiers";

/// One identifier of a book: a label, opaque to the server, and a value. \[I1\]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "RawIdentifier")]
pub struct Identifier {
    #[serde(rename = "type")]
    label: String,
    value: Document,
}

#[derive(Deserialize)]
struct RawIdentifier {
    r#type: String,
    value: String,
}

impl TryFrom<RawIdentifier> for Identifier {
    type Error = ValidationError;

    fn try_from(RawIdentifier { r#type, value }: RawIdentifier) -> Result<Self, ValidationError> {
        Self::new(&r#type, &value)
    }
}

impl Identifier {
    /// Checks a label, the protocol's `type`, and a value.
    ///
    /// A label is `[a-z][a-z0-9-]*` of at most 32 characters, a value `[A-Za-z0-9][A-Za-z0-9-_.]*` of at most 128.
    ///
    /// # Errors
    /// [`ValidationError::List`] if one of them is not of that form.
    pub fn new(label: &str, value: &str) -> Result<Self, ValidationError> {
        const TYPE: &str = "an entry whose type is not 1 to 32 lower-case letters, digits and hyphens, a letter first";
        let is_label = label.len() <= LABEL_MAX
            && label.starts_with(|first: char| first.is_ascii_lowercase())
            && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if !is_label {
            return Err(ValidationError::List { field: FIELD, what: TYPE });
        }
        Ok(Self { label: label.to_owned(), value: checked_value(value)? })
    }

    /// Returns the label that the client gave it: the protocol's `type`.
    pub fn label(&self) -> &str {
        &self.label
    }

    /// Returns the value, as the id of the document that it may be.
    pub fn value(&self) -> &Document {
        &self.value
    }
}

/// Checks a value of an identifier, or an alias, which is one. Each is a valid id of a document.
pub(crate) fn checked_value(value: &str) -> Result<Document, ValidationError> {
    const VALUE: &str =
        "an entry whose value is not 1 to 128 letters, digits, '-', '_' and '.', a letter or a digit first";
    let is_value = value.len() <= IDENTIFIER_MAX
        && value.starts_with(|first: char| first.is_ascii_alphanumeric())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    let wrong = ValidationError::List { field: FIELD, what: VALUE };
    if is_value { Document::new(value).map_err(|_| wrong) } else { Err(wrong) }
}

/// The identifiers that a client names of one book: 1 to 8, the strongest first, no label twice. \[I1\]
///
/// ```
/// let ids: kosync::Identifiers = "partial-md5:0b229176,filename-md5:5f4dcc3b".parse()?;
/// assert_eq!(ids.as_slice()[1].label(), "filename-md5");
/// # Ok::<(), kosync::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Identifier>")]
pub struct Identifiers(Vec<Identifier>);

impl Identifiers {
    /// Checks a list.
    ///
    /// # Errors
    /// [`ValidationError::List`] if it is empty, has more than 8 entries or a label twice.
    pub fn new(entries: Vec<Identifier>) -> Result<Self, ValidationError> {
        let refused = |what| Err(ValidationError::List { field: FIELD, what });
        if entries.is_empty() {
            return refused("no entries");
        }
        if entries.len() > IDENTIFIERS_MAX {
            return refused("more than 8 entries");
        }
        let is_repeated =
            |(index, entry): (usize, &Identifier)| entries[..index].iter().any(|e| e.label == entry.label);
        if entries.iter().enumerate().any(is_repeated) {
            return refused("a type twice");
        }
        Ok(Self(entries))
    }

    /// Returns the identifiers, the strongest first.
    pub fn as_slice(&self) -> &[Identifier] {
        &self.0
    }

    /// Returns the strongest identifier with this value.
    pub fn find(&self, value: &Document) -> Option<&Identifier> {
        self.0.iter().find(|entry| entry.value == *value)
    }

    /// Returns the strongest identifier whose value is among `others`, whatever its label is there.
    pub fn strongest_shared(&self, others: &Self) -> Option<&Identifier> {
        self.0.iter().find(|entry| others.find(&entry.value).is_some())
    }

    /// Checks that one of them is the document of the request.
    ///
    /// # Errors
    /// [`ValidationError::List`] if none is.
    pub fn check_names(&self, document: &Document) -> Result<(), ValidationError> {
        const WHAT: &str = "no entry whose value is the document";
        self.find(document).map(drop).ok_or(ValidationError::List { field: FIELD, what: WHAT })
    }
}

impl TryFrom<Vec<Identifier>> for Identifiers {
    type Error = ValidationError;

    fn try_from(entries: Vec<Identifier>) -> Result<Self, ValidationError> {
        Self::new(entries)
    }
}

impl std::str::FromStr for Identifiers {
    type Err = ValidationError;

    /// Parses `type:value,type:value`, as in the query of a pull.
    fn from_str(text: &str) -> Result<Self, ValidationError> {
        const WHAT: &str = "an entry that is not type:value";
        // One more than there may be, so that a long list is not read to its end.
        let entries = text.split(',').take(IDENTIFIERS_MAX + 1).map(|entry| {
            let (label, value) = entry.split_once(':').ok_or(ValidationError::List { field: FIELD, what: WHAT })?;
            Identifier::new(label, value)
        });
        Self::new(entries.collect::<Result<_, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn i1_labels_and_values_have_the_documented_form() {
        let good = [("a", "0"), ("a-1-", "A-_."), (&"x".repeat(32), &"x".repeat(128)), ("none", "z..")];
        for (label, value) in good {
            let entry = Identifier::new(label, value).expect(label);
            assert_eq!((entry.label(), entry.value().as_str()), (label, value));
        }
        let long = (&*"x".repeat(33), &*"x".repeat(129));
        for label in ["", "1a", "-a", "A", "aB", "a_b", "a.b", "ä", "a ", long.0] {
            assert!(Identifier::new(label, "x").is_err(), "{label:?}");
        }
        for value in ["", "-a", "_a", ".a", "a:b", "a,b", "a b", "a/b", "a\0", "ä", "a\u{fffd}", " a", long.1] {
            assert!(Identifier::new("x", value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn i1_a_list_has_one_to_eight_entries_and_no_label_twice() {
        let list = |text: &str| text.parse::<Identifiers>();
        let eight = "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1";
        assert_eq!(list(eight).expect("eight").as_slice().len(), 8);
        for bad in ["", "a", "a:1,", ",a:1", "a:1,a:2", "a:1:2", "a:1, b:2", &format!("{eight},i:1"), ":", "a:", ":1"] {
            assert!(list(bad).is_err(), "{bad:?}");
        }
        assert!(Identifiers::new(Vec::new()).is_err());
    }

    #[test]
    fn i3_a_value_is_shared_whatever_its_label() {
        let list = |text: &str| text.parse::<Identifiers>().expect(text);
        let (mine, theirs) = (list("a:1,b:2,c:3"), list("x:3,c:2"));
        assert_eq!(mine.strongest_shared(&theirs).map(Identifier::label), Some("b"));
        assert_eq!(theirs.strongest_shared(&mine).map(Identifier::label), Some("x"));
        assert_eq!(mine.strongest_shared(&list("a:9")), None);
    }

    #[test]
    fn json_is_checked_like_any_other_list() {
        let parse = |json: &str| serde_json::from_str::<Identifiers>(json);
        let list = parse(r#"[{"type":"a","value":"1"}]"#).expect("a list");
        assert_eq!(serde_json::to_string(&list).expect("json"), r#"[{"type":"a","value":"1"}]"#);
        for bad in ["[]", r#"[{"type":"A","value":"1"}]"#, r#"[{"type":"a","value":"-"}]"#, r#"[{"type":"a"}]"#] {
            assert!(parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn every_value_is_a_document(value in "[A-Za-z0-9][A-Za-z0-9_.-]{0,127}") {
            let document = Document::new(&value).expect("an id");
            prop_assert_eq!(checked_value(&value), Ok(document));
        }
    }
}

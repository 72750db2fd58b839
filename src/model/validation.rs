//! Why a value is refused, and how a text becomes one of the model's types.

/// Why a value is not valid in the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ValidationError {
    /// The field is empty.
    #[error("{field} is empty")]
    Empty {
        /// The protocol's name of the field.
        field: &'static str,
    },
    /// The field has a character that is not allowed.
    #[error("{field} may not contain {what}")]
    Character {
        /// The protocol's name of the field.
        field: &'static str,
        /// The character, in words.
        what: &'static str,
    },
    /// The field is too long.
    #[error("{field} is longer than {limit} bytes")]
    TooLong {
        /// The protocol's name of the field.
        field: &'static str,
        /// The limit in bytes.
        limit: usize,
    },
    /// The field has too many characters.
    #[error("{field} is longer than {limit} characters")]
    TooManyCharacters {
        /// The protocol's name of the field.
        field: &'static str,
        /// The limit in characters.
        limit: usize,
    },
    /// A list has an entry that is not allowed, or lacks one.
    #[error("{field} has {what}")]
    List {
        /// The protocol's name of the list.
        field: &'static str,
        /// What it has, in words.
        what: &'static str,
    },
    /// The percentage is not a finite number.
    #[error("percentage is not a finite number")]
    NotFinite,
}

pub(super) fn check_length(field: &'static str, text: &str, limit: usize) -> Result<(), ValidationError> {
    if text.len() > limit { Err(ValidationError::TooLong { field, limit }) } else { Ok(()) }
}

/// Implements `FromStr`, `TryFrom<&str>` and `TryFrom<String>` by a function that checks a text.
macro_rules! parse_with {
    ($type:ty, $check:expr) => {
        impl std::str::FromStr for $type {
            type Err = ValidationError;

            fn from_str(text: &str) -> Result<Self, ValidationError> {
                $check(text)
            }
        }

        impl TryFrom<&str> for $type {
            type Error = ValidationError;

            fn try_from(text: &str) -> Result<Self, ValidationError> {
                $check(text)
            }
        }

        impl TryFrom<String> for $type {
            type Error = ValidationError;

            fn try_from(text: String) -> Result<Self, ValidationError> {
                $check(&text)
            }
        }
    };
}

pub(super) use parse_with;

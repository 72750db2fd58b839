//! Parsing of settings that several keys share: empty strings, and lists as one string with commas.

use std::fmt::{self, Display};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

/// Parses a list with commas between the items. Blanks around items and empty items are ignored.
///
/// # Errors
/// The error of the first item that is invalid.
pub(crate) fn comma_separated<T: FromStr>(text: &str) -> Result<Vec<T>, T::Err> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect()
}

/// Deserializes a string; an empty one is `None`.
pub(super) fn unset_if_empty<'de, D: Deserializer<'de>, T: From<String>>(from: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty()).map(T::from))
}

/// Deserializes and parses a string; an empty one is `None`.
pub(super) fn parse_unless_empty<'de, D: Deserializer<'de>, T>(from: D) -> Result<Option<T>, D::Error>
where
    T: FromStr<Err: Display>,
{
    let text: Option<String> = unset_if_empty(from)?;
    text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
}

/// Deserializes and parses a list of strings, or one string with commas.
pub(super) fn list<'de, D: Deserializer<'de>, T>(from: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err: Display>,
{
    struct Visitor<T>(PhantomData<T>);
    impl<'de, T: FromStr<Err: Display>> serde::de::Visitor<'de> for Visitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a list of strings")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            comma_separated(text).map_err(E::custom)
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(text) = list.next_element::<String>()? {
                all.extend(comma_separated::<T>(&text).map_err(serde::de::Error::custom)?);
            }
            Ok(all)
        }
    }
    from.deserialize_any(Visitor(PhantomData))
}

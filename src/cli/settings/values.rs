//! Parses the texts of flags and variables. Errors say what is allowed.

use std::fmt::Display;
use std::num::{IntErrorKind, ParseIntError};
use std::str::FromStr;

use crate::config::comma_separated;

pub(super) fn set<T>(field: &mut T, value: Result<T, String>) -> Result<(), String> {
    *field = value?;
    Ok(())
}

pub(super) fn parse<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|invalid: T::Err| invalid.to_string())
}

pub(super) fn list<T: FromStr<Err: Display>>(text: &str) -> Result<Vec<T>, String> {
    comma_separated(text).map_err(|invalid: T::Err| invalid.to_string())
}

/// Parses a whole number of an unsigned type.
pub(super) fn number<T: FromStr<Err = ParseIntError>>(text: &str) -> Result<T, String> {
    text.parse().map_err(|error: ParseIntError| match error.kind() {
        IntErrorKind::PosOverflow => {
            let max = u64::MAX >> (u64::BITS as usize - 8 * size_of::<T>());
            format!("`{text}` is too large: at most {max}")
        }
        _ => format!("`{text}` is not a whole number"),
    })
}

/// Parses `true` or `false`, or what people write for them, in any case.
pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(format!("`{text}` is not `true` or `false`")),
    }
}

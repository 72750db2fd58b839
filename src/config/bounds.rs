//! Bounds of settings that are numbers: outside of them, no client could connect, or no position could be stored.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde::de::Error;
use serde::{Deserialize, Deserializer};

const MIB: u64 = 1 << 20;
const TIB: u64 = 1 << 40;

/// Bounds of `max_account_bytes`.
pub(crate) const ACCOUNT_BYTES: RangeInclusive<u64> = MIB..=u64::MAX;
/// Bounds of `max_store_bytes`. Processes of 64-bit systems have 128 TiB of address space.
pub(crate) const STORE_BYTES: RangeInclusive<u64> = MIB..=64 * TIB;

/// Returns a number that is within bounds; the error says what is allowed.
pub(crate) fn within(number: u64, bounds: &RangeInclusive<u64>) -> Result<u64, String> {
    if number < *bounds.start() {
        Err(format!("`{number}` is too small: at least {}", in_units(*bounds.start())))
    } else if number > *bounds.end() {
        Err(format!("`{number}` is too large: at most {}", in_units(*bounds.end())))
    } else {
        Ok(number)
    }
}

/// Returns a number that is not 0.
pub(crate) fn at_least_one<T: PartialEq + Default + Display>(number: T) -> Result<T, String> {
    if number == T::default() { Err(format!("`{number}` is too small: at least 1")) } else { Ok(number) }
}

/// Writes a number of bytes, followed by the same in MiB or TiB.
fn in_units(bytes: u64) -> String {
    if bytes >= TIB { format!("{bytes} ({} TiB)", bytes / TIB) } else { format!("{bytes} ({} MiB)", bytes / MIB) }
}

/// Deserializes a number that is not 0.
pub(super) fn positive<'de, D, T>(from: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + PartialEq + Default + Display,
{
    at_least_one(T::deserialize(from)?).map_err(D::Error::custom)
}

/// Deserializes `max_account_bytes`.
pub(super) fn account_bytes<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    within(u64::deserialize(from)?, &ACCOUNT_BYTES).map_err(D::Error::custom)
}

/// Deserializes `max_store_bytes`; null leaves it unset.
pub(super) fn store_bytes<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let bytes = Option::<u64>::deserialize(from)?;
    bytes.map(|bytes| within(bytes, &STORE_BYTES)).transpose().map_err(D::Error::custom)
}

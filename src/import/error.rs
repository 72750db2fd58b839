//! What goes wrong in an import: for one record, or for the whole.

use url::Url;

use super::label::RecordLabel;
use super::reason::{SkipReason, SourceFault};
use crate::error::Error;

/// A record that was left out, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedRecord {
    /// Which record, so that a person finds it in the source: `account ann, document 3`.
    pub record: RecordLabel,
    /// Why it was left out.
    pub reason: SkipReason,
}

/// Why a record of an export was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RecordError {
    /// This record cannot be imported; those after it can.
    Skipped(SkippedRecord),
    /// The export as a whole cannot be read: it is cut off, of a newer format, or no export.
    Unreadable(SourceFault),
}

impl RecordError {
    pub(super) fn skipped(record: impl Into<RecordLabel>, reason: impl Into<SkipReason>) -> Self {
        Self::Skipped(SkippedRecord { record: record.into(), reason: reason.into() })
    }
}

/// Why an import failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The source cannot be reached or read, or is not what it should be.
    #[error("{origin}: {reason}")]
    Unreadable {
        /// The file or the address, without a password in it.
        origin: String,
        /// Why it cannot be read.
        reason: SourceFault,
    },

    /// The other server accepted neither the password nor the account as an administrator's.
    #[error("{origin}: the server refuses `{name}`: the password is wrong, or the account is no administrator")]
    Refused {
        /// The address, without a password in it.
        origin: String,
        /// The account whose password was sent.
        name: String,
    },

    /// The store cannot be read or written. What was imported before stays; repeat the import.
    #[error(transparent)]
    Store(#[from] Error),
}

impl ImportError {
    pub(super) fn unreadable(origin: impl ToString, reason: impl Into<SourceFault>) -> Self {
        Self::Unreadable { origin: origin.to_string(), reason: reason.into() }
    }

    /// Like [`unreadable`](Self::unreadable), with the text of another error.
    pub(super) fn other(origin: impl ToString, reason: impl ToString) -> Self {
        Self::unreadable(origin, SourceFault::Other(reason.to_string()))
    }
}

/// Removes the user name and the password from an address, for messages.
pub(crate) fn redacted(origin: &str) -> String {
    let Some((scheme, rest)) = origin.split_once("://") else { return origin.to_owned() };
    if !rest.contains('@') {
        return origin.to_owned();
    }
    match Url::parse(origin) {
        // Neither call fails for an address with a host, and without one there is no user.
        Ok(mut url) => {
            let _ = url.set_username("").and_then(|()| url.set_password(None));
            url.into()
        }
        // Not an address, but what was typed before the `@` may be a password all the same.
        Err(_) => format!("{scheme}://{}", rest.rsplit('@').next().unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_left_in_an_address() {
        for (address, shown) in [
            ("redis://u:secret@h:6379/1", "redis://h:6379/1"),
            ("redis://:secret@h/1", "redis://h/1"),
            ("https://books.example", "https://books.example"),
            ("books.jsonl", "books.jsonl"),
            ("https://books.example/@me", "https://books.example/@me"),
            ("redis://u:sec/ret@h/1", "redis://h/1"),
            ("redis://:secret@[/1", "redis://[/1"),
            ("C:\\Kosync.db", "C:\\Kosync.db"),
        ] {
            assert_eq!(redacted(address), shown);
        }
    }
}

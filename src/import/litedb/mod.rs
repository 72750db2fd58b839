//! Reads accounts and positions from kosync-dotnet's database `Kosync.db`, a file of LiteDB 5.
//!
//! # The log
//! What is not yet in the data file is in a log beside it, see [`log_path`]. **A data file without its log can look whole and
//! be stale**, and nothing in it shows that, so both must be read. Only where LiteDB was killed while it copied the log into the
//! data file, pages behind the end of the database may tell.
//!
//! # Damage
//! LiteDB keeps no checksums, so a changed byte within a text goes unnoticed. The whole file is refused if pages are missing, or
//! if there is damage in what leads to the accounts: an intact copy has more then. Damage within an account's record leaves out
//! that account, or the affected positions, and the rest is read.
//!
//! The file is not trusted: memory and time grow with its size, whatever is in it.

mod bson;
mod collection;
mod cursor;
mod pages;
#[cfg(test)]
mod tests;
mod users;

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use self::collection::{Collection, DamagedRecord};
use self::pages::Pages;
use super::source::{SkipCollector, Source};

/// The text in page 0 by which a database is recognised, and where. The version of the format follows it.
const TITLE: &[u8] = b"** This is a LiteDB file **";
const TITLE_AT: usize = 32;
const VERSION: u8 = 8;
/// The same in LiteDB 4 and older, whose pages have another header.
const OLD_TITLE_AT: usize = 25;

/// An encrypted file begins with a one, 16 bytes of salt, and zeros; bytes 32 to 63 verify the password.
const ENCRYPTED: u8 = 1;
const AFTER_SALT: std::ops::Range<usize> = 17..32;
const AFTER_PASSWORD_CHECK: usize = 64;

/// The collection in which kosync-dotnet keeps its accounts.
const USERS: &str = "users";

/// Why a database cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum LiteDbError {
    #[error("the file is empty")]
    Empty,
    #[error("this is not a LiteDB database")]
    NotLiteDb,
    #[error("the database is encrypted; remove its password with LiteDB, then try again")]
    Encrypted,
    #[error("the database is from LiteDB 4; open it once with LiteDB 5, which upgrades it, then try again")]
    TooOld,
    #[error("the database has version {version} of LiteDB's format; only version 8, that of LiteDB 5, is supported")]
    UnknownVersion { version: u8 },
    #[error("LiteDB has marked the database as damaged; let LiteDB rebuild it, then try again")]
    NeedsRebuild,
    /// A page is neither in the file nor in the log.
    #[error(
        "page {page} is missing: the file is cut off, or its log (Kosync-log.db beside Kosync.db) was not copied with it"
    )]
    MissingPage { page: u32 },
    /// There is damage in what leads to the accounts.
    #[error(
        "the database is damaged, or its log (Kosync-log.db beside Kosync.db) was not copied with it: page {page}: {what}"
    )]
    Damaged { page: u32, what: &'static str },
    /// `index` counts the pages of the log from 0.
    #[error("the log is damaged, or is not a log of LiteDB: there is no valid page at byte {}", index * pages::PAGE)]
    DamagedLog { index: usize },
    #[error("the log belongs to another database")]
    ForeignLog,
    #[error(
        "the database has no collection `users`: it is not kosync-dotnet's, was never used, \
         or its log (Kosync-log.db beside Kosync.db) was not copied with it"
    )]
    NoUsers,
}

/// Returns whether a file is a LiteDB database, by its first 64 bytes or more. [`read`] may still refuse it as encrypted or too
/// old.
pub(super) fn is_litedb(start: &[u8]) -> bool {
    !matches!(recognize(start), Err(LiteDbError::Empty | LiteDbError::NotLiteDb))
}

/// Returns where the log of a data file is, if there is one: `Kosync-log.db` beside `Kosync.db`.
pub(super) fn log_path(data: &Path) -> PathBuf {
    let mut name = data.file_stem().map(OsString::from).unwrap_or_default();
    name.push("-log");
    if let Some(extension) = data.extension() {
        name.push(".");
        name.push(extension);
    }
    data.with_file_name(name)
}

/// Reads a data file together with the content of its log.
///
/// # Errors
/// [`LiteDbError`] if the file is of another kind, encrypted, of another version, or damaged in what leads to the accounts.
pub(super) fn read(data: &[u8], log: Option<&[u8]>) -> Result<Source, LiteDbError> {
    recognize(data)?;
    let pages = Pages::open(data, log.unwrap_or_default())?;
    let mut users = Collection::open(&pages, USERS)?;
    let (mut accounts, mut skipped) = (Vec::new(), SkipCollector::default());
    let documents = users.documents()?;
    for at in &documents {
        match users.document(*at) {
            Ok(record) => match users::account(&record, &mut skipped) {
                Ok(account) => accounts.push(account),
                Err(reason) => skipped.add(|| users::label(&record, *at), reason),
            },
            Err(DamagedRecord { error: error @ LiteDbError::MissingPage { .. }, .. }) => return Err(error),
            Err(DamagedRecord { error, beginning }) => skipped.add(|| users::label(&beginning, *at), error),
        }
    }
    if let beyond @ 1.. = pages.beyond_end() {
        let reason = format_args!(
            "the file has {beyond} pages more than the database: its log (Kosync-log.db beside Kosync.db) was not copied with it, \
             and the latest positions are missing"
        );
        skipped.add(|| "the end of the file".into(), reason);
    }
    // LiteDB would not find records outside of the index either, but a person may miss the account.
    let listed: HashSet<_> = documents.into_iter().collect();
    for at in users.beginnings().filter(|at| !listed.contains(at)) {
        skipped.add(|| users::label(&[], at), "the index of the accounts does not contain it");
    }
    Ok(Source { accounts, skipped: skipped.finish(), any_case: true })
}

/// Recognises a file by its first bytes.
fn recognize(start: &[u8]) -> Result<(), LiteDbError> {
    let titled =
        |at: usize| start.get(at..).and_then(|rest| rest.strip_prefix(TITLE)).map(|rest| rest.first().copied());
    if let Some(version) = titled(TITLE_AT) {
        return match version {
            Some(VERSION) => Ok(()),
            Some(version) => Err(LiteDbError::UnknownVersion { version }),
            None => Err(LiteDbError::MissingPage { page: 0 }),
        };
    }
    if titled(OLD_TITLE_AT).is_some() {
        return Err(LiteDbError::TooOld);
    }
    let zeros = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    let first_page = &start[..start.len().min(pages::PAGE)];
    if start.first() == Some(&ENCRYPTED)
        && zeros(start.get(AFTER_SALT))
        && zeros(first_page.get(AFTER_PASSWORD_CHECK..))
    {
        return Err(LiteDbError::Encrypted);
    }
    Err(if start.is_empty() { LiteDbError::Empty } else { LiteDbError::NotLiteDb })
}

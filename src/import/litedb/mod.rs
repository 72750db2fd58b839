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
use super::label::LabelPart;
use super::reason::{DatabaseFault, SkipReason};
use super::source::{SkipCollector, Source};

/// The text in page 0 by which a database is recognised, and where. The version of the format follows it.
const TITLE: &[u8] = b"** This is a LiteDB file **";
const TITLE_AT: usize = 32;
const VERSION: u8 = 8;
/// The same in LiteDB 4 and older, whose pages have another header.
const OLD_TITLE_AT: usize = 25;

/// An encrypted file begins with a one, 16 bytes of salt, and zeros. Bytes 32 to 63 verify the password.
const ENCRYPTED: u8 = 1;
const AFTER_SALT: std::ops::Range<usize> = 17..32;
const AFTER_PASSWORD_CHECK: usize = 64;

/// The collection in which kosync-dotnet keeps its accounts.
const USERS: &str = "users";

/// Returns whether a file is a LiteDB database, by its first 64 bytes or more. [`read`] may still refuse it as encrypted or too
/// old.
pub(super) fn is_litedb(start: &[u8]) -> bool {
    !matches!(recognize(start), Err(DatabaseFault::Empty | DatabaseFault::NotLiteDb))
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
/// [`DatabaseFault`] if the file is of another kind, encrypted, of another version, or damaged in what leads to the accounts.
pub(super) fn read(data: &[u8], log: Option<&[u8]>) -> Result<Source, DatabaseFault> {
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
            Err(DamagedRecord { error: error @ DatabaseFault::MissingPage { .. }, .. }) => return Err(error),
            Err(DamagedRecord { error, beginning }) => {
                skipped.add(|| users::label(&beginning, *at), SkipReason::Damaged(error.to_string()));
            }
        }
    }
    if let pages @ 1.. = pages.beyond_end() {
        skipped.add(|| LabelPart::EndOfFile.into(), SkipReason::LogMissing { pages });
    }
    // LiteDB would not find records outside of the index either, but a person may miss the account.
    let listed: HashSet<_> = documents.into_iter().collect();
    for at in users.beginnings().filter(|at| !listed.contains(at)) {
        skipped.add(|| users::label(&[], at), SkipReason::NotIndexed);
    }
    Ok(Source { accounts, skipped: skipped.finish(), any_case: true })
}

/// Recognises a file by its first bytes.
fn recognize(start: &[u8]) -> Result<(), DatabaseFault> {
    let titled =
        |at: usize| start.get(at..).and_then(|rest| rest.strip_prefix(TITLE)).map(|rest| rest.first().copied());
    if let Some(version) = titled(TITLE_AT) {
        return match version {
            Some(VERSION) => Ok(()),
            Some(version) => Err(DatabaseFault::UnknownVersion { version }),
            None => Err(DatabaseFault::MissingPage { page: 0 }),
        };
    }
    if titled(OLD_TITLE_AT).is_some() {
        return Err(DatabaseFault::TooOld);
    }
    let zeros = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    let first_page = &start[..start.len().min(pages::PAGE)];
    if start.first() == Some(&ENCRYPTED)
        && zeros(start.get(AFTER_SALT))
        && zeros(first_page.get(AFTER_PASSWORD_CHECK..))
    {
        return Err(DatabaseFault::Encrypted);
    }
    Err(if start.is_empty() { DatabaseFault::Empty } else { DatabaseFault::NotLiteDb })
}

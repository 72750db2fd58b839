//! Accounts and positions out of kosync-dotnet's database, a file of LiteDB 5: `Kosync.db`.
//!
//! ```
//! use kosync::import::litedb::{self, Unreadable};
//!
//! assert_eq!(litedb::log_path("/data/Kosync.db".as_ref()).to_str(), Some("/data/Kosync-log.db"));
//! assert_eq!(litedb::read(b"PK", None), Err(Unreadable::NotLiteDb));
//! ```
//!
//! # The log
//! While something is not yet in the data file, it is in a log beside it. **A data file without its log can look whole
//! and be stale**, and nothing in it tells: so whoever reads a data file must look for a file at [`log_path`], and pass
//! what is in it.
//!
//! # What is damaged
//! LiteDB keeps no checksums, so a changed byte within a text goes unnoticed. Where damage shows, the whole file is
//! refused if it is in what leads to the accounts, or if pages are missing: a whole copy has more then. Damage within
//! one account's record leaves that account out, or the positions that it hits, and the rest is read.
//!
//! Nothing here trusts the file: it takes memory and time in proportion to its size, whatever is in it.

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

use self::collection::{Broken, Collection};
use self::pages::Pages;
use super::source::{Skips, Source};

/// How every database begins, and where. The byte behind it is the version of the file's format.
const TITLE: &[u8] = b"** This is a LiteDB file **";
const TITLE_AT: usize = 32;
const VERSION: u8 = 8;
/// The same in LiteDB 4 and older, whose pages have another header.
const OLD_TITLE_AT: usize = 25;

/// How an encrypted file begins: a one, 16 bytes of salt, zeros, and from 32 on 32 bytes to try the password on.
const ENCRYPTED: u8 = 1;
const AFTER_SALT: std::ops::Range<usize> = 17..32;
const AFTER_TRIAL: usize = 64;

/// The collection that kosync-dotnet keeps its accounts in.
const USERS: &str = "users";

/// Why a file yields nothing, in words for whoever asked for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unreadable {
    /// There is nothing in the file.
    #[error("the file is empty")]
    Empty,
    /// It is some other file.
    #[error("it is not a LiteDB database")]
    NotLiteDb,
    /// It has a password.
    #[error("the database has a password and is encrypted; take the password off with LiteDB, then try again")]
    Encrypted,
    /// It is LiteDB 4's, or older.
    #[error("the database is one of LiteDB 4; open it once with LiteDB 5, which upgrades it, then try again")]
    TooOld,
    /// It is of a version that nobody had heard of when this was written.
    #[error("the database has version {version} of LiteDB's format; only version 8 can be read, that of LiteDB 5")]
    UnknownVersion {
        /// The version that the file has.
        version: u8,
    },
    /// LiteDB has found damage and said so in the file.
    #[error("LiteDB has marked the database as damaged; let LiteDB rebuild it, then try again")]
    NeedsRebuild,
    /// A page is neither in the file nor in the log.
    #[error(
        "page {page} is missing: the file is cut off, or its log (Kosync-log.db beside Kosync.db) was not copied along"
    )]
    Missing {
        /// The page's number.
        page: u32,
    },
    /// What leads to the accounts is not as it should be.
    #[error(
        "the database is damaged, or its log (Kosync-log.db beside Kosync.db) was not copied along: page {page}: {what}"
    )]
    Damaged {
        /// The page's number.
        page: u32,
        /// What is wrong there.
        what: &'static str,
    },
    /// The log has a page that cannot be one.
    #[error("the log is damaged, or is no log of LiteDB: the page at {} is none", place * pages::PAGE)]
    DamagedLog {
        /// Which one it is in the log, counted from 0.
        place: usize,
    },
    /// The log is that of another database.
    #[error("the log belongs to another database")]
    ForeignLog,
    /// There is no collection `users`.
    #[error(
        "the database has no collection `users`: it is not kosync-dotnet's, or nobody has used it, \
         or its log (Kosync-log.db beside Kosync.db) was not copied along"
    )]
    NoUsers,
}

/// Whether a file is one of LiteDB, by its first 64 bytes or more. It may still be one that [`read`] refuses:
/// encrypted, or too old.
pub fn is_litedb(start: &[u8]) -> bool {
    !matches!(recognize(start), Err(Unreadable::Empty | Unreadable::NotLiteDb))
}

/// Where the log of a data file is, if there is one: `Kosync-log.db` beside `Kosync.db`.
pub fn log_path(data: &Path) -> PathBuf {
    let mut name = data.file_stem().map(OsString::from).unwrap_or_default();
    name.push("-log");
    if let Some(extension) = data.extension() {
        name.push(".");
        name.push(extension);
    }
    data.with_file_name(name)
}

/// Reads a data file, together with what is in its log. See the [module](self) for why the log matters, and for what
/// becomes of damage.
///
/// # Errors
/// [`Unreadable`] says why the file yields nothing.
pub fn read(data: &[u8], log: Option<&[u8]>) -> Result<Source, Unreadable> {
    recognize(data)?;
    let pages = Pages::open(data, log.unwrap_or_default())?;
    let mut users = Collection::open(&pages, USERS)?;
    let (mut accounts, mut skips) = (Vec::new(), Skips::default());
    let documents = users.documents()?;
    for at in &documents {
        match users.document(*at) {
            Ok(record) => match users::account(&record, &mut skips) {
                Ok(account) => accounts.push(account),
                Err(why) => skips.add(|| users::label(&record, *at), why),
            },
            Err(Broken { why: why @ Unreadable::Missing { .. }, .. }) => return Err(why),
            Err(Broken { why, beginning }) => skips.add(|| users::label(&beginning, *at), why),
        }
    }
    // Whatever else looks like an account: LiteDB would not find it either, but somebody may miss it.
    let listed: HashSet<_> = documents.into_iter().collect();
    for at in users.beginnings().filter(|at| !listed.contains(at)) {
        skips.add(|| users::label(&[], at), "the index of the accounts does not lead to it");
    }
    Ok(Source { accounts, skipped: skips.finish(), any_case: true })
}

/// Tells by a file's first bytes what it is.
fn recognize(start: &[u8]) -> Result<(), Unreadable> {
    let titled =
        |at: usize| start.get(at..).and_then(|rest| rest.strip_prefix(TITLE)).map(|rest| rest.first().copied());
    if let Some(version) = titled(TITLE_AT) {
        return match version {
            Some(VERSION) => Ok(()),
            Some(version) => Err(Unreadable::UnknownVersion { version }),
            None => Err(Unreadable::Missing { page: 0 }),
        };
    }
    if titled(OLD_TITLE_AT).is_some() {
        return Err(Unreadable::TooOld);
    }
    let zeros = |bytes: Option<&[u8]>| bytes.is_some_and(|bytes| bytes.iter().all(|byte| *byte == 0));
    let first_page = &start[..start.len().min(pages::PAGE)];
    if start.first() == Some(&ENCRYPTED) && zeros(start.get(AFTER_SALT)) && zeros(first_page.get(AFTER_TRIAL..)) {
        return Err(Unreadable::Encrypted);
    }
    Err(if start.is_empty() { Unreadable::Empty } else { Unreadable::NotLiteDb })
}

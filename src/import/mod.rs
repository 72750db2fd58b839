//! Moving in: what an export or another server has, taken into the store.
//!
//! A source is gone through twice. The first time nothing is written: it is found out what there is to do, and a file that is cut
//! off or no such file at all is refused before anything has changed. The second time it is taken in, slice by slice, between
//! which the server that may run beside is let in. Taking in is idempotent, so one that was interrupted is done again.

pub mod lines;
pub mod litedb;
mod origin;
pub mod source;

use std::collections::HashSet;
use std::time::Instant;

pub use self::lines::{Counts, export, export_to_file};
pub use self::origin::Origin;
use self::source::Skipped;
use crate::error::Error;
use crate::model::{ADMIN, Key, Progress, StoredKey, Username};
use crate::server::Server;
use crate::store::{ImportOutcome, Transferred, TransferredAccount, TransferredDocument};

/// Bytes that are written in one commit, about: a few milliseconds, in which pushes wait.
const BATCH_BYTES: usize = 64 * 1024;
/// After so many documents the progress is told.
const PROGRESS_STEP: u64 = 256;
/// Records that are named, each with why it was left out. More are only counted.
const MAX_REPORTED: usize = 1000;

/// What cannot be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RecordError {
    /// One record.
    Skipped(Skipped),
    /// All of it: it is not what it seems to be, or is cut off.
    Unreadable(String),
}

/// What is known of how an account logs in.
enum SourceKey {
    /// As a store of ours keeps it.
    Stored(StoredKey),
    /// As its devices send it.
    Sent(Key),
    /// Nothing: somebody must set a password.
    Unknown,
}

struct IncomingAccount {
    name: Username,
    login: SourceKey,
    active: bool,
    administrator: bool,
    created: u64,
    last_used: u64,
    any_case: bool,
}

enum Incoming {
    Account(IncomingAccount),
    Document(TransferredDocument),
}

/// What was done, or would be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Accounts that were made.
    pub accounts_made: u64,
    /// Accounts that were there, and keep their password and rights.
    pub accounts_there: u64,
    /// Documents that were not there.
    pub documents_made: u64,
    /// Documents that have gone on to a newer position. What was there is in their history.
    pub documents_gone_on: u64,
    /// Documents whose position here is as new or newer, and stays.
    pub documents_there: u64,
    /// Records that are left out: the first 1,000.
    pub skipped: Vec<Skipped>,
    /// How many records are left out.
    pub skipped_count: u64,
    /// Accounts that were made without a password, since the source does not tell it, or tells one that everybody knows.
    pub without_password: Vec<Username>,
    /// The source has a reader whose name is `admin`, which is the administrator's name here.
    pub reader_named_admin: bool,
}

impl Report {
    fn skip(&mut self, skipped: Skipped) {
        self.skipped_count += 1;
        if self.skipped.len() < MAX_REPORTED {
            self.skipped.push(skipped);
        }
    }

    fn count_document(&mut self, taken: ImportOutcome) {
        match taken {
            ImportOutcome::Created => self.documents_made += 1,
            ImportOutcome::Advanced => self.documents_gone_on += 1,
            ImportOutcome::Unchanged | ImportOutcome::NoAccount => self.documents_there += 1,
        }
    }

    fn count_account(&mut self, made: bool) {
        if made {
            self.accounts_made += 1;
        } else {
            self.accounts_there += 1;
        }
    }

    /// Documents that were looked at.
    pub fn documents(&self) -> u64 {
        self.documents_made + self.documents_gone_on + self.documents_there
    }
}

/// Why nothing, or no more, was taken in.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// The source cannot be read. Nothing was changed.
    #[error("{0}")]
    Unreadable(String),
    /// The store cannot be read or written. What was taken in until then stays; do it again.
    #[error(transparent)]
    Store(#[from] Error),
}

/// Finds out what taking a source in would do. Nothing is changed.
///
/// `progress` is told now and then how far it is.
///
/// # Errors
/// [`ImportError`].
pub fn preview(server: &Server, origin: &Origin, mut progress: impl FnMut(&Report)) -> Result<Report, ImportError> {
    let mut report = Report::default();
    let mut made = HashSet::new();
    for record in origin.records()? {
        match record {
            Ok(Incoming::Account(account)) => {
                report.reader_named_admin |= account.name.as_str() == ADMIN && !account.administrator;
                let is_new = server.store().user(&account.name)?.is_none() && !made.contains(&account.name);
                report.count_account(is_new);
                if is_new {
                    if matches!(account.login, SourceKey::Unknown) {
                        report.without_password.push(account.name.clone());
                    }
                    made.insert(account.name);
                }
            }
            Ok(Incoming::Document(document)) => {
                let what = format!("account {}, document {}", document.account, document.document);
                let is_new = made.contains(&document.account);
                match server.store().preview_import(&Transferred::Document(document))? {
                    ImportOutcome::NoAccount if !is_new => {
                        report.skip(Skipped { what, why: "its account is not there".into() });
                    }
                    ImportOutcome::NoAccount => report.count_document(ImportOutcome::Created),
                    taken => report.count_document(taken),
                }
                if report.documents().is_multiple_of(PROGRESS_STEP) {
                    progress(&report);
                }
            }
            Err(RecordError::Skipped(skipped)) => report.skip(skipped),
            Err(RecordError::Unreadable(why)) => return Err(ImportError::Unreadable(why)),
        }
    }
    Ok(report)
}

/// Takes a source in: accounts and documents that are not there are made, and of a document that is there the newest position
/// wins. Doing it again changes nothing more.
///
/// # Errors
/// [`ImportError`]. That a source cannot be read was found out by [`preview`], whose report this takes.
pub async fn import(
    server: &Server,
    origin: &Origin,
    previewed: Report,
    mut progress: impl FnMut(&Report),
) -> Result<Report, ImportError> {
    let Report { skipped, skipped_count, reader_named_admin, .. } = previewed;
    let mut report = Report { skipped, skipped_count, reader_named_admin, ..Report::default() };
    let (mut slice, mut size) = (Vec::new(), 0);
    let mut without = HashSet::new();
    for record in origin.records()? {
        match record {
            Ok(Incoming::Account(account)) => {
                if server.store().user(&account.name)?.is_some() {
                    report.count_account(false);
                    continue;
                }
                if matches!(account.login, SourceKey::Unknown) {
                    without.insert(account.name.clone());
                }
                slice.push(Transferred::Account(with_key(server, account).await?));
                size += 256;
            }
            Ok(Incoming::Document(document)) => {
                size += bytes(&document);
                slice.push(Transferred::Document(document));
            }
            // Told by the first look.
            Err(RecordError::Skipped(_)) => {}
            Err(RecordError::Unreadable(why)) => return Err(ImportError::Unreadable(why)),
        }
        if size >= BATCH_BYTES {
            import_batch(server, std::mem::take(&mut slice), &mut report, &without).await?;
            size = 0;
            progress(&report);
        }
    }
    import_batch(server, slice, &mut report, &without).await?;
    Ok(report)
}

/// About how many bytes a document has.
fn bytes(document: &TransferredDocument) -> usize {
    let texts = |progress: &Progress| progress.progress.len() + progress.device.len();
    document.history.iter().map(|entry| 64 + texts(&entry.progress)).sum()
}

async fn import_batch(
    server: &Server,
    slice: Vec<Transferred>,
    report: &mut Report,
    without_password: &HashSet<Username>,
) -> Result<(), Error> {
    let accounts: Vec<Option<Username>> = slice
        .iter()
        .map(|what| match what {
            Transferred::Account(account) => Some(account.name.clone()),
            Transferred::Document(_) => None,
        })
        .collect();
    let start = Instant::now();
    let taken = server.store().import_batch(slice).await?;
    for (account, taken) in accounts.into_iter().zip(taken) {
        match (account, taken) {
            (Some(name), taken) => {
                report.count_account(taken == ImportOutcome::Created);
                if taken == ImportOutcome::Created && without_password.contains(&name) {
                    report.without_password.push(name);
                }
            }
            // Left out, and told by the first look.
            (None, ImportOutcome::NoAccount) => {}
            (None, taken) => report.count_document(taken),
        }
    }
    // The lock that writers of all processes take is not fair: whoever lets go of it and wants it again at once mostly gets it. A
    // server that runs beside this gets as much time as it takes.
    tokio::time::sleep(start.elapsed()).await;
    Ok(())
}

async fn with_key(server: &Server, account: IncomingAccount) -> Result<TransferredAccount, Error> {
    let IncomingAccount { name, login, active, administrator, created, last_used, any_case } = account;
    let key = match login {
        SourceKey::Stored(key) => key,
        SourceKey::Sent(key) => server.state.auth.hash(key).await?,
        SourceKey::Unknown => server.state.auth.hash(crate::auth::password::random_key()?).await?,
    };
    Ok(TransferredAccount { name, key, active, administrator, created, last_used, any_case })
}

//! Imports exports and the data of other servers into a store.
//!
//! An import reads its source twice. [`preview`] writes nothing: it counts what there is to do, and refuses a source that is cut
//! off or of another kind before anything has changed. [`import`] then writes in small batches, and waits between them so that a
//! server on the same data directory can write, too. Importing a source again changes nothing, so an interrupted import is
//! simply repeated.
//!
//! An account whose name exists here with another password is left alone, with all its documents: it may belong to another person.
//! [`Origin::merge`] names those that are not.
//!
//! ```
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! # let dir = tempfile::tempdir().unwrap();
//! use kosync::import::{self, Origin, Source, SourceAccount, SourcePosition};
//!
//! let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
//! let position = SourcePosition { document: "emma".into(), progress: "/p[7]".into(), percentage: 0.25, ..Default::default() };
//! let ada = SourceAccount { name: "ada".into(), active: true, positions: vec![position], ..Default::default() };
//! let origin = Origin::from_source(Source { accounts: vec![ada], ..Default::default() });
//!
//! let preview = import::preview(&kosync, &origin, |_| {})?;
//! let report = import::import(&kosync, &origin, preview, |_| {}).await?;
//! assert_eq!((report.accounts_created, report.documents_created), (1, 1));
//! # Ok::<(), import::ImportError>(()) }).unwrap();
//! ```

mod error;
mod export_file;
pub(crate) mod job;
mod label;
mod litedb;
mod management_api;
mod origin;
mod ownership;
mod reason;
mod record;
mod redis;
mod report;
mod sentences;
mod source;
mod target;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;
use std::time::{Duration, Instant};

pub(crate) use self::error::redacted;
pub use self::error::{ImportError, RecordError, SkippedRecord};
pub(crate) use self::export_file::export_accounts;
pub use self::export_file::{ExportCounts, ExportReader, ExportWriter, export, export_to_file};
pub use self::label::{LabelPart, RecordLabel};
pub use self::origin::Origin;
use self::ownership::{Owners, Ownership};
pub use self::reason::{DatabaseFault, LineFault, SkipReason, SourceFault};
use self::record::{ImportAccount, ImportRecord, SourceKey};
pub use self::report::ImportReport;
pub(crate) use self::sentences::STOPPED;
pub use self::source::{Source, SourceAccount, SourcePosition};
pub use self::target::ImportTarget;
use crate::auth::password;
use crate::error::Error;
use crate::model::{ADMIN, Progress, Username};
use crate::store::{ImportOutcome, Transferred, TransferredAccount, TransferredDocument};

/// Approximate size of one commit, in bytes. It takes a few milliseconds, during which pushes wait.
const BATCH_BYTES: usize = 64 * 1024;
/// What an account counts in a batch, in bytes.
const ACCOUNT_BYTES: usize = 256;
/// What an alias counts in a batch, in bytes.
const ALIAS_BYTES: usize = 128;
/// Wait before the next try where the server has too many logins to verify.
const BUSY_PAUSE: Duration = Duration::from_millis(250);
/// Documents between two calls of a preview's `progress`.
const PROGRESS_STEP: u64 = 256;

/// Counts what importing a source would do, and changes nothing.
///
/// Calls `progress` for each account and every 256 documents. Blocks the thread, tens of milliseconds for each account that exists here.
///
/// # Errors
/// [`ImportError::Unreadable`] if the source is cut off or of another kind, or lacks an account of [`Origin::merge`];
/// [`ImportError::Store`] if the store cannot be read.
pub fn preview<'a>(
    server: impl Into<ImportTarget<'a>>,
    origin: &Origin,
    mut progress: impl FnMut(&ImportReport),
) -> Result<ImportReport, ImportError> {
    preview_while(server.into(), origin, |report| {
        progress(report);
        ControlFlow::Continue(())
    })
}

/// Like [`preview`], until `progress` breaks.
///
/// # Errors
/// Those of [`preview`], and [`Error::StoreClosed`] after a break.
pub(crate) fn preview_while(
    target: ImportTarget<'_>,
    origin: &Origin,
    mut progress: impl FnMut(&ImportReport) -> ControlFlow<()>,
) -> Result<ImportReport, ImportError> {
    let store = target.store;
    let mut report = ImportReport { lacks_log: origin.lacks_log(), ..ImportReport::default() };
    let mut owners = Owners::new(store, origin, HashMap::new());
    for record in origin.records()? {
        match record {
            Ok(ImportRecord::Account(account)) => {
                // Comparing passwords takes long.
                go_on(progress(&report))?;
                report.reader_named_admin |= account.fields.name.as_str() == ADMIN && !account.fields.administrator;
                let is_listed_again = owners.decided(&account.fields.name).is_some();
                match owners.decide(&account.fields.name, &account.key)? {
                    Ownership::New if !is_listed_again => {
                        report.accounts_created += 1;
                        if matches!(account.key, SourceKey::Unknown) {
                            report.without_password.push(account.fields.name);
                        }
                    }
                    Ownership::New | Ownership::Same => report.accounts_unchanged += 1,
                    Ownership::Other => report.skip_account(account.fields.name, ownership::reason(&account.key)),
                }
            }
            Ok(ImportRecord::Document(mut document)) => {
                let name = document.account.clone();
                let ownership = owners.decide_document(&name)?;
                document.account = owners.target(&name);
                match ownership {
                    Some(Ownership::New) => report.count_document(ImportOutcome::Created),
                    Some(Ownership::Same) => {
                        report.count_document(store.preview_import(&Transferred::Document(document))?);
                    }
                    Some(Ownership::Other) => {
                        report.skip_account(name, ownership::reason(&SourceKey::Unknown));
                        report.other_password_documents += 1;
                    }
                    None => {
                        let part = LabelPart::Document(document.document.to_string());
                        report.skip(without_account(&name, part));
                    }
                }
                if report.documents().is_multiple_of(PROGRESS_STEP) {
                    go_on(progress(&report))?;
                }
            }
            Ok(ImportRecord::Alias(mut alias)) => match owners.decide_document(&alias.account)? {
                Some(Ownership::New) => report.count_alias(ImportOutcome::Created),
                Some(Ownership::Same) => {
                    alias.account = owners.target(&alias.account);
                    report.count_alias(store.preview_import(&Transferred::Alias(alias))?);
                }
                Some(Ownership::Other) => report.skip_account(alias.account, ownership::reason(&SourceKey::Unknown)),
                None => {
                    report.skip(without_account(&alias.account, LabelPart::Alias(alias.value.to_string())));
                }
            },
            // They belong to documents that are counted.
            Ok(ImportRecord::Book(_) | ImportRecord::Notes(_)) => {}
            Err(RecordError::Skipped(skipped)) => report.skip(skipped),
            Err(RecordError::Unreadable(reason)) => return Err(origin.unreadable(reason)),
        }
    }
    if let Some(missing) = origin.merged().iter().find(|name| owners.decided(name).is_none()) {
        return Err(origin.unreadable(SourceFault::NoMergedAccount { name: missing.to_string() }));
    }
    report.verified = owners.into_verified();
    Ok(report)
}

/// Imports a source: creates the accounts and documents that do not exist, and lets the newest position of the others win.
///
/// `previewed` is the report of [`preview`]; its skipped records are in the result, too. Calls `progress` after each commit.
///
/// # Errors
/// [`ImportError::Unreadable`] if the source has changed since the preview, [`ImportError::Store`] if the store cannot be read or
/// written. What was committed before stays; repeat the import.
pub async fn import<'a>(
    server: impl Into<ImportTarget<'a>>,
    origin: &Origin,
    previewed: ImportReport,
    mut progress: impl FnMut(&ImportReport),
) -> Result<ImportReport, ImportError> {
    let progress = |report: &ImportReport| {
        progress(report);
        ControlFlow::Continue(())
    };
    import_while(server.into(), origin, previewed, progress).await
}

/// Like [`import`], until `progress` breaks.
///
/// # Errors
/// Those of [`import`], and [`Error::StoreClosed`] after a break.
pub(crate) async fn import_while(
    target: ImportTarget<'_>,
    origin: &Origin,
    previewed: ImportReport,
    mut progress: impl FnMut(&ImportReport) -> ControlFlow<()>,
) -> Result<ImportReport, ImportError> {
    let ImportReport { skipped, skipped_count, reader_named_admin, lacks_log, other_password, verified, .. } =
        previewed;
    let mut report = ImportReport {
        skipped,
        skipped_count,
        reader_named_admin,
        lacks_log,
        other_password,
        ..ImportReport::default()
    };
    let mut owners = Owners::new(target.store, origin, verified);
    let mut batch = Batch::default();
    for record in origin.records()? {
        match record {
            Ok(ImportRecord::Account(account)) => {
                let is_listed_again = owners.decided(&account.fields.name).is_some();
                match owners.decide(&account.fields.name, &account.key)? {
                    Ownership::New if !is_listed_again => {
                        if matches!(account.key, SourceKey::Unknown) {
                            batch.without_password.insert(account.fields.name.clone());
                        }
                        go_on(progress(&report))?;
                        let account = hash_key(target, account).await?;
                        batch.push(Transferred::Account(account), ACCOUNT_BYTES);
                    }
                    Ownership::New | Ownership::Same => report.accounts_unchanged += 1,
                    Ownership::Other => report.skip_account(account.fields.name, ownership::reason(&account.key)),
                }
            }
            Ok(ImportRecord::Document(mut document)) => match owners.decide_document(&document.account)? {
                Some(Ownership::New | Ownership::Same) => {
                    document.account = owners.target(&document.account);
                    let bytes = size(&document);
                    batch.push(Transferred::Document(document), bytes);
                }
                Some(Ownership::Other) => report.other_password_documents += 1,
                // The preview has reported it as skipped.
                None => {}
            },
            Ok(ImportRecord::Book(mut book)) => {
                if let Some(Ownership::New | Ownership::Same) = owners.decide_document(&book.account)? {
                    book.account = owners.target(&book.account);
                    let bytes = 64 * (book.documents.len() + book.current.devices.len());
                    batch.push(Transferred::Book(book), bytes);
                }
            }
            Ok(ImportRecord::Alias(mut alias)) => {
                if let Some(Ownership::New | Ownership::Same) = owners.decide_document(&alias.account)? {
                    alias.account = owners.target(&alias.account);
                    batch.push(Transferred::Alias(alias), ALIAS_BYTES);
                }
            }
            Ok(ImportRecord::Notes(mut notes)) => {
                if let Some(Ownership::New | Ownership::Same) = owners.decide_document(&notes.account)? {
                    notes.account = owners.target(&notes.account);
                    let bytes = 16 * notes.days.len() + 64 * notes.devices.len();
                    batch.push(Transferred::Notes(notes), bytes);
                }
            }
            // The preview has reported it.
            Err(RecordError::Skipped(_)) => {}
            Err(RecordError::Unreadable(reason)) => return Err(origin.unreadable(reason)),
        }
        if batch.bytes >= BATCH_BYTES {
            batch.write(target, &mut report, &mut owners).await?;
            go_on(progress(&report))?;
        }
    }
    batch.write(target, &mut report, &mut owners).await?;
    Ok(report)
}

/// Returns a skipped document or alias whose account is neither in the source nor here.
fn without_account(account: &Username, part: LabelPart) -> SkippedRecord {
    let record = RecordLabel::from(LabelPart::Account(account.to_string())).and(part);
    SkippedRecord { record, reason: SkipReason::NoAccount }
}

/// Ends an import that its caller has stopped.
fn go_on(flow: ControlFlow<()>) -> Result<(), Error> {
    if flow.is_break() { Err(Error::StoreClosed) } else { Ok(()) }
}

/// Returns the approximate size of a document in a batch, in bytes.
fn size(document: &TransferredDocument) -> usize {
    let texts = |progress: &Progress| progress.progress.len() + progress.device.len();
    document.history.iter().map(|entry| 64 + texts(&entry.progress)).sum()
}

/// What a record is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Account,
    Document,
    Alias,
    /// It belongs to documents that are counted.
    Uncounted,
}

/// Records for the next commit.
#[derive(Default)]
struct Batch {
    records: Vec<Transferred>,
    bytes: usize,
    /// New accounts whose password the source does not have.
    without_password: HashSet<Username>,
}

impl Batch {
    fn push(&mut self, record: Transferred, bytes: usize) {
        self.records.push(record);
        self.bytes += bytes;
    }

    /// Writes the records, and is empty afterwards.
    async fn write(
        &mut self,
        target: ImportTarget<'_>,
        report: &mut ImportReport,
        owners: &mut Owners<'_>,
    ) -> Result<(), Error> {
        let Self { records, without_password, .. } = std::mem::take(self);
        let label = |record: &Transferred| match record {
            Transferred::Account(account) => (account.name.clone(), Kind::Account),
            Transferred::Document(document) => (document.account.clone(), Kind::Document),
            Transferred::Book(book) => (book.account.clone(), Kind::Uncounted),
            Transferred::Alias(alias) => (alias.account.clone(), Kind::Alias),
            Transferred::Notes(notes) => (notes.account.clone(), Kind::Uncounted),
        };
        let labels: Vec<(Username, Kind)> = records.iter().map(label).collect();
        let start = Instant::now();
        let outcomes = target.store.import_batch(records).await?;
        for ((name, kind), outcome) in labels.into_iter().zip(outcomes) {
            match outcome {
                _ if kind == Kind::Uncounted => {}
                outcome if kind == Kind::Alias => report.count_alias(outcome),
                ImportOutcome::Created if kind == Kind::Account => {
                    report.accounts_created += 1;
                    if without_password.contains(&name) {
                        report.without_password.push(name);
                    }
                }
                // It was created since it was looked for. A repeated import compares the passwords.
                _ if kind == Kind::Account => {
                    owners.set_other(&name);
                    report.skip_account(name, ownership::reason(&SourceKey::Unknown));
                }
                ImportOutcome::NoAccount => report.other_password_documents += 1,
                outcome => report.count_document(outcome),
            }
        }
        // LMDB's write lock, which all processes share, is not fair: a process that releases it and takes it again at once mostly wins.
        // The pause gives a server on the same data directory as much time as the commit took.
        tokio::time::sleep(start.elapsed()).await;
        Ok(())
    }
}

/// Hashes an account's key. One without a key gets a hash that no key matches.
async fn hash_key(target: ImportTarget<'_>, account: ImportAccount) -> Result<TransferredAccount, Error> {
    let ImportAccount { key, fields } = account;
    let key = match key {
        SourceKey::Hashed(key) => key,
        SourceKey::Plain(key) => loop {
            // Devices that log in go first.
            match target.auth.hash(key.clone()).await {
                Err(Error::Busy) => tokio::time::sleep(BUSY_PAUSE).await,
                hashed => break hashed?,
            }
        },
        SourceKey::Unknown => password::dummy_hash(),
    };
    Ok(TransferredAccount { key, ..fields })
}

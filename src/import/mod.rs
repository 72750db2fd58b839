//! Imports exports and the data of other servers into a store.
//!
//! An import reads its source twice. [`preview`] writes nothing: it counts what there is to do, and refuses a source that is cut
//! off or of another kind before anything has changed. [`import`] then writes in small batches, and waits between them so that a
//! server on the same data directory can write, too. Importing a source again changes nothing, so an interrupted import is
//! simply repeated.
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
mod litedb;
mod management_api;
mod origin;
mod record;
mod redis;
mod report;
mod source;

use std::collections::HashSet;
use std::time::Instant;

pub(crate) use self::error::redacted;
pub use self::error::{ImportError, RecordError, SkippedRecord};
pub use self::export_file::{ExportCounts, ExportReader, ExportWriter, export, export_to_file};
pub use self::origin::Origin;
use self::record::{ImportAccount, ImportRecord, SourceKey};
pub use self::report::ImportReport;
pub use self::source::{Source, SourceAccount, SourcePosition};
use crate::error::Error;
use crate::model::{ADMIN, Progress, Username};
use crate::server::Server;
use crate::store::{ImportOutcome, Transferred, TransferredAccount, TransferredDocument};

/// Approximate size of one commit, in bytes. It takes a few milliseconds, during which pushes wait.
const BATCH_BYTES: usize = 64 * 1024;
/// What an account counts in a batch, in bytes.
const ACCOUNT_BYTES: usize = 256;
/// Documents between two calls of a preview's `progress`.
const PROGRESS_STEP: u64 = 256;

/// Counts what importing a source would do, and changes nothing.
///
/// Calls `progress` every 256 documents. Blocks the thread.
///
/// # Errors
/// [`ImportError::Unreadable`] if the source is cut off or of another kind, [`ImportError::Store`] if the store cannot be read.
pub fn preview(
    server: &Server,
    origin: &Origin,
    mut progress: impl FnMut(&ImportReport),
) -> Result<ImportReport, ImportError> {
    let mut report = ImportReport::default();
    let mut created = HashSet::new();
    for record in origin.records()? {
        match record {
            Ok(ImportRecord::Account(account)) => {
                report.reader_named_admin |= account.name.as_str() == ADMIN && !account.administrator;
                let is_new = server.store().user(&account.name)?.is_none() && !created.contains(&account.name);
                report.count_account(is_new);
                if is_new {
                    if matches!(account.key, SourceKey::Unknown) {
                        report.without_password.push(account.name.clone());
                    }
                    created.insert(account.name);
                }
            }
            Ok(ImportRecord::Document(document)) => {
                let record = format!("account {}, document {}", document.account, document.document);
                let is_of_new_account = created.contains(&document.account);
                match server.store().preview_import(&Transferred::Document(document))? {
                    ImportOutcome::NoAccount if is_of_new_account => report.count_document(ImportOutcome::Created),
                    ImportOutcome::NoAccount => {
                        report.skip(SkippedRecord { record, reason: "its account does not exist".into() });
                    }
                    outcome => report.count_document(outcome),
                }
                if report.documents().is_multiple_of(PROGRESS_STEP) {
                    progress(&report);
                }
            }
            Err(RecordError::Skipped(skipped)) => report.skip(skipped),
            Err(RecordError::Unreadable(reason)) => return Err(origin.unreadable(&reason)),
        }
    }
    Ok(report)
}

/// Imports a source: creates the accounts and documents that do not exist, and lets the newest position of the others win.
///
/// `previewed` is the report of [`preview`]; its skipped records are in the result, too. Calls `progress` after each commit.
///
/// # Errors
/// [`ImportError::Unreadable`] if the source has changed since the preview, [`ImportError::Store`] if the store cannot be read or
/// written. What was committed before stays; repeat the import.
pub async fn import(
    server: &Server,
    origin: &Origin,
    previewed: ImportReport,
    mut progress: impl FnMut(&ImportReport),
) -> Result<ImportReport, ImportError> {
    let ImportReport { skipped, skipped_count, reader_named_admin, .. } = previewed;
    let mut report = ImportReport { skipped, skipped_count, reader_named_admin, ..ImportReport::default() };
    let (mut batch, mut batch_bytes) = (Vec::new(), 0);
    let mut without_password = HashSet::new();
    for record in origin.records()? {
        match record {
            Ok(ImportRecord::Account(account)) => {
                if server.store().user(&account.name)?.is_some() {
                    report.count_account(false);
                    continue;
                }
                if matches!(account.key, SourceKey::Unknown) {
                    without_password.insert(account.name.clone());
                }
                batch.push(Transferred::Account(hash_key(server, account).await?));
                batch_bytes += ACCOUNT_BYTES;
            }
            Ok(ImportRecord::Document(document)) => {
                batch_bytes += size(&document);
                batch.push(Transferred::Document(document));
            }
            // The preview has reported it.
            Err(RecordError::Skipped(_)) => {}
            Err(RecordError::Unreadable(reason)) => return Err(origin.unreadable(&reason)),
        }
        if batch_bytes >= BATCH_BYTES {
            write_batch(server, std::mem::take(&mut batch), &mut report, &without_password).await?;
            batch_bytes = 0;
            progress(&report);
        }
    }
    write_batch(server, batch, &mut report, &without_password).await?;
    Ok(report)
}

/// Returns the approximate size of a document in a batch, in bytes.
fn size(document: &TransferredDocument) -> usize {
    let texts = |progress: &Progress| progress.progress.len() + progress.device.len();
    document.history.iter().map(|entry| 64 + texts(&entry.progress)).sum()
}

async fn write_batch(
    server: &Server,
    batch: Vec<Transferred>,
    report: &mut ImportReport,
    without_password: &HashSet<Username>,
) -> Result<(), Error> {
    let account_name = |record: &Transferred| match record {
        Transferred::Account(account) => Some(account.name.clone()),
        Transferred::Document(_) => None,
    };
    let names: Vec<Option<Username>> = batch.iter().map(account_name).collect();
    let start = Instant::now();
    let outcomes = server.store().import_batch(batch).await?;
    for (name, outcome) in names.into_iter().zip(outcomes) {
        match (name, outcome) {
            (Some(name), outcome) => {
                report.count_account(outcome == ImportOutcome::Created);
                if outcome == ImportOutcome::Created && without_password.contains(&name) {
                    report.without_password.push(name);
                }
            }
            // The preview has reported it as skipped.
            (None, ImportOutcome::NoAccount) => {}
            (None, outcome) => report.count_document(outcome),
        }
    }
    // LMDB's write lock, which all processes share, is not fair: a process that releases it and takes it again at once mostly wins.
    // The pause gives a server on the same data directory as much time as the commit took.
    tokio::time::sleep(start.elapsed()).await;
    Ok(())
}

/// Hashes an account's key. One without a key gets a random key that is never shown.
async fn hash_key(server: &Server, account: ImportAccount) -> Result<TransferredAccount, Error> {
    let ImportAccount { name, key, active, administrator, created, last_used, any_case } = account;
    let key = match key {
        SourceKey::Hashed(key) => key,
        SourceKey::Plain(key) => server.state.auth.hash(key).await?,
        SourceKey::Unknown => server.state.auth.hash(crate::auth::password::random_key()?).await?,
    };
    Ok(TransferredAccount { name, key, active, administrator, created, last_used, any_case })
}

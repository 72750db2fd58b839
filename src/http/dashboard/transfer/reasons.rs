//! Says why an import failed or left out records, in the reader's language.
//!
//! Details of a damaged file, for those who look into it, stay in English behind the sentence.

use crate::http::dashboard::error::{self, PageError};
use crate::import::job::ImportFailure;
use crate::import::{DatabaseFault, ImportError, LabelPart, LineFault, RecordLabel, SkipReason, SourceFault};
use crate::text::{Message, Texts};

/// Returns which record it is.
pub(super) fn label(label: &RecordLabel, texts: Texts) -> String {
    let part = |part: &LabelPart| label_part(part, texts);
    label.parts().iter().map(part).collect::<Vec<_>>().join(", ")
}

fn label_part(part: &LabelPart, texts: Texts) -> String {
    let named = |id, name: &str| texts.msg(id).arg("name", name);
    let message = match part {
        LabelPart::Line(number) => texts.msg("admin-record-line").arg("number", *number),
        LabelPart::Account(name) => named("admin-record-account", name),
        LabelPart::NotesOf(name) => named("admin-record-notes", name),
        LabelPart::Document(id) => named("admin-record-document", id),
        LabelPart::BookOf(id) => named("admin-record-book", id),
        LabelPart::DocumentNumber(number) => named("admin-record-document", &number.to_string()),
        LabelPart::DocumentsFrom(number) => texts.msg("admin-record-documents-from").arg("number", *number),
        LabelPart::AllDocuments => texts.msg("admin-record-all-documents"),
        LabelPart::Alias(id) => named("admin-record-alias", id),
        LabelPart::AccountId(id) => named("admin-record-account", &format!("_id {id}")),
        LabelPart::AccountAt { page, slot } => texts.msg("admin-record-at").arg("page", *page).arg("slot", *slot),
        LabelPart::EndOfFile => texts.msg("admin-record-end"),
        LabelPart::More(count) => texts.msg("admin-record-more").arg("count", *count),
        LabelPart::Text(text) => return text.clone(),
    };
    message.to_string()
}

/// Returns why a record was left out.
pub(super) fn skip(reason: &SkipReason, texts: Texts) -> String {
    let detailed = |id, detail: &str| texts.msg(id).arg("detail", detail);
    let message = match reason {
        SkipReason::ForeignKeyHash => texts.msg("admin-skip-foreign-hash"),
        SkipReason::BlankInName => texts.msg("admin-skip-blank-name"),
        SkipReason::Invalid(invalid) => return error::reason(*invalid, texts),
        SkipReason::InFuture { timestamp } => texts.msg("admin-skip-future").arg("timestamp", timestamp.to_string()),
        SkipReason::NoAccount => texts.msg("admin-skip-no-account"),
        SkipReason::OtherPassword => texts.msg("admin-skip-other-password"),
        SkipReason::OtherPasswordHash => texts.msg("admin-skip-other-hash"),
        SkipReason::UnknownPassword => texts.msg("admin-skip-unknown-password"),
        SkipReason::TooLong { max } => texts.msg("admin-skip-too-long").arg("max", texts.bytes(*max as u64)),
        SkipReason::NoRecord(detail) => detailed("admin-skip-no-record", detail),
        SkipReason::Unstorable(detail) => detailed("admin-skip-unstorable", detail),
        SkipReason::Damaged(detail) => detailed("admin-skip-damaged", detail),
        SkipReason::LogMissing { pages } => texts.msg("admin-skip-log-missing").arg("count", *pages),
        SkipReason::NotIndexed => texts.msg("admin-skip-not-indexed"),
        SkipReason::NotListed { max } => texts.msg("admin-skip-not-listed").arg("count", *max),
        SkipReason::Other(text) => return text.clone(),
    };
    message.to_string()
}

/// Returns why an import failed; `None` if an administrator stopped it.
pub(super) fn failure(failure: &ImportFailure, texts: Texts) -> Option<String> {
    Some(match failure {
        ImportFailure::Stopped => return None,
        ImportFailure::Unexpected => texts.msg("admin-import-unexpected").to_string(),
        ImportFailure::Unread(error) => import_error(error, texts),
        ImportFailure::Interrupted(error) => {
            texts.msg("admin-import-interrupted").arg("reason", import_error(error, texts)).to_string()
        }
    })
}

fn import_error(error: &ImportError, texts: Texts) -> String {
    match error {
        ImportError::Unreadable { reason, .. } => source(reason, texts),
        ImportError::Store(error) => PageError::from(error.clone()).text(texts),
        ImportError::Refused { .. } => error.to_string(),
    }
}

/// Returns why a file cannot be read.
fn source(fault: &SourceFault, texts: Texts) -> String {
    let message = match fault {
        SourceFault::Empty | SourceFault::Database(DatabaseFault::Empty) => texts.msg("admin-source-empty"),
        SourceFault::CutOff => texts.msg("admin-source-cut-off"),
        SourceFault::AtLine { number, fault } => {
            texts.msg("admin-source-at-line").arg("number", *number).arg("reason", line(fault, texts))
        }
        SourceFault::DataFile(_) => texts.msg("admin-source-data-file"),
        SourceFault::RedisDump => texts.msg("admin-source-redis"),
        SourceFault::Compressed => texts.msg("admin-source-compressed"),
        SourceFault::Sqlite => texts.msg("admin-source-sqlite"),
        SourceFault::Unknown | SourceFault::Database(DatabaseFault::NotLiteDb) => texts.msg("admin-source-unknown"),
        SourceFault::Database(fault) => return database(*fault, texts),
        SourceFault::NoMergedAccount { name } => texts.msg("admin-source-no-account").arg("name", name),
        SourceFault::Other(detail) => texts.msg("admin-source-other").arg("detail", detail),
    };
    message.to_string()
}

fn line(fault: &LineFault, texts: Texts) -> Message {
    match fault {
        LineFault::NewerFormat { format, .. } => texts.msg("admin-source-newer").arg("format", *format),
        LineFault::NoExport => texts.msg("admin-source-no-export"),
        LineFault::AnotherExport => texts.msg("admin-source-another-export"),
        LineFault::OtherCount { records, .. } => texts.msg("admin-source-other-count").arg("count", *records),
        LineFault::GoesOn => texts.msg("admin-source-goes-on"),
    }
}

fn database(fault: DatabaseFault, texts: Texts) -> String {
    let message = match fault {
        DatabaseFault::Encrypted => texts.msg("admin-database-encrypted"),
        DatabaseFault::TooOld => texts.msg("admin-database-too-old"),
        DatabaseFault::UnknownVersion { version } => texts.msg("admin-database-version").arg("version", version),
        DatabaseFault::NeedsRebuild => texts.msg("admin-database-rebuild"),
        DatabaseFault::MissingPage { page } => texts.msg("admin-database-missing-page").arg("page", page),
        DatabaseFault::Damaged { page, what } => {
            texts.msg("admin-database-damaged").arg("page", page).arg("detail", what)
        }
        DatabaseFault::DamagedLog { at } => texts.msg("admin-database-damaged-log").arg("at", at.to_string()),
        DatabaseFault::ForeignLog => texts.msg("admin-database-foreign-log"),
        DatabaseFault::NoUsers => texts.msg("admin-database-no-users"),
        DatabaseFault::Empty | DatabaseFault::NotLiteDb => texts.msg("admin-source-unknown"),
    };
    message.to_string()
}

//! The format of `kosync export`: one JSON object per line.
//!
//! ```text
//! {"kosync_export":{"format":1}}
//! {"account":{"name":"ada","key":"$argon2id$v=19$m=19456,t=2,p=1$…","active":true,"administrator":false,"created":1795531709,"last_used":0}}
//! {"document":{"account":"ada","document":"0b22…","metadata":{"title":"Emma"},"name":"Mine","history":[{"progress":"/body/p[1]","percentage":0.25,"device":"Kobo","device_id":"A1","timestamp":1795531709}]}}
//! {"alias":{"account":"ada","value":"9c25…","document":"0b22…"}}
//! {"end":{"accounts":1,"documents":1,"aliases":1}}
//! ```
//!
//! An account comes before its documents, and these before their aliases, the other ids that clients named; where there is none, the last
//! line does not count them, nor `books` and `notes`. An account's device passwords are in its `device_passwords`. A history begins with the oldest position; `pushes` is the number of pushes that a
//! position stands for, where that is not 1. What is noted of a document besides its positions (finished books whose positions are gone,
//! where its reader moved it, whether it is hidden) is in its `notes`; what is noted of an account (days whose positions are gone, names
//! of devices) follows its documents in a line `notes`, if there is anything. Documents that are one book follow the account's documents in a
//! line `book`: the documents with the extent of their histories, the pairs between which XPointers do not carry over (`apart`), and the
//! current position that they share (`current`). Older exports have in `joined` of each document the others, and no `book`. An account with `"any_case":true` is found by its name in any case, like all accounts
//! that come from kosync-dotnet. Without the last line the file is cut off.

use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::error::RecordError;
use super::label::{LabelPart, RecordLabel};
use super::reason::{LineFault, SkipReason, SourceFault};
use crate::error::Error;
use crate::model::UserId;
#[cfg(feature = "cli")]
use crate::model::count;
use crate::store::{
    Store, Transferred, TransferredAccount, TransferredAccountNotes, TransferredAlias, TransferredBook,
    TransferredDocument, parent_dir,
};

/// The format that this version writes.
const FORMAT: u32 = 1;
/// The first bytes of every export, by which it is recognised.
pub(super) const START: &[u8] = b"{\"kosync_export\":";
/// Longest line, in bytes. A history of 1,000 positions of 8 KiB, with each byte escaped, takes 50 MB.
const LINE_MAX: usize = 64 << 20;
/// Documents between two calls of an export's `progress`.
const PROGRESS_STEP: u64 = 256;

/// A line, to be written.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    KosyncExport(Header),
    Account(&'a TransferredAccount),
    Document(&'a TransferredDocument),
    Book(&'a TransferredBook),
    Alias(&'a TransferredAlias),
    Notes(&'a TransferredAccountNotes),
    End(ExportCounts),
}

/// A line that was read.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ParsedLine {
    KosyncExport(Header),
    Account(TransferredAccount),
    Document(TransferredDocument),
    Book(TransferredBook),
    Alias(TransferredAlias),
    Notes(TransferredAccountNotes),
    End(ExportCounts),
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: u32,
}

/// The number of records in an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportCounts {
    /// Accounts.
    pub accounts: u64,
    /// Documents of all accounts.
    pub documents: u64,
    /// Books of several of these documents.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub books: u64,
    /// Aliases of these documents.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub aliases: u64,
    /// Accounts of which something is noted.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub notes: u64,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

#[cfg(feature = "cli")]
impl ExportCounts {
    /// Says how much was exported: `2 accounts with 1 document`.
    pub(crate) fn summary(self) -> String {
        format!("{} with {}", count(self.accounts, "account"), count(self.documents, "document"))
    }
}

/// Writes an export.
pub struct ExportWriter<W> {
    out: W,
    counts: ExportCounts,
}

impl<W: Write> ExportWriter<W> {
    /// Writes the first line.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Self { out, counts: ExportCounts::default() };
        writer.write_line(&Line::KosyncExport(Header { format: FORMAT }))?;
        Ok(writer)
    }

    /// Writes a record.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn put(&mut self, record: &Transferred) -> io::Result<()> {
        match record {
            Transferred::Account(account) => {
                self.counts.accounts += 1;
                self.write_line(&Line::Account(account))
            }
            Transferred::Document(document) => {
                self.counts.documents += 1;
                self.write_line(&Line::Document(document))
            }
            Transferred::Book(book) => {
                self.counts.books += 1;
                self.write_line(&Line::Book(book))
            }
            Transferred::Alias(alias) => {
                self.counts.aliases += 1;
                self.write_line(&Line::Alias(alias))
            }
            Transferred::Notes(notes) => {
                self.counts.notes += 1;
                self.write_line(&Line::Notes(notes))
            }
        }
    }

    /// Returns the number of records written so far.
    pub fn counts(&self) -> ExportCounts {
        self.counts
    }

    /// Writes the last line and flushes the writer.
    ///
    /// # Errors
    /// The error of the writer.
    pub fn finish(mut self) -> io::Result<ExportCounts> {
        self.write_line(&Line::End(self.counts))?;
        self.out.flush()?;
        Ok(self.counts)
    }

    fn write_line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

/// Exports a whole store, as it is at one moment.
///
/// `scratch` is a directory with room for a copy of the data file, which is deleted afterwards. Calls `progress` every 256
/// documents. Blocks the thread.
///
/// # Errors
/// [`Error::File`] if the copy or the export cannot be written, [`Error::Store`] if the store cannot be read.
pub fn export(
    store: &Store,
    scratch: &Path,
    out: impl Write,
    progress: impl FnMut(ExportCounts),
) -> Result<ExportCounts, Error> {
    let counts = export_accounts(store, scratch, None, out, progress)?;
    store.note_export();
    Ok(counts)
}

/// Like [`export()`], of one account if `only` names one.
pub(crate) fn export_accounts(
    store: &Store,
    scratch: &Path,
    only: Option<UserId>,
    out: impl Write,
    mut progress: impl FnMut(ExportCounts),
) -> Result<ExportCounts, Error> {
    let failed = |reason| Error::File { path: "the export".into(), reason: Arc::new(reason) };
    let mut writer = ExportWriter::new(out).map_err(failed)?;
    store.export_accounts(scratch, only, |record| {
        writer.put(&record).map_err(failed)?;
        if writer.counts().documents.is_multiple_of(PROGRESS_STEP) {
            progress(writer.counts());
        }
        Ok::<(), Error>(())
    })?;
    writer.finish().map_err(failed)
}

/// Exports a whole store to a file with mode 0600.
///
/// The file appears under its name once it is complete and on disk. The copy that it is made from is in the data directory while its
/// disk has room, and else in the directory of the file.
///
/// Calls `progress` every 256 documents. Blocks the thread.
///
/// # Errors
/// [`Error::File`] if the file exists and `replace` is false, or the copy or the export cannot be written: then a file that
/// exists stays as it was. [`Error::Store`] if the store cannot be read.
pub fn export_to_file(
    store: &Store,
    file: &Path,
    replace: bool,
    progress: impl FnMut(ExportCounts),
) -> Result<ExportCounts, Error> {
    let mut outcome = Ok(ExportCounts::default());
    let written = store.write_atomically(file, replace, |partial| {
        // LMDB reads the copy, and the file system of the data directory is known to support that.
        let scratch = if store.has_room_for_copy() { store.path() } else { parent_dir(file) };
        outcome = export(store, scratch, BufWriter::with_capacity(1 << 20, partial), progress);
        outcome.as_ref().map(|_| ()).map_err(|error| io::Error::other(error.to_string()))
    });
    // The error of the export itself says more than the one that passed through `write_atomically`.
    outcome.and_then(|counts| written.map(|()| counts))
}

/// Reads the records of an export.
///
/// A line that is no valid record is [`RecordError::Skipped`], and the records after it follow. An export that is cut off, of a
/// newer format or of another kind is [`RecordError::Unreadable`], after which there are no records.
pub struct ExportReader<R> {
    input: R,
    /// Number of the last line that was read, from 1.
    number: u64,
    ended: bool,
}

impl<R: BufRead> ExportReader<R> {
    /// Reads from the first line of `input`.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, ended: false }
    }

    /// Reads a line, and whether it was too long. The end of a line that is too long is missing. `None` at the end of
    /// the file.
    fn read_line(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
        let (mut line, mut too_long, mut any) = (Vec::new(), false, false);
        loop {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                return Ok(any.then_some((line, too_long)));
            }
            any = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = &buffer[..end.unwrap_or(buffer.len())];
            too_long |= line.len() + part.len() > LINE_MAX;
            if !too_long {
                line.extend_from_slice(part);
            }
            let used = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(used);
            if end.is_some() {
                return Ok(Some((line, too_long)));
            }
        }
    }

    /// Returns what names a record of the last line that was read.
    fn label(&self, parts: impl IntoIterator<Item = LabelPart>) -> RecordLabel {
        parts.into_iter().fold(LabelPart::Line(self.number).into(), RecordLabel::and)
    }

    fn unreadable(&self, fault: LineFault) -> RecordError {
        RecordError::Unreadable(SourceFault::AtLine { number: self.number, fault })
    }

    fn read_record(&mut self) -> Option<Result<Transferred, RecordError>> {
        let (line, too_long) = match self.read_line() {
            Ok(Some(line)) => line,
            Ok(None) => {
                let fault = if self.number == 0 { SourceFault::Empty } else { SourceFault::CutOff };
                return Some(Err(RecordError::Unreadable(fault)));
            }
            Err(error) => return Some(Err(RecordError::Unreadable(SourceFault::Other(error.to_string())))),
        };
        self.number += 1;
        if too_long {
            return Some(Err(RecordError::skipped(self.label([]), SkipReason::TooLong { max: LINE_MAX })));
        }
        let parsed: Result<ParsedLine, _> = serde_json::from_slice(&line);
        if self.number == 1 {
            return match parsed {
                Ok(ParsedLine::KosyncExport(Header { format })) if format <= FORMAT => self.read_record(),
                Ok(ParsedLine::KosyncExport(Header { format })) => {
                    Some(Err(self.unreadable(LineFault::NewerFormat { format, max: FORMAT })))
                }
                _ => Some(Err(self.unreadable(LineFault::NoExport))),
            };
        }
        let (checked, parts) = match parsed {
            Ok(ParsedLine::Account(account)) => {
                let parts = vec![LabelPart::Account(account.name.to_string())];
                (account.validate().map(|()| Transferred::Account(account)), parts)
            }
            Ok(ParsedLine::Document(document)) => {
                let account = LabelPart::Account(document.account.to_string());
                let parts = vec![account, LabelPart::Document(document.document.to_string())];
                (document.validate().map(|()| Transferred::Document(document)), parts)
            }
            Ok(ParsedLine::Book(book)) => {
                let account = LabelPart::Account(book.account.to_string());
                let of = book.documents.first().map(|member| LabelPart::BookOf(member.document.to_string()));
                (book.validate().map(|()| Transferred::Book(book)), [account].into_iter().chain(of).collect())
            }
            Ok(ParsedLine::Alias(alias)) => {
                let account = LabelPart::Account(alias.account.to_string());
                let parts = vec![account, LabelPart::Alias(alias.value.to_string())];
                (alias.validate().map(|()| Transferred::Alias(alias)), parts)
            }
            Ok(ParsedLine::Notes(notes)) => {
                let parts = vec![LabelPart::NotesOf(notes.account.to_string())];
                (notes.validate().map(|()| Transferred::Notes(notes)), parts)
            }
            Ok(ParsedLine::End(counts)) => return self.read_end(counts),
            Ok(ParsedLine::KosyncExport(_)) => return Some(Err(self.unreadable(LineFault::AnotherExport))),
            Err(error) => {
                // Each line is parsed alone, so the parser's own line number is always 1.
                let reason = error.to_string().replace(" at line 1 column ", " at column ");
                return Some(Err(RecordError::skipped(self.label([]), SkipReason::NoRecord(reason))));
            }
        };
        Some(checked.map_err(|reason| RecordError::skipped(self.label(parts), SkipReason::Unstorable(reason))))
    }

    /// Checks that the last line has the right counts and that nothing follows it.
    fn read_end(&mut self, counts: ExportCounts) -> Option<Result<Transferred, RecordError>> {
        self.ended = true;
        // All lines between the first and the last are records, including those that were skipped.
        let records = self.number - 2;
        let ExportCounts { accounts, documents, books, aliases, notes } = counts;
        let counted = [accounts, documents, books, aliases, notes].into_iter().try_fold(0_u64, u64::checked_add);
        if counted != Some(records) {
            let mut counted = format!("{accounts} accounts and {documents} documents");
            if books > 0 {
                counted += &format!(" and {books} joined books");
            }
            if aliases > 0 {
                counted += &format!(" and {aliases} aliases");
            }
            if notes > 0 {
                counted += &format!(" and notes of {notes} accounts");
            }
            return Some(Err(self.unreadable(LineFault::OtherCount { records, counted })));
        }
        match self.read_line() {
            Ok(None) => None,
            Ok(Some(_)) => Some(Err(self.unreadable(LineFault::GoesOn))),
            Err(error) => Some(Err(RecordError::Unreadable(SourceFault::Other(error.to_string())))),
        }
    }
}

impl<R: BufRead> Iterator for ExportReader<R> {
    type Item = Result<Transferred, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.read_record();
        if matches!(item, None | Some(Err(RecordError::Unreadable(_)))) {
            self.ended = true;
        }
        item
    }
}

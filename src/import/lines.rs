//! The format of `kosync export`: one JSON object in each line.
//!
//! ```text
//! {"kosync_export":{"format":1}}
//! {"account":{"name":"ada","key":"$argon2id$v=19$m=19456,t=2,p=1$…","active":true,"administrator":false,"created":1795531709,"last_used":0}}
//! {"document":{"account":"ada","document":"0b22…","metadata":{"title":"Emma"},"name":"Mine","history":[{"progress":"/body/p[1]","percentage":0.25,"device":"Kobo","device_id":"A1","timestamp":1795531709}]}}
//! {"end":{"accounts":1,"documents":1}}
//! ```
//!
//! An account comes before its documents. A history has the oldest position first; `pushes` in it says how many pushes a position
//! stands for, if that is not one. An account with `"any_case":true` answers to its name in upper case and lower case, as those do that
//! come from kosync-dotnet. The last line tells a whole file from one that was cut off.

use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::RecordError;
use super::source::Skipped;
use crate::error::Error;
use crate::store::{Store, Transferred, TransferredAccount, TransferredDocument, parent_dir};

/// The format that this version writes.
const FORMAT: u32 = 1;
/// What a file begins with, by which it is recognised.
pub(super) const START: &[u8] = b"{\"kosync_export\":";
/// The longest line, in bytes. A history of 1,000 positions of 8 KiB, each byte of them escaped, has 50 MB.
const LINE_MAX: usize = 64 << 20;

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    KosyncExport(Head),
    Account(&'a TransferredAccount),
    Document(&'a TransferredDocument),
    End(Counts),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ReadLine {
    KosyncExport(Head),
    Account(TransferredAccount),
    Document(TransferredDocument),
    End(Counts),
}

#[derive(Serialize, Deserialize)]
struct Head {
    format: u32,
}

/// How much is in an export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Accounts.
    pub accounts: u64,
    /// Documents of all accounts.
    pub documents: u64,
}

/// Writes an export.
pub struct ExportWriter<W> {
    out: W,
    counts: Counts,
}

impl<W: Write> ExportWriter<W> {
    /// Begins one.
    ///
    /// # Errors
    /// What writing says; and so for all below.
    pub fn new(out: W) -> io::Result<Self> {
        let mut writer = Self { out, counts: Counts::default() };
        writer.line(&Line::KosyncExport(Head { format: FORMAT }))?;
        Ok(writer)
    }

    /// Writes an account or a document.
    ///
    /// # Errors
    /// As [`ExportWriter::new`].
    pub fn put(&mut self, what: &Transferred) -> io::Result<()> {
        match what {
            Transferred::Account(account) => {
                self.counts.accounts += 1;
                self.line(&Line::Account(account))
            }
            Transferred::Document(document) => {
                self.counts.documents += 1;
                self.line(&Line::Document(document))
            }
        }
    }

    /// How much was written until now.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// Writes the last line.
    ///
    /// # Errors
    /// As [`ExportWriter::new`].
    pub fn finish(mut self) -> io::Result<Counts> {
        self.line(&Line::End(self.counts))?;
        self.out.flush()?;
        Ok(self.counts)
    }

    fn line(&mut self, line: &Line<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, line)?;
        self.out.write_all(b"\n")
    }
}

/// Writes all of a store as an export, as it is at one moment.
///
/// `scratch` is a folder with room for a copy of the data file, which is gone afterwards. `progress` is told now and then how far
/// it is.
///
/// # Errors
/// [`Error::File`] if the copy or the export cannot be written, and as [`Store::user`].
pub fn export(
    store: &Store,
    scratch: &Path,
    out: impl Write,
    mut progress: impl FnMut(Counts),
) -> Result<Counts, Error> {
    let failed = |reason| Error::File { path: "the export".into(), reason: Arc::new(reason) };
    let mut writer = ExportWriter::new(out).map_err(failed)?;
    store.export(scratch, |what| {
        writer.put(&what).map_err(failed)?;
        if writer.counts().documents.is_multiple_of(256) {
            progress(writer.counts());
        }
        Ok::<(), Error>(())
    })?;
    writer.finish().map_err(failed)
}

/// Writes an export to a file, mode 0600, which gets its name when it is whole and on disk.
///
/// # Errors
/// As [`export`]; also if the file is there and is not to be replaced: then it stays as it was.
pub fn export_to_file(
    store: &Store,
    file: &Path,
    replace: bool,
    progress: impl FnMut(Counts),
) -> Result<Counts, Error> {
    let mut outcome = Ok(Counts::default());
    let written = store.write_atomically(file, replace, |partial| {
        outcome = export(store, parent_dir(file), BufWriter::with_capacity(1 << 20, partial), progress);
        outcome.as_ref().map(|_| ()).map_err(|error| io::Error::other(error.to_string()))
    });
    // What went wrong in it is told better by itself.
    outcome.and_then(|counts| written.map(|()| counts))
}

/// Reads an export. A line that is no record is left out, and said; a file that is cut off, or of a newer format, ends it.
pub struct ExportReader<R> {
    input: R,
    number: u64,
    ended: bool,
}

impl<R: BufRead> ExportReader<R> {
    /// From the first line on.
    pub fn new(input: R) -> Self {
        Self { input, number: 0, ended: false }
    }

    /// The next line, and whether it was too long to be kept. `None` at the end of the file.
    fn line(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
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

    fn skipped(&self, why: impl Into<String>) -> RecordError {
        RecordError::Skipped(Skipped { what: format!("line {}", self.number), why: why.into() })
    }

    fn fatal(&self, why: impl Into<String>) -> RecordError {
        RecordError::Unreadable(format!("line {}: {}", self.number, why.into()))
    }

    fn read(&mut self) -> Option<Result<Transferred, RecordError>> {
        let (line, too_long) = match self.line() {
            Ok(Some(line)) => line,
            Ok(None) if self.number == 0 => return Some(Err(RecordError::Unreadable("it is empty".into()))),
            Ok(None) => return Some(Err(RecordError::Unreadable("it is cut off: its last line is missing".into()))),
            Err(error) => return Some(Err(RecordError::Unreadable(error.to_string()))),
        };
        self.number += 1;
        if too_long {
            return Some(Err(self.skipped(format!("it is longer than {LINE_MAX} bytes"))));
        }
        let parsed: Result<ReadLine, _> = serde_json::from_slice(&line);
        if self.number == 1 {
            return match parsed {
                Ok(ReadLine::KosyncExport(Head { format })) if format <= FORMAT => self.read(),
                Ok(ReadLine::KosyncExport(Head { format })) => {
                    Some(Err(self
                        .fatal(format!("a newer version wrote it (format {format}, this one knows up to {FORMAT})"))))
                }
                _ => Some(Err(self.fatal("it is no export of kosync"))),
            };
        }
        Some(match parsed {
            Ok(ReadLine::Account(account)) => Ok(Transferred::Account(account)),
            Ok(ReadLine::Document(document)) => match document.validate() {
                Ok(()) => Ok(Transferred::Document(document)),
                Err(why) => {
                    let what =
                        format!("line {}, account {}, document {}", self.number, document.account, document.document);
                    Err(RecordError::Skipped(Skipped { what, why }))
                }
            },
            Ok(ReadLine::End(counts)) => {
                self.ended = true;
                // All lines but the first and the last are records, also those that cannot be read.
                let records = self.number - 2;
                if counts.accounts.checked_add(counts.documents) != Some(records) {
                    let (accounts, documents) = (counts.accounts, counts.documents);
                    return Some(Err(self.fatal(format!(
                        "it ends here with {records} records, and says that it has {accounts} accounts and {documents} documents"
                    ))));
                }
                match self.line() {
                    Ok(None) => return None,
                    Ok(Some(_)) => Err(self.fatal("there is more behind its end")),
                    Err(error) => Err(RecordError::Unreadable(error.to_string())),
                }
            }
            Ok(ReadLine::KosyncExport(_)) => Err(self.fatal("another export begins here: import one after the other")),
            // Each line is read by itself, so all are the first one to the parser.
            Err(error) => Err(self.skipped(error.to_string().replace(" at line 1 column ", " at column "))),
        })
    }
}

impl<R: BufRead> Iterator for ExportReader<R> {
    type Item = Result<Transferred, RecordError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.read();
        if matches!(item, None | Some(Err(RecordError::Unreadable(_)))) {
            self.ended = true;
        }
        item
    }
}

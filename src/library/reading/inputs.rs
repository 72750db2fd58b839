//! Finds the files of an account's folder that say what was read. Describes from what a result was computed.

use std::io::{self, Read};

use blake2::digest::consts::U16;
use blake2::{Blake2b, Digest as _};

use super::rows::{FileNote, VERSION};
use crate::error::Result;
use crate::model::{DayRule, FileInfo, FilePath, User};
use crate::store::{OpenFile, Store};

/// Number of the way in which statistics are read: see [`HIGHLIGHTS_READER`].
const TIMES_READER: u8 = 2;
/// Number of the way in which highlights are read.
///
/// A version of the server that reads others from the same files raises it, so that they are read again.
const HIGHLIGHTS_READER: u8 = 3;
/// Name of KOReader's statistics.
const STATISTICS: &str = "statistics.sqlite3";

/// The files that count.
pub(super) struct Inputs {
    /// The last uploaded `statistics.sqlite3`, in whichever folder.
    pub(super) statistics: Option<(FilePath, FileInfo)>,
    /// All JSON files, the last uploaded first.
    pub(super) json: Vec<(FilePath, FileInfo)>,
    /// The rule of the account's days, as text.
    days: String,
    /// Number of the account's documents, of deletions and imports, and of changes to what documents are called: an export may be of
    /// one that was pushed, or named, since.
    documents: [u32; 3],
}

impl Inputs {
    /// Reads which files there are. Withheld ones count: they are what is known [W5].
    pub(super) fn read(store: &Store, user: &User) -> Result<Self> {
        let (mut statistics, mut json): (Option<(FilePath, FileInfo)>, Vec<_>) = (None, Vec::new());
        for (path, info) in store.files(user.id)? {
            if info.is_folder {
                continue;
            }
            if path.name() == STATISTICS {
                let age = |info: &FileInfo| (info.modified, info.generation);
                if statistics.as_ref().is_none_or(|(_, known)| age(known) < age(&info)) {
                    statistics = Some((path, info));
                }
            } else if has_ending(path.name(), ".json") {
                json.push((path, info));
            }
        }
        json.sort_by_key(|(_, info)| std::cmp::Reverse((info.modified, info.generation)));
        // The text of a zone without a name says its rules.
        let days = DayRule::new(&user.preferences, store.zone());
        let zone = days.zone();
        let zone = zone.iana_name().map_or_else(|| format!("{zone:?}"), str::to_owned);
        Ok(Self {
            statistics,
            json,
            days: format!("{zone} {}", days.end()),
            documents: [user.documents, user.rewrites, user.renames],
        })
    }

    /// Returns what the reading times are computed from, as a short text.
    pub(super) fn times_fingerprint(&self) -> String {
        format!("{}-{TIMES_READER}", self.fingerprint(self.statistics.as_slice()))
    }

    /// Returns what the highlights are computed from.
    ///
    /// The titles of documents and of the statistics tell whose exports are.
    pub(super) fn highlights_fingerprint(&self) -> String {
        let (times, json) = (self.times_fingerprint(), self.fingerprint(&self.json));
        let [documents, rewrites, renames] = self.documents;
        format!("{times}-{json}-{HIGHLIGHTS_READER}-{documents}-{rewrites}-{renames}")
    }

    fn fingerprint(&self, files: &[(FilePath, FileInfo)]) -> String {
        let mut hash = Blake2b::<U16>::new_with_prefix([VERSION]);
        hash.update(self.days.as_bytes());
        for (path, info) in files {
            hash.update([0]);
            hash.update(path.as_str());
            hash.update(info.generation.to_be_bytes());
            hash.update(info.hash);
        }
        base16ct::lower::encode_string(&hash.finalize())
    }
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.len() > ending.len() && name.to_ascii_lowercase().ends_with(ending)
}

pub(super) fn note((path, info): &(FilePath, FileInfo)) -> FileNote {
    FileNote { path: path.to_string(), uploaded_at: info.modified, uploaded_by: info.uploaded_by.clone() }
}

/// Returns the name of a row for a text of any length.
pub(super) fn hashed_name(texts: &[&str]) -> String {
    let mut hash = Blake2b::<U16>::new();
    for text in texts {
        hash.update(text);
        hash.update([0]);
    }
    format!("t-{}", base16ct::lower::encode_string(&hash.finalize()))
}

/// Reads a file chunk by chunk.
pub(super) struct FileReader {
    file: OpenFile,
    offset: u64,
    chunk: Vec<u8>,
    at: usize,
}

impl FileReader {
    pub(super) fn new(file: OpenFile) -> Self {
        Self { file, offset: 0, chunk: Vec::new(), at: 0 }
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.chunk.len() {
            self.chunk = self.file.read_from(self.offset).map_err(io::Error::other)?;
            self.offset += self.chunk.len() as u64;
            self.at = 0;
        }
        let left = &self.chunk[self.at..];
        let count = left.len().min(buffer.len());
        buffer[..count].copy_from_slice(&left[..count]);
        self.at += count;
        Ok(count)
    }
}

//! Where it comes from, recognised by what it is and not by what it is called.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufReader, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::lines::{self, ExportReader};
use super::litedb;
use super::source::{Skipped, Source, SourceAccount, SourcePosition};
use super::{ImportError, Incoming, IncomingAccount, RecordError, SourceKey};
use crate::model::{ADMIN, Document, Key, Metadata, Progress, Username};
use crate::store::{HISTORY_MAX, Transferred, TransferredAccount, TransferredDocument, TransferredPosition};

/// Where accounts and positions come from.
#[derive(Debug)]
pub enum Origin {
    /// A file that `kosync export` wrote.
    Export(PathBuf),
    /// Another server.
    Server(Source),
}

/// In seconds. So far may another server's clock be ahead.
const DAY: u64 = 24 * 60 * 60;

/// The MD5 of `admin`.
const DEFAULT_ADMIN_KEY: &[u8] = b"21232f297a57a5a743894a0e4a801fc3";

type Records<'a> = Box<dyn Iterator<Item = Result<Incoming, RecordError>> + 'a>;

impl Origin {
    /// Opens a file: an export, or the data of another server.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`] with what is wrong with it, or what it is instead.
    pub fn of_file(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |error: std::io::Error| ImportError::Unreadable(error.to_string());
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(64).read_to_end(&mut start)).map_err(unreadable)?;
        if start.starts_with(lines::START) {
            return Ok(Self::Export(path.to_owned()));
        }
        if litedb::is_litedb(&start) {
            let data = fs::read(path).map_err(unreadable)?;
            // It is there when the server was not stopped cleanly, and then has part of the truth.
            let log = match fs::read(litedb::log_path(path)) {
                Err(error) if error.kind() == ErrorKind::NotFound => None,
                log => Some(log.map_err(unreadable)?),
            };
            let source = litedb::read(&data, log.as_deref());
            return Ok(Self::Server(source.map_err(|error| ImportError::Unreadable(error.to_string()))?));
        }
        Err(ImportError::Unreadable(what_else(&start).to_owned()))
    }

    pub(super) fn records(&self) -> Result<Records<'_>, ImportError> {
        match self {
            Self::Export(path) => {
                let file = File::open(path).map_err(|error| ImportError::Unreadable(error.to_string()))?;
                let reader = ExportReader::new(BufReader::with_capacity(1 << 20, file));
                Ok(Box::new(reader.map(|record| record.and_then(of_export))))
            }
            Self::Server(source) => {
                let skipped = source.skipped.iter().cloned().map(|skipped| Err(RecordError::Skipped(skipped)));
                let records = source.accounts.iter().flat_map(|account| of_account(account, source.any_case));
                Ok(Box::new(skipped.chain(records)))
            }
        }
    }
}

/// What a file is that we cannot read, as far as its first bytes tell.
fn what_else(start: &[u8]) -> &'static str {
    if start.is_empty() {
        "it is empty"
    } else if start.get(16..20) == Some(&[0xde, 0xc0, 0xef, 0xbe]) {
        "it is a backup, or the data file of a server: `kosync restore` makes a data folder of it"
    } else if start.starts_with(b"REDIS") {
        "it is a dump of Redis: start a Redis with it, and import `redis://127.0.0.1:6379/1`"
    } else if start.starts_with(&[0x1f, 0x8b]) {
        "it is compressed: unpack it with `gunzip` first"
    } else if start.starts_with(b"SQLite format 3") {
        "it is a SQLite database, which no server that is known here writes"
    } else {
        "it is neither an export of kosync nor the database of kosync-dotnet"
    }
}

fn of_export(record: Transferred) -> Result<Incoming, RecordError> {
    Ok(match record {
        Transferred::Account(account) => {
            let TransferredAccount { name, key, active, administrator, created, last_used, any_case } = account;
            if !crate::auth::password::is_acceptable_hash(&key) {
                let why = "its key is no Argon2id hash that this server would make or check".to_owned();
                return Err(RecordError::Skipped(Skipped { what: format!("account {name}"), why }));
            }
            let login = SourceKey::Stored(key);
            Incoming::Account(IncomingAccount { name, login, active, administrator, created, last_used, any_case })
        }
        Transferred::Document(document) => Incoming::Document(document),
    })
}

/// An account of another server, and its documents.
fn of_account(account: &SourceAccount, any_case: bool) -> Vec<Result<Incoming, RecordError>> {
    let skipped = |what: String, why: String| Err(RecordError::Skipped(Skipped { what, why }));
    let what = format!("account {}", account.name);
    let name = match Username::new(&account.name) {
        // The official server tells ` ada` from `ada`. Here they would be one, and whoever has the one would get the other's books.
        Ok(name) if name.as_str() != account.name => {
            return vec![skipped(what, "its name has blanks at an end, which is another account's here".into())];
        }
        Ok(name) => name,
        Err(invalid) => return vec![skipped(what, invalid.to_string())],
    };
    let login = match Key::from_wire(account.key.as_bytes()) {
        // What kosync-dotnet gives its administrator where nobody has set another. Everybody knows it.
        Ok(key) if name.as_str() == ADMIN && key.as_bytes() == DEFAULT_ADMIN_KEY => SourceKey::Unknown,
        Ok(key) => SourceKey::Sent(key),
        Err(_) => SourceKey::Unknown,
    };
    let (active, administrator) = (account.active, account.administrator);
    let incoming =
        IncomingAccount { name: name.clone(), login, active, administrator, created: 0, last_used: 0, any_case };
    let mut records = vec![Ok(Incoming::Account(incoming))];
    // A list may have a document twice: then that is its history.
    let mut histories: BTreeMap<Document, Vec<TransferredPosition>> = BTreeMap::new();
    for position in &account.positions {
        match read(position) {
            Ok((document, entry)) => histories.entry(document).or_default().push(entry),
            Err(why) => records.push(skipped(format!("{what}, document {}", position.document), why)),
        }
    }
    records.extend(histories.into_iter().map(|(document, mut history)| {
        history.sort_by_key(|entry| entry.progress.timestamp);
        history.drain(..history.len().saturating_sub(HISTORY_MAX));
        let document =
            TransferredDocument { account: name.clone(), document, metadata: Metadata::default(), name: None, history };
        match document.validate() {
            Ok(()) => Ok(Incoming::Document(document)),
            Err(why) => skipped(format!("{what}, document {}", document.document), why),
        }
    }));
    records
}

fn read(position: &SourcePosition) -> Result<(Document, TransferredPosition), String> {
    let SourcePosition { document, progress, percentage, device, device_id, timestamp } = position.clone();
    let document = Document::new(&document).map_err(|invalid| invalid.to_string())?;
    // The newest position wins: one that is not from this world would win for ever.
    let tomorrow = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_secs()) + DAY;
    if timestamp > tomorrow {
        return Err(format!("its time, {timestamp} s after 1970, has not come yet"));
    }
    let progress = Progress::new(progress, percentage, device, device_id).map_err(|invalid| invalid.to_string())?;
    Ok((document, TransferredPosition { progress: Progress { timestamp, ..progress }, pushes: 1 }))
}

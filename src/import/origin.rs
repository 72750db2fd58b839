//! Where an import comes from. Files are recognised by their content, not by their name.

use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::error::{ImportError, RecordError};
use super::export_file::{self, ExportReader};
use super::reason::SourceFault;
use super::record::ImportRecord;
use super::source::Source;
use super::{litedb, management_api, redacted, redis};
use crate::model::{Key, Username};
use crate::store::{Layout, Transferred};

/// A source of accounts and positions: an export, or another server's data.
#[derive(Debug)]
pub struct Origin {
    /// The file or the address, as messages show it.
    label: String,
    content: Content,
    /// Accounts that are imported into those of that name here, whatever their passwords.
    merged: Vec<Username>,
    /// Whether it is a database without a log.
    lacks_log: bool,
}

#[derive(Debug)]
enum Content {
    /// A file that `kosync export` wrote, too large to be read at once.
    Export(File),
    Source(Source),
}

type Records<'a> = Box<dyn Iterator<Item = Result<ImportRecord, RecordError>> + 'a>;

impl Origin {
    fn new(label: String, content: Content) -> Self {
        Self { label, content, merged: Vec::new(), lacks_log: false }
    }

    /// Opens a file: an export of kosync, or kosync-dotnet's database `Kosync.db`.
    ///
    /// Reads a database at once, together with its log `Kosync-log.db` if there is one beside it.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`] if the file cannot be read or is of another kind, which the message names if it is known.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, ImportError> {
        let path = path.as_ref();
        let label = path.display().to_string();
        let unreadable = |error: std::io::Error| ImportError::other(&label, error);
        if path.is_dir() {
            let database = path.join("Kosync.db");
            let reason = match database.exists() {
                true => format!("this is a directory; name the file in it, {}", database.display()),
                false => "this is a directory, but must be a file".to_owned(),
            };
            return Err(ImportError::other(&label, reason));
        }
        let file = File::open(path).map_err(unreadable)?;
        // The log exists if the server was not stopped cleanly. The latest positions are only in it then.
        Self::open(label, file, || match File::open(litedb::log_path(path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            log => log.map(Some),
        })
    }

    /// Opens an uploaded file of any name, with kosync-dotnet's log if that was uploaded too.
    ///
    /// # Errors
    /// Those of [`Origin::from_file`].
    pub(crate) fn from_upload(label: String, file: File, log: Option<File>) -> Result<Self, ImportError> {
        Self::open(label, file, || Ok(log))
    }

    fn open(label: String, file: File, log: impl FnOnce() -> io::Result<Option<File>>) -> Result<Self, ImportError> {
        let unreadable = |error: io::Error| ImportError::other(&label, error);
        let mut start = Vec::new();
        FromStart::new(&file).take(64).read_to_end(&mut start).map_err(unreadable)?;
        if start.starts_with(export_file::START) {
            return Ok(Self::new(label, Content::Export(file)));
        }
        if !litedb::is_litedb(&start) {
            return Err(ImportError::unreadable(&label, describe_unknown(Path::new(&label), &start)));
        }
        let read = |file: File| {
            let mut content = Vec::new();
            FromStart::new(&file).read_to_end(&mut content).map(|_| content)
        };
        let data = read(file).map_err(unreadable)?;
        let log = log().and_then(|log| log.map(read).transpose()).map_err(unreadable)?;
        Self::from_database(label, &data, log.as_deref())
    }

    /// Reads kosync-dotnet's database from memory, such as from an upload.
    ///
    /// `log` is the content of `Kosync-log.db`. Where that file exists beside `Kosync.db`, **the database without it can look
    /// whole and lack the latest positions**. Memory and time grow with the size of both, whatever is in them.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`] if it is no database of LiteDB 5, is encrypted or damaged, or lacks its log.
    pub fn from_litedb(data: &[u8], log: Option<&[u8]>) -> Result<Self, ImportError> {
        Self::from_database("LiteDB".to_owned(), data, log)
    }

    fn from_database(label: String, data: &[u8], log: Option<&[u8]>) -> Result<Self, ImportError> {
        let source = litedb::read(data, log).map_err(|error| ImportError::unreadable(&label, error))?;
        Ok(Self { lacks_log: log.is_none(), ..Self::new(label, Content::Source(source)) })
    }

    /// Reads all accounts and positions of the official server, koreader-sync-server, from its Redis.
    ///
    /// Nothing is written there. `url` is such as `redis://127.0.0.1:6379/1` or `unix:///run/redis.sock?db=1`; TLS is not supported. Calls `progress` with the
    /// number of positions read so far, after each. Blocks the thread.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`] if the address is none of Redis, or Redis cannot be reached, takes more than 30 s for an answer,
    /// or has no account in that database.
    pub fn from_redis(url: &str, progress: impl FnMut(u64)) -> Result<Self, ImportError> {
        let label = redacted(url);
        let source = redis::read(url, progress).map_err(|error| ImportError::other(&label, error))?;
        Ok(Self::new(label, Content::Source(source)))
    }

    /// Reads all accounts and positions of a server with kosync-dotnet's management API, kosync's among them.
    ///
    /// No server tells the passwords of its accounts, so all of them are in
    /// [`ImportReport::without_password`](super::ImportReport::without_password) afterwards. `url` is the address that KOReader
    /// has, `name` and `key` are those of an administrator there. Calls `progress` with the number of positions read so far,
    /// after each.
    ///
    /// # Errors
    /// [`ImportError::Refused`] if that account is no administrator there; [`ImportError::Unreadable`] if the server cannot be
    /// reached, takes more than 30 s for an answer, or has no management API.
    pub async fn from_server(
        url: &str,
        name: &Username,
        key: &Key,
        progress: impl FnMut(u64),
    ) -> Result<Self, ImportError> {
        let source = management_api::read(url, name, key, progress).await?;
        Ok(Self::new(redacted(url), Content::Source(source)))
    }

    /// Takes accounts and positions that the calling program has read.
    ///
    /// This is for servers that kosync does not know. Invalid records are skipped by the import.
    pub fn from_source(source: Source) -> Self {
        Self::new("source".to_owned(), Content::Source(source))
    }

    /// Imports an account even if the account of that name has another password here. That password stays.
    ///
    /// By default such an account is left out with all its documents: where registration is open, a stranger may have taken the
    /// name.
    #[must_use]
    pub fn merge(mut self, account: Username) -> Self {
        self.merged.push(account);
        self
    }

    /// Replaces the accounts of [`Origin::merge`].
    pub(super) fn set_merged(&mut self, accounts: Vec<Username>) {
        self.merged = accounts;
    }

    pub(super) fn merged(&self) -> &[Username] {
        &self.merged
    }

    pub(super) fn lacks_log(&self) -> bool {
        self.lacks_log
    }

    /// Reads the whole source, and keeps nothing: for a caller who has no store yet.
    ///
    /// # Errors
    /// [`ImportError::Unreadable`] if it is cut off or of another kind.
    pub fn verify(&self) -> Result<(), ImportError> {
        for record in self.records()? {
            if let Err(RecordError::Unreadable(reason)) = record {
                return Err(self.unreadable(reason));
            }
        }
        Ok(())
    }

    pub(super) fn records(&self) -> Result<Records<'_>, ImportError> {
        match &self.content {
            Content::Export(file) => {
                let reader = ExportReader::new(BufReader::with_capacity(1 << 20, FromStart::new(file)));
                let record = |record: Result<Transferred, RecordError>| record.and_then(ImportRecord::from_export);
                Ok(Box::new(reader.map(record)))
            }
            Content::Source(source) => {
                let skipped = source.skipped.iter().cloned().map(|skipped| Err(RecordError::Skipped(skipped)));
                let records =
                    source.accounts.iter().flat_map(|account| ImportRecord::from_account(account, source.any_case));
                Ok(Box::new(skipped.chain(records)))
            }
        }
    }

    /// Makes the error for a source that turns out to be unreadable.
    pub(super) fn unreadable(&self, reason: SourceFault) -> ImportError {
        ImportError::unreadable(&self.label, reason)
    }
}

/// Reads a file from its start, wherever other readers of it are.
struct FromStart<'a> {
    file: &'a File,
    offset: u64,
}

impl<'a> FromStart<'a> {
    fn new(file: &'a File) -> Self {
        Self { file, offset: 0 }
    }
}

impl Read for FromStart<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read_at(buffer, self.offset)?;
        self.offset += read as u64;
        Ok(read)
    }
}

/// Describes a file that cannot be imported, as far as its first bytes tell.
fn describe_unknown(path: &Path, start: &[u8]) -> SourceFault {
    if start.is_empty() {
        SourceFault::Empty
    } else if let Some(layout) = Layout::of(start) {
        let advice = match layout.is_native() {
            true => ": `kosync restore` makes a data directory of it".to_owned(),
            false => format!("; {}", layout.backup_advice(path)),
        };
        SourceFault::DataFile(format!("this is a backup or a server's data file{advice}"))
    } else if start.starts_with(b"REDIS") {
        SourceFault::RedisDump
    } else if start.starts_with(&[0x1f, 0x8b]) {
        SourceFault::Compressed
    } else if start.starts_with(b"SQLite format 3") {
        SourceFault::Sqlite
    } else {
        SourceFault::Unknown
    }
}

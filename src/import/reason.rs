//! Why a record is left out, and why a source cannot be read. `Display` says it in English, the dashboard in its readers' languages.

use crate::model::ValidationError;

/// Why a record of a source was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SkipReason {
    /// The hash of its key is of another kind or costs too much.
    #[error("its key is not an Argon2id hash that this server makes")]
    ForeignKeyHash,
    /// Without the blanks, it would be another account.
    #[error("its name begins or ends with a blank, which would make it another account here")]
    BlankInName,
    /// A field has a value that no push may have.
    #[error(transparent)]
    Invalid(#[from] ValidationError),
    /// The newest position wins, so this one would win for ever.
    #[error("its time is in the future: {timestamp} s after 1970")]
    InFuture {
        /// Its time, in seconds since the Unix epoch.
        timestamp: u64,
    },
    /// Its account is neither in the source nor here.
    #[error("its account does not exist")]
    NoAccount,
    /// The account here may belong to another person.
    #[error("the account of that name here has another password, so it may belong to another person")]
    OtherPassword,
    /// Like [`OtherPassword`](Self::OtherPassword), of hashes, which differ for the same password, too.
    #[error(
        "the account of that name here has another password, or the same one set again, so it may belong to another person"
    )]
    OtherPasswordHash,
    /// The account here may belong to another person, since there is no password to compare.
    #[error("the source does not have its password, so the account of that name here may belong to another person")]
    UnknownPassword,
    /// A line of an export is too long.
    #[error("longer than {max} bytes")]
    TooLong {
        /// The longest line, in bytes.
        max: usize,
    },
    /// A line of an export is no record. The text is the parser's.
    #[error("{0}")]
    NoRecord(String),
    /// A record of an export has something that no store has. The text says what, in English.
    #[error("{0}")]
    Unstorable(String),
    /// A record of a database is damaged. The text says where, in English.
    #[error("{0}")]
    Damaged(String),
    /// The log of a database is missing, as pages behind its end tell.
    #[error(
        "the file has {pages} pages more than the database: its log (Kosync-log.db beside Kosync.db) was not copied with it, \
         and the latest positions are missing"
    )]
    LogMissing {
        /// Pages behind the end.
        pages: usize,
    },
    /// The database's index does not have it.
    #[error("the index of the accounts does not contain it")]
    NotIndexed,
    /// There are more of them than are listed.
    #[error("only the first {max} are listed")]
    NotListed {
        /// How many are listed.
        max: usize,
    },
    /// Anything else, in English.
    #[error("{0}")]
    Other(String),
}

impl From<String> for SkipReason {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl From<&str> for SkipReason {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

/// Why a source cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceFault {
    /// The file is empty.
    #[error("the file is empty")]
    Empty,
    /// The last line of an export is missing.
    #[error("the file is cut off: its last line is missing")]
    CutOff,
    /// A line of an export is not what may stand there.
    #[error("line {number}: {fault}")]
    AtLine {
        /// Number of the line, from 1.
        number: u64,
        /// What is wrong with it.
        fault: LineFault,
    },
    /// The file is a backup, or the data file of a server.
    #[error("{0}")]
    DataFile(String),
    /// The file is a dump of Redis.
    #[error("this is a dump of Redis: start a Redis with it, then import `redis://127.0.0.1:6379/1`")]
    RedisDump,
    /// The file is compressed.
    #[error("the file is compressed: unpack it with `gunzip` first")]
    Compressed,
    /// The file is a database of another kind.
    #[error("this is a SQLite database, which no supported server writes")]
    Sqlite,
    /// The file is of no kind that is known.
    #[error("this is neither an export of kosync nor a database of kosync-dotnet")]
    Unknown,
    /// A database of kosync-dotnet cannot be read.
    #[error(transparent)]
    Database(#[from] DatabaseFault),
    /// An account that is to be merged is not in it.
    #[error("there is no account `{name}` in it, which is to be merged")]
    NoMergedAccount {
        /// The name of the account.
        name: String,
    },
    /// Anything else, such as an error of the operating system, in English.
    #[error("{0}")]
    Other(String),
}

/// What is wrong with a line of an export. Nothing after that line can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// It is of a newer version.
    #[error("format {format} is of a newer version; this version reads up to {max}")]
    NewerFormat {
        /// The format of the export.
        format: u32,
        /// The newest format that this version reads.
        max: u32,
    },
    /// It does not begin an export.
    #[error("this is not an export of kosync")]
    NoExport,
    /// Another export begins there.
    #[error("another export begins here: import one after the other")]
    AnotherExport,
    /// The last line counts other records than there are. The text is a part of the English sentence.
    #[error("there are {records} records, but the last line counts {counted}")]
    OtherCount {
        /// The records that were read.
        records: u64,
        /// What the last line counts.
        counted: String,
    },
    /// It is the last one, and yet the file goes on.
    #[error("this is the last line of the export, but the file goes on")]
    GoesOn,
}

/// Why a database of kosync-dotnet cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DatabaseFault {
    /// It is empty.
    #[error("the file is empty")]
    Empty,
    /// It is a file of another kind.
    #[error("this is not a LiteDB database")]
    NotLiteDb,
    /// It has a password.
    #[error("the database is encrypted; remove its password with LiteDB, then try again")]
    Encrypted,
    /// It is of LiteDB 4.
    #[error("the database is from LiteDB 4; open it once with LiteDB 5, which upgrades it, then try again")]
    TooOld,
    /// It is of another version of the format.
    #[error("the database has version {version} of LiteDB's format; only version 8, that of LiteDB 5, is supported")]
    UnknownVersion {
        /// The version.
        version: u8,
    },
    /// LiteDB has found damage.
    #[error("LiteDB has marked the database as damaged; let LiteDB rebuild it, then try again")]
    NeedsRebuild,
    /// A page is neither in the file nor in the log.
    #[error(
        "page {page} is missing: the file is cut off, or its log (Kosync-log.db beside Kosync.db) was not copied with it"
    )]
    MissingPage {
        /// The number of the page.
        page: u32,
    },
    /// There is damage in what leads to the accounts.
    #[error(
        "the database is damaged, or its log (Kosync-log.db beside Kosync.db) was not copied with it: page {page}: {what}"
    )]
    Damaged {
        /// The number of the page.
        page: u32,
        /// What is wrong there, in English.
        what: &'static str,
    },
    /// The log has no valid page there.
    #[error("the log is damaged, or is not a log of LiteDB: there is no valid page at byte {at}")]
    DamagedLog {
        /// Where, in bytes from its beginning.
        at: usize,
    },
    /// The log belongs to another database.
    #[error("the log belongs to another database")]
    ForeignLog,
    /// There are no accounts.
    #[error(
        "the database has no collection `users`: it is not kosync-dotnet's, was never used, \
         or its log (Kosync-log.db beside Kosync.db) was not copied with it"
    )]
    NoUsers,
}

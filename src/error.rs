//! The library's error type. It knows no HTTP: `http` maps its variants to statuses.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A failure that no client can cause by what it sends.
///
/// Outcomes of the protocol (a name that is taken, a key that is wrong) are values such as
/// [`CreateOutcome`](crate::store::CreateOutcome), never errors. Cloning is cheap: one failed commit fails a whole batch.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The builder was given no data directory.
    #[error("no data directory was given: call `data_dir` on the builder, or set `data_dir` in the configuration")]
    NoDataDir,

    /// The data directory cannot be created, read or written.
    #[error("data directory {}: {reason}", path.display())]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// The system's error, or what is wrong with the data.
        reason: Arc<io::Error>,
    },

    /// The data directory is already open in this process. LMDB allows that once.
    #[error(
        "data directory {}: already open in this program; clone the `Server` instead of building a second one",
        path.display()
    )]
    AlreadyOpen {
        /// The directory.
        path: PathBuf,
    },

    /// Another server runs on the data directory. Commands may run beside a server, a second server may not.
    #[error(
        "data directory {}: another server is running on it{}; stop that server, or choose another directory",
        path.display(),
        process.map(|process| format!(" (process {process})")).unwrap_or_default()
    )]
    InUse {
        /// The directory.
        path: PathBuf,
        /// The other server's process id, if it is known.
        process: Option<u32>,
    },

    /// A newer version wrote the data. It was not changed.
    #[error(
        "data directory {}: written by a newer version (format {found}, this one knows up to {known}); run that version, or choose another \
         directory",
        path.display()
    )]
    NewerFormat {
        /// The directory, or the backup.
        path: PathBuf,
        /// The format of the data.
        found: u64,
        /// The newest format that this version reads.
        known: u64,
    },

    /// The configured administrator's password cannot be used.
    #[error("admin password: {0}")]
    AdminPassword(String),

    /// A configured account cannot be created.
    #[error("account {name}: {reason}")]
    Account {
        /// The account's name, as configured.
        name: String,
        /// What is wrong, and in which file.
        reason: String,
    },

    /// A backup or an export cannot be written, or a backup cannot be restored.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's error, or what is wrong with the file.
        reason: Arc<io::Error>,
    },

    /// The certificate or its key cannot be used.
    #[error("TLS: {0}")]
    Tls(String),

    /// The MQTT broker cannot be used as configured.
    #[error("MQTT: {0}")]
    Mqtt(String),

    /// The login at a reverse proxy cannot work as configured.
    #[error("proxy login: {0}")]
    ProxyLogin(String),

    /// The mount path cannot be used.
    #[error("path `{0}`: it must start with `/` and be a plain path such as `/books`, as browsers write it")]
    Path(String),

    /// A listen address cannot be bound.
    #[error("listen address {address}: {reason}")]
    Listen {
        /// The address, as configured.
        address: String,
        /// The system's error.
        reason: Arc<io::Error>,
    },

    /// The HTTP server failed while it was running.
    #[error("serving failed: {0}")]
    Serve(Arc<io::Error>),

    /// The disk or the store's map is full. Nothing was stored. Reads still work, and writes work again once there is room.
    #[error("no space left: the disk or the store is full")]
    NoSpace,

    /// The disk refuses writes: it fails, or became read-only. Nothing was stored. Reads still work, and writes work again once the disk
    /// takes them.
    #[error("the disk of the data directory refuses writes: {0}")]
    DiskWrite(Arc<io::Error>),

    /// The running server's data directory, or a file in it, was deleted or replaced. Nothing was stored.
    #[error(
        "data directory {}: it was deleted or replaced; stop the server, put the directory back or restore a backup, and start the server \
         again",
        path.display()
    )]
    DataDirReplaced {
        /// The directory.
        path: PathBuf,
    },

    /// The server is too busy for the call. The write queue is full, all reader slots are in use, or so many logins wait for Argon2 that
    /// this one would take too long. Try again.
    #[error("too busy: try again")]
    Busy,

    /// The store has stopped for good, because LMDB failed to write its own meta page. Open the store again.
    #[error(
        "the store has stopped, because LMDB could not write the meta page of data.mdb; see the log for the cause, and start again"
    )]
    StoreClosed,

    /// Any other error of the store. The text is mostly LMDB's.
    #[error("store: {0}")]
    Store(Arc<dyn std::error::Error + Send + Sync>),
}

/// What an error means to a client of the running server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ClientFailure {
    /// There is no space; writes work again once there is.
    NoSpace,
    /// The disk refuses writes.
    DiskWrite,
    /// The data directory is not the one that was opened.
    DataDirReplaced,
    /// A retry may succeed.
    Busy,
    /// Unexpected; the log has the reason.
    Internal,
}

impl Error {
    /// Classifies the error. Exhaustive, so that a new variant forces a decision; each face of the server then has its own words for it.
    pub(crate) fn client_failure(&self) -> ClientFailure {
        match self {
            Self::NoSpace => ClientFailure::NoSpace,
            Self::DiskWrite(_) => ClientFailure::DiskWrite,
            Self::DataDirReplaced { .. } => ClientFailure::DataDirReplaced,
            Self::Busy | Self::StoreClosed => ClientFailure::Busy,
            Self::NoDataDir
            | Self::DataDir { .. }
            | Self::AlreadyOpen { .. }
            | Self::InUse { .. }
            | Self::NewerFormat { .. }
            | Self::AdminPassword(_)
            | Self::Account { .. }
            | Self::File { .. }
            | Self::Tls(_)
            | Self::Mqtt(_)
            | Self::ProxyLogin(_)
            | Self::Path(_)
            | Self::Listen { .. }
            | Self::Serve(_)
            | Self::Store(_) => ClientFailure::Internal,
        }
    }
}

//! What can go wrong, in the library's own words. It knows no HTTP: `api` maps these to statuses.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// A result whose error is [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What nobody expected, or what a person has to mend.
///
/// Outcomes that belong to the protocol (a name that is taken, a key that is wrong) are values such as
/// [`CreateOutcome`](crate::store::CreateOutcome), never errors. Cloning is cheap: one failed commit answers a whole batch.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The builder was given no data folder.
    #[error("no data folder was given: call `data_dir` on the builder, or set `data_dir` in the configuration")]
    NoDataDir,

    /// The data folder cannot be made or written.
    #[error("data folder {}: {reason}", path.display())]
    DataDir {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        reason: Arc<io::Error>,
    },

    /// The folder is already open in this process; LMDB allows it once.
    #[error("data folder {}: already open in this program; clone the `Server` instead of building a second one", path.display())]
    AlreadyOpen {
        /// The folder.
        path: PathBuf,
    },

    /// Another server is running on the folder. Commands may work on it at the same time, a second server may not.
    #[error(
        "data folder {}: another server is running on it{}; stop that one, or choose another folder",
        path.display(),
        process.map(|process| format!(" (process {process})")).unwrap_or_default()
    )]
    InUse {
        /// The folder.
        path: PathBuf,
        /// The number of its process, where that can be told.
        process: Option<u32>,
    },

    /// The data was written by a newer version. It was not touched.
    #[error(
        "data folder {}: written by a newer version (format {found}, this one knows up to {known}); run that version, or choose another folder",
        path.display()
    )]
    NewerFormat {
        /// The folder.
        path: PathBuf,
        /// The format the folder has.
        found: u64,
        /// The newest format this version reads.
        known: u64,
    },

    /// The administrator's password cannot be used.
    #[error("admin password: {0}")]
    AdminPassword(String),

    /// An account of the configuration cannot be made.
    #[error("account {name}: {reason}")]
    Account {
        /// The account's name, as it was configured.
        name: String,
        /// What is wrong, and with which file.
        reason: String,
    },

    /// A backup or an export cannot be written, or a backup cannot be used.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said, or what is wrong with it.
        reason: Arc<io::Error>,
    },

    /// The certificate or its key cannot be used.
    #[error("TLS: {0}")]
    Tls(String),

    /// The MQTT broker of the configuration cannot be used.
    #[error("MQTT: {0}")]
    Mqtt(String),

    /// The mount path cannot be used.
    #[error("path `{0}`: it must start with `/` and be a plain path such as `/books`, as browsers write it")]
    Path(String),

    /// An address cannot be listened on.
    #[error("listen address {address}: {reason}")]
    Listen {
        /// The address as it was configured.
        address: String,
        /// What the system said.
        reason: Arc<io::Error>,
    },

    /// The HTTP server stopped with an error of the system.
    #[error("serving: {0}")]
    Serve(Arc<io::Error>),

    /// The disk or the store's map is full. Reads go on, and so do writes once there is room.
    #[error("no room left: the disk or the store is full")]
    NoSpace,

    /// The disk takes no writes: it fails, or has become read-only. Nothing was stored. Reads go on, and so do writes once it takes them.
    #[error("the data folder's disk takes no writes: {0}")]
    DiskWrite(Arc<io::Error>),

    /// The data folder, or a file in it, was deleted or replaced under the running server. Nothing was stored.
    #[error("data folder {}: it was deleted or replaced; stop the server, put the folder back or restore a backup, and start it again", path.display())]
    DataDirReplaced {
        /// The folder.
        path: PathBuf,
    },

    /// More writes are waiting than the queue holds, or more reads are open than the store has slots. Try again.
    #[error("too busy: try again")]
    Busy,

    /// The store has stopped for good: LMDB does that when the disk fails while it writes its own head. Open the store anew.
    #[error(
        "the store has stopped, because LMDB could not write the head of data.mdb; the log says why. Start it anew"
    )]
    StoreClosed,

    /// Something nobody expected in the store; the text is LMDB's.
    #[error("store: {0}")]
    Store(Arc<dyn std::error::Error + Send + Sync>),
}

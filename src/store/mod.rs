//! The store: one LMDB environment in the data directory. Only this module knows LMDB.
//!
//! Reads are short transactions on the calling thread, microseconds each, and never held over an await. Writes go through a queue to
//! one thread, which commits them in groups; a reply means "on disk". Both are safe while other processes use the same directory.
//!
//! Imports point down this list:
//! - `import`, `export`, `merge`, `transfer`
//! - `restore`, `backup`, `verify`
//! - `device_passwords`, `ingress_users`, `networks`, `sessions`, `registration`, `progress`, `push`, `accounts`: what can be stored, each with its methods of `Store`
//! - `quota`: counting what accounts have, and making room
//! - `reads`
//! - `handle`: `Store` and how it is opened
//! - `events`
//! - `committer`: the write queue and group commit
//! - `purge`, `transaction`: a write transaction
//! - `names`: which account a name means
//! - `usage`: what the writer knows about the use of quotas
//! - `retention`: which part of a history is kept
//! - `env`: opening LMDB, and its errors
//! - `lock`: who may use the data directory
//! - `data_files`: files of the data directory
//! - `layout`: which programs can read a file of LMDB
//! - `new_file`: files that get their name once they are complete
//! - `owner`: whose new files are; `unfinished`: what is removed after an error or a signal
//! - `file_system`: what file systems do not support
//! - `tables`, `records`, `packed`, `keyspace`, `page_layout`: the format on disk
//! - `current`: which position of a document is the current one

mod accounts;
mod backup;
mod committer;
mod current;
mod data_files;
mod device_passwords;
mod env;
mod events;
mod export;
mod file_system;
mod handle;
mod import;
mod ingress_users;
mod job;
mod keyspace;
mod layout;
mod lock;
mod merge;
mod names;
mod networks;
mod new_file;
mod owner;
mod packed;
mod page_layout;
mod progress;
mod purge;
mod push;
mod quota;
mod reads;
mod records;
mod registration;
mod restore;
mod retention;
mod sessions;
mod tables;
mod transaction;
mod transfer;
mod unfinished;
mod usage;
mod verify;

pub use self::accounts::{AccountOutcome, Authority, Change, CreateOutcome, UpdateOutcome};
pub(crate) use self::device_passwords::{DevicePasswordEntry, DevicePasswordOutcome, RevokeOutcome};
pub use self::events::{Events, Lagged};
#[cfg(feature = "import")]
pub(crate) use self::file_system::parent_dir;
pub use self::handle::Store;
pub(crate) use self::handle::{OwnClock, StoreOptions};
pub(crate) use self::ingress_users::Choice;
#[cfg(feature = "import")]
pub(crate) use self::layout::Layout;
pub(crate) use self::networks::KnownNetwork;
pub use self::progress::PushOutcome;
pub(crate) use self::reads::SliceLimit;
pub use self::reads::{DocumentEntry, HistoryEntry};
pub use self::restore::{RestoreReport, restore_backup};
pub(crate) use self::sessions::{SESSION_LIFETIME, SessionToken};
pub use self::transfer::{
    HISTORY_MAX, ImportOutcome, Transferred, TransferredAccount, TransferredDevicePassword, TransferredDocument,
    TransferredPosition,
};
#[cfg(feature = "cli")]
pub(crate) use self::unfinished::{Unfinished, remove_left_over, remove_unfinished};
pub(crate) use self::usage::Quota;
pub use self::usage::QuotaExceeded;
pub use self::verify::VerifyReport;

#[cfg(test)]
mod tests;

//! The store: one LMDB environment in the data directory. Only this module knows LMDB.
//!
//! Reads are short transactions on the calling thread, microseconds each, and never held over an await. Writes go through a queue to
//! one thread, which commits them in groups; a reply means "on disk". Both are safe while other processes use the same directory.
//!
//! Imports point down this list:
//! - `import`, `export`, `merge`, `transfer`
//! - `restore`, `backup`, `verify`
//! - `ingress_users`, `networks`, `sessions`, `registration`, `progress`, `accounts`: what can be stored, each with its methods of `Store`
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
//! - `lock`, `data_files`: the data directory
//! - `tables`, `records`, `packed`, `keyspace`: the format on disk

mod accounts;
mod backup;
mod committer;
mod data_files;
mod env;
mod events;
mod export;
mod handle;
mod import;
mod ingress_users;
mod keyspace;
mod lock;
mod merge;
mod names;
mod networks;
mod packed;
mod progress;
mod purge;
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
mod usage;
mod verify;

pub use self::accounts::{AccountOutcome, Authority, Change, CreateOutcome, UpdateOutcome};
#[cfg(feature = "import")]
pub(crate) use self::data_files::parent_dir;
pub use self::events::{Events, Lagged};
pub use self::handle::Store;
pub(crate) use self::handle::StoreOptions;
pub(crate) use self::networks::KnownNetwork;
pub use self::progress::PushOutcome;
pub(crate) use self::reads::SliceLimit;
pub use self::reads::{DocumentEntry, HistoryEntry};
pub use self::restore::{RestoreReport, restore_backup};
pub(crate) use self::sessions::{SESSION_LIFETIME, SessionToken};
pub use self::transfer::{
    HISTORY_MAX, ImportOutcome, Transferred, TransferredAccount, TransferredDocument, TransferredPosition,
};
pub(crate) use self::usage::Quota;
pub use self::usage::QuotaExceeded;
pub use self::verify::VerifyReport;

#[cfg(test)]
mod tests;

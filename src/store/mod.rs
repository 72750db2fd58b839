//! The store: one LMDB environment in the data directory. Only this module knows LMDB.
//!
//! Reads are short transactions on the calling thread, microseconds each, and never held over an await. Writes go through a queue to
//! one thread, which commits them in groups; a reply means "on disk". Both are safe while other processes use the same directory.
//!
//! Imports point down this list:
//! - `import`, `export`, `joins_transfer`, `notes_transfer`, `merge`, `merge_current`, `transfer`
//! - `restore`, `backup`, `verify` with `verify_aliases`, `verify_books` and `verify_files`
//! - `identified`: pushes and pulls that name identifiers
//! - `device_passwords`, `remote_users`, `networks`, `sessions`, `registration`, `progress`, `join`, `push`, `book_moves`, `accounts`: what can be
//!   stored, each with its methods of `Store`
//! - `reading`: what was computed from the files
//! - `uploads`, `file_copies`, `file_changes`, `files`: the WebDAV folders
//! - `marks`: what readers say about books and devices; `fold`: what outlives positions that go
//! - `quota`: counting what accounts have, and making room
//! - `joined_reads`
//! - `reads`, `space`, `copies`
//! - `handle`: `Store` and how it is opened
//! - `events`
//! - `committer`: the write queue and group commit
//! - `purge`, `aliases`, `transaction`: a write transaction
//! - `names`: which account a name means; `books`: the rows of joined documents
//! - `joined`: reads joined documents; `other_copy`: which locator a joined document gets
//! - `usage`: what the writer knows about the use of quotas
//! - `retention`: which part of a history is kept
//! - `env`: opening LMDB, and its errors
//! - `lock`: who may use the data directory
//! - `data_files`: files of the data directory
//! - `layout`: which programs can read a file of LMDB
//! - `new_file`: files that get their name once they are complete
//! - `owner`: whose new files are; `unfinished`: what is removed after an error or a signal
//! - `file_system`: what file systems do not support
//! - `tables`, `records`, `file_rows`, `reading_rows`, `shelf_records`, `packed`, `keyspace`, `alias_key`, `page_layout`: the format on disk
//! - `file_transfers`: uploads and downloads that are under way
//! - `current`: which position of a document is the current one

mod accounts;
mod alias_key;
mod aliases;
mod backup;
mod book_moves;
mod book_transfer;
mod books;
mod committer;
mod copy_times;
mod current;
mod data_files;
mod device_passwords;
mod env;
mod event_log;
mod events;
mod export;
mod file_changes;
mod file_copies;
mod file_rows;
mod file_system;
mod file_transfers;
mod files;
mod fold;
mod handle;
mod identified;
mod import;
mod import_outcome;
mod job;
mod join;
mod joined;
mod joined_reads;
mod joined_state;
mod joins_transfer;
mod keyspace;
mod large_pages;
mod layout;
mod lock;
mod log_time;
mod marks;
mod merge;
mod merge_current;
mod names;
mod networks;
mod new_file;
mod notes_transfer;
mod other_copy;
mod owner;
mod packed;
mod packed_preferences;
mod page_cache;
mod page_layout;
mod progress;
mod purge;
mod push;
mod quota;
mod reading;
mod reading_rows;
mod reads;
mod records;
mod registration;
mod remote_users;
mod removed_positions;
mod restore;
mod retention;
mod sessions;
mod shelf_records;
mod space;
mod tables;
mod taken_back;
mod transaction;
mod transfer;
mod transferred_position;
mod unfinished;
mod uploads;
mod usage;
mod verify;
mod verify_aliases;
mod verify_books;
mod verify_files;
mod write_queue;

pub use self::accounts::{AccountOutcome, Authority, Change, CreateOutcome, JoinRefusal, UpdateOutcome};
pub(crate) use self::aliases::ShadowedAliases;
pub(crate) use self::copy_times::CopyTimes;
pub(crate) use self::device_passwords::{DevicePasswordEntry, DevicePasswordOutcome, RevokeOutcome};
pub use self::events::{Events, Lagged};
pub use self::file_changes::{EntityTags, FileCondition, FileOutcome, FileQuotaExceeded};
pub use self::file_rows::FILE_CHUNK_LEN;
#[cfg(feature = "import")]
pub(crate) use self::file_system::parent_dir;
#[cfg(test)]
pub(crate) use self::files::file_of_test;
pub use self::files::{FileUsage, OpenFile};
pub use self::handle::Store;
pub(crate) use self::handle::{OwnClock, StoreOptions};
pub use self::identified::{IdentifiedPosition, IdentifiedPush};
pub use self::import_outcome::ImportOutcome;
pub use self::joined::{JoinedBook, JoinedDocument};
#[cfg(feature = "import")]
pub(crate) use self::layout::Layout;
pub(crate) use self::marks::{BookMark, DeviceRow, FoldedSlot, Moved};
pub(crate) use self::networks::KnownNetwork;
pub use self::notes_transfer::{TransferredAccountNotes, TransferredDeviceNote, TransferredNotes, TransferredShelf};
pub use self::push::PushOutcome;
pub(crate) use self::reading::ReadingChange;
pub(crate) use self::reading_rows::ReadingKind;
pub(crate) use self::reads::SliceLimit;
pub use self::reads::{DocumentEntry, HistoryEntry};
pub(crate) use self::remote_users::{Choice, Chosen};
pub use self::restore::{RestoreReport, restore_backup};
pub(crate) use self::sessions::{SESSION_LIFETIME, SessionToken};
pub(crate) use self::shelf_records::FoldedHistory;
pub(crate) use self::space::Space;
pub use self::transfer::{
    HISTORY_MAX, Transferred, TransferredAccount, TransferredAlias, TransferredDevicePassword, TransferredDocument,
    TransferredPosition,
};
pub use self::transferred_position::{
    TransferredBook, TransferredCurrent, TransferredDevice, TransferredJoin, TransferredLocator, TransferredMember,
    TransferredShared,
};
#[cfg(feature = "cli")]
pub(crate) use self::unfinished::{Unfinished, remove_left_over, remove_unfinished};
pub(crate) use self::uploads::UploadStep;
pub use self::usage::QuotaExceeded;
pub(crate) use self::usage::{FileQuota, Quota};
pub use self::verify::VerifyReport;

#[cfg(test)]
mod tests;

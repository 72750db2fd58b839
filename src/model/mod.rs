//! The terms of the protocol as types: accounts, keys, documents, positions, events and times. Each type checks its own limits.

mod account;
mod device_password;
mod document;
mod event;
mod file;
mod finish_log;
mod identifiers;
mod key;
mod language;
mod locator;
mod logged;
mod network;
mod paged;
mod position_rule;
mod preferences;
mod progress;
mod shelf;
mod time;
mod validation;
mod wording;

pub(crate) use self::account::RemoteUserId;
pub use self::account::{ADMIN, USERNAME_MAX, User, UserId, Username};
pub(crate) use self::device_password::DevicePassword;
pub use self::device_password::{DEVICE_PASSWORD_NAME_MAX, DEVICE_PASSWORDS_MAX, DeviceKeyHash, DevicePasswordName};
pub use self::document::{DOCUMENT_MAX, DOCUMENT_NAME_MAX, Document, DocumentName, METADATA_MAX, Metadata};
pub use self::event::Event;
pub use self::file::{FILE_NAME_MAX, FILE_PATH_MAX, FileInfo, FilePath};
pub(crate) use self::finish_log::{BEGUN_AGAIN, FINISHED, FinishLog, MAX_TURNS, TakenBack, correct_finish, read_share};
pub(crate) use self::identifiers::checked_value;
pub use self::identifiers::{IDENTIFIER_MAX, IDENTIFIERS_MAX, Identifier, Identifiers, LABEL_MAX};
pub(crate) use self::key::md5_digits;
pub use self::key::{Key, StoredKey};
pub use self::language::{Language, UnknownLanguage};
pub(crate) use self::locator::LocatorKind;
pub(crate) use self::logged::{LOGGED_NAME_MAX, shortened};
pub(crate) use self::network::{Network, client_address};
pub(crate) use self::paged::has_pages;
pub use self::position_rule::{PositionRule, PushEffect, UnknownPositionRule};
pub use self::preferences::{DAY_END_MAX, DEFAULT_DAY_END, GOAL_MAX, Preferences};
pub use self::progress::{
    DEVICE_MAX, PROGRESS_MAX, Progress, RESTORE_DEVICE, RESTORE_DEVICE_ID, START_OVER_DEVICE, START_OVER_DEVICE_ID,
};
pub(crate) use self::progress::{OTHER_COPY_ID_MARK, OTHER_COPY_MARK};
pub use self::shelf::{DEVICE_NAME_MAX, DeviceLabel, DeviceName, Shelf, ShelfMove, UnknownShelf};
pub(crate) use self::time::{DayRule, calendar_day, timestamp};
pub use self::validation::ValidationError;
#[cfg(feature = "cli")]
pub(crate) use self::wording::count;
pub(crate) use self::wording::percent;
#[cfg(feature = "import")]
pub(crate) use self::wording::printable;

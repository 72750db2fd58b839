//! Events: the changes that a store announces once they are on disk.

use super::account::{UserId, Username};
use super::document::Document;
use super::file::FilePath;
use super::position_rule::PushEffect;
use super::progress::Progress;

/// A change that is on disk. The events of one process come in commit order.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An account was created.
    UserCreated {
        /// The account's name.
        user: Username,
    },
    /// An account's key changed.
    KeyChanged {
        /// The account's name.
        user: Username,
    },
    /// A device password was created.
    DevicePasswordCreated {
        /// The account's name.
        user: Username,
        /// The number by which it is revoked.
        id: u32,
    },
    /// A device password was revoked.
    DevicePasswordRevoked {
        /// The account's name.
        user: Username,
        /// Its number.
        id: u32,
    },
    /// An account was deleted, with all its data.
    UserDeleted {
        /// The account's name.
        user: Username,
    },
    /// An account was enabled or disabled.
    ActiveChanged {
        /// The account's name.
        user: Username,
        /// Whether it is enabled now.
        active: bool,
    },
    /// A document was renamed, or its name was removed.
    DocumentRenamed {
        /// Name of the account it belongs to.
        user: Username,
        /// The document's id.
        document: Document,
        /// The document's new name.
        name: Option<String>,
    },
    /// A reader moved a book to another shelf, hid it, or showed it again.
    DocumentMarked {
        /// Name of the account it belongs to.
        user: Username,
        /// The document's id.
        document: Document,
    },
    /// Registration was opened or closed at run time.
    RegistrationChanged {
        /// Whether clients may create accounts now.
        open: bool,
    },
    /// A document was deleted, with its history.
    DocumentDeleted {
        /// Name of the account it belonged to.
        user: Username,
        /// The document's id.
        document: Document,
    },
    /// Two documents were joined, with all that they were joined with: they share one current position.
    DocumentsJoined {
        /// Name of the account they belong to.
        user: Username,
        /// The id of one.
        document: Document,
        /// The id of the other, which may not have been pushed yet.
        other: Document,
    },
    /// A document was parted from those that it was joined with.
    DocumentParted {
        /// Name of the account it belongs to.
        user: Username,
        /// The document's id.
        document: Document,
    },
    /// A position was stored: by a push, a restored position, or an import. `effect` tells whether it is the current one.
    Pushed {
        /// Its sequence number. Numbers grow, with gaps. A device that holds the current position and pushes it again repeats that of its
        /// entry.
        sequence: u64,
        /// Name of the account it belongs to.
        user: Username,
        /// The account's number: by the time this event is handled, another account may have the name.
        user_id: UserId,
        /// The document's id.
        document: Document,
        /// The position, with the time at which it was written.
        progress: Progress,
        /// The current position before it: 0 % in a document that was started over.
        before: Option<Progress>,
        /// What it did to the document's current position.
        effect: PushEffect,
        /// The current position after it, where that is not `progress`.
        current: Option<Box<Progress>>,
    },
    /// A document was started over: it has no current position until a reader moves.
    StartedOver {
        /// Name of the account it belongs to.
        user: Username,
        /// The account's number.
        user_id: UserId,
        /// The document's id.
        document: Document,
    },
    /// A file of an account's WebDAV folder was stored: uploaded, copied, moved there, or imported.
    FileStored {
        /// The account's name.
        user: Username,
        /// The account's number.
        user_id: UserId,
        /// The file's path.
        path: FilePath,
    },
    /// Reading times or highlights of an account were computed from its files.
    ReadingUpdated {
        /// The account's name.
        user: Username,
        /// The account's number.
        user_id: UserId,
    },
    /// A file of an account's WebDAV folder was deleted, or moved to another path.
    FileDeleted {
        /// The account's name.
        user: Username,
        /// The account's number.
        user_id: UserId,
        /// The file's path.
        path: FilePath,
    },
}

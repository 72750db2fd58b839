//! What is told of a change once it is on disk.

use super::{Document, Progress, UserId, Username};

/// A change that is on disk. Those of one process come in the order in which they were written.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Event {
    /// An account was made.
    UserCreated {
        /// Its name.
        user: Username,
    },
    /// An account has another password.
    KeyChanged {
        /// Its name.
        user: Username,
    },
    /// An account was deleted, with all that it had.
    UserDeleted {
        /// Its name.
        user: Username,
    },
    /// An account was switched on or off.
    ActiveChanged {
        /// Its name.
        user: Username,
        /// Whether it now is on.
        active: bool,
    },
    /// A document was given another name, or none.
    DocumentRenamed {
        /// Whose it is.
        user: Username,
        /// Its id.
        document: Document,
        /// The name it now has.
        name: Option<String>,
    },
    /// Registration was opened or closed while the server ran.
    RegistrationChanged {
        /// Whether clients may make accounts now.
        open: bool,
    },
    /// A document was deleted, with its history.
    DocumentDeleted {
        /// Whose it was.
        user: Username,
        /// Its id.
        document: Document,
    },
    /// A position was pushed.
    Pushed {
        /// The push's number in the store's log. Numbers grow; some are left out.
        sequence: u64,
        /// Whose position it is.
        user: Username,
        /// The account's number: another account may have the name by the time that this is told.
        user_id: UserId,
        /// Of which document.
        document: Document,
        /// The position, with the time it was written.
        progress: Progress,
        /// The position that it took the place of.
        before: Option<Progress>,
    },
}

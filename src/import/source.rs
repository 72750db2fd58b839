//! What another server has of its accounts.

use std::fmt;

/// An account of another server.
#[derive(Clone, PartialEq)]
pub struct Account {
    /// Its name.
    pub name: String,
    /// What its devices send: the MD5 of the password, as 32 lowercase hex digits. Empty where the source does not tell it.
    pub key: String,
    /// Whether it may log in.
    pub active: bool,
    /// Whether it may manage other accounts.
    pub administrator: bool,
    /// Where it is in its documents.
    pub positions: Vec<Position>,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("name", &self.name).field("positions", &self.positions).finish_non_exhaustive()
    }
}

/// A position in a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// The document's id.
    pub document: String,
    /// The position in the client's own notation.
    pub progress: String,
    /// How far that is, usually 0 to 1.
    pub percentage: f64,
    /// The device's name.
    pub device: String,
    /// The device's id, if it has one.
    pub device_id: Option<String>,
    /// When it was written, in whole seconds since the Unix epoch.
    pub timestamp: u64,
}

/// A record that is not taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Which one, so that a person finds it again.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// All that a source has.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Source {
    /// Its accounts.
    pub accounts: Vec<Account>,
    /// What could not be read of it.
    pub skipped: Vec<Skipped>,
}

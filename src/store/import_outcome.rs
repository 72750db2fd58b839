//! What an import did with a record.

/// Outcome of importing a record, or of previewing that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportOutcome {
    /// It did not exist, and was created.
    Created,
    /// The document existed, and moved on to the newer positions. Its own positions are in its history.
    Advanced,
    /// It existed, and is still current: the account with its key, or the document with a position that is at least as new. The
    /// imported positions are in its history. Or the alias was not made: its value is a document or an alias already, or its document
    /// does not exist, or has 64 aliases.
    Unchanged,
    /// The account of the document or alias does not exist.
    NoAccount,
}

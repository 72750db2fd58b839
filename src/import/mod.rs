//! Accounts and positions out of the databases of other servers.
//!
//! Each of them is read into the same [`source::Source`]. Nothing here opens a file or writes to the store.

pub mod litedb;
pub mod source;

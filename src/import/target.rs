//! What an import needs of the server that it imports into.

use crate::auth::Authenticator;
use crate::store::Store;

/// The server that is imported into: a [`Server`](crate::Server) by reference.
#[derive(Clone, Copy)]
pub struct ImportTarget<'a> {
    pub(crate) store: &'a Store,
    pub(crate) auth: &'a Authenticator,
}

impl std::fmt::Debug for ImportTarget<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportTarget").field("store", &self.store).finish_non_exhaustive()
    }
}

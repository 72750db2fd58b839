//! Sockets: listeners, connections, TLS.

pub(crate) mod acceptor;
pub(crate) mod listener;
mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;

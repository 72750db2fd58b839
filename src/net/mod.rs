//! Sockets: listeners, TLS.

pub(crate) mod listener;
#[cfg(feature = "tls")]
pub(crate) mod tls;

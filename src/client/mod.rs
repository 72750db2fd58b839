//! Outgoing connections: one HTTP request to another server, and TLS that trusts the system's authorities.

#[cfg(feature = "import")]
pub(crate) mod http;
#[cfg(feature = "tls")]
mod pinned;
#[cfg(feature = "tls")]
pub(crate) mod tls;

//! Sockets and the serve loop; what travels over them is `http`'s.

mod acceptor;
mod client_address;
pub(crate) mod connections;
mod file_limit;
#[cfg(feature = "tls")]
mod handshake;
mod handshake_log;
pub(crate) mod listener;
pub(crate) mod run;
mod service;
mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;

#[cfg(test)]
mod tests;

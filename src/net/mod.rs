//! Sockets and the serve loop; what travels over them is `http`'s.

mod acceptor;
pub(crate) mod connections;
mod file_limit;
#[cfg(feature = "tls")]
mod handshake;
mod handshake_log;
pub(crate) mod listener;
mod network;
pub(crate) mod run;
mod service;
mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;

#[cfg(test)]
mod tests;

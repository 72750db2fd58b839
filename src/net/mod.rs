//! Sockets and the serve loop; what travels over them is `http`'s.

mod acceptor;
pub(crate) mod listener;
pub(crate) mod run;
mod stream;
#[cfg(feature = "tls")]
pub(crate) mod tls;

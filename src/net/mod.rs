//! Sockets and the serve loop; what travels over them is `http`'s.

pub(crate) mod listener;
pub(crate) mod run;
#[cfg(feature = "tls")]
pub(crate) mod tls;

//! HTTP: the only place with routes and statuses.

pub(crate) mod api;
pub(crate) mod body;
pub(crate) mod client_ip;
pub(crate) mod dashboard;
pub(crate) mod middleware;

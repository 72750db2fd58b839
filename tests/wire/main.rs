//! The protocol over real sockets: each rule by its number in docs/protocol.md, each client with the bytes it sends.
#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]
#![allow(unreachable_pub, reason = "a test binary has no public items")]

#[path = "../common/mod.rs"]
mod common;

mod api_v1;
mod clients;
mod credentials;
mod embedding;
mod hostile;
mod isolation;
mod library;
mod lockout;
mod manage;
mod metrics;
mod openapi;
mod progress;
mod races;
mod registrations;
mod robustness;
mod transport;
mod users;

//! The protocol over real sockets: each rule of the specification by its number, each client by its bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(unreachable_pub, reason = "a test binary is reached by nobody")]

#[path = "../common/mod.rs"]
mod common;

mod api_v1;
mod clients;
mod credentials;
mod hostile;
mod library;
mod manage;
mod metrics;
mod openapi;
mod progress;
mod races;
mod robustness;
mod transport;
mod users;

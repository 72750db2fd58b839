//! The real binary as a process of its own: settings, start and stop, durability, the examples.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(unreachable_pub, reason = "a test binary is reached by nobody")]

#[path = "../common/mod.rs"]
mod common;

mod backup;
mod damaged;
mod dashboard;
mod documentation;
mod durability;
mod examples;
mod failing_disk;
mod full_disk;
mod home_assistant;
mod import_order;
mod kosync;
mod logging;
mod moving_in;
#[cfg(feature = "mqtt")]
mod mqtt;
mod one_server;
mod quota;
mod settings;
mod startup;
mod state_machine;
mod stopping;
#[cfg(feature = "tls")]
mod tls;
mod transfer;
mod users;

//! The dashboard: in a real browser, and by its bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(unreachable_pub, reason = "a test binary is reached by nobody")]

#[path = "../common/mod.rs"]
mod common;

mod browser;
mod ingress;
mod journeys;
mod pages;

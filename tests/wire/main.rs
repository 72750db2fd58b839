//! The protocol over real sockets: each rule by its number in docs/protocol.md, each client with the bytes it sends.
#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]
#![allow(unreachable_pub, reason = "a test binary has no public items")]

#[path = "../common/mod.rs"]
mod common;

mod activity;
mod activity_pulls;
mod activity_pushes;
mod api_v1;
mod api_v1_lists;
mod bounded;
mod clients;
mod connections;
mod credentials;
mod current_position;
mod device_passwords;
mod documents;
mod embedding;
mod encodings;
mod finished_by_hand;
mod hang_up;
mod headers;
mod hostile;
mod identifiers;
mod imported_places;
mod isolation;
mod joined;
mod joined_book;
mod joined_devices;
mod joined_import;
mod library;
mod lockout;
mod manage;
mod metrics;
mod names;
mod one_book;
mod openapi;
mod position_rule;
mod preferences;
mod progress;
mod quota;
mod races;
#[cfg(feature = "statistics")]
mod reading;
mod reading_days;
mod registrations;
mod robustness;
mod shelves;
mod suggestions;
mod taken_back;
mod transport;
mod users;
mod webdav;

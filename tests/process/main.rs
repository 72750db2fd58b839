//! Tests of the real binary in its own process: settings, startup and stop, commands, durability, the examples.
#![allow(clippy::unwrap_used, reason = "a test that cannot continue has failed")]
#![allow(unreachable_pub, reason = "a test binary has no public API")]

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod aliases;
mod any_file_system;
mod backup;
#[cfg(feature = "mqtt")]
mod broker;
#[cfg(all(feature = "mqtt", feature = "tls"))]
mod broker_tls;
mod check_config;
mod clients_logged;
mod command_line;
mod damaged;
mod dashboard;
mod device_passwords;
mod documentation;
mod durability;
mod environment;
mod examples;
mod failing_disk;
mod full_disk;
mod home_assistant;
mod import_order;
mod koreader;
mod kosync;
mod log_limits;
mod logging;
#[cfg(feature = "mqtt")]
mod mqtt;
mod name_taken;
mod nothing_left_behind;
mod one_server;
mod only_files_replaced;
mod open_files;
mod other_servers;
mod proxies;
mod proxy_login;
#[cfg(feature = "tls")]
mod proxy_snippets;
mod quota;
mod refusals;
mod root_in_a_service_directory;
#[cfg(feature = "mqtt")]
mod sensors;
mod settings;
mod start_warnings;
mod startup;
mod state_machine;
mod stopping;
#[cfg(feature = "tls")]
mod tls;
mod transfer;
mod uploads;
mod users;
mod word_size;

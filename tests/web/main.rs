//! The dashboard: in a real browser, and by its bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(unreachable_pub, reason = "nothing imports a test binary")]

#[path = "../common/mod.rs"]
mod common;

mod activity;
mod administration;
mod books;
mod browser;
mod compression;
mod device_passwords;
#[cfg(all(feature = "import", feature = "statistics"))]
mod flows;
mod forms;
mod icons;
mod ingress;
mod joining;
mod journeys;
mod languages;
mod links;
#[cfg(feature = "statistics")]
mod longest_texts;
mod next;
#[cfg(feature = "cli")]
mod overview;
mod page_checks;
#[cfg(all(feature = "cli", feature = "import", feature = "statistics"))]
mod page_sizes;
mod pages;
mod proxy_login;
#[cfg(feature = "statistics")]
mod reading;
#[cfg(feature = "cli")]
mod screenshots;
mod security;
mod sessions;
mod setup;
mod setup_files;
mod stylesheet;
mod theme;
#[cfg(feature = "import")]
mod transfer;
mod visitor;
mod ways;

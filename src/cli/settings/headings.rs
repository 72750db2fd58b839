//! The headings of the groups of settings, in `--help` and in docs/configuration.md.

pub(super) const DATA: &str = "Settings and data";
pub(super) const NETWORK: &str = "Network";
pub(super) const ACCOUNTS: &str = "Accounts";
pub(super) const TLS: &str = "Encryption";
pub(super) const WEB: &str = "Dashboard, files and metrics";
pub(super) const HOME: &str = "Home Assistant and MQTT";
pub(super) const LIMITS: &str = "Limits";
pub(super) const LOG: &str = "Logging";

//! The configuration as data. It reads neither the environment nor the command line: `cli` does.

mod address;
pub(crate) mod bounds;
mod invalid;
mod log_level;
mod mqtt;
mod parse;
mod proxy_login;
mod secret;
mod trusted_proxy;

use std::net::Ipv6Addr;
use std::path::PathBuf;

use serde::{Deserialize, Deserializer};

pub(crate) use self::address::UnknownAddress;
pub use self::address::{Address, CorsOrigin, ListenAddr};
pub use self::invalid::InvalidSetting;
pub use self::log_level::LogLevel;
pub use self::mqtt::{MqttConfig, TopicPrefix};
#[cfg(feature = "cli")]
pub(crate) use self::parse::comma_separated;
use self::parse::{list, parse_unless_empty, unset_if_empty};
pub use self::proxy_login::{LogoutAddress, UserHeader};
pub use self::secret::Secret;
pub(crate) use self::secret::read_password_file;
use self::secret::secret_text;
pub use self::trusted_proxy::TrustedProxy;
use crate::model::{Language, PositionRule};

/// The default port of kosync servers.
pub const PORT: u16 = 7200;

/// All settings. Its fields are the keys of the configuration file, where unknown keys are an error.
///
/// An empty path, password or address counts as unset.
///
/// ```
/// let config: kosync::Config = serde_json::from_str(r#"{ "data_dir": "/var/lib/kosync", "registration": false }"#)?;
/// assert_eq!(config.listen[0].to_string(), "[::]:7200");
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// In code, start from the defaults:
///
/// ```
/// let mut config = kosync::Config::default();
/// config.listen = vec!["127.0.0.1:7200".parse()?, "unix:/run/kosync.sock".parse()?];
/// config.registration = false;
/// # Ok::<(), kosync::InvalidSetting>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Config {
    /// The data directory. No default in the library; the binary takes systemd's `$STATE_DIRECTORY`, else `./data`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub data_dir: Option<PathBuf>,
    /// Addresses to listen on: a list, or one string with commas. By default `[::]:7200`, which is both IP families.
    #[serde(deserialize_with = "listen_addresses")]
    pub listen: Vec<ListenAddr>,
    /// Whether clients may create accounts. By default `true`. A change on the dashboard overrides this setting until the setting
    /// itself changes.
    pub registration: bool,
    /// How many accounts clients of one address may create in a row. Then one more is allowed each minute. 0: no limit. By default 30.
    pub registrations_per_address: u32,
    /// How many accounts all clients together may create in a row. Then a tenth of that number is allowed each minute. 0: no limit. By
    /// default 300.
    pub registrations_overall: u32,
    /// A file whose first line is the administrator's password. Takes precedence over `admin_password`. By default none.
    #[serde(deserialize_with = "unset_if_empty")]
    pub admin_password_file: Option<PathBuf>,
    /// The administrator's password, set again at each start. By default none: a random password is made at the first start.
    #[serde(deserialize_with = "secret_text")]
    pub admin_password: Option<Secret>,
    /// Accounts to create at the start if they do not exist. Existing ones get the configured password. By default none.
    pub accounts: Vec<AccountConfig>,
    /// A PEM file with the certificate chain. With it, TCP listeners speak TLS. Reloaded when it changes. By default plain HTTP.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tls_certificate: Option<PathBuf>,
    /// A PEM file with the certificate's private key. Reloaded when it changes.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tls_key: Option<PathBuf>,
    /// Proxies whose headers are trusted for the client's address: a list, or one string with commas. By default none.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<TrustedProxy>,
    /// The header in which a trusted proxy names the logged-in user, such as `Remote-User`. It counts on the dashboard alone. By default
    /// none.
    #[serde(deserialize_with = "parse_unless_empty")]
    pub proxy_user_header: Option<UserHeader>,
    /// Users of the proxy who manage all accounts, by the names in `proxy_user_header`: a list, or one string with commas. By default
    /// none.
    #[serde(deserialize_with = "list")]
    pub proxy_administrators: Vec<String>,
    /// Where a browser logs out of the proxy, such as `https://auth.example/logout`. By default none: there is no button for it.
    #[serde(deserialize_with = "parse_unless_empty")]
    pub proxy_logout_address: Option<LogoutAddress>,
    /// Web origins whose scripts may call the protocol's routes (CORS): a list, or one string with commas. By default none.
    #[serde(deserialize_with = "list")]
    pub cors_origins: Vec<CorsOrigin>,
    /// Whether browsers get the dashboard. By default `true`.
    pub dashboard: bool,
    /// Whether each account has a WebDAV folder, below `/webdav/`. By default `true`.
    pub webdav: bool,
    /// Whether `GET /metrics` is served beside the protocol's routes, without a login. By default `false`.
    pub metrics: bool,
    /// Addresses that serve only `GET /metrics`, over plain HTTP: a list, or one string with commas. By default none.
    #[serde(deserialize_with = "list")]
    pub metrics_listen: Vec<ListenAddr>,
    /// The address to type into KOReader, as the dashboard shows it: `http://192.0.2.1:7200`. By default the address in the
    /// browser's request.
    #[serde(deserialize_with = "parse_unless_empty")]
    pub address: Option<Address>,
    /// Addresses that serve the dashboard to Home Assistant's ingress, whose requests are logged in already: a list, or one
    /// string with commas. By default none.
    #[serde(deserialize_with = "list")]
    pub ingress_listen: Vec<ListenAddr>,
    /// The only peer that `ingress_listen` answers. By default `172.30.32.2`, the Supervisor's address.
    #[serde(deserialize_with = "ingress_peer")]
    pub ingress_peer: TrustedProxy,
    /// Home Assistant's users who manage all accounts through `ingress_listen`. A list, or one string with commas, of user names in any
    /// case or of user ids. All other users there see one account of their own. By default none.
    #[serde(deserialize_with = "list")]
    pub ingress_administrators: Vec<String>,
    /// Connections that the server holds at once, over all its addresses. By default 4,096; fewer where the process may not open as
    /// many files. At least 1.
    #[serde(deserialize_with = "bounds::positive")]
    pub max_connections: usize,
    /// Connections that a public IPv4 address or IPv6 /64 may hold at once. By default 64. A private or loopback address may hold
    /// half of all, a trusted proxy and a unix socket all. At least 1.
    #[serde(deserialize_with = "bounds::positive")]
    pub max_connections_per_address: usize,
    /// The MQTT broker to publish reading progress to. By default none.
    pub mqtt: Option<MqttConfig>,
    /// The rule by which pushes become a document's current position, for accounts that chose none. By default `newest`.
    pub current_position: PositionRule,
    /// The language of the dashboard, unless the account or the browser asks for one. The names of MQTT's entities are in it,
    /// too. One of `de`, `en`, `es`, `fr` or `nl`. By default `en`.
    pub language: Language,
    /// Documents that an account may have. By default 10,000, at least 1. A push of one more is refused with 507.
    #[serde(deserialize_with = "bounds::positive")]
    pub max_documents: u32,
    /// Bytes of the data file that an account's positions, histories and titles may take, estimated. By default 67,108,864 (64 MiB),
    /// at least 1 MiB. Beyond it the oldest positions of the histories are removed; a push is refused with 507 once the current
    /// positions alone are too much.
    #[serde(deserialize_with = "bounds::account_bytes")]
    pub max_account_bytes: u64,
    /// Bytes that the files in an account's WebDAV folder may have. By default 268,435,456 (256 MiB). An upload beyond it is refused
    /// with 507. One file may have 64 MiB.
    pub max_files_bytes: u64,
    /// Largest size of the data file in bytes. As much address space is reserved for it. From 1 MiB to 64 TiB, rounded up to 1 MiB. By
    /// default the size of the disk, at least 1 GiB and at most 128 GiB; on 32-bit systems 512 MiB.
    ///
    /// It is kept in the store, so that commands keep to it, too.
    #[serde(deserialize_with = "bounds::store_bytes")]
    pub max_store_bytes: Option<u64>,
    /// Free bytes of the disk below which pushes of new documents are refused with 507. Updates are taken until the disk is full. By
    /// default 268,435,456 (256 MiB) or 1 % of the disk, whichever is less. 0 switches it off.
    pub min_free_disk: Option<u64>,
    /// Largest file that an administrator may upload to import it, in bytes. By default 268,435,456 (256 MiB). 0 switches uploads off.
    pub max_import_bytes: u64,
    /// The least severe messages that are logged. By default `info`.
    pub log_level: LogLevel,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: None,
            listen: vec![ListenAddr::Tcp((Ipv6Addr::UNSPECIFIED, PORT).into())],
            registration: true,
            registrations_per_address: 30,
            registrations_overall: 300,
            admin_password_file: None,
            admin_password: None,
            accounts: Vec::new(),
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            proxy_user_header: None,
            proxy_administrators: Vec::new(),
            proxy_logout_address: None,
            cors_origins: Vec::new(),
            dashboard: true,
            webdav: true,
            metrics: false,
            metrics_listen: Vec::new(),
            address: None,
            ingress_listen: Vec::new(),
            ingress_peer: TrustedProxy::SUPERVISOR,
            ingress_administrators: Vec::new(),
            max_connections: 4096,
            max_connections_per_address: 64,
            mqtt: None,
            current_position: PositionRule::default(),
            language: Language::default(),
            max_documents: 10_000,
            max_account_bytes: 64 << 20,
            max_files_bytes: 256 << 20,
            max_store_bytes: None,
            min_free_disk: None,
            max_import_bytes: 256 << 20,
            log_level: LogLevel::default(),
        }
    }
}

/// An account that the configuration creates.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AccountConfig {
    /// The account's name.
    pub name: String,
    /// A file whose first line is the account's password.
    pub password_file: PathBuf,
}

impl AccountConfig {
    /// Names an account and the file with its password.
    pub fn new(name: impl Into<String>, password_file: impl Into<PathBuf>) -> Self {
        Self { name: name.into(), password_file: password_file.into() }
    }
}

fn ingress_peer<'de, D: Deserializer<'de>>(from: D) -> Result<TrustedProxy, D::Error> {
    Ok(parse_unless_empty(from)?.unwrap_or(TrustedProxy::SUPERVISOR))
}

fn listen_addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ListenAddr>, D::Error> {
    let addresses = list(from)?;
    Ok(if addresses.is_empty() { Config::default().listen } else { addresses })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Config, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn missing_and_empty_keys_have_their_defaults() {
        assert_eq!(parse("{}"), Ok(Config::default()));
        let empty = r#"{"data_dir":"","listen":"","admin_password":"","admin_password_file":""}"#;
        assert_eq!(parse(empty), Ok(Config::default()));
    }

    #[test]
    fn addresses_are_a_list_or_one_string_with_commas() {
        let both = vec!["127.0.0.1:1".parse().expect("tcp"), "unix:/run/k".parse().expect("unix")];
        assert_eq!(parse(r#"{"listen":["127.0.0.1:1","unix:/run/k"]}"#).map(|c| c.listen), Ok(both.clone()));
        assert_eq!(parse(r#"{"listen":"127.0.0.1:1, unix:/run/k"}"#).map(|c| c.listen), Ok(both));
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not_shown() {
        let unknown = parse(r#"{"registraton":true}"#).expect_err("unknown key");
        assert!(unknown.contains("`registraton`") && unknown.contains("`registration`"), "{unknown}");
        let config = parse(r#"{"admin_password":"hunter2"}"#).expect("config");
        assert!(!format!("{config:?}").contains("hunter2"));
        let unquoted = parse(r#"{"admin_password":48151623}"#).expect_err("a number");
        assert!(unquoted.starts_with("it must be a string, in quotes") && !unquoted.contains("48151623"), "{unquoted}");
    }
}

//! The configuration, as data. It reads no environment and no command line: that is for the binary.

mod address;
mod mqtt;

use std::fmt;
use std::marker::PhantomData;
use std::net::Ipv6Addr;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};

pub(crate) use self::address::comma_separated;
pub use self::address::{Address, CorsOrigin, ListenAddr};
pub use self::mqtt::{MqttConfig, TopicPrefix};
use crate::http::client_ip::TrustedProxy;

/// The port that kosync servers are expected on.
pub const PORT: u16 = 7200;

/// Everything that can be set. The keys are those of the configuration file; unknown ones are an error.
///
/// An empty path, password or address counts as unset.
///
/// ```
/// let config: kosync::Config = serde_json::from_str(r#"{ "data_dir": "/var/lib/kosync", "registration": false }"#)?;
/// assert_eq!(config.listen[0].to_string(), "[::]:7200");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the data lies. There is no default: the binary takes systemd's `$STATE_DIRECTORY`, else `./data`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub data_dir: Option<PathBuf>,
    /// Where to listen: a list, or one string with commas. By default `[::]:7200`, which is both IP families.
    #[serde(deserialize_with = "addresses")]
    pub listen: Vec<ListenAddr>,
    /// Whether clients may make accounts. By default they may. An administrator can switch it on the dashboard, which holds until
    /// this says something else than it did then.
    pub registration: bool,
    /// A file whose first line is the administrator's password. It wins over `admin_password`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub admin_password_file: Option<PathBuf>,
    /// The administrator's password, set anew at each start. If there is none, a random one is made at the first start.
    #[serde(deserialize_with = "secret_text")]
    pub admin_password: Option<Secret>,
    /// Accounts that are made at the start where they are not there, and get the password of their file where they have another.
    pub accounts: Vec<AccountConfig>,
    /// A PEM file with the certificate chain: then TCP listeners speak TLS. It is read again when it changes.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tls_certificate: Option<PathBuf>,
    /// A PEM file with the certificate's private key.
    #[serde(deserialize_with = "unset_if_empty")]
    pub tls_key: Option<PathBuf>,
    /// Proxies whose word is taken for where a request came from: a list, or one string with commas. By default none.
    #[serde(deserialize_with = "list")]
    pub trusted_proxies: Vec<TrustedProxy>,
    /// Web pages whose scripts may use the protocol's routes: a list, or one string with commas. By default none.
    #[serde(deserialize_with = "list")]
    pub cors_origins: Vec<CorsOrigin>,
    /// Whether the dashboard is shown to whoever opens the server's address in a browser. By default it is.
    pub dashboard: bool,
    /// Whether `GET /metrics` tells Prometheus, beside the protocol's routes, to whoever asks. By default it does not.
    pub metrics: bool,
    /// Where `GET /metrics` is answered on listeners of its own, plain HTTP: a list, or one string with commas. By default
    /// nowhere.
    #[serde(deserialize_with = "list")]
    pub metrics_listen: Vec<ListenAddr>,
    /// The address to type into KOReader, shown on the dashboard: `http://192.0.2.1:7200`. By default it is the one under which
    /// a page is seen.
    #[serde(deserialize_with = "optional")]
    pub address: Option<Address>,
    /// Where the dashboard is shown to Home Assistant's ingress, which has logged everybody in: a list, or one string with
    /// commas. By default nowhere.
    #[serde(deserialize_with = "list")]
    pub ingress_listen: Vec<ListenAddr>,
    /// Who Home Assistant's ingress is: nobody else is answered there. By default `172.30.32.2`, which is the Supervisor.
    #[serde(deserialize_with = "ingress_peer")]
    pub ingress_peer: TrustedProxy,
    /// The MQTT broker that is told what is read. By default none is.
    pub mqtt: Option<MqttConfig>,
    /// How much is logged. By default `info`.
    pub log_level: LogLevel,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            data_dir: None,
            listen: vec![ListenAddr::Tcp((Ipv6Addr::UNSPECIFIED, PORT).into())],
            registration: true,
            admin_password_file: None,
            admin_password: None,
            accounts: Vec::new(),
            tls_certificate: None,
            tls_key: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            dashboard: true,
            metrics: false,
            metrics_listen: Vec::new(),
            address: None,
            ingress_listen: Vec::new(),
            ingress_peer: TrustedProxy::SUPERVISOR,
            mqtt: None,
            log_level: LogLevel::default(),
        }
    }
}

/// An account that the configuration makes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountConfig {
    /// Its name.
    pub name: String,
    /// A file whose first line is its password.
    pub password_file: PathBuf,
}

/// How much is logged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// And what a person should look at.
    Warn,
    /// And what was done, such as a stop.
    #[default]
    Info,
    /// And what helps to find out why.
    Debug,
    /// And all that the libraries have to say.
    Trace,
}

impl LogLevel {
    /// Its name, in lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

impl FromStr for LogLevel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        [Self::Error, Self::Warn, Self::Info, Self::Debug, Self::Trace]
            .into_iter()
            .find(|level| level.as_str() == text)
            .ok_or_else(|| format!("`{text}` is not one of error, warn, info, debug, trace"))
    }
}

/// A text that `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

fn unset_if_empty<'de, D: Deserializer<'de>, T: From<String>>(from: D) -> Result<Option<T>, D::Error> {
    let text = Option::<String>::deserialize(from)?;
    Ok(text.filter(|text| !text.is_empty()).map(T::from))
}

/// Serde would show in its error what it found instead of a string: a password of digits whose quotes were forgotten.
fn secret_text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Secret>, D::Error> {
    unset_if_empty(from).map_err(|_| serde::de::Error::custom("it must be a string, in quotes"))
}

/// A text that is read, or none where it is empty.
fn optional<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(from: D) -> Result<Option<T>, D::Error> {
    let text: Option<String> = unset_if_empty(from)?;
    text.map(|text| text.parse()).transpose().map_err(serde::de::Error::custom)
}

fn ingress_peer<'de, D: Deserializer<'de>>(from: D) -> Result<TrustedProxy, D::Error> {
    Ok(optional(from)?.unwrap_or(TrustedProxy::SUPERVISOR))
}

fn addresses<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<ListenAddr>, D::Error> {
    let addresses = list(from)?;
    Ok(if addresses.is_empty() { Config::default().listen } else { addresses })
}

/// A list of strings, or one string with commas.
fn list<'de, D: Deserializer<'de>, T: FromStr<Err = String>>(from: D) -> Result<Vec<T>, D::Error> {
    struct Visitor<T>(PhantomData<T>);
    impl<'de, T: FromStr<Err = String>> serde::de::Visitor<'de> for Visitor<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or a list of strings")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            comma_separated(text).map_err(E::custom)
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(text) = list.next_element::<String>()? {
                all.extend(comma_separated::<T>(&text).map_err(serde::de::Error::custom)?);
            }
            Ok(all)
        }
    }
    from.deserialize_any(Visitor(PhantomData))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<Config, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_left_out_or_empty_is_the_default() {
        assert_eq!(parse("{}"), Ok(Config::default()));
        let empty = r#"{"data_dir":"","listen":"","admin_password":"","admin_password_file":""}"#;
        assert_eq!(parse(empty), Ok(Config::default()));
    }

    #[test]
    fn addresses_come_as_a_list_or_with_commas() {
        let both = vec!["127.0.0.1:1".parse().expect("tcp"), "unix:/run/k".parse().expect("unix")];
        assert_eq!(parse(r#"{"listen":["127.0.0.1:1","unix:/run/k"]}"#).map(|c| c.listen), Ok(both.clone()));
        assert_eq!(parse(r#"{"listen":"127.0.0.1:1, unix:/run/k"}"#).map(|c| c.listen), Ok(both));
        let socket: ListenAddr = "unix:/run/k?mode=0660".parse().expect("unix");
        assert_eq!(socket, ListenAddr::Unix { path: "/run/k".into(), mode: Some(0o660) });
        assert_eq!(socket.to_string(), "unix:/run/k?mode=660");
        for wrong in ["localhost:1", "127.0.0.1", ":7200", "unix:relative", "unix:/a?mode=8", "unix:/a?mode=1777"] {
            assert!(wrong.parse::<ListenAddr>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn mistakes_are_named_and_secrets_are_not() {
        let unknown = parse(r#"{"registraton":true}"#).expect_err("unknown key");
        assert!(unknown.contains("`registraton`") && unknown.contains("`registration`"), "{unknown}");
        let config = parse(r#"{"admin_password":"hunter2"}"#).expect("config");
        assert!(!format!("{config:?}").contains("hunter2"));
        let unquoted = parse(r#"{"admin_password":48151623}"#).expect_err("a number");
        assert!(unquoted.starts_with("it must be a string, in quotes") && !unquoted.contains("48151623"), "{unquoted}");
    }
}

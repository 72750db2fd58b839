//! The MQTT broker that is told what is read.

use std::path::PathBuf;

use serde::Deserialize;

use super::{Secret, secret_text, unset_if_empty};

/// An MQTT broker, and how to speak to it.
///
/// ```
/// let config: kosync::Config = serde_json::from_str(r#"{ "mqtt": { "host": "broker.lan", "username": "kosync" } }"#)?;
/// assert_eq!(config.mqtt.unwrap().port(), 1883);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MqttConfig {
    /// The broker's name or address. Required: an empty one is refused.
    pub host: String,
    /// Its port. By default 1883, and 8883 with TLS.
    pub port: Option<u16>,
    /// The name to log in with. By default nobody logs in.
    #[serde(deserialize_with = "unset_if_empty")]
    pub username: Option<String>,
    /// Its password.
    #[serde(deserialize_with = "secret_text")]
    pub password: Option<Secret>,
    /// A file whose first line is the password. It wins over `password`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub password_file: Option<PathBuf>,
    /// Whether to speak TLS. By default not.
    pub tls: bool,
    /// A PEM file with the authorities that may have signed the broker's certificate. By default the system's,
    /// `/etc/ssl/certs/ca-certificates.crt`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub ca_certificate: Option<PathBuf>,
    /// Where Home Assistant looks for new devices. By default `homeassistant`.
    pub discovery_prefix: TopicPrefix,
    /// What all other topics start with. By default `kosync`.
    pub topic_prefix: TopicPrefix,
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: None,
            username: None,
            password: None,
            password_file: None,
            tls: false,
            ca_certificate: None,
            discovery_prefix: TopicPrefix("homeassistant".into()),
            topic_prefix: TopicPrefix("kosync".into()),
        }
    }
}

impl MqttConfig {
    /// The broker's port: what is set, or the usual one.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 8883 } else { 1883 })
    }
}

/// What MQTT topics start with: levels with `/` between, 255 bytes at most, without wildcards and without a `$` in front.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TopicPrefix(String);

impl TopicPrefix {
    /// The prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TopicPrefix {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_level =
            |level: &str| !level.is_empty() && !level.contains(['+', '#']) && !level.contains(char::is_control);
        if text.split('/').all(is_level) && text.len() <= 255 && !text.starts_with('$') {
            Ok(Self(text))
        } else {
            Err(format!("`{text}` is not the start of MQTT topics, such as `homeassistant` or `home/kosync`"))
        }
    }
}

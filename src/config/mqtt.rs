//! The MQTT broker to publish to.

use std::path::PathBuf;
use std::str::FromStr;

use serde::Deserialize;

use super::parse::unset_if_empty;
use super::secret::secret_text;
use super::{InvalidSetting, Secret};

/// An MQTT broker: its address, the login, TLS, and the topics.
///
/// ```
/// let config: kosync::Config = serde_json::from_str(r#"{ "mqtt": { "host": "broker.lan", "username": "kosync" } }"#)?;
/// assert_eq!(config.mqtt.unwrap().port_or_default(), 1883);
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// In code, start from the host:
///
/// ```
/// let mut broker = kosync::MqttConfig::new("broker.lan");
/// broker.username = Some("kosync".into());
/// broker.password = Some("secret".into());
/// broker.tls = true;
/// assert_eq!(broker.port_or_default(), 8883);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct MqttConfig {
    /// The broker's host name or IP address. Required: an empty one is an error.
    pub host: String,
    /// The broker's port. By default 1883, or 8883 with TLS.
    pub port: Option<u16>,
    /// The username of the login. By default none: the connection is anonymous.
    #[serde(deserialize_with = "unset_if_empty")]
    pub username: Option<String>,
    /// The password of the login. By default none.
    #[serde(deserialize_with = "secret_text")]
    pub password: Option<Secret>,
    /// A file whose first line is the password. Takes precedence over `password`. By default none.
    #[serde(deserialize_with = "unset_if_empty")]
    pub password_file: Option<PathBuf>,
    /// Whether the connection uses TLS. By default `false`.
    pub tls: bool,
    /// A PEM file with the broker's certificate, or the authorities that may have signed it. By default the authorities of the system, in
    /// `/etc/ssl/certs/ca-certificates.crt`.
    #[serde(deserialize_with = "unset_if_empty")]
    pub ca_certificate: Option<PathBuf>,
    /// The topic prefix that Home Assistant discovers devices under. By default `homeassistant`.
    pub discovery_prefix: TopicPrefix,
    /// The prefix of all other topics. By default `kosync`.
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
    /// Names the broker's host; everything else has its default.
    pub fn new(host: impl Into<String>) -> Self {
        Self { host: host.into(), ..Self::default() }
    }

    /// Returns the configured port, or the default one: 1883, or 8883 with TLS.
    pub fn port_or_default(&self) -> u16 {
        self.port.unwrap_or(if self.tls { 8883 } else { 1883 })
    }
}

/// The first levels of MQTT topics, with `/` between: at most 255 bytes, no wildcards, no leading `$`, no empty level.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct TopicPrefix(String);

impl TopicPrefix {
    /// Returns the prefix as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for TopicPrefix {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let is_level =
            |level: &str| !level.is_empty() && !level.contains(['+', '#']) && !level.contains(char::is_control);
        if text.split('/').all(is_level) && text.len() <= 255 && !text.starts_with('$') {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSetting::new(format!(
                "`{text}` is not an MQTT topic prefix such as `homeassistant` or `home/kosync`"
            )))
        }
    }
}

impl TryFrom<&str> for TopicPrefix {
    type Error = InvalidSetting;

    fn try_from(text: &str) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

impl TryFrom<String> for TopicPrefix {
    type Error = InvalidSetting;

    fn try_from(text: String) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_prefix_has_levels_without_wildcards() {
        for prefix in ["kosync", "home/kosync", &"x".repeat(255)] {
            assert_eq!(prefix.parse::<TopicPrefix>().expect(prefix).as_str(), prefix);
        }
        for wrong in ["", "/", "a/", "/a", "a//b", "a/+", "a/#", "$SYS", "a\nb", &"x".repeat(256)] {
            let invalid = wrong.parse::<TopicPrefix>().expect_err(wrong);
            assert!(invalid.to_string().contains("is not an MQTT topic prefix"), "{invalid}");
        }
    }
}

//! The options of the Home Assistant app, as the Supervisor writes them, made into a configuration.
//!
//! A value cannot be unset there, so an empty one is. What is wrong is told with the option's name, which is what the person sees.

use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::{Config, ListenAddr, MqttConfig, Secret, TrustedProxy};
use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

/// Where the Supervisor puts the options. The data lies beside them: it is the one folder that the app keeps.
pub(super) const OPTIONS: &str = "/data/options.json";
/// Where it puts the certificates of the house.
const CERTIFICATES: &str = "/ssl";

/// Where the ingress comes in: the port that the Supervisor asks at where an app names none.
const INGRESS: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 8099);

/// What is to be asked of the Supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SupervisorNeeds {
    /// Its MQTT broker is to be told what is read.
    pub(super) broker: bool,
}

/// The options of `addon/config.yaml`. Ones that a newer version had are ignored, so that an older one starts with them.
#[derive(Deserialize)]
#[serde(default)]
struct AppOptions {
    registration: bool,
    admin_password: String,
    log_level: String,
    ssl: bool,
    certfile: PathBuf,
    keyfile: PathBuf,
    trusted_proxies: Vec<String>,
    mqtt: MqttOptions,
}

#[derive(Deserialize)]
#[serde(default, expecting = "a group of options")]
struct MqttOptions {
    enabled: bool,
    host: String,
    port: u16,
    username: String,
    password: String,
    tls: bool,
    ca_certificate: PathBuf,
}

impl Default for MqttOptions {
    fn default() -> Self {
        Self {
            enabled: true,
            host: String::new(),
            port: 1883,
            username: String::new(),
            password: String::new(),
            tls: false,
            ca_certificate: PathBuf::new(),
        }
    }
}

impl MqttOptions {
    /// The broker that is named.
    fn config(self) -> MqttConfig {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        let authority = Some(self.ca_certificate).filter(|file| !file.as_os_str().is_empty());
        MqttConfig {
            host: self.host,
            port: Some(self.port),
            username: text(self.username),
            password: text(self.password).map(Secret::from),
            tls: self.tls,
            ca_certificate: authority.map(|file| Path::new(CERTIFICATES).join(file)),
            ..MqttConfig::default()
        }
    }
}

impl Default for AppOptions {
    fn default() -> Self {
        Self {
            registration: true,
            admin_password: String::new(),
            log_level: String::new(),
            ssl: false,
            certfile: "fullchain.pem".into(),
            keyfile: "privkey.pem".into(),
            trusted_proxies: Vec::new(),
            mqtt: MqttOptions::default(),
        }
    }
}

/// Reads the options.
pub(super) fn config(file: &Path) -> Result<(Config, SupervisorNeeds)> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let options: AppOptions = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let option = error.path().to_string();
        match option.as_str() {
            "." | "?" => anyhow!("{}: {}", file.display(), error.inner()),
            // The text may have what was typed, and that may be the password.
            "admin_password" | "mqtt.password" => anyhow!("option `{option}`: it must be a text"),
            option => anyhow!("option `{option}`: {}", error.inner()),
        }
    })?;
    let mut config = Config { data_dir: file.parent().map(Path::to_owned), ..Config::default() };
    config.registration = options.registration;
    if !options.admin_password.is_empty() {
        config.admin_password = Some(Secret::from(options.admin_password));
    }
    if !options.log_level.is_empty() {
        config.log_level = options.log_level.parse().map_err(|wrong| anyhow!("option `log_level`: {wrong}"))?;
    }
    if options.ssl {
        for (option, name, path) in [
            ("certfile", options.certfile, &mut config.tls_certificate),
            ("keyfile", options.keyfile, &mut config.tls_key),
        ] {
            if name.as_os_str().is_empty() {
                bail!("option `{option}`: it is empty; with `ssl` it must name a file in {CERTIFICATES}");
            }
            *path = Some(Path::new(CERTIFICATES).join(name));
        }
    }
    for proxy in options.trusted_proxies.iter().map(|proxy| proxy.trim()).filter(|proxy| !proxy.is_empty()) {
        let proxy: TrustedProxy = proxy.parse().map_err(|wrong| anyhow!("option `trusted_proxies`: {wrong}"))?;
        config.trusted_proxies.push(proxy);
    }
    config.ingress_listen = vec![ListenAddr::Tcp(INGRESS)];
    let wishes = SupervisorNeeds { broker: options.mqtt.enabled && options.mqtt.host.is_empty() };
    config.mqtt = (options.mqtt.enabled && !wishes.broker).then(|| options.mqtt.config());
    Ok((config, wishes))
}

/// Whether the files that options name are there: for the server, which needs them.
pub(super) fn check_files(config: &Config) -> Result<()> {
    let authority = config.mqtt.as_ref().and_then(|mqtt| mqtt.ca_certificate.as_ref());
    for (option, file) in [
        ("certfile", config.tls_certificate.as_ref()),
        ("keyfile", config.tls_key.as_ref()),
        ("mqtt.ca_certificate", authority),
    ] {
        if let Some(file) = file {
            fs::File::open(file).with_context(|| format!("option `{option}`: {}", file.display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &str) -> Result<Config, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("options.json");
        fs::write(&file, options).expect("written");
        config(&file)
            .map(|(config, _)| config)
            .map_err(|error| format!("{error:#}").replace(&dir.path().display().to_string(), "/data"))
    }

    /// As the Supervisor writes them where nothing was changed.
    const DEFAULTS: &str = r#"{"registration":true,"admin_password":"","log_level":"info","ssl":false,
        "certfile":"fullchain.pem","keyfile":"privkey.pem","trusted_proxies":[],
        "mqtt":{"enabled":true,"host":"","port":1883,"username":"","password":"","tls":false,"ca_certificate":""}}"#;

    #[test]
    fn nothing_changed_is_the_default() {
        for options in [DEFAULTS, "{}", r#"{"log_level":"","trusted_proxies":[""," "],"certfile":"","keyfile":""}"#] {
            let config = read(options).expect(options);
            assert_eq!(config.ingress_listen[0].to_string(), "[::]:8099");
            let config = Config { data_dir: None, ingress_listen: vec![], ..config };
            assert_eq!(config, Config::default(), "{options}");
        }
        let dir = tempfile::tempdir().expect("a folder");
        fs::write(dir.path().join("options.json"), DEFAULTS).expect("written");
        let (config, wishes) = config(&dir.path().join("options.json")).expect("config");
        assert_eq!(config.data_dir.as_deref(), Some(dir.path()), "the data lies beside the options");
        assert_eq!(wishes, SupervisorNeeds { broker: true });
    }

    #[test]
    fn a_broker_is_named_or_asked_for_or_none() {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("options.json");
        let read = |mqtt: &str| {
            fs::write(&file, format!(r#"{{"mqtt":{mqtt}}}"#)).expect("written");
            config(&file).map(|(config, wishes)| (config.mqtt, wishes.broker)).expect(mqtt)
        };
        assert_eq!(read("{}"), (None, true));
        assert_eq!(read(r#"{"enabled":false,"host":"broker.lan"}"#), (None, false));
        let (named, asks) = read(
            r#"{"host":"broker.lan","port":1884,"username":"u","password":"p","tls":true,"ca_certificate":"ca.pem"}"#,
        );
        let expected = MqttConfig {
            host: "broker.lan".into(),
            port: Some(1884),
            username: Some("u".into()),
            password: Some(Secret::from("p".to_owned())),
            tls: true,
            ca_certificate: Some("/ssl/ca.pem".into()),
            ..MqttConfig::default()
        };
        assert_eq!((named, asks), (Some(expected), false));
        let (named, _) = read(r#"{"host":"broker.lan"}"#);
        assert_eq!(
            named.map(|named| (named.port_or_default(), named.username, named.password)),
            Some((1883, None, None))
        );
    }

    #[test]
    fn everything_set() {
        let config = read(
            r#"{"registration":false,"admin_password":"correct horse","log_level":"debug","ssl":true,
                "certfile":"house.pem","keyfile":"/share/key.pem","trusted_proxies":["172.30.33.0/24"," ::1 "],"newer":1}"#,
        );
        let config = config.expect("config");
        assert!(!config.registration);
        assert_eq!(
            config.admin_password.map(|password| password.reveal().to_owned()).as_deref(),
            Some("correct horse")
        );
        assert_eq!(config.log_level.as_str(), "debug");
        assert_eq!(config.tls_certificate.as_deref(), Some(Path::new("/ssl/house.pem")));
        assert_eq!(config.tls_key.as_deref(), Some(Path::new("/share/key.pem")));
        assert_eq!(config.trusted_proxies.len(), 2);
    }

    #[test]
    fn mistakes_are_named_as_the_person_sees_them() {
        for (options, message) in [
            (r#"{"registration":"yes"}"#, "option `registration`: invalid type: string \"yes\", expected a boolean"),
            (r#"{"log_level":"loud"}"#, "option `log_level`: `loud` is not one of error, warn, info, debug, trace"),
            (r#"{"trusted_proxies":["nginx"]}"#, "option `trusted_proxies`: `nginx` is not an IP address"),
            (r#"{"trusted_proxies":"::1"}"#, "option `trusted_proxies`: invalid type: string"),
            (r#"{"ssl":true,"certfile":""}"#, "option `certfile`: it is empty; with `ssl` it must name a file in /ssl"),
            (r#"{"ssl":true,"keyfile":""}"#, "option `keyfile`: it is empty"),
            (r#"{"mqtt":{"port":"x"}}"#, "option `mqtt.port`: invalid type: string"),
            (r#"{"mqtt":true}"#, "option `mqtt`: invalid type: boolean `true`, expected a group of options"),
            ("{", "/data/options.json: EOF while parsing"),
        ] {
            let wrong = read(options).expect_err(options);
            assert!(wrong.starts_with(message), "{wrong}");
        }
        let wrong = read(r#"{"admin_password":48151623}"#).expect_err("a number");
        assert_eq!(wrong, "option `admin_password`: it must be a text");
        let wrong = read(r#"{"mqtt":{"password":48151623}}"#).expect_err("a number");
        assert_eq!(wrong, "option `mqtt.password`: it must be a text");
    }
}

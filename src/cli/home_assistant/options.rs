//! Makes a configuration of the options of the Home Assistant app.
//!
//! The Supervisor writes them to a file. Home Assistant cannot unset an option, so an empty value counts as unset. Errors name the
//! option, as the user sees it.

use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use crate::{Config, ListenAddr, MqttConfig, Secret, TrustedProxy};

/// The file to which the Supervisor writes the options. Its directory is also the data directory: no other survives an update.
pub(in crate::cli) const OPTIONS_FILE: &str = "/data/options.json";
/// The directory of Home Assistant's certificates.
const CERTIFICATE_DIR: &str = "/ssl";

/// Where the ingress connects: port 8099, the Supervisor's default for apps.
const INGRESS_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), 8099);

/// What the options leave to the Supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) struct SupervisorNeeds {
    /// Whether to publish to the MQTT broker that Home Assistant offers.
    pub(in crate::cli) broker: bool,
}

/// The options of `addon/config.yaml`. Unknown ones are ignored, so that an older version starts with the options of a newer one.
#[derive(Deserialize)]
#[serde(default)]
struct AppOptions {
    registration: bool,
    webdav: bool,
    admin_password: String,
    address: String,
    current_position: String,
    language: String,
    log_level: String,
    ssl: bool,
    certfile: PathBuf,
    keyfile: PathBuf,
    trusted_proxies: Vec<String>,
    administrators: Vec<String>,
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
    fn into_config(self) -> MqttConfig {
        let text = |text: String| Some(text).filter(|text| !text.is_empty());
        let ca_certificate = Some(self.ca_certificate).filter(|file| !file.as_os_str().is_empty());
        MqttConfig {
            host: self.host,
            port: Some(self.port),
            username: text(self.username),
            password: text(self.password).map(Secret::from),
            tls: self.tls,
            ca_certificate: ca_certificate.map(|file| Path::new(CERTIFICATE_DIR).join(file)),
            ..MqttConfig::default()
        }
    }
}

impl Default for AppOptions {
    fn default() -> Self {
        Self {
            registration: true,
            webdav: true,
            admin_password: String::new(),
            address: String::new(),
            current_position: String::new(),
            language: String::new(),
            log_level: String::new(),
            ssl: false,
            certfile: "fullchain.pem".into(),
            keyfile: "privkey.pem".into(),
            trusted_proxies: Vec::new(),
            administrators: Vec::new(),
            mqtt: MqttOptions::default(),
        }
    }
}

/// Reads the options file.
pub(in crate::cli) fn read_options(file: &Path) -> Result<(Config, SupervisorNeeds)> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let mut json = serde_json::Deserializer::from_str(&text);
    let options: AppOptions = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let option = error.path().to_string();
        match option.as_str() {
            "." | "?" => anyhow!("{}: {}", file.display(), error.inner()),
            // The message of serde may contain the value, which may be the password.
            "admin_password" | "mqtt.password" => anyhow!("option `{option}`: it must be a text"),
            option => anyhow!("option `{option}`: {}", error.inner()),
        }
    })?;
    let mut config = Config { data_dir: file.parent().map(Path::to_owned), ..Config::default() };
    config.registration = options.registration;
    config.webdav = options.webdav;
    if !options.admin_password.is_empty() {
        config.admin_password = Some(Secret::from(options.admin_password));
    }
    let address = options.address.trim();
    if !address.is_empty() {
        config.address = Some(address.parse().map_err(|invalid| anyhow!("option `address`: {invalid}"))?);
    }
    if !options.current_position.is_empty() {
        let rule = options.current_position.parse();
        config.current_position = rule.map_err(|unknown| anyhow!("option `current_position`: {unknown}"))?;
    }
    if !options.language.is_empty() {
        let language = options.language.parse();
        config.language = language.map_err(|unknown| anyhow!("option `language`: {unknown}"))?;
    }
    if !options.log_level.is_empty() {
        config.log_level = options.log_level.parse().map_err(|invalid| anyhow!("option `log_level`: {invalid}"))?;
    }
    if options.ssl {
        for (option, name, path) in [
            ("certfile", options.certfile, &mut config.tls_certificate),
            ("keyfile", options.keyfile, &mut config.tls_key),
        ] {
            if name.as_os_str().is_empty() {
                bail!("option `{option}`: it is empty; with `ssl` it must name a file in {CERTIFICATE_DIR}");
            }
            *path = Some(Path::new(CERTIFICATE_DIR).join(name));
        }
    }
    for proxy in options.trusted_proxies.iter().map(|proxy| proxy.trim()).filter(|proxy| !proxy.is_empty()) {
        let proxy: TrustedProxy = proxy.parse().map_err(|invalid| anyhow!("option `trusted_proxies`: {invalid}"))?;
        config.trusted_proxies.push(proxy);
    }
    let administrators = options.administrators.iter().map(|user| user.trim()).filter(|user| !user.is_empty());
    config.ingress_administrators = administrators.map(str::to_owned).collect();
    config.ingress_listen = vec![ListenAddr::Tcp(INGRESS_LISTEN)];
    let needs = SupervisorNeeds { broker: options.mqtt.enabled && options.mqtt.host.is_empty() };
    config.mqtt = (options.mqtt.enabled && !needs.broker).then(|| options.mqtt.into_config());
    Ok((config, needs))
}

/// Checks that the files which the options name can be read. Only the server needs them, not the other commands.
pub(in crate::cli) fn check_files(config: &Config) -> Result<()> {
    let ca_certificate = config.mqtt.as_ref().and_then(|mqtt| mqtt.ca_certificate.as_ref());
    for (option, file) in [
        ("certfile", config.tls_certificate.as_ref()),
        ("keyfile", config.tls_key.as_ref()),
        ("mqtt.ca_certificate", ca_certificate),
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
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("options.json");
        fs::write(&file, options).expect("written");
        read_options(&file)
            .map(|(config, _)| config)
            .map_err(|error| format!("{error:#}").replace(&dir.path().display().to_string(), "/data"))
    }

    /// The options as the Supervisor writes them if the user has changed none.
    const DEFAULTS: &str = r#"{"registration":true,"admin_password":"","address":"","current_position":"newest","language":"en","log_level":"info","ssl":false,
        "certfile":"fullchain.pem","keyfile":"privkey.pem","trusted_proxies":[],"administrators":[],
        "mqtt":{"enabled":true,"host":"","port":1883,"username":"","password":"","tls":false,"ca_certificate":""}}"#;

    #[test]
    fn unchanged_options_are_the_default_configuration() {
        for options in [DEFAULTS, "{}", r#"{"log_level":"","trusted_proxies":[""," "],"certfile":"","keyfile":""}"#] {
            let config = read(options).expect(options);
            assert_eq!(config.ingress_listen[0].to_string(), "[::]:8099");
            let config = Config { data_dir: None, ingress_listen: vec![], ..config };
            assert_eq!(config, Config::default(), "{options}");
        }
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("options.json"), DEFAULTS).expect("written");
        let (config, needs) = read_options(&dir.path().join("options.json")).expect("config");
        assert_eq!(config.data_dir.as_deref(), Some(dir.path()), "the data directory is that of the options");
        assert_eq!(needs, SupervisorNeeds { broker: true });
    }

    #[test]
    fn the_broker_is_that_of_the_options_or_home_assistant_s_or_none() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("options.json");
        let read = |mqtt: &str| {
            fs::write(&file, format!(r#"{{"mqtt":{mqtt}}}"#)).expect("written");
            read_options(&file).map(|(config, needs)| (config.mqtt, needs.broker)).expect(mqtt)
        };
        assert_eq!(read("{}"), (None, true));
        assert_eq!(read(r#"{"enabled":false,"host":"broker.lan"}"#), (None, false));
        let (configured, needed) = read(
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
        assert_eq!((configured, needed), (Some(expected), false));
        let (configured, _) = read(r#"{"host":"broker.lan"}"#);
        assert_eq!(
            configured.map(|mqtt| (mqtt.port_or_default(), mqtt.username, mqtt.password)),
            Some((1883, None, None))
        );
    }

    #[test]
    fn every_option_reaches_the_configuration() {
        let config = read(
            r#"{"registration":false,"admin_password":"correct horse","log_level":"debug","ssl":true,
                "address":" https://books.example:7300/ ","certfile":"house.pem","keyfile":"/share/key.pem",
                "trusted_proxies":["172.30.33.0/24"," ::1 "],"administrators":["Anna"," ","0a1b "],"current_position":"last","language":"nl","newer":1}"#,
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
        assert_eq!(config.current_position.as_str(), "last");
        assert_eq!(config.language, crate::Language::Dutch);
        assert_eq!(config.address.as_ref().map(crate::Address::as_str), Some("https://books.example:7300"));
        assert_eq!(config.ingress_administrators, ["Anna", "0a1b"]);
    }

    #[test]
    fn errors_name_the_option_as_the_user_sees_it() {
        for (options, message) in [
            (r#"{"registration":"yes"}"#, "option `registration`: invalid type: string \"yes\", expected a boolean"),
            (r#"{"log_level":"loud"}"#, "option `log_level`: `loud` is not one of error, warn, info, debug, trace"),
            (r#"{"current_position":"first"}"#, "option `current_position`: it must be `newest`, `furthest` or `last`"),
            (r#"{"language":"German"}"#, "option `language`: it must be `de`, `en`, `es`, `fr` or `nl`"),
            (r#"{"address":"192.168.1.20"}"#, "option `address`: `192.168.1.20` is not an address such as `http://"),
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

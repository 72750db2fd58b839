//! Where settings come from: flag over environment over file over default.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::{Config, Secret, comma_separated};
use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::home_assistant::{self, SupervisorNeeds};

/// The flags. Kept as text: their environment variables are read the same way, and a wrong one is named in the same words.
#[derive(Args)]
pub(super) struct Settings {
    /// A JSON file with settings: data_dir, listen, registration, admin_password_file, admin_password, accounts,
    /// tls_certificate, tls_key, trusted_proxies, cors_origins, dashboard, metrics, metrics_listen, address,
    /// ingress_listen, ingress_peer, mqtt, log_level
    /// [env: KOSYNC_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<String>,

    /// Take the settings from the options of the Home Assistant app, which the flags and variables below still outrank
    /// [env: KOSYNC_HOME_ASSISTANT] [default without a value: /data/options.json]
    #[arg(long, global = true, value_name = "FILE", num_args = 0..=1, require_equals = true,
        default_missing_value = home_assistant::OPTIONS)]
    home_assistant: Option<String>,

    /// The folder for the data; made if it is not there [env: KOSYNC_DATA_DIR] [default: $STATE_DIRECTORY, else ./data]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,

    /// Where to listen: ADDRESS:PORT or unix:/PATH, several with commas or repeated [env: KOSYNC_LISTEN]
    /// [default: [::]:7200]
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Vec<String>,

    /// Whether devices may make accounts: true or false [env: KOSYNC_REGISTRATION] [default: true]
    #[arg(long, global = true, value_name = "BOOL")]
    registration: Option<String>,

    /// A file with the password of the account `admin` [env: KOSYNC_ADMIN_PASSWORD_FILE, or the password itself in
    /// ADMIN_PASSWORD]
    #[arg(long, global = true, value_name = "FILE")]
    admin_password_file: Option<String>,

    /// A PEM file with a certificate chain: then TCP listeners speak TLS [env: KOSYNC_TLS_CERTIFICATE]
    #[arg(long, global = true, value_name = "FILE")]
    tls_certificate: Option<String>,

    /// A PEM file with the certificate's key [env: KOSYNC_TLS_KEY]
    #[arg(long, global = true, value_name = "FILE")]
    tls_key: Option<String>,

    /// Proxies that are believed where a request came from: addresses, blocks such as 10.0.0.0/8, or unix, several with
    /// commas or repeated [env: KOSYNC_TRUSTED_PROXIES]
    #[arg(long, global = true, value_name = "PROXY")]
    trusted_proxies: Vec<String>,

    /// Web pages whose scripts may use the server: origins such as https://web.readest.com, or *, several with commas or
    /// repeated [env: KOSYNC_CORS_ORIGINS]
    #[arg(long, global = true, value_name = "ORIGIN")]
    cors_origins: Vec<String>,

    /// Whether the dashboard is shown to whoever opens the address in a browser: true or false [env: KOSYNC_DASHBOARD]
    /// [default: true]
    #[arg(long, global = true, value_name = "BOOL")]
    dashboard: Option<String>,

    /// Whether GET /metrics tells Prometheus, to whoever asks: true or false [env: KOSYNC_METRICS] [default: false]
    #[arg(long, global = true, value_name = "BOOL")]
    metrics: Option<String>,

    /// Where GET /metrics is answered on listeners of its own, as in --listen [env: KOSYNC_METRICS_LISTEN]
    #[arg(long, global = true, value_name = "ADDRESS")]
    metrics_listen: Vec<String>,

    /// The address to type into KOReader, shown on the dashboard, such as http://192.0.2.1:7200 [env: KOSYNC_ADDRESS]
    /// [default: the one under which the dashboard is seen]
    #[arg(long, global = true, value_name = "URL")]
    address: Option<String>,

    /// Where Home Assistant's ingress is shown the dashboard, as in --listen [env: KOSYNC_INGRESS_LISTEN]
    #[arg(long, global = true, value_name = "ADDRESS")]
    ingress_listen: Vec<String>,

    /// Who Home Assistant's ingress is, as in --trusted-proxies: nobody else is answered there [env: KOSYNC_INGRESS_PEER]
    /// [default: 172.30.32.2]
    #[arg(long, global = true, value_name = "PROXY")]
    ingress_peer: Option<String>,

    /// How much is logged: error, warn, info, debug or trace [env: KOSYNC_LOG_LEVEL, and filters in RUST_LOG]
    /// [default: info]
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
}

/// A value, and what a person calls the place it came from.
struct Value {
    text: String,
    origin: String,
}

impl Value {
    fn parse<T, E: std::fmt::Display>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T> {
        read(&self.text).map_err(|wrong| anyhow!("{}: {wrong}", self.origin))
    }
}

impl Settings {
    /// The configuration that all sources together make.
    pub(super) fn load(self) -> Result<Config> {
        self.load_for_serving().map(|(config, _)| config)
    }

    /// The same, and what is to be asked of Home Assistant's Supervisor where we are its app.
    pub(super) fn load_for_serving(self) -> Result<(Config, Option<SupervisorNeeds>)> {
        let file = choose("--config", self.config, &["KOSYNC_CONFIG"])?;
        let options = choose("--home-assistant", self.home_assistant, &["KOSYNC_HOME_ASSISTANT"])?;
        let mut wishes = None;
        let mut config = match (file, options) {
            (Some(file), None) => from_file(Path::new(&file.text)).with_context(|| file.origin)?,
            (None, Some(options)) => {
                let (config, wished) = home_assistant::config(Path::new(&options.text))?;
                wishes = Some(wished);
                config
            }
            (Some(file), Some(options)) => bail!("{} and {}: set only one of the two", file.origin, options.origin),
            (None, None) => Config::default(),
        };
        if let Some(value) = choose("--data-dir", self.data_dir, &["KOSYNC_DATA_DIR"])? {
            config.data_dir = Some(value.text.into());
        }
        config.data_dir.get_or_insert_with(default_data_dir);
        if let Some(value) = choose("--listen", Some(self.listen.join(",")), &["KOSYNC_LISTEN"])? {
            config.listen = value.parse(comma_separated)?;
            if config.listen.is_empty() {
                bail!("{}: `{}` has no address", value.origin, value.text);
            }
        }
        if let Some(value) = choose("--registration", self.registration, &["KOSYNC_REGISTRATION"])? {
            config.registration = value.parse(boolean)?;
        } else if let Some(value) = choose("", None, &["REGISTRATION_DISABLED"])? {
            // What kosync-dotnet's container is configured with.
            config.registration = !value.parse(boolean)?;
        }
        self::admin_password(&mut config, self.admin_password_file)?;
        if let Some(value) = choose("--tls-certificate", self.tls_certificate, &["KOSYNC_TLS_CERTIFICATE"])? {
            config.tls_certificate = Some(value.text.into());
        }
        if let Some(value) = choose("--tls-key", self.tls_key, &["KOSYNC_TLS_KEY"])? {
            config.tls_key = Some(value.text.into());
        }
        let variables = ["KOSYNC_TRUSTED_PROXIES", "TRUSTED_PROXIES"];
        if let Some(value) = choose("--trusted-proxies", Some(self.trusted_proxies.join(",")), &variables)? {
            config.trusted_proxies = value.parse(comma_separated)?;
        }
        if let Some(value) = choose("--cors-origins", Some(self.cors_origins.join(",")), &["KOSYNC_CORS_ORIGINS"])? {
            config.cors_origins = value.parse(comma_separated)?;
        }
        if let Some(value) = choose("--dashboard", self.dashboard, &["KOSYNC_DASHBOARD"])? {
            config.dashboard = value.parse(boolean)?;
        }
        if let Some(value) = choose("--metrics", self.metrics, &["KOSYNC_METRICS"])? {
            config.metrics = value.parse(boolean)?;
        }
        if let Some(value) =
            choose("--metrics-listen", Some(self.metrics_listen.join(",")), &["KOSYNC_METRICS_LISTEN"])?
        {
            config.metrics_listen = value.parse(comma_separated)?;
        }
        if let Some(value) = choose("--address", self.address, &["KOSYNC_ADDRESS"])? {
            config.address = Some(value.parse(str::parse)?);
        }
        if let Some(value) =
            choose("--ingress-listen", Some(self.ingress_listen.join(",")), &["KOSYNC_INGRESS_LISTEN"])?
        {
            config.ingress_listen = value.parse(comma_separated)?;
        }
        if let Some(value) = choose("--ingress-peer", self.ingress_peer, &["KOSYNC_INGRESS_PEER"])? {
            config.ingress_peer = value.parse(str::parse)?;
        }
        if let Some(value) = choose("--log-level", self.log_level, &["KOSYNC_LOG_LEVEL"])? {
            config.log_level = value.parse(str::parse)?;
        }
        Ok((config, wishes))
    }
}

/// A password outranks those of the layers below, whichever of the two ways it is given.
fn admin_password(config: &mut Config, flag: Option<String>) -> Result<()> {
    let flag = choose("--admin-password-file", flag, &[])?;
    let file = choose("", None, &["KOSYNC_ADMIN_PASSWORD_FILE"])?;
    let plain = choose("", None, &["ADMIN_PASSWORD"])?;
    match (flag, file, plain) {
        (Some(file), ..) | (None, Some(file), None) => {
            config.admin_password_file = Some(file.text.into());
            config.admin_password = None;
        }
        (None, None, Some(plain)) => {
            config.admin_password_file = None;
            config.admin_password = Some(Secret::from(plain.text));
        }
        (None, Some(file), Some(plain)) => bail!("{} and {}: set only one of the two", file.origin, plain.origin),
        (None, None, None) => {}
    }
    Ok(())
}

/// The first source that has a value. An empty one has none.
fn choose(flag: &str, given: Option<String>, variables: &[&str]) -> Result<Option<Value>> {
    if let Some(text) = given.filter(|text| !text.is_empty()) {
        return Ok(Some(Value { text, origin: flag.to_owned() }));
    }
    for name in variables {
        let Some(value) = env::var_os(name).filter(|value| !value.is_empty()) else { continue };
        let text = value.into_string().map_err(|_| anyhow!("{name}: it is not UTF-8"))?;
        return Ok(Some(Value { text, origin: (*name).to_owned() }));
    }
    Ok(None)
}

fn boolean(text: &str) -> Result<bool, String> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{text}` is not `true` or `false`")),
    }
}

/// Reads a configuration file. A mistake is told with the file, the key and the place.
fn from_file(path: &Path) -> Result<Config> {
    let text = fs::read_to_string(path).with_context(|| path.display().to_string())?;
    // Serde would take a list for a struct.
    if !text.trim_start().starts_with('{') {
        bail!("{}: it must be a JSON object, such as {{\"registration\": false}}", path.display());
    }
    let mut json = serde_json::Deserializer::from_str(&text);
    let config = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let key = error.path().to_string();
        match key.as_str() {
            // The mistake is in the text as a whole.
            "." | "?" => anyhow!("{}: {}", path.display(), error.inner()),
            key => anyhow!("{}: key `{key}`: {}", path.display(), error.inner()),
        }
    })?;
    json.end().with_context(|| path.display().to_string())?;
    Ok(config)
}

fn default_data_dir() -> PathBuf {
    // systemd gives several with colons between if a unit asks for several.
    let given = env::var("STATE_DIRECTORY").unwrap_or_default();
    given.split(':').next().filter(|path| !path.is_empty()).unwrap_or("data").into()
}

//! Asks Home Assistant's Supervisor for the MQTT broker and the address for e-readers.

use std::collections::BTreeMap;
use std::env;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::SupervisorNeeds;
use crate::client::http;
use crate::{Address, Config, PORT};

/// The Supervisor's address. Tests set another one with `KOSYNC_SUPERVISOR`.
const SUPERVISOR: &str = "http://supervisor";
/// Time limit for a response.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The Supervisor's API for apps.
#[derive(Clone)]
pub(in crate::cli) struct Supervisor {
    root: Url,
    token: String,
}

#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
enum ApiResponse<T> {
    Ok { data: T },
    Error { message: String },
}

#[cfg(feature = "mqtt")]
#[derive(Deserialize)]
struct Broker {
    host: String,
    port: u16,
    #[serde(default)]
    ssl: bool,
    username: Option<String>,
    password: Option<String>,
}

#[derive(Deserialize)]
struct AppInfo {
    /// The port of the host for each port of the container, such as `7200/tcp`; null if it is not published.
    network: Option<BTreeMap<String, Option<u16>>>,
}

#[derive(Deserialize)]
struct NetworkInfo {
    interfaces: Vec<Interface>,
}

#[derive(Deserialize)]
struct Interface {
    primary: bool,
    ipv4: Option<Ipv4>,
}

#[derive(Deserialize)]
struct Ipv4 {
    #[serde(default)]
    address: Vec<String>,
}

/// The error message of the Supervisor's API.
#[derive(Debug, thiserror::Error)]
#[error("the Supervisor says: {0}")]
struct ApiError(String);

/// Completes the configuration with the address that e-readers use. Also returns the Supervisor if its broker is needed.
pub(in crate::cli) async fn complete_config(
    mut config: Config,
    needs: Option<SupervisorNeeds>,
) -> (Config, Option<Supervisor>) {
    let Some(needs) = needs else { return (config, None) };
    let supervisor = match Supervisor::from_env() {
        Ok(supervisor) => supervisor,
        Err(error) => {
            let reason = format!("{error:#}");
            tracing::warn!(%reason, "cannot ask the Supervisor for the address for KOReader and for the MQTT broker");
            return (config, None);
        }
    };
    if config.address.is_none() {
        let scheme = if config.tls_certificate.is_some() { "https" } else { "http" };
        match supervisor.address(scheme, PORT).await {
            Ok(address) => config.address = Some(address),
            Err(error) => tracing::warn!(reason = %format!("{error:#}"), "the address for KOReader is unknown"),
        }
    }
    (config, Some(supervisor).filter(|_| needs.broker))
}

impl Supervisor {
    /// Takes the token of the Supervisor that started this app from the environment.
    fn from_env() -> Result<Self> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let token = variable("SUPERVISOR_TOKEN").context("SUPERVISOR_TOKEN is not set; the Supervisor sets it")?;
        let url = variable("KOSYNC_SUPERVISOR").unwrap_or_else(|| SUPERVISOR.to_owned());
        let root = Url::parse(&url).with_context(|| format!("KOSYNC_SUPERVISOR: `{url}`"))?;
        Ok(Self { root, token })
    }

    /// Returns the broker that Home Assistant offers to apps.
    #[cfg(feature = "mqtt")]
    pub(in crate::cli) async fn broker(&self) -> Result<crate::MqttConfig> {
        let Broker { host, port, ssl, username, password } =
            self.get("/services/mqtt").await.map_err(|error| match error.is::<ApiError>() {
                true => error.context("Home Assistant offers no broker; install one, such as the Mosquitto app"),
                false => error,
            })?;
        Ok(crate::MqttConfig {
            host,
            port: Some(port),
            tls: ssl,
            username,
            password: password.map(crate::Secret::from),
            ..crate::MqttConfig::default()
        })
    }

    /// Returns the address at which e-readers in the local network reach one of our ports.
    async fn address(&self, scheme: &str, port: u16) -> Result<Address> {
        let AppInfo { network } = self.get("/addons/self/info").await?;
        let published = network.and_then(|ports| *ports.get(&format!("{port}/tcp"))?);
        let published = published.with_context(|| format!("port {port} is not published"))?;
        let NetworkInfo { interfaces } = self.get("/network/info").await?;
        let primary = interfaces.into_iter().find(|interface| interface.primary).and_then(|interface| interface.ipv4);
        let host = primary.and_then(|ipv4| ipv4.address.into_iter().next()).context("the host has no IPv4 address")?;
        let host = host.split('/').next().unwrap_or_default();
        format!("{scheme}://{host}:{published}").parse().map_err(|invalid| anyhow!("{invalid}"))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = self.root.join(path)?;
        let authorization = format!("Bearer {}", self.token);
        let headers = [("authorization", authorization.as_str())];
        let response = match tokio::time::timeout(TIMEOUT, http::get(&url, &headers)).await {
            Ok(response) => response.map_err(anyhow::Error::from),
            Err(_) => Err(anyhow!("no response within {} s", TIMEOUT.as_secs())),
        };
        let response =
            response.and_then(|response| serde_json::from_slice(&response.body).context("unexpected response"));
        match response.with_context(|| format!("the Supervisor at {url}"))? {
            ApiResponse::Ok { data } => Ok(data),
            ApiResponse::Error { message } => Err(ApiError(message).into()),
        }
    }
}

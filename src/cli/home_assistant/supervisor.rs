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
#[cfg(feature = "mqtt")]
use crate::mqtt::NoBroker;
use crate::{Address, Config};

/// The Supervisor's address. Tests set another one with `KOSYNC_SUPERVISOR`.
const SUPERVISOR: &str = "http://supervisor";
/// Time limit for a response.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Delay before the address is asked for again. It doubles with each attempt.
const MIN_RETRY_DELAY: Duration = Duration::from_secs(1);
/// Longest delay between attempts.
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60);

/// What the Supervisor says if no app offers the service.
#[cfg(feature = "mqtt")]
const NOT_OFFERED: &str = "Service not enabled";

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

impl Supervisor {
    /// Returns the Supervisor that started this app, if the options leave anything to it. Asks it nothing yet.
    pub(in crate::cli) fn of_app(config: &Config, needs: Option<SupervisorNeeds>) -> Option<Self> {
        needs.filter(|needs| needs.broker || config.address.is_none())?;
        let supervisor = Self::from_env();
        if let Err(error) = &supervisor {
            let reason = format!("{error:#}");
            tracing::warn!(%reason, "cannot ask the Supervisor for the address for KOReader and for the MQTT broker");
        }
        supervisor.ok()
    }

    /// Takes the Supervisor's address and token from the environment.
    fn from_env() -> Result<Self> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let token = variable("SUPERVISOR_TOKEN").context("SUPERVISOR_TOKEN is not set; the Supervisor sets it")?;
        let url = variable("KOSYNC_SUPERVISOR").unwrap_or_else(|| SUPERVISOR.to_owned());
        let root = Url::parse(&url).with_context(|| format!("KOSYNC_SUPERVISOR: `{url}`"))?;
        Ok(Self { root, token })
    }

    /// Returns the broker that Home Assistant offers to apps.
    #[cfg(feature = "mqtt")]
    pub(in crate::cli) async fn broker(&self) -> Result<crate::MqttConfig, NoBroker> {
        let answer = self.get("/services/mqtt").await;
        let Broker { host, port, ssl, username, password } = answer.map_err(|error| match error.downcast_ref() {
            Some(ApiError(message)) if message == NOT_OFFERED => NoBroker::NotSetUp(
                "Home Assistant offers none; for sensors, install one, such as the Mosquitto app".into(),
            ),
            _ => NoBroker::Unknown(format!("{error:#}")),
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

    /// Asks for the address at which e-readers in the local network reach one of our ports, until the Supervisor answers.
    ///
    /// Returns `None` if it answers that the port is not published. While it starts itself it may answer slowly, with errors, or not
    /// at all.
    pub(in crate::cli) async fn find_address(&self, scheme: &str, port: u16) -> Option<Address> {
        let mut delay = MIN_RETRY_DELAY;
        let mut has_failed = false;
        loop {
            match self.address(scheme, port).await {
                Ok(Some(address)) => {
                    tracing::info!(address = address.as_str(), "address for KOReader found");
                    return Some(address);
                }
                Ok(None) => {
                    let reason =
                        format!("port {port} is not published; give it one under `Network` in the app's configuration");
                    tracing::warn!(%reason, "the address for KOReader is unknown");
                    return None;
                }
                Err(error) if !has_failed => {
                    has_failed = true;
                    let reason = format!("{error:#}");
                    tracing::warn!(%reason, "the address for KOReader is unknown, asking again; repeats suppressed");
                }
                Err(_) => {}
            }
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(MAX_RETRY_DELAY);
        }
    }

    /// Asks once; `None` if the port is not published.
    async fn address(&self, scheme: &str, port: u16) -> Result<Option<Address>> {
        let AppInfo { network } = self.get("/addons/self/info").await?;
        let published = network.and_then(|ports| *ports.get(&format!("{port}/tcp"))?);
        let Some(published) = published else { return Ok(None) };
        let NetworkInfo { interfaces } = self.get("/network/info").await?;
        let primary = interfaces.into_iter().find(|interface| interface.primary).and_then(|interface| interface.ipv4);
        let host = primary.and_then(|ipv4| ipv4.address.into_iter().next()).context("the host has no IPv4 address")?;
        let host = host.split('/').next().unwrap_or_default();
        format!("{scheme}://{host}:{published}").parse().map(Some).map_err(|invalid| anyhow!("{invalid}"))
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

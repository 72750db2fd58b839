//! What Home Assistant's Supervisor tells its apps: where the MQTT broker is, and under which address e-readers reach us.

use std::env;
use std::time::Duration;

use crate::Config;
use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::home_assistant::SupervisorNeeds;
use super::http;

/// Where it answers; `KOSYNC_SUPERVISOR` says otherwise, for tests.
const SUPERVISOR: &str = "http://supervisor";
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The Supervisor, as an app may ask it.
#[derive(Clone)]
pub(super) struct Supervisor {
    root: Url,
    token: String,
}

#[derive(Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
enum JsonResponse<T> {
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
struct AppState {
    network: Option<std::collections::BTreeMap<String, Option<u16>>>,
}

#[derive(Deserialize)]
struct Network {
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

/// Asks what a person would otherwise have to find out. Gives back the Supervisor where it is to be asked for a broker.
pub(super) async fn ask_supervisor(
    mut config: Config,
    wishes: Option<SupervisorNeeds>,
) -> (Config, Option<Supervisor>) {
    let Some(wishes) = wishes else { return (config, None) };
    let supervisor = match Supervisor::ours() {
        Ok(supervisor) => supervisor,
        Err(error) => {
            tracing::warn!(reason = %format!("{error:#}"), "Home Assistant is not asked for its address and its broker");
            return (config, None);
        }
    };
    if config.address.is_none() {
        let scheme = if config.tls_certificate.is_some() { "https" } else { "http" };
        match supervisor.address(scheme, crate::PORT).await {
            Ok(address) => config.address = Some(address),
            Err(error) => {
                tracing::warn!(reason = %format!("{error:#}"), "the address for KOReader is not known for sure");
            }
        }
    }
    (config, Some(supervisor).filter(|_| wishes.broker))
}

/// What it says instead of what it was asked for.
#[derive(Debug, thiserror::Error)]
#[error("the Supervisor says: {0}")]
struct Refused(String);

impl Supervisor {
    /// The one that has started us.
    pub(super) fn ours() -> Result<Self> {
        let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let token = variable("SUPERVISOR_TOKEN").context("SUPERVISOR_TOKEN: it is not set; the Supervisor sets it")?;
        let url = variable("KOSYNC_SUPERVISOR").unwrap_or_else(|| SUPERVISOR.to_owned());
        let root = Url::parse(&url).with_context(|| format!("KOSYNC_SUPERVISOR: `{url}`"))?;
        Ok(Self { root, token })
    }

    /// The broker that it offers to apps.
    #[cfg(feature = "mqtt")]
    pub(super) async fn broker(&self) -> Result<crate::MqttConfig> {
        let Broker { host, port, ssl, username, password } =
            self.get("/services/mqtt").await.map_err(|error| match error.is::<Refused>() {
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

    /// The address that e-readers in the house reach a port of ours at.
    pub(super) async fn address(&self, scheme: &str, port: u16) -> Result<crate::Address> {
        let AppState { network } = self.get("/addons/self/info").await?;
        let published = network.and_then(|ports| *ports.get(&format!("{port}/tcp"))?);
        let published = published.with_context(|| format!("port {port} is not published"))?;
        let Network { interfaces } = self.get("/network/info").await?;
        let primary = interfaces.into_iter().find(|interface| interface.primary).and_then(|interface| interface.ipv4);
        let host = primary.and_then(|ipv4| ipv4.address.into_iter().next()).context("the host has no IPv4 address")?;
        let host = host.split('/').next().unwrap_or_default();
        format!("{scheme}://{host}:{published}").parse().map_err(|wrong| anyhow!("{wrong}"))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        let url = self.root.join(path)?;
        let bearer = format!("Bearer {}", self.token);
        let asked = tokio::time::timeout(TIMEOUT, http::get(&url, &[("authorization", &bearer)])).await;
        let answer = asked.map_err(|_| anyhow!("no answer within {} s", TIMEOUT.as_secs())).flatten();
        let answer = answer.and_then(|(_, body)| serde_json::from_slice(&body).context("its answer is not understood"));
        match answer.with_context(|| format!("the Supervisor at {url}"))? {
            JsonResponse::Ok { data } => Ok(data),
            JsonResponse::Error { message } => Err(Refused(message).into()),
        }
    }
}

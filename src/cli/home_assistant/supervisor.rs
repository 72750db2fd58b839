//! Asks Home Assistant's Supervisor for the MQTT broker and the address for e-readers.

use std::collections::BTreeMap;
use std::env;
use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::SupervisorNeeds;
use crate::cli::addresses::CertificateNames;
use crate::client::http;
use crate::config::UnknownAddress;
#[cfg(feature = "mqtt")]
use crate::mqtt::NoBroker;
use crate::{Address, Config, PORT};

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
    /// The port of the host for each port of the container, such as `7200/tcp`. Null for a port that is not published.
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

    /// Asks for the address at which e-readers reach our port, until the Supervisor answers.
    ///
    /// With a certificate it is a name that the certificate is for. While it starts itself, the Supervisor may answer slowly, with
    /// errors, or not at all.
    pub(in crate::cli) async fn find_address(&self, certificate: Option<&Path>) -> Result<Address, UnknownAddress> {
        let mut delay = MIN_RETRY_DELAY;
        let mut has_failed = false;
        loop {
            match self.address(certificate).await {
                Ok(answer) => return answer,
                Err(error) if !has_failed => {
                    has_failed = true;
                    let reason = format!("{error:#}");
                    tracing::warn!(%reason, "the address for KOReader is unknown, asking again; repeats suppressed; option: address");
                }
                Err(_) => {}
            }
            tokio::time::sleep(delay).await;
            delay = (delay * 2).min(MAX_RETRY_DELAY);
        }
    }

    /// Asks once for the address at which e-readers reach our port: with TLS a name that the certificate is for, else the host's address.
    async fn address(&self, certificate: Option<&Path>) -> Result<Result<Address, UnknownAddress>> {
        let AppInfo { network } = self.get("/addons/self/info").await?;
        let published = network.and_then(|ports| *ports.get(&format!("{PORT}/tcp"))?);
        let Some(published) = published else { return Ok(Err(UnknownAddress::PortOff)) };
        let host = match certificate {
            None => Some(self.host_address().await?),
            Some(file) => {
                let names = CertificateNames::read(file, &[]);
                match names.hosts.into_iter().next() {
                    Some(name) => Some(name),
                    None => {
                        let ip = self.host_address().await?;
                        let is_valid = |ip: &IpAddr| !CertificateNames::read(file, &[*ip]).ips.is_empty();
                        ip.parse().ok().filter(is_valid).map(|_| ip)
                    }
                }
            }
        };
        let Some(host) = host else { return Ok(Err(UnknownAddress::NoCertificateName)) };
        let (scheme, default_port) = if certificate.is_some() { ("https", 443) } else { ("http", 80) };
        let port = if published == default_port { String::new() } else { format!(":{published}") };
        format!("{scheme}://{host}{port}").parse().map(Ok).map_err(|invalid| anyhow!("{invalid}"))
    }

    /// Returns the IPv4 address of the host's main network interface.
    async fn host_address(&self) -> Result<String> {
        let NetworkInfo { interfaces } = self.get("/network/info").await?;
        let primary = interfaces.into_iter().find(|interface| interface.primary).and_then(|interface| interface.ipv4);
        let host = primary.and_then(|ipv4| ipv4.address.into_iter().next()).context("the host has no IPv4 address")?;
        Ok(host.split('/').next().unwrap_or_default().to_owned())
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

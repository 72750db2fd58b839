//! The state that all routes and the MQTT publisher share.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{Authenticator, LoginOutcome};
use crate::config::{Address, CorsOrigin, TrustedProxy};
use crate::error::Result;
use crate::library::scan::ScanLimiter;
use crate::metrics::Metrics;
use crate::model::{Key, Username};
use crate::store::Store;

/// Holds the store, the authenticator, settings, limits and counters.
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Authenticator>,
    /// Whether registration is open by the configuration; see [`AppState::registration_is_open`].
    pub(crate) registration: bool,
    /// Whether each start sets the administrator's password to the configured one.
    pub(crate) admin_password_configured: bool,
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    pub(crate) cors_origins: Vec<CorsOrigin>,
    /// The configured address to type into KOReader; without one the dashboard shows its own address.
    pub(crate) address: Option<Address>,
    /// The path under which browsers see the routes, without a slash at its end; `None` if requests carry it.
    pub(crate) mount_path: Option<String>,
    /// Scheme and port of the first TCP listener, for where only the host is known.
    pub(crate) scheme: &'static str,
    pub(crate) port: u16,
    /// Counters, if metrics are enabled in any form.
    pub(crate) metrics: Option<Arc<Metrics>>,
    /// Whether `GET /metrics` is one of the API's routes.
    pub(crate) has_metrics_route: bool,
    /// How long a request's body may take to arrive.
    pub(crate) client_timeout: Duration,
    pub(crate) scan_limiter: ScanLimiter,
}

impl AppState {
    /// Checks a key for a username or one of its aliases. Counts and logs a failure.
    pub(crate) async fn login(&self, name: &Username, key: Key, client: Option<IpAddr>) -> Result<LoginOutcome> {
        let user = self.store.find_user(name)?;
        // All spellings of a name share the account's limit on failed logins.
        let account_name = user.as_ref().map(|user| user.name.clone());
        let name = account_name.as_ref().unwrap_or(name);
        let outcome = self.auth.login(name, user, key, client).await?;
        if let Some(why) = outcome.failure_reason() {
            if let Some(metrics) = &self.metrics {
                metrics.record_failed_login();
            }
            let client = client.map(tracing::field::display);
            tracing::warn!(user = name.as_str(), client, why, "login failed");
        }
        Ok(outcome)
    }

    /// Returns whether clients may create accounts now: as an administrator switched it last, else as configured.
    pub(crate) fn registration_is_open(&self) -> Result<bool> {
        self.store.registration(self.registration)
    }
}

//! The state that all routes and the MQTT publisher share.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{Authenticator, LoginOutcome};
use crate::config::{Address, CorsOrigin, TrustedProxy};
use crate::error::Result;
use crate::library::scan::ScanLimiter;
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::metrics::Metrics;
use crate::model::{Key, LOGGED_NAME_MAX, UserId, Username, shortened};
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
    pub(crate) log_limits: LogLimits,
}

/// Limits on the log lines that strangers can cause.
#[derive(Debug)]
pub(crate) struct LogLimits {
    /// By network and account, each minute. Unknown names of a network count as one.
    failed_logins: LogThrottle<(Option<IpAddr>, Option<UserId>)>,
    /// By peer, each hour; `None` is a unix socket.
    pub(crate) untrusted_proxies: LogThrottle<Option<IpAddr>>,
    /// By origin and host, each hour.
    pub(crate) refused_forms: LogThrottle<(String, String)>,
}

impl Default for LogLimits {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        Self {
            failed_logins: LogThrottle::new(LOG_PERIOD),
            untrusted_proxies: LogThrottle::new(HOUR),
            refused_forms: LogThrottle::new(HOUR),
        }
    }
}

impl AppState {
    /// Checks a key for a username or one of its aliases. Counts and logs a failure.
    pub(crate) async fn login(&self, name: &Username, key: Key, client: Option<IpAddr>) -> Result<LoginOutcome> {
        let user = self.store.find_user(name)?;
        // All spellings of a name share the account's limit on failed logins.
        let account = user.as_ref().map(|user| (user.name.clone(), user.id));
        let (account_name, id) = account.unzip();
        let name = account_name.as_ref().unwrap_or(name);
        let outcome = self.auth.login(name, user, key, client).await?;
        if let Some(why) = outcome.failure_reason() {
            if let Some(metrics) = &self.metrics {
                metrics.record_failed_login();
            }
            if let Some(suppressed) = self.log_limits.failed_logins.check((client.map(network), id)) {
                let suppressed = Some(suppressed).filter(|count| *count > 0);
                let (user, client) = (shortened(name.as_str(), LOGGED_NAME_MAX), client.map(tracing::field::display));
                tracing::warn!(user, client, why, suppressed, "login failed");
            }
        }
        Ok(outcome)
    }

    /// Returns whether clients may create accounts now: as an administrator switched it last, else as configured.
    pub(crate) fn registration_is_open(&self) -> Result<bool> {
        self.store.registration(self.registration)
    }
}

/// Returns the network that counts as one client in the log: an IPv4 address, or the /64 around an IPv6 address.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

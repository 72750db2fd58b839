//! The state that all routes and the MQTT publisher share.

mod accounts;
mod login;

use std::net::IpAddr;
use std::sync::Arc;
#[cfg(feature = "mqtt")]
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

#[cfg(feature = "import")]
use tokio::sync::Semaphore;
use tokio::sync::watch;

pub(crate) use self::accounts::{NewDevicePassword, Registered};
use crate::auth::Authenticator;
use crate::config::{Address, CorsOrigin, LogoutAddress, TrustedProxy, UnknownAddress, UserHeader};
use crate::error::Result;
#[cfg(feature = "import")]
use crate::import::job::ImportJob;
use crate::library::scan::ScanLimiter;
use crate::library::{ActivityCache, ReadingWorker};
use crate::log_throttle::{LOG_PERIOD, LogThrottle};
use crate::metrics::Metrics;
use crate::model::{Language, UserId};
use crate::request_log::RequestLog;
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
    /// The address to type into KOReader. With `None` the dashboard shows its own address; an error says why it must not be guessed.
    pub(crate) address: watch::Sender<Result<Option<Address>, UnknownAddress>>,
    /// The language of pages and sensors, unless an account or a browser asks for one.
    pub(crate) language: Language,
    /// The path under which browsers see the routes, without a slash at its end. `None` if requests carry it.
    pub(crate) mount_path: Option<String>,
    /// Scheme and port of the first TCP listener, for where only the host is known.
    pub(crate) scheme: &'static str,
    pub(crate) port: u16,
    /// Counters, if metrics are enabled in any form.
    pub(crate) metrics: Option<Arc<Metrics>>,
    /// Whether `GET /metrics` is one of the API's routes.
    pub(crate) has_metrics_route: bool,
    /// Whether the accounts' WebDAV folders are served.
    pub(crate) has_webdav: bool,
    /// How long a request's body may take to arrive.
    pub(crate) client_timeout: Duration,
    pub(crate) scan_limiter: ScanLimiter,
    pub(crate) activity: ActivityCache,
    /// The last requests of each account's devices.
    pub(crate) request_log: RequestLog,
    /// When the server was built, in whole seconds since the Unix epoch: the log of requests begins then.
    pub(crate) started: u64,
    /// Reads the files of accounts in the background.
    pub(crate) reading: ReadingWorker,
    pub(crate) log_limits: LogLimits,
    /// Returns how many connections are open, and how many may be.
    pub(crate) connections: Box<dyn Fn() -> (usize, usize) + Send + Sync>,
    #[cfg(feature = "mqtt")]
    pub(crate) mqtt_status: Mutex<MqttStatus>,
    /// Home Assistant's users who manage all accounts, by user name or id.
    pub(crate) ingress_administrators: Vec<String>,
    /// How a reverse proxy logs users in to the dashboard; `None` if it does not.
    pub(crate) proxy_login: Option<ProxyLogin>,
    /// Largest uploaded file, in bytes; 0 if there are no uploads.
    #[cfg(feature = "import")]
    pub(crate) max_import_bytes: u64,
    /// The one import that was begun on the dashboard.
    #[cfg(feature = "import")]
    pub(crate) import_job: ImportJob,
    /// Admits one export, backup or check at a time: each reads, or copies, the whole store.
    #[cfg(feature = "import")]
    pub(crate) heavy_reads: Arc<Semaphore>,
}

/// How a trusted reverse proxy logs users in to the dashboard.
pub(crate) struct ProxyLogin {
    /// The header in which it names the user.
    pub(crate) header: UserHeader,
    /// Users who manage all accounts, by the names in the header.
    pub(crate) administrators: Vec<String>,
    /// Where a browser logs out of the proxy.
    pub(crate) logout_address: Option<LogoutAddress>,
}

/// How publishing over MQTT goes. Times are in seconds since the Unix epoch.
#[cfg(feature = "mqtt")]
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum MqttStatus {
    /// It is not set up.
    #[default]
    Off,
    Connected {
        broker: String,
        since: u64,
    },
    /// There is no connection, which is tried again.
    Disconnected {
        reason: String,
        since: u64,
    },
}

/// Limits on the log lines that strangers can cause.
#[derive(Debug)]
pub(crate) struct LogLimits {
    /// By network and account, each minute. Unknown names of a network count as one.
    failed_logins: LogThrottle<(Option<IpAddr>, Option<UserId>)>,
    /// By peer, each hour; `None` is a unix socket.
    pub(crate) untrusted_proxies: LogThrottle<Option<IpAddr>>,
    /// By peer, each hour; `None` is a unix socket.
    pub(crate) untrusted_user_headers: LogThrottle<Option<IpAddr>>,
    /// By origin and host, each hour.
    pub(crate) refused_forms: LogThrottle<(String, String)>,
}

impl Default for LogLimits {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        Self {
            failed_logins: LogThrottle::new(LOG_PERIOD),
            untrusted_proxies: LogThrottle::new(HOUR),
            untrusted_user_headers: LogThrottle::new(HOUR),
            refused_forms: LogThrottle::new(HOUR),
        }
    }
}

/// MQTT.
#[cfg(feature = "mqtt")]
impl AppState {
    pub(crate) fn mqtt_status(&self) -> MqttStatus {
        self.mqtt_status.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn set_mqtt_status(&self, status: MqttStatus) {
        *self.mqtt_status.lock().unwrap_or_else(PoisonError::into_inner) = status;
    }
}

/// Settings.
impl AppState {
    /// Returns the address to type into KOReader, if it is configured or was found.
    #[cfg(feature = "mqtt")]
    pub(crate) fn known_address(&self) -> Option<Address> {
        self.address.borrow().clone().ok().flatten()
    }
}

#[cfg(test)]
impl AppState {
    /// Returns the state of a server with default settings, for tests.
    pub(crate) fn of_test(store: Store) -> Self {
        use crate::auth::RegistrationLimits;

        let auth = Authenticator::new(RegistrationLimits::default(), Box::new(|| ())).expect("an authenticator");
        Self {
            started: store.now(),
            store,
            auth: Arc::new(auth),
            registration: true,
            admin_password_configured: false,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            address: watch::Sender::new(Ok(None)),
            language: Language::default(),
            mount_path: None,
            scheme: "http",
            port: 7200,
            metrics: None,
            has_metrics_route: false,
            has_webdav: true,
            client_timeout: Duration::from_secs(10),
            scan_limiter: ScanLimiter::new(),
            activity: ActivityCache::default(),
            request_log: RequestLog::default(),
            reading: ReadingWorker::default(),
            log_limits: LogLimits::default(),
            connections: Box::new(|| (0, 0)),
            #[cfg(feature = "mqtt")]
            mqtt_status: Mutex::default(),
            ingress_administrators: Vec::new(),
            proxy_login: None,
            #[cfg(feature = "import")]
            max_import_bytes: 0,
            #[cfg(feature = "import")]
            import_job: ImportJob::default(),
            #[cfg(feature = "import")]
            heavy_reads: Arc::new(Semaphore::new(1)),
        }
    }
}

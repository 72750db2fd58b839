//! Opens the store and assembles the server from its settings.

use std::sync::Arc;
#[cfg(feature = "mqtt")]
use std::sync::Mutex;

#[cfg(feature = "import")]
use tokio::sync::Semaphore;

use super::Builder;
use super::mount_path::mount_path;
use crate::auth::{Authenticator, OnBusy, RegistrationLimits};
#[cfg(feature = "tls")]
use crate::config::Config;
use crate::config::{ListenAddr, PORT};
use crate::error::{Error, Result};
use crate::http;
#[cfg(feature = "import")]
use crate::import::job::ImportJob;
use crate::library::scan::ScanLimiter;
use crate::library::{ActivityCache, ReadingWorker};
use crate::metrics::Metrics;
use crate::net::connections::{ConnectionLimits, Connections};
#[cfg(feature = "tls")]
use crate::net::tls::Tls;
#[cfg(feature = "tls")]
use crate::provision::check_tls_files;
use crate::request_log::RequestLog;
use crate::server::Server;
use crate::state::{AppState, LogLimits, ProxyLogin};
use crate::store::{FileQuota, OwnClock, Quota, Store, StoreOptions};

impl Builder {
    /// Opens the store for a server, or for a tool beside one.
    pub(super) fn open_store(self, serves: bool) -> Result<Server> {
        let Self { config, path, client_timeout, clock, .. } = self;
        let mount_path = path.as_deref().map(mount_path).transpose()?;
        #[cfg(feature = "tls")]
        let tls = tls(&config)?;
        #[cfg(not(feature = "tls"))]
        if config.tls_certificate.is_some() || config.tls_key.is_some() {
            return Err(Error::Tls("this program was built without the feature `tls`".into()));
        }
        let counts = config.metrics || !config.metrics_listen.is_empty();
        let metrics = counts.then(|| Arc::new(Metrics::new()));
        let mut options =
            StoreOptions { is_server: serves, ..StoreOptions::new(config.data_dir.ok_or(Error::NoDataDir)?) };
        options.clock = clock.map_or(options.clock, |OwnClock(clock)| clock);
        options.max_size = config.max_store_bytes;
        options.default_rule = config.current_position;
        options.quota = Quota {
            max_documents: config.max_documents,
            max_bytes: config.max_account_bytes,
            min_free_disk: config.min_free_disk,
            files: FileQuota { max_bytes: config.max_files_bytes, ..FileQuota::default() },
        };
        let limits =
            RegistrationLimits { per_address: config.registrations_per_address, overall: config.registrations_overall };
        let on_busy: OnBusy = match metrics.clone() {
            Some(metrics) => Box::new(move || metrics.record_busy_login()),
            None => Box::new(|| ()),
        };
        let auth = Arc::new(Authenticator::new(limits, on_busy)?);
        options.on_commit = {
            let (auth, metrics) = (auth.clone(), metrics.clone());
            Box::new(move |jobs, took| {
                auth.age();
                if let Some(metrics) = &metrics {
                    metrics.record_commit(jobs, took);
                }
            })
        };
        let tcp_port = |listen: &ListenAddr| match listen {
            ListenAddr::Tcp(address) => Some(address.port()),
            ListenAddr::Unix { .. } => None,
        };
        let store = Store::open(options)?;
        let connections = Connections::new(ConnectionLimits {
            max: config.max_connections.max(1),
            max_per_address: config.max_connections_per_address.max(1),
        });
        let state = Arc::new(AppState {
            started: store.now(),
            store,
            auth,
            registration: config.registration,
            admin_password_configured: config.admin_password.is_some() || config.admin_password_file.is_some(),
            trusted_proxies: config.trusted_proxies,
            cors_origins: config.cors_origins,
            address: tokio::sync::watch::Sender::new(Ok(config.address)),
            language: config.language,
            mount_path,
            scheme: if config.tls_certificate.is_some() { "https" } else { "http" },
            port: config.listen.iter().find_map(tcp_port).unwrap_or(PORT),
            metrics,
            has_metrics_route: config.metrics,
            has_webdav: config.webdav,
            client_timeout,
            scan_limiter: ScanLimiter::new(),
            activity: ActivityCache::default(),
            request_log: RequestLog::default(),
            reading: ReadingWorker::default(),
            log_limits: LogLimits::default(),
            connections: {
                let connections = connections.clone();
                Box::new(move || connections.count())
            },
            #[cfg(feature = "mqtt")]
            mqtt_status: Mutex::default(),
            ingress_administrators: config.ingress_administrators,
            proxy_login: config.proxy_user_header.map(|header| ProxyLogin {
                header,
                administrators: config.proxy_administrators,
                logout_address: config.proxy_logout_address,
            }),
            #[cfg(feature = "import")]
            max_import_bytes: config.max_import_bytes,
            #[cfg(feature = "import")]
            import_job: ImportJob::default(),
            #[cfg(feature = "import")]
            heavy_reads: Arc::new(Semaphore::new(1)),
        });
        Ok(Server {
            service: Arc::new(http::embedded_service(&state, config.dashboard)),
            state,
            has_dashboard: config.dashboard,
            ingress_peer: config.ingress_peer,
            connections,
            generated_admin_password: None,
            #[cfg(feature = "tls")]
            tls,
        })
    }
}

#[cfg(feature = "tls")]
fn tls(config: &Config) -> Result<Option<Arc<Tls>>> {
    check_tls_files(config)?;
    let files = config.tls_certificate.as_ref().zip(config.tls_key.as_ref());
    files.map(|(certificate, key)| Tls::load(certificate, key)).transpose()
}

//! From settings to a server: checks, opens and provisions before the first request.

mod mount_path;

use std::path::PathBuf;
use std::sync::Arc;
#[cfg(feature = "mqtt")]
use std::sync::Mutex;
use std::time::Duration;

#[cfg(feature = "import")]
use tokio::sync::Semaphore;

use self::mount_path::mount_path;
use crate::auth::{Authenticator, OnBusy, RegistrationLimits};
use crate::config::{Address, Config, CorsOrigin, ListenAddr, LogoutAddress, PORT, Secret, TrustedProxy, UserHeader};
use crate::error::{Error, Result};
use crate::http;
#[cfg(feature = "import")]
use crate::import::job::ImportJob;
use crate::library::scan::ScanLimiter;
use crate::library::{ActivityCache, ReadingWorker};
use crate::metrics::Metrics;
use crate::model::{Language, PositionRule};
use crate::net::connections::{ConnectionLimits, Connections};
#[cfg(feature = "tls")]
use crate::net::tls::Tls;
use crate::provision::Provision;
#[cfg(feature = "tls")]
use crate::provision::check_tls_files;
use crate::request_log::RequestLog;
use crate::server::Server;
use crate::state::{AppState, LogLimits, ProxyLogin};
use crate::store::{FileQuota, OwnClock, Quota, Store, StoreOptions};

impl Server {
    /// Returns a builder with the defaults: registration open, dashboard on, no data directory yet.
    pub fn builder() -> Builder {
        Builder::new()
    }
}

/// Builds a [`Server`]; [`Server::builder`] returns one.
///
/// What a setter has set counts, whether [`config`](Builder::config) is called before or after it.
#[derive(Debug, Clone)]
pub struct Builder {
    config: Config,
    overrides: Overrides,
    create_admin: bool,
    path: Option<String>,
    client_timeout: Duration,
    clock: Option<OwnClock>,
}

/// Settings of setters, which take precedence over the configuration.
#[derive(Debug, Clone, Default)]
struct Overrides {
    data_dir: Option<PathBuf>,
    registration: Option<bool>,
    admin_password: Option<Secret>,
    tls_files: Option<(PathBuf, PathBuf)>,
    trusted_proxies: Option<Vec<TrustedProxy>>,
    proxy_user_header: Option<UserHeader>,
    proxy_administrators: Option<Vec<String>>,
    proxy_logout_address: Option<LogoutAddress>,
    cors_origins: Option<Vec<CorsOrigin>>,
    metrics: Option<bool>,
    dashboard: Option<bool>,
    webdav: Option<bool>,
    address: Option<Address>,
    ingress_peer: Option<TrustedProxy>,
    ingress_administrators: Option<Vec<String>>,
    max_import_bytes: Option<u64>,
    current_position: Option<PositionRule>,
    language: Option<Language>,
    max_connections: Option<usize>,
    max_connections_per_address: Option<usize>,
    max_documents: Option<u32>,
    max_account_bytes: Option<u64>,
    max_files_bytes: Option<u64>,
    max_store_bytes: Option<u64>,
    min_free_disk: Option<u64>,
}

impl Overrides {
    fn apply(self, config: &mut Config) {
        fn set<T>(setting: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *setting = value;
            }
        }
        let (certificate, key) = self.tls_files.unzip();
        config.data_dir = self.data_dir.or(config.data_dir.take());
        config.address = self.address.or(config.address.take());
        config.proxy_user_header = self.proxy_user_header.or(config.proxy_user_header.take());
        config.proxy_logout_address = self.proxy_logout_address.or(config.proxy_logout_address.take());
        config.tls_certificate = certificate.or(config.tls_certificate.take());
        config.tls_key = key.or(config.tls_key.take());
        if self.admin_password.is_some() {
            (config.admin_password, config.admin_password_file) = (self.admin_password, None);
        }
        set(&mut config.registration, self.registration);
        set(&mut config.trusted_proxies, self.trusted_proxies);
        set(&mut config.proxy_administrators, self.proxy_administrators);
        set(&mut config.cors_origins, self.cors_origins);
        set(&mut config.metrics, self.metrics);
        set(&mut config.dashboard, self.dashboard);
        set(&mut config.webdav, self.webdav);
        set(&mut config.ingress_peer, self.ingress_peer);
        set(&mut config.ingress_administrators, self.ingress_administrators);
        set(&mut config.max_import_bytes, self.max_import_bytes);
        set(&mut config.current_position, self.current_position);
        set(&mut config.language, self.language);
        set(&mut config.max_connections, self.max_connections);
        set(&mut config.max_connections_per_address, self.max_connections_per_address);
        set(&mut config.max_documents, self.max_documents);
        set(&mut config.max_account_bytes, self.max_account_bytes);
        set(&mut config.max_files_bytes, self.max_files_bytes);
        config.max_store_bytes = self.max_store_bytes.or(config.max_store_bytes);
        config.min_free_disk = self.min_free_disk.or(config.min_free_disk);
    }
}

impl Builder {
    fn new() -> Self {
        Self {
            config: Config::default(),
            overrides: Overrides::default(),
            create_admin: true,
            path: None,
            client_timeout: Duration::from_secs(10),
            clock: None,
        }
    }

    /// Sets all settings that no setter of this builder has set, such as from a configuration file.
    ///
    /// `listen`, `metrics_listen`, `ingress_listen`, `mqtt` and `log_level` are for the caller: bind with
    /// [`Listener::bind`](crate::Listener::bind) and call [`Server::serve`] and its like. The library does not set up a log.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the data directory. Required; created with mode 0700 if it is missing. Not on NFS or SMB.
    ///
    /// Your program must not open the files in it, `lock.mdb` least of all: LMDB holds a POSIX lock on that file, which a process loses
    /// when it closes any descriptor of it, and other processes would then take the store for unused. To copy the data, call
    /// [`Store::backup`](crate::Store::backup).
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.overrides.data_dir = Some(path.into());
        self
    }

    /// Sets whether clients may register. Default: true.
    ///
    /// An administrator's switch on the dashboard takes precedence until this value changes.
    pub fn registration(mut self, open: bool) -> Self {
        self.overrides.registration = Some(open);
        self
    }

    /// Sets the password of the account `admin` at each start. Default: unchanged, random at the first start.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.overrides.admin_password = Some(Secret::from(password.into()));
        self
    }

    /// Sets whether the first start creates the account `admin`. Default: true.
    ///
    /// A program that manages accounts itself, by [`Server::create_user`] and [`Server::delete_user`], needs no administrator. An
    /// `admin` that exists already stays. Without [`admin_password`](Builder::admin_password) the password is random: it is logged once as a warning, and
    /// [`Server::generated_admin_password`] returns it.
    pub fn create_admin(mut self, create: bool) -> Self {
        self.create_admin = create;
        self
    }

    /// Sets certificate chain and private key, two PEM files, for the TCP listeners of [`Server::serve`]. Default: plain HTTP.
    ///
    /// Changed files are loaded within a second; if they cannot be used, the old certificate stays.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.overrides.tls_files = Some((certificate.into(), key.into()));
        self
    }

    /// Sets the proxies whose `X-Forwarded-*` and `Forwarded` headers are trusted. Default: none.
    pub fn trusted_proxies(mut self, proxies: impl IntoIterator<Item = TrustedProxy>) -> Self {
        self.overrides.trusted_proxies = Some(proxies.into_iter().collect());
        self
    }

    /// Sets the header in which a trusted proxy names the user that it has logged in, for the dashboard alone. Default: none.
    ///
    /// Needs [`trusted_proxies`](Builder::trusted_proxies), and a proxy that removes the header from what clients send.
    pub fn proxy_user_header(mut self, header: UserHeader) -> Self {
        self.overrides.proxy_user_header = Some(header);
        self
    }

    /// Sets the proxy's users who manage all accounts, by the names that the proxy sends. Default: none.
    pub fn proxy_administrators(mut self, users: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.overrides.proxy_administrators = Some(users.into_iter().map(Into::into).collect());
        self
    }

    /// Sets where browsers log out of the proxy. Default: none, and no button for it.
    pub fn proxy_logout_address(mut self, address: LogoutAddress) -> Self {
        self.overrides.proxy_logout_address = Some(address);
        self
    }

    /// Sets the web origins whose scripts may use the protocol's routes (CORS). Default: none.
    pub fn cors_origins(mut self, origins: impl IntoIterator<Item = CorsOrigin>) -> Self {
        self.overrides.cors_origins = Some(origins.into_iter().collect());
        self
    }

    /// Sets whether `GET /metrics` is among the routes, in Prometheus's text format. Default: false.
    pub fn metrics(mut self, enabled: bool) -> Self {
        self.overrides.metrics = Some(enabled);
        self
    }

    /// Sets whether [`Server::service`], [`Server::serve`] and [`Server::handle`] include the dashboard. Default: true.
    pub fn dashboard(mut self, enabled: bool) -> Self {
        self.overrides.dashboard = Some(enabled);
        self
    }

    /// Sets whether [`Server::service`], [`Server::serve`] and [`Server::handle`] include the accounts' WebDAV folders. Default: true.
    pub fn webdav(mut self, enabled: bool) -> Self {
        self.overrides.webdav = Some(enabled);
        self
    }

    /// Sets the address to type into KOReader, which the dashboard shows. Default: the address in the browser.
    pub fn address(mut self, address: Address) -> Self {
        self.overrides.address = Some(address);
        self
    }

    /// Sets the path under which browsers see the routes, such as `/books`, where the framework removes it from the requests.
    ///
    /// axum's `nest_service` does, and so do most that mount a Tower service. Without this path the dashboard's links are relative,
    /// which works in a Salvo app and behind a proxy, but not at `/books` without a slash at its end. Default: none.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).path("/books").build()?;
    /// let app: axum::Router = axum::Router::new().nest_service("/books", kosync);
    /// # Ok::<(), kosync::Error>(())
    /// ```
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Sets the peer that [`Server::serve_ingress`] answers. Default: 172.30.32.2, Home Assistant's Supervisor.
    pub fn ingress_peer(mut self, peer: TrustedProxy) -> Self {
        self.overrides.ingress_peer = Some(peer);
        self
    }

    /// Sets Home Assistant's users who manage all accounts through [`Server::serve_ingress`]: user names in any case, or user ids.
    ///
    /// All others see one account of their own, whose password they give once. Default: none.
    pub fn ingress_administrators(mut self, users: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.overrides.ingress_administrators = Some(users.into_iter().map(Into::into).collect());
        self
    }

    /// Sets the largest file that an administrator may upload to import it, in bytes. Default: 256 MiB; 0 switches uploads off.
    pub fn max_import_bytes(mut self, max: u64) -> Self {
        self.overrides.max_import_bytes = Some(max);
        self
    }

    /// Sets the rule by which pushes become current positions, for accounts that chose none. Default: [`PositionRule::Newest`].
    pub fn current_position(mut self, rule: PositionRule) -> Self {
        self.overrides.current_position = Some(rule);
        self
    }

    /// Sets the language of pages where neither the account nor the browser asks for one, and of the names of MQTT's entities.
    /// Default: [`Language::English`].
    pub fn language(mut self, language: Language) -> Self {
        self.overrides.language = Some(language);
        self
    }

    /// Sets how many documents an account may have. Default: 10,000.
    pub fn max_documents(mut self, max: u32) -> Self {
        self.overrides.max_documents = Some(max);
        self
    }

    /// Sets how many bytes an account's positions, histories and titles may take of the data file, estimated. Default: 64 MiB.
    ///
    /// Beyond it the oldest positions of the histories go; a push is refused once the current positions alone are too much.
    pub fn max_account_bytes(mut self, max: u64) -> Self {
        self.overrides.max_account_bytes = Some(max);
        self
    }

    /// Sets how many bytes the files in an account's WebDAV folder may have. Default: 256 MiB. One file may have 64 MiB.
    pub fn max_files_bytes(mut self, max: u64) -> Self {
        self.overrides.max_files_bytes = Some(max);
        self
    }

    /// Sets the largest size of the data file in bytes. Default: the size of the disk, at least 1 GiB and at most 128 GiB; on 32-bit
    /// systems 512 MiB.
    ///
    /// As much address space is reserved. When the file is full, pushes fail with [`Error::NoSpace`].
    pub fn max_store_bytes(mut self, max: u64) -> Self {
        self.overrides.max_store_bytes = Some(max);
        self
    }

    /// Sets how many bytes of the disk must be free for pushes of new documents. Default: 256 MiB or 1 %, whichever is less.
    pub fn min_free_disk(mut self, min: u64) -> Self {
        self.overrides.min_free_disk = Some(min);
        self
    }

    /// Sets how many connections the listeners of this server hold at once. Default: 4,096.
    ///
    /// One more closes the connection that has waited longest for its client: that has sent nothing or a part of a request, or is kept
    /// alive. The limit is lowered where the process may not open as many files.
    pub fn max_connections(mut self, max: usize) -> Self {
        self.overrides.max_connections = Some(max);
        self
    }

    /// Sets how many connections a public IPv4 address or IPv6 /64 may hold at once; more are closed. Default: 64.
    ///
    /// A private or loopback address may hold half of all: it may be a proxy that [`trusted_proxies`](Builder::trusted_proxies) does not
    /// name. Trusted proxies and unix sockets may hold all.
    pub fn max_connections_per_address(mut self, max: usize) -> Self {
        self.overrides.max_connections_per_address = Some(max);
        self
    }

    /// Sets how long a client may stall while it sends a head, sends a body, or reads a response. Default: 10 s.
    ///
    /// A kept-alive connection may be idle as long.
    pub fn client_timeout(mut self, timeout: Duration) -> Self {
        self.client_timeout = timeout;
        self
    }

    /// Opens the store, then creates `admin` and the configured accounts or sets their passwords where they differ.
    ///
    /// Everything in the settings is checked before the store is opened.
    ///
    /// # Errors
    /// - [`Error::NoDataDir`]: there is no data directory.
    /// - [`Error::DataDir`], [`Error::NewerFormat`]: it cannot be used.
    /// - [`Error::AlreadyOpen`], [`Error::InUse`]: this or another process serves from it.
    /// - [`Error::DataDirReplaced`]: it was replaced while it was opened.
    /// - [`Error::AdminPassword`], [`Error::Account`], [`Error::Tls`], [`Error::Mqtt`], [`Error::ProxyLogin`],
    ///   [`Error::Path`]: a setting is wrong.
    pub fn build(self) -> Result<Server> {
        let create_admin = self.create_admin;
        let builder = self.with_overrides();
        let provision = Provision::from_config(&builder.config, create_admin)?;
        let mut server = builder.open_store(true)?;
        server.generated_admin_password = provision.apply(&server.state.store)?;
        Ok(server)
    }

    /// Opens the store without changing accounts: for tools beside a running server.
    ///
    /// # Errors
    /// - [`Error::NoDataDir`]: there is no data directory.
    /// - [`Error::DataDir`], [`Error::NewerFormat`]: it cannot be used.
    /// - [`Error::AlreadyOpen`]: this process has it open.
    /// - [`Error::DataDirReplaced`]: it was replaced while it was opened.
    /// - [`Error::Tls`], [`Error::Path`]: a certificate, its key or the mount path is wrong.
    pub fn open(self) -> Result<Server> {
        self.with_overrides().open_store(false)
    }

    /// Sets the clock of positions, in whole seconds since the Unix epoch: for tests. Default: the system's.
    pub fn clock(mut self, clock: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        self.clock = Some(OwnClock(Arc::new(clock)));
        self
    }

    fn with_overrides(mut self) -> Self {
        std::mem::take(&mut self.overrides).apply(&mut self.config);
        self
    }

    fn open_store(self, serves: bool) -> Result<Server> {
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

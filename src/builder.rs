//! From settings to a server: what is checked, opened and made before the first request.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::auth::{self, Authenticator};
use crate::config::{AccountConfig, Address, Config, CorsOrigin, ListenAddr, PORT, Secret};
use crate::error::{Error, Result};
use crate::http::client_ip::TrustedProxy;
use crate::library::scan::ScanLimiter;
use crate::metrics::Metrics;
use crate::model::{ADMIN, Key, Username};
#[cfg(feature = "tls")]
use crate::net::tls::Tls;
use crate::server::{self, Server};
use crate::state::AppState;
use crate::store::{Store, StoreOptions};

/// Makes a [`Server`]; [`Server::builder`] gives one.
#[derive(Debug, Clone)]
pub struct Builder {
    config: Config,
    max_connections: usize,
    client_timeout: Duration,
}

impl Builder {
    /// Registration open, no data folder yet.
    pub(crate) fn new() -> Self {
        Self { config: Config::default(), max_connections: 1024, client_timeout: Duration::from_secs(10) }
    }

    /// Takes all settings at once, such as from a configuration file. `listen` and `log_level` are for whoever calls
    /// [`Listener::bind`](crate::Listener::bind) and sets up the log; the library does neither by itself.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the folder for the data. Required; it is made (mode 0700) if it is not there. Not on NFS or SMB.
    ///
    /// Your program must not open the files in it, `lock.mdb` least of all: LMDB holds a POSIX lock on it, which a process loses
    /// when it closes any descriptor of the file, and other processes would then take the store for unused. To copy it there is
    /// [`Store::backup`](crate::Store::backup).
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.config.data_dir = Some(path.into());
        self
    }

    /// Sets whether clients may make accounts. By default they may. An administrator's switch on the dashboard holds against it
    /// until it is set to something else than it was then.
    pub fn registration(mut self, open: bool) -> Self {
        self.config.registration = open;
        self
    }

    /// Sets the password of the account `admin` anew. By default it stays, and is a random one at first.
    pub fn admin_password(mut self, password: impl Into<String>) -> Self {
        self.config.admin_password = Some(Secret::from(password.into()));
        self.config.admin_password_file = None;
        self
    }

    /// Sets the certificate chain and its private key, both in PEM files: then the TCP listeners of [`Server::serve`] speak TLS.
    /// The files are read again when they change; broken new ones leave the old certificate in place. By default plain HTTP.
    #[cfg(feature = "tls")]
    pub fn tls(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.config.tls_certificate = Some(certificate.into());
        self.config.tls_key = Some(key.into());
        self
    }

    /// Sets the proxies whose word is taken for where a request came from. By default nobody's is.
    pub fn trusted_proxies(mut self, proxies: impl IntoIterator<Item = TrustedProxy>) -> Self {
        self.config.trusted_proxies = proxies.into_iter().collect();
        self
    }

    /// Sets the web pages whose scripts may use the protocol's routes. By default none may.
    pub fn cors_origins(mut self, origins: impl IntoIterator<Item = CorsOrigin>) -> Self {
        self.config.cors_origins = origins.into_iter().collect();
        self
    }

    /// Sets whether `GET /metrics` tells Prometheus what the server counts, beside the protocol's routes. By default it does not.
    pub fn metrics(mut self, told: bool) -> Self {
        self.config.metrics = told;
        self
    }

    /// Sets whether [`Server::service`] shows the dashboard to whoever opens its address in a browser. By default it does.
    pub fn dashboard(mut self, shown: bool) -> Self {
        self.config.dashboard = shown;
        self
    }

    /// Sets the address to type into KOReader, which the dashboard shows. By default it is the one under which a page is seen.
    pub fn address(mut self, address: Address) -> Self {
        self.config.address = Some(address);
        self
    }

    /// Sets who Home Assistant's ingress is, for [`Server::serve_ingress`]. By default `172.30.32.2`, which is the Supervisor.
    pub fn ingress_peer(mut self, peer: TrustedProxy) -> Self {
        self.config.ingress_peer = peer;
        self
    }

    /// Sets how many connections [`Server::serve`] holds at once; more wait in the system's queue. By default 1,024.
    pub fn max_connections(mut self, max: usize) -> Self {
        self.max_connections = max;
        self
    }

    /// Sets how long a client may stall in sending a request's head, in sending its body, and in taking the answer, before it
    /// is cut off. A kept-alive connection may be idle as long. By default 10 s.
    pub fn client_timeout(mut self, timeout: Duration) -> Self {
        self.client_timeout = timeout;
        self
    }

    /// Opens the store, and makes the account `admin` and those of the configuration, or sets their passwords, where there is need
    /// to.
    ///
    /// # Errors
    /// [`Error::NoDataDir`], [`Error::DataDir`], [`Error::AlreadyOpen`], [`Error::InUse`], [`Error::DataDirReplaced`], [`Error::NewerFormat`],
    /// [`Error::AdminPassword`], [`Error::Account`], [`Error::Tls`], [`Error::Mqtt`]: each names what is wrong.
    pub fn build(self) -> Result<Server> {
        let admin_password = admin_password(&self.config)?;
        let accounts = configured_accounts(&self.config)?;
        check_broker(&self.config)?;
        let server = self.make(true)?;
        ensure_admin(&server.state.store, admin_password)?;
        for (name, key) in accounts {
            ensure_account(&server.state.store, name, &key)?;
        }
        server.state.store.configure_registration(server.state.registration)?;
        Ok(server)
    }

    /// Opens the store and leaves all accounts as they are: for tools that work on the data folder, also while a server in
    /// another process uses it.
    ///
    /// # Errors
    /// As [`Builder::build`], but for passwords and [`Error::InUse`].
    pub fn open(self) -> Result<Server> {
        self.make(false)
    }

    fn make(self, serves: bool) -> Result<Server> {
        let Self { config, max_connections, client_timeout } = self;
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
        if let Some(metrics) = metrics.clone() {
            options.on_commit = Box::new(move |jobs, took| metrics.committed(jobs, took));
        }
        let tcp_port = |listen: &ListenAddr| match listen {
            ListenAddr::Tcp(address) => Some(address.port()),
            ListenAddr::Unix { .. } => None,
        };
        let state = Arc::new(AppState {
            store: Store::open(options)?,
            auth: Arc::new(Authenticator::new()?),
            registration: config.registration,
            admin_password_configured: config.admin_password.is_some() || config.admin_password_file.is_some(),
            trusted_proxies: config.trusted_proxies,
            cors_origins: config.cors_origins,
            address: config.address,
            scheme: if config.tls_certificate.is_some() { "https" } else { "http" },
            port: config.listen.iter().find_map(tcp_port).unwrap_or(PORT),
            metrics,
            metrics_route: config.metrics,
            client_timeout,
            scans: ScanLimiter::new(),
        });
        Ok(Server {
            service: Arc::new(server::service(&state, config.dashboard)),
            state,
            has_dashboard: config.dashboard,
            ingress_peer: config.ingress_peer,
            max_connections,
            #[cfg(feature = "tls")]
            tls,
        })
    }
}

#[cfg(feature = "tls")]
fn tls(config: &Config) -> Result<Option<Arc<Tls>>> {
    match (&config.tls_certificate, &config.tls_key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Tls::load(certificate, key).map(Some),
        (Some(_), None) => Err(Error::Tls("there is a certificate, but no key for it: set `tls_key`".into())),
        (None, Some(_)) => Err(Error::Tls("there is a key, but no certificate: set `tls_certificate`".into())),
    }
}

/// What a broker's settings lack can be told at the start. Whether it is there cannot: it may come later.
fn check_broker(config: &Config) -> Result<()> {
    let Some(mqtt) = &config.mqtt else { return Ok(()) };
    if !cfg!(feature = "mqtt") {
        return Err(Error::Mqtt("this program was built without the feature `mqtt`".into()));
    }
    if mqtt.host.is_empty() {
        return Err(Error::Mqtt("`host` is empty: it must be the broker's name or address".into()));
    }
    if mqtt.tls && !cfg!(feature = "tls") {
        return Err(Error::Mqtt("this program was built without the feature `tls`".into()));
    }
    if mqtt.username.is_none() && (mqtt.password.is_some() || mqtt.password_file.is_some()) {
        return Err(Error::Mqtt("there is a password, but no `username` that it is for".into()));
    }
    match &mqtt.password_file {
        Some(file) => first_line(file).map(drop).map_err(Error::Mqtt),
        None => Ok(()),
    }
}

/// The configured password: of the file if there is one.
fn admin_password(config: &Config) -> Result<Option<Secret>> {
    let Some(path) = &config.admin_password_file else { return Ok(config.admin_password.clone()) };
    first_line(path).map(Some).map_err(Error::AdminPassword)
}

/// A password in a file: its first line, without the line's end.
pub(crate) fn first_line(path: &Path) -> Result<Secret, String> {
    let failed = |what: String| format!("file {}: {what}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Secret::from(line.to_owned())),
        _ => Err(failed("the first line is empty; it must be the password".into())),
    }
}

/// The accounts of the configuration, each checked, with its key.
fn configured_accounts(config: &Config) -> Result<Vec<(Username, Key)>> {
    let mut accounts: Vec<(Username, Key)> = Vec::new();
    for AccountConfig { name, password_file } in &config.accounts {
        let failed = |reason: String| Error::Account { name: name.clone(), reason };
        let name = Username::new(name).map_err(|invalid| failed(invalid.to_string()))?;
        if name.as_str() == ADMIN {
            return Err(failed("its password is `admin_password_file`".into()));
        }
        if accounts.iter().any(|(other, _)| *other == name) {
            return Err(failed("it is there twice".into()));
        }
        let password = first_line(password_file).map_err(failed)?;
        let key = Key::from_password(password.reveal().as_bytes()).map_err(|invalid| failed(invalid.to_string()))?;
        accounts.push((name, key));
    }
    Ok(accounts)
}

/// Makes an account of the configuration, or gives it the configured password. One that an administrator has switched off stays so.
fn ensure_account(store: &Store, name: Username, key: &Key) -> Result<()> {
    match store.user(&name)? {
        Some(user) if auth::verify_now(&user.key, key) => Ok(()),
        _ => store.set_account(name, auth::hash_now(key)?),
    }
}

/// Makes the account `admin` if it is not there, and gives it the configured password. A reader of that name, who has come from
/// another server, keeps theirs while none is configured.
fn ensure_admin(store: &Store, configured: Option<Secret>) -> Result<()> {
    #[allow(clippy::expect_used)]
    let name = Username::new(ADMIN).expect("a good name");
    let user = store.user(&name)?;
    let (password, generated) = match (configured, &user) {
        (Some(password), _) => (password, false),
        (None, Some(user)) => {
            if !user.administrator {
                tracing::warn!(
                    "there is no administrator: `admin` is a reader who was imported; an admin password in the configuration makes it one"
                );
            }
            return Ok(());
        }
        (None, None) => (random_password()?, true),
    };
    let key = Key::from_password(password.reveal().as_bytes())
        .map_err(|_| Error::AdminPassword("it is empty; leave it out for a random one".into()))?;
    if user.is_some_and(|user| user.administrator && user.active && auth::verify_now(&user.key, &key)) {
        return Ok(());
    }
    store.set_administrator(name, auth::hash_now(&key)?)?;
    if generated {
        show_once(password.reveal());
    }
    Ok(())
}

/// It is shown this once, so it is told at a level that is on.
fn show_once(password: &str) {
    macro_rules! told {
        ($level:ident) => {
            tracing::$level!(
                "made the account `admin` with the password {password} (shown only now; set one in the configuration to change it)"
            )
        };
    }
    if tracing::enabled!(tracing::Level::WARN) { told!(warn) } else { told!(error) }
}

/// 100 bits in letters and digits that are hard to take for each other.
fn random_password() -> Result<Secret> {
    const LETTERS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";
    let mut bytes = [0; 20];
    getrandom::fill(&mut bytes).map_err(|error| Error::AdminPassword(error.to_string()))?;
    Ok(Secret::from(bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 32)])).collect::<String>()))
}

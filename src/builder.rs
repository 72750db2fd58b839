//! From settings to a server: checks, opens and provisions before the first request.

mod mount_path;
mod open;
mod overrides;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use self::overrides::Overrides;
use crate::config::{Address, Config, CorsOrigin, LogoutAddress, Secret, TrustedProxy, UserHeader};
#[cfg(doc)]
use crate::error::Error;
use crate::error::Result;
use crate::model::{Language, PositionRule};
use crate::provision::Provision;
use crate::server::Server;
use crate::store::OwnClock;

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

    /// Sets all settings that no setter has set, such as from a configuration file.
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

    /// Sets the header in which a trusted proxy names its user. Only the dashboard reads it. Default: none.
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

    /// Sets the path under which browsers see the routes, such as `/books`. The framework removes it from the requests.
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

    /// Sets the default language of pages, and that of the names of MQTT's entities.
    /// Default: [`Language::English`].
    pub fn language(mut self, language: Language) -> Self {
        self.overrides.language = Some(language);
        self
    }

    /// Sets how many documents an account may have. Default: 10,000; 0 refuses every document.
    pub fn max_documents(mut self, max: u32) -> Self {
        self.overrides.max_documents = Some(max);
        self
    }

    /// Sets the estimated bytes that an account's positions, histories and titles may take. Default: 64 MiB.
    ///
    /// Beyond it the oldest positions of the histories are removed; a push is refused once the current positions alone are too much.
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

    /// Sets how many connections a public IPv4 address or IPv6 /64 may hold at once. More are closed. Default: 64.
    ///
    /// A private or loopback address may hold half of all: it may be a proxy that [`trusted_proxies`](Builder::trusted_proxies) does not
    /// name. Trusted proxies and unix sockets may hold all.
    pub fn max_connections_per_address(mut self, max: usize) -> Self {
        self.overrides.max_connections_per_address = Some(max);
        self
    }

    /// Sets how long a client may stall while sending a request or reading a response. Default: 10 s.
    ///
    /// A kept-alive connection may be idle as long.
    pub fn client_timeout(mut self, timeout: Duration) -> Self {
        self.client_timeout = timeout;
        self
    }

    /// Opens the store, and creates `admin` and the configured accounts or sets their passwords.
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
}

//! The server: what the builder makes, what an app mounts, what the binary serves.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use salvo::conn::ConnCtrl;
use salvo::fuse::FuseConfig;
use salvo::http::body::{Body, Frame, ReqBody, ResBody};
use salvo::hyper::body::Bytes;
use salvo::hyper::service::Service as _;
use salvo::hyper::{Request, Response};
use salvo::{Router, Service};

use crate::api::App;
use crate::auth::{self, Auth};
use crate::client::TrustedProxy;
use crate::config::{Config, CorsOrigin, Secret};
use crate::error::{Error, Result};
use crate::listener::{Listener, Listeners};
use crate::metrics::Metrics;
use crate::model::{ADMIN, Key, Username};
use crate::store::{Authority, Change, Events, Managed, Options, Registered, Store};
#[cfg(feature = "tls")]
use crate::tls::Tls;

/// How long requests in flight may take to end once the server is told to stop. Those who sent the signal wait for 10 s, most of
/// them, and closing the store takes a moment, too.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// The largest head of a request, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The most headers of a request. KOReader sends ten, a browser behind two proxies thirty.
const HEADERS_MAX: usize = 100;

/// Makes a [`Server`]; [`Server::builder`] gives one.
#[derive(Debug, Clone)]
pub struct Builder {
    config: Config,
    max_connections: usize,
    client_timeout: Duration,
}

impl Builder {
    /// Takes all settings at once, such as from a configuration file. `listen` and `log_level` are for whoever calls
    /// [`Listener::bind`] and sets up the log; the library does neither by itself.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// Sets the folder for the data. Required; it is made (mode 0700) if it is not there. Not on NFS or SMB.
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.config.data_dir = Some(path.into());
        self
    }

    /// Sets whether clients may make accounts. By default they may.
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

    /// Opens the store, and makes the account `admin` or sets its password where there is need to.
    ///
    /// # Errors
    /// [`Error::NoDataDir`], [`Error::DataDir`], [`Error::AlreadyOpen`], [`Error::NewerFormat`], [`Error::AdminPassword`],
    /// [`Error::Tls`]: each names what is wrong.
    pub fn build(self) -> Result<Server> {
        let admin_password = admin_password(&self.config)?;
        let server = self.open()?;
        ensure_admin(&server.app.store, admin_password)?;
        Ok(server)
    }

    /// Opens the store and leaves all accounts as they are: for tools that work on the data folder, also while a server in
    /// another process uses it.
    ///
    /// # Errors
    /// As [`Builder::build`], but for the administrator's password.
    pub fn open(self) -> Result<Server> {
        let Self { config, max_connections, client_timeout } = self;
        #[cfg(feature = "tls")]
        let tls = tls(&config)?;
        #[cfg(not(feature = "tls"))]
        if config.tls_certificate.is_some() || config.tls_key.is_some() {
            return Err(Error::Tls("this program was built without the feature `tls`".into()));
        }
        let counts = config.metrics || !config.metrics_listen.is_empty();
        let metrics = counts.then(|| Arc::new(Metrics::new()));
        let mut options = Options::new(config.data_dir.ok_or(Error::NoDataDir)?);
        if let Some(metrics) = metrics.clone() {
            options.on_commit = Box::new(move |jobs, took| metrics.committed(jobs, took));
        }
        let app = Arc::new(App {
            store: Store::open(options)?,
            auth: Arc::new(Auth::new()?),
            registration: config.registration,
            trusted_proxies: config.trusted_proxies,
            cors_origins: config.cors_origins,
            metrics,
            metrics_route: config.metrics,
            client_timeout,
        });
        Ok(Server {
            service: Arc::new(app.service()),
            app,
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

/// The configured password: of the file if there is one, without the line's end.
fn admin_password(config: &Config) -> Result<Option<Secret>> {
    let Some(path) = &config.admin_password_file else { return Ok(config.admin_password.clone()) };
    let failed = |what: String| Error::AdminPassword(format!("file {}: {what}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| failed(error.to_string()))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Some(Secret::from(line.to_owned()))),
        _ => Err(failed("the first line is empty; it must be the password".into())),
    }
}

/// Makes the account `admin` if it is not there, and gives it the configured password.
fn ensure_admin(store: &Store, configured: Option<Secret>) -> Result<()> {
    #[allow(clippy::expect_used)]
    let name = Username::new(ADMIN).expect("a good name");
    let user = store.user(&name)?;
    let (password, generated) = match (configured, &user) {
        (Some(password), _) => (password, false),
        (None, Some(_)) => return Ok(()),
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

/// A kosync server. Clones are cheap and share one store.
///
/// Mount its [`router`](Server::router) in a Salvo app, [`handle`](Server::handle) requests of another framework, or
/// [`serve`](Server::serve) it alone.
#[derive(Clone)]
pub struct Server {
    app: Arc<App>,
    /// The routes, put together once: for [`Server::handle`], which gets each request by itself.
    service: Arc<Service>,
    max_connections: usize,
    #[cfg(feature = "tls")]
    tls: Option<Arc<Tls>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("store", &self.app.store).finish_non_exhaustive()
    }
}

impl Server {
    /// A builder with the defaults: registration open, no data folder yet.
    pub fn builder() -> Builder {
        Builder { config: Config::default(), max_connections: 1024, client_timeout: Duration::from_secs(10) }
    }

    /// The routes of the protocol, with relative paths: push them under any path of a Salvo app.
    ///
    /// Unknown methods and all failures of these routes are answered in the protocol's form. What is no route is the app's.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::salvo::Router;
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let app = Router::new().push(Router::with_path("kosync").push(kosync.router()));
    /// # Ok::<(), kosync::Error>(())
    /// ```
    pub fn router(&self) -> Router {
        self.app.router()
    }

    /// The routes as a whole service, in which what is no route is answered in JSON, too.
    pub fn service(&self) -> Service {
        self.app.service()
    }

    /// Makes an account, also where registration is closed.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::{Key, Username, store::Registered};
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).registration(false).build()?;
    /// let (name, key) = (Username::new("ada").unwrap(), Key::from_password(b"a good one").unwrap());
    /// assert!(matches!(kosync.create_user(name, key).await?, Registered::Created(_)));
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn create_user(&self, name: Username, key: Key) -> Result<Registered> {
        self.app.store.create_user(name, self.app.auth.hash(key).await?).await
    }

    /// Gives an account another key, whatever it was.
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn set_key(&self, name: Username, key: Key) -> Result<Managed> {
        let change = Change::SetKey(self.app.auth.hash(key).await?);
        self.app.store.manage(Authority::Host, name, change).await
    }

    /// The typed store: users, positions, history.
    pub fn store(&self) -> &Store {
        &self.app.store
    }

    /// Committed changes from now on, in their order.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let mut events = kosync.subscribe();
    /// tokio::spawn(async move {
    ///     while let Ok(Some(event)) = events.next().await {
    ///         if let kosync::Event::Pushed { user, document, progress, .. } = &*event {
    ///             println!("{user} is at {} of {document}", progress.percentage);
    ///         }
    ///     }
    /// });
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    pub fn subscribe(&self) -> Events {
        self.app.store.subscribe()
    }

    /// Answers one request of another framework: axum, hyper, or whatever speaks the types of `http`.
    ///
    /// `peer` is the client's address, by which failed logins are counted. The path must be without the prefix under which
    /// the framework has mounted it. `examples/axum_app.rs` shows it.
    pub async fn handle<B>(&self, request: Request<B>, peer: Option<SocketAddr>) -> Response<ResBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let request = request
            .map(|body| ReqBody::Boxed { inner: Box::pin(Shared(Mutex::new(Box::pin(body)))), fuse_config: None });
        let unknown = salvo::conn::SocketAddr::Unknown;
        let peer = peer.map_or(unknown.clone(), Into::into);
        let scheme = salvo::http::uri::Scheme::HTTP;
        let handler = self.service.hyper_handler(unknown, peer, scheme, None, ConnCtrl::new(), None);
        #[allow(clippy::expect_used)]
        handler.call(request).await.expect("a Salvo service turns every failure into an answer")
    }

    /// Whether the TCP listeners of [`Server::serve`] speak TLS.
    pub fn speaks_tls(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Never ends.
    async fn watch_files(&self) -> Infallible {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.watch().await;
        }
        std::future::pending().await
    }

    /// Serves on all listeners until `shutdown` completes, then lets requests in flight end, for [`STOP_TIMEOUT`] at most.
    ///
    /// The caller owns the sockets and the signal, so a test binds port 0.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    /// let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    /// let serving = tokio::spawn(async move { kosync.serve([listener.into()], stopped).await });
    /// stop.send(()).unwrap();
    /// serving.await.unwrap()?;
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::Serve`] if a socket cannot be used.
    pub async fn serve(&self, listeners: impl IntoIterator<Item = Listener>, shutdown: impl Future) -> Result<()> {
        let listeners = self.listeners(listeners)?;
        #[cfg(feature = "tls")]
        let listeners = listeners.tls(self.tls.clone());
        tokio::select! {
            served = self.run(self.service(), listeners, shutdown) => served,
            never = self.watch_files() => match never {},
        }
    }

    /// Serves `GET /metrics` and nothing else, plain, as long as [`Server::serve`] would; for [`Config::metrics_listen`].
    ///
    /// # Errors
    /// As [`Server::serve`].
    pub async fn serve_metrics(
        &self,
        listeners: impl IntoIterator<Item = Listener>,
        shutdown: impl Future,
    ) -> Result<()> {
        self.run(self.app.metrics_service(), self.listeners(listeners)?, shutdown).await
    }

    fn listeners(&self, listeners: impl IntoIterator<Item = Listener>) -> Result<Listeners> {
        let failed = |error| Error::Serve(Arc::new(error));
        let timeout = self.app.client_timeout;
        let fuse = FuseConfig::default()
            .with_tls_handshake_timeout(timeout)
            .with_http1_header_timeout(timeout)
            .with_request_body_timeout(timeout)
            .with_write_stall_timeout(timeout);
        Listeners::new(listeners.into_iter().collect(), fuse).map_err(failed)
    }

    async fn run(&self, service: Service, listeners: Listeners, shutdown: impl Future) -> Result<()> {
        let failed = |error| Error::Serve(Arc::new(error));
        let mut server = salvo::Server::new(listeners).max_connections(self.max_connections);
        server.http1_mut().max_buf_size(HEAD_MAX).max_headers(HEADERS_MAX);
        let handle = server.handle();
        let mut serving = std::pin::pin!(server.try_serve(service));
        tokio::select! {
            ended = &mut serving => return ended.map_err(failed),
            _ = shutdown => handle.stop_graceful(STOP_TIMEOUT),
        }
        serving.await.map_err(failed)
    }
}

/// Another framework's body, as one that may be shared between threads, which Salvo asks for. Nobody ever does: whoever polls
/// it has it alone, so the lock is never taken.
struct Shared<B>(Mutex<Pin<Box<B>>>);

impl<B> Body for Shared<B>
where
    B: Body,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Data = B::Data;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let body = self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner);
        body.as_mut().poll_frame(cx).map_err(Into::into)
    }
}

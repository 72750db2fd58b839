//! The server: what the builder makes, what an app mounts, what the binary serves.

use std::convert::Infallible;
use std::net::SocketAddr;
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

use crate::builder::Builder;
use crate::error::{Error, Result};
use crate::http::client_ip::TrustedProxy;
use crate::http::dashboard::{self, Dashboard, NotFoundFallback};
use crate::model::{Key, Username};
use crate::net::listener::{Listener, Listeners};
#[cfg(feature = "tls")]
use crate::net::tls::Tls;
use crate::state::AppState;
use crate::store::{AccountOutcome, Authority, Change, CreateOutcome, Events, Store};
#[cfg(feature = "mqtt")]
use crate::{config::MqttConfig, mqtt};

/// How long requests in flight may take to end once the server is told to stop. Those who sent the signal wait for 10 s, most of
/// them, and closing the store takes a moment, too.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// The largest head of a request, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The most headers of a request. KOReader sends ten, a browser behind two proxies thirty.
const HEADERS_MAX: usize = 100;

/// A kosync server. Clones are cheap and share one store.
///
/// Mount its [`router`](Server::router) in a Salvo app, [`handle`](Server::handle) requests of another framework, or
/// [`serve`](Server::serve) it alone.
#[derive(Clone)]
pub struct Server {
    pub(crate) state: Arc<AppState>,
    /// The routes, put together once: for [`Server::handle`], which gets each request by itself.
    pub(crate) service: Arc<Service>,
    pub(crate) has_dashboard: bool,
    pub(crate) ingress_peer: TrustedProxy,
    pub(crate) max_connections: usize,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Arc<Tls>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("store", &self.state.store).finish_non_exhaustive()
    }
}

impl Server {
    /// A builder with the defaults: registration open, no data folder yet.
    pub fn builder() -> Builder {
        Builder::new()
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
        self.state.router()
    }

    /// The dashboard's pages, with relative paths: push them beside the protocol's routes, or under a path of their own.
    ///
    /// They work under any path, also behind a proxy that takes a prefix off. [`Config::dashboard`](crate::Config::dashboard)
    /// is not asked: whoever mounts them wants them.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::salvo::Router;
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let both = Router::with_path("kosync").push(kosync.router()).push(kosync.dashboard());
    /// # Ok::<(), kosync::Error>(())
    /// ```
    pub fn dashboard(&self) -> Router {
        Dashboard::new(self.state.clone()).router()
    }

    /// All routes as a whole service, the dashboard's too unless it is switched off. What is no route is answered in JSON, or, to
    /// a browser, with a page.
    pub fn service(&self) -> Service {
        service(&self.state, self.has_dashboard)
    }

    /// Whether clients may make accounts now: as it was switched last, or as the configuration says.
    ///
    /// # Errors
    /// As [`Store::user`].
    pub fn registration(&self) -> Result<bool> {
        self.state.registration_is_open()
    }

    /// Opens or closes registration. It stays so, also at the next start, until the configuration says something else than it
    /// does now.
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn set_registration(&self, open: bool) -> Result<()> {
        self.state.store.set_registration(Authority::Local, open, self.state.registration).await.map(drop)
    }

    /// Makes an account, also where registration is closed.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::{Key, Username, store::CreateOutcome};
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).registration(false).build()?;
    /// let (name, key) = (Username::new("ada").unwrap(), Key::from_password(b"a good one").unwrap());
    /// assert!(matches!(kosync.create_user(name, key).await?, CreateOutcome::Created(_)));
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn create_user(&self, name: Username, key: Key) -> Result<CreateOutcome> {
        self.state.store.create_user(name, self.state.auth.hash(key).await?).await
    }

    /// Gives an account another key, whatever it was.
    ///
    /// # Errors
    /// As [`Store::manage`].
    pub async fn set_key(&self, name: Username, key: Key) -> Result<AccountOutcome> {
        let change = Change::SetKey(self.state.auth.hash(key).await?);
        self.state.store.manage(Authority::Local, name, change).await
    }

    /// The typed store: users, positions, history.
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// Committed changes from now on, in their order.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let mut events = kosync.subscribe();
    /// tokio::spawn(async move {
    ///     while let Some(Ok(event)) = events.next().await {
    ///         if let kosync::Event::Pushed { user, document, progress, .. } = &*event {
    ///             println!("{user} is at {} of {document}", progress.percentage);
    ///         }
    ///     }
    /// });
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    pub fn subscribe(&self) -> Events {
        self.state.store.subscribe()
    }

    /// Answers one request of another framework: axum, hyper, or whatever speaks the types of `http`.
    ///
    /// The dashboard is among the routes unless it is switched off. Its links need a slash at the end of the path under which the
    /// framework has mounted it (`/kosync/`); the framework must lead there from `/kosync`, whose prefix it has taken off.
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

    /// Serves on all listeners until `shutdown` completes or the store stops, then lets requests in flight end, for [`STOP_TIMEOUT`]
    /// at most. Without listeners it only waits for either.
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
    /// [`Error::Serve`] if a socket cannot be used; [`Error::StoreClosed`] once the store has stopped, see [`Store::stopped`].
    pub async fn serve(&self, listeners: impl IntoIterator<Item = Listener>, shutdown: impl Future) -> Result<()> {
        let listeners = self.listeners(listeners)?;
        #[cfg(feature = "tls")]
        let listeners = listeners.tls(self.tls.clone());
        let mut ended = Ok(());
        let shutdown = async {
            tokio::select! {
                _ = shutdown => {}
                () = self.state.store.stopped() => ended = Err(Error::StoreClosed),
            }
        };
        tokio::select! {
            served = self.run(self.service(), listeners, shutdown) => served?,
            never = self.watch_files() => match never {},
        }
        ended
    }

    /// Serves `GET /metrics` and nothing else, plain, as long as [`Server::serve`] would; for [`Config::metrics_listen`](crate::Config::metrics_listen).
    ///
    /// # Errors
    /// As [`Server::serve`].
    pub async fn serve_metrics(
        &self,
        listeners: impl IntoIterator<Item = Listener>,
        shutdown: impl Future,
    ) -> Result<()> {
        self.run(self.state.metrics_service(), self.listeners(listeners)?, shutdown).await
    }

    /// Serves the dashboard to Home Assistant's ingress, plain, as long as [`Server::serve`] would; for
    /// [`Config::ingress_listen`](crate::Config::ingress_listen).
    ///
    /// Home Assistant has logged in whoever comes this way, and shows the app to its administrators only: so each of them
    /// administers all accounts, and chooses once whose reading they see. Nobody but
    /// [`Config::ingress_peer`](crate::Config::ingress_peer) is answered.
    ///
    /// # Errors
    /// As [`Server::serve`].
    pub async fn serve_ingress(
        &self,
        listeners: impl IntoIterator<Item = Listener>,
        shutdown: impl Future,
    ) -> Result<()> {
        let service = dashboard::ingress_service(&self.state, self.ingress_peer.clone());
        self.run(service, self.listeners(listeners)?, shutdown).await
    }

    /// Tells an MQTT broker what is read, until `shutdown` completes; for [`Config::mqtt`](crate::Config::mqtt).
    ///
    /// `broker` is asked before each connection, so that it may find out anew who and where that is; where there is none it says
    /// why, which the log then tells, and is asked again after a while, 30 s at most. Home Assistant's MQTT discovery makes a device of each account, with
    /// sensors for its book, the percentage, the device and the time of the last sync, and an event entity. Nothing here is
    /// waited for by anybody who syncs.
    ///
    /// ```no_run
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let broker = kosync::MqttConfig { host: "broker.lan".into(), ..Default::default() };
    /// let stop = std::future::pending::<()>();
    /// kosync.publish(|| async { Ok(broker.clone()) }, stop).await?;
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// As [`Store::manage`]. A broker that cannot be reached is no error.
    #[cfg(feature = "mqtt")]
    pub async fn publish<F, B>(&self, broker: F, shutdown: impl Future) -> Result<()>
    where
        F: Fn() -> B,
        B: Future<Output = Result<MqttConfig, String>>,
    {
        mqtt::publish(&self.state, broker, shutdown).await
    }

    fn listeners(&self, listeners: impl IntoIterator<Item = Listener>) -> Result<Listeners> {
        let failed = |error| Error::Serve(Arc::new(error));
        let timeout = self.state.client_timeout;
        let fuse = FuseConfig::default()
            .with_tls_handshake_timeout(timeout)
            .with_http1_header_timeout(timeout)
            .with_request_body_timeout(timeout)
            .with_write_stall_timeout(timeout);
        Listeners::new(listeners.into_iter().collect(), fuse).map_err(failed)
    }

    async fn run(&self, service: Service, listeners: Listeners, shutdown: impl Future) -> Result<()> {
        if listeners.is_empty() {
            shutdown.await;
            return Ok(());
        }
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

/// The service of a server.
pub(crate) fn service(state: &Arc<AppState>, has_dashboard: bool) -> Service {
    if !has_dashboard {
        return state.service(state.routes());
    }
    let web = Dashboard::new(state.clone());
    state.service(state.routes().push(web.router())).hoop(NotFoundFallback { web })
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

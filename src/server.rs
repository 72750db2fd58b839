//! The public handle: routes, accounts, serving, events.

mod accounts;

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use salvo::http::body::{Body, ResBody};
use salvo::hyper::body::Bytes;
use salvo::hyper::{Request, Response};
use salvo::{Router, Service};

#[cfg(feature = "cli")]
use crate::config::UnknownAddress;
use crate::config::{Address, Secret, TrustedProxy};
use crate::error::{Error, Result};
use crate::http;
use crate::http::adapter::{self, BodyFailure};
#[cfg(feature = "import")]
use crate::import::ImportTarget;
use crate::net::connections::Connections;
use crate::net::listener::Listener;
use crate::net::run::{self, ServeOptions};
#[cfg(feature = "tls")]
use crate::net::tls::Tls;
use crate::state::AppState;
use crate::store::{Events, Store};
#[cfg(feature = "mqtt")]
use crate::{config::MqttConfig, mqtt};

/// A kosync server. Clones are cheap and share one store.
///
/// Three ways to serve it:
/// - alone: [`serve`](Server::serve);
/// - in a Salvo app: mount [`router`](Server::router) and [`dashboard`](Server::dashboard);
/// - in axum, or any framework that takes a Tower service: mount the `Server` itself, which implements
///   [`tower_service::Service`], or call [`handle`](Server::handle).
#[derive(Clone)]
pub struct Server {
    pub(crate) state: Arc<AppState>,
    /// Built once, since [`Server::handle`] needs it for each request.
    pub(crate) service: Arc<Service>,
    pub(crate) has_dashboard: bool,
    pub(crate) ingress_peer: TrustedProxy,
    pub(crate) connections: Arc<Connections>,
    pub(crate) generated_admin_password: Option<Secret>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Arc<Tls>>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Server").field("store", &self.state.store).finish_non_exhaustive()
    }
}

#[cfg(feature = "import")]
impl<'a> From<&'a Server> for ImportTarget<'a> {
    fn from(server: &'a Server) -> Self {
        Self { store: &server.state.store, auth: &server.state.auth }
    }
}

/// Routes.
impl Server {
    /// Returns the routes of the protocol, with relative paths: push them under any path of a Salvo app.
    ///
    /// These routes answer unknown methods and all failures in the protocol's form. Other paths are left to the app.
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
        http::api_router(&self.state)
    }

    /// Returns the dashboard's pages, with relative paths: push them beside [`router`](Server::router) or under a path of their own.
    ///
    /// They work under any path, also behind a proxy that removes a prefix. [`Config::dashboard`](crate::Config::dashboard)
    /// does not affect this method.
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
        http::dashboard_router(&self.state)
    }

    /// Returns the accounts' WebDAV folders: the path `webdav` and all below it, to be pushed under any path of a Salvo app.
    ///
    /// [`Config::webdav`](crate::Config::webdav) does not affect this method.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// use kosync::salvo::Router;
    ///
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let both = Router::with_path("kosync").push(kosync.router()).push(kosync.webdav());
    /// # Ok::<(), kosync::Error>(())
    /// ```
    pub fn webdav(&self) -> Router {
        http::webdav_router(&self.state)
    }

    /// Returns all routes as a Salvo service, with dashboard and WebDAV unless they are off.
    ///
    /// Unknown paths get a JSON error, or a page if the client is a browser.
    pub fn service(&self) -> Service {
        http::embedded_service(&self.state, self.has_dashboard)
    }

    /// Answers one request of another framework, in the types of the crate `http`.
    ///
    /// The path must not have the prefix under which the framework has mounted the server; pass that prefix to
    /// [`Builder::path`](crate::Builder::path), so that the dashboard's links work. `peer` is the client's address, by which failed logins
    /// are counted; without it they are counted per account only.
    pub async fn handle<B>(&self, request: Request<B>, peer: Option<SocketAddr>) -> Response<ResBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BodyFailure>,
    {
        adapter::call(&self.service, request, peer).await
    }
}

/// Data and events.
impl Server {
    /// Sets the address to type into KOReader. It is for a program that learns the address while it serves.
    ///
    /// It replaces [`Config::address`](crate::Config::address) on the dashboard and in what [`Server::publish`] publishes.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// kosync.set_address("http://192.0.2.20:7200".parse().unwrap());
    /// # Ok::<(), kosync::Error>(())
    /// ```
    pub fn set_address(&self, address: Address) {
        let _ = self.state.address.send_replace(Ok(Some(address)));
    }

    /// Notes why the address to type into KOReader must not be guessed.
    #[cfg(feature = "cli")]
    pub(crate) fn set_unknown_address(&self, reason: UnknownAddress) {
        let _ = self.state.address.send_replace(Err(reason));
    }

    /// Returns the typed store: accounts, documents, positions, history.
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// Subscribes to the changes that this process commits from now on, in commit order.
    ///
    /// [`Events`] is a [`Stream`](futures_core::Stream), and has a method `next` of its own.
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
}

/// Serving.
impl Server {
    /// Returns whether the TCP listeners of [`Server::serve`] use TLS.
    pub fn uses_tls(&self) -> bool {
        #[cfg(feature = "tls")]
        return self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        false
    }

    /// Serves on all listeners until `shutdown` completes or the store closes. Then requests in flight have
    /// [`STOP_TIMEOUT`](crate::STOP_TIMEOUT) to end.
    ///
    /// The caller owns the sockets and the signal, so a test can bind port 0. Without listeners it waits for `shutdown` only.
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
    /// [`Error::Serve`] if a socket fails; [`Error::StoreClosed`] if the store has closed itself, see [`Store::stopped`].
    pub async fn serve(&self, listeners: impl IntoIterator<Item = Listener>, shutdown: impl Future) -> Result<()> {
        let options = ServeOptions {
            #[cfg(feature = "tls")]
            tls: self.tls.clone(),
            ..self.plain_options()
        };
        let mut ended = Ok(());
        let shutdown = async {
            tokio::select! {
                _ = shutdown => {}
                () = self.state.store.stopped() => ended = Err(Error::StoreClosed),
            }
        };
        tokio::select! {
            served = run::run(http::service(&self.state, self.has_dashboard), listeners, options, shutdown) => served?,
            never = self.reload_tls_files() => match never {},
        }
        ended
    }

    /// Serves `GET /metrics` and no other route, without TLS; for [`Config::metrics_listen`](crate::Config::metrics_listen).
    ///
    /// Ends as [`Server::serve`] does when `shutdown` completes.
    ///
    /// # Errors
    /// [`Error::Serve`] if a socket fails.
    pub async fn serve_metrics(
        &self,
        listeners: impl IntoIterator<Item = Listener>,
        shutdown: impl Future,
    ) -> Result<()> {
        self.serve_plain(http::metrics_service(&self.state), listeners, shutdown).await
    }

    /// Serves the dashboard to Home Assistant's ingress, without TLS; for
    /// [`Config::ingress_listen`](crate::Config::ingress_listen).
    ///
    /// Home Assistant has logged these visitors in. Those whom
    /// [`Config::ingress_administrators`](crate::Config::ingress_administrators) names manage all accounts, and choose once whose
    /// reading to see. Each other one gives the password of an account once, or creates one, and sees that account alone. Requests
    /// that do not come from [`Config::ingress_peer`](crate::Config::ingress_peer) get 403.
    ///
    /// # Errors
    /// [`Error::Serve`] if a socket fails.
    pub async fn serve_ingress(
        &self,
        listeners: impl IntoIterator<Item = Listener>,
        shutdown: impl Future,
    ) -> Result<()> {
        self.serve_plain(http::ingress_service(&self.state, self.ingress_peer.clone()), listeners, shutdown).await
    }

    /// Publishes reading progress over MQTT until `shutdown` completes; for [`Config::mqtt`](crate::Config::mqtt).
    ///
    /// Before each connection `broker` returns the settings to use, or the reason why there are none, which is logged; the next try
    /// follows after 1 to 30 s. Home Assistant's MQTT discovery creates a device for each account that has pushed, with sensors for the
    /// book, the percentage, the device, the time of the last sync and the statistics, and an event entity. Publishing never delays a sync.
    ///
    /// ```no_run
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path()).build()?;
    /// let mut broker = kosync::MqttConfig::default();
    /// broker.host = "broker.lan".into();
    /// let stop = std::future::pending::<()>();
    /// kosync.publish(|| async { Ok(broker.clone()) }, stop).await?;
    /// # Ok::<(), kosync::Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// [`Error::Store`] if the store cannot be read. A broker that cannot be reached is not an error.
    #[cfg(feature = "mqtt")]
    pub async fn publish<F, B>(&self, broker: F, shutdown: impl Future) -> Result<()>
    where
        F: Fn() -> B,
        B: Future<Output = Result<MqttConfig, String>>,
    {
        let broker = || async { broker().await.map_err(mqtt::NoBroker::Unknown) };
        mqtt::publish(&self.state, broker, shutdown).await
    }

    async fn serve_plain(
        &self,
        service: Service,
        listeners: impl IntoIterator<Item = Listener>,
        shutdown: impl Future,
    ) -> Result<()> {
        run::run(service, listeners, self.plain_options(), shutdown).await
    }

    /// Returns the options of a serve loop without TLS.
    fn plain_options(&self) -> ServeOptions {
        ServeOptions {
            connections: self.connections.clone(),
            client_timeout: self.state.client_timeout,
            trusted_proxies: self.state.trusted_proxies.clone(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Reads the certificate and its key again. Returns false without TLS.
    #[cfg(feature = "cli")]
    pub(crate) fn reload_certificate(&self) -> bool {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            tls.reload();
            return true;
        }
        false
    }

    async fn reload_tls_files(&self) -> Infallible {
        #[cfg(feature = "tls")]
        if let Some(tls) = &self.tls {
            return tls.watch().await;
        }
        std::future::pending().await
    }
}

/// Answers requests as a Tower service: axum mounts a `Server` with `nest_service`.
///
/// Pass the mount path to [`Builder::path`](crate::Builder::path), and put the client's [`SocketAddr`] into the request's extensions, so that
/// failed logins are counted per address. `examples/axum_app.rs` shows both.
impl<B> tower_service::Service<Request<B>> for Server
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyFailure>,
{
    type Response = Response<ResBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let server = self.clone();
        let peer = request.extensions().get::<SocketAddr>().copied();
        Box::pin(async move { Ok(server.handle(request, peer).await) })
    }
}

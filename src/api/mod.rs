//! The protocol over HTTP: the only place with routes and statuses.
//!
//! A handler parses, calls once, and maps the result. What it refuses with is a [`Refusal`], and the table in `refusal` says
//! how that looks on the wire.

mod body;
mod cors;
mod manage;
mod refusal;
mod syncs;
mod users;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use salvo::catch_panic::CatchPanic;
use salvo::craft::craft;
use salvo::http::StatusCode;
use salvo::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, Scribe, Service, async_trait};
use serde::Serialize;

use self::refusal::Refusal;
use crate::auth::{Auth, Login};
use crate::client::{self, TrustedProxy};
use crate::config::CorsOrigin;
use crate::metrics::Metrics;
use crate::model::{Document, Key, User, Username};
use crate::store::Store;

const USER: HeaderName = HeaderName::from_static("x-auth-user");
const KEY: HeaderName = HeaderName::from_static("x-auth-key");

/// Everything a handler needs.
#[allow(unreachable_pub, reason = "`craft` makes it part of a public type; the module is private all the same")]
pub struct App {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Auth>,
    pub(crate) registration: bool,
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    pub(crate) cors_origins: Vec<CorsOrigin>,
    pub(crate) metrics: Option<Arc<Metrics>>,
    /// Whether they are told beside the protocol's routes.
    pub(crate) metrics_route: bool,
    /// How long a body may take to arrive.
    pub(crate) client_timeout: Duration,
}

/// What a client shows to be let in.
struct Credentials {
    name: Username,
    key: Key,
    client: Option<IpAddr>,
}

#[craft]
impl App {
    /// The protocol's routes, with relative paths.
    pub(crate) fn router(self: &Arc<Self>) -> Router {
        let router = match cors::handler(&self.cors_origins) {
            Some(cors) => self.routes().hoop(cors),
            None => self.routes(),
        };
        router.hoop(self.guard())
    }

    /// `GET /metrics` alone, for listeners of its own.
    pub(crate) fn metrics_service(self: &Arc<Self>) -> Service {
        Service::new(self.metrics_router()).hoop(self.guard())
    }

    /// A route that is read with GET, and so with HEAD.
    fn readable<H: Handler>(&self, path: &'static str, goal: impl Fn() -> H) -> Router {
        self.only(path, "GET, HEAD", Router::new().get(goal()).head(goal()))
    }

    /// Puts a route at its path, and answers what its methods leave over. Mounted in another app, nobody else would do that in
    /// the protocol's shape.
    fn only(&self, path: &'static str, methods: &'static str, route: Router) -> Router {
        let others = Router::new().goal(OtherMethod { allow: HeaderValue::from_static(methods) });
        let router = Router::with_path(path).push(route).push(others);
        // Where nobody counts, nobody asks which route it was.
        if self.metrics.is_some() { router.hoop(Named { route: path }) } else { router }
    }

    fn guard(&self) -> Guard {
        Guard { metrics: self.metrics.clone() }
    }

    /// The protocol's routes as a whole server: what is no route is answered in the protocol's shape as well.
    pub(crate) fn service(self: &Arc<Self>) -> Service {
        let service = Service::new(self.routes());
        let service = match cors::handler(&self.cors_origins) {
            Some(cors) => service.hoop(cors),
            None => service,
        };
        service.hoop(self.guard())
    }

    fn routes(self: &Arc<Self>) -> Router {
        let routes = Router::new()
            .push(self.readable("syncs/progress/{document}", || self.pull()))
            .push(self.only("syncs/progress", "PUT", Router::new().put(self.push())))
            .push(self.readable("users/auth", || self.authorize()))
            .push(self.only("users/create", "POST", Router::new().post(self.register())))
            .push(self.only("users/password", "PUT", Router::new().put(self.change_password())))
            .push(self.only("users/me", "DELETE", Router::new().delete(self.delete_account())))
            .push(self.readable("healthcheck", || self.healthcheck()))
            .push(self.management());
        if self.metrics_route { routes.push(self.metrics_router()) } else { routes }
    }

    fn metrics_router(self: &Arc<Self>) -> Router {
        self.readable("metrics", || self.tell_metrics())
    }

    fn management(self: &Arc<Self>) -> Router {
        let users = Router::new().get(self.list_users()).head(self.list_users());
        let users = users.post(self.add_user()).delete(self.remove_user());
        let documents = Router::new().get(self.list_documents()).head(self.list_documents());
        let documents = documents.delete(self.remove_document());
        Router::new()
            .push(self.only("manage/users", "DELETE, GET, HEAD, POST", users))
            .push(self.only("manage/users/documents", "DELETE, GET, HEAD", documents))
            .push(self.only("manage/users/active", "PUT", Router::new().put(self.toggle_active())))
            .push(self.only("manage/users/password", "PUT", Router::new().put(self.set_password())))
    }

    /// `GET /metrics`: 200 and Prometheus's text format.
    #[craft(handler)]
    async fn tell_metrics(self: &Arc<Self>, res: &mut Response) -> Result<(), Refusal> {
        let metrics = self.metrics.as_ref().ok_or(Refusal::NoSuchPath)?;
        let text = metrics.text(&self.store)?;
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8"));
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
        res.body(text);
        Ok(())
    }

    /// `GET /healthcheck`: 200 if the server answers and the store can be read, else 502 (2000).
    #[craft(handler)]
    async fn healthcheck(self: &Arc<Self>) -> Result<Answer, Refusal> {
        self.store.check()?;
        Ok(Answer::ok(&serde_json::json!({ "state": "OK" })))
    }

    /// The account of a request, if its credentials are right (rules A1 to A4).
    async fn user(&self, req: &Request) -> Result<User, Refusal> {
        self.login(self.credentials(req)?).await.map_err(|refusal| match refusal {
            // Only a login says so (rule M2).
            Refusal::Inactive => Refusal::Unauthorized,
            other => other,
        })
    }

    /// What a request shows. What cannot be anybody's is refused like a wrong key.
    fn credentials(&self, req: &Request) -> Result<Credentials, Refusal> {
        let client = client::address(req.remote_addr(), req.headers(), &self.trusted_proxies);
        Credentials::of(req.headers(), client).ok_or(Refusal::Unauthorized)
    }

    async fn login(&self, shown: Credentials) -> Result<User, Refusal> {
        let Credentials { name, key, client } = shown;
        let user = self.store.user(&name)?;
        let refusal = match self.auth.login(&name, user, key, client).await? {
            Login::Accepted(user) => return Ok(user),
            Login::Inactive => Refusal::Inactive,
            Login::Refused => Refusal::Unauthorized,
            Login::TooMany { retry_after } => Refusal::TooManyFailures { retry_after },
        };
        if let Some(metrics) = &self.metrics {
            metrics.login_failed();
        }
        let client = client.map(tracing::field::display);
        tracing::warn!(user = %name, client, why = refusal.why(), "login failed");
        Err(refusal)
    }
}

impl Credentials {
    /// Those of the two headers, else those of Basic authentication, where some clients send the plain password.
    fn of(headers: &HeaderMap, client: Option<IpAddr>) -> Option<Self> {
        let sent = |name: HeaderName| headers.get(name).map(|value| value.as_bytes().to_vec());
        let (name, key) = sent(USER).zip(sent(KEY)).or_else(|| basic(headers.get(AUTHORIZATION)?))?;
        let name = Username::new(std::str::from_utf8(&name).ok()?).ok()?;
        Some(Self { name, key: Key::from_wire(&key).ok()?, client })
    }
}

/// Name and password of `Authorization: Basic`. No name has a colon, so the first one ends it.
fn basic(header: &HeaderValue) -> Option<(Vec<u8>, Vec<u8>)> {
    let (scheme, encoded) = header.to_str().ok()?.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = Base64::decode_vec(encoded.trim()).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    Some((decoded[..colon].to_vec(), decoded[colon + 1..].to_vec()))
}

/// Tells the guard which route it was.
struct Named {
    route: &'static str,
}

#[async_trait]
impl Handler for Named {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        res.extensions.insert(RouteName(self.route));
    }
}

#[derive(Clone, Copy)]
struct RouteName(&'static str);

struct OtherMethod {
    allow: HeaderValue,
}

#[async_trait]
impl Handler for OtherMethod {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        // A browser's question in advance, which was answered.
        if res.status_code == Some(StatusCode::NO_CONTENT) {
            return;
        }
        res.headers_mut().insert("allow", self.allow.clone());
        Refusal::MethodNotAllowed.render(res);
    }
}

/// A success in the protocol's form.
struct Answer {
    status: StatusCode,
    body: Vec<u8>,
}

impl Answer {
    fn ok(body: &impl Serialize) -> Self {
        Self::new(StatusCode::OK, body)
    }

    fn new(status: StatusCode, body: &impl Serialize) -> Self {
        #[allow(clippy::expect_used)]
        let body = serde_json::to_vec(body).expect("our own answers have string keys and no failing types");
        Self { status, body }
    }
}

impl Scribe for Answer {
    /// Writes the type and the length that every answer has (rule T4), also where HEAD takes the body away.
    fn render(self, res: &mut Response) {
        res.status_code(self.status);
        res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        res.body(self.body);
    }
}

/// Turns a panic into an answer, gives every failure the protocol's form, counts, and writes the log's line for each request.
struct Guard {
    metrics: Option<Arc<Metrics>>,
}

#[async_trait]
impl Handler for Guard {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let logs = tracing::enabled!(tracing::Level::DEBUG);
        let start = (logs || self.metrics.is_some()).then(Instant::now);
        CatchPanic::new().handle(req, depot, res, ctrl).await;
        let bare = res.body.is_none() || res.body.is_error();
        let failed = res.status_code.filter(|status| status.is_client_error() || status.is_server_error());
        if let Some(status) = failed.filter(|_| bare) {
            Refusal::of_status(status).render(res);
        }
        let Some(took) = start.map(|start| start.elapsed()) else { return };
        if let Some(metrics) = &self.metrics {
            let route = res.extensions.get::<RouteName>().map_or("none", |name| name.0);
            metrics.answered(route, res.status_code.map_or(0, |status| status.as_u16()), took);
        }
        if logs {
            log(req, res, took);
        }
    }
}

/// The path without its query, the name without its key: no secret is in either.
fn log(req: &Request, res: &Response, took: Duration) {
    let user = Credentials::of(req.headers(), None).map(|shown| shown.name);
    let position = res.extensions.get::<LoggedPush>();
    tracing::debug!(
        method = %req.method(),
        path = req.uri().path(),
        status = res.status_code.map(|status| status.as_u16()),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        user = user.as_ref().map(Username::as_str),
        document = position.map(|pushed| pushed.document.as_str()),
        device = position.map(|pushed| pushed.device.as_str()),
        "request"
    );
}

/// What a push tells the log.
#[derive(Clone)]
struct LoggedPush {
    document: Document,
    device: String,
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use salvo::conn::tcp::TcpAcceptor;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use salvo::handler;

    use super::*;
    use crate::store::Options;

    fn app(dir: &tempfile::TempDir, change: impl FnOnce(&mut Options)) -> Arc<App> {
        let mut options = Options::new(dir.path().to_owned());
        change(&mut options);
        let store = Store::open(options).expect("store");
        let auth = Arc::new(Auth::new().expect("auth"));
        let client_timeout = Duration::from_secs(10);
        Arc::new(App {
            store,
            auth,
            registration: true,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            metrics: None,
            metrics_route: false,
            client_timeout,
        })
    }

    async fn serve(service: impl Into<Service> + Send + 'static) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let acceptor = TcpAcceptor::try_from(listener).expect("acceptor");
        tokio::spawn(salvo::Server::new(acceptor).try_serve(service));
        address
    }

    async fn ask(address: SocketAddr, line: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(address).await.expect("connect");
        let head = format!("{line} HTTP/1.1\r\nHost: x\r\nx-auth-user: ada\r\nx-auth-key: k\r\nConnection: close\r\n");
        let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(request.as_bytes()).await.expect("write");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        answer
    }

    async fn register(address: SocketAddr) {
        let answer = ask(address, "POST /users/create", r#"{"username":"ada","password":"k"}"#).await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }

    fn push(document: usize, progress: &str) -> String {
        let document = document.to_string();
        serde_json::json!({ "document": document, "progress": progress, "percentage": 0.5, "device": "d" }).to_string()
    }

    #[handler]
    async fn panics() {
        panic!("a defect");
    }

    /// A panic in a handler becomes a 500 in the error shape, and the connection goes on.
    #[tokio::test]
    async fn a_panic_is_answered() {
        let dir = tempfile::tempdir().expect("dir");
        let app = app(&dir, |_| {});
        let address = serve(app.router().push(Router::with_path("panic").goal(panics))).await;
        let mut stream = TcpStream::connect(address).await.expect("connect");
        stream.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("write");
        let second = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
        stream.write_all(second).await.expect("write");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.expect("read");
        let head = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: 47\r\n";
        assert!(answers.starts_with(head), "{answers}");
        assert!(answers.contains(r#"{"code":2000,"message":"Unknown server error."}"#), "{answers}");
        assert!(answers.ends_with(r#"{"state":"OK"}"#), "{answers}");
    }

    /// Rule A5: a push that finds no room gets a status with which KOReader keeps it, and reads go on.
    #[tokio::test]
    async fn a_full_store_is_507() {
        let dir = tempfile::tempdir().expect("dir");
        let address = serve(app(&dir, |options| options.map_size = 1 << 20).service()).await;
        register(address).await;
        let long = "x".repeat(8000);
        let mut document = 0;
        let refused = loop {
            let answer = ask(address, "PUT /syncs/progress", &push(document, &long)).await;
            if !answer.starts_with("HTTP/1.1 200 ") {
                break answer;
            }
            document += 1;
        };
        assert!(refused.starts_with("HTTP/1.1 507 Insufficient Storage\r\n"), "{refused}");
        assert!(
            refused.ends_with(r#"{"code":3507,"message":"The server has no room left on its disk."}"#),
            "{refused}"
        );
        let pulled = ask(address, "GET /syncs/progress/0", "").await;
        assert!(pulled.contains(&long), "{pulled}");
    }

    /// Rule A5, for a writer that cannot keep up.
    #[tokio::test]
    async fn a_full_queue_is_503() {
        let dir = tempfile::tempdir().expect("dir");
        let app = app(&dir, |options| options.queue = 1);
        let address = serve(app.service()).await;
        register(address).await;
        let release = app.store.block_writer().await;
        // One waits in the queue; of two, the other finds it full.
        let (first, second) = (push(1, "p"), push(2, "p"));
        let (first, second) =
            (ask(address, "PUT /syncs/progress", &first), ask(address, "PUT /syncs/progress", &second));
        let (mut first, mut second) = (Box::pin(first), Box::pin(second));
        let (refused, waiting) = tokio::select! {
            refused = &mut first => (refused, second),
            refused = &mut second => (refused, first),
        };
        assert!(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n"), "{refused}");
        assert!(refused.ends_with(r#"{"code":3503,"message":"The server is too busy. Try again."}"#), "{refused}");
        drop(release);
        assert!(waiting.await.starts_with("HTTP/1.1 200 "));
    }

    /// Rule M2: an account that is switched off learns so at a login with the right key, and nowhere else.
    #[tokio::test]
    async fn an_inactive_account_is_told_at_login() {
        let dir = tempfile::tempdir().expect("dir");
        let app = app(&dir, |_| {});
        let address = serve(app.service()).await;
        register(address).await;
        assert!(ask(address, "PUT /syncs/progress", &push(1, "p")).await.starts_with("HTTP/1.1 200 "));
        app.store.set_active(&Username::new("ada").expect("name"), false);
        let login = ask(address, "GET /users/auth", "").await;
        assert!(login.ends_with(r#"{"code":2001,"message":"User is inactive"}"#), "{login}");
        for line in ["PUT /syncs/progress", "GET /syncs/progress/1", "PUT /users/password", "DELETE /users/me"] {
            let answer = ask(address, line, &push(1, "p")).await;
            assert!(answer.starts_with("HTTP/1.1 401 "), "{answer}");
            assert!(answer.ends_with(r#"{"code":2001,"message":"Unauthorized"}"#), "{answer}");
        }
        app.store.set_active(&Username::new("ada").expect("name"), true);
        assert!(ask(address, "GET /syncs/progress/1", "").await.contains(r#""progress":"p""#));
    }
}

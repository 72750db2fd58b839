//! The protocol over HTTP: the only place with routes and statuses.
//!
//! A handler parses, calls once, and maps the result. What it refuses with is a [`Refusal`], and the table in `refusal` says
//! how that looks on the wire.

mod body;
mod refusal;
mod syncs;
mod users;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use salvo::catch_panic::CatchPanic;
use salvo::craft::craft;
use salvo::http::StatusCode;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, Scribe, Service, async_trait, handler};
use serde::Serialize;

use self::refusal::Refusal;
use crate::auth::{Auth, Login};
use crate::model::{Key, User, Username};
use crate::store::Store;

const USER: HeaderName = HeaderName::from_static("x-auth-user");
const KEY: HeaderName = HeaderName::from_static("x-auth-key");

/// Everything a handler needs.
#[allow(unreachable_pub, reason = "`craft` makes it part of a public type; the module is private all the same")]
pub struct App {
    pub(crate) store: Store,
    pub(crate) auth: Arc<Auth>,
    pub(crate) registration: bool,
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
        self.routes().hoop(guard)
    }

    /// The protocol's routes as a whole server: what is no route is answered in the protocol's shape as well.
    pub(crate) fn service(self: &Arc<Self>) -> Service {
        Service::new(self.routes()).hoop(guard)
    }

    fn routes(self: &Arc<Self>) -> Router {
        Router::new()
            .push(readable("syncs/progress/{document}", || self.pull()))
            .push(only(Router::with_path("syncs/progress").put(self.push()), "PUT"))
            .push(readable("users/auth", || self.authorize()))
            .push(only(Router::with_path("users/create").post(self.register()), "POST"))
            .push(only(Router::with_path("users/password").put(self.change_password()), "PUT"))
            .push(only(Router::with_path("users/me").delete(self.delete_account()), "DELETE"))
            .push(readable("healthcheck", || self.healthcheck()))
    }

    /// `GET /healthcheck`: 200 whenever the server answers at all.
    #[craft(handler)]
    async fn healthcheck(self: &Arc<Self>) -> Answer {
        Answer::ok(&serde_json::json!({ "state": "OK" }))
    }

    /// The account of a request, if its credentials are right (rules A1 to A4).
    async fn user(&self, headers: &HeaderMap, client: Option<IpAddr>) -> Result<User, Refusal> {
        self.login(Credentials::of(headers, client)?).await.map_err(|refusal| match refusal {
            // Only a login says so (rule M2).
            Refusal::Inactive => Refusal::Unauthorized,
            other => other,
        })
    }

    async fn login(&self, shown: Credentials) -> Result<User, Refusal> {
        let user = self.store.user(&shown.name)?;
        match self.auth.login(&shown.name, user, shown.key, shown.client).await? {
            Login::Accepted(user) => Ok(user),
            Login::Inactive => Err(Refusal::Inactive),
            Login::Refused => Err(Refusal::Unauthorized),
            Login::TooMany { retry_after } => Err(Refusal::TooManyFailures { retry_after }),
        }
    }
}

impl Credentials {
    /// What cannot be anybody's is refused like a wrong key.
    fn of(headers: &HeaderMap, client: Option<IpAddr>) -> Result<Self, Refusal> {
        let sent = |name: HeaderName| headers.get(name).map(HeaderValue::as_bytes).ok_or(Refusal::Unauthorized);
        let name = std::str::from_utf8(sent(USER)?).map_err(|_| Refusal::Unauthorized)?;
        Ok(Self {
            name: Username::new(name).map_err(|_| Refusal::Unauthorized)?,
            key: Key::from_wire(sent(KEY)?).map_err(|_| Refusal::Unauthorized)?,
            client,
        })
    }
}

/// The address that failed logins are counted by.
fn client(req: &Request) -> Option<IpAddr> {
    req.remote_addr().ip()
}

/// A route that is read with GET, and so with HEAD.
fn readable<H: Handler>(path: &str, goal: impl Fn() -> H) -> Router {
    only(Router::with_path(path).get(goal()).head(goal()), "GET, HEAD")
}

/// Answers what a route's methods leave over. Mounted in another app, nobody else would do it in the protocol's shape.
fn only(route: Router, methods: &'static str) -> Router {
    route.push(Router::new().goal(OtherMethod { allow: HeaderValue::from_static(methods) }))
}

struct OtherMethod {
    allow: HeaderValue,
}

#[async_trait]
impl Handler for OtherMethod {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
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

/// Turns a panic into an answer, and gives every failure the protocol's form.
#[handler]
async fn guard(req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
    CatchPanic::new().handle(req, depot, res, ctrl).await;
    let bare = res.body.is_none() || res.body.is_error();
    let failed = res.status_code.filter(|status| status.is_client_error() || status.is_server_error());
    if let Some(status) = failed.filter(|_| bare) {
        Refusal::of_status(status).render(res);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Server;

    #[handler]
    async fn panics() {
        panic!("a defect");
    }

    /// A panic in a handler becomes a 500 in the error shape, and the connection goes on.
    #[tokio::test]
    async fn a_panic_is_answered() {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let dir = tempfile::tempdir().expect("dir");
        let server = Server::builder().data_dir(dir.path()).build().expect("server");
        let router = server.router().push(Router::with_path("panic").goal(panics));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("bind");
        let address = listener.local_addr().expect("address");
        let acceptor = salvo::conn::tcp::TcpAcceptor::try_from(listener).expect("acceptor");
        let serving = tokio::spawn(salvo::Server::new(acceptor).try_serve(router));

        let mut stream = tokio::net::TcpStream::connect(address).await.expect("connect");
        stream.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("write");
        stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.expect("write");
        let mut answers = String::new();
        stream.read_to_string(&mut answers).await.expect("read");
        serving.abort();
        assert!(
            answers.starts_with("HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\n"),
            "{answers}"
        );
        assert!(answers.contains(r#"{"code":2000,"message":"Unknown server error."}"#), "{answers}");
        assert!(answers.ends_with(r#"{"state":"OK"}"#), "{answers}");
    }
}

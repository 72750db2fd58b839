//! What only a store with limits that can be reached, or a defect of our own, brings about.

use std::net::SocketAddr;
use std::time::Duration;

use salvo::conn::tcp::TcpAcceptor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use salvo::handler;
use tokio::sync::Semaphore;

use super::*;
use crate::auth::Auth;
use crate::model::Username;
use crate::store::{Options, Store};

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
        admin_password_configured: false,
        trusted_proxies: Vec::new(),
        cors_origins: Vec::new(),
        metrics: None,
        metrics_route: false,
        client_timeout,
        lists: Semaphore::new(1),
    })
}

fn service(app: &Arc<App>) -> Service {
    app.service(app.routes())
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
    let address = serve(service(&app(&dir, |options| options.map_size = 1 << 20))).await;
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
    assert!(refused.ends_with(r#"{"code":3507,"message":"The server has no room left on its disk."}"#), "{refused}");
    let pulled = ask(address, "GET /syncs/progress/0", "").await;
    assert!(pulled.contains(&long), "{pulled}");
}

/// Rule A5, for a writer that cannot keep up.
#[tokio::test]
async fn a_full_queue_is_503() {
    let dir = tempfile::tempdir().expect("dir");
    let app = app(&dir, |options| options.queue = 1);
    let address = serve(service(&app)).await;
    register(address).await;
    let release = app.store.block_writer().await;
    // One waits in the queue; of two, the other finds it full.
    let (first, second) = (push(1, "p"), push(2, "p"));
    let (first, second) = (ask(address, "PUT /syncs/progress", &first), ask(address, "PUT /syncs/progress", &second));
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
    let address = serve(service(&app)).await;
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

//! What only a store with limits that can be reached, or a defect of our own, brings about.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use salvo::conn::tcp::TcpAcceptor;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use salvo::handler;

use super::*;
use crate::auth::Authenticator;
use crate::library::scan::ScanLimiter;
use crate::model::Username;
use crate::store::{Store, StoreOptions};

fn app(dir: &tempfile::TempDir, change: impl FnOnce(&mut StoreOptions)) -> Arc<AppState> {
    let mut options = StoreOptions::new(dir.path().to_owned());
    change(&mut options);
    let store = Store::open(options).expect("store");
    let auth = Arc::new(Authenticator::new().expect("auth"));
    let client_timeout = Duration::from_secs(10);
    Arc::new(AppState {
        store,
        auth,
        registration: true,
        admin_password_configured: false,
        trusted_proxies: Vec::new(),
        cors_origins: Vec::new(),
        address: None,
        scheme: "http",
        port: 7200,
        metrics: None,
        metrics_route: false,
        client_timeout,
        scans: ScanLimiter::new(),
    })
}

fn service(state: &Arc<AppState>) -> Service {
    state.service(state.routes())
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
    answers_of(&mut stream).await
}

/// All until the server closes, which it does.
async fn answers_of(stream: &mut TcpStream) -> String {
    let mut answers = String::new();
    timeout(Duration::from_secs(60), stream.read_to_string(&mut answers)).await.expect("an end").expect("read");
    answers
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
    let answers = answers_of(&mut stream).await;
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
    let mut refused = String::new();
    // More than there is room for.
    for document in 0..1000 {
        refused = ask(address, "PUT /syncs/progress", &push(document, &long)).await;
        if !refused.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
    assert!(refused.starts_with("HTTP/1.1 507 Insufficient Storage\r\n"), "{refused}");
    assert!(refused.ends_with(r#"{"code":3507,"message":"The server has no room left on its disk."}"#), "{refused}");
    let pulled = ask(address, "GET /syncs/progress/0", "").await;
    assert!(pulled.contains(&long), "{pulled}");
}

/// Rule A5, for a writer that cannot keep up.
#[tokio::test]
async fn a_full_queue_is_503() {
    let dir = tempfile::tempdir().expect("dir");
    let app = app(&dir, |options| options.queue_len = 1);
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

async fn get(address: SocketAddr, path: &str) -> serde_json::Value {
    let answer = ask(address, &format!("GET {path}"), "").await;
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
    serde_json::from_str(body).expect("JSON")
}

/// What the JSON API sorts and counts by time, with a clock that stands until the test moves it.
#[tokio::test]
async fn lists_and_days_follow_the_clock() {
    const DAY: u64 = 24 * 60 * 60;
    // In January no zone sets its clocks: each of these days is the next one, wherever the test runs.
    const START: u64 = 19_737 * DAY;
    let dir = tempfile::tempdir().expect("dir");
    let now = Arc::new(AtomicU64::new(START));
    let clock = now.clone();
    let app = app(&dir, |options| options.clock = Arc::new(move || clock.load(Ordering::Relaxed)));
    let address = serve(service(&app)).await;
    register(address).await;
    for (seconds, document, device) in [
        (0, "b", "Kobo"),
        (0, "d", "phone"),
        (1, "a", "phone"),
        (DAY, "b", "Kobo"),
        (3 * DAY, "c", "Kindle"),
        (3 * DAY, "a", "Kobo"),
    ] {
        now.store(START + seconds, Ordering::Relaxed);
        let body = serde_json::json!({ "document": document, "progress": "p", "percentage": 0.5, "device": device });
        let answer = ask(address, "PUT /syncs/progress", &body.to_string()).await;
        assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    }
    let list = |list: &serde_json::Value, field: &str| -> Vec<(String, u64)> {
        let entries = list.as_array().expect("a list").iter();
        entries
            .map(|entry| {
                (entry[field].as_str().unwrap_or("?").to_owned(), entry["timestamp"].as_u64().unwrap_or(0) - START)
            })
            .collect()
    };
    let pairs =
        |pairs: &[(&str, u64)]| pairs.iter().map(|(text, time)| ((*text).to_owned(), *time)).collect::<Vec<_>>();
    let documents = get(address, "/api/v1/documents").await;
    let expected = pairs(&[("a", 3 * DAY), ("c", 3 * DAY), ("b", DAY), ("d", 0)]);
    assert_eq!(list(&documents["documents"], "document"), expected, "the one read last first");
    let devices = get(address, "/api/v1/devices").await;
    let expected = pairs(&[("Kindle", 3 * DAY), ("Kobo", 3 * DAY), ("phone", 1)]);
    assert_eq!(list(&devices["devices"], "device"), expected, "the one that pushed last first, then by name");
    assert_eq!(devices["devices"][2]["document"], "a", "what it pushed last, not the last of its documents");

    // The day that was left out ends what was in a row; today and yesterday are not too late to go on.
    for (days, in_a_row) in [(3, 1), (4, 1), (5, 0)] {
        now.store(START + days * DAY, Ordering::Relaxed);
        let statistics = get(address, "/api/v1/statistics").await;
        assert_eq!((&statistics["days_read"], &statistics["days_in_a_row"]), (&3.into(), &in_a_row.into()));
        let days = statistics["days"].as_array().expect("days");
        let pushes: Vec<_> = days.iter().map(|day| day["pushes"].as_u64()).collect();
        assert_eq!(pushes, [Some(3), Some(1), Some(2)]);
        assert!(days.is_sorted_by_key(|day| day["date"].as_str()), "{days:?}");
    }
    // What is more than a year ago is still a day that was read.
    now.store(START + 400 * DAY, Ordering::Relaxed);
    let statistics = get(address, "/api/v1/statistics").await;
    assert_eq!((&statistics["days_read"], &statistics["days"]), (&3.into(), &serde_json::json!([])));
}

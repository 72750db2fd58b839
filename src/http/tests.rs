//! Statuses that only small limits of the store, the test's clock or our defects cause.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use salvo::conn::tcp::TcpAcceptor;
use salvo::{Router, handler};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

use super::*;
use crate::auth::LoginOutcome;
use crate::model::{DevicePasswordName, Key, Username};
use crate::state::{NewDevicePassword, Registered};
use crate::store::{Authority, CreateOutcome, Store, StoreOptions};

fn state(dir: &tempfile::TempDir, change: impl FnOnce(&mut StoreOptions)) -> Arc<AppState> {
    let mut options = StoreOptions::new(dir.path().to_owned());
    change(&mut options);
    Arc::new(AppState::of_test(Store::open(options).expect("store")))
}

async fn serve(service: impl Into<Service> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    let acceptor = TcpAcceptor::try_from(listener).expect("acceptor");
    tokio::spawn(salvo::Server::new(acceptor).try_serve(service));
    address
}

async fn send(address: SocketAddr, line: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connect");
    let head = format!("{line} HTTP/1.1\r\nHost: x\r\nx-auth-user: ada\r\nx-auth-key: k\r\nConnection: close\r\n");
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    stream.write_all(request.as_bytes()).await.expect("write");
    read_to_end(&mut stream).await
}

/// Reads until the server closes the connection.
async fn read_to_end(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    timeout(Duration::from_secs(60), stream.read_to_string(&mut text)).await.expect("an end").expect("read");
    text
}

async fn register(address: SocketAddr) {
    let response = send(address, "POST /users/create", r#"{"username":"ada","password":"k"}"#).await;
    assert!(response.starts_with("HTTP/1.1 201 "), "{response}");
}

fn push(document: usize, progress: &str) -> String {
    let document = document.to_string();
    serde_json::json!({ "document": document, "progress": progress, "percentage": 0.5, "device": "d" }).to_string()
}

#[handler]
async fn panics() {
    panic!("a defect");
}

/// A panic in a handler becomes 500 in the protocol's form. The connection stays usable.
#[tokio::test]
async fn a_panic_is_answered_with_500() {
    let dir = tempfile::tempdir().expect("dir");
    let state = state(&dir, |_| {});
    let address = serve(api::router(&state).push(Router::with_path("panic").goal(panics))).await;
    let mut stream = TcpStream::connect(address).await.expect("connect");
    stream.write_all(b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await.expect("write");
    let second = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(second).await.expect("write");
    let responses = read_to_end(&mut stream).await;
    let head = "HTTP/1.1 500 Internal Server Error\r\ncontent-type: application/json\r\ncontent-length: 47\r\n";
    assert!(responses.starts_with(head), "{responses}");
    assert!(responses.contains(r#"{"code":2000,"message":"Unknown server error."}"#), "{responses}");
    assert!(responses.ends_with(r#"{"state":"OK"}"#), "{responses}");
}

/// [A5] KOReader keeps a push that finds no room, because it is 507. Reads go on.
#[tokio::test]
async fn a_full_store_is_507() {
    let dir = tempfile::tempdir().expect("dir");
    let address = serve(service(&state(&dir, |options| options.max_size = Some(1 << 20)), false)).await;
    register(address).await;
    let long = "x".repeat(8000);
    let mut refused = String::new();
    for document in 0..1000 {
        refused = send(address, "PUT /syncs/progress", &push(document, &long)).await;
        if !refused.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
    assert!(refused.starts_with("HTTP/1.1 507 Insufficient Storage\r\n"), "{refused}");
    assert!(refused.contains("\r\ncache-control: no-store\r\n"), "[T8] {refused}");
    assert!(refused.ends_with(r#"{"code":3507,"message":"The server has no space left on its disk."}"#), "{refused}");
    let pulled = send(address, "GET /syncs/progress/0", "").await;
    assert!(pulled.contains(&long), "{pulled}");
}

/// [A5] The same for a writer that cannot keep up.
#[tokio::test]
async fn a_full_queue_is_503() {
    let dir = tempfile::tempdir().expect("dir");
    let state = state(&dir, |options| options.queue_len = 1);
    let address = serve(service(&state, false)).await;
    register(address).await;
    let release = state.store.block_writer().await;
    // The queue holds one: of two pushes one waits in it, and the other finds it full.
    let (first, second) = (push(1, "p"), push(2, "p"));
    let (first, second) = (send(address, "PUT /syncs/progress", &first), send(address, "PUT /syncs/progress", &second));
    let (mut first, mut second) = (Box::pin(first), Box::pin(second));
    let (refused, waiting) = tokio::select! {
        refused = &mut first => (refused, second),
        refused = &mut second => (refused, first),
    };
    assert!(refused.starts_with("HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\n"), "{refused}");
    assert!(refused.contains("\r\ncache-control: no-store\r\n"), "[T8] {refused}");
    assert!(refused.ends_with(r#"{"code":3503,"message":"The server is too busy. Try again."}"#), "{refused}");
    drop(release);
    assert!(waiting.await.starts_with("HTTP/1.1 200 "));
}

/// [M2] A disabled account gets the reason only at a login with the right key.
#[tokio::test]
async fn a_disabled_account_gets_the_reason_only_at_login() {
    let dir = tempfile::tempdir().expect("dir");
    let state = state(&dir, |_| {});
    let address = serve(service(&state, false)).await;
    register(address).await;
    assert!(send(address, "PUT /syncs/progress", &push(1, "p")).await.starts_with("HTTP/1.1 200 "));
    state.store.set_active(&Username::new("ada").expect("name"), false);
    let login = send(address, "GET /users/auth", "").await;
    assert!(login.ends_with(r#"{"code":2001,"message":"User is inactive"}"#), "{login}");
    for line in ["PUT /syncs/progress", "GET /syncs/progress/1", "PUT /users/password", "DELETE /users/me"] {
        let response = send(address, line, &push(1, "p")).await;
        assert!(response.starts_with("HTTP/1.1 401 "), "{response}");
        assert!(response.ends_with(r#"{"code":2001,"message":"Unauthorized"}"#), "{response}");
    }
    state.store.set_active(&Username::new("ada").expect("name"), true);
    assert!(send(address, "GET /syncs/progress/1", "").await.contains(r#""progress":"p""#));
}

async fn get(address: SocketAddr, path: &str) -> serde_json::Value {
    let response = send(address, &format!("GET {path}"), "").await;
    let (header, body) = response.split_once("\r\n\r\n").expect("a header");
    assert!(header.starts_with("HTTP/1.1 200 "), "{response}");
    serde_json::from_str(body).expect("JSON")
}

/// Times and days of `/api/v1`, with a clock that only the test moves.
#[tokio::test]
async fn lists_and_days_follow_the_clock() {
    const DAY: u64 = 24 * 60 * 60;
    // In January no time zone changes its offset, so each of these is the next day, wherever the test runs.
    const START: u64 = 19_737 * DAY;
    let dir = tempfile::tempdir().expect("dir");
    let now = Arc::new(AtomicU64::new(START));
    let clock = now.clone();
    let state = state(&dir, |options| options.clock = Arc::new(move || clock.load(Ordering::Relaxed)));
    let address = serve(service(&state, false)).await;
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
        let body = serde_json::json!({ "document": document, "progress": seconds.to_string(), "percentage": 0.5 + seconds as f64 / 1e6, "device": device });
        let response = send(address, "PUT /syncs/progress", &body.to_string()).await;
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
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
    assert_eq!(list(&documents["documents"], "document"), expected, "the last read first");
    let devices = get(address, "/api/v1/devices").await;
    let expected = pairs(&[("Kindle", 3 * DAY), ("Kobo", 3 * DAY), ("phone", 1)]);
    assert_eq!(list(&devices["devices"], "device"), expected, "the last to push first, then by name");
    assert_eq!(
        devices["devices"][2]["document"], "a",
        "the document it pushed last, not the last of its documents by id"
    );

    // A day without a push ends the streak; a streak that ends yesterday still counts.
    for (days, in_a_row) in [(3, 1), (4, 1), (5, 0)] {
        now.store(START + days * DAY, Ordering::Relaxed);
        let statistics = get(address, "/api/v1/statistics").await;
        assert_eq!((&statistics["days_read"], &statistics["days_in_a_row"]), (&3.into(), &in_a_row.into()));
        let days = statistics["days"].as_array().expect("days");
        let pushes: Vec<_> = days.iter().map(|day| day["pushes"].as_u64()).collect();
        assert_eq!(pushes, [Some(3), Some(1), Some(2)]);
        assert!(days.is_sorted_by_key(|day| day["date"].as_str()), "{days:?}");
    }
    // `days_read` counts days more than a year ago, too.
    now.store(START + 400 * DAY, Ordering::Relaxed);
    let statistics = get(address, "/api/v1/statistics").await;
    assert_eq!((&statistics["days_read"], &statistics["days"]), (&3.into(), &serde_json::json!([])));
}

/// Attack 5: a login that would wait longer than its device does is refused, so that the device keeps its push and retries.
#[tokio::test]
async fn a_push_that_argon2_has_no_time_for_is_503() {
    let dir = tempfile::tempdir().expect("dir");
    let state = state(&dir, |_| {});
    let address = serve(service(&state, false)).await;
    register(address).await;
    state.auth.evict(state.store.users().expect("users")[0].id);
    let held = state.auth.hold_runs().await;
    let response = send(address, "PUT /syncs/progress", &push(1, "p")).await;
    assert!(response.starts_with("HTTP/1.1 503 ") && response.contains(r#""code":3503"#), "{response}");
    assert!(response.to_lowercase().contains("retry-after: 1\r\n"), "{response}");
    drop(held);
    let response = send(address, "PUT /syncs/progress", &push(1, "p")).await;
    assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
}

/// [R5]: registrations that wait for the first one of their name run no Argon2.
#[tokio::test]
async fn of_sixteen_registrations_of_a_name_one_runs_argon2() {
    let dir = tempfile::tempdir().expect("dir");
    let state = state(&dir, |_| {});
    let (name, key) = (Username::new("ada").expect("name"), Key::from_wire(b"sixteen at once").expect("key"));
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let (state, name, key) = (state.clone(), name.clone(), key.clone());
            tokio::spawn(async move { state.register(name, key, None).await.expect("an outcome") })
        })
        .collect();
    let mut created = 0;
    for task in tasks {
        created += usize::from(matches!(task.await.expect("task"), Registered::Created(_)));
    }
    assert_eq!((created, crate::auth::password::runs::of(&key).count), (1, 1));
}

/// Where registration is open, strangers create very many accounts. What shows all of them reads and shows a part at a time.
#[tokio::test]
async fn all_accounts_are_shown_a_page_at_a_time() {
    let dir = tempfile::tempdir().expect("dir");
    let store = Store::open(StoreOptions::new(dir.path().to_owned())).expect("store");
    let state = Arc::new(AppState { ingress_administrators: vec!["1".to_owned()], ..AppState::of_test(store) });
    for number in 0..250 {
        let name = Username::new(&format!("reader {number:03}")).expect("a name");
        state.store.create_user(name, crate::model::StoredKey("key".into()), None).await.expect("created");
    }
    let peer = "127.0.0.1".parse().expect("an address");
    let address = serve(ingress_service(&state, peer)).await;
    let page = async |line: &str, body: &str| {
        let line = format!("{line} HTTP/1.1\r\nX-Remote-User-Id: 1\r\nOrigin: http://x\r\nX-Unused: ");
        send(address, &line, body).await
    };
    for (path, link, size) in [("/login", "<button name=\"account\"", 100), ("/accounts", "href=\"./accounts/", 50)] {
        if path == "/accounts" {
            let chosen = page("POST /login", "account=250").await;
            assert!(chosen.starts_with("HTTP/1.1 303 "), "{chosen}");
        }
        let count = 250_usize.div_ceil(size);
        for (number, index) in [("", 0), ("?page=2", 1), ("?page=3", 2), ("?page=9", count - 1)] {
            let text = page(&format!("GET {path}{number}"), "").await;
            let (rows, first) = (size.min(250 - index * size), index * size);
            assert!(
                text.starts_with("HTTP/1.1 200 ") && text.contains(&format!(" of {count}")),
                "{path}{number}: {text}"
            );
            assert_eq!(text.matches(link).count(), rows, "{path}{number}");
            let name = format!("<bdi>reader {first:03}</bdi>");
            assert!(text.contains(&name), "{path}{number}: {text}");
        }
    }
    let text = page("GET /accounts/200", "").await;
    assert!(text.contains("reader 199"), "{text}");
}

/// A device password costs no Argon2 run, not even right after a start. Any other key costs one.
#[tokio::test]
async fn a_login_with_a_device_password_costs_no_argon2_run() {
    let dir = tempfile::tempdir().expect("dir");
    let key = |text: &str| Key::from_wire(text.as_bytes()).expect("a key");
    let name = Username::new("ada").expect("a name");
    let runs = |text: &str| crate::auth::password::runs::of(&key(text)).count;
    let made = {
        let state = state(&dir, |_| {});
        let account = state.create_account(name.clone(), key("the main password of this test")).await.expect("created");
        let CreateOutcome::Created(user) = account else { panic!("{account:?}") };
        let device = DevicePasswordName::new("Kobo").expect("a name");
        let NewDevicePassword::Created { id, password } =
            state.create_device_password(user, device).await.expect("an outcome")
        else {
            panic!("not created")
        };
        (id, password.reveal().to_owned())
    };
    let state = state(&dir, |_| {});
    let (id, password) = made;
    for _ in 0..3 {
        let outcome = state.login(&name, key(&password), None).await.expect("an outcome");
        assert!(matches!(outcome, LoginOutcome::AcceptedDevice(_)), "{outcome:?}");
    }
    assert_eq!(runs(&password), 0);
    let guess = "abcdefg-hijkmnp-qrstuvw-xyzabcd";
    for _ in 0..2 {
        let outcome = state.login(&name, key(guess), None).await.expect("an outcome");
        assert!(matches!(outcome, LoginOutcome::Refused), "{outcome:?}");
    }
    assert_eq!(runs(guess), 1, "a guess costs a run, and the same one again none");
    // Once it is revoked, it is a wrong key like any other.
    let user = state.store.find_user(&name).expect("read").expect("ada");
    state.store.revoke_device_password(Authority::Local, user, id).await.expect("revoked");
    let outcome = state.login(&name, key(&password), None).await.expect("an outcome");
    assert!(matches!(outcome, LoginOutcome::Refused) && runs(&password) == 1, "{outcome:?}");
}

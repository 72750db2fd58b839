//! The library in an embedding program: mounting, the builder, the store, events.

use std::sync::Arc;

use kosync::salvo::{self, Router};
use kosync::{Document, Error, Event, Server, Username};

use crate::common::{Client, KEY, OTHER_KEY, Site, TIMEOUT, position, serve};

#[salvo::handler]
async fn own_page() -> &'static str {
    "my own page"
}

/// Responses of kosync's routes keep the protocol's form. The app's own routes stay its own.
#[test]
fn the_router_can_be_mounted_beside_other_routes() {
    let site = Site::with_ada();
    let app = Router::new()
        .push(Router::with_path("kosync").push(site.server.router()))
        .push(Router::with_path("users/{name}").get(own_page))
        .push(Router::with_path("kosync/extra").get(own_page));
    let mounted = serve(app);
    let client = Client { address: mounted.address };
    assert_eq!(client.send_as("ada", KEY, "GET", "/kosync/users/auth", None).shaped().status, 200);
    client.send("GET", "/kosync/users/auth", &[], None).unauthorized();
    let reply = client.send("POST", "/kosync/users/auth", &[], None);
    assert_eq!(reply.header("allow"), Some("GET, HEAD"));
    reply.refused(405, 3405, "This path does not support the request's method; see the header 'Allow'.");
    let large = "x".repeat(70_000);
    let reply = client.send_as("ada", KEY, "PUT", "/kosync/syncs/progress", Some(&large));
    reply.refused(413, 3413, "The body is larger than 65536 bytes.");
    assert_eq!(client.send("GET", "/users/auth", &[], None).body, "my own page");
    assert_eq!(client.send("GET", "/kosync/extra", &[], None).body, "my own page");
}

/// A layer of the app may read the body first. For example, it audits the body or verifies a signature.
#[test]
fn a_body_that_the_app_has_read_is_still_available() {
    #[salvo::handler]
    async fn audit(req: &mut salvo::Request) {
        let _ = req.payload_with_max_size(1 << 20).await;
    }
    let site = Site::with_ada();
    let mounted = serve(Router::new().hoop(audit).push(site.server.router()));
    let client = Client { address: mounted.address };
    client.pushed("ada", KEY, &position("book", "p", 0.5));
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    let large = "x".repeat(70_000);
    let reply = client.send_as("ada", KEY, "PUT", "/syncs/progress", Some(&large));
    reply.refused(413, 3413, "The body is larger than 65536 bytes.");
}

/// An app can set a position's fields directly, so the store checks them.
#[test]
fn the_store_refuses_an_invalid_position() {
    let site = Site::with_ada();
    let store = site.server.store();
    let ada = store.user(&Username::new("ada").unwrap()).unwrap().unwrap();
    let mut progress = kosync::Progress::new("p".into(), 0.5, "d".into(), None).unwrap();
    progress.percentage = f64::NAN;
    let pushed = store.push(ada, Document::new("book").unwrap(), progress, None);
    let pushed = tokio::runtime::Runtime::new().unwrap().block_on(pushed);
    assert_eq!(pushed.unwrap_err().to_string(), "store: percentage is not a finite number");
    assert_eq!(site.pull("ada", KEY, "book").body, "{}");
    assert!(serde_json::from_str::<Username>("\"a:b\"").is_err());
    assert!(serde_json::from_str::<Document>("\"\"").is_err());
}

#[test]
fn the_service_answers_unknown_paths_too() {
    let site = Site::with_ada();
    let mounted = serve(site.server.service());
    let client = Client { address: mounted.address };
    assert_eq!(client.login("ada", KEY).shaped().status, 200);
    assert_eq!(client.send("GET", "/nowhere", &[], None).shaped().status, 404);
}

#[test]
fn the_builder_s_errors_name_what_is_wrong() {
    let text = |error: Result<Server, Error>| error.unwrap_err().to_string();
    assert!(matches!(Server::builder().build(), Err(Error::NoDataDir)));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    let wrong = text(Server::builder().data_dir(&file).build());
    assert!(wrong.starts_with(&format!("data directory {}: ", file.display())), "{wrong}");

    let server = Server::builder().data_dir(dir.path().join("data")).build().unwrap();
    assert!(matches!(Server::builder().data_dir(dir.path().join("data")).build(), Err(Error::AlreadyOpen { .. })));
    drop(server);
    let again = Server::builder().data_dir(dir.path().join("data")).admin_password("").build();
    assert_eq!(text(again), "admin password: it is empty; leave it out for a random one");
    std::fs::write(dir.path().join("data/data.mdb"), "this is no LMDB file".repeat(1000)).unwrap();
    let broken = text(Server::builder().data_dir(dir.path().join("data")).build());
    assert!(broken.ends_with("data.mdb is not an LMDB file that this version can read"), "{broken}");
}

/// A start with a configured password sets it. A start without one keeps the old one.
#[test]
fn the_admin_password_is_set_only_where_it_is_configured() {
    let dir = tempfile::tempdir().unwrap();
    let logs_in = |password: Option<&str>, key: &str| {
        let mut builder = Server::builder().data_dir(dir.path());
        if let Some(password) = password {
            builder = builder.admin_password(password);
        }
        let server = builder.build().unwrap();
        let mounted = serve(server.service());
        let status = Client { address: mounted.address }.login("admin", key).status;
        let admin = server.store().user(&Username::new("admin").unwrap()).unwrap().unwrap();
        assert!(admin.administrator && admin.active);
        status
    };
    assert_eq!(logs_in(None, "admin"), 401, "there is no default password");
    assert_eq!(logs_in(Some("password"), KEY), 200);
    assert_eq!(logs_in(None, KEY), 200);
    assert_eq!(logs_in(Some("test"), KEY), 401);
    assert_eq!(logs_in(None, OTHER_KEY), 200);
}

#[test]
fn events_come_in_order_after_the_commit() {
    let site = Site::start();
    let mut events = site.server.subscribe();
    site.registered("ada", KEY);
    let first = site.pushed("ada", KEY, &position("book", "1", 0.1));
    site.pushed("ada", KEY, &position("book", "2", 0.2));
    let body = serde_json::json!({ "password": OTHER_KEY }).to_string();
    assert_eq!(site.send_as("ada", KEY, "PUT", "/users/password", Some(&body)).status, 200);
    assert_eq!(site.send_as("ada", OTHER_KEY, "DELETE", "/users/me", None).status, 200);

    let received: Vec<Arc<Event>> = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut received = Vec::new();
        for _ in 0..5 {
            received.push(tokio::time::timeout(TIMEOUT, events.next()).await.unwrap().unwrap().unwrap());
        }
        received
    });
    let ada = Username::new("ada").unwrap();
    assert_eq!(*received[0], Event::UserCreated { user: ada.clone() });
    let Event::Pushed { sequence, user, document, progress, before: None, .. } = &*received[1] else {
        panic!("{received:?}")
    };
    assert_eq!((user, document, progress.progress.as_str()), (&ada, &Document::new("book").unwrap(), "1"));
    assert_eq!(first["timestamp"].as_u64(), Some(progress.timestamp));
    let Event::Pushed { sequence: next, before, .. } = &*received[2] else { panic!("{received:?}") };
    assert_eq!(before.as_ref(), Some(progress), "the position that it replaced");
    assert!(next > sequence);
    assert_eq!(*received[3], Event::KeyChanged { user: ada.clone() });
    assert_eq!(*received[4], Event::UserDeleted { user: ada });
}

/// Pages of the store's list contain every document of the account once, in order.
#[test]
fn the_store_lists_documents_in_pages() {
    let site = Site::with_ada();
    site.registered("b", KEY);
    for number in 0..25 {
        site.pushed("ada", KEY, &position(&format!("book {number:02}"), "p", 0.5));
    }
    site.pushed("b", KEY, &position("book 07", "p", 0.5));
    let store = site.server.store();
    let ada = store.user(&Username::new("ada").unwrap()).unwrap().unwrap();
    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let page = store.documents(ada.id, after.as_ref(), 10).unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.document.clone());
        seen.extend(page.into_iter().map(|entry| entry.document.to_string()));
    }
    assert_eq!(seen, (0..25).map(|number| format!("book {number:02}")).collect::<Vec<_>>());
    let names: Vec<String> = store.users().unwrap().iter().map(|user| user.name.to_string()).collect();
    assert_eq!(names, ["ada", "admin", "b"]);
}

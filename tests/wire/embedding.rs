//! What an embedding program relies on: accounts of its own use, the administrator, the order of settings, the mount path.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Request};
use axum::middleware::map_request;
use kosync::store::{AccountOutcome, CreateOutcome};
use kosync::{Config, Error, Key, LoginOutcome, Server, Username};
use tokio::runtime::Runtime;

use crate::common::{Client, KEY, position};

fn key(password: &str) -> Key {
    Key::from_password(password.as_bytes()).unwrap()
}

fn name(name: &str) -> Username {
    Username::new(name).unwrap()
}

#[test]
fn a_host_can_check_passwords_with_our_accounts() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::builder().data_dir(dir.path()).build().unwrap();
    Runtime::new().unwrap().block_on(async {
        assert!(matches!(server.create_user(name("ada"), key("a")).await.unwrap(), CreateOutcome::Created(_)));
        assert!(matches!(server.create_user(name("ada"), key("b")).await.unwrap(), CreateOutcome::Taken));
        let outcome = server.authenticate(&name("ada"), key("a")).await.unwrap();
        assert!(matches!(outcome, LoginOutcome::Accepted(user) if user.name == name("ada")));
        for (who, password) in [("ada", "b"), ("grace", "a")] {
            let outcome = server.authenticate(&name(who), key(password)).await.unwrap();
            assert!(matches!(outcome, LoginOutcome::Refused), "{who} {outcome:?}");
        }
        assert_eq!(server.set_key(name("ada"), key("b")).await.unwrap(), AccountOutcome::Done);
        assert!(matches!(server.authenticate(&name("ada"), key("a")).await.unwrap(), LoginOutcome::Refused));
        assert!(matches!(server.authenticate(&name("ada"), key("b")).await.unwrap(), LoginOutcome::Accepted(_)));

        // Too many failures of one client do not lock the others out.
        let attacker: std::net::IpAddr = [192, 0, 2, 1].into();
        let mut outcomes = Vec::new();
        for _ in 0..30 {
            outcomes.push(server.authenticate_from(&name("nobody"), key("x"), attacker).await.unwrap());
        }
        assert!(matches!(outcomes.last(), Some(LoginOutcome::TooManyFailures { .. })), "{outcomes:?}");
        assert!(matches!(server.authenticate(&name("ada"), key("b")).await.unwrap(), LoginOutcome::Accepted(_)));
    });
}

#[test]
fn accounts_can_be_created_listed_and_deleted_without_an_administrator() {
    let dir = tempfile::tempdir().unwrap();
    let build = || Server::builder().data_dir(dir.path()).registration(false).create_admin(false).build().unwrap();
    let server = build();
    assert!(server.generated_admin_password().is_none());
    let names = |server: &Server| -> Vec<String> {
        server.store().users().unwrap().iter().map(|user| user.name.to_string()).collect()
    };
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        server.create_user(name("ada"), key("a")).await.unwrap();
        server.create_user(name("grace"), key("g")).await.unwrap();
        assert!(matches!(server.authenticate(&name("ada"), key("a")).await.unwrap(), LoginOutcome::Accepted(_)));
    });
    assert_eq!(names(&server), ["ada", "grace"]);
    runtime.block_on(async {
        assert_eq!(server.delete_user(name("ada")).await.unwrap(), AccountOutcome::Done);
        assert_eq!(server.delete_user(name("ada")).await.unwrap(), AccountOutcome::NoAccount);
        assert!(matches!(server.authenticate(&name("ada"), key("a")).await.unwrap(), LoginOutcome::Refused));
    });
    drop(server);
    assert_eq!(names(&build()), ["grace"], "a later start creates no administrator, either");
    let contradiction = Server::builder().data_dir(dir.path()).create_admin(false).admin_password("x").build();
    assert!(contradiction.unwrap_err().to_string().contains("create_admin(false)"));
}

/// Without a log subscriber the generated password is in no log.
#[test]
fn the_caller_gets_the_generated_admin_password_once() {
    let dir = tempfile::tempdir().unwrap();
    let build = || Server::builder().data_dir(dir.path()).build().unwrap();
    let server = build();
    let password = server.generated_admin_password().unwrap().clone();
    assert_eq!(format!("{password:?}"), "Secret(..)");
    let outcome = Runtime::new().unwrap().block_on(server.authenticate(&name("admin"), key(password.reveal())));
    assert!(matches!(outcome.unwrap(), LoginOutcome::Accepted(user) if user.administrator));
    drop(server);
    assert!(build().generated_admin_password().is_none());
    drop(dir);
    let dir = tempfile::tempdir().unwrap();
    let configured = Server::builder().data_dir(dir.path()).admin_password("mine").build().unwrap();
    assert!(configured.generated_admin_password().is_none());
}

#[test]
fn a_configuration_does_not_undo_what_setters_have_set() {
    let dir = tempfile::tempdir().unwrap();
    let config = || {
        let mut config = Config::default();
        config.data_dir = Some(dir.path().join("by configuration"));
        config.metrics = true;
        config
    };
    let setters = |builder: kosync::Builder| builder.data_dir(dir.path().join("by setter")).registration(false);
    for builder in [setters(Server::builder()).config(config()), setters(Server::builder().config(config()))] {
        let server = builder.build().unwrap();
        assert_eq!(server.store().path().file_name().unwrap(), "by setter");
        assert!(!server.registration().unwrap());
        let mounted = crate::common::serve(server.service());
        let metrics = Client { address: mounted.address }.send("GET", "/metrics", &[], None);
        assert_eq!(metrics.status, 200, "what no setter has set is the configuration's");
    }
    let server = Server::builder().config(config()).build().unwrap();
    assert_eq!(server.store().path().file_name().unwrap(), "by configuration");
}

async fn with_peer(ConnectInfo(peer): ConnectInfo<SocketAddr>, mut request: Request) -> Request {
    request.extensions_mut().insert(peer);
    request
}

/// Redirects, links, forms and cookies lead to `/books`, which axum removes from the requests.
#[test]
fn axum_mounts_the_server_under_a_path() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::builder().data_dir(dir.path()).path("/books/").build().unwrap();
    let app = axum::Router::new().nest_service("/books", server).layer(map_request(with_peer));
    let runtime = Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let client = Client { address: listener.local_addr().unwrap() };
    let _serving = runtime
        .spawn(async move { axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await });

    let body = serde_json::json!({ "username": "ada", "password": KEY }).to_string();
    assert_eq!(client.send("POST", "/books/users/create", &[], Some(&body)).shaped().status, 201);
    let push = position("book", "p", 0.42).to_string();
    assert_eq!(client.send_as("ada", KEY, "PUT", "/books/syncs/progress", Some(&push)).shaped().status, 200);
    assert_eq!(client.send_as("ada", KEY, "GET", "/books/syncs/progress/book", None).json()["progress"], "p");

    for path in ["/books", "/books/"] {
        let root = client.send("GET", path, &[], None);
        assert_eq!((root.status, root.header("location")), (303, Some("/books/login")), "{path}");
    }
    let page = client.send("GET", "/books/login", &[], None);
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains(r#"action="/books/login""#) && page.body.contains(r#"href="/books/assets/"#),
        "{page:?}"
    );
    let form = "name=ada&password=password";
    let login = client.send("POST", "/books/login", &[("origin", b"http://localhost")], Some(form));
    assert_eq!((login.status, login.header("location")), (303, Some("/books/")), "{login:?}");
    let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    for path in ["/books", "/books/", "/books/books"] {
        let shown = client.send("GET", path, &[("cookie", cookie.as_bytes())], None);
        assert_eq!(shown.status, 200, "{path}");
        assert!(shown.body.contains(r#"href="/books/books""#), "{path}: {shown:?}");
    }

    // Failed logins are counted for the client's address, which axum passes on.
    let statuses =
        (0..40).map(|guess| client.send_as("x", &guess.to_string(), "GET", "/books/users/auth", None).status);
    assert!(statuses.into_iter().any(|status| status == 429));
}

#[test]
fn a_mount_path_is_a_plain_path() {
    for wrong in ["books", "", "/a//b", "/a/../b", "/a b", "/a?b", "/a#b", "//", "/ä", "https://example.org/books"] {
        let dir = tempfile::tempdir().unwrap();
        let error = Server::builder().data_dir(dir.path().join("data")).path(wrong).build().unwrap_err();
        assert!(matches!(error, Error::Path(_)), "{wrong}: {error}");
        assert!(error.to_string().contains(&format!("`{wrong}`")), "{error}");
        assert!(!dir.path().join("data").exists(), "checked before the store is opened");
    }
    for right in ["/", "/books", "/books/", "/a/b/c", "/a-b_c.d~e/%20"] {
        let dir = tempfile::tempdir().unwrap();
        Server::builder().data_dir(dir.path()).path(right).build().unwrap();
    }
}

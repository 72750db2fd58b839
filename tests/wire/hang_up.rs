//! Clients that hang up right after their request, or close their sending side: rule T10.
//!
//! Reported in the field: a complete push was dropped when the client hung up right after it (0 of 3 stored with a key that was not yet
//! verified, 3 of 20 behind nginx), or half-closed (0 of 20). OpenResty carries such a request out.

use std::future::poll_fn;
use std::io::Write;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use kosync::salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, Service, async_trait};
use kosync::{Document, Key, LoginOutcome, Server, Username};
use socket2::SockRef;
use tokio::runtime::Runtime;

use crate::common::{KEY, OTHER_KEY, Site, TIMEOUT, connect, position, read_reply, request, wait_until};

/// How a client leaves.
#[derive(Debug, Clone, Copy)]
enum Leave {
    /// Closes its sending side and reads the response.
    HalfClose,
    Close,
    Reset,
}

impl Leave {
    /// Prepares the socket, which is then to be dropped.
    fn now(self, stream: &TcpStream) {
        match self {
            Self::HalfClose => stream.shutdown(Shutdown::Write).unwrap(),
            Self::Close => {}
            Self::Reset => SockRef::from(stream).set_linger(Some(Duration::ZERO)).unwrap(),
        }
    }
}

const ALL: [Leave; 3] = [Leave::HalfClose, Leave::Close, Leave::Reset];

/// Sends a whole request and leaves at once. Returns the status that the client still gets.
fn send_and_leave(address: SocketAddr, request: &[u8], leave: Leave) -> Option<u16> {
    let mut stream: TcpStream = connect(address);
    stream.write_all(request).unwrap();
    leave.now(&stream);
    matches!(leave, Leave::HalfClose).then(|| read_reply(&mut stream, false).unwrap().status)
}

fn authorized(method: &str, path: &str, user: &str, key: &str, body: Option<&str>) -> Vec<u8> {
    request(method, path, &[("x-auth-user", user.as_bytes()), ("x-auth-key", key.as_bytes())], body)
}

fn push_request(user: &str, document: &str) -> Vec<u8> {
    authorized("PUT", "/syncs/progress", user, KEY, Some(&position(document, "p", 0.5).to_string()))
}

fn name(name: &str) -> Username {
    Username::new(name).unwrap()
}

/// Waits until the account has a position for the document.
#[track_caller]
fn assert_stored(server: &Server, user: &str, document: &str) {
    let store = server.store();
    let id = store.user(&name(user)).unwrap().unwrap().id;
    let document = Document::new(document).unwrap();
    wait_until(&format!("the position of {document}"), || store.progress(id, &document).unwrap());
}

/// Returns a data directory with an account for each way to leave. No server has verified the accounts' keys yet.
fn accounts_of_an_earlier_run() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::builder().data_dir(dir.path()).build().unwrap();
    Runtime::new().unwrap().block_on(async {
        for leave in ALL {
            let key = Key::from_wire(KEY.as_bytes()).unwrap();
            server.create_user(name(&format!("{leave:?}")), key).await.unwrap();
        }
    });
    dir
}

#[test]
fn t10_a_push_with_a_verified_key_is_stored_though_the_client_is_gone() {
    let site = Site::with_ada();
    assert_eq!(site.login("ada", KEY).status, 200);
    for leave in ALL {
        for number in 0..20 {
            let document = format!("{leave:?}{number}");
            let status = send_and_leave(site.address, &push_request("ada", &document), leave);
            assert!(status.is_none_or(|status| status == 200), "{leave:?}: {status:?}");
            assert_stored(&site.server, "ada", &document);
        }
    }
}

#[test]
fn t10_a_push_with_a_fresh_key_is_stored_though_the_client_is_gone() {
    let dir = accounts_of_an_earlier_run();
    let site = Site::with(|builder| builder.data_dir(dir.path()));
    for leave in ALL {
        let user = format!("{leave:?}");
        let status = send_and_leave(site.address, &push_request(&user, "book"), leave);
        assert!(status.is_none_or(|status| status == 200), "{leave:?}: {status:?}");
        assert_stored(&site.server, &user, "book");
    }
}

/// Head and body come in two packets, as KOReader sends them.
#[test]
fn t10_a_push_in_two_packets_is_stored_though_the_client_is_gone() {
    let site = Site::with_ada();
    assert_eq!(site.login("ada", KEY).status, 200);
    for leave in ALL {
        for number in 0..20 {
            let document = format!("{leave:?}{number}");
            let bytes = push_request("ada", &document);
            let head = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap() + 4;
            let mut stream = connect(site.address);
            stream.set_nodelay(true).unwrap();
            stream.write_all(&bytes[..head]).unwrap();
            stream.write_all(&bytes[head..]).unwrap();
            leave.now(&stream);
            drop(stream);
            assert_stored(&site.server, "ada", &document);
        }
    }
}

#[test]
fn t10_accounts_change_though_the_client_is_gone() {
    let site = Site::start();
    let runtime = Runtime::new().unwrap();
    let is_accepted = |user: &str, key: &str| {
        let key = Key::from_wire(key.as_bytes()).unwrap();
        let outcome = runtime.block_on(site.server.authenticate(&name(user), key)).unwrap();
        matches!(outcome, LoginOutcome::Accepted(_))
    };
    for leave in ALL {
        let user = format!("{leave:?}");
        let exists = || site.server.store().user(&name(&user)).unwrap().is_some();

        let body = serde_json::json!({ "username": user, "password": KEY }).to_string();
        send_and_leave(site.address, &request("POST", "/users/create", &[], Some(&body)), leave);
        wait_until("the registration", || exists().then_some(()));

        let body = serde_json::json!({ "password": OTHER_KEY }).to_string();
        send_and_leave(site.address, &authorized("PUT", "/users/password", &user, KEY, Some(&body)), leave);
        wait_until("the new key", || is_accepted(&user, OTHER_KEY).then_some(()));

        send_and_leave(site.address, &authorized("DELETE", "/users/me", &user, OTHER_KEY, None), leave);
        wait_until("the deletion", || (!exists()).then_some(()));
    }
}

/// Polls a future once. Returns whether it is not yet complete.
async fn begins<F: Future>(mut future: Pin<&mut F>) -> bool {
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

/// Any framework drops the future of a request whose client is gone.
#[test]
fn t10_a_push_is_stored_though_the_framework_drops_its_future() {
    let dir = accounts_of_an_earlier_run();
    let server = Server::builder().data_dir(dir.path()).build().unwrap();
    Runtime::new().unwrap().block_on(async {
        let body = position("book", "p", 0.5).to_string();
        let request =
            axum::http::Request::put("/syncs/progress").header("x-auth-user", "Close").header("x-auth-key", KEY);
        let request = request.body(axum::body::Body::from(body)).unwrap();
        let mut response = Box::pin(server.handle(request, None));
        assert!(begins(response.as_mut()).await);
        drop(response);
        assert_stored(&server, "Close", "book");
    });
}

/// Tells the test that the handlers of a request begin.
struct Begins(std::sync::mpsc::SyncSender<()>);

#[async_trait]
impl Handler for Begins {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        // The rest of the chain begins before the client can leave.
        let mut rest = Box::pin(ctrl.call_next(req, depot, res));
        if begins(rest.as_mut()).await {
            self.0.send(()).unwrap();
            rest.await;
        }
    }
}

/// Salvo's server drops the handler of a client that is gone.
#[test]
fn t10_holds_in_a_salvo_app() {
    for is_service in [false, true] {
        let dir = accounts_of_an_earlier_run();
        let server = Server::builder().data_dir(dir.path()).build().unwrap();
        let (begins, begun) = std::sync::mpsc::sync_channel(1);
        let app = if is_service {
            let mut service = server.service();
            service.hoops.insert(0, std::sync::Arc::new(Begins(begins)));
            service
        } else {
            let routes = Router::new().push(server.router()).push(server.dashboard());
            Service::new(routes.hoop(Begins(begins)))
        };
        let mounted = crate::common::serve(app);
        for leave in ALL {
            let user = format!("{leave:?}");
            let mut stream = connect(mounted.address);
            stream.write_all(&push_request(&user, "book")).unwrap();
            begun.recv_timeout(TIMEOUT).unwrap();
            leave.now(&stream);
            drop(stream);
            assert_stored(&server, &user, "book");
        }
    }
}

//! Clients that stall, drip, send too much, or never read; and the limits on what they can hold.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tokio::time::timeout;

use crate::common::{KEY, PATIENCE, Site, connect, exchange, position, read_reply};

/// A site that soon loses patience. How soon does not matter to the tests: they wait for what it does.
fn impatient() -> Site {
    let site = Site::with(|builder| builder.client_timeout(Duration::from_secs(1)));
    site.registered("ada", KEY);
    site
}

/// Reads until the server closes; gives what it sent before.
fn until_closed(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
        Err(error) => panic!("the server did not close: {error}"),
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn a_client_that_says_nothing_is_cut_off() {
    let site = impatient();
    assert_eq!(until_closed(&mut connect(site.address)), "");
}

#[test]
fn a_head_that_does_not_end_is_cut_off() {
    let site = impatient();
    let mut stream = connect(site.address);
    stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    until_closed(&mut stream);
}

#[test]
fn a_body_that_does_not_come_is_answered_and_cut_off() {
    let site = impatient();
    for (method, path) in [("PUT", "/syncs/progress"), ("POST", "/users/create"), ("PUT", "/users/password")] {
        let mut stream = connect(site.address);
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{");
        stream.write_all(head.as_bytes()).unwrap();
        let reply = read_reply(&mut stream, false).unwrap();
        reply.refused(408, 3408, "The body did not arrive in time.");
        assert_eq!(until_closed(&mut stream), "");
    }
}

/// Each byte comes before any gap is too long; all of them together are what is limited.
#[test]
fn a_body_that_drips_is_cut_off() {
    let site = impatient();
    let mut stream = connect(site.address);
    stream.write_all(b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let (mut sent, start) = (0, Instant::now());
    let reply = loop {
        assert!(sent < 60_000 && start.elapsed() < PATIENCE, "all of it was taken");
        if stream.write_all(b" ").is_err() {
            break None;
        }
        sent += 1;
        match read_reply(&mut stream, false) {
            Ok(reply) => break Some(reply),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => break None,
        }
    };
    if let Some(reply) = reply {
        reply.refused(408, 3408, "The body did not arrive in time.");
    }
}

/// A client that asks on and on and reads nothing fills the buffers; then it is cut off.
#[test]
fn a_client_that_does_not_read_is_cut_off() {
    let site = impatient();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&site.address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    let requests = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    let start = Instant::now();
    let cut_off = loop {
        assert!(start.elapsed() < PATIENCE, "it goes on for ever");
        if let Err(error) = stream.write_all(&requests) {
            break error;
        }
    };
    assert!(matches!(cut_off.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{cut_off}");
    assert_eq!(site.send("GET", "/healthcheck", &[], None).status, 200);
}

/// Stalled clients take no thread: there are far more of them than threads, and others are served.
#[test]
fn many_stalled_clients_hinder_nobody() {
    let site = Site::with_ada();
    let stalled: Vec<TcpStream> = (0..300)
        .map(|index| {
            let mut stream = connect(site.address);
            let head = b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{".as_slice();
            stream.write_all(if index % 2 == 0 { head } else { &head[..30] }).unwrap();
            stream
        })
        .collect();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    drop(stalled);
}

/// Over the limit a connection waits in the system's queue, until another one ends.
#[test]
fn connections_are_limited() {
    let site = Site::with(|builder| builder.max_connections(2));
    let held: Vec<TcpStream> = (0..2)
        .map(|_| {
            let mut stream = connect(site.address);
            stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            assert_eq!(read_reply(&mut stream, false).unwrap().status, 200);
            stream
        })
        .collect();
    let mut third = connect(site.address);
    third.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    third.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
    let waiting = third.read(&mut [0]).expect_err("the third was served beside two");
    assert!(matches!(waiting.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut), "{waiting}");
    drop(held);
    third.set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(read_reply(&mut third, false).unwrap().status, 200);
}

#[test]
fn heads_are_limited() {
    let site = Site::start();
    let long = format!("GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(32 * 1024));
    assert_eq!(exchange(site.address, long.as_bytes()).status, 431);
    let many = format!("GET /healthcheck HTTP/1.1\r\n{}\r\n", "X-Many: y\r\n".repeat(150));
    assert_eq!(exchange(site.address, many.as_bytes()).status, 431);
    let path = format!("GET /syncs/progress/{} HTTP/1.1\r\nHost: x\r\n\r\n", "x".repeat(32 * 1024));
    let status = exchange(site.address, path.as_bytes()).status;
    assert!(matches!(status, 414 | 431), "{status}");
    let usual = format!("GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Long: {}\r\n\r\n", "x".repeat(8 * 1024));
    assert_eq!(exchange(site.address, usual.as_bytes()).status, 200);
    assert_eq!(site.send("GET", "/healthcheck", &[], None).status, 200);
}

/// A push whose client hangs up before the answer is stored all the same, and its event is told.
#[test]
fn a_client_that_hangs_up_loses_nothing() {
    let site = Site::with_ada();
    assert_eq!(site.login("ada", KEY).status, 200);
    let mut events = site.server.subscribe();
    let body = position("book", "p", 0.5).to_string();
    let head = format!("PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nx-auth-user: ada\r\nx-auth-key: {KEY}\r\n");
    let request = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    for _ in 0..20 {
        connect(site.address).write_all(request.as_bytes()).unwrap();
    }
    site.pushed("ada", KEY, &position("last", "p", 0.5));
    let told = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut documents = Vec::new();
        loop {
            match &*timeout(PATIENCE, events.next()).await.unwrap().unwrap().unwrap() {
                kosync::Event::Pushed { document, .. } if document.as_str() == "last" => break documents,
                kosync::Event::Pushed { document, .. } => documents.push(document.to_string()),
                other => panic!("{other:?}"),
            }
        }
    });
    let store = site.server.store();
    let ada = store.user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
    let history = store.history(ada.id, &kosync::Document::new("book").unwrap(), 100).unwrap();
    // Some, or all, may have been cut off before they were read; each that was told is stored.
    assert!(told.len() <= history.len(), "{} told, {} stored", told.len(), history.len());
    assert!(told.iter().all(|document| document == "book"));
}

//! Tests clients that stall, send slowly or too much, or never read. Also tests the limits on connections and headers.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use socket2::{Domain, Socket, Type};
use tokio::time::timeout;

use crate::common::{KEY, Site, TIMEOUT, connect, exchange, position, read_reply};

/// Starts a site with a short client timeout. The tests do not depend on its length: they wait for the effect.
fn site_with_short_timeout() -> Site {
    let site = Site::with(|builder| builder.client_timeout(Duration::from_secs(1)));
    site.registered("ada", KEY);
    site
}

/// Reads until the server closes the connection, and returns what it sent.
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
fn a_client_that_sends_nothing_is_disconnected() {
    let site = site_with_short_timeout();
    assert_eq!(until_closed(&mut connect(site.address)), "");
}

#[test]
fn a_header_that_does_not_end_is_disconnected() {
    let site = site_with_short_timeout();
    let mut stream = connect(site.address);
    stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
    until_closed(&mut stream);
}

#[test]
fn a_body_that_does_not_arrive_is_408_and_disconnected() {
    let site = site_with_short_timeout();
    for (method, path) in [("PUT", "/syncs/progress"), ("POST", "/users/create"), ("PUT", "/users/password")] {
        let mut stream = connect(site.address);
        let head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{");
        stream.write_all(head.as_bytes()).unwrap();
        let reply = read_reply(&mut stream, false).unwrap();
        reply.refused(408, 3408, "The body did not arrive in time.");
        assert_eq!(until_closed(&mut stream), "");
    }
}

/// No gap between two bytes is too long. The limit is on the body as a whole.
#[test]
fn a_body_that_arrives_byte_by_byte_is_disconnected() {
    let site = site_with_short_timeout();
    let mut stream = connect(site.address);
    stream.write_all(b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n").unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let (mut sent, start) = (0, Instant::now());
    let reply = loop {
        assert!(sent < 60_000 && start.elapsed() < TIMEOUT, "the whole body was accepted");
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

/// Requests without end fill the buffers of a client that reads no response.
#[test]
fn a_client_that_does_not_read_is_disconnected() {
    let site = site_with_short_timeout();
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&site.address.into()).unwrap();
    let mut stream = TcpStream::from(socket);
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    let requests = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    let start = Instant::now();
    let error = loop {
        assert!(start.elapsed() < TIMEOUT, "the server did not disconnect");
        if let Err(error) = stream.write_all(&requests) {
            break error;
        }
    };
    assert!(matches!(error.kind(), ErrorKind::ConnectionReset | ErrorKind::BrokenPipe), "{error}");
    assert_eq!(site.send("GET", "/healthcheck", &[], None).status, 200);
}

/// Stalled clients occupy no thread: there are far more of them than threads.
#[test]
fn others_are_served_beside_many_stalled_clients() {
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

#[test]
fn headers_are_limited_in_size_and_number() {
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

/// A push is stored before its event is sent, also if its client hung up.
#[test]
fn every_event_of_a_client_that_hung_up_has_a_stored_position() {
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
    let events = tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut documents = Vec::new();
        loop {
            match &*timeout(TIMEOUT, events.next()).await.unwrap().unwrap().unwrap() {
                kosync::Event::Pushed { document, .. } if document.as_str() == "last" => break documents,
                kosync::Event::Pushed { document, .. } => documents.push(document.to_string()),
                other => panic!("{other:?}"),
            }
        }
    });
    let store = site.server.store();
    let ada = store.user(&kosync::Username::new("ada").unwrap()).unwrap().unwrap();
    let history = store.history(ada.id, &kosync::Document::new("book").unwrap(), 100).unwrap();
    // Some or all of the requests may not have been read; every position with an event is stored, repeats on the first one's entry.
    let stored: u32 = history.iter().map(|entry| entry.pushes).sum();
    assert!(events.len() <= stored as usize, "{} events, {stored} stored", events.len());
    assert!(events.iter().all(|document| document == "book"));
}

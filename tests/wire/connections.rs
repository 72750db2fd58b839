//! Connections that clients hold open: nobody else is kept out by them.
//!
//! The attack (issue 15, number 2): 1,030 connections of one address, idle, with half a head or half a body, or kept alive with a small
//! request now and then, kept everybody else out for as long as it lasted.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

use crate::common::{KEY, Reply, Site, TIMEOUT, connect, position, read_reply, request};

/// Connections of the server under attack.
const MAX: usize = 8;
const SMALL_REQUEST: &[u8] = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n";

/// Connects from an address of the loopback network.
fn connect_from(source: &str, server: SocketAddr) -> TcpStream {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&format!("{source}:0").parse::<SocketAddr>().unwrap().into()).unwrap();
    socket.connect(&server.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    stream
}

fn small_site() -> Site {
    // So long that no time limit ends an attacker's connection for us.
    let site = Site::with(|builder| builder.max_connections(MAX).client_timeout(10 * TIMEOUT));
    site.registered("ada", KEY);
    site
}

/// Opens as many connections as the server can hold, and sends `bytes` on each. All come from two addresses.
fn attack(site: &Site, bytes: &[u8]) -> Vec<TcpStream> {
    let mut held = Vec::new();
    for _ in 0..MAX / 2 {
        for source in ["127.0.0.2", "127.0.0.3"] {
            let mut stream = connect_from(source, site.address);
            stream.write_all(bytes).unwrap();
            held.push(stream);
        }
    }
    held
}

/// Pushes and pulls from an address that the attackers do not have, several times.
#[track_caller]
fn assert_owner_gets_in(site: &Site) {
    for round in 0..4 {
        let progress = format!("p{round}");
        let body = position("book", &progress, 0.5).to_string();
        let auth: [(&str, &[u8]); 2] = [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes())];
        let send = |bytes: &[u8]| -> Reply {
            let mut stream = connect_from("127.0.0.9", site.address);
            stream.write_all(bytes).unwrap();
            read_reply(&mut stream, false).unwrap()
        };
        assert_eq!(send(&request("PUT", "/syncs/progress", &auth, Some(&body))).status, 200);
        assert_eq!(send(&request("GET", "/syncs/progress/book", &auth, None)).json()["progress"], progress);
    }
}

/// Returns whether the server has closed a connection, without waiting for it.
fn is_closed(stream: &TcpStream) -> bool {
    stream.set_nonblocking(true).unwrap();
    let closed = match (&*stream).read(&mut [0; 1024]) {
        Ok(read) => read == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    };
    stream.set_nonblocking(false).unwrap();
    closed
}

#[test]
fn connections_that_send_nothing_keep_nobody_out() {
    let site = small_site();
    let held = attack(&site, b"");
    assert_owner_gets_in(&site);
    assert!(held.iter().any(is_closed));
}

#[test]
fn connections_with_half_a_head_keep_nobody_out() {
    let site = small_site();
    let _held = attack(&site, &SMALL_REQUEST[..20]);
    assert_owner_gets_in(&site);
}

#[test]
fn connections_with_half_a_body_keep_nobody_out() {
    let site = small_site();
    let _held = attack(&site, b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{");
    assert_owner_gets_in(&site);
}

#[test]
fn connections_kept_alive_with_small_requests_keep_nobody_out() {
    let site = small_site();
    let mut held = attack(&site, SMALL_REQUEST);
    for stream in &mut held {
        assert_eq!(read_reply(stream, false).unwrap().status, 200);
    }
    for _ in 0..3 {
        assert_owner_gets_in(&site);
        // Those that are still open stay busy; those that are not come back.
        for (index, stream) in held.iter_mut().enumerate() {
            if is_closed(stream) {
                *stream = connect_from(["127.0.0.2", "127.0.0.3"][index % 2], site.address);
            }
            let answered = stream.write_all(SMALL_REQUEST).and_then(|()| read_reply(stream, false));
            assert!(answered.is_ok_and(|reply| reply.status == 200) || is_closed(stream));
        }
    }
    assert_owner_gets_in(&site);
}

/// A private address holds half of all connections. Further ones are closed at once, without an answer.
#[test]
fn one_address_gets_its_share_and_no_more() {
    let site = small_site();
    let mut held: Vec<TcpStream> = (0..MAX / 2).map(|_| connect_from("127.0.0.2", site.address)).collect();
    // The last one is answered, so all of them are in the table.
    held[MAX / 2 - 1].write_all(SMALL_REQUEST).unwrap();
    assert_eq!(read_reply(&mut held[MAX / 2 - 1], false).unwrap().status, 200);
    for _ in 0..3 {
        let mut over = connect_from("127.0.0.2", site.address);
        let mut received = Vec::new();
        // The system may report the end as a reset.
        let _ = over.read_to_end(&mut received);
        assert!(received.is_empty(), "{received:?}");
    }
    assert_owner_gets_in(&site);
    assert!(held.iter().all(|stream| !is_closed(stream)), "there was room, and still a connection was closed");
}

/// A trusted proxy stands for many clients: it may hold all connections, and an idle one makes room for its next.
#[test]
fn a_trusted_proxy_has_no_share() {
    let proxy = "127.0.0.2".parse().unwrap();
    let site = Site::with(|builder| builder.max_connections(MAX).client_timeout(10 * TIMEOUT).trusted_proxies([proxy]));
    let held: Vec<TcpStream> = (0..2 * MAX)
        .map(|_| {
            let mut stream = connect_from("127.0.0.2", site.address);
            stream.write_all(SMALL_REQUEST).unwrap();
            assert_eq!(read_reply(&mut stream, false).unwrap().status, 200);
            stream
        })
        .collect();
    assert_eq!(held.iter().filter(|stream| is_closed(stream)).count(), MAX);
}

/// A connection beyond the limit is served at once. It takes the place of one that waits for its client.
#[test]
fn connections_are_limited() {
    let site = Site::with(|builder| {
        builder.max_connections(2).client_timeout(10 * TIMEOUT).trusted_proxies(["127.0.0.1".parse().unwrap()])
    });
    let mut first = connect(site.address);
    first.write_all(SMALL_REQUEST).unwrap();
    assert_eq!(read_reply(&mut first, false).unwrap().status, 200);
    let mut second = connect(site.address);
    second.write_all(SMALL_REQUEST).unwrap();
    assert_eq!(read_reply(&mut second, false).unwrap().status, 200);
    let mut third = connect(site.address);
    third.write_all(SMALL_REQUEST).unwrap();
    assert_eq!(read_reply(&mut third, false).unwrap().status, 200);
    // One of them was closed for it, the first unless its task was slow to look for the next request.
    let mut open = if is_closed(&first) { second } else { first };
    open.write_all(SMALL_REQUEST).unwrap();
    assert_eq!(read_reply(&mut open, false).unwrap().status, 200);
}

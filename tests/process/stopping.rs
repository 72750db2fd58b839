//! How it ends, and how it treats clients that stall, with the timeouts it really has.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::kosync::Process;
use crate::common::{KEY, connect, position, read_reply};

/// A request that is in flight when the signal comes is answered, and what it pushed is stored.
#[test]
fn requests_in_flight_may_end() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let dir = tempfile::tempdir().unwrap();
        let mut process = Process::start(dir.path());
        process.client.registered("ada", KEY);
        let body = position("book", "in flight", 0.5).to_string();
        let (first, second) = body.split_at(10);
        let head = format!(
            "PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nx-auth-user: ada\r\nx-auth-key: {KEY}\r\nExpect: 100-continue\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        let mut stream = connect(process.client.address);
        stream.write_all(head.as_bytes()).unwrap();
        // The server asks for the body: so it has the request.
        assert_eq!(read_reply(&mut stream, false).unwrap().status, 100);
        stream.write_all(first.as_bytes()).unwrap();
        // One that was answered has been accepted: the system resets those that were not.
        let mut idle = connect(process.client.address);
        idle.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(read_reply(&mut idle, false).unwrap().status, 200);
        process.signal(signal);
        process.logged("stopping");
        assert_eq!(idle.read(&mut [0]).unwrap(), 0, "a connection without a request is closed at once");
        stream.write_all(second.as_bytes()).unwrap();
        assert_eq!(read_reply(&mut stream, false).unwrap().shaped().status, 200);
        process.logged("stopped");
        assert_eq!(process.wait().code(), Some(0));

        let process = Process::start(dir.path());
        assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "in flight");
    }
}

/// A client that never ends its request does not keep the server up.
#[test]
fn a_stalled_client_does_not_delay_the_stop_for_ever() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path());
    let mut stream = connect(process.client.address);
    stream
        .write_all(b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n")
        .unwrap();
    assert_eq!(read_reply(&mut stream, false).unwrap().status, 100);
    let start = Instant::now();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    // Eight seconds, and what a slow machine adds.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// With the timeouts that users get, a client that stalls is cut off within 30 s.
#[test]
fn stalled_clients_are_cut_off_within_30_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let start = Instant::now();
    let heads = [
        b"".as_slice(),
        b"GET /healthcheck HTTP/1.1\r\nHost:",
        b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{",
    ];
    let streams: Vec<_> = heads
        .iter()
        .map(|head| {
            let mut stream = connect(process.client.address);
            stream.write_all(head).unwrap();
            stream
        })
        .collect();
    for mut stream in streams {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(process.client.send("GET", "/healthcheck", &[], None).status, 200);
}

//! How the server stops, and how it treats clients that stall, with the real timeouts.

use std::io::{Read, Write};
use std::process::Stdio;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::kosync::{Process, command, read_lines, wait_for_exit};
use crate::common::{KEY, TIMEOUT, connect, position, read_reply};

#[test]
fn a_request_in_flight_is_completed_before_the_stop() {
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
        // The server asks for the body, so it has the request.
        assert_eq!(read_reply(&mut stream, false).unwrap().status, 100);
        stream.write_all(first.as_bytes()).unwrap();
        // A response shows that the connection was accepted; the system would reset it otherwise.
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

/// Issue 16, 15: it ended the server, with 129.
#[test]
fn sighup_without_a_certificate_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let mut kept = connect(process.client.address);
    for _ in 0..2 {
        process.signal(Signal::SIGHUP);
        process.logged("SIGHUP ignored: there is no certificate to read again");
        kept.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(read_reply(&mut kept, false).unwrap().status, 200);
    }
    process.stop();
}

/// It never completes its request.
#[test]
fn a_stalled_client_delays_the_stop_only_for_a_limited_time() {
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
    // Eight seconds, and more on a slow machine.
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

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

/// A start that waited for another process's lock said nothing, and could only be killed.
#[test]
fn a_start_that_waits_for_a_lock_says_so_and_can_be_stopped() {
    let dir = tempfile::tempdir().unwrap();
    let other = std::fs::File::create(dir.path().join("data.mdb")).unwrap();
    other.lock().unwrap();
    let mut command = command();
    command.arg("--data-dir").arg(dir.path()).args(["--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let log = read_lines(child.stderr.take().unwrap());
    let line = log.recv_timeout(TIMEOUT).unwrap();
    assert!(line.contains("another process may hold a lock on its files"), "{line}");
    assert!(line.contains(dir.path().to_str().unwrap()), "{line}");
    kill(Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(wait_for_exit(&mut child).code(), Some(0));
}

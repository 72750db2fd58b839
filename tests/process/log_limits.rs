//! How much of the log strangers can cause: issue 15, attack 7 (8 MB/s of lines from one address), and issue 16, 14.

use nix::sys::signal::Signal;

use super::kosync::{Process, command};
use crate::common::position;

/// Ends a server and returns its whole log.
fn log_of(mut process: Process) -> Vec<String> {
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    process.all_logged()
}

fn count(log: &[String], text: &str) -> usize {
    log.iter().filter(|line| line.contains(text)).count()
}

#[test]
fn a_stranger_cannot_flood_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let client = process.client;
    client.registered("ada", "k");
    let long = "é".repeat(127);
    client.registered(&long, "k");
    // Each of these was a line at info.
    for _ in 0..20 {
        client.pushed("ada", "k", &position("book", "p", 0.5));
        let deleted = "/manage/users/documents?username=ada&documentHash=book";
        assert_eq!(client.send_as("ada", "k", "DELETE", deleted, None).status, 200);
        assert_eq!(client.send_as(&long, "k", "DELETE", "/users/me", None).status, 200);
        client.registered(&long, "k");
    }
    // Wrong keys of one account, then refusals, then names that do not exist.
    for number in 0..50 {
        client.login("ada", "wrong");
        client.login(&long, "wrong");
        client.login(&format!("nobody{number}{}", "x".repeat(200)), "wrong");
    }
    let log = log_of(process);
    assert_eq!(count(&log, "login failed"), 3, "{log:#?}");
    assert_eq!(count(&log, "login failed user=\"ada\""), 1, "{log:#?}");
    assert_eq!(count(&log, "document deleted user=\"ada\" document=\"book\""), 1, "{log:#?}");
    assert_eq!(count(&log, "account created user=\"admin\""), 1, "{log:#?}");
    assert_eq!(count(&log, "account created"), 3, "{log:#?}");
    assert_eq!(count(&log, "account deleted"), 1, "{log:#?}");
    let cut = format!("user=\"{}\"", "é".repeat(64));
    assert_eq!(count(&log, &cut), 3, "{log:#?}");
    assert!(log.iter().all(|line| line.len() < 400), "{log:#?}");
}

/// Issue 16, 14: all clients behind an undeclared proxy are one, and nothing said so.
#[test]
fn a_proxy_that_is_not_trusted_is_named_once() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    for (header, path) in
        [("X-Forwarded-For", "/healthcheck"), ("Forwarded", "/users/auth"), ("X-Forwarded-For", "/login")]
    {
        for _ in 0..5 {
            process.client.send("GET", path, &[(header, b"for=203.0.113.7")], None);
        }
    }
    let log = log_of(process);
    assert_eq!(count(&log, "forwarding header ignored"), 1, "{log:#?}");
    assert_eq!(count(&log, "`trusted_proxies` peer=\"127.0.0.1\" header=\"x-forwarded-for\""), 1, "{log:#?}");

    let mut trusting = command();
    trusting.arg("--data-dir").arg(dir.path()).args(["--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1"]);
    let process = Process::spawn(trusting);
    process.client.send("GET", "/healthcheck", &[("X-Forwarded-For", b"203.0.113.7")], None);
    assert_eq!(count(&log_of(process), "forwarding header ignored"), 0);
}

/// Issue 16, 14: nginx with `Host $host` drops the port, and the page blamed the browser.
#[test]
fn a_form_behind_a_proxy_that_changes_the_host_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    for _ in 0..3 {
        let headers: [(&str, &[u8]); 1] = [("Origin", b"http://localhost:8080")];
        let reply = process.client.send("POST", "/login", &headers, Some("name=a&password=b"));
        assert_eq!(reply.status, 403);
        for part in ["http://localhost:8080", "localhost", "proxy_set_header Host $http_host;"] {
            assert!(reply.body.contains(part), "{part} is not in {}", reply.body);
        }
    }
    let log = log_of(process);
    assert_eq!(count(&log, "form refused"), 1, "{log:#?}");
    assert_eq!(count(&log, "origin=\"http://localhost:8080\" host=\"localhost\""), 1, "{log:#?}");
}

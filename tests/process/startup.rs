//! Tests the server's output at startup, what systemd passes to it, and the health check.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::os::unix::process::CommandExt;
use std::process::Stdio;

use nix::sys::signal::Signal;

use super::kosync::{Process, command, output, single_line};
use crate::common::{KEY, TIMEOUT, accept_connection, position};

#[test]
fn the_address_for_koreader_is_printed() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let address = process.client.address;
    assert_eq!(
        process.banner,
        [
            format!("kosync {}. In KOReader on this machine, the custom sync server is:", env!("CARGO_PKG_VERSION")),
            format!("    http://{address}"),
            "Other devices reach it through a reverse proxy, whose address `KOSYNC_ADDRESS` shows here, or with `--listen [::]:7200`."
                .into(),
            "Open the same address in a browser for the dashboard.".into(),
            format!("Data directory: {}. Registration: open.", dir.path().canonicalize().unwrap().display()),
        ]
    );
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("book", "p", 0.5));
}

#[test]
fn every_address_of_the_machine_is_printed_and_works() {
    for everywhere in ["[::]:0", "0.0.0.0:0"] {
        let dir = tempfile::tempdir().unwrap();
        let mut command = command();
        command.arg("--data-dir").arg(dir.path()).args(["--listen", everywhere]);
        let process = Process::spawn(command);
        let printed: Vec<_> =
            process.banner.iter().filter_map(|line| line.trim().strip_prefix("http://")?.parse().ok()).collect();
        if printed.is_empty() {
            let is_container =
                process.banner.iter().any(|line| line.contains("whose own address devices do not reach"));
            assert!(is_container, "{:?}", process.banner);
            continue;
        }
        for address in &printed {
            let client = crate::common::Client { address: *address };
            assert_eq!(client.send("GET", "/healthcheck", &[], None).status, 200, "{address}");
        }
        // Both IP families, if the machine has them.
        let v4 = crate::common::Client { address: ([127, 0, 0, 1], printed[0].port()).into() };
        assert_eq!(v4.send("GET", "/healthcheck", &[], None).status, 200);
    }
}

#[test]
fn healthcheck_exits_with_0_or_1() {
    let dir = tempfile::tempdir().unwrap();
    let socket = format!("unix:{}", dir.path().join("socket").display());
    let mut both = command();
    both.arg("--data-dir").arg(dir.path()).args(["--listen", "127.0.0.1:0", "--listen", &socket]);
    let process = Process::spawn(both);
    let port = process.client.address.port();
    let check = |listen: &str| output(&["healthcheck", "--listen", listen], &[]);
    for listen in [format!("127.0.0.1:{port}"), socket, format!("0.0.0.0:{port}"), format!("[::]:{port}")] {
        let output = check(&listen);
        assert_eq!(output.status.code(), Some(0), "{listen}: {output:?}");
    }
    let by_variable = output(&["healthcheck"], &[("KOSYNC_LISTEN", &format!("127.0.0.1:{port}"))]);
    assert_eq!(by_variable.status.code(), Some(0));
    process.stop();

    let down = check(&format!("127.0.0.1:{port}"));
    assert_eq!(down.status.code(), Some(1));
    let line = single_line(&down.stderr);
    assert_eq!(line, format!("kosync: no healthy server at 127.0.0.1:{port}: Connection refused (os error 111)"));
    let wrong = output(&["healthcheck", "--listen", "nonsense"], &[]);
    assert_eq!(wrong.status.code(), Some(1), "container runtimes know only 0 and 1");

    // Another server at the address is not healthy.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let thread = std::thread::spawn(move || {
        let mut stream = accept_connection(&other);
        let _ = stream.read(&mut [0; 1000]);
        stream.write_all(b"HTTP/1.1 404 Not Found\r\n\r\n").unwrap();
    });
    let output = check(&address);
    thread.join().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = single_line(&output.stderr);
    assert_eq!(line, format!("kosync: no healthy server at {address}: unexpected response: HTTP/1.1 404 Not Found"));
}

#[test]
fn a_unix_socket_serves_the_protocol() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("socket");
    let mut child = command();
    child.arg("--data-dir").arg(dir.path()).arg("--listen").arg(format!("unix:{}?mode=620", path.display()));
    let process = Process::spawn(child);
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o620);
    let mut stream = UnixStream::connect(&path).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.ends_with(r#"{"state":"OK"}"#), "{answer}");
    process.stop();
}

/// The sockets replace `listen`. systemd is notified of the readiness, by the watchdog, and of the stop.
#[test]
fn sockets_of_systemd_are_used_and_systemd_is_notified() {
    let dir = tempfile::tempdir().unwrap();
    let notify = dir.path().join("notify");
    let manager = UnixDatagram::bind(&notify).unwrap();
    manager.set_read_timeout(Some(TIMEOUT)).unwrap();
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();

    // A shell passes the socket on as systemd does, and sets the process id of the receiver.
    let script = r#"exec 3<&0; exec env LISTEN_FDS=1 LISTEN_PID=$$ WATCHDOG_PID=$$ WATCHDOG_USEC=100000 "$0" "$@""#;
    let mut child = std::process::Command::new("sh");
    child.env_clear().env("PATH", "/usr/bin:/bin").env("NOTIFY_SOCKET", &notify);
    child.arg("-c").arg(script).arg0("sh").arg(env!("CARGO_BIN_EXE_kosync"));
    // This address cannot be bound, and must not be.
    child.arg("--data-dir").arg(dir.path().join("data")).args(["--listen", "192.0.2.1:7200"]);
    child.stdin(Stdio::from(std::os::fd::OwnedFd::from(socket)));
    let mut process = Process::spawn(child);

    let mut message = [0; 100];
    let length = manager.recv(&mut message).unwrap();
    assert_eq!(&message[..length], b"READY=1\n");
    assert_eq!(process.client.address, address);
    assert_eq!(process.client.send("GET", "/healthcheck", &[], None).status, 200);
    for _ in 0..3 {
        let length = manager.recv(&mut message).unwrap();
        assert_eq!(&message[..length], b"WATCHDOG=1\n");
    }
    process.signal(Signal::SIGTERM);
    // Keep reading until then, since the socket fills up otherwise.
    loop {
        let length = manager.recv(&mut message).unwrap();
        match &message[..length] {
            b"WATCHDOG=1\n" => {}
            last => break assert_eq!(last, b"STOPPING=1\n"),
        }
    }
    assert_eq!(process.wait().code(), Some(0));
}

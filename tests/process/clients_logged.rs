//! What the log says of clients that cannot connect or whose pushes are refused.
//!
//! From the field: KOReader prefills `https://`, and a server without TLS said nothing at any level; it cost a reader of another server
//! weeks. A push that is refused is lost without a word.

use std::io::{Read, Write};
use std::net::SocketAddr;

use crate::common::{KEY, connect};
#[cfg(feature = "tls")]
use rcgen::{CertifiedKey, generate_simple_self_signed};

use super::kosync::{Process, command};

/// The beginning of a TLS handshake as OpenSSL sends it: record header, then a ClientHello that is cut short.
const CLIENT_HELLO: &[u8] = b"\x16\x03\x01\x00\xf8\x01\x00\x00\xf4\x03\x03";

/// Sends bytes and returns all that comes back until the server closes.
fn sent(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = connect(address);
    stream.write_all(bytes).unwrap();
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut received = Vec::new();
    // The system may report the end as a reset.
    let _ = stream.read_to_end(&mut received);
    String::from_utf8_lossy(&received).into_owned()
}

/// Stops the server and returns its lines with this text.
fn lines_with(mut process: Process, text: &str) -> Vec<String> {
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    process.all_logged().into_iter().filter(|line| line.contains(text)).collect()
}

#[test]
fn https_typed_for_a_plain_port_is_logged_once_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    for _ in 0..5 {
        sent(process.client.address, CLIENT_HELLO);
    }
    let lines =
        lines_with(process, "TLS handshake on a port without TLS; type http:// instead of https:// in KOReader");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("INFO") && lines[0].contains("client=127.0.0.1"), "{lines:?}");
}

#[cfg(feature = "tls")]
fn with_tls(dir: &std::path::Path) -> Process {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["kosync.test".to_owned()]).unwrap();
    std::fs::write(dir.join("certificate.pem"), cert.pem()).unwrap();
    std::fs::write(dir.join("key.pem"), signing_key.serialize_pem()).unwrap();
    let mut command = command();
    command.arg("--data-dir").arg(dir.join("data")).args(["--listen", "127.0.0.1:0"]);
    command.arg("--tls-certificate").arg(dir.join("certificate.pem")).arg("--tls-key").arg(dir.join("key.pem"));
    Process::spawn(command)
}

#[cfg(feature = "tls")]
#[test]
fn http_typed_for_a_tls_port_is_logged_and_answered() {
    let dir = tempfile::tempdir().unwrap();
    let process = with_tls(dir.path());
    for _ in 0..3 {
        let answer = sent(process.client.address, b"GET /users/auth HTTP/1.1\r\nHost: x\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("https://"), "{answer:?}");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{answer:?}");
    }
    let lines = lines_with(process, "plain HTTP on a port with TLS; type https:// instead of http:// in KOReader");
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines[0].contains("INFO") && lines[0].contains("client=127.0.0.1"), "{lines:?}");
}

#[cfg(feature = "tls")]
#[test]
fn a_failed_handshake_is_logged_with_its_reason() {
    for (bytes, reason) in [
        (CLIENT_HELLO, "the client closed the connection"),
        (b"\x16\x03\x01\x00\x05nonsense", "the client does not speak TLS"),
        // The alert of a client that does not trust the certificate: fatal, unknown CA.
        (b"\x15\x03\x01\x00\x02\x02\x30", "the client does not trust the certificate (TLS alert 48)"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let process = with_tls(dir.path());
        for _ in 0..3 {
            sent(process.client.address, bytes);
        }
        // A client that says nothing is no handshake.
        sent(process.client.address, b"");
        let lines = lines_with(process, "TLS handshake failed");
        assert_eq!(lines.len(), 1, "{reason}: {lines:?}");
        assert!(
            lines[0].contains(&format!("reason=\"{reason}\"")) && lines[0].contains("client=127.0.0.1"),
            "{lines:?}"
        );
    }
}

#[test]
fn a_refused_push_is_a_warning_with_its_reason_once_a_minute() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let client = process.client;
    client.registered("ada", KEY);
    client.send("PUT", "/syncs/progress", &[], Some("{")).unauthorized();
    for (body, status) in [(r#"{"document":"book","progress":"p","device":"d"}"#, 403), ("{", 400), ("[]", 400)] {
        assert_eq!(client.send_as("ada", KEY, "PUT", "/syncs/progress", Some(body)).status, status);
    }
    // Other failures have no such line: the client tries again, or the log has them already, or nobody is known to have sent them.
    sent(client.address, b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{");
    assert_eq!(client.send_as("ada", "wrong", "PUT", "/syncs/progress", Some("{}")).status, 401);
    let lines = lines_with(process, "push refused");
    assert_eq!(lines.len(), 1, "{lines:?}");
    for part in ["WARN", "user=\"ada\"", "client=127.0.0.1", "reason=\"Invalid request\""] {
        assert!(lines[0].contains(part), "{part}: {lines:?}");
    }
}

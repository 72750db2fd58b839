//! The server's TLS handshake, with an answer for clients that speak no TLS.

use std::io;
use std::net::IpAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::handshake_log::HandshakeLog;
use super::stream::TrackedSocket;

/// The response to plain HTTP on a port with TLS.
const NOT_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 56\r\nCache-Control: no-store\r\n\
    Connection: close\r\n\r\n\
    This port speaks TLS. Type https:// instead of http://.\n";

/// Does the server's part of the handshake. Answers plain HTTP with 400 and a hint.
///
/// # Errors
/// Any failure; the log has those that a person can do something about.
pub(super) async fn accept_tls(
    acceptor: TlsAcceptor,
    mut socket: TrackedSocket,
    client: IpAddr,
    timeout: Duration,
    log: &HandshakeLog,
) -> io::Result<Box<TlsStream<TrackedSocket>>> {
    let deadline = Instant::now() + timeout;
    // A client that says nothing, such as a port scanner or a browser that connects in advance, is not worth a line.
    let first = timeout_at(deadline, socket.peek()).await??;
    let first = first.ok_or(io::ErrorKind::UnexpectedEof)?;
    if first.is_ascii_alphabetic() {
        log.plain_on_tls_port(client);
        // Unread bytes would make the system reset the connection, and the client lose the response.
        socket.discard_input();
        timeout_at(deadline, socket.write_all(NOT_TLS)).await??;
        return Err(io::ErrorKind::InvalidData.into());
    }
    let accepted = timeout_at(deadline, acceptor.accept(socket)).await.unwrap_or_else(|elapsed| Err(elapsed.into()));
    accepted.map(Box::new).inspect_err(|error| log.failed(client, &in_words(error)))
}

/// Returns why a handshake failed, in words for people who do not know TLS.
fn in_words(error: &io::Error) -> String {
    use tokio_rustls::rustls::{AlertDescription, Error};
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    // The texts of rustls are names of its types. Alerts have numbers, which one finds in RFC 8446 and on the web.
    match cause {
        Some(Error::AlertReceived(alert)) => {
            let what = match alert {
                AlertDescription::UnknownCA
                | AlertDescription::BadCertificate
                | AlertDescription::CertificateUnknown
                | AlertDescription::UnsupportedCertificate => "the client does not trust the certificate",
                AlertDescription::CertificateExpired => "the certificate has expired by the client's clock",
                AlertDescription::ProtocolVersion => "client and server have no TLS version in common",
                _ => "the client refused the connection",
            };
            format!("{what} (TLS alert {})", u8::from(*alert))
        }
        Some(Error::PeerIncompatible(_)) => "client and server have no TLS version or cipher in common".into(),
        Some(Error::InvalidMessage(_)) => "the client does not speak TLS".into(),
        Some(_) => "the client does not follow the TLS protocol".into(),
        _ if error.kind() == io::ErrorKind::TimedOut => "the client did not finish it in time".into(),
        _ if error.kind() == io::ErrorKind::UnexpectedEof => "the client closed the connection".into(),
        _ => error.to_string(),
    }
}

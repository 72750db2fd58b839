//! TLS handshakes, and log lines for clients that speak TLS with a plain port or plain HTTP with a TLS port.

use std::io;
use std::net::IpAddr;

use crate::log_throttle::{LOG_PERIOD, LogThrottle};
#[cfg(feature = "tls")]
use {
    super::stream::TrackedSocket, std::time::Duration, tokio::io::AsyncWriteExt as _, tokio_rustls::TlsAcceptor,
    tokio_rustls::server::TlsStream,
};

/// First byte of a TLS connection: the content type of a handshake.
const TLS_HANDSHAKE: u8 = 0x16;
/// The response to plain HTTP on a port with TLS.
#[cfg(feature = "tls")]
const NOT_TLS: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 56\r\nConnection: close\r\n\r\n\
    This port speaks TLS. Type https:// instead of http://.\n";

/// Writes one line per client and minute.
pub(super) struct HandshakeLog {
    throttle: LogThrottle<IpAddr>,
}

impl HandshakeLog {
    pub(super) fn new() -> Self {
        Self { throttle: LogThrottle::new(LOG_PERIOD) }
    }

    /// Looks at the first byte of a connection that should be plain HTTP.
    pub(super) fn check_plain(&self, client: IpAddr, first: u8) {
        if first == TLS_HANDSHAKE {
            self.line(client, "TLS handshake on a port without TLS; type http:// instead of https:// in KOReader");
        }
    }

    fn line(&self, client: IpAddr, what: &'static str) {
        if let Some(suppressed) = self.throttle.check(client) {
            tracing::info!(%client, suppressed, "{what}");
        }
    }
}

/// Does the server's part of the handshake. Answers plain HTTP with 400 and a hint; logs each failure.
///
/// # Errors
/// Any failure; the log has it already.
#[cfg(feature = "tls")]
pub(super) async fn accept_tls(
    acceptor: TlsAcceptor,
    mut socket: TrackedSocket,
    client: IpAddr,
    timeout: Duration,
    log: &HandshakeLog,
) -> io::Result<Box<TlsStream<TrackedSocket>>> {
    let handshake = async {
        // A client that closes at once, such as a port scanner, says nothing that helps anybody.
        let Some(first) = socket.peek().await? else { return Ok(Err(io::ErrorKind::UnexpectedEof.into())) };
        if first.is_ascii_alphabetic() {
            log.line(client, "plain HTTP on a port with TLS; type https:// instead of http:// in KOReader");
            // Unread bytes would make the system reset the connection, and the client lose the response.
            socket.discard_input();
            socket.write_all(NOT_TLS).await?;
            return Ok(Err(io::ErrorKind::InvalidData.into()));
        }
        acceptor.accept(socket).await.map(|stream| Ok(Box::new(stream)))
    };
    let ended = tokio::time::timeout(timeout, handshake).await;
    let ended = ended.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    ended.unwrap_or_else(|error| {
        if let Some(suppressed) = log.throttle.check(client) {
            tracing::info!(%client, reason = in_words(&error), suppressed, "TLS handshake failed");
        }
        Err(error)
    })
}

/// Returns why a handshake failed, in words for people who do not know TLS.
#[cfg(feature = "tls")]
fn in_words(error: &io::Error) -> String {
    use tokio_rustls::rustls::{AlertDescription, Error};
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<Error>());
    match cause {
        Some(Error::AlertReceived(
            AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnsupportedCertificate,
        )) => format!("the client does not trust the certificate ({error})"),
        Some(Error::AlertReceived(AlertDescription::CertificateExpired)) => {
            format!("the certificate has expired by the client's clock ({error})")
        }
        Some(Error::PeerIncompatible(_)) => {
            format!("client and server have no TLS version or cipher in common ({error})")
        }
        Some(Error::InvalidMessage(_)) => format!("the client does not speak TLS ({error})"),
        _ if error.kind() == io::ErrorKind::TimedOut => "the client did not finish it in time".into(),
        _ if error.kind() == io::ErrorKind::UnexpectedEof => "the client closed the connection".into(),
        _ => error.to_string(),
    }
}

//! The serve loop: limits per connection, and the graceful stop.

use std::sync::Arc;
use std::time::Duration;

use salvo::Service;
use salvo::fuse::FuseConfig;

use super::acceptor::MultiAcceptor;
use super::listener::Listener;
use crate::error::{Error, Result};

/// Time that requests in flight have to end after the stop signal: 8 s.
///
/// Service managers commonly send SIGKILL after 10 s, and closing the store takes a moment, too.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// Largest request head, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most headers of a request. KOReader sends ten, a browser behind two proxies thirty.
const MAX_HEADERS: usize = 100;

/// Prepares sockets for [`run`], with one time limit for each step of a client: TLS handshake, head, body, reading the response.
///
/// # Errors
/// [`Error::Serve`] if a socket has no local address.
pub(crate) fn accept_from(
    listeners: impl IntoIterator<Item = Listener>,
    client_timeout: Duration,
) -> Result<MultiAcceptor> {
    let limits = FuseConfig::default()
        .with_tls_handshake_timeout(client_timeout)
        .with_http1_header_timeout(client_timeout)
        .with_request_body_timeout(client_timeout)
        .with_write_stall_timeout(client_timeout);
    MultiAcceptor::new(listeners.into_iter().collect(), limits).map_err(|error| Error::Serve(Arc::new(error)))
}

/// Serves until `shutdown` completes, then lets requests in flight end, for [`STOP_TIMEOUT`] at most.
///
/// Without listeners it only waits for `shutdown`.
///
/// # Errors
/// [`Error::Serve`] if a socket fails for good.
pub(crate) async fn run(
    service: Service,
    listeners: MultiAcceptor,
    max_connections: usize,
    shutdown: impl Future,
) -> Result<()> {
    if listeners.is_empty() {
        shutdown.await;
        return Ok(());
    }
    let failed = |error| Error::Serve(Arc::new(error));
    let mut server = salvo::Server::new(listeners).max_connections(max_connections);
    server.http1_mut().max_buf_size(MAX_HEAD_BYTES).max_headers(MAX_HEADERS);
    let handle = server.handle();
    let mut serving = std::pin::pin!(server.try_serve(service));
    tokio::select! {
        ended = &mut serving => return ended.map_err(failed),
        _ = shutdown => handle.stop_graceful(STOP_TIMEOUT),
    }
    serving.await.map_err(failed)
}

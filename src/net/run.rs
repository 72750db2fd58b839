//! The serve loop: accepts connections, serves HTTP/1.1 on each, and stops gracefully.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use rustix::io::Errno;
use salvo::Service;
use salvo::conn::{ConnCtrl, StraightStream, http1};
use salvo::fuse::FuseConfig;
use salvo::http::uri::Scheme;
use salvo::rt::tokio::{TokioIo, TokioTimer};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::acceptor::{Accepted, MultiAcceptor};
use super::client_address::ClientAddress;
use super::connections::{Connection, Connections, Held};
use super::handshake_log::HandshakeLog;
use super::listener::Listener;
use super::service::Tracked;
use super::stream::{RawStream, Stream, TrackedSocket};
#[cfg(feature = "tls")]
use super::{handshake::accept_tls, tls::Tls};
use crate::config::TrustedProxy;
use crate::error::{Error, Result};
use crate::http::client_ip::is_trusted;
use crate::log_throttle::{LOG_PERIOD, LogThrottle};

/// Time that requests in flight have to end after the stop signal: 8 s.
///
/// Service managers commonly send SIGKILL after 10 s, and closing the store takes a moment, too.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(8);
/// Largest request head, in bytes.
const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most headers of a request. KOReader sends ten, a browser behind two proxies thirty.
const MAX_HEADERS: usize = 100;
/// Wait after a failure to accept, before the next try.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// What a serve loop needs beside its service and sockets.
pub(crate) struct ServeOptions {
    pub(crate) connections: Arc<Connections>,
    /// Time limit for each step of a client: TLS handshake, head, body, reading the response.
    pub(crate) client_timeout: Duration,
    /// Peers that stand for many clients, and so have no share of their own.
    pub(crate) trusted_proxies: Vec<TrustedProxy>,
    /// TLS for the TCP listeners.
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<Arc<Tls>>,
}

/// Serves until `shutdown` completes, then lets requests in flight end, for [`STOP_TIMEOUT`] at most.
///
/// Without listeners it only waits for `shutdown`.
///
/// # Errors
/// [`Error::Serve`] if a socket has no local address.
pub(crate) async fn run(
    service: Service,
    listeners: impl IntoIterator<Item = Listener>,
    options: ServeOptions,
    shutdown: impl Future,
) -> Result<()> {
    let listeners = listeners.into_iter().collect();
    let acceptor = MultiAcceptor::new(listeners).map_err(|error| Error::Serve(Arc::new(error)))?;
    if acceptor.is_empty() {
        shutdown.await;
        return Ok(());
    }
    options.connections.limits();
    let (stop, stopped) = watch::channel(());
    let server = Arc::new(ConnectionServer::new(service, options));
    // In a task of its own: this future is commonly polled by the thread that blocks on it, so that each connection would wake that
    // thread, which then wakes another one to serve it. The set ends the task when this future is dropped.
    let mut accepting = JoinSet::new();
    accepting.spawn(server.accept_all(acceptor, stopped));
    let accepted = tokio::select! {
        accepted = accepting.join_next() => accepted,
        _ = shutdown => {
            let _ = stop.send(());
            accepting.join_next().await
        }
    };
    let mut connections = match accepted {
        Some(Ok(connections)) => connections,
        Some(Err(failed)) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => return Ok(()),
        },
        None => return Ok(()),
    };
    let ended = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(STOP_TIMEOUT, ended).await.is_err() {
        tracing::warn!(seconds = STOP_TIMEOUT.as_secs(), "connections closed: requests in flight did not end in time");
    }
    Ok(())
}

/// Serves single connections.
struct ConnectionServer {
    service: Service,
    http1: http1::Builder,
    fuse: FuseConfig,
    handshake_log: Arc<HandshakeLog>,
    options: ServeOptions,
}

impl ConnectionServer {
    fn new(service: Service, options: ServeOptions) -> Self {
        let timeout = options.client_timeout;
        let fuse = FuseConfig::default().with_request_body_timeout(timeout).with_write_stall_timeout(timeout);
        let mut http1 = http1::Builder::new();
        http1
            .timer(TokioTimer::new())
            .header_read_timeout(timeout)
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS);
        // A client that has closed its side after a whole request gets its response; with this, hyper does not look for the end of
        // the connection while an answer is made, so a request that arrived whole is carried out [T10].
        http1.half_close(true);
        Self { service, http1, fuse, handshake_log: Arc::new(HandshakeLog::new()), options }
    }

    /// Accepts connections until the stop signal, and returns the tasks that serve them.
    async fn accept_all(self: Arc<Self>, mut acceptor: MultiAcceptor, mut stopped: watch::Receiver<()>) -> JoinSet<()> {
        let log = LogThrottle::new(LOG_PERIOD);
        let mut connections = JoinSet::new();
        loop {
            // A panic is in the log already.
            while connections.try_join_next().is_some() {}
            let admitted = tokio::select! {
                admitted = self.accept(&mut acceptor, &log) => admitted,
                _ = stopped.changed() => return connections,
            };
            if let Some((accepted, held)) = admitted {
                let (server, stopped) = (self.clone(), stopped.clone());
                connections.spawn(async move { server.serve(accepted, held, stopped).await });
            }
        }
    }

    /// Accepts the next connection and takes it into the table. `None` if there is none to serve.
    async fn accept(&self, acceptor: &mut MultiAcceptor, log: &LogThrottle<()>) -> Option<(Accepted, Held)> {
        let accepted = match acceptor.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                self.recover(&error, log).await;
                return None;
            }
        };
        let network = ClientAddress::new(accepted.remote_addr.ip());
        let has_share =
            network != ClientAddress::Unix && !is_trusted(&accepted.remote_addr, &self.options.trusted_proxies);
        let held = self.options.connections.admit(network, has_share).await?;
        Some((accepted, held))
    }

    /// Makes room after a failure to accept. The failed connection, if there is one, stays in the system's queue.
    async fn recover(&self, error: &io::Error, log: &LogThrottle<()>) {
        let errno = Errno::from_io_error(error);
        if errno == Some(Errno::CONNABORTED) {
            return;
        }
        if let Some(suppressed) = log.check(()) {
            tracing::error!(%error, suppressed, "accepting a connection failed; repeats suppressed for 60 s");
        }
        let lacks_files = matches!(errno, Some(Errno::MFILE | Errno::NFILE));
        if !(lacks_files && self.options.connections.free_a_file().await) {
            tokio::time::sleep(ACCEPT_PAUSE).await;
        }
    }

    async fn serve(&self, accepted: Accepted, held: Held, mut stopped: watch::Receiver<()>) {
        let Accepted { socket, local_addr, remote_addr } = accepted;
        let connection = held.connection();
        let closed = connection.closed();
        let served = async {
            let secured = tokio::select! {
                secured = self.secured(socket, &remote_addr, connection) => secured,
                _ = stopped.changed() => return,
            };
            let Some((stream, scheme)) = secured else { return };
            let ctrl = ConnCtrl::new();
            let stream = StraightStream::new(stream, Some(self.fuse), ctrl.clone(), None);
            let inner = self.service.hyper_handler(local_addr, remote_addr, scheme, Some(self.fuse), ctrl, None);
            let service = Tracked { inner, connection: connection.clone() };
            let mut http = std::pin::pin!(self.http1.serve_connection(TokioIo::new(stream), service));
            // Errors are the client's: it hung up, was too slow, or does not speak HTTP. hyper has answered where it could.
            tokio::select! {
                biased;
                _ = &mut http => {}
                _ = stopped.changed() => {
                    http.as_mut().graceful_shutdown();
                    let _ = http.await;
                }
            }
        };
        tokio::select! {
            biased;
            () = served => {}
            () = closed => {}
        }
    }

    /// Does the TLS handshake, if there is to be one.
    async fn secured(
        &self,
        socket: RawStream,
        remote_addr: &salvo::conn::SocketAddr,
        connection: &Arc<Connection>,
    ) -> Option<(Stream, Scheme)> {
        let client = remote_addr.ip().map(|ip| ip.to_canonical());
        let socket = TrackedSocket { socket, connection: connection.clone(), first_byte: None };
        #[cfg(feature = "tls")]
        if let (Some(tls), Some(client)) = (&self.options.tls, client) {
            let timeout = self.options.client_timeout;
            let accepted = accept_tls(tls.acceptor(), socket, client, timeout, &self.handshake_log).await;
            return Some((Stream::Tls(accepted.ok()?), Scheme::HTTPS));
        }
        let first_byte = client.map(|client| (self.handshake_log.clone(), client));
        Some((Stream::Plain(TrackedSocket { first_byte, ..socket }), Scheme::HTTP))
    }
}

//! Listeners: binds TCP and unix sockets, and accepts from one.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
#[cfg(target_os = "linux")]
use std::os::fd::AsRawFd;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
#[cfg(target_os = "linux")]
use socket2::SockRef;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, UnixListener};

use super::stream::RawStream;
use crate::config::ListenAddr;
use crate::error::{Error, Result};

/// Bytes of a response that the system buffers before the client has room for them.
///
/// The default is some megabytes. A client that reads nothing would have the server make as much for it at once, and hold it in memory.
#[cfg(target_os = "linux")]
const MAX_UNSENT: u32 = 128 << 10;
/// Connections that may wait in the system's queue to be accepted.
const BACKLOG: i32 = 1024;

/// A bound socket to serve on. The caller owns it until it is passed to [`Server::serve`](crate::Server::serve).
#[derive(Debug)]
#[non_exhaustive]
pub enum Listener {
    /// A TCP socket.
    Tcp(TcpListener),
    /// A unix socket. Its file remains when the listener is dropped; the next [`Listener::bind`] removes it.
    Unix(UnixListener),
}

impl From<TcpListener> for Listener {
    fn from(listener: TcpListener) -> Self {
        Self::Tcp(listener)
    }
}

impl From<UnixListener> for Listener {
    fn from(listener: UnixListener) -> Self {
        Self::Unix(listener)
    }
}

impl Listener {
    /// Binds an address. Must be called in a Tokio runtime.
    ///
    /// `[::]` accepts both IP families; on a machine without IPv6 it becomes `0.0.0.0`. The file of a unix socket that no process
    /// listens on any more is replaced.
    ///
    /// # Errors
    /// [`Error::Listen`] with the address and the system's error, such as a port or socket in use.
    pub fn bind(address: &ListenAddr) -> Result<Self> {
        let bound = match address {
            ListenAddr::Tcp(socket) => bind_tcp(*socket).map(Self::Tcp),
            ListenAddr::Unix { path, mode } => bind_unix(path, *mode).map(Self::Unix),
        };
        bound.map_err(|reason| Error::Listen { address: address.to_string(), reason: Arc::new(reason) })
    }

    /// Returns the address that it listens on, with the port that the system chose.
    ///
    /// # Errors
    /// The system's error, if the address cannot be read.
    pub fn local_addr(&self) -> io::Result<ListenAddr> {
        Ok(match self {
            Self::Tcp(listener) => ListenAddr::Tcp(listener.local_addr()?),
            Self::Unix(listener) => {
                let address = listener.local_addr()?;
                let path = address.as_pathname().unwrap_or(Path::new("(unnamed)")).to_owned();
                ListenAddr::Unix { path, mode: None }
            }
        })
    }

    /// Limits what the system buffers for clients that do not read. All connections of the listener inherit that.
    pub(super) fn limit_unsent(&self) {
        #[cfg(target_os = "linux")]
        if let Self::Tcp(listener) = self
            && let Err(error) = SockRef::from(listener).set_tcp_notsent_lowat(MAX_UNSENT)
        {
            tracing::debug!(%error, "the system buffers responses without a limit of ours");
        }
    }

    pub(super) fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(RawStream, salvo::conn::SocketAddr)>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, from) = ready!(listener.poll_accept(cx))?;
                // Without a delay by Nagle's algorithm: a response is one small write. Fails only if the peer is gone.
                let _ = stream.set_nodelay(true);
                Poll::Ready(Ok((RawStream::Tcp(stream), from.into())))
            }
            Self::Unix(listener) => {
                let (stream, from) = ready!(listener.poll_accept(cx))?;
                Poll::Ready(Ok((RawStream::Unix(stream), from.into())))
            }
        }
    }
}

fn bind_tcp(address: SocketAddr) -> io::Result<TcpListener> {
    let bind = |address: SocketAddr| {
        let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
        if address.is_ipv6() {
            socket.set_only_v6(!address.ip().is_unspecified())?;
        }
        // So that a restarted server can bind the port at once.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        #[cfg(target_os = "linux")]
        if let Err(error) = defer_accept(&socket) {
            tracing::debug!(%error, %address, "connections are accepted before they have sent anything");
        }
        TcpListener::from_std(socket.into())
    };
    let no_ipv6 = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
            || error.raw_os_error() == Some(Errno::AFNOSUPPORT.raw_os_error())
    };
    match bind(address) {
        Err(error) if address.is_ipv6() && address.ip().is_unspecified() && no_ipv6(&error) => {
            bind((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    }
}

/// Defers a connection until its client has sent something, or for one second.
///
/// Both HTTP and TLS begin with the client. So the first read finds a request, where it would otherwise wait for one, and a client that
/// is silent takes no memory of this process for that second; it then counts towards the limits on connections. A socket that another
/// process passed on is left as it is: the option would outlive this process.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
#[allow(clippy::cast_possible_truncation, reason = "an integer has few bytes")]
fn defer_accept(socket: &Socket) -> io::Result<()> {
    let seconds: libc::c_int = 1;
    let length = size_of_val(&seconds) as libc::socklen_t;
    // SAFETY: the descriptor is open, and the option's value is one integer that outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const seconds).cast(),
            length,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

fn bind_unix(path: &Path, mode: Option<u32>) -> io::Result<UnixListener> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    if is_socket {
        match std::os::unix::net::UnixStream::connect(path) {
            Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
            // No process listens on it any more.
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => fs::remove_file(path)?,
            Err(error) => return Err(error),
        }
    }
    let listener = UnixListener::bind(path)?;
    if let Some(mode) = mode {
        fs::set_permissions(path, fs::Permissions::from_mode(mode))?;
    }
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::time::Duration;

    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpStream;

    use super::*;

    /// Nagle's algorithm would delay a small response until the previous one is acknowledged.
    #[tokio::test]
    async fn connections_have_tcp_nodelay() {
        let listener = Listener::bind(&"127.0.0.1:0".parse().expect("address")).expect("bind");
        let Ok(ListenAddr::Tcp(address)) = listener.local_addr() else { panic!("no address") };
        let mut client = TcpStream::connect(address).await.expect("connect");
        client.write_all(b"GET").await.expect("sent");
        let (stream, _) = poll_fn(|cx| listener.poll_accept(cx)).await.expect("accept");
        let RawStream::Tcp(stream) = stream else { panic!("no TCP") };
        assert!(stream.nodelay().expect("option"));
    }

    /// A silent client costs nothing for a second. It does not come before one that has sent something.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_connection_is_handed_out_once_its_client_has_sent_something() {
        let listener = Listener::bind(&"127.0.0.1:0".parse().expect("address")).expect("bind");
        let Ok(ListenAddr::Tcp(address)) = listener.local_addr() else { panic!("no address") };
        let mut attempts = 0;
        // More than one: a machine that stops for a second would hand out the silent one first.
        let is_first = loop {
            let silent = TcpStream::connect(address).await.expect("connect");
            let mut other = TcpStream::connect(address).await.expect("connect");
            other.write_all(b"GET").await.expect("sent");
            let (_, from) = poll_fn(|cx| listener.poll_accept(cx)).await.expect("accept");
            let is_first = from.into_std() == Some(other.local_addr().expect("address"));
            attempts += 1;
            if is_first || attempts == 5 {
                break is_first;
            }
            drop(silent);
        };
        assert!(is_first);
    }

    /// Attack 1 of the issue on abuse: sixty clients that read nothing had the server make 200 MiB in the first second.
    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn little_is_buffered_for_a_client_that_does_not_read() {
        const BUFFERED_MAX: usize = 1 << 20;
        let listener = Listener::bind(&"127.0.0.1:0".parse().expect("address")).expect("bind");
        listener.limit_unsent();
        let Ok(ListenAddr::Tcp(address)) = listener.local_addr() else { panic!("no address") };
        let mut client = TcpStream::connect(address).await.expect("connect");
        client.write_all(b"GET").await.expect("sent");
        let (stream, _) = poll_fn(|cx| listener.poll_accept(cx)).await.expect("accept");
        let RawStream::Tcp(stream) = stream else { panic!("no TCP") };
        let mut buffered = 0;
        // Until the system takes no more, which it may at first for a moment only.
        while tokio::time::timeout(Duration::from_millis(200), stream.writable()).await.is_ok() {
            match stream.try_write(&[b'x'; 16 << 10]) {
                Ok(count) => buffered += count,
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::WouldBlock),
            }
            assert!(buffered <= BUFFERED_MAX, "{buffered} bytes");
        }
        assert!(buffered > 0);
    }
}

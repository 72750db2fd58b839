//! Listening: bound sockets, TCP and unix, that Salvo accepts from as one.

use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use salvo::conn::tcp::TcpCoupler;
use salvo::conn::{Accepted, Acceptor, ConnCtrl, Holding, StraightStream};
use salvo::fuse::{ArcFusePolicy, FuseConfig};
use salvo::http::Version;
use salvo::http::uri::Scheme;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

use crate::config::ListenAddr;
use crate::error::{Error, Result};
#[cfg(feature = "tls")]
use {crate::net::tls::Tls, salvo::conn::HandshakeStream, tokio_rustls::server::TlsStream};

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;

/// A bound socket to serve on; the caller owns it until it is given to [`Server::serve`](crate::Server::serve).
#[derive(Debug)]
pub enum Listener {
    /// A TCP socket.
    Tcp(TcpListener),
    /// A unix socket. Its file stays behind; whoever binds next removes it.
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
    /// Binds an address. `[::]` takes both IP families, and on a machine without IPv6 becomes `0.0.0.0`. A unix socket that a
    /// process has left behind is removed; one that somebody listens on is not.
    ///
    /// Must be called in a Tokio runtime.
    ///
    /// # Errors
    /// [`Error::Listen`] with the address and what the system said.
    pub fn bind(address: &ListenAddr) -> Result<Self> {
        let bound = match address {
            ListenAddr::Tcp(socket) => bind_tcp(*socket).map(Self::Tcp),
            ListenAddr::Unix { path, mode } => bind_unix(path, *mode).map(Self::Unix),
        };
        bound.map_err(|reason| Error::Listen { address: address.to_string(), reason: Arc::new(reason) })
    }

    /// Where it listens, with the port that the system chose if that was left open.
    ///
    /// # Errors
    /// What the system says.
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

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(Stream, salvo::conn::SocketAddr)>> {
        match self {
            Self::Tcp(listener) => {
                let (stream, from) = ready!(listener.poll_accept(cx))?;
                // An answer is one small write: do not let it wait for an acknowledgement. It fails only if the peer is gone.
                let _ = stream.set_nodelay(true);
                Poll::Ready(Ok((Stream::Tcp(stream), from.into())))
            }
            Self::Unix(listener) => {
                let (stream, from) = ready!(listener.poll_accept(cx))?;
                Poll::Ready(Ok((Stream::Unix(stream), from.into())))
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
        // The port is free again right after a restart.
        socket.set_reuse_address(true)?;
        socket.set_nonblocking(true)?;
        socket.bind(&address.into())?;
        socket.listen(BACKLOG)?;
        TcpListener::from_std(socket.into())
    };
    let no_ipv6 = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::AddrNotAvailable | io::ErrorKind::Unsupported)
            || Errno::from_io_error(error) == Some(Errno::AFNOSUPPORT)
    };
    match bind(address) {
        Err(error) if address.is_ipv6() && address.ip().is_unspecified() && no_ipv6(&error) => {
            bind((Ipv4Addr::UNSPECIFIED, address.port()).into())
        }
        bound => bound,
    }
}

fn bind_unix(path: &Path, mode: Option<u32>) -> io::Result<UnixListener> {
    let is_socket = fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket());
    if is_socket {
        match std::os::unix::net::UnixStream::connect(path) {
            Ok(_) => return Err(io::ErrorKind::AddrInUse.into()),
            // Nobody listens on it any more.
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

/// All listeners as one of Salvo's acceptors.
pub(crate) struct Listeners {
    listeners: Vec<Listener>,
    holdings: Vec<Holding>,
    fuse: FuseConfig,
    #[cfg(feature = "tls")]
    tls: Option<Arc<Tls>>,
    /// Which one is asked first, so that a busy one does not starve the others.
    first: usize,
}

impl Listeners {
    pub(crate) fn new(listeners: Vec<Listener>, fuse: FuseConfig) -> io::Result<Self> {
        let holding = |listener: &Listener| {
            let local_addr = match listener {
                Listener::Tcp(listener) => listener.local_addr()?.into(),
                Listener::Unix(listener) => listener.local_addr()?.into(),
            };
            Ok(Holding { local_addr, http_versions: vec![Version::HTTP_11], http_scheme: Scheme::HTTP })
        };
        let holdings = listeners.iter().map(holding).collect::<io::Result<_>>()?;
        Ok(Self {
            listeners,
            holdings,
            fuse,
            #[cfg(feature = "tls")]
            tls: None,
            first: 0,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    /// Lets what comes over TCP speak TLS.
    #[cfg(feature = "tls")]
    pub(crate) fn tls(mut self, tls: Option<Arc<Tls>>) -> Self {
        if tls.is_some() {
            let tcp = self.listeners.iter().map(|listener| matches!(listener, Listener::Tcp(_)));
            for (holding, _) in self.holdings.iter_mut().zip(tcp).filter(|(_, tcp)| *tcp) {
                holding.http_scheme = Scheme::HTTPS;
            }
        }
        self.tls = tls;
        self
    }

    /// The handshake is done by whoever serves the connection, and bounded in time there.
    #[cfg(feature = "tls")]
    fn secure(&self, stream: Stream) -> Stream {
        match (stream, &self.tls) {
            (Stream::Tcp(stream), Some(tls)) => {
                let handshake = HandshakeStream::new(tls.acceptor().accept(stream), Some(self.fuse));
                Stream::Tls(Box::new(handshake))
            }
            (stream, _) => stream,
        }
    }

    #[cfg(not(feature = "tls"))]
    fn secure(&self, stream: Stream) -> Stream {
        stream
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(usize, Stream, salvo::conn::SocketAddr)>> {
        let count = self.listeners.len();
        for index in (self.first..count).chain(0..self.first) {
            if let Poll::Ready(accepted) = self.listeners[index].poll_accept(cx) {
                self.first = (index + 1) % count;
                return Poll::Ready(accepted.map(|(stream, from)| (index, stream, from)));
            }
        }
        Poll::Pending
    }
}

impl Acceptor for Listeners {
    type Coupler = TcpCoupler<Self::Stream>;
    type Stream = StraightStream<Stream>;

    fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// The fuse is ours for every connection, so no policy is asked.
    async fn accept(&mut self, _: Option<ArcFusePolicy>) -> io::Result<Accepted<Self::Coupler, Self::Stream>> {
        let (index, stream, remote_addr) = std::future::poll_fn(|cx| self.poll_accept(cx)).await?;
        let conn_ctrl = ConnCtrl::new();
        Ok(Accepted {
            coupler: TcpCoupler::new(),
            stream: StraightStream::new(self.secure(stream), Some(self.fuse), conn_ctrl.clone(), None),
            fuse_config: Some(self.fuse),
            conn_ctrl,
            local_addr: self.holdings[index].local_addr.clone(),
            remote_addr,
            http_scheme: self.holdings[index].http_scheme.clone(),
        })
    }
}

/// A connection of any kind.
pub(crate) enum Stream {
    Tcp(TcpStream),
    Unix(UnixStream),
    #[cfg(feature = "tls")]
    Tls(Box<HandshakeStream<TlsStream<TcpStream>>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Unix(stream) => Pin::new(stream).poll_write(cx, buf),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            Self::Unix(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_write_vectored(cx, bufs),
        }
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_flush(cx),
            Self::Unix(stream) => Pin::new(stream).poll_flush(cx),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Tcp(stream) => Pin::new(stream).poll_shutdown(cx),
            Self::Unix(stream) => Pin::new(stream).poll_shutdown(cx),
            #[cfg(feature = "tls")]
            Self::Tls(stream) => Pin::new(stream).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    /// A small answer must not wait for the acknowledgement of the one before it.
    #[tokio::test]
    async fn connections_have_tcp_nodelay() {
        let listener = Listener::bind(&"127.0.0.1:0".parse().expect("address")).expect("bind");
        let Ok(ListenAddr::Tcp(address)) = listener.local_addr() else { panic!("no address") };
        let _client = TcpStream::connect(address).await.expect("connect");
        let (stream, _) = poll_fn(|cx| listener.poll_accept(cx)).await.expect("accept");
        let Stream::Tcp(stream) = stream else { panic!("no TCP") };
        assert!(stream.nodelay().expect("option"));
    }

    /// A listener that always has somebody waiting does not starve the others.
    #[tokio::test]
    async fn listeners_take_turns() {
        let bind = || Listener::bind(&"127.0.0.1:0".parse().expect("address")).expect("bind");
        let mut listeners = Listeners::new(vec![bind(), bind()], FuseConfig::default()).expect("listeners");
        let mut clients = Vec::new();
        for holding in listeners.holdings() {
            let address = holding.local_addr.clone().into_std().expect("TCP");
            for _ in 0..3 {
                clients.push(TcpStream::connect(address).await.expect("connect"));
            }
        }
        let mut order = Vec::new();
        for _ in 0..6 {
            order.push(poll_fn(|cx| listeners.poll_accept(cx)).await.expect("accept").0);
        }
        assert_eq!(order, [0, 1, 0, 1, 0, 1]);
    }
}

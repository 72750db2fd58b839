//! Accepts connections from several listeners as one acceptor of Salvo, with TLS on TCP.

use std::io;
#[cfg(feature = "tls")]
use std::sync::Arc;
use std::task::{Context, Poll};

use salvo::conn::tcp::TcpCoupler;
use salvo::conn::{Accepted, Acceptor, ConnCtrl, Holding, StraightStream};
use salvo::fuse::{ArcFusePolicy, FuseConfig};
use salvo::http::Version;
use salvo::http::uri::Scheme;

use super::listener::Listener;
use super::stream::Stream;
#[cfg(feature = "tls")]
use {super::tls::Tls, salvo::conn::HandshakeStream};

/// Accepts from all listeners in turn.
pub(crate) struct MultiAcceptor {
    listeners: Vec<Listener>,
    holdings: Vec<Holding>,
    fuse: FuseConfig,
    #[cfg(feature = "tls")]
    tls: Option<Arc<Tls>>,
    /// Index of the listener to poll first, so that a busy one does not starve the others.
    next: usize,
}

impl MultiAcceptor {
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
            next: 0,
        })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    /// Sets TLS for the TCP listeners.
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

    /// Wraps a TCP connection in TLS. The connection's task does the handshake, within the fuse's time limit.
    #[cfg(feature = "tls")]
    fn with_tls(&self, stream: Stream) -> Stream {
        match (stream, &self.tls) {
            (Stream::Tcp(stream), Some(tls)) => {
                let handshake = HandshakeStream::new(tls.acceptor().accept(stream), Some(self.fuse));
                Stream::Tls(Box::new(handshake))
            }
            (stream, _) => stream,
        }
    }

    #[cfg(not(feature = "tls"))]
    fn with_tls(&self, stream: Stream) -> Stream {
        stream
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(usize, Stream, salvo::conn::SocketAddr)>> {
        let count = self.listeners.len();
        for index in (self.next..count).chain(0..self.next) {
            if let Poll::Ready(accepted) = self.listeners[index].poll_accept(cx) {
                self.next = (index + 1) % count;
                return Poll::Ready(accepted.map(|(stream, from)| (index, stream, from)));
            }
        }
        Poll::Pending
    }
}

impl Acceptor for MultiAcceptor {
    type Coupler = TcpCoupler<Self::Stream>;
    type Stream = StraightStream<Stream>;

    fn holdings(&self) -> &[Holding] {
        &self.holdings
    }

    /// Ignores Salvo's fuse policy: all connections have the same fuse.
    async fn accept(&mut self, _: Option<ArcFusePolicy>) -> io::Result<Accepted<Self::Coupler, Self::Stream>> {
        let (index, stream, remote_addr) = std::future::poll_fn(|cx| self.poll_accept(cx)).await?;
        let conn_ctrl = ConnCtrl::new();
        Ok(Accepted {
            coupler: TcpCoupler::new(),
            stream: StraightStream::new(self.with_tls(stream), Some(self.fuse), conn_ctrl.clone(), None),
            fuse_config: Some(self.fuse),
            conn_ctrl,
            local_addr: self.holdings[index].local_addr.clone(),
            remote_addr,
            http_scheme: self.holdings[index].http_scheme.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use tokio::net::TcpStream;

    use super::*;

    #[tokio::test]
    async fn a_busy_listener_does_not_starve_the_others() {
        let bind = || Listener::bind(&"127.0.0.1:0".parse().expect("address")).expect("bind");
        let mut acceptor = MultiAcceptor::new(vec![bind(), bind()], FuseConfig::default()).expect("acceptor");
        let mut clients = Vec::new();
        for holding in acceptor.holdings() {
            let address = holding.local_addr.clone().into_std().expect("TCP");
            for _ in 0..3 {
                clients.push(TcpStream::connect(address).await.expect("connect"));
            }
        }
        let mut order = Vec::new();
        for _ in 0..6 {
            order.push(poll_fn(|cx| acceptor.poll_accept(cx)).await.expect("accept").0);
        }
        assert_eq!(order, [0, 1, 0, 1, 0, 1]);
    }
}

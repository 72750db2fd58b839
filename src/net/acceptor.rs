//! Accepts connections from several listeners in turn.

use std::io;
use std::task::{Context, Poll};

use salvo::conn::SocketAddr;

use super::listener::Listener;
use super::stream::RawStream;

/// Accepts from all listeners in turn.
pub(super) struct MultiAcceptor {
    listeners: Vec<Listener>,
    local_addrs: Vec<SocketAddr>,
    /// Index of the listener to poll first, so that none starves the others.
    next: usize,
}

/// A connection that was accepted. With TLS, its handshake is still to come.
pub(super) struct Accepted {
    pub(super) socket: RawStream,
    pub(super) local_addr: SocketAddr,
    pub(super) remote_addr: SocketAddr,
}

impl MultiAcceptor {
    pub(super) fn new(listeners: Vec<Listener>) -> io::Result<Self> {
        let local_addr = |listener: &Listener| {
            Ok(match listener {
                Listener::Tcp(listener) => listener.local_addr()?.into(),
                Listener::Unix(listener) => listener.local_addr()?.into(),
            })
        };
        listeners.iter().for_each(Listener::limit_unsent);
        let local_addrs = listeners.iter().map(local_addr).collect::<io::Result<_>>()?;
        Ok(Self { listeners, local_addrs, next: 0 })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.listeners.is_empty()
    }

    /// Accepts the next connection.
    pub(super) async fn accept(&mut self) -> io::Result<Accepted> {
        let (index, socket, remote_addr) = std::future::poll_fn(|cx| self.poll_accept(cx)).await?;
        Ok(Accepted { socket, local_addr: self.local_addrs[index].clone(), remote_addr })
    }

    fn poll_accept(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<(usize, RawStream, SocketAddr)>> {
        let count = self.listeners.len();
        for index in (self.next..count).chain(0..self.next) {
            if let Poll::Ready(accepted) = self.listeners[index].poll_accept(cx) {
                self.next = (index + 1) % count;
                return Poll::Ready(accepted.map(|(socket, from)| (index, socket, from)));
            }
        }
        Poll::Pending
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
        let mut acceptor = MultiAcceptor::new(vec![bind(), bind()]).expect("acceptor");
        let mut clients = Vec::new();
        for address in &acceptor.local_addrs {
            let address = address.clone().into_std().expect("TCP");
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

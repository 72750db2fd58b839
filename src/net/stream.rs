//! The stream of a connection, whichever listener accepted it.

use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpStream, UnixStream};
#[cfg(feature = "tls")]
use tokio_rustls::server::TlsStream;

use super::connections::Connection;
use super::handshake_log::HandshakeLog;

/// A connection as a listener accepted it.
pub(super) enum RawStream {
    Tcp(TcpStream),
    Unix(UnixStream),
}

/// A socket whose reads tell the table of connections whether it waits for its peer.
pub(super) struct TrackedSocket {
    pub(super) socket: RawStream,
    pub(super) connection: Arc<Connection>,
    /// Looks at the first byte that comes from this client.
    pub(super) first_byte: Option<(Arc<HandshakeLog>, IpAddr)>,
}

impl TrackedSocket {
    /// Tracks one attempt to read from the peer.
    fn track<T>(&self, polled: Poll<T>) -> Poll<T> {
        match polled {
            Poll::Pending => {
                self.connection.begin_wait();
                Poll::Pending
            }
            // Closed meanwhile: the connection's task has been told, and drops this stream.
            Poll::Ready(_) if !self.connection.end_wait() => Poll::Pending,
            ready => ready,
        }
    }

    /// Returns the first byte and leaves it in the socket; `None` at the end.
    #[cfg(feature = "tls")]
    pub(super) async fn peek(&self) -> io::Result<Option<u8>> {
        let RawStream::Tcp(stream) = &self.socket else { return Ok(None) };
        let mut byte = [0];
        let mut buf = ReadBuf::new(&mut byte);
        let read = std::future::poll_fn(|cx| self.track(stream.poll_peek(cx, &mut buf))).await?;
        Ok((read > 0).then_some(byte[0]))
    }

    /// Drops what has arrived.
    #[cfg(feature = "tls")]
    pub(super) fn discard_input(&self) {
        let RawStream::Tcp(stream) = &self.socket else { return };
        while stream.try_read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
    }
}

impl AsyncRead for TrackedSocket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let polled = match &mut self.socket {
            RawStream::Tcp(stream) => Pin::new(stream).poll_read(cx, buf),
            RawStream::Unix(stream) => Pin::new(stream).poll_read(cx, buf),
        };
        if polled.is_ready()
            && let Some((log, client)) = self.first_byte.take()
            && let Some(byte) = buf.filled().get(before)
        {
            log.check_plain(client, *byte);
        }
        self.track(polled)
    }
}

/// Calls a method of whichever stream there is.
macro_rules! either {
    (RawStream, $from:expr, $stream:ident => $call:expr) => {
        match $from {
            RawStream::Tcp($stream) => $call,
            RawStream::Unix($stream) => $call,
        }
    };
    (Stream, $from:expr, $stream:ident => $call:expr) => {
        match $from {
            Stream::Plain($stream) => $call,
            #[cfg(feature = "tls")]
            Stream::Tls($stream) => $call,
        }
    };
}

impl AsyncWrite for TrackedSocket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(RawStream, &mut self.get_mut().socket, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(RawStream, &mut self.get_mut().socket, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(RawStream, &mut self.get_mut().socket, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(RawStream, &mut self.get_mut().socket, stream => Pin::new(stream).poll_shutdown(cx))
    }
}

/// A connection that speaks HTTP, with or without TLS.
pub(super) enum Stream {
    Plain(TrackedSocket),
    #[cfg(feature = "tls")]
    Tls(Box<TlsStream<TrackedSocket>>),
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(Stream, self.get_mut(), stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        either!(Stream, self.get_mut(), stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        either!(Stream, self.get_mut(), stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(Stream, self.get_mut(), stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(Stream, self.get_mut(), stream => Pin::new(stream).poll_shutdown(cx))
    }
}

//! A client that sends many requests on one connection, as fast as the server answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::client;

pub struct KeptAlive {
    address: SocketAddr,
    stream: Option<BufReader<TcpStream>>,
}

impl KeptAlive {
    pub fn new(address: SocketAddr) -> Self {
        Self { address, stream: None }
    }

    /// Sends a request and returns the status and the time that it took. The status is 0 where the connection ended.
    pub async fn send(&mut self, request: &[u8]) -> (u16, Duration) {
        let start = Instant::now();
        // The requests of `client` ask the server to close.
        let request = String::from_utf8_lossy(request).replace("Connection: close\r\n", "");
        if self.stream.is_none() {
            self.stream = TcpStream::connect(self.address).await.ok().map(BufReader::new);
        }
        let status = match &mut self.stream {
            Some(stream) => exchange(stream, request.as_bytes()).await,
            None => None,
        };
        if status.is_none() {
            self.stream = None;
            // A server that closes every connection must not make this a loop without a pause.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        (status.unwrap_or(0), start.elapsed())
    }
}

/// Sends a request and reads a response that has a length.
pub async fn exchange(stream: &mut BufReader<TcpStream>, request: &[u8]) -> Option<u16> {
    stream.get_mut().write_all(request).await.ok()?;
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let head = head.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().ok()?];
    stream.read_exact(&mut body).await.ok()?;
    client::status(head.as_bytes())
}

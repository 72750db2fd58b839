//! Clients: one request on a connection of its own, as KOReader sends it, and what came of many.

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::LocalSet;

/// The MD5 of `password`.
pub const KEY: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
/// How long a client waits for anything: far longer than a device does, so that the whole wait is seen.
const TIMEOUT: Duration = Duration::from_secs(60);

/// Runs clients on one thread, so that the server has the other cores.
pub fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, work)
}

pub fn push(from: &str, user: &str, document: &str) -> Vec<u8> {
    push_position(from, user, document, "p")
}

/// Returns a push of a position that JSON need not escape.
pub fn push_position(from: &str, user: &str, document: &str, position: &str) -> Vec<u8> {
    let body = format!(
        r#"{{"document":"{document}","progress":"{position}","percentage":0.5,"device":"Kobo_nova","device_id":"A"}}"#
    );
    request("PUT", "/syncs/progress", from, Some((user, KEY)), &body)
}

pub fn get(from: &str, user: &str, path: &str) -> Vec<u8> {
    request("GET", path, from, Some((user, KEY)), "")
}

pub fn login(from: &str, user: &str, key: &str) -> Vec<u8> {
    request("GET", "/users/auth", from, Some((user, key)), "")
}

pub fn register(from: &str, user: &str) -> Vec<u8> {
    let body = format!(r#"{{"username":"{user}","password":"{KEY}"}}"#);
    request("POST", "/users/create", from, None, &body)
}

fn request(method: &str, path: &str, from: &str, login: Option<(&str, &str)>, body: &str) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {from}\r\n");
    if let Some((user, key)) = login {
        head += &format!("x-auth-user: {user}\r\nx-auth-key: {key}\r\n");
    }
    format!("{head}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
}

/// Connects from an address of this machine.
pub async fn connect(source: IpAddr, address: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((source, 0).into())?;
    socket.connect(address).await
}

/// Sends a request and returns the status and the time that it took. The status is 0 if none comes within a minute.
pub async fn send(address: SocketAddr, request: &[u8]) -> (u16, Duration) {
    send_from(address.ip(), address, request).await
}

/// Sends a request from an address of this machine.
pub async fn send_from(source: IpAddr, address: SocketAddr, request: &[u8]) -> (u16, Duration) {
    let start = Instant::now();
    let exchange = async {
        let mut stream = connect(source, address).await.ok()?;
        stream.write_all(request).await.ok()?;
        let mut response = Vec::new();
        stream.read_to_end(&mut response).await.ok()?;
        status(&response)
    };
    let status = tokio::time::timeout(TIMEOUT, exchange).await.ok().flatten().unwrap_or(0);
    (status, start.elapsed())
}

/// Returns the status of a response, of which the first twelve bytes are enough.
pub fn status(response: &[u8]) -> Option<u16> {
    std::str::from_utf8(response.get(9..12)?).ok()?.parse().ok()
}

/// What clients saw: the times of those that were served, and of those that were refused.
#[derive(Default)]
pub struct Seen {
    served: Vec<Duration>,
    refused: Vec<Duration>,
    statuses: BTreeMap<u16, usize>,
}

impl Seen {
    pub fn of(answers: impl IntoIterator<Item = (u16, Duration)>) -> Self {
        let mut seen = Self::default();
        answers.into_iter().for_each(|answer| seen.add(answer));
        seen
    }

    pub fn add(&mut self, (status, took): (u16, Duration)) {
        *self.statuses.entry(status).or_default() += 1;
        if matches!(status, 200 | 201) { &mut self.served } else { &mut self.refused }.push(took);
    }

    /// Returns the number of answers.
    pub fn len(&self) -> usize {
        self.served.len() + self.refused.len()
    }

    pub fn header() {
        println!("| who | served | p50 ms | p99 ms | worst ms | refused | worst ms | statuses |");
        println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    }

    pub fn print(&mut self, who: impl fmt::Display) {
        self.served.sort_unstable();
        self.refused.sort_unstable();
        let at = |times: &[Duration], part: f64| {
            let time = times.get((times.len().saturating_sub(1) as f64 * part) as usize);
            time.map_or("-".to_owned(), |time| format!("{:.1}", time.as_secs_f64() * 1e3))
        };
        println!(
            "| {who} | {} | {} | {} | {} | {} | {} | {:?} |",
            self.served.len(),
            at(&self.served, 0.5),
            at(&self.served, 0.99),
            at(&self.served, 1.0),
            self.refused.len(),
            at(&self.refused, 1.0),
            self.statuses
        );
    }
}

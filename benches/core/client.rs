//! The load generator: KOReader's requests from one thread, on many connections.

use std::cell::RefCell;
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::population::Population;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Get,
    Put,
    /// With eight identifiers.
    PutIdentified,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Get => "GET",
            Kind::Put => "PUT",
            Kind::PutIdentified => "PUT with 8 identifiers",
        })
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Load {
    /// This many connections, kept alive.
    KeepAlive(usize),
    /// A new connection for each request, this many at a time.
    PerRequest(usize),
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Load::KeepAlive(count) => write!(f, "{count}"),
            Load::PerRequest(count) => write!(f, "a new one each, {count} at a time"),
        }
    }
}

pub struct Measurement {
    pub count: usize,
    /// Per second.
    pub rate: f64,
    /// Microseconds.
    pub p50: f64,
    pub p99: f64,
}

/// A cheap random generator with a given seed. So a run of the program sends what the run before sent.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 16).unwrap() % limit
    }
}

/// Measurements so far. Each sends positions of its own: one that its device has pushed before costs another page, that of its old entry.
static MEASUREMENTS: AtomicU64 = AtomicU64::new(0);

pub fn run(address: SocketAddr, population: &Population, kind: Kind, load: Load, time: Duration) -> Measurement {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let times = Rc::new(RefCell::new(Vec::<Duration>::new()));
    let start = Instant::now();
    let (count, keep_alive) = match load {
        Load::KeepAlive(count) => (count, true),
        Load::PerRequest(count) => (count, false),
    };
    let connections = LocalSet::new();
    let measurement = MEASUREMENTS.fetch_add(1, Ordering::Relaxed);
    for number in 0..count {
        let (times, mut random) = (times.clone(), Random::new((measurement << 32) + number as u64 + 1));
        let mut requests = population.requests(kind, keep_alive);
        let connection = async move {
            let mut stream = None;
            let mut buffer = Vec::with_capacity(4096);
            while start.elapsed() < time {
                let sent = Instant::now();
                let mut connected = match stream.take() {
                    Some(stream) => stream,
                    None => TcpStream::connect(address).await.unwrap(),
                };
                connected.set_nodelay(true).unwrap();
                connected.write_all(requests.next(&mut random)).await.unwrap();
                read_response(&mut connected, &mut buffer).await;
                times.borrow_mut().push(sent.elapsed());
                if keep_alive {
                    stream = Some(connected);
                }
            }
        };
        connections.spawn_local(connection);
    }
    runtime.block_on(connections);
    let elapsed = start.elapsed();
    let mut times = Rc::into_inner(times).unwrap().into_inner();
    times.sort_unstable();
    let at = |part: f64| times[((times.len() - 1) as f64 * part) as usize].as_secs_f64() * 1e6;
    Measurement { count: times.len(), rate: times.len() as f64 / elapsed.as_secs_f64(), p50: at(0.5), p99: at(0.99) }
}

/// Reads one response, whose status must be 200.
async fn read_response(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    loop {
        assert!(stream.read_buf(buffer).await.unwrap() > 0, "the server closed: {}", String::from_utf8_lossy(buffer));
        let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = std::str::from_utf8(&buffer[..end]).unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{}", String::from_utf8_lossy(buffer));
        let length = head.split("content-length: ").nth(1).unwrap().split('\r').next().unwrap();
        if buffer.len() >= end + 4 + length.parse::<usize>().unwrap() {
            return;
        }
    }
}

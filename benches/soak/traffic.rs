//! The traffic: well-behaved devices, and clients that are none.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The MD5 of `password`.
const KEY: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
const ACCOUNTS: u64 = 5;
/// Documents of each account: few enough that their histories are full after a few minutes.
const DOCUMENTS: u64 = 20;
const TIMEOUT: Duration = Duration::from_secs(20);

/// Each runs repeatedly, in its own thread.
pub const WORKERS: [fn(&Traffic); 8] =
    [device, device, device, dashboard, short_lived_account, stalling, breaking_off, garbage];

pub struct Traffic {
    address: SocketAddr,
    is_running: AtomicBool,
    number: AtomicU64,
    times: Mutex<Times>,
    failures: Mutex<Vec<String>>,
}

/// Durations of requests in milliseconds, since the last call of [`Traffic::take_times`].
#[derive(Default)]
pub struct Times {
    pub pushes: Vec<f64>,
    pub pulls: Vec<f64>,
    pub logins: Vec<f64>,
}

impl Traffic {
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            is_running: AtomicBool::new(true),
            number: AtomicU64::new(0),
            times: Mutex::default(),
            failures: Mutex::default(),
        }
    }

    pub fn make_accounts(&self) {
        for account in 0..ACCOUNTS {
            self.expect(
                201,
                "POST",
                "/users/create",
                "",
                &format!(r#"{{"username":"reader {account}","password":"{KEY}"}}"#),
            );
        }
    }

    pub fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Relaxed)
    }

    pub fn stop(&self) {
        self.is_running.store(false, Ordering::Relaxed);
    }

    /// Sends what a device sends: a push, a pull, a login.
    pub fn device(&self) {
        device(self);
    }

    pub fn take_times(&self) -> Times {
        std::mem::take(&mut self.times.lock().unwrap())
    }

    /// Returns the first twenty failures.
    pub fn failures(&self) -> Vec<String> {
        self.failures.lock().unwrap().iter().take(20).cloned().collect()
    }

    fn next(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// Sends a request on a new connection, as KOReader does. Returns the status and the duration in milliseconds.
    fn send(&self, method: &str, path: &str, user: &str, body: &str) -> std::io::Result<(u16, f64)> {
        let start = Instant::now();
        let mut stream = self.connect()?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close, TE\r\nTE: trailers\r\nx-auth-user: {user}\r\n\
             x-auth-key: {KEY}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let status = answer.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
        Ok((status, start.elapsed().as_secs_f64() * 1000.0))
    }

    fn connect(&self) -> std::io::Result<TcpStream> {
        let stream = TcpStream::connect(self.address)?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        Ok(stream)
    }

    fn expect(&self, wanted: u16, method: &str, path: &str, user: &str, body: &str) -> f64 {
        match self.send(method, path, user, body) {
            Ok((status, took)) if status == wanted => took,
            other => {
                self.failures.lock().unwrap().push(format!("{method} {path}: {other:?}"));
                0.0
            }
        }
    }
}

fn device(traffic: &Traffic) {
    let number = traffic.next();
    let (user, document) = (format!("reader {}", number % ACCOUNTS), number / ACCOUNTS % DOCUMENTS);
    let body = format!(
        r#"{{"document":"book {document}","progress":"/body/DocFragment[{number}]/p[1]","percentage":0.{:03},"device":"Kobo","device_id":"{}"}}"#,
        number % 1000,
        number % 3
    );
    let push = traffic.expect(200, "PUT", "/syncs/progress", &user, &body);
    let pull = traffic.expect(200, "GET", &format!("/syncs/progress/book%20{document}"), &user, "");
    let login = traffic.expect(200, "GET", "/users/auth", &user, "");
    let mut times = traffic.times.lock().unwrap();
    times.pushes.push(push);
    times.pulls.push(pull);
    times.logins.push(login);
    drop(times);
    thread::sleep(Duration::from_millis(2));
}

fn dashboard(traffic: &Traffic) {
    for path in ["/api/v1/documents", "/api/v1/statistics", "/api/v1/documents/book%200/history", "/login", "/nothing"]
    {
        let wanted = if path == "/nothing" { 404 } else { 200 };
        traffic.expect(wanted, "GET", path, "reader 0", "");
    }
    thread::sleep(Duration::from_millis(500));
}

/// Creates an account, pushes to it, and deletes it with all its data.
fn short_lived_account(traffic: &Traffic) {
    let user = format!("short-lived {}", traffic.next());
    traffic.expect(201, "POST", "/users/create", "", &format!(r#"{{"username":"{user}","password":"{KEY}"}}"#));
    for document in 0..50 {
        let body = format!(r#"{{"document":"{document}","progress":"p","percentage":0.5,"device":"d"}}"#);
        traffic.expect(200, "PUT", "/syncs/progress", &user, &body);
    }
    traffic.expect(200, "DELETE", "/users/me", &user, "");
    thread::sleep(Duration::from_secs(1));
}

/// Sends half a head, half a body, or nothing. Waits until the server's timeout closes the connection.
fn stalling(traffic: &Traffic) {
    let starts: [&[u8]; 3] = [
        b"GET /users/auth HTTP/1.1\r\nHost: x\r\n",
        b"PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"document\"",
        b"",
    ];
    let streams: Vec<_> = starts
        .iter()
        .cycle()
        .take(30)
        .filter_map(|start| {
            let mut stream = traffic.connect().ok()?;
            stream.write_all(start).ok()?;
            Some(stream)
        })
        .collect();
    for mut stream in streams {
        // With or without a response: what matters is that the connection ends.
        let _ = stream.read_to_end(&mut Vec::new());
    }
}

fn breaking_off(traffic: &Traffic) {
    for length in [1, 20, 60, 120] {
        let request = format!(
            "PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nx-auth-user: reader 1\r\nx-auth-key: {KEY}\r\nContent-Length: 90\r\n\r\n{{\"document\":\"x\",\"progress\""
        );
        if let Ok(mut stream) = traffic.connect() {
            let _ = stream.write_all(&request.as_bytes()[..length.min(request.len())]);
        }
    }
    thread::sleep(Duration::from_millis(100));
}

fn garbage(traffic: &Traffic) {
    let number = traffic.next();
    let mut state = number | 1;
    let bytes: Vec<u8> = (0..1000)
        .map(|_| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as u8
        })
        .collect();
    let head = format!(
        "POST /users/create HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        bytes.len()
    );
    for start in [&[][..], head.as_bytes()] {
        if let Ok(mut stream) = traffic.connect() {
            let _ = stream.write_all(&[start, &bytes].concat());
            let _ = stream.read_to_end(&mut Vec::new());
        }
    }
    thread::sleep(Duration::from_millis(100));
}

pub fn percentile(values: &mut [f64], percent: usize) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() * percent / 100).min(values.len().saturating_sub(1))).copied().unwrap_or(0.0)
}

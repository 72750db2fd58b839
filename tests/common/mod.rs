//! What the test binaries share: an HTTP client that writes and reads raw bytes, and a server in the test's process.
#![allow(dead_code, reason = "each test binary uses a part of it")]
#![allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

#[cfg(feature = "statistics")]
pub mod reading;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use kosync::{Builder, Server};
use serde_json::Value;

/// The MD5 of `password`, as KOReader sends it.
pub const KEY: &str = "5f4dcc3b5aa765d61d8327deb882cf99";
/// The MD5 of `test`.
pub const OTHER_KEY: &str = "098f6bcd4621d373cade4e832627b4f6";
/// Longest wait for anything. It only bounds how long a failing test hangs.
pub const TIMEOUT: Duration = Duration::from_secs(60);

/// Returns whether the programs that a test needs are installed. If one is missing, says so, or fails the test if the
/// environment has `variable=required`, as in CI.
pub fn are_installed(programs: &[&str], variable: &str) -> bool {
    let directories: Vec<_> = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()).collect();
    let is_installed = |program: &&str| directories.iter().any(|directory| directory.join(program).exists());
    let missing = programs.iter().find(|program| !is_installed(program));
    missing.is_none_or(|program| skip_unless_required(variable, &format!("`{program}` is not installed")))
}

/// Says that a test is skipped, or fails it if the environment has `variable`. Always returns false.
pub fn skip_unless_required(variable: &str, reason: &str) -> bool {
    assert!(std::env::var_os(variable).is_none(), "{reason}");
    // Written directly: the test harness captures the output of `eprintln!` in tests that pass.
    std::io::stderr().write_all(format!("SKIPPED: {reason}.\n").as_bytes()).unwrap();
    false
}

/// One response, as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub status: u16,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header == name).map(|(_, value)| value.as_str())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// Asserts [T4]: exactly this content type, and a content length.
    #[track_caller]
    pub fn shaped(self) -> Self {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert_eq!(self.header("content-length"), Some(self.body.len().to_string().as_str()), "{self:?}");
        self
    }

    /// Asserts an error with this status, code and message, and no other field.
    #[track_caller]
    pub fn refused(self, status: u16, code: u16, message: &str) {
        let reply = self.shaped();
        assert_eq!(reply.status, status, "{reply:?}");
        assert_eq!(reply.body, serde_json::json!({ "code": code, "message": message }).to_string(), "{reply:?}");
    }

    #[track_caller]
    pub fn unauthorized(self) {
        self.refused(401, 2001, "Unauthorized");
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream.set_write_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// Polls until `poll` returns a value, and fails the test if that takes too long.
#[track_caller]
pub fn wait_until<T>(what: &str, mut poll: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(value) = poll() {
            return value;
        }
        assert!(start.elapsed() < TIMEOUT, "{what}: timed out");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Accepts the next connection, and fails the test if none comes.
#[track_caller]
pub fn accept_connection(listener: &TcpListener) -> TcpStream {
    listener.set_nonblocking(true).unwrap();
    let (stream, _) = wait_until("a connection", || listener.accept().ok());
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    stream
}

/// Reads one response, and leaves the bytes after it. A response to `HEAD` has no body.
pub fn read_reply(stream: &mut impl Read, is_head: bool) -> std::io::Result<Reply> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let mut lines = head.trim_end().split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers: Vec<(String, String)> = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let mut reply = Reply { status, headers, body: String::new() };
    let length = reply.header("content-length").map_or(0, |length| length.parse().unwrap());
    if !is_head {
        let mut body = vec![0; length];
        stream.read_exact(&mut body)?;
        reply.body = String::from_utf8(body).unwrap();
    }
    Ok(reply)
}

/// Sends raw bytes on a new connection, as KOReader does, and reads one response.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = connect(address);
    stream.write_all(request).unwrap();
    read_reply(&mut stream, request.starts_with(b"HEAD ")).unwrap()
}

/// Like [`exchange`], for a server that may not be running.
pub fn exchange_or_error(address: SocketAddr, request: &[u8]) -> std::io::Result<Reply> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(request)?;
    read_reply(&mut stream, false)
}

/// Returns the bytes of a request with `Connection: close`.
pub fn request(method: &str, path: &str, headers: &[(&str, &[u8])], body: Option<&str>) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b": ");
        bytes.extend_from_slice(value);
        bytes.extend_from_slice(b"\r\n");
    }
    if let Some(body) = body {
        bytes.extend_from_slice(format!("Content-Length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend_from_slice(b"Connection: close\r\n\r\n");
    bytes.extend_from_slice(body.unwrap_or_default().as_bytes());
    bytes
}

/// A client of the protocol: the calls that most tests make.
#[derive(Clone, Copy)]
pub struct Client {
    pub address: SocketAddr,
}

impl Client {
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &[u8])], body: Option<&str>) -> Reply {
        exchange(self.address, &request(method, path, headers, body))
    }

    /// Sends a request with the two headers of a login.
    pub fn send_as(&self, user: &str, key: &str, method: &str, path: &str, body: Option<&str>) -> Reply {
        self.send(method, path, &[("x-auth-user", user.as_bytes()), ("x-auth-key", key.as_bytes())], body)
    }

    pub fn register(&self, user: &str, key: &str) -> Reply {
        let body = serde_json::json!({ "username": user, "password": key }).to_string();
        self.send("POST", "/users/create", &[], Some(&body))
    }

    /// Registers an account and asserts that it was created.
    #[track_caller]
    pub fn registered(&self, user: &str, key: &str) {
        let reply = self.register(user, key).shaped();
        assert_eq!(reply.status, 201, "{reply:?}");
    }

    pub fn login(&self, user: &str, key: &str) -> Reply {
        self.send_as(user, key, "GET", "/users/auth", None)
    }

    pub fn push(&self, user: &str, key: &str, body: &Value) -> Reply {
        self.send_as(user, key, "PUT", "/syncs/progress", Some(&body.to_string()))
    }

    /// Pushes a position, asserts that it was stored, and returns the response.
    #[track_caller]
    pub fn pushed(&self, user: &str, key: &str, body: &Value) -> Value {
        let reply = self.push(user, key, body).shaped();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }

    /// Pulls a position. All bytes of the id but letters and digits are percent-encoded in the path.
    pub fn pull(&self, user: &str, key: &str, document: &str) -> Reply {
        self.send_as(user, key, "GET", &format!("/syncs/progress/{}", percent_encoded(document)), None)
    }

    /// Pulls a position, asserts status 200, and returns the response.
    #[track_caller]
    pub fn pulled(&self, user: &str, key: &str, document: &str) -> Value {
        let reply = self.pull(user, key, document).shaped();
        assert_eq!(reply.status, 200, "{reply:?}");
        reply.json()
    }
}

pub fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Returns the body of a push.
pub fn position(document: &str, progress: &str, percentage: f64) -> Value {
    serde_json::json!({
        "document": document, "progress": progress, "percentage": percentage, "device": "Kobo_nova", "device_id": "AAAA",
    })
}

/// A server in this process, with its own port and data directory. It stops when it is dropped.
pub struct Site {
    pub client: Client,
    pub server: Server,
    stop: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    dir: Option<tempfile::TempDir>,
}

impl Site {
    /// Returns all records of an export, with the administrator.
    pub fn exported(&self) -> Vec<kosync::store::Transferred> {
        let (mut records, scratch) = (Vec::new(), tempfile::tempdir().unwrap());
        let keep = |record| {
            records.push(record);
            Ok::<_, kosync::Error>(())
        };
        self.server.store().export(scratch.path(), keep).unwrap();
        records
    }

    pub fn start() -> Self {
        Self::with(|builder| builder)
    }

    pub fn with(settings: impl FnOnce(Builder) -> Builder) -> Self {
        Self::in_dir(tempfile::tempdir().unwrap(), settings)
    }

    /// Stops the server and starts another on the same data.
    pub fn restarted(mut self, settings: impl FnOnce(Builder) -> Builder) -> Self {
        let dir = self.dir.take().unwrap();
        drop(self);
        Self::in_dir(dir, settings)
    }

    /// Stops the server and starts another on its data, restored from a backup.
    pub fn restored(self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let backup = dir.path().join("backup.mdb");
        self.server.store().backup(&backup, false).unwrap();
        drop(self);
        Self::of_backup(&backup)
    }

    /// Starts a server on restored data.
    pub fn of_backup(backup: &Path) -> Self {
        let dir = tempfile::tempdir().unwrap();
        kosync::store::restore_backup(backup, dir.path()).unwrap();
        Self::in_dir(dir, |builder| builder)
    }

    pub fn in_dir(dir: tempfile::TempDir, settings: impl FnOnce(Builder) -> Builder) -> Self {
        let server = settings(Server::builder().data_dir(dir.path())).build().unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel();
        let serving = server.clone();
        let thread = std::thread::spawn(move || {
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(
                async {
                    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                    serving.serve([listener.into()], stopped).await.unwrap();
                },
            );
        });
        Self { client: Client { address }, server, stop: Some(stop), thread: Some(thread), dir: Some(dir) }
    }

    /// Starts one with the account `ada`, whose key is [`KEY`].
    pub fn with_ada() -> Self {
        let site = Self::start();
        site.registered("ada", KEY);
        site
    }
}

impl std::ops::Deref for Site {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().unwrap().join();
        if !std::thread::panicking() {
            ended.expect("the server ended in a panic");
        }
    }
}

/// A Salvo app in this process. It stops when it is dropped.
pub struct Mounted {
    pub address: SocketAddr,
    _runtime: tokio::runtime::Runtime,
}

pub fn serve(app: impl Into<kosync::salvo::Service> + Send + 'static) -> Mounted {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let address = listener.local_addr().unwrap();
    let acceptor = kosync::salvo::conn::tcp::TcpAcceptor::try_from(listener).unwrap();
    runtime.spawn(kosync::salvo::Server::new(acceptor).try_serve(app));
    Mounted { address, _runtime: runtime }
}

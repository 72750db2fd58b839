//! The attacked server: a process of its own, whose memory is watched.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::client::{self, Seen};

/// Raises the soft limit on open files to the hard one: each client of a storm has a connection.
pub fn raise_file_limit() {
    let (_, hard) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, hard, hard).unwrap();
}

/// Returns a directory on the disk of the build: /tmp is in memory on many machines.
pub fn directory() -> tempfile::TempDir {
    tempfile::tempdir_in(Path::new(env!("CARGO_MANIFEST_DIR")).join("target")).unwrap()
}

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    watching: Arc<AtomicBool>,
    peak_kib: Arc<AtomicU64>,
    logged: Arc<AtomicU64>,
    watcher: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(data: &Path) -> Self {
        Self::with(data, &["--log-level", "error"])
    }

    /// Starts a server with more arguments.
    pub fn with(data: &Path, arguments: &[&str]) -> Self {
        let other = std::env::var_os("KOSYNC_BINARY").map(PathBuf::from);
        let mut command = Command::new(other.as_deref().unwrap_or(Path::new(env!("CARGO_BIN_EXE_kosync"))));
        command.env_clear().args(["--listen", "127.0.0.1:0", "--trusted-proxies", "127.0.0.1"]).args(arguments);
        let mut child =
            command.arg("--data-dir").arg(data).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.trim().strip_prefix("http://")?.parse().ok()).unwrap();
        thread::spawn(move || lines.for_each(drop));
        let (logged, log) = (Arc::new(AtomicU64::new(0)), child.stderr.take().unwrap());
        thread::spawn({
            let logged = logged.clone();
            move || count_bytes(log, &logged)
        });
        let (watching, peak_kib) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicU64::new(0)));
        let watcher = thread::spawn({
            let (status, watching, peak_kib) =
                (format!("/proc/{}/status", child.id()), watching.clone(), peak_kib.clone());
            move || {
                while watching.load(Ordering::Relaxed) {
                    peak_kib.fetch_max(anonymous_kib(&status), Ordering::Relaxed);
                    thread::sleep(Duration::from_millis(5));
                }
            }
        });
        Self { child, address, watching, peak_kib, logged, watcher: Some(watcher) }
    }

    /// Runs clients and prints what they saw, and the most anonymous memory of the server.
    pub fn report(&self, is_attacked: bool, clients: impl Future<Output = ()>) {
        self.report_as(if is_attacked { "With the attack" } else { "Without it" }, clients);
    }

    pub fn report_as(&self, title: &str, clients: impl Future<Output = ()>) {
        println!("{title}:\n");
        Seen::header();
        client::run(clients);
        println!("\nPeak of anonymous memory: {:.0} MiB.\n", self.peak_memory());
    }

    /// Returns the most anonymous memory so far, in MiB.
    fn peak_memory(&self) -> f64 {
        self.peak_kib.load(Ordering::Relaxed) as f64 / 1024.0
    }

    /// Resets the peak of memory, so that it leaves out what logins took.
    pub fn forget_peak(&self) {
        self.peak_kib.store(0, Ordering::Relaxed);
    }

    /// Returns the bytes that were logged so far.
    pub fn logged(&self) -> u64 {
        self.logged.load(Ordering::Relaxed)
    }
}

fn count_bytes(mut log: impl Read, count: &AtomicU64) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = log.read(&mut buffer) {
        count.fetch_add(length as u64, Ordering::Relaxed);
    }
}

fn anonymous_kib(status: &str) -> u64 {
    let text = fs::read_to_string(status).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

impl Drop for Server {
    fn drop(&mut self) {
        self.watching.store(false, Ordering::Relaxed);
        self.watcher.take().unwrap().join().unwrap();
        let id = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        self.child.wait().unwrap();
    }
}

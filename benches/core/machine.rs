//! The measured processes, and the machine they run on.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::client::Random;

/// Returns the command of a server. Its quotas are out of reach, so that their counting is measured and nothing is refused or thinned.
fn serve(data_dir: &Path) -> Command {
    serve_with(Path::new(env!("CARGO_BIN_EXE_kosync")), data_dir)
}

fn serve_with(binary: &Path, data_dir: &Path) -> Command {
    let config = data_dir.join("bench.json");
    fs::create_dir_all(data_dir).unwrap();
    fs::write(&config, r#"{ "max_documents": 1000000000, "max_account_bytes": 1000000000000, "min_free_disk": 0 }"#)
        .unwrap();
    let mut command = Command::new(binary);
    command.arg("--config").arg(config).arg("--data-dir").arg(data_dir);
    command.args(["--listen", "127.0.0.1:0", "--log-level", "error"]);
    command
}

/// A server process. Killed when it is dropped.
pub struct Process {
    child: Child,
    address: SocketAddr,
    /// Time from the start of the process to its first response.
    pub ready_after: Duration,
}

impl Process {
    pub fn kosync(data_dir: &Path) -> Self {
        Self::start(serve(data_dir))
    }

    pub fn of_binary(binary: &Path, data_dir: &Path) -> Self {
        Self::start(serve_with(binary, data_dir))
    }

    pub fn without_dashboard(data_dir: &Path) -> Self {
        let mut command = serve(data_dir);
        command.args(["--dashboard", "false"]);
        Self::start(command)
    }

    pub fn with_tls(data_dir: &Path, certificate: &Path, key: &Path) -> Self {
        let mut command = serve(data_dir);
        command.arg("--tls-certificate").arg(certificate).arg("--tls-key").arg(key);
        Self::spawn(command).0
    }

    pub fn bare() -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg("bare");
        Self::start(command)
    }

    fn start(command: Command) -> Self {
        let (mut process, start) = Self::spawn(command);
        let mut stream = TcpStream::connect(process.address).unwrap();
        stream.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).unwrap();
        assert!(response.starts_with("HTTP/1.1 200 "), "{response}");
        process.ready_after = start.elapsed();
        process
    }

    /// Starts the process and waits until it prints its address.
    fn spawn(mut command: Command) -> (Self, Instant) {
        let start = Instant::now();
        let mut child = command.env_clear().stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut addresses = lines.map(Result::unwrap).filter_map(|line| {
            let line = line.trim();
            line.strip_prefix("http://").or_else(|| line.strip_prefix("https://"))?.parse().ok()
        });
        let address = addresses.next().unwrap();
        (Self { child, address, ready_after: start.elapsed() }, start)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    fn proc(&self, file: &str) -> String {
        fs::read_to_string(format!("/proc/{}/{file}", self.child.id())).unwrap()
    }

    /// Returns the processor time of all threads so far.
    pub fn cpu_time(&self) -> Duration {
        let stat = self.proc("stat");
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks: u64 = fields[11..13].iter().map(|field| field.parse::<u64>().unwrap()).sum();
        // Linux reports hundredths of a second on every architecture.
        Duration::from_millis(ticks * 10)
    }

    /// Returns resident and anonymous memory in MiB.
    pub fn memory(&self) -> (f64, f64) {
        let status = self.proc("status");
        let kib = |name: &str| -> f64 {
            let line = status.lines().find(|line| line.starts_with(name)).unwrap();
            line.split_whitespace().nth(1).unwrap().parse().unwrap()
        };
        (kib("VmRSS:") / 1024.0, kib("RssAnon:") / 1024.0)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// Pages of the file for measuring the disk: 64 MiB.
const PAGES: usize = 16 * 1024;
/// Pages that the commit of one push writes: five on the paths to two records, and one of the free list.
const PUSH_PAGES: usize = 6;

/// Returns how many random page writes per second the disk completes. An fdatasync follows each of them.
pub fn disk_rate(dir: &Path) -> f64 {
    writes_per_second(dir, |file, random, page| {
        file.write_all_at(page, random.below(PAGES) as u64 * 4096)?;
        file.sync_data()
    })
}

/// Returns how many times per second the disk completes the writes of one push.
///
/// These are some random pages, an fdatasync, the meta page, and an fdatasync. Pushes that do not share a commit cannot be faster.
pub fn commit_rate(dir: &Path) -> f64 {
    writes_per_second(dir, |file, random, page| {
        for _ in 0..PUSH_PAGES {
            file.write_all_at(page, (1 + random.below(PAGES - 1)) as u64 * 4096)?;
        }
        file.sync_data()?;
        file.write_all_at(&page[..120], 0)?;
        file.sync_data()
    })
}

fn writes_per_second(dir: &Path, write: impl Fn(&File, &mut Random, &[u8]) -> std::io::Result<()>) -> f64 {
    let file = File::create(dir.join("disk")).unwrap();
    file.write_all_at(&vec![1; PAGES * 4096], 0).unwrap();
    file.sync_all().unwrap();
    let (mut random, page) = (Random::new(11), [7; 4096]);
    let (start, mut count) = (Instant::now(), 0_u64);
    while start.elapsed() < Duration::from_secs(3) {
        write(&file, &mut random, &page).unwrap();
        count += 1;
    }
    count as f64 / start.elapsed().as_secs_f64()
}

pub fn describe() -> String {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let cpu = read("/proc/cpuinfo");
    let model = cpu.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1)).unwrap_or("unknown");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{cores} cores of {model}, Linux {}, the client on the same machine", kernel.trim())
}

/// Drops a file from the page cache. Then reads it sequentially, as a backup program does.
pub fn read_from_disk(path: &Path) {
    let mut file = std::fs::File::open(path).unwrap();
    file.sync_all().unwrap();
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
    std::io::copy(&mut file, &mut std::io::sink()).unwrap();
}

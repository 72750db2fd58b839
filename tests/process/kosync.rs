//! Starts the binary, reads what it prints and logs, and ends it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::SocketAddr;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use crate::common::{Client, TIMEOUT, skip_unless_required};

/// The binary, without the settings of the environment.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kosync"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs the binary to its end. A server that starts instead is killed after a while.
pub fn output(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command();
    command.args(arguments).envs(variables.iter().copied());
    run_with_input(command, "")
}

/// Runs a command to its end, with a text on its standard input. If it takes too long, kills it and all its children.
pub fn run_with_input(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().unwrap();
    let _timer = KillTimer::start(&child);
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Kills a process group if its leader takes too long. Dropping the timer stops it.
pub struct KillTimer(Option<Sender<()>>, Option<JoinHandle<()>>);

impl KillTimer {
    pub fn start(leader: &Child) -> Self {
        Self::start_with(leader, TIMEOUT)
    }

    pub fn start_with(leader: &Child, limit: Duration) -> Self {
        let group = Pid::from_raw(leader.id().try_into().unwrap());
        let (dropped, waiting) = channel();
        let thread = thread::spawn(move || {
            if waiting.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                killpg(group, Signal::SIGKILL).unwrap();
            }
        });
        Self(Some(dropped), Some(thread))
    }
}

impl Drop for KillTimer {
    fn drop(&mut self) {
        drop(self.0.take());
        let _ = self.1.take().map(JoinHandle::join);
    }
}

/// Waits for a process to end, and fails if it does not.
#[track_caller]
pub fn wait_for_exit(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > TIMEOUT {
            child.kill().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Reads the lines of a stream in a thread, to its end: a full pipe would stop the writer. The receiver may be dropped.
pub fn read_lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (line, lines) = channel();
    thread::spawn(move || BufReader::new(stream).lines().map_while(Result::ok).for_each(|text| drop(line.send(text))));
    lines
}

/// A running server, killed at the end of the test.
pub struct Process {
    pub client: Client,
    /// What it printed at startup.
    pub banner: Vec<String>,
    child: Child,
    log: Receiver<String>,
}

impl Process {
    /// Starts a server on a data directory and a free port.
    pub fn start(data_dir: &Path) -> Self {
        let mut command = command();
        command.arg("--data-dir").arg(data_dir).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command)
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (printed, log) = (read_lines(child.stdout.take().unwrap()), read_lines(child.stderr.take().unwrap()));
        let client = Client { address: SocketAddr::from(([0, 0, 0, 0], 0)) };
        // From here on it is killed even if the test fails.
        let mut process = Self { client, banner: Vec::new(), child, log };
        while !process.banner.last().is_some_and(|line| line.starts_with("Data directory: ")) {
            match printed.recv_timeout(TIMEOUT) {
                Ok(text) => process.banner.push(text),
                Err(RecvTimeoutError::Disconnected) => panic!("it did not start: {:?}", process.all_logged()),
                Err(RecvTimeoutError::Timeout) => panic!("it does not start: {:?}", process.banner),
            }
        }
        let address = process.banner.iter().find_map(|line| {
            let line = line.trim();
            let address = line.strip_prefix("http://").or_else(|| line.strip_prefix("https://"));
            address.or_else(|| line.strip_prefix("Listening on: "))?.parse().ok()
        });
        process.client.address = address.unwrap_or(process.client.address);
        process
    }

    /// Returns the process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for a line of the log that contains a text, and returns the line.
    #[track_caller]
    pub fn logged(&self, text: &str) -> String {
        loop {
            let line = self.log.recv_timeout(TIMEOUT).unwrap_or_else(|_| panic!("{text:?} is not in the log"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// Returns the rest of the log. The process must have ended.
    pub fn all_logged(&self) -> Vec<String> {
        self.log.iter().collect()
    }

    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        wait_for_exit(&mut self.child)
    }

    /// Sends SIGKILL, which is for a process what a power cut is.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.wait().signal(), Some(9));
    }

    /// Sends SIGTERM. The exit code must be 0, as systemd and container runtimes expect.
    #[track_caller]
    pub fn stop(mut self) {
        self.signal(Signal::SIGTERM);
        assert_eq!(self.wait().code(), Some(0));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One of LMDB's meta pages, the first two pages of its data file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct MetaPage {
    /// The number of the commit that wrote it.
    pub commit: u64,
    /// The length that the file needs, in bytes.
    pub length: u64,
}

/// Reads the newer one of the two meta pages.
pub fn newest_meta_page(data: &Path) -> MetaPage {
    let file = fs::read(data.join("data.mdb")).unwrap();
    const WORD: usize = size_of::<usize>();
    /// Offset of the number of the last page. Before it are 13 words and 32 bytes of other fields; after it is the
    /// number of the commit.
    const LAST_PAGE: usize = 13 * WORD + 32;
    let number = |at: usize| usize::from_ne_bytes(file[at..][..WORD].try_into().unwrap()) as u64;
    let meta_page =
        |at: usize| MetaPage { commit: number(at + LAST_PAGE + WORD), length: (number(at + LAST_PAGE) + 1) * 4096 };
    meta_page(0).max(meta_page(4096))
}

/// Sets a flag that ends threads, also if the test fails. Otherwise, a failed test would wait for them for ever.
pub struct SetOnDrop<'a>(pub &'a AtomicBool);

impl Drop for SetOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Asserts that a command succeeded, and returns its standard output.
#[track_caller]
pub fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Asserts that a command failed with exit code 1, and returns its error.
#[track_caller]
pub fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    single_line(&output.stderr)
}

/// Returns whether this process may create namespaces of a kind, which only root may. They end with the process in them.
pub fn may_unshare(kind: &str) -> bool {
    let possible = Command::new("unshare").args([kind, "--fork", "true"]).stderr(Stdio::null()).status();
    possible.is_ok_and(|status| status.success())
        || skip_unless_required("KOSYNC_TEST_ROOT", "only root may create namespaces")
}

/// A server whose data directory is on a mount of its own. `mount` is a shell command that mounts the directory `$1`.
pub fn on_own_mount(dir: &Path, mount: &str) -> Command {
    let script = format!(r#"{mount} && exec "$2" --data-dir "$1/data" --listen 127.0.0.1:0"#);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script, "sh"]).arg(dir).arg(env!("CARGO_BIN_EXE_kosync"));
    command
}

/// Asserts that an output is one line, and returns it.
#[track_caller]
pub fn single_line(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

/// A document of `ada` in the data file of format 1.
pub const OLD_DOCUMENT: &str = "0b229176d4e8db7f6d2b5a4952368d7a";

/// Creates a data directory with a data file of format 1. In it, `ada` has the key [`KEY`](crate::common::KEY).
pub fn old_data_dir(data: &Path) {
    fs::create_dir_all(data).unwrap();
    let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store/format-1/data.mdb");
    fs::copy(old, data.join("data.mdb")).unwrap();
}

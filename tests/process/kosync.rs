//! Starting the binary, hearing what it says, ending it.

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

use crate::common::{Client, PATIENCE, may_skip};

/// The binary with nothing of the surroundings' settings.
pub fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kosync"));
    command.env_clear().stdin(Stdio::null());
    command
}

/// Runs it to its end: for what fails at the start. One that starts all the same is ended after a while.
pub fn output(arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = command();
    command.args(arguments).envs(variables.iter().copied());
    finished(command, "")
}

/// Runs a command to its end, with a text on its standard input. One that does not end is killed, with all that it has started.
pub fn finished(mut command: Command, input: &str) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn().unwrap();
    let _watch = Watch::over(&child);
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

/// Kills a process that leads a group, with the group, if it takes too long; not once this is dropped.
pub struct Watch(Option<Sender<()>>, Option<JoinHandle<()>>);

impl Watch {
    pub fn over(leader: &Child) -> Self {
        let group = Pid::from_raw(leader.id().try_into().unwrap());
        let (dropped, waiting) = channel();
        let thread = thread::spawn(move || {
            if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
                killpg(group, Signal::SIGKILL).unwrap();
            }
        });
        Self(Some(dropped), Some(thread))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        drop(self.0.take());
        let _ = self.1.take().map(JoinHandle::join);
    }
}

/// How a process ends, which is killed if it does not.
#[track_caller]
pub fn ended(child: &mut Child) -> ExitStatus {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("it does not end");
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// The lines of a stream, read to its end, so that a full pipe never stops who writes; nobody may be listening.
pub fn lines(stream: impl Read + Send + 'static) -> Receiver<String> {
    let (line, lines) = channel();
    thread::spawn(move || BufReader::new(stream).lines().map_while(Result::ok).for_each(|text| drop(line.send(text))));
    lines
}

/// A running server, ended with the test.
pub struct Process {
    pub client: Client,
    /// What it printed at the start.
    pub greeting: Vec<String>,
    child: Child,
    log: Receiver<String>,
}

impl Process {
    /// With a data folder, on a port of its own.
    pub fn start(data_dir: &Path) -> Self {
        let mut command = command();
        command.arg("--data-dir").arg(data_dir).args(["--listen", "127.0.0.1:0"]);
        Self::spawn(command)
    }

    pub fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (printed, log) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        let client = Client { address: SocketAddr::from(([0, 0, 0, 0], 0)) };
        // From here on it is ended with the test.
        let mut process = Self { client, greeting: Vec::new(), child, log };
        while !process.greeting.last().is_some_and(|line| line.starts_with("Data folder: ")) {
            match printed.recv_timeout(PATIENCE) {
                Ok(text) => process.greeting.push(text),
                Err(RecvTimeoutError::Disconnected) => panic!("it did not start: {:?}", process.all_logged()),
                Err(RecvTimeoutError::Timeout) => panic!("it does not start: {:?}", process.greeting),
            }
        }
        let address = process.greeting.iter().find_map(|line| {
            let line = line.trim();
            line.strip_prefix("http://").or_else(|| line.strip_prefix("https://"))?.parse().ok()
        });
        process.client.address = address.unwrap_or(process.client.address);
        process
    }

    /// The number of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    /// Waits until the log has a line with this text, and gives the line.
    #[track_caller]
    pub fn logged(&self, text: &str) -> String {
        loop {
            let line = self.log.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("{text:?} is not in the log"));
            if line.contains(text) {
                return line;
            }
        }
    }

    /// All that the log still has to say; the process must have ended.
    pub fn all_logged(&self) -> Vec<String> {
        self.log.iter().collect()
    }

    #[track_caller]
    pub fn wait(&mut self) -> ExitStatus {
        ended(&mut self.child)
    }

    /// SIGKILL, as a power cut looks to a process.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        assert_eq!(self.wait().signal(), Some(9));
    }

    /// SIGTERM, and what systemd and containers want to see after it.
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

/// What LMDB has written last at the head of its data file.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub struct Head {
    /// The number of its last commit.
    pub commit: u64,
    /// How long the file is to be.
    pub length: u64,
}

/// The newer one of the two heads that there are.
pub fn newest_head(data: &Path) -> Head {
    let file = fs::read(data.join("data.mdb")).unwrap();
    let number = |at: usize| u64::from_ne_bytes(file[at..][..8].try_into().unwrap());
    let head = |at: usize| Head { commit: number(at + 144), length: (number(at + 136) + 1) * 4096 };
    head(0).max(head(4096))
}

/// Tells threads that it is over, also when the test has failed: they would be waited for for ever.
pub struct Over<'a>(pub &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What a command says that has done what it was to do.
#[track_caller]
pub fn done(output: Output) -> String {
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// What a command says that could not.
#[track_caller]
pub fn failed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    one_line(&output.stderr)
}

/// Whether this process may make namespaces of that kind, which end with the process in them: only root may.
pub fn may_unshare(kind: &str) -> bool {
    let possible = Command::new("unshare").args([kind, "--fork", "true"]).stderr(Stdio::null()).status();
    possible.is_ok_and(|status| status.success()) || may_skip("KOSYNC_TEST_ROOT", "only root may make namespaces")
}

/// A server whose data lies on what `mount` makes of the folder `$1`.
pub fn on_own_mount(dir: &Path, mount: &str) -> Command {
    let script = format!(r#"{mount} && exec "$2" --data-dir "$1/data" --listen 127.0.0.1:0"#);
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-c", &script, "sh"]).arg(dir).arg(env!("CARGO_BIN_EXE_kosync"));
    command
}

/// What a process has written, which is to be one line.
pub fn one_line(output: &[u8]) -> String {
    let mut text = String::new();
    let _ = (&mut &output[..]).read_to_string(&mut text);
    assert_eq!(text.lines().count(), 1, "{text}");
    text.trim_end().to_owned()
}

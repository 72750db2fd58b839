//! Starting the binary, hearing what it says, ending it.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use nix::sys::signal::{Signal, kill};
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
    command.args(arguments).envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let id = Pid::from_raw(child.id().try_into().unwrap());
    let (ended, waiting) = channel::<()>();
    let watch = thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            kill(id, Signal::SIGKILL).unwrap();
        }
    });
    let output = child.wait_with_output().unwrap();
    drop(ended);
    watch.join().unwrap();
    output
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
        let (line, log) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        // Read to the end, so that a full pipe never stops the server; nobody may be listening.
        thread::spawn(move || stderr.lines().map_while(Result::ok).for_each(|text| drop(line.send(text))));
        let mut greeting = Vec::new();
        let mut stdout = BufReader::new(child.stdout.take().unwrap()).lines();
        while !greeting.last().is_some_and(|line: &String| line.starts_with("Data folder: ")) {
            match stdout.next() {
                Some(text) => greeting.push(text.unwrap()),
                None => panic!("it did not start: {:?}", log.iter().collect::<Vec<_>>()),
            }
        }
        thread::spawn(move || stdout.for_each(drop));
        let address = greeting.iter().find_map(|line| {
            let line = line.trim();
            line.strip_prefix("http://").or_else(|| line.strip_prefix("https://"))?.parse().ok()
        });
        let client = Client { address: address.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0))) };
        Self { client, greeting, child, log }
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

    pub fn wait(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
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

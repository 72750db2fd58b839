//! The server process, its resource usage, and commands on its data directory.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

const BINARY: &str = env!("CARGO_BIN_EXE_kosync");

pub struct Server {
    child: Child,
    pub address: SocketAddr,
    data: PathBuf,
    /// For backups and exports.
    scratch: PathBuf,
}

/// The resources that the process uses.
pub struct Usage {
    /// Anonymous memory in MiB. LMDB's map is page cache and does not count.
    pub memory: f64,
    pub files: f64,
    pub threads: f64,
    /// Size of the data file in MiB.
    pub store: f64,
}

impl Server {
    pub fn start(dir: &Path) -> Self {
        let (data, scratch, config) = (dir.join("data"), dir.join("scratch"), dir.join("config.json"));
        fs::create_dir(&scratch).unwrap();
        // One address makes an account a second.
        fs::write(&config, r#"{"registrations_per_address":0,"registrations_overall":0}"#).unwrap();
        let mut child = Command::new(BINARY)
            .env_clear()
            .arg("--config")
            .arg(&config)
            .args(["--listen", "127.0.0.1:0", "--log-level", "error", "--data-dir"])
            .arg(&data)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let address = lines.find_map(|line| line.trim().strip_prefix("http://")?.parse().ok()).unwrap();
        thread::spawn(move || lines.for_each(drop));
        Self { child, address, data, scratch }
    }

    pub fn usage(&self) -> Usage {
        let process = PathBuf::from(format!("/proc/{}", self.child.id()));
        let status = fs::read_to_string(process.join("status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse::<f64>().unwrap()
        };
        Usage {
            memory: number("RssAnon:") / 1024.0,
            files: fs::read_dir(process.join("fd")).unwrap().count() as f64,
            threads: number("Threads:"),
            store: fs::metadata(self.data.join("data.mdb")).unwrap().len() as f64 / f64::from(1 << 20),
        }
    }

    pub fn commands(&self) -> Commands {
        Commands { data: self.data.clone(), scratch: self.scratch.clone() }
    }

    pub fn stop(mut self) {
        let id = nix::unistd::Pid::from_raw(self.child.id().try_into().unwrap());
        nix::sys::signal::kill(id, nix::sys::signal::Signal::SIGTERM).unwrap();
        assert!(self.child.wait().unwrap().success());
        Commands { data: self.data.clone(), scratch: self.scratch.clone() }.run_one(&["check"]);
    }
}

/// The command line on the server's data directory.
pub struct Commands {
    data: PathBuf,
    scratch: PathBuf,
}

impl Commands {
    /// Runs all commands in turn, one every five seconds, until `is_running` returns false.
    pub fn run(&self, is_running: impl Fn() -> bool) {
        let path = |name: &str| self.scratch.join(name).to_str().unwrap().to_owned();
        let (backup, export) = (path("backup.mdb"), path("export.jsonl"));
        for command in [
            &["user", "list"][..],
            &["backup", "--force", &backup],
            &["export", "--force", &export],
            &["import", "--dry-run", &export],
            &["import", &export],
            &["check"],
        ]
        .iter()
        .cycle()
        {
            for _ in 0..25 {
                if !is_running() {
                    return;
                }
                thread::sleep(Duration::from_millis(200));
            }
            self.run_one(command);
        }
    }

    pub fn run_one(&self, command: &[&str]) {
        let output = Command::new(BINARY).env_clear().args(command).arg("--data-dir").arg(&self.data).output().unwrap();
        // An import leaves out an account that was deleted and made again since the export.
        let is_done = output.status.success() || command[0] == "import" && output.status.code() == Some(3);
        assert!(is_done, "{command:?}: {output:?}");
    }
}

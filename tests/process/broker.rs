//! A real MQTT broker for tests: Debian's mosquitto, and its own client as the subscriber.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;

use super::kosync::{read_lines, wait_for_exit};
use crate::common::{TIMEOUT, are_installed};

/// A broker for one test. It keeps retained messages in memory only.
pub struct Broker {
    child: Child,
    pub port: u16,
    dir: tempfile::TempDir,
    /// Its configuration, without the port.
    settings: String,
}

impl Broker {
    /// Starts one that accepts anonymous clients; `None` if mosquitto is not installed.
    pub fn start() -> Option<Self> {
        Self::with("allow_anonymous true\n", |_| ())
    }

    /// Starts one with these settings, where `DIR` is the directory that `files` writes to.
    pub fn with(settings: &str, files: impl FnOnce(&Path)) -> Option<Self> {
        if !are_installed(&["mosquitto", "mosquitto_sub", "mosquitto_pub"], "KOSYNC_TEST_BROKER") {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        files(dir.path());
        let settings = settings.replace("DIR", dir.path().to_str().unwrap());
        // Another process may take a free port before mosquitto does.
        let free_port = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let started =
            (0..10).map(|_| free_port()).find_map(|port| Some((Self::run(dir.path(), port, &settings)?, port)));
        let (child, port) = started.expect("mosquitto did not start");
        Some(Self { child, port, dir, settings })
    }

    pub fn run(dir: &Path, port: u16, settings: &str) -> Option<Child> {
        let file = dir.join("mosquitto.conf");
        // Started as root, it would switch to a user that cannot read the directory.
        std::fs::write(&file, format!("user root\nlistener {port} 127.0.0.1\n{settings}")).unwrap();
        let mut child = Command::new("mosquitto")
            .arg("-c")
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = read_lines(child.stderr.take().unwrap());
        if std::iter::from_fn(|| log.recv_timeout(TIMEOUT).ok()).any(|line| line.ends_with(" running")) {
            return Some(child);
        }
        let _ = child.kill();
        wait_for_exit(&mut child);
        None
    }

    /// Returns the path of one of its files.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.dir.path().join(name)
    }

    pub fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    pub fn stop(&mut self) {
        self.signal(Signal::SIGTERM);
        wait_for_exit(&mut self.child);
    }

    pub fn restart(&mut self) {
        self.child = Self::run(self.dir.path(), self.port, &self.settings).expect("mosquitto did not start again");
    }

    /// Publishes with mosquitto's own client.
    pub fn publish(&self, arguments: &[&str]) {
        let status = Command::new("mosquitto_pub").args(["-p", &self.port.to_string()]).args(arguments).status();
        assert!(status.unwrap().success());
    }

    /// Returns all retained messages by topic.
    pub fn retained(&self) -> BTreeMap<String, String> {
        self.publish(&["-t", "test/first", "-r", "-m", "x"]);
        let mut retained = BTreeMap::new();
        Subscriber::start(self.port, &[]).wait_for(|message| {
            if message.retained {
                retained.insert(message.topic.clone(), message.payload.clone());
            }
            // The first message shows that the subscription stands. Retained messages come before later ones.
            if message.topic == "test/first" {
                self.publish(&["-t", "test/last", "-m", "x"]);
            }
            message.topic == "test/last"
        });
        retained.remove("test/first");
        retained
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug, Clone)]
pub struct Message {
    pub retained: bool,
    pub topic: String,
    pub payload: String,
}

impl Message {
    pub fn parse(line: &str) -> Self {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        Self { retained: part() == "1", topic: part(), payload: part() }
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.payload).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub fn is_on(&self, topic_end: &str) -> bool {
        self.topic.ends_with(topic_end)
    }
}

/// A subscriber to all topics.
pub struct Subscriber {
    child: Child,
    /// One line per message.
    messages: Receiver<String>,
}

impl Subscriber {
    pub fn start(port: u16, arguments: &[&str]) -> Self {
        let mut child = Command::new("mosquitto_sub")
            .args(["-p", &port.to_string(), "-t", "#", "-q", "1", "-F", "%r %t %p"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let messages = read_lines(child.stdout.take().unwrap());
        Self { child, messages }
    }

    /// Waits for a message that matches, and drops the others before it.
    #[track_caller]
    pub fn wait_for(&self, mut matches: impl FnMut(&Message) -> bool) -> Message {
        let mut others = Vec::new();
        loop {
            let line = self.messages.recv_timeout(TIMEOUT).unwrap_or_else(|_| panic!("not published: {others:#?}"));
            let message = Message::parse(&line);
            if matches(&message) {
                return message;
            }
            others.push(message);
        }
    }
}

impl Drop for Subscriber {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

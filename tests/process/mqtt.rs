//! What a real broker hears: Debian's mosquitto, listened to by its own client.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::{Value, json};

use super::kosync::{Process, command, ended, lines, output};
use crate::common::{KEY, PATIENCE, accepted, has, position};

/// A broker of its own, without persistence: what it keeps is gone with it.
pub struct Broker {
    child: Child,
    pub port: u16,
    dir: tempfile::TempDir,
    /// What its configuration has besides the port.
    settings: String,
}

impl Broker {
    /// `None` where there is none.
    pub fn start() -> Option<Self> {
        Self::with("allow_anonymous true\n", |_| ())
    }

    /// With more settings, and files that they name in the broker's folder, which is `DIR` there.
    pub fn with(settings: &str, files: impl FnOnce(&Path)) -> Option<Self> {
        if !has(&["mosquitto", "mosquitto_sub", "mosquitto_pub"], "KOSYNC_TEST_BROKER") {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        files(dir.path());
        let settings = settings.replace("DIR", dir.path().to_str().unwrap());
        // Somebody else may take a port that is free now.
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let started = (0..10).map(|_| free()).find_map(|port| Some((Self::run(dir.path(), port, &settings)?, port)));
        let (child, port) = started.expect("mosquitto did not start");
        Some(Self { child, port, dir, settings })
    }

    fn run(dir: &Path, port: u16, settings: &str) -> Option<Child> {
        let file = dir.join("mosquitto.conf");
        // As root it would become another user, who cannot read the folder.
        std::fs::write(&file, format!("user root\nlistener {port} 127.0.0.1\n{settings}")).unwrap();
        let mut child = Command::new("mosquitto")
            .arg("-c")
            .arg(file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = lines(child.stderr.take().unwrap());
        if std::iter::from_fn(|| said.recv_timeout(PATIENCE).ok()).any(|line| line.ends_with(" running")) {
            return Some(child);
        }
        let _ = child.kill();
        ended(&mut child);
        None
    }

    fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
    }

    pub fn stop(&mut self) {
        self.signal(Signal::SIGTERM);
        ended(&mut self.child);
    }

    fn start_again(&mut self) {
        self.child = Self::run(self.dir.path(), self.port, &self.settings).expect("mosquitto did not start again");
    }

    fn say(&self, arguments: &[&str]) {
        let status = Command::new("mosquitto_pub").args(["-p", &self.port.to_string()]).args(arguments).status();
        assert!(status.unwrap().success());
    }

    /// All that it keeps.
    fn kept(&self) -> BTreeMap<String, String> {
        self.say(&["-t", "test/first", "-r", "-m", "x"]);
        let mut kept = BTreeMap::new();
        Ear::at(self.port, &[]).hears(|message| {
            if message.retained {
                kept.insert(message.topic.clone(), message.payload.clone());
            }
            // Whoever hears one has asked for all, and what is kept is sent before what comes in later.
            if message.topic == "test/first" {
                self.say(&["-t", "test/last", "-m", "x"]);
            }
            message.topic == "test/last"
        });
        kept.remove("test/first");
        kept
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
    fn of(line: &str) -> Self {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().unwrap_or_default().to_owned();
        Self { retained: part() == "1", topic: part(), payload: part() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.payload).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn is(&self, topic_end: &str) -> bool {
        self.topic.ends_with(topic_end)
    }
}

/// Somebody who listens to everything.
pub struct Ear {
    child: Child,
    /// Each a line.
    messages: Receiver<String>,
}

impl Ear {
    pub fn at(port: u16, arguments: &[&str]) -> Self {
        let mut child = Command::new("mosquitto_sub")
            .args(["-p", &port.to_string(), "-t", "#", "-q", "1", "-F", "%r %t %p"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let messages = lines(child.stdout.take().unwrap());
        Self { child, messages }
    }

    /// Waits for a message.
    #[track_caller]
    pub fn hears(&self, mut wanted: impl FnMut(&Message) -> bool) -> Message {
        let mut heard = Vec::new();
        loop {
            let line = self.messages.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("not heard; heard: {heard:#?}"));
            let message = Message::of(&line);
            if wanted(&message) {
                return message;
            }
            heard.push(message);
        }
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server that tells a broker.
fn telling(dir: &Path, mqtt: &Value) -> Process {
    let file = dir.join("kosync.json");
    std::fs::write(&file, json!({ "mqtt": mqtt, "data_dir": dir.join("data"), "listen": "127.0.0.1:0" }).to_string())
        .unwrap();
    let mut command = command();
    command.arg("--config").arg(file);
    Process::spawn(command)
}

/// A broker, and a server with a new folder that tells it; `None` where there is no broker.
fn told() -> Option<(Broker, tempfile::TempDir, Process)> {
    let broker = Broker::start()?;
    let dir = tempfile::tempdir().unwrap();
    let process = telling(dir.path(), &at(&broker));
    Some((broker, dir, process))
}

fn at(broker: &Broker) -> Value {
    json!({ "host": "127.0.0.1", "port": broker.port })
}

fn emma(progress: &str, percentage: f64) -> Value {
    let mut body = position("emma", progress, percentage);
    body["metadata"] = json!({ "title": "Emma", "authors": "Jane Austen" });
    body
}

#[test]
fn an_account_is_a_device_with_sensors_and_events() {
    let Some((broker, _dir, process)) = told() else { return };
    let ear = Ear::at(broker.port, &[]);
    let status = ear.hears(|message| message.is("/status"));
    assert_eq!(status.payload, "online");
    let base = status.topic.strip_suffix("/status").unwrap().to_owned();
    let instance = base.strip_prefix("kosync/").unwrap().to_owned();
    assert_eq!(instance.len(), 16);

    process.client.registered("ada", KEY);
    let device = ear.hears(|message| message.is("/config"));
    assert_eq!(device.topic, format!("homeassistant/device/kosync_{instance}/2/config"));
    let config = device.json();
    assert_eq!(config["device"]["name"], "kosync ada");
    assert_eq!(config["origin"]["name"], "kosync");
    assert_eq!(config["availability_topic"], json!(status.topic));
    assert_eq!(config["state_topic"], format!("{base}/2/state"));
    let components = config["components"].as_object().unwrap();
    let kinds: Vec<(&str, &str, &str)> = components
        .values()
        .map(|component| {
            let text = |key: &str| component[key].as_str().unwrap_or_else(|| panic!("{key}: {component}"));
            assert!(text("unique_id").starts_with(&format!("kosync_{instance}_2_")), "{component}");
            (text("platform"), text("name"), component["value_template"].as_str().unwrap_or_default())
        })
        .collect();
    let sensors = [
        ("sensor", "Book", "{{ value_json.book }}"),
        ("sensor", "Device", "{{ value_json.device }}"),
        ("sensor", "Last sync", "{{ value_json.last_sync }}"),
        ("sensor", "Progress", "{{ value_json.percentage }}"),
        ("event", "Reading", ""),
    ];
    assert_eq!(kinds, sensors);
    assert_eq!(components["percentage"]["unit_of_measurement"], "%");
    assert_eq!(components["last_sync"]["device_class"], "timestamp");
    assert_eq!(components["reading"]["event_types"], json!(["progress", "book started", "book finished"]));
    let events = components["reading"]["state_topic"].as_str().unwrap().to_owned();
    assert_eq!(events, format!("{base}/2/event"));
    let empty = ear.hears(|message| message.is("/2/state")).json();
    assert!(empty.as_object().unwrap().values().all(Value::is_null), "nothing is read yet: {empty}");

    let mut told = Vec::new();
    for (place, percentage) in [("1", 0.1), ("2", 0.123_456), ("3", 0.99), ("4", 1.0), ("5", 0.5)] {
        let stored = process.client.pushed("ada", KEY, &emma(place, percentage));
        let state = ear.hears(|message| message.is("/2/state")).json();
        let event = ear.hears(|message| message.topic == events).json();
        for (key, value) in state.as_object().unwrap() {
            assert_eq!(event[key], *value, "{key}");
        }
        assert_eq!((&state["book"], &state["authors"]), (&json!("Emma"), &json!("Jane Austen")));
        assert_eq!((&state["device"], &state["document"]), (&json!("Kobo_nova"), &json!("emma")));
        let time = jiff_seconds(state["last_sync"].as_str().unwrap());
        assert_eq!(time, stored["timestamp"].as_i64().unwrap());
        told.push((event["event_type"].as_str().unwrap().to_owned(), state["percentage"].as_f64().unwrap()));
    }
    let told: Vec<(&str, f64)> = told.iter().map(|(kind, percentage)| (kind.as_str(), *percentage)).collect();
    let expected =
        [("book started", 10.0), ("progress", 12.35), ("book finished", 99.0), ("progress", 100.0), ("progress", 50.0)];
    assert_eq!(told, expected);

    // A title that nobody has sent is not made up.
    process.client.pushed("ada", KEY, &position("0123456789abcdef", "p", 0.2));
    assert_eq!(ear.hears(|message| message.is("/2/state")).json()["book"], "0123456789abcdef");

    // Who comes later finds the state, and no event of the past. `admin` does not read, and so has no device.
    let kept = broker.kept();
    let topics: Vec<&str> = kept.keys().map(String::as_str).collect();
    let device = format!("homeassistant/device/kosync_{instance}/2/config");
    assert_eq!(topics, [device.as_str(), &format!("{base}/2/state"), &format!("{base}/status")]);
    process.stop();
}

/// Seconds since the Unix epoch of a time in RFC 3339, in UTC, by the system's `date`.
fn jiff_seconds(time: &str) -> i64 {
    assert!(time.ends_with('Z'), "{time}");
    let output = Command::new("date").args(["-d", time, "+%s"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn a_server_that_is_gone_is_offline() {
    let Some((broker, dir, process)) = told() else { return };
    let ear = Ear::at(broker.port, &[]);
    let is = |status: &'static str| move |message: &Message| message.is("/status") && message.payload == status;
    ear.hears(is("online"));
    process.kill();
    ear.hears(is("offline"));
    let process = telling(dir.path(), &at(&broker));
    ear.hears(is("online"));
    process.stop();
    ear.hears(is("offline"));
    let kept = broker.kept();
    assert_eq!(kept.values().collect::<Vec<_>>(), ["offline"]);
}

#[test]
fn a_broker_that_comes_back_hears_everything_again() {
    let Some((mut broker, _dir, process)) = told() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    Ear::at(broker.port, &[]).hears(|message| message.is("/2/state") && message.payload.contains("Emma"));
    broker.stop();
    process.logged("no MQTT broker");
    // Nobody who syncs notices.
    process.client.pushed("ada", KEY, &emma("2", 0.2));
    process.client.registered("grace", KEY);
    broker.start_again();
    let ear = Ear::at(broker.port, &[]);
    ear.hears(|message| message.is("/3/config"));
    let kept = broker.kept();
    let of = |end: &str| kept.iter().find(|(topic, _)| topic.ends_with(end)).map(|(_, payload)| payload.as_str());
    assert_eq!(of("/status"), Some("online"));
    assert!(of("/2/state").unwrap().contains("\"percentage\":20.0"), "{kept:#?}");
    assert!(of("/2/config").unwrap().contains("kosync ada") && of("/3/config").unwrap().contains("kosync grace"));
    process.logged("the MQTT broker is told what is read");
    // An event of the time when nobody listened is not told late.
    process.client.pushed("ada", KEY, &emma("3", 0.3));
    let event = ear.hears(|message| message.is("/event"));
    assert_eq!(event.json()["percentage"], 30.0);
    process.stop();
}

#[test]
fn home_assistant_that_starts_hears_everything_again() {
    let Some((broker, _dir, process)) = told() else { return };
    process.client.registered("ada", KEY);
    let ear = Ear::at(broker.port, &[]);
    ear.hears(|message| message.is("/2/state"));
    broker.say(&["-t", "homeassistant/status", "-m", "offline"]);
    broker.say(&["-t", "homeassistant/status", "-m", "online"]);
    ear.hears(|message| message.topic == "homeassistant/status" && message.payload == "online");
    for end in ["/status", "/2/config", "/2/state"] {
        ear.hears(|message| message.is(end) && message.topic != "homeassistant/status" && !message.retained);
    }
    process.stop();
}

#[test]
fn a_deleted_account_disappears_however_it_was_deleted() {
    let Some((broker, dir, process)) = told() else { return };
    let ear = Ear::at(broker.port, &[]);
    ear.hears(|message| message.is("/status"));
    for name in ["ada", "grace", "alan"] {
        process.client.registered(name, KEY);
        process.client.pushed(name, KEY, &emma("1", 0.1));
    }
    ear.hears(|message| message.is("/4/event"));
    let gone = |number: u32| {
        for kind in ["config", "state"] {
            ear.hears(|message| message.is(&format!("/{number}/{kind}")) && message.payload.is_empty());
        }
    };
    // By its owner, over the protocol; by the command line, in another process; and while nobody tells.
    assert_eq!(process.client.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    gone(2);
    let data = dir.path().join("data");
    let delete = |name| {
        let deleted = output(&["user", "delete", name, "--yes", "--data-dir", data.to_str().unwrap()], &[]);
        assert!(deleted.status.success(), "{deleted:?}");
    };
    delete("grace");
    gone(3);
    process.stop();
    delete("alan");
    assert!(broker.kept().keys().any(|topic| topic.ends_with("/4/config")));
    let process = telling(dir.path(), &at(&broker));
    gone(4);
    let kept = broker.kept();
    assert_eq!(kept.values().collect::<Vec<_>>(), ["online"], "{kept:#?}");
    process.stop();
}

/// Home Assistant starts in the moment in which nobody has looked yet who is gone.
#[test]
fn an_account_that_is_gone_when_everything_is_told_anew_disappears_too() {
    let Some((broker, dir, process)) = told() else { return };
    let ear = Ear::at(broker.port, &[]);
    ear.hears(|message| message.is("/status"));
    process.client.registered("ada", KEY);
    ear.hears(|message| message.is("/2/state"));
    let data = dir.path().join("data");
    let deleted = output(&["user", "delete", "ada", "--yes", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(deleted.status.success(), "{deleted:?}");
    broker.say(&["-t", "homeassistant/status", "-m", "online"]);
    for kind in ["config", "state"] {
        ear.hears(|message| message.is(&format!("/2/{kind}")) && message.payload.is_empty());
    }
    process.stop();
}

/// What another process does to the store is seen, though it sends no events.
#[test]
fn what_is_imported_is_told() {
    let Some((broker, dir, process)) = told() else { return };
    let ear = Ear::at(broker.port, &[]);
    ear.hears(|message| message.is("/status"));
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    ear.hears(|message| message.is("/2/event"));
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    let far = i64::from(u32::MAX);
    let document = json!({ "account": "ada", "document": "new", "history": [
        { "progress": "p", "percentage": 0.75, "device": "d", "timestamp": far },
    ] });
    let lines = [
        json!({ "kosync_export": { "format": 1 } }),
        json!({ "document": document }),
        json!({ "end": { "accounts": 0, "documents": 1 } }),
    ];
    std::fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let imported = output(&["import", file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]);
    assert!(imported.status.success(), "{imported:?}");
    ear.hears(|message| message.is("/2/state") && message.payload.contains("75.0"));
    process.stop();
}

#[test]
fn what_is_done_in_the_dashboard_is_told() {
    let Some((broker, _dir, process)) = told() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    process.client.pushed("ada", KEY, &position("other", "1", 0.2));
    let ear = Ear::at(broker.port, &[]);
    let book = |name: &str| drop(ear.hears(|message| message.is("/2/state") && message.json()["book"] == name));
    book("other");
    let name =
        |body: &Value| process.client.send_as("ada", KEY, "PATCH", "/api/v1/documents/other", Some(&body.to_string()));
    assert_eq!(name(&json!({ "name": "Mine" })).status, 200);
    book("Mine");
    assert_eq!(process.client.send_as("ada", KEY, "DELETE", "/api/v1/documents/other", None).status, 200);
    book("Emma");
    process.stop();
}

#[test]
fn a_broker_may_ask_for_a_password() {
    let files = |dir: &Path| {
        let mut passwd = Command::new("mosquitto_passwd");
        let made = passwd.args(["-b", "-c"]).arg(dir.join("passwords")).args(["kosync", "secret"]).status();
        assert!(made.unwrap().success());
    };
    let Some(broker) = Broker::with("allow_anonymous false\npassword_file DIR/passwords\n", files) else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut mqtt = at(&broker);
    let process = telling(dir.path(), &mqtt);
    process.logged("no MQTT broker; it is looked for until there is one reason=it refused our username or password");
    process.stop();

    mqtt["username"] = json!("kosync");
    mqtt["password_file"] = json!(dir.path().join("password"));
    std::fs::write(dir.path().join("password"), "secret\n").unwrap();
    let process = telling(dir.path(), &mqtt);
    let ear = Ear::at(broker.port, &["-u", "kosync", "-P", "secret"]);
    ear.hears(|message| message.is("/status") && message.payload == "online");
    let log = process.logged("the MQTT broker is told what is read");
    assert!(!log.contains("secret"), "{log}");
    process.stop();
}

/// A broker that takes connections and says nothing: who syncs does not notice, and the server stops as ever.
#[test]
fn a_broker_that_says_nothing_is_waited_for_by_nobody() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mqtt = json!({ "host": "127.0.0.1", "port": silent.local_addr().unwrap().port() });
    let process = telling(dir.path(), &mqtt);
    let _connection = accepted(&silent);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    let start = Instant::now();
    process.stop();
    // Whoever sent the signal waits for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// A broker that stands still in the middle takes nothing any more: the queue is full, and the server stops as ever.
#[test]
fn a_broker_that_stands_still_holds_up_neither_pushes_nor_the_stop() {
    let Some((broker, _dir, mut process)) = told() else { return };
    process.logged("the MQTT broker is told what is read");
    process.client.registered("ada", KEY);
    broker.signal(Signal::SIGSTOP);
    for number in 0..400 {
        process.client.pushed("ada", KEY, &emma(&number.to_string(), 0.1));
    }
    let start = Instant::now();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    // Whoever sent the signal waits for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    broker.signal(Signal::SIGCONT);
}

/// It lets everybody in and hangs up: that is no broker that is back.
#[test]
fn a_broker_that_hangs_up_is_not_tried_again_at_once_for_ever() {
    let hanging_up = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = hanging_up.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    let process = telling(dir.path(), &json!({ "host": "127.0.0.1", "port": port }));
    let mut waits = Vec::new();
    let mut last = Instant::now();
    for _ in 0..4 {
        let mut stream = accepted(&hanging_up);
        waits.push(last.elapsed());
        last = Instant::now();
        let _ = std::io::Read::read(&mut stream, &mut [0; 256]);
        // CONNACK: accepted.
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
    }
    // 1 s, 2 s, 4 s: a slow machine makes them longer, none makes them shorter.
    assert!(waits[3] >= Duration::from_secs(4), "{waits:?}");
    let complaint = process.logged("no MQTT broker");
    assert!(complaint.contains("it has broken off the connection"), "{complaint}");
    process.stop();
}

#[cfg(feature = "tls")]
#[test]
fn a_broker_may_speak_tls() {
    let mut authority = rcgen::CertificateParams::new([]).unwrap();
    authority.distinguished_name.push(rcgen::DnType::CommonName, "the authority");
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority = rcgen::CertifiedIssuer::self_signed(authority, rcgen::KeyPair::generate().unwrap()).unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let certificate =
        rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let ca = dir.path().join("ca.pem");
    std::fs::write(&ca, authority.pem()).unwrap();
    let files = |dir: &Path| {
        std::fs::write(dir.join("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    };
    let settings = "allow_anonymous true\ncertfile DIR/cert.pem\nkeyfile DIR/key.pem\n";
    let Some(broker) = Broker::with(settings, files) else { return };
    let mut mqtt = json!({ "host": "localhost", "port": broker.port, "tls": true, "ca_certificate": ca });
    let process = telling(dir.path(), &mqtt);
    let ear = Ear::at(broker.port, &["--cafile", ca.to_str().unwrap(), "-h", "localhost"]);
    ear.hears(|message| message.is("/status") && message.payload == "online");
    process.stop();

    // Another authority than the one that vouches for it.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.path().join("other.pem"), other.cert.pem()).unwrap();
    mqtt["ca_certificate"] = json!(dir.path().join("other.pem"));
    let process = telling(dir.path(), &mqtt);
    let log = process.logged("no MQTT broker");
    assert!(log.contains("certificate"), "{log}");
    process.stop();
}

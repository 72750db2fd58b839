//! What a real broker receives.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::broker::{Broker, Message, Subscriber};
use super::kosync::{Process, command, output};
use crate::common::{KEY, accepted, position};

/// Starts a server that publishes to a broker.
fn publishing(dir: &Path, mqtt: &Value) -> Process {
    let file = dir.join("kosync.json");
    std::fs::write(&file, json!({ "mqtt": mqtt, "data_dir": dir.join("data"), "listen": "127.0.0.1:0" }).to_string())
        .unwrap();
    let mut command = command();
    command.arg("--config").arg(file);
    Process::spawn(command)
}

/// Starts a broker, and a server with a new data directory that publishes to it. `None` if mosquitto is not installed.
fn broker_and_server() -> Option<(Broker, tempfile::TempDir, Process)> {
    let broker = Broker::start()?;
    let dir = tempfile::tempdir().unwrap();
    let process = publishing(dir.path(), &at(&broker));
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
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::at(broker.port, &[]);
    let status = subscriber.receive(|message| message.is("/status"));
    assert_eq!(status.payload, "online");
    let base = status.topic.strip_suffix("/status").unwrap().to_owned();
    let instance = base.strip_prefix("kosync/").unwrap().to_owned();
    assert_eq!(instance.len(), 16);

    process.client.registered("ada", KEY);
    let device = subscriber.receive(|message| message.is("/config"));
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
    let event_topic = components["reading"]["state_topic"].as_str().unwrap().to_owned();
    assert_eq!(event_topic, format!("{base}/2/event"));
    let empty = subscriber.receive(|message| message.is("/2/state")).json();
    assert!(empty.as_object().unwrap().values().all(Value::is_null), "there is no position yet: {empty}");

    let mut events = Vec::new();
    for (place, percentage) in [("1", 0.1), ("2", 0.123_456), ("3", 0.99), ("4", 1.0), ("5", 0.5)] {
        let stored = process.client.pushed("ada", KEY, &emma(place, percentage));
        let state = subscriber.receive(|message| message.is("/2/state")).json();
        let event = subscriber.receive(|message| message.topic == event_topic).json();
        for (key, value) in state.as_object().unwrap() {
            assert_eq!(event[key], *value, "{key}");
        }
        assert_eq!((&state["book"], &state["authors"]), (&json!("Emma"), &json!("Jane Austen")));
        assert_eq!((&state["device"], &state["document"]), (&json!("Kobo_nova"), &json!("emma")));
        let time = unix_seconds(state["last_sync"].as_str().unwrap());
        assert_eq!(time, stored["timestamp"].as_i64().unwrap());
        events.push((event["event_type"].as_str().unwrap().to_owned(), state["percentage"].as_f64().unwrap()));
    }
    let events: Vec<(&str, f64)> = events.iter().map(|(kind, percentage)| (kind.as_str(), *percentage)).collect();
    let expected =
        [("book started", 10.0), ("progress", 12.35), ("book finished", 99.0), ("progress", 100.0), ("progress", 50.0)];
    assert_eq!(events, expected);

    // Without a title the book is called by its document id.
    process.client.pushed("ada", KEY, &position("0123456789abcdef", "p", 0.2));
    assert_eq!(subscriber.receive(|message| message.is("/2/state")).json()["book"], "0123456789abcdef");

    // A later subscriber receives the state, and no past event. `admin` has no position, and so no device.
    let retained = broker.retained();
    let topics: Vec<&str> = retained.keys().map(String::as_str).collect();
    let device = format!("homeassistant/device/kosync_{instance}/2/config");
    assert_eq!(topics, [device.as_str(), &format!("{base}/2/state"), &format!("{base}/status")]);
    process.stop();
}

/// Parses a time in RFC 3339 and UTC with the system's `date`, into seconds since the Unix epoch.
fn unix_seconds(time: &str) -> i64 {
    assert!(time.ends_with('Z'), "{time}");
    let output = Command::new("date").args(["-d", time, "+%s"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn a_killed_or_stopped_server_is_offline() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::at(broker.port, &[]);
    let is = |status: &'static str| move |message: &Message| message.is("/status") && message.payload == status;
    subscriber.receive(is("online"));
    process.kill();
    subscriber.receive(is("offline"));
    let process = publishing(dir.path(), &at(&broker));
    subscriber.receive(is("online"));
    process.stop();
    subscriber.receive(is("offline"));
    let retained = broker.retained();
    assert_eq!(retained.values().collect::<Vec<_>>(), ["offline"]);
}

#[test]
fn a_broker_that_restarts_receives_the_whole_state() {
    let Some((mut broker, _dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    Subscriber::at(broker.port, &[]).receive(|message| message.is("/2/state") && message.payload.contains("Emma"));
    broker.stop();
    process.logged("no MQTT broker");
    // Syncing works meanwhile.
    process.client.pushed("ada", KEY, &emma("2", 0.2));
    process.client.registered("grace", KEY);
    broker.start_again();
    let subscriber = Subscriber::at(broker.port, &[]);
    subscriber.receive(|message| message.is("/3/config"));
    let retained = broker.retained();
    let of = |end: &str| retained.iter().find(|(topic, _)| topic.ends_with(end)).map(|(_, payload)| payload.as_str());
    assert_eq!(of("/status"), Some("online"));
    assert!(of("/2/state").unwrap().contains("\"percentage\":20.0"), "{retained:#?}");
    assert!(of("/2/config").unwrap().contains("kosync ada") && of("/3/config").unwrap().contains("kosync grace"));
    process.logged("the MQTT broker is told what is read");
    // Events from the time without a broker are not published later.
    process.client.pushed("ada", KEY, &emma("3", 0.3));
    let event = subscriber.receive(|message| message.is("/event"));
    assert_eq!(event.json()["percentage"], 30.0);
    process.stop();
}

#[test]
fn home_assistant_receives_the_whole_state_when_it_starts() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    let subscriber = Subscriber::at(broker.port, &[]);
    subscriber.receive(|message| message.is("/2/state"));
    broker.publish(&["-t", "homeassistant/status", "-m", "offline"]);
    broker.publish(&["-t", "homeassistant/status", "-m", "online"]);
    subscriber.receive(|message| message.topic == "homeassistant/status" && message.payload == "online");
    for end in ["/status", "/2/config", "/2/state"] {
        subscriber.receive(|message| message.is(end) && message.topic != "homeassistant/status" && !message.retained);
    }
    process.stop();
}

#[test]
fn a_deleted_account_disappears_however_it_was_deleted() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::at(broker.port, &[]);
    subscriber.receive(|message| message.is("/status"));
    for name in ["ada", "grace", "alan"] {
        process.client.registered(name, KEY);
        process.client.pushed(name, KEY, &emma("1", 0.1));
    }
    subscriber.receive(|message| message.is("/4/event"));
    let gone = |number: u32| {
        for kind in ["config", "state"] {
            subscriber.receive(|message| message.is(&format!("/{number}/{kind}")) && message.payload.is_empty());
        }
    };
    // By its owner over the protocol, by a command in another process, and while no server runs.
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
    assert!(broker.retained().keys().any(|topic| topic.ends_with("/4/config")));
    let process = publishing(dir.path(), &at(&broker));
    gone(4);
    let retained = broker.retained();
    assert_eq!(retained.values().collect::<Vec<_>>(), ["online"], "{retained:#?}");
    process.stop();
}

/// Home Assistant starts before the server has noticed the deletion.
#[test]
fn a_deleted_account_disappears_when_the_whole_state_is_published_again() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::at(broker.port, &[]);
    subscriber.receive(|message| message.is("/status"));
    process.client.registered("ada", KEY);
    subscriber.receive(|message| message.is("/2/state"));
    let data = dir.path().join("data");
    let deleted = output(&["user", "delete", "ada", "--yes", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(deleted.status.success(), "{deleted:?}");
    broker.publish(&["-t", "homeassistant/status", "-m", "online"]);
    for kind in ["config", "state"] {
        subscriber.receive(|message| message.is(&format!("/2/{kind}")) && message.payload.is_empty());
    }
    process.stop();
}

/// Another process sends no events, so the server must notice the change in the store.
#[test]
fn imported_positions_are_published() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::at(broker.port, &[]);
    subscriber.receive(|message| message.is("/status"));
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    subscriber.receive(|message| message.is("/2/event"));
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
    subscriber.receive(|message| message.is("/2/state") && message.payload.contains("75.0"));
    process.stop();
}

#[test]
fn renamed_and_deleted_documents_are_published() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    process.client.pushed("ada", KEY, &position("other", "1", 0.2));
    let subscriber = Subscriber::at(broker.port, &[]);
    let book =
        |name: &str| drop(subscriber.receive(|message| message.is("/2/state") && message.json()["book"] == name));
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
fn a_broker_may_require_a_password() {
    let files = |dir: &Path| {
        let mut passwd = Command::new("mosquitto_passwd");
        let made = passwd.args(["-b", "-c"]).arg(dir.join("passwords")).args(["kosync", "secret"]).status();
        assert!(made.unwrap().success());
    };
    let Some(broker) = Broker::with("allow_anonymous false\npassword_file DIR/passwords\n", files) else { return };
    let dir = tempfile::tempdir().unwrap();
    let mut mqtt = at(&broker);
    let process = publishing(dir.path(), &mqtt);
    process.logged("no MQTT broker; it is looked for until there is one reason=it refused our username or password");
    process.stop();

    mqtt["username"] = json!("kosync");
    mqtt["password_file"] = json!(dir.path().join("password"));
    std::fs::write(dir.path().join("password"), "secret\n").unwrap();
    let process = publishing(dir.path(), &mqtt);
    let subscriber = Subscriber::at(broker.port, &["-u", "kosync", "-P", "secret"]);
    subscriber.receive(|message| message.is("/status") && message.payload == "online");
    let log = process.logged("the MQTT broker is told what is read");
    assert!(!log.contains("secret"), "{log}");
    process.stop();
}

#[test]
fn a_silent_broker_delays_neither_syncs_nor_the_stop() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mqtt = json!({ "host": "127.0.0.1", "port": silent.local_addr().unwrap().port() });
    let process = publishing(dir.path(), &mqtt);
    let _connection = accepted(&silent);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    let start = Instant::now();
    process.stop();
    // Container runtimes wait for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// A broker that stops reading fills the queue.
#[test]
fn a_stalled_broker_delays_neither_syncs_nor_the_stop() {
    let Some((broker, _dir, mut process)) = broker_and_server() else { return };
    process.logged("the MQTT broker is told what is read");
    process.client.registered("ada", KEY);
    broker.signal(Signal::SIGSTOP);
    for number in 0..400 {
        process.client.pushed("ada", KEY, &emma(&number.to_string(), 0.1));
    }
    let start = Instant::now();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    // Container runtimes wait for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    broker.signal(Signal::SIGCONT);
}

/// It accepts each connection and closes it.
#[test]
fn a_broker_that_closes_each_connection_is_retried_with_growing_delays() {
    let closing = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = closing.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    let process = publishing(dir.path(), &json!({ "host": "127.0.0.1", "port": port }));
    let mut waits = Vec::new();
    let mut last = Instant::now();
    for _ in 0..4 {
        let mut stream = accepted(&closing);
        waits.push(last.elapsed());
        last = Instant::now();
        let _ = std::io::Read::read(&mut stream, &mut [0; 256]);
        // CONNACK: accepted.
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
    }
    // 1 s, 2 s, 4 s. A slow machine makes them longer, never shorter.
    assert!(waits[3] >= Duration::from_secs(4), "{waits:?}");
    let complaint = process.logged("no MQTT broker");
    assert!(complaint.contains("it has broken off the connection"), "{complaint}");
    process.stop();
}

#[cfg(feature = "tls")]
#[test]
fn a_broker_may_require_tls() {
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
    let process = publishing(dir.path(), &mqtt);
    let subscriber = Subscriber::at(broker.port, &["--cafile", ca.to_str().unwrap(), "-h", "localhost"]);
    subscriber.receive(|message| message.is("/status") && message.payload == "online");
    process.stop();

    // Another authority than the one that signed its certificate.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.path().join("other.pem"), other.cert.pem()).unwrap();
    mqtt["ca_certificate"] = json!(dir.path().join("other.pem"));
    let process = publishing(dir.path(), &mqtt);
    let log = process.logged("no MQTT broker");
    assert!(log.contains("certificate"), "{log}");
    process.stop();
}

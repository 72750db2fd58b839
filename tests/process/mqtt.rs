//! MQTT with a real broker: what is published, when, and what is taken away again.

use std::io::Write;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::broker::{Broker, Message, Subscriber};
use super::kosync::{Process, command, output};
use crate::common::{KEY, accept_connection, position};

/// Starts a server that publishes to a broker.
pub fn start_publishing(dir: &Path, mqtt: &Value) -> Process {
    start_publishing_in(dir, mqtt, "en")
}

fn start_publishing_in(dir: &Path, mqtt: &Value, language: &str) -> Process {
    let file = dir.join("kosync.json");
    let data_dir = dir.join("data");
    let settings = json!({ "mqtt": mqtt, "data_dir": data_dir, "listen": "127.0.0.1:0", "language": language });
    std::fs::write(&file, settings.to_string()).unwrap();
    let mut command = command();
    command.arg("--config").arg(file);
    Process::spawn(command)
}

/// Starts a broker, and a server that publishes to it. The server has a new data directory. Returns `None` if mosquitto
/// is not installed.
pub fn broker_and_server() -> Option<(Broker, tempfile::TempDir, Process)> {
    let broker = Broker::start()?;
    let dir = tempfile::tempdir().unwrap();
    let process = start_publishing(dir.path(), &mqtt_settings(&broker));
    Some((broker, dir, process))
}

/// The settings of the key `mqtt` for a broker.
pub fn mqtt_settings(broker: &Broker) -> Value {
    json!({ "host": "127.0.0.1", "port": broker.port })
}

pub fn emma(progress: &str, percentage: f64) -> Value {
    let mut body = position("emma", progress, percentage);
    body["metadata"] = json!({ "title": "Emma", "authors": "Jane Austen" });
    body
}

/// Another language renames an entity, and its history and dashboards stay. Home Assistant knows it by its unique id.
#[test]
fn another_language_renames_the_entities_and_changes_nothing_else() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("p", 0.1));
    let english = subscriber.wait_for(|message| message.is_on("/2/config"));
    let state = subscriber.wait_for(|message| message.is_on("/2/state")).json();
    process.stop();
    let process = start_publishing_in(dir.path(), &mqtt_settings(&broker), "de");
    let is_german = |message: &Message| message.is_on("/2/config") && message.payload.contains("\"Buch\"");
    let german = subscriber.wait_for(is_german);
    assert_eq!(german.topic, english.topic);
    let (german, english) = (german.json(), english.json());
    let names = |config: &Value| {
        let components = config["components"].as_object().unwrap().values();
        components.map(|component| component["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let expected = [
        "Buch",
        "Tage in Folge",
        "Gerät",
        "Dieses Jahr beendet",
        "Angefangen",
        "Letzte Synchronisierung",
        "Fortschritt",
        "Lesen",
        "Liest gerade",
    ];
    assert_eq!(names(&german), expected);
    for (key, component) in english["components"].as_object().unwrap() {
        for field in ["unique_id", "platform", "value_template", "state_topic", "event_types", "device_class"] {
            assert_eq!(german["components"][key].get(field), component.get(field), "{key}: {field}");
        }
    }
    for field in ["state_topic", "availability_topic", "origin"] {
        assert_eq!(german[field], english[field], "{field}");
    }
    let retained = broker.retained();
    let (_, kept) = retained.iter().find(|(topic, _)| topic.ends_with("/2/state")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(kept).unwrap()["book"], state["book"]);
    process.stop();
}

#[test]
fn an_account_is_a_device_with_sensors_and_events() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    let status = subscriber.wait_for(|message| message.is_on("/status"));
    assert_eq!(status.payload, "online");
    let base = status.topic.strip_suffix("/status").unwrap().to_owned();
    let instance = base.strip_prefix("kosync/").unwrap().to_owned();
    assert_eq!(instance.len(), 16);

    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &position("first", "p", 0.1));
    let device = subscriber.wait_for(|message| message.is_on("/config"));
    assert_eq!(device.topic, format!("homeassistant/device/kosync_{instance}/2/config"));
    let config = device.json();
    assert_eq!(config["device"]["name"], "kosync ada");
    let origin = json!({
        "name": "kosync", "sw_version": env!("CARGO_PKG_VERSION"), "support_url": "https://github.com/kosync/kosync",
    });
    assert_eq!(config["origin"], origin);
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
        ("sensor", "Days in a row", "{{ value_json.days_in_a_row }}"),
        ("sensor", "Device", "{{ value_json.device }}"),
        ("sensor", "Finished this year", "{{ value_json.finished_this_year }}"),
        ("sensor", "In progress", "{{ value_json.in_progress }}"),
        ("sensor", "Last sync", "{{ value_json.last_sync }}"),
        ("sensor", "Progress", "{{ value_json.percentage }}"),
        ("event", "Reading", ""),
        ("binary_sensor", "Reading now", "{{ 'ON' if value_json.reading else 'OFF' }}"),
    ];
    assert_eq!(kinds, sensors);
    assert_eq!(components["percentage"]["unit_of_measurement"], "%");
    assert_eq!(components["last_sync"]["device_class"], "timestamp");
    assert_eq!(components["reading"]["event_types"], json!(["progress", "book_started", "book_finished"]));
    let events = components["reading"]["state_topic"].as_str().unwrap().to_owned();
    assert_eq!(events, format!("{base}/2/event"));
    let first = subscriber.wait_for(|message| message.topic == events).json();
    assert_eq!((&first["event_type"], &first["document"]), (&json!("book_started"), &json!("first")));

    let mut events_seen = Vec::new();
    for (progress, percentage) in [("1", 0.1), ("2", 0.123_456), ("3", 0.99), ("4", 1.0), ("5", 0.5)] {
        let stored = process.client.pushed("ada", KEY, &emma(progress, percentage));
        let mut state = json!(null);
        let event = subscriber.wait_for(|message| {
            if message.is_on("/2/state") {
                state = message.json();
            }
            message.topic == events
        });
        let event = event.json();
        for (key, value) in state.as_object().unwrap() {
            assert_eq!(event[key], *value, "{key}");
        }
        assert_eq!((&state["book"], &state["authors"]), (&json!("Emma"), &json!("Jane Austen")));
        assert_eq!((&state["device"], &state["document"]), (&json!("Kobo_nova"), &json!("emma")));
        let time = unix_seconds(state["last_sync"].as_str().unwrap());
        assert_eq!(time, stored["timestamp"].as_i64().unwrap());
        events_seen.push((event["event_type"].as_str().unwrap().to_owned(), state["percentage"].as_f64().unwrap()));
    }
    let events_seen: Vec<(&str, f64)> = events_seen.iter().map(|(kind, percent)| (kind.as_str(), *percent)).collect();
    let expected =
        [("book_started", 10.0), ("progress", 12.35), ("book_finished", 99.0), ("progress", 100.0), ("progress", 50.0)];
    assert_eq!(events_seen, expected);

    // Without a title, the book is shown by its document id.
    process.client.pushed("ada", KEY, &position("0123456789abcdef", "p", 0.2));
    assert_eq!(subscriber.wait_for(|message| message.is_on("/2/state")).json()["book"], "0123456789abcdef");

    // A later subscriber gets the state, and no past event. `admin` has no documents, and so no device.
    let retained = broker.retained();
    let topics: Vec<&str> = retained.keys().map(String::as_str).collect();
    let device = format!("homeassistant/device/kosync_{instance}/2/config");
    assert_eq!(topics, [device.as_str(), &format!("{base}/2/state"), &format!("{base}/status")]);
    process.stop();
}

/// Converts an RFC 3339 time in UTC to Unix seconds, with the system's `date`.
fn unix_seconds(time: &str) -> i64 {
    assert!(time.ends_with('Z'), "{time}");
    let output = Command::new("date").args(["-d", time, "+%s"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

#[test]
fn a_killed_or_stopped_server_is_offline() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    let is = |status: &'static str| move |message: &Message| message.is_on("/status") && message.payload == status;
    subscriber.wait_for(is("online"));
    process.kill();
    subscriber.wait_for(is("offline"));
    let process = start_publishing(dir.path(), &mqtt_settings(&broker));
    subscriber.wait_for(is("online"));
    process.stop();
    subscriber.wait_for(is("offline"));
    let retained = broker.retained();
    assert_eq!(retained.values().collect::<Vec<_>>(), ["offline"]);
}

#[test]
fn everything_is_published_again_when_the_broker_returns() {
    let Some((mut broker, _dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    Subscriber::start(broker.port, &[])
        .wait_for(|message| message.is_on("/2/state") && message.payload.contains("Emma"));
    broker.stop();
    process.logged("MQTT broker unavailable");
    // Syncs go on without the broker.
    process.client.pushed("ada", KEY, &emma("2", 0.2));
    process.client.registered("grace", KEY);
    process.client.pushed("grace", KEY, &emma("1", 0.1));
    broker.restart();
    let subscriber = Subscriber::start(broker.port, &[]);
    subscriber.wait_for(|message| message.is_on("/3/config"));
    let retained = broker.retained();
    let ending_with =
        |end: &str| retained.iter().find(|(topic, _)| topic.ends_with(end)).map(|(_, payload)| payload.as_str());
    assert_eq!(ending_with("/status"), Some("online"));
    assert!(ending_with("/2/state").unwrap().contains("\"percentage\":20.0"), "{retained:#?}");
    assert!(
        ending_with("/2/config").unwrap().contains("kosync ada")
            && ending_with("/3/config").unwrap().contains("kosync grace")
    );
    process.logged("MQTT broker connected");
    // Events of the time without the broker are not published late.
    process.client.pushed("ada", KEY, &emma("3", 0.3));
    let event = subscriber.wait_for(|message| message.is_on("/event"));
    assert_eq!(event.json()["percentage"], 30.0);
    process.stop();
}

#[test]
fn everything_is_published_again_when_home_assistant_starts() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    let subscriber = Subscriber::start(broker.port, &[]);
    subscriber.wait_for(|message| message.is_on("/2/state"));
    broker.publish(&["-t", "homeassistant/status", "-m", "offline"]);
    broker.publish(&["-t", "homeassistant/status", "-m", "online"]);
    subscriber.wait_for(|message| message.topic == "homeassistant/status" && message.payload == "online");
    for end in ["/status", "/2/config", "/2/state"] {
        subscriber
            .wait_for(|message| message.is_on(end) && message.topic != "homeassistant/status" && !message.retained);
    }
    process.stop();
}

#[test]
fn the_device_of_a_deleted_account_is_removed_however_it_was_deleted() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    subscriber.wait_for(|message| message.is_on("/status"));
    for name in ["ada", "grace", "alan"] {
        process.client.registered(name, KEY);
        process.client.pushed(name, KEY, &emma("1", 0.1));
    }
    subscriber.wait_for(|message| message.is_on("/4/event"));
    let wait_for_removal = |number: u32| {
        for kind in ["config", "state"] {
            subscriber.wait_for(|message| message.is_on(&format!("/{number}/{kind}")) && message.payload.is_empty());
        }
    };
    // By its owner over the protocol; by the command line, in another process; and while no server runs.
    assert_eq!(process.client.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    wait_for_removal(2);
    let data = dir.path().join("data");
    let delete = |name| {
        let deleted = output(&["user", "delete", name, "--yes", "--data-dir", data.to_str().unwrap()], &[]);
        assert!(deleted.status.success(), "{deleted:?}");
    };
    delete("grace");
    wait_for_removal(3);
    process.stop();
    delete("alan");
    assert!(broker.retained().keys().any(|topic| topic.ends_with("/4/config")));
    let process = start_publishing(dir.path(), &mqtt_settings(&broker));
    wait_for_removal(4);
    let retained = broker.retained();
    assert_eq!(retained.values().collect::<Vec<_>>(), ["online"], "{retained:#?}");
    process.stop();
}

/// Home Assistant starts after another process deleted the account. The next poll has not noticed that yet.
#[test]
fn republishing_everything_removes_the_devices_of_deleted_accounts() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    subscriber.wait_for(|message| message.is_on("/status"));
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    subscriber.wait_for(|message| message.is_on("/2/event"));
    let data = dir.path().join("data");
    let deleted = output(&["user", "delete", "ada", "--yes", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(deleted.status.success(), "{deleted:?}");
    broker.publish(&["-t", "homeassistant/status", "-m", "online"]);
    for kind in ["config", "state"] {
        subscriber.wait_for(|message| message.is_on(&format!("/2/{kind}")) && message.payload.is_empty());
    }
    process.stop();
}

/// An import is another process, which sends no events.
#[test]
fn imported_positions_are_published() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    subscriber.wait_for(|message| message.is_on("/status"));
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    subscriber.wait_for(|message| message.is_on("/2/event"));
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
    let imported =
        output(&["import", file.to_str().unwrap(), "--merge", "ada", "--data-dir", data.to_str().unwrap()], &[]);
    assert!(imported.status.success(), "{imported:?}");
    subscriber.wait_for(|message| message.is_on("/2/state") && message.payload.contains("75.0"));
    process.stop();
}

/// Issue 15, attack 6: each anonymous registration made a device with five entities, and a retained topic.
#[test]
fn an_account_has_a_device_from_its_first_push_on_and_keeps_it() {
    let Some((broker, dir, process)) = broker_and_server() else { return };
    let subscriber = Subscriber::start(broker.port, &[]);
    subscriber.wait_for(|message| message.is_on("/status"));
    for number in 0..10 {
        process.client.registered(&format!("stranger{number}"), KEY);
    }
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    subscriber.wait_for(|message| message.is_on("/12/event"));
    let devices = || -> Vec<String> {
        broker.retained().into_keys().filter(|topic| topic.starts_with("homeassistant/device/")).collect()
    };
    let device = devices();
    assert!(device.len() == 1 && device[0].ends_with("/12/config"), "{device:?}");

    // It stays when the last document is deleted, also after a restart of the server.
    assert_eq!(process.client.send_as("ada", KEY, "DELETE", "/api/v1/documents/emma", None).status, 200);
    let is_empty = |message: &Message| message.is_on("/12/state") && message.json()["book"].is_null();
    subscriber.wait_for(is_empty);
    process.stop();
    // A device from a version that made one for each account goes, since its account was never used.
    let stale = device[0].replace("/12/config", "/3/config");
    broker.publish(&["-t", &stale, "-r", "-m", "{}"]);
    let process = start_publishing(dir.path(), &mqtt_settings(&broker));
    let (mut is_removed, mut is_published) = (false, false);
    subscriber.wait_for(|message| {
        is_removed |= message.topic == stale && message.payload.is_empty();
        is_published |= message.topic == device[0] && !message.payload.is_empty();
        is_removed && is_published
    });
    assert_eq!(devices(), device);
    process.client.pushed("ada", KEY, &emma("2", 0.2));
    subscriber.wait_for(|message| message.is_on("/12/event"));
    assert_eq!(devices(), device);
    process.stop();
}

#[test]
fn renaming_and_deleting_the_current_book_is_published() {
    let Some((broker, _dir, process)) = broker_and_server() else { return };
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    process.client.pushed("ada", KEY, &position("other", "1", 0.2));
    let subscriber = Subscriber::start(broker.port, &[]);
    let book =
        |name: &str| drop(subscriber.wait_for(|message| message.is_on("/2/state") && message.json()["book"] == name));
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
    let mut mqtt = mqtt_settings(&broker);
    let process = start_publishing(dir.path(), &mqtt);
    process.logged(
        "MQTT broker unavailable, retrying; repeats suppressed reason=the broker refused the username or password",
    );
    process.stop();

    mqtt["username"] = json!("kosync");
    mqtt["password_file"] = json!(dir.path().join("password"));
    std::fs::write(dir.path().join("password"), "secret\n").unwrap();
    let process = start_publishing(dir.path(), &mqtt);
    let subscriber = Subscriber::start(broker.port, &["-u", "kosync", "-P", "secret"]);
    subscriber.wait_for(|message| message.is_on("/status") && message.payload == "online");
    let log = process.logged("MQTT broker connected");
    assert!(!log.contains("secret"), "{log}");
    process.stop();
}

#[test]
fn a_broker_that_never_answers_delays_neither_syncs_nor_the_stop() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let mqtt = json!({ "host": "127.0.0.1", "port": silent.local_addr().unwrap().port() });
    let process = start_publishing(dir.path(), &mqtt);
    let _connection = accept_connection(&silent);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &emma("1", 0.1));
    let start = Instant::now();
    process.stop();
    // systemd and containers wait for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

/// A stopped broker accepts no more messages, so the queue fills up.
#[test]
fn a_broker_that_stops_reading_delays_neither_syncs_nor_the_stop() {
    let Some((broker, _dir, mut process)) = broker_and_server() else { return };
    process.logged("MQTT broker connected");
    process.client.registered("ada", KEY);
    broker.signal(Signal::SIGSTOP);
    for number in 0..400 {
        process.client.pushed("ada", KEY, &emma(&number.to_string(), 0.1));
    }
    let start = Instant::now();
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    // systemd and containers wait for ten seconds.
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
    broker.signal(Signal::SIGCONT);
}

/// Such a broker accepts each connection, which must not reset the delay.
#[test]
fn the_delay_grows_for_a_broker_that_closes_every_connection() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let dir = tempfile::tempdir().unwrap();
    let process = start_publishing(dir.path(), &json!({ "host": "127.0.0.1", "port": port }));
    let mut delays = Vec::new();
    let mut last = Instant::now();
    for _ in 0..4 {
        let mut stream = accept_connection(&listener);
        delays.push(last.elapsed());
        last = Instant::now();
        let _ = std::io::Read::read(&mut stream, &mut [0; 256]);
        // CONNACK: accepted.
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
    }
    // 1 s, 2 s, 4 s. A slow machine makes them longer, never shorter.
    assert!(delays[3] >= Duration::from_secs(4), "{delays:?}");
    let log = process.logged("MQTT broker unavailable");
    assert!(log.contains("the broker closed the connection"), "{log}");
    process.stop();
}

#[cfg(feature = "tls")]
#[test]
fn the_broker_is_verified_over_tls() {
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
    let process = start_publishing(dir.path(), &mqtt);
    let subscriber = Subscriber::start(broker.port, &["--cafile", ca.to_str().unwrap(), "-h", "localhost"]);
    subscriber.wait_for(|message| message.is_on("/status") && message.payload == "online");
    process.stop();

    // An authority that did not sign the broker's certificate.
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(dir.path().join("other.pem"), other.cert.pem()).unwrap();
    mqtt["ca_certificate"] = json!(dir.path().join("other.pem"));
    let process = start_publishing(dir.path(), &mqtt);
    let log = process.logged("MQTT broker unavailable");
    assert!(log.contains("certificate"), "{log}");
    process.stop();
}

//! The binary as a Home Assistant app: its settings are the app's options, and the Supervisor supplies the rest.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::kosync::{Process, command, output, single_line, wait_for_exit};
use crate::common::{Client, KEY, TIMEOUT, accept_connection};

/// The app with a free port for the ingress, since the options always say 8099.
fn app() -> Command {
    let mut command = command();
    command.env("KOSYNC_LISTEN", "127.0.0.1:0").env("KOSYNC_INGRESS_LISTEN", "127.0.0.1:0");
    command
}

#[test]
fn the_options_become_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let options = dir.path().join("options.json");
    fs::write(&options, r#"{"registration":false,"admin_password":"password","log_level":"debug"}"#).unwrap();
    let path = options.to_str().unwrap();
    let flag = format!("--home-assistant={path}");
    for (arguments, variables) in
        [(vec!["serve", flag.as_str()], vec![]), (vec![], vec![("KOSYNC_HOME_ASSISTANT", path)])]
    {
        let mut command = app();
        command.args(arguments).envs(variables.iter().copied());
        let process = Process::spawn(command);
        let line = format!("Data directory: {}. Registration: closed.", dir.path().canonicalize().unwrap().display());
        assert_eq!(process.banner.last(), Some(&line), "the data directory is that of the options");
        assert_eq!(process.client.login("admin", KEY).status, 200);
        process.logged("request");
        process.stop();
    }

    // A flag overrides an option, and commands find the same data.
    let list = output(&["user", "list", "--json"], &[("KOSYNC_HOME_ASSISTANT", path)]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("admin"), "{list:?}");
    let mut command = app();
    command.args([&flag, "--registration", "true"]);
    let process = Process::spawn(command);
    process.client.registered("ada", KEY);
    process.stop();
}

#[test]
fn an_invalid_option_is_refused_with_its_name() {
    let dir = tempfile::tempdir().unwrap();
    let options_file = dir.path().join("options.json");
    let path = options_file.to_str().unwrap();
    let refused = |variables: &[(&str, &str)]| {
        let output = output(&["--listen", "127.0.0.1:0"], variables);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        single_line(&output.stderr)
    };
    let missing = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
    assert!(missing.starts_with(&format!("kosync: {path}: No such file")), "{missing}");
    fs::write(&options_file, r#"{"log_level":"loud"}"#).unwrap();
    let wrong = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
    assert_eq!(wrong, "kosync: option `log_level`: `loud` is not one of error, warn, info, debug, trace");
    for (options, reason) in [
        (r#"{"ssl":true}"#, "option `certfile`: /ssl/fullchain.pem"),
        (
            concat!(
                r#"{"ssl":true,"certfile":""#,
                env!("CARGO_MANIFEST_DIR"),
                r#"/Cargo.toml","keyfile":"nowhere.pem"}"#
            ),
            "option `keyfile`: /ssl/nowhere.pem",
        ),
        (
            r#"{"mqtt":{"host":"b","tls":true,"ca_certificate":"nowhere.pem"}}"#,
            "option `mqtt.ca_certificate`: /ssl/nowhere.pem",
        ),
    ] {
        fs::write(&options_file, options).unwrap();
        let wrong = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
        assert_eq!(wrong, format!("kosync: {reason}: No such file or directory (os error 2)"));
    }
    let both = refused(&[("KOSYNC_HOME_ASSISTANT", path), ("KOSYNC_CONFIG", path)]);
    assert_eq!(both, "kosync: KOSYNC_CONFIG and KOSYNC_HOME_ASSISTANT: set only one of the two");
}

const TOKEN: &str = "the supervisor's token";

/// Stands in for the Supervisor: serves the given answers to requests with its token.
struct Supervisor {
    address: SocketAddr,
    responses: Arc<Mutex<HashMap<&'static str, Value>>>,
}

impl Supervisor {
    fn start(responses: &[(&'static str, Value)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let responses = Arc::new(Mutex::new(responses.iter().cloned().collect::<HashMap<_, _>>()));
        let known = responses.clone();
        // It ends with the test's process.
        std::thread::spawn(move || listener.incoming().for_each(|stream| respond(stream.unwrap(), &known)));
        Self { address, responses }
    }

    fn will_respond(&self, path: &'static str, response: Value) {
        self.responses.lock().unwrap().insert(path, response);
    }

    /// Returns the app as the Supervisor starts it with these options.
    fn app(&self, dir: &Path, options: &Value) -> Command {
        fs::write(dir.join("options.json"), options.to_string()).unwrap();
        let mut command = app();
        command.env("KOSYNC_HOME_ASSISTANT", dir.join("options.json")).env("SUPERVISOR_TOKEN", TOKEN);
        command.env("KOSYNC_SUPERVISOR", format!("http://{}", self.address)).env("KOSYNC_INGRESS_PEER", "127.0.0.1");
        command
    }
}

fn respond(mut stream: TcpStream, known: &Mutex<HashMap<&'static str, Value>>) {
    stream.set_read_timeout(Some(TIMEOUT)).unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap();
    let error = |status, message| (status, json!({ "result": "error", "message": message }));
    let (status, body) = if !head.to_ascii_lowercase().contains(&format!("authorization: bearer {TOKEN}\r\n")) {
        error(401, "unauthorized")
    } else {
        match known.lock().unwrap().get(path) {
            Some(Value::String(message)) => error(400, message),
            Some(data) => (200, json!({ "result": "ok", "data": data })),
            None => error(404, "not found"),
        }
    };
    let body = body.to_string();
    let head =
        format!("HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body.as_bytes());
}

/// Returns a client of the ingress. A test must not connect to the address for KOReader in the banner, which is not ours.
fn ingress(process: &Process) -> Client {
    let address = process.banner.iter().find_map(|line| line.strip_prefix("Home Assistant's ingress: ")).unwrap();
    Client { address: address.parse().unwrap() }
}

fn addresses(published: &Value) -> [(&'static str, Value); 2] {
    let interface = |primary: bool, address: &str| json!({ "interface": "end0", "primary": primary, "ipv4": { "address": [address], "gateway": null } });
    [
        ("/addons/self/info", json!({ "slug": "kosync", "network": { "7200/tcp": published } })),
        ("/network/info", json!({ "interfaces": [interface(false, "10.0.0.2/8"), interface(true, "192.0.2.20/24")] })),
    ]
}

#[test]
fn the_address_for_koreader_is_that_of_the_host() {
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor::start(&addresses(&json!(7300)));
    let options = json!({ "administrators": ["Anna"], "mqtt": { "enabled": false } });
    let process = Process::spawn(supervisor.app(dir.path(), &options));
    let log = process.logged("address for KOReader found");
    assert!(
        log.contains("address=\"http://192.0.2.20:7300\"") || log.contains("address=http://192.0.2.20:7300"),
        "{log}"
    );
    assert!(!process.banner.iter().any(|line| line.contains("http://")), "{:?}", process.banner);
    // The dashboard in the sidebar shows the same.
    let ingress = ingress(&process);
    let headers: [(&str, &[u8]); 4] = [
        ("x-forwarded-host", b"homeassistant:8123"),
        ("origin", b"http://localhost"),
        ("x-remote-user-id", b"1"),
        ("x-remote-user-name", b"anna"),
    ];
    assert_eq!(ingress.send("POST", "/login", &headers[..3], Some("account=1")).status, 403, "she is not named");
    assert_eq!(ingress.send("POST", "/login", &headers, Some("account=1")).status, 303);
    assert!(
        ingress.send("GET", "/", &headers, None).body.contains("<code class=\"address\">http://192.0.2.20:7300</code>")
    );
    process.stop();

    // If the address is unknown, the banner and the sidebar say why, guess none, and everything else works.
    supervisor.will_respond("/addons/self/info", json!({ "network": { "7200/tcp": null } }));
    let process = Process::spawn(supervisor.app(dir.path(), &options));
    let log = process.logged("the address for KOReader is unknown");
    assert!(log.contains("port 7200 of this app is switched off"), "{log}");
    assert_is_unknown(&process, &headers, NOT_YET, "port 7200 of this app is switched off in Home Assistant");
    process.stop();
    let mut command = supervisor.app(dir.path(), &options);
    command.env_remove("SUPERVISOR_TOKEN");
    let process = Process::spawn(command);
    process.logged("SUPERVISOR_TOKEN is not set");
    assert_is_unknown(&process, &headers, "Home Assistant did not report it", "Home Assistant did not report it");
    process.stop();

    // The option wins, and the Supervisor is not needed.
    let mut command = supervisor.app(
        dir.path(),
        &json!({ "address": "https://books.example/", "administrators": ["Anna"], "mqtt": { "enabled": false } }),
    );
    command.env_remove("SUPERVISOR_TOKEN");
    let process = Process::spawn(command);
    assert_eq!(process.banner[1], "    https://books.example");
    let page = self::ingress(&process).send("GET", "/", &headers, None).body;
    assert!(page.contains("<code class=\"address\">https://books.example</code>"), "{page}");
    process.stop();
}

/// What the banner says where the Supervisor is still to be asked.
const NOT_YET: &str = "Home Assistant has not reported it yet";

/// Asserts that neither the banner nor the ingress page shows an address for KOReader. Both must say why.
#[track_caller]
fn assert_is_unknown(process: &Process, headers: &[(&str, &[u8])], why: &str, reason: &str) {
    let banner = process.banner.join("\n");
    assert!(banner.contains(why) && banner.contains("option `address`") && !banner.contains("://1"), "{banner}");
    let page = ingress(process).send("GET", "/", headers, None).body;
    let reason = reason.replace("`certfile`", "“certfile”");
    assert!(page.contains(&reason) && page.contains("“address”"), "{page}");
    assert!(
        !page.contains("class=\"address\"") && !page.contains("192.0.2") && !page.contains("homeassistant"),
        "{page}"
    );
}

/// Home Assistant's certificates are for a name, not for an address in the network.
#[cfg(feature = "tls")]
#[test]
fn with_ssl_the_address_has_a_name_that_the_certificate_is_for() {
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor::start(&addresses(&json!(7300)));
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let options = json!({
        "ssl": true, "certfile": file("cert.pem"), "keyfile": file("key.pem"), "administrators": ["1"], "mqtt": { "enabled": false },
    });
    let headers: [(&str, &[u8]); 3] =
        [("x-remote-user-id", b"1"), ("x-forwarded-host", b"homeassistant:8123"), ("origin", b"http://localhost")];
    for (names, published, expected) in [
        (&["home.example", "*.home.example"][..], 7300, Some("https://home.example:7300")),
        (&["home.example"], 443, Some("https://home.example")),
        (&["192.0.2.20"], 7300, Some("https://192.0.2.20:7300")),
        (&["192.0.2.21"], 7300, None),
        (&["*.home.example"], 7300, None),
    ] {
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let rcgen::CertifiedKey { cert, signing_key } = rcgen::generate_simple_self_signed(names.clone()).unwrap();
        fs::write(dir.path().join("cert.pem"), cert.pem()).unwrap();
        fs::write(dir.path().join("key.pem"), signing_key.serialize_pem()).unwrap();
        supervisor.will_respond("/addons/self/info", json!({ "network": { "7200/tcp": published } }));
        let process = Process::spawn(supervisor.app(dir.path(), &options));
        let chosen = ingress(&process).send("POST", "/login", &headers, Some("account=1"));
        assert_eq!(chosen.status, 303, "{chosen:?}");
        process.logged("address for KOReader");
        match expected {
            Some(expected) => {
                let page = ingress(&process).send("GET", "/", &headers, None).body;
                assert!(page.contains(&format!("<code class=\"address\">{expected}</code>")), "{names:?}: {page}");
            }
            None => assert_is_unknown(
                &process,
                &headers,
                NOT_YET,
                "the certificate of the option `certfile` is for no single host name",
            ),
        }
        process.stop();
    }
}

/// Issue 17, item 8: the Supervisor was asked before anything listened, and it may be slow, such as while it starts itself.
#[test]
fn a_supervisor_that_does_not_answer_delays_nothing() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor { address: silent.local_addr().unwrap(), responses: Arc::default() };
    let app = supervisor.app(dir.path(), &json!({ "admin_password": "password" }));
    let process = Process::spawn(app);
    // It has been asked, and says nothing.
    let asked = accept_connection(&silent);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &crate::common::position("book", "p", 0.5));
    assert_eq!(ingress(&process).send("GET", "/healthcheck", &[], None).status, 404, "the ingress has pages only");
    let listen = process.client.address.to_string();
    let health = output(&["healthcheck", "--listen", &listen], &[]);
    assert_eq!(health.status.code(), Some(0), "{health:?}");
    drop(asked);
    let log = process.logged("the address for KOReader is unknown, asking again");
    assert!(log.contains("the Supervisor at http://127.0.0.1:"), "{log}");
    // It answers at last: the questions that are open now, and those after them.
    for (path, data) in addresses(&json!(7300)) {
        supervisor.will_respond(path, data);
    }
    let known = supervisor.responses.clone();
    silent.set_nonblocking(false).unwrap();
    std::thread::spawn(move || {
        while let Ok((stream, _)) = silent.accept() {
            let known = known.clone();
            std::thread::spawn(move || respond(stream, &known));
        }
    });
    let log = process.logged("address for KOReader found");
    assert!(log.contains("http://192.0.2.20:7300"), "{log}");
    process.stop();
}

/// The Supervisor may be slow, such as while it starts itself.
#[test]
fn an_app_that_waits_for_the_supervisor_can_be_stopped() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor { address: silent.local_addr().unwrap(), responses: Arc::default() };
    let mut app = supervisor.app(dir.path(), &json!({}));
    let mut child = app.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _connection = accept_connection(&silent);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(wait_for_exit(&mut child).code(), Some(0));
}

#[cfg(feature = "mqtt")]
#[test]
fn the_app_publishes_to_the_broker_that_home_assistant_offers() {
    use super::broker::{Broker, Subscriber};

    let Some(broker) = Broker::with("allow_anonymous false\npassword_file DIR/passwords\n", |dir| {
        let mut passwd = Command::new("mosquitto_passwd");
        let made = passwd.args(["-b", "-c"]).arg(dir.join("passwords")).args(["addons", "secret"]).status();
        assert!(made.unwrap().success());
    }) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor::start(&addresses(&json!(7200)));
    supervisor.will_respond("/services/mqtt", json!("Service not enabled"));
    // The options if the user has changed none.
    let options = json!({ "mqtt": { "enabled": true, "host": "", "port": 1883, "username": "", "password": "" } });
    let process = Process::spawn(supervisor.app(dir.path(), &options));
    // That is no fault, and is told once.
    let log = process.logged("no MQTT broker");
    assert!(log.contains(" INFO ") && log.contains("install one, such as the Mosquitto app"), "{log}");
    // From here on the Mosquitto app is installed.
    let service = |password: &str| {
        json!({
            "addon": "core_mosquitto", "host": "127.0.0.1", "port": broker.port, "ssl": false, "protocol": "3.1.1",
            "username": "addons", "password": password,
        })
    };
    supervisor.will_respond("/services/mqtt", service("stale"));
    process.logged("the broker refused the username or password");
    supervisor.will_respond("/services/mqtt", service("secret"));
    let log = process.logged("MQTT broker connected");
    assert!(!log.contains("secret"), "{log}");
    let headers: [(&str, &[u8]); 2] = [("x-remote-user-id", b"1"), ("origin", b"http://localhost")];
    let made = ingress(&process).send("POST", "/login", &headers, Some("name=ada&new=password&again=password"));
    assert_eq!(made.status, 303, "{made:?}");
    // An account has a device once it has a document, and the port of the sync server is not known here.
    let history = json!([{ "progress": "p", "percentage": 0.5, "device": "d", "timestamp": 1 }]);
    let lines = [
        json!({ "kosync_export": { "format": 1 } }),
        json!({ "document": { "account": "ada", "document": "book", "history": history } }),
        json!({ "end": { "accounts": 0, "documents": 1 } }),
    ];
    let file = dir.path().join("export.jsonl");
    fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let imported =
        output(&["import", "--merge", "ada", file.to_str().unwrap(), "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(imported.status.success(), "{imported:?}");
    let subscriber = Subscriber::start(broker.port, &["-u", "addons", "-P", "secret"]);
    let device = subscriber.wait_for(|message| message.topic.ends_with("/2/config"));
    assert!(device.payload.contains("\"configuration_url\":\"http://192.0.2.20:7200\""), "{device:?}");
    process.stop();
}

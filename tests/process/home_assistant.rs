//! The binary as Home Assistant starts it: its settings are the app's options.

use std::collections::HashMap;
use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use nix::sys::signal::Signal;
use serde_json::{Value, json};

use super::kosync::{Process, command, ended, one_line, output};
use crate::common::{Client, KEY, PATIENCE, accepted};

/// With a listener for the ingress that is not the one of every other test.
fn app() -> Command {
    let mut command = command();
    command.env("KOSYNC_LISTEN", "127.0.0.1:0").env("KOSYNC_INGRESS_LISTEN", "127.0.0.1:0");
    command
}

#[test]
fn the_options_are_the_settings() {
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
        let said = format!("Data folder: {}. Registration: closed.", dir.path().canonicalize().unwrap().display());
        assert_eq!(process.greeting.last(), Some(&said), "the data lies beside the options");
        assert_eq!(process.client.login("admin", KEY).status, 200);
        process.logged("request");
        process.stop();
    }

    // A flag outranks an option, and the commands find the same data.
    let list = output(&["user", "list", "--json"], &[("KOSYNC_HOME_ASSISTANT", path)]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("admin"), "{list:?}");
    let mut command = app();
    command.args([&flag, "--registration", "true"]);
    let process = Process::spawn(command);
    process.client.registered("ada", KEY);
    process.stop();
}

#[test]
fn a_wrong_option_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let options_file = dir.path().join("options.json");
    let path = options_file.to_str().unwrap();
    let refused = |variables: &[(&str, &str)]| {
        let output = output(&["--listen", "127.0.0.1:0"], variables);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        one_line(&output.stderr)
    };
    let missing = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
    assert!(missing.starts_with(&format!("kosync: {path}: No such file")), "{missing}");
    fs::write(&options_file, r#"{"log_level":"loud"}"#).unwrap();
    let wrong = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
    assert_eq!(wrong, "kosync: option `log_level`: `loud` is not one of error, warn, info, debug, trace");
    for (options, said) in [
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
        assert_eq!(wrong, format!("kosync: {said}: No such file or directory (os error 2)"));
    }
    let both = refused(&[("KOSYNC_HOME_ASSISTANT", path), ("KOSYNC_CONFIG", path)]);
    assert_eq!(both, "kosync: KOSYNC_CONFIG and KOSYNC_HOME_ASSISTANT: set only one of the two");
}

const TOKEN: &str = "the supervisor's token";

/// What stands in for the Supervisor: it answers what it is told to answer, to whoever shows its token.
struct Supervisor {
    address: SocketAddr,
    answers: Arc<Mutex<HashMap<&'static str, Value>>>,
}

impl Supervisor {
    fn start(answers: &[(&'static str, Value)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answers = Arc::new(Mutex::new(answers.iter().cloned().collect::<HashMap<_, _>>()));
        let known = answers.clone();
        // It ends with the test's process.
        std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap(), &known)));
        Self { address, answers }
    }

    fn will_answer(&self, path: &'static str, answer: Value) {
        self.answers.lock().unwrap().insert(path, answer);
    }

    /// The app, as it starts it, with these options.
    fn app(&self, dir: &Path, options: &Value) -> Command {
        fs::write(dir.join("options.json"), options.to_string()).unwrap();
        let mut command = app();
        command.env("KOSYNC_HOME_ASSISTANT", dir.join("options.json")).env("SUPERVISOR_TOKEN", TOKEN);
        command.env("KOSYNC_SUPERVISOR", format!("http://{}", self.address)).env("KOSYNC_INGRESS_PEER", "127.0.0.1");
        command
    }
}

fn answer(mut stream: TcpStream, known: &Mutex<HashMap<&'static str, Value>>) {
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
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
    let answer =
        format!("HTTP/1.1 {status} x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
    let _ = stream.write_all(answer.as_bytes());
    let _ = stream.write_all(body.as_bytes());
}

/// The sidebar of a server. Where the greeting has the address of a house, nobody may speak to that in a test.
fn ingress(process: &Process) -> Client {
    let address = process.greeting.iter().find_map(|line| line.strip_prefix("Home Assistant's ingress: ")).unwrap();
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
fn the_address_for_koreader_is_that_of_the_house() {
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor::start(&addresses(&json!(7300)));
    let options = json!({ "mqtt": { "enabled": false } });
    let process = Process::spawn(supervisor.app(dir.path(), &options));
    assert_eq!(process.greeting[1], "    http://192.0.2.20:7300");
    // And so in the sidebar.
    let ingress = ingress(&process);
    let headers: [(&str, &[u8]); 3] =
        [("x-remote-user-id", b"1"), ("x-forwarded-host", b"house:8123"), ("origin", b"http://localhost")];
    assert_eq!(ingress.send("POST", "/login", &headers, Some("account=1")).status, 303);
    assert!(
        ingress.send("GET", "/", &headers, None).body.contains("<code class=\"address\">http://192.0.2.20:7300</code>")
    );
    process.stop();

    // Where it cannot be found out, everything else goes on.
    supervisor.will_answer("/addons/self/info", json!({ "network": { "7200/tcp": null } }));
    let process = Process::spawn(supervisor.app(dir.path(), &options));
    let log = process.logged("the address for KOReader is not known for sure");
    assert!(log.contains("port 7200 is not published"), "{log}");
    assert_eq!(process.client.send("GET", "/healthcheck", &[], None).status, 200);
    process.stop();
    let mut command = supervisor.app(dir.path(), &options);
    command.env_remove("SUPERVISOR_TOKEN");
    let process = Process::spawn(command);
    process.logged("SUPERVISOR_TOKEN: it is not set");
    process.stop();
}

/// The Supervisor may take its time, or be busy with a start of its own.
#[test]
fn an_app_that_waits_for_the_supervisor_is_stopped_as_ever() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor { address: silent.local_addr().unwrap(), answers: Arc::default() };
    let mut app = supervisor.app(dir.path(), &json!({}));
    let mut child = app.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let _connection = accepted(&silent);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(child.id().try_into().unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(ended(&mut child).code(), Some(0));
}

#[cfg(feature = "mqtt")]
#[test]
fn the_broker_is_the_one_that_home_assistant_offers() {
    use super::mqtt::{Broker, Subscriber};

    let Some(broker) = Broker::with("allow_anonymous false\npassword_file DIR/passwords\n", |dir| {
        let mut passwd = Command::new("mosquitto_passwd");
        let made = passwd.args(["-b", "-c"]).arg(dir.join("passwords")).args(["addons", "secret"]).status();
        assert!(made.unwrap().success());
    }) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let supervisor = Supervisor::start(&addresses(&json!(7200)));
    supervisor.will_answer("/services/mqtt", json!("Service not enabled"));
    // The options as they are where nobody has changed them.
    let options = json!({ "mqtt": { "enabled": true, "host": "", "port": 1883, "username": "", "password": "" } });
    let process = Process::spawn(supervisor.app(dir.path(), &options));
    let log = process.logged("MQTT broker unavailable");
    assert!(log.contains("Home Assistant offers no broker") && log.contains("Service not enabled"), "{log}");
    // The Mosquitto app is installed.
    let service = |password: &str| {
        json!({
            "addon": "core_mosquitto", "host": "127.0.0.1", "port": broker.port, "ssl": false, "protocol": "3.1.1",
            "username": "addons", "password": password,
        })
    };
    supervisor.will_answer("/services/mqtt", service("stale"));
    process.logged("refused the username or password");
    supervisor.will_answer("/services/mqtt", service("secret"));
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
    let imported = output(&["import", file.to_str().unwrap(), "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(imported.status.success(), "{imported:?}");
    let subscriber = Subscriber::start(broker.port, &["-u", "addons", "-P", "secret"]);
    let device = subscriber.wait_for(|message| message.topic.ends_with("/2/config"));
    assert!(device.payload.contains("\"configuration_url\":\"http://192.0.2.20:7200\""), "{device:?}");
    process.stop();
}

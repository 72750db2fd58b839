//! What is in the log, and what must never be in it.

use std::fs;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use serde_json::json;

use super::kosync::{Process, command, may_unshare, output};
use crate::common::{TIMEOUT, percent_encoded, position};

/// Every secret of the run below, in each form in which it is sent.
const SECRETS: [&str; 11] = [
    "correct horse",
    // Its MD5, which is the key.
    "3cb4e732631f47e6eb961f34554b7cde",
    "a wrong guess",
    "battery staple",
    "the admin's secret",
    // The keys that the server derives from these two.
    "642b22482681a9d3460924f67bb0c9d6",
    "aa11d1bc18c754424e47021c3d03618d",
    // `ada:correct horse` and `ada:a wrong guess`, as Basic sends them.
    "YWRhOmNvcnJlY3QgaG9yc2U=",
    "YWRhOmEgd3JvbmcgZ3Vlc3M=",
    "$argon2id$",
    "x-secret-cookie",
];

/// A long run at the most verbose level.
#[test]
fn no_secret_reaches_the_log() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("admin");
    std::fs::write(&file, "the admin's secret\n").unwrap();
    let mut child = command();
    child.args(["--listen", "127.0.0.1:0", "--log-level", "trace", "--data-dir"]).arg(dir.path());
    child.arg("--admin-password-file").arg(&file).env("RUST_LOG", "trace");
    let mut process = Process::spawn(child);
    let client = process.client;

    client.registered("ada", "correct horse");
    client.registered("grace", "3cb4e732631f47e6eb961f34554b7cde");
    client.login("ada", "a wrong guess").unauthorized();
    client.login("nobody", "a wrong guess").unauthorized();
    client.pushed("ada", "correct horse", &position("book", "p", 0.5));
    for value in ["Basic YWRhOmNvcnJlY3QgaG9yc2U=", "Basic YWRhOmEgd3JvbmcgZ3Vlc3M="] {
        let headers = [("Authorization", value.as_bytes()), ("Cookie", b"x-secret-cookie".as_slice())];
        client.send("GET", "/users/auth", &headers, None);
    }
    let admin = |method, path, body: Option<serde_json::Value>| {
        let body = body.map(|body| body.to_string());
        let reply = client.send_as("admin", "the admin's secret", method, path, body.as_deref());
        assert_eq!(reply.status, 200, "{method} {path} {reply:?}");
    };
    admin("POST", "/manage/users", Some(json!({ "username": "new", "password": "battery staple" })));
    admin("PUT", "/manage/users/password?username=new", Some(json!({ "password": "battery staple" })));
    admin("PUT", "/manage/users/active?username=new", None);
    admin("DELETE", "/manage/users?username=new", None);
    let body = json!({ "password": "battery staple" }).to_string();
    assert_eq!(client.send_as("ada", "correct horse", "PUT", "/users/password", Some(&body)).status, 200);
    // A name and an id that try to forge a field and a line.
    client.login("a client=203.0.113.5 why=\"x\"", "a wrong guess").unauthorized();
    let forged = "x\n2026-11-24T000000Z INFO kosync account deleted user=admin";
    client.pushed("ada", "battery staple", &position(forged, "p", 0.5));
    let query = format!("/manage/users/documents?username=ada&documentHash={}", percent_encoded(forged));
    assert_eq!(client.send_as("ada", "battery staple", "DELETE", &query, None).status, 200);
    client.send_as("ada", "battery staple", "PUT", "/syncs/progress", Some("{\"password\":\"a wrong guess\"")).refused(
        400,
        103,
        "Could not parse JSON in body.",
    );
    assert_eq!(client.send_as("ada", "battery staple", "DELETE", "/users/me", None).status, 200);
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));

    let log = process.all_logged();
    assert!(log.len() > 25, "too few lines: {log:?}");
    for line in &log {
        for secret in SECRETS {
            assert!(!line.contains(secret), "{secret} is in: {line}");
        }
    }
    assert!(!log.iter().any(|line| line.starts_with("2026-11-24T000000Z")), "a line was forged: {log:#?}");
    assert!(!log.iter().any(|line| line.contains("user=a client=203")), "a field was forged: {log:#?}");
    // The log must still have the events that it is for.
    for event in [
        "account created user=\"ada\"",
        "login failed user=\"ada\" client=127.0.0.1 why=\"wrong name or key\"",
        "login failed user=\"nobody\" client=127.0.0.1",
        "password changed user=\"new\"",
        "account disabled user=\"new\"",
        "account deleted user=\"new\"",
        "password changed user=\"ada\"",
        "account deleted user=\"ada\"",
        "stopping",
    ] {
        assert!(log.iter().any(|line| line.contains(event)), "{event} is not in {log:#?}");
    }
    let push = log.iter().find(|line| line.contains("request method=PUT path=\"/syncs/progress\" status=200")).unwrap();
    assert!(push.contains("duration_us=") && push.contains("user=\"ada\""), "{push}");
    assert!(push.contains("document=\"book\" device=\"Kobo_nova\""), "{push}");
}

#[test]
fn requests_are_logged_only_at_debug() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = Process::start(dir.path());
    process.client.registered("ada", "k");
    process.client.pushed("ada", "k", &position("book", "p", 0.5));
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    let log = process.all_logged();
    for event in ["started version=", "account created user=\"ada\"", "stopping", "stopped"] {
        assert!(log.iter().any(|line| line.contains(event)), "{event} is not in {log:#?}");
    }
    assert!(!log.iter().any(|line| line.contains("request method=")), "{log:#?}");
}

/// The server runs in a mount namespace, because the journal's socket has a fixed path. There, that path is a directory
/// of the test. Only root may create such a namespace.
#[test]
fn events_go_to_the_journal_with_their_fields_if_stderr_is_the_journal() {
    let dir = tempfile::tempdir().unwrap();
    let journal = dir.path().join("journal");
    std::fs::create_dir(&journal).unwrap();
    let socket = UnixDatagram::bind(journal.join("socket")).unwrap();
    socket.set_read_timeout(Some(TIMEOUT)).unwrap();
    if !may_unshare("--mount") {
        return;
    }
    let script = r#"
        mount -t tmpfs none /run && mkdir -p /run/systemd/journal && mount --bind "$1" /run/systemd/journal || exit 3
        JOURNAL_STREAM=$(stat -L -c %d:%i /proc/self/fd/2) exec "$2" --data-dir "$3" --listen 127.0.0.1:0 --log-level debug"#;
    let mut child = Command::new("unshare");
    child.args(["--mount", "sh", "-c", script, "sh"]).arg(&journal).arg(env!("CARGO_BIN_EXE_kosync"));
    let mut process = Process::spawn({
        child.arg(dir.path().join("data"));
        child
    });
    process.client.registered("ada", "k");
    process.client.login("ada", "wrong").unauthorized();
    process.client.pushed("ada", "k", &position("book", "p", 0.5));
    let entry = |message: &str| {
        let mut bytes = [0; 8192];
        loop {
            let length =
                socket.recv(&mut bytes).unwrap_or_else(|error| panic!("{message:?} was not received: {error}"));
            let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
            if text.contains(message) {
                return text;
            }
        }
    };
    assert!(entry("account created").contains("KOSYNC_USER"), "a field with the account");
    let failed = entry("login failed");
    assert!(failed.contains("KOSYNC_CLIENT") && failed.contains("127.0.0.1"), "{failed:?}");
    let push = entry("KOSYNC_DOCUMENT");
    for field in ["KOSYNC_USER", "KOSYNC_DEVICE", "KOSYNC_STATUS", "KOSYNC_DURATION_US", "PRIORITY"] {
        assert!(push.contains(field), "{field} is not in {push:?}");
    }
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    assert_eq!(process.all_logged(), [""; 0], "no lines go to stderr");
}

#[test]
fn an_error_in_the_settings_prints_no_secret() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("c.json");
    std::fs::write(&config, r#"{"admin_password":"battery staple","registration":"x"}"#).unwrap();
    let output = output(&["--config", config.to_str().unwrap()], &[("ADMIN_PASSWORD", "correct horse")]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("battery staple") && !text.contains("correct horse"), "{text}");
}

/// The first start creates the accounts of the configuration, a later one changes their passwords: the log has both.
#[test]
fn accounts_of_the_configuration_are_logged_like_all_others() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str| dir.path().join(name);
    let config = json!({ "listen": "127.0.0.1:0", "data_dir": file("data"), "admin_password_file": file("admin"),
        "accounts": [{ "name": "ada", "password_file": file("ada") }, { "name": "grace", "password_file": file("grace") }] });
    fs::write(file("kosync.json"), config.to_string()).unwrap();
    let starts = |passwords: [(&str, &str); 3]| {
        for (name, password) in passwords {
            fs::write(file(name), password).unwrap();
        }
        let mut command = command();
        command.arg("--config").arg(file("kosync.json"));
        let mut process = Process::spawn(command);
        process.signal(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(process.wait().code(), Some(0));
        let log = process.all_logged();
        let lines = log.iter().filter(|line| line.contains("account ") || line.contains("password "));
        lines
            .map(|line| line[line.find(" account ").or(line.find(" password ")).unwrap() + 1..].to_owned())
            .collect::<Vec<_>>()
    };
    let [one, two] = ["correct horse", "battery staple"];
    assert_eq!(
        starts([("admin", one), ("ada", one), ("grace", one)]),
        ["account created user=\"admin\"", "account created user=\"ada\"", "account created user=\"grace\""]
    );
    assert_eq!(starts([("admin", one), ("ada", one), ("grace", one)]), [""; 0], "nothing has changed");
    assert_eq!(
        starts([("admin", two), ("ada", one), ("grace", two)]),
        ["password changed user=\"admin\"", "password changed user=\"grace\""]
    );
}

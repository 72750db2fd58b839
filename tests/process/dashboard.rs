//! The dashboard of the real binary: the setting that disables it, its switch for registration, and its sessions.

use std::path::Path;

use super::kosync::{Process, command};
use crate::common::{Client, KEY, Reply};

const PASSWORD: &str = "the admin's password";

fn start(data_dir: &Path, arguments: &[&str]) -> Process {
    let mut command = command();
    command.arg("--data-dir").arg(data_dir).args(["--listen", "127.0.0.1:0"]).args(arguments);
    command.env("ADMIN_PASSWORD", PASSWORD);
    Process::spawn(command)
}

fn post(client: Client, path: &str, cookie: &str, form: &str) -> Reply {
    let headers: [(&str, &[u8]); 2] = [("origin", b"http://localhost"), ("cookie", cookie.as_bytes())];
    client.send("POST", path, &headers, Some(form))
}

fn switch_registration(client: Client, open: &str) {
    let form = format!("name=admin&password={}", PASSWORD.replace(' ', "+"));
    let reply = post(client, "/login", "", &form);
    let cookie =
        reply.header("set-cookie").unwrap_or_else(|| panic!("{reply:?}")).split(';').next().unwrap().to_owned();
    assert_eq!(post(client, "/registration", &cookie, &format!("open={open}")).status, 303);
}

/// Whichever was changed last wins, the switch or the configuration.
#[test]
fn the_switch_for_registration_holds_until_the_configuration_changes() {
    let dir = tempfile::tempdir().unwrap();
    let mut names = 0..;
    let mut is_open = |process: &Process| {
        let open = process.banner.last().unwrap().ends_with("Registration: open.");
        let status = process.client.register(&format!("user {}", names.next().unwrap()), KEY).status;
        assert_eq!(open, status == 201, "{:?} and {status}", process.banner);
        open
    };
    let process = start(dir.path(), &[]);
    assert!(is_open(&process), "the configuration has the initial state");
    switch_registration(process.client, "no");
    assert_eq!(process.client.register("eve", KEY).status, 402, "at once");
    process.stop();

    let process = start(dir.path(), &[]);
    assert!(!is_open(&process), "it is remembered");
    process.stop();
    let process = start(dir.path(), &["--registration", "true"]);
    assert!(!is_open(&process), "the configuration has not changed");
    process.stop();
    let process = start(dir.path(), &["--registration", "false"]);
    assert!(!is_open(&process));
    process.stop();
    let process = start(dir.path(), &["--registration", "true"]);
    assert!(is_open(&process), "the configuration has changed");
    process.stop();

    let process = start(dir.path(), &["--registration", "false"]);
    switch_registration(process.client, "yes");
    assert_eq!(process.client.register("eve", KEY).status, 201);
    process.stop();
    let process = start(dir.path(), &["--registration", "false"]);
    assert!(is_open(&process));
    process.stop();
}

#[test]
fn the_dashboard_can_be_disabled() {
    let dir = tempfile::tempdir().unwrap();
    let page = |process: &Process| process.client.send("GET", "/login", &[("accept", b"text/html")], None);
    let process = start(dir.path(), &[]);
    assert_eq!(page(&process).status, 200);
    assert!(process.banner.iter().any(|line| line.contains("in a browser")), "{:?}", process.banner);
    process.stop();
    std::fs::write(dir.path().join("config.json"), r#"{ "dashboard": false }"#).unwrap();
    let config = dir.path().join("config.json");
    for arguments in [["--dashboard", "false"], ["--config", config.to_str().unwrap()]] {
        let process = start(dir.path(), &arguments);
        assert_eq!(page(&process).shaped().status, 404);
        assert!(!process.banner.iter().any(|line| line.contains("in a browser")), "{:?}", process.banner);
        process.stop();
    }
}

/// The disk has only a hash of the secret, so its reader cannot use the session.
#[test]
fn a_session_outlives_a_restart_and_its_secret_is_not_on_disk() {
    let dir = tempfile::tempdir().unwrap();
    let process = start(dir.path(), &[]);
    process.client.registered("ada", KEY);
    let reply = post(process.client, "/login", "", "name=ada&password=password");
    let cookie = reply.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    process.kill();
    let process = start(dir.path(), &[]);
    let overview = || process.client.send("GET", "/", &[("cookie", cookie.as_bytes())], None).status;
    assert_eq!(overview(), 200);
    assert_eq!(post(process.client, "/logout", &cookie, "").status, 303);
    assert_eq!(overview(), 303);
    process.stop();
    let data = std::fs::read(dir.path().join("data.mdb")).unwrap();
    let secret = cookie.strip_prefix("kosync=").unwrap();
    assert!(!data.windows(secret.len()).any(|window| window == secret.as_bytes()));
}

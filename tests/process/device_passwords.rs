//! `kosync user device`, and device passwords in logs, exports, imports and backups.

use std::fs;
use std::path::Path;

use kosync::Key;
use serde_json::{Value, json};

use super::kosync::{Process, command, failed, output, single_line, succeeded};
use crate::common::{Client, KEY, position};

/// Runs a command on a data directory, and returns what it prints.
#[track_caller]
fn run(data: &Path, arguments: &[&str]) -> String {
    succeeded(output(&[arguments, &["--data-dir", data.to_str().unwrap()]].concat(), &[]))
}

/// Makes a device password for `ada`, and returns its number and its text.
#[track_caller]
fn make(data: &Path, name: &str) -> (String, String) {
    let made: Value = serde_json::from_str(&run(data, &["user", "device", "add", "ada", name, "--json"])).unwrap();
    assert_eq!(made["name"], name);
    (made["id"].to_string(), made["password"].as_str().unwrap().to_owned())
}

fn list(data: &Path) -> Value {
    serde_json::from_str(&run(data, &["user", "device", "list", "ada", "--json"])).unwrap()
}

#[test]
fn a_running_server_applies_each_command_to_the_next_request() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let (client, dir) = (process.client, dir.path());
    client.registered("ada", KEY);
    let printed = run(dir, &["user", "device", "add", "ada", "Kobo"]);
    let text = single_line(printed.as_bytes());
    let (sentence, password) = text.rsplit_once(' ').unwrap();
    assert_eq!(sentence, "Password of `Kobo` for the account `ada`, shown this once; type it with the hyphens:");
    client.pushed("ada", password, &position("book", "p", 0.5));
    let (id, other) = make(dir, "Kindle");
    assert_eq!(client.login("ada", &other).status, 200);

    let listed = run(dir, &["user", "device", "list", "ada"]);
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        ["NUMBER", "LAST", "USED", "NETWORK", "CREATED", "NAME"]
    );
    assert_eq!(lines.len(), 3, "{listed}");
    assert!(!listed.contains(password) && !listed.contains(&other), "{listed}");
    let used = crate::common::wait_until("its use", || {
        let entries = list(dir);
        entries.as_array().unwrap().iter().find(|entry| entry["network"] == "127.0.0.0/24").cloned()
    });
    assert_eq!(used["last_used"].as_str().map(str::len), Some(10), "{used}");

    let revoked = run(dir, &["user", "device", "revoke", "ada", &id]);
    assert_eq!(revoked, format!("Revoked the device password {id} of `ada`.\n"));
    client.login("ada", &other).unauthorized();
    // By its name, and also of a disabled account.
    run(dir, &["user", "disable", "ada"]);
    let id = list(dir)[0]["id"].to_string();
    let revoked = run(dir, &["user", "device", "revoke", "ada", "Kobo"]);
    assert_eq!(revoked, format!("Revoked the device password {id} of `ada`.\n"));
    run(dir, &["user", "enable", "ada"]);
    client.login("ada", password).unauthorized();
    assert_eq!(list(dir), json!([]));
    process.stop();
}

#[test]
fn an_error_says_why_a_command_failed() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    process.client.registered("ada", KEY);
    process.stop();
    let fails = |arguments: &[&str], line: &str| {
        let data = ["--data-dir", dir.path().to_str().unwrap()];
        let output = output(&[&["user", "device"], arguments, &data].concat(), &[]);
        assert_eq!(failed(&output), format!("kosync: {line}"));
    };
    fails(&["add", "nobody", "Kobo"], "there is no account `nobody`");
    fails(&["list", "ADA"], "there is no account `ADA`; did you mean `ada`?");
    fails(&["add", "ada", " "], "device ` `: name is empty");
    for device in ["7", "Kobo", ""] {
        let line = format!("`ada` has no device password `{device}`; see `kosync user device list ada`");
        fails(&["revoke", "ada", device], &line);
    }
    make(dir.path(), "Kobo");
    make(dir.path(), "Kobo");
    let listed = list(dir.path());
    let (first, second) = (&listed[0]["id"], &listed[1]["id"]);
    let line = format!("`ada` has several device passwords `Kobo`; give the number of one: {first}, {second}");
    fails(&["revoke", "ada", "Kobo"], &line);
    run(dir.path(), &["user", "disable", "ada"]);
    fails(&["add", "ada", "Kobo"], "the account `ada` is disabled; enable it first with `kosync user enable ada`");
}

/// Sets a device up on the dashboard, and returns the password that the page shows.
fn set_up(client: &Client) -> String {
    let origin: (&str, &[u8]) = ("origin", b"http://localhost");
    let login = client.send("POST", "/login", &[origin], Some("name=ada&password=password"));
    let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let form = "name=Kindle&address=http%3A%2F%2F192.168.1.20%3A7200&files=yes";
    let page = client.send("POST", "/setup/koreader", &[origin, ("cookie", cookie.as_bytes())], Some(form)).body;
    let words = page.split(|c: char| !(c.is_ascii_lowercase() || c == '-'));
    let mut passwords = words.filter(|word| word.len() == 31 && word.matches('-').count() == 3);
    passwords.next().unwrap_or_else(|| panic!("{page}")).to_owned()
}

/// No log, data directory or export contains the password or its key. The log is at its most verbose.
#[test]
fn no_device_password_is_in_a_log_or_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut child = command();
    child.args(["--listen", "127.0.0.1:0", "--log-level", "trace", "--data-dir"]).arg(&data).env("RUST_LOG", "trace");
    let mut process = Process::spawn(child);
    let client = process.client;
    client.registered("ada", KEY);
    let body = json!({ "name": "Kobo" }).to_string();
    let made = client.send_as("ada", KEY, "POST", "/api/v1/device-passwords", Some(&body));
    assert_eq!(made.status, 201, "{made:?}");
    let made = made.json();
    let password = made["password"].as_str().unwrap().to_owned();
    let key = Key::from_password(password.as_bytes()).unwrap().reveal().to_owned();
    for sent in [&password, &key] {
        client.pushed("ada", sent, &position("book", "p", 0.5));
        assert_eq!(client.send_as("ada", sent, "GET", "/api/v1/documents", None).status, 200);
        assert_eq!(client.send_as("ada", sent, "DELETE", "/users/me", None).status, 403);
    }
    let path = format!("/api/v1/device-passwords/{}", made["id"]);
    assert_eq!(client.send_as("ada", KEY, "DELETE", &path, None).status, 200);
    client.login("ada", &key).unauthorized();
    let set_up = set_up(&client);
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    let log = process.all_logged().join("\n");
    assert!(log.contains("device password created") && log.contains("device password revoked"), "{log}");
    let export = run(&data, &["export", "-"]);
    for secret in [&password, &key, &set_up, &Key::from_password(set_up.as_bytes()).unwrap().reveal().to_owned()] {
        assert!(!log.contains(secret.as_str()), "the log has {secret}");
        assert!(!export.contains(secret.as_str()), "{export}");
        for file in ["data.mdb", "lock.mdb"] {
            let bytes = fs::read(data.join(file)).unwrap();
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{file}");
        }
    }
}

/// The next server takes device passwords unchanged, but not into an account that exists. No revoked one comes back.
#[test]
fn they_are_in_exports_imports_and_backups() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let (first, imported, restored) = (path("first"), path("imported"), path("restored"));
    let process = Process::start(&first);
    process.client.registered("ada", KEY);
    process.stop();
    let (id, kobo) = make(&first, "Kobo");
    let (_, kindle) = make(&first, "Kindle");
    let (export, backup) = (path("export.jsonl"), path("backup.mdb"));
    run(&first, &["export", export.to_str().unwrap()]);
    run(&first, &["backup", backup.to_str().unwrap()]);
    run(&imported, &["import", export.to_str().unwrap()]);
    run(&restored, &["restore", backup.to_str().unwrap()]);
    for data in [&imported, &restored] {
        assert_eq!(list(data), list(&first), "{data:?}");
        let process = Process::start(data);
        for password in [&kobo, &kindle] {
            assert_eq!(process.client.login("ada", password).status, 200);
        }
        process.stop();
        assert!(run(data, &["check"]).ends_with("No problems found.\n"));
    }
    run(&imported, &["user", "device", "revoke", "ada", &id]);
    run(&imported, &["import", export.to_str().unwrap()]);
    assert_eq!(list(&imported).as_array().unwrap().len(), 1);
    let process = Process::start(&imported);
    process.client.login("ada", &kobo).unauthorized();
    process.stop();

    // A line that cannot be is skipped.
    let text = fs::read_to_string(&export).unwrap();
    let ada = text.lines().find(|line| line.contains("\"ada\"")).unwrap();
    let line: Value = serde_json::from_str(ada).unwrap();
    let hash = line["account"]["device_passwords"][0]["hash"].as_str().unwrap();
    assert!(hash.len() == 64 && hash.bytes().all(|digit| digit.is_ascii_hexdigit()), "{line}");
    for (number, bad) in [ada.replacen(hash, "x", 1), ada.replacen("Kobo", "", 1)].into_iter().enumerate() {
        let (data, file) = (path(&format!("bad {number}")), path("bad.jsonl"));
        fs::write(&file, text.replace(ada, &bad)).unwrap();
        let output = output(&["import", file.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("line 2"), "{output:?}");
        let accounts: Value = serde_json::from_str(&run(&data, &["user", "list", "--json"])).unwrap();
        assert!(accounts.as_array().unwrap().iter().all(|account| account["name"] != "ada"), "{accounts}");
    }
}

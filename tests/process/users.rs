//! `kosync user`, beside a running server that acts on its effect with the next request.

use std::io::Write;
use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::{Value, json};

use super::kosync::{Process, command, one_line};
use crate::common::{KEY, OTHER_KEY, position};

/// Runs it on a data folder, with a line on standard input.
fn user(data_dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = command();
    command.arg("user").args(arguments).arg("--data-dir").arg(data_dir);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may end without reading.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

#[track_caller]
fn says(data_dir: &Path, arguments: &[&str], input: &str, line: &str) {
    let output = user(data_dir, arguments, input);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(one_line(&output.stdout), line);
    assert!(output.stderr.is_empty(), "{output:?}");
}

#[track_caller]
fn fails(data_dir: &Path, arguments: &[&str], input: &str, code: i32, line: &str) {
    let output = user(data_dir, arguments, input);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(one_line(&output.stderr), format!("kosync: {line}"));
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn the_server_acts_on_it_with_the_next_request() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let (client, dir) = (process.client, dir.path());

    says(dir, &["add", "Jörg", "--password-stdin"], "password\n", "Made the account `Jörg`.");
    assert_eq!(client.login("Jörg", KEY).status, 200);
    client.pushed("Jörg", KEY, &position("book", "p", 0.25));

    says(dir, &["passwd", "Jörg", "--password-stdin"], "test\r\n", "Set the password of `Jörg`.");
    client.login("Jörg", KEY).unauthorized();
    assert_eq!(client.pulled("Jörg", OTHER_KEY, "book")["progress"], "p");

    says(dir, &["disable", "Jörg"], "", "Switched the account `Jörg` off.");
    client.login("Jörg", OTHER_KEY).refused(401, 2001, "User is inactive");
    says(dir, &["enable", "Jörg"], "", "Switched the account `Jörg` on.");
    assert_eq!(client.login("Jörg", OTHER_KEY).status, 200);

    says(dir, &["delete", "Jörg", "--yes"], "", "Deleted the account `Jörg`.");
    client.login("Jörg", OTHER_KEY).unauthorized();
    client.registered("Jörg", KEY);
    assert_eq!(client.pull("Jörg", KEY, "book").body, "{}");
    process.stop();
}

#[test]
fn lists_for_people_and_for_scripts() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let client = process.client;
    client.registered("ada", KEY);
    let mut body = position("book\u{1b}[31m", "p", 0.256);
    body["metadata"] = json!({ "title": "A Book", "authors": "A. Uthor" });
    client.pushed("ada", KEY, &body);
    let list = |arguments: &[&str]| String::from_utf8(user(dir.path(), arguments, "").stdout).unwrap();

    let users: Value = serde_json::from_str(&list(&["list", "--json"])).unwrap();
    assert_eq!((users[0]["name"].as_str(), users[0]["documents"].as_u64()), (Some("ada"), Some(1)));
    assert_eq!((users[1]["name"].as_str(), users[1]["administrator"].as_bool()), (Some("admin"), Some(true)));
    let table = list(&["list"]);
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["NAME", "STATE", "DOCUMENTS", "CREATED"]);
    assert_eq!(lines[1][..3], ["ada", "on", "1"]);
    assert_eq!(lines[2][..3], ["admin", "administrator", "0"]);
    assert!(table.lines().all(|line| line.find("  ").is_some()), "{table}");

    let documents: Value = serde_json::from_str(&list(&["documents", "ada", "--json"])).unwrap();
    assert_eq!(documents[0]["document"], "book\u{1b}[31m");
    assert_eq!((documents[0]["percentage"].as_f64(), documents[0]["title"].as_str()), (Some(0.256), Some("A Book")));
    let table = list(&["documents", "ada"]);
    assert!(table.lines().nth(1).unwrap().contains("25.6 %") && table.contains("A Book"), "{table}");
    assert!(!table.contains('\u{1b}'), "a device's words must not reach the terminal as orders");
}

#[test]
fn what_cannot_be_done_is_named() {
    let dir = tempfile::tempdir().unwrap();
    Process::start(dir.path()).stop();
    let dir = dir.path();
    says(dir, &["add", "ada", "--password-stdin"], "password", "Made the account `ada`.");
    fails(dir, &["add", "ada", "--password-stdin"], "x\n", 1, "there already is an account `ada`");
    fails(dir, &["add", "a:b", "--password-stdin"], "x\n", 1, "`a:b`: username may not contain a colon");
    fails(dir, &["add", "new", "--password-stdin"], "\n", 1, "the password is empty; nothing was changed");
    for arguments in [["passwd", "nobody"], ["enable", "nobody"], ["disable", "nobody"], ["documents", "nobody"]] {
        fails(dir, &arguments, "", 1, "there is no account `nobody`");
    }
    fails(dir, &["delete", "nobody", "--yes"], "", 1, "there is no account `nobody`");
    let admin = "the account `admin` can neither be deleted nor switched off";
    fails(dir, &["delete", "admin", "--yes"], "", 1, admin);
    fails(dir, &["disable", "admin"], "", 1, admin);
    says(dir, &["passwd", "admin", "--password-stdin"], "a new one\n", "Set the password of `admin`.");
    let ask = "there is nobody to ask whether `ada` is to be deleted; give --yes if so";
    fails(dir, &["delete", "ada"], "y\n", 1, ask);

    let nowhere = dir.join("nowhere");
    let message = format!("data folder {}: there is no data in it; see `--data-dir`", nowhere.display());
    fails(&nowhere, &["list"], "", 2, &message);
    assert!(!nowhere.exists());
}

/// Accounts may be made before the first start, which then still makes `admin`.
#[test]
fn accounts_before_the_first_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    says(&data, &["add", "ada", "--password-stdin"], "password\n", "Made the account `ada`.");
    let process = Process::start(&data);
    process.logged("made the account `admin`");
    assert_eq!(process.client.login("ada", KEY).status, 200);
}

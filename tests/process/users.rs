//! `kosync user`, also while a server runs, which applies each change to the next request.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::kosync::{KillTimer, Process, command, output, run_with_input, single_line};
use crate::common::{KEY, OTHER_KEY, position, wait_until};

/// Runs `kosync user` on a data directory, with a text on standard input.
fn user(data_dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = command();
    command.arg("user").args(arguments).arg("--data-dir").arg(data_dir);
    run_with_input(command, input)
}

/// Asserts that a command succeeds and prints one line.
#[track_caller]
fn prints(data_dir: &Path, arguments: &[&str], input: &str, line: &str) {
    let output = user(data_dir, arguments, input);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(single_line(&output.stdout), line);
    assert!(output.stderr.is_empty(), "{output:?}");
}

/// Asserts that a command fails with an exit code and one line.
#[track_caller]
fn fails(data_dir: &Path, arguments: &[&str], input: &str, code: i32, line: &str) {
    let output = user(data_dir, arguments, input);
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert_eq!(single_line(&output.stderr), format!("kosync: {line}"));
    assert!(output.stdout.is_empty(), "{output:?}");
}

#[test]
fn a_running_server_applies_each_change_to_the_next_request() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let (client, dir) = (process.client, dir.path());

    prints(dir, &["add", "Jörg", "--password-stdin"], "password\n", "Created the account `Jörg`.");
    assert_eq!(client.login("Jörg", KEY).status, 200);
    client.pushed("Jörg", KEY, &position("book", "p", 0.25));

    prints(dir, &["passwd", "Jörg", "--password-stdin"], "\u{feff}test\r\n", "Changed the password of `Jörg`.");
    client.login("Jörg", KEY).unauthorized();
    assert_eq!(client.pulled("Jörg", OTHER_KEY, "book")["progress"], "p");

    prints(dir, &["disable", "Jörg"], "", "Disabled the account `Jörg`.");
    client.login("Jörg", OTHER_KEY).refused(401, 2001, "User is inactive");
    prints(dir, &["enable", "Jörg"], "", "Enabled the account `Jörg`.");
    assert_eq!(client.login("Jörg", OTHER_KEY).status, 200);

    prints(dir, &["delete", "Jörg", "--yes"], "", "Deleted the account `Jörg`.");
    client.login("Jörg", OTHER_KEY).unauthorized();
    client.registered("Jörg", KEY);
    assert_eq!(client.pull("Jörg", KEY, "book").body, "{}");
    process.stop();
}

#[test]
fn lists_are_tables_or_json() {
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
    assert_eq!(lines[1][..3], ["ada", "enabled", "1"]);
    assert_eq!(lines[2][..3], ["admin", "administrator", "0"]);
    assert!(table.lines().all(|line| line.find("  ").is_some()), "{table}");

    let documents: Value = serde_json::from_str(&list(&["documents", "ada", "--json"])).unwrap();
    assert_eq!(documents[0]["document"], "book\u{1b}[31m");
    assert_eq!((documents[0]["percentage"].as_f64(), documents[0]["title"].as_str()), (Some(0.256), Some("A Book")));
    let table = list(&["documents", "ada"]);
    assert!(table.lines().nth(1).unwrap().contains("25.6 %") && table.contains("A Book"), "{table}");
    assert!(!table.contains('\u{1b}'), "control characters of a client must not reach the terminal");

    // Joined documents are listed with the position that a pull gets.
    client.pushed("ada", KEY, &position("copy", "/body/p[2]", 0.2));
    client.pushed("ada", KEY, &position("epub", "/body/p[1]", 0.1));
    let body = json!({ "document": "copy" }).to_string();
    assert_eq!(client.send_as("ada", KEY, "POST", "/api/v1/documents/epub/join", Some(&body)).status, 200);
    client.pushed("ada", KEY, &position("epub", "/body/p[6]", 0.6));
    let documents: Value = serde_json::from_str(&list(&["documents", "ada", "--json"])).unwrap();
    let copy = documents.as_array().unwrap().iter().find(|row| row["document"] == "copy").unwrap();
    let pulled = client.pulled("ada", KEY, "copy");
    assert_eq!(pulled["percentage"], 0.6);
    for field in ["progress", "percentage", "device", "timestamp"] {
        assert_eq!(copy[field], pulled[field], "{field}");
    }
}

#[test]
fn an_error_says_why_a_command_failed() {
    let dir = tempfile::tempdir().unwrap();
    Process::start(dir.path()).stop();
    let dir = dir.path();
    prints(dir, &["add", "ada", "--password-stdin"], "password", "Created the account `ada`.");
    fails(
        dir,
        &["add", "ada", "--password-stdin"],
        "x\n",
        1,
        "the account `ada` already exists, or one whose name differs in case only",
    );
    fails(dir, &["add", "a:b", "--password-stdin"], "x\n", 1, "`a:b`: username may not contain a colon");
    fails(dir, &["add", "new", "--password-stdin"], "\n", 1, "the password is empty; nothing was changed");
    for arguments in [["passwd", "nobody"], ["enable", "nobody"], ["disable", "nobody"], ["documents", "nobody"]] {
        fails(dir, &arguments, "", 1, "there is no account `nobody`");
    }
    // Log-in tells spellings apart, too, and a command must not act on another account than the one that was named.
    fails(dir, &["disable", "ADA"], "", 1, "there is no account `ADA`; did you mean `ada`?");
    fails(dir, &["delete", "nobody", "--yes"], "", 1, "there is no account `nobody`");
    let admin = "the account `admin` cannot be deleted or disabled";
    fails(dir, &["delete", "admin", "--yes"], "", 1, admin);
    fails(dir, &["disable", "admin"], "", 1, admin);
    prints(dir, &["passwd", "admin", "--password-stdin"], "a new one\n", "Changed the password of `admin`.");
    let no_terminal = "there is no terminal to confirm the deletion of `ada`; use --yes to delete without asking";
    fails(dir, &["delete", "ada"], "y\n", 1, no_terminal);

    let nowhere = dir.join("nowhere");
    let message = format!("data directory {}: there is no data in it; set `--data-dir`", nowhere.display());
    fails(&nowhere, &["list"], "", 2, &message);
    assert!(!nowhere.exists());
}

/// The first start creates `admin` even if there are accounts.
#[test]
fn accounts_may_be_created_before_the_first_start() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    prints(&data, &["add", "ada", "--password-stdin"], "password\n", "Created the account `ada`.");
    let process = Process::start(&data);
    process.logged("created the account `admin`");
    assert_eq!(process.client.login("ada", KEY).status, 200);
}

/// An account `admin` is the administrator, however it was created.
#[test]
fn an_admin_created_before_the_first_start_is_the_administrator() {
    let dir = tempfile::tempdir().unwrap();
    prints(dir.path(), &["add", "admin", "--password-stdin"], "password\n", "Created the account `admin`.");
    let process = Process::start(dir.path());
    assert_eq!(process.client.send_as("admin", KEY, "GET", "/manage/users", None).status, 200);
}

#[test]
fn accounts_can_be_managed_without_the_certificate() {
    let dir = tempfile::tempdir().unwrap();
    Process::start(dir.path()).stop();
    let mut list = command();
    list.args(["user", "list", "--data-dir"]).arg(dir.path());
    list.env("KOSYNC_TLS_CERTIFICATE", "/nowhere").env("KOSYNC_TLS_KEY", "/nowhere");
    assert_eq!(run_with_input(list, "").status.code(), Some(0));
}

/// Types answers at prompts on a terminal, and returns everything that the terminal showed.
fn at_a_terminal(data_dir: &Path, arguments: &str, answers: &[(&str, &str)]) -> (String, Option<i32>) {
    let line = format!("{} user {arguments} --data-dir {}", env!("CARGO_BIN_EXE_kosync"), data_dir.display());
    // `script` provides a terminal. It is part of every Debian.
    let mut child = Command::new("script");
    child.args(["--quiet", "--return", "--command", &line, "/dev/null"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).spawn().unwrap();
    let _timer = KillTimer::start(&child);
    let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = String::new();
    let mut read_until = |prompt: Option<&str>| {
        let mut byte = [0];
        while !prompt.is_some_and(|prompt| shown.ends_with(prompt)) && stdout.read(&mut byte).unwrap() > 0 {
            shown.push(char::from(byte[0]));
        }
    };
    for (prompt, answer) in answers {
        read_until(Some(prompt));
        // The echo is switched off a moment after the question, and this test types faster than a person.
        wait_until("echo off", || (prompt.contains('?') || has_echo_off(child.id())).then_some(()));
        stdin.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
    read_until(None);
    (shown, child.wait().unwrap().code())
}

/// Returns whether the terminal of `script` hides what is typed.
fn has_echo_off(script: u32) -> bool {
    let children = std::fs::read_to_string(format!("/proc/{script}/task/{script}/children")).unwrap();
    let Some(child) = children.split_whitespace().next() else { return false };
    let Ok(terminal) = std::fs::read_link(format!("/proc/{child}/fd/0")) else { return false };
    let state = Command::new("stty").arg("-F").arg(terminal).arg("-a").output().unwrap();
    String::from_utf8_lossy(&state.stdout).contains(" -echo ")
}

#[test]
fn a_typed_password_is_asked_for_twice_and_not_shown() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let typed = [("Password: ", "password"), ("Again: ", "password")];
    let (shown, code) = at_a_terminal(dir, "add ada", &typed);
    assert!(shown.contains("Created the account `ada`.") && !shown.contains("password"), "{shown:?}");
    assert_eq!(code, Some(0));

    let (shown, code) = at_a_terminal(dir, "passwd ada", &[("Password: ", "one"), ("Again: ", "two")]);
    assert!(shown.contains("the two passwords differ; nothing was changed"), "{shown:?}");
    assert_eq!(code, Some(1));
    let process = Process::start(dir);
    assert_eq!(process.client.login("ada", KEY).status, 200);
    process.stop();

    let question = "Delete the account `ada` with 0 documents and their history? [y/N] ";
    let (shown, code) = at_a_terminal(dir, "delete ada", &[(question, "n")]);
    assert!(shown.contains("nothing was deleted") && code == Some(1), "{shown:?}");
    let (shown, code) = at_a_terminal(dir, "delete ada", &[(question, "y")]);
    assert!(shown.contains("Deleted the account `ada`.") && code == Some(0), "{shown:?}");
}

/// NixOS and containers declare accounts in the configuration.
#[test]
fn a_start_creates_the_configured_accounts_with_the_passwords_of_their_files() {
    let dir = tempfile::tempdir().unwrap();
    let (config, password) = (dir.path().join("config.json"), dir.path().join("ada"));
    let configure = |accounts: &str| {
        let listen = r#""listen":"127.0.0.1:0""#;
        let data = dir.path().join("data");
        fs::write(&config, format!(r#"{{{listen},"data_dir":{data:?},"registration":false,"accounts":{accounts}}}"#))
            .unwrap();
    };
    let ada = format!(r#"[{{"name":"ada","password_file":{password:?}}}]"#);
    let start = || {
        let mut command = command();
        command.arg("--config").arg(&config);
        Process::spawn(command)
    };
    configure(&ada);
    fs::write(&password, "password\n").unwrap();
    let process = start();
    assert_eq!(process.client.login("ada", KEY).status, 200);
    process.client.pushed("ada", KEY, &position("book", "p", 0.5));
    process.stop();

    fs::write(&password, "test\nonly the first line counts\n").unwrap();
    let process = start();
    process.client.login("ada", KEY).unauthorized();
    assert_eq!(process.client.pulled("ada", OTHER_KEY, "book")["progress"], "p", "the positions stay");
    process.stop();
    // A disabled account stays disabled, and one that is no longer configured stays.
    let data = dir.path().join("data");
    let disabled = output(&["--data-dir", data.to_str().unwrap(), "user", "disable", "ada"], &[]);
    assert_eq!(disabled.status.code(), Some(0));
    let process = start();
    process.client.login("ada", OTHER_KEY).refused(401, 2001, "User is inactive");
    process.stop();
    configure("[]");
    let process = start();
    process.client.login("ada", OTHER_KEY).refused(401, 2001, "User is inactive");
    process.stop();

    let refused = |accounts: &str, message: &str| {
        configure(accounts);
        let output = output(&["--config", config.to_str().unwrap()], &[]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        let line = single_line(&output.stderr);
        assert!(line.contains(message), "{line}");
    };
    refused(
        r#"[{"name":"a:b","password_file":"/x"}]"#,
        "key `accounts`: account a:b: username may not contain a colon",
    );
    refused(
        r#"[{"name":"admin","password_file":"/x"}]"#,
        "key `accounts`: account admin: set its password by `admin_password_file` instead",
    );
    refused(
        r#"[{"name":"ada","password_file":"/nowhere"}]"#,
        "key `accounts`: account ada: file /nowhere: No such file",
    );
    let twice =
        format!(r#"[{{"name":"ada","password_file":{password:?}}},{{"name":"ada","password_file":{password:?}}}]"#);
    refused(&twice, "key `accounts`: account ada: it is configured twice");
    refused(r#"[{"name":"ada"}]"#, "key `accounts[0]`: missing field `password_file`");
    fs::write(&password, "\n").unwrap();
    refused(&ada, "the first line is empty; it must be the password");
}

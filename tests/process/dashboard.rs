//! The dashboard of the real binary: the setting that disables it, its switch for registration, and its sessions.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::kosync::{Process, command};
use crate::common::{Client, KEY, Reply, connect, wait_until};

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

/// Logs in as `admin`, and returns the cookie.
fn log_in(client: Client) -> String {
    let form = format!("name=admin&password={}", PASSWORD.replace(' ', "+"));
    let reply = post(client, "/login", "", &form);
    reply.header("set-cookie").unwrap_or_else(|| panic!("{reply:?}")).split(';').next().unwrap().to_owned()
}

fn switch_registration(client: Client, open: &str) {
    let cookie = log_in(client);
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

/// The disk has only the secret's hash, so its reader cannot use the session.
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

/// Sends the head of an upload and its beginning.
fn begin_upload(client: Client, cookie: &str, content: &str) -> std::net::TcpStream {
    let mut stream = connect(client.address);
    write!(
        stream,
        "POST /transfer/upload HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nCookie: {cookie}\r\n\
         Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 10000000\r\n\r\n\
         --x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"books.jsonl\"\r\n\r\n{content}"
    )
    .unwrap();
    stream
}

/// Counts the deleted files of a directory that a process still has open.
fn nameless_files(process: &Process, dir: &Path) -> usize {
    let descriptors = fs::read_dir(format!("/proc/{}/fd", process.id())).unwrap();
    let targets = descriptors.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok());
    targets.filter(|target| target.starts_with(dir) && target.to_string_lossy().ends_with(" (deleted)")).count()
}

#[test]
fn nothing_remains_of_an_upload_or_a_copy_when_the_server_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let data_dir = dir.path().canonicalize().unwrap();
    let process = start(&data_dir, &[]);
    let cookie = log_in(process.client);
    let files = || {
        let names = fs::read_dir(&data_dir).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    };
    let before = files();
    let upload = begin_upload(process.client, &cookie, &"x".repeat(1 << 20));
    wait_until("the upload", || (nameless_files(&process, &data_dir) > 0).then_some(()));
    assert_eq!(files(), before);
    process.kill();
    drop(upload);
    assert_eq!(files(), before);

    // A copy that an export reads has a name while it is written.
    let copy = data_dir.join(".scratch/.kosync-export.x1Y2z3");
    fs::create_dir_all(&copy).unwrap();
    fs::write(copy.join("data.mdb"), "half a copy").unwrap();
    let process = start(&data_dir, &[]);
    assert_eq!(files(), before);
    process.stop();
}

/// Neither a file that waits for a decision nor an unfinished upload delays the stop.
#[test]
fn a_server_with_an_import_in_preview_stops_as_any_other() {
    let dir = tempfile::tempdir().unwrap();
    let process = start(dir.path(), &[]);
    let cookie = log_in(process.client);
    let client = process.client;
    let export = "{\"kosync_export\":{\"format\":1}}\n{\"end\":{\"accounts\":0,\"documents\":0}}\n";
    let body = format!(
        "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"books.jsonl\"\r\n\r\n{export}\r\n--x--\r\n"
    );
    let headers: [(&str, &[u8]); 3] = [
        ("origin", b"http://localhost"),
        ("cookie", cookie.as_bytes()),
        ("content-type", b"multipart/form-data; boundary=x"),
    ];
    assert_eq!(client.send("POST", "/transfer/upload", &headers, Some(&body)).status, 303);
    wait_until("the preview", || {
        let page = client.send("GET", "/transfer", &headers[1..2], None);
        page.body.contains("Would create 0 accounts").then_some(())
    });
    process.stop();
}

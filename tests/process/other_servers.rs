//! `kosync import` from other servers: every position, and every password that they know.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use super::kosync::{Process, command, failed, output, read_lines, run_with_input, succeeded};
use crate::common::{KEY, OTHER_KEY, TIMEOUT, accept_connection, are_installed, position};

pub fn import(data: &Path, arguments: &[&str]) -> Output {
    output(&[&["import"], arguments, &["--data-dir", data.to_str().unwrap()]].concat(), &[])
}

/// Asserts that an import had to leave out something, and returns its report.
#[track_caller]
pub fn incomplete(output: Output) -> String {
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Debian's Redis, without files on disk.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// Returns `None` if Redis is not installed.
    fn start() -> Option<Self> {
        if !are_installed(&["redis-server"], "KOSYNC_TEST_REDIS") {
            return None;
        }
        // Another process may take the free port, so this is tried several times.
        let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Some((0..10).map(|_| free()).find_map(Self::run).expect("redis-server did not start"))
    }

    fn run(port: u16) -> Option<Self> {
        let mut child = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = read_lines(child.stdout.take().unwrap());
        // From here on it is killed when it is dropped.
        let redis = Self { child, port };
        std::iter::from_fn(|| lines.recv_timeout(TIMEOUT).ok())
            .any(|line| line.contains("Ready to accept connections"))
            .then_some(redis)
    }

    /// Sends commands in Redis's protocol, each of which must succeed.
    fn send(&self, commands: &[&[&str]]) {
        let bytes = |words: &&[&str]| words.iter().map(|word| word.as_bytes().to_vec()).collect();
        self.send_bytes(&commands.iter().map(bytes).collect::<Vec<_>>());
    }

    fn send_bytes(&self, commands: &[Vec<Vec<u8>>]) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        for words in commands {
            let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
            for word in words {
                bytes.extend(format!("${}\r\n", word.len()).bytes());
                bytes.extend(word.iter().chain(b"\r\n"));
            }
            stream.write_all(&bytes).unwrap();
            let mut reply = String::new();
            BufReader::new(&stream).read_line(&mut reply).unwrap();
            assert!(!reply.starts_with('-'), "{words:?}: {reply}");
        }
    }

    /// Stores an account as the official server does.
    fn account(&self, name: &str, key: &str) {
        self.send(&[&["SELECT", "1"], &["SET", &format!("user:{name}:key"), key]]);
    }

    /// Stores a position as the official server does.
    fn push(&self, name: &str, id: &str, fields: &[&str]) {
        let key = format!("user:{name}:document:{id}");
        self.send(&[&["SELECT", "1"], &[&["HMSET", &key], fields].concat()]);
    }

    fn url(&self, database: u8) -> String {
        format!("redis://127.0.0.1:{}/{database}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn fields<'a>(progress: &'a str, percentage: &'a str, timestamp: &'a str) -> [&'a str; 10] {
    ["percentage", percentage, "progress", progress, "device", "Kobo", "device_id", "A1B2", "timestamp", timestamp]
}

#[test]
fn the_official_server_s_positions_and_passwords_are_imported() {
    let Some(redis) = Redis::start() else { return };
    redis.account("ada", KEY);
    redis.account("Jörg 本", OTHER_KEY);
    // An ordinary account on that server.
    redis.account("admin", OTHER_KEY);
    // Another account, which must not become `ada`.
    redis.account(" ada", OTHER_KEY);
    redis.push("ada", "0b229176d4e8db7f6d2b5a4952368d7a", &fields("/body/p[1]", "0.3333333333333333", "1700000000"));
    redis.push("ada", "no device id", &["percentage", "1", "progress", "", "device", "d", "timestamp", "1700000001"]);
    redis.push("Jörg 本", "book", &fields("42", "0.5", "1700000002"));
    // The official server stores the bytes that a client sent.
    let [key, device] = [b"user:ada:document:latin 1".as_slice(), b"M\xfcllers Kobo"];
    let words: [&[u8]; 10] =
        [b"HMSET", key, b"percentage", b"0.5", b"progress", b"p\xe4", b"device", device, b"timestamp", b"9"];
    redis.send_bytes(&[vec![b"SELECT".to_vec(), b"1".to_vec()], words.map(<[u8]>::to_vec).to_vec()]);
    for number in 0..2500 {
        redis.push("ada", &format!("many {number}"), &fields("p", "0.1", "1600000000"));
    }
    // Records that are foreign or invalid.
    redis.push("nobody", "book", &fields("p", "0.5", "1"));
    redis.push("ada", "broken", &fields("p", "half", "1"));
    redis.push("ada", "of the future", &fields("p", "0.5", "1e300"));
    redis.send(&[
        &["SELECT", "1"],
        &["SET", "user:ada:document:a string", "x"],
        &["SADD", "user:eve:key", "x"],
        &["SET", "user:x:y:z", "x"],
        &["SET", "other", "x"],
        // Any write from here on would fail.
        &["ACL", "SETUSER", "default", "-@write"],
    ]);

    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let dry = import(&data, &[&redis.url(1), "--dry-run"]);
    let errors = String::from_utf8(dry.stderr.clone()).unwrap();
    let admin = "The source has an ordinary account `admin`. That name is the administrator's here: once an administrator's \
                 password is set, `admin` logs in with that password.\n";
    assert_eq!(
        incomplete(dry),
        format!(
            "Would create 3 accounts and 2504 documents in the new data directory {}.\nWould skip 7 records, listed above.\n{admin}",
            data.display()
        )
    );
    for skipped in [
        "skipped: key user:x:y:z: the official server has no such key",
        "skipped: account  ada: its name begins or ends with a blank, which would make it another account here",
        "skipped: account eve: ",
        "skipped: account nobody, document book: its account does not exist",
        "skipped: account ada, document broken: its percentage is not a number: `half`",
        "skipped: account ada, document of the future: its time is in the future: 18446744073709551615 s after 1970",
        "skipped: account ada, document a string: ",
    ] {
        assert!(errors.contains(skipped), "{skipped}: {errors}");
    }
    assert!(!data.exists());
    let created = incomplete(import(&data, &[&redis.url(1)]));
    assert!(created.starts_with("Created 3 accounts and 2504 documents in the new data directory "), "{created}");

    let process = Process::start(&data);
    process.logged("no administrator: `admin` is an imported reader");
    assert_eq!(process.client.login("admin", OTHER_KEY).status, 200);
    let list = process.client.send_as("admin", OTHER_KEY, "GET", "/manage/users", None);
    assert_eq!(list.status, 401, "{list:?}");
    let pulled = process.client.pulled("ada", KEY, "0b229176d4e8db7f6d2b5a4952368d7a");
    let expected = json!({
        "document": "0b229176d4e8db7f6d2b5a4952368d7a", "progress": "/body/p[1]", "percentage": 1.0 / 3.0, "device": "Kobo",
        "device_id": "A1B2", "timestamp": 1_700_000_000,
    });
    assert_eq!(pulled, expected);
    let bare = process.client.pulled("ada", KEY, "no device id");
    assert_eq!((&bare["progress"], bare.get("device_id")), (&json!(""), None));
    assert_eq!(process.client.pulled("Jörg 本", OTHER_KEY, "book")["progress"], "42");
    let latin = process.client.pulled("ada", KEY, "latin 1");
    assert_eq!((&latin["device"], &latin["progress"]), (&json!("M\u{fffd}llers Kobo"), &json!("p\u{fffd}")), "[T9]");

    // A newer position here survives a second import.
    process.client.pushed("ada", KEY, &position("0b229176d4e8db7f6d2b5a4952368d7a", "further", 0.5));
    let again = incomplete(import(&data, &[&redis.url(1)]));
    assert!(again.starts_with("Created 0 accounts and 0 documents in the data directory "), "{again}");
    assert!(again.contains("\nUnchanged: 3 accounts"), "{again}");
    assert_eq!(process.client.pulled("ada", KEY, "0b229176d4e8db7f6d2b5a4952368d7a")["progress"], "further");
    process.stop();

    let wrong = failed(&import(&data, &[&redis.url(0)]));
    assert!(wrong.contains("database 0 has no accounts") && wrong.contains("redis://HOST:PORT/1"), "{wrong}");
}

#[test]
fn an_address_without_a_redis_is_reported() {
    let dir = tempfile::tempdir().unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let url = format!("redis://127.0.0.1:{free}/1");
    let refused = failed(&import(dir.path(), &[&url]));
    assert!(refused.starts_with(&format!("kosync: {url}: ")) && refused.contains("onnection refused"), "{refused}");
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0, "it leaves nothing behind");
    let process = Process::start(&dir.path().join("data"));
    let url = format!("redis://{}/1", process.client.address);
    let other = failed(&import(dir.path(), &[&url]));
    assert_eq!(other, format!("kosync: {url}: the server there is not Redis"));
    process.stop();
    let nonsense = failed(&import(dir.path(), &["redis://:secret@[/1"]));
    assert_eq!(nonsense, "kosync: redis://[/1: this is not a Redis address, such as redis://127.0.0.1:6379/1");
}

fn command_of(arguments: &[&str], data: &Path) -> Command {
    let mut command = command();
    command.args(arguments).args(["--data-dir", data.to_str().unwrap()]);
    command
}

/// Runs an import with a password on its standard input.
fn import_as_admin(data: &Path, url: &str, password: &str, more: &[&str]) -> Output {
    let mut command = command();
    command.args(["import", url, "--admin", "--password-stdin", "--data-dir", data.to_str().unwrap()]).args(more);
    run_with_input(command, &format!("{password}\n"))
}

#[test]
fn a_server_with_the_management_api_is_imported_without_passwords() {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command();
    command.arg("--data-dir").arg(dir.path().join("there")).args(["--listen", "127.0.0.1:0"]);
    command.env("ADMIN_PASSWORD", "correct horse");
    let there = Process::spawn(command);
    there.client.registered("ada", KEY);
    there.client.registered("Jörg & 本", OTHER_KEY);
    let stored = there.client.pushed("ada", KEY, &position("book", "/p[1]", 0.25));
    there.client.pushed(
        "Jörg & 本",
        OTHER_KEY,
        &json!({ "document": "b", "progress": "7", "percentage": 1, "device": "d" }),
    );
    // A book that was started over has no position, and no device is sent one [C2].
    there.client.pushed("ada", KEY, &position("over", "/p[9]", 0.99));
    let over = there.client.send_as("ada", KEY, "POST", "/api/v1/documents/over/start-over", None);
    assert_eq!(over.status, 200, "{over:?}");
    let url = format!("http://{}", there.client.address);

    let data = dir.path().join("here");
    let without_admin = import(&data, &[&url]);
    assert_eq!(
        failed(&without_admin),
        format!("kosync: {url}: use --admin to log in to that server as its administrator")
    );
    assert!(!data.exists());
    let wrong = failed(&import_as_admin(&data, &url, "wrong", &[]));
    assert!(
        wrong.ends_with("the server refuses `admin`: the password is wrong, or the account is no administrator"),
        "{wrong}"
    );
    let nothing = failed(&import_as_admin(&data, &format!("{url}/nothing/here"), "correct horse", &[]));
    assert!(nothing.contains("there is no management API"), "{nothing}");

    assert!(!data.exists(), "an address that is wrong leaves nothing behind");
    let imported = succeeded(import_as_admin(&data, &url, "correct horse", &[]));
    let set_them = "Set one for each with `kosync user passwd NAME`.";
    let without = format!("Without a password: Jörg & 本, ada, admin. {set_them}");
    let path = data.canonicalize().unwrap();
    let place = format!("in the new data directory {}", path.display());
    assert_eq!(imported, format!("Created 3 accounts and 2 documents {place}.\n{without}\n"));
    let again: Value =
        serde_json::from_str(&succeeded(import_as_admin(&data, &format!("{url}/"), "correct horse", &["--json"])))
            .unwrap();
    assert_eq!(again["documents"], json!({ "made": 0, "gone_on": 0, "there": 2, "of_other_password": 0 }));
    let here = Process::start(&data);
    here.client.login("ada", KEY).unauthorized();
    // Once an account here has a password, nothing tells whether it is that of the server there.
    succeeded(run_with_input(command_of(&["user", "passwd", "ada", "--password-stdin"], &data), "password\n"));
    there.client.pushed("ada", KEY, &position("another", "/p[1]", 0.25));
    let left_out = import_as_admin(&data, &url, "correct horse", &[]);
    let reason = "skipped: account ada: the source does not have its password, so the account of that name here may belong to another person";
    assert_eq!(String::from_utf8_lossy(&left_out.stderr).trim(), reason);
    assert!(incomplete(left_out).contains("Left out with 2 documents: ada. "));
    assert_eq!(here.client.pull("ada", KEY, "another").body, "{}");
    succeeded(import_as_admin(&data, &url, "correct horse", &["--merge", "ada"]));
    assert_eq!(here.client.pulled("ada", KEY, "another")["progress"], "/p[1]");
    assert_eq!(here.client.pull("ada", KEY, "over").body, "{}");
    there.stop();
    let documents = output(&["user", "documents", "ada", "--json", "--data-dir", data.to_str().unwrap()], &[]);
    let documents: Value = serde_json::from_slice(&documents.stdout).unwrap();
    assert_eq!(
        documents[1]["timestamp"].as_u64().or(documents[1]["position"]["timestamp"].as_u64()),
        stored["timestamp"].as_u64(),
        "{documents}"
    );
    here.stop();
}

#[test]
fn an_unexpected_response_ends_the_import_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for (response, reason) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "the response is not a list in JSON"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1,", "the response is not a list in JSON"),
        ("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", "unexpected status 500"),
        ("HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "unexpected status 302"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[", "the response broke off"),
        ("SSH-2.0-OpenSSH\r\n", "invalid HTTP version"),
        ("", "connection closed before message completed"),
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let mut stream = accept_connection(&listener);
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            stream.write_all(response.as_bytes()).unwrap();
        });
        let error = failed(&import_as_admin(&data, &url, "x", &[]));
        serving.join().unwrap();
        assert!(error.contains(reason), "{response:?}: {error}");
    }
    for (arguments, reason) in [
        (
            vec!["rediss://u:secret@h/1"],
            "rediss://h/1: this program connects to Redis without TLS only; use a tunnel and redis://",
        ),
        (vec!["ftp://h/x"], "ftp://h/x: unknown scheme `ftp://`; see `kosync import --help`"),
        (
            vec!["x.jsonl", "--admin"],
            "--admin requires the address of a server, such as https://books.example, but `x.jsonl` is a file",
        ),
    ] {
        let error = failed(&import(&data, &arguments));
        assert_eq!(error, format!("kosync: {reason}"));
    }
}

const NO_LOG: &str = "The database has no log (Kosync-log.db) beside it, which is usual. If there is one beside the original, the \
                      latest positions are only in there: copy it, too, and repeat the import.\n";

/// Returns a database of kosync-dotnet, and what LiteDB itself reads in it.
pub fn fixture(name: &str) -> (String, Value) {
    let folder = format!("{}/tests/fixtures/kosync-dotnet/{name}", env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(format!("{folder}/expected.json")).unwrap();
    (format!("{folder}/Kosync.db"), serde_json::from_str(&expected).unwrap())
}

#[test]
fn kosync_dotnet_s_positions_and_passwords_are_imported() {
    for name in ["kosync-small", "kosync-unclean-shared"] {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let (file, expected) = fixture(name);
        let users = expected["users"].as_array().unwrap();
        let documents: usize = users.iter().map(|user| user["documents"].as_array().unwrap().len()).sum();
        let report = format!(
            "{} accounts and {documents} documents in the new data directory {}.\n{}",
            users.len(),
            data.display(),
            // Whether a log is missing cannot be told, so it is said that there is none.
            if name == "kosync-small" { NO_LOG } else { "" }
        );
        assert_eq!(succeeded(import(&data, &[&file, "--dry-run"])), format!("Would create {report}"));
        assert!(!data.exists());
        assert_eq!(succeeded(import(&data, &[&file])), format!("Created {report}"));
        let again: Value = serde_json::from_str(&succeeded(import(&data, &[&file, "--json"]))).unwrap();
        assert_eq!(
            again["documents"],
            json!({ "made": 0, "gone_on": 0, "there": documents, "of_other_password": 0 }),
            "{name}"
        );

        let process = Process::start(&data);
        for user in users {
            let (name, key) = (user["username"].as_str().unwrap(), user["password_hash"].as_str().unwrap());
            if user["is_active"] == false {
                assert!(process.client.login(name, key).body.contains("User is inactive"), "{name}");
                continue;
            }
            assert_eq!(process.client.login(name, key).status, 200, "{name}");
            for document in user["documents"].as_array().unwrap() {
                let pulled = process.client.pulled(name, key, document["document"].as_str().unwrap());
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                assert_eq!(pulled["progress"], text(&document["progress"]), "{name}: {document}");
                assert_eq!(pulled["device"], text(&document["device"]), "{name}: {document}");
                assert_eq!(
                    pulled["percentage"].as_f64(),
                    text(&document["percentage"]).parse().ok(),
                    "{name}: {document}"
                );
                assert_eq!(pulled["timestamp"].as_i64(), Some(document["timestamp_ms"].as_i64().unwrap() / 1000));
            }
        }
        process.stop();
    }
}

/// kosync-dotnet ignores the case of names, and a phone's keyboard begins with a capital.
#[test]
fn an_account_from_kosync_dotnet_is_found_by_its_name_in_any_case() {
    let dir = tempfile::tempdir().unwrap();
    let [data, again, lines] = ["data", "again", "lines"].map(|name| dir.path().join(name));
    let (file, expected) = fixture("kosync-small");
    succeeded(import(&data, &[&file]));
    let users = expected["users"].as_array().unwrap();
    let is_plain = |name: &str| name.is_ascii() && name.chars().any(|c| c.is_ascii_lowercase()) && name != "admin";
    let user = users.iter().find(|user| is_plain(user["username"].as_str().unwrap()) && user["is_active"] == true);
    let (name, key) = (user.unwrap()["username"].as_str().unwrap(), user.unwrap()["password_hash"].as_str().unwrap());
    let other = name.to_uppercase();
    // It survives an export.
    succeeded(output(&["export", lines.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]));
    succeeded(import(&again, &[lines.to_str().unwrap()]));
    for data in [&data, &again] {
        let process = Process::start(data);
        let client = process.client;
        assert_eq!(client.login(&other, key).status, 200);
        client.pushed(&other, key, &position("book", "in upper case", 0.5));
        assert_eq!(client.pulled(name, key, "book")["progress"], "in upper case");
        client.login(&other, OTHER_KEY).unauthorized();
        client.register(&other, OTHER_KEY).refused(402, 2002, "Username is already registered.");
        // Logins of accounts that are created here are case-sensitive, and no other spelling can be registered [A7].
        client.registered("grace", KEY);
        client.login("Grace", KEY).unauthorized();
        client.register("Grace", OTHER_KEY).refused(402, 2002, "Username is already registered.");
        // Once it is deleted, its name is free in each spelling.
        assert_eq!(client.send_as(&other, key, "DELETE", "/users/me", None).status, 200);
        client.login(name, key).unauthorized();
        client.registered(&other, OTHER_KEY);
        client.login(name, OTHER_KEY).unauthorized();
        process.stop();
        succeeded(output(&["check", "--data-dir", data.to_str().unwrap()], &[]));
    }
}

/// A copy of `Kosync.db` alone looks whole. kosync cannot tell, but says where the rest would be.
#[test]
fn a_database_without_its_log_is_imported_with_a_note() {
    let dir = tempfile::tempdir().unwrap();
    let [data, copy] = ["data", "Kosync.db"].map(|name| dir.path().join(name));
    std::fs::copy(fixture("kosync-unclean-shared").0, &copy).unwrap();
    let printed = succeeded(import(&data, &[copy.to_str().unwrap()]));
    assert!(printed.ends_with(NO_LOG), "{printed}");
    let json: Value = serde_json::from_str(&succeeded(import(&data, &[copy.to_str().unwrap(), "--json"]))).unwrap();
    assert_eq!(json["lacks_log"], true);
}

#[test]
fn a_database_that_cannot_be_read_is_refused_and_nothing_is_created() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let refused = |file: &str| {
        let error = failed(&import(&data, &[file]));
        assert!(!data.exists(), "{error}");
        error
    };
    assert!(refused(&fixture("kosync-encrypted").0).contains("the database is encrypted"));
    let (file, _) = fixture("kosync-small");
    let folder = file.strip_suffix("/Kosync.db").unwrap();
    assert_eq!(refused(folder), format!("kosync: {folder}: this is a directory; name the file in it, {file}"));
    let bytes = std::fs::read(&file).unwrap();
    let copy = dir.path().join("Kosync.db");
    let path = copy.to_str().unwrap();
    std::fs::write(&copy, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refused(path).contains("is missing: the file is cut off"));
    // A file in the place of the log that is no log.
    std::fs::write(&copy, &bytes).unwrap();
    std::fs::write(dir.path().join("Kosync-log.db"), vec![7; 3 * 8192]).unwrap();
    let error = refused(path);
    assert!(error.contains("log"), "{error}");
}

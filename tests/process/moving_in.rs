//! Moving in from other servers: every position, and every login that they know.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::{Value, json};

use super::kosync::{Process, command, done, failed, finished, lines, output};
use crate::common::{KEY, OTHER_KEY, PATIENCE, accepted, has, position};

fn import(data: &Path, arguments: &[&str]) -> Output {
    output(&[&["import"], arguments, &["--data-dir", data.to_str().unwrap()]].concat(), &[])
}

/// Debian's Redis, which keeps nothing on disk.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// `None` where there is none.
    fn start() -> Option<Self> {
        if !has(&["redis-server"], "KOSYNC_TEST_REDIS") {
            return None;
        }
        // Somebody else may take a port that is free now.
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
        let said = lines(child.stdout.take().unwrap());
        // Ended with this, whatever it has said.
        let redis = Self { child, port };
        std::iter::from_fn(|| said.recv_timeout(PATIENCE).ok())
            .any(|line| line.contains("Ready to accept connections"))
            .then_some(redis)
    }

    /// Sends commands in its own protocol, each of which must do.
    fn send(&self, commands: &[&[&str]]) {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        for words in commands {
            let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
            words.iter().for_each(|word| bytes.extend(format!("${}\r\n{word}\r\n", word.len()).bytes()));
            stream.write_all(&bytes).unwrap();
            let mut reply = String::new();
            BufReader::new(&stream).read_line(&mut reply).unwrap();
            assert!(!reply.starts_with('-'), "{words:?}: {reply}");
        }
    }

    /// What the official server sends for an account and a push.
    fn account(&self, name: &str, key: &str) {
        self.send(&[&["SELECT", "1"], &["SET", &format!("user:{name}:key"), key]]);
    }

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
fn from_the_official_server() {
    let Some(redis) = Redis::start() else { return };
    redis.account("ada", KEY);
    redis.account("Jörg 本", OTHER_KEY);
    // A reader like any other, there.
    redis.account("admin", OTHER_KEY);
    // Somebody else's, who must not become ada.
    redis.account(" ada", OTHER_KEY);
    redis.push("ada", "0b229176d4e8db7f6d2b5a4952368d7a", &fields("/body/p[1]", "0.3333333333333333", "1700000000"));
    redis.push("ada", "no device id", &["percentage", "1", "progress", "", "device", "d", "timestamp", "1700000001"]);
    redis.push("Jörg 本", "book", &fields("42", "0.5", "1700000002"));
    for number in 0..2500 {
        redis.push("ada", &format!("many {number}"), &fields("p", "0.1", "1600000000"));
    }
    // What is none of its own, or broken.
    redis.push("nobody", "book", &fields("p", "0.5", "1"));
    redis.push("ada", "broken", &fields("p", "half", "1"));
    redis.push("ada", "of the future", &fields("p", "0.5", "1e300"));
    redis.send(&[
        &["SELECT", "1"],
        &["SET", "user:ada:document:a string", "x"],
        &["SADD", "user:eve:key", "x"],
        &["SET", "user:x:y:z", "x"],
        &["SET", "other", "x"],
        // From here on nobody writes to it.
        &["ACL", "SETUSER", "default", "-@write"],
    ]);

    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let dry = import(&data, &[&redis.url(1), "--dry-run"]);
    let said = String::from_utf8(dry.stderr.clone()).unwrap();
    let admin = "`admin` is a reader there, and the administrator's name here: where the administrator has a password, `admin` logs in \
                 with that one.\n";
    assert_eq!(
        done(dry),
        format!("Would make 3 accounts and 2503 documents.\nLeft out: 7 records, named above.\n{admin}")
    );
    for left_out in [
        "left out: key user:x:y:z: it is not the official server's",
        "left out: account  ada: its name has blanks at an end, which is another account's here",
        "left out: account eve: ",
        "left out: account nobody, document book: there is no such account",
        "left out: account ada, document broken: `half` is no percentage",
        "left out: account ada, document of the future: its time, 18446744073709551615 s after 1970, has not come yet",
        "left out: account ada, document a string: ",
    ] {
        assert!(said.contains(left_out), "{left_out}: {said}");
    }
    assert!(!data.exists());
    assert!(done(import(&data, &[&redis.url(1)])).starts_with("Made 3 accounts and 2503 documents.\n"));

    let process = Process::start(&data);
    process.logged("there is no administrator: `admin` is a reader who was imported");
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

    // Somebody has read on, and it is done once more: nothing is lost.
    process.client.pushed("ada", KEY, &position("0b229176d4e8db7f6d2b5a4952368d7a", "further", 0.5));
    let again = done(import(&data, &[&redis.url(1)]));
    assert!(again.starts_with("Made 0 accounts and 0 documents.\nAs before: 3 accounts"), "{again}");
    assert_eq!(process.client.pulled("ada", KEY, "0b229176d4e8db7f6d2b5a4952368d7a")["progress"], "further");
    process.stop();

    let wrong = failed(&import(&data, &[&redis.url(0)]));
    assert!(wrong.contains("there is no account in database 0") && wrong.contains("redis://HOST:PORT/1"), "{wrong}");
}

#[test]
fn a_redis_that_is_none_or_away_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let away = failed(&import(dir.path(), &[&format!("redis://127.0.0.1:{free}/1")]));
    assert!(away.starts_with("kosync: Redis: ") && away.contains("onnection refused"), "{away}");
    let process = Process::start(&dir.path().join("data"));
    let other = failed(&import(dir.path(), &[&format!("redis://{}/1", process.client.address)]));
    assert!(other.starts_with("kosync: Redis: "), "{other}");
    process.stop();
    let nonsense = failed(&import(dir.path(), &["redis://[/1"]));
    assert!(nonsense.starts_with("kosync: Redis: the address is not one of Redis"), "{nonsense}");
}

/// Runs an import with a password on its standard input.
fn import_as_admin(data: &Path, url: &str, password: &str, more: &[&str]) -> Output {
    let mut command = command();
    command.args(["import", url, "--admin", "--password-stdin", "--data-dir", data.to_str().unwrap()]).args(more);
    finished(command, &format!("{password}\n"))
}

#[test]
fn from_a_server_with_the_management_api() {
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
    let url = format!("http://{}", there.client.address);

    let data = dir.path().join("here");
    let asked = import(&data, &[&url]);
    assert_eq!(failed(&asked), format!("kosync: {url}: give --admin, to ask that server as its administrator"));
    let wrong = failed(&import_as_admin(&data, &url, "wrong", &[]));
    assert!(wrong.ends_with("it lets `admin` in neither with that password nor as an administrator"), "{wrong}");
    let nothing = failed(&import_as_admin(&data, &format!("{url}/nothing/here"), "correct horse", &[]));
    assert!(nothing.contains("there is no management API"), "{nothing}");

    let moved = done(import_as_admin(&data, &url, "correct horse", &[]));
    let no_logins = "No password could be taken over for these: ";
    let set_them = "Set one for each with `kosync user passwd NAME`.";
    assert_eq!(moved, format!("Made 3 accounts and 2 documents.\n{no_logins}Jörg & 本, ada, admin. {set_them}\n"));
    let again: Value =
        serde_json::from_str(&done(import_as_admin(&data, &format!("{url}/"), "correct horse", &["--json"]))).unwrap();
    assert_eq!(again["documents"], json!({ "made": 0, "gone_on": 0, "there": 2 }));
    there.stop();

    let here = Process::start(&data);
    here.client.login("ada", KEY).unauthorized();
    let documents = output(&["user", "documents", "ada", "--json", "--data-dir", data.to_str().unwrap()], &[]);
    let documents: Value = serde_json::from_slice(&documents.stdout).unwrap();
    assert_eq!(
        documents[0]["timestamp"].as_u64().or(documents[0]["position"]["timestamp"].as_u64()),
        stored["timestamp"].as_u64(),
        "{documents}"
    );
    here.stop();
}

/// A server that answers with whatever it likes.
#[test]
fn a_hostile_server_is_told_from_one() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    for (answer, said) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "its answer is no list"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1,", "its answer is no list"),
        ("HTTP/1.1 500 x\r\nContent-Length: 0\r\n\r\n", "it answered 500"),
        ("HTTP/1.1 302 x\r\nLocation: /\r\nContent-Length: 0\r\n\r\n", "it answered 302"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n[", "its answer broke off"),
        ("SSH-2.0-OpenSSH\r\n", "invalid HTTP version"),
        ("", "connection closed before message completed"),
    ] {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = std::thread::spawn(move || {
            let mut stream = accepted(&listener);
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let told = failed(&import_as_admin(&data, &url, "x", &[]));
        serving.join().unwrap();
        assert!(told.contains(said), "{answer:?}: {told}");
    }
    for (arguments, said) in [
        (vec!["rediss://u:secret@h/1"], "rediss://h/1: this program speaks to Redis without TLS only; make a tunnel"),
        (vec!["ftp://h/x"], "nothing is known of `ftp://`; see `kosync import --help`"),
        (
            vec!["x.jsonl", "--admin"],
            "--admin is for the address of a server, such as https://books.example; `x.jsonl` is none",
        ),
    ] {
        let told = failed(&import(&data, &arguments));
        assert!(told.ends_with(said), "{told}");
    }
}

/// A database of kosync-dotnet, and what LiteDB itself reads in it.
fn fixture(name: &str) -> (String, Value) {
    let folder = format!("{}/tests/fixtures/kosync-dotnet/{name}", env!("CARGO_MANIFEST_DIR"));
    let expected = std::fs::read_to_string(format!("{folder}/expected.json")).unwrap();
    (format!("{folder}/Kosync.db"), serde_json::from_str(&expected).unwrap())
}

#[test]
fn from_kosync_dotnet_with_every_login() {
    for name in ["kosync-small", "kosync-unclean-shared"] {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        let (file, expected) = fixture(name);
        let users = expected["users"].as_array().unwrap();
        let documents: usize = users.iter().map(|user| user["documents"].as_array().unwrap().len()).sum();
        assert_eq!(
            done(import(&data, &[&file, "--dry-run"])),
            format!("Would make {} accounts and {documents} documents.\n", users.len())
        );
        assert_eq!(
            done(import(&data, &[&file])),
            format!("Made {} accounts and {documents} documents.\n", users.len())
        );
        let again: Value = serde_json::from_str(&done(import(&data, &[&file, "--json"]))).unwrap();
        assert_eq!(again["documents"], json!({ "made": 0, "gone_on": 0, "there": documents }), "{name}");

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

/// kosync-dotnet does not tell `ada` from `Ada`, and a telephone's keyboard begins with a capital.
#[test]
fn who_comes_from_kosync_dotnet_may_be_spelled_as_before() {
    let dir = tempfile::tempdir().unwrap();
    let [data, again, lines] = ["data", "again", "lines"].map(|name| dir.path().join(name));
    let (file, expected) = fixture("kosync-small");
    done(import(&data, &[&file]));
    let users = expected["users"].as_array().unwrap();
    let is_plain = |name: &str| name.is_ascii() && name.chars().any(|c| c.is_ascii_lowercase()) && name != "admin";
    let user = users.iter().find(|user| is_plain(user["username"].as_str().unwrap()) && user["is_active"] == true);
    let (name, key) = (user.unwrap()["username"].as_str().unwrap(), user.unwrap()["password_hash"].as_str().unwrap());
    let other = name.to_uppercase();
    // It survives an export.
    done(output(&["export", lines.to_str().unwrap(), "--data-dir", data.to_str().unwrap()], &[]));
    done(import(&again, &[lines.to_str().unwrap()]));
    for data in [&data, &again] {
        let process = Process::start(data);
        let client = process.client;
        assert_eq!(client.login(&other, key).status, 200);
        client.pushed(&other, key, &position("book", "as spelled there", 0.5));
        assert_eq!(client.pulled(name, key, "book")["progress"], "as spelled there");
        client.login(&other, OTHER_KEY).unauthorized();
        client.register(&other, OTHER_KEY).refused(402, 2002, "Username is already registered.");
        // Whoever is made here is told from others.
        client.registered("grace", KEY);
        client.login("Grace", KEY).unauthorized();
        client.register("Grace", OTHER_KEY).refused(402, 2002, "Username is already registered.");
        // Once it is gone, its name is anybody's in each spelling.
        assert_eq!(client.send_as(&other, key, "DELETE", "/users/me", None).status, 200);
        client.login(name, key).unauthorized();
        client.registered(&other, OTHER_KEY);
        client.login(name, OTHER_KEY).unauthorized();
        process.stop();
        done(output(&["check", "--data-dir", data.to_str().unwrap()], &[]));
    }
}

/// Nobody has set a password there, so everybody knows it.
#[test]
fn the_administrator_s_default_password_stays_there() {
    let dir = tempfile::tempdir().unwrap();
    let [data, copy] = ["data", "Kosync.db"].map(|name| dir.path().join(name));
    let (file, expected) = fixture("kosync-small");
    let admin = expected["users"].as_array().unwrap().iter().find(|user| user["username"] == "admin").unwrap();
    let (key, default) = (admin["password_hash"].as_str().unwrap(), "21232f297a57a5a743894a0e4a801fc3");
    let mut bytes = std::fs::read(&file).unwrap();
    let places: Vec<usize> = (0..bytes.len() - 32).filter(|at| bytes[*at..].starts_with(key.as_bytes())).collect();
    for place in places {
        bytes[place..place + 32].copy_from_slice(default.as_bytes());
    }
    std::fs::write(&copy, bytes).unwrap();
    let said = done(import(&data, &[copy.to_str().unwrap()]));
    assert!(said.contains("No password could be taken over for these: admin. Set one for each with"), "{said}");
    let process = Process::start(&data);
    process.client.login("admin", default).unauthorized();
    process.client.login("admin", "admin").unauthorized();
    process.stop();
}

#[test]
fn a_database_that_cannot_be_taken_over_is_named_and_nothing_is_made() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let refused = |file: &str| {
        let said = failed(&import(&data, &[file]));
        let list = output(&["user", "list", "--json", "--data-dir", data.to_str().unwrap()], &[]);
        assert_eq!(done(list), "[]\n", "{said}");
        said
    };
    assert!(refused(&fixture("kosync-encrypted").0).contains("the database has a password and is encrypted"));
    let (file, _) = fixture("kosync-small");
    let bytes = std::fs::read(&file).unwrap();
    let copy = dir.path().join("Kosync.db");
    let path = copy.to_str().unwrap();
    std::fs::write(&copy, &bytes[..bytes.len() / 2]).unwrap();
    assert!(refused(path).contains("is missing: the file is cut off"));
    // A log beside it that is none.
    std::fs::write(&copy, &bytes).unwrap();
    std::fs::write(dir.path().join("Kosync-log.db"), vec![7; 3 * 8192]).unwrap();
    let said = refused(path);
    assert!(said.contains("log"), "{said}");
}

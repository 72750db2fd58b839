//! `kosync export`, `kosync import` of an export, and `kosync check`.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use super::kosync::{Process, command, failed, output, run_with_input, single_line, succeeded};
use crate::common::{KEY, OTHER_KEY, position};

/// Runs a command on a data directory.
fn run(data: &Path, arguments: &[&str]) -> Output {
    output(&[arguments, &["--data-dir", data.to_str().unwrap()]].concat(), &[])
}

/// Fills a data directory with accounts, documents and history.
pub fn fill(data: &Path) {
    let process = Process::start(data);
    for name in ["ada", "grace", "Jörg 本"] {
        process.client.registered(name, KEY);
    }
    for (place, percentage) in [("/body/p[1]", 0.1), ("/body/p[2]", 0.2), ("/body/p[3]\"\\\u{1}", 1.0 / 3.0)] {
        let mut body = position("emma", place, percentage);
        body["metadata"] = json!({ "title": "Emma", "authors": "Jane Austen", "filename": "e.epub" });
        process.client.pushed("ada", KEY, &body);
    }
    process.client.pushed("ada", KEY, &json!({ "document": "b/1", "progress": "", "percentage": -7, "device": "d" }));
    process.client.pushed("Jörg 本", KEY, &position("emma", "x", 1.0));
    let name = json!({ "name": "Mine" }).to_string();
    assert_eq!(process.client.send_as("ada", KEY, "PATCH", "/api/v1/documents/emma", Some(&name)).status, 200);
    let preferences = json!({ "language": "nl", "time_zone": "Asia/Tokyo", "day_end": 2, "goal": 40 }).to_string();
    assert_eq!(process.client.send_as("ada", KEY, "PATCH", "/api/v1/account", Some(&preferences)).status, 200);
    process.stop();
    succeeded(run(data, &["user", "disable", "grace"]));
}

/// What an import into a new data directory prints.
fn created(what: &str, data: &Path) -> String {
    format!("Created {what} in the new data directory {}.\n", data.canonicalize().unwrap().display())
}

#[test]
fn an_export_of_an_import_is_identical() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (first, second) = (dir.path().join("first"), dir.path().join("second"));
    fill(&first);
    let (one, two) = (path("one.jsonl"), path("two.jsonl"));
    assert_eq!(succeeded(run(&first, &["export", &one])), format!("Wrote 4 accounts with 3 documents to {one}.\n"));
    assert_eq!(fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(succeeded(run(&second, &["import", &one])), created("4 accounts and 3 documents", &second));
    succeeded(run(&second, &["export", &two]));
    let (one, two) = (fs::read_to_string(&one).unwrap(), fs::read_to_string(&two).unwrap());
    assert_eq!(one, two);
    // The same on standard output.
    let piped = run(&second, &["export", "-"]);
    assert_eq!(String::from_utf8_lossy(&piped.stderr), "Wrote 4 accounts with 3 documents.\n");
    assert_eq!(succeeded(piped), one);

    // Everything is there, including the passwords.
    let process = Process::start(&second);
    let emma = process.client.pulled("ada", KEY, "emma");
    assert_eq!((&emma["progress"], &emma["percentage"]), (&json!("/body/p[3]\"\\\u{1}"), &json!(1.0 / 3.0)));
    assert_eq!(process.client.pulled("Jörg 本", KEY, "emma")["progress"], "x");
    assert_eq!(process.client.login("grace", KEY).status, 401);
    succeeded(run(&second, &["user", "enable", "grace"]));
    assert_eq!(process.client.login("grace", KEY).status, 200);
    let document = process.client.send_as("ada", KEY, "GET", "/api/v1/documents/emma", None).json();
    assert_eq!((&document["name"], &document["metadata"]["authors"]), (&json!("Mine"), &json!("Jane Austen")));
    let history = process.client.send_as("ada", KEY, "GET", "/api/v1/documents/emma/history", None).json();
    assert_eq!(history["history"].as_array().map(Vec::len), Some(3), "{history}");
    let account = process.client.send_as("ada", KEY, "GET", "/api/v1/account", None).json();
    let preferences = ["language", "time_zone", "day_end", "goal"].map(|field| account[field].clone());
    assert_eq!(preferences, [json!("nl"), json!("Asia/Tokyo"), json!(2), json!(40)], "{account}");
    process.stop();
    assert!(succeeded(run(&second, &["check"])).ends_with("No problems found.\n"));

    // The lines have the documented format.
    let lines: Vec<Value> = one.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], json!({ "kosync_export": { "format": 1 } }));
    assert_eq!(lines.last(), Some(&json!({ "end": { "accounts": 4, "documents": 3 } })));
    let emma = lines
        .iter()
        .find(|line| line["document"]["account"] == "ada" && line["document"]["document"] == "emma")
        .unwrap();
    assert_eq!(emma["document"]["history"][0]["progress"], "/body/p[1]");
    assert!(lines[1]["account"]["key"].as_str().unwrap().starts_with("$argon2id$"));
}

/// Joined files go on exactly where they were [I7]. This also holds where their histories alone say otherwise.
#[test]
fn i7_a_joined_book_is_imported_as_it_was_exported() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (first, second, third) = (dir.path().join("first"), dir.path().join("second"), dir.path().join("third"));
    let at = |document: &str, percentage: f64, device: &str| {
        let progress = format!("/body/DocFragment[{}]", (percentage * 100.0).round());
        json!({ "document": document, "progress": progress, "percentage": percentage, "device": device })
    };
    let send = |process: &Process, method: &str, path: &str, body: &Value| {
        let reply = process.client.send_as("ada", KEY, method, &format!("/api/v1/{path}"), Some(&body.to_string()));
        assert_eq!(reply.status, 200, "{reply:?}");
    };
    let pulled = |process: &Process| ["one", "two", "never"].map(|id| process.client.pulled("ada", KEY, id));
    let process = Process::start(&first);
    process.client.registered("ada", KEY);
    process.client.pushed("ada", KEY, &at("one", 0.6, "Kobo"));
    for other in ["two", "never"] {
        send(&process, "POST", "documents/one/join", &json!({ "document": other }));
    }
    send(&process, "PATCH", "account", &json!({ "current_position": "furthest" }));
    process.client.pushed("ada", KEY, &at("two", 0.4, "Phone"));
    send(&process, "PATCH", "account", &json!({ "current_position": "newest" }));
    let expected = pulled(&process);
    assert_eq!(expected.clone().map(|position| position["percentage"].clone()), [0.6, 0.6, 0.6].map(Value::from));
    process.stop();
    let (one, two) = (path("one.jsonl"), path("two.jsonl"));
    succeeded(run(&first, &["export", &one]));
    assert_eq!(succeeded(run(&second, &["import", &one])), created("2 accounts and 2 documents", &second));
    succeeded(run(&second, &["export", &two]));
    let (text, again) = (fs::read_to_string(&one).unwrap(), fs::read_to_string(&two).unwrap());
    assert_eq!(text, again);
    let parted = |data: &Path| {
        let process = Process::start(data);
        assert_eq!(pulled(&process), expected);
        // Opened and closed where it was, the phone has not read.
        process.client.pushed("ada", KEY, &at("two", 0.4, "Phone"));
        assert_eq!(pulled(&process), expected);
        send(&process, "POST", "documents/one/part", &json!({ "document": "two" }));
        let pulled = pulled(&process);
        process.stop();
        assert!(succeeded(run(data, &["check"])).ends_with("No problems found.\n"));
        pulled
    };
    let own = parted(&first);
    assert_eq!(own[1]["percentage"], 0.4);
    assert_eq!(parted(&second), own);

    // The line has the documented format.
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let book = &lines.iter().find(|line| line.get("book").is_some()).unwrap()["book"];
    let newest = |id: &str| {
        let of = lines.iter().find(|line| line["document"]["document"] == id).unwrap();
        of["document"]["history"][0]["timestamp"].clone()
    };
    let documents = json!([
        { "document": "one", "positions": 1, "newest": newest("one") },
        { "document": "two", "positions": 1, "newest": newest("two") },
        { "document": "never" },
    ]);
    assert_eq!((&book["account"], &book["documents"]), (&json!("ada"), &documents));
    assert_eq!((&book["current"]["document"], &book["current"]["entry"]), (&json!("one"), &json!(0)));
    assert_eq!((&book["current"]["position"]["percentage"], book.get("apart")), (&json!(0.6), None));
    assert_eq!(lines.last(), Some(&json!({ "end": { "accounts": 2, "documents": 2, "books": 1 } })));

    // A book that cannot be is named, and its documents are imported.
    for (field, value, reason) in [
        (
            "/documents",
            json!([{ "document": "one", "positions": 1 }]),
            "it has a document twice, or not 2 to 16 documents",
        ),
        ("/documents/2/document", json!("two"), "it has a document twice, or not 2 to 16 documents"),
        ("/current/document", json!("never"), "its current position belongs to no document of it"),
        ("/apart", json!([["one", "else"]]), "its pair one, else is not two documents of it"),
        ("/apart", json!([["one", "one"]]), "its pair one, one is not two documents of it"),
        ("/current/position", Value::Null, "it has no current position, or has one though it was started over"),
        ("/current/holder", json!("Kobo"), "its holder is not a hash"),
        (
            "/current/devices",
            json!([{ "device": "1", "place": "2", "percentage": 1.0, "reached": 2 }]),
            "a device or a place is not a hash",
        ),
    ] {
        let mut bad = book.clone();
        match bad.pointer_mut(field) {
            Some(found) => *found = value,
            None => bad["apart"] = value,
        }
        let line = text.lines().find(|line| line.starts_with("{\"book\"")).unwrap().to_owned();
        let file = path("bad.jsonl");
        fs::write(&file, text.replace(&line, &json!({ "book": bad }).to_string())).unwrap();
        let imported = run(&third, &["import", &file, "--dry-run"]);
        let skipped = String::from_utf8(imported.stderr.clone()).unwrap();
        assert!(skipped.contains("account ada, book of document one: "), "{skipped}");
        assert!(skipped.contains(reason), "{reason}: {skipped}");
        assert_eq!(imported.status.code(), Some(3), "{imported:?}");
    }
}

#[test]
fn an_export_replaces_a_file_only_with_force() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    fill(&data);
    let file = dir.path().join("there");
    fs::write(&file, "precious").unwrap();
    let file = file.to_str().unwrap();
    let error = failed(&run(&data, &["export", file]));
    assert_eq!(error, format!("kosync: {file}: a file of that name exists already; `--force` replaces it"));
    assert_eq!(fs::read_to_string(file).unwrap(), "precious");
    succeeded(run(&data, &["export", file, "--force"]));
    assert!(fs::read_to_string(file).unwrap().starts_with("{\"kosync_export\""));
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "no partial file is left: {left:?}");
    let nowhere = failed(&run(&data, &["export", "/nowhere/x"]));
    assert!(nowhere == "kosync: /nowhere/x: there is no directory /nowhere", "{nowhere}");
    let nothing = run(&dir.path().join("nothing"), &["export", "-"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(single_line(&nothing.stderr).contains("there is no data in it"));
}

/// Makes an export of an account `ada` with these documents.
fn export(documents: &[Value]) -> String {
    let key = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let account = json!({ "account": { "name": "ada", "key": key, "active": true } });
    let mut lines = vec![json!({ "kosync_export": { "format": 1 } }), account];
    lines.extend(documents.iter().map(|document| json!({ "document": document })));
    lines.push(json!({ "end": { "accounts": 1, "documents": documents.len() } }));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Makes a document of `ada` with a history of progress and time.
fn document(id: &str, history: &[(&str, u64)]) -> Value {
    let history: Vec<Value> = history
        .iter()
        .map(|(place, time)| json!({ "progress": place, "percentage": 0.5, "device": "d", "timestamp": time }))
        .collect();
    json!({ "account": "ada", "document": id, "history": history })
}

/// Returns the history of the document `book`, the oldest position first.
fn history_of_book(data: &Path) -> Vec<String> {
    let lines = succeeded(run(data, &["export", "-"]));
    let line: Value = serde_json::from_str(lines.lines().find(|line| line.contains("\"book\"")).unwrap()).unwrap();
    let history = line["document"]["history"].as_array().unwrap().iter();
    history.map(|entry| entry["progress"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_newest_position_wins_and_a_second_import_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    let process = Process::start(&data);
    process.client.registered("ada", OTHER_KEY);
    let now =
        process.client.pushed("ada", OTHER_KEY, &position("newer here", "ours", 0.1))["timestamp"].as_u64().unwrap();
    process.client.pushed("ada", OTHER_KEY, &position("newer there", "ours", 0.1));
    fs::write(
        &file,
        export(&[
            document("newer here", &[("theirs", now - 100)]),
            document("newer there", &[("long ago", now - 100), ("theirs", now + 100), ("theirs, later", now + 200)]),
            document("only there", &[("first", 5), ("second", 5), ("third", 6)]),
        ]),
    )
    .unwrap();
    let file = file.to_str().unwrap();
    let would = "Would create 0 accounts and 1 document in the data directory DATA.\n\
                 Would advance 1 document to a newer position; the earlier one is in the history.\n\
                 Unchanged: 1 account, with the password they have here, and 1 document, whose position here is as new or newer.\n";
    let would = would.replace("DATA", data.canonicalize().unwrap().to_str().unwrap());
    let merge = ["import", file, "--merge", "ada"];
    assert_eq!(succeeded(run(&data, &[&merge[..], &["--dry-run"]].concat())), would);
    assert_eq!(process.client.pull("ada", OTHER_KEY, "only there").body, "{}", "a dry run changes nothing");

    // The running server sees it with the next request.
    let did = would.replace("Would create", "Created").replace("Would advance", "Advanced");
    assert_eq!(succeeded(run(&data, &merge)), did);
    let at = |document: &str| process.client.pulled("ada", OTHER_KEY, document)["progress"].clone();
    assert_eq!(at("newer here"), "ours");
    assert_eq!(at("newer there"), "theirs, later");
    assert_eq!(at("only there"), "third");
    let history = |document: &str| {
        let path = format!("/api/v1/documents/{}/history", document.replace(' ', "%20"));
        let history = process.client.send_as("ada", OTHER_KEY, "GET", &path, None).json();
        let entries = history["history"].as_array().unwrap().clone();
        entries.into_iter().map(|entry| entry["progress"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(history("newer there"), ["theirs, later", "theirs", "ours", "long ago"]);
    assert_eq!(history("newer here"), ["ours", "theirs"], "no position is lost");
    assert_eq!(history("only there"), ["third", "second", "first"]);

    let again = succeeded(run(&data, &[&merge[..], &["--json"]].concat()));
    let again: Value = serde_json::from_str(&again).unwrap();
    assert_eq!(again["accounts"], json!({ "made": 0, "there": 1, "without_password": [], "other_password": [] }));
    assert_eq!(again["documents"], json!({ "made": 0, "gone_on": 0, "there": 3, "of_other_password": 0 }));
    assert_eq!((history("newer there").len(), history("newer here").len()), (4, 2));
    process.stop();
    assert!(succeeded(run(&data, &["check"])).ends_with("No problems found.\n"));
}

/// Creates an account.
fn run_with_password(data: &Path, name: &str, password: &str) -> Output {
    let mut command = command();
    command.args(["user", "add", name, "--password-stdin", "--data-dir", data.to_str().unwrap()]);
    run_with_input(command, &format!("{password}\n"))
}

#[test]
fn a_dry_run_does_not_create_the_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    fs::write(&file, export(&[document("book", &[("p", 1)])])).unwrap();
    let printed = succeeded(run(&data, &["import", file.to_str().unwrap(), "--dry-run"]));
    let place = format!("in the new data directory {}", data.display());
    assert_eq!(printed, format!("Would create 1 account and 1 document {place}.\n"));
    assert!(!data.exists());
}

#[test]
fn an_invalid_record_is_skipped_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    let mut stranger = document("book", &[("p", 1)]);
    stranger["account"] = json!("nobody");
    let mut too_far = document("not a number", &[("p", 1)]);
    too_far["history"][0]["percentage"] = json!("a lot");
    let endless: Vec<(&str, u64)> = (0..1001).map(|time| ("p", time)).collect();
    let long = "x".repeat(9000);
    let (mut titled, mut named) = (document("titled", &[("p", 1)]), document("named", &[("p", 1)]));
    titled["metadata"] = json!({ "title": "x".repeat(1025) });
    named["name"] = json!("two\nlines");
    let mut text = export(&[
        document("good", &[("p", 1)]),
        document("a:b", &[("p", 1)]),
        too_far,
        document("no position", &[]),
        document("endless", &endless),
        document("long", &[(&long, 1)]),
        titled,
        named,
        stranger,
    ]);
    text = text.replacen("{\"document\"", "nonsense\n{\"sonnet\":1}\n{\"account\":{\"name\":\"eve\",\"key\":\"$argon2id$v=19$m=4194304,t=9,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\",\"active\":true}}\n{\"document\"", 1);
    text = text.replace("\"accounts\":1", "\"accounts\":4");
    fs::write(&file, text).unwrap();
    let imported = run(&data, &["import", file.to_str().unwrap()]);
    let skipped = String::from_utf8(imported.stderr.clone()).unwrap();
    assert_eq!(imported.status.code(), Some(3), "{imported:?}");
    let printed = String::from_utf8(imported.stdout).unwrap();
    assert_eq!(printed, created("1 account and 1 document", &data) + "Skipped 11 records, listed above.\n");
    for line in [
        "skipped: line 3: expected value at column 1",
        "skipped: line 4: unknown variant `sonnet`",
        "skipped: account eve: its key is not an Argon2id hash that this server makes",
        "skipped: line 7: document may not contain a colon at column",
        "skipped: line 8: invalid type: string \"a lot\", expected f64",
        "skipped: line 9, account ada, document no position: it has no position",
        "skipped: line 10, account ada, document endless: its history has more than 1000 positions",
        "skipped: line 11, account ada, document long: progress is longer than 8192 bytes",
        "skipped: line 12, account ada, document titled: its title, its authors or its file name is longer than 1024 bytes",
        "skipped: line 13, account ada, document named: name may not contain control characters",
        "skipped: account nobody, document book: its account does not exist",
    ] {
        assert!(skipped.contains(line), "{line}: {skipped}");
    }
    assert_eq!(skipped.lines().count(), 11, "{skipped}");
    assert!(succeeded(run(&data, &["check"])).starts_with("1 account, 1 document, 1 position including history"));
}

#[test]
fn an_incomplete_export_or_another_file_is_refused_before_anything_changes() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x"));
    let whole = export(&[document("book", &[("p", 1)]), document("other", &[("p", 1)])]);
    let path = file.to_str().unwrap().to_owned();
    let refused = |content: &[u8]| {
        fs::write(&file, content).unwrap();
        let error = failed(&run(&data, &["import", &path]));
        assert!(!data.exists(), "{error}");
        error.strip_prefix(&format!("kosync: {path}: ")).unwrap_or_else(|| panic!("{error}")).to_owned()
    };
    let cut = "the file is cut off: its last line is missing";
    for lines in 1..5 {
        let start: String = whole.lines().take(lines).map(|line| format!("{line}\n")).collect();
        assert_eq!(refused(start.as_bytes()), cut, "{lines}");
    }
    assert_eq!(refused(&whole.as_bytes()[..whole.len() - 20]), cut);
    assert_eq!(
        refused(format!("{whole}{{}}\n").as_bytes()),
        "line 5: this is the last line of the export, but the file goes on"
    );
    let fewer = whole.replace("\"documents\":2", "\"documents\":1");
    let counted = |records, documents| {
        format!(
            "line {}: there are {records} records, but the last line counts 1 accounts and {documents} documents",
            records + 2
        )
    };
    assert_eq!(refused(fewer.as_bytes()), counted(3, "1"));
    // A line is missing in the middle, and a sum overflows.
    let without: String =
        whole.lines().enumerate().filter(|(number, _)| *number != 2).map(|(_, line)| format!("{line}\n")).collect();
    assert_eq!(refused(without.as_bytes()), counted(2, "2"));
    let endless = whole.replace("\"documents\":2", &format!("\"documents\":{}", u64::MAX));
    assert_eq!(refused(endless.as_bytes()), counted(3, &u64::MAX.to_string()));
    assert_eq!(
        refused(whole.replacen("\"format\":1", "\"format\":2", 1).as_bytes()),
        "line 1: format 2 is of a newer version; this version reads up to 1"
    );
    assert_eq!(refused(b"{\"kosync_export\":1}\n"), "line 1: this is not an export of kosync");
    assert_eq!(refused(b""), "the file is empty");
    assert_eq!(refused(b"name,position\n"), "this is neither an export of kosync nor a database of kosync-dotnet");
    assert!(refused(b"REDIS0011").starts_with("this is a dump of Redis"));
    assert_eq!(refused(&[0x1f, 0x8b, 8, 0]), "the file is compressed: unpack it with `gunzip` first");
    let other = dir.path().join("other");
    succeeded(run_with_password(&other, "ada", "password"));
    assert!(
        refused(&fs::read(other.join("data.mdb")).unwrap()).starts_with("this is a backup or a server's data file")
    );
    fs::remove_file(&file).unwrap();
    let missing = failed(&run(&data, &["import", &path]));
    assert_eq!(missing, format!("kosync: {path}: No such file or directory (os error 2)"));
    fs::create_dir(&file).unwrap();
    assert_eq!(
        failed(&run(&data, &["import", &path])),
        format!("kosync: {path}: this is a directory, but must be a file")
    );
    assert!(!data.exists());
}

/// Repeated imports never make a history longer than an import accepts.
#[test]
fn a_long_history_can_be_exported_and_imported_again() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    let path = file.to_str().unwrap();
    for round in 0..4_u64 {
        let history: Vec<(&str, u64)> = (0..999).map(|second| ("p", round * 1_000_000 + second)).collect();
        fs::write(&file, export(&[document("book", &history)])).unwrap();
        succeeded(run(&data, &["import", path]));
    }
    succeeded(run(&data, &["export", "--force", path]));
    let again = dir.path().join("again");
    assert_eq!(succeeded(run(&again, &["import", path])), created("1 account and 1 document", &again));
    succeeded(run(&again, &["check"]));
}

/// A wrong clock leaves histories that are not in order.
#[test]
fn the_newest_position_wins_wherever_it_is_and_none_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    let import = |history: &[(&str, u64)]| {
        fs::write(&file, export(&[document("book", history)])).unwrap();
        succeeded(run(&data, &["import", file.to_str().unwrap()]));
        history_of_book(&data)
    };
    assert_eq!(import(&[("at 3", 3)]), ["at 3"]);
    assert_eq!(import(&[("at 10", 10), ("at 5", 5)]), ["at 3", "at 5", "at 10"]);
    assert_eq!(import(&[("at 20", 20), ("at 4", 4)]), ["at 3", "at 4", "at 5", "at 10", "at 20"]);
    // The imported position may be older than one that a device has pushed here.
    let all = ["at 3", "at 4", "at 5", "at 10", "at 15", "at 20"];
    assert_eq!(import(&[("at 15", 15)]), all);
    assert_eq!(import(&[("at 15", 15)]), all, "once");
    succeeded(run(&data, &["check"]));
}

/// After a clock went back, the current position has an earlier time than others. It stays the current one.
#[test]
fn a_history_out_of_order_is_imported_once() {
    let dir = tempfile::tempdir().unwrap();
    let [data, file] = ["data", "x.jsonl"].map(|name| dir.path().join(name));
    fs::write(&file, export(&[document("book", &[("page 10", 200), ("page 50", 100)])])).unwrap();
    for _ in 0..3 {
        succeeded(run(&data, &["import", file.to_str().unwrap()]));
        assert_eq!(history_of_book(&data), ["page 10", "page 50"]);
    }
    succeeded(run(&data, &["check"]));
}

/// A thinned position counts in the one that stands for it.
#[test]
fn a_thinned_position_is_not_imported_again() {
    let dir = tempfile::tempdir().unwrap();
    let [data, file] = ["data", "x.jsonl"].map(|name| dir.path().join(name));
    let places: Vec<(String, u64)> = (0..100).map(|place| (format!("p{place}"), 86_400 * 365 + place)).collect();
    let history: Vec<(&str, u64)> = places.iter().map(|(place, time)| (place.as_str(), *time)).collect();
    let import = |history: &[(&str, u64)]| {
        fs::write(&file, export(&[document("book", history)])).unwrap();
        succeeded(run(&data, &["import", file.to_str().unwrap()]));
        succeeded(run(&data, &["export", "-"]))
    };
    import(&history[..50]);
    let thinned = import(&history);
    assert!(thinned.contains("\"pushes\":100") && !thinned.contains("p50"), "{thinned}");
    assert_eq!(import(&history), thinned);
    assert_eq!(import(&history[..70]), thinned);
}

/// The fixtures have a data file of each released format and its export. Add one for a new format, and delete none.
#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "the data files are of 64-bit programs")]
fn the_data_of_every_version_can_be_opened_and_restored() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store");
    let mut versions: Vec<_> = fs::read_dir(&fixtures).unwrap().map(|entry| entry.unwrap().path()).collect();
    versions.sort();
    assert_eq!(versions.len(), 2, "{versions:?}");
    for version in &versions {
        let dir = tempfile::tempdir().unwrap();
        let [data, restored] = ["data", "restored"].map(|name| dir.path().join(name));
        fs::create_dir(&data).unwrap();
        fs::copy(version.join("data.mdb"), data.join("data.mdb")).unwrap();
        succeeded(run(&restored, &["restore", version.join("data.mdb").to_str().unwrap()]));
        let export = fs::read_to_string(version.join("export.jsonl")).unwrap();
        for data in [data, restored] {
            assert_eq!(succeeded(run(&data, &["export", "-"])), export, "{version:?}");
            let old_rows = || {
                let report = succeeded(run(&data, &["check", "--json"]));
                serde_json::from_str::<Value>(&report).unwrap()["old_rows"].as_u64().unwrap()
            };
            let checked = succeeded(run(&data, &["check"]));
            assert!(checked.ends_with("No problems found.\n"), "{checked}");
            let before = old_rows();
            assert_eq!(before > 0, version.ends_with("format-1"), "{version:?}: {before}");
            assert_eq!(checked.contains("of an older version's format"), before > 0, "{checked}");
            // A server can use it, and packs what it writes: here the account and the position.
            let process = Process::start(&data);
            assert_eq!(process.client.pulled("ada", KEY, "0b229176d4e8db7f6d2b5a4952368d7a")["progress"], "/body/p[4]");
            process.client.pushed("ada", KEY, &position("0b229176d4e8db7f6d2b5a4952368d7a", "further", 0.9));
            process.stop();
            assert_eq!(old_rows(), before.saturating_sub(2));
        }
    }
}

//! Aliases of documents in exports, imports and backups, and `kosync check`'s look at them.

use std::fs;
use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use super::kosync::{Process, output, succeeded};
use crate::common::{Client, KEY, position};

/// Runs a command on a data directory.
fn run(data: &Path, arguments: &[&str]) -> Output {
    output(&[arguments, &["--data-dir", data.to_str().unwrap()]].concat(), &[])
}

/// Pushes a position of `ada` with identifiers.
fn push(client: &Client, document: &str, identifiers: &[(&str, &str)]) {
    let mut body = position(document, document, 0.5);
    body["identifiers"] = identifiers.iter().map(|(label, value)| json!({ "type": label, "value": value })).collect();
    client.pushed("ada", KEY, &body);
}

/// Pulls by an identifier. Returns the document, and the label that is shared with the position's writer.
fn meant(client: &Client, value: &str, more: &str) -> Option<(String, String)> {
    let reply = client.send_as("ada", KEY, "GET", &format!("/syncs/progress/{value}?ids=x:{value}{more}"), None).json();
    let text = |field: &str| Some(reply[field].as_str()?.to_owned());
    text("document").zip(text("progress_match"))
}

fn found(document: &str, shared: &str) -> Option<(String, String)> {
    Some((document.to_owned(), shared.to_owned()))
}

#[test]
fn i5_exports_imports_and_backups_carry_aliases() {
    let dir = tempfile::tempdir().unwrap();
    let [first, second, third, one, two, backup] =
        ["first", "second", "third", "one.jsonl", "two.jsonl", "copy.mdb"].map(|name| dir.path().join(name));
    let [one, two, backup] = [one, two, backup].map(|path| path.to_str().unwrap().to_owned());
    let process = Process::start(&first);
    process.client.registered("ada", KEY);
    push(&process.client, "emma", &[("md", "emma"), ("isbn", "978-1"), ("name", "n.1")]);
    push(&process.client, "other", &[("md", "other"), ("name", "rested")]);
    // An alias that rests under a document means the other one again when that is deleted.
    process.client.pushed("ada", KEY, &position("rested", "p", 0.5));
    process.stop();
    let checked = succeeded(run(&first, &["check"]));
    assert!(
        checked.contains("\n3 other ids of documents.\n") && checked.ends_with("No problems found.\n"),
        "{checked}"
    );

    succeeded(run(&first, &["export", &one]));
    let export = fs::read_to_string(&one).unwrap();
    let lines: Vec<Value> = export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let aliases: Vec<_> = lines.iter().filter_map(|line| line.get("alias")).collect();
    let alias = |value: &str, document: &str| json!({ "account": "ada", "value": value, "document": document });
    assert_eq!(aliases, [&alias("978-1", "emma"), &alias("n.1", "emma"), &alias("rested", "other")]);
    assert_eq!(lines.last(), Some(&json!({ "end": { "accounts": 2, "documents": 3, "aliases": 3 } })));
    let emma = lines.iter().find(|line| line["document"]["document"] == "emma").unwrap();
    assert_eq!(emma["document"]["identifiers"][1], json!({ "type": "isbn", "value": "978-1" }));

    let dry = succeeded(run(&second, &["import", &one, "--dry-run"]));
    assert!(dry.ends_with("\nOther ids of documents: would add 3, 0 not needed.\n"), "{dry}");
    let done = succeeded(run(&second, &["import", &one]));
    assert!(done.ends_with("\nOther ids of documents: added 3, 0 not needed.\n"), "{done}");
    let again: Value = serde_json::from_str(&succeeded(run(&second, &["import", &one, "--json"]))).unwrap();
    assert_eq!(again["aliases"], json!({ "made": 0, "there": 3 }));
    succeeded(run(&second, &["export", &two]));
    assert_eq!(fs::read_to_string(&two).unwrap(), export);

    succeeded(run(&first, &["backup", &backup]));
    succeeded(run(&third, &["restore", &backup]));
    for data in [&second, &third] {
        let process = Process::start(data);
        assert_eq!(meant(&process.client, "n.1", ""), found("emma", "x"));
        assert_eq!(meant(&process.client, "zzz", ",y:978-1,z:emma"), found("emma", "y"));
        assert_eq!(meant(&process.client, "zzz", ""), None);
        assert_eq!(meant(&process.client, "rested", ""), found("rested", "x"));
        let deleted = process.client.send_as("ada", KEY, "DELETE", "/api/v1/documents/rested", None);
        assert_eq!(deleted.status, 200, "{deleted:?}");
        assert_eq!(meant(&process.client, "rested", ""), found("other", "x"));
        process.stop();
        assert!(succeeded(run(data, &["check"])).ends_with("No problems found.\n"));
    }
}

#[test]
fn i5_an_import_leaves_the_aliases_and_documents_that_are_there() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("x.jsonl"));
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    push(&process.client, "emma", &[("md", "emma"), ("isbn", "taken")]);
    process.client.pushed("ada", KEY, &position("document", "p", 0.5));
    process.stop();
    // An account without a record is the one that is here, if `--merge` names it; the key of the record is another.
    let key = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let history = json!([{ "progress": "p", "percentage": 0.5, "device": "d", "timestamp": 1 }]);
    let alias = |account: &str, value: &str, document: &str| json!({ "alias": { "account": account, "value": value, "document": document } });
    let lines = [
        json!({ "kosync_export": { "format": 1 } }),
        json!({ "account": { "name": "ada", "key": key, "active": true } }),
        json!({ "document": { "account": "ada", "document": "new", "history": history } }),
        alias("ada", "taken", "new"),
        alias("ada", "document", "new"),
        alias("ada", "free", "new"),
        alias("ada", "no value", "new"),
        alias("nobody", "free", "new"),
        json!({ "end": { "accounts": 1, "documents": 1, "aliases": 5 } }),
    ];
    fs::write(&file, lines.map(|line| format!("{line}\n")).concat()).unwrap();
    let import = ["import", file.to_str().unwrap(), "--merge", "ada"];
    let printed = run(&data, &[&import[..], &["--dry-run"]].concat());
    assert!(String::from_utf8_lossy(&printed.stdout).contains("would add 2, 1 not needed.\n"), "{printed:?}");
    let printed = run(&data, &import);
    let skipped = String::from_utf8_lossy(&printed.stderr);
    assert!(skipped.contains("line 7, account ada, alias no value: its value is none of an identifier"), "{skipped}");
    assert!(skipped.contains("account nobody, alias free: its account does not exist"), "{skipped}");
    assert!(String::from_utf8_lossy(&printed.stdout).contains("added 2, 1 not needed.\n"), "{printed:?}");

    let process = Process::start(&data);
    for (value, document) in [("taken", "emma"), ("document", "document"), ("free", "new")] {
        assert_eq!(meant(&process.client, value, "").unwrap().0, document, "{value}");
    }
    process.stop();
    assert!(succeeded(run(&data, &["check"])).ends_with("No problems found.\n"));

    // A last line that does not count them is of a file that is not whole.
    let cut = fs::read_to_string(&file).unwrap().replace(",\"aliases\":5", "");
    fs::write(&file, cut).unwrap();
    let refused = run(&data, &import);
    assert!(
        String::from_utf8_lossy(&refused.stderr).contains("there are 7 records, but the last line counts 1 accounts"),
        "{refused:?}"
    );
}

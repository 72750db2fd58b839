//! `kosync import` of accounts whose names are taken here, and of passwords that everybody knows.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};

use super::kosync::{Process, command, failed, output, succeeded};
use super::other_servers::{fixture, import, incomplete};
use super::transfer::fill;
use crate::common::{KEY, OTHER_KEY, position};

/// Runs a command on a data directory.
fn run(data: &Path, arguments: &[&str]) -> Output {
    output(&[arguments, &["--data-dir", data.to_str().unwrap()]].concat(), &[])
}

/// On a server whose registration is open, a stranger may have taken the name.
#[test]
fn an_account_with_another_password_here_is_left_alone_unless_it_is_merged() {
    let dir = tempfile::tempdir().unwrap();
    let [there, here, file] = ["there", "here", "x.jsonl"].map(|name| dir.path().join(name));
    fill(&there);
    succeeded(run(&there, &["export", file.to_str().unwrap()]));
    let process = Process::start(&here);
    process.client.registered("ada", OTHER_KEY);
    process.client.pushed("ada", OTHER_KEY, &position("secret", "mine", 0.5));

    let import = ["import", file.to_str().unwrap()];
    let reason = "skipped: account ada: the account of that name here has another password, or the same one set again, so it may \
                  belong to another person\n";
    for round in ["dry", "first", "second"] {
        let dry = if round == "dry" { &["--dry-run"][..] } else { &[] };
        let output = run(&here, &[&import, dry].concat());
        let printed = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(3), "{printed}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), reason);
        let hint = "Left out with 2 documents: ada. To import one into the account of that name here, which keeps its password, \
                    repeat the import with `--merge NAME`.\n";
        assert!(printed.ends_with(hint), "{printed}");
        let others = if round == "second" { "0 accounts and 0 documents" } else { "2 accounts and 1 document" };
        assert!(printed.contains(&format!(" {others} in the data directory ")), "{round}: {printed}");
        assert_eq!(process.client.pull("ada", OTHER_KEY, "emma").body, "{}");
    }
    // The others are there, `admin` keeps the password that it has here.
    assert_eq!(process.client.pulled("Jörg 本", KEY, "emma")["progress"], "x");
    let json: Value = serde_json::from_slice(&run(&here, &[&import[..], &["--json"]].concat()).stdout).unwrap();
    assert_eq!(json["accounts"]["other_password"], json!(["ada"]));
    assert_eq!((&json["documents"]["of_other_password"], &json["left_out"]["count"]), (&json!(2), &json!(1)));
    assert_eq!(json["data_dir"], here.canonicalize().unwrap().to_str().unwrap());

    let unknown = failed(&run(&here, &[&import[..], &["--merge", "ava"]].concat()));
    assert!(unknown.ends_with("there is no account `ava` in it, which is to be merged"), "{unknown}");
    let merged = succeeded(run(&here, &[&import[..], &["--merge", "ada"]].concat()));
    assert!(merged.contains("Created 0 accounts and 2 documents"), "{merged}");
    assert_eq!(process.client.pulled("ada", OTHER_KEY, "emma")["percentage"], json!(1.0 / 3.0));
    assert_eq!(process.client.pulled("ada", OTHER_KEY, "secret")["progress"], "mine");
    process.client.login("ada", KEY).unauthorized();
    process.stop();
    assert!(succeeded(run(&here, &["check"])).ends_with("No problems found.\n"));
}

/// Every first start makes `admin`.
#[test]
fn admin_keeps_its_password_and_gets_its_documents() {
    let dir = tempfile::tempdir().unwrap();
    let [there, here, file] = ["there", "here", "x.jsonl"].map(|name| dir.path().join(name));
    let start = |data: &Path, password: &str| {
        let mut command = command();
        command.arg("--data-dir").arg(data).args(["--listen", "127.0.0.1:0"]).env("ADMIN_PASSWORD", password);
        Process::spawn(command)
    };
    let process = start(&there, "password");
    process.client.pushed("admin", KEY, &position("emma", "there", 0.5));
    process.stop();
    succeeded(run(&there, &["export", file.to_str().unwrap()]));
    let process = start(&here, "test");
    succeeded(run(&here, &["import", file.to_str().unwrap()]));
    assert_eq!(process.client.pulled("admin", OTHER_KEY, "emma")["progress"], "there");
    process.client.login("admin", KEY).unauthorized();
    process.stop();
}

/// The passwords of the source are compared with the hashes here.
#[test]
fn an_account_of_another_server_is_merged_only_with_the_same_password() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (file, expected) = fixture("kosync-small");
    let user = |name: &str| {
        expected["users"].as_array().unwrap().iter().find(|user| user["username"] == name).unwrap().clone()
    };
    let (ann, zoe) = (user("ann"), user("Zoë 读者"));
    let process = Process::start(&data);
    process.client.registered("ann", ann["password_hash"].as_str().unwrap());
    process.client.registered("Zoë 读者", OTHER_KEY);
    let output = import(&data, &[&file]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr).trim(),
        "skipped: account Zoë 读者: the account of that name here has another password, so it may belong to another person"
    );
    let printed = incomplete(output);
    assert!(printed.starts_with("Created 2 accounts and "), "{printed}");
    let documents = zoe["documents"].as_array().unwrap();
    assert!(printed.contains(&format!("Left out with {} document", documents.len())), "{printed}");
    for document in documents {
        let id = document["document"].as_str().unwrap();
        assert_eq!(process.client.pull("Zoë 读者", OTHER_KEY, id).body, "{}");
    }
    for document in ann["documents"].as_array().unwrap() {
        let id = document["document"].as_str().unwrap();
        assert_ne!(process.client.pull("ann", ann["password_hash"].as_str().unwrap(), id).body, "{}");
    }
    process.stop();
}

/// Everybody knows kosync-dotnet's default password.
#[test]
fn the_default_password_of_an_administrator_is_not_imported() {
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
    let printed = succeeded(import(&data, &[copy.to_str().unwrap()]));
    assert!(printed.contains("Without a password: admin. Set one for each with"), "{printed}");
    let process = Process::start(&data);
    process.client.login("admin", default).unauthorized();
    process.client.login("admin", "admin").unauthorized();
    process.stop();
}

//! Quotas where several processes write.

use serde_json::Value;

use super::kosync::{Process, command, failed, output, succeeded};
use crate::common::{KEY, position};

/// Counts in the server's memory would drift by what a command writes beside it.
#[test]
fn the_server_counts_what_a_command_writes_beside_it() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (data, other, file) = (path("data"), path("other"), path("other.jsonl"));
    let on = |data: &str, arguments: &[&str]| succeeded(output(&[arguments, &["--data-dir", data]].concat(), &[]));
    let account = |process: &Process| -> Value {
        process.client.send_as("ada", KEY, "GET", "/api/v1/account", None).shaped().json()
    };

    let process = Process::start(other.as_ref());
    process.client.registered("ada", KEY);
    for document in ["b", "c", "a"] {
        process.client.pushed("ada", KEY, &position(document, "/body/p[1]", 0.5));
    }
    process.stop();
    on(&other, &["export", &file]);

    let process = Process::start(data.as_ref());
    process.client.registered("ada", KEY);
    for page in 0..3 {
        process.client.pushed("ada", KEY, &position("a", &page.to_string(), 0.5));
    }
    let before = account(&process);
    assert_eq!(before["documents"], 1);
    on(&data, &["import", "--merge", "ada", &file]);
    let after = account(&process);
    assert_eq!(after["documents"], 3);
    assert!(after["bytes"].as_u64() > before["bytes"].as_u64(), "{before} {after}");
    // The server goes on counting from there, as a new one counts.
    process.client.pushed("ada", KEY, &position("b", "/body/p[2]", 0.5));
    let counted = account(&process);
    process.stop();
    let process = Process::start(data.as_ref());
    assert_eq!(account(&process), counted);
    process.stop();
}

/// Commands start without the server's settings, but the same limit holds for them. They must neither stop where the
/// server does not nor fill what it may not.
#[test]
fn the_largest_size_of_the_store_holds_for_commands_too() {
    const MAX: u64 = 2 << 20;
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (data, export, backup) = (path("data"), path("books.jsonl"), path("books.mdb"));
    let size = || std::fs::metadata(dir.path().join("data/data.mdb")).unwrap().len();
    let mut limited = command();
    // Rounded up to a MiB.
    limited.env("KOSYNC_MAX_STORE_BYTES", "2000000").args(["--listen", "127.0.0.1:0", "--data-dir", &data]);
    let process = Process::spawn(limited);
    process.client.registered("ada", KEY);
    let long = "p".repeat(8 << 10);
    let full = (0..400)
        .find(|number| process.client.push("ada", KEY, &position(&number.to_string(), &long, 0.5)).status == 507);
    assert!(full.is_some_and(|count| count > 20), "{full:?}");
    assert!(size() <= MAX, "{}", size());
    // It can be read, exported and backed up, and an import is refused as a push is.
    assert_eq!(process.client.pulled("ada", KEY, "0")["progress"], Value::from(long.clone()));
    let on = |arguments: &[&str]| output(&[arguments, &["--data-dir", &data]].concat(), &[]);
    succeeded(on(&["export", &export]));
    succeeded(on(&["backup", &backup]));
    let new = std::fs::read_to_string(&export).unwrap().replace("\"document\":\"", "\"document\":\"another ");
    std::fs::write(&export, new).unwrap();
    let refused = failed(&on(&["import", "--merge", "ada", &export]));
    assert!(refused.contains("no space") || refused.contains("full"), "{refused}");
    process.stop();
    assert!(size() <= MAX, "{}", size());

    // With a larger size, or the default one, both go on.
    let process = Process::start(data.as_ref());
    process.client.pushed("ada", KEY, &position("new", &long, 0.5));
    succeeded(on(&["import", "--merge", "ada", &export]));
    process.stop();
    assert!(size() > MAX, "{}", size());
}

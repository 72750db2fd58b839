//! Quotas where several processes write.

use serde_json::Value;

use super::kosync::{Process, output, succeeded};
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

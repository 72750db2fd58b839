//! A position whose push was acknowledged is on disk, whatever happens to the process [P6].

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::kosync::{OLD_DOCUMENT, Process, SetOnDrop, command, old_data_dir, output};
use crate::common::{KEY, exchange_or_error, position, request};

const WRITERS: usize = 6;

#[test]
fn acknowledged_pushes_survive_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    process.client.registered("ada", KEY);
    process.stop();
    assert_that_pushes_survive_a_kill(dir, "book 0");
}

#[test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "the data files are of 64-bit programs")]
fn acknowledged_pushes_to_data_of_format_1_survive_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    old_data_dir(dir.path());
    assert_that_pushes_survive_a_kill(dir, OLD_DOCUMENT);
}

/// Pushes to a document for each writer, and kills the server. The account `ada` exists already.
fn assert_that_pushes_survive_a_kill(dir: tempfile::TempDir, first_document: &str) {
    // The last acknowledged push of each writer, by document.
    let mut acknowledged: HashMap<String, u64> = HashMap::new();
    for round in 0..6 {
        let process = Process::start(dir.path());
        let client = process.client;
        for (document, count) in &acknowledged {
            let found = client.pulled("ada", KEY, document)["progress"].as_str().unwrap().parse::<u64>().unwrap();
            // One more push may have been stored and its response lost.
            assert!(
                (*count..=count + 1).contains(&found),
                "round {round}: {document} is at {found}, {count} was acknowledged"
            );
        }
        let responses: [AtomicUsize; WRITERS] = Default::default();
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let responses = &responses[writer];
                    let document = match writer {
                        0 => first_document.to_owned(),
                        writer => format!("book {writer}"),
                    };
                    let start = acknowledged.get(&document).copied().unwrap_or(0) + 1;
                    scope.spawn(move || {
                        let mut last = None;
                        for count in start.. {
                            let body = position(&document, &count.to_string(), 0.5).to_string();
                            let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
                            let sent = request("PUT", "/syncs/progress", &headers, Some(&body));
                            let Ok(reply) = exchange_or_error(client.address, &sent) else { break };
                            assert_eq!(reply.status, 200, "{reply:?}");
                            last = Some(count);
                            responses.fetch_add(1, Ordering::SeqCst);
                        }
                        (document, last)
                    })
                })
                .collect();
            // Wait for all writers: one may still be in its first login when others are far ahead.
            while responses.iter().any(|responses| responses.load(Ordering::SeqCst) < 10 + round * 7) {
                assert!(writers.iter().all(|writer| !writer.is_finished()), "a writer gave up");
                thread::yield_now();
            }
            process.kill();
            for writer in writers {
                let (document, last) = writer.join().unwrap();
                if let Some(last) = last {
                    acknowledged.insert(document, last);
                }
            }
        });
        assert_eq!(acknowledged.len(), WRITERS);
    }
}

/// Commands run beside servers, and all of them are killed at arbitrary moments. Some are killed while they open the
/// store.
#[test]
fn acknowledged_pushes_survive_killed_commands_beside_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let [data, file] = ["data", "books.mdb"].map(|name| dir.path().join(name).display().to_string());
    let process = Process::start(data.as_ref());
    process.client.registered("ada", KEY);
    process.stop();
    let over = AtomicBool::new(false);
    let over = &over;
    let commands = |file: String| {
        let data = data.clone();
        move || {
            for number in (0_u64..).take_while(|_| !over.load(Ordering::Relaxed)) {
                let mut command = command();
                match number % 3 {
                    0 => command.args(["user", "list"]),
                    1 => command.arg("check"),
                    _ => command.args(["backup", "--force", &file]),
                };
                let command = command.args(["--data-dir", &data]).stdout(Stdio::null()).stderr(Stdio::piped());
                let mut child = command.spawn().unwrap();
                if number % 2 == 0 {
                    // A different moment each time, mostly during startup.
                    thread::sleep(Duration::from_micros(number * 739 % 10_000));
                    child.kill().unwrap();
                }
                let ended = child.wait_with_output().unwrap();
                assert!(ended.status.success() || ended.status.signal() == Some(9), "{ended:?}");
            }
        }
    };
    let mut stored = 0;
    thread::scope(|scope| {
        let _over = SetOnDrop(over);
        let commands = [scope.spawn(commands(file.clone() + "1")), scope.spawn(commands(file + "2"))];
        for round in 0..30 {
            let process = Process::start(data.as_ref());
            let client = process.client;
            if round > 0 {
                assert_eq!(client.pulled("ada", KEY, "book")["progress"], stored.to_string(), "round {round}");
            }
            for _ in 0..=round % 7 {
                stored += 1;
                client.pushed("ada", KEY, &position("book", &stored.to_string(), 0.5));
            }
            if round % 2 == 0 {
                process.kill()
            } else {
                process.stop()
            }
            assert!(commands.iter().all(|commands| !commands.is_finished()), "a command failed");
        }
    });
    let process = Process::start(data.as_ref());
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], stored.to_string());
    process.stop();
    let checked = output(&["check", "--data-dir", &data], &[]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn changes_of_accounts_survive_a_kill() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    process.client.registered("stays", KEY);
    process.client.registered("changes", KEY);
    process.client.registered("goes", KEY);
    for user in ["stays", "changes", "goes"] {
        process.client.pushed(user, KEY, &position("book", user, 0.5));
    }
    let body = json!({ "password": "new" }).to_string();
    assert_eq!(process.client.send_as("changes", KEY, "PUT", "/users/password", Some(&body)).status, 200);
    assert_eq!(process.client.send_as("goes", KEY, "DELETE", "/users/me", None).status, 200);
    process.kill();

    let process = Process::start(dir.path());
    assert_eq!(process.client.pulled("stays", KEY, "book")["progress"], "stays");
    assert_eq!(process.client.pulled("changes", "new", "book")["progress"], "changes");
    process.client.login("changes", KEY).unauthorized();
    process.client.login("goes", KEY).unauthorized();
    process.client.registered("goes", KEY);
    assert_eq!(process.client.pull("goes", KEY, "book").body, "{}");
    process.stop();
}

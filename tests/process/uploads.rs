//! Uploads to WebDAV folders while the server dies: an acknowledged file is whole, and any other is the old one.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::common::{KEY, connect, read_reply, request};
use crate::kosync::{Process, output};

/// `ada` and `password`.
const ADA: (&str, &[u8]) = ("Authorization", b"Basic YWRhOnBhc3N3b3Jk");

/// Returns the content of an upload, which differs from all others in every part: up to some hundred KiB.
pub fn content(number: usize) -> Vec<u8> {
    let byte = |at: usize| u8::try_from(((at / 251) ^ at ^ (number * 7)) % 256).unwrap();
    (0..(number * 37_123) % 400_000 + 1000).map(byte).collect()
}

fn upload(path: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len().to_string();
    let mut bytes = request("PUT", path, &[ADA, ("Content-Length", length.as_bytes())], None);
    bytes.extend_from_slice(body);
    bytes
}

/// Uploads a file, and returns the status. An error means that there was no answer.
pub fn put(address: SocketAddr, path: &str, body: &[u8]) -> std::io::Result<u16> {
    let mut stream = std::net::TcpStream::connect(address)?;
    stream.set_read_timeout(Some(crate::common::TIMEOUT))?;
    stream.write_all(&upload(path, body))?;
    Ok(read_reply(&mut stream, true)?.status)
}

/// Downloads a file.
pub fn get(address: SocketAddr, path: &str) -> (u16, Vec<u8>) {
    let mut stream = connect(address);
    stream.write_all(&request("GET", path, &[ADA], None)).unwrap();
    let reply = read_reply(&mut stream, true).unwrap();
    let mut body = Vec::new();
    stream.read_to_end(&mut body).unwrap();
    assert_eq!(reply.header("content-length"), Some(body.len().to_string().as_str()));
    (reply.status, body)
}

#[test]
fn a_server_that_is_killed_in_the_middle_of_an_upload_keeps_the_old_file() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    process.client.registered("ada", KEY);
    assert_eq!(put(process.client.address, "/webdav/statistics.sqlite3", &content(3)).unwrap(), 201);
    let whole = upload("/webdav/statistics.sqlite3", &content(9));
    let mut stream = connect(process.client.address);
    stream.write_all(&whole[..whole.len() - 1]).unwrap();
    // Parts of it are on disk.
    crate::common::wait_until("chunks on disk", || {
        let bytes = std::fs::metadata(dir.path().join("data.mdb")).unwrap().len();
        (bytes > 400_000).then_some(())
    });
    process.kill();
    let process = Process::start(dir.path());
    assert_eq!(get(process.client.address, "/webdav/statistics.sqlite3"), (200, content(3)));
    process.stop();
    let checked = output(&["check", "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(checked.status.success(), "{checked:?}");
    assert!(String::from_utf8_lossy(&checked.stdout).contains("1 file in WebDAV folders"), "{checked:?}");
}

#[test]
fn acknowledged_uploads_survive_a_kill_at_any_moment() {
    const WRITERS: usize = 3;
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    process.client.registered("ada", KEY);
    process.stop();
    // By writer: the next upload's number, and the last acknowledged one.
    let (mut next, mut acknowledged) = (0, [None; WRITERS]);
    for round in 0..6 {
        let process = Process::start(dir.path());
        let address = process.client.address;
        for (writer, last) in acknowledged.iter().enumerate() {
            let (status, bytes) = get(address, &format!("/webdav/{writer}"));
            let found = (0..next).find(|number| status == 200 && content(*number) == bytes);
            assert!(status == 404 || found.is_some(), "round {round}: neither an old file nor a new one");
            assert!(found >= *last, "round {round}: {found:?} is there, {last:?} was acknowledged");
        }
        let done = AtomicUsize::new(0);
        let start = next;
        thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let done = &done;
                    scope.spawn(move || {
                        let mut last = None;
                        for number in start.. {
                            let Ok(status) = put(address, &format!("/webdav/{writer}"), &content(number)) else {
                                return (number, last);
                            };
                            assert!(matches!(status, 201 | 204), "{status}");
                            last = Some(number);
                            done.fetch_add(1, Ordering::SeqCst);
                        }
                        unreachable!("the server is killed")
                    })
                })
                .collect();
            while done.load(Ordering::SeqCst) < 5 + round * 3 {
                assert!(writers.iter().all(|writer| !writer.is_finished()), "a writer gave up");
                thread::yield_now();
            }
            process.kill();
            for (writer, ended) in writers.into_iter().enumerate() {
                let (tried, last) = ended.join().unwrap();
                next = next.max(tried + 1);
                acknowledged[writer] = last.or(acknowledged[writer]);
            }
        });
    }
    let checked = output(&["check", "--data-dir", dir.path().to_str().unwrap()], &[]);
    assert!(checked.status.success(), "{checked:?}");
}

#[test]
fn an_export_says_how_many_files_it_leaves_out_and_a_backup_has_them() {
    let dir = tempfile::tempdir().unwrap();
    let [data, backup, restored] =
        ["data", "backup.mdb", "restored"].map(|name| dir.path().join(name).display().to_string());
    let process = Process::start(data.as_ref());
    process.client.registered("ada", KEY);
    let export = || output(&["export", "-", "--data-dir", &data], &[]);
    assert!(!String::from_utf8_lossy(&export().stderr).contains("WebDAV"));
    for (name, number) in [("statistics.sqlite3", 3), ("book.json", 4)] {
        assert_eq!(put(process.client.address, &format!("/webdav/{name}"), &content(number)).unwrap(), 201);
    }
    let exported = export();
    let said = "Not in it: 2 files of WebDAV folders, which `kosync backup` has.";
    assert!(String::from_utf8_lossy(&exported.stderr).contains(said), "{exported:?}");
    assert!(output(&["backup", &backup, "--data-dir", &data], &[]).status.success());
    process.stop();
    assert!(output(&["restore", &backup, "--data-dir", &restored], &[]).status.success());
    let process = Process::start(restored.as_ref());
    assert_eq!(get(process.client.address, "/webdav/book.json"), (200, content(4)));
    // Devices upload this one again [W5].
    assert_eq!(get(process.client.address, "/webdav/statistics.sqlite3").0, 404);
    process.stop();
    let checked = output(&["check", "--data-dir", &restored], &[]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("2 files in WebDAV folders"), "{checked:?}");
}

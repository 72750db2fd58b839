//! Connections beyond what the process may open.
//!
//! Seen: with 128 files, a flood of connections wrote 339 error lines and kept everybody out.

use std::io::{ErrorKind, Read};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::Instant;

use socket2::{Domain, Socket, Type};

use super::kosync::{Process, command};
use crate::common::{KEY, TIMEOUT, position};

/// Starts the server in a process that may open this many files.
fn with_files(files: u32, data_dir: &std::path::Path) -> Process {
    let server = command();
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"ulimit -n "$1" && shift && exec "$@""#, "sh"]).arg(files.to_string());
    shell
        .arg(server.get_program())
        .args(server.get_args())
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir);
    shell.env_clear().envs(server.get_envs().filter_map(|(name, value)| value.map(|value| (name, value))));
    Process::spawn(shell)
}

/// Opens connections that send nothing, from several addresses.
fn flood(server: SocketAddr, count: usize) -> Vec<TcpStream> {
    let connect_from = |source: usize| {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 1, u8::try_from(source).unwrap()], 0)).into()).unwrap();
        socket.connect(&server.into()).unwrap();
        TcpStream::from(socket)
    };
    (0..count).map(|number| connect_from(1 + number % 8)).collect()
}

/// Floods the server, lets somebody else push, and returns the log.
fn log_of_a_flood(files: u32) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut process = with_files(files, dir.path());
    process.client.registered("ada", KEY);
    for round in 0..3 {
        let held = flood(process.client.address, 200);
        process.client.pushed("ada", KEY, &position("book", &round.to_string(), 0.5));
        drop(held);
    }
    assert_eq!(process.client.pulled("ada", KEY, "book")["progress"], "2");
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    process.all_logged()
}

#[test]
fn connections_are_fewer_than_the_files_that_may_be_open() {
    let log = log_of_a_flood(128);
    let with = |text: &str| log.iter().filter(|line| line.contains(text)).count();
    assert_eq!(with("max_connections is lowered"), 1, "{log:#?}");
    assert_eq!(with("max_connections=4096 open_files=128 lowered_to=64"), 1, "{log:#?}");
    assert_eq!(with("connections are full"), 1, "{log:#?}");
    assert_eq!(with("accepting a connection failed"), 0, "{log:#?}");
}

/// The system hands out connections that are silent after a second (`TCP_DEFER_ACCEPT`): from then on they count.
#[test]
fn connections_that_stay_silent_count_towards_the_limit() {
    const MAX: usize = 16;
    let dir = tempfile::tempdir().unwrap();
    let mut command = command();
    command.args(["--listen", "127.0.0.1:0", "--max-connections", &MAX.to_string(), "--data-dir"]).arg(dir.path());
    let process = Process::spawn(command);
    let held = flood(process.client.address, MAX + 8);
    let is_closed = |mut stream: &TcpStream| {
        stream.set_nonblocking(true).unwrap();
        stream.read(&mut [0]).map_or_else(|error| error.kind() != ErrorKind::WouldBlock, |read| read == 0)
    };
    let start = Instant::now();
    while held.iter().filter(|stream| is_closed(stream)).count() < 8 {
        assert!(start.elapsed() < TIMEOUT, "the server holds more than {MAX} connections");
        thread::yield_now();
    }
    process.client.registered("ada", KEY);
    process.stop();
}

/// The connections use up the open files that the rest of the server needs. Other files of an embedding program might
/// do the same.
#[test]
fn a_lack_of_files_floods_no_log_and_keeps_nobody_out() {
    let log = log_of_a_flood(26);
    let with = |text: &str| log.iter().filter(|line| line.contains(text)).count();
    assert_eq!(with("accepting a connection failed"), 1, "{log:#?}");
    assert!(log.len() < 20, "{log:#?}");
}

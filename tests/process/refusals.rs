//! Tests the messages about unusable addresses, brokers and data directories, at start and in commands.

use std::fs;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use nix::unistd::geteuid;

use super::kosync::{Process, command, output, run_with_input, single_line};
use crate::common::{KEY, skip_unless_required};

/// Asserts that it does not start and exits with 2, and returns its error.
#[track_caller]
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    error_of(&output(arguments, variables))
}

#[track_caller]
fn error_of(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    single_line(&output.stderr)
}

#[test]
fn an_unusable_address_broker_or_data_directory_is_refused_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data").to_str().unwrap().to_owned();
    let with = |listen: &str| refused(&["--data-dir", &data, "--listen", listen], &[]);

    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    assert_eq!(with(&address), format!("kosync: listen address {address}: Address already in use (os error 98)"));
    // An address that no machine has (RFC 5737).
    let foreign = with("192.0.2.1:7200");
    assert_eq!(foreign, "kosync: listen address 192.0.2.1:7200: Cannot assign requested address (os error 99)");
    let socket = dir.path().join("socket");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    let unix = format!("unix:{}", socket.display());
    assert_eq!(with(&unix), format!("kosync: listen address {unix}: address in use"));
    let nowhere = with("unix:/nowhere/socket");
    assert!(nowhere.starts_with("kosync: listen address unix:/nowhere/socket: No such file"), "{nowhere}");

    // A broker without a host, without a user name for its password, and with a missing password file.
    let config = dir.path().join("mqtt.json").to_str().unwrap().to_owned();
    for (mqtt, message) in [
        ("{}", "`host` is empty: it must be the broker's name or address".to_owned()),
        (r#"{"host":"b","password":"p"}"#, "there is a password, but no `username` that it belongs to".into()),
        (
            r#"{"host":"b","username":"u","password_file":"/nowhere/p"}"#,
            "file /nowhere/p: No such file or directory (os error 2)".into(),
        ),
    ] {
        fs::write(&config, format!(r#"{{"mqtt":{mqtt}}}"#)).unwrap();
        let error = refused(&["--config", &config, "--data-dir", &data, "--listen", "127.0.0.1:0"], &[]);
        assert_eq!(error, format!("kosync: --config: {config}: key `mqtt`: MQTT: {message}"));
    }

    // Data of a newer version: the number of the format follows its key.
    Process::start(std::path::Path::new(&data)).stop();
    let mdb = dir.path().join("data/data.mdb");
    let mut bytes = fs::read(&mdb).unwrap();
    let numbers: Vec<usize> = (0..bytes.len() - 15).filter(|at| bytes[*at..].starts_with(b"\x01format")).collect();
    numbers.iter().for_each(|at| bytes[at + 14] += 1);
    fs::write(&mdb, &bytes).unwrap();
    let newer =
        "written by a newer version (format 3, this one knows up to 2); run that version, or choose another directory";
    assert_eq!(with("127.0.0.1:0"), format!("kosync: data directory {data}: {newer}"));
    assert_eq!(fs::read(&mdb).unwrap(), bytes, "the file is unchanged");

    let file = dir.path().join("file").to_str().unwrap().to_owned();
    fs::write(&file, "").unwrap();
    let wrong = refused(&["--data-dir", &file, "--listen", "127.0.0.1:0"], &[]);
    assert_eq!(wrong, format!("kosync: data directory {file}: it is a file, but must be a directory"));
    let below = format!("{file}/data");
    let wrong = refused(&["--data-dir", &below, "--listen", "127.0.0.1:0"], &[]);
    assert_eq!(wrong, format!("kosync: data directory {below}: {file} is a file, so there can be no directory in it"));
    for command in ["list", "add"] {
        let name = if command == "add" { &["ada"][..] } else { &[] };
        let wrong = refused(&[&["user", command], name, &["--data-dir", &file]].concat(), &[]);
        assert_eq!(wrong, format!("kosync: data directory {file}: it is a file, but must be a directory"));
    }
    let proc = refused(&["--data-dir", "/proc/kosync", "--listen", "127.0.0.1:0"], &[]);
    assert!(proc.starts_with("kosync: data directory /proc/kosync: "), "{proc}");
}

/// A person has to know which file it is, whose it is, and who tries.
#[test]
fn a_permission_that_is_missing_names_the_file_its_owner_and_us() {
    if !geteuid().is_root() {
        skip_unless_required("KOSYNC_TEST_ROOT", "only root may become another user");
        return;
    }
    // Another user must reach the binary and the directory.
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let binary = dir.path().join("kosync");
    fs::copy(env!("CARGO_BIN_EXE_kosync"), &binary).unwrap();
    let data = dir.path().join("data");
    Process::start(&data).stop();
    let as_nobody = |arguments: &[&str]| {
        let mut command = Command::new(&binary);
        command.env_clear().uid(65534).gid(65534).args(arguments);
        run_with_input(command, "")
    };
    let shown = |path: &Path| path.display().to_string();
    let us = "and this runs as nobody (uid 65534)";
    let advice = "run it as that user (`sudo -u`), or change the owner with `chown`";
    let arguments = ["--data-dir", data.to_str().unwrap(), "--listen", "127.0.0.1:0"];
    let commands = [&["user", "list", arguments[0], arguments[1]], &arguments];
    let says = |what: &str| {
        let expected = format!("kosync: data directory {}: permission denied: {what}, {us}; {advice}", shown(&data));
        for command in commands {
            assert_eq!(error_of(&as_nobody(command)), expected);
        }
    };
    says(&format!("the directory {} belongs to root (uid 0), mode 700", shown(&data)));
    fs::set_permissions(&data, fs::Permissions::from_mode(0o777)).unwrap();
    says(&format!("the file {} belongs to root (uid 0), mode 600", shown(&data.join("data.mdb"))));

    let new = dir.path().join("new/deep");
    let error = error_of(&as_nobody(&["--data-dir", new.to_str().unwrap(), "--listen", "127.0.0.1:0"]));
    let parent = format!("the directory {} belongs to root (uid 0), mode 755, {us}", shown(dir.path()));
    assert!(
        error.contains(&parent) && error.ends_with("; choose another directory, or make this one for that user"),
        "{error}"
    );

    // A backup that cannot be written or read.
    for file in data.read_dir().unwrap() {
        fs::set_permissions(file.unwrap().path(), fs::Permissions::from_mode(0o666)).unwrap();
    }
    let closed = dir.path().join("closed");
    fs::DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let file = closed.join("books.mdb");
    for command in ["backup", "export"] {
        let output = as_nobody(&[command, file.to_str().unwrap(), arguments[0], arguments[1]]);
        assert_eq!(output.status.code(), Some(1));
        let error = single_line(&output.stderr);
        let expected = format!("kosync: {}: permission denied: the directory {} belongs", shown(&file), shown(&closed));
        assert!(error.starts_with(&expected), "{error}");
    }
}

/// `ulimit -v` and systemd's `LimitAS=` leave no room for the usual map. It has 64 GiB, or 512 MiB on 32-bit systems.
#[test]
fn a_limit_on_address_space_makes_the_map_smaller_and_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let limited = |kib: u64, arguments: &[&str]| {
        let mut command = Command::new("bash");
        let script = format!("ulimit -v {kib} && exec \"$0\" \"$@\"");
        command.env_clear().args(["-c", &script, env!("CARGO_BIN_EXE_kosync")]).args(arguments);
        command
    };
    let (kib, sizes) = match cfg!(target_pointer_width = "64") {
        true => (4 << 20, ["mib=2048", "mib=1024"]),
        false => (700 << 10, ["mib=256"; 2]),
    };
    let [path, backup, again] = ["data", "kosync.mdb", "again"].map(|name| dir.path().join(name));
    let [path, backup, again] = [&path, &backup, &again].map(|path| path.to_str().unwrap());
    let serve = ["--data-dir", path, "--listen", "127.0.0.1:0"];
    let process = Process::spawn(limited(kib, &serve));
    let line = process.logged("address space is limited");
    assert!(sizes.iter().any(|size| line.contains(size)), "{line}");
    process.client.registered("ada", KEY);
    process.stop();
    for arguments in
        [["backup", backup, serve[0], path], ["export", "-", serve[0], path], ["restore", backup, serve[0], again]]
    {
        let done = run_with_input(limited(kib, &arguments), "");
        assert!(done.status.success(), "{arguments:?}: {done:?}");
    }
    let error = error_of(&run_with_input(limited(300 << 10, &serve), ""));
    let expected =
        format!("kosync: data directory {}: cannot map data.mdb into memory, not even 256 MiB: ", data.display());
    assert!(error.starts_with(&expected) && error.contains("`ulimit -v`"), "{error}");
    // With the usual map again.
    let process = Process::start(&data);
    assert_eq!(process.client.login("ada", KEY).status, 200);
    process.stop();
    let mut list = command();
    list.args(["user", "list", "--data-dir"]).arg(&data);
    assert!(run_with_input(list, "").status.success());
}

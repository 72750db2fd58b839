//! The settings: each flag, variable and key, their precedence, and invalid values.

use std::fs;
use std::path::Path;

use super::kosync::{Process, command, output, single_line};
use crate::common::KEY;

/// Starts a server in a working directory, with arguments and variables.
fn start(dir: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
    let mut command = command();
    command.current_dir(dir).args(arguments).envs(variables.iter().copied());
    Process::spawn(command)
}

/// Returns whether the start message contains a text.
fn prints(process: &Process, text: &str) -> bool {
    process.banner.iter().any(|line| line.contains(text))
}

/// Asserts that it does not start and exits with 2, and returns its error.
#[track_caller]
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let output = output(arguments, variables);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    single_line(&output.stderr)
}

#[test]
fn data_dir_by_flag_variable_file_state_directory_or_default() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let [flag, variable, file, state] = ["flag", "variable", "file", "state"].map(path);
    fs::write(path("config.json"), format!(r#"{{"data_dir":"{file}","listen":"127.0.0.1:0"}}"#)).unwrap();
    let config = path("config.json");
    let in_file = [("KOSYNC_CONFIG", config.as_str()), ("STATE_DIRECTORY", state.as_str())];
    let in_both = [in_file[0], in_file[1], ("KOSYNC_DATA_DIR", variable.as_str())];

    assert!(prints(&start(dir.path(), &["--data-dir", &flag], &in_both), &flag));
    assert!(prints(&start(dir.path(), &[], &in_both), &variable));
    assert!(prints(&start(dir.path(), &["--data-dir", ""], &in_both), &variable), "an empty value counts as unset");
    assert!(prints(&start(dir.path(), &[], &in_file), &file));
    assert!(prints(&start(dir.path(), &["--config", &config], &[("KOSYNC_DATA_DIR", "")]), &file));
    let two = format!("{state}:/other");
    let listen = ["--listen", "127.0.0.1:0"];
    assert!(prints(&start(dir.path(), &listen, &[("STATE_DIRECTORY", &two)]), &state));
    let here = start(dir.path(), &listen, &[]);
    assert!(prints(&here, "/data. "), "{:?}", here.banner);
    assert!(dir.path().join("data/data.mdb").exists());
    // The subcommand may come before or after the flags.
    assert!(prints(&start(dir.path(), &["serve", "--data-dir", &flag, listen[0], listen[1]], &[]), &flag));
    assert!(prints(&start(dir.path(), &["--data-dir", &flag, listen[0], listen[1], "serve"], &[]), &flag));
}

#[test]
fn listen_takes_several_addresses() {
    let dir = tempfile::tempdir().unwrap();
    let socket = dir.path().join("socket");
    let unix = format!("unix:{}", socket.display());
    let addresses = |process: &Process| process.banner.iter().filter(|line| line.starts_with("    ")).count();

    let both = format!("127.0.0.1:0, {unix}");
    let process = start(dir.path(), &["--listen", &both], &[("KOSYNC_LISTEN", "127.0.0.1:1")]);
    assert_eq!(addresses(&process), 2);
    assert_eq!(process.client.send("GET", "/healthcheck", &[], None).status, 200);
    process.stop();
    // A left-over socket file is replaced, and a repeated flag is a list.
    assert!(socket.exists());
    let process = start(dir.path(), &["--listen", &unix, "--listen", "127.0.0.1:0"], &[]);
    assert_eq!(addresses(&process), 2);
    process.stop();
    assert_eq!(addresses(&start(dir.path(), &[], &[("KOSYNC_LISTEN", "127.0.0.1:0,127.0.0.1:0")])), 2);
    fs::write(dir.path().join("c.json"), r#"{"listen":["127.0.0.1:0","[::1]:0"]}"#).unwrap();
    assert_eq!(addresses(&start(dir.path(), &["--config", "c.json"], &[])), 2);
}

#[test]
fn registration_by_flag_variable_file_or_kosync_dotnet_s_variable() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), r#"{"registration":false}"#).unwrap();
    let listen = ["--listen", "127.0.0.1:0"];
    let open = |arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[arguments, &listen].concat(), variables);
        let status = process.client.register("ada", KEY).status;
        let open = prints(&process, "Registration: open.");
        assert!(open || prints(&process, "Registration: closed."));
        process.stop();
        fs::remove_dir_all(dir.path().join("data")).unwrap();
        assert_eq!(status, if open { 201 } else { 402 });
        open
    };
    assert!(open(&[], &[]));
    assert!(!open(&["--registration", "false"], &[("KOSYNC_REGISTRATION", "true")]));
    assert!(!open(&[], &[("KOSYNC_REGISTRATION", "false")]));
    assert!(!open(&["--config", "c.json"], &[]));
    assert!(open(&["--config", "c.json"], &[("KOSYNC_REGISTRATION", "TRUE")]));
    assert!(!open(&["--config", "c.json"], &[("KOSYNC_REGISTRATION", "")]));
    // kosync-dotnet's variable, which has the lowest precedence of the two.
    assert!(!open(&[], &[("REGISTRATION_DISABLED", "true")]));
    assert!(open(&[], &[("REGISTRATION_DISABLED", "False")]));
    // What people write for `true` and `false`.
    for (yes, no) in [("yes", "no"), ("on", "Off"), ("1", "0")] {
        assert!(open(&["--registration", yes], &[]) && !open(&["--registration", no], &[]), "{yes} {no}");
        assert!(
            !open(&[], &[("REGISTRATION_DISABLED", yes)]) && !open(&[], &[("KOSYNC_REGISTRATION", no)]),
            "{yes} {no}"
        );
    }
    assert!(open(&[], &[("REGISTRATION_DISABLED", "true"), ("KOSYNC_REGISTRATION", "true")]));
}

#[test]
fn admin_password_by_file_variable_or_key() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (flag, variable) = (file("flag", "from flag\n"), file("variable", "from variable\r\n"));
    let plain = file("plain.json", r#"{"admin_password":"from json"}"#);
    let named = file("named.json", &format!(r#"{{"admin_password_file":"{variable}","admin_password":"other"}}"#));
    let is = |password: &str, arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[arguments, &["--listen", "127.0.0.1:0"]].concat(), variables);
        assert_eq!(process.client.login("admin", password).status, 200, "{password}");
        process.stop();
    };
    is(
        "from flag",
        &["--admin-password-file", &flag],
        &[("ADMIN_PASSWORD", "x"), ("KOSYNC_ADMIN_PASSWORD_FILE", &variable)],
    );
    is("from variable", &[], &[("KOSYNC_ADMIN_PASSWORD_FILE", &variable)]);
    is("from environment", &["--config", &named], &[("ADMIN_PASSWORD", "from environment")]);
    is("from json", &["--config", &plain], &[("ADMIN_PASSWORD", "")]);
    is("from variable", &["--config", &named], &[]);
    is("from variable", &[], &[]);

    let both = [("ADMIN_PASSWORD", "x"), ("KOSYNC_ADMIN_PASSWORD_FILE", variable.as_str())];
    assert_eq!(
        refused(&["--data-dir", "/nowhere"], &both),
        "kosync: KOSYNC_ADMIN_PASSWORD_FILE and ADMIN_PASSWORD: set only one of the two"
    );
    let data = dir.path().join("data").to_str().unwrap().to_owned();
    let arguments = |file| ["--data-dir", &data, "--listen", "127.0.0.1:0", "--admin-password-file", file];
    let empty = file("empty", "\n");
    assert_eq!(
        refused(&arguments(&empty), &[]),
        format!(
            "kosync: --admin-password-file: admin password: file {empty}: the first line is empty; it must be the password"
        )
    );
    let missing = refused(&arguments("/nowhere/file"), &[]);
    let origin = "kosync: --admin-password-file: admin password: file /nowhere/file: No such file";
    assert!(missing.starts_with(origin), "{missing}");
    // Windows' editors write a byte-order mark, and PowerShell UTF-16.
    is("from windows", &["--admin-password-file", &file("bom", "\u{feff}from windows\r\n")], &[]);
    let utf16 = dir.path().join("utf16");
    fs::write(&utf16, b"\xff\xfep\0w\0").unwrap();
    let utf16 = utf16.to_str().unwrap();
    let refused = refused(&["--data-dir", &data, "--listen", "127.0.0.1:0"], &[("KOSYNC_ADMIN_PASSWORD_FILE", utf16)]);
    let origin = "kosync: KOSYNC_ADMIN_PASSWORD_FILE: admin password";
    assert_eq!(refused, format!("{origin}: file {utf16}: it is not UTF-8 text"));
}

#[test]
fn a_random_admin_password_is_logged_only_at_the_first_start() {
    let dir = tempfile::tempdir().unwrap();
    let process = Process::start(dir.path());
    let line = process.logged("created the account `admin`");
    let password = line.split("with the password ").nth(1).unwrap().split(' ').next().unwrap().to_owned();
    assert_eq!(password.len(), 20, "{line}");
    assert_eq!(process.client.login("admin", &password).status, 200);
    process.stop();
    let mut process = Process::start(dir.path());
    assert_eq!(process.client.login("admin", &password).status, 200);
    process.signal(nix::sys::signal::Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    let log = process.all_logged();
    assert!(log.len() > 2 && log.iter().all(|line| !line.contains(&password)), "{log:?}");
}

#[test]
fn trusted_proxies_by_flag_variable_file_or_kosync_dotnet_s_variable() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), r#"{"trusted_proxies":["10.0.0.0/8","127.0.0.1"]}"#).unwrap();
    // Returns whether guesses from new addresses are never limited, which they are not if the proxy is trusted.
    let trusted = |arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[arguments, &["--listen", "127.0.0.1:0"]].concat(), variables);
        let mut guesses = (0..40).map(|guess| {
            let from = format!("198.51.100.{guess}");
            let headers =
                [("x-auth-user", b"ada".as_slice()), ("x-auth-key", b"x"), ("X-Forwarded-For", from.as_bytes())];
            process.client.send("GET", "/users/auth", &headers, None).status
        });
        !guesses.any(|status| status == 429)
    };
    assert!(!trusted(&[], &[]));
    assert!(trusted(&["--trusted-proxies", "10.0.0.1, 127.0.0.1"], &[("KOSYNC_TRUSTED_PROXIES", "10.0.0.1")]));
    assert!(trusted(&["--trusted-proxies", "::1", "--trusted-proxies", "::ffff:127.0.0.1"], &[]));
    assert!(trusted(&[], &[("KOSYNC_TRUSTED_PROXIES", "127.0.0.0/8"), ("TRUSTED_PROXIES", "10.0.0.1")]));
    assert!(trusted(&[], &[("TRUSTED_PROXIES", "127.0.0.1")]));
    assert!(trusted(&["--config", "c.json"], &[]));
    assert!(!trusted(&["--config", "c.json"], &[("TRUSTED_PROXIES", "unix")]));
}

#[test]
fn cors_origins_by_flag_variable_or_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), r#"{"cors_origins":"https://c.example"}"#).unwrap();
    let allowed = |origin: &str, arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[arguments, &["--listen", "127.0.0.1:0"]].concat(), variables);
        let reply = process.client.send("GET", "/healthcheck", &[("Origin", origin.as_bytes())], None);
        reply.header("access-control-allow-origin") == Some(origin)
    };
    let variable = [("KOSYNC_CORS_ORIGINS", "https://b.example")];
    assert!(!allowed("https://a.example", &[], &[]));
    assert!(allowed("https://a.example", &["--cors-origins", "https://x.example,HTTPS://A.example"], &variable));
    assert!(!allowed("https://b.example", &["--cors-origins", "https://a.example"], &variable));
    assert!(allowed("https://b.example", &["--config", "c.json"], &variable));
    assert!(allowed("https://c.example", &["--config", "c.json"], &[]));
}

#[test]
fn metrics_on_the_main_port_or_their_own() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), r#"{"metrics":true,"metrics_listen":["127.0.0.1:0"]}"#).unwrap();
    // Returns whether the protocol's port serves them, and whether a port of their own does.
    let served = |arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[arguments, &["--listen", "127.0.0.1:0"]].concat(), variables);
        let beside = process.client.send("GET", "/metrics", &[], None).status == 200;
        let own =
            process.banner.iter().find_map(|line| line.strip_prefix("Metrics: http://")?.strip_suffix("/metrics"));
        let own = own.map(|address| crate::common::Client { address: address.parse().unwrap() });
        if let Some(own) = own {
            assert_eq!(own.send("GET", "/metrics", &[], None).status, 200);
            assert_eq!(own.send("GET", "/healthcheck", &[], None).status, 404, "nothing else is served there");
        }
        let own = own.is_some();
        process.stop();
        (beside, own)
    };
    assert_eq!(served(&[], &[]), (false, false));
    assert_eq!(served(&["--metrics", "true"], &[("KOSYNC_METRICS", "false")]), (true, false));
    assert_eq!(served(&[], &[("KOSYNC_METRICS", "true"), ("KOSYNC_METRICS_LISTEN", "")]), (true, false));
    assert_eq!(served(&["--metrics-listen", "127.0.0.1:0"], &[]), (false, true));
    assert_eq!(served(&[], &[("KOSYNC_METRICS_LISTEN", "127.0.0.1:0")]), (false, true));
    assert_eq!(served(&["--config", "c.json"], &[]), (true, true));
    assert_eq!(served(&["--config", "c.json"], &[("KOSYNC_METRICS", "false")]), (false, true));
}

#[test]
fn the_configured_address_is_printed() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), r#"{"address":"https://c.example/sync/","listen":"127.0.0.1:0"}"#).unwrap();
    let config = dir.path().join("c.json");
    let config = ["--config", config.to_str().unwrap()];
    let printed = |arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[&config[..], arguments].concat(), variables);
        let address = process.banner[1].trim().to_owned();
        process.stop();
        address
    };
    assert_eq!(printed(&[], &[]), "https://c.example/sync");
    assert_eq!(printed(&[], &[("KOSYNC_ADDRESS", "http://b.example")]), "http://b.example");
    assert_eq!(
        printed(&["--address", "http://a.example:1"], &[("KOSYNC_ADDRESS", "http://b.example")]),
        "http://a.example:1"
    );
}

#[test]
fn ingress_listens_for_its_peer_only() {
    let dir = tempfile::tempdir().unwrap();
    let settings = r#"{"listen":"127.0.0.1:0","ingress_listen":"127.0.0.1:0","ingress_peer":"127.0.0.1"}"#;
    fs::write(dir.path().join("c.json"), settings).unwrap();
    let config = dir.path().join("c.json");
    let status = |arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[&["--config", config.to_str().unwrap()], arguments].concat(), variables);
        let ingress = process.banner.iter().find_map(|line| line.strip_prefix("Home Assistant's ingress: ")).unwrap();
        let client = crate::common::Client { address: ingress.parse().unwrap() };
        let status = client.send("GET", "/login", &[("x-remote-user-id", b"1")], None).status;
        process.stop();
        status
    };
    assert_eq!(status(&[], &[]), 200);
    assert_eq!(status(&["--ingress-listen", "[::1]:0"], &[]), 403);
    assert_eq!(status(&[], &[("KOSYNC_INGRESS_PEER", "172.30.32.2")]), 403);
    assert_eq!(status(&["--ingress-peer", "127.0.0.0/8"], &[("KOSYNC_INGRESS_PEER", "172.30.32.2")]), 200);
}

#[test]
fn log_level_by_flag_variable_file_or_rust_log() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), r#"{"log_level":"error"}"#).unwrap();
    let logs_stop = |arguments: &[&str], variables: &[(&str, &str)]| {
        let arguments = [arguments, &["--data-dir", dir.path().to_str().unwrap(), "--listen", "127.0.0.1:0"]].concat();
        let mut child = command();
        child.current_dir(dir.path()).args(arguments).envs(variables.iter().copied());
        let mut process = Process::spawn(child);
        process.signal(nix::sys::signal::Signal::SIGTERM);
        assert_eq!(process.wait().code(), Some(0));
        process.all_logged().iter().any(|line| line.contains("stopped"))
    };
    assert!(logs_stop(&[], &[]));
    assert!(!logs_stop(&["--log-level", "warn"], &[("KOSYNC_LOG_LEVEL", "info")]));
    assert!(!logs_stop(&[], &[("KOSYNC_LOG_LEVEL", "error")]));
    assert!(!logs_stop(&["--config", "c.json"], &[]));
    assert!(logs_stop(&["--config", "c.json"], &[("RUST_LOG", "kosync=debug")]));
    assert!(logs_stop(&["--config", "c.json"], &[("RUST_LOG", ",hyper=trace, kosync::cli=INFO,")]));
    assert!(!logs_stop(&["--config", "c.json"], &[("RUST_LOG", "trace,kosync=off")]));
    assert!(logs_stop(&["--log-level", "trace", "--config", "c.json"], &[]));
}

#[test]
fn an_invalid_value_is_refused_with_its_origin_and_what_is_allowed() {
    let dir = tempfile::tempdir().unwrap();
    let config = dir.path().join("c.json").to_str().unwrap().to_owned();
    let address = "is not an IP address with a port (`192.0.2.1:7200`, `[::]:7200`) nor `unix:/path`";
    for (arguments, variables, message) in [
        (vec!["--registration", "maybe"], vec![], "--registration: `maybe` is not `true` or `false`".to_owned()),
        (vec![], vec![("KOSYNC_REGISTRATION", "2")], "KOSYNC_REGISTRATION: `2` is not `true` or `false`".into()),
        (vec![], vec![("REGISTRATION_DISABLED", "nein")], "REGISTRATION_DISABLED: `nein` is not `true` or `false`".into()),
        (vec!["--listen", "localhost:7200"], vec![], format!("--listen: `localhost:7200` {address}")),
        (vec![], vec![("KOSYNC_LISTEN", "127.0.0.1:0,7200")], format!("KOSYNC_LISTEN: `7200` {address}")),
        (vec!["--dashboard", "an"], vec![], "--dashboard: `an` is not `true` or `false`".into()),
        (vec![], vec![("KOSYNC_DASHBOARD", "-")], "KOSYNC_DASHBOARD: `-` is not `true` or `false`".into()),
        (vec!["--metrics", "onn"], vec![], "--metrics: `onn` is not `true` or `false`".into()),
        (vec!["--metrics-listen", "7201"], vec![], format!("--metrics-listen: `7201` {address}")),
        (vec!["--ingress-listen", "8099"], vec![], format!("--ingress-listen: `8099` {address}")),
        (
            vec![],
            vec![("KOSYNC_INGRESS_PEER", "supervisor")],
            "KOSYNC_INGRESS_PEER: `supervisor` is not an IP address, a block of them (`10.0.0.0/8`), nor `unix`".into(),
        ),
        (
            vec!["--address", "192.0.2.1:7200"],
            vec![],
            "--address: `192.0.2.1:7200` is not an address such as `http://192.0.2.1:7200` or `https://books.example/kosync`".into(),
        ),
        (vec!["--listen", ","], vec![], "--listen: `,` has no address".into()),
        (
            vec!["--listen", "unix:relative"],
            vec![],
            "--listen: `unix:relative` has no absolute path after `unix:`".into(),
        ),
        (
            vec!["--log-level", "loud"],
            vec![],
            "--log-level: `loud` is not one of error, warn, info, debug, trace".into(),
        ),
        (
            vec![],
            vec![("KOSYNC_LOG_LEVEL", "INFO")],
            "KOSYNC_LOG_LEVEL: `INFO` is not one of error, warn, info, debug, trace".into(),
        ),
        (
            vec!["--config", "/nowhere/c.json"],
            vec![],
            "--config: /nowhere/c.json: No such file or directory (os error 2)".into(),
        ),
        (vec!["--max-connections", "x"], vec![], "--max-connections: `x` is not a whole number".into()),
        // Values with which no client could connect, or no position be stored: a number of MiB where bytes are meant, or 0 for no limit.
        (vec!["--max-connections", "0"], vec![], "--max-connections: `0` is too small: at least 1".into()),
        (
            vec!["--max-connections-per-address=0"],
            vec![],
            "--max-connections-per-address: `0` is too small: at least 1".into(),
        ),
        (vec![], vec![("KOSYNC_MAX_DOCUMENTS", "0")], "KOSYNC_MAX_DOCUMENTS: `0` is too small: at least 1".into()),
        (
            vec!["--max-account-bytes", "64"],
            vec![],
            "--max-account-bytes: `64` is too small: at least 1048576 (1 MiB)".into(),
        ),
        (vec!["--max-store-bytes=0"], vec![], "--max-store-bytes: `0` is too small: at least 1048576 (1 MiB)".into()),
        (
            vec![],
            vec![("KOSYNC_MAX_STORE_BYTES", "18446744073709551615")],
            "KOSYNC_MAX_STORE_BYTES: `18446744073709551615` is too large: at most 70368744177664 (64 TiB)".into(),
        ),
        (
            vec!["--max-documents", "5000000000"],
            vec![],
            "--max-documents: `5000000000` is too large: at most 4294967295".into(),
        ),
        (
            vec![],
            vec![("KOSYNC_MIN_FREE_DISK", "18446744073709551616")],
            "KOSYNC_MIN_FREE_DISK: `18446744073709551616` is too large: at most 18446744073709551615".into(),
        ),
        (vec!["--nonsense"], vec![], "unexpected argument '--nonsense' found (see `kosync --help`)".into()),
        (vec!["nonsense"], vec![], "unrecognized subcommand 'nonsense' (see `kosync --help`)".into()),
        // A mistyped word: what was meant, and the help of the command at hand.
        (
            vec!["usr"],
            vec![],
            "unrecognized subcommand 'usr'; a similar subcommand exists: 'user' (see `kosync --help`)".into(),
        ),
        (
            vec!["completions", "tcsh"],
            vec![],
            "invalid value 'tcsh' for '<SHELL>' [possible values: bash, elvish, fish, powershell, zsh]; a similar value exists: 'zsh' \
             (see `kosync completions --help`)"
                .into(),
        ),
        (
            vec!["user", "lst"],
            vec![],
            "unrecognized subcommand 'lst'; a similar subcommand exists: 'list' (see `kosync user --help`)".into(),
        ),
        (
            vec!["backup", "--kep", "3", "x"],
            vec![],
            "unexpected argument '--kep' found; a similar argument exists: '--keep' (see `kosync backup --help`)".into(),
        ),
        (
            vec!["user", "list", "--listen", "127.0.0.1:0"],
            vec![],
            "unexpected argument '--listen' found (see `kosync user list --help`)".into(),
        ),
        (
            vec!["user", "add"],
            vec![],
            "the following required arguments were not provided: <NAME> (see `kosync user add --help`)".into(),
        ),
        (
            vec!["--listen"],
            vec![],
            "a value is required for '--listen <ADDRESS>' but none was supplied (see `kosync --help`)".into(),
        ),
    ] {
        assert_eq!(refused(&arguments, &variables), format!("kosync: {message}"));
    }
    let filter = refused(&["--data-dir", "/nowhere"], &[("RUST_LOG", "a=b=c")]);
    assert!(filter.starts_with("kosync: RUST_LOG: `a=b=c`: "), "{filter}");

    for (json, message) in [
        (
            r#"{"registration":"maybe"}"#,
            "key `registration`: invalid type: string \"maybe\", expected a boolean at line 1 column 23",
        ),
        (
            r#"{"registraton":true}"#,
            "key `registraton`: unknown field `registraton`, expected one of `data_dir`, `listen`, `registration`, `registrations_per_address`, \
             `registrations_overall`, \
             `admin_password_file`, `admin_password`, `accounts`, `tls_certificate`, `tls_key`, `trusted_proxies`, `proxy_user_header`, `proxy_administrators`, \
             `proxy_logout_address`, `cors_origins`, \
             `dashboard`, `webdav`, `metrics`, `metrics_listen`, `address`, `ingress_listen`, `ingress_peer`, `ingress_administrators`, `max_connections`, \
             `max_connections_per_address`, `mqtt`, `current_position`, `language`, `max_documents`, `max_account_bytes`, `max_files_bytes`, `max_store_bytes`, `min_free_disk`, `max_import_bytes`, `log_level` at line 1 column 14",
        ),
        (r#"{"listen":["x"]}"#, &format!("key `listen`: `x` {address} at line 1 column 15")),
        (
            r#"{"listen":7200}"#,
            "key `listen`: invalid type: integer `7200`, expected a string or a list of strings at line 1 column 14",
        ),
        (
            r#"{"log_level":"loud"}"#,
            "key `log_level`: unknown variant `loud`, expected one of `error`, `warn`, `info`, `debug`, `trace` at line 1 column 19",
        ),
        (r#"{"max_connections":0}"#, "key `max_connections`: `0` is too small: at least 1 at line 1 column 21"),
        (r#"{"max_documents":0}"#, "key `max_documents`: `0` is too small: at least 1 at line 1 column 19"),
        (
            r#"{"max_account_bytes":64}"#,
            "key `max_account_bytes`: `64` is too small: at least 1048576 (1 MiB) at line 1 column 24",
        ),
        (
            r#"{"max_store_bytes":128}"#,
            "key `max_store_bytes`: `128` is too small: at least 1048576 (1 MiB) at line 1 column 23",
        ),
        (r#"{"admin_password":48151623}"#, "key `admin_password`: it must be a string, in quotes at line 1 column 27"),
        (
            r#"{"mqtt":{"hots":"x"}}"#,
            "key `mqtt.hots`: unknown field `hots`, expected one of `host`, `port`, `username`, `password`, `password_file`, `tls`, \
             `ca_certificate`, `discovery_prefix`, `topic_prefix` at line 1 column 15",
        ),
        (r#"{"mqtt":{"password":1883}}"#, "key `mqtt.password`: it must be a string, in quotes at line 1 column 25"),
        (
            r#"{"mqtt":{"topic_prefix":"a/#"}}"#,
            "key `mqtt.topic_prefix`: `a/#` is not an MQTT topic prefix such as `homeassistant` or `home/kosync` at line 1 column 30",
        ),
        (
            r#"{"address":"books"}"#,
            "key `address`: `books` is not an address such as `http://192.0.2.1:7200` or `https://books.example/kosync` at line 1 column 19",
        ),
        (r#"{"data_dir":1}"#, "key `data_dir`: invalid type: integer `1`, expected a string at line 1 column 13"),
        ("[]", "it must be a JSON object, such as {\"registration\": false}"),
        ("", "it must be a JSON object, such as {\"registration\": false}"),
        ("{", "EOF while parsing an object at line 1 column 1"),
        ("{} x", "trailing characters at line 1 column 4"),
    ] {
        fs::write(&config, json).unwrap();
        assert_eq!(refused(&["--config", &config], &[]), format!("kosync: --config: {config}: {message}"));
        assert_eq!(refused(&[], &[("KOSYNC_CONFIG", &config)]), format!("kosync: KOSYNC_CONFIG: {config}: {message}"));
    }
}

/// A configuration file from an editor on Windows.
#[test]
fn a_byte_order_mark_before_the_configuration_is_ignored() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("c.json"), "\u{feff}{\"registration\":false,\"listen\":\"127.0.0.1:0\"}").unwrap();
    assert!(prints(&start(dir.path(), &["--config", "c.json"], &[]), "Registration: closed."));
}

/// `kosync --registration false` opens again at the next plain start, and says what does not.
#[test]
fn registration_closed_by_the_flag_names_the_switch_that_lasts() {
    let dir = tempfile::tempdir().unwrap();
    let listen = ["--listen", "127.0.0.1:0"];
    let hint = "The next start without `--registration false` opens registration again. To close it for good, use the switch on \
                the dashboard, `KOSYNC_REGISTRATION=false`, or `registration` in the configuration file.";
    let closed = |arguments: &[&str], variables: &[(&str, &str)]| {
        let process = start(dir.path(), &[&listen, arguments].concat(), variables);
        let (closed, hinted) = (prints(&process, "Registration: closed."), prints(&process, hint));
        process.stop();
        (closed, hinted)
    };
    assert_eq!(closed(&["--registration", "false"], &[]), (true, true));
    assert_eq!(closed(&[], &[]), (false, false));
    assert_eq!(closed(&[], &[("KOSYNC_REGISTRATION", "false")]), (true, false));
    assert_eq!(closed(&["--registration", "true"], &[]), (false, false));
}

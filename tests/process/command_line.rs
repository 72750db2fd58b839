//! The command line itself: help, version, completions, man pages, and output into a closed pipe.

use std::fs;

use super::kosync::{Process, command, output, single_line};
use crate::common::{KEY, OTHER_KEY};

#[test]
fn help_has_every_flag_and_variable() {
    let help = output(&["--help"], &[]);
    let text = String::from_utf8(help.stdout).unwrap();
    assert_eq!(help.status.code(), Some(0));
    let names = ["--data-dir", "KOSYNC_DATA_DIR", "--listen", "--registration", "--admin-password-file", "--log-level"];
    let names =
        [&names[..], &["--trusted-proxies", "user", "--ingress-listen", "--ingress-peer", "--address"]].concat();
    for name in names.iter().chain(&["--config", "ADMIN_PASSWORD", "RUST_LOG", "serve", "healthcheck"]) {
        assert!(text.contains(name), "{name}: {text}");
    }
}

#[test]
fn version_is_that_of_the_package() {
    for flag in ["--version", "-V", "-v"] {
        let version = output(&[flag], &[]);
        assert_eq!(single_line(&version.stdout), format!("kosync {}", env!("CARGO_PKG_VERSION")));
    }
}

#[test]
fn the_data_directory_may_be_named_before_or_after_any_subcommand() {
    let dir = tempfile::tempdir().unwrap();
    let (data, other) = (dir.path().join("data"), dir.path().join("other"));
    Process::start(&data).stop();
    fs::write(dir.path().join("c.json"), format!("{{\"data_dir\":{data:?}}}")).unwrap();
    let (data, other) = (["--data-dir", data.to_str().unwrap()], ["--data-dir", other.to_str().unwrap()]);
    let config = dir.path().join("c.json");
    let config = ["--config", config.to_str().unwrap()];
    for found in [data, config] {
        for arguments in [
            [&found[..], &["user", "list"]],
            [&["user"], &[found[0], found[1], "list"]],
            [&["user", "list"], &found],
            [&["check"], &found],
        ] {
            let output = output(&arguments.concat(), &[]);
            assert_eq!(output.status.code(), Some(0), "{arguments:?}: {output:?}");
        }
    }
    // The last one counts.
    assert_eq!(output(&[&other[..], &["user", "list"], &data].concat(), &[]).status.code(), Some(0));
}

#[test]
fn a_command_without_its_subcommand_lists_them() {
    for arguments in [&["user"][..], &["user", "--data-dir", "/nowhere"]] {
        let output = output(arguments, &[]);
        assert_eq!(output.status.code(), Some(2));
        let help = String::from_utf8(output.stderr).unwrap();
        for part in ["Usage: kosync user", "Commands:", "add ", "passwd ", "documents ", "Examples:"] {
            assert!(help.contains(part), "{part}: {help}");
        }
    }
}

#[test]
fn completions_and_man_pages_have_every_command() {
    for (shell, part) in [("bash", "_kosync()"), ("zsh", "#compdef kosync"), ("fish", "complete -c kosync")] {
        let output = output(&["completions", shell], &[]);
        let script = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && script.contains(part), "{shell}");
        for word in ["passwd", "healthcheck", "data-dir", "tls-certificate", "merge"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let man = dir.path().join("share/man1");
    let printed = output(&["man", man.to_str().unwrap()], &[]);
    assert_eq!(single_line(&printed.stdout), format!("Wrote 23 man pages to {}.", man.display()));
    for (page, parts) in [
        ("kosync.1", &["KOSYNC_LISTEN", ".SH EXAMPLES", "Network"][..]),
        ("kosync-check-config.1", &["certificates are not opened", ".SH EXAMPLES"]),
        ("kosync-user-add.1", &["password", ".SH EXAMPLES", "kosync user add ada"]),
        ("kosync-user-device-add.1", &["print it once", ".SH EXAMPLES"]),
        ("kosync-import.1", &["merge", ".SH EXAMPLES"]),
    ] {
        let text = fs::read_to_string(man.join(page)).unwrap();
        let missing: Vec<_> = parts.iter().filter(|part| !text.to_lowercase().contains(&part.to_lowercase())).collect();
        assert!(missing.is_empty(), "{page}: {missing:?} {text}");
        assert!(!text.contains("EXTRA"), "{page}");
    }
    assert_eq!(fs::read_dir(&man).unwrap().count(), 23);
}

/// As `kosync user list | head -0`.
#[test]
fn output_into_a_closed_pipe_ends_quietly() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    Process::start(&data).stop();
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["user", "list"], 0),
        (&["user", "list", "--json"], 0),
        (&["user", "documents", "admin"], 0),
        (&["check"], 0),
        (&["completions", "zsh"], 0),
        // It is not complete, so this is no success.
        (&["export", "-"], 1),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = command();
        let output = command.args(arguments).env("KOSYNC_DATA_DIR", &data).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {output:?}");
        assert!(output.stderr.is_empty(), "{arguments:?}: {output:?}");
    }
}

/// As `kosync 2>&1 | head -1`: each line of the log fails to be written.
#[test]
fn a_server_goes_on_without_a_reader_of_its_log() {
    let dir = tempfile::tempdir().unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut shell = std::process::Command::new("sh");
    let script = r#"exec "$0" --data-dir "$1" --listen 127.0.0.1:0 --log-level debug 2>&0"#;
    shell.env_clear().args(["-c", script, env!("CARGO_BIN_EXE_kosync")]).arg(dir.path()).stdin(writer);
    let process = Process::spawn(shell);
    process.client.registered("ada", KEY);
    process.client.login("ada", OTHER_KEY).unauthorized();
    assert_eq!(process.client.login("ada", KEY).status, 200);
    process.stop();
}

//! Issue 16, 12: variables of other servers are honoured, and mistyped ones of ours are named.

use nix::sys::signal::Signal;

use super::kosync::{Process, command, output};
use crate::common::KEY;

/// Starts a server with variables, and tries to create an account. Returns whether that succeeded, and the log.
fn registration(arguments: &[&str], variables: &[(&str, &str)]) -> (bool, Vec<String>) {
    let dir = tempfile::tempdir().unwrap();
    let mut command = command();
    command.arg("--data-dir").arg(dir.path()).args(["--listen", "127.0.0.1:0"]).args(arguments);
    command.envs(variables.iter().copied());
    let mut process = Process::spawn(command);
    let status = process.client.register("ada", KEY).status;
    assert!([201, 402].contains(&status), "{status}");
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    (status == 201, process.all_logged())
}

/// Its `config/routes.lua` opens registration for `true` and `1`, and closes it for everything else.
#[test]
fn the_official_image_s_variable_closes_registration_as_it_does_there() {
    let name = "ENABLE_USER_REGISTRATION";
    for (value, is_open) in
        [("true", true), ("1", true), ("false", false), ("0", false), ("no", false), ("TRUE", false), ("", false)]
    {
        let (open, log) = registration(&[], &[(name, value)]);
        assert_eq!(open, is_open, "{value:?}");
        let line = log.iter().find(|line| line.contains("setting taken from the official image's variable"));
        let line = line.unwrap_or_else(|| panic!("{value:?}: {log:#?}"));
        assert!(line.contains(name) && line.contains("registration"), "{line}");
    }
}

#[test]
fn our_own_settings_win_over_other_servers_variables() {
    for (arguments, variables, is_open) in [
        (&[][..], &[("ENABLE_USER_REGISTRATION", "false"), ("KOSYNC_REGISTRATION", "true")][..], true),
        (&["--registration", "true"], &[("ENABLE_USER_REGISTRATION", "false")], true),
        (&["--registration", "false"], &[("ENABLE_USER_REGISTRATION", "true")], false),
        (&[], &[("ENABLE_USER_REGISTRATION", "true"), ("KOSYNC_REGISTRATION", "false")], false),
        (&[], &[("OPEN_REGISTRATIONS", "False")], false),
        (&[], &[("OPEN_REGISTRATIONS", "True")], true),
        (&[], &[("DISABLE_USER_REGISTRATION", "true")], false),
        (&[], &[("DISABLE_USER_REGISTRATION", "false")], true),
        // The official image's default stands beside another server's wish.
        (&[], &[("ENABLE_USER_REGISTRATION", "true"), ("REGISTRATION_DISABLED", "true")], false),
        (&[], &[("ENABLE_USER_REGISTRATION", "false"), ("REGISTRATION_DISABLED", "false")], false),
    ] {
        let (open, log) = registration(arguments, variables);
        assert_eq!(open, is_open, "{arguments:?} {variables:?}: {log:#?}");
    }
    let wrong = output(&["--listen", "127.0.0.1:0"], &[("OPEN_REGISTRATIONS", "vielleicht")]);
    assert_eq!(wrong.status.code(), Some(2));
    let line = String::from_utf8_lossy(&wrong.stderr);
    assert_eq!(line, "kosync: OPEN_REGISTRATIONS: `vielleicht` is not `true` or `false`\n");
}

#[test]
fn a_mistyped_variable_is_a_warning_that_names_the_right_one() {
    let (_, log) = registration(&[], &[("KOSYNC_REGISTRATON", "false"), ("KOSYNC_PORT_7200_TCP_ADDR", "10.43.0.7")]);
    let lines: Vec<&String> = log.iter().filter(|line| line.contains("environment variable ignored")).collect();
    assert!(lines.len() == 1 && lines[0].contains("WARN"), "{log:#?}");
    assert!(lines[0].contains("\"KOSYNC_REGISTRATON\"") && lines[0].contains("\"KOSYNC_REGISTRATION\""), "{lines:?}");
    // A secret in it stays one.
    let (_, log) = registration(&[], &[("KOSYNC_ADMIN_PASSWORD", "hunter2")]);
    assert!(log.iter().any(|line| line.contains("\"ADMIN_PASSWORD\"")), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("hunter2")), "{log:#?}");
}

//! The binary as Home Assistant starts it: its settings are the app's options.

use std::fs;

use super::kosync::{Process, command, one_line, output};
use crate::common::KEY;

#[test]
fn the_options_are_the_settings() {
    let dir = tempfile::tempdir().unwrap();
    let options = dir.path().join("options.json");
    fs::write(&options, r#"{"registration":false,"admin_password":"password","log_level":"debug"}"#).unwrap();
    let path = options.to_str().unwrap();
    let flag = format!("--home-assistant={path}");
    for (arguments, variables) in
        [(vec!["serve", flag.as_str()], vec![]), (vec![], vec![("KOSYNC_HOME_ASSISTANT", path)])]
    {
        let mut command = command();
        command.args(arguments).envs(variables.iter().copied()).env("KOSYNC_LISTEN", "127.0.0.1:0");
        let process = Process::spawn(command);
        let said = format!("Data folder: {}. Registration: closed.", dir.path().canonicalize().unwrap().display());
        assert_eq!(process.greeting.last(), Some(&said), "the data lies beside the options");
        assert_eq!(process.client.login("admin", KEY).status, 200);
        process.logged("request");
        process.stop();
    }

    // A flag outranks an option, and the commands find the same data.
    let list = output(&["user", "list", "--json"], &[("KOSYNC_HOME_ASSISTANT", path)]);
    assert!(String::from_utf8_lossy(&list.stdout).contains("admin"), "{list:?}");
    let mut command = command();
    command.args([&flag, "--registration", "true", "--listen", "127.0.0.1:0"]);
    let process = Process::spawn(command);
    process.client.registered("ada", KEY);
    process.stop();
}

#[test]
fn a_wrong_option_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let options = dir.path().join("options.json");
    let path = options.to_str().unwrap();
    let refused = |variables: &[(&str, &str)]| {
        let output = output(&["--listen", "127.0.0.1:0"], variables);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        one_line(&output.stderr)
    };
    let missing = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
    assert!(missing.starts_with(&format!("kosync: {path}: No such file")), "{missing}");
    fs::write(&options, r#"{"log_level":"loud"}"#).unwrap();
    let wrong = refused(&[("KOSYNC_HOME_ASSISTANT", path)]);
    assert_eq!(wrong, "kosync: option `log_level`: `loud` is not one of error, warn, info, debug, trace");
    let both = refused(&[("KOSYNC_HOME_ASSISTANT", path), ("KOSYNC_CONFIG", path)]);
    assert_eq!(both, "kosync: KOSYNC_CONFIG and KOSYNC_HOME_ASSISTANT: set only one of the two");
}

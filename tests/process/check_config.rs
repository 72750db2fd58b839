//! `kosync check-config`: every mistake of a configuration file, before a server is started with it.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::kosync::output;

/// Writes a configuration file and checks it. Returns whether it is right, and the lines about it without the file's name.
fn check(dir: &Path, text: &str) -> (bool, Vec<String>) {
    let file = dir.join("settings.json");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let output = output(&["check-config", file], &[]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    let lines = stderr.lines().map(|line| line.strip_prefix(&format!("{file}:")).unwrap_or(line).to_owned()).collect();
    match output.status.code() {
        Some(0) => assert_eq!(String::from_utf8_lossy(&output.stdout), format!("{file}: no problems found.\n")),
        Some(1) => assert!(output.stdout.is_empty(), "{:?}", output.stdout),
        other => panic!("{other:?}: {stderr}"),
    }
    (output.status.success(), lines)
}

#[test]
fn every_mistake_is_reported_with_its_line_and_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let text = "{\n  \"registraton\": false,\n  \"listen\": \"localhost:7200\",\n  \"accounts\": [\n    \
                { \"name\": \"ada\", \"pasword_file\": \"/run/ada\" }\n  ],\n  \"log_level\": \"loud\"\n}\n";
    let (ok, lines) = check(dir.path(), text);
    assert!(!ok);
    let starts = [
        "2: unknown key `registraton`; did you mean `registration`?",
        "3: key `listen`: `localhost:7200` is not an IP address with a port",
        "5: unknown key `accounts[0].pasword_file`; did you mean `password_file`?",
        "7: key `log_level`: unknown variant `loud`, expected one of",
        " 4 problems found.",
    ];
    assert_eq!(lines.len(), starts.len(), "{lines:#?}");
    for (line, start) in lines.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} instead of {start}");
    }
}

/// A start opens each of these files. Opening one of these pipes would never end.
#[test]
fn no_password_key_or_certificate_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let pipe = pipe.display();
    let text = format!(
        r#"{{ "admin_password_file": "{pipe}", "tls_certificate": "{pipe}", "tls_key": "{pipe}", "data_dir": "{pipe}",
            "accounts": [{{ "name": "ada", "password_file": "{pipe}" }}],
            "mqtt": {{ "host": "b", "username": "u", "password_file": "{pipe}", "tls": true, "ca_certificate": "{pipe}" }} }}"#
    );
    assert_eq!(check(dir.path(), &text), (true, vec![]));
}

/// What a start refuses although each value is valid by itself.
#[test]
fn settings_that_do_not_go_together_are_refused_as_by_the_server() {
    let dir = tempfile::tempdir().unwrap();
    for (settings, mistake) in [
        (r#""tls_certificate": "/c""#, "a certificate is configured, but no key: set `tls_key`"),
        (r#""tls_key": "/k""#, "a key is configured, but no certificate: set `tls_certificate`"),
        (r#""mqtt": {}"#, "`host` is empty"),
        (r#""mqtt": { "host": "b", "password": "p" }"#, "there is a password, but no `username`"),
        (r#""proxy_user_header": "Remote-User""#, "no proxy is trusted to send it: set `trusted_proxies`"),
        (
            r#""proxy_user_header": "Remote-User", "trusted_proxies": "10.0.0.1, ::/0""#,
            "`trusted_proxies` trusts every address",
        ),
        (r#""proxy_administrators": "ada", "trusted_proxies": "unix""#, "set `proxy_user_header`, or remove them"),
        (r#""proxy_logout_address": "/out""#, "set `proxy_user_header`, or remove it"),
        (r#""accounts": [{ "name": "a:b", "password_file": "/p" }]"#, "account a:b: username may not contain a colon"),
        (r#""accounts": [{ "name": "admin", "password_file": "/p" }]"#, "account admin: set its password by"),
    ] {
        let (ok, lines) = check(dir.path(), &format!("{{ {settings} }}"));
        assert!(!ok && lines.len() == 2 && lines[0].contains(mistake), "{settings}: {lines:?}");
        let file = dir.path().join("settings.json");
        let data = dir.path().join("data");
        let server = output(
            &["--config", file.to_str().unwrap(), "--data-dir", data.to_str().unwrap(), "--listen", "127.0.0.1:0"],
            &[],
        );
        assert_eq!(server.status.code(), Some(2), "{settings}: the server starts");
    }
}

#[test]
fn a_file_that_is_no_json_or_does_not_exist_is_one_mistake() {
    let dir = tempfile::tempdir().unwrap();
    let (ok, lines) = check(dir.path(), "{\n  \"metrics\": true\n  \"dashboard\": true\n}\n");
    assert!(!ok && lines[0].starts_with("3: expected `,` or `}`"), "{lines:?}");
    let missing = output(&["check-config", "/nonexistent/kosync.json"], &[]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("/nonexistent/kosync.json: No such file"), "{missing:?}");
}

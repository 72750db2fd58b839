//! The examples serve the protocol and the dashboard under a sub-path.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use super::kosync::{KillTimer, read_lines};
use crate::common::{Client, KEY, Reply, TIMEOUT, position};

/// Time limit for building the examples, whose dependencies are those of the tests.
const BUILD_TIMEOUT: Duration = Duration::from_secs(600);

/// The directory with the examples' binaries.
static EXAMPLES: LazyLock<PathBuf> = LazyLock::new(|| {
    let profile_dir = Path::new(env!("CARGO_BIN_EXE_kosync")).parent().unwrap();
    build(profile_dir);
    profile_dir.join("examples")
});

/// Builds the examples with the profile, the features and the target of this test. `cargo test --test process` alone
/// does not build them.
fn build(profile_dir: &Path) {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--example", "salvo_app", "--example", "axum_app"]);
    cargo.arg("--manifest-path").arg(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
    if !cfg!(feature = "default") {
        cargo.arg("--no-default-features");
    }
    for (feature, enabled) in [
        ("cli", cfg!(feature = "cli")),
        ("mqtt", cfg!(feature = "mqtt")),
        ("time-zones", cfg!(feature = "time-zones")),
        ("tls", cfg!(feature = "tls")),
    ] {
        if enabled {
            cargo.args(["--features", feature]);
        }
    }
    // The directory is target/debug, or target/TRIPLE/debug with `--target TRIPLE`.
    let (mut target_dir, profile) = (profile_dir.parent().unwrap(), profile_dir.file_name().unwrap());
    let name = target_dir.file_name().unwrap().to_str().unwrap();
    if name.starts_with(std::env::consts::ARCH) && name.contains('-') {
        cargo.args(["--target", name]);
        target_dir = target_dir.parent().unwrap();
    }
    cargo.arg("--target-dir").arg(target_dir);
    cargo.arg("--profile").arg(if profile == "debug" { "dev".as_ref() } else { profile });
    let mut child = cargo.process_group(0).spawn().unwrap();
    let _timer = KillTimer::start_with(&child, BUILD_TIMEOUT);
    assert!(child.wait().unwrap().success(), "the examples cannot be built: {cargo:?}");
}

/// A running example, killed at the end of the test.
struct Example {
    client: Client,
    child: Child,
    _dir: tempfile::TempDir,
}

impl Example {
    fn start(name: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut child = Command::new(EXAMPLES.join(name));
        child.arg(dir.path()).arg("127.0.0.1:0").env_clear().stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        let printed = read_lines(child.stdout.take().unwrap());
        // From here on it is killed even if the test fails.
        let mut example = Self { client: Client { address: ([0, 0, 0, 0], 0).into() }, child, _dir: dir };
        let line = printed.recv_timeout(TIMEOUT).unwrap();
        example.client.address = line.strip_prefix("http://").unwrap().parse().unwrap();
        example
    }
}

impl Drop for Example {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Resolves a redirect against the requested path, as a browser does, and returns its path.
fn target(path: &str, reply: &Reply) -> Option<String> {
    let location = reply.header("location")?;
    let base = url::Url::parse("http://localhost").unwrap().join(path).unwrap();
    Some(base.join(location).unwrap().path().to_owned())
}

/// Follows redirects until a page is shown, and returns its path.
fn followed(client: Client, path: &str) -> String {
    let mut path = path.to_owned();
    for _ in 0..5 {
        let reply = client.send("GET", &path, &[], None);
        match target(&path, &reply) {
            Some(next) => path = next,
            None => {
                assert_eq!(reply.status, 200, "{path}");
                return path;
            }
        }
    }
    panic!("too many redirects, the last to {path}");
}

/// Registers, pushes, pulls and logs in to the dashboard under a sub-path. The app has a route of its own beside it.
fn serves_under_a_sub_path(name: &str) {
    let example = Example::start(name);
    let client = example.client;
    assert!(client.send("GET", "/", &[], None).body.contains("my own page"));
    let body = serde_json::json!({ "username": "ada", "password": KEY }).to_string();
    assert_eq!(client.send("POST", "/kosync/users/create", &[], Some(&body)).shaped().status, 201);
    let push = position("a book/part 1", "p", 0.4213).to_string();
    let pushed = client.send_as("ada", KEY, "PUT", "/kosync/syncs/progress", Some(&push)).shaped();
    assert_eq!(pushed.status, 200, "{pushed:?}");
    let pulled = client.send_as("ada", KEY, "GET", "/kosync/syncs/progress/a%20book%2Fpart%201", None).shaped();
    assert_eq!((pulled.status, pulled.json()["percentage"].as_f64()), (200, Some(0.4213)));
    client.send("GET", "/kosync/users/auth", &[], None).unauthorized();
    let wrong = client.send("POST", "/kosync/users/auth", &[], None).shaped();
    assert_eq!((wrong.status, wrong.header("allow")), (405, Some("GET, HEAD")));
    let head = client.send_as("ada", KEY, "HEAD", "/kosync/syncs/progress/other", None);
    assert_eq!((head.status, head.header("content-length")), (200, Some("2")));
    // The dashboard: every redirect leads to an existing page, from the address with and without its slash.
    for path in ["/kosync", "/kosync/"] {
        assert_eq!(followed(client, path), "/kosync/login", "{path}");
    }
    let form = "name=ada&password=password";
    let login = client.send("POST", "/kosync/login", &[("origin", b"http://localhost")], Some(form));
    assert_eq!((login.status, target("/kosync/login", &login)), (303, Some("/kosync/".into())), "{login:?}");
    let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap();
    let overview = client.send("GET", "/kosync/", &[("cookie", cookie.as_bytes())], None);
    assert_eq!(overview.status, 200);
    assert!(overview.body.contains("Go on reading"), "{overview:?}");
    let large = "x".repeat(70_000);
    assert_eq!(client.send_as("ada", KEY, "PUT", "/kosync/syncs/progress", Some(&large)).shaped().status, 413);
}

#[test]
fn salvo_app_serves_under_a_sub_path() {
    serves_under_a_sub_path("salvo_app");
}

#[test]
fn axum_app_serves_under_a_sub_path() {
    serves_under_a_sub_path("axum_app");
}

#[test]
fn axum_app_limits_failed_logins_per_client_address() {
    let example = Example::start("axum_app");
    let statuses =
        (0..100).map(|guess| example.client.send_as("x", &guess.to_string(), "GET", "/kosync/users/auth", None));
    assert!(statuses.map(|reply| reply.status).any(|status| status == 429));
}

//! Root may run any command in the directory of a service: what it creates belongs to the directory's owner, and the service can use it.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::geteuid;
use tempfile::TempDir;

use crate::common::{KEY, skip_unless_required};
use crate::kosync::{Process, command, run_with_input, single_line, succeeded};

/// User and group of the service. They need no name.
const SERVICE: (u32, u32) = (45_123, 45_124);

/// The directory of a service, which its user reaches, and the binary beside it.
struct Service {
    dir: TempDir,
    binary: PathBuf,
}

impl Service {
    fn new() -> Option<Self> {
        if !geteuid().is_root() {
            skip_unless_required("KOSYNC_TEST_ROOT", "only root may become another user");
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let binary = dir.path().join("kosync");
        fs::copy(env!("CARGO_BIN_EXE_kosync"), &binary).unwrap();
        Some(Self { dir, binary })
    }

    /// Creates an empty directory of the service.
    fn directory(&self, name: &str) -> PathBuf {
        let path = self.dir.path().join(name);
        fs::create_dir(&path).unwrap();
        chown(&path, Some(SERVICE.0), Some(SERVICE.1)).unwrap();
        path
    }

    /// Starts the server as the service's user, logs in, and stops it.
    fn starts(&self, data: &Path) {
        let mut command = Command::new(&self.binary);
        command.env_clear().uid(SERVICE.0).gid(SERVICE.1).arg("--data-dir").arg(data);
        let process = Process::spawn({
            command.args(["--listen", "127.0.0.1:0"]);
            command
        });
        assert_eq!(process.client.login("ada", KEY).status, 200);
        process.stop();
    }
}

/// Asserts that everything below a directory belongs to the service.
#[track_caller]
fn all_belongs_to_the_service(dir: &Path) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let file = fs::symlink_metadata(&path).unwrap();
        assert_eq!((file.uid(), file.gid()), SERVICE, "{}", path.display());
        if file.is_dir() {
            all_belongs_to_the_service(&path);
        }
    }
}

fn as_root(data: &Path, arguments: &[&str], input: &str) -> String {
    let mut kosync = command();
    kosync.arg("--data-dir").arg(data).args(arguments);
    succeeded(run_with_input(kosync, input))
}

#[test]
fn the_service_starts_after_whatever_root_ran_there() {
    let Some(service) = Service::new() else { return };
    let added = service.directory("added");
    as_root(&added, &["user", "add", "ada", "--password-stdin"], "password");
    all_belongs_to_the_service(&added);
    service.starts(&added);

    let backups = service.directory("backups");
    let [backup, export] = ["books.mdb", "books.jsonl"].map(|name| backups.join(name).to_str().unwrap().to_owned());
    for force in [&[][..], &["--force"]] {
        as_root(&added, &[&["backup"], force, &[&backup]].concat(), "");
        as_root(&added, &[&["export"], force, &[&export]].concat(), "");
    }
    as_root(&added, &["backup", "--keep", "2", backups.to_str().unwrap()], "");
    all_belongs_to_the_service(&backups);
    assert_eq!(fs::metadata(&backup).unwrap().mode() & 0o777, 0o600);

    for (name, arguments) in [("restored", ["restore", &backup]), ("imported", ["import", &export])] {
        let data = service.directory(name);
        as_root(&data, &arguments, "");
        all_belongs_to_the_service(&data);
        service.starts(&data);
        // The data directory is a new one, in new directories.
        let state = service.directory(&format!("state of {name}"));
        let data = state.join("new/data");
        as_root(&data, &arguments, "");
        all_belongs_to_the_service(&state);
        service.starts(&data);
    }

    // A server that root has started by mistake.
    let data = service.directory("started");
    let process = Process::start(&data);
    process.client.registered("ada", KEY);
    process.stop();
    all_belongs_to_the_service(&data);
    service.starts(&data);
}

/// What the service's user puts there must not give it other files of root. It must not change such files either.
#[test]
fn symbolic_links_in_the_directory_are_not_followed() {
    let Some(service) = Service::new() else { return };
    let victim = service.dir.path().join("victim");
    fs::write(&victim, "of root").unwrap();
    fs::set_permissions(&victim, fs::Permissions::from_mode(0o600)).unwrap();
    for (name, target) in
        [("build.lock", "victim"), ("server.lock", "victim"), ("build.lock", "new"), ("data.mdb", "new")]
    {
        let data = service.directory("data");
        let link = data.join(name);
        symlink(service.dir.path().join(target), &link).unwrap();
        let mut serve = command();
        serve.arg("--data-dir").arg(&data).args(["--listen", "127.0.0.1:0"]);
        let refused = run_with_input(serve, "");
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        let expected = format!("kosync: data directory {}: ", data.display());
        let error = single_line(&refused.stderr);
        assert!(error.starts_with(&expected), "{error}");
        if name != "data.mdb" {
            assert_eq!(error, format!("{expected}{} is a symbolic link; remove it", link.display()));
        }
        let file = fs::metadata(&victim).unwrap();
        assert_eq!((file.uid(), fs::read_to_string(&victim).unwrap().as_str()), (0, "of root"), "{name}");
        assert!(!service.dir.path().join("new").exists(), "{name}");
        fs::remove_dir_all(&data).unwrap();
    }
}

/// Only root gives files away; others keep theirs, also in directories of others.
#[test]
fn other_users_keep_their_files() {
    let Some(service) = Service::new() else { return };
    let shared = service.dir.path().join("shared");
    fs::create_dir(&shared).unwrap();
    fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
    let data = shared.join("data");
    let mut add = Command::new(&service.binary);
    add.env_clear()
        .uid(SERVICE.0)
        .gid(SERVICE.1)
        .args(["user", "add", "ada", "--password-stdin", "--data-dir"])
        .arg(&data);
    succeeded(run_with_input(add, "password"));
    all_belongs_to_the_service(&shared);
}

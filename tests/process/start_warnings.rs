//! What a start warns of, and starts all the same.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use nix::sys::signal::Signal;

use super::kosync::{Process, command};

/// Returns the log of a server that was started and stopped.
fn log_of_start(dir: &Path, zone: Option<&str>) -> Vec<String> {
    let mut command = command();
    command.arg("--data-dir").arg(dir).args(["--listen", "127.0.0.1:0"]).env_remove("TZ");
    command.envs(zone.map(|zone| ("TZ", zone)));
    let mut process = Process::spawn(command);
    process.signal(Signal::SIGTERM);
    assert_eq!(process.wait().code(), Some(0));
    process.all_logged()
}

/// Issue 16, 15: days were those of UTC, and nothing said so.
#[test]
fn a_time_zone_that_does_not_exist_is_a_warning() {
    let dir = tempfile::tempdir().unwrap();
    for bogus in ["Europe/Berlni", "CET+nonsense", "/no/such/file"] {
        let log = log_of_start(dir.path(), Some(bogus));
        let lines: Vec<&String> = log.iter().filter(|line| line.contains("TZ names no time zone")).collect();
        assert!(lines.len() == 1 && lines[0].contains(bogus) && lines[0].contains("WARN"), "{bogus}: {log:#?}");
    }
    for good in [None, Some(""), Some("UTC"), Some("Europe/Berlin"), Some("CET-1CEST,M3.5.0,M10.5.0/3")] {
        let log = log_of_start(dir.path(), good);
        assert!(!log.iter().any(|line| line.contains("TZ names")), "{good:?}: {log:#?}");
    }
}

/// Issue 16, 15: they were those of UTC, unlike the dashboard's. Each line says which zone it has.
#[test]
fn log_times_are_of_the_dashboard_s_time_zone() {
    let dir = tempfile::tempdir().unwrap();
    for (zone, offset) in [
        (Some("XYZ-05:30"), "+05:30"),
        (Some("ABC3"), "-03:00"),
        (Some("UTC"), "+00:00"),
        (Some("Europe/Berlni"), "+00:00"),
    ] {
        let log = log_of_start(dir.path(), zone);
        assert!(!log.is_empty());
        for line in &log {
            let time = line.split_whitespace().next().unwrap();
            // 2026-11-25T21:04:05.123456+01:00
            assert!(time.len() == 32 && time.ends_with(offset) && time.as_bytes()[10] == b'T', "{zone:?}: {line}");
        }
    }
}

/// Issue 15, small ones.
#[test]
fn a_data_directory_that_others_may_write_to_is_a_warning() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("data");
    std::fs::create_dir(&dir).unwrap();
    for (mode, is_warned_of) in [(0o777, true), (0o1777, true), (0o703, true), (0o775, false), (0o700, false)] {
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(mode)).unwrap();
        let log = log_of_start(&dir, None);
        let lines: Vec<&String> = log.iter().filter(|line| line.contains("may write to the data directory")).collect();
        assert_eq!(lines.len(), usize::from(is_warned_of), "{mode:o}: {log:#?}");
        assert!(lines.iter().all(|line| line.contains(dir.to_str().unwrap())), "{lines:?}");
    }
}

//! WebDAV clients as Debian packages them: rclone, cadaver, and the test suite litmus.

use std::path::Path;
use std::process::{Command, Stdio};

use super::{Dav, entries};
use crate::common::{Site, are_installed};

const REQUIRED: &str = "KOSYNC_TEST_WEBDAV";

fn run(command: &mut Command, dir: &Path) -> String {
    let command = command.current_dir(dir).env("HOME", dir).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}: {text}");
    text
}

#[test]
fn litmus_passes_for_what_we_claim_to_support() {
    if !are_installed(&["litmus"], REQUIRED) {
        return;
    }
    let (site, dir) = (Site::with_ada(), tempfile::tempdir().unwrap());
    let url = format!("http://{}/webdav/", site.address);
    // Its other suites are about properties of a client's own, and locks.
    let text =
        run(Command::new("litmus").args([&url, "ada", "password"]).env("TESTS", "basic copymove http"), dir.path());
    for suite in ["basic", "copymove", "http"] {
        let summary = text
            .lines()
            .find(|line| line.contains(&format!("summary for `{suite}'")))
            .unwrap_or_else(|| panic!("{text}"));
        assert!(summary.contains("0 failed"), "{text}");
    }
}

#[test]
fn rclone_lists_uploads_moves_and_deletes() {
    if !are_installed(&["rclone"], REQUIRED) {
        return;
    }
    let (site, dir) = (Site::with_ada(), tempfile::tempdir().unwrap());
    let obscured = run(Command::new("rclone").args(["obscure", "password"]), dir.path());
    let remote =
        format!(":webdav,url='http://{}/webdav',vendor=other,user=ada,pass='{}':", site.address, obscured.trim());
    let rclone = |arguments: &[&str]| {
        run(Command::new("rclone").args(["--config", "/dev/null", "--retries", "1"]).args(arguments), dir.path())
    };
    let local = dir.path().join("local");
    std::fs::create_dir_all(local.join("sub dir")).unwrap();
    let large: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 241) as u8).collect();
    std::fs::write(local.join("large & ü.bin"), &large).unwrap();
    for number in 0..20 {
        std::fs::write(local.join(format!("sub dir/{number}.txt")), number.to_string()).unwrap();
    }
    let at = |path: &str| format!("{remote}{path}");
    rclone(&["copy", "local", &at("x")]);
    rclone(&["check", "--download", "local", &at("x")]);
    let listed = rclone(&["lsf", "-R", &at("x")]);
    assert!(listed.contains("large & ü.bin") && listed.contains("sub dir/19.txt"), "{listed}");
    rclone(&["moveto", &at("x/sub dir/1.txt"), &at("x/sub dir/moved.txt")]);
    rclone(&["copyto", &at("x/large & ü.bin"), &at("x/copy.bin")]);
    rclone(&["deletefile", &at("x/sub dir/2.txt")]);
    assert_eq!(rclone(&["cat", &at("x/sub dir/moved.txt")]), "1");
    assert_eq!(site.get("/webdav/x/copy.bin").body, large);
    rclone(&["about", &remote]);
    rclone(&["purge", &at("x")]);
    assert_eq!(entries(&site.list("/webdav/")).len(), 1);
}

#[test]
fn cadaver_lists_uploads_moves_and_deletes() {
    if !are_installed(&["cadaver"], REQUIRED) {
        return;
    }
    let (site, dir) = (Site::with_ada(), tempfile::tempdir().unwrap());
    std::fs::write(dir.path().join(".netrc"), "machine 127.0.0.1 login ada password password\n").unwrap();
    std::fs::write(dir.path().join("book.json"), "{}").unwrap();
    let commands = "mkcol notes\ncd notes\nput book.json\nls\nmove book.json moved.json\ncopy moved.json copy.json\n\
                    get copy.json back.json\ndelete copy.json\nls\nquit\n";
    std::fs::write(dir.path().join("commands"), commands).unwrap();
    let input = std::fs::File::open(dir.path().join("commands")).unwrap();
    let mut cadaver = Command::new("cadaver");
    cadaver
        .arg(format!("http://{}/webdav/", site.address))
        .current_dir(dir.path())
        .env("HOME", dir.path())
        .stdin(input);
    let output = cadaver.output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("failed"), "{text}");
    assert_eq!(std::fs::read_to_string(dir.path().join("back.json")).unwrap(), "{}", "{text}");
    let names: Vec<_> = entries(&site.list("/webdav/notes/")).into_iter().map(|(href, _)| href).collect();
    assert_eq!(names, ["/webdav/notes/", "/webdav/notes/moved.json"], "{text}");
}

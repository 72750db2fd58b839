//! W5: databases that may be older than what devices have uploaded are withheld.

use super::{Dav, entries};
use crate::common::Site;

const NAMES: [&str; 4] = ["statistics.sqlite3", "k/statistics.sqlite3", "k/vocabulary_builder.sqlite3", "k/book.json"];

fn site() -> Site {
    let site = Site::with_ada();
    site.dav("MKCOL", "/webdav/k", &[], None);
    for name in NAMES {
        assert_eq!(site.put(&format!("/webdav/{name}"), name.as_bytes()).status, 201);
    }
    site
}

/// Starts a server on a data directory whose file a program other than this made.
fn on_copy(make: impl FnOnce(&std::path::Path)) -> Site {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    Site::in_dir(dir, |builder| builder)
}

fn names(site: &Site) -> Vec<String> {
    let mut names: Vec<_> = [entries(&site.list("/webdav/")), entries(&site.list("/webdav/k/"))].concat();
    names.retain(|(_, is_folder)| !is_folder);
    names.into_iter().map(|(href, _)| href).collect()
}

fn assert_withheld(site: &Site) {
    assert_eq!(names(site), ["/webdav/k/book.json"]);
    for name in &NAMES[..3] {
        let path = format!("/webdav/{name}");
        for method in ["GET", "HEAD", "PROPFIND", "DELETE", "COPY", "MOVE"] {
            let answer = site.dav(method, &path, &[("Destination", "/webdav/x")], None);
            assert_eq!((answer.status, answer.body.len()), (404, 0), "{method} {path}");
        }
    }
}

#[test]
fn w5_a_restart_withholds_nothing() {
    let site = site().restarted(|builder| builder);
    assert_eq!(names(&site).len(), 4);
    assert_eq!(site.get("/webdav/statistics.sqlite3").body, b"statistics.sqlite3");
}

#[test]
fn w5_after_a_restore_a_device_uploads_all_it_has_and_loses_nothing() {
    let old = site();
    let tag = old.get("/webdav/statistics.sqlite3").etag();
    let backups = tempfile::tempdir().unwrap();
    let backup = backups.path().join("backup.mdb");
    old.server.store().backup(&backup, false).unwrap();
    drop(old);
    let site = on_copy(|dir| {
        kosync::store::restore_backup(&backup, dir).unwrap();
    });
    assert_withheld(&site);
    let site = site.restarted(|builder| builder);
    assert_withheld(&site);
    // The bytes are there for the dashboard.
    let user = site.server.store().user(&"ada".parse().unwrap()).unwrap().unwrap();
    let path = "statistics.sqlite3".parse().unwrap();
    let kept = site.server.store().open_file(user.id, &path).unwrap().unwrap();
    assert!(kept.info().is_withheld);
    assert_eq!(kept.read_from(0).unwrap(), b"statistics.sqlite3");
    drop(kept);
    // A device that still has the tag merges anew: there is no file for it.
    assert_eq!(site.put_if("/webdav/statistics.sqlite3", &tag, b"late").status, 412);
    assert_eq!(site.put("/webdav/statistics.sqlite3", b"all of it").status, 201);
    assert_eq!(site.get("/webdav/statistics.sqlite3").body, b"all of it");
    assert_eq!(names(&site), ["/webdav/statistics.sqlite3", "/webdav/k/book.json"]);
    let site = site.restarted(|builder| builder);
    assert_eq!(site.get("/webdav/statistics.sqlite3").body, b"all of it");
    assert_eq!(site.get("/webdav/k/statistics.sqlite3").status, 404);
}

#[test]
fn w5_a_copied_data_file_is_noticed_though_no_command_of_ours_made_it() {
    let old = site();
    let (from, kept) = (old.server.store().path().join("data.mdb"), tempfile::tempdir().unwrap());
    let stopped = old.restarted(|builder| builder);
    std::fs::copy(from, kept.path().join("data.mdb")).unwrap();
    drop(stopped);
    let site = on_copy(|dir| {
        std::fs::copy(kept.path().join("data.mdb"), dir.join("data.mdb")).unwrap();
    });
    assert_withheld(&site);
    // A folder that is moved away and back, or copied to another name, is no way around it.
    assert_eq!(site.dav("MOVE", "/webdav/k", &[("Destination", "/webdav/m")], None).status, 201);
    assert_eq!(site.get("/webdav/m/statistics.sqlite3").status, 404);
    assert_eq!(site.dav("COPY", "/webdav/m", &[("Destination", "/webdav/n")], None).status, 201);
    assert_eq!(site.get("/webdav/n/vocabulary_builder.sqlite3").status, 404);
    assert_eq!(site.get("/webdav/n/book.json").status, 200);
}

/// Restarts a server after another file was copied over its data file. The data file keeps its device, inode and time
/// of birth.
fn overwritten(site: Site, by: &std::path::Path) -> Site {
    let data = site.server.store().path().join("data.mdb");
    site.restarted(|builder| {
        std::fs::copy(by, data).unwrap();
        builder
    })
}

/// Restarts a server, and copies its data file to `to` while it is stopped.
fn copied(site: Site, to: &std::path::Path) -> Site {
    let data = site.server.store().path().join("data.mdb");
    site.restarted(|builder| {
        std::fs::copy(data, to).unwrap();
        builder
    })
}

#[test]
fn w5_an_older_file_that_is_copied_over_the_data_file_is_noticed() {
    let copies = tempfile::tempdir().unwrap();
    let [backup, copy, last] = ["backup.mdb", "copy.mdb", "last.mdb"].map(|name| copies.path().join(name));
    let site = site();
    let path = "/webdav/statistics.sqlite3";
    site.server.store().backup(&backup, false).unwrap();
    assert_eq!(site.put(path, b"newer").status, 204);
    let site = overwritten(site, &backup);
    assert_withheld(&site);
    assert_eq!(site.put(path, b"all of it").status, 201);
    // A copy that was made while the server was stopped.
    let site = copied(site, &copy);
    assert_eq!(site.get(path).body, b"all of it");
    assert_eq!(site.put(path, b"newer").status, 204);
    let site = overwritten(site, &copy);
    assert_eq!(site.get(path).status, 404);
    // What a restore brought back is no way around it, nor is the backup once more.
    let site = overwritten(site, &copy);
    assert_eq!(site.get(path).status, 404);
    let site = overwritten(site, &backup);
    assert_withheld(&site);
    // That copy has more commits than the backup had, but it is of an earlier epoch.
    let site = overwritten(site, &copy);
    assert_eq!(site.get(path).status, 404);
    // A copy that lacks nothing is no older file.
    assert_eq!(site.put(path, b"all of it").status, 201);
    let site = copied(site, &last);
    let site = overwritten(site, &last);
    assert_eq!(site.get(path).body, b"all of it");
}

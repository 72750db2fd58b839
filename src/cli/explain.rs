//! Says of the library's errors what a person needs to mend them: the flag, the file, its owner, and who we are.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Error, anyhow};
use nix::unistd::{Uid, User, geteuid};
use rustix::fs::{Access, AtFlags, CWD, accessat};

use super::settings::Origins;
use crate::Config;

/// The files of a data directory that every command opens.
const FILES: [&str; 4] = ["data.mdb", "lock.mdb", "build.lock", "server.lock"];

/// Adds where the setting came from that an error is about.
pub(super) fn with_origin(error: crate::Error, origins: &Origins, config: &Config) -> Error {
    let origin = match &error {
        crate::Error::AdminPassword(_) if config.admin_password_file.is_some() => origins.of("admin_password_file"),
        crate::Error::AdminPassword(_) => origins.of("admin_password"),
        crate::Error::Account { .. } => origins.of("accounts"),
        crate::Error::Mqtt(_) => origins.of("mqtt"),
        crate::Error::Tls(reason) => {
            let is_about = |file: &Option<PathBuf>| {
                file.as_ref().is_some_and(|file| reason.starts_with(&format!("{}: ", file.display())))
            };
            let is_one_file = config.tls_certificate == config.tls_key;
            match (is_about(&config.tls_certificate), is_about(&config.tls_key)) {
                (true, _) if !is_one_file || !reason.contains("private key") => origins.of("tls_certificate"),
                (_, true) => origins.of("tls_key"),
                _ => None,
            }
        }
        _ => None,
    };
    let error = in_words(error);
    match origin {
        Some(origin) => anyhow!("{origin}: {error:#}"),
        None => error,
    }
}

/// Names the file that is in the way of a directory, backup or export.
pub(super) fn in_words(error: crate::Error) -> Error {
    let (subject, path, reason) = match &error {
        crate::Error::DataDir { path, reason } => (format!("data directory {}", path.display()), path, reason),
        crate::Error::File { path, reason } => (path.display().to_string(), path, reason),
        _ => return error.into(),
    };
    let explanation = match (&error, reason.kind()) {
        (crate::Error::DataDir { .. }, ErrorKind::AlreadyExists | ErrorKind::NotADirectory) => file_in_the_way(path),
        (_, ErrorKind::PermissionDenied) => inaccessible(path),
        _ => None,
    };
    match explanation {
        Some(explanation) => anyhow!("{subject}: {explanation}"),
        None => error.into(),
    }
}

/// Says which part of a path is no directory.
pub(super) fn file_in_the_way(path: &Path) -> Option<String> {
    let is_file = |path: &&Path| fs::metadata(path).is_ok_and(|found| !found.is_dir());
    let file = path.ancestors().find(is_file)?;
    Some(match file == path {
        true => "it is a file, but must be a directory".to_owned(),
        false => format!("{} is a file, so there can be no directory in it", file.display()),
    })
}

/// Names the path that this process may not use, its owner, and the process's user.
pub(super) fn inaccessible(wanted: &Path) -> Option<String> {
    let (path, metadata) = first_inaccessible(&std::path::absolute(wanted).ok()?)?;
    // Whether a path below a closed directory exists cannot be known.
    let path_exists = !matches!(wanted.try_exists(), Ok(false));
    let owner = user(Uid::from_raw(metadata.uid()));
    let (kind, name) = (if metadata.is_dir() { "directory" } else { "file" }, path.display());
    let mode = metadata.mode() & 0o7777;
    let us = user(geteuid());
    let explanation =
        format!("permission denied: the {kind} {name} belongs to {owner}, mode {mode:o}, and this runs as {us}");
    let advice = if !path_exists {
        "choose another directory, or make this one for that user"
    } else if metadata.uid() == geteuid().as_raw() {
        "change its mode with `chmod`"
    } else {
        "run it as that user (`sudo -u`), or change the owner with `chown`"
    };
    Some(format!("{explanation}; {advice}"))
}

fn first_inaccessible(wanted: &Path) -> Option<(PathBuf, Metadata)> {
    let all = Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK;
    // From the root down, so that each one can be looked at.
    let above: Vec<&Path> = wanted.ancestors().skip(1).collect();
    for parent in above.into_iter().rev() {
        let metadata = fs::metadata(parent).ok()?;
        if !may_access(parent, Access::EXEC_OK) {
            return Some((parent.to_owned(), metadata));
        }
        // The next one does not exist, and is to be made in this one.
        let next = wanted.ancestors().find(|path| path.parent() == Some(parent))?;
        if !next.exists() {
            let is_closed = !may_access(parent, Access::WRITE_OK);
            return is_closed.then(|| (parent.to_owned(), metadata));
        }
    }
    let metadata = fs::metadata(wanted).ok()?;
    let needed = if metadata.is_dir() { all } else { Access::READ_OK };
    if !may_access(wanted, needed) {
        return Some((wanted.to_owned(), metadata));
    }
    let files = FILES.iter().map(|name| wanted.join(name)).filter(|file| file.exists());
    let mut refused = files.filter(|file| !may_access(file, Access::READ_OK | Access::WRITE_OK));
    refused.next().and_then(|file| fs::metadata(&file).ok().map(|metadata| (file, metadata)))
}

/// Returns whether this process may use a file or directory, by its effective user.
fn may_access(path: &Path, access: Access) -> bool {
    accessat(CWD, path, access, AtFlags::EACCESS).is_ok()
}

/// Names a user as both people and containers know it: `kosync (uid 998)`.
fn user(id: Uid) -> String {
    match User::from_uid(id) {
        Ok(Some(user)) => format!("{} (uid {id})", user.name),
        _ => format!("uid {id}"),
    }
}

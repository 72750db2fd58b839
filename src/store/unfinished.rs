//! Files and directories that are removed if they are not finished: after an error, and when a signal ends the process.
//!
//! What SIGKILL or a power cut leaves behind is removed by a later run, once it is a day old.

use std::fs;
#[cfg(feature = "cli")]
use std::fs::DirBuilder;
use std::io;
#[cfg(feature = "cli")]
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Age from which an unfinished file is left over: writing one never pauses for so long.
const LEFT_OVER_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// All that is unfinished in this process.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes a file or a directory with its content when it is dropped.
///
/// Close a file before: some file systems keep an open one under another name (FUSE), or write it again when it is closed (rclone).
#[derive(Debug)]
pub(crate) struct Unfinished {
    path: PathBuf,
}

impl Unfinished {
    /// Creates a file or a directory at `path`.
    pub(super) fn create<T>(path: &Path, create: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<(Self, T)> {
        // The working directory may change.
        let path = std::path::absolute(path)?;
        let mut paths = unfinished();
        let created = create(&path)?;
        paths.push(path.clone());
        Ok((Self { path }, created))
    }

    /// Creates an empty directory with mode 0700, as `PREFIX.RANDOM`.
    #[cfg(feature = "cli")]
    pub(crate) fn directory(parent: &Path, prefix: &str) -> io::Result<Self> {
        let create = |path: &Path| Self::create(path, |path| DirBuilder::new().mode(0o700).create(path));
        let created = tempfile::Builder::new().prefix(&format!("{prefix}.")).make_in(parent, create)?;
        let ((directory, ()), path) = created.into_parts();
        path.keep()?;
        Ok(directory)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Finishes it by a step that no signal interrupts. It is removed if the step fails.
    pub(super) fn finish<T>(self, step: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
        let mut paths = unfinished();
        let done = step(&self.path);
        if done.is_ok() {
            paths.retain(|path| *path != self.path);
        }
        drop(paths);
        done
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let mut paths = unfinished();
        if let Some(at) = paths.iter().position(|path| *path == self.path) {
            paths.swap_remove(at);
            remove(&self.path);
        }
    }
}

/// Removes all that is unfinished. Nothing is created or finished afterwards, so the process must end.
#[cfg(feature = "cli")]
pub(crate) fn remove_unfinished() {
    let paths = unfinished();
    paths.iter().for_each(|path| remove(path));
    std::mem::forget(paths);
}

/// Removes a file, or a directory with its files. An error leaves it to a later run.
fn remove(path: &Path) {
    let is_dir = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let _ = if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

/// Removes a killed process's files from a directory, by the names that `is_ours` accepts.
pub(crate) fn remove_left_over(dir: &Path, is_ours: impl Fn(&str) -> bool) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        if entry.file_name().to_str().is_some_and(&is_ours) && is_left_over(&entry) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn is_left_over(entry: &fs::DirEntry) -> bool {
    let is_old =
        |file: fs::Metadata| file.modified().is_ok_and(|time| time.elapsed().is_ok_and(|age| age > LEFT_OVER_AGE));
    entry.metadata().is_ok_and(|file| file.is_file() && is_old(file))
}

//! Backups: a snapshot of the whole store in one file, taken while the store is in use.
//!
//! A backup is a `data.mdb` without the free pages. It gets its name only when it is on disk, so a file of that name is always
//! complete.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use heed::CompactionOption;

use super::file_system::parent_dir;
use super::handle::Store;
use super::new_file::{NewFile, check_target};
use crate::error::{Error, Result};

impl Store {
    /// Writes a snapshot of the store to a file with mode 0600, and returns its size in bytes.
    ///
    /// Reads and writes go on in the meantime. The call blocks its thread.
    ///
    /// ```
    /// # let dir = tempfile::tempdir().unwrap();
    /// let kosync = kosync::Server::builder().data_dir(dir.path().join("data")).build()?;
    /// kosync.store().backup(&dir.path().join("books.mdb"), false)?;
    /// let report = kosync::store::restore_backup(&dir.path().join("books.mdb"), &dir.path().join("again"))?;
    /// assert_eq!((report.accounts, report.positions), (1, 0));
    /// # Ok::<(), kosync::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be written, exists while `replace` is false, or is one of the store's own. A file that
    /// existed before stays as it was.
    pub fn backup(&self, file: &Path, replace: bool) -> Result<u64> {
        let mut bytes = 0;
        self.write_atomically(file, replace, |partial| {
            bytes = self.copy_to(partial)?;
            Ok(())
        })?;
        Ok(bytes)
    }

    /// Writes a file with mode 0600 that gets its name once it is complete and on disk.
    ///
    /// # Errors
    /// [`Error::File`] if the file cannot be written, exists while `replace` is false, or is one of the store's own. A file that
    /// existed before stays as it was.
    pub(crate) fn write_atomically(
        &self,
        file: &Path,
        replace: bool,
        write: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> Result<()> {
        let failed = |reason| file_error(file, reason);
        let name = file.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidFilename.into()))?;
        if self.inner.data_files.contains(file) {
            return Err(failed(io::Error::other("it is one of the store's own files; choose another name")));
        }
        let write_and_name = || {
            check_target(file, replace)?;
            // In the same directory, so that renaming it is atomic.
            let dir = parent_dir(file);
            if !dir.exists() {
                let reason = format!("there is no directory {}", dir.display());
                return Err(io::Error::new(io::ErrorKind::NotFound, reason));
            }
            let mut partial = NewFile::create(dir, &format!(".{}", name.to_string_lossy()))?;
            write(partial.file())?;
            partial.publish(file, replace)
        };
        write_and_name().map_err(failed)
    }

    /// Writes a snapshot without the free pages.
    pub(super) fn copy_to(&self, file: &mut File) -> io::Result<u64> {
        self.inner.env.copy_to_file(file, CompactionOption::Enabled).map_err(|error| match error {
            heed::Error::Io(reason) => reason,
            other => io::Error::other(other.to_string()),
        })?;
        Ok(file.metadata()?.len())
    }
}

/// Names the file that an error is about.
pub(super) fn file_error(path: &Path, reason: io::Error) -> Error {
    Error::File { path: path.to_owned(), reason: Arc::new(reason) }
}

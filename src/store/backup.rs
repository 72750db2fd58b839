//! Backups: a snapshot of the whole store in one file, taken while the store is in use.
//!
//! A backup is a `data.mdb` without the free pages. It gets its name only when it is on disk, so a file of that name is always
//! complete.

use std::fs::File;
use std::io;
use std::path::Path;
#[cfg(feature = "import")]
use std::path::PathBuf;
use std::sync::Arc;

use heed::CompactionOption;

#[cfg(feature = "import")]
use super::data_files::{SCRATCH, create_data_dir};
use super::file_system::parent_dir;
use super::handle::Store;
use super::new_file::{NewFile, check_target};
#[cfg(feature = "import")]
use super::usage::disk_space;
use crate::error::{Error, Result};

impl Store {
    /// Writes a snapshot of the store to a file with mode 0600. Returns its size in bytes.
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
        self.note_backup();
        Ok(bytes)
    }

    /// Writes a snapshot of the store to a file without a name. Nothing can leave that file behind.
    ///
    /// The call blocks its thread.
    ///
    /// # Errors
    /// [`Error::NoSpace`] if less would stay free of the disk than is configured; [`Error::File`] if the file cannot be written.
    #[cfg(feature = "import")]
    pub(crate) fn snapshot(&self) -> Result<File> {
        self.reserve_disk(self.size()?)?;
        let write = || {
            let mut file = self.nameless_file()?;
            self.copy_to(&mut file)?;
            Ok(file)
        };
        write().map_err(|reason| file_error(self.path(), reason))
    }

    /// Opens an empty file without a name in the data directory. It vanishes when it is closed, also by a crash.
    ///
    /// # Errors
    /// That of the file system.
    #[cfg(feature = "import")]
    pub(crate) fn nameless_file(&self) -> io::Result<File> {
        tempfile::tempfile_in(self.path())
    }

    /// Returns a directory for copies of the data file, with room for one. What a crash leaves in it is removed at the next start.
    ///
    /// # Errors
    /// [`Error::NoSpace`] if less would stay free of the disk than is configured; [`Error::File`] if it cannot be created.
    #[cfg(feature = "import")]
    pub(crate) fn scratch_dir(&self) -> Result<PathBuf> {
        self.reserve_disk(self.size()?)?;
        let dir = self.path().join(SCRATCH);
        create_data_dir(&dir).map_err(|reason| file_error(&dir, reason))?;
        Ok(dir)
    }

    /// Checks that the configured space stays free if `bytes` more are written.
    ///
    /// # Errors
    /// [`Error::NoSpace`] if not.
    #[cfg(feature = "import")]
    pub(crate) fn reserve_disk(&self, bytes: u64) -> Result<()> {
        match disk_space(self.path(), self.quota().min_free_disk) {
            Ok((free, min)) if free < min.saturating_add(bytes) => Err(Error::NoSpace),
            _ => Ok(()),
        }
    }

    /// Writes a file of mode 0600, named once it is complete and on disk.
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
        self.inner.page_cache.note_full_read();
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

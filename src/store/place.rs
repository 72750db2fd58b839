//! Whether the files that LMDB has open still are those of the data folder.
//!
//! A file whose name is gone can be written as before: everything would be answered as stored, and be lost at the next start. And
//! without the lock file that all processes share, two of them would write at once.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The files that must stay where they are.
const FILES: [&str; 2] = ["data.mdb", "lock.mdb"];

/// The files as they were when they were opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    folder: PathBuf,
    files: [Identity; 2],
}

type Identity = (u64, u64);

impl Place {
    /// Of files that are open by now.
    pub(super) fn of(folder: &Path) -> io::Result<Self> {
        Ok(Self { folder: folder.to_owned(), files: identities(folder)? })
    }

    /// Whether they still are there, and no others in their stead.
    pub(super) fn is_kept(&self) -> bool {
        identities(&self.folder).is_ok_and(|files| files == self.files)
    }
}

fn identities(folder: &Path) -> io::Result<[Identity; 2]> {
    let identity = |file: &str| fs::metadata(folder.join(file)).map(|file| (file.dev(), file.ino()));
    Ok([identity(FILES[0])?, identity(FILES[1])?])
}

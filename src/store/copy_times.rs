//! When the last backup and the last export were made, for the administrator.

use super::handle::Store;
use super::tables::{META_LAST_BACKUP, META_LAST_EXPORT};
use crate::error::Result;

/// The times of the last copies of all data, in Unix seconds. `None` where none is known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct CopyTimes {
    pub(crate) backup: Option<u64>,
    pub(crate) export: Option<u64>,
}

impl Store {
    /// Returns when the last backup and the last export were made.
    pub(crate) fn copy_times(&self) -> Result<CopyTimes> {
        self.read(|txn, tables| {
            let row = |name| tables.meta.get(txn, name);
            Ok(CopyTimes { backup: row(META_LAST_BACKUP)?, export: row(META_LAST_EXPORT)? })
        })
    }

    /// Notes that a backup is complete.
    pub(crate) fn note_backup(&self) {
        self.note_copy(META_LAST_BACKUP);
    }

    /// Notes that an export of all accounts is complete.
    #[cfg(feature = "import")]
    pub(crate) fn note_export(&self) {
        self.note_copy(META_LAST_EXPORT);
    }

    /// Nothing waits for it, and its failure fails no copy: the disk may be full, which is why the copy was made.
    fn note_copy(&self, row: &'static str) {
        let queued = self.inner.writer.submit(move |write| {
            let now = write.now;
            Ok(write.tables.meta.put(write.txn, row, &now)?)
        });
        if let Err(error) = queued {
            tracing::debug!(%error, "time of the copy not noted");
        }
    }
}

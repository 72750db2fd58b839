//! How full the disk, the data file and the write queue are, for the administrator.

use rustix::fs::statvfs;

use super::env::unexpected;
use super::handle::Store;
use super::usage::disk_space;
use super::write_queue::QUEUE_LEN;
use crate::error::Result;

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Space {
    /// Of the data directory's disk, for us.
    pub(crate) disk_free: u64,
    pub(crate) disk_total: u64,
    /// Free bytes below which positions of new documents are refused.
    pub(crate) min_free: u64,
    /// Of the data file.
    pub(crate) file: u64,
    /// Pages of the file that hold data. The others are used again.
    pub(crate) used: u64,
    /// Largest size of the data file.
    pub(crate) max_file: u64,
}

impl Store {
    /// Returns how full the disk and the data file are.
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store) if the disk or the file cannot be examined.
    pub(crate) fn space(&self) -> Result<Space> {
        let (disk_free, min_free) = disk_space(self.path(), self.quota().min_free_disk).map_err(unexpected)?;
        let disk = statvfs(self.path()).map_err(unexpected)?;
        let tree = self.inner.env.unnamed_database_stat();
        let pages = tree.branch_pages + tree.leaf_pages + tree.overflow_pages;
        Ok(Space {
            disk_free,
            disk_total: disk.f_blocks.saturating_mul(disk.f_frsize),
            min_free,
            file: self.size()?,
            used: pages as u64 * u64::from(tree.page_size),
            max_file: self.inner.env.info().map_size as u64,
        })
    }

    /// Returns how many writes wait, and how many may.
    pub(crate) fn waiting_writes(&self) -> (usize, usize) {
        (self.inner.writer.waiting(), QUEUE_LEN)
    }
}

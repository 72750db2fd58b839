//! The system's cache of the data file, after all of it was read.
//!
//! A file that is read from the start to the end is cached in large pieces. ext4 then writes such pieces where a push changes a page of
//! 4 KiB: pushes fell to a fifth of their rate. So a command that has read the whole file drops what it left in the cache. Pages that
//! the server uses are mapped by it, and stay.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use super::data_files::DATA;

/// Removes the data file from the system's cache when dropped, if it was read whole.
///
/// Pages that are mapped cannot be dropped, so its end must come after that of the environment.
pub(super) struct PageCache {
    data: PathBuf,
    has_read_all: AtomicBool,
}

impl PageCache {
    pub(super) fn new(dir: &std::path::Path) -> Self {
        Self { data: dir.join(DATA), has_read_all: AtomicBool::new(false) }
    }

    /// Notes that this process has read the whole file.
    pub(super) fn note_full_read(&self) {
        self.has_read_all.store(true, Ordering::Relaxed);
    }
}

impl Drop for PageCache {
    fn drop(&mut self) {
        if self.has_read_all.load(Ordering::Relaxed) {
            drop_clean_pages(&self.data);
        }
    }
}

/// Drops the pages of a file that are neither changed nor mapped. It is a hint: a failure does no harm.
#[cfg(not(target_vendor = "apple"))]
fn drop_clean_pages(path: &std::path::Path) {
    if let Ok(file) = std::fs::File::open(path) {
        let _ = rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed);
    }
}

/// Does nothing: macOS has no such hint.
#[cfg(target_vendor = "apple")]
fn drop_clean_pages(_: &std::path::Path) {}

//! What accounts use of their quota, counted in the writer's memory.
//!
//! A count on disk would be one more scattered page per push, and a count at the start would read every position before the first
//! request. So the writer counts an account when it first pushes: a slice of its documents before each of its pushes, until all are
//! counted. A slice is short, so other accounts do not wait for a large one; until its count is complete, such an account may go beyond its
//! quota by what it pushes meanwhile, which is less than what the slices count. From then on each change adds its difference.
//!
//! The count is exact: it changes in the transaction that changes the rows, and is forgotten, to be counted again, when that transaction
//! fails. A command that writes beside the server raises a number in `meta`, the epoch, and each process forgets all counts when it
//! finds another epoch, or other log entries, than it left. What remains unnoticed is a document that the server deletes while a command
//! runs, which is over soon.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::fs::statvfs;

use super::file_transfers::Transfers;
use crate::model::{Document, UserId};

/// Accounts that are counted at a time; beyond them all are forgotten. An entry takes about 100 bytes.
const MAX_COUNTED: usize = 100_000;
/// How long, and for how many new documents, a look at free disk space holds.
const DISK_INTERVAL: Duration = Duration::from_secs(1);
const DISK_DOCUMENTS: u32 = 32;
/// How long a warning about it suppresses the next ones.
const LOG_INTERVAL: Duration = Duration::from_secs(60);

/// How much an account may store in its WebDAV folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FileQuota {
    /// Bytes of one file.
    pub(crate) max_file_bytes: u64,
    /// Bytes of all files.
    pub(crate) max_bytes: u64,
    /// Files and folders.
    pub(crate) max_files: usize,
}

impl Default for FileQuota {
    fn default() -> Self {
        Self { max_file_bytes: 64 << 20, max_bytes: 256 << 20, max_files: 1000 }
    }
}

/// How much an account may store, and how much of the disk stays free.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Quota {
    /// Documents of an account.
    pub(crate) max_documents: u32,
    /// Estimated bytes of the data file that an account's positions and histories may take.
    pub(crate) max_bytes: u64,
    /// Free bytes of the disk below which no new documents are stored. `None`: 256 MiB or 1 % of the disk, whichever is less.
    pub(crate) min_free_disk: Option<u64>,
    /// The WebDAV folder, which has limits of its own.
    pub(crate) files: FileQuota,
}

impl Default for Quota {
    fn default() -> Self {
        Self { max_documents: 10_000, max_bytes: 64 << 20, min_free_disk: None, files: FileQuota::default() }
    }
}

/// Why a position was not stored. It may be once there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum QuotaExceeded {
    /// The account has as many documents as it may have. This would be one more.
    Documents,
    /// The current positions of the account alone take as many bytes as it may have.
    Bytes,
    /// The disk has little space left, and the document is a new one.
    FreeDisk,
}

/// How much an account has stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) documents: u32,
    /// Bytes that its positions, histories and titles take of the data file, estimated.
    pub(crate) bytes: u64,
}

/// Where thinning an account's histories goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct Thinning {
    /// How hard: an index.
    pub(super) level: usize,
    /// The last document that was thinned.
    pub(super) after: Option<Document>,
}

/// What the writer knows about an account.
#[derive(Debug, Clone)]
pub(super) struct AccountUsage {
    pub(super) bytes: u64,
    /// The last document that is counted, while others are not.
    pub(super) counting: Option<Option<Document>>,
    /// Thinning that is under way to make room.
    pub(super) thinning: Option<Thinning>,
    /// Whether thinning has left too much: only current positions are kept.
    pub(super) is_full: bool,
}

impl AccountUsage {
    fn has_counted(&self, document: &str) -> bool {
        match &self.counting {
            None => true,
            Some(last) => last.as_ref().is_some_and(|last| document <= last.as_str()),
        }
    }
}

/// The counts of accounts.
#[derive(Default)]
pub(super) struct UsageBook {
    accounts: HashMap<UserId, AccountUsage>,
    /// The commands' number in `meta` and the next sequence number, after the last batch.
    left: (u64, u64),
}

impl UsageBook {
    /// Returns an account's count. A new one has counted nothing.
    pub(super) fn account(&mut self, user: UserId) -> &mut AccountUsage {
        if self.accounts.len() >= MAX_COUNTED && !self.accounts.contains_key(&user) {
            self.accounts.clear();
        }
        let new = || AccountUsage { bytes: 0, counting: Some(None), thinning: None, is_full: false };
        self.accounts.entry(user).or_insert_with(new)
    }

    /// Counts a change of a document's rows, if the document is counted already.
    pub(super) fn change(&mut self, user: UserId, document: &str, freed: u64, added: u64, max: u64) {
        let Some(account) = self.accounts.get_mut(&user).filter(|account| account.has_counted(document)) else {
            return;
        };
        account.bytes = account.bytes.saturating_add(added).saturating_sub(freed);
        account.is_full &= account.bytes > max;
    }

    /// Forgets an account. Its next push counts it again.
    pub(super) fn forget(&mut self, user: UserId) {
        self.accounts.remove(&user);
    }

    pub(super) fn forget_all(&mut self) {
        self.accounts.clear();
    }

    /// Forgets all counts if another process has written since this process's last batch.
    pub(super) fn refresh(&mut self, found: (u64, u64)) {
        if found != self.left {
            self.forget_all();
        }
    }

    /// Notes what a batch leaves.
    pub(super) fn leave(&mut self, left: (u64, u64)) {
        self.left = left;
    }
}

/// Watches the free space of the data directory's disk.
pub(super) struct DiskGauge {
    path: PathBuf,
    min_free: Option<u64>,
    checked: Option<Instant>,
    /// New documents since then.
    documents: u32,
    logged: Option<Instant>,
    is_low: bool,
}

impl DiskGauge {
    /// Returns whether so little is free that no new documents are stored. It is called for each new document.
    pub(super) fn is_low(&mut self) -> bool {
        self.documents += 1;
        let is_old = self.checked.is_none_or(|checked| checked.elapsed() >= DISK_INTERVAL);
        if is_old || self.documents >= DISK_DOCUMENTS {
            (self.checked, self.documents) = (Some(Instant::now()), 0);
            self.is_low = self.check();
        }
        self.is_low
    }

    fn check(&mut self) -> bool {
        let Ok((free, min)) = disk_space(&self.path, self.min_free) else { return false };
        let is_low = free < min;
        if is_low && self.logged.is_none_or(|logged| logged.elapsed() >= LOG_INTERVAL) {
            self.logged = Some(Instant::now());
            tracing::warn!(
                free_bytes = free,
                min_free_bytes = min,
                "disk space is low, positions of new documents are refused; repeats suppressed for 60 s"
            );
        }
        is_low
    }
}

/// Returns the free bytes of a directory's disk, and how many must stay free.
pub(super) fn disk_space(dir: &Path, min_free: Option<u64>) -> rustix::io::Result<(u64, u64)> {
    let disk = statvfs(dir)?;
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    let hundredth = disk.f_blocks.saturating_mul(disk.f_frsize) / 100;
    Ok((free, min_free.unwrap_or(hundredth.min(256 << 20))))
}

/// The quota, and what the writer knows about its use.
pub(super) struct Limits {
    pub(super) quota: Quota,
    pub(super) usage: UsageBook,
    pub(super) disk: DiskGauge,
    /// Uploads and downloads that are under way.
    pub(super) transfers: Arc<Transfers>,
}

impl Limits {
    pub(super) fn new(quota: Quota, path: PathBuf, transfers: Arc<Transfers>) -> Self {
        let disk =
            DiskGauge { path, min_free: quota.min_free_disk, checked: None, documents: 0, logged: None, is_low: false };
        Self { quota, usage: UsageBook::default(), disk, transfers }
    }
}

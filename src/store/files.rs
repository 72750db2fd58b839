//! Files of the accounts' WebDAV folders: what is there, and reading it.

use super::file_rows::{ChunkKey, FILE_CHUNK_LEN, FileKey, FileRecord};
use super::file_transfers::{PinnedContent, Transfer};
use super::handle::Store;
use super::tables::Tables;
use super::usage::FileQuota;
use crate::error::Result;
use crate::model::{FileInfo, FilePath, UserId};

/// How much an account has in its WebDAV folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct FileUsage {
    /// Files and folders.
    pub files: usize,
    /// Bytes of all files, withheld ones included.
    pub bytes: u64,
}

/// A file that is open for reading. It can be read to its end though it is replaced meanwhile, for up to ten minutes.
#[derive(Debug)]
pub struct OpenFile {
    store: Store,
    user: UserId,
    info: FileInfo,
    _pin: PinnedContent,
    _turn: Option<Transfer>,
}

impl OpenFile {
    /// Returns what was known about it when it was opened.
    pub fn info(&self) -> &FileInfo {
        &self.info
    }

    /// Returns the file's bytes from `offset` to the end of their chunk: at most 64 KiB, nothing at the end.
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store) if the content was removed meanwhile or cannot be read.
    pub fn read_from(&self, offset: u64) -> Result<Vec<u8>> {
        if offset >= self.info.size {
            return Ok(Vec::new());
        }
        let length = FILE_CHUNK_LEN as u64;
        let number = u32::try_from(offset / length).unwrap_or(u32::MAX);
        let mut chunk = self
            .store
            .read_file_chunk(self.user, self.info.generation, number)?
            .ok_or_else(|| super::env::unexpected("the file was replaced or deleted while it was read"))?;
        let skipped = usize::try_from(offset % length).unwrap_or(usize::MAX).min(chunk.len());
        chunk.drain(..skipped);
        Ok(chunk)
    }
}

impl Store {
    /// Returns what an account has at a path of its WebDAV folder. Withheld files are returned, too.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Store` if the data cannot be read, `Busy` if 1,024 reads are open already, `StoreClosed` once the
    /// store has stopped.
    pub fn file(&self, user: UserId, path: &FilePath) -> Result<Option<FileInfo>> {
        self.read(|txn, tables| {
            let record = tables.files.get(txn, &FileKey::new(user, path))?.filter(|record| record.missing == 0);
            let Some(record) = record else { return Ok(None) };
            Ok(Some(record.into_info(path, tables.file_epoch(txn)?)))
        })
    }

    /// Returns all files and folders of an account's WebDAV folder, ordered by path. Withheld files are among them.
    ///
    /// # Errors
    /// As [`Store::file`].
    pub fn files(&self, user: UserId) -> Result<Vec<(FilePath, FileInfo)>> {
        let rows = self.read(|txn, tables| {
            let epoch = tables.file_epoch(txn)?;
            let mut rows = Vec::new();
            for row in tables.files.range(txn, &FileKey::range_of(user))? {
                let (key, record) = row?;
                // `check` reports other paths.
                if let Ok(path) = FilePath::new(&key.path)
                    && record.missing == 0
                {
                    let info = record.into_info(&path, epoch);
                    rows.push((path, info));
                }
            }
            Ok(rows)
        })?;
        Ok(rows)
    }

    /// Returns how much an account has in its WebDAV folder.
    ///
    /// # Errors
    /// As [`Store::file`].
    pub fn file_usage(&self, user: UserId) -> Result<FileUsage> {
        self.read(|txn, tables| file_usage(tables, txn, user))
    }

    /// Opens a file for reading, withheld or not. `None` if there is no file at the path.
    ///
    /// # Errors
    /// As [`Store::file`].
    pub fn open_file(&self, user: UserId, path: &FilePath) -> Result<Option<OpenFile>> {
        loop {
            let Some(info) = self.file(user, path)?.filter(|info| !info.is_folder) else { return Ok(None) };
            let pin = self.inner.transfers.pin(user, info.generation);
            // It may have been replaced before it was pinned.
            if self.file(user, path)?.is_some_and(|found| found.generation == info.generation) {
                return Ok(Some(OpenFile { store: self.clone(), user, info, _pin: pin, _turn: None }));
            }
        }
    }

    /// Like [`Store::open_file`], in the account's turn: eight uploads and downloads of more than a chunk run at a time.
    ///
    /// # Errors
    /// As [`Store::file`], and `Busy` if no turn came within 8 s.
    pub(crate) async fn download_file(&self, user: UserId, path: &FilePath) -> Result<Option<OpenFile>> {
        let size = self.file(user, path)?.map_or(0, |file| file.size);
        let turn = if size > FILE_CHUNK_LEN as u64 { Some(self.inner.transfers.begin(user).await?) } else { None };
        Ok(self.open_file(user, path)?.map(|file| OpenFile { _turn: turn, ..file }))
    }

    /// Returns a chunk of a content: [`FILE_CHUNK_LEN`] bytes, or less in the last one. `None` if there is no such chunk.
    ///
    /// # Errors
    /// As [`Store::file`].
    pub fn read_file_chunk(&self, user: UserId, generation: u64, number: u32) -> Result<Option<Vec<u8>>> {
        self.read(|txn, tables| {
            let chunk = tables.file_chunks.get(txn, &ChunkKey { user, generation, number })?;
            Ok(chunk.map(<[u8]>::to_vec))
        })
    }

    /// Returns how much an account may store in its WebDAV folder.
    pub(crate) fn file_quota(&self) -> FileQuota {
        self.inner.quota.files
    }
}

/// Returns what is known about a file, for tests of other modules.
#[cfg(test)]
pub(crate) fn file_of_test(path: &FilePath, size: u64) -> FileInfo {
    FileRecord { generation: Some(7), size, ..FileRecord::folder(0) }.into_info(path, 0)
}

/// Counts an account's files. It reads one small row for each.
pub(super) fn file_usage(tables: &Tables, txn: &heed::RoTxn<'_>, user: UserId) -> heed::Result<FileUsage> {
    let mut usage = FileUsage::default();
    for row in tables.files.range(txn, &FileKey::range_of(user))? {
        let FileRecord { size, .. } = row?.1;
        usage.files += 1;
        usage.bytes += size;
    }
    Ok(usage)
}

//! Uploads: the content of a file comes in chunks, each in a commit of its own, and is then put in place in one commit.

use std::sync::Arc;

use blake2::Blake2b;
use blake2::digest::{Digest as _, consts::U32};

use super::env::unexpected;
use super::file_changes::{FileCondition, FileOutcome, FileQuotaExceeded};
use super::file_rows::{ChunkKey, FILE_CHUNK_LEN, FileKey, FileRecord, UnusedGeneration};
use super::file_transfers::Transfer;
use super::files::file_usage;
use super::handle::Store;
use super::tables::META_NEXT_GENERATION;
use super::transaction::WriteTxn;
use super::usage::disk_space;
use crate::error::Result;
use crate::model::{Event, FilePath, User, UserId, shortened};

/// Bytes that are kept of what a client calls itself.
const AGENT_MAX: usize = 200;

/// A content that is being stored. Dropped before [`FileUpload::finish`], it leaves the old file as it was.
///
/// It holds up to two chunks in memory.
#[derive(Debug)]
pub(crate) struct FileUpload {
    store: Store,
    user: Arc<User>,
    transfer: Transfer,
    /// Bytes of the file that this upload replaces, if there is one.
    replaced: Option<u64>,
    content: Content,
    /// Bytes that wait for a chunk of theirs to be full.
    buffer: Vec<u8>,
    hasher: Blake2b<U32>,
}

/// The part of a content that is stored already.
#[derive(Debug, Clone, Copy, Default)]
struct Content {
    generation: Option<u64>,
    chunks: u32,
    size: u64,
}

/// A content that is stored, and that no file has yet.
#[derive(Debug)]
pub(super) struct StoredContent {
    pub(super) generation: u64,
    pub(super) size: u64,
    pub(super) hash: [u8; 32],
}

/// Outcome of a step of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum UploadStep {
    /// The bytes are taken.
    Taken,
    /// The account was deleted or disabled, or its key changed, since its `User` was read.
    Stale,
    /// It is too much.
    OverQuota(FileQuotaExceeded),
}

impl Store {
    /// Begins an upload to a path. The length may be unknown.
    ///
    /// # Errors
    /// [`Error`](crate::Error): `Busy` if the account uploads so much that no turn came within 8 s; otherwise as [`Store::file`].
    pub(crate) async fn begin_upload(
        &self,
        user: User,
        path: &FilePath,
        announced: Option<u64>,
    ) -> Result<std::result::Result<FileUpload, FileQuotaExceeded>> {
        if announced.is_some_and(|bytes| bytes > self.file_quota().max_file_bytes) {
            return Ok(Err(FileQuotaExceeded::FileBytes));
        }
        let transfer = self.inner.transfers.begin(user.id).await?;
        let replaced = self.file(user.id, path)?.map(|file| file.size);
        let mut upload = FileUpload {
            store: self.clone(),
            user: Arc::new(user),
            transfer,
            replaced,
            content: Content::default(),
            buffer: Vec::new(),
            hasher: Blake2b::new(),
        };
        Ok(match upload.check_room(announced.unwrap_or(0))? {
            Some(exceeded) => Err(exceeded),
            None => Ok(upload),
        })
    }
}

impl FileUpload {
    /// Returns why the account has no room for a file of that length.
    fn check_room(&mut self, bytes: u64) -> Result<Option<FileQuotaExceeded>> {
        let quota = self.store.file_quota();
        if bytes > quota.max_file_bytes {
            return Ok(Some(FileQuotaExceeded::FileBytes));
        }
        let reserved = self.transfer.reserve(bytes);
        let used = self.store.file_usage(self.user.id)?;
        if self.replaced.is_none() && used.files >= quota.max_files {
            return Ok(Some(FileQuotaExceeded::Files));
        }
        if used.bytes.saturating_sub(self.replaced.unwrap_or(0)).saturating_add(reserved) > quota.max_bytes {
            return Ok(Some(FileQuotaExceeded::Bytes));
        }
        match disk_space(self.store.path(), self.store.quota().min_free_disk) {
            Ok((free, min)) if free < min.saturating_add(bytes - self.content.size.min(bytes)) => {
                Ok(Some(FileQuotaExceeded::FreeDisk))
            }
            _ => Ok(None),
        }
    }

    /// Adds bytes, and stores what fills a chunk. It returns once that is on disk, so a fast client waits for the disk.
    ///
    /// # Errors
    /// As [`Store::push`].
    pub(crate) async fn write(&mut self, mut bytes: &[u8]) -> Result<UploadStep> {
        while !bytes.is_empty() {
            let room = FILE_CHUNK_LEN - self.buffer.len();
            let (now, later) = bytes.split_at(room.min(bytes.len()));
            self.buffer.extend_from_slice(now);
            bytes = later;
            if self.buffer.len() == FILE_CHUNK_LEN {
                match self.store_chunk().await? {
                    UploadStep::Taken => {}
                    other => return Ok(other),
                }
            }
        }
        Ok(UploadStep::Taken)
    }

    async fn store_chunk(&mut self) -> Result<UploadStep> {
        let chunk = std::mem::take(&mut self.buffer);
        let length = chunk.len() as u64;
        if let Some(exceeded) = self.check_room(self.content.size + length)? {
            return Ok(UploadStep::OverQuota(exceeded));
        }
        self.hasher.update(&chunk);
        let (user, content) = (self.user.clone(), self.content);
        let work =
            move |write: &mut WriteTxn<'_, '_>| write.put_chunk(&user, content.generation, content.chunks, &chunk);
        let Some(generation) = self.store.inner.writer.run(work).await? else { return Ok(UploadStep::Stale) };
        let (chunks, size) = (content.chunks + 1, content.size + length);
        self.content = Content { generation: Some(generation), chunks, size };
        Ok(UploadStep::Taken)
    }

    /// Stores the rest, and puts the content at its path if the condition still holds.
    ///
    /// Returns once it is on disk.
    ///
    /// # Errors
    /// The old file stays after an error. As [`Store::push`].
    pub(crate) async fn finish(
        mut self,
        path: FilePath,
        condition: FileCondition,
        agent: Option<&str>,
    ) -> Result<FileOutcome> {
        match self.store_rest().await? {
            UploadStep::Taken => {}
            UploadStep::Stale => return Ok(FileOutcome::Stale),
            UploadStep::OverQuota(exceeded) => return Ok(FileOutcome::OverQuota(exceeded)),
        }
        let content = self.stored();
        let agent = agent.map(|agent| shortened(agent, AGENT_MAX).to_owned());
        let (user, is_merged) = (self.user.clone(), path.is_merged_database());
        let work = move |write: &mut WriteTxn<'_, '_>| write.put_file(&user, path, content, agent, &condition);
        let outcome = self.store.inner.writer.run(work).await?;
        if matches!(outcome, FileOutcome::Done { .. }) {
            // It belongs to the file now.
            self.content.generation = None;
            if is_merged {
                self.store.note_served_state();
            }
        }
        Ok(outcome)
    }

    async fn store_rest(&mut self) -> Result<UploadStep> {
        // A content without a byte needs a number, too.
        if self.buffer.is_empty() && self.content.generation.is_some() {
            return Ok(UploadStep::Taken);
        }
        self.store_chunk().await
    }

    fn stored(&self) -> StoredContent {
        let Content { generation, size, .. } = self.content;
        StoredContent { generation: generation.unwrap_or(0), size, hash: self.hasher.clone().finalize().into() }
    }
}

impl Drop for FileUpload {
    fn drop(&mut self) {
        let Some(generation) = self.content.generation else { return };
        let id = self.user.id;
        // If the queue is full, the chunks go when the upload counts as ended.
        let _ = self.store.inner.writer.submit(move |write| write.end_generation(id, generation));
    }
}

impl WriteTxn<'_, '_> {
    /// Stores a chunk of a content. The first one gives the content its number, which is returned; `None` if the account changed.
    fn put_chunk(&mut self, user: &User, generation: Option<u64>, number: u32, chunk: &[u8]) -> Result<Option<u64>> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(None);
        }
        let generation = self.continued(generation)?;
        self.put_bytes(user.id, generation, number, chunk)?;
        let unused = UnusedGeneration { user: user.id, last_write: self.now };
        self.tables.unused_generations().put(self.txn, &ChunkKey::unused(generation), &unused)?;
        Ok(Some(generation))
    }

    /// Returns the number of a content that is being stored, or of a new one.
    ///
    /// # Errors
    /// [`Error::Store`](crate::Error::Store) if it was given up meanwhile, so that its chunks are being removed.
    pub(super) fn continued(&mut self, generation: Option<u64>) -> Result<u64> {
        match generation {
            Some(generation) => self.check_under_way(generation).map(|()| generation),
            None => self.new_generation(),
        }
    }

    /// Checks that a content is still being stored.
    pub(super) fn check_under_way(&self, generation: u64) -> Result<()> {
        let unused = self.tables.unused_generations().get(self.txn, &ChunkKey::unused(generation))?;
        match unused {
            Some(unused) if unused.last_write > 0 && !unused.has_ended(self.now) => Ok(()),
            _ => {
                Err(unexpected("the upload wrote nothing for an hour, or another server took its data directory over"))
            }
        }
    }

    /// Returns a number that no content has or had.
    pub(super) fn new_generation(&mut self) -> Result<u64> {
        let generation = self.tables.meta.get(self.txn, META_NEXT_GENERATION)?.unwrap_or(1);
        self.tables.meta.put(self.txn, META_NEXT_GENERATION, &(generation + 1))?;
        Ok(generation)
    }

    pub(super) fn put_bytes(&mut self, user: UserId, generation: u64, number: u32, chunk: &[u8]) -> Result<()> {
        if !chunk.is_empty() {
            self.tables.file_chunks.put(self.txn, &ChunkKey { user, generation, number }, chunk)?;
        }
        Ok(())
    }

    fn put_file(
        &mut self,
        user: &User,
        path: FilePath,
        content: StoredContent,
        uploaded_by: Option<String>,
        condition: &FileCondition,
    ) -> Result<FileOutcome> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(FileOutcome::Stale);
        }
        self.check_under_way(content.generation)?;
        let old = self.file(user.id, &path)?;
        let visible = old.clone().map(|old| self.info(old, &path)).transpose()?.filter(|info| !info.is_withheld);
        if !condition.holds(visible.as_ref()) {
            return Ok(FileOutcome::PreconditionFailed);
        }
        if old.as_ref().is_some_and(|old| old.generation.is_none()) {
            return Ok(FileOutcome::IsFolder);
        }
        if !self.has_parent(user.id, &path)? {
            return Ok(FileOutcome::NoParent);
        }
        let quota = self.limits.quota.files;
        let used = file_usage(&self.tables, self.txn, user.id)?;
        let replaced = self.tables.files.get(self.txn, &FileKey::new(user.id, &path))?;
        if replaced.is_none() && used.files >= quota.max_files {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::Files));
        }
        let others = used.bytes - replaced.as_ref().map_or(0, |file| file.size).min(used.bytes);
        if others.saturating_add(content.size) > quota.max_bytes {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::Bytes));
        }
        let record = FileRecord {
            generation: Some(content.generation),
            size: content.size,
            hash: content.hash,
            modified: self.now,
            uploaded_by,
            epoch: Some(self.tables.file_epoch(self.txn)?),
            missing: 0,
            device_password: self.device_password_id(user)?,
        };
        self.tables.unused_generations().delete(self.txn, &ChunkKey::unused(content.generation))?;
        if let Some(generation) = replaced.and_then(|old| old.generation) {
            self.end_generation(user.id, generation)?;
        }
        self.tables.files.put(self.txn, &FileKey::new(user.id, &path), &record)?;
        let info = self.info(record, &path)?;
        self.events.push(Event::FileStored { user: user.name.clone(), user_id: user.id, path });
        Ok(FileOutcome::Done { is_new: visible.is_none(), info: Some(info) })
    }

    /// Marks a content as one that no file has: its chunks are removed in slices.
    pub(super) fn end_generation(&mut self, user: UserId, generation: u64) -> Result<()> {
        let ended = UnusedGeneration { user, last_write: 0 };
        Ok(self.tables.unused_generations().put(self.txn, &ChunkKey::unused(generation), &ended)?)
    }
}

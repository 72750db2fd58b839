//! Copies of files and folders: contents are copied chunk by chunk, and then put in place in one commit.

use super::file_changes::{FileCondition, FileOutcome, FileQuotaExceeded};
use super::file_rows::{ChunkKey, FILE_CHUNK_LEN, FileKey, FileRecord, UnusedGeneration};
use super::file_transfers::PinnedContent;
use super::files::file_usage;
use super::handle::Store;
use super::transaction::WriteTxn;
use super::usage::disk_space;
use crate::error::Result;
use crate::model::{Event, FilePath, User, UserId};

/// Contents that are being copied. Dropped before they belong to files, they are removed.
struct Copies {
    store: Store,
    user: UserId,
    generations: Vec<u64>,
}

impl Drop for Copies {
    fn drop(&mut self) {
        let (user, generations) = (self.user, std::mem::take(&mut self.generations));
        if !generations.is_empty() {
            // If the queue is full, the chunks go when the copy counts as ended.
            let _ = self.store.inner.writer.submit(move |write| {
                generations.iter().try_for_each(|generation| write.end_generation(user, *generation))
            });
        }
    }
}

/// What a copy consists of.
struct Plan {
    /// New paths and their rows, which point to the old contents.
    rows: Vec<(FilePath, FileRecord)>,
    /// Bytes of what they replace.
    replaced: u64,
    /// Keeps the old contents readable.
    _pins: Vec<PinnedContent>,
}

impl Store {
    /// Copies a file, or a folder with all that is in it unless `is_shallow`. What is at `to` is replaced, or else kept if
    /// `replaces` is false.
    ///
    /// # Errors
    /// As [`Store::push`]; `Busy` also if the account transfers so much that no turn came within 8 s.
    pub(crate) async fn copy_file(
        &self,
        user: User,
        from: FilePath,
        to: FilePath,
        is_shallow: bool,
        replaces: bool,
        condition: FileCondition,
    ) -> Result<FileOutcome> {
        let mut transfer = self.inner.transfers.begin(user.id).await?;
        let (owner, target) = (user.clone(), to.clone());
        let work = move |write: &mut WriteTxn<'_, '_>| {
            write.plan_copy(&owner, &from, &target, is_shallow, replaces, &condition)
        };
        let mut plan = match self.inner.writer.run(work).await? {
            Ok(plan) => plan,
            Err(outcome) => return Ok(outcome),
        };
        let bytes: u64 = plan.rows.iter().map(|(_, row)| row.size).sum();
        let used = self.file_usage(user.id)?;
        let others = used.bytes.saturating_sub(plan.replaced);
        if others.saturating_add(transfer.reserve(bytes)) > self.file_quota().max_bytes {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::Bytes));
        }
        if disk_space(self.path(), self.quota().min_free_disk).is_ok_and(|(free, min)| free < min.saturating_add(bytes))
        {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::FreeDisk));
        }
        let mut copies = Copies { store: self.clone(), user: user.id, generations: Vec::new() };
        for (_, row) in &mut plan.rows {
            let Some(old) = row.generation else { continue };
            let mut new = None;
            let is_empty = row.size == 0;
            for number in 0..chunk_count(row.size) {
                let owner = user.clone();
                let work = move |write: &mut WriteTxn<'_, '_>| write.copy_chunk(&owner, (old, is_empty), new, number);
                let copy = self.inner.writer.run(work).await?;
                let Some(generation) = copy else { return Ok(FileOutcome::NotFound) };
                if new.is_none() {
                    copies.generations.push(generation);
                }
                new = Some(generation);
            }
            row.generation = new;
        }
        let rows = std::mem::take(&mut plan.rows);
        let work = move |write: &mut WriteTxn<'_, '_>| write.put_copies(&user, &to, rows, replaces);
        let outcome = self.inner.writer.run(work).await?;
        if matches!(outcome, FileOutcome::Done { .. }) {
            copies.generations.clear();
            self.note_served_state();
        }
        Ok(outcome)
    }
}

/// Returns how many steps it takes to copy a content: one for each chunk, and one for a content without any.
fn chunk_count(size: u64) -> u32 {
    u32::try_from(size.div_ceil(FILE_CHUNK_LEN as u64).max(1)).unwrap_or(u32::MAX)
}

impl WriteTxn<'_, '_> {
    /// Plans a copy. Its rows still point to the old contents.
    fn plan_copy(
        &mut self,
        user: &User,
        from: &FilePath,
        to: &FilePath,
        is_shallow: bool,
        replaces: bool,
        condition: &FileCondition,
    ) -> Result<std::result::Result<Plan, FileOutcome>> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(Err(FileOutcome::Stale));
        }
        let Some(source) = self.file(user.id, from)? else { return Ok(Err(FileOutcome::NotFound)) };
        let source = self.info(source, from)?;
        if !condition.holds(Some(&source).filter(|info| !info.is_withheld)) {
            return Ok(Err(FileOutcome::PreconditionFailed));
        }
        if let Err(outcome) = self.make_way(user, from, to, replaces)? {
            return Ok(Err(outcome));
        }
        let mut rows = Vec::new();
        for (path, row) in self.tree(user.id, from)? {
            if row.missing > 0 || is_shallow && path != *from {
                continue;
            }
            match path.moved(from, to) {
                Ok(path) => rows.push((path, row)),
                Err(_) => return Ok(Err(FileOutcome::PathTooLong)),
            }
        }
        let replaced = self.tree(user.id, to)?;
        let used = file_usage(&self.tables, self.txn, user.id)?;
        if used.files - replaced.len().min(used.files) + rows.len() > self.limits.quota.files.max_files {
            return Ok(Err(FileOutcome::OverQuota(FileQuotaExceeded::Files)));
        }
        let replaced = replaced.iter().map(|(_, row)| row.size).sum();
        let generations = rows.iter().filter_map(|(_, row)| row.generation);
        let pins = generations.map(|generation| self.limits.transfers.pin(user.id, generation)).collect();
        Ok(Ok(Plan { rows, replaced, _pins: pins }))
    }

    /// Copies a chunk. Returns the number of the new content; `None` if the account or the old content is gone.
    ///
    /// Not all contents of a large folder are pinned, so one may go while those before it are copied.
    fn copy_chunk(
        &mut self,
        user: &User,
        (old, is_empty): (u64, bool),
        new: Option<u64>,
        number: u32,
    ) -> Result<Option<u64>> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(None);
        }
        let key = ChunkKey { user: user.id, generation: old, number };
        let chunk = self.tables.file_chunks.get(self.txn, &key)?.map(<[u8]>::to_vec);
        let new = self.continued(new)?;
        // A content without a byte has no chunk.
        match chunk {
            Some(chunk) => self.put_bytes(user.id, new, number, &chunk)?,
            None if is_empty => {}
            None => return Ok(None),
        }
        let unused = UnusedGeneration { user: user.id, last_write: self.now };
        self.tables.unused_generations().put(self.txn, &ChunkKey::unused(new), &unused)?;
        Ok(Some(new))
    }

    fn put_copies(
        &mut self,
        user: &User,
        to: &FilePath,
        rows: Vec<(FilePath, FileRecord)>,
        replaces: bool,
    ) -> Result<FileOutcome> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(FileOutcome::Stale);
        }
        if !self.has_parent(user.id, to)? {
            return Ok(FileOutcome::NoParent);
        }
        let is_new = self.tables.files.get(self.txn, &FileKey::new(user.id, to))?.is_none();
        if !is_new && !replaces {
            return Ok(FileOutcome::Exists);
        }
        let replaced = self.tree(user.id, to)?;
        let used = file_usage(&self.tables, self.txn, user.id)?;
        let quota = self.limits.quota.files;
        if used.files - replaced.len().min(used.files) + rows.len() > quota.max_files {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::Files));
        }
        let freed: u64 = replaced.iter().map(|(_, row)| row.size).sum();
        let added: u64 = rows.iter().map(|(_, row)| row.size).sum();
        if (used.bytes - freed.min(used.bytes)).saturating_add(added) > quota.max_bytes {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::Bytes));
        }
        for generation in rows.iter().filter_map(|(_, row)| row.generation) {
            self.check_under_way(generation)?;
        }
        self.remove_tree(user, to)?;
        for (path, row) in rows {
            self.tables.files.put(self.txn, &FileKey::new(user.id, &path), &row)?;
            if let Some(generation) = row.generation {
                self.tables.unused_generations().delete(self.txn, &ChunkKey::unused(generation))?;
                self.events.push(Event::FileStored { user: user.name.clone(), user_id: user.id, path });
            }
        }
        Ok(FileOutcome::done(is_new))
    }
}

//! Changes to the accounts' WebDAV folders: new folders, deleting and moving; conditions, and what comes of a change.

use super::file_rows::{ChunkKey, FileKey, FileRecord};
use super::handle::Store;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Event, FileInfo, FilePath, User, UserId};

/// Why a file was not stored. It may be once there is room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileQuotaExceeded {
    /// The file has more bytes than one may have.
    FileBytes,
    /// The account's files together would have more bytes than they may have.
    Bytes,
    /// The account has as many files and folders as it may have.
    Files,
    /// The disk has little space left.
    FreeDisk,
}

/// What must be at a path for a change to be made. A withheld file counts as none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FileCondition {
    /// `If-Match`: there must be a file, with one of these entity tags.
    pub matches: Option<EntityTags>,
    /// `If-None-Match`: there must be no file with one of these entity tags. A weak one stands for the strong one.
    pub matches_none: Option<EntityTags>,
    /// `If-Unmodified-Since`: there must be no file that was uploaded later, in whole seconds since the Unix epoch.
    pub unmodified_since: Option<u64>,
}

/// Entity tags of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: that of any file or folder.
    Any,
    /// These, with their quotes.
    Of(Vec<String>),
}

impl EntityTags {
    /// Returns whether a file's tag is among them, as a strong one.
    fn has(&self, file: &FileInfo) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => !file.is_folder && tags.contains(&file.etag()),
        }
    }

    /// Returns whether a file's tag is among them, be it as a weak one.
    pub(crate) fn has_weakly(&self, file: &FileInfo) -> bool {
        match self {
            Self::Any => true,
            Self::Of(tags) => {
                let tag = file.etag();
                !file.is_folder && tags.iter().any(|other| other.strip_prefix("W/").unwrap_or(other) == tag)
            }
        }
    }
}

impl FileCondition {
    /// Returns whether what is at the path is what the client knows: `If-Match`, or else `If-Unmodified-Since`.
    pub fn holds_if_known(&self, file: Option<&FileInfo>) -> bool {
        match (&self.matches, self.unmodified_since) {
            (Some(tags), _) => file.is_some_and(|file| tags.has(file)),
            (None, Some(since)) => file.is_none_or(|file| file.modified <= since),
            (None, None) => true,
        }
    }

    /// Returns whether the condition holds for what is at the path.
    pub fn holds(&self, file: Option<&FileInfo>) -> bool {
        let is_excluded = |tags: &EntityTags| file.is_some_and(|file| tags.has_weakly(file));
        self.holds_if_known(file) && !self.matches_none.as_ref().is_some_and(is_excluded)
    }
}

/// Outcome of a change to a WebDAV folder.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileOutcome {
    /// The change is on disk.
    Done {
        /// Whether nothing was at the path before.
        is_new: bool,
        /// The file that is there now.
        info: Option<FileInfo>,
    },
    /// There is no such file or folder.
    NotFound,
    /// The folder that it was to be in does not exist.
    NoParent,
    /// Something is at the path already.
    Exists,
    /// A folder is at the path, which a file does not replace.
    IsFolder,
    /// A folder cannot be moved or copied into itself, nor onto a folder above it.
    IntoItself,
    /// A path would be longer than one may be.
    PathTooLong,
    /// The condition does not hold.
    PreconditionFailed,
    /// The account was deleted or disabled, or its key changed, since its `User` was read.
    Stale,
    /// It would be too much.
    OverQuota(FileQuotaExceeded),
}

impl FileOutcome {
    pub(super) fn done(is_new: bool) -> Self {
        Self::Done { is_new, info: None }
    }
}

impl Store {
    /// Creates a folder.
    ///
    /// # Errors
    /// As [`Store::push`].
    pub async fn create_folder(&self, user: User, path: FilePath) -> Result<FileOutcome> {
        self.inner.writer.run(move |write| write.create_folder(&user, &path)).await
    }

    /// Deletes a file, or a folder with all that is in it. Withheld files are deleted as others are.
    ///
    /// # Errors
    /// As [`Store::push`].
    pub async fn delete_file(&self, user: User, path: FilePath, condition: FileCondition) -> Result<FileOutcome> {
        self.inner.writer.run(move |write| write.delete_file(&user, &path, &condition)).await
    }

    /// Moves a file, or a folder with all that is in it. What is at `to` is replaced, or else kept if `replaces` is false.
    ///
    /// # Errors
    /// As [`Store::push`].
    pub async fn move_file(
        &self,
        user: User,
        from: FilePath,
        to: FilePath,
        replaces: bool,
        condition: FileCondition,
    ) -> Result<FileOutcome> {
        let work = move |write: &mut WriteTxn<'_, '_>| write.move_file(&user, &from, &to, replaces, &condition);
        let outcome = self.inner.writer.run(work).await?;
        self.note_served_state();
        Ok(outcome)
    }
}

impl WriteTxn<'_, '_> {
    /// Returns the row of a path. A file that an import has not brought all of is not there.
    pub(super) fn file(&self, user: UserId, path: &FilePath) -> Result<Option<FileRecord>> {
        let record = self.tables.files.get(self.txn, &FileKey::new(user, path))?;
        Ok(record.filter(|record| record.missing == 0))
    }

    pub(super) fn info(&self, record: FileRecord, path: &FilePath) -> Result<FileInfo> {
        Ok(record.into_info(path, self.tables.file_epoch(self.txn)?))
    }

    /// Returns whether the folder exists in which a path is.
    pub(super) fn has_parent(&self, user: UserId, path: &FilePath) -> Result<bool> {
        let Some(parent) = path.parent() else { return Ok(true) };
        Ok(self.file(user, &parent)?.is_some_and(|parent| parent.generation.is_none()))
    }

    fn create_folder(&mut self, user: &User, path: &FilePath) -> Result<FileOutcome> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(FileOutcome::Stale);
        }
        let key = FileKey::new(user.id, path);
        if self.tables.files.get(self.txn, &key)?.is_some() {
            return Ok(FileOutcome::Exists);
        }
        if !self.has_parent(user.id, path)? {
            return Ok(FileOutcome::NoParent);
        }
        let used = super::files::file_usage(&self.tables, self.txn, user.id)?;
        if used.files >= self.limits.quota.files.max_files {
            return Ok(FileOutcome::OverQuota(FileQuotaExceeded::Files));
        }
        self.tables.files.put(self.txn, &key, &FileRecord::folder(self.now))?;
        Ok(FileOutcome::done(true))
    }

    fn delete_file(&mut self, user: &User, path: &FilePath, condition: &FileCondition) -> Result<FileOutcome> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(FileOutcome::Stale);
        }
        let Some(record) = self.file(user.id, path)? else { return Ok(FileOutcome::NotFound) };
        let info = self.info(record, path)?;
        if !condition.holds(Some(&info).filter(|info| !info.is_withheld)) {
            return Ok(FileOutcome::PreconditionFailed);
        }
        self.remove_tree(user, path)?;
        Ok(FileOutcome::done(false))
    }

    fn move_file(
        &mut self,
        user: &User,
        from: &FilePath,
        to: &FilePath,
        replaces: bool,
        condition: &FileCondition,
    ) -> Result<FileOutcome> {
        if self.revalidate_reader(user)?.is_none() {
            return Ok(FileOutcome::Stale);
        }
        let Some(source) = self.file(user.id, from)? else { return Ok(FileOutcome::NotFound) };
        let source = self.info(source, from)?;
        if !condition.holds(Some(&source).filter(|info| !info.is_withheld)) {
            return Ok(FileOutcome::PreconditionFailed);
        }
        let is_new = match self.make_way(user, from, to, replaces)? {
            Ok(is_new) => is_new,
            Err(outcome) => return Ok(outcome),
        };
        let tree = self.tree(user.id, from)?;
        let mut moved = Vec::with_capacity(tree.len());
        for (path, record) in tree {
            match path.moved(from, to) {
                Ok(new) => moved.push((path, new, record)),
                Err(_) => return Ok(FileOutcome::PathTooLong),
            }
        }
        if !is_new {
            self.remove_tree(user, to)?;
        }
        for (path, new, record) in moved {
            self.tables.files.delete(self.txn, &FileKey::new(user.id, &path))?;
            self.tables.files.put(self.txn, &FileKey::new(user.id, &new), &record)?;
            if record.generation.is_some() {
                self.events.push(Event::FileDeleted { user: user.name.clone(), user_id: user.id, path });
                self.events.push(Event::FileStored { user: user.name.clone(), user_id: user.id, path: new });
            }
        }
        Ok(FileOutcome::done(is_new))
    }

    /// Checks that something can be moved or copied to a path. Returns whether nothing is there that it would replace.
    pub(super) fn make_way(
        &self,
        user: &User,
        from: &FilePath,
        to: &FilePath,
        replaces: bool,
    ) -> Result<std::result::Result<bool, FileOutcome>> {
        if from == to || to.is_below(from) || from.is_below(to) {
            return Ok(Err(FileOutcome::IntoItself));
        }
        if !self.has_parent(user.id, to)? {
            return Ok(Err(FileOutcome::NoParent));
        }
        let is_new = self.tables.files.get(self.txn, &FileKey::new(user.id, to))?.is_none();
        Ok(if is_new || replaces { Ok(is_new) } else { Err(FileOutcome::Exists) })
    }

    /// Returns what is at a path and below it, unfinished imports included.
    pub(super) fn tree(&self, user: UserId, path: &FilePath) -> Result<Vec<(FilePath, FileRecord)>> {
        let mut tree = Vec::new();
        if let Some(record) = self.tables.files.get(self.txn, &FileKey::new(user, path))? {
            tree.push((path.clone(), record));
        }
        for row in self.tables.files.range(self.txn, &FileKey::range_below(user, path))? {
            let (key, record) = row?;
            tree.push((FilePath::new(&key.path).map_err(super::env::unexpected)?, record));
        }
        Ok(tree)
    }

    pub(super) fn remove_tree(&mut self, user: &User, path: &FilePath) -> Result<()> {
        for (path, record) in self.tree(user.id, path)? {
            self.tables.files.delete(self.txn, &FileKey::new(user.id, &path))?;
            if let Some(generation) = record.generation {
                self.end_generation(user.id, generation)?;
                self.events.push(Event::FileDeleted { user: user.name.clone(), user_id: user.id, path });
            }
        }
        Ok(())
    }
}

/// Chunks that one purge transaction removes: 16 MiB.
const PURGED_CHUNKS: usize = 256;

/// Removing contents that no file has, and the files of deleted accounts.
impl WriteTxn<'_, '_> {
    /// Removes the next chunks of a content that no file has, or its mark.
    pub(super) fn purge_content(&mut self) -> Result<()> {
        let Some((generation, user)) = self.next_unused()? else { return Ok(()) };
        if self.remove_chunks(ChunkKey::range_of(user, generation))? {
            self.tables.unused_generations().delete(self.txn, &ChunkKey::unused(generation))?;
        }
        Ok(())
    }

    fn next_unused(&self) -> Result<Option<(u64, UserId)>> {
        Ok(self.tables.next_unused_generation(self.txn, self.now, &self.limits.transfers)?)
    }

    /// Removes the next files of a deleted account. Returns whether none is left.
    pub(super) fn purge_files(&mut self, user: UserId) -> Result<bool> {
        if !self.remove_chunks(ChunkKey::range_of_user(user))? {
            return Ok(false);
        }
        let mut paths = Vec::new();
        for row in self.tables.files.range(self.txn, &FileKey::range_of(user))?.take(PURGED_CHUNKS) {
            paths.push(row?.0.path.into_owned());
        }
        for path in &paths {
            self.tables.files.delete(self.txn, &FileKey { user, path: path.into() })?;
        }
        Ok(paths.len() < PURGED_CHUNKS)
    }

    /// Removes the next chunks of a range. Returns whether none is left.
    fn remove_chunks(&mut self, range: std::ops::RangeInclusive<ChunkKey>) -> Result<bool> {
        let mut keys = Vec::new();
        for row in self.tables.file_chunks.range(self.txn, &range)?.take(PURGED_CHUNKS) {
            keys.push(row?.0);
        }
        for key in &keys {
            self.tables.file_chunks.delete(self.txn, key)?;
        }
        Ok(keys.len() < PURGED_CHUNKS)
    }
}

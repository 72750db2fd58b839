//! Verifying files: each has its content, and each content has its file.

use std::collections::HashMap;

use blake2::Blake2b;
use blake2::digest::{Digest as _, consts::U32};

use super::file_rows::{ChunkKey, FILE_CHUNK_LEN, FileRecord};
use super::tables::META_NEXT_GENERATION;
use super::verify::Verifier;
use crate::model::{FilePath, UserId};

impl Verifier<'_> {
    /// Reads all files and their contents.
    pub(super) fn files(&mut self) -> heed::Result<()> {
        let next = self.tables.meta.get(self.txn, META_NEXT_GENERATION)?.unwrap_or(1);
        // Whose each content is, by its number.
        let mut contents: HashMap<u64, UserId> = HashMap::new();
        for row in self.tables.files.all(self.txn)? {
            let Some((key, record)) = self.decoded(row, "files")? else { continue };
            let name = self.file_name(key.user, &key.path);
            match FilePath::new(&key.path) {
                Ok(path) if path.parent().is_none_or(|parent| self.is_folder(key.user, &parent)) => {}
                Ok(_) if self.deleted.contains(&key.user) => {}
                Ok(_) => self.problem(format!("{name}: its folder does not exist")),
                Err(_) => self.problem(format!("{name}: its path is invalid")),
            }
            if !self.owners.contains_key(&key.user) && !self.deleted.contains(&key.user) {
                self.problem(format!("{name}: there is no such account"));
            }
            let Some(generation) = record.generation else { continue };
            self.report.files += 1;
            if generation >= next {
                self.problem(format!("{name}: its number is {generation}, but the next one is {next}"));
            }
            if contents.insert(generation, key.user).is_some() {
                self.problem(format!("{name}: another file has the same content"));
            }
            // The chunks of a deleted account go before its files.
            if !self.deleted.contains(&key.user)
                && let Some(problem) = self.content_problem(key.user, generation, &record)?
            {
                self.problem(format!("{name}: {problem}"));
            }
        }
        self.unused_contents(&mut contents)?;
        self.chunks(&contents)
    }

    fn is_folder(&self, user: UserId, path: &FilePath) -> bool {
        let key = super::file_rows::FileKey::new(user, path);
        self.tables.files.get(self.txn, &key).is_ok_and(|row| row.is_some_and(|row| row.generation.is_none()))
    }

    fn file_name(&self, user: UserId, path: &str) -> String {
        match self.owners.get(&user) {
            Some((name, _)) => format!("account {name}, file {path:?}"),
            None => format!("account number {}, file {path:?}", user.0),
        }
    }

    fn content_problem(&self, user: UserId, generation: u64, record: &FileRecord) -> heed::Result<Option<String>> {
        let (mut size, mut hasher) = (0, Blake2b::<U32>::new());
        for (expected, row) in
            (0..).zip(self.tables.file_chunks.range(self.txn, &ChunkKey::range_of(user, generation))?)
        {
            let (key, chunk) = row?;
            if key.number != expected {
                return Ok(Some(format!("part {expected} of its content is missing")));
            }
            if size % FILE_CHUNK_LEN as u64 != 0 {
                return Ok(Some(format!("a part of its content before part {expected} is too short")));
            }
            size += chunk.len() as u64;
            hasher.update(chunk);
        }
        if record.missing > 0 {
            return Ok(None);
        }
        if size != record.size {
            return Ok(Some(format!("its content has {size} bytes, but its record says {}", record.size)));
        }
        let hash: [u8; 32] = hasher.finalize().into();
        Ok((hash != record.hash).then(|| "its content is not what was uploaded".to_owned()))
    }

    /// Adds the contents that no file has, which are to be removed.
    fn unused_contents(&mut self, contents: &mut HashMap<u64, UserId>) -> heed::Result<()> {
        for row in self.tables.unused_generations().range(self.txn, &ChunkKey::range_of_user(ChunkKey::UNUSED))? {
            let Some((key, unused)) = self.decoded(row, "unused contents")? else { continue };
            if contents.insert(key.generation, unused.user).is_some() {
                self.problem(format!("content {} is to be removed, but a file has it", key.generation));
            }
        }
        Ok(())
    }

    /// Reports contents that nothing would ever remove.
    fn chunks(&mut self, contents: &HashMap<u64, UserId>) -> heed::Result<()> {
        let mut last = None;
        for row in self.tables.file_chunks.all(self.txn)? {
            let Some((ChunkKey { user, generation, .. }, _)) = self.decoded(row, "contents")? else { continue };
            if user == ChunkKey::UNUSED || last == Some((user, generation)) || self.deleted.contains(&user) {
                continue;
            }
            last = Some((user, generation));
            if contents.get(&generation) != Some(&user) {
                self.problem(format!("content {generation} of account number {} belongs to no file", user.0));
            }
        }
        Ok(())
    }
}

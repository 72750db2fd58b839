//! Files of the WebDAV folders.

use super::*;
use crate::model::FilePath;
use crate::store::file_rows::{ChunkKey, FileKey};
use crate::store::{EntityTags, FILE_CHUNK_LEN, FileCondition, FileOutcome, FileQuotaExceeded, UploadStep};

fn path(text: &str) -> FilePath {
    FilePath::new(text).expect("a path")
}

fn content(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|at| u8::try_from(at % 251).expect("small") ^ seed).collect()
}

impl Fixture {
    async fn upload(&self, user: &User, to: &str, bytes: &[u8], condition: FileCondition) -> FileOutcome {
        let begun = self.store.begin_upload(user.clone(), &path(to), Some(bytes.len() as u64)).await.expect("begun");
        let mut upload = match begun {
            Ok(upload) => upload,
            Err(exceeded) => return FileOutcome::OverQuota(exceeded),
        };
        for part in bytes.chunks(10_000) {
            assert_eq!(upload.write(part).await.expect("written"), UploadStep::Taken);
        }
        upload.finish(path(to), condition, Some("KOReader")).await.expect("finished")
    }

    async fn put(&self, user: &User, to: &str, bytes: &[u8]) -> FileOutcome {
        self.upload(user, to, bytes, FileCondition::default()).await
    }

    fn bytes_of(&self, user: &User, from: &str) -> Option<Vec<u8>> {
        let file = self.store.open_file(user.id, &path(from)).expect("open")?;
        let mut bytes = Vec::new();
        loop {
            let part = file.read_from(bytes.len() as u64).expect("read");
            if part.is_empty() {
                assert_eq!(bytes.len() as u64, file.info().size);
                return Some(bytes);
            }
            bytes.extend(part);
        }
    }

    /// Returns how many chunks there are, and how many contents that no file has.
    fn chunks(&self) -> (usize, usize) {
        self.store
            .read(|txn, tables| {
                let all = tables.file_chunks.all(txn)?.count();
                let unused = tables.file_chunks.range(txn, &ChunkKey::range_of_user(ChunkKey::UNUSED))?.count();
                Ok((all - unused, unused))
            })
            .expect("read")
    }

    async fn purged(&self, chunks: usize) {
        // Each write lets the purge go on.
        for _ in 0..100 {
            self.store.instance_id().await.expect("a write");
            self.store.inner.writer.run(|_| Ok(())).await.expect("a write");
            let report = self.store.verify().expect("verified");
            assert!(report.problems.is_empty(), "{:?}", report.problems);
            if self.chunks() == (chunks, 0) {
                return;
            }
        }
        panic!("left: {:?}", self.chunks());
    }
}

#[tokio::test]
async fn a_file_comes_back_byte_for_byte_and_its_old_content_is_removed() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    for length in [0, 1, FILE_CHUNK_LEN - 1, FILE_CHUNK_LEN, FILE_CHUNK_LEN + 1, 3 * FILE_CHUNK_LEN, 1_000_000] {
        let bytes = content(length, 7);
        assert!(matches!(fixture.put(&user, "a.bin", &bytes).await, FileOutcome::Done { .. }));
        assert_eq!(fixture.bytes_of(&user, "a.bin").expect("a file"), bytes, "{length}");
        fixture.purged(length.div_ceil(FILE_CHUNK_LEN)).await;
    }
    assert_eq!(fixture.bytes_of(&user, "b.bin"), None);
}

#[tokio::test]
async fn an_upload_that_is_dropped_leaves_the_old_file_and_no_chunks() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    let old = content(100_000, 1);
    fixture.put(&user, "a", &old).await;
    let mut upload = fixture.store.begin_upload(user.clone(), &path("a"), None).await.expect("begun").expect("room");
    upload.write(&content(300_000, 2)).await.expect("written");
    assert!(fixture.chunks().0 > 2);
    drop(upload);
    fixture.purged(2).await;
    assert_eq!(fixture.bytes_of(&user, "a").expect("a file"), old);
}

#[tokio::test]
async fn w3_of_uploads_that_start_from_one_tag_exactly_one_succeeds() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    fixture.put(&user, "a", b"old").await;
    let tag = fixture.store.file(user.id, &path("a")).expect("read").expect("a file").etag();
    let condition = FileCondition { matches: Some(EntityTags::Of(vec![tag.clone()])), ..FileCondition::default() };
    let mut uploads = Vec::new();
    // The same bytes as before, too: the tag tells them apart.
    for bytes in ["old", "one", "two"] {
        let mut upload =
            fixture.store.begin_upload(user.clone(), &path("a"), None).await.expect("begun").expect("room");
        upload.write(bytes.as_bytes()).await.expect("written");
        uploads.push(upload);
    }
    let mut outcomes = Vec::new();
    for upload in uploads {
        outcomes.push(upload.finish(path("a"), condition.clone(), None).await.expect("finished"));
    }
    assert!(matches!(outcomes[0], FileOutcome::Done { is_new: false, .. }));
    assert_eq!(outcomes[1..], [FileOutcome::PreconditionFailed, FileOutcome::PreconditionFailed]);
    assert_ne!(fixture.store.file(user.id, &path("a")).expect("read").expect("a file").etag(), tag);
    fixture.purged(1).await;
}

#[tokio::test]
async fn folders_hold_files_and_are_moved_and_deleted_with_them() {
    let fixture = Fixture::new();
    let (user, other) = (fixture.user("ada").await, fixture.user("bob").await);
    assert_eq!(fixture.put(&user, "x/a", b"1").await, FileOutcome::NoParent);
    for folder in ["x", "x/y", "x.z"] {
        assert_eq!(
            fixture.store.create_folder(user.clone(), path(folder)).await.expect("done"),
            FileOutcome::done(true)
        );
    }
    assert_eq!(fixture.store.create_folder(user.clone(), path("x")).await.expect("done"), FileOutcome::Exists);
    assert_eq!(fixture.put(&user, "x", b"1").await, FileOutcome::IsFolder);
    fixture.put(&user, "x/a", b"1").await;
    fixture.put(&user, "x/y/b", b"2").await;
    fixture.put(&user, "x.z/c", b"3").await;
    let names = || {
        let files = fixture.store.files(user.id).expect("files");
        files.into_iter().map(|(path, _)| path.to_string()).collect::<Vec<_>>()
    };
    let move_file = async |from: &str, to: &str, replaces| {
        let moved = fixture.store.move_file(user.clone(), path(from), path(to), replaces, FileCondition::default());
        moved.await.expect("done")
    };
    assert_eq!(move_file("x", "x/y/n", true).await, FileOutcome::IntoItself);
    assert_eq!(move_file("x/y", "x", true).await, FileOutcome::IntoItself);
    assert_eq!(move_file("x", "x.z", false).await, FileOutcome::Exists);
    assert_eq!(move_file("n", "m", true).await, FileOutcome::NotFound);
    assert_eq!(move_file("x", "n/m", true).await, FileOutcome::NoParent);
    assert_eq!(move_file("x", "w", true).await, FileOutcome::done(true));
    assert_eq!(names(), ["w", "w/a", "w/y", "w/y/b", "x.z", "x.z/c"]);
    assert_eq!(move_file("w", "x.z", true).await, FileOutcome::done(false));
    assert_eq!(names(), ["x.z", "x.z/a", "x.z/y", "x.z/y/b"]);
    assert_eq!(fixture.bytes_of(&user, "x.z/y/b").expect("a file"), b"2");
    assert!(fixture.store.files(other.id).expect("files").is_empty());
    let delete = fixture.store.delete_file(user.clone(), path("x.z"), FileCondition::default());
    assert_eq!(delete.await.expect("done"), FileOutcome::done(false));
    assert!(names().is_empty());
    fixture.purged(0).await;
}

#[tokio::test]
async fn an_account_is_bounded_in_bytes_files_and_length_of_a_file() {
    let fixture = Fixture::with(|options| {
        options.quota.files.max_file_bytes = 100_000;
        options.quota.files.max_bytes = 150_000;
        options.quota.files.max_files = 3;
    });
    let user = fixture.user("ada").await;
    let over = FileOutcome::OverQuota;
    assert_eq!(fixture.put(&user, "a", &content(100_001, 1)).await, over(FileQuotaExceeded::FileBytes));
    assert!(matches!(fixture.put(&user, "a", &content(100_000, 1)).await, FileOutcome::Done { .. }));
    assert_eq!(fixture.put(&user, "b", &content(50_001, 1)).await, over(FileQuotaExceeded::Bytes));
    // A file does not count while it is replaced.
    assert!(matches!(fixture.put(&user, "a", &content(99_999, 1)).await, FileOutcome::Done { .. }));
    // A length that was not announced counts as it grows, and so do uploads beside each other.
    let mut unannounced =
        fixture.store.begin_upload(user.clone(), &path("b"), None).await.expect("begun").expect("room");
    let mut steps = Vec::new();
    for _ in 0..8 {
        steps.push(unannounced.write(&content(10_000, 3)).await.expect("written"));
    }
    assert!(steps.contains(&UploadStep::OverQuota(FileQuotaExceeded::Bytes)), "{steps:?}");
    drop(unannounced);
    let first = fixture.store.begin_upload(user.clone(), &path("b"), Some(30_000)).await.expect("begun").expect("room");
    let second = fixture.store.begin_upload(user.clone(), &path("c"), Some(30_000)).await.expect("begun");
    assert_eq!(second.expect_err("no room"), FileQuotaExceeded::Bytes);
    drop(first);
    for name in ["b", "c"] {
        assert!(matches!(fixture.put(&user, name, b"1").await, FileOutcome::Done { .. }));
    }
    assert_eq!(fixture.put(&user, "d", b"1").await, over(FileQuotaExceeded::Files));
    let folder = fixture.store.create_folder(user.clone(), path("d")).await.expect("done");
    assert_eq!(folder, over(FileQuotaExceeded::Files));
}

#[tokio::test]
async fn a_deleted_account_leaves_no_files_and_its_uploads_end() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    fixture.store.create_folder(user.clone(), path("x")).await.expect("done");
    fixture.put(&user, "x/a", &content(200_000, 1)).await;
    let mut upload = fixture.store.begin_upload(user.clone(), &path("b"), None).await.expect("begun").expect("room");
    upload.write(&content(200_000, 2)).await.expect("written");
    fixture.store.manage(Authority::Local, user.name.clone(), Change::Delete).await.expect("deleted");
    assert_eq!(upload.write(&content(100_000, 2)).await.expect("no error"), UploadStep::Stale);
    drop(upload);
    fixture.purged(0).await;
    assert!(fixture.store.files(user.id).expect("files").is_empty());
}

/// A purge transaction removes 256 chunks. Those of a content, and of a deleted account, are more.
#[tokio::test]
async fn contents_of_many_chunks_are_removed_slice_by_slice() {
    const CHUNKS: u32 = 600;
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    let store_content = |is_ended: bool| {
        let id = user.id;
        fixture.store.inner.writer.run(move |write| {
            let generation = write.new_generation()?;
            (0..CHUNKS).try_for_each(|number| write.put_bytes(id, generation, number, b"x"))?;
            if is_ended { write.end_generation(id, generation) } else { Ok(()) }
        })
    };
    store_content(true).await.expect("stored");
    fixture.purged(0).await;
    store_content(false).await.expect("stored");
    fixture.store.manage(Authority::Local, user.name.clone(), Change::Delete).await.expect("deleted");
    fixture.purged(0).await;
}

#[tokio::test]
async fn a_file_is_read_to_its_end_though_it_is_replaced() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    let old = content(400_000, 1);
    fixture.put(&user, "a", &old).await;
    let file = fixture.store.open_file(user.id, &path("a")).expect("open").expect("a file");
    let mut bytes = file.read_from(0).expect("read");
    fixture.put(&user, "a", b"new").await;
    for _ in 0..10 {
        fixture.store.inner.writer.run(|_| Ok(())).await.expect("a write");
    }
    while bytes.len() < old.len() {
        bytes.extend(file.read_from(bytes.len() as u64).expect("read"));
    }
    assert_eq!(bytes, old);
    drop(file);
    fixture.purged(1).await;
}

/// A copy of a folder pins only its first contents.
#[tokio::test]
async fn a_copy_is_given_up_where_a_content_goes_meanwhile() {
    for length in [10, FILE_CHUNK_LEN + 10] {
        let fixture = Fixture::new();
        let user = fixture.user("ada").await;
        fixture.store.create_folder(user.clone(), path("x")).await.expect("done");
        for name in ["x/1", "x/2", "x/3", "x/4", "x/5", "x/6"] {
            fixture.put(&user, name, &content(length, 1)).await;
        }
        let condition = FileCondition::default();
        let copy = fixture.store.copy_file(user.clone(), path("x"), path("y"), false, true, condition.clone());
        let mut copy = std::pin::pin!(copy);
        // It stands still unless it is polled: here once the first content is copied, before the next one is read.
        for _ in 0..2 {
            let is_pending = std::future::poll_fn(|cx| std::task::Poll::Ready(copy.as_mut().poll(cx).is_pending()));
            assert!(is_pending.await);
            fixture.store.inner.writer.run(|_| Ok(())).await.expect("a write");
        }
        fixture.store.delete_file(user.clone(), path("x"), condition).await.expect("deleted");
        // The contents that the copy pins stay.
        for _ in 0..100 {
            fixture.store.inner.writer.run(|_| Ok(())).await.expect("a write");
        }
        assert_eq!(fixture.chunks().1, 5);
        assert_eq!(copy.await.expect("no error"), FileOutcome::NotFound, "{length}");
        assert!(fixture.store.files(user.id).expect("files").is_empty());
        fixture.purged(0).await;
    }
}

#[tokio::test]
async fn chunks_of_an_upload_that_died_with_its_server_are_removed() {
    let fixture = Fixture::with(|options| options.is_server = true);
    let user = fixture.user("ada").await;
    let mut upload = fixture.store.begin_upload(user.clone(), &path("b"), None).await.expect("begun").expect("room");
    upload.write(&content(200_000, 2)).await.expect("written");
    std::mem::forget(upload);
    fixture.store.inner.writer.run(|_| Ok(())).await.expect("a write");
    assert_eq!(fixture.chunks(), (3, 1));
    fixture.advance_clock(60 * 60 + 1);
    fixture.purged(0).await;
}

#[tokio::test]
async fn a_server_that_starts_removes_what_uploads_before_it_left() {
    let fixture = Fixture::with(|options| options.is_server = true);
    let user = fixture.user("ada").await;
    let mut upload = fixture.store.begin_upload(user.clone(), &path("b"), None).await.expect("begun").expect("room");
    upload.write(&content(200_000, 2)).await.expect("written");
    let Fixture { store, dir, now } = fixture;
    // As if the process had been killed: nothing says that the upload has ended.
    store.inner.writer.run(|_| Ok(())).await.expect("a write");
    let copied = tempfile::tempdir().expect("dir");
    fs::copy(dir.path().join("data.mdb"), copied.path().join("data.mdb")).expect("copied");
    let mut options = StoreOptions::new(copied.path().to_owned());
    options.is_server = true;
    let other = Fixture { store: Store::open(options).expect("store"), now, dir: copied };
    other.purged(0).await;
    drop(upload);
    drop(store);
}

#[tokio::test]
async fn an_upload_that_was_given_up_is_no_file() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    let mut upload = fixture.store.begin_upload(user.clone(), &path("b"), None).await.expect("begun").expect("room");
    upload.write(&content(200_000, 2)).await.expect("written");
    fixture.advance_clock(60 * 60 + 1);
    fixture.purged(0).await;
    assert!(upload.write(&content(200_000, 2)).await.is_err());
    let finished = upload.finish(path("b"), FileCondition::default(), None).await;
    assert!(finished.is_err(), "{finished:?}");
    fixture.purged(0).await;
    assert_eq!(fixture.bytes_of(&user, "b"), None);
}

#[tokio::test]
async fn a_disk_with_little_space_takes_no_uploads() {
    let fixture = Fixture::with(|options| options.quota.min_free_disk = Some(u64::MAX));
    let user = fixture.user("ada").await;
    let refused = FileOutcome::OverQuota(FileQuotaExceeded::FreeDisk);
    assert_eq!(fixture.put(&user, "a", b"1").await, refused);
}

#[tokio::test]
async fn w5_a_database_is_withheld_when_the_data_file_is_another_one() {
    let fixture = Fixture::with(|options| options.is_server = true);
    let user = fixture.user("ada").await;
    for name in ["statistics.sqlite3", "book.json"] {
        fixture.put(&user, name, b"old").await;
    }
    let Fixture { store, dir, now } = fixture;
    let open = |path: &std::path::Path| {
        let mut options = StoreOptions::new(path.to_owned());
        options.is_server = true;
        let store = Store::open(options).expect("store");
        Fixture { store, now: now.clone(), dir: tempfile::tempdir().expect("dir") }
    };
    drop(store);
    let is_withheld = |fixture: &Fixture, name: &str| {
        fixture.store.file(user.id, &path(name)).expect("read").expect("a file").is_withheld
    };
    let same = open(dir.path());
    assert!(!is_withheld(&same, "statistics.sqlite3"));
    drop(same);
    let copied = tempfile::tempdir().expect("dir");
    fs::copy(dir.path().join("data.mdb"), copied.path().join("data.mdb")).expect("copied");
    for _ in 0..2 {
        let copy = open(copied.path());
        assert!(is_withheld(&copy, "statistics.sqlite3"));
        assert!(!is_withheld(&copy, "book.json"));
        assert_eq!(copy.bytes_of(&user, "statistics.sqlite3").expect("a file"), b"old");
    }
    let copy = open(copied.path());
    let tag = copy.store.file(user.id, &path("statistics.sqlite3")).expect("read").expect("a file").etag();
    let condition = FileCondition { matches: Some(EntityTags::Of(vec![tag])), ..FileCondition::default() };
    assert_eq!(copy.upload(&user, "statistics.sqlite3", b"new", condition).await, FileOutcome::PreconditionFailed);
    let outcome = copy.put(&user, "statistics.sqlite3", b"new").await;
    assert!(matches!(outcome, FileOutcome::Done { is_new: true, .. }), "{outcome:?}");
    assert!(!is_withheld(&copy, "statistics.sqlite3"));
    drop(copy);
    let backup = copied.path().join("backup.mdb");
    let copy = open(copied.path());
    copy.store.backup(&backup, false).expect("backup");
    drop(copy);
    let restored = copied.path().join("restored");
    crate::store::restore_backup(&backup, &restored).expect("restored");
    assert!(is_withheld(&open(&restored), "statistics.sqlite3"));
}

#[tokio::test]
async fn check_finds_what_is_wrong_with_files() {
    let fixture = Fixture::new();
    let user = fixture.user("ada").await;
    fixture.store.create_folder(user.clone(), path("x")).await.expect("done");
    fixture.put(&user, "x/a", &content(200_000, 1)).await;
    fixture.put(&user, "b", &content(10, 1)).await;
    fixture.put(&user, "c", &content(10, 1)).await;
    let (id, report) = (user.id, fixture.store.verify().expect("verified"));
    assert_eq!((report.files, report.problem_count), (3, 0), "{:?}", report.problems);
    let first = fixture.store.file(id, &path("x/a")).expect("read").expect("a file").generation;
    let wrong = move |write: &mut WriteTxn<'_, '_>| {
        let tables = write.tables;
        tables.file_chunks.put(write.txn, &ChunkKey { user: id, generation: first + 1, number: 0 }, b"other bytes")?;
        tables.file_chunks.put(write.txn, &ChunkKey { user: id, generation: first + 2, number: 0 }, &content(10, 2))?;
        tables.file_chunks.delete(write.txn, &ChunkKey { user: id, generation: first, number: 1 })?;
        tables.file_chunks.put(write.txn, &ChunkKey { user: id, generation: 99, number: 0 }, b"x")?;
        tables.files.delete(write.txn, &FileKey::new(id, &path("x")))?;
        Ok(())
    };
    fixture.store.inner.writer.run(wrong).await.expect("done");
    let problems = fixture.store.verify().expect("verified").problems.join("\n");
    for expected in [
        "account ada, file \"b\": its content has 11 bytes, but its record says 10",
        "account ada, file \"c\": its content is not what was uploaded",
        "account ada, file \"x/a\": part 1 of its content is missing",
        "account ada, file \"x/a\": its folder does not exist",
        "content 99 of account number 1 belongs to no file",
    ] {
        assert!(problems.contains(expected), "{problems}");
    }
}

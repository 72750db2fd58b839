//! Opening a store.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::*;
use crate::store::data_files::{DataFiles, create_data_dir, create_lock_file};
use crate::store::env::open_env;
use crate::store::records::UserRecord;

#[tokio::test]
async fn a_newer_format_is_refused_and_left_alone() {
    let Fixture { store, dir, .. } = Fixture::new();
    let Inner { env, tables, .. } = &*store.inner;
    let mut txn = env.write_txn().expect("txn");
    tables.meta.put(&mut txn, META_FORMAT, &(FORMAT + 1)).expect("put");
    txn.commit().expect("commit");
    drop(store);
    let before = fs::read(dir.path().join("data.mdb")).expect("file");
    let error = Store::open(StoreOptions::new(dir.path().to_owned())).expect_err("refused");
    assert!(matches!(error, Error::NewerFormat { found: 3, known: 2, .. }), "{error:?}");
    assert!(error.to_string().contains("newer version"), "{error}");
    assert_eq!(fs::read(dir.path().join("data.mdb")).expect("file"), before);
}

/// What is written to open files must be in the directory at the next start.
#[test]
fn a_directory_that_is_replaced_while_it_is_opened_is_noticed() {
    let outer = tempfile::tempdir().expect("dir");
    let [dir, away] = ["dir", "away"].map(|name| outer.path().join(name));
    create_data_dir(&dir).expect("created");
    let lock_file = create_lock_file(&dir).expect("lock file");
    let env = open_env(&dir, 1 << 20).expect("opened");
    let is_current = || DataFiles::new(&env, dir.clone(), lock_file).expect("files").is_current();
    assert!(is_current());
    fs::rename(&dir, &away).expect("renamed");
    assert!(!is_current());
    fs::create_dir(&dir).expect("another");
    for file in ["data.mdb", "lock.mdb"] {
        fs::copy(away.join(file), dir.join(file)).expect("copied");
    }
    assert!(!is_current());
}

#[test]
fn only_the_owner_can_read_a_new_directory() {
    let outer = tempfile::tempdir().expect("dir");
    let path = outer.path().join("new/deep");
    let store = Store::open(StoreOptions::new(path.clone())).expect("store");
    assert_eq!(fs::metadata(&path).expect("directory").permissions().mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(path.join("data.mdb")).expect("file").permissions().mode() & 0o077, 0);
    drop(store);
}

/// A store of a version without the index of names: an account that it created takes its name in any case, too [A7].
#[tokio::test]
#[cfg_attr(not(target_pointer_width = "64"), ignore = "the data files are of 64-bit programs")]
async fn an_index_of_names_that_is_incomplete_is_completed() {
    let taken = async |store: &Store, name: &str| {
        let name = Username::new(name).expect("name");
        store.create_user(name, StoredKey("key".into()), None).await.expect("an outcome") == CreateOutcome::Taken
    };
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/store/format-1/data.mdb");
    let dir = tempfile::tempdir().expect("dir");
    fs::copy(data, dir.path().join("data.mdb")).expect("copied");
    let options = || StoreOptions::new(dir.path().to_owned());
    let store = Store::open(options()).expect("store");
    let names: Vec<String> = store.users().expect("read").into_iter().map(|user| user.name.to_string()).collect();
    assert!(names.contains(&"admin".to_owned()), "{names:?}");
    for name in &names {
        assert!(taken(&store, &name.to_ascii_uppercase()).await, "{name}");
    }
    assert_eq!(store.verify().expect("read").problems, [""; 0]);
    assert!(!taken(&store, "Nora").await);

    // What the older version does once it is back: `zoe` comes, `Nora` goes, and the index knows of neither.
    let write = |write: &mut WriteTxn<'_, '_>| {
        let nora = write.tables.users.get(write.txn, "Nora")?.expect("exists");
        let zoe = UserRecord { id: write.new_user_id()?, ..nora };
        write.tables.users.put(write.txn, "zoe", &zoe)?;
        write.tables.users.delete(write.txn, "Nora")?;
        Ok(())
    };
    store.write_at_start(write).expect("written");
    assert_eq!(store.verify().expect("read").problems, ["account zoe: the index of names does not have it"]);
    drop(store);
    let store = Store::open(options()).expect("store");
    assert_eq!(store.verify().expect("read").problems, [""; 0]);
    assert!(taken(&store, "ZOE").await);
    assert!(!taken(&store, "nora").await);
}

//! Databases that LiteDB wrote with kosync-dotnet's calls, compared with what LiteDB reads in them.

use serde_json::Value;

use super::*;
use crate::import::source::SourceAccount;

fn expected(folder: &str) -> Vec<Value> {
    let expected: Value = serde_json::from_slice(&fixture(&format!("{folder}/expected.json"))).expect("json");
    expected["users"].as_array().expect("users").clone()
}

/// Returns an account in the format of the fixtures.
fn as_expected(account: &SourceAccount, id: &Value) -> Value {
    let documents: Vec<_> = account
        .positions
        .iter()
        .map(|position| {
            serde_json::json!({
                "document": position.document,
                "progress": position.progress,
                "percentage": position.percentage,
                "device": position.device,
                "device_id": position.device_id,
                "timestamp": position.timestamp,
            })
        })
        .collect();
    serde_json::json!({
        "id": id,
        "username": account.name,
        "password_hash": account.key,
        "is_active": account.active,
        "is_administrator": account.administrator,
        "documents": documents,
    })
}

/// Simplifies an account of a fixture: percentages are doubles, times are whole seconds, and a missing text is empty.
fn simplified(mut user: Value) -> Value {
    for document in user["documents"].as_array_mut().expect("documents") {
        let document = document.as_object_mut().expect("document");
        let percentage: f64 = document["percentage"].as_str().expect("decimal").parse().expect("number");
        document["percentage"] = percentage.into();
        let milliseconds = document.remove("timestamp_ms").and_then(|time| time.as_u64()).expect("time");
        document.insert("timestamp".into(), (milliseconds / 1000).into());
        for field in ["progress", "device"] {
            if document[field].is_null() {
                document[field] = "".into();
            }
        }
    }
    user
}

fn assert_expected(source: &Source, folder: &str) {
    assert_eq!(source.skipped, []);
    let expected = expected(folder);
    assert_eq!(source.accounts.len(), expected.len());
    for (account, expected) in source.accounts.iter().zip(expected) {
        assert_eq!(as_expected(account, &expected["id"]), simplified(expected));
    }
}

#[test]
fn a_small_database_is_read_as_litedb_reads_it() {
    let data = fixture("kosync-small/Kosync.db");
    assert!(is_litedb(&data[..64]));
    let source = read(&data, None).expect("readable");
    assert_expected(&source, "kosync-small");
    assert_eq!(read(&data, Some(&[])), Ok(source.clone()));

    let names: Vec<_> = source.accounts.iter().map(|account| account.name.as_str()).collect();
    assert_eq!(names, ["admin", "ann", "Zoë 读者", "bob", "empty"]);
    assert!(source.accounts[0].administrator && !source.accounts[1].administrator);
    assert!(!source.accounts[3].active);
}

#[test]
fn a_large_database_with_reused_pages_is_read_as_litedb_reads_it() {
    let source = read(&fixture("kosync-large/Kosync.db"), None).expect("readable");
    assert_expected(&source, "kosync-large");
    assert_eq!(source.accounts.len(), 201);
    assert_eq!(source.accounts.iter().map(|account| account.positions.len()).max(), Some(2000));
}

#[test]
fn the_latest_positions_are_only_in_the_log() {
    let [data, log] = ["Kosync.db", "Kosync-log.db"].map(|name| fixture(&format!("kosync-unclean-shared/{name}")));
    let source = read(&data, Some(&log)).expect("readable");
    assert_expected(&source, "kosync-unclean-shared");

    // Without the log the same file looks whole and lacks the last push.
    let stale = read(&data, None).expect("readable");
    assert_eq!(stale.skipped, []);
    assert_ne!(stale, source);
    let count = |source: &Source| source.accounts.iter().map(|account| account.positions.len()).sum::<usize>();
    assert!(count(&stale) < count(&source));

    // The same with a log that is cut off before the transaction is confirmed, even within a page.
    for length in [0, PAGE, log.len() - PAGE, log.len() - 1] {
        assert_eq!(read(&data, Some(&log[..length])), Ok(stale.clone()));
    }
    // Applying the log twice changes nothing.
    assert_eq!(read(&data, Some(&[&log[..], &log].concat())), Ok(source));
}

/// LiteDB was killed while it copied the log into the data file. The log is missing.
#[test]
fn pages_behind_the_end_tell_of_a_missing_log() {
    let [mut data, log] = ["Kosync.db", "Kosync-log.db"].map(|name| fixture(&format!("kosync-unclean-shared/{name}")));
    let whole = read(&data, Some(&log)).expect("readable");
    let next = u32::try_from(data.len() / PAGE).expect("few pages").to_le_bytes();
    let copied = log.chunks_exact(PAGE).find(|page| page[..4] == next).expect("a new page");
    data.extend_from_slice(copied);
    let stale = read(&data, None).expect("readable");
    assert_eq!(stale.skipped.len(), 1);
    assert!(
        stale.skipped[0].reason.to_string().contains("its log (Kosync-log.db beside Kosync.db) was not copied with it")
    );
    assert_eq!(read(&data, Some(&log)), Ok(whole));
}

#[test]
fn a_log_of_another_database_is_refused() {
    let (data, log) = (fixture("kosync-small/Kosync.db"), fixture("kosync-unclean-shared/Kosync-log.db"));
    assert_eq!(read(&data, Some(&log)), Err(DatabaseFault::ForeignLog));
}

#[test]
fn a_database_with_a_password_is_refused() {
    let data = fixture("kosync-encrypted/Kosync.db");
    assert!(is_litedb(&data[..64]) && is_litedb(&data));
    let refused = read(&data, None).expect_err("encrypted");
    assert_eq!(refused, DatabaseFault::Encrypted);
    assert!(refused.to_string().contains("is encrypted"), "{refused}");
}

#[test]
fn other_files_are_recognised_by_their_first_bytes() {
    let small = fixture("kosync-small/Kosync.db");
    let changed = |at: usize, byte: u8| {
        let mut data = small.clone();
        data[at] = byte;
        read(&data, None)
    };
    assert_eq!(changed(59, 9), Err(DatabaseFault::UnknownVersion { version: 9 }));
    assert_eq!(changed(191, 1), Err(DatabaseFault::NeedsRebuild));
    assert_eq!(changed(32, b'x'), Err(DatabaseFault::NotLiteDb));
    assert_eq!(read(&[], None), Err(DatabaseFault::Empty));
    assert_eq!(read(&small[..60], None), Err(DatabaseFault::MissingPage { page: 0 }));

    let mut old = vec![0; 4096];
    old[25..52].copy_from_slice(TITLE);
    old[52] = 7;
    assert!(is_litedb(&old[..64]));
    assert_eq!(read(&old, None), Err(DatabaseFault::TooOld));

    let mut unencrypted = vec![0; 8192];
    unencrypted[..32].fill(1);
    for other in [&b"SQLite format 3\0"[..], b"REDIS0011", b"{}", b"", b"\x01", &unencrypted, &[0; 64]] {
        assert!(!is_litedb(other), "{other:?}");
    }
}

#[test]
fn the_log_is_beside_the_data_file() {
    for (data, log) in [
        ("Kosync.db", "Kosync-log.db"),
        ("/data/my.books/Kosync", "/data/my.books/Kosync-log"),
        ("a/Kosync.old.db", "a/Kosync.old-log.db"),
    ] {
        assert_eq!(log_path(data.as_ref()), Path::new(log));
    }
}

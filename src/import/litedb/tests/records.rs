//! Records that kosync-dotnet does not write: which are read, and why the others are skipped.

use super::build::{self, KEY, documents, element, text, user};
use super::*;
use crate::import::{SkippedRecord, SourceAccount, SourcePosition};

fn read_all(records: &[Vec<u8>]) -> Source {
    read(&build::database(records), None).expect("readable")
}

/// Returns the texts of skipped records.
fn texts(skipped: &[SkippedRecord]) -> Vec<(String, String)> {
    skipped.iter().map(|skipped| (skipped.record.to_string(), skipped.reason.to_string())).collect()
}

fn skipped(record: &str, reason: &str) -> (String, String) {
    (record.to_owned(), reason.to_owned())
}

/// Reads one user `ann` with these documents.
fn positions(all: &[Vec<u8>]) -> (Vec<SourcePosition>, Vec<SkippedRecord>) {
    let mut source = read_all(&[user("ann", &[documents(all)])]);
    (source.accounts.remove(0).positions, source.skipped)
}

fn position(more: &[Vec<u8>]) -> Vec<u8> {
    build::document(&[&[text("DocumentHash", "d")], more].concat())
}

#[test]
fn a_missing_field_has_the_default_of_kosync_dotnet() {
    let source = read_all(&[user("ann", &[])]);
    let ann = SourceAccount {
        name: "ann".into(),
        key: KEY.into(),
        active: true,
        administrator: false,
        positions: Vec::new(),
    };
    assert_eq!(source, Source { accounts: vec![ann], skipped: Vec::new(), any_case: true });

    let nothing = SourcePosition {
        document: "d".into(),
        progress: String::new(),
        percentage: 0.0,
        device: String::new(),
        device_id: None,
        timestamp: 0,
    };
    let null = ["Progress", "Percentage", "Device", "DeviceId", "Timestamp"].map(|name| element(0x0a, name, &[]));
    assert_eq!(positions(&[position(&[]), position(&null)]), (vec![nothing.clone(), nothing], Vec::new()));
}

#[test]
fn unknown_fields_are_ignored() {
    let unknown = element(3, "Unknown", &build::document(&[element(0xff, "x", &[]), element(7, "y", &[1; 12])]));
    let source = read_all(&[user("ann", &[unknown.clone(), documents(&[position(&[unknown])])])]);
    assert_eq!((source.accounts.len(), source.accounts[0].positions.len(), source.skipped.len()), (1, 1, 0));
}

#[test]
fn numbers_and_times_may_have_several_types() {
    let half = element(1, "Percentage", &0.5_f64.to_le_bytes());
    let one = element(0x10, "Percentage", &1_i32.to_le_bytes());
    let day = |kind| element(kind, "Timestamp", &86_400_999_i64.to_le_bytes());
    let never = element(9, "Timestamp", &(-62_135_596_800_000_i64).to_le_bytes());
    let (positions, skipped) = positions(&[position(&[half, day(9)]), position(&[one, day(0x12)]), position(&[never])]);
    let read: Vec<_> = positions.iter().map(|position| (position.percentage, position.timestamp)).collect();
    assert_eq!((read, skipped), (vec![(0.5, 86_400), (1.0, 86_400), (0.0, 0)], Vec::new()));
}

/// Some clients send the plain password, which kosync-dotnet stores. Its MD5 is the key, as at a login.
#[test]
fn a_plain_password_becomes_a_key() {
    let record = build::document(&[text("Username", "ann"), text("PasswordHash", "password")]);
    assert_eq!(read_all(&[record]).accounts[0].key, KEY);
}

#[test]
fn invalid_accounts_are_skipped_with_a_reason() {
    let nameless = build::document(&[element(0x10, "_id", &[5, 0, 0, 0]), text("PasswordHash", KEY)]);
    let keyless = build::document(&[text("Username", "bob")]);
    let numeric = build::document(&[element(0x10, "Username", &[0; 4])]);
    let unsure = user("carl", &[element(0x10, "IsActive", &[0; 4])]);
    let mut broken = user("dora", &[documents(&[])]);
    let end = broken.len() - 1;
    broken[end] = 1;
    let source = read_all(&[user("ann", &[]), nameless, keyless, numeric, unsure, broken, user("a:b\n", &[])]);
    assert_eq!(source.accounts.len(), 1);
    assert_eq!(
        texts(&source.skipped),
        [
            skipped("the account with _id 5", "it has no name"),
            skipped("account bob", "it has no key"),
            skipped("the account in page 6, slot 0", "its name is not a text"),
            skipped("account carl", "its IsActive is neither true nor false"),
            skipped("account dora", "the record is damaged: a length in it is wrong"),
            skipped("account a:b\u{fffd}", "username may not contain a colon"),
        ]
    );
}

#[test]
fn invalid_positions_are_skipped_with_a_reason() {
    let not_finite = position(&[element(1, "Percentage", &f64::NAN.to_le_bytes())]);
    let endless = position(&[text("Progress", &"x".repeat(3000)), text("Device", &"x".repeat(513))]);
    let unknown = position(&[element(0x0d, "x", &[])]);
    let worded = position(&[text("Percentage", "0.5")]);
    let all = [position(&[]), build::document(&[]), not_finite, endless, unknown, worded, position(&[])];
    let (positions, skipped_records) = positions(&all);
    assert_eq!(positions.len(), 2);
    assert_eq!(
        texts(&skipped_records),
        [
            skipped("account ann, document 2", "it has no id"),
            skipped("account ann, document 3", "percentage is not a finite number"),
            skipped("account ann, document 4", "device is longer than 512 bytes"),
            skipped("account ann, document 5", "the record is damaged: unknown type of value"),
            skipped("account ann, document 6", "its percentage is not a number"),
        ]
    );
}

#[test]
fn positions_before_the_damage_in_a_list_are_read() {
    let list = build::document(&[element(3, "0", &position(&[])), element(0x10, "1", &[0; 4]), vec![0x0d]]);
    let source = read_all(&[user("ann", &[element(4, "Documents", &list)]), user("bob", &[text("Documents", "none")])]);
    assert_eq!(source.accounts.iter().map(|account| account.positions.len()).collect::<Vec<_>>(), [1, 0]);
    assert_eq!(
        texts(&source.skipped),
        [
            skipped("account ann, document 2", "it is not a document"),
            skipped(
                "account ann, document 3 and all after it",
                "the record is damaged: it ends in the middle of a value"
            ),
            skipped("account bob, all documents", "the field is not a list"),
        ]
    );
}

#[test]
fn a_database_without_users_is_refused() {
    let mut data = build::database(&[user("ann", &[])]);
    build::put(&mut data, 192 + 5, b"other");
    assert_eq!(read(&data, None), Err(DatabaseFault::NoUsers));
    // A new file of LiteDB: not even an empty document.
    data[192..300].fill(0);
    assert_eq!(read(&data, None), Err(DatabaseFault::NoUsers));
}

#[test]
fn the_name_of_the_collection_ignores_case() {
    let mut data = build::database(&[user("ann", &[])]);
    build::put(&mut data, 192 + 5, b"Users");
    assert_eq!(read(&data, None).map(|source| source.accounts.len()), Ok(1));
}

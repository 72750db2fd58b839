//! What rows look like on the disk, and that older and newer ones are read.

use proptest::prelude::*;

use super::*;
use crate::store::log_time::LogTime;
use crate::store::records::{
    AliasListRecord, AliasRecord, DocumentRecord, LogLink, LogRecord, ProgressRecord, ProgressSize, UserRecord,
};

fn packed<T: Encode<()>>(record: &T) -> Vec<u8> {
    Packed::bytes_encode(record).expect("packed").into_owned()
}

fn unpacked<'a, T: Decode<'a, ()> + Deserialize<'a> + 'a>(row: &'a [u8]) -> Result<T, String> {
    Packed::<T>::bytes_decode(row).map_err(|error| error.to_string())
}

fn entry(document: &str, device_id: Option<&str>) -> LogRecord {
    let position = Progress::new("/p[1]".into(), 0.5, "Kobo".into(), device_id.map(str::to_owned));
    LogRecord {
        user: UserId(7),
        document: Document::new(document).expect("an id"),
        position: Progress { timestamp: 0x0102_0304, ..position.expect("a position") },
        pushes: 1,
        previous: Some(300),
        outcome: None,
    }
}

fn progress_record() -> ProgressRecord {
    let LogRecord { position, .. } = entry("ab", None);
    ProgressRecord {
        position,
        sequence: 300,
        entries: 3,
        thinned: 0,
        bytes: Some(40),
        state: None,
        identifiers: None,
        book: None,
        folded: None,
    }
}

/// Every later version must read these bytes.
#[test]
fn a_row_is_a_version_and_an_array_of_fields() {
    let position = |device_id: &[u8]| {
        let percentage = [0xfb, 0x3f, 0xe0, 0, 0, 0, 0, 0, 0];
        [b"\x85\x65/p[1]", &percentage[..], b"\x64Kobo", device_id, b"\x1a\x01\x02\x03\x04"].concat()
    };
    let log = [b"\x02\x85\x07\x41\xab", &position(b"\xd7\x41\xcd")[..], b"\x01\x19\x01\x2c"].concat();
    assert_eq!(packed(&entry("ab", Some("CD"))), log);
    assert_eq!(unpacked::<LogLink>(&log).expect("a link").previous, Some(300));
    let time: LogTime = unpacked(&log).expect("a time");
    assert_eq!((time.position.timestamp, time.previous), (0x0102_0304, Some(300)));

    let progress = [b"\x02\x85", &position(b"\xf6")[..], b"\x19\x01\x2c\x03\x00\x18\x28"].concat();
    assert_eq!(packed(&progress_record()), progress);
    let size: ProgressSize = unpacked(&progress).expect("a size");
    assert_eq!((size.sequence, size.entries, size.bytes), (300, 3, Some(40)));

    let identifiers: Identifiers = "md5:ab,isbn:97x".parse().expect("identifiers");
    let packed_identifiers = PackedIdentifiers::new(&identifiers).expect("packed");
    let identified = ProgressRecord { identifiers: Some(packed_identifiers), ..progress_record() };
    // Field 5 is empty.
    let row = [b"\x02\x87", &progress[2..], b"\xf6\x84\x63md5\x41\xab\x64isbn\x6397x"].concat();
    assert_eq!(packed(&identified), row);
    let unpacked_record: ProgressRecord = unpacked(&row).expect("a record");
    assert_eq!(unpacked_record.identifiers.expect("some").unpack().expect("unpacked"), identifiers);

    let alias = AliasRecord { document: Document::new("ab").expect("an id") };
    assert_eq!(packed(&alias), b"\x02\x81\x41\xab");
    let values = ["cd", "x.1"].map(|value| Document::new(value).expect("a value")).to_vec();
    assert_eq!(packed(&AliasListRecord { values }), b"\x02\x81\x82\x41\xcd\x63x.1");

    let about = DocumentRecord { metadata: Metadata::new(None, Some("Emma".into()), None), name: None };
    assert_eq!(packed(&about), b"\x02\x81\x83\xf6\x64Emma\xf6");

    let key = StoredKey("$argon2id$".into());
    let user = UserRecord {
        id: UserId(7),
        key,
        active: true,
        administrator: false,
        documents: 2,
        created: 9,
        last_used: 0,
        rewrites: 1,
        position_rule: None,
        preferences: None,
        renames: None,
    };
    assert_eq!(packed(&user), b"\x02\x88\x07\x6a$argon2id$\xf5\xf4\x02\x09\x00\x01");
    let user = UserRecord { position_rule: Some(PositionRule::Last), ..user };
    assert_eq!(packed(&user), b"\x02\x89\x07\x6a$argon2id$\xf5\xf4\x02\x09\x00\x01\x02");
}

#[test]
fn a_row_may_have_more_fields_or_fewer() {
    let mut row = packed(&progress_record());
    // Fields 5 to 9 of a later version, of which the first ones are not set.
    row[1] += 5;
    row.extend_from_slice(b"\xf6\xf6\xf6\xf6\x82\x01\x65later");
    assert_eq!(unpacked::<ProgressRecord>(&row).expect("a record").bytes, Some(40));
    assert_eq!(unpacked::<ProgressSize>(&row).expect("a size").bytes, Some(40));
    let uncounted = ProgressRecord { bytes: None, ..progress_record() };
    assert_eq!(packed(&uncounted)[1], 0x84, "the last field is left out");
    assert_eq!(unpacked::<ProgressRecord>(&packed(&uncounted)).expect("a record").bytes, None);
}

#[test]
fn a_row_of_format_1_is_read() {
    let row = br#"{"user":7,"document":"ab","position":{"progress":"p","percentage":0.5,"device":"d"},"previous":3}"#;
    assert!(is_old(row) && !is_old(&packed(&entry("ab", None))));
    let entry: LogRecord = unpacked(row).expect("an entry");
    assert_eq!((entry.document.as_str(), entry.previous, entry.pushes), ("ab", Some(3), 1));
}

#[test]
fn a_row_that_is_not_one_is_an_error_that_says_why() {
    let mut row = packed(&entry("ab", None));
    for length in 0..row.len() {
        assert!(unpacked::<LogRecord>(&row[..length]).is_err(), "{length}");
    }
    assert!(unpacked::<LogRecord>(b"\x03\x80").expect_err("refused").contains("version is 3"));
    row.push(0);
    assert!(unpacked::<LogRecord>(&row).expect_err("refused").contains("1 bytes follow"));
    // A colon is in no id.
    let row = [&[2, 0x85, 7, 0x61, b':'], &packed(&entry("ab", None))[5..]].concat();
    assert!(unpacked::<LogRecord>(&row).expect_err("refused").contains("colon"));
}

#[test]
fn hexadecimal_ids_take_half_the_room() {
    let length = |id: &str| packed(&entry(id, None)).len();
    let digits = "0b229176d4e8db7f6d2b5a4952368d7a";
    assert_eq!(length(digits) - length("ab"), 15);
    assert_eq!(length(&digits.to_uppercase()) - length(digits), 1);
    assert_eq!(length(&digits.replace('0', "B")) - length(digits), 17, "digits of both cases stay text");
}

proptest! {
    #[test]
    fn every_id_is_read_as_it_was_written(id in "[0-9a-f]{0,130}|[0-9A-F]{0,130}|[0-9a-fA-F]{1,8}|\\PC{0,70}") {
        let mut row = Vec::new();
        encode_id(&id, &mut Encoder::new(&mut row)).expect("encoded");
        prop_assert_eq!(decode_id(&mut Decoder::new(&row)).expect("decoded"), id);
    }

    #[test]
    fn no_bytes_make_a_read_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0_usize..60) {
        let mut row = packed(&entry("ab", Some("CD")));
        row.splice(at.min(row.len()).., bytes);
        let _ = unpacked::<LogRecord>(&row);
        let _ = unpacked::<LogLink>(&row);
        let _ = unpacked::<LogTime>(&row);
        let _ = unpacked::<UserRecord>(&row);
        let _ = unpacked::<DocumentRecord>(&row);
        let _ = unpacked::<AliasListRecord>(&row);
        let _ = PackedIdentifiers(row.get(1..).unwrap_or_default().to_vec()).unpack();
        let _ = PackedIdentifiers::decode(&mut Decoder::new(&row), &mut ());
    }
}

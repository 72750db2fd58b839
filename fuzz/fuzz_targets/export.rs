//! An export, or what pretends to be one: read to its end, and what is read of it is what an export of it says again.
#![no_main]

use kosync::import::RecordError;
use kosync::import::lines::{Reader, Writer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut taken = Vec::new();
    for record in Reader::new(input) {
        match record {
            Ok(record) => taken.push(record),
            Err(RecordError::Skipped(_)) => {}
            Err(RecordError::Unreadable(_)) => return,
        }
    }
    let mut written = Vec::new();
    let mut writer = Writer::new(&mut written).expect("memory");
    taken.iter().for_each(|record| writer.put(record).expect("memory"));
    writer.finish().expect("memory");
    let again: Vec<_> = Reader::new(&written[..]).map(|record| record.expect("our own")).collect();
    assert_eq!(taken, again);
});

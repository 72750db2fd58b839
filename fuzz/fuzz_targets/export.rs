//! Reads arbitrary bytes as an export. What can be read must survive being exported and read again.
#![no_main]

use kosync::import::{ExportReader, ExportWriter, RecordError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let mut records = Vec::new();
    for record in ExportReader::new(input) {
        match record {
            Ok(record) => records.push(record),
            Err(RecordError::Skipped(_)) => {}
            Err(_) => return,
        }
    }
    let mut export = Vec::new();
    let mut writer = ExportWriter::new(&mut export).expect("memory");
    records.iter().for_each(|record| writer.put(record).expect("memory"));
    writer.finish().expect("memory");
    let again: Vec<_> = ExportReader::new(&export[..]).map(|record| record.expect("our own export")).collect();
    assert_eq!(records, again);
});

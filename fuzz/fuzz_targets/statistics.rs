//! Reads arbitrary bytes as KOReader's statistics: an SQLite file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| kosync::fuzzing::statistics(input));

//! A database of kosync-dotnet, or its log, or what pretends to be one of them.
#![no_main]

use kosync::import::litedb;
use libfuzzer_sys::fuzz_target;

const WHOLE: &[u8] = include_bytes!("../../tests/fixtures/kosync-dotnet/kosync-unclean-shared/Kosync.db");

fuzz_target!(|input: &[u8]| {
    let _ = litedb::is_litedb(input);
    let _ = litedb::read(input, None);
    let _ = litedb::read(WHOLE, Some(input));
});

//! Reads arbitrary bytes as kosync-dotnet's database, and as the log of an intact one.
#![no_main]

use kosync::import::Origin;
use libfuzzer_sys::fuzz_target;

const INTACT: &[u8] = include_bytes!("../../tests/fixtures/kosync-dotnet/kosync-unclean-shared/Kosync.db");

fuzz_target!(|input: &[u8]| {
    let _ = Origin::from_litedb(input, None);
    let _ = Origin::from_litedb(INTACT, Some(input));
});

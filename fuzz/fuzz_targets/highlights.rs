//! Reads arbitrary bytes as both kinds of files with highlights.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    for name in ["0123456789abcdef0123456789abcdef.json", "2026 Austen - Emma.json"] {
        kosync::fuzzing::highlights(name, input);
    }
});

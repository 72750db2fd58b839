//! Reads databases that LiteDB wrote, databases that are made here, and damaged ones.

use super::pages::PAGE;
use super::*;

mod build;
mod fixtures;
mod hostile;
mod records;

/// Reads a fixture in `tests/fixtures/kosync-dotnet`, and unpacks it if it is compressed.
fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/kosync-dotnet").join(name);
    if path.exists() {
        return std::fs::read(&path).expect("fixture");
    }
    let unpacked = std::process::Command::new("gzip").arg("-dc").arg(path.with_added_extension("gz")).output();
    let unpacked = unpacked.expect("gzip");
    assert!(unpacked.status.success(), "gzip: {name}");
    unpacked.stdout
}

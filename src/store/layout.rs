//! Which systems can read an LMDB file: its format depends on the word size and the byte order of the program that wrote it.
//!
//! LMDB itself reports a file of another layout like one that is no LMDB file at all.

use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// First four bytes of LMDB's meta page, as a number.
const MAGIC: u32 = 0xBEEF_C0DE;
/// Bytes at the start of a file that tell its layout.
pub(crate) const START_LEN: usize = 20;

/// Word size and byte order of the program that wrote an LMDB file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Layout {
    is_64_bit: bool,
    is_big_endian: bool,
}

impl Layout {
    /// The layout that this program reads and writes.
    const NATIVE: Self =
        Self { is_64_bit: cfg!(target_pointer_width = "64"), is_big_endian: cfg!(target_endian = "big") };

    /// Recognizes a layout by the first [`START_LEN`] bytes of a file. Returns `None` if it is no LMDB file.
    pub(crate) fn of(start: &[u8]) -> Option<Self> {
        // Before the meta page's content, each page has its number, of a word, and eight more bytes.
        [(true, 16), (false, 12)].into_iter().find_map(|(is_64_bit, offset)| {
            let magic = *start.get(offset..)?.first_chunk()?;
            [false, true].into_iter().find_map(|is_big_endian| {
                let number = if is_big_endian { u32::from_be_bytes(magic) } else { u32::from_le_bytes(magic) };
                (number == MAGIC).then_some(Self { is_64_bit, is_big_endian })
            })
        })
    }

    /// Returns the layout of a file if it is another than ours.
    pub(super) fn foreign(file: &File) -> io::Result<Option<Self>> {
        let mut start = [0; START_LEN];
        match file.read_exact_at(&mut start, 0) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
            Err(error) => Err(error),
            Ok(()) => Ok(Self::of(&start).filter(|layout| !layout.is_native())),
        }
    }

    /// Returns whether this program can read the file.
    pub(crate) fn is_native(self) -> bool {
        self == Self::NATIVE
    }

    /// Says how to move a data directory of this layout to this program.
    pub(super) fn data_dir_advice(self, dir: &Path) -> String {
        format!(
            "{}; run `kosync --data-dir {} export kosync.jsonl` with a {self} kosync, then `kosync --data-dir NEW import kosync.jsonl` with \
             this one",
            self.reason("data.mdb"),
            dir.display()
        )
    }

    /// Says how to move a backup of this layout to this program.
    pub(crate) fn backup_advice(self, file: &Path) -> String {
        format!(
            "{}; run `kosync --data-dir OLD restore {}` and `kosync --data-dir OLD export kosync.jsonl` with a {self} kosync, then `kosync \
             --data-dir NEW import kosync.jsonl` with this one",
            self.reason("it"),
            file.display()
        )
    }

    fn reason(self, subject: &str) -> String {
        format!("{subject} was written by a {self} program, and this one is {}: LMDB's files differ", Self::NATIVE)
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_64_bit { "64-bit" } else { "32-bit" })?;
        // Nearly all systems are little-endian.
        if self.is_big_endian { f.write_str(" big-endian") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_layout_is_recognized_by_the_bytes_of_a_file() {
        // As LMDB writes them on x86_64 and i686: page number, padding, flag of a meta page, magic, version.
        let bits_64 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0xde, 0xc0, 0xef, 0xbe, 1, 0, 0, 0];
        let bits_32 = [0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0xde, 0xc0, 0xef, 0xbe, 1, 0, 0, 0];
        assert_eq!(Layout::of(&bits_64), Some(Layout { is_64_bit: true, is_big_endian: false }));
        assert_eq!(Layout::of(&bits_32), Some(Layout { is_64_bit: false, is_big_endian: false }));
        let big_endian_64 = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0, 0xbe, 0xef, 0xc0, 0xde, 0, 0, 0, 1];
        assert_eq!(Layout::of(&big_endian_64).map(|layout| layout.to_string()), Some("64-bit big-endian".to_owned()));
        for other in [&b""[..], b"{\"kosync_export\":{\"format\":1}}", &bits_64[..19], &[0; 64]] {
            assert_eq!(Layout::of(other), None, "{other:?}");
        }
    }
}

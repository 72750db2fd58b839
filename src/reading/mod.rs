//! Reads what KOReader keeps in an account's folder: reading times from its statistics, and highlights.
//!
//! Pure functions of a file's bytes. Files come from devices, and from attackers with their passwords, so every reader here is bounded in
//! memory and time, and takes nothing in a file on trust.
//!
//! Imports point down this list: `statistics` (the SQLite file), `times` (what its page readings add up to); `highlights` (the JSON
//! files), `merge` (what they say together).

mod highlights;
mod merge;
#[cfg(feature = "statistics")]
mod statistics;
#[cfg(all(test, feature = "statistics"))]
pub(crate) mod test_files;
#[cfg_attr(not(feature = "statistics"), allow(dead_code, reason = "only rows of another build are read then"))]
mod times;

pub(crate) use self::highlights::{MAX_JSON_BYTES, md5_of_name, read_highlights};
pub(crate) use self::merge::{BookHighlights, Highlight, HighlightSource, merge_highlights};
#[cfg(feature = "statistics")]
pub(crate) use self::statistics::read_statistics;
pub(crate) use self::times::{BookTimes, DayTimes, ReadingTimes};

/// Why a file cannot be read. The text ends the sentence "It cannot be read: ...".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unreadable {
    /// The server is stopping, or the store failed. Nothing is known about the file.
    #[error("it was not read to its end")]
    Interrupted,
    /// The file is at fault.
    #[error("{0}")]
    File(String),
}

impl Unreadable {
    fn file(reason: impl Into<String>) -> Self {
        Self::File(reason.into())
    }
}

/// Trims a text of a file, and cuts it after at most `max` bytes.
///
/// Older versions of KOReader wrote the null byte behind the titles and authors of PDFs.
fn trimmed(text: &str, max: usize) -> &str {
    let is_blank = |c: char| c.is_whitespace() || c.is_control();
    let text = text.trim_matches(is_blank);
    text[..text.floor_char_boundary(max)].trim_end_matches(is_blank)
}

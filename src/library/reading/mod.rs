//! Computes reading times and highlights from an account's files, and keeps them in the store.
//!
//! A [`ReadingWorker`] reads the files in the background; pages and the API read rows. A row is only as new as the files were when the
//! worker last ran, so [`load_state`] asks for another run where they have changed.
//!
//! Imports point down this list: `worker`, `titles` (whose an export is), `lookup`, `inputs` (which files count), `rows` (their form in the
//! store).

mod inputs;
mod lookup;
mod rows;
#[cfg(all(test, feature = "statistics"))]
mod tests;
mod titles;
mod worker;

#[cfg(feature = "mqtt")]
pub(crate) use self::lookup::find_times;
pub(crate) use self::lookup::{
    BookReading, HighlightedBook, ReadBooks, StatisticsBook, TimedBook, books_timed_on, count_highlights,
    each_statistics_book, find_book, find_highlights, find_read_document, find_statistics_book, highlighted_books,
    load_state, names_of_book,
};
pub(crate) use self::rows::{FileNote, HighlightsState, TimesState, UnreadFile};
pub(crate) use self::worker::ReadingWorker;

//! Computes what an account has read, for the pages, the JSON API and MQTT. Its source is the store.
//!
//! Of pushes nothing here is stored: a push writes the position and its history, and nothing else. Reading all documents of an account
//! is what costs, so [`scan`] does it in slices, one at a time, and an [`ActivityCache`] keeps what the histories add up to.

mod activity;
mod activity_cache;
mod activity_counts;
mod book;
mod book_counts;
mod book_history;
mod book_list;
mod calendar;
mod devices;
mod matching;
pub(crate) mod reading;
pub(crate) mod scan;
mod scan_queue;
mod search;
mod shelves;
mod sorted_books;
mod suggestions;
mod totals;

pub(crate) use self::activity::Activity;
pub(crate) use self::activity_cache::{ActivityCache, days_of};
#[cfg(feature = "mqtt")]
pub(crate) use self::book::FINISHED;
pub(crate) use self::book::Title;
pub(crate) use self::book_history::BookHistory;
#[cfg(any(feature = "mqtt", test))]
pub(crate) use self::book_list::look_up;
pub(crate) use self::book_list::{BookList, BookQuery, BookRef, look_up_slice};
pub(crate) use self::calendar::Run;
#[cfg(feature = "mqtt")]
pub(crate) use self::calendar::Streak;
pub(crate) use self::devices::{Device, DeviceMark, DeviceMarks, titles};
pub(crate) use self::matching::{MatchingMethod, matching_method};
pub(crate) use self::reading::ReadingWorker;
pub(crate) use self::search::SearchWords;
#[cfg(feature = "mqtt")]
pub(crate) use self::shelves::reading_until;
pub(crate) use self::shelves::{BookActivity, READING_DAYS};
pub(crate) use self::sorted_books::{BookOrder, BookSelection, ListedBook, SortedBooks, Wanted};
pub(crate) use self::suggestions::{Reason, Suggestion, suggestions};
pub(crate) use self::totals::TotalsCounter;
pub(crate) use crate::model::{Shelf, ShelfMove};

//! The books of a day: from where to where each was read, on what, and for how long.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::codec::{encode, path_segment};
use super::context::Dashboard;
use super::cover::Cover;
use super::device_tags::shown;
use super::error::PageError;
use super::lines;
use super::marker::Marker;
use super::reading_record::ReadingRecord;
use super::session::CurrentUser;
use super::year_view::rounded;
use crate::library::reading::{TimedBook, books_timed_on, find_read_document};
use crate::library::scan::SLICE;
use crate::library::{BookHistory, Title};
use crate::model::{Document, UserId};
use crate::state::AppState;
use crate::store::{DocumentEntry, HistoryEntry};

/// Books of a day that are shown, those of which most was read.
const MAX_BOOKS: usize = 20;
/// Devices that a book names.
const MAX_DEVICES: usize = 4;
/// Books that only the statistics have, of which those of a day are counted.
const MAX_TIMED: usize = 500;
/// The least of a book that the rest of a day is worth a sentence.
const MIN_REST: f64 = 0.005;

/// A device that a book was read on.
pub(super) struct DayDevice {
    pub(super) marker: Option<Marker>,
    pub(super) name: String,
}

/// A book that was read on a day.
pub(super) struct DayBookView {
    pub(super) path: String,
    pub(super) cover: Cover,
    pub(super) title: Title,
    /// What was read of it, as the path of a bar that is 100 wide. `None` if only the time is known.
    pub(super) bar: Option<String>,
    /// `from 12 % to 20 %, 35 min`.
    pub(super) text: String,
    pub(super) devices: Vec<DayDevice>,
}

/// The books of a day.
pub(super) struct DayBooks {
    /// Those of which most was read first.
    pub(super) books: Vec<DayBookView>,
    /// How many more there were that have a page.
    pub(super) more: usize,
    /// Whether there were others, which are hidden or deleted.
    pub(super) has_others: bool,
}

/// What the positions of a day say.
#[derive(Default)]
struct Positions {
    from: Option<f64>,
    to: Option<f64>,
    /// Names and ids, the last to push first.
    devices: Vec<(String, Option<String>)>,
}

impl Positions {
    /// Adds positions, newest first. Returns whether one is older than the day, so that those behind it are not sought.
    fn add(&mut self, history: impl IntoIterator<Item = HistoryEntry>, day: Date, date: impl Fn(u64) -> Date) -> bool {
        for HistoryEntry { progress, effect, .. } in history {
            if progress.is_restored() || !effect.is_current() {
                continue;
            }
            let pushed = date(progress.timestamp);
            if pushed < day {
                self.from = Some(progress.percentage);
                return true;
            }
            if pushed == day {
                self.to.get_or_insert(progress.percentage);
                let device = (progress.device, progress.device_id);
                if self.devices.len() < MAX_DEVICES && !self.devices.contains(&device) {
                    self.devices.push(device);
                }
            }
        }
        false
    }

    /// Reads the positions of a book, newest first, until they are older than the day.
    async fn read(
        state: &AppState,
        user: UserId,
        entry: &DocumentEntry,
        day: Date,
        date: impl Fn(u64) -> Date,
    ) -> Result<Self, PageError> {
        let (store, limiter, mut found) = (&state.store, &state.scan_limiter, Self::default());
        if let Some(book) = &entry.joined {
            let mut history = BookHistory::load(store, limiter, user, book).await?;
            while let Some(part) = history.next(store, limiter, user, SLICE).await? {
                if found.add(part.into_iter().map(|(_, entry)| entry), day, &date) {
                    break;
                }
            }
            return Ok(found);
        }
        let mut before = None;
        loop {
            let (part, _) = limiter.slice(user, || store.history_slice(user, &entry.document, before, SLICE)).await?;
            before = part.last().map(|last| last.sequence);
            if before.is_none() || found.add(part, day, &date) {
                return Ok(found);
            }
        }
    }
}

/// Returns from where a book was read to a position.
///
/// How much was read is kept in few digits.
fn start_of(to: f64, share: f64) -> f64 {
    const PARTS: f64 = 10_000.0;
    (((to - share) * PARTS).round() / PARTS).max(0.0)
}

/// Returns the path of a bar from one fraction to another. The whole is 100 wide.
pub(super) fn bar(from: f64, to: f64) -> String {
    let (from, to) = (from.clamp(0.0, 1.0) * 100.0, to.clamp(0.0, 1.0) * 100.0);
    let (from, to) = (from.min(to), from.max(to));
    format!("M{from:.1} 0H{:.1}V8H{from:.1}z", to.max(from + 0.5))
}

impl DayBooks {
    /// Reads the books of a day that only KOReader's statistics have: the first `max`, and how many more there are.
    async fn timed(
        state: &AppState,
        current_user: &CurrentUser,
        record: &ReadingRecord,
        day: Date,
        pushed: &[Document],
        max: usize,
    ) -> Result<(Vec<DayBookView>, usize), PageError> {
        let (texts, user) = (current_user.texts, current_user.user.id);
        let mut books: Vec<(DayBookView, u64)> = Vec::new();
        let mut others = BTreeSet::new();
        if record.times.as_ref().is_none_or(|times| times.day(day).seconds == 0) {
            return Ok((Vec::new(), 0));
        }
        for timed in books_timed_on(&state.store, &state.scan_limiter, user, day, MAX_TIMED).await? {
            let TimedBook { name, title, authors, seconds } = timed;
            let meant = || Document::new(&name).ok().map(|id| state.store.meant_document(user, &id)).transpose();
            let document = state.scan_limiter.slice(user, meant).await?;
            let known = document.as_ref().and_then(|document| record.activity.book(document));
            if known.is_some_and(|book| book.is_hidden || pushed.contains(&book.document)) {
                continue;
            }
            let look_up = || known.map(|book| state.store.document(user, &book.document)).transpose();
            let entry = state.scan_limiter.slice(user, look_up).await?.flatten();
            let (path, title) = match entry {
                Some(entry) => (format!("books/{}", path_segment(&entry.document)), Title::of(&entry)),
                None => {
                    let is_id = title.trim().is_empty();
                    let text = if is_id { name.clone() } else { title };
                    let authors = Some(authors).filter(|authors| !authors.is_empty());
                    (format!("statistics/{}", encode(&name)), Title { text, authors, is_id })
                }
            };
            // Files of one book are one.
            if let Some((view, sum)) = books.iter_mut().find(|(view, _)| view.path == path) {
                *sum += u64::from(seconds);
                view.text = texts.duration(*sum);
                continue;
            }
            if books.len() >= max {
                others.insert(path);
                continue;
            }
            let (cover, text) = (Cover::new(&title), texts.duration(seconds.into()));
            let title = lines::in_list(title);
            let view = DayBookView { path, cover, title, bar: None, text, devices: Vec::new() };
            books.push((view, seconds.into()));
        }
        Ok((books.into_iter().map(|(view, _)| view).collect(), others.len()))
    }

    /// Reads the books of a day.
    pub(super) async fn load(
        dashboard: &Dashboard,
        current_user: &CurrentUser,
        record: &ReadingRecord,
        day: Date,
    ) -> Result<Self, PageError> {
        let state = &dashboard.state;
        let (texts, user) = (current_user.texts, current_user.user.id);
        let mut read = state.activity.read_on(&state.store, &state.scan_limiter, &current_user.user, day).await?;
        read.retain(|(document, _)| record.activity.book(document).is_some_and(|book| !book.is_hidden));
        read.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let mut books = Vec::new();
        let visible: f64 = read.iter().map(|(_, share)| share).sum();
        let mut more = read.len().saturating_sub(MAX_BOOKS);
        let pushed: Vec<Document> = read.iter().map(|(document, _)| document.clone()).collect();
        for (document, share) in read.into_iter().take(MAX_BOOKS) {
            let read = state.scan_limiter.slice(user, || find_read_document(&state.store, user, &document)).await?;
            let Some((entry, times)) = read else { continue };
            let positions = Positions::read(state, user, &entry, day, |time| record.activity.days.date(time)).await?;
            let of_a_book =
                || texts.msg("overview-of-a-book").arg("percent", texts.percent(rounded(share))).to_string();
            let (bar, mut text) = match positions.to {
                Some(to) => {
                    let from = positions.from.unwrap_or_else(|| start_of(to, share));
                    let message = texts.msg("overview-from-to").arg("from", texts.percent(from));
                    (bar(from, to), message.arg("to", texts.percent(to)).to_string())
                }
                // The positions of that day are gone, as in a thinned history.
                None => (bar(0.0, share), of_a_book()),
            };
            let seconds =
                times.iter().flat_map(|times| &times.days).find(|read| read.date == day).map(|read| read.seconds);
            if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
                text = format!("{text} · {}", texts.duration(seconds.into()));
            }
            let device = |(device, id): (String, Option<String>)| {
                let mark = record.activity.device_marks.get(&device, id.as_deref());
                DayDevice {
                    marker: mark.map(|mark| Marker::of(mark.number.saturating_sub(1))),
                    name: shown(mark.map_or(&device, |mark| &mark.name)),
                }
            };
            let title = Title::of(&entry);
            books.push(DayBookView {
                path: format!("books/{}", path_segment(&document)),
                cover: Cover::new(&title),
                title: lines::in_list(title),
                bar: Some(bar),
                text,
                devices: positions.devices.into_iter().map(device).collect(),
            });
        }
        let (timed, more_timed) =
            Self::timed(state, current_user, record, day, &pushed, MAX_BOOKS.saturating_sub(books.len())).await?;
        books.extend(timed);
        more += more_timed;
        Ok(Self { books, more, has_others: record.amount(day).fraction - visible > MIN_REST })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_kept_in_few_digits() {
        assert_eq!(start_of(0.5, f64::from(0.1_f32)), 0.4);
        assert_eq!(start_of(0.12, f64::from(0.1_f32)), 0.02);
        assert_eq!(start_of(1.0, f64::from(1.3_f32)), 0.0, "begun again that day");
    }

    #[test]
    fn a_bar_shows_what_was_read() {
        assert_eq!(bar(0.1, 0.25), "M10.0 0H25.0V8H10.0z");
        assert_eq!(bar(0.25, 0.1), "M10.0 0H25.0V8H10.0z");
        assert_eq!(bar(0.5, 0.5), "M50.0 0H50.5V8H50.0z", "a little is seen");
        assert_eq!(bar(-1.0, 7.0), "M0.0 0H100.0V8H0.0z");
    }
}

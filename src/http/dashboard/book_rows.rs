//! Books as lists and pages show them.

use jiff::tz::TimeZone;

use super::codec::{encode, path_segment};
use super::cover::Cover;
use super::device_tags::{DeviceTag, DeviceTags};
use super::format::bar_value;
use super::lines;
use super::session::CurrentUser;
use crate::library::reading::{StatisticsBook, find_book};
use crate::library::{ListedBook, Title};
use crate::model::UserId;
use crate::store::{DocumentEntry, Store};
use crate::text::{Texts, Time};

/// What a row needs to show times, numbers and devices.
pub(super) struct RowStyle {
    pub(super) texts: Texts,
    pub(super) zone: TimeZone,
    /// The time of the page, in whole seconds since the Unix epoch.
    pub(super) now: u64,
    pub(super) devices: DeviceTags,
}

impl RowStyle {
    pub(super) fn new(current_user: &CurrentUser, store: &Store, devices: DeviceTags) -> Self {
        Self { texts: current_user.texts, zone: current_user.days.zone().clone(), now: store.now(), devices }
    }

    /// Says how long ago a time was.
    pub(super) fn ago(&self, seconds: u64) -> Time {
        self.texts.ago(seconds, self.now, &self.zone)
    }
}

/// A book in a list.
pub(super) struct BookRow {
    pub(super) path_segment: String,
    pub(super) title: Title,
    /// `None` where no page shows it.
    pub(super) cover: Option<Cover>,
    pub(super) bar_value: String,
    pub(super) percent: String,
    pub(super) device: DeviceTag,
    pub(super) time: Time,
    /// The time that was spent on it, if it is known.
    pub(super) time_read: Option<String>,
    /// Whether only the statistics know it. `percent` is the time then.
    pub(super) is_from_statistics: bool,
}

impl BookRow {
    pub(super) fn new(entry: &DocumentEntry, style: &RowStyle) -> Self {
        let (position, title) = (entry.shared(), Title::of(entry));
        Self {
            path_segment: path_segment(&entry.document),
            cover: None,
            title,
            bar_value: bar_value(position.percentage),
            percent: style.texts.percent(position.percentage),
            device: style.devices.of(position),
            time: style.ago(position.timestamp),
            time_read: None,
            is_from_statistics: false,
        }
    }

    /// Shows a book with its cover and the time that was spent on it. An error of reading that leaves it out.
    pub(super) fn with_reading(entry: &DocumentEntry, store: &Store, user: UserId, style: &RowStyle) -> Self {
        let book = find_book(store, user, entry).ok().flatten();
        let (time_read, row) = (book.map(|book| style.texts.duration(book.seconds)), Self::new(entry, style));
        Self { time_read, cover: Some(Cover::new(&row.title)), ..row }
    }

    pub(super) fn of_statistics(StatisticsBook { name, times }: &StatisticsBook, style: &RowStyle) -> Self {
        let (time, title) = (style.texts.duration(times.seconds), StatisticsBook::title_of(name, times));
        Self {
            path_segment: encode(name),
            cover: Some(Cover::new(&title)),
            title,
            bar_value: String::new(),
            percent: style.texts.msg("books-time-read").arg("time", time).to_string(),
            device: DeviceTag { marker: None, name: String::new() },
            time: style.ago(times.last),
            time_read: None,
            is_from_statistics: true,
        }
    }

    /// Shows a book of a list.
    pub(super) fn listed(book: &ListedBook, store: &Store, user: UserId, style: &RowStyle) -> Self {
        let row = match book {
            ListedBook::Document(entry) => Self::with_reading(entry, store, user, style),
            ListedBook::Statistics(book) => Self::of_statistics(book, style),
        };
        row.shortened()
    }

    /// Shortens the texts for a list.
    pub(super) fn shortened(self) -> Self {
        Self { title: lines::in_list(self.title), ..self }
    }

    /// Shortens the texts for the book's own page.
    pub(super) fn on_own_page(self) -> Self {
        Self { title: lines::on_own_page(self.title), ..self }
    }

    /// Returns the path of its page.
    pub(super) fn path(&self) -> String {
        format!("{}/{}", if self.is_from_statistics { "statistics" } else { "books" }, self.path_segment)
    }
}

//! Computes what an account has read by day and by year.

use std::collections::HashSet;

use jiff::civil::{Date, date};

use super::calendar::DayAmount;
use super::codec::path_segment;
use super::context::Dashboard;
use super::cover::Cover;
use super::device_tags::shown;
use super::error::PageError;
use super::marker::Marker;
use super::session::CurrentUser;
use super::year_view::{DeviceShareView, Wall, WallBook, YEARS, dates, name, rounded};
use crate::library::reading::{TimesState, load_state};
use crate::library::{Activity, BookActivity, Device, Shelf, Title};
use crate::text::Texts;

/// Devices whose share is shown, those with the most progress.
const MAX_DEVICES: usize = 8;
/// The least share of a year that the rest is shown for.
const MIN_REST: f64 = 0.005;
/// Years that pages lead to.
const MAX_YEARS: usize = 30;
/// Titles that are read in a slice: each may have 24 KiB as JSON.
const TITLES: usize = 8;

/// What a year adds up to, up to today.
#[derive(Debug, Default)]
pub(super) struct YearTotals {
    /// Books that were finished, each once.
    pub(super) finished: usize,
    /// How much was read, in books.
    pub(super) fraction: f64,
    pub(super) days_read: usize,
    /// The days of the year, up to today.
    pub(super) days: usize,
    /// The most days in a row on which something was read.
    pub(super) longest_days: usize,
    /// The time read, where it is known.
    pub(super) seconds: u64,
}

/// What an account has read: positions that devices pushed, and times of KOReader's statistics.
pub(super) struct ReadingRecord {
    /// In seconds since the Unix epoch.
    pub(super) now: u64,
    /// The account's day.
    pub(super) today: Date,
    /// Its calendar also has the days that only KOReader's statistics know, without a push.
    pub(super) activity: Activity,
    /// `None` if no statistics were uploaded.
    pub(super) times: Option<TimesState>,
}

/// Rounds shares to whole percents that add up to what the shares do: those with the largest rest are rounded up.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 100")]
fn whole_percents(shares: &[f64]) -> Vec<u8> {
    let mut percents: Vec<u8> = shares.iter().map(|share| (share * 100.0) as u8).collect();
    let sum = (shares.iter().sum::<f64>() * 100.0).round() as usize;
    let missing = sum.saturating_sub(percents.iter().map(|percent| usize::from(*percent)).sum());
    let mut by_rest: Vec<usize> = (0..shares.len()).collect();
    by_rest.sort_by(|one, other| (shares[*other] * 100.0).fract().total_cmp(&(shares[*one] * 100.0).fract()));
    by_rest.into_iter().take(missing).for_each(|index| percents[index] += 1);
    percents
}

impl ReadingRecord {
    pub(super) async fn load(dashboard: &Dashboard, current_user: &CurrentUser) -> Result<Self, PageError> {
        let state = &dashboard.state;
        let times = load_state(&state.store, &state.scan_limiter, &state.reading, &current_user.user).await?.times;
        let mut activity = state.activity.load(&state.store, &state.scan_limiter, &current_user.user).await?;
        for day in times.iter().flat_map(TimesState::days).filter(|day| day.seconds > 0) {
            activity.calendar.add(day.date, 0, 0.0);
        }
        let now = state.store.now();
        Ok(Self { now, today: activity.days.date(now), activity, times })
    }

    /// Returns whether nothing was pushed or uploaded yet.
    pub(super) fn is_empty(&self) -> bool {
        self.activity.books.is_empty() && self.activity.calendar.days_read() == 0 && self.times.is_none()
    }

    /// Returns the books to go on with, the last opened first.
    pub(super) fn reading(&self) -> impl Iterator<Item = &BookActivity> {
        self.activity.on_shelf(Shelf::Reading)
    }

    /// Returns what was read on a day.
    pub(super) fn amount(&self, date: Date) -> DayAmount {
        let day = self.activity.calendar.day(date);
        let seconds = self.times.as_ref().map_or(0, |times| times.day(date).seconds);
        DayAmount { date, fraction: day.read, seconds, is_read: day.pushes > 0 || seconds > 0 }
    }

    /// Returns what a year adds up to.
    pub(super) fn year(&self, year: i16) -> YearTotals {
        let mut totals = YearTotals { finished: self.activity.finished_in(year), ..YearTotals::default() };
        let mut run = 0;
        for day in dates(date(year, 1, 1), self.today.min(date(year, 12, 31))).map(|date| self.amount(date)) {
            totals.days += 1;
            totals.days_read += usize::from(day.is_read);
            totals.fraction += day.fraction;
            totals.seconds += u64::from(day.seconds);
            run = if day.is_read { run + 1 } else { 0 };
            totals.longest_days = totals.longest_days.max(run);
        }
        totals
    }

    /// Returns how many books were finished in a day's month, each counted once.
    pub(super) fn finished_in_month(&self, day: Date) -> usize {
        self.activity.finished_in_month(day.year(), day.month())
    }

    /// Returns the last year in which a book was finished; this year if none was.
    pub(super) fn last_year_with_finishes(&self) -> i16 {
        let year =
            self.activity.finishes.iter().map(|finish| finish.date.year()).find(|year| *year <= self.today.year());
        year.unwrap_or(self.today.year())
    }

    /// Returns this year, and those before it with reading or finished books.
    ///
    /// The last one comes first; there are 30 at most.
    pub(super) fn years(&self) -> Vec<i16> {
        let mut years = self.activity.calendar.years();
        years.extend(self.activity.finishes.iter().map(|finish| finish.date.year()));
        years.push(self.today.year());
        years.retain(|year| *year <= self.today.year() && YEARS.contains(year));
        years.sort_unstable_by(|one, other| other.cmp(one));
        years.dedup();
        years.truncate(MAX_YEARS);
        years
    }

    /// Returns the last day before another one on which something was read.
    pub(super) fn day_before(&self, date: Date) -> Option<Date> {
        self.activity.calendar.before(date)
    }

    /// Returns the first day after another one on which something was read.
    pub(super) fn day_after(&self, date: Date) -> Option<Date> {
        self.activity.calendar.after(date)
    }

    /// Returns each device's share of the progress of a year, the largest first. What was read on devices that are not listed, and in
    /// books that were deleted, is the last row.
    pub(super) fn shares(&self, texts: Texts, year: i16) -> Vec<DeviceShareView> {
        let read = self.activity.devices.iter().map(|device| (Some(device), device.share(Some(year)).read));
        let mut read: Vec<_> = read.filter(|(_, read)| *read > 0.0).collect();
        read.sort_by(|(_, one), (_, other)| other.total_cmp(one));
        let total = self.year(year).fraction.max(read.iter().map(|(_, read)| read).sum());
        read.truncate(MAX_DEVICES);
        let rest = total - read.iter().map(|(_, read)| read).sum::<f64>();
        if rest > total * MIN_REST && !read.is_empty() {
            read.push((None, rest));
        }
        let percents = whole_percents(&read.iter().map(|(_, read)| read / total).collect::<Vec<_>>());
        let view = |((device, read), percent): ((Option<&Device>, f64), u8)| DeviceShareView {
            marker: device.map(|device| Marker::of(device.number.saturating_sub(1))),
            name: device.map_or_else(|| texts.msg("overview-devices-rest").to_string(), |device| shown(device.name())),
            percent: texts.percent(if percent > 0 { f64::from(percent) / 100.0 } else { rounded(read / total) }),
            width: format!("{:.1}", read / total * 100.0),
        };
        read.into_iter().zip(percents).map(view).collect()
    }

    /// Returns the covers of a year's finished books, the last one first, each once.
    pub(super) async fn wall(
        &self,
        dashboard: &Dashboard,
        current_user: &CurrentUser,
        year: i16,
        max: usize,
    ) -> Result<Wall, PageError> {
        let state = &dashboard.state;
        let (texts, user) = (current_user.texts, current_user.user.id);
        let mut seen = HashSet::new();
        let finished = self.activity.finishes.iter().filter(|finish| finish.date.year() == year);
        let finished =
            finished.filter_map(|finish| Some((finish.date, self.activity.book(finish.document.as_ref()?)?)));
        let mut visible: Vec<_> = finished.filter(|(_, book)| !book.is_hidden && seen.insert(&book.document)).collect();
        let (count, others) = (visible.len(), self.activity.finished_in(year).saturating_sub(visible.len()));
        visible.truncate(max);
        let mut books = Vec::new();
        for part in visible.chunks(TITLES) {
            let read = || part.iter().map(|(_, book)| state.store.document(user, &book.document)).collect();
            let entries: Vec<_> = state.scan_limiter.slice(user, read).await?;
            for ((date, book), entry) in part.iter().zip(entries) {
                let Some(entry) = entry else { continue };
                let title = Title::of(&entry);
                let note = match (book.finishes.len(), book.days_read) {
                    (0 | 1, days) => days.map(|days| texts.msg("overview-read-days").arg("count", days).to_string()),
                    (times, _) => Some(texts.msg("overview-read-times").arg("count", times).to_string()),
                };
                books.push(WallBook {
                    path: format!("books/{}", path_segment(&book.document)),
                    cover: Cover::new(&title),
                    name: name(texts, &title),
                    date: texts.day(*date, date.first_of_year()),
                    note,
                });
            }
        }
        let more = count.saturating_sub(max);
        Ok(Wall {
            year,
            heading: texts.msg("overview-wall").arg("year", year.to_string()).to_string(),
            books,
            more: (more > 0).then(|| texts.msg("overview-wall-more").arg("count", more).to_string()),
            others: (others > 0).then(|| texts.msg("overview-wall-others").arg("count", others).to_string()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percents_add_up() {
        assert_eq!(whole_percents(&[0.495, 0.495, 0.01]), [50, 49, 1]);
        assert_eq!(whole_percents(&[1.0 / 3.0; 3]), [34, 33, 33]);
        assert_eq!(whole_percents(&[0.996, 0.004]), [100, 0]);
        assert_eq!(whole_percents(&[1.0]), [100]);
        assert!(whole_percents(&[]).is_empty());
    }
}

//! What the sensors of one account show, kept in memory.
//!
//! It is loaded once from the account's whole history. Each push then changes it; one that takes a book up again, or finishes it, has what
//! the account's activity says brought up to date.

use std::collections::HashMap;

use jiff::civil::Date;

use super::state::{BookState, Numbers, State};
use crate::error::Result;
use crate::library::reading::{TimesState, load_state};
use crate::library::{Activity, BookList, BookQuery, FINISHED, Shelf, Streak, days_of, look_up, reading_until};
use crate::model::{DayRule, Document, Progress, PushEffect, User, UserId, Username};
use crate::reading::DayTimes;
use crate::state::AppState;

/// How long after a current position moved an account counts as reading, in seconds. KOReader pushes each few pages, when it closes a
/// book and when it sleeps.
const READING_TIME: u64 = 10 * 60;
/// Largest difference between the time of a push and now, in seconds. A position of another time was imported.
const RECENT_TIME: u64 = 60;

/// Returns today's reading; `None` if no statistics were read.
fn reading_of(times: Option<&TimesState>, today: Date) -> Option<DayTimes> {
    times.filter(|times| times.file.is_some()).map(|times| times.day(today))
}

/// Returns whether an account gets a device: from its first push on.
///
/// Where registration is open, strangers can create accounts, and each device is nine entities or more in Home Assistant.
pub(super) fn gets_device(user: &User) -> bool {
    user.documents > 0
}

/// Returns whether an account keeps a device that the broker has: if it was ever used, and so may have had a document.
pub(super) fn keeps_device(user: &User) -> bool {
    gets_device(user) || user.last_used.is_some()
}

/// A push that was committed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Push<'a> {
    pub(super) sequence: u64,
    pub(super) user: UserId,
    pub(super) document: &'a Document,
    pub(super) progress: &'a Progress,
    /// The current position before it.
    pub(super) before: Option<&'a Progress>,
    /// The current position after it.
    pub(super) after: &'a Progress,
    pub(super) effect: PushEffect,
}

impl Push<'_> {
    /// Returns whether a device has pushed it just now: it was neither imported nor restored.
    pub(super) fn is_live(&self, now: u64) -> bool {
        now.abs_diff(self.progress.timestamp) <= RECENT_TIME && !self.progress.is_restored()
    }

    /// Returns whether it moved the current position. A holder's repeat is the current position, and moved nothing.
    pub(super) fn has_moved(&self) -> bool {
        self.effect == PushEffect::Moved
    }

    /// Returns whether it is not the current position, and yet another one is current now: a queue was undone.
    pub(super) fn has_undone(&self) -> bool {
        let shown = |position: &Progress| (position.timestamp, position.percentage.to_bits());
        !self.effect.is_current() && self.before.map(shown) != Some(shown(self.after))
    }

    /// Returns whether it finishes the book.
    pub(super) fn is_finish(&self) -> bool {
        self.has_moved() && is_finished(self.progress) && !self.before.is_some_and(is_finished)
    }
}

/// Returns the books being read, each with when it leaves that shelf by itself.
fn in_progress(activity: &Activity) -> HashMap<Document, u64> {
    activity.on_shelf(Shelf::Reading).map(|book| (book.document.clone(), book.reading_until)).collect()
}

fn is_finished(progress: &Progress) -> bool {
    progress.percentage >= FINISHED
}

/// How a push relates to what was loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coverage {
    /// The load has read it.
    Contained,
    /// It was committed while the load ran.
    Uncertain,
    /// It came after the load.
    New,
}

/// The state of an account's sensors.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Account {
    pub(super) book: BookState,
    /// The rule of its days.
    days: DayRule,
    /// When a device reached the current position of the last book. `None` if that position was restored.
    last_push: Option<u64>,
    /// The books being read, each with when it stops counting as one unless opened.
    in_progress: HashMap<Document, u64>,
    /// The year of `finished_this_year`.
    year: i16,
    finished_this_year: usize,
    streak: Streak,
    /// The last day that the statistics were looked at for; `None` where there are none.
    reading: Option<DayTimes>,
    /// The store's sequence number before and after the load.
    loaded: (u64, u64),
    /// Sequence number of the last push that came after the load.
    followed: u64,
}

impl Account {
    /// Loads the state from the store. Reads the account's whole history in slices, unless that was counted before.
    ///
    /// `user` is the account as it is now: its record says whether its history was changed otherwise than by pushes.
    pub(super) async fn load(app: &AppState, user: &User) -> Result<Self> {
        let before = app.store.last_sequence()?;
        // It takes none of the account's slots, so an account that requests many lists does not delay its sensors.
        let activity = app.activity.load(&app.store, &app.scan_limiter, user).await?;
        // It has the files read that are new.
        let times = load_state(&app.store, &app.scan_limiter, &app.reading, user).await?.times;
        let books = BookList::load(&app.store, &app.scan_limiter, user, BookQuery::new("", 1)).await?;
        let after = app.store.last_sequence()?;
        let days = days_of(&app.store, user);
        let today = days.date(app.store.now());
        let mut newest = None;
        let set = |entry| newest = Some(entry);
        look_up(&app.store, &app.scan_limiter, user.id, &books.into_refs(), set).await?;
        let last_push = newest.as_ref().filter(|entry| !entry.shared().is_restored());
        Ok(Self {
            last_push: last_push.map(|entry| entry.shared().timestamp),
            book: newest.map(BookState::of).unwrap_or_default(),
            days,
            in_progress: in_progress(&activity),
            year: today.year(),
            finished_this_year: activity.finished_in(today.year()),
            streak: activity.calendar.current_streak(today),
            reading: reading_of(times.as_ref(), today),
            loaded: (before, after),
            followed: after,
        })
    }

    pub(super) fn coverage(&self, sequence: u64) -> Coverage {
        match self.loaded {
            (before, _) if sequence <= before => Coverage::Contained,
            (_, after) if sequence <= after => Coverage::Uncertain,
            _ => Coverage::New,
        }
    }

    /// Changes the numbers by a push that came after the load.
    ///
    /// # Errors
    /// Those of reading the account's activity, which is brought up to date where the push does not tell the book's shelf: where it
    /// finishes it, or the book was not being read.
    pub(super) async fn follow(&mut self, app: &AppState, user: &Username, push: &Push<'_>) -> Result<()> {
        if !push.is_live(app.store.now()) {
            self.last_push = None;
            return Ok(());
        }
        let day = self.days.date(push.progress.timestamp);
        self.begin_year(day);
        self.follow_shelf(app, user, push).await?;
        // A holder's repeat has the number of the entry that it repeats.
        if push.sequence > self.followed {
            self.followed = push.sequence;
            self.streak.add(day);
        }
        if !push.has_moved() {
            return Ok(());
        }
        self.last_push = Some(push.progress.timestamp);
        Ok(())
    }

    /// Puts the book of a push on its shelf. One that is being read stays there until it is finished; so does a new one.
    async fn follow_shelf(&mut self, app: &AppState, user: &Username, push: &Push<'_>) -> Result<()> {
        let is_known = self.in_progress.contains_key(push.document);
        if is_known && push.effect == PushEffect::HeldRepeat {
            return Ok(());
        }
        if (is_known || push.before.is_none()) && !is_finished(push.progress) {
            self.in_progress.insert(push.document.clone(), reading_until(push.progress.timestamp));
        } else if let Some(user) = app.store.user(user)?.filter(|user| user.id == push.user) {
            // It may be finished or hidden, or its reader may have moved it.
            let activity = app.activity.load(&app.store, &app.scan_limiter, &user).await?;
            self.in_progress = in_progress(&activity);
            self.finished_this_year = activity.finished_in(self.year);
        }
        Ok(())
    }

    fn begin_year(&mut self, today: Date) {
        if self.year != today.year() {
            self.year = today.year();
            self.finished_this_year = 0;
        }
    }

    /// Returns the numbers of now: time alone changes them, too.
    pub(super) fn numbers(&mut self, now: u64) -> Numbers {
        let today = self.days.date(now);
        self.begin_year(today);
        Numbers {
            reading: self.last_push.is_some_and(|pushed| now.abs_diff(pushed) < READING_TIME),
            finished_this_year: self.finished_this_year,
            in_progress: self.in_progress.values().filter(|until| **until >= now).count(),
            days_in_a_row: self.streak.length(today),
            minutes_today: self.reading.map(|day| if day.date == today { day.seconds / 60 } else { 0 }),
            pages_today: self.reading.map(|day| if day.date == today { day.pages } else { 0 }),
        }
    }

    /// Takes over what the statistics say now. Returns whether they are known now and were not, or the reverse.
    pub(super) fn set_reading(&mut self, times: Option<&TimesState>, now: u64) -> bool {
        let before = self.reading.is_some();
        self.reading = reading_of(times, self.days.date(now));
        before != self.reading.is_some()
    }

    /// Returns whether there are statistics.
    pub(super) fn has_reading(&self) -> bool {
        self.reading.is_some()
    }

    pub(super) fn state(&self, numbers: Numbers) -> State<'_> {
        State { book: &self.book, numbers }
    }
}

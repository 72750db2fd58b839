//! Counts which devices pushed what and on which days, from the history of all documents.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use jiff::Span;
use jiff::civil::Date;

use super::activity::Activity;
use super::book_counts::{AtHand, BookCount, BookCounts, BookStart, DayBooks, Position};
use super::calendar::Calendar;
use super::devices::{Device, DeviceMarks, DeviceYear};
use super::shelves::{BookActivity, Finish, PACE_DAYS, ShelfRule};
use crate::model::{DayRule, DeviceLabel, Document, FinishLog, TakenBack};
use crate::store::{BookMark, DeviceRow, FoldedHistory, FoldedSlot, HistoryEntry};

/// Devices that are kept, the last to push. Without a limit a client with a new name for each push would fill the memory.
const MAX_DEVICES: usize = 1000;
/// Bytes of names that are kept: fewer devices where their names are long.
const MAX_DEVICE_BYTES: usize = 192 << 10;
/// Pairs of a book and a device that are told apart: 1 MiB. With more, the history is counted again each time.
const MAX_SEEN: usize = 1 << 16;
/// Pairs of a device and a day that are told apart: 1 MiB. Beyond, days of devices are not counted.
const MAX_DEVICE_DAYS: usize = 1 << 16;

/// Counts an account's history, in any order of its documents.
#[derive(Debug)]
pub(super) struct ActivityCounts {
    days: DayRule,
    devices: HashMap<DeviceLabel, Device>,
    /// Bytes of their names.
    bytes: usize,
    /// By hash of the device: what was read on it.
    shares: HashMap<u64, BTreeMap<i16, DeviceYear>>,
    /// Hashes of devices and days that are counted.
    device_days: HashSet<u64>,
    calendar: Calendar,
    /// By hash of book and device: the last percentage that it pushed as the current one; NaN if none was.
    seen: HashMap<u64, f64>,
    books: BookCounts,
    day_books: DayBooks,
    /// When books were finished that are deleted.
    deleted: Vec<u64>,
    /// Whether devices, pairs or books were dropped.
    is_partial: bool,
    hasher: RandomState,
    at_hand: Option<AtHand>,
    /// Positions that were counted.
    pub(super) entries: u64,
}

impl ActivityCounts {
    pub(super) fn new(days: DayRule) -> Self {
        Self {
            days,
            devices: HashMap::new(),
            bytes: 0,
            shares: HashMap::new(),
            device_days: HashSet::new(),
            calendar: Calendar::default(),
            seen: HashMap::new(),
            books: BookCounts::default(),
            day_books: DayBooks::default(),
            deleted: Vec::new(),
            is_partial: false,
            hasher: RandomState::new(),
            at_hand: None,
            entries: 0,
        }
    }

    /// Returns the rule of the days.
    pub(super) fn days(&self) -> &DayRule {
        &self.days
    }

    /// Prepares for the history of one book. It comes as a whole before that of another.
    pub(super) fn start_book(&mut self, start: BookStart<'_>) {
        self.end_book();
        if self.seen.len() >= MAX_SEEN {
            self.seen.clear();
            self.is_partial = true;
        }
        let BookStart { book, opened, folded } = start;
        let (hash, document) = (self.hasher.hash_one(book), book.clone());
        self.at_hand = Some(AtHand { hash, document, opened, folded, has_document: false, positions: Vec::new() });
    }

    /// Ends the history of the book at hand.
    pub(super) fn end_book(&mut self) {
        let Some(AtHand { hash, document, opened, folded, positions, .. }) = self.at_hand.take() else { return };
        let current = positions.iter().rev().filter(|position| position.is_current);
        let current = current.map(|position| (position.percentage, position.timestamp, position.sequence));
        let taken_back: Vec<TakenBack> = folded.iter().flat_map(FoldedHistory::taken_back).collect();
        let noted = folded.iter().map(|folded| folded.turns.as_slice());
        let finishes = FinishLog::replay_without(&taken_back, noted, current);
        // Histories of joined documents have no common beginning.
        let base = if let [only] = &folded[..] { only.base() } else { None };
        let new = || BookCount::new(document, base);
        match self.books.entry(hash, new) {
            Some((_, count)) => count.opened.timestamp = opened,
            None => self.is_partial = true,
        }
        for position in positions.iter().rev() {
            self.count_position(hash, position);
        }
        if let Some((_, count)) = self.books.get_mut(hash) {
            count.finishes = finishes;
        }
    }

    /// Adds reading whose positions are gone, and finishes of books that were deleted.
    pub(super) fn add_folded(&mut self, slots: &[FoldedSlot], finishes: Vec<u64>) {
        for slot in slots {
            self.calendar.add(self.days.date(slot.time), slot.pushes, slot.read);
        }
        self.deleted = finishes;
    }

    /// Adds a push that came after the histories. `book` is the document, or the first of those that it is joined with.
    pub(super) fn add_push(&mut self, book: &Document, document: &Document, entry: &HistoryEntry) {
        let hash = self.hasher.hash_one(book);
        let Some(position) = self.see(hash, document, entry) else { return };
        let Some((_, count)) = self.books.entry(hash, || BookCount::new(document.clone(), None)) else {
            self.is_partial = true;
            return;
        };
        // A device that is opened at the end of a book which others read again has not finished it again.
        if position.is_current {
            count.document.clone_from(document);
            count.finishes.add(position.percentage, position.timestamp);
        }
        self.count_position(hash, &position);
    }

    /// Adds a part of the history of the book at hand, newest entry first.
    pub(super) fn add(&mut self, history: impl IntoIterator<Item = (Document, HistoryEntry)>) {
        let Some(mut at_hand) = self.at_hand.take() else { return };
        for (document, entry) in history {
            let Some(position) = self.see(at_hand.hash, &document, &entry) else { continue };
            at_hand.positions.push(position);
            if position.is_current && !at_hand.has_document {
                (at_hand.document, at_hand.has_document) = (document, true);
            }
        }
        self.at_hand = Some(at_hand);
    }

    /// Counts what does not depend on the order of positions. `None` for a restored position, which was not read.
    fn see(&mut self, book: u64, document: &Document, entry: &HistoryEntry) -> Option<Position> {
        let HistoryEntry { sequence, progress: position, pushes, effect, repeats } = entry;
        self.entries += 1;
        if position.is_restored() {
            return None;
        }
        let label = DeviceLabel { device: position.device.clone(), device_id: position.device_id.clone() };
        let device = self.hasher.hash_one(&label);
        let pair = self.hasher.hash_one((book, device));
        let seen = Position {
            pair,
            device,
            percentage: position.percentage,
            timestamp: position.timestamp,
            sequence: *sequence,
            pushes: pushes.saturating_sub(*repeats),
            is_current: effect.is_current(),
        };
        let is_first = match self.seen.entry(pair) {
            Entry::Vacant(vacant) => {
                vacant.insert(f64::NAN);
                true
            }
            Entry::Occupied(_) => false,
        };
        if let Some(known) = self.devices.get_mut(&label) {
            known.documents += usize::from(is_first);
            known.first = known.first.min(position.timestamp);
            known.sequence = known.sequence.max(*sequence);
            // A queue brings several positions in a second, and a history comes newest first.
            if (known.timestamp, known.pushed) <= (position.timestamp, *sequence) {
                self.bytes = self.bytes + document.as_str().len() - known.document.as_str().len();
                (known.timestamp, known.pushed) = (position.timestamp, *sequence);
                known.percentage = position.percentage;
                known.document = document.clone();
            }
            return Some(seen);
        }
        if !is_first {
            // It is one of those that were dropped.
            return Some(seen);
        }
        let device = Device {
            label,
            given_name: None,
            number: 0,
            first: position.timestamp,
            timestamp: position.timestamp,
            sequence: *sequence,
            pushed: *sequence,
            document: document.clone(),
            percentage: position.percentage,
            documents: 1,
            years: BTreeMap::new(),
        };
        if self.devices.len() >= 2 * MAX_DEVICES || self.bytes >= MAX_DEVICE_BYTES {
            self.is_partial = true;
            let newest = self.newest_devices();
            self.bytes = newest.iter().map(Device::size).sum();
            let kept: HashSet<u64> = newest.iter().map(|device| self.hasher.hash_one(&device.label)).collect();
            self.shares.retain(|device, _| kept.contains(device));
            self.devices = newest.into_iter().map(|device| (device.label.clone(), device)).collect();
        }
        self.bytes += device.size();
        self.devices.insert(device.label.clone(), device);
        Some(seen)
    }

    /// Counts a position that is newer than all others of its book.
    fn count_position(&mut self, book: u64, position: &Position) {
        let date = self.days.date(position.timestamp);
        let of_device = self.seen.get(&position.pair).copied().filter(|percentage| !percentage.is_nan());
        let mut read = 0.0;
        if let Some((number, count)) = self.books.get_mut(book) {
            read = count.add(position, date, of_device);
            self.is_partial |= !self.day_books.add(date, number, read);
        }
        if position.is_current {
            self.seen.insert(position.pair, position.percentage);
        }
        self.calendar.add(date, position.pushes, read);
        if self.shares.len() >= 4 * MAX_DEVICES && !self.shares.contains_key(&position.device) {
            return;
        }
        let year = self.shares.entry(position.device).or_default().entry(date.year()).or_default();
        year.read += read;
        let day = self.hasher.hash_one((position.device, date));
        if self.device_days.len() < MAX_DEVICE_DAYS && self.device_days.insert(day) {
            year.days += 1;
        }
    }

    /// Returns whether later pushes can be added: whether it is known which documents each device has pushed.
    pub(super) fn is_complete(&self) -> bool {
        !self.is_partial && self.seen.len() < MAX_SEEN
    }

    /// Returns about how many bytes of memory the counts take.
    pub(super) fn size(&self) -> usize {
        const PER_SEEN: usize = 24;
        const PER_DEVICE_DAY: usize = 16;
        const PER_DAY: usize = 32;
        const PER_SHARE: usize = 64;
        let devices = 2 * self.bytes + self.devices.capacity() * size_of::<(DeviceLabel, Device)>();
        devices
            + self.shares.len() * PER_SHARE
            + self.device_days.capacity() * PER_DEVICE_DAY
            + self.seen.capacity() * PER_SEEN
            + self.calendar.days_read() * PER_DAY
            + self.books.size()
            + self.day_books.size()
    }

    /// Returns the books that were read on a day, each with the share read. The share of a book that was begun again may be more than 1.
    pub(super) fn read_on(&self, date: Date) -> Vec<(Document, f64)> {
        let books = self.day_books.of_day(date);
        books.filter_map(|(number, read)| Some((self.books.get(number)?.document.clone(), read))).collect()
    }

    /// Returns the books that a device has pushed.
    pub(super) fn books_of(&self, label: &DeviceLabel) -> HashSet<Document> {
        let device = self.hasher.hash_one(label);
        let is_of_device = |book: u64| self.seen.contains_key(&self.hasher.hash_one((book, device)));
        self.books.hashed().filter(|(book, _)| is_of_device(*book)).map(|(_, count)| count.document.clone()).collect()
    }

    /// Returns the counts of all histories that have ended, as of `now`.
    pub(super) fn activity(&self, notes: &Notes<'_>, now: u64) -> Activity {
        let number = |document: &Document| {
            let book = notes.members.get(document).unwrap_or(document);
            self.books.number(self.hasher.hash_one(book)).map(|number| number as usize)
        };
        let mut marks = vec![BookMark::default(); self.books.all().len()];
        for (document, mark) in notes.marks {
            if let Some(index) = number(document) {
                marks[index] = *mark;
            }
        }
        let mut read = vec![None; self.books.all().len()];
        for (document, time) in notes.read {
            if let Some(index) = number(document) {
                read[index] = read[index].max(Some(*time));
            }
        }
        let rule = ShelfRule { days: &self.days, now };
        let today = self.days.date(now);
        let recently = self.day_books.between(today.saturating_sub(Span::new().days(PACE_DAYS - 1)), today);
        let counts = (0_u32..).zip(self.books.all()).zip(marks.into_iter().zip(read));
        let mut books: Vec<(u32, BookActivity)> = counts
            .map(|((number, count), (mark, read))| {
                let recent = recently.get(&number).copied();
                (number, BookActivity { recent, ..rule.place(count, mark, read) })
            })
            .collect();
        books.sort_by(|(_, one), (_, other)| {
            other.opened.cmp(&one.opened).then_with(|| one.document.cmp(&other.document))
        });
        let mut places = vec![0; books.len()];
        books.iter().enumerate().for_each(|(place, (number, _))| places[*number as usize] = place);
        let mut index: HashMap<Document, usize> =
            notes.members.keys().filter_map(|document| Some((document.clone(), places[number(document)?]))).collect();
        index.extend(books.iter().enumerate().map(|(place, (_, book))| (book.document.clone(), place)));
        let books: Vec<BookActivity> = books.into_iter().map(|(_, book)| book).collect();
        let mut finishes: Vec<Finish> = books
            .iter()
            .flat_map(|book| {
                book.finishes.iter().map(|date| Finish { date: *date, document: Some(book.document.clone()) })
            })
            .chain(self.deleted.iter().map(|time| Finish { date: self.days.date(*time), document: None }))
            .collect();
        finishes.sort_by_key(|finish| Reverse(finish.date));

        let mut devices = self.newest_devices();
        let device_marks = DeviceMarks::new(&devices, notes.devices);
        let forgotten: HashMap<&DeviceLabel, (u64, u64)> =
            notes.devices.iter().filter_map(|row| Some((&row.label, row.forgotten?))).collect();
        devices.retain(|device| {
            let forgotten = forgotten.get(&device.label);
            forgotten.is_none_or(|(at, sequence)| device.timestamp >= *at && device.sequence > *sequence)
        });
        let names: HashMap<&DeviceLabel, &String> =
            notes.devices.iter().filter_map(|row| Some((&row.label, row.name.as_ref()?))).collect();
        for device in &mut devices {
            device.given_name = names.get(&device.label).map(|name| (*name).clone());
            device.number = device_marks.of(&device.label).map_or(0, |mark| mark.number);
        }
        let (days, calendar) = (self.days.clone(), self.calendar.clone());
        Activity { days, devices, device_marks, calendar, books, finishes, index }
    }

    /// Returns the devices that pushed last, the last one first: [`MAX_DEVICES`], and half of [`MAX_DEVICE_BYTES`].
    fn newest_devices(&self) -> Vec<Device> {
        let mut devices: Vec<&Device> = self.devices.values().collect();
        devices.sort_by(|one, other| other.timestamp.cmp(&one.timestamp).then_with(|| one.label.cmp(&other.label)));
        devices.truncate(MAX_DEVICES);
        let mut bytes = 0;
        let fits = |device: &&Device| {
            bytes += device.size();
            bytes <= MAX_DEVICE_BYTES / 2
        };
        let with_years = |device: &Device| {
            let years = self.shares.get(&self.hasher.hash_one(&device.label)).cloned().unwrap_or_default();
            Device { years, ..device.clone() }
        };
        devices.into_iter().take_while(fits).map(with_years).collect()
    }
}

/// What is known of an account besides its history.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notes<'a> {
    /// Joined documents, each with the first of those that it is joined with.
    pub(super) members: &'a HashMap<Document, Document>,
    pub(super) marks: &'a [(Document, BookMark)],
    pub(super) devices: &'a [DeviceRow],
    /// When KOReader's statistics last saw documents read.
    pub(super) read: &'a [(Document, u64)],
}

#[cfg(test)]
mod tests;

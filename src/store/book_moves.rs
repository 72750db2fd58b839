//! Moves the current position that joined documents share [I7], by the rules C1 to C5.
//!
//! A document of a book keeps its own state as if it were alone. The book has one more, in which a device is another one for each file
//! [C4].

use std::ops::ControlFlow;

use super::current::{DeviceKey, Past, Push};
use super::keyspace::DocumentKey;
use super::other_copy::{OwnFile, is_same_place};
use super::packed::Packed;
use super::records::{BookRecord, LogPosition, ProgressRecord, UserRecord};
use super::tables::Tables;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, LocatorKind, Progress, PushEffect, UserId};

/// Positions of other files that are compared with a push, at most.
const MAX_COMPARED: usize = 600;
/// Most positions of other files since a device's last push to compute answers from.
const MAX_PULLED: usize = 32;
/// Stands for the devices of other files, whose locators a pull may have sent.
const SERVER: DeviceKey = DeviceKey(0);

/// A book that a position moves.
pub(super) struct MovingBook {
    pub(super) number: u32,
    pub(super) before: BookRecord,
    /// The book as it will be.
    pub(super) after: BookRecord,
    /// Index of the document of the position.
    own: u8,
    /// Whether the position is a place of another file that led elsewhere in this one.
    pub(super) has_landed_elsewhere: bool,
}

impl WriteTxn<'_, '_> {
    /// Returns the book that a position of a document moves, if it has one. `record` is the document's.
    pub(super) fn moving_book(
        &self,
        key: &DocumentKey<'_>,
        record: Option<&ProgressRecord>,
        position: &Progress,
        is_push: bool,
    ) -> Result<Option<MovingBook>> {
        let Some((number, before)) = self.tables.book_of(self.txn, key, record)? else { return Ok(None) };
        let Some(own) = before.index_of(key.document) else { return Ok(None) };
        let mut after = before.clone();
        if let Some(member) = after.members.get_mut(usize::from(own)) {
            member.is_awaited = false;
        }
        let mut has_landed_elsewhere = false;
        if is_push {
            for index in self.led_elsewhere_from(key, &before, own, record, position)? {
                after.set_apart(own, index);
                has_landed_elsewhere = true;
            }
        }
        Ok(Some(MovingBook { number, before, after, own, has_landed_elsewhere }))
    }

    /// Returns the files whose locator a push has, though in them it is another place.
    ///
    /// While a device holds the current position, a pull gives it what it pushed itself.
    fn led_elsewhere_from(
        &self,
        key: &DocumentKey<'_>,
        book: &BookRecord,
        own: u8,
        record: Option<&ProgressRecord>,
        position: &Progress,
    ) -> Result<Vec<u8>> {
        let device = device_in(key.document, position);
        if LocatorKind::of(&position.progress) != Some(LocatorKind::XPointer) || book.holder == Some(device) {
            return Ok(Vec::new());
        }
        let is_same = |other: &Progress| other.progress == position.progress;
        let is_near = |other: &Progress| is_same_place(other.percentage, position.percentage);
        let mut left = MAX_COMPARED;
        let mut found = Vec::new();
        for (index, document) in book.pushed().filter(|(index, _)| *index != own && book.carries_over(own, *index)) {
            let key = DocumentKey::new(key.user, document);
            let newest = self.tables.progress.get(self.txn, &key)?.map(|record| record.sequence);
            let mut is_elsewhere = None;
            visit(self.txn, &self.tables, newest, |_, other| {
                left = left.saturating_sub(1);
                if is_same(other) {
                    is_elsewhere = Some(!is_near(other));
                }
                if left == 0 || is_elsewhere.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if is_elsewhere == Some(true) {
                found.push(index);
            }
        }
        if !found.is_empty() {
            // The file's own pushes know that place: it is no other file's.
            let mut is_own = false;
            visit(self.txn, &self.tables, record.map(|record| record.sequence), |_, earlier| {
                is_own = is_same(earlier) && is_near(earlier);
                if is_own { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if is_own {
                found.clear();
            }
        }
        Ok(found)
    }

    /// Applies a position to its book, and returns what it did. `sequence` is the number of its entry in the history, `newest` that of the
    /// document's last entry before it. It is a device's push, or a position that a user restores.
    pub(super) fn move_book(
        &self,
        owner: &UserRecord,
        document: &Document,
        moving: &mut MovingBook,
        (position, sequence): (&Progress, u64),
        newest: Option<u64>,
        is_push: bool,
    ) -> Result<PushEffect> {
        let MovingBook { before, after, own, has_landed_elsewhere, .. } = moving;
        let device = device_in(document.as_str(), position);
        let push = Push { position, device, sequence, identifiers: None };
        let past = BookPast { write: self, user: owner.id, book: before, own: *own, newest, push };
        let rule = self.rule_of(owner);
        let mut current = after.current();
        let effect = if !is_push {
            current.put_back(position, sequence, &past)?;
            PushEffect::Moved
        } else if *has_landed_elsewhere {
            current.note_landed_elsewhere(rule, &push);
            PushEffect::LandedElsewhere
        } else {
            current.apply(rule, &push, &past)?
        };
        after.set_current(current, sequence, *own);
        Ok(effect)
    }
}

/// Returns the device of a position in a file.
fn device_in(document: &str, position: &Progress) -> DeviceKey {
    DeviceKey::of(position).in_file(document)
}

/// Calls `visit` with a history's numbers and positions, newest first, until it breaks.
fn visit(
    txn: &heed::RoTxn<'_>,
    tables: &Tables,
    newest: Option<u64>,
    mut visit: impl FnMut(u64, &Progress) -> ControlFlow<()>,
) -> heed::Result<()> {
    let positions = tables.log.with_values::<Packed<LogPosition>>();
    let mut next = newest;
    while let Some(sequence) = next {
        let Some(LogPosition { position, previous }) = positions.get(txn, &sequence)? else { break };
        next = previous.filter(|previous| *previous < sequence);
        if visit(sequence, &position).is_break() {
            break;
        }
    }
    Ok(())
}

/// The history of a book, as the rules see it at a push.
///
/// Of the other files it has what a pull of this one may have sent: their XPointers, if they carry over, and the locators that were
/// answered in their place.
struct BookPast<'a, 'w, 'p> {
    write: &'a WriteTxn<'w, 'p>,
    user: UserId,
    book: &'a BookRecord,
    own: u8,
    /// The newest entry of the document's own history.
    newest: Option<u64>,
    push: Push<'a>,
}

impl Past for BookPast<'_, '_, '_> {
    type Error = heed::Error;

    fn visit(&self, each: &mut dyn FnMut(DeviceKey, &Progress) -> ControlFlow<()>) -> heed::Result<()> {
        let WriteTxn { txn, tables, .. } = self.write;
        let Some(document) = self.book.members.get(usize::from(self.own)).map(|member| &member.document) else {
            return Ok(());
        };
        // Own positions, which alone may be borrowed from [C5], and since when the device has not pushed.
        let (mut own, mut last_push, mut has_ended) = (Vec::new(), None, false);
        visit(txn, tables, self.newest, |sequence, position| {
            let device = device_in(document.as_str(), position);
            if device == self.push.device {
                last_push = last_push.or(Some((position.timestamp, sequence)));
            }
            has_ended = has_ended || each(device, position).is_break();
            own.push(position.clone());
            ControlFlow::Continue(())
        })?;
        if has_ended || self.push.position.progress.is_empty() {
            return Ok(());
        }
        let file = OwnFile { history: &own, current: None, filename: None };
        let mut left = MAX_COMPARED;
        for (index, document) in self.book.pushed().filter(|(index, _)| *index != self.own) {
            let newest = tables.progress.get(txn, &DocumentKey::new(self.user, document))?;
            let carries_over = self.book.carries_over(self.own, index);
            let mut pulled = 0;
            visit(txn, tables, newest.map(|record| record.sequence), |sequence, position| {
                left = left.saturating_sub(1);
                let is_xpointer = LocatorKind::of(&position.progress) == Some(LocatorKind::XPointer);
                if is_xpointer && carries_over {
                    has_ended = each(device_in(document.as_str(), position), position).is_break();
                }
                // By time first: an import numbers the histories of a book one after the other.
                let is_later = last_push.is_none_or(|last| (position.timestamp, sequence) > last);
                if !has_ended && pulled < MAX_PULLED && is_later {
                    pulled += 1;
                    if let Some(progress) = file.locator_at(position.percentage) {
                        has_ended = each(SERVER, &Progress { progress, ..position.clone() }).is_break();
                    }
                }
                if has_ended || left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })?;
            if has_ended || left == 0 {
                break;
            }
        }
        Ok(())
    }
}

//! Chooses the current position of documents that become one book, or that one leaves [I7].

use std::ops::ControlFlow;

use super::books::MAX_MEMBERS;
use super::current::{Current, Past, is_at_beginning};
use super::keyspace::DocumentKey;
use super::records::{BookMember, BookRecord, ProgressRecord, UserRecord};
use super::retention::StoredPast;
use super::transaction::WriteTxn;
use crate::error::Result;
use crate::model::{Document, PositionRule, UserId};

/// One of the states that a new book can have.
///
/// It is that of a document, or of a book that is joined with another.
pub(super) struct SideState {
    /// Index in the book of the document that it was pushed for.
    writer: u8,
    /// Sequence number of the newest position.
    newest: u64,
    current: Current,
    /// Whether its file was opened, and not read beyond the beginning [C1].
    is_just_opened: bool,
}

impl SideState {
    /// Returns the state of a book. Its documents begin at this index of the new one.
    pub(super) fn of_book(book: &BookRecord, shift: u8) -> Self {
        let writer = book.writer.saturating_add(shift);
        Self { writer, newest: book.sequence, current: book.current().settled(), is_just_opened: false }
    }
}

impl WriteTxn<'_, '_> {
    /// Returns the states of documents as those of a book with these members.
    pub(super) fn own_states(&self, user: UserId, members: &[BookMember], shift: u8) -> Result<Vec<SideState>> {
        let mut states = Vec::new();
        for (index, member) in (shift..).zip(members.iter().take(MAX_MEMBERS)) {
            let record = self.tables.progress.get(self.txn, &DocumentKey::new(user, &member.document))?;
            if let Some(record) = record {
                states.push(self.own_state(index, &member.document, record)?);
            }
        }
        Ok(states)
    }

    fn own_state(&self, writer: u8, document: &Document, record: ProgressRecord) -> Result<SideState> {
        let newest = record.sequence;
        let past = StoredPast { txn: self.txn, tables: &self.tables, newest };
        let mut is_just_opened = true;
        past.visit(&mut |_, position| {
            is_just_opened = is_at_beginning(position.percentage);
            if is_just_opened { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let current = self.current(record)?.in_file(document.as_str());
        Ok(SideState { writer, newest, current, is_just_opened })
    }

    /// Returns a book's state after an import into the history of one document.
    pub(super) fn refreshed_state(
        &self,
        owner: &UserRecord,
        book: &BookRecord,
        document: &Document,
    ) -> Result<Option<(u8, Current)>> {
        let Some(index) = book.index_of(document.as_str()) else { return Ok(None) };
        let own = book.members.get(usize::from(index)..=usize::from(index)).unwrap_or_default();
        let mut states = self.own_states(owner.id, own, index)?;
        // Also where it is of the same document: the book may have been started over through another one.
        states.push(SideState::of_book(book, 0));
        Ok(shared_state(self.rule_of(owner), states))
    }

    /// Returns the rule by which pushes of an account become current positions.
    pub(super) fn rule_of(&self, owner: &UserRecord) -> PositionRule {
        owner.position_rule.unwrap_or(self.default_rule)
    }

    /// Returns a book's state without the devices of a document that leaves it.
    pub(super) fn state_without(&self, user: UserId, book: &BookRecord, document: &Document) -> Result<Current> {
        let mut current = book.current().settled();
        let record = self.tables.progress.get(self.txn, &DocumentKey::new(user, document))?;
        if let Some(record) = record {
            let own = self.current(record)?.in_file(document.as_str());
            current.devices.retain(|last| own.last_push_of(last.device).is_none());
        }
        Ok(current)
    }
}

/// Returns the state that counts most, and the index of its document.
///
/// It has where the devices of the other states are, too.
pub(super) fn shared_state(rule: PositionRule, mut states: Vec<SideState>) -> Option<(u8, Current)> {
    let chosen = chosen(rule, &states)?;
    let SideState { writer, mut current, .. } = states.swap_remove(chosen);
    for other in states {
        current.add_devices_of(other.current);
    }
    Some((writer, current))
}

/// Returns the index of the state whose current position counts most.
fn chosen(rule: PositionRule, states: &[SideState]) -> Option<usize> {
    let newest = |(_, state): &(usize, &SideState)| (state.current.position.timestamp, state.newest);
    // A file that was opened and not read takes the position from none that was [C1].
    let is_behind_another = |state: &SideState| {
        let is_ahead = |other: &SideState| {
            let current = &other.current;
            !other.is_just_opened
                && current.started_over.is_none()
                && current.position.percentage > state.current.position.percentage
        };
        state.is_just_opened && state.current.started_over.is_none() && states.iter().any(is_ahead)
    };
    let is_candidate = |(_, state): &(usize, &SideState)| rule != PositionRule::Newest || !is_behind_another(state);
    let last = states.iter().enumerate().filter(is_candidate).max_by_key(newest)?;
    // A reader who started over has no position, until they move.
    if rule != PositionRule::Furthest || last.1.current.started_over.is_some() {
        return Some(last.0);
    }
    let share = |current: &Current| {
        let percentage = Some(current.position.percentage);
        percentage.filter(|share| current.started_over.is_none() && (0.0..=1.0).contains(share)).unwrap_or(-1.0)
    };
    let furthest = states.iter().enumerate().max_by(|one, other| {
        share(&one.1.current).total_cmp(&share(&other.1.current)).then_with(|| newest(one).cmp(&newest(other)))
    });
    furthest.map(|(index, _)| index)
}

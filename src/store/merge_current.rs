//! The current position in exports and imports: as text, and merged with the one that a document has.

use std::cmp::Reverse;
use std::convert::Infallible;
use std::ops::ControlFlow;

use super::current::{Borrowed, Current, DeviceKey, FirstPush, LastPush, LocatorHash, MAX_DEVICES, Past, Push};
use super::packed::PackedIdentifiers;
use super::transfer::{TransferredDocument, TransferredPosition};
use super::transferred_position::{TransferredCurrent, TransferredDevice, TransferredLocator, parse_hash};
use crate::model::{PositionRule, Progress};

/// A history, oldest first.
struct ImportedPast<'a>(&'a [TransferredPosition]);

impl Past for ImportedPast<'_> {
    type Error = Infallible;

    fn visit(&self, visit: &mut dyn FnMut(DeviceKey, &Progress) -> ControlFlow<()>) -> Result<(), Infallible> {
        let mut newest_first = self.0.iter().rev().map(|entry| &entry.progress);
        let _ = newest_first.try_for_each(|position| visit(DeviceKey::of(position), position));
        Ok(())
    }
}

/// Returns a document's state for an export, unless its history tells the same.
///
/// Sequence numbers are indexes in the history, which is oldest first. What a queue may undo is left out: it holds for five seconds.
pub(super) fn exported(current: Current, history: &[TransferredPosition]) -> Option<TransferredCurrent> {
    let (sequence, last) = (current.sequence, history.len().checked_sub(1)?);
    let mut current = Current { identifiers: None, ..current.settled() };
    current.devices.iter_mut().for_each(|last| last.had_pushed = false);
    if PositionRule::ALL.into_iter().all(|rule| derived(history, last, rule) == current) {
        return None;
    }
    let entry = usize::try_from(sequence).ok()?;
    let entry_time = history.get(entry)?.progress.timestamp;
    let Current { position, holder, borrowed, started_over, devices, .. } = &current;
    let is_shown = started_over.is_none();
    Some(TransferredCurrent {
        entry,
        released: holder.is_none(),
        reached: Some(position.timestamp).filter(|reached| is_shown && *reached != entry_time),
        locator: borrowed
            .map(|Borrowed { percentage }| TransferredLocator { progress: position.progress.clone(), percentage }),
        started_over: *started_over,
        devices: devices.iter().map(exported_device).collect(),
    })
}

/// Returns the state of a document of a version in which each push became current. Its sequence number is an index in the history.
pub(super) fn of_older_version(history: &[TransferredPosition]) -> Option<Current> {
    let last = history.len().checked_sub(1)?;
    Some(derived(history, last, PositionRule::Last))
}

pub(super) fn exported_device(last: &LastPush) -> TransferredDevice {
    let LastPush {
        device: DeviceKey(device), place: LocatorHash(place), percentage, reached, has_pushed, first, ..
    } = *last;
    TransferredDevice {
        device: device_text(DeviceKey(device)),
        place: format!("{place:016x}"),
        percentage,
        reached,
        has_pushed,
        first: first.map(|FirstPush { percentage, timestamp }| (percentage, timestamp)),
    }
}

/// Returns the hash of a device as an export has it.
pub(super) fn device_text(DeviceKey(hash): DeviceKey) -> String {
    format!("{hash:016x}")
}

/// Returns the device of a hash in an export.
pub(super) fn parse_device(text: &str) -> Option<DeviceKey> {
    parse_hash(text).map(DeviceKey)
}

pub(super) fn imported_device(device: &TransferredDevice) -> LastPush {
    let TransferredDevice { device, place, percentage, reached, has_pushed, first } = device;
    // They were checked when the record was read.
    let number = |hash: &str| parse_hash(hash).unwrap_or(0);
    LastPush {
        device: DeviceKey(number(device)),
        place: LocatorHash(number(place)),
        percentage: *percentage,
        reached: *reached,
        has_pushed: *has_pushed,
        had_pushed: false,
        queue_time: None,
        first: first.map(|(percentage, timestamp)| FirstPush { percentage, timestamp }),
    }
}

/// Returns the state of an imported document under a rule. Its sequence numbers are indexes in the history.
///
/// An export of an older version, and another server, have the history alone. There each push became current, as it does under the rules
/// but for `furthest`, under which the history is read again. After a wrong clock the last position is not the latest, which
/// `is_latest` asks for: it is what counts beside another history.
pub(super) fn imported(document: &TransferredDocument, rule: PositionRule, is_latest: bool) -> Option<Current> {
    let history = &document.history;
    let latest = || history.iter().enumerate().max_by_key(|(_, entry)| entry.progress.timestamp);
    let last = if is_latest { latest()?.0 } else { history.len().checked_sub(1)? };
    let current = match &document.current {
        Some(current) => carried(current, history)?,
        None => derived(history, last, rule),
    };
    let identifiers = document.identifiers.as_ref().and_then(|identifiers| PackedIdentifiers::new(identifiers).ok());
    Some(Current { identifiers, ..current })
}

/// Returns the state that a history alone tells.
fn derived(history: &[TransferredPosition], last: usize, rule: PositionRule) -> Current {
    let Ok(current) = match rule {
        PositionRule::Furthest => replayed(history, rule),
        PositionRule::Newest | PositionRule::Last => {
            Current::derive(history[last].progress.clone(), last as u64, &ImportedPast(history))
        }
    };
    current
}

/// Returns the state that an export carries.
fn carried(current: &TransferredCurrent, history: &[TransferredPosition]) -> Option<Current> {
    let TransferredCurrent { entry, released, reached, locator, started_over, devices } = current;
    let mut position = history.get(*entry)?.progress.clone();
    let holder = (!released).then(|| DeviceKey::of(&position));
    position.timestamp = reached.unwrap_or(position.timestamp);
    let borrowed = locator.as_ref().map(|locator| Borrowed { percentage: locator.percentage });
    if let Some(locator) = locator {
        position.progress.clone_from(&locator.progress);
    }
    let push =
        Push { position: &position, device: DeviceKey::of(&position), sequence: *entry as u64, identifiers: None };
    let mut state = Current { holder, borrowed, ..Current::new(&push) };
    if let Some(time) = started_over {
        state.start_over(*time);
    }
    state.devices = devices.iter().map(imported_device).filter(|last| Some(last.device) != state.holder).collect();
    Some(state)
}

/// Applies a history push by push.
fn replayed(history: &[TransferredPosition], rule: PositionRule) -> Result<Current, Infallible> {
    let push_of = |index: usize| {
        let position = &history[index].progress;
        Push { position, device: DeviceKey::of(position), sequence: index as u64, identifiers: None }
    };
    let mut current = Current::new(&push_of(0));
    for index in 1..history.len() {
        let (push, past) = (push_of(index), ImportedPast(&history[..index]));
        if push.position.is_restored() {
            current.put_back(push.position, push.sequence, &past)?;
        } else {
            current.apply(rule, &push, &past)?;
            if current.position == *push.position {
                current.sequence = push.sequence;
            }
        }
    }
    Ok(current)
}

/// Returns whether an imported current position replaces the existing one by a rule.
///
/// `is_known` tells whether the existing history has its entry: then a rule has judged it here before.
pub(super) fn replaces(rule: PositionRule, existing: &Current, imported: &Current, is_known: bool) -> bool {
    let time = |current: &Current| current.started_over.unwrap_or(current.position.timestamp);
    let is_later = time(imported) > time(existing);
    if existing.started_over.is_some() || imported.started_over.is_some() {
        return is_later && (imported.started_over.is_some() || !is_known);
    }
    let (percentage, before) = (imported.position.percentage, existing.position.percentage);
    let is_part = |percentage: f64| (0.0..=1.0).contains(&percentage);
    let wins = match rule {
        PositionRule::Furthest => is_part(percentage) && (percentage > before || !is_part(before)),
        PositionRule::Newest | PositionRule::Last => is_later,
    };
    wins && !is_known
}

/// Returns the state of an imported position that replaces the existing one.
///
/// One without a place moves the percentage alone: the history is searched for a place of the kind that was there [C5].
pub(super) fn replacing(imported: Current, existing: Current) -> Current {
    let place = existing.position.progress.clone();
    let mut current = merged(imported, existing);
    if current.borrowed.is_some() && !place.is_empty() {
        (current.position.progress, current.identifiers) = (place, None);
    }
    current
}

/// Returns the state of two, of which one's position is current: what is known of each device is what it did last.
pub(super) fn merged(mut current: Current, other: Current) -> Current {
    let (holder, others) = (current.holder, other.holder_push());
    for last in others.into_iter().chain(other.devices) {
        let last = LastPush { has_pushed: false, had_pushed: false, queue_time: None, first: None, ..last };
        if Some(last.device) == holder {
            continue;
        }
        match current.devices.iter_mut().find(|known| known.device == last.device) {
            Some(known) if known.reached < last.reached => *known = last,
            Some(_) => {}
            None => current.devices.push(last),
        }
    }
    current.devices.sort_by_key(|last| Reverse(last.reached));
    current.devices.truncate(MAX_DEVICES - 1);
    current.undo = None;
    current
}

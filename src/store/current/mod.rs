//! Which position of a document is the current one: the rules C1 to C6, without LMDB.
//!
//! [`Current`] is the state, and [`Current::apply`] decides what a push does to it. The store keeps the state in the document's record
//! in `progress`, see [`StateRecord`]; a book of several documents can keep one of its own, with other [`DeviceKey`]s.

mod device;
mod joined;
mod locator;
mod record;
mod rules;
#[cfg(test)]
mod tests;

use std::ops::ControlFlow;

use minicbor::{Decode, Encode};

pub(super) use self::device::{DeviceKey, LocatorHash};
pub(super) use self::record::{StartedOver, StateRecord};
pub(super) use self::rules::{is_at_beginning, is_same_entry};
use crate::model::{PositionRule, Progress, PushEffect, START_OVER_DEVICE, START_OVER_DEVICE_ID};
use crate::store::packed::PackedIdentifiers;

/// Devices that are remembered, the holder included. Of others, the one that pushed least recently goes.
pub(super) const MAX_DEVICES: usize = 16;
/// Percentage from which a document counts as finished [C2].
const FINISHED: f64 = 0.99;

/// A document's current position, and what decides which push moves it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Current {
    /// The current position, with the time at which its device reached it.
    pub(super) position: Progress,
    /// Sequence number of its entry in the history.
    pub(super) sequence: u64,
    /// The device that holds it: the one that pushed it. `None` after *Put back* and *Start over*.
    pub(super) holder: Option<DeviceKey>,
    /// Where the position's locator is from, if its device sent none [C5].
    pub(super) borrowed: Option<Borrowed>,
    /// When the document was started over, if no reader has moved since: a pull finds nothing then.
    pub(super) started_over: Option<u64>,
    /// What is known of the other devices, the last to push first. What the holder last pushed is the position itself.
    pub(super) devices: Vec<LastPush>,
    /// What was current before the holder's last pushes, which may be a drained queue.
    pub(super) undo: Option<Undo>,
    /// The identifiers that the writer of the position's `progress` named, if any [I3].
    pub(super) identifiers: Option<PackedIdentifiers>,
}

/// Where a device last pushed.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode)]
pub(super) struct LastPush {
    #[n(0)]
    pub(super) device: DeviceKey,
    #[n(1)]
    pub(super) place: LocatorHash,
    #[n(2)]
    pub(super) percentage: f64,
    /// When it reached that place, in whole seconds since the Unix epoch.
    #[n(3)]
    pub(super) reached: u64,
    /// Whether it has pushed since another device moved the current position.
    #[n(4)]
    pub(super) has_pushed: bool,
    /// Whether it had, before the pushes that [`Current::undo`] may undo.
    #[n(5)]
    pub(super) had_pushed: bool,
    /// When it last pushed, while its next push may be of the same queue.
    #[n(6)]
    pub(super) queue_time: Option<u64>,
    /// Under `furthest`: its first push in the first half of the document since that was finished.
    #[n(7)]
    pub(super) first: Option<FirstPush>,
}

/// A device's first push since the document was finished.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode)]
pub(super) struct FirstPush {
    #[n(0)]
    pub(super) percentage: f64,
    #[n(1)]
    pub(super) timestamp: u64,
}

/// The source of a locator that another push had.
#[derive(Debug, Clone, Copy, PartialEq, Encode, Decode)]
pub(super) struct Borrowed {
    /// The percentage at which it was pushed. `None` if the history has no locator at all.
    #[n(0)]
    pub(super) percentage: Option<f64>,
}

/// The current position before a series of pushes within 5 s each.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub(super) struct Undo {
    /// When the last of them came.
    #[n(0)]
    pub(super) last_push: u64,
    #[n(1)]
    pub(super) position: Progress,
    #[n(2)]
    pub(super) sequence: u64,
    #[n(3)]
    pub(super) holder: Option<DeviceKey>,
    #[n(4)]
    pub(super) borrowed: Option<Borrowed>,
    #[n(5)]
    pub(super) identifiers: Option<PackedIdentifiers>,
}

/// A push, as the rules see it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Push<'a> {
    /// The position, with the time of the push.
    pub(super) position: &'a Progress,
    pub(super) device: DeviceKey,
    /// Sequence number that its entry in the history gets, if it gets one.
    pub(super) sequence: u64,
    /// The identifiers that the device named, if it named any.
    pub(super) identifiers: Option<&'a PackedIdentifiers>,
}

/// The history of a document, read only where a rule needs it.
pub(super) trait Past {
    /// Why it cannot be read.
    type Error;

    /// Calls `visit` with each position and its device, the newest first, until that breaks.
    fn visit(&self, visit: &mut dyn FnMut(DeviceKey, &Progress) -> ControlFlow<()>) -> Result<(), Self::Error>;
}

impl LastPush {
    fn of(push: &Push<'_>) -> Self {
        Self {
            device: push.device,
            place: LocatorHash::of(&push.position.progress),
            percentage: push.position.percentage,
            reached: push.position.timestamp,
            has_pushed: true,
            had_pushed: false,
            queue_time: None,
            first: None,
        }
    }
}

/// Returns what stands in the place of a position after a start-over.
pub(super) fn started_over_at(timestamp: u64) -> Progress {
    Progress {
        progress: String::new(),
        percentage: 0.0,
        device: START_OVER_DEVICE.to_owned(),
        device_id: Some(START_OVER_DEVICE_ID.to_owned()),
        timestamp,
    }
}

impl Current {
    /// Returns the state after the first push of a document.
    pub(super) fn new(push: &Push<'_>) -> Self {
        let is_placeless = push.position.progress.is_empty();
        Self {
            position: push.position.clone(),
            sequence: push.sequence,
            holder: Some(push.device),
            borrowed: is_placeless.then_some(Borrowed { percentage: None }),
            started_over: None,
            devices: Vec::new(),
            undo: None,
            identifiers: push.identifiers.cloned(),
        }
    }

    /// Derives the state of a document of a version in which every push became current.
    ///
    /// `position` is the newest of the history, with this sequence number.
    pub(super) fn derive<P: Past>(position: Progress, sequence: u64, past: &P) -> Result<Self, P::Error> {
        let holder = (!position.is_restored()).then(|| DeviceKey::of(&position));
        let mut devices: Vec<LastPush> = Vec::new();
        past.visit(&mut |device, earlier| {
            let is_known = Some(device) == holder || devices.iter().any(|last| last.device == device);
            if !is_known && !earlier.is_restored() {
                let push = Push { position: earlier, device, sequence: 0, identifiers: None };
                devices.push(LastPush { has_pushed: false, ..LastPush::of(&push) });
            }
            if devices.len() < MAX_DEVICES - 1 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        let device = DeviceKey::of(&position);
        let current = Self::new(&Push { position: &position, device, sequence, identifiers: None });
        let mut current = Self { holder, devices, ..current };
        current.find_locator(past)?;
        Ok(current)
    }

    /// Applies a push by an account's rule, and returns what it did.
    pub(super) fn apply<P: Past>(
        &mut self,
        rule: PositionRule,
        push: &Push<'_>,
        past: &P,
    ) -> Result<PushEffect, P::Error> {
        self.end_queues(rule, push.position.timestamp);
        let last = self.last_push_of(push.device);
        let is_repeat = last.as_ref().is_some_and(|last| last.is_repeated_by(push.position));
        let effect = self.judge(rule, push, last.as_ref(), is_repeat, past)?;
        match effect {
            PushEffect::Moved => self.move_to(rule, push, past)?,
            PushEffect::HeldRepeat => self.repeat(push),
            PushEffect::Queue if self.holder == Some(push.device) => self.undo(push, past)?,
            _ => self.note(rule, push, last.as_ref(), is_repeat),
        }
        if self.position.percentage < FINISHED {
            self.devices.iter_mut().for_each(|last| last.first = None);
        }
        Ok(effect)
    }

    /// Makes a position of the history the current one, which no device holds then.
    pub(super) fn put_back<P: Past>(&mut self, position: &Progress, sequence: u64, past: &P) -> Result<(), P::Error> {
        self.release();
        self.started_over = None;
        self.set_position(position, sequence, None, past)?;
        if self.position.percentage < FINISHED {
            self.devices.iter_mut().for_each(|last| last.first = None);
        }
        Ok(())
    }

    /// Forgets the current position, until a reader moves.
    pub(super) fn start_over(&mut self, now: u64) {
        self.release();
        self.started_over = Some(now);
        (self.borrowed, self.identifiers) = (None, None);
        self.position = started_over_at(now);
        self.devices.iter_mut().for_each(|last| last.first = None);
    }

    /// Returns where a device last pushed.
    pub(super) fn last_push_of(&self, device: DeviceKey) -> Option<LastPush> {
        if self.holder == Some(device) {
            return self.holder_push();
        }
        self.devices.iter().find(|last| last.device == device).copied()
    }

    /// Returns where the holder last pushed: that is the current position.
    pub(super) fn holder_push(&self) -> Option<LastPush> {
        let device = self.holder?;
        let push = Push { position: &self.position, device, sequence: self.sequence, identifiers: None };
        let place =
            if self.borrowed.is_some() { LocatorHash::of("") } else { LocatorHash::of(&self.position.progress) };
        Some(LastPush { place, ..LastPush::of(&push) })
    }

    /// Makes a push the current position, and its device the holder.
    fn move_to<P: Past>(&mut self, rule: PositionRule, push: &Push<'_>, past: &P) -> Result<(), P::Error> {
        let now = push.position.timestamp;
        let is_other = self.holder != Some(push.device);
        self.devices.retain(|last| last.device != push.device);
        let later = self.count_since_holder();
        for last in &mut self.devices {
            last.had_pushed = last.has_pushed || last.had_pushed && !is_other;
            last.has_pushed = false;
        }
        if is_other {
            let queue = self.undo.take();
            if let Some(last) = self.holder_push() {
                let queue_time = queue.map(|queue| queue.last_push);
                self.insert_last_push(later, LastPush { has_pushed: false, queue_time, ..last });
            }
            if rule == PositionRule::Newest && self.started_over.is_none() {
                self.undo = Some(Undo {
                    last_push: now,
                    position: self.position.clone(),
                    sequence: self.sequence,
                    holder: self.holder,
                    borrowed: self.borrowed,
                    identifiers: self.identifiers.clone(),
                });
            }
            self.holder = Some(push.device);
        } else if let Some(undo) = &mut self.undo {
            undo.last_push = now;
        }
        self.started_over = None;
        self.set_position(push.position, push.sequence, push.identifiers, past)
    }

    /// Notes that the holder pushed its position again, which keeps its time [C1].
    fn repeat(&mut self, push: &Push<'_>) {
        let Progress { progress, percentage, device, device_id, timestamp } = push.position;
        if let Some(undo) = &mut self.undo {
            undo.last_push = *timestamp;
        }
        if !progress.is_empty() {
            self.borrowed = None;
            self.position.progress.clone_from(progress);
            self.identifiers = push.identifiers.cloned();
        } else if self.borrowed.is_none() {
            self.borrowed = Some(Borrowed { percentage: Some(self.position.percentage) });
        }
        self.position.percentage = *percentage;
        self.position.device.clone_from(device);
        self.position.device_id.clone_from(device_id);
    }

    /// Notes where a device is whose push did not move the current position.
    fn note(&mut self, rule: PositionRule, push: &Push<'_>, before: Option<&LastPush>, is_repeat: bool) {
        let now = push.position.timestamp;
        let mut last = LastPush::of(push);
        if let Some(before) = before {
            last.first = before.first;
            if is_repeat {
                last.reached = before.reached;
            }
        }
        last.queue_time = (rule == PositionRule::Newest).then_some(now);
        if rule == PositionRule::Furthest && last.first.is_none() && self.may_be_begun_again_by(push.position) {
            last.first = Some(FirstPush { percentage: last.percentage, timestamp: now });
        }
        // What it last pushed is no longer the position that an undo would make it hold again.
        if let Some(undo) = self.undo.as_mut().filter(|undo| undo.holder == Some(push.device)) {
            undo.holder = None;
        }
        self.devices.retain(|last| last.device != push.device);
        self.add_last_push(last);
        self.improve_locator(push);
    }

    /// Makes what was current before the holder's queue current again.
    fn undo<P: Past>(&mut self, push: &Push<'_>, past: &P) -> Result<(), P::Error> {
        let Some(Undo { position, sequence, holder, borrowed, identifiers, .. }) = self.undo.take() else {
            return Ok(());
        };
        self.devices.retain(|last| Some(last.device) != holder);
        for last in &mut self.devices {
            last.has_pushed |= last.had_pushed;
        }
        self.add_last_push(LastPush { queue_time: Some(push.position.timestamp), ..LastPush::of(push) });
        (self.position, self.sequence, self.holder, self.borrowed) = (position, sequence, holder, borrowed);
        self.identifiers = identifiers;
        // The queue may have brought a locator that is nearer.
        self.find_locator(past)?;
        self.improve_locator(push);
        Ok(())
    }

    /// Takes the current position from its holder.
    fn release(&mut self) {
        self.undo = None;
        if let Some(last) = self.holder_push() {
            self.insert_last_push(self.count_since_holder(), last);
        }
        self.holder = None;
        for last in &mut self.devices {
            (last.has_pushed, last.queue_time) = (false, None);
        }
    }

    /// Returns how many devices have pushed since the holder reached its position. They come first.
    fn count_since_holder(&self) -> usize {
        self.devices.iter().take_while(|last| last.has_pushed).count()
    }

    fn add_last_push(&mut self, last: LastPush) {
        self.insert_last_push(0, last);
    }

    fn insert_last_push(&mut self, index: usize, last: LastPush) {
        self.devices.insert(index, last);
        self.devices.truncate(MAX_DEVICES - 1);
    }
}

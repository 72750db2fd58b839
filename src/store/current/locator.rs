//! Always a place to land [C5]: a position whose device sent none gets the nearest locator of the history.

use std::ops::ControlFlow;

use super::{Borrowed, Current, Past, Push};
use crate::model::{LocatorKind, Progress};
use crate::store::packed::PackedIdentifiers;

impl Current {
    /// Makes a position current, with a locator of the history if it has none.
    pub(super) fn set_position<P: Past>(
        &mut self,
        position: &Progress,
        sequence: u64,
        identifiers: Option<&PackedIdentifiers>,
        past: &P,
    ) -> Result<(), P::Error> {
        let Progress { progress, percentage, device, device_id, timestamp } = position;
        if progress.is_empty() {
            self.borrow_locator(*percentage, past)?;
        } else {
            self.position.progress.clone_from(progress);
            (self.borrowed, self.identifiers) = (None, identifiers.cloned());
        }
        // Field by field: each push passes here, and the texts that it replaces are as long.
        self.position.device.clone_from(device);
        self.position.device_id.clone_from(device_id);
        (self.position.percentage, self.position.timestamp) = (*percentage, *timestamp);
        self.sequence = sequence;
        Ok(())
    }

    /// Returns whether a device sent no locator, and none was found.
    pub(in crate::store) fn has_no_locator(&self) -> bool {
        self.borrowed.is_some_and(|borrowed| borrowed.percentage.is_none())
    }

    /// Looks for a locator in the history, if the position's device sent none.
    pub(in crate::store) fn find_locator<P: Past>(&mut self, past: &P) -> Result<(), P::Error> {
        if self.borrowed.is_some() { self.borrow_locator(self.position.percentage, past) } else { Ok(()) }
    }

    /// Takes the locator of the history that is nearest to a percentage. Without one, the locator stays as it is.
    fn borrow_locator<P: Past>(&mut self, percentage: f64, past: &P) -> Result<(), P::Error> {
        let found = nearest(percentage, LocatorKind::of(&self.position.progress), past)?;
        let (text, found_at) = found.unzip();
        self.borrowed = Some(Borrowed { percentage: found_at });
        if let Some(text) = text.filter(|text| *text != self.position.progress) {
            // Who wrote this one, and by which names, is not known.
            (self.position.progress, self.identifiers) = (text, None);
        }
        Ok(())
    }

    /// Takes the locator of a push that did not move the position. It must have none of its own, and the push must be nearer.
    pub(super) fn improve_locator(&mut self, push: &Push<'_>) {
        let Some(borrowed) = &mut self.borrowed else { return };
        let Push { position: push, identifiers, .. } = push;
        let (kind, known) = (LocatorKind::of(&push.progress), LocatorKind::of(&self.position.progress));
        let distance = |percentage: f64| (percentage - self.position.percentage).abs();
        let is_nearer = borrowed.percentage.is_none_or(|known| distance(push.percentage) <= distance(known));
        if kind.is_some() && (known.is_none() || kind == known && is_nearer) {
            self.position.progress.clone_from(&push.progress);
            borrowed.percentage = Some(push.percentage);
            self.identifiers = identifiers.cloned();
        }
    }
}

/// Returns the locator whose percentage is nearest, the newest of several, and that percentage. One of this kind goes first.
fn nearest<P: Past>(percentage: f64, kind: Option<LocatorKind>, past: &P) -> Result<Option<(String, f64)>, P::Error> {
    let mut found: Option<(bool, f64, String, f64)> = None;
    past.visit(&mut |_, earlier| {
        let Some(of) = LocatorKind::of(&earlier.progress) else { return ControlFlow::Continue(()) };
        let (is_other, distance) = (kind.is_some_and(|kind| kind != of), (earlier.percentage - percentage).abs());
        let is_better =
            found.as_ref().is_none_or(|(known_other, known, ..)| (is_other, distance) < (*known_other, *known));
        if is_better {
            found = Some((is_other, distance, earlier.progress.clone(), earlier.percentage));
        }
        ControlFlow::Continue(())
    })?;
    Ok(found.map(|(_, _, text, percentage)| (text, percentage)))
}

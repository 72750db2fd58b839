//! The rules C1 to C3: whether a push shows that its reader moved.

use std::ops::ControlFlow;

use super::{Current, FINISHED, LastPush, LocatorHash, Past, Push, Undo};
use crate::model::{LocatorKind, PositionRule, Progress, PushEffect};

/// How far apart two pushes of one `progress` may be and still be one place: percentages of one place differ by the page's layout.
const SAME_PLACE: f64 = 0.02;
/// How far apart two XPointers of one page may be under another font. The sum of two percentages that a client
/// computed is not exact.
const SAME_PAGE: f64 = 0.002 + 1e-9;
/// Percentage up to which a book counts as just opened.
const BEGINNING: f64 = 0.02;
/// Seconds within which a device's pushes count as one: KOReader sends what it queued without a pause.
const QUEUE_SECONDS: u64 = 5;
/// Percentage at which a finished document is begun again, and the seconds it takes.
const FIRST_HALF: f64 = 0.5;
const BEGIN_SECONDS: u64 = 60;

/// Returns a percentage cut to four decimals, as KOReader compares them.
fn cut(percentage: f64) -> f64 {
    (percentage * 10_000.0).floor()
}

/// Returns whether a book at this percentage may just have been opened [C1].
pub(in crate::store) fn is_at_beginning(percentage: f64) -> bool {
    percentage <= BEGINNING
}

fn is_part(percentage: f64) -> bool {
    (0.0..=1.0).contains(&percentage)
}

/// Returns whether two pushes are close enough in time to be one queue.
fn is_soon(now: u64, last_push: u64) -> bool {
    now.checked_sub(last_push).is_some_and(|seconds| seconds <= QUEUE_SECONDS)
}

/// Returns whether a push of the holder repeats its entry in the history.
pub(in crate::store) fn is_same_entry(entry: &Progress, push: &Progress) -> bool {
    entry.progress == push.progress && cut(entry.percentage) == cut(push.percentage)
}

impl LastPush {
    /// Returns whether a push of the same device shows no reading: it is where that device last pushed [C1].
    pub(super) fn is_repeated_by(&self, push: &Progress) -> bool {
        let distance = (self.percentage - push.percentage).abs();
        // The first push after another device took over, of a page that may only look different: the next one counts.
        let is_page = || {
            !self.has_pushed && LocatorKind::of(&push.progress) == Some(LocatorKind::XPointer) && distance <= SAME_PAGE
        };
        let is_place = || distance <= SAME_PLACE && self.place.is_same(LocatorHash::of(&push.progress));
        cut(self.percentage) == cut(push.percentage) || is_place() || is_page()
    }
}

impl Current {
    /// Forgets which pushes may be of one queue, once the next can no longer be.
    pub(super) fn end_queues(&mut self, rule: PositionRule, now: u64) {
        let may_go_on = |last_push: u64| rule == PositionRule::Newest && is_soon(now, last_push);
        self.undo.take_if(|undo| !may_go_on(undo.last_push));
        for last in &mut self.devices {
            last.queue_time.take_if(|time| !may_go_on(*time));
        }
    }

    /// Decides what a push does.
    pub(super) fn judge<P: Past>(
        &self,
        rule: PositionRule,
        push: &Push<'_>,
        last: Option<&LastPush>,
        is_repeat: bool,
        past: &P,
    ) -> Result<PushEffect, P::Error> {
        match rule {
            PositionRule::Last => Ok(PushEffect::Moved),
            _ if self.started_over.is_some() => Ok(if is_repeat { PushEffect::Repeat } else { PushEffect::Moved }),
            _ if self.holder == Some(push.device) => Ok(self.judge_holder(push, is_repeat)),
            _ if is_repeat => Ok(PushEffect::Repeat),
            PositionRule::Newest => self.judge_newest(push, last, past),
            PositionRule::Furthest => self.judge_furthest(push, last, past),
        }
    }

    fn judge_holder(&self, push: &Push<'_>, is_repeat: bool) -> PushEffect {
        if is_repeat {
            return PushEffect::HeldRepeat;
        }
        let is_behind = |undo: &Undo| push.position.percentage < undo.position.percentage;
        if self.undo.as_ref().is_some_and(is_behind) { PushEffect::Queue } else { PushEffect::Moved }
    }

    /// Judges the push of another device, which is no repeat, by [C1].
    fn judge_newest<P: Past>(
        &self,
        push: &Push<'_>,
        last: Option<&LastPush>,
        past: &P,
    ) -> Result<PushEffect, P::Error> {
        let is_behind = push.position.percentage < self.position.percentage;
        match last {
            None if is_behind && is_at_beginning(push.position.percentage) => Ok(PushEffect::Opened),
            Some(LastPush { queue_time: Some(_), .. }) if is_behind => Ok(PushEffect::Queue),
            _ if is_echo(push, last, past)? => Ok(PushEffect::Echo),
            _ => Ok(PushEffect::Moved),
        }
    }

    /// Judges the push of another device, which is no repeat, by [C2].
    fn judge_furthest<P: Past>(
        &self,
        push: &Push<'_>,
        last: Option<&LastPush>,
        past: &P,
    ) -> Result<PushEffect, P::Error> {
        let (percentage, current) = (push.position.percentage, self.position.percentage);
        if is_part(percentage) && (percentage > current || !is_part(current)) {
            return Ok(if is_echo(push, last, past)? { PushEffect::Echo } else { PushEffect::Moved });
        }
        let begins_again = self.may_be_begun_again_by(push.position)
            && last.and_then(|last| last.first).is_some_and(|first| {
                let is_later = push.position.timestamp >= first.timestamp.saturating_add(BEGIN_SECONDS);
                is_later && percentage > first.percentage
            });
        Ok(if begins_again { PushEffect::Moved } else { PushEffect::NotFurther })
    }

    /// Returns whether a push may belong to another reading of the document, which is finished.
    pub(super) fn may_be_begun_again_by(&self, push: &Progress) -> bool {
        let is_finished = self.started_over.is_none() && self.position.percentage >= FINISHED;
        is_finished && is_part(push.percentage) && push.percentage <= FIRST_HALF
    }
}

/// Returns whether a device pushes the place that it pulled: one that another device pushed, before any of its own since then [C1].
fn is_echo<P: Past>(push: &Push<'_>, last: Option<&LastPush>, past: &P) -> Result<bool, P::Error> {
    let progress = &push.position.progress;
    if progress.is_empty() || last.is_some_and(|last| last.has_pushed) {
        return Ok(false);
    }
    let mut is_echo = false;
    past.visit(&mut |device, earlier| {
        is_echo = device != push.device && earlier.progress == *progress;
        if is_echo { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    })?;
    Ok(is_echo)
}

//! What a pull of a joined document answers: each locator stays with the file that it was written for [I7].
//!
//! KOReader runs whatever locator it is sent. A page number in a book that flows fails, and an XPointer in a file of pages opens page 1,
//! which is then pushed. So a file gets a locator of another one only where both are of the same notation, and it has carried over.

use crate::model::{LocatorKind, Progress, has_pages};

/// Largest difference of two percentages that are the same place.
pub(super) const SAME_PLACE: f64 = 0.02;
/// What marks a position of another file, in `device` and in `device_id`.
const MARK: &str = " (other copy)";
const ID_MARK: &str = "-other-copy";

/// A file of a joined book, as its own pushes show it.
#[derive(Debug, Clone, Copy)]
pub(super) struct OwnFile<'a> {
    /// Its history, newest first.
    pub(super) history: &'a [Progress],
    /// Its own current position.
    pub(super) current: Option<&'a Progress>,
    /// Its name on the device.
    pub(super) filename: Option<&'a str>,
}

/// Answers a pull of a file where the book's current position, `shared`, was written for another one.
///
/// `others` reads positions of the other files whose XPointers lead to the same places in this one. Returns `None` if nothing can be sent.
pub(super) fn answer<E>(
    file: OwnFile<'_>,
    shared: &Progress,
    others: impl FnOnce() -> Result<Vec<Progress>, E>,
) -> Result<Option<Progress>, E> {
    let percentage = shared.percentage;
    let own = file.own_locator(percentage).map(str::to_owned).or_else(|| file.page_at(percentage));
    let locator = match own {
        None if file.takes_xpointers() => {
            let others = others()?;
            let xpointers = others.iter().filter(|other| LocatorKind::of(&other.progress) == Some(LocatorKind::XPointer));
            nearest(xpointers, percentage).map(str::to_owned)
        }
        own => own,
    };
    Ok(match locator {
        Some(locator) => Some(marked(shared, locator)),
        None => file.current.cloned(),
    })
}

/// Returns a position with a locator for another file than the one that it was written for.
///
/// KOReader takes a position with its own device and id for its own, and does not go there.
fn marked(shared: &Progress, progress: String) -> Progress {
    Progress {
        progress,
        percentage: shared.percentage,
        device: format!("{}{MARK}", shared.device),
        device_id: shared.device_id.as_ref().map(|id| format!("{id}{ID_MARK}")),
        timestamp: shared.timestamp,
    }
}

impl OwnFile<'_> {
    /// Returns the notation of the file's locators, which is that of the newest one.
    fn kind(&self) -> Option<LocatorKind> {
        self.history.iter().find_map(|position| LocatorKind::of(&position.progress))
    }

    /// Returns the file's own locator that is nearest to a percentage, if it is the same place.
    fn own_locator(&self, percentage: f64) -> Option<&str> {
        let kind = self.kind()?;
        let is_such = |position: &&Progress| LocatorKind::of(&position.progress) == Some(kind);
        nearest(self.history.iter().filter(is_such), percentage)
    }

    /// Computes the page at a percentage, for a file of page numbers.
    fn page_at(&self, percentage: f64) -> Option<String> {
        if self.kind() != Some(LocatorKind::Page) {
            return None;
        }
        // Clients may round percentages, so the number of pages is most exact at the file's end.
        let pages = |position: &Progress| {
            let page: u32 = position.progress.trim().parse().ok().filter(|page| *page > 0)?;
            let is_part = position.percentage > 0.0 && position.percentage <= 1.0;
            is_part.then(|| (page, (f64::from(page) / position.percentage).round()))
        };
        let (_, pages) = self.history.iter().filter_map(pages).max_by_key(|(page, _)| *page)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        let page = (percentage.clamp(0.0, 1.0) * pages).round().max(1.0) as u32;
        Some(page.to_string())
    }

    /// Returns whether the file is read by XPointers, as far as is known.
    fn takes_xpointers(&self) -> bool {
        let is_xpointer = |own: &Progress| LocatorKind::of(&own.progress) == Some(LocatorKind::XPointer);
        match self.kind() {
            None => !self.filename.is_some_and(has_pages),
            Some(_) => self.history.iter().any(is_xpointer),
        }
    }
}

/// Returns the locator nearest to a percentage, the first of several that are equally near, if it is the same place.
fn nearest<'a>(positions: impl Iterator<Item = &'a Progress>, percentage: f64) -> Option<&'a str> {
    let distance = |position: &Progress| (position.percentage - percentage).abs();
    let nearest = positions.min_by(|one, other| distance(one).total_cmp(&distance(other)))?;
    is_same_place(nearest.percentage, percentage).then_some(nearest.progress.as_str())
}

/// Returns whether two percentages are the same place.
pub(super) fn is_same_place(one: f64, other: f64) -> bool {
    // Half of the fourth decimal, so that 0.42 and 0.40 are at most 0.02 apart in binary, too.
    (one - other).abs() <= SAME_PLACE + 0.000_05
}

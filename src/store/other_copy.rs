//! What a pull of a joined document answers: each locator stays with the file that it was written for [I7].
//!
//! KOReader runs whatever locator it is sent. A page number in a book that flows fails, and an XPointer in a file of pages opens page 1,
//! which is then pushed. So a file gets a locator of another one only where both are of the same notation, and it has carried over.

use crate::model::{LocatorKind, OTHER_COPY_ID_MARK, OTHER_COPY_MARK, Progress, has_pages};

/// Largest difference of two percentages that are the same place.
pub(super) const SAME_PLACE: f64 = 0.02;

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

/// Answers a pull of a file whose book's position was written for another file.
///
/// `others` reads positions of the other files whose XPointers lead to the same places in this one. Returns `None` if nothing can be sent.
pub(super) fn answer<E>(
    file: OwnFile<'_>,
    shared: &Progress,
    others: impl FnOnce() -> Result<Vec<Progress>, E>,
) -> Result<Option<Progress>, E> {
    let percentage = shared.percentage;
    let locator = match file.locator_at(percentage) {
        None if file.takes_xpointers() => {
            let others = others()?;
            let xpointers =
                others.iter().filter(|other| LocatorKind::of(&other.progress) == Some(LocatorKind::XPointer));
            nearest_within(xpointers, percentage).map(str::to_owned)
        }
        own => own,
    };
    Ok(match locator {
        Some(locator) => Some(marked(shared, locator)),
        None => file.current.cloned(),
    })
}

/// Returns a position with a locator for another file than its own.
///
/// KOReader takes a position with its own device and id for its own, and does not go there.
fn marked(shared: &Progress, progress: String) -> Progress {
    Progress {
        progress,
        percentage: shared.percentage,
        device: format!("{}{OTHER_COPY_MARK}", shared.device),
        device_id: shared.device_id.as_ref().map(|id| format!("{id}{OTHER_COPY_ID_MARK}")),
        timestamp: shared.timestamp,
    }
}

impl OwnFile<'_> {
    /// Returns the notation of the file's locators, which is that of the newest one.
    fn kind(&self) -> Option<LocatorKind> {
        self.history.iter().find_map(|position| LocatorKind::of(&position.progress))
    }

    /// Returns a locator of the file's own notation at a percentage: one that was pushed, or a page.
    pub(super) fn locator_at(&self, percentage: f64) -> Option<String> {
        self.own_locator(percentage).map(str::to_owned).or_else(|| self.page_at(percentage))
    }

    /// Returns the file's own locator that is nearest to a percentage, however far away [C5].
    pub(super) fn nearest_locator(&self, percentage: f64) -> Option<&str> {
        let kind = self.kind()?;
        let is_such = |position: &&Progress| LocatorKind::of(&position.progress) == Some(kind);
        nearest(self.history.iter().filter(is_such), percentage).map(|nearest| nearest.progress.as_str())
    }

    /// Returns the file's own locator nearest to a percentage, if that is close.
    fn own_locator(&self, percentage: f64) -> Option<&str> {
        let kind = self.kind()?;
        let is_such = |position: &&Progress| LocatorKind::of(&position.progress) == Some(kind);
        nearest_within(self.history.iter().filter(is_such), percentage)
    }

    /// Computes the page at a percentage, for a file of page numbers.
    fn page_at(&self, percentage: f64) -> Option<String> {
        let share = percentage.clamp(0.0, 1.0);
        // A client that sends 12 for 12 % means no place of the file: it is not at its end.
        if self.kind() != Some(LocatorKind::Page) || !is_same_place(share, percentage) {
            return None;
        }
        // Clients may round percentages, so the number of pages is most exact at the file's end.
        let pages = |position: &Progress| {
            let page: u32 = position.progress.trim().parse().ok().filter(|page| *page > 0)?;
            let is_part = position.percentage > 0.0 && position.percentage <= 1.0;
            is_part.then(|| (page, (f64::from(page) / position.percentage).round()))
        };
        // Of several pushes of that page, the newest.
        let (_, pages) = self.history.iter().rev().filter_map(pages).max_by_key(|(page, _)| *page)?;
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the cast saturates")]
        let page = (share * pages).round().max(1.0) as u32;
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

/// Returns the position nearest to a percentage, the first of several that are equally near.
fn nearest<'a>(positions: impl Iterator<Item = &'a Progress>, percentage: f64) -> Option<&'a Progress> {
    let distance = |position: &Progress| (position.percentage - percentage).abs();
    positions.min_by(|one, other| distance(one).total_cmp(&distance(other)))
}

/// Returns the locator nearest to a percentage, if it is the same place.
fn nearest_within<'a>(positions: impl Iterator<Item = &'a Progress>, percentage: f64) -> Option<&'a str> {
    let nearest = nearest(positions, percentage)?;
    is_same_place(nearest.percentage, percentage).then_some(nearest.progress.as_str())
}

/// Returns whether two percentages are the same place.
pub(super) fn is_same_place(one: f64, other: f64) -> bool {
    // Half of the fourth decimal, so that 0.42 and 0.40 are at most 0.02 apart in binary, too.
    (one - other).abs() <= SAME_PLACE + 0.000_05
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use proptest::prelude::*;

    use super::*;

    fn position(progress: &str, percentage: f64) -> Progress {
        let position = Progress::new(progress.into(), percentage, "Kobo".into(), Some("K1".into()));
        Progress { timestamp: 7, ..position.expect("a position") }
    }

    fn xpointer(number: u32) -> String {
        format!("/body/DocFragment[{number}]")
    }

    /// Answers a pull of a file with this history, newest first, and file name.
    fn answered(
        history: &[Progress],
        filename: Option<&str>,
        shared: &Progress,
        others: &[Progress],
    ) -> Option<Progress> {
        let file = OwnFile { history, current: history.first(), filename };
        let answered: Result<_, Infallible> = answer(file, shared, || Ok(others.to_vec()));
        answered.expect("an answer")
    }

    #[test]
    fn i7_the_nearest_own_locator_within_2_percent_goes_first() {
        let history = [(9, 0.9), (61, 0.621), (59, 0.59), (60, 0.6), (62, 0.64)]
            .map(|(at, share)| position(&xpointer(at), share));
        let shared = position("/body/other", 0.605);
        let found = answered(&history, None, &shared, std::slice::from_ref(&shared)).expect("a position");
        let expected = Progress {
            progress: xpointer(60),
            device: "Kobo (other copy)".into(),
            device_id: Some("K1-other-copy".into()),
            ..shared.clone()
        };
        assert_eq!(found, expected);
        // 2 % away is still that place, more is not.
        let near = |share: f64| answered(&[position(&xpointer(40), share)], None, &position("/body/x", 0.42), &[]);
        assert_eq!(near(0.4).map(|found| found.percentage), Some(0.42));
        assert_eq!(near(0.399).map(|found| found.percentage), Some(0.399), "its own last position, whole");
    }

    #[test]
    fn i7_the_page_is_computed_from_own_pages() {
        let page = |history: &[(&str, f64)], share: f64| {
            let history: Vec<_> = history.iter().map(|(page, share)| position(page, *share)).collect();
            answered(&history, Some("a.pdf"), &position(&xpointer(5), share), &[position(&xpointer(5), share)])
                .expect("a position")
                .progress
        };
        assert_eq!(page(&[("30", 0.1)], 0.573), "172");
        // Rounded percentages: the greatest page tells best.
        assert_eq!(page(&[("1", 0.0033), ("200", 0.6667)], 0.5), "150");
        assert_eq!((page(&[("30", 0.1)], 1.0).as_str(), page(&[("30", 0.1)], 1.01).as_str()), ("300", "300"));
        assert_eq!((page(&[("30", 0.1)], 0.0).as_str(), page(&[("30", 0.1)], -0.01).as_str()), ("1", "1"));
        // No part of a book: its own last position.
        assert_eq!((page(&[("30", 0.1)], 7.0).as_str(), page(&[("30", 0.1)], -1.0).as_str()), ("30", "30"));
        // It was read by XPointers before, under another client.
        assert_eq!(page(&[("30", 0.1), ("/body/DocFragment[9]", 0.57)], 0.573), "172");
        // Nothing to compute it from: its own last position.
        assert_eq!(page(&[("30", 0.0)], 0.5), "30");
        assert_eq!(page(&[("0", 0.0)], 0.5), "0");
    }

    #[test]
    fn i7_xpointers_go_to_files_that_have_them_or_may_have_them() {
        let shared = position(&xpointer(60), 0.6);
        let others = [shared.clone()];
        let gets = |history: &[Progress], filename: Option<&str>| {
            answered(history, filename, &shared, &others).map(|found| found.progress)
        };
        assert_eq!(gets(&[position(&xpointer(1), 0.1)], None), Some(xpointer(60)));
        assert_eq!(gets(&[], None), Some(xpointer(60)));
        assert_eq!(gets(&[], Some("a.epub")), Some(xpointer(60)));
        assert_eq!(gets(&[], Some("a.PDF")), None);
        assert_eq!(gets(&[position("", 0.1)], Some("a.cbz")), Some(String::new()));
        assert_eq!(gets(&[position("epubcfi(/6/4)", 0.1)], None), Some("epubcfi(/6/4)".into()));
        assert_eq!(gets(&[position("0.1", 0.1)], None), Some("0.1".into()));
        // A page number is for no other file, and an XPointer that does not carry over is not among the others.
        assert_eq!(answered(&[], None, &position("7", 0.6), &[position("7", 0.6)]), None);
        assert_eq!(answered(&[], None, &shared, &[]), None);
    }

    fn locator() -> impl Strategy<Value = String> {
        prop_oneof![
            (1_u32..9).prop_map(xpointer),
            (0_u32..200).prop_map(|page| page.to_string()),
            Just(String::new()),
            Just("epubcfi(/6/4)".to_owned()),
        ]
    }

    fn history() -> impl Strategy<Value = Vec<Progress>> {
        let share = prop_oneof![0.0..1.0, Just(0.5), -9.0..9.0];
        prop::collection::vec((locator(), share).prop_map(|(locator, share)| position(&locator, share)), 0..6)
    }

    proptest! {
        /// A file gets a locator of its notation, or an XPointer if it pushed none.
        #[test]
        fn i7_no_file_gets_a_locator_of_another_notation(
            own in history(),
            others in history(),
            shared in (locator(), -0.5..1.5).prop_map(|(locator, share)| position(&locator, share)),
            is_paged: bool,
        ) {
            let filename = if is_paged { "a.pdf" } else { "a.epub" };
            let kinds: Vec<_> = own.iter().filter_map(|position| LocatorKind::of(&position.progress)).collect();
            if let Some(found) = answered(&own, Some(filename), &shared, &others)
                && let Some(kind) = LocatorKind::of(&found.progress)
            {
                let may_have = kinds.contains(&kind) || kinds.is_empty() && !is_paged && kind == LocatorKind::XPointer;
                prop_assert!(may_have, "{found:?}");
            }
        }
    }
}

//! The last errors and warnings of this process's log, for the administrator's page.
//!
//! The binary's log fills it. It is the process's, as the log itself is; a program that embeds the library has a log of its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

/// Target of the events that have a secret. They are not kept.
pub(crate) const SECRET_TARGET: &str = "kosync::provision::secret";
/// Lines of each level that are kept. Repeats are throttled where they are logged.
#[cfg(feature = "cli")]
const KEPT: usize = 10;
/// Longest line, in bytes.
#[cfg(feature = "cli")]
const LINE_MAX: usize = 500;

/// A line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the binary's log makes them"))]
pub(crate) struct RecentLine {
    /// In seconds since the Unix epoch.
    pub(crate) time: u64,
    pub(crate) is_error: bool,
    pub(crate) text: String,
}

/// Errors and warnings, apart: the warnings that strangers cause push out no error.
static LINES: [Mutex<VecDeque<RecentLine>>; 2] = [Mutex::new(VecDeque::new()), Mutex::new(VecDeque::new())];
static IS_KEPT: AtomicBool = AtomicBool::new(false);

/// Begins to keep lines.
#[cfg(feature = "cli")]
pub(crate) fn start() {
    IS_KEPT.store(true, Ordering::Relaxed);
}

/// Keeps a line.
#[cfg(feature = "cli")]
pub(crate) fn record(mut line: RecentLine) {
    if line.text.len() > LINE_MAX {
        line.text.truncate(line.text.floor_char_boundary(LINE_MAX));
        line.text.push('…');
    }
    let mut lines = LINES[usize::from(line.is_error)].lock().unwrap_or_else(PoisonError::into_inner);
    if lines.len() == KEPT {
        lines.pop_front();
    }
    lines.push_back(line);
}

/// Returns the kept lines, newest first; `None` if this process keeps none.
pub(crate) fn lines() -> Option<Vec<RecentLine>> {
    if !IS_KEPT.load(Ordering::Relaxed) {
        return None;
    }
    let of_level = |lines: &Mutex<VecDeque<RecentLine>>| lines.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut lines: Vec<RecentLine> = LINES.iter().flat_map(of_level).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.time));
    Some(lines)
}

#[cfg(all(test, feature = "cli"))]
mod tests {
    use crate::recent_log::{RecentLine, lines, record, start};

    #[test]
    fn warnings_push_out_no_error() {
        let line = |time, is_error| RecentLine { time, is_error, text: "é".repeat(400) };
        start();
        record(line(1, true));
        (2..40).for_each(|time| record(line(time, false)));
        let lines = lines().expect("lines");
        assert_eq!(lines.iter().map(|line| line.time).collect::<Vec<_>>(), [39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 1]);
        assert!(lines.iter().all(|line| line.text.len() < 510 && line.text.ends_with('…')));
    }
}

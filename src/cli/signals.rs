//! Removes unfinished files when a signal ends a command.

use std::fs;
use std::process;
use std::thread;

use nix::sys::signal::{SigSet, Signal, raise};

use crate::store;

/// Ends the process by SIGINT, SIGTERM or SIGHUP only after its unfinished files are removed.
///
/// Call it before other threads start: they inherit the mask.
pub(super) fn remove_unfinished_files_on_signal() {
    let ignored = ignored_signals();
    // A parent that ignores these two, such as `nohup` or a shell that runs this in the background, means it.
    let wanted = [Signal::SIGINT, Signal::SIGHUP].into_iter().filter(|signal| !ignored.contains(*signal));
    let signals: SigSet = wanted.chain([Signal::SIGTERM]).collect();
    if signals.thread_block().is_err() {
        return;
    }
    let waiting = thread::Builder::new().spawn(move || {
        let Ok(signal) = signals.wait() else { return };
        store::remove_unfinished();
        let _ = signals.thread_unblock();
        let _ = raise(signal);
        // Only where the signal is ignored.
        process::exit(128 + signal as i32);
    });
    if waiting.is_err() {
        let _ = signals.thread_unblock();
    }
}

/// Returns the signals that this process ignores. nix cannot ask without `unsafe`.
fn ignored_signals() -> SigSet {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0);
    Signal::iterator().filter(|signal| mask & (1 << (*signal as i32 - 1)) != 0).collect()
}

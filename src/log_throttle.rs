//! Limits how often one kind of log line is written, against floods.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Period of most lines: 60 s.
pub(crate) const LOG_PERIOD: Duration = Duration::from_secs(60);
/// Keys that are remembered. All further ones of a period share one line.
const MAX_KEYS: usize = 1024;

/// Allows one log line per key and period, and counts the suppressed ones.
///
/// At most [`MAX_KEYS`] keys are kept, so memory and log are bounded however many keys a client makes up.
#[derive(Debug)]
pub(crate) struct LogThrottle<K> {
    period: Duration,
    lines: Mutex<Lines<K>>,
}

#[derive(Debug)]
struct Lines<K> {
    by_key: HashMap<K, Line>,
    /// The line of all keys that have no entry because there are too many.
    others: Option<Line>,
    /// Before this time no entry expires, so a sweep would remove none.
    sweep_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    written: Instant,
    suppressed: u64,
}

impl<K: Eq + Hash> LogThrottle<K> {
    /// Returns a throttle that allows one line per key and `period`.
    pub(crate) fn new(period: Duration) -> Self {
        let lines = Lines { by_key: HashMap::new(), others: None, sweep_at: None };
        Self { period, lines: Mutex::new(lines) }
    }

    /// Returns `Some` if a line may be written now: the number of lines suppressed since the last one.
    pub(crate) fn check(&self, key: K) -> Option<u64> {
        self.check_at(key, Instant::now())
    }

    fn check_at(&self, key: K, now: Instant) -> Option<u64> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(line) = lines.by_key.get_mut(&key) {
            return line.check(now, self.period);
        }
        lines.make_room(now, self.period);
        let line = Line { written: now, suppressed: 0 };
        if lines.by_key.len() < MAX_KEYS {
            lines.by_key.insert(key, line);
            return Some(0);
        }
        match &mut lines.others {
            Some(others) => others.check(now, self.period),
            none => {
                *none = Some(line);
                Some(0)
            }
        }
    }
}

impl<K> Lines<K> {
    /// Removes expired entries if there is no room for another one.
    fn make_room(&mut self, now: Instant, period: Duration) {
        if self.by_key.len() < MAX_KEYS || self.sweep_at.is_some_and(|at| now < at) {
            return;
        }
        self.by_key.retain(|_, line| now.saturating_duration_since(line.written) < period);
        self.sweep_at = self.by_key.values().map(|line| line.written + period).min();
    }
}

impl Line {
    fn check(&mut self, now: Instant, period: Duration) -> Option<u64> {
        if now.saturating_duration_since(self.written) < period {
            self.suppressed += 1;
            return None;
        }
        self.written = now;
        Some(std::mem::take(&mut self.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_per_key_and_period_has_the_number_of_suppressed_ones() {
        let throttle = LogThrottle::new(LOG_PERIOD);
        let start = Instant::now();
        assert_eq!(throttle.check_at("a", start), Some(0));
        assert_eq!(throttle.check_at("a", start), None);
        assert_eq!(throttle.check_at("b", start), Some(0));
        assert_eq!(throttle.check_at("a", start + LOG_PERIOD - Duration::from_millis(1)), None);
        assert_eq!(throttle.check_at("a", start + LOG_PERIOD), Some(2));
        assert_eq!(throttle.check_at("a", start + LOG_PERIOD), None);
        assert_eq!(throttle.check_at("b", start + LOG_PERIOD), Some(0));
    }

    /// A client that invents keys gets no more lines than there is room for keys.
    #[test]
    fn keys_without_end_share_one_line() {
        let throttle = LogThrottle::new(LOG_PERIOD);
        let start = Instant::now();
        let written = (0..100_000).filter(|key| throttle.check_at(*key, start).is_some()).count();
        assert_eq!(written, MAX_KEYS + 1);
        assert_eq!(throttle.lines.lock().expect("lock").by_key.len(), MAX_KEYS);
        let later = start + LOG_PERIOD;
        assert_eq!(throttle.check_at(200_000, later), Some(0), "expired keys make room");
        assert_eq!(throttle.lines.lock().expect("lock").by_key.len(), 1);
    }
}

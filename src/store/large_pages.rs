//! Drops the data file from the system's cache where that caches large pieces.
//!
//! Linux caches a file that is read from start to end, as by `cat`, tar or restic, in pieces of up to 2 MiB. Where a push then changes
//! 4 KiB, it marks the whole piece as changed, and goes through all of it to find what to write: pushes fall to a third. No hint on our
//! descriptors prevents it, since the piece size is that of the other program's reads.
//!
//! The thread's own counters show it: Linux counts a changed piece as written in full. Ordinary writes are counted once or less.

use std::time::{Duration, Instant};

use heed::{Env, WithoutTls};

/// Time between two looks at the counters.
const CHECK_PERIOD: Duration = Duration::from_secs(1);
/// Time between two drops: the data must be read from the disk again after each.
const DROP_PERIOD: Duration = Duration::from_secs(10 * 60);
/// Bytes to write between two looks that count. Fewer say nothing about the file.
const MIN_SAMPLE: u64 = 1 << 20;
/// Counted bytes per written byte from which the pieces are large: 32 KiB for each page of 4 KiB.
const LARGE: u64 = 8;
/// Bytes that are dropped after one commit, so that no push waits long.
const SLICE: usize = 64 << 20;

/// Bytes that a thread has written.
#[derive(Debug, Clone, Copy)]
struct Written {
    /// As it passed them to the system.
    passed: u64,
    /// As the system counted them: the whole of each piece of its cache that was changed.
    counted: u64,
}

/// Watches the writes of the writer thread.
pub(super) struct LargePages {
    last: Option<Written>,
    next_check: Instant,
    /// Where in the file the next slice to drop begins, while it is dropped.
    next_slice: Option<usize>,
}

impl LargePages {
    pub(super) fn new() -> Self {
        Self { last: None, next_check: Instant::now(), next_slice: None }
    }

    /// Looks at the thread's counters once a second, and drops the file's next slice.
    ///
    /// Must be called by the thread that writes, between two of its transactions.
    pub(super) fn after_commit(&mut self, env: &Env<WithoutTls>) {
        if let Some(start) = self.next_slice {
            self.next_slice = drop_slice(env, start);
            return;
        }
        let now = Instant::now();
        if now < self.next_check {
            return;
        }
        self.next_check = now + CHECK_PERIOD;
        if read_counters().is_some_and(|written| self.are_large(now, written)) {
            tracing::info!(
                "another program has read data.mdb, which slows pushes down: dropping it from the system's cache; let backups copy the \
                 file that `kosync backup` writes"
            );
            self.next_slice = Some(0);
        }
    }

    /// Returns whether the writes since the last look changed large pieces. Then the next look is ten minutes away.
    fn are_large(&mut self, now: Instant, written: Written) -> bool {
        let Some(last) = self.last else {
            self.last = Some(written);
            return false;
        };
        let passed = written.passed.saturating_sub(last.passed);
        if passed < MIN_SAMPLE {
            return false;
        }
        let are_large = written.counted.saturating_sub(last.counted) >= LARGE.saturating_mul(passed);
        if are_large {
            // What is written until then says nothing about the time after it.
            self.last = None;
            self.next_check = now + DROP_PERIOD;
        } else {
            self.last = Some(written);
        }
        are_large
    }
}

/// Reads the counters of this thread, if the system lets the process.
#[cfg(target_os = "linux")]
fn read_counters() -> Option<Written> {
    let text = std::fs::read_to_string("/proc/thread-self/io").ok()?;
    let value = |name| text.lines().find_map(|line| line.strip_prefix(name)?.trim().parse().ok());
    Some(Written { passed: value("wchar:")?, counted: value("write_bytes:")? })
}

/// Returns nothing: other systems cache files in pages alone, or do not say.
#[cfg(not(target_os = "linux"))]
fn read_counters() -> Option<Written> {
    None
}

/// Drops a slice of the data file from the system's cache. Returns where the next one begins.
///
/// Both calls are hints: a failure does no harm.
#[cfg(target_os = "linux")]
#[allow(unsafe_code)]
fn drop_slice(env: &Env<WithoutTls>, start: usize) -> Option<usize> {
    use std::os::unix::fs::MetadataExt;

    let file = std::fs::File::open(env.path().join(super::data_files::DATA)).ok()?;
    let metadata = file.metadata().ok()?;
    let map = find_map(&std::fs::read_to_string("/proc/self/maps").ok()?, metadata.ino())?;
    let size = usize::try_from(metadata.len()).ok()?.min(map.len());
    let end = start.saturating_add(SLICE).min(size);
    let len = end.checked_sub(start).filter(|len| *len > 0)?;
    // Pages that are mapped cannot be dropped.
    let address = std::ptr::without_provenance_mut(map.start + start);
    // SAFETY: The range is within the map of an environment that is open. The map is shared with the file, so that a page is mapped
    // again, with what it held, when it is next read. LMDB does not write to its map: `WRITE_MAP` is off.
    let _ = unsafe { rustix::mm::madvise(address, len, rustix::mm::Advice::LinuxDontNeed) };
    let range = std::num::NonZeroU64::new(len as u64);
    let _ = rustix::fs::fadvise(&file, start as u64, range, rustix::fs::Advice::DontNeed);
    Some(end)
}

/// Finds the data file's map by its inode number in `/proc/self/maps`' text.
#[cfg(target_os = "linux")]
fn find_map(maps: &str, inode: u64) -> Option<std::ops::Range<usize>> {
    maps.lines().find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let (start, end) = fields.next()?.split_once('-')?;
        let is_data = fields.next() == Some("r--s")
            && fields.next().is_some_and(|offset| offset.bytes().all(|byte| byte == b'0'))
            && fields.nth(1)?.parse() == Ok(inode)
            && line.ends_with(super::data_files::DATA);
        let address = |text| usize::from_str_radix(text, 16).ok();
        if is_data { Some(address(start)?..address(end)?) } else { None }
    })
}

#[cfg(not(target_os = "linux"))]
fn drop_slice(_: &Env<WithoutTls>, _: usize) -> Option<usize> {
    None
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;
    #[cfg(target_os = "linux")]
    use crate::store::env::open_env;
    #[cfg(target_os = "linux")]
    use crate::store::tables::{Tables, open_tree};

    const MIB: u64 = 1 << 20;

    fn written(passed: u64, counted: u64) -> Written {
        Written { passed: passed * MIB, counted: counted * MIB }
    }

    #[test]
    fn writes_that_count_eightfold_are_of_large_pieces() {
        let mut pages = LargePages::new();
        let now = Instant::now();
        assert!(!pages.are_large(now, written(100, 5000)), "nothing to compare it with");
        assert!(!pages.are_large(now, written(102, 5015)), "7.5 times");
        assert!(pages.are_large(now, written(104, 5031)), "8 times");
        assert_eq!(pages.next_check, now + DROP_PERIOD);
        assert!(!pages.are_large(now, written(105, 9000)), "a new beginning");
        assert!(!pages.are_large(now, written(106, 9001)));
    }

    #[test]
    fn few_writes_are_judged_with_those_that_follow() {
        let mut pages = LargePages::new();
        let now = Instant::now();
        let first = written(100, 100);
        pages.are_large(now, first);
        let half = Written { passed: first.passed + MIB / 2, counted: first.counted + 6 * MIB };
        assert!(!pages.are_large(now, half));
        assert!(pages.are_large(now, written(101, 112)), "12 MiB of one");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_counters_of_this_thread_grow_with_its_writes() {
        use std::io::Write;
        let Some(before) = read_counters() else { panic!("/proc/thread-self/io cannot be read") };
        tempfile::tempfile().unwrap().write_all(&[1; 100_000]).unwrap();
        assert_eq!(read_counters().unwrap().passed - before.passed, 100_000);
    }

    /// KiB of the data file that this process has mapped.
    #[cfg(target_os = "linux")]
    fn mapped(path: &std::path::Path) -> u64 {
        let smaps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let mut lines = smaps.lines().skip_while(|line| !line.ends_with(path.to_str().unwrap()));
        let rss = lines.find(|line| line.starts_with("Rss:")).expect("a map of the file");
        rss.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn only_the_map_of_the_data_file_is_found() {
        let maps = "\
            7edc34000000-7edc34001000 rw-s 00000000 fe:00 77                         /srv/kosync/data.mdb\n\
            7edc35000000-7edc35001000 r--s 00000000 fe:00 77                         /srv/kosync/lock.mdb\n\
            7edc36000000-7edc36001000 r--s 00000000 fe:00 78                         /srv/other/data.mdb\n\
            7edc37000000-7edc38000000 r--s 00000000 fe:00 77                         /srv/a b/data.mdb\n\
            7edc39000000-7edc39001000 r-xp 00000000 00:00 0\n";
        assert_eq!(find_map(maps, 77), Some(0x7edc_3700_0000..0x7edc_3800_0000));
        assert_eq!(find_map(maps, 79), None);
        assert_eq!(find_map("", 77), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn dropping_unmaps_the_whole_file_in_slices_and_loses_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let env = open_env(dir.path(), 1 << 30).unwrap();
        Tables::open_or_create(&env).unwrap();
        let tree = open_tree(&env).unwrap().unwrap();
        let values = u8::try_from(SLICE >> 19).unwrap();
        let value = |key: u8| vec![key; 1 << 20];
        let mut txn = env.write_txn().unwrap();
        for key in 0..values {
            tree.put(&mut txn, &[key], &value(key)).unwrap();
        }
        txn.commit().unwrap();
        let check_all = || {
            let txn = env.read_txn().unwrap();
            for key in 0..values {
                assert!(tree.get(&txn, &[key]).unwrap().unwrap() == value(key), "{key}");
            }
        };
        check_all();
        let file = dir.path().join("data.mdb").canonicalize().unwrap();
        assert!(mapped(&file) >= (SLICE >> 9) as u64);
        let reader = env.read_txn().unwrap();
        let mut slices = 0;
        let mut next = Some(0);
        while let Some(start) = next {
            next = drop_slice(&env, start);
            slices += usize::from(next.is_some());
        }
        assert_eq!(slices, 3, "two slices of data, and one of LMDB's own pages");
        assert_eq!(mapped(&file), 0);
        assert!(tree.get(&reader, &[7]).unwrap().unwrap() == value(7));
        drop(reader);
        check_all();
    }
}

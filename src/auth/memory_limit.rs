//! How many Argon2 runs the memory of this process's cgroup allows at a time.

use std::fs;
use std::path::{Path, PathBuf};

/// Memory of one Argon2 run in bytes: 19 MiB.
const RUN_BYTES: u64 = 19 << 20;

/// Returns how many Argon2 runs may be active at a time: one per core, and at most half of the cgroup's memory, but at least one.
pub(super) fn hash_permits() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    permits(cores, memory_limit(Path::new("/")))
}

fn permits(cores: usize, memory: Option<u64>) -> usize {
    let by_memory = memory.map_or(usize::MAX, |bytes| usize::try_from(bytes / 2 / RUN_BYTES).unwrap_or(usize::MAX));
    cores.min(by_memory).max(1)
}

/// Returns the smallest limit of the process's cgroups, of version 2 and 1. Returns `None` where there are no cgroups,
/// as on macOS. `root` is `/` outside tests.
fn memory_limit(root: &Path) -> Option<u64> {
    let groups = fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let limits = groups.lines().filter_map(|line| {
        let (controllers, path) = line.split_once(':')?.1.split_once(':')?;
        let mount = root.join("sys/fs/cgroup");
        match controllers {
            "" => smallest(&mount, path, "memory.max"),
            _ if controllers.split(',').any(|controller| controller == "memory") => {
                smallest(&mount.join("memory"), path, "memory.limit_in_bytes")
            }
            _ => None,
        }
    });
    limits.min()
}

/// Returns the smallest limit along a path. In a container the path may be the host's, and only the mount itself is there.
fn smallest(mount: &Path, path: &str, file: &str) -> Option<u64> {
    let mut group: PathBuf = mount.join(path.trim_start_matches('/'));
    let mut limit: Option<u64> = None;
    while group.starts_with(mount) {
        // `max` of version 2 is no number, and the number for "none" of version 1 is larger than any memory.
        let here = fs::read_to_string(group.join(file)).ok().and_then(|text| text.trim().parse::<u64>().ok());
        limit = limit.into_iter().chain(here).min();
        if !group.pop() {
            break;
        }
    }
    limit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn root(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("directory");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("parent")).expect("directory");
            fs::write(path, text).expect("file");
        }
        root
    }

    fn limit(files: &[(&str, &str)]) -> Option<u64> {
        memory_limit(root(files).path())
    }

    /// Attack 5: 16 cores and 128 MiB were killed by 16 wrong logins.
    #[test]
    fn runs_take_at_most_half_of_the_memory() {
        assert_eq!(permits(16, Some(128 << 20)), 3);
        assert_eq!(permits(2, Some(128 << 20)), 2);
        assert_eq!(permits(4, Some(16 << 20)), 1, "at least one");
        assert_eq!(permits(8, None), 8);
        assert_eq!(permits(8, Some(0x7fff_ffff_ffff_f000)), 8, "no limit, as version 1 writes it");
    }

    #[test]
    fn the_smallest_limit_of_version_2_counts() {
        let unit = ("proc/self/cgroup", "0::/system.slice/kosync.service\n");
        let max = "sys/fs/cgroup/system.slice/kosync.service/memory.max";
        assert_eq!(limit(&[unit, (max, "134217728\n")]), Some(128 << 20));
        assert_eq!(limit(&[unit, (max, "max\n"), ("sys/fs/cgroup/system.slice/memory.max", "1000\n")]), Some(1000));
        assert_eq!(limit(&[unit, (max, "max\n")]), None);
        // In a container: a namespace of its own, or the host's path over a mount of its own.
        assert_eq!(limit(&[("proc/self/cgroup", "0::/\n"), ("sys/fs/cgroup/memory.max", "5000\n")]), Some(5000));
        assert_eq!(limit(&[unit, ("sys/fs/cgroup/memory.max", "5000\n")]), Some(5000));
        assert_eq!(limit(&[]), None);
    }

    #[test]
    fn the_smallest_limit_of_version_1_counts() {
        let groups = ("proc/self/cgroup", "5:devices:/a\n4:cpu,memory:/docker/x\n0::/\n");
        let file = "sys/fs/cgroup/memory/docker/x/memory.limit_in_bytes";
        assert_eq!(limit(&[groups, (file, "134217728\n")]), Some(128 << 20));
        let mount = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "64000000\n");
        assert_eq!(limit(&[groups, mount]), Some(64_000_000));
    }
}

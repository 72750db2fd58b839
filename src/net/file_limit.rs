//! Holds the number of connections against the process's limit of open files.

use rustix::process::{Resource, getrlimit};

/// Files that are kept for everything but connections: the store, listeners, the log, backups.
const RESERVED: usize = 64;

/// Returns the number of connections that the process can open, at most `configured`. Warns if that is less.
pub(super) fn max_connections(configured: usize) -> usize {
    let files = getrlimit(Resource::Nofile).current;
    let max = lowered(configured, files);
    if max < configured {
        tracing::warn!(
            max_connections = configured,
            open_files = files,
            lowered_to = max,
            "max_connections is lowered: the process may not open as many files; raise that limit (LimitNOFILE=, ulimit -n)"
        );
    }
    max
}

fn lowered(configured: usize, files: Option<u64>) -> usize {
    let Some(files) = files.and_then(|files| usize::try_from(files).ok()) else { return configured };
    configured.min(files - RESERVED.min(files / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_files_for_the_rest() {
        assert_eq!(lowered(4096, None), 4096);
        assert_eq!(lowered(4096, Some(65_536)), 4096);
        assert_eq!(lowered(4096, Some(1024)), 960);
        assert_eq!(lowered(4096, Some(128)), 64);
        assert_eq!(lowered(4096, Some(20)), 10);
        assert_eq!(lowered(10, Some(128)), 10);
    }
}

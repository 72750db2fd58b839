//! The path under which a framework mounts the server.

use crate::error::{Error, Result};

/// Checks a mount path, and removes the slash at its end.
pub(super) fn mount_path(path: &str) -> Result<String> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@%/".contains(c);
    let segments = || path.split('/').skip(1).collect::<Vec<_>>();
    let has_odd_segment = || match segments().split_last() {
        Some((_, before)) => before.contains(&"") || segments().iter().any(|segment| [".", ".."].contains(segment)),
        None => false,
    };
    if !path.starts_with('/') || !path.chars().all(is_allowed) || has_odd_segment() {
        return Err(Error::Path(path.to_owned()));
    }
    Ok(path.trim_end_matches('/').to_owned())
}

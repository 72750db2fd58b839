//! Writes files that get their name once they are complete and on disk.

use std::fs::{self, File, FileType};
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use super::file_system::{parent_dir, sync_dir, unless_unsupported};
use super::owner::create_file;
use super::unfinished::{Unfinished, remove_left_over};

/// Suffix of a file that is not complete yet.
const PARTIAL: &str = ".partial";
/// Content of a file that reserves a name. Neither a backup nor an export begins like this.
const RESERVATION: &[u8] = b"kosync has not completed this file\n";

/// A file with mode 0600 without its name. It is removed if it is dropped before [`NewFile::publish`].
#[derive(Debug)]
pub(super) struct NewFile {
    // Closed before it is removed.
    file: File,
    unfinished: Unfinished,
}

impl NewFile {
    /// Creates one in a directory as `PREFIX.RANDOM.partial`, and removes such files that killed processes left.
    pub(super) fn create(dir: &Path, prefix: &str) -> io::Result<Self> {
        let prefix = format!("{prefix}.");
        remove_left_over(dir, |name| name.starts_with(&prefix) && name.ends_with(PARTIAL));
        let create = |path: &Path| Unfinished::create(path, create_file);
        let created = tempfile::Builder::new().prefix(&prefix).suffix(PARTIAL).make_in(dir, create)?;
        let ((unfinished, file), path) = created.into_parts();
        path.keep()?;
        Ok(Self { file, unfinished })
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Closes the file without syncing it.
    pub(super) fn close(self) -> Unfinished {
        self.unfinished
    }

    /// Syncs the file and gives it its name. A file of that name is replaced if `replace`, and else an error.
    pub(super) fn publish(self, target: &Path, replace: bool) -> io::Result<()> {
        let Self { file, unfinished } = self;
        unless_unsupported(file.sync_all())?;
        let length = file.metadata()?.len();
        // Before it gets its name: network file systems may send the data only now, and closing returns no error.
        drop(file);
        if fs::metadata(unfinished.path())?.len() != length {
            return Err(io::Error::other("the file system has lost a part of what was written"));
        }
        unfinished.finish(|partial| {
            check_target(target, replace)?;
            if replace { fs::rename(partial, target) } else { name_exclusively(partial, target) }
        })?;
        sync_dir(parent_dir(target))
    }
}

/// Fails unless a name is free or, if `replace`, that of a regular file.
///
/// What counts is the call that gives the name; this saves the work before it, and spares what is no regular file: a rename would
/// replace a device by a file.
pub(super) fn check_target(target: &Path, replace: bool) -> io::Result<()> {
    let kind = match fs::symlink_metadata(target) {
        Ok(found) if found.is_file() && replace => return Ok(()),
        Ok(found) if found.is_file() => return Err(name_taken()),
        Ok(found) => found.file_type(),
        // Creating the file fails, too, if this is more than a free name.
        Err(_) => return Ok(()),
    };
    let reason = if kind.is_dir() {
        "it is a directory; name a file in it".to_owned()
    } else if kind.is_symlink() {
        let leads_to = fs::read_link(target).unwrap_or_default();
        let leads_to = leads_to.display();
        format!(
            "it is a symbolic link to {leads_to}, and only regular files are replaced; name that file, or remove the link"
        )
    } else {
        format!("it is {}, and only regular files are replaced; choose another name", describe(kind))
    };
    Err(io::Error::other(reason))
}

fn describe(kind: FileType) -> &'static str {
    match kind {
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "no regular file",
    }
}

fn name_taken() -> io::Error {
    io::Error::new(io::ErrorKind::AlreadyExists, "a file of that name exists already; `--force` replaces it")
}

/// Gives a complete file a name that must be free.
///
/// Tries three ways, since none works everywhere. FUSE file systems answer `EINVAL` to the first, FAT, exFAT and rclone also refuse
/// the second, and a seccomp filter may forbid either; so any error but "exists" leads to the next way, which fails for the same
/// reason if it was a real one.
///
/// The third way works everywhere, and is weaker: it reserves the name by creating a file, which fails if there is one, and renames the
/// complete file over it. No file of others is replaced, and what has the name is complete or [`RESERVATION`], never half-written. But
/// a power cut between the two calls leaves the reservation, and a program that writes to it at that moment loses what it wrote.
pub(super) fn name_exclusively(partial: &Path, target: &Path) -> io::Result<()> {
    match rename_exclusively(partial, target) {
        Ok(()) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(name_taken()),
        Err(_) => {}
    }
    match fs::hard_link(partial, target) {
        Ok(()) => {
            let _ = fs::remove_file(partial);
            return Ok(());
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(name_taken()),
        Err(_) => {}
    }
    let reserved = create_file(target).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => name_taken(),
        _ => error,
    })?;
    replace_reservation(reserved, partial, target).inspect_err(|_| drop(fs::remove_file(target)))
}

fn replace_reservation(mut reserved: File, partial: &Path, target: &Path) -> io::Result<()> {
    // Not empty: rclone creates a file when it is closed if something was written to it, but an empty one at any time later, and with
    // that would replace the complete file.
    reserved.write_all(RESERVATION)?;
    drop(reserved);
    fs::rename(partial, target)
}

/// Renames a file in one step, unless the new name is taken.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_exclusively(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_exclusively(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

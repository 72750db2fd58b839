//! Creates files and directories that belong to who uses them.
//!
//! A command that root runs in a service's directory must not leave files there that only root can open. So what root creates gets
//! the owner and the group of the directory that it is in. Only the descriptor of what this process has just created is changed, so no
//! symbolic link is followed.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, fchown};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};
use rustix::process::geteuid;

use super::file_system::{parent_dir, sync_dir, unless_unsupported};

/// Mode of the directories above a data directory, less the umask.
const DEFAULT_DIR_MODE: u32 = 0o777;

/// Creates a file with mode 0600 for reading and writing. Nothing of that name may exist, not even a symbolic link.
pub(super) fn create_file(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
    inherit_owner(&file, parent_dir(path)).inspect_err(|_| drop(fs::remove_file(path)))?;
    Ok(file)
}

/// Opens a file for reading and writing, and creates it if it does not exist. `flags` are further flags of `open` for one that exists.
pub(super) fn open_or_create_file(path: &Path, flags: OFlags) -> io::Result<File> {
    match create_file(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            OpenOptions::new().read(true).write(true).custom_flags(flags.bits().cast_signed()).open(path)
        }
        created => created,
    }
}

/// Creates a directory with a mode, and its missing parents, and makes their names durable.
pub(super) fn create_dir(path: &Path, mode: u32) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = parent_dir(path);
    create_dir(parent, DEFAULT_DIR_MODE)?;
    match DirBuilder::new().mode(mode).create(path) {
        // Another process was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => return Ok(()),
        created => created?,
    }
    if geteuid().is_root() {
        let dir = open(path, OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())?;
        inherit_owner(&File::from(dir), parent)?;
    }
    sync_dir(parent)
}

/// Gives a new file the owner and group of its directory, if this is root.
fn inherit_owner(created: &File, dir: &Path) -> io::Result<()> {
    if !geteuid().is_root() {
        return Ok(());
    }
    let (own, dir) = (created.metadata()?, fs::metadata(dir)?);
    // A directory could have been exchanged for another since it was created; that of another owner is not ours to give away.
    if own.uid() != geteuid().as_raw() || (own.uid(), own.gid()) == (dir.uid(), dir.gid()) {
        return Ok(());
    }
    // FAT has no owners; root of a container may lack the right, or have no such user.
    unless_unsupported(fchown(created, Some(dir.uid()), Some(dir.gid())))
}

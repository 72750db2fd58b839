//! `kosync backup` and `kosync restore`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use super::CommandError;
use super::data_dir::open_existing;
use super::explain;
use super::output::{count, is_stdout, print_line};
use super::settings::Settings;
use crate::{Server, store};

/// Names of `--keep`'s files: the time in UTC between these two.
const PREFIX: &str = "kosync-";
const SUFFIX: &str = ".mdb";

#[derive(Args)]
#[command(after_help = "Examples:
  kosync backup /mnt/usb/kosync.mdb
  kosync backup --keep 14 /mnt/usb/backups     # for a timer")]
pub(super) struct BackupArgs {
    /// File to write; with --keep, the directory to write one to
    path: PathBuf,
    /// Replace the file if it exists
    #[arg(long, conflicts_with = "keep")]
    force: bool,
    /// Write a file named after the time to the directory, and delete all but the newest NUMBER of them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

#[derive(Args)]
#[command(after_help = "Examples:
  kosync restore /mnt/usb/kosync.mdb --data-dir /var/lib/kosync-new")]
pub(super) struct RestoreArgs {
    /// Backup to restore
    file: PathBuf,
}

pub(super) fn run(settings: Settings, args: &BackupArgs) -> Result<(), CommandError> {
    let server = settings.load().and_then(open_existing).map_err(CommandError::Setup)?;
    backup(&server, args).map_err(CommandError::Run)
}

fn backup(server: &Server, BackupArgs { path, force, keep }: &BackupArgs) -> Result<()> {
    if is_stdout(path) {
        bail!("a backup is written to a file, not to standard output; name a file, or use `kosync export -`");
    }
    if keep.is_some() && !path.is_dir() {
        match path.exists() {
            true => bail!("{}: this is a file; --keep writes into a directory", path.display()),
            false => bail!("{}: there is no such directory; --keep writes into one that exists", path.display()),
        }
    }
    let file = match keep {
        Some(_) => path.join(format!("{PREFIX}{}{SUFFIX}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ"))),
        None => path.clone(),
    };
    let bytes = server.store().backup(&file, *force).map_err(explain::in_words)?;
    print_line(format_args!("Wrote {bytes} bytes to {}.", file.display()))?;
    match keep {
        Some(keep) => delete_old(path, &file, *keep as usize),
        None => Ok(()),
    }
}

/// Deletes old backups of `--keep`, so that `keep` remain, of which `new` is one.
///
/// Also deletes what killed backups have left. All other files stay.
fn delete_old(directory: &Path, new: &Path, keep: usize) -> Result<()> {
    let list = || fs::read_dir(directory)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    let files = list().with_context(|| directory.display().to_string())?;
    let is_backup = |path: &&PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(is_backup_name);
    // The order of the names is that of their times. If the clock was set back, that of `new` may be the earliest.
    let mut backups: Vec<_> = files.iter().filter(is_backup).filter(|path| *path != new).collect();
    backups.sort();
    let old = backups.iter().take((backups.len() + 1).saturating_sub(keep));
    for file in old {
        fs::remove_file(file).with_context(|| file.display().to_string())?;
    }
    store::remove_left_over(directory, is_partial_name);
    Ok(())
}

fn is_backup_name(name: &str) -> bool {
    let time = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)).unwrap_or_default();
    let (date, hour) = time.split_once('T').unwrap_or_default();
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(date, 8) && hour.strip_suffix('Z').is_some_and(|hour| digits(hour, 6))
}

/// Returns whether a file is a backup that was not finished: `.NAME.RANDOM.partial`.
fn is_partial_name(name: &str) -> bool {
    let name = name.strip_prefix('.').and_then(|name| name.strip_suffix(".partial"));
    name.and_then(|name| name.rsplit_once('.')).is_some_and(|(name, _)| is_backup_name(name))
}

/// Restores a backup into an empty or new data directory.
pub(super) fn restore(settings: Settings, RestoreArgs { file }: &RestoreArgs) -> Result<(), CommandError> {
    let config = settings.load().map_err(CommandError::Setup)?;
    let directory =
        config.data_dir.ok_or_else(|| CommandError::Setup(anyhow!("there is no data directory; set `--data-dir`")))?;
    let restored =
        store::restore_backup(file, &directory).map_err(|error| CommandError::Run(explain::in_words(error)))?;
    let accounts = count(restored.accounts as u64, "account");
    let positions = count(restored.positions as u64, "position");
    print_line(format_args!("Restored {accounts} with {positions} to {}.", directory.display()))
        .map_err(CommandError::Run)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_files_of_keep_are_deleted() {
        assert!(is_backup_name("kosync-20261124T130000Z.mdb"));
        assert!(is_partial_name(".kosync-20261124T130000Z.mdb.x1Y2z3.partial"));
        for other in
            ["kosync-.mdb", "kosync-20261124.mdb", "kosync-20261124T130000Z.mdb.old", "books.mdb", ".x.partial"]
        {
            assert!(!is_backup_name(other) && !is_partial_name(other), "{other}");
        }
    }
}

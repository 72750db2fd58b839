//! `kosync backup` and `kosync restore`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Config, Server, store};
use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;

use super::transfer::count;
use super::user::{open_existing, say};

/// What the files of `--keep` are called, around the time in UTC.
const PREFIX: &str = "kosync-";
const SUFFIX: &str = ".mdb";
/// No backup is at work for so long.
const UNFINISHED_MAX: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(Args)]
pub(super) struct Backup {
    /// The file to write; with --keep the folder to write one to
    path: PathBuf,
    /// Replace the file if it is there
    #[arg(long, conflicts_with = "keep")]
    force: bool,
    /// Write a file named after the time to the folder, and leave only so many of them
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
}

#[derive(Args)]
pub(super) struct Restore {
    /// The backup
    file: PathBuf,
}

pub(super) fn open(config: Config) -> Result<Server> {
    open_existing(config)
}

/// Writes a backup, also while the server runs.
pub(super) fn run(server: &Server, Backup { path, force, keep }: &Backup) -> Result<()> {
    let file = match keep {
        Some(_) => path.join(format!("{PREFIX}{}{SUFFIX}", Timestamp::now().strftime("%Y%m%dT%H%M%SZ"))),
        None => path.clone(),
    };
    let bytes = server.store().backup(&file, *force)?;
    say(format_args!("Wrote {bytes} bytes to {}.", file.display()))?;
    match keep {
        Some(keep) => thin(path, &file, *keep as usize),
        None => Ok(()),
    }
}

/// Deletes what earlier `--keep`s wrote: all but the newest, besides the one that was written now, and what was not finished a day
/// ago. Other files stay.
fn thin(folder: &Path, new: &Path, keep: usize) -> Result<()> {
    let list = || fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    let files = list().with_context(|| folder.display().to_string())?;
    let named = |is: fn(&str) -> bool| {
        let name_is = move |path: &&PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(is);
        files.iter().filter(name_is)
    };
    // By name, which is by time. A clock that was set back gives the new one an old name.
    let mut backups: Vec<_> = named(is_ours).filter(|path| *path != new).collect();
    backups.sort();
    let old = backups.iter().take((backups.len() + 1).saturating_sub(keep));
    for file in old.copied().chain(named(is_unfinished).filter(|path| is_old(path))) {
        fs::remove_file(file).with_context(|| file.display().to_string())?;
    }
    Ok(())
}

fn is_old(file: &Path) -> bool {
    let age = fs::metadata(file).and_then(|file| file.modified()).map(|time| time.elapsed());
    age.is_ok_and(|age| age.is_ok_and(|age| age > UNFINISHED_MAX))
}

fn is_ours(name: &str) -> bool {
    let time = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)).unwrap_or_default();
    let (date, hour) = time.split_once('T').unwrap_or_default();
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(date, 8) && hour.strip_suffix('Z').is_some_and(|hour| digits(hour, 6))
}

/// What is called `.NAME.RANDOM.partial`.
fn is_unfinished(name: &str) -> bool {
    let name = name.strip_prefix('.').and_then(|name| name.strip_suffix(".partial"));
    name.and_then(|name| name.rsplit_once('.')).is_some_and(|(name, _)| is_ours(name))
}

/// Makes the data folder of a backup.
pub(super) fn restore(config: &Config, Restore { file }: &Restore) -> Result<()> {
    let Some(folder) = config.data_dir.as_deref() else { bail!("there is no data folder; see `--data-dir`") };
    let restored = store::restore_backup(file, folder)?;
    let (accounts, positions) =
        (count(restored.accounts as u64, "account"), count(restored.positions as u64, "position"));
    say(format_args!("Restored {accounts} with {positions} to {}.", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_backups_are_deleted() {
        assert!(is_ours("kosync-20261124T130000Z.mdb"));
        assert!(is_unfinished(".kosync-20261124T130000Z.mdb.x1Y2z3.partial"));
        for other in
            ["kosync-.mdb", "kosync-20261124.mdb", "kosync-20261124T130000Z.mdb.old", "books.mdb", ".x.partial"]
        {
            assert!(!is_ours(other) && !is_unfinished(other), "{other}");
        }
    }
}

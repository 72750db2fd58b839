//! `kosync backup` and `kosync restore`.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use jiff::Timestamp;
use kosync::{Config, Server, store};

use super::user::{open_existing, say};

/// What the files of `--keep` are called, around the time in UTC.
const PREFIX: &str = "kosync-";
const SUFFIX: &str = ".mdb";

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
        Some(keep) => thin(path, *keep as usize),
        None => Ok(()),
    }
}

/// Deletes the oldest backups that an earlier `--keep` wrote. Other files stay.
fn thin(folder: &Path, keep: usize) -> Result<()> {
    let list = || -> std::io::Result<Vec<PathBuf>> {
        let names = fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path()));
        names.filter(|path| path.as_ref().map_or(true, |path| is_ours(path))).collect()
    };
    let mut backups = list().with_context(|| folder.display().to_string())?;
    // Their names sort by time.
    backups.sort();
    for old in backups.iter().take(backups.len().saturating_sub(keep)) {
        fs::remove_file(old).with_context(|| old.display().to_string())?;
    }
    Ok(())
}

fn is_ours(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let time = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX)).unwrap_or_default();
    let (date, hour) = time.split_once('T').unwrap_or_default();
    let digits = |text: &str, count| text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    digits(date, 8) && hour.strip_suffix('Z').is_some_and(|hour| digits(hour, 6))
}

/// Makes the data folder of a backup.
pub(super) fn restore(config: &Config, Restore { file }: &Restore) -> Result<()> {
    let Some(folder) = config.data_dir.as_deref() else { bail!("there is no data folder; see `--data-dir`") };
    let restored = store::restore(file, folder)?;
    let (accounts, positions) = (restored.accounts, restored.positions);
    say(format_args!("Restored {accounts} accounts with {positions} positions to {}.", folder.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_backups_are_deleted() {
        assert!(is_ours(Path::new("/backups/kosync-20261124T130000Z.mdb")));
        for other in
            ["kosync-.mdb", "kosync-20261124.mdb", "kosync-20261124T130000Z.mdb.old", "books.mdb", ".x.partial"]
        {
            assert!(!is_ours(Path::new(other)), "{other}");
        }
    }
}

//! Where the log goes: to the journal with its fields when stderr is the journal, else to stderr, line by line.

use std::env;
use std::io::{self, IsTerminal};

use crate::LogLevel;
use anyhow::{Result, anyhow};
use nix::sys::stat::fstat;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

pub(super) fn init(level: LogLevel) -> Result<()> {
    let registry = tracing_subscriber::registry().with(filter(level)?);
    let journal = is_journal().then(tracing_journald::layer).and_then(Result::ok);
    let journal = journal.map(|journal| journal.with_field_prefix(Some("KOSYNC".to_owned())));
    match journal {
        Some(journal) => registry.with(journal).try_init()?,
        None => {
            let lines = tracing_subscriber::fmt::layer().with_writer(io::stderr).with_ansi(io::stderr().is_terminal());
            registry.with(lines).try_init()?;
        }
    }
    Ok(())
}

/// Our own events at the chosen level, those of the libraries a step quieter in between; then what RUST_LOG adds.
fn filter(level: LogLevel) -> Result<EnvFilter> {
    let libraries = match level {
        LogLevel::Error | LogLevel::Warn => level,
        LogLevel::Info => LogLevel::Warn,
        LogLevel::Debug => LogLevel::Info,
        LogLevel::Trace => LogLevel::Trace,
    };
    let mut directives = format!("{},kosync={}", libraries.as_str(), level.as_str());
    let added = env::var("RUST_LOG").unwrap_or_default();
    if !added.is_empty() {
        directives = format!("{directives},{added}");
    }
    EnvFilter::try_new(&directives).map_err(|error| anyhow!("RUST_LOG: `{added}`: {error}"))
}

/// systemd tells which stream goes to the journal, by device and inode: a unit may send stderr elsewhere.
fn is_journal() -> bool {
    let Ok(stream) = env::var("JOURNAL_STREAM") else { return false };
    fstat(io::stderr()).is_ok_and(|stat| stream == format!("{}:{}", stat.st_dev, stat.st_ino))
}

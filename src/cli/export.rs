//! `kosync export`: writes everything as JSON lines.

use std::env;
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;

use super::data_dir::open_existing;
use super::explain;
use super::output::print_line;
use super::progress_bar;
use super::settings::Settings;
use super::{CommandError, EXIT_FAILURE};
use crate::import::{self, ExportCounts};
use crate::{Error, Server};

#[derive(Args)]
#[command(after_help = "Examples:
  kosync export kosync.jsonl
  kosync export - | gzip > kosync.jsonl.gz")]
pub(super) struct ExportArgs {
    /// File to write, or - for standard output
    file: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long)]
    force: bool,
}

pub(super) fn run(settings: Settings, args: &ExportArgs) -> Result<(), CommandError> {
    let server = settings.load().and_then(open_existing).map_err(CommandError::Setup)?;
    export(&server, args).map_err(|error| match error.downcast_ref() {
        // The reader of the pipe has reported why it stopped. The export is incomplete, so this is a failure.
        Some(OutputClosed) => CommandError::Exit(EXIT_FAILURE),
        None => CommandError::Run(error),
    })
}

fn export(server: &Server, ExportArgs { file, force }: &ExportArgs) -> Result<()> {
    let documents = server.store().users()?.iter().map(|user| u64::from(user.documents)).sum();
    let bar = progress_bar::bar(documents, "documents")?;
    let progress = |counts: ExportCounts| bar.set_position(counts.documents);
    let counts = match file.as_deref() {
        Some(path) if path != Path::new("-") => {
            let counts = import::export_to_file(server.store(), path, *force, progress).map_err(explain::in_words)?;
            bar.finish_and_clear();
            return print_line(format_args!("Wrote {} to {}.", counts.summary(), path.display()));
        }
        None if io::stdout().is_terminal() => {
            bail!(
                "name a file to write, or - for standard output: an export contains the password hashes of all accounts"
            )
        }
        _ => {
            let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
            // In a container the data directory may be the only one that can be written.
            let temporary = env::temp_dir();
            let scratch = if temporary.is_dir() { &temporary } else { server.store().path() };
            let exported = import::export(server.store(), scratch, &mut out, progress);
            exported.map_err(|error| match &error {
                Error::File { reason, .. } if reason.kind() == ErrorKind::BrokenPipe => OutputClosed.into(),
                _ => anyhow::Error::from(error),
            })?
        }
    };
    bar.finish_and_clear();
    // Standard output is the export itself.
    let _ = writeln!(io::stderr(), "Wrote {}.", counts.summary());
    Ok(())
}

/// The reader of standard output has closed its pipe.
#[derive(Debug, thiserror::Error)]
#[error("standard output is closed")]
struct OutputClosed;

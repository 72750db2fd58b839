//! `kosync export`: writes everything as JSON lines.

use std::env;
use std::fs::{self, File, FileType};
use std::io::{self, BufWriter, ErrorKind, IsTerminal, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::data_dir::open_existing;
use super::explain;
use super::output::{is_stdout, print_line};
use super::progress_bar;
use super::settings::Settings;
use super::{CommandError, EXIT_FAILURE};
use crate::import::{self, ExportCounts};
use crate::model::count;
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
        Some(path) if is_stream(path) => {
            let out = File::options().write(true).open(path).with_context(|| path.display().to_string())?;
            export_to_stream(server, out, progress)?
        }
        Some(path) if !is_stdout(path) => {
            let counts = import::export_to_file(server.store(), path, *force, progress).map_err(explain::in_words)?;
            bar.finish_and_clear();
            let left_out = left_out(server)?;
            return print_line(format_args!("Wrote {} to {}.{left_out}", counts.summary(), path.display()));
        }
        None if io::stdout().is_terminal() => {
            bail!(
                "name a file to write, or - for standard output: an export contains the password hashes of all accounts"
            )
        }
        _ => export_to_stream(server, io::stdout().lock(), progress)?,
    };
    bar.finish_and_clear();
    // Standard output may be the export itself.
    let _ = writeln!(io::stderr(), "Wrote {}.{}", counts.summary(), left_out(server)?);
    Ok(())
}

/// Says how many files are not in an export, as a sentence to append. The text is empty if there are none.
fn left_out(server: &Server) -> Result<String> {
    let store = server.store();
    let mut files = 0;
    for user in store.users()? {
        files += store.files(user.id)?.iter().filter(|(_, file)| !file.is_folder).count() as u64;
    }
    Ok(match files {
        0 => String::new(),
        files => format!(" Not in it: {} of WebDAV folders, which `kosync backup` has.", count(files, "file")),
    })
}

/// Returns whether a path is a named pipe or a device. Such a path, for example a shell's `>(...)`, is written to, and
/// never replaced by a file.
fn is_stream(path: &Path) -> bool {
    let is_stream = |kind: FileType| kind.is_fifo() || kind.is_char_device();
    !is_stdout(path) && fs::metadata(path).is_ok_and(|found| is_stream(found.file_type()))
}

fn export_to_stream(server: &Server, out: impl Write, progress: impl FnMut(ExportCounts)) -> Result<ExportCounts> {
    let mut out = BufWriter::with_capacity(1 << 20, out);
    // In a container the data directory may be the only one that can be written.
    let temporary = env::temp_dir();
    let scratch = if temporary.is_dir() { &temporary } else { server.store().path() };
    import::export(server.store(), scratch, &mut out, progress).map_err(|error| match &error {
        Error::File { reason, .. } if reason.kind() == ErrorKind::BrokenPipe => OutputClosed.into(),
        _ => anyhow::Error::from(error),
    })
}

/// The reader of the output has closed its pipe.
#[derive(Debug, thiserror::Error)]
#[error("the output is closed")]
struct OutputClosed;

//! `kosync check`: reads the whole store and reports what is wrong in it.

use std::io::{self, Write};

use anyhow::{Result, bail};
use clap::Args;
use serde_json::json;

use super::CommandError;
use super::data_dir::open_existing;
use super::output::{count, print_line};
use super::settings::Settings;
use crate::Server;

#[derive(Args)]
#[command(after_help = "Examples:
  kosync check
  kosync check --data-dir /var/lib/kosync --json")]
pub(super) struct CheckArgs {
    /// Print the report as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(settings: Settings, args: &CheckArgs) -> Result<(), CommandError> {
    let server = settings.load().and_then(open_existing).map_err(CommandError::Setup)?;
    check(&server, args).map_err(CommandError::Run)
}

fn check(server: &Server, args: &CheckArgs) -> Result<()> {
    let report = server.store().verify()?;
    if args.json {
        print_line(json!({
            "accounts": report.accounts, "documents": report.documents, "positions": report.positions,
            "sessions": report.sessions, "being_removed": report.pending_purge, "bytes": report.bytes, "old_rows": report.old_rows,
            "problems": { "count": report.problem_count, "first": report.problems },
        }))?;
    } else {
        print_line(format_args!(
            "{}, {}, {} including history, {}, {}.",
            count(report.accounts, "account"),
            count(report.documents, "document"),
            count(report.positions, "position"),
            count(report.sessions, "session"),
            count(report.bytes, "byte")
        ))?;
        if report.old_rows > 0 {
            let rows = count(report.old_rows, "row");
            print_line(format_args!(
                "{rows} of an older version's format; each is converted when it is next written."
            ))?;
        }
        for problem in &report.problems {
            let _ = writeln!(io::stderr(), "problem: {problem}");
        }
    }
    match report.problem_count {
        0 if args.json => Ok(()),
        0 => print_line("No problems found."),
        problems => {
            bail!("the store has {}; restore a backup, or report this as a bug", count(problems, "problem"))
        }
    }
}

//! `kosync check`: reads the whole store and reports what is wrong in it.

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use serde_json::json;

use super::CommandError;
use super::data_dir::open_existing;
use super::output::print_line;
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
        print_line(report.summary())?;
        for problem in &report.problems {
            let _ = writeln!(io::stderr(), "problem: {problem}");
        }
    }
    let verdict = report.verdict().map_err(anyhow::Error::msg)?;
    if args.json { Ok(()) } else { print_line(verdict) }
}

//! The command line: arguments, environment and file become a [`Config`](crate::Config), and a subcommand works with it.

mod addresses;
mod backup;
mod banner;
mod check;
mod data_dir;
mod export;
mod healthcheck;
mod home_assistant;
mod import;
mod log;
mod output;
mod password;
mod progress_bar;
mod serve;
mod settings;
mod sockets;
mod subprocess;
mod user;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

use self::settings::Settings;

/// Exit code if the settings or the data directory cannot be used. Scripts and systemd units rely on it.
const EXIT_SETUP: u8 = 2;
/// Exit code of every other failure.
const EXIT_FAILURE: u8 = 1;

/// Reading-progress sync server for KOReader.
///
/// Each setting is taken from its flag, else from its environment variable, else from the configuration file. An empty value counts
/// as unset.
#[derive(Parser)]
#[command(name = "kosync", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; the default without a command
    Serve,
    /// Check a running server; exits 0 if healthy, else 1
    Healthcheck,
    /// Create, list and change accounts, also while the server runs
    #[command(subcommand)]
    User(user::UserCommand),
    /// Write a backup of everything to one file, also while the server runs
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty or new directory
    Restore(backup::RestoreArgs),
    /// Export everything as JSON lines, also while the server runs
    Export(export::ExportArgs),
    /// Import an export or another server's data, also while the server runs; the newest position wins
    Import(import::ImportArgs),
    /// Read the whole store and report what is wrong in it; exits 0 if nothing is
    Check(check::CheckArgs),
}

/// Why a command failed, which decides its exit code.
enum CommandError {
    /// The settings or the data directory cannot be used: a person must change them.
    Setup(anyhow::Error),
    /// The command itself failed.
    Run(anyhow::Error),
}

/// Runs the program `kosync` with the arguments and the environment of this process.
pub fn main() -> ExitCode {
    let Cli { command, settings } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return print_usage(&error),
    };
    let command = command.unwrap_or(Command::Serve);
    if matches!(command, Command::Restore(_) | Command::Check(_))
        && let Some(exit_code) = subprocess::run()
    {
        return exit_code;
    }
    let outcome = match command {
        Command::Serve => serve::run(settings),
        Command::Healthcheck => healthcheck::run(settings),
        Command::User(command) => user::run(settings, command),
        Command::Backup(args) => backup::run(settings, &args),
        Command::Restore(args) => backup::restore(settings, &args),
        Command::Export(args) => export::run(settings, &args),
        Command::Import(args) => import::run(settings, &args),
        Command::Check(args) => check::run(settings, &args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Setup(error)) => fail(EXIT_SETUP, &error),
        Err(CommandError::Run(error)) => fail(EXIT_FAILURE, &error),
    }
}

/// Prints help and version as they are, and a mistake in the arguments as one line.
fn print_usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A closed pipe, as after `kosync --help | head -1`, is not a failure.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let line = lines.collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    fail(EXIT_SETUP, &anyhow::anyhow!("{line} (see `kosync --help`)"))
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "kosync: {error:#}");
    ExitCode::from(code)
}

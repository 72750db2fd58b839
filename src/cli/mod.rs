//! The command line.

mod addresses;
mod backup;
mod healthcheck;
mod home_assistant;
mod http;
mod log;
mod serve;
mod settings;
mod sockets;
mod sources;
mod subprocess;
mod supervisor;
mod transfer;
mod user;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};
use nix::sys::signal::{SigSet, Signal};

use self::settings::Settings;

/// What scripts rely on: a wrong setting, or a start that fails and that a person has to mend.
const EXIT_SETTING: u8 = 2;
/// Everything else that fails.
const EXIT_FAILURE: u8 = 1;

/// The reading-progress sync server for KOReader.
///
/// Each setting comes from its flag, else its environment variable, else the configuration file. An empty one is unset.
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
    /// Run the server (what `kosync` alone does)
    Serve,
    /// Ask the server that these settings describe whether it is well: exit code 0 if so, else 1
    Healthcheck,
    /// Make, list and change accounts, also while the server runs
    #[command(subcommand)]
    User(user::Command),
    /// Write everything to one file, also while the server runs
    Backup(backup::Backup),
    /// Make the data folder, which must be empty or not be there, of a backup
    Restore(backup::Restore),
    /// Write everything as JSON lines, also while the server runs
    Export(transfer::Export),
    /// Take in what an export or another server has, also while the server runs: what is newer wins
    Import(transfer::Import),
    /// Read the whole store, and say whether everything fits together
    Check(transfer::Check),
}

/// Runs the program `kosync`, with the arguments and the environment of the process.
pub fn main() -> ExitCode {
    let Cli { command, settings } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let command = command.unwrap_or(Command::Serve);
    if matches!(command, Command::Restore(_) | Command::Check(_))
        && let Some(ended) = subprocess::run()
    {
        return ended;
    }
    if matches!(command, Command::Import(_)) {
        // Stopped by Ctrl-Z in the midst of a write, it would keep the server from writing until it goes on.
        let _ = SigSet::from(Signal::SIGTSTP).thread_block();
    }
    match command {
        Command::Serve => match serve::run(settings) {
            Ok(()) => ExitCode::SUCCESS,
            Err(serve::ServeError::Start(error)) => fail(EXIT_SETTING, &error),
            Err(serve::ServeError::Run(error)) => fail(EXIT_FAILURE, &error),
        },
        Command::Healthcheck => done(settings.load().and_then(|config| healthcheck::run(&config))),
        Command::Backup(command) => match settings.load().and_then(backup::open) {
            Err(error) => fail(EXIT_SETTING, &error),
            Ok(server) => done(backup::run(&server, &command)),
        },
        Command::Restore(command) => match settings.load() {
            Err(error) => fail(EXIT_SETTING, &error),
            Ok(config) => done(backup::restore(&config, &command)),
        },
        Command::Export(command) => match settings.load().and_then(transfer::open) {
            Err(error) => fail(EXIT_SETTING, &error),
            Ok(server) => done(transfer::export(&server, &command)),
        },
        Command::Check(command) => match settings.load().and_then(transfer::open) {
            Err(error) => fail(EXIT_SETTING, &error),
            Ok(server) => done(transfer::check(&server, &command)),
        },
        Command::Import(command) => match settings.load().and_then(|config| transfer::Target::open(&command, config)) {
            Err(error) => fail(EXIT_SETTING, &error),
            Ok(target) => done(transfer::import(&target, &command)),
        },
        Command::User(command) => match settings.load().and_then(|config| user::open(&command, config)) {
            Err(error) => fail(EXIT_SETTING, &error),
            Ok(server) => done(user::run(&server, command)),
        },
    }
}

fn done(outcome: anyhow::Result<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(EXIT_FAILURE, &error),
    }
}

/// Help goes out as it is; a mistake is told in one line.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A pipe that was closed is no failure of ours.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let line = lines.collect::<Vec<_>>().join(" ");
    let line = line.strip_prefix("error: ").unwrap_or(&line);
    fail(EXIT_SETTING, &anyhow::anyhow!("{line} (see `kosync --help`)"))
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "kosync: {error:#}");
    ExitCode::from(code)
}

//! The command line: arguments, environment and file become a [`Config`](crate::Config), and a subcommand works with it.

mod addresses;
mod backup;
mod banner;
mod check;
mod check_config;
mod data_dir;
mod explain;
mod export;
mod healthcheck;
#[cfg(test)]
mod help;
mod home_assistant;
mod import;
mod log;
mod output;
mod password;
mod progress_bar;
mod serve;
mod settings;
mod shell;
mod signals;
mod sockets;
mod subprocess;
mod usage;
mod user;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{Arg, ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

use self::settings::Settings;

/// Exit code if the settings or the data directory cannot be used. Scripts and systemd units rely on it.
const EXIT_SETUP: u8 = 2;
/// Exit code of every other failure.
const EXIT_FAILURE: u8 = 1;
/// Exit code of an import that is done, but had to leave out something.
const EXIT_INCOMPLETE: u8 = 3;

/// Longest line of a help text, in columns. On a narrower terminal it is that of the terminal.
const HELP_WIDTH: usize = 100;

/// Reading-progress sync server for KOReader.
///
/// Each setting is taken from its flag, else from its environment variable, else from the configuration file. An empty value counts
/// as unset. `kosync COMMAND --help` has the options of a command.
#[derive(Parser)]
#[command(name = "kosync", version, disable_version_flag = true)]
#[command(after_help = "Examples:
  kosync                                       # serve on port 7200, with the data in ./data
  kosync --data-dir /var/lib/kosync --listen 127.0.0.1:7200
  kosync --config /etc/kosync.json
  kosync user passwd admin                     # after a forgotten password")]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; the default without a command
    #[command(after_help = "Examples:
  kosync serve --data-dir /var/lib/kosync
  kosync serve --listen [::]:7200 --listen unix:/run/kosync.sock --trusted-proxies unix")]
    Serve,
    /// Check a running server; exits 0 if healthy, else 1
    #[command(after_help = "Examples:
  kosync healthcheck
  kosync healthcheck --listen 127.0.0.1:8080")]
    Healthcheck,
    /// Create, list and change accounts, also while the server runs
    #[command(
        subcommand,
        after_help = "Examples:
  kosync user add ada
  kosync user list"
    )]
    User(user::UserCommand),
    /// Write a backup of everything to one file, also while the server runs
    Backup(backup::BackupArgs),
    /// Restore a backup into an empty or new directory
    Restore(backup::RestoreArgs),
    /// Export everything as JSON lines, also while the server runs
    Export(export::ExportArgs),
    /// Import an export or another server's data, also while the server runs; the newest position wins
    ///
    /// An account whose name exists here with another password is left out with all its documents, since it may belong to another person;
    /// `--merge NAME` imports it. `admin` keeps its password here, and its documents are imported. Exits with 3 if anything was left
    /// out.
    Import(import::ImportArgs),
    /// Read the whole store and report what is wrong in it; exits 0 if nothing is
    Check(check::CheckArgs),
    /// Check a configuration file; exits 0 if it is right, else 1
    ///
    /// Reports every unknown key and every value that the server refuses, with the line. Passwords, keys and certificates are not opened,
    /// so a file may be checked where they do not exist.
    CheckConfig(check_config::CheckConfigArgs),
    /// Print the completions of a shell
    Completions(shell::CompletionsArgs),
    /// Write a man page for each command to a directory
    Man(shell::ManArgs),
}

/// Why a command failed, which decides its exit code.
enum CommandError {
    /// The settings or the data directory cannot be used: a person must change them.
    Setup(anyhow::Error),
    /// The command itself failed.
    Run(anyhow::Error),
    /// What there is to say is said.
    Exit(u8),
}

/// Makes the whole command line.
fn command() -> clap::Command {
    let version = Arg::new("version").short('V').visible_short_alias('v').long("version");
    let version = version.action(ArgAction::Version).help("Print version");
    settings::add_to(Cli::command()).arg(version).max_term_width(HELP_WIDTH)
}

/// Runs the program `kosync` with the arguments and the environment of this process.
pub fn main() -> ExitCode {
    let parsed = command().try_get_matches().and_then(|matches| {
        let Cli { command } = Cli::from_arg_matches(&matches)?;
        Ok((command.unwrap_or(Command::Serve), Settings::from_matches(&matches)))
    });
    let (command, settings) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage::print(&error),
    };
    if matches!(command, Command::Restore(_) | Command::Check(_))
        && let Some(exit_code) = subprocess::run()
    {
        return exit_code;
    }
    if matches!(command, Command::Backup(_) | Command::Restore(_) | Command::Export(_) | Command::Import(_)) {
        signals::remove_unfinished_files_on_signal();
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
        Command::CheckConfig(args) => check_config::run(&args),
        Command::Completions(args) => shell::print_completions(&args),
        Command::Man(args) => shell::write_man_pages(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(CommandError::Setup(error)) => fail(EXIT_SETUP, &error),
        Err(CommandError::Run(error)) => fail(EXIT_FAILURE, &error),
        Err(CommandError::Exit(code)) => ExitCode::from(code),
    }
}

fn fail(code: u8, error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "kosync: {}", output::printable_lines(&format!("{error:#}")));
    ExitCode::from(code)
}

//! Help, version, and mistakes in the arguments.

use std::env;
use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::{ContextKind, ErrorKind};

use super::{EXIT_SETUP, fail};

/// Prints help and version as they are, and an argument error as one line.
pub(super) fn print(error: &clap::Error) -> ExitCode {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            // A closed pipe, as after `kosync --help | head -1`, is not a failure.
            let _ = error.print();
            ExitCode::SUCCESS
        }
        // `kosync user` alone.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => {
            let mut command = super::command();
            command.build();
            let help = at_hand(&mut command, error).render_help();
            let _ = write!(io::stderr(), "{help}");
            ExitCode::from(EXIT_SETUP)
        }
        _ => {
            let mut command = super::command();
            command.build();
            let path = at_hand(&mut command, error).get_bin_name().unwrap_or("kosync").to_owned();
            fail(EXIT_SETUP, &anyhow::anyhow!("{} (see `{path} --help`)", one_line(error)))
        }
    }
}

/// Returns the command whose arguments are wrong: clap's usage line begins with its name, else the arguments do.
fn at_hand<'a>(command: &'a mut clap::Command, error: &clap::Error) -> &'a mut clap::Command {
    let usage = match error.get(ContextKind::Usage) {
        Some(usage) => usage.to_string(),
        // Help that was asked for by leaving out everything has a usage line, too.
        None => error.to_string(),
    };
    let usage = usage.lines().find_map(|line| line.trim().strip_prefix("Usage: "));
    let words: Vec<String> = match usage {
        Some(usage) => usage.split_whitespace().map(str::to_owned).collect(),
        None => env::args_os().map(|argument| argument.to_string_lossy().into_owned()).collect(),
    };
    let mut at_hand = command;
    for word in &words[1.min(words.len())..] {
        if at_hand.find_subcommand(word).is_none() {
            break;
        }
        at_hand = match at_hand.find_subcommand_mut(word) {
            Some(subcommand) => subcommand,
            None => unreachable!("it was found"),
        };
    }
    at_hand
}

/// Joins what is wrong and what was probably meant.
fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
    let mut line = lines.collect::<Vec<_>>().join(" ");
    if let Some(rest) = line.strip_prefix("error: ") {
        line = rest.to_owned();
    }
    // How to pass a flag as a value is clap's other tip, which is no help here.
    let tips = text.lines().filter_map(|line| line.trim().strip_prefix("tip: "));
    for tip in tips.filter(|tip| tip.contains("similar") || tip.contains("exist")) {
        line += &format!("; {tip}");
    }
    line
}

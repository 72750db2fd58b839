//! The flags, made from the table of settings.

use std::collections::HashMap;

use clap::{Arg, ArgAction, ArgMatches, Command};

use super::first::{CONFIG, DATA_DIR, HOME_ASSISTANT};
use super::setting::{DefaultValue, Kind, Meaning, Setting};
use super::table::SETTINGS;
use crate::cli::home_assistant::OPTIONS_FILE;

/// The flags as they were given: texts by the flag's name, with commas between the values of a repeated flag.
pub(in crate::cli) struct Settings {
    given: HashMap<&'static str, String>,
}

impl Settings {
    /// Takes the flags of a command and of those above it. The one that stands last on the command line wins.
    pub(in crate::cli) fn from_matches(matches: &ArgMatches) -> Self {
        let mut given = HashMap::new();
        let mut level = Some(matches);
        while let Some(matches) = level {
            for flag in SETTINGS.iter().filter_map(|setting| setting.flag) {
                // A command that does not take the flag has no such id.
                if let Ok(Some(values)) = matches.try_get_many::<String>(flag) {
                    given.insert(flag, values.map(String::as_str).collect::<Vec<_>>().join(","));
                }
            }
            level = matches.subcommand().map(|(_, matches)| matches);
        }
        Self { given }
    }

    pub(super) fn flag(&self, setting: &Setting) -> Option<&str> {
        self.given.get(setting.flag?).map(String::as_str)
    }
}

/// Adds the flags to a command and its subcommands: to each those that concern it.
pub(in crate::cli) fn add_to(command: Command) -> Command {
    command.args(SETTINGS.iter().filter_map(argument)).mut_subcommands(|subcommand| match subcommand.get_name() {
        "serve" => subcommand.args(SETTINGS.iter().filter_map(argument)),
        "healthcheck" => with_flags(subcommand, &["listen", "tls-certificate"]),
        "check-config" | "completions" | "man" => subcommand,
        _ => with_flags(subcommand, &[]),
    })
}

/// Adds the flags of every command on the data directory, and some of its own.
fn with_flags(command: Command, own: &[&str]) -> Command {
    let of = |setting: &&Setting| setting.flag.is_some_and(|flag| own.contains(&flag));
    let command = command
        .args(argument(&CONFIG).map(|config| config.help(described(&CONFIG, CONFIG.help.to_owned()))))
        .args(argument(&DATA_DIR))
        // For the Home Assistant app alone, which sets the variable.
        .args(argument(&HOME_ASSISTANT).map(|argument| argument.hide(true)))
        .args(SETTINGS.iter().filter(of).filter_map(argument));
    command.mut_subcommands(|subcommand| with_flags(subcommand, own))
}

/// Makes the argument of a setting, if it has a flag.
///
/// Its value stays text until all sources are known: variables are read in the same way, and their errors have the same words.
fn argument(setting: &Setting) -> Option<Arg> {
    let flag = setting.flag?;
    let argument = Arg::new(flag).long(flag).value_name(setting.value_name).help(help(setting));
    let argument = argument.help_heading(setting.heading);
    Some(match setting.kind {
        Kind::List(_) => argument.action(ArgAction::Append),
        _ if flag == "home-assistant" => {
            argument.num_args(0..=1).require_equals(true).default_missing_value(OPTIONS_FILE)
        }
        _ => argument,
    })
}

/// Makes the text of `--help`: what the setting does, its variables and its default.
fn help(setting: &Setting) -> String {
    let mut help = setting.help.to_owned();
    if setting.flag == CONFIG.flag {
        let keys: Vec<_> = SETTINGS.iter().filter_map(|setting| setting.key).collect();
        help += &format!(": {}", keys.join(", "));
    }
    described(setting, help)
}

/// Adds the variables and the default to a help text.
fn described(setting: &Setting, mut help: String) -> String {
    let others = setting.others.iter().map(|variable| match variable.meaning {
        Meaning::Opposite => format!("the opposite in {}", variable.name),
        Meaning::Same | Meaning::OnlyTrueOr1 => variable.name.to_owned(),
    });
    let variables: Vec<_> = setting.variable.map(str::to_owned).into_iter().chain(others).collect();
    if !variables.is_empty() {
        help += &format!(" [env: {}]", variables.join(", or "));
    }
    match setting.default {
        DefaultValue::Unset => {}
        DefaultValue::Value(default) | DefaultValue::Described(default) => help += &format!(" [default: {default}]"),
    }
    help
}

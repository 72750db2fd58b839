//! The flags, made from the table of settings.

use std::collections::HashMap;

use clap::{Arg, ArgAction, ArgMatches, Args, Command, Error, FromArgMatches};

use super::table::{CONFIG, DefaultValue, Kind, SETTINGS, Setting};
use crate::cli::home_assistant::OPTIONS_FILE;

/// The flags as they were given: texts by the flag's name, with commas between the values of a repeated flag.
pub(in crate::cli) struct Settings {
    given: HashMap<&'static str, String>,
}

impl Settings {
    pub(super) fn flag(&self, setting: &Setting) -> Option<&str> {
        self.given.get(setting.flag?).map(String::as_str)
    }
}

impl Args for Settings {
    fn augment_args(command: Command) -> Command {
        command.args(SETTINGS.iter().filter_map(argument))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Settings {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let text = |flag| Some(matches.get_many::<String>(flag)?.map(String::as_str).collect::<Vec<_>>().join(","));
        let given = SETTINGS.iter().filter_map(|setting| setting.flag.and_then(|flag| Some((flag, text(flag)?))));
        Ok(Self { given: given.collect() })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

/// Makes the argument of a setting, if it has a flag.
///
/// Its value stays text until all sources are known: variables are read in the same way, and their errors have the same words.
fn argument(setting: &Setting) -> Option<Arg> {
    let flag = setting.flag?;
    let argument = Arg::new(flag).long(flag).global(true).value_name(setting.value_name).help(help(setting));
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
    let dotnet_variable = setting.dotnet_variable.as_ref().map(|variable| match variable.negated {
        true => format!("the opposite in {}", variable.name),
        false => variable.name.to_owned(),
    });
    let variables: Vec<_> = setting.variable.map(str::to_owned).into_iter().chain(dotnet_variable).collect();
    if !variables.is_empty() {
        help += &format!(" [env: {}]", variables.join(", or "));
    }
    match setting.default {
        DefaultValue::Unset => {}
        DefaultValue::Value(default) | DefaultValue::Described(default) => help += &format!(" [default: {default}]"),
    }
    help
}

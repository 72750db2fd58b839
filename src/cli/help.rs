//! Tests of the help texts.

use clap::Command;

use super::{HELP_WIDTH, command};

/// Returns all commands with their full names, the deepest last, except for `help`.
fn all() -> Vec<Command> {
    fn add(command: &Command, all: &mut Vec<Command>) {
        all.push(command.clone());
        command.get_subcommands().filter(|command| command.get_name() != "help").for_each(|command| add(command, all));
    }
    let mut root = command();
    root.build();
    let mut all_commands = Vec::new();
    add(&root, &mut all_commands);
    all_commands
}

fn name(command: &Command) -> &str {
    command.get_bin_name().unwrap_or("kosync")
}

fn texts(command: &Command) -> [String; 2] {
    let mut command = command.clone();
    [command.render_help().to_string(), command.render_long_help().to_string()]
}

#[test]
fn no_line_is_longer_than_100_columns() {
    let commands = all();
    assert!(commands.len() > 15, "{}", commands.len());
    for command in &commands {
        for text in texts(command) {
            let long = text.lines().find(|line| line.chars().count() > HELP_WIDTH);
            assert_eq!(long, None, "{}", name(command));
        }
    }
}

#[test]
fn every_option_is_below_a_heading() {
    for command in &all() {
        for text in texts(command) {
            let mut heading = "";
            for line in text.lines() {
                if !line.starts_with(' ') && line.ends_with(':') {
                    heading = line;
                }
                let is_option = line.trim_start().starts_with('-') && line.starts_with("  ");
                assert!(!is_option || !["", "Commands:", "Arguments:"].contains(&heading), "{}: {line}", name(command));
            }
        }
        for argument in command.get_arguments().filter(|argument| argument.get_id() != "help") {
            assert!(argument.get_help().is_some(), "{}: {}", name(command), argument.get_id());
        }
    }
}

/// The settings of the server are not in the help of other commands.
#[test]
fn a_command_has_only_the_settings_that_concern_it() {
    for command in &all() {
        let flags: Vec<_> =
            command.get_arguments().filter(|flag| !flag.is_hide_set()).filter_map(|flag| flag.get_long()).collect();
        let has = |flag: &str| flags.contains(&flag);
        let name = name(command);
        let is_server = ["kosync", "kosync serve"].contains(&name);
        assert_eq!(has("registration"), is_server, "{name}");
        assert_eq!(has("listen"), is_server || name == "kosync healthcheck", "{name}");
        let has_data = !["kosync check-config", "kosync completions", "kosync man"].contains(&name);
        assert_eq!((has("config"), has("data-dir")), (has_data, has_data), "{name}");
    }
}

#[test]
fn every_command_has_examples_that_work() {
    for command in &all() {
        let name = name(command);
        let text = command.get_after_help().map(ToString::to_string).unwrap_or_default();
        let examples: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        assert!(text.starts_with("Examples:\n") && !examples.is_empty(), "{name}: {text}");
        for example in examples {
            assert!(example.starts_with(name), "{name}: {example}");
            // Without comment, pipe and redirection, which are the shell's.
            let words = example.split_whitespace().take_while(|word| !["#", "|", ">", "<"].contains(word));
            let parsed = super::command().try_get_matches_from(words);
            assert!(parsed.is_ok(), "{example}: {:?}", parsed.err().map(|error| error.to_string()));
        }
    }
}

/// A person who closes registration by the flag must find the switch that lasts.
#[test]
fn the_help_of_registration_names_what_lasts() {
    let mut root = command();
    let text = root.render_long_help().to_string().split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["as a flag, only until a start without it", "in the configuration file or the environment, it lasts"] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

//! `kosync check-config`: reads a configuration file and reports everything that is wrong in it.
//!
//! The server stops at the first mistake. Here each key is read on its own, so that one run finds all.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::output::{count, print_line, printable};
use super::{CommandError, EXIT_FAILURE};
use crate::Config;
use crate::provision::config_errors;

#[derive(Args)]
#[command(after_help = "Examples:
  kosync check-config /etc/kosync/config.json")]
pub(super) struct CheckConfigArgs {
    /// Configuration file, in JSON
    file: PathBuf,
}

/// One mistake, and its line of the file, if it has one.
#[derive(Debug, PartialEq)]
struct Problem {
    line: Option<usize>,
    text: String,
}

pub(super) fn run(CheckConfigArgs { file }: &CheckConfigArgs) -> Result<(), CommandError> {
    let problems = read(file).map_err(CommandError::Run)?;
    for Problem { line, text } in &problems {
        let line = line.map(|line| format!("{line}:")).unwrap_or_default();
        let _ = writeln!(io::stderr(), "{}", printable(&format!("{}:{line} {text}", file.display())));
    }
    match problems.len() as u64 {
        0 => print_line(format_args!("{}: no problems found.", file.display())).map_err(CommandError::Run),
        found => {
            let found = count(found, "problem");
            let _ = writeln!(io::stderr(), "{}", printable(&format!("{}: {found} found.", file.display())));
            Err(CommandError::Exit(EXIT_FAILURE))
        }
    }
}

/// Reads the file. Files that it names are not opened.
fn read(file: &Path) -> anyhow::Result<Vec<Problem>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if !text.trim_start().starts_with('{') {
        bail!("{}: it must be a JSON object, such as {{\"registration\": false}}", file.display());
    }
    Ok(problems(text))
}

/// Finds all mistakes in a JSON object of settings, in the order of their lines.
fn problems(text: &str) -> Vec<Problem> {
    let object = match serde_json::from_str::<Object<'_>>(text) {
        Ok(object) => object,
        Err(error) => return vec![Problem { line: Some(error.line()), text: without_position(&error) }],
    };
    let mut found = Vec::new();
    for (key, value) in &object.0 {
        let inner = serde_json::from_str::<Object<'_>>(value.get()).ok().filter(|_| key == "mqtt");
        match (key.as_str(), inner) {
            ("mqtt", Some(inner)) => {
                for (inner_key, value) in &inner.0 {
                    let wrap = |value: &str| format!("{{\"mqtt\":{{{}:{value}}}}}", quoted(inner_key));
                    check_value(text, value, &format!("mqtt.{inner_key}"), wrap, &mut found);
                }
                check_repeated(text, "mqtt.", &inner, &mut found);
            }
            ("accounts", _) if let Ok(accounts) = serde_json::from_str::<Vec<&RawValue>>(value.get()) => {
                for (index, account) in accounts.into_iter().enumerate() {
                    let wrap = |value: &str| format!("{{\"accounts\":[{value}]}}");
                    check_value(text, account, &format!("accounts[{index}]"), wrap, &mut found);
                }
            }
            _ => check_value(text, value, key, |value| format!("{{{}:{value}}}", quoted(key)), &mut found),
        }
    }
    check_repeated(text, "", &object, &mut found);
    if found.is_empty() {
        found.extend(together(text, &object));
    }
    found.sort_by_key(|problem| problem.line);
    found
}

/// Finds what is wrong in settings that can all be read: those that the server refuses at its start.
fn together(text: &str, object: &Object<'_>) -> Vec<Problem> {
    let config = match serde_json::from_str::<Config>(text) {
        Ok(config) => config,
        Err(error) => return vec![Problem { line: Some(error.line()), text: without_position(&error) }],
    };
    let line_of = |key: &str| object.0.iter().find(|(other, _)| other == key).map(|(_, value)| line(text, value.get()));
    let problems = config_errors(&config).into_iter().map(|(key, error)| {
        // The error of an account names the account, that of a pair both keys.
        Problem { line: line_of(key), text: format!("key `{key}`: {error}") }
    });
    problems.collect()
}

/// Reads the value of one key as the server would.
fn check_value(text: &str, value: &RawValue, key: &str, wrap: impl Fn(&str) -> String, found: &mut Vec<Problem>) {
    let wrapped = wrap(value.get());
    let mut json = serde_json::Deserializer::from_str(&wrapped);
    let Err(error) = serde_path_to_error::deserialize::<_, Config>(&mut json) else { return };
    let error = error.into_inner();
    let reason = without_position(&error);
    let first = line(text, value.get());
    let text = match reason.strip_prefix("unknown field `") {
        Some(rest) => {
            let mut names = rest.split('`').step_by(2);
            let unknown = names.next().unwrap_or_default();
            let path = match key.strip_suffix(unknown) {
                Some(_) => key.to_owned(),
                None => format!("{key}.{unknown}"),
            };
            format!("unknown key `{path}`; {}", advice(unknown, names))
        }
        None => format!("key `{key}`: {}", in_words(reason)),
    };
    // What is before the value has no line break.
    found.push(Problem { line: Some(first + error.line().saturating_sub(1)), text });
}

fn check_repeated(text: &str, prefix: &str, object: &Object<'_>, found: &mut Vec<Problem>) {
    let mut seen = HashSet::new();
    for (key, value) in object.0.iter().filter(|(key, _)| !seen.insert(key)) {
        let text_of = format!("key `{prefix}{key}` is there twice; remove one");
        found.push(Problem { line: Some(line(text, value.get())), text: text_of });
    }
}

/// Says which of the keys that are known in this place was probably meant.
fn advice<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<_> = known.collect();
    match known.iter().map(|known| (distance(unknown, known), known)).min() {
        Some((edits, known)) if edits <= 1 + unknown.chars().count() / 4 => format!("did you mean `{known}`?"),
        _ => format!("remove it; the keys are {}", known.join(", ")),
    }
}

/// Counts the characters to insert, delete or replace to make one text of the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, char) in from.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (column, other) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(char != *other);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

/// Replaces Rust's names of numbers.
fn in_words(reason: String) -> String {
    let Some((start, of)) = reason.rsplit_once("expected ") else { return reason };
    let max = match of {
        "u16" => u64::from(u16::MAX),
        "u32" => u64::from(u32::MAX),
        "u64" | "usize" => u64::MAX,
        _ => return reason,
    };
    format!("{start}expected a whole number from 0 to {max}")
}

fn quoted(key: &str) -> String {
    serde_json::Value::from(key).to_string()
}

/// Returns the number of the line on which a part of a text begins.
fn line(text: &str, part: &str) -> usize {
    let offset = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
    1 + text.bytes().take(offset).filter(|byte| *byte == b'\n').count()
}

/// Returns an error's words without line and column, which are those of a part.
fn without_position(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let position = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&position).unwrap_or(&text).to_owned()
}

/// The keys of a JSON object in their order, with their values as text.
struct Object<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Entries;
        impl<'de> Visitor<'de> for Entries {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Object(entries))
            }
        }
        from.deserialize_map(Entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        problems(text).into_iter().map(|Problem { line, text }| format!("{}: {text}", line.unwrap_or(0))).collect()
    }

    #[test]
    fn all_mistakes_are_found_with_their_lines() {
        let text = "{\n  \"registraton\": true,\n  \"listen\": [\n    \"127.0.0.1:1\",\n    7200\n  ],\n  \"mqtt\": {\n    \"hst\": \"b\",\n    \
                    \"port\": 70000\n  },\n  \"accounts\": [{ \"name\": \"ada\" }],\n  \"metrics\": \"yes\",\n  \"metrics\": true\n}";
        let found = found(text);
        assert_eq!(found.len(), 7, "{found:#?}");
        for (problem, start) in found.iter().zip([
            "2: unknown key `registraton`; did you mean `registration`?",
            "5: key `listen`: invalid type: integer `7200`, expected a string",
            "8: unknown key `mqtt.hst`; did you mean `host`?",
            "9: key `mqtt.port`: invalid value: integer `70000`, expected a whole number from 0 to 65535",
            "11: key `accounts[0]`: missing field `password_file`",
            "12: key `metrics`: invalid type: string \"yes\", expected a boolean",
            "13: key `metrics` is there twice; remove one",
        ]) {
            assert!(problem.starts_with(start), "{problem} instead of {start}");
        }
    }

    #[test]
    fn the_distance_is_levenshtein_s() {
        for (from, to, edits) in
            [("", "", 0), ("", "ab", 2), ("ab", "", 2), ("kitten", "sitting", 3), ("tls_kye", "tls_key", 2)]
        {
            assert_eq!(distance(from, to), edits, "{from} {to}");
        }
    }

    #[test]
    fn a_syntax_error_has_its_line() {
        assert_eq!(found("{\n  \"metrics\": true\n  \"dashboard\": true\n}"), ["3: expected `,` or `}`"]);
    }
}

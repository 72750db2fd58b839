//! Environment variables of other servers, and variables that only look like ours.

use std::env;

use anyhow::{Result, anyhow};

use super::setting::{Meaning, Setting};
use super::table::SETTINGS;
use super::values::boolean;
use super::{Given, variable};

/// Most edits between a variable and the one that was meant.
const MAX_EDITS: usize = 3;
/// Variables that tests, benches and scripts use.
const INTERNAL: [&str; 3] = ["KOSYNC_SUPERVISOR", "KOSYNC_TEST_", "KOSYNC_BENCH"];

/// Returns the value of another server's variable. Where several are set and one says false, that one counts: it closes something.
pub(super) fn of_another_server(setting: &Setting) -> Result<Option<Given>> {
    let mut given = None;
    for other in setting.others {
        let text = match (variable(other.name)?, &other.meaning) {
            (None, Meaning::OnlyTrueOr1) if env::var_os(other.name).is_some() => "false".to_owned(),
            (None, _) => continue,
            (Some(text), Meaning::OnlyTrueOr1) => (text == "true" || text == "1").to_string(),
            (Some(text), Meaning::Opposite) => {
                let value = boolean(&text).map_err(|invalid| anyhow!("{}: {invalid}", other.name))?;
                (!value).to_string()
            }
            (Some(text), Meaning::Same) => text,
        };
        let is_false = boolean(&text) == Ok(false);
        if given.is_none() || is_false {
            given = Some(Given { text, origin: other.name.to_owned(), by_flag: false });
        }
        if is_false {
            break;
        }
    }
    Ok(given)
}

/// Returns unknown `KOSYNC_` variables, each with the setting that was probably meant.
pub(super) fn unknown_variables() -> Vec<(String, Option<&'static str>)> {
    let of_environment = env::vars_os().filter_map(|(name, value)| {
        let name = name.into_string().ok()?;
        is_unknown(&name, &value.to_string_lossy()).then_some(name)
    });
    let mut unknown: Vec<_> = of_environment.collect();
    unknown.sort();
    unknown.into_iter().map(|name| (closest(&name), name)).map(|(meant, name)| (name, meant)).collect()
}

/// Returns whether a variable looks like a setting and is none.
///
/// Kubernetes and Docker's links set variables for a service of the name `kosync`: those are not meant.
fn is_unknown(name: &str, value: &str) -> bool {
    let is_of_a_service = || {
        ["_SERVICE_", "_PORT_", "_ENV_"].iter().any(|part| name.contains(part))
            || ["tcp://", "udp://"].iter().any(|scheme| value.starts_with(scheme))
            || name == "KOSYNC_NAME"
    };
    name.starts_with("KOSYNC_")
        && !value.is_empty()
        && !known().any(|known| known == name)
        && !INTERNAL.iter().any(|internal| name.starts_with(internal))
        && !is_of_a_service()
}

/// Returns the names of all variables that are read.
fn known() -> impl Iterator<Item = &'static str> {
    SETTINGS
        .iter()
        .flat_map(|setting| setting.variable.into_iter().chain(setting.others.iter().map(|other| other.name)))
}

/// Returns the variable that is nearest to an unknown one, also without our prefix.
fn closest(name: &str) -> Option<&'static str> {
    let bare = name.trim_start_matches("KOSYNC_");
    let distance = |known: &&str| edits(name, known).min(edits(bare, known));
    known().min_by_key(distance).filter(|known| distance(known) <= MAX_EDITS)
}

/// Counts the characters to insert, remove or replace between two texts.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (index, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], index + 1);
        for (at, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[at + 1];
            row[at + 1] = replaced.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_variable_is_told_from_those_of_other_programs() {
        for (name, meant) in [
            ("KOSYNC_REGISTRATON", Some("KOSYNC_REGISTRATION")),
            ("KOSYNC_ADRESS", Some("KOSYNC_ADDRESS")),
            ("KOSYNC_ADMIN_PASSWORD", Some("ADMIN_PASSWORD")),
            ("KOSYNC_REGISTRATION_DISABLED", Some("REGISTRATION_DISABLED")),
            ("KOSYNC_TRUSTED_PROXY", Some("KOSYNC_TRUSTED_PROXIES")),
            ("KOSYNC_PORT", None),
            ("KOSYNC_SOMETHING_ELSE", None),
        ] {
            assert!(is_unknown(name, "8080"), "{name}");
            assert_eq!(closest(name), meant, "{name}");
        }
        for (name, value) in [
            ("KOSYNC_REGISTRATION", "true"),
            ("KOSYNC_SUPERVISOR", "http://x"),
            ("KOSYNC_TEST_BROKER", "required"),
            ("KOSYNC_PORT", "tcp://10.43.0.7:7200"),
            ("KOSYNC_PORT_7200_TCP_ADDR", "10.43.0.7"),
            ("KOSYNC_SERVICE_HOST", "10.43.0.7"),
            ("KOSYNC_WEB_SERVICE_PORT", "7200"),
            ("KOSYNC_REGISTRATON", ""),
            ("KOSYNCX", "1"),
        ] {
            assert!(!is_unknown(name, value), "{name}={value}");
        }
    }
}

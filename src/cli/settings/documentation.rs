//! Tests that the table of settings, the configuration file's keys and the documentation agree.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::setting::{DefaultValue, Kind, Meaning, Setting};
use super::table::SETTINGS;
use crate::{AccountConfig, Config, MqttConfig};

const BEGIN: &str = "<!-- settings:begin -->\n";
const END: &str = "<!-- settings:end -->\n";

/// Makes the tables of the documentation in Markdown, one for each heading.
fn markdown() -> String {
    let mut headings: Vec<_> = SETTINGS.iter().map(|setting| setting.heading).collect();
    let mut seen = BTreeSet::new();
    headings.retain(|heading| seen.insert(*heading));
    headings.iter().map(|heading| format!("\n### {heading}\n\n{}", table(heading))).collect::<String>() + "\n"
}

fn table(heading: &str) -> String {
    let mut table =
        "| flag | environment | key in the file | default | meaning |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for setting in SETTINGS.iter().filter(|setting| setting.heading == heading) {
        let Setting { key, flag, variable, others, help, .. } = setting;
        let code = |text: &str| format!("`{text}`");
        let flag = flag.map(|flag| code(&format!("--{flag}")));
        let others = others.iter().map(|variable| {
            let opposite = if variable.meaning == Meaning::Opposite { " (the opposite)" } else { "" };
            format!("{} `{}`{opposite}", variable.server, variable.name)
        });
        let variables: Vec<_> = variable.map(code).into_iter().chain(others).collect();
        let default = match setting.default {
            DefaultValue::Unset => "none".to_owned(),
            DefaultValue::Value(default) => code(default),
            DefaultValue::Described(default) => default.to_owned(),
        };
        let key = key.map(code);
        let cells = [
            flag.unwrap_or_default(),
            variables.join(", or "),
            key.unwrap_or_default(),
            default,
            help.replace('|', "\\|"),
        ];
        // An empty cell is one blank.
        let row: Vec<_> =
            cells.iter().map(|cell| if cell.is_empty() { " ".into() } else { format!(" {cell} ") }).collect();
        table += &format!("|{}|\n", row.join("|"));
    }
    table
}

#[test]
fn the_documentation_has_the_table_of_settings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if !path.exists() {
        return;
    }
    let text = fs::read_to_string(&path).expect("docs/configuration.md");
    let (before, rest) = text.split_once(BEGIN).expect("docs/configuration.md has a line `<!-- settings:begin -->`");
    let (table, after) = rest.split_once(END).expect("docs/configuration.md has a line `<!-- settings:end -->`");
    let expected = markdown();
    if std::env::var_os("KOSYNC_BLESS").is_some() {
        fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).expect("written");
    } else {
        assert!(
            table.trim() == expected.trim(),
            "docs/configuration.md has another table of settings than src/cli/settings/table.rs; run \
             `KOSYNC_BLESS=1 cargo test --lib cli::settings` to replace it with:\n{expected}"
        );
    }
}

/// Returns the keys of a configuration struct. Serde lists them when it meets an unknown one.
fn keys<T: serde::de::DeserializeOwned>() -> BTreeSet<String> {
    let Err(error) = serde_json::from_str::<T>(r#"{"?":0}"#) else { panic!("unknown keys are accepted") };
    let error = error.to_string();
    let (_, expected) = error.split_once(", expected ").expect("a list of keys");
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_key_of_the_configuration_file_is_a_setting_and_vice_versa() {
    let settings = SETTINGS.iter().filter_map(|setting| setting.key);
    assert_eq!(settings.clone().count(), settings.clone().collect::<BTreeSet<_>>().len(), "a key is there twice");
    assert_eq!(settings.map(str::to_owned).collect::<BTreeSet<_>>(), keys::<Config>());
}

/// The keys of objects have no rows of their own.
#[test]
fn the_text_of_an_object_names_each_of_its_keys() {
    for (key, keys) in [("mqtt", keys::<MqttConfig>()), ("accounts", keys::<AccountConfig>())] {
        let help = SETTINGS.iter().find(|setting| setting.key == Some(key)).expect(key).help;
        for nested in keys {
            assert!(help.contains(&format!("`{nested}`")) || help.contains(&format!("\"{nested}\"")), "{key}.{nested}");
        }
    }
}

#[test]
fn every_setting_has_a_heading() {
    let without = SETTINGS.iter().find(|setting| setting.heading.is_empty());
    assert!(without.is_none(), "{:?}", without.map(|setting| setting.key));
}

#[test]
fn flag_and_variable_are_named_after_the_key() {
    for Setting { key, flag, variable, .. } in SETTINGS {
        let Some(name) = key.map(str::to_owned).or_else(|| flag.map(|flag| flag.replace('-', "_"))) else {
            panic!("a setting without a name");
        };
        assert!(flag.is_none_or(|flag| flag == name.replace('_', "-")), "{name}");
        assert!(variable.is_none_or(|variable| variable == format!("KOSYNC_{}", name.to_uppercase())), "{name}");
        assert_eq!(flag.is_some(), variable.is_some(), "{name}");
    }
}

#[test]
fn a_default_is_what_the_configuration_has_without_it() {
    for setting in SETTINGS {
        match (&setting.kind, &setting.default) {
            (Kind::Single(apply) | Kind::List(apply), DefaultValue::Value(default)) => {
                let mut config = Config::default();
                apply(&mut config, default).expect(default);
                assert_eq!(config, Config::default(), "{:?}", setting.key);
            }
            (Kind::Source | Kind::FileOnly, DefaultValue::Value(default)) => panic!("nothing applies {default}"),
            _ => {}
        }
    }
}

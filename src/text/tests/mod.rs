//! The messages of all languages are complete, used and well-formed. No page has a text outside them.

mod sources;
mod typography;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser;
use jiff::civil::date;
use jiff::tz::TimeZone;

use super::*;

/// Adds the variables of a message's text.
fn add_variables(pattern: &Pattern<&str>, variables: &mut BTreeSet<String>) {
    let mut add = |inline: &InlineExpression<&str>| {
        if let InlineExpression::VariableReference { id } = inline {
            variables.insert(id.name.to_owned());
        }
    };
    let mut nested = Vec::new();
    for element in &pattern.elements {
        match element {
            PatternElement::Placeable { expression: Expression::Inline(inline) } => add(inline),
            PatternElement::Placeable { expression: Expression::Select { selector, variants } } => {
                add(selector);
                nested.extend(variants.iter().map(|variant| &variant.value));
            }
            PatternElement::TextElement { .. } => {}
        }
    }
    nested.into_iter().for_each(|pattern| add_variables(pattern, variables));
}

/// Returns the messages of a language, each with its variables.
fn messages(language: Language) -> BTreeMap<String, BTreeSet<String>> {
    let mut messages = BTreeMap::new();
    for (area, content) in files(language) {
        let resource =
            parser::parse(*content).unwrap_or_else(|(_, errors)| panic!("{language}/{area}.ftl: {errors:?}"));
        for entry in resource.body {
            match entry {
                Entry::Message(message) => {
                    let id = message.id.name;
                    assert!(id.starts_with(&format!("{area}-")), "{language}/{area}.ftl: {id}");
                    let mut variables = BTreeSet::new();
                    add_variables(&message.value.unwrap_or_else(|| panic!("{id} has no text")), &mut variables);
                    assert!(messages.insert(id.to_owned(), variables).is_none(), "{language}: {id} twice");
                }
                Entry::Junk { content } => panic!("{language}/{area}.ftl: {content}"),
                _ => {}
            }
        }
    }
    messages
}

#[test]
fn every_language_has_every_message_with_the_same_variables() {
    let english = messages(Language::English);
    for language in Language::ALL {
        let other = messages(language);
        let missing: Vec<_> = english.keys().filter(|id| !other.contains_key(*id)).collect();
        let extra: Vec<_> = other.keys().filter(|id| !english.contains_key(*id)).collect();
        assert!(missing.is_empty() && extra.is_empty(), "{language}: missing {missing:?}, unknown {extra:?}");
        for (id, variables) in &english {
            assert_eq!(&other[id], variables, "{language}: {id}");
        }
    }
}

fn source_files(dir: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            source_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "html") {
            files.push(path);
        }
    }
}

/// Ids are literals in the sources and the templates. So a reader finds where a message is used.
#[test]
fn every_message_is_used_and_every_used_one_exists() {
    let mut paths = Vec::new();
    source_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut paths);
    let english = messages(Language::English);
    let areas: BTreeSet<&str> = files(Language::English).iter().map(|(area, _)| *area).collect();
    let mut used = BTreeSet::new();
    for path in paths {
        let source = std::fs::read_to_string(&path).expect("a source file");
        for literal in source.split('"') {
            if english.contains_key(literal) {
                used.insert(literal.to_owned());
            }
        }
        // What is called with a literal must exist.
        for call in ["text(\"", "html(\"", "msg(\"", "layout(\""] {
            for rest in source.split(call).skip(1) {
                let id = rest.split('"').next().unwrap_or_default();
                let is_id = areas.iter().any(|area| id.strip_prefix(area).is_some_and(|rest| rest.starts_with('-')));
                assert!(!is_id || english.contains_key(id), "{}: no message {id}", path.display());
            }
        }
    }
    let unused: Vec<_> = english.keys().filter(|id| !used.contains(*id)).collect();
    assert!(unused.is_empty(), "not used: {unused:?}");
}

/// Each of the files is in the program.
#[test]
fn the_compressed_messages_are_those_of_the_files() {
    for language in Language::ALL {
        let mut messages = String::new();
        ZlibDecoder::new(compressed(language)).read_to_string(&mut messages).expect("compressed text");
        let all: String = files(language).iter().map(|(_, content)| format!("{content}\n")).collect();
        assert!(messages == all, "{language}: src/text and its list of areas differ");
    }
}

/// A message can be formatted with any value of its variables: its functions and terms exist.
#[test]
fn every_message_can_be_formatted() {
    for language in Language::ALL {
        let texts = Texts::of(language);
        for (id, variables) in messages(language) {
            for number in [0_u64, 1, 2, 5, 1000] {
                let id: &'static str = Box::leak(id.clone().into_boxed_str());
                let message = variables.iter().fold(texts.msg(id), |message, variable| {
                    message.arg(Box::leak(variable.clone().into_boxed_str()), number)
                });
                assert!(!message.to_string().is_empty());
            }
        }
    }
}

#[test]
fn numbers_are_written_as_each_language_does() {
    let all = |format: &dyn Fn(Texts) -> String| Language::ALL.map(|language| format(Texts::of(language)));
    assert_eq!(all(&|texts| texts.number(999)), ["999"; 5]);
    assert_eq!(all(&|texts| texts.number(1234)), ["1.234", "1,234", "1234", "1\u{202f}234", "1.234"]);
    assert_eq!(
        all(&|texts| texts.number(1_234_567)),
        ["1.234.567", "1,234,567", "1\u{a0}234\u{a0}567", "1\u{202f}234\u{202f}567", "1.234.567"]
    );
    assert_eq!(all(&|texts| texts.percent(0.4256)), ["42,5\u{a0}%", "42.5%", "42,5\u{a0}%", "42,5\u{202f}%", "42,5%"]);
    assert_eq!(
        all(&|texts| texts.bytes(5 << 19)),
        ["2,5\u{a0}MiB", "2.5\u{a0}MiB", "2,5\u{a0}MiB", "2,5\u{a0}Mio", "2,5\u{a0}MiB"]
    );
    let units = [1_u64, 10, 20, 30, 40].map(|power| Texts::of(Language::French).bytes(1 << power));
    let units = units.map(|size| size.replace('\u{a0}', " "));
    assert_eq!(units, ["2 octets", "1 Kio", "1 Mio", "1 Gio", "1 Tio"], "binary ones, as everywhere here");
    let english = Texts::of(Language::English);
    // Of these the last bytes round to the next unit.
    let edges = [(1 << 20) - 1, 1_073_689_394, 1_073_689_395, 1_099_457_940_684, 1_099_457_940_685, 1 << 50];
    let edges = edges.map(|bytes| english.bytes(bytes).replace('\u{a0}', " "));
    assert_eq!(edges, ["1,023 KiB", "1,023.9 MiB", "1 GiB", "1,023.9 GiB", "1 TiB", "1,024 TiB"]);
    let sizes =
        [0, 1, 1023, 1024, 1_048_575, 3 << 20, 100_000_000, 45_502_000_000, 5 << 39].map(|bytes| english.bytes(bytes));
    let expected = [
        "0 bytes",
        "1 byte",
        "1,023 bytes",
        "1\u{a0}KiB",
        "1,023\u{a0}KiB",
        "3\u{a0}MiB",
        "95.4\u{a0}MiB",
        "42.4\u{a0}GiB",
        "2.5\u{a0}TiB",
    ];
    assert_eq!(sizes, expected);
    let percentages =
        [0.0, 0.29, 0.57, 0.9999, 1.0, 42.0, 1e300, -0.25, -1e300].map(|fraction| english.percent(fraction));
    assert_eq!(percentages, ["0%", "29%", "57%", "99.9%", "100%", "4,200%", "over 9,999%", "−25%", "below −9,999%"]);
}

#[test]
fn dates_are_written_as_each_language_does() {
    let all = |format: &dyn Fn(Texts) -> String| Language::ALL.map(|language| format(Texts::of(language)));
    let (day, today) = (date(2026, 3, 1), date(2026, 11, 26));
    assert_eq!(
        all(&|texts| texts.date(day)),
        ["1. März 2026", "1 March 2026", "1 de marzo de 2026", "1er mars 2026", "1 maart 2026"]
    );
    assert_eq!(all(&|texts| texts.day(day, today)), ["1. März", "1 Mar", "1 mar", "1er mars", "1 mrt"]);
    assert_eq!(
        all(&|texts| texts.month_title(day)),
        ["März 2026", "March 2026", "Marzo de 2026", "Mars 2026", "Maart 2026"]
    );
    let other_year = all(&|texts| texts.day(date(2025, 12, 24), today));
    assert_eq!(other_year, ["24. Dez. 2025", "24 Dec 2025", "24 dic 2025", "24 déc. 2025", "24 dec 2025"]);
}

#[test]
fn times_are_said_as_how_long_ago_they_were() {
    let (texts, zone) = (Texts::of(Language::English), TimeZone::UTC);
    let now = 20 * 86_400 + 12 * 3600;
    let ago = |seconds: u64| texts.ago(now - seconds, now, &zone).text;
    let hour = 3600;
    let said = [0, 59, 60, 59 * 60, 2 * hour, 13 * hour, 37 * hour, 24 * 7 * hour, 24 * 9 * hour].map(ago);
    let expected = [
        "just now",
        "just now",
        "1 minute ago",
        "59 minutes ago",
        "2 hours ago",
        "yesterday",
        "2 days ago",
        "7 days ago",
        "12 Jan",
    ];
    assert_eq!(said, expected);
    let at_one = 20 * 86_400 + hour;
    let at_night = [3 * hour, 6 * hour].map(|seconds| texts.ago(at_one - seconds, at_one, &zone).text);
    assert_eq!(at_night, ["3 hours ago", "yesterday"], "an evening is not yesterday an hour after midnight");
    assert_eq!(texts.ago(now + 86_400, now, &zone).text, "22 Jan", "a clock that is ahead");
    let time = texts.ago(82_800, now, &TimeZone::fixed(jiff::tz::offset(2)));
    assert_eq!(time.exact, "2 January 1970, 01:00");
    assert_eq!(time.datetime, "1970-01-01T23:00:00Z");
    let german = Texts::of(Language::German);
    assert_eq!(german.ago(now - 2 * 86_400, now, &zone).text, "vor 2 Tagen");
}

#[test]
fn durations_are_rounded_down_to_minutes_and_hours() {
    let texts =
        [0, 59, 60, 3599, 3600, 12_000, 36_000, 400_000].map(|seconds| Texts::of(Language::English).duration(seconds));
    assert_eq!(
        texts,
        [
            "0\u{a0}min",
            "under a minute",
            "1\u{a0}min",
            "59\u{a0}min",
            "1\u{a0}h",
            "3\u{a0}h 20\u{a0}min",
            "10\u{a0}h",
            "111\u{a0}h"
        ]
    );
}

#[test]
fn a_message_with_tags_escapes_its_arguments() {
    let html = Texts::of(Language::English).html("account-heading").arg("name", "<b>&\"'");
    assert_eq!(html.to_string(), "Account <bdi>&#60;b&#62;&#38;&#34;&#39;</bdi>");
}

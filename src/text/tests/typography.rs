//! Texts are written as their language is printed: quotation marks, apostrophes, spaces, one word for one thing.

use std::collections::BTreeMap;

use fluent_syntax::ast::{Entry, Expression, Pattern, PatternElement};
use fluent_syntax::parser;

use super::super::files;
use crate::model::Language;

/// Stands for a variable.
const VARIABLE: char = '\u{fffc}';
/// Names of KOReader's menus that have a colon.
const MENU_NAMES: [&str; 1] = ["Reading statistics: synchronize"];
/// Texts that another language has in common with English.
const SAME: [(Language, &[&str]); 4] = [
    (
        Language::German,
        &["April", "August", "ID", "MQTT", "Name", "November", "September", "Server", "Status", "Version", "orange"],
    ),
    (Language::Spanish, &["Error", "Error: \u{fffc}", "ID", "MQTT", "\u{fffc} byte", "\u{fffc} bytes"]),
    (
        Language::French,
        &[
            "Administration",
            "Document",
            "MQTT",
            "Page \u{fffc}",
            "Pages",
            "Positions",
            "Suggestions",
            "Version",
            "cyan",
            "document \u{fffc}",
            "olive",
            "orange",
            "page \u{fffc}",
            "pages",
            "\u{fffc} document",
            "\u{fffc} documents",
            "\u{fffc} page",
            "\u{fffc} pages",
            "\u{fffc} session",
            "\u{fffc} sessions",
        ],
    ),
    (
        Language::Dutch,
        &[
            "Account",
            "Account \u{fffc}",
            "Accounts",
            "Document",
            "ID",
            "MQTT",
            "Server",
            "Status",
            "account \u{fffc}",
            "document \u{fffc}",
            "\u{fffc} account",
            "\u{fffc} accounts",
            "\u{fffc} byte",
            "\u{fffc} bytes",
            "\u{fffc} document",
            "\u{fffc} record",
            "\u{fffc} records",
        ],
    ),
];
/// Names of KOReader's menus that it has in each of the languages.
const TRANSLATED_MENUS: [&str; 8] = [
    "Automatically keep documents",
    "Custom sync server",
    "Document matching method",
    "Progress sync",
    "Pull progress",
    "Push progress",
    "Reading statistics",
    "Register / Login",
];
/// Words that a language avoids, since it has another for the same thing.
const AVOIDED: [(Language, &[(&str, &str)]); 5] = [
    (Language::English, &[("somebody", "another person"), ("whoever", "who"), ("nobody", "no account")]),
    (
        Language::German,
        &[
            ("ausgelesen", "beendet"),
            ("Festplatte", "Datenträger"),
            ("Bytes", "Byte"),
            ("abgleich", "synchronisieren"),
            ("Nimm ", "Verwende"),
            ("Logfile", "Log"),
        ],
    ),
    (Language::Spanish, &[("orrar", "eliminar"), ("uelve a cargar", "recarga"), (" id ", "ID"), ("panel", "páginas")]),
    (Language::French, &[("à nouveau", "de nouveau"), ("xportation", "export"), ("apez ", "saisissez")]),
    (
        Language::Dutch,
        &[
            ("erlaad", "laad … opnieuw"),
            ("voorgoed", "definitief"),
            ("hooguit", "hoogstens"),
            ("dubbele punt", "dubbelepunt"),
        ],
    ),
];

/// Adds the texts of a pattern: one for each variant, with a mark for each variable.
fn add_texts(pattern: &Pattern<&str>, texts: &mut Vec<String>) {
    let mut text = String::new();
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => text.push_str(value),
            PatternElement::Placeable { expression } => {
                text.push(VARIABLE);
                if let Expression::Select { variants, .. } = expression {
                    variants.iter().for_each(|variant| add_texts(&variant.value, texts));
                }
            }
        }
    }
    texts.push(text);
}

/// Removes tags, and what stands in `<code>` or backticks: it is typed as it is.
fn prose(text: &str) -> String {
    let (mut prose, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(['<', '`']) {
        prose.push_str(&rest[..start]);
        let end = match rest[start..].starts_with('`') {
            true => "`",
            false if rest[start..].starts_with("<code") => "</code>",
            false => ">",
        };
        rest = rest[start + 1..].split_once(end).map_or("", |(_, rest)| rest);
        if end != ">" {
            prose.push(VARIABLE);
        }
    }
    prose.push_str(rest);
    MENU_NAMES.iter().fold(prose, |prose, name| prose.replace(name, ""))
}

/// Returns the prose of a language's messages, with their ids.
fn texts(language: Language) -> BTreeMap<String, Vec<String>> {
    let mut all = BTreeMap::new();
    for (_, content) in files(language) {
        for entry in parser::parse(*content).expect("messages").body {
            if let Entry::Message(message) = entry {
                let mut texts = Vec::new();
                add_texts(message.value.as_ref().expect("a value"), &mut texts);
                all.insert(message.id.name.to_owned(), texts.iter().map(|text| prose(text)).collect());
            }
        }
    }
    all
}

/// Fails with the texts in which `is_wrong` finds a fault.
fn assert_none(language: Language, what: &str, is_wrong: impl Fn(&str) -> bool) {
    let texts = texts(language);
    assert!(texts.len() > 500, "{language}: {}", texts.len());
    let wrong: Vec<_> = texts
        .iter()
        .flat_map(|(id, texts)| texts.iter().map(move |text| (id, text)))
        .filter(|(_, text)| is_wrong(text))
        .collect();
    assert!(wrong.is_empty(), "{language}: {what}: {wrong:#?}");
}

fn has_any(text: &str, chars: &str) -> bool {
    text.contains(|c| chars.contains(c))
}

/// Returns whether a French sign lacks the no-break space that sets it off.
fn is_set_close(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied().unwrap_or(' ');
    let before = |index: usize| index.checked_sub(1).map_or(' ', at);
    chars.iter().enumerate().any(|(index, c)| match c {
        ';' | '!' | '?' => before(index) != '\u{202f}',
        ':' => at(index + 1).is_whitespace() && before(index) != '\u{a0}',
        '»' => before(index) != '\u{a0}',
        '«' => at(index + 1) != '\u{a0}',
        _ => false,
    })
}

#[test]
fn french_signs_are_set_off_by_no_break_spaces() {
    for (right, wrong) in [
        ("quoi\u{202f}?", "quoi ?"),
        ("a\u{202f}; b", "a; b"),
        ("a\u{a0}: b", "a : b"),
        ("a\u{a0}:", "a :"),
        ("«\u{a0}a\u{a0}»", "« a »"),
    ] {
        assert!(!is_set_close(right) && is_set_close(wrong), "{wrong}");
    }
    assert!(!is_set_close("https://books.example, 4:00"));
    assert_none(Language::French, "a sign without its no-break space", is_set_close);
}

#[test]
fn each_language_has_its_own_quotation_marks_and_no_straight_ones() {
    for language in Language::ALL {
        let foreign = match language {
            Language::English => "„«»‚‹›",
            Language::German => "”«»‹›",
            Language::Spanish | Language::French => "„“”‚‘‹›",
            Language::Dutch => "„“”«»‚‹›",
        };
        assert_none(language, "a straight quotation mark or apostrophe", |text| has_any(text, "'\""));
        assert_none(language, "another language's quotation mark", |text| has_any(text, foreign));
    }
}

#[test]
fn no_text_has_a_blank_at_its_end_or_two_together() {
    for language in Language::ALL {
        assert_none(language, "a needless blank", |text| {
            let is_blank = |c: Option<char>| c.is_some_and(char::is_whitespace);
            is_blank(text.chars().next())
                || is_blank(text.chars().last())
                || text.contains("  ")
                || text.contains("...")
        });
        for (area, content) in files(language) {
            assert!(
                content.lines().all(|line| line == line.trim_end()),
                "{language}/{area}.ftl: a blank at a line's end"
            );
        }
    }
}

#[test]
fn numbers_stay_beside_their_units() {
    for language in Language::ALL {
        let units: &[&str] = match language {
            Language::German => &["Std.", "Min.", "Uhr"],
            Language::Dutch => &["u", "min"],
            _ => &["h", "min"],
        };
        let units: Vec<_> = units.iter().map(|unit| format!("{VARIABLE} {unit}")).collect();
        assert_none(language, "a breakable blank before a unit", |text| {
            units
                .iter()
                .any(|unit| text.split_once(unit).is_some_and(|(_, rest)| !rest.starts_with(char::is_alphabetic)))
        });
    }
}

#[test]
fn no_language_has_an_english_text_left() {
    let english = texts(Language::English);
    let is_word =
        |text: &str| text.split(|c: char| !c.is_alphabetic()).any(|word| word.chars().count() > 2 || word == "ID");
    for (language, allowed) in SAME {
        let mut same: Vec<String> = Vec::new();
        for (id, texts) in texts(language) {
            same.extend(texts.into_iter().filter(|text| english[&id].contains(text) && is_word(text)));
        }
        // A unit is written alike in several languages.
        same.retain(|text| {
            !["min", "KiB", "MiB", "GiB", "TiB"].iter().any(|unit| text.ends_with(&format!("\u{a0}{unit}")))
        });
        let left: Vec<_> = same.iter().filter(|text| !allowed.contains(&text.as_str())).collect();
        assert!(left.is_empty(), "{language}: as in English: {left:#?}");
        let gone: Vec<_> = allowed.iter().filter(|text| !same.iter().any(|same| same == **text)).collect();
        assert!(gone.is_empty(), "{language}: no longer as in English, so strike them off the list: {gone:?}");
    }
}

#[test]
fn one_word_is_used_for_one_thing() {
    for (language, words) in AVOIDED {
        for (avoided, used) in words {
            assert_none(language, &format!("`{avoided}`, for which this language says `{used}`"), |text| {
                text.contains(avoided)
            });
        }
    }
}

#[test]
fn koreader_s_menus_have_their_names_in_each_language() {
    for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
        for name in TRANSLATED_MENUS {
            assert_none(language, &format!("`{name}`, which KOReader shows in this language"), |text| {
                text.contains(name)
            });
        }
    }
}

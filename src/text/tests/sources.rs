//! Texts stand in messages alone: neither in templates nor in the code of pages.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// Templates that have texts of their own still.
const UNTRANSLATED: [&str; 0] = [];
/// Files of `http` that have texts of their own still.
const UNTRANSLATED_CODE: [&str; 0] = [];
/// Words that are the same in every language.
const NAMES: [&str; 5] = ["kosync", "KOReader", "ID", "webdav", "http"];
/// Attributes that people read or hear.
const READ_ATTRIBUTES: [&str; 5] = ["alt", "aria-label", "content", "placeholder", "title"];
/// Calls whose argument is a text for people.
const CALLS: [&str; 3] = ["layout_titled(", "InvalidForm(", "notice: Some("];

fn files(dir: &str, extension: &str) -> Vec<PathBuf> {
    fn collect(dir: &Path, extension: &str, files: &mut Vec<PathBuf>) {
        for entry in read_dir(dir).expect("a directory") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                collect(&path, extension, files);
            } else if path.extension().is_some_and(|found| found == extension) {
                files.push(path);
            }
        }
    }
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join(dir), extension, &mut files);
    files.sort_unstable();
    files
}

/// Removes what Askama replaces or leaves out: its expressions, blocks and comments.
fn without_expressions(template: &str) -> String {
    let (mut text, mut rest) = (String::new(), template);
    while let Some((start, end)) = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
        .into_iter()
        .filter_map(|(open, close)| Some((rest.find(open)?, close)))
        .min()
    {
        text.push_str(&rest[..start]);
        rest = rest[start..].split_once(end).map_or("", |(_, rest)| rest);
    }
    text + rest
}

/// Returns what people read of a template: its text, and that of some attributes.
fn texts(template: &str) -> Vec<String> {
    let html = without_expressions(template);
    let mut texts = Vec::new();
    for (index, piece) in html.split('<').enumerate() {
        let (tag, text) = if index == 0 { ("", piece) } else { piece.split_once('>').unwrap_or((piece, "")) };
        texts.push(text.to_owned());
        let is_viewport = tag.contains("name=\"") && tag.starts_with("meta");
        for attribute in tag.split(' ').filter(|_| !is_viewport && !tag.starts_with("meta")) {
            let Some((name, _)) = attribute.split_once("=\"") else { continue };
            let is_button =
                tag.starts_with("input") && ["submit", "button", "reset"].iter().any(|kind| tag.contains(kind));
            if READ_ATTRIBUTES.contains(&name) || name == "value" && is_button {
                let value = tag.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split('"').next());
                texts.extend(value.map(str::to_owned));
            }
        }
    }
    texts.retain(|text| words(text).next().is_some());
    texts
}

/// Returns the words of a text that need a translation: those of two letters or more, without entities.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split_whitespace().filter(|word| !(word.starts_with('&') && word.ends_with(';')));
    let letters = words.flat_map(|word| word.split(|c: char| !c.is_alphabetic()));
    letters.filter(|word| word.chars().count() > 1 && !NAMES.contains(word))
}

#[test]
fn no_template_has_a_text_outside_messages() {
    let mut found = BTreeMap::new();
    let mut names = BTreeSet::new();
    for path in
        files("src/http/dashboard/templates", "html").into_iter().chain(files("src/http/dashboard/templates", "svg"))
    {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        let texts = texts(&read_to_string(&path).expect("a template"));
        names.insert(name.clone());
        if !texts.is_empty() {
            found.insert(name, texts);
        }
    }
    assert_only(found, &UNTRANSLATED);
    assert!(names.len() > 20, "{names:?}");
}

#[test]
fn the_texts_of_a_template_are_found() {
    let found = |template| texts(template);
    assert_eq!(found("<p>{{ layout.text(\"a-b\") }} · <b class=\"big name\">kosync</b> &nbsp; 3 x</p>"), [""; 0]);
    assert_eq!(found("<p>One {{ count }} {% if count > 1 %}books{% endif %}</p>"), ["One  books"]);
    assert_eq!(found("<a title=\"Go there\" href=\"else where\">{# a note #}</a>"), ["Go there"]);
    assert_eq!(found("<input type=\"submit\" value=\"Send it\"><input name=\"x y\" value=\"not it\">"), ["Send it"]);
    assert_eq!(found("<nav aria-label=\"{{ x }}\"><button>Save</button></nav>"), ["Save"]);
}

/// Returns the string literals of a source file, without its comments and its tests.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//") && !line.contains("reason = \""));
    let code: String = lines.map(|line| format!("{line}\n")).collect();
    let (mut literals, mut chars, mut literal) = (Vec::new(), code.replace("'\"'", "").into_bytes().into_iter(), None);
    while let Some(byte) = chars.next() {
        match (&mut literal, byte) {
            (None, b'"') => literal = Some(Vec::new()),
            (None, _) => {}
            (Some(bytes), b'"') => {
                literals.push(String::from_utf8_lossy(bytes).into_owned());
                literal = None;
            }
            (Some(bytes), b'\\') => bytes.extend(chars.next()),
            (Some(bytes), byte) => bytes.push(byte),
        }
    }
    literals
}

/// Whether a literal is a sentence, and so meant for people.
fn is_sentence(text: &str) -> bool {
    text.starts_with(char::is_uppercase) && text.contains(' ') && text.ends_with(['.', '?', '!', '…'])
}

/// Returns the texts that the code of a page has: sentences, and what it gives to certain calls.
fn texts_of_code(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let calls = CALLS.iter().flat_map(|call| code.split(call).skip(1));
    let given = calls.filter_map(|rest| rest.trim_start().strip_prefix('"')?.split('"').next());
    let given = given.filter(|text| words(text).next().is_some() && !is_message_id(text)).map(str::to_owned);
    let mut texts: Vec<String> = literals(source).into_iter().filter(|text| is_sentence(text)).chain(given).collect();
    texts.sort_unstable();
    texts.dedup();
    texts
}

fn is_message_id(text: &str) -> bool {
    text.contains('-') && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[test]
fn no_page_s_code_has_a_text_outside_messages() {
    let mut found = BTreeMap::new();
    for path in files("src/http/dashboard", "rs").into_iter().chain(files("src/http/activity", "rs")) {
        let http = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
        let name = path.strip_prefix(http).expect("a file of http").to_string_lossy().into_owned();
        let is_test = name.ends_with("tests.rs");
        let texts = texts_of_code(&read_to_string(&path).expect("a source file"));
        if !is_test && !texts.is_empty() {
            found.insert(name, texts);
        }
    }
    assert_only(found, &UNTRANSLATED_CODE);
}

/// Fails unless these files alone have texts of their own.
fn assert_only(mut found: BTreeMap<String, Vec<String>>, listed: &[&str]) {
    let done: Vec<_> = listed.iter().filter(|name| found.remove(**name).is_none()).collect();
    assert!(found.is_empty(), "texts outside messages: {found:#?}");
    assert!(done.is_empty(), "no texts outside messages any more, so strike them off the list: {done:?}");
}

#[test]
fn the_texts_of_code_are_found() {
    let source = r#"
        // "A comment has one."
        let layout = current_user.layout_titled("My books", "books");
        let other = current_user.layout("files-title", "files");
        const NO: &str = "This is not a \"thing\" of ours.";
        tracing::info!("a log line of ours");
        #[cfg(test)]
        const TEST: &str = "A test has one.";
    "#;
    assert_eq!(texts_of_code(source), ["My books", "This is not a \"thing\" of ours."]);
}

//! Imports point down the list of docs/design.md. Siblings do not import each other in a circle.
//!
//! The test reads the paths of `src` as text: `use` declarations and paths in expressions that begin with `crate`, `super` or
//! `self`. Unit tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the crate, from the top down. A module may import from those below it.
const ORDER: [&str; 22] = [
    "cli",
    "builder",
    "provision",
    "server",
    "net",
    "http",
    "mqtt",
    "state",
    "import",
    "client",
    "library",
    "reading",
    "metrics",
    "request_log",
    "text",
    "auth",
    "store",
    "config",
    "model",
    "error",
    "log_throttle",
    "recent_log",
];

/// Modules of `http`, from the top down.
const HTTP_ORDER: [&str; 11] =
    ["dashboard", "dav", "api", "activity", "adapter", "answer", "middleware", "client_ip", "origin", "query", "body"];

/// A path that a line of a source file refers to, from the crate's root.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    line: usize,
    path: Vec<String>,
}

/// Returns the module path of a source file: `src/store/mod.rs` is `store`.
fn module_of(file: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        file.with_extension("").iter().skip(1).map(|part| part.to_str().unwrap().to_owned()).collect();
    if path.last().is_some_and(|last| last == "mod") {
        path.pop();
    }
    path
}

/// Blanks out comments and string literals, and cuts the unit tests off. Line numbers stay.
fn code_of(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut code = String::new();
    for line in text.lines() {
        let line = line.split("//").next().unwrap();
        let outside: String = line.split('"').step_by(2).collect::<Vec<_>>().join("\"\"");
        code.push_str(&outside);
        code.push('\n');
    }
    code
}

/// Expands `a::{b, c::{d, e}}` to `a::b`, `a::c::d`, `a::c::e`.
fn expand(tree: &str) -> Vec<String> {
    let tree = tree.trim();
    let Some((prefix, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let inner = rest.rsplit_once('}').map_or(rest, |(inner, _)| inner);
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, c) in inner.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&inner[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inner[start..]);
    let parts = parts.into_iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(expand).map(|part| format!("{}{part}", prefix.trim())).collect()
}

/// Resolves `crate::`, `super::` and `self::` against the module that contains the path. Other paths are not ours.
fn resolve(path: &str, module: &[String]) -> Option<Vec<String>> {
    let mut parts = path.split("::").map(str::trim).peekable();
    let mut resolved = match parts.next()? {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module[..module.len().checked_sub(1)?].to_vec(),
        _ => return None,
    };
    while parts.peek() == Some(&"super") {
        parts.next();
        resolved.pop()?;
    }
    resolved.extend(parts.map(|part| part.split_whitespace().next().unwrap_or_default().to_owned()));
    Some(resolved)
}

/// Returns all references of a source text to modules of the crate.
fn references(text: &str, module: &[String]) -> Vec<Reference> {
    let code = code_of(text);
    let mut found = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    for root in ["crate::", "super::", "self::"] {
        for (at, _) in code.match_indices(root) {
            if code[..at].chars().next_back().is_some_and(is_word) {
                continue;
            }
            let line = code[..at].matches('\n').count() + 1;
            let statement = code[..at].rsplit([';', '}']).next().unwrap_or_default().trim_start();
            let is_use = statement.ends_with("use") || statement.trim_end().ends_with("use");
            let end = if is_use { code[at..].find(';') } else { code[at..].find(|c| !is_word(c)) };
            let tree = &code[at..at + end.unwrap_or(code.len() - at)];
            found.extend(
                expand(tree).iter().filter_map(|path| resolve(path, module)).map(|path| Reference { line, path }),
            );
        }
    }
    found
}

/// Returns all source files, relative to the repository, without those of unit tests.
fn sources() -> Vec<PathBuf> {
    fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && name != "tests" {
                walk(&path, files);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                files.push(path.clone());
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    walk(&root.join("src"), &mut files);
    files.sort();
    files.into_iter().map(|file| file.strip_prefix(root).unwrap().to_owned()).collect()
}

fn rank(order: &[&str], module: &str) -> usize {
    let found = order.iter().position(|name| *name == module);
    found.unwrap_or_else(|| panic!("the module `{module}` has no place in the order of tests/process/import_order.rs"))
}

/// Returns why a reference is wrong, or nothing.
fn complaint(module: &[String], path: &[String]) -> Option<String> {
    let (from, to) = (module.first()?, path.first()?);
    // The command line stands above everything, and uses the names that the crate's root exports.
    if from == ORDER[0] {
        return None;
    }
    if !to.starts_with(|c: char| c.is_lowercase()) {
        return Some(format!("`{to}` is imported from the crate's root; import it from its module"));
    }
    if from != to {
        let is_down = rank(&ORDER, from) < rank(&ORDER, to);
        return (!is_down).then(|| format!("`{from}` imports from `{to}`, which stands above it"));
    }
    let (from, to) = (module.get(1)?, path.get(1)?);
    if module[0] == "http" && from != to && HTTP_ORDER.contains(&to.as_str()) {
        let is_down = rank(&HTTP_ORDER, from) < rank(&HTTP_ORDER, to);
        return (!is_down).then(|| format!("`http::{from}` imports from `http::{to}`, which stands above it"));
    }
    None
}

#[test]
fn imports_point_down() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut complaints = Vec::new();
    for file in sources() {
        let module = module_of(&file);
        if ["lib", "main"].contains(&module[0].as_str()) {
            continue;
        }
        let text = fs::read_to_string(root.join(&file)).unwrap();
        for Reference { line, path } in references(&text, &module) {
            complaints.extend(complaint(&module, &path).map(|what| format!("{}:{line}: {what}", file.display())));
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// Modules of one folder that import each other cannot be read one after the other.
#[test]
fn siblings_import_each_other_in_no_circle() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut imports: BTreeMap<Vec<String>, BTreeSet<Vec<String>>> = BTreeMap::new();
    let files = sources();
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| module_of(file)).collect();
    for file in &files {
        let module = module_of(file);
        let text = fs::read_to_string(root.join(file)).unwrap();
        for Reference { path, .. } in references(&text, &module) {
            // The longest part of the path that is a file of ours.
            let target =
                (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|path| modules.contains(path));
            let Some(target) = target else { continue };
            let is_folder = |one: &[String], other: &[String]| other.starts_with(one);
            if target != module && !is_folder(&target, &module) && !is_folder(&module, &target) {
                imports.entry(module.clone()).or_default().insert(target);
            }
        }
    }
    for start in imports.keys() {
        let (mut reached, mut queue) = (BTreeSet::new(), vec![start.clone()]);
        while let Some(next) = queue.pop() {
            for target in imports.get(&next).into_iter().flatten() {
                assert_ne!(target, start, "{} and {} import each other", start.join("::"), next.join("::"));
                if reached.insert(target.clone()) {
                    queue.push(target.clone());
                }
            }
        }
    }
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let module = ["http", "api", "users"].map(str::to_owned);
    let text = "use super::error::{ApiError, Message};\nuse crate::{config::X, store::{self, Y as Z}}; // crate::cli\n\
                fn f() { let _ = crate::cli::main(); let _ = \"crate::import::x\"; }\nuse super::super::body;\n#[cfg(test)]\nmod tests { use crate::cli; }";
    let found: Vec<(usize, String)> =
        references(text, &module).into_iter().map(|reference| (reference.line, reference.path.join("::"))).collect();
    for expected in [
        (1, "http::api::error::ApiError"),
        (1, "http::api::error::Message"),
        (2, "config::X"),
        (2, "store::self"),
        (2, "store::Y"),
        (3, "cli::main"),
        (4, "http::body"),
    ] {
        assert!(found.contains(&(expected.0, expected.1.to_owned())), "{expected:?} is not in {found:?}");
    }
    assert_eq!(found.len(), 7, "{found:?}");
    assert!(complaint(&module, &["cli".into(), "main".into()]).is_some());
    assert!(complaint(&module, &["http".into(), "dashboard".into()]).is_some());
    assert_eq!(complaint(&module, &["store".into(), "Y".into()]), None);
}

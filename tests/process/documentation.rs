//! The documentation: every relative link and anchor leads somewhere, and the README stays short.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

/// Limits the README in lines and bytes, so that newcomers read it to the end.
const README_MAX: (usize, usize) = (160, 9 * 1024);

/// A page of the documentation, without its code.
struct Page {
    /// Lines with their numbers; lines and spans of code are blank.
    lines: Vec<(usize, String)>,
    anchors: BTreeSet<String>,
}

impl Page {
    fn parse(text: &str) -> Self {
        let (mut lines, mut anchors, mut seen) = (Vec::new(), BTreeSet::new(), HashMap::new());
        let mut fence: Option<&str> = None;
        let mut after_blank = true;
        for (index, line) in text.lines().enumerate() {
            let trimmed = line.trim_start();
            let marker = ["```", "~~~"].into_iter().find(|marker| trimmed.starts_with(marker));
            match (fence, marker) {
                (Some(open), Some(marker)) if open == marker => fence = None,
                (None, Some(marker)) => fence = Some(marker),
                (None, None) => {
                    // Indented by four after a blank line, it is code; a list's continuation never follows one here.
                    let is_code = line.starts_with("    ") && after_blank;
                    if !is_code {
                        if let Some(heading) = heading(line) {
                            anchors.insert(anchor(heading, &mut seen));
                        }
                        anchors.extend(attributes(line, "id"));
                        lines.push((index + 1, without_code_spans(line)));
                    }
                    after_blank = is_code || line.trim().is_empty();
                    continue;
                }
                _ => {}
            }
            after_blank = true;
        }
        Self { lines, anchors }
    }

    /// The targets of links and pictures, each with its line.
    fn links(&self) -> Vec<(usize, String)> {
        let mut links = Vec::new();
        for (number, line) in &self.lines {
            // Also of a picture that is a link: `[![alt](picture)](page)`.
            for (start, _) in line.match_indices("](") {
                let target = line[start + 2..].split([')', ' ']).next().unwrap_or_default();
                links.push((*number, target.to_owned()));
            }
            let reference = line.strip_prefix('[').and_then(|rest| rest.split_once("]: "));
            links.extend(reference.map(|(_, target)| (*number, target.trim().to_owned())));
            for name in ["href", "src"] {
                links.extend(attributes(line, name).map(|target| (*number, target)));
            }
        }
        links
    }
}

/// The text of a heading that begins with `#`.
fn heading(line: &str) -> Option<&str> {
    let text = line.trim_start_matches('#');
    let level = line.len() - text.len();
    if (1..=6).contains(&level) { text.strip_prefix(' ') } else { None }
}

/// The values of an attribute of HTML tags.
fn attributes<'a>(line: &'a str, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let start = format!("{name}=\"");
    line.split('<').skip(1).filter_map(move |tag| {
        let (_, value) = tag.split('>').next()?.split_once(&start)?;
        Some(value.split('"').next()?.to_owned())
    })
}

fn without_code_spans(line: &str) -> String {
    let (mut text, mut in_code) = (String::new(), false);
    for char in line.chars() {
        in_code ^= char == '`';
        text.push(if in_code || char == '`' { ' ' } else { char });
    }
    text
}

/// A heading's anchor, by GitHub's rule: lower case, blanks to hyphens, and letters, digits, hyphens and underscores alone stay. A second one of
/// the same name gets `-1`.
fn anchor(heading: &str, seen: &mut HashMap<String, usize>) -> String {
    let mut text = String::new();
    let mut rest = heading.trim().trim_end_matches('#').trim_end();
    // Of a link only its text counts.
    while let Some((before, link)) = rest.split_once("](") {
        text.push_str(before);
        rest = link.split_once(')').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    let kept = text.to_lowercase().replace(' ', "-");
    let kept: String = kept.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect();
    let count = seen.entry(kept.clone()).or_default();
    *count += 1;
    if *count == 1 { kept } else { format!("{kept}-{}", *count - 1) }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn markdown_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if root().join(&path).is_dir() {
            markdown_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// All pages, by their paths from the root.
fn pages() -> BTreeMap<PathBuf, Page> {
    let mut paths = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"].map(PathBuf::from).to_vec();
    markdown_in(Path::new("docs"), &mut paths);
    markdown_in(Path::new("addon"), &mut paths);
    paths.into_iter().map(|path| (path.clone(), Page::parse(&fs::read_to_string(root().join(path)).unwrap()))).collect()
}

/// Takes `.` and `..` out of a path. `None` if it leads out of the repository.
fn resolved(path: &Path) -> Option<PathBuf> {
    let mut resolved = PathBuf::new();
    for part in path.components() {
        match part {
            Component::Normal(name) => resolved.push(name),
            Component::CurDir => {}
            Component::ParentDir => resolved.pop().then_some(())?,
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(resolved)
}

/// What is wrong with a link of a page, if anything is.
fn fault(pages: &BTreeMap<PathBuf, Page>, page: &Path, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').map_or((target, None), |(path, anchor)| (path, Some(anchor)));
    let path = match path {
        "" => page.to_owned(),
        path => match resolved(&page.parent().unwrap_or(Path::new("")).join(path)) {
            Some(path) => path,
            None => return Some("it leads out of the repository".into()),
        },
    };
    if !root().join(&path).exists() {
        return Some(format!("there is no {}", path.display()));
    }
    let anchor = anchor?;
    match pages.get(&path) {
        Some(page) if page.anchors.contains(anchor) => None,
        Some(page) => Some(format!("{} has no #{anchor}, but {:?}", path.display(), page.anchors)),
        None => Some(format!("{} is no page of the documentation, and has no anchors", path.display())),
    }
}

#[test]
fn every_relative_link_leads_somewhere() {
    let pages = pages();
    let mut faults = Vec::new();
    let mut count = 0;
    for (path, page) in &pages {
        for (line, target) in page.links() {
            count += 1;
            if let Some(fault) = fault(&pages, path, &target) {
                faults.push(format!("{}:{line}: ({target}) {fault}", path.display()));
            }
        }
    }
    assert!(count > 100, "only {count} links were found");
    assert!(faults.is_empty(), "{} of {count} links lead nowhere:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn every_page_is_in_the_readme_s_table_of_contents() {
    let pages = pages();
    let linked: BTreeSet<_> = pages[Path::new("README.md")]
        .links()
        .into_iter()
        .filter_map(|(_, target)| resolved(Path::new(target.split('#').next()?)))
        .collect();
    let missing: Vec<_> = pages.keys().filter(|path| path.starts_with("docs") && !linked.contains(*path)).collect();
    assert!(missing.is_empty(), "README.md does not link {missing:?}");
}

#[test]
fn the_readme_stays_short() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    let (lines, bytes) = (text.lines().count(), text.len());
    assert!(lines <= README_MAX.0 && bytes <= README_MAX.1, "{lines} lines, {bytes} bytes; at most {README_MAX:?}");
}

#[test]
fn anchors_are_github_s() {
    let mut seen = HashMap::new();
    let mut of = |heading| anchor(heading, &mut seen);
    assert_eq!(of("PUT /users/password and DELETE /users/me"), "put-userspassword-and-delete-usersme");
    assert_eq!(of("What is stored?"), "what-is-stored");
    assert_eq!(of("`/api/v1`, in *short*"), "apiv1-in-short");
    assert_eq!(of("Über [Docker](docker.md) ##"), "über-docker");
    assert_eq!(of("GET /syncs/progress/{document}"), "get-syncsprogressdocument");
    assert_eq!((of("Restore"), of("Restore")), ("restore".into(), "restore-1".into()));
}

#[test]
fn faults_are_found() {
    let pages = pages();
    let fault = |target| fault(&pages, Path::new("docs/api.md"), target).unwrap_or_default();
    for good in [
        "https://example.org",
        "protocol.md",
        "../README.md",
        "#management-api",
        "protocol.md#t4",
        "../tests/wire",
        "./api.md",
    ] {
        assert_eq!(fault(good), "", "{good}");
    }
    for (wrong, text) in [
        ("nowhere.md", "there is no docs/nowhere.md"),
        ("../../etc/hosts", "out of the repository"),
        ("/README.md", "out of the repository"),
        ("protocol.md#t99", "docs/protocol.md has no #t99"),
        ("#nowhere", "docs/api.md has no #nowhere"),
        ("../Cargo.toml#l5", "no page"),
    ] {
        assert!(fault(wrong).contains(text), "{wrong}: {}", fault(wrong));
    }
}

#[test]
fn links_in_code_are_none() {
    let text = "# A\n[b](c.md) `[no](no.md)`\n```sh\n[no](no.md)\n# no\n```\n\n    [no](no.md)\n\n- [d][e]\n  ![f](g.png)\n[e]: h.md\n<a id=\"t1\"></a>";
    let page = Page::parse(text);
    let targets: Vec<_> = page.links().into_iter().map(|(line, target)| format!("{line} {target}")).collect();
    assert_eq!(targets, ["2 c.md", "11 g.png", "12 h.md"]);
    assert_eq!(page.anchors.into_iter().collect::<Vec<_>>(), ["a", "t1"]);
}

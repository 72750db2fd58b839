//! Every page, checked by axe-core and html-validate: accessible by WCAG 2.2 AA and valid, with large targets, small, and in two languages.
//!
//! The two tools come from npm: `npm --prefix tests/web/node ci` installs them, as `.ci/run` does.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
#[cfg(feature = "statistics")]
use crate::common::reading::statistics;
use crate::common::reading::{EMMA, export, uploaded};
use crate::common::{KEY, OTHER_KEY, Site, are_installed, skip_unless_required};
use crate::visitor::{ADMIN_PASSWORD, PAGES, Page, Reader, Visitor, site};

/// Set in `.ci/run`: what is missing fails the tests instead of being skipped.
const REQUIRED: &str = "KOSYNC_TEST_PAGES";
/// Bytes of a page, and its requests: itself, the stylesheet and the script.
const MAX_PAGE_BYTES: usize = 60_000;
const MAX_REQUESTS: usize = 3;
/// The rules that say whether a page conforms to WCAG 2.2 AA.
pub const WCAG_TAGS: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"];

fn node_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/web/node")
}

/// Returns the path of a file of the installed packages. If it is missing, says how to install it and returns `None`.
pub fn package_file(path: &str) -> Option<PathBuf> {
    let file = node_directory().join("node_modules").join(path);
    let is_there = file.exists();
    let reason =
        || format!("{} is not installed; run `npm --prefix tests/web/node ci`", path.split('/').next().unwrap());
    (is_there || skip_unless_required(REQUIRED, &reason())).then_some(file)
}

/// Starts a server whose accounts `ada` and `admin` have something of everything that pages show.
pub fn full_site() -> Site {
    let site = site();
    let books = [
        (EMMA, "Emma", "Jane Austen"),
        ("emma.epub", "Emma", "Jane Austen"),
        ("long", &*"Of the Progress and Advancement of Learning, Divine and Human ".repeat(5), "Francis Bacon"),
        ("rtl", "ألف ليلة وليلة", "مجهول"),
    ];
    for (document, title, authors) in books {
        for (percentage, device) in [(0.1, "Kobo"), (0.35, "KOReader on Pixel 8"), (0.425, "Kobo"), (0.99, "Kindle")] {
            let body = json!({ "document": document, "progress": format!("/body/p[{percentage}]"), "percentage": percentage,
                "device": device, "device_id": device, "metadata": { "title": title, "authors": authors } });
            site.pushed("ada", KEY, &body);
        }
    }
    site.pushed("ada", KEY, &json!({ "document": "8b4ba8d2a5a44a0a8e1d4c0c5d3f6a71", "progress": "7", "percentage": 0.5, "device": "Kobo" }));
    #[cfg(feature = "statistics")]
    uploaded(&site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", |statistics: &Value| {
        statistics["reading"]["seconds"] == 345
    });
    let has_both = |list: &Value| list["highlights"].as_array().unwrap().len() == 2;
    let highlights = export(&["Emma <Woodhouse>", "# handsome"]).to_string();
    uploaded(&site, "Austen - Emma.json", highlights.as_bytes(), "/api/v1/highlights", has_both);
    let ada = Visitor::log_in(site.client, "ada", "password");
    assert_eq!(ada.post("/device-passwords", &[("name", "Kobo")]).status, 200);
    // For the page of requests: a failed login, and an id that nobody has pushed.
    assert_eq!(site.login("ada", OTHER_KEY).status, 401);
    assert_eq!(site.pull("ada", KEY, "asked-for-in-vain").body, "{}");
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    assert_eq!(admin.post("/accounts/3/active", &[("active", "no")]).status, 303);
    site
}

fn log_in(browser: &Browser, root: &str, reader: Reader) {
    browser.delete_cookies();
    let (name, password) = match reader {
        Reader::Nobody => return,
        Reader::Ada => ("ada", "password"),
        Reader::Admin => ("admin", ADMIN_PASSWORD),
    };
    browser.open(&format!("{root}login"));
    browser.fill("name", name);
    browser.fill("password", password);
    browser.press_at("main button.primary");
}

/// What a page has loaded. Icons and the manifest are the browser's own wish, which it has once.
const REQUESTS: &str =
    "performance.getEntriesByType('resource').map(entry => entry.name).filter(name => !/icon|manifest/.test(name))";

/// Elements that are smaller than 44 by 44 pixels and can be pressed. Links within a sentence and marks in drawings may be smaller.
const SMALL_TARGETS: &str = "[...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')].filter(e => {
    if (e.closest('svg') || e.classList.contains('skip') || !e.checkVisibility()) return false;
    const rest = [...e.parentElement.childNodes].some(n => n !== e && n.nodeType === 3 && n.textContent.trim());
    if (e.tagName === 'A' && getComputedStyle(e).display === 'inline' && rest) return false;
    if (getComputedStyle(e, '::after').position === 'absolute' || e.matches('.reading .title a')) e = e.closest('li');
    const target = e.matches('[type=radio], [type=checkbox]') && e.labels.length ? e.labels[0] : e;
    const { width, height } = target.getBoundingClientRect();
    return width < 43.5 || height < 43.5;
}).map(e => e.outerHTML.slice(0, 90) + ' ' + Math.round(e.getBoundingClientRect().width) + 'x' + Math.round(e.getBoundingClientRect().height))";

/// Checks all pages in one language, in two of four combinations of width and scheme.
fn check_accessibility(language: &str, combinations: [(u32, &str); 2]) {
    let Some(axe) = package_file("axe-core/axe.min.js") else { return };
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let axe = std::fs::read_to_string(axe).unwrap();
    let site = full_site();
    let root = format!("http://{}/", site.address);
    browser.set_language(language);
    let mut faults = Vec::new();
    for reader in [Reader::Nobody, Reader::Ada, Reader::Admin] {
        log_in(&browser, &root, reader);
        for page in PAGES.iter().filter(|page| page.reader == reader && page.is_html) {
            let path = page.path();
            for (width, scheme) in combinations {
                browser.resize(width);
                browser.emulate_media("", &[("prefers-color-scheme", scheme)]);
                browser.open(&format!("{root}{}", path.trim_start_matches('/')));
                let view = format!("{path} in {language}, {scheme}, {width} px");
                if let Some(dir) = std::env::var_os("KOSYNC_PAGES") {
                    let file = view.replace([' ', ',', '/', '?'], "_") + ".png";
                    std::fs::write(Path::new(&dir).join(file), browser.screenshot()).unwrap();
                }
                let requests = browser.evaluate(REQUESTS);
                if requests.as_array().unwrap().len() >= MAX_REQUESTS {
                    faults.push(format!("{view}: {requests} requests"));
                }
                let wide = browser.evaluate("document.documentElement.scrollWidth").as_u64().unwrap();
                if wide > u64::from(width) {
                    faults.push(format!("{view}: {wide} px wide"));
                }
                for target in browser.evaluate(SMALL_TARGETS).as_array().unwrap() {
                    faults.push(format!("{view}: target of less than 44 px: {}", target.as_str().unwrap()));
                }
                browser.run(&axe);
                let tags = json!({ "runOnly": { "type": "tag", "values": WCAG_TAGS } });
                let found = browser.evaluate_promise(&format!(
                    "axe.run(document, {tags}).then(found => found.violations.flatMap(rule => rule.nodes.map(node => \
                     rule.id + ': ' + node.html.slice(0, 120) + ' ' + node.failureSummary)))"
                ));
                faults.extend(found.as_array().unwrap().iter().map(|fault| format!("{view}: {fault}")));
            }
        }
    }
    // Each once: the same element is on all pages.
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn no_page_violates_wcag_2_2_aa_in_english() {
    check_accessibility("en", [(1440, "light"), (360, "dark")]);
}

#[test]
fn no_page_violates_wcag_2_2_aa_in_german() {
    check_accessibility("de", [(360, "light"), (1440, "dark")]);
}

#[test]
fn the_html_of_every_page_is_valid_and_small() {
    let site = full_site();
    let dir = tempfile::tempdir().unwrap();
    let mut largest = (0, String::new());
    for reader in [Reader::Nobody, Reader::Ada, Reader::Admin] {
        let visitor = match reader {
            Reader::Nobody => Visitor::anonymous(site.client),
            Reader::Ada => Visitor::log_in(site.client, "ada", "password"),
            Reader::Admin => Visitor::log_in(site.client, "admin", ADMIN_PASSWORD),
        };
        for page in PAGES.iter().filter(|page| page.reader == reader && page.is_html) {
            for language in ["en", "fr"] {
                let path = page.path();
                let headers: [(&str, &[u8]); 3] = [
                    ("cookie", visitor.cookie.as_bytes()),
                    ("accept", b"text/html"),
                    ("accept-language", language.as_bytes()),
                ];
                let reply = site.send("GET", &path, &headers, None);
                assert_eq!(reply.status, page.status, "{path}: {reply:?}");
                assert!(reply.body.len() < MAX_PAGE_BYTES, "{path}: {} bytes", reply.body.len());
                largest = largest.max((reply.body.len(), path.clone()));
                let name = format!("{reader:?}{}-{language}.html", path.replace(['/', '?'], "_"));
                std::fs::write(dir.path().join(name), reply.body).unwrap();
            }
        }
    }
    println!("largest page: {largest:?}");
    if !are_installed(&["node"], REQUIRED) || package_file("html-validate/package.json").is_none() {
        return;
    }
    let script = node_directory().join("validate.mjs");
    let output = Command::new("node").arg(script).arg(dir.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let faults = String::from_utf8(output.stdout).unwrap();
    assert!(faults.is_empty(), "{} faults:\n{faults}", faults.lines().count());
}

/// The list that the checks use has a page for each route that answers GET.
#[test]
fn the_list_of_pages_is_complete() {
    let source = include_str!("../../src/http/dashboard/mod.rs");
    let mut missing = Vec::new();
    for route in source.split(".push(self.page(").skip(1).chain(source.split(".push(self.file(").skip(1)) {
        let mut texts = route.split('"').skip(1).step_by(2);
        // A file has no methods but these.
        let (path, methods) =
            (texts.next().unwrap(), texts.next().filter(|text| text.starts_with("GET")).unwrap_or("GET"));
        let is_listed =
            PAGES.iter().any(|page: &Page| page.route.trim_start_matches('/').split('?').next() == Some(path));
        if methods.contains("GET") && !is_listed {
            missing.push(path);
        }
    }
    assert!(missing.is_empty(), "not in `PAGES` of tests/web/visitor.rs: {missing:?}");
}

//! Every page with the longest texts, in every language, on the narrowest screens: with the whole stylesheet, and with what old WebKit
//! understands of it.

use serde_json::json;

use crate::browser::{Browser, Scripts};
use crate::common::reading::{EMMA, export, statistics, upload, uploaded};
use crate::common::{KEY, Site};
use crate::stylesheet::{Block, blocks, stylesheet};
use crate::visitor::{ADMIN_PASSWORD, PAGES, Reader, Visitor, site};

const WORD: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft";

/// Starts a server whose accounts `ada` and `admin` have long names of everything: words without a break, right to left, and Chinese.
fn site_with_long_texts() -> Site {
    let site = site();
    let titles = [
        WORD.repeat(4),
        "Of the Progress of Learning ".repeat(20),
        "ألف ليلة وليلة ".repeat(20),
        "吾輩は猫である".repeat(30),
    ];
    let devices = [WORD.repeat(2), "X".repeat(120), "جهاز القراءة ".repeat(9), "電子書籍リーダー".repeat(9)];
    let unnamed = "/mnt/onboard/".repeat(18);
    let documents = [EMMA, "rtl", "han", "long", &unnamed];
    for (document, title) in documents.iter().zip(titles.iter().map(Some).chain([None])) {
        for (percentage, device) in [0.1, 0.35, 0.425, 0.99].into_iter().zip(&devices) {
            let mut body = json!({ "document": document, "progress": "/body/DocFragment[3]".repeat(9), "percentage": percentage,
                "device": device, "device_id": WORD });
            if let Some(title) = title {
                body["metadata"] = json!({ "title": title, "authors": title, "filename": title });
            }
            site.pushed("ada", KEY, &body);
        }
    }
    uploaded(&site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", |found| {
        found["reading"]["seconds"] == 345
    });
    let highlights = export(&[&titles[0], &titles[1], &titles[2]]).to_string();
    let has_all = |list: &serde_json::Value| list["highlights"].as_array().unwrap().len() == 3;
    uploaded(&site, "Austen - Emma.json", highlights.as_bytes(), "/api/v1/highlights", has_all);
    assert_eq!(upload(site.address, &format!("{WORD}.txt"), b"x").status, 201);
    for name in [WORD, "a-name-of-many-words-".repeat(4).as_str()] {
        site.registered(name, KEY);
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    for device in &devices[..2] {
        assert_eq!(ada.post("/device-passwords", &[("name", &device[..60])]).status, 200);
    }
    site
}

/// Returns the stylesheet as a browser of about 2011 reads it: without `@supports`, custom properties, grids, gaps and newer selectors.
fn as_old_webkit_reads(css: &str) -> String {
    let is_new = |(name, value): &(String, String)| {
        name.ends_with("gap")
            || name.starts_with("grid")
            || ["var(", "min(", "max(", "grid", "anywhere"].iter().any(|new| value.contains(new))
    };
    let mut old = String::new();
    for Block { around, declarations } in blocks(css) {
        let conditions = ["@supports", "forced-colors", "prefers-", "monochrome", ":has(", ":focus-visible"];
        if conditions.iter().any(|new| around.iter().any(|condition| condition.contains(new))) {
            continue;
        }
        let declarations: Vec<String> = declarations
            .iter()
            .filter(|declaration| !is_new(declaration))
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        old += &format!("{} {{ {} {}\n", around.join(" { "), declarations.join("; "), "}".repeat(around.len()));
    }
    old
}

/// Returns what a reader would call broken: elements beyond the window, links that break their sentence, fields, buttons and names of months
/// that touch, texts that are cut without dots, and headings that leave out a level.
const FAULTS: &str = "(() => {
    const faults = [], name = e => e.outerHTML.slice(0, 90), box = e => e.getBoundingClientRect();
    const wide = document.documentElement.scrollWidth;
    if (wide > innerWidth) {
        const scrolls = e => e.closest('.scroll, pre, .tabs, svg');
        const beyond = [...document.querySelectorAll('body *')].filter(e => box(e).right > innerWidth + 0.5 && !scrolls(e));
        faults.push(`${wide} px wide: ${beyond.slice(0, 3).map(name)}`);
    }
    for (const link of document.querySelectorAll('main p > a:not(.button)')) {
        const isInSentence = [...link.parentElement.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
        if (isInSentence && getComputedStyle(link).display !== 'inline') faults.push('breaks its sentence: ' + name(link));
    }
    const pressed = [...document.querySelectorAll('button, .button, select, input:not([type=hidden], [type=radio], [type=checkbox])')]
        .filter(e => e.checkVisibility());
    for (const one of pressed) for (const other of pressed) {
        const [above, below] = [box(one), box(other)], gap = below.top - above.bottom;
        const isBelow = above.left < below.right && below.left < above.right && below.top > above.top;
        if (isBelow && gap < 3) faults.push(`${gap} px between ${name(one)} and ${name(other)}`);
    }
    const text = e => { const range = document.createRange(); range.selectNodeContents(e); return range.getBoundingClientRect(); };
    const months = [...document.querySelectorAll('.bars .month')].map(text);
    months.forEach((one, index) => months.slice(index + 1).forEach(other => {
        if (other.left - one.right < 2 && other.top < one.bottom && one.top < other.bottom) faults.push(`months touch at ${one.right}`);
    }));
    // Dots come by a line clamp, or at the end of a single line.
    const isCut = e => getComputedStyle(e).overflowY === 'hidden' && getComputedStyle(e).webkitLineClamp === 'none'
        && e.scrollHeight > e.clientHeight + 3 && !e.closest('.hidden, .cover, svg');
    for (const cut of [...document.querySelectorAll('main *')].filter(isCut)) faults.push('cut without dots: ' + name(cut));
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map(e => Number(e.tagName[1]));
    if (levels.some((level, index) => level > (levels[index - 1] || 0) + 1)) faults.push('headings: ' + levels);
    return faults;
})()";

/// Replaces the stylesheet of the page.
fn restyle(browser: &Browser, css: &str) {
    let css = serde_json::to_string(css).unwrap();
    browser.run(&format!(
        "document.querySelectorAll('link[rel=stylesheet]').forEach(link => link.remove()); \
         const sheet = new CSSStyleSheet(); sheet.replaceSync({css}); document.adoptedStyleSheets = [sheet];"
    ));
}

#[test]
fn no_page_breaks_with_the_longest_texts_in_any_language() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site_with_long_texts();
    let root = format!("http://{}/", site.address);
    let old = as_old_webkit_reads(&stylesheet());
    let mut faults = Vec::new();
    for reader in [Reader::Nobody, Reader::Ada, Reader::Admin] {
        browser.delete_cookies();
        if reader != Reader::Nobody {
            let (name, password) = if reader == Reader::Ada { ("ada", "password") } else { ("admin", ADMIN_PASSWORD) };
            browser.open(&format!("{root}login"));
            browser.fill("name", name);
            browser.fill("password", password);
            browser.press_at("main button.primary");
        }
        for page in PAGES.iter().filter(|page| page.reader == reader && page.is_html) {
            let path = page.path();
            for language in ["de", "en", "es", "fr", "nl"] {
                browser.set_language(language);
                browser.resize(360);
                browser.open(&format!("{root}{}", path.trim_start_matches('/')));
                let mut check = |view: &str, width| {
                    browser.resize(width);
                    for fault in browser.evaluate(FAULTS).as_array().unwrap() {
                        faults.push(format!("{path} in {language}, {width} px{view}: {}", fault.as_str().unwrap()));
                    }
                };
                for width in [320, 360, 800] {
                    check("", width);
                }
                restyle(&browser, &old);
                check(", old WebKit", 360);
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

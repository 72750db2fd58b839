//! The stylesheet: in browsers that lack a feature, with forced colours, printed, and the navigation in one row.

use serde_json::json;

use crate::browser::{Browser, Scripts};
use crate::common::{KEY, position};
use crate::visitor::{ADMIN_PASSWORD, Visitor, book_path, site};

/// A block of declarations, with the selectors and conditions around it, the outermost first.
pub struct Block {
    pub around: Vec<String>,
    pub declarations: Vec<(String, String)>,
}

/// Parses a stylesheet. There are no braces or semicolons in its strings.
pub fn blocks(css: &str) -> Vec<Block> {
    let mut css = css.to_owned();
    while let Some(start) = css.find("/*") {
        let end = css[start..].find("*/").expect("a comment ends") + start + 2;
        css.replace_range(start..end, "");
    }
    let (mut around, mut text, mut found): (Vec<String>, String, Vec<Block>) = (Vec::new(), String::new(), Vec::new());
    for char in css.chars() {
        match char {
            '{' => around.push(std::mem::take(&mut text).split_whitespace().collect::<Vec<_>>().join(" ")),
            '}' => {
                let declaration = |line: &str| {
                    let (name, value) = line.split_once(':')?;
                    Some((name.trim().to_owned(), value.trim().to_owned()))
                };
                let declarations = std::mem::take(&mut text).split(';').filter_map(declaration).collect();
                found.push(Block { around: around.clone(), declarations });
                around.pop().expect("braces are balanced");
            }
            char => text.push(char),
        }
    }
    assert!(around.is_empty(), "{around:?} does not end");
    found
}

pub fn stylesheet() -> String {
    let site = site();
    let visitor = Visitor::anonymous(site.client);
    let login = visitor.get("/login").body;
    let address = login.split("href=\".").find(|rest| rest.starts_with("/assets/kosync.css")).unwrap();
    visitor.get(address.split('"').next().unwrap()).body
}

/// Old WebKit, as of e-readers, supports neither custom properties nor grids. Browsers of 2020 support a gap in grids
/// only.
#[test]
fn every_feature_has_a_fallback_for_browsers_that_lack_it() {
    let css = stylesheet();
    assert!(css.len() < 40 << 10, "{} bytes", css.len());
    let blocks = blocks(&css);
    let is_grid = |(name, value): &(String, String)| name == "display" && value.contains("grid");
    let grids: Vec<_> =
        blocks.iter().filter(|block| block.declarations.iter().any(is_grid)).map(|block| block.around.last()).collect();
    for Block { around, declarations } in &blocks {
        let place = around.join(" { ");
        let has_grid = around.iter().any(|condition| condition.starts_with("@supports") && condition.contains("grid"));
        let is_recent =
            around.iter().any(|condition| condition.starts_with("@supports") && condition.contains("inset"));
        for (at, (name, value)) in declarations.iter().enumerate() {
            // A browser with grids has custom properties.
            let has_fallback =
                declarations[..at].iter().any(|(before, value)| before == name && !value.contains("var("));
            assert!(!value.contains("var(") || has_grid || has_fallback, "no plain {name} before {value}: {place}");
            assert!(value != "grid" || has_grid, "a grid without @supports: {place}");
            if name.ends_with("gap") {
                let is_flex = |(name, value): &(String, String)| name == "display" && value.contains("flex");
                let is_of_grid = grids.contains(&around.last());
                assert!(!declarations.iter().any(is_flex) || is_recent, "a gap between flex items: {place}");
                assert!(is_of_grid || is_recent, "{name} in no grid: {place}");
            }
        }
    }
}

#[test]
fn the_two_dark_schemes_are_the_same_and_dark_is_for_screens() {
    let blocks = blocks(&stylesheet());
    let colors = |selector: &str| {
        let block = blocks.iter().find(|block| block.around.last().is_some_and(|last| last == selector));
        let block = block.unwrap_or_else(|| panic!("no {selector}"));
        assert!(block.around.iter().any(|condition| condition.starts_with("@media screen")), "{selector} on paper");
        block.declarations.clone()
    };
    assert_eq!(colors(":root:not([data-theme=\"light\"])"), colors(":root[data-theme=\"dark\"]"));
}

#[test]
fn motion_is_off_for_those_who_prefer_that() {
    let blocks = blocks(&stylesheet());
    let block =
        blocks.iter().find(|block| block.around.first().is_some_and(|at| at.contains("prefers-reduced-motion")));
    let block = block.expect("a block");
    for property in ["animation", "transition"] {
        assert!(block.declarations.contains(&(property.into(), "none !important".into())), "{property}");
    }
}

fn log_in_as_admin(browser: &Browser, root: &str) {
    browser.open(&format!("{root}login"));
    browser.fill("name", "admin");
    browser.fill("password", ADMIN_PASSWORD);
    browser.press_at("main button.primary");
}

/// Administrators have the most entries, and some languages long words.
#[test]
fn the_navigation_is_one_row_on_every_screen_in_every_language() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    let root = format!("http://{}/", site.address);
    log_in_as_admin(&browser, &root);
    for language in ["de", "en", "es", "fr", "nl"] {
        browser.set_language(language);
        for (page, width) in
            [("", 320), ("account", 360), ("server", 360), ("account", 390), ("", 800), ("server", 1440)]
        {
            browser.resize(width);
            browser.open(&format!("{root}{page}"));
            assert_eq!(browser.evaluate("document.documentElement.lang"), language);
            let tops =
                "[...document.querySelectorAll('.tabs > li')].map(e => Math.round(e.getBoundingClientRect().top))";
            let tops = browser.evaluate(tops);
            let tops = tops.as_array().unwrap();
            assert!(tops.len() == 7 && tops.iter().all(|top| *top == tops[0]), "{language}, {page}, {width}: {tops:?}");
            let current = "(e => { const r = e.getBoundingClientRect(); return r.left >= 0 && r.right <= innerWidth })\
                           (document.querySelector('.tabs [aria-current]:not(.more a), .tabs .current'))";
            assert_eq!(browser.evaluate(current), true, "{language}, {page}, {width}: the current page is out of view");
            // A row that goes on fades at its end.
            let fades = "(row => row.scrollWidth <= row.clientWidth || \
                         getComputedStyle(row.parentElement, '::after').content !== 'none')(document.querySelector('.tabs'))";
            assert_eq!(browser.evaluate(fades), true, "{language}, {page}, {width}: the end does not fade");
        }
    }
}

#[test]
fn the_menu_of_administrators_opens_without_a_script() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let site = site();
    let root = format!("http://{}/", site.address);
    log_in_as_admin(&browser, &root);
    browser.resize(360);
    assert_eq!(browser.texts(".more li a"), ["", "", ""]);
    browser.press_at_without_page(".more summary");
    assert_eq!(browser.texts(".more li a"), ["Manage accounts", "Import and export", "Server"]);
    browser.press("Server");
    assert_eq!(browser.url(), format!("{root}server"));
    assert_eq!(browser.attributes(".more summary", "class"), ["current"]);
}

#[test]
fn bars_and_the_current_page_show_with_forced_colours_and_on_paper() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    site.pushed("admin", &admin_key(), &position("book", "p", 0.5));
    let root = format!("http://{}/", site.address);
    log_in_as_admin(&browser, &root);
    browser.open(&format!("{root}books"));
    for scheme in ["light", "dark"] {
        browser.emulate_media("", &[("forced-colors", "active"), ("prefers-color-scheme", scheme)]);
        let ground = browser.css("body", "background-color");
        let line = browser.css(".tabs a[aria-current]", "border-bottom-color");
        assert_ne!(line, ground, "the current page has no mark");
        assert_eq!(browser.css(".tabs > li:first-child > a", "border-bottom-color"), ground, "every page has a mark");
        assert_eq!(browser.css("progress", "forced-color-adjust"), "none");
        assert_ne!(browser.css("progress", "border-top-color"), ground);
    }
    browser.emulate_media("print", &[]);
    assert_eq!(browser.css("progress", "print-color-adjust"), "exact");
    assert_eq!(browser.css("progress", "border-top-color"), "rgba(0, 0, 0, 1)");
    assert_eq!(browser.texts(".tabs a[aria-current]"), ["My books"]);
    for hidden in [".logout", ".foot", ".tabs > li:first-child > a"] {
        assert_eq!(browser.css(hidden, "display"), "none", "{hidden}");
    }
    // Lists whose rows have buttons are printed, without the buttons.
    site.pushed("admin", &admin_key(), &position("book", "q", 0.6));
    browser.open(&format!("{root}{}", &book_path("book")[1..]));
    let is_shown = |element: &str| browser.evaluate(&format!("document.querySelector('{element}').checkVisibility()"));
    assert_eq!((is_shown(".positions .when"), is_shown(".positions button")), (true.into(), false.into()));
    assert_eq!(is_shown("a.tall"), false);
    // Paper says, too, how many books are not shown.
    for number in 1..=6 {
        site.pushed("admin", &admin_key(), &position(&format!("book {number}"), "p", 0.5));
    }
    browser.open(&root);
    assert_eq!(browser.texts(".reading ~ p .tall"), ["and 1 more"]);
}

/// The MD5 of the administrator's password.
fn admin_key() -> String {
    use md5::{Digest as _, Md5};
    Md5::digest(ADMIN_PASSWORD).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn long_titles_are_clamped() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    let title = "Of the Progress and Advancement of Learning ".repeat(20);
    let body = json!({ "document": "long", "progress": "p", "percentage": 0.5, "device": "Kobo", "metadata": { "title": title } });
    site.pushed("ada", KEY, &body);
    let root = format!("http://{}/", site.address);
    browser.open(&root);
    browser.fill("name", "ada");
    browser.fill("password", "password");
    browser.press_at("main button.primary");
    browser.open(&format!("{root}books"));
    browser.resize(360);
    let lines = |element: &str| {
        let lines = format!(
            "(e => Math.round(e.getBoundingClientRect().height / parseFloat(getComputedStyle(e).lineHeight)))\
             (document.querySelector('{element}'))"
        );
        browser.evaluate(&lines)
    };
    assert_eq!(lines(".books .title"), 3);
    browser.press_at(".books a");
    assert_eq!(lines("h1"), 6);
}

//! A person at a browser: finds buttons, links and fields by what they say, and looks at each page that comes.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::messages::Messages;
use crate::browser::{Browser, Scripts};
use crate::common::{Site, wait_until};
use crate::page_checks::{WCAG_TAGS, package_file};

/// How the person looks at the pages.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    pub language: &'static str,
    pub width: u32,
    pub scheme: &'static str,
    pub scripts: Scripts,
}

/// What every page tells about itself.
const PAGE: &str = "(() => {
    const ground = getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).map(Number);
    const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
    const fields = [...document.querySelectorAll('main input:not([type=hidden]), main select, main textarea')];
    return {
        title: document.title, language: document.documentElement.lang, wide: document.documentElement.scrollWidth,
        headings: document.querySelectorAll('h1').length, isLight: ground[0] + ground[1] + ground[2] > 384,
        focus: document.activeElement.id || document.activeElement.tagName, hash: location.hash.slice(1),
        unlabelled: fields.filter(field => !field.labels.length).map(field => field.outerHTML),
        cut: fields.filter(field => {
            const { left, right } = field.getBoundingClientRect();
            return field.checkVisibility() && (left < 0 || right > document.documentElement.clientWidth);
        }).map(field => field.outerHTML),
        twice: ids.filter((id, index) => ids.indexOf(id) !== index), path: location.pathname, reloads: !!document.querySelector('meta[http-equiv=refresh]'),
        isRefused: !!document.querySelector('#errors'), isToldOf: !!document.querySelector('[role=status], [role=alert]'),
    };
})()";

pub struct Person<'a> {
    pub browser: &'a Browser,
    pub site: &'a Site,
    pub root: String,
    pub look: Look,
    messages: Messages,
    axe: Option<String>,
    /// Paths of the pages seen, of the links followed and of the forms sent.
    pub seen: RefCell<BTreeSet<String>>,
    /// The language of the pages, where the account has chosen another one.
    language: Cell<&'static str>,
    downloads: tempfile::TempDir,
}

impl<'a> Person<'a> {
    pub fn new(browser: &'a Browser, site: &'a Site, look: Look) -> Self {
        let axe = (look.scripts == Scripts::On).then(|| package_file("axe-core/axe.min.js")).flatten();
        browser.resize(look.width);
        browser.set_language(look.language);
        browser.emulate_media("", &[("prefers-color-scheme", look.scheme)]);
        let downloads = tempfile::tempdir().unwrap();
        browser.save_downloads_in(downloads.path());
        Self {
            browser,
            site,
            root: format!("http://{}/", site.address),
            look,
            messages: Messages::of(look.language),
            axe: axe.map(|path| std::fs::read_to_string(path).unwrap()),
            seen: RefCell::default(),
            language: Cell::new(look.language),
            downloads,
        }
    }

    /// Returns a text in the language of the pages.
    #[track_caller]
    pub fn text(&self, id: &str) -> String {
        self.messages.text(id, &[])
    }

    #[track_caller]
    pub fn text_with(&self, id: &str, values: &[(&str, &str)]) -> String {
        self.messages.text(id, values)
    }

    /// Opens an address.
    #[track_caller]
    pub fn open(&self, path: &str) {
        self.browser.open(&format!("{}{path}", self.root));
        self.note(path);
        self.look_at_page();
    }

    fn note(&self, address: &str) {
        let path = address.strip_prefix(&self.root).unwrap_or(address).split(['?', '#']).next().unwrap().to_owned();
        self.seen.borrow_mut().insert(path);
    }

    /// Presses the only button or link with a text.
    #[track_caller]
    pub fn press_text(&self, text: &str) {
        self.follow(&format!("//*[self::a or self::button][normalize-space()=\"{text}\"]"));
    }

    #[track_caller]
    pub fn press(&self, id: &str) {
        self.press_text(&self.text(id));
    }

    /// Presses the link in a text.
    #[track_caller]
    pub fn press_link_of(&self, id: &str) {
        self.press_text(&self.messages.link(id));
    }

    /// Presses the only button or link whose name for screen readers is a text.
    #[track_caller]
    pub fn press_named(&self, name: &str) {
        self.follow(&format!("//*[self::a or self::button][@aria-label=\"{name}\"]"));
    }

    /// Presses the button with a text, in the form whose address ends with `action`.
    #[track_caller]
    pub fn press_in(&self, action: &str, id: &str) {
        let text = self.text(id);
        self.follow(&format!("{}//button[normalize-space()=\"{text}\"]", form(action)));
    }

    /// Presses the first element that an XPath finds.
    #[track_caller]
    pub fn press_first(&self, xpath: &str) {
        self.follow(&format!("({xpath})[1]"));
    }

    #[track_caller]
    fn follow(&self, xpath: &str) {
        let address = self.browser.follow(xpath);
        self.note(&address);
        self.look_at_page();
    }

    /// Presses a button or link that saves a file. Returns the file's name and content. The page stays.
    #[track_caller]
    pub fn save(&self, text: &str) -> (String, Vec<u8>) {
        let page = self.browser.url();
        let address = self.browser.touch(&format!("//*[self::a or self::button][normalize-space()=\"{text}\"]"));
        self.note(&address);
        let file = wait_until("a saved file", || {
            let mut files = std::fs::read_dir(self.downloads.path()).unwrap().map(|file| file.unwrap().path());
            // Chromium reserves the name with an empty file, and renames the complete one to it.
            files.find(|file| {
                let name = file.file_name().unwrap().to_string_lossy().into_owned();
                let is_complete = file.metadata().is_ok_and(|metadata| metadata.len() > 0);
                is_complete && !name.starts_with('.') && !name.ends_with(".crdownload")
            })
        });
        let content = std::fs::read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(self.browser.url(), page, "the page stays");
        (file.file_name().unwrap().to_string_lossy().into_owned(), content)
    }

    /// Unfolds what is behind a text.
    #[track_caller]
    pub fn unfold(&self, text: &str) {
        self.browser.touch(&format!("//summary[normalize-space()=\"{text}\"]"));
    }

    /// Replaces the text of the only field with that label.
    #[track_caller]
    pub fn fill(&self, label: &str, text: &str) {
        self.browser.fill_at(&field(&self.text(label)), text);
    }

    /// Fills in a field as a browser does that checks nothing: whatever its form allows.
    #[track_caller]
    pub fn fill_unchecked(&self, label: &str, text: &str) {
        self.fill_unchecked_at(&self.browser.property_at(&field(&self.text(label)), "id"), text);
    }

    /// Like [`Person::fill_unchecked`], for the field with an id.
    pub fn fill_unchecked_at(&self, id: &str, text: &str) {
        let script = format!(
            "const field = document.getElementById({}); field.form.noValidate = true; field.removeAttribute('maxlength'); \
             if (field.type !== 'password') field.type = 'text'; field.value = {};",
            json!(id),
            json!(text)
        );
        self.browser.run(&script);
    }

    /// Returns what is in the only field with that label.
    #[track_caller]
    pub fn value(&self, label: &str) -> String {
        self.browser.property_at(&field(&self.text(label)), "value")
    }

    /// Chooses an option of the list with that label.
    #[track_caller]
    pub fn choose(&self, label: &str, option: &str) {
        self.browser.touch(&format!("{}/option[normalize-space()=\"{option}\"]", field(&self.text(label))));
    }

    /// Ticks the box or the choice whose label begins with a text.
    #[track_caller]
    pub fn tick(&self, label: &str) {
        let text = self.text(label);
        self.browser.touch(&format!("//label[starts-with(normalize-space(), \"{text}\")]/input"));
    }

    #[track_caller]
    pub fn is_at(&self, path: &str) {
        assert_eq!(self.browser.url(), format!("{}{path}", self.root));
    }

    /// Asserts the heading of the page.
    #[track_caller]
    pub fn is_headed(&self, text: &str) {
        assert_eq!(self.browser.text("h1"), shown(text));
    }

    /// Asserts that the page confirms what was done, once.
    #[track_caller]
    pub fn is_told(&self, id: &str) {
        assert_eq!(self.browser.texts("[role=status]"), [shown(&self.text(id))]);
    }

    /// Asserts that the page has a text.
    #[track_caller]
    pub fn sees(&self, text: &str) {
        let page = self.browser.text("main");
        assert!(page.contains(&shown(text)), "{text} is not on the page:\n{page}");
    }

    /// Asserts that a form was refused: each field says why, and the summary leads to each.
    #[track_caller]
    pub fn is_refused(&self, fields: &[(&str, &str)]) {
        assert_eq!(self.browser.evaluate("document.activeElement.id"), "errors");
        let start = self.text_with("errors-title", &[("title", "")]);
        assert!(self.browser.evaluate("document.title").as_str().unwrap().starts_with(start.trim()));
        let texts: Vec<String> = fields.iter().map(|(_, text)| shown(text)).collect();
        assert_eq!(self.browser.texts("#errors p"), texts);
        for (id, text) in fields.iter().filter(|(id, _)| !id.is_empty()) {
            assert_eq!(self.browser.texts(&format!("[id='{id}-error']")), [shown(text)]);
            assert_eq!(self.browser.attributes(&format!("[id='{id}']"), "aria-invalid"), ["true"]);
            let described = self.browser.attributes(&format!("[id='{id}']"), "aria-describedby").concat();
            assert!(described.split(' ').any(|other| other == format!("{id}-error")), "{described}");
            self.browser.touch(&format!("//*[@id='errors']//a[@href='#{id}']"));
            assert_eq!(self.browser.evaluate("document.activeElement.id"), **id, "the link leads to the field");
        }
        assert_eq!(
            self.browser.attributes("[aria-invalid]", "id").len(),
            fields.iter().filter(|(id, _)| !id.is_empty()).count()
        );
    }

    #[track_caller]
    pub fn log_in(&self, name: &str, password: &str) {
        self.fill("login-name", name);
        self.fill("login-password", password);
        self.press_in("login", "login-title");
    }

    /// Logs in anew as another account.
    #[track_caller]
    pub fn becomes(&self, name: &str, password: &str) {
        self.browser.delete_cookies();
        self.open("login");
        self.log_in(name, password);
        self.is_at("");
    }

    /// Looks at pages in another language from now on: the account has chosen it.
    pub fn reads(&mut self, language: &'static str) {
        self.language.set(language);
        self.messages = Messages::of(language);
    }

    /// Checks what holds for every page. Those that no address leads to are also checked by axe.
    #[track_caller]
    fn look_at_page(&self) {
        // Without a script of ours, the browser focuses when it first draws the page.
        let page = wait_until("the focus where it belongs", || {
            Some(self.browser.evaluate(PAGE)).filter(|page| {
                let expected = if page["isRefused"] == true { "errors" } else { "BODY" };
                page["focus"] == expected || page["focus"] == page["hash"]
            })
        });
        let path = page["path"].as_str().unwrap();
        self.note(path.trim_start_matches('/'));
        let title = page["title"].as_str().unwrap();
        assert!(title.ends_with(" – kosync") && title.len() > " – kosync".len(), "{path}: {title}");
        assert_eq!(page["language"], self.language.get(), "{path}");
        let wide = page["wide"].as_u64().unwrap();
        assert!(wide <= u64::from(self.look.width), "{path} ({title}) is {wide} px wide at {}", self.look.width);
        assert_eq!(page["headings"], 1, "{path}");
        assert_eq!(page["isLight"], self.look.scheme == "light", "{path}");
        assert_eq!((&page["unlabelled"], &page["twice"]), (&json!([]), &json!([])), "{path}");
        assert_eq!(page["cut"], json!([]), "{path}: a field is beyond the edge of the window");
        let messages = self.browser.console();
        let faults: Vec<_> =
            messages.iter().filter(|message| !message.contains("the server responded with a status of 4")).collect();
        assert_eq!(faults, [""; 0], "{path}");
        if page["isToldOf"] == true && page["reloads"] == false {
            self.check_accessibility(path);
        }
    }

    #[track_caller]
    fn check_accessibility(&self, path: &str) {
        let Some(axe) = &self.axe else { return };
        self.browser.run(axe);
        let tags = json!({ "runOnly": { "type": "tag", "values": WCAG_TAGS } });
        let found = self.browser.evaluate_promise(&format!(
            "axe.run(document, {tags}).then(found => found.violations.flatMap(rule => rule.nodes.map(node => \
             rule.id + ': ' + node.html.slice(0, 120) + ' ' + node.failureSummary)))"
        ));
        assert_eq!(found, Value::Array(Vec::new()), "{path}");
    }
}

/// Returns a text as WebDriver reads it: with plain blanks.
fn shown(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

/// The form that is sent to an address with that ending.
fn form(action: &str) -> String {
    format!("//form[substring(@action, string-length(@action) - {}) = \"{action}\"]", action.len() - 1)
}

/// The field with a label.
fn field(label: &str) -> String {
    format!("//*[@id = //label[normalize-space()=\"{label}\"]/@for]")
}

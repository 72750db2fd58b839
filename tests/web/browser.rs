//! Drives Chromium over the WebDriver protocol, by Debian's chromedriver.

use std::cell::{Cell, RefCell};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use base64ct::{Base64, Encoding as _};
use serde_json::{Value, json};

use crate::common::{are_installed, exchange, exchange_or_error, request, wait_until};

/// The property that holds an element's id in WebDriver's answers.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";
const MAX_STARTS: usize = 3;

/// A browser with a fresh profile. Ends when it is dropped.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
    /// The emulated width of the window, in CSS pixels.
    width: Cell<Option<u32>>,
    /// The media queries that hold on the emulated medium.
    media: RefCell<Vec<String>>,
}

/// Whether pages may run scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

impl Browser {
    /// Starts a browser; `None` if none is installed.
    pub fn start(scripts: Scripts) -> Option<Self> {
        Self::start_in(scripts, "en")
    }

    /// Starts a browser whose reader prefers a language.
    pub fn start_in(scripts: Scripts, language: &str) -> Option<Self> {
        if !are_installed(&["chromium", "chromedriver"], "KOSYNC_TEST_BROWSER") {
            return None;
        }
        // Now and then, on a busy machine, Chromium ends before it is ready.
        let mut attempt = Self::try_to_start(scripts, language);
        for _ in 1..MAX_STARTS {
            attempt = attempt.or_else(|_| Self::try_to_start(scripts, language));
        }
        Some(attempt.unwrap())
    }

    fn try_to_start(scripts: Scripts, language: &str) -> Result<Self, String> {
        let mut driver = Command::new("chromedriver")
            .args(["--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = |line: String| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok();
        let Some(port) = lines.find_map(|line| port(line.unwrap())) else {
            let _ = driver.kill();
            let _ = driver.wait();
            return Err("chromedriver printed no port".to_owned());
        };
        std::thread::spawn(move || lines.for_each(drop));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let mut browser =
            Self { driver, address, session: String::new(), width: Cell::new(None), media: RefCell::default() };
        let javascript = if scripts == Scripts::On { 1 } else { 2 };
        let options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
                "--disable-background-networking", "--disable-component-update", "--hide-scrollbars", "--window-size=800,900",
            ],
            "prefs": { "intl.accept_languages": language, "profile.managed_default_content_settings.javascript": javascript },
        });
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = browser.call("POST", "/session", Some(capabilities))?;
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        Ok(browser)
    }

    fn call(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        let body = body.map(|body| body.to_string());
        let reply = exchange(self.address, &request(method, path, &[], body.as_deref()));
        let value = reply.json()["value"].take();
        if reply.status == 200 { Ok(value) } else { Err(value["message"].as_str().unwrap_or_default().to_owned()) }
    }

    fn in_session(&self, method: &str, path: &str, body: Option<Value>) -> Result<Value, String> {
        self.call(method, &format!("/session/{}{path}", self.session), body)
    }

    /// Opens an address, and waits until the page is loaded and knows the emulated window and medium.
    #[track_caller]
    pub fn open(&self, url: &str) {
        self.in_session("POST", "/url", Some(json!({ "url": url }))).unwrap();
        self.wait_for_emulation();
    }

    /// Waits until the page knows the emulated window and medium: its process hears of them a moment later.
    #[track_caller]
    fn wait_for_emulation(&self) {
        let width = self.width.get().map(|width| format!("top.innerWidth === {width}"));
        let media = self.media.borrow();
        let queries = media.iter().map(|query| format!("matchMedia({query:?}).matches"));
        let conditions = width.into_iter().chain(queries).collect::<Vec<_>>().join(" && ");
        if !conditions.is_empty() {
            // A page that leads to another one may go away meanwhile.
            let script = json!({ "script": format!("return {conditions}"), "args": [] });
            let holds = || self.in_session("POST", "/execute/sync", Some(script.clone())) == Ok(Value::Bool(true));
            wait_until(&conditions, || holds().then_some(()));
        }
    }

    pub fn url(&self) -> String {
        self.in_session("GET", "/url", None).unwrap().as_str().unwrap().to_owned()
    }

    fn find(&self, using: &str, value: &str) -> Result<Vec<String>, String> {
        let found = self.in_session("POST", "/elements", Some(json!({ "using": using, "value": value })))?;
        Ok(found.as_array().unwrap().iter().map(|found| found[ELEMENT].as_str().unwrap().to_owned()).collect())
    }

    #[track_caller]
    fn only(&self, using: &str, value: &str) -> String {
        match self.find(using, value).unwrap().as_slice() {
            [element] => element.clone(),
            found => panic!("{value}: {} at {}\n{}", found.len(), self.url(), self.text("body")),
        }
    }

    /// Returns the visible texts of the elements that match a CSS selector.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let text = |element: String| self.in_session("GET", &format!("/element/{element}/text"), None).unwrap();
        let found = self.find("css selector", css).unwrap();
        found.into_iter().map(|element| text(element).as_str().unwrap().to_owned()).collect()
    }

    /// Returns the visible text of the first element that matches a CSS selector.
    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.texts(css).into_iter().next().unwrap_or_else(|| panic!("{css}: not at {}", self.url()))
    }

    /// Returns an attribute of each element that matches a CSS selector.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let found = self.find("css selector", css).unwrap();
        let attribute =
            |element: String| self.in_session("GET", &format!("/element/{element}/attribute/{name}"), None).unwrap();
        found.into_iter().map(|element| attribute(element).as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Returns a computed property of the only element that matches a CSS selector. It needs no script of the page.
    #[track_caller]
    pub fn css(&self, css: &str, property: &str) -> String {
        let element = self.only("css selector", css);
        let value = self.in_session("GET", &format!("/element/{element}/css/{property}"), None).unwrap();
        value.as_str().unwrap().to_owned()
    }

    /// Clicks the button or the link with that text. If it is in a menu that is closed, opens that before.
    #[track_caller]
    pub fn press(&self, text: &str) {
        let with_text = format!("//*[self::a or self::button][normalize-space()=\"{text}\"]");
        for menu in self.find("xpath", &format!("{with_text}/ancestor::details[not(@open)]/summary")).unwrap() {
            self.in_session("POST", &format!("/element/{menu}/click"), Some(json!({}))).unwrap();
        }
        self.click(&self.only("xpath", &with_text));
    }

    /// Clicks the only element that matches a CSS selector.
    #[track_caller]
    pub fn press_at(&self, css: &str) {
        self.click(&self.only("css selector", css));
    }

    /// Clicks an element that leads to no other page.
    #[track_caller]
    pub fn press_at_without_page(&self, css: &str) {
        let element = self.only("css selector", css);
        self.in_session("POST", &format!("/element/{element}/click"), Some(json!({}))).unwrap();
    }

    /// Chooses a file in the field with that id.
    #[track_caller]
    pub fn choose_file(&self, id: &str, path: &str) {
        let field = self.only("css selector", &format!("#{id}"));
        self.in_session("POST", &format!("/element/{field}/value"), Some(json!({ "text": path }))).unwrap();
    }

    #[track_caller]
    fn click(&self, element: &str) {
        self.and_wait_for_page(|| {
            drop(self.in_session("POST", &format!("/element/{element}/click"), Some(json!({}))).unwrap())
        });
    }

    /// Clicks the only element that an XPath finds, and waits for another page. First unfolds what the element is in.
    /// Returns the address of the link or of the form.
    #[track_caller]
    pub fn follow(&self, xpath: &str) -> String {
        let (element, address) = self.unfolded(xpath);
        self.click(&element);
        address
    }

    /// Like [`Browser::follow`], for an element that leads to no other page.
    #[track_caller]
    pub fn touch(&self, xpath: &str) -> String {
        let (element, address) = self.unfolded(xpath);
        self.in_session("POST", &format!("/element/{element}/click"), Some(json!({}))).unwrap();
        address
    }

    fn unfolded(&self, xpath: &str) -> (String, String) {
        for menu in self.find("xpath", &format!("{xpath}/ancestor::details[not(@open)]/summary")).unwrap() {
            // A summary unfolds by the click itself.
            let summary = self.find("xpath", xpath).unwrap();
            if !summary.contains(&menu) {
                self.in_session("POST", &format!("/element/{menu}/click"), Some(json!({}))).unwrap();
            }
        }
        let element = self.only("xpath", xpath);
        let address = "const [e] = arguments; return e.href || (e.form ? (e.hasAttribute('formaction') ? e.formAction : e.form.action) : '')";
        let script = json!({ "script": address, "args": [{ ELEMENT: element }] });
        let address = self.in_session("POST", "/execute/sync", Some(script)).unwrap();
        (element, address.as_str().unwrap_or_default().to_owned())
    }

    /// Replaces the text of the only field that an XPath finds.
    #[track_caller]
    pub fn fill_at(&self, xpath: &str, text: &str) {
        let (field, _) = self.unfolded(xpath);
        self.in_session("POST", &format!("/element/{field}/clear"), Some(json!({}))).unwrap();
        self.in_session("POST", &format!("/element/{field}/value"), Some(json!({ "text": text }))).unwrap();
    }

    /// Returns a property of the only element that an XPath finds.
    #[track_caller]
    pub fn property_at(&self, xpath: &str, name: &str) -> String {
        let element = self.only("xpath", xpath);
        let value = self.in_session("GET", &format!("/element/{element}/property/{name}"), None).unwrap();
        value.as_str().unwrap().to_owned()
    }

    /// Runs an action that leads to another page, as every click in these tests does. Waits until the old page is gone.
    #[track_caller]
    pub fn and_wait_for_page(&self, action: impl FnOnce()) {
        let page = self.only("css selector", "html");
        action();
        wait_until("another page", || self.in_session("GET", &format!("/element/{page}/name"), None).err());
    }

    /// Replaces the text of the field with that id.
    #[track_caller]
    pub fn fill(&self, id: &str, text: &str) {
        let field = self.only("css selector", &format!("#{id}"));
        self.in_session("POST", &format!("/element/{field}/clear"), Some(json!({}))).unwrap();
        self.in_session("POST", &format!("/element/{field}/value"), Some(json!({ "text": text }))).unwrap();
    }

    /// Types keys into the element that has the focus.
    pub fn keys(&self, keys: &str) {
        // A page ignores keys until it is painted.
        let takes_keys = "document.hasFocus() && performance.getEntriesByType('paint').length > 0";
        wait_until("a page that takes keys", || (self.evaluate(takes_keys) == true).then_some(()));
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        let keyboard = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.in_session("POST", "/actions", Some(keyboard)).unwrap();
    }

    /// Evaluates a JavaScript expression.
    pub fn evaluate(&self, expression: &str) -> Value {
        let script = json!({ "script": format!("return {expression}"), "args": [] });
        self.in_session("POST", "/execute/sync", Some(script)).unwrap()
    }

    /// Runs a script.
    pub fn run(&self, script: &str) {
        self.in_session("POST", "/execute/sync", Some(json!({ "script": script, "args": [] }))).unwrap();
    }

    /// Evaluates a JavaScript expression that is a promise, and waits for its value.
    pub fn evaluate_promise(&self, expression: &str) -> Value {
        let script = format!("const done = arguments[0]; ({expression}).then(done, error => done('' + error))");
        self.in_session("POST", "/execute/async", Some(json!({ "script": script, "args": [] }))).unwrap()
    }

    /// Sets the language that the browser asks pages for.
    pub fn set_language(&self, language: &str) {
        let agent = self.evaluate("navigator.userAgent");
        let agent = json!({ "userAgent": agent, "acceptLanguage": language });
        self.devtools("Emulation.setUserAgentOverride", agent);
    }

    /// Saves downloads in a directory, without asking.
    pub fn save_downloads_in(&self, directory: &std::path::Path) {
        self.devtools("Page.setDownloadBehavior", json!({ "behavior": "allow", "downloadPath": directory }));
    }

    /// Shows pages as on a medium with features such as `prefers-color-scheme`. The medium is `print`, or empty for
    /// screens.
    #[track_caller]
    pub fn emulate_media(&self, medium: &str, features: &[(&str, &str)]) {
        let queries = features.iter().map(|(name, value)| format!("({name}: {value})"));
        *self.media.borrow_mut() = queries.chain((!medium.is_empty()).then(|| medium.to_owned())).collect();
        let features: Vec<Value> =
            features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        self.devtools("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features }));
        self.wait_for_emulation();
    }

    /// Waits until the page shows a text. The page may be replaced meanwhile, as one that reloads itself is.
    #[track_caller]
    pub fn wait_for_text(&self, text: &str) {
        let script = json!({ "script": "return document.body.innerText.includes(arguments[0])", "args": [text] });
        let shows = || self.in_session("POST", "/execute/sync", Some(script.clone()));
        wait_until(text, || (shows() == Ok(Value::Bool(true))).then_some(()));
    }

    /// Sets the width of the window, in CSS pixels.
    #[track_caller]
    pub fn resize(&self, width: u32) {
        self.emulate_screen(width, 900, 1);
    }

    /// Sets the window's size in CSS pixels, and the device scale factor. The factor is the number of screen pixels
    /// that a CSS pixel has in a row.
    #[track_caller]
    pub fn emulate_screen(&self, width: u32, height: u32, scale: u32) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", metrics);
        self.width.set(Some(width));
        self.wait_for_emulation();
    }

    /// Asserts that the page is not wider than its window and its fields have labels. With `KOSYNC_PAGES=DIRECTORY`,
    /// also saves what it looks like, under the name `page`.
    #[cfg_attr(not(feature = "import"), allow(dead_code, reason = "its callers need the feature"))]
    #[track_caller]
    pub fn fits(&self, page: &str) {
        for width in [320, 360, 1440] {
            self.resize(width);
            let wide = self.evaluate("document.documentElement.scrollWidth");
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{page} is {wide} wide at {width}");
            #[cfg(feature = "cli")]
            if let Some(dir) = std::env::var_os("KOSYNC_PAGES") {
                let file = format!("{}-{width}.png", page.replace(' ', "-"));
                std::fs::write(std::path::Path::new(&dir).join(file), self.screenshot()).unwrap();
            }
        }
        let unlabelled =
            "[...document.querySelectorAll('input:not([type=hidden])')].filter(i => !i.labels.length).length";
        assert_eq!(self.evaluate(unlabelled), 0, "{page}");
        self.resize(800);
    }

    /// Returns the window as a PNG.
    #[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "the screenshots need the binary"))]
    pub fn screenshot(&self) -> Vec<u8> {
        let image = self.devtools("Page.captureScreenshot", json!({ "format": "png" }));
        Base64::decode_vec(image["data"].as_str().unwrap()).unwrap()
    }

    fn devtools(&self, command: &str, params: Value) -> Value {
        let command = json!({ "cmd": command, "params": params });
        self.in_session("POST", "/goog/cdp/execute", Some(command)).unwrap()
    }

    /// Switches to the only frame of the page.
    #[track_caller]
    pub fn enter_frame(&self) {
        let frame = json!({ ELEMENT: self.only("css selector", "iframe") });
        self.in_session("POST", "/frame", Some(json!({ "id": frame }))).unwrap();
    }

    /// Returns the console's messages since the last call, such as content security policy violations.
    pub fn console(&self) -> Vec<String> {
        let log = self.in_session("POST", "/se/log", Some(json!({ "type": "browser" }))).unwrap();
        log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    pub fn delete_cookies(&self) {
        self.in_session("DELETE", "/cookie", None).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // This ends the browser, which would outlive its driver.
        let _ = exchange_or_error(self.address, &request("DELETE", &format!("/session/{}", self.session), &[], None));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

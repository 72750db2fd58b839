//! Chromium, driven over the WebDriver protocol by Debian's chromedriver.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::common::{exchange, exchange_or_error, has, request, waited};

/// What WebDriver calls an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser of its own: no cookies, no history.
pub struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
}

/// How a browser is set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scripts {
    On,
    Off,
}

impl Browser {
    /// `None` where there is none.
    pub fn start(scripts: Scripts) -> Option<Self> {
        if !has(&["chromium", "chromedriver"], "KOSYNC_TEST_BROWSER") {
            return None;
        }
        let mut driver = Command::new("chromedriver")
            .args(["--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines
            .find_map(|line| line.unwrap().split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok())
            .expect("chromedriver says its port");
        std::thread::spawn(move || lines.for_each(drop));
        let mut browser = Self { driver, address: SocketAddr::from(([127, 0, 0, 1], port)), session: String::new() };
        let javascript = if scripts == Scripts::On { 1 } else { 2 };
        let options = json!({
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server",
                "--disable-background-networking", "--disable-component-update", "--window-size=800,900",
            ],
            "prefs": { "profile.managed_default_content_settings.javascript": javascript },
        });
        let capabilities = json!({ "capabilities": { "alwaysMatch": { "goog:chromeOptions": options } } });
        let session = browser.call("POST", "/session", Some(capabilities)).unwrap();
        browser.session = session["sessionId"].as_str().unwrap().to_owned();
        Some(browser)
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

    pub fn open(&self, url: &str) {
        self.in_session("POST", "/url", Some(json!({ "url": url }))).unwrap();
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

    /// The texts of the elements that a CSS selector finds, as they are seen.
    pub fn texts(&self, css: &str) -> Vec<String> {
        let text = |element: String| self.in_session("GET", &format!("/element/{element}/text"), None).unwrap();
        let found = self.find("css selector", css).unwrap();
        found.into_iter().map(|element| text(element).as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    pub fn text(&self, css: &str) -> String {
        self.texts(css).into_iter().next().unwrap_or_else(|| panic!("{css}: not at {}", self.url()))
    }

    /// An attribute of each element that a CSS selector finds.
    pub fn attributes(&self, css: &str, name: &str) -> Vec<String> {
        let found = self.find("css selector", css).unwrap();
        let attribute =
            |element: String| self.in_session("GET", &format!("/element/{element}/attribute/{name}"), None).unwrap();
        found.into_iter().map(|element| attribute(element).as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Presses the button or follows the link of that text.
    #[track_caller]
    pub fn press(&self, text: &str) {
        let with_text = format!("//*[self::a or self::button][normalize-space()=\"{text}\"]");
        self.click(&self.only("xpath", &with_text));
    }

    /// Presses the only element that a CSS selector finds.
    #[track_caller]
    pub fn press_at(&self, css: &str) {
        self.click(&self.only("css selector", css));
    }

    #[track_caller]
    fn click(&self, element: &str) {
        self.leaving(|| drop(self.in_session("POST", &format!("/element/{element}/click"), Some(json!({}))).unwrap()));
    }

    /// Does what leads to another page, and waits until the page at hand is gone: all that is pressed here leads to one.
    #[track_caller]
    pub fn leaving(&self, act: impl FnOnce()) {
        let page = self.only("css selector", "html");
        act();
        waited("another page", || self.in_session("GET", &format!("/element/{page}/name"), None).err());
    }

    /// Types into the field of that id, in place of what is there.
    #[track_caller]
    pub fn fill(&self, id: &str, text: &str) {
        let field = self.only("css selector", &format!("#{id}"));
        self.in_session("POST", &format!("/element/{field}/clear"), Some(json!({}))).unwrap();
        self.in_session("POST", &format!("/element/{field}/value"), Some(json!({ "text": text }))).unwrap();
    }

    /// Presses keys, whatever has the focus.
    pub fn keys(&self, keys: &str) {
        // A page that has not been drawn yet does not hear them.
        let hears = "document.hasFocus() && performance.getEntriesByType('paint').length > 0";
        waited("a page that hears keys", || (self.evaluate(hears) == true).then_some(()));
        let actions: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        let keyboard = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.in_session("POST", "/actions", Some(keyboard)).unwrap();
    }

    /// The value of a JavaScript expression.
    pub fn evaluate(&self, expression: &str) -> Value {
        let script = json!({ "script": format!("return {expression}"), "args": [] });
        self.in_session("POST", "/execute/sync", Some(script)).unwrap()
    }

    /// Sets the width of the page, in CSS pixels.
    pub fn resize(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        let command = json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics });
        self.in_session("POST", "/goog/cdp/execute", Some(command)).unwrap();
    }

    /// Goes into the only frame of the page.
    #[track_caller]
    pub fn enter_frame(&self) {
        let frame = json!({ ELEMENT: self.only("css selector", "iframe") });
        self.in_session("POST", "/frame", Some(json!({ "id": frame }))).unwrap();
    }

    /// What the console has to complain about, such as what the policy for scripts and styles refused.
    pub fn complaints(&self) -> Vec<String> {
        let log = self.in_session("POST", "/se/log", Some(json!({ "type": "browser" }))).unwrap();
        log.as_array().unwrap().iter().map(|entry| entry["message"].as_str().unwrap().to_owned()).collect()
    }

    pub fn forget_cookies(&self) {
        self.in_session("DELETE", "/cookie", None).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends the browser, which would outlive its driver.
        let _ = exchange_or_error(self.address, &request("DELETE", &format!("/session/{}", self.session), &[], None));
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

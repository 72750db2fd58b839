//! Whole visits in a real browser: at the root, under a path, behind a proxy that strips the path, and without JavaScript.

use kosync::salvo::{self, Router};
use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::common::{Client, KEY, Mounted, OTHER_KEY, Site, serve};

const ADMIN: &str = "the admin's password";

fn site() -> Site {
    let site = Site::with(|builder| builder.admin_password(ADMIN));
    site.registered("ada", KEY);
    site
}

fn emma(progress: &str, percentage: f64, device: &str) -> Value {
    json!({
        "document": "0b229176d4e8db7f6d2b5a4952368d7a", "progress": progress, "percentage": percentage, "device": device,
        "device_id": device, "metadata": { "title": "Emma", "authors": "Jane Austen" },
    })
}

fn log_in(browser: &Browser, name: &str, password: &str) {
    browser.fill("name", name);
    browser.fill("password", password);
    browser.press_at("main button");
}

/// Does everything that a reader can do, on the dashboard at `root`.
fn reader(browser: &Browser, site: &Site, root: &str) {
    // The bare address leads to the login.
    browser.open(root);
    assert_eq!(browser.url(), format!("{root}login"));
    log_in(browser, "ada", "wrong");
    assert_eq!(browser.text("[role=alert]"), "The name or the password is wrong.");
    log_in(browser, "ada", "password");
    assert_eq!(browser.url(), root);

    // Without books, the page shows how to set up KOReader, with the address in the browser's address bar.
    assert!(browser.text("h2").starts_with("No books yet"));
    assert_eq!(browser.text("code.address"), root.trim_end_matches('/'));

    // A push appears at once.
    site.pushed("ada", KEY, &emma("/body/p[1]", 0.25, "Kobo"));
    site.pushed("ada", KEY, &emma("/body/p[7]", 0.425, "Kindle"));
    site.pushed("ada", KEY, &emma("/body/p[2]", 0.3, "Kobo"));
    browser.press("My books");
    assert_eq!(browser.texts(".books .title"), ["Emma"]);
    assert_eq!(browser.texts(".books .authors"), ["Jane Austen"]);
    assert_eq!(browser.texts(".books .percent"), ["30%"]);
    assert_eq!(browser.text(".books .meta"), "Kobo · just now");
    browser.fill("search", "austen em");
    browser.press("Search");
    assert_eq!(browser.texts(".books .title"), ["Emma"]);
    browser.fill("search", "../<script> %\"");
    browser.press("Search");
    assert_eq!(browser.texts(".books .title"), [""; 0]);
    assert!(browser.text("main").contains("0 books found"));
    browser.press("Show all");
    browser.press_at(".books a");

    // The chart has a point for each push, at the height of its percentage, and a marker for each device.
    assert_eq!(browser.text("h1"), "Emma");
    let heights: Vec<f64> = points(browser).into_iter().map(|(_, y)| y).collect();
    let grid = |line: usize| browser.attributes(".plot .grid", "y1")[line].parse::<f64>().unwrap();
    let (bottom, top) = (grid(0), grid(4));
    for (height, percentage) in heights.iter().zip([0.25, 0.425, 0.3]) {
        let expected = bottom + percentage * (top - bottom);
        assert!((height - expected).abs() <= 0.1, "{height} is not {expected}");
    }
    assert_eq!(heights.len(), 3);
    let markers = browser.attributes(".plot .points path", "class");
    assert!(markers[0] == markers[2] && markers[0] != markers[1], "{markers:?}");
    assert_eq!(browser.texts(".legend li"), ["Kobo", "Kindle"]);
    assert_eq!(browser.texts(".positions strong"), ["30%", "42.5%", "25%"]);

    // Rename the book.
    browser.press_at_without_page(".rename > summary");
    browser.fill("name", "  Emma <b>again</b> ");
    browser.press("Save name");
    assert_eq!(browser.text("[role=status]"), "Name saved.");
    assert_eq!(browser.text("h1"), "Emma <b>again</b>");

    // Put a position back: it becomes the newest, and belongs to no device.
    browser.press_at("button[aria-label^='Put back 42.5%']");
    assert!(browser.text("[role=status]").starts_with("Position put back."));
    let pulled = site.pulled("ada", KEY, "0b229176d4e8db7f6d2b5a4952368d7a");
    assert_eq!((&pulled["progress"], &pulled["percentage"]), (&json!("/body/p[7]"), &json!(0.425)));
    assert_eq!((&pulled["device"], &pulled["device_id"]), (&json!("kosync (put back)"), &json!("kosync-put-back")));
    assert_eq!(points(browser).len(), 4);

    browser.press("Devices");
    let mut devices = browser.texts(".books h2");
    devices.sort();
    assert_eq!(devices, ["Kindle", "Kobo"]);
    browser.press("Overview");
    let numbers = browser.texts(".numbers dd");
    let first = |text: &String| text.lines().next().unwrap().to_owned();
    assert_eq!(numbers.iter().map(first).collect::<Vec<_>>()[..3], ["0", "1", "1"]);
    assert_eq!(browser.attributes(".calendar g a", "href").len(), 1, "today");
    assert_eq!(browser.texts(".calendar li").len(), 12);

    // Deleting asks for confirmation.
    browser.press_at(".reading a");
    browser.press("Delete position and history…");
    browser.press("Cancel");
    browser.press("Delete position and history…");
    browser.press("Delete");
    assert_eq!(browser.text("[role=status]"), "Position and history deleted.");
    assert_eq!(site.pull("ada", KEY, "0b229176d4e8db7f6d2b5a4952368d7a").body, "{}");

    // Change the password.
    browser.press("Account");
    browser.fill("current", "wrong");
    browser.fill("new", "test");
    browser.fill("again", "test");
    browser.press("Change password");
    assert_eq!(browser.text("[role=alert]"), "The password is wrong.");
    browser.fill("current", "password");
    browser.fill("new", "test");
    browser.fill("again", "text");
    browser.press("Change password");
    assert!(browser.text("[role=alert]").starts_with("The two passwords differ."));
    browser.fill("current", "password");
    browser.fill("new", "test");
    browser.fill("again", "test");
    browser.press("Change password");
    assert!(browser.text("[role=status]").starts_with("Password changed."));
    site.login("ada", KEY).unauthorized();
    assert_eq!(site.login("ada", OTHER_KEY).status, 200);

    browser.press("Log out");
    assert_eq!(browser.url(), format!("{root}login"));
    browser.open(&format!("{root}books"));
    assert!(browser.url().starts_with(&format!("{root}login?next=")), "{}", browser.url());

    log_in(browser, "ada", "test");
    assert_eq!(browser.url(), format!("{root}books"));
    browser.press("Account");
    browser.fill("password", "wrong");
    browser.press("Delete account");
    assert_eq!(browser.text("[role=alert]"), "The password is wrong.");
    browser.fill("password", "test");
    browser.press("Delete account");
    assert_eq!(browser.text("[role=status]"), "Account deleted, with all its data.");
    site.login("ada", OTHER_KEY).unauthorized();
}

/// Returns the coordinates of the chart's points, oldest first.
fn points(browser: &Browser) -> Vec<(f64, f64)> {
    let outlines = browser.attributes(".plot .points path", "d");
    let coordinates = |text: &String| {
        let numbers = text.strip_prefix('M')?.split('m').next()?;
        let (x, y) = numbers.split_once(' ')?;
        Some((x.parse().ok()?, y.parse().ok()?))
    };
    let points: Vec<(f64, f64)> = outlines.iter().map(|text| coordinates(text).expect(text)).collect();
    assert!(points.is_sorted_by(|one, other| one.0 <= other.0), "{points:?}");
    points
}

/// Does everything that an administrator can do.
fn administrator(browser: &Browser, site: &Site, root: &str) {
    browser.delete_cookies();
    browser.open(root);
    log_in(browser, "admin", ADMIN);
    browser.press("Manage accounts");
    assert_eq!(browser.text("h2"), "Registration is open");
    browser.press("Close registration");
    assert_eq!(browser.text("[role=status]"), "Registration is closed.");
    site.register("eve", KEY).refused(402, 2005, "User registration is disabled.");
    browser.press("Open registration");
    assert_eq!(browser.text("h2"), "Registration is open");
    site.registered("eve", KEY);

    browser.fill("name", "gr:ace");
    browser.fill("new", "password");
    browser.fill("again", "password");
    browser.press("Create account");
    assert_eq!(browser.text("[role=alert]"), "The account was not created: the name may not contain a colon.");
    browser.fill("name", "grace");
    browser.fill("new", "password");
    browser.fill("again", "password");
    browser.press("Create account");
    assert_eq!(browser.text("[role=status]"), "Account created.");
    assert_eq!(browser.text("h1"), "Account grace");
    assert_eq!(site.login("grace", KEY).status, 200);
    site.pushed("grace", KEY, &emma("p", 0.5, "Kobo"));

    browser.press("Disable");
    site.login("grace", KEY).refused(401, 2001, "User is inactive");
    browser.press("All accounts");
    assert_eq!(browser.texts(".tag"), ["disabled"]);
    let row = browser.texts("tbody tr").into_iter().find(|row| row.starts_with("grace")).unwrap();
    assert!(row.contains(" 1 ") && !row.contains("never"), "one book, used today: {row}");
    browser.press("grace");
    browser.press("Enable");
    assert_eq!(site.login("grace", KEY).status, 200);

    browser.fill("new", "test");
    browser.fill("again", "test");
    browser.press("Change password");
    assert!(browser.text("[role=status]").starts_with("Password changed."));
    assert_eq!(site.login("grace", OTHER_KEY).status, 200);

    browser.press("Delete account…");
    browser.press("Delete");
    assert_eq!(browser.text("[role=status]"), "Account deleted, with all its data.");
    site.login("grace", OTHER_KEY).unauthorized();
}

#[test]
fn at_the_root() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    let root = format!("http://{}/", site.address);
    reader(&browser, &site, &root);
    administrator(&browser, &site, &root);
    let messages: Vec<_> = browser.console().into_iter().filter(|message| !is_form_error(message)).collect();
    assert_eq!(messages, [""; 0], "the pages load and run nothing that their policy refuses");
}

/// Whether the console reports the status of a page that shows why a form failed.
fn is_form_error(message: &str) -> bool {
    message.contains("status of 403") || message.contains("status of 400")
}

#[test]
fn under_a_path_without_javascript() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let site = site();
    let both = Router::with_path("home/kosync").push(site.server.router()).push(site.server.dashboard());
    let mounted = serve(Router::new().push(both));
    let root = format!("http://{}/home/kosync/", mounted.address);
    browser.open(&format!("http://{}/home/kosync", mounted.address));
    assert_eq!(browser.url(), format!("{root}login"), "the missing slash is added");
    reader(&browser, &site, &root);
    administrator(&browser, &site, &root);
}

/// Only the browser knows the prefix that such a proxy strips.
#[test]
fn behind_a_proxy_that_strips_the_path() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    let proxy = stripping_proxy(&site);
    let root = format!("http://{}/books/sync/", proxy.address);
    reader(&browser, &site, &root);
    administrator(&browser, &site, &root);
    let client = Client { address: proxy.address };
    assert_eq!(client.send("GET", "/books/sync/healthcheck", &[], None).shaped().status, 200);
}

/// Starts a proxy that passes on everything below `/books/sync`, without that prefix.
fn stripping_proxy(site: &Site) -> Mounted {
    struct Strip(kosync::Server);
    #[salvo::async_trait]
    impl salvo::Handler for Strip {
        async fn handle(
            &self,
            req: &mut salvo::Request,
            _: &mut salvo::Depot,
            res: &mut salvo::Response,
            _: &mut salvo::FlowCtrl,
        ) {
            let path = req.uri().path_and_query().unwrap().as_str().strip_prefix("/books/sync").unwrap().to_owned();
            let mut request = req.strip_to_hyper::<salvo::http::ReqBody>().unwrap();
            *request.uri_mut() = path.parse().unwrap();
            let (parts, body) = self.0.handle(request, None).await.into_parts();
            res.status_code(parts.status);
            res.set_headers(parts.headers);
            res.body = body;
        }
    }
    serve(Router::with_path("books/sync/{**rest}").goal(Strip(site.server.clone())))
}

#[test]
fn tab_and_enter_reach_everything_and_the_focus_is_visible() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    site.pushed("ada", KEY, &emma("p", 0.5, "Kobo"));
    browser.open(&format!("http://{}/login", site.address));
    let focused = || browser.evaluate("document.activeElement.textContent.trim() || document.activeElement.id");
    browser.keys(TAB);
    assert_eq!(focused(), "Skip to content");
    browser.keys(TAB);
    assert_eq!(focused(), "kosync");
    browser.and_wait_for_page(|| browser.keys(&format!("{TAB}ada{TAB}password{ENTER}")));
    let mut reached = Vec::new();
    for _ in 0..11 {
        browser.keys(TAB);
        reached.push(focused().as_str().unwrap().lines().next().unwrap_or_default().to_owned());
        let outline = browser.evaluate("getComputedStyle(document.activeElement).outlineStyle");
        assert_ne!(outline, "none", "{reached:?}");
    }
    let order = [
        "Skip to content",
        "kosync",
        "Log out",
        "Overview",
        "My books",
        "Highlights",
        "Devices",
        "Files",
        "Account",
        "Emma",
        "All books",
    ];
    assert_eq!(reached, order);
}

/// No page is wider than its window, however long a title is. Every field has a label, and every page one heading.
#[test]
fn pages_fit_phones_and_desktops() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    let long = "Thus_a_title_without_any_blank_".repeat(20);
    for (document, title) in
        [("long", long.as_str()), ("rtl", "ألف ليلة وليلة"), ("html", "<img src=x onerror=alert(1)>")]
    {
        let device = format!("Device {long}");
        let body = json!({ "document": document, "progress": &long, "percentage": 0.5, "device": &device[..500],
            "metadata": { "title": title, "authors": title, "filename": title } });
        site.pushed("ada", KEY, &body);
        let older = json!({ "document": document, "progress": "q", "percentage": 1e300, "device": "Kobo" });
        site.pushed("ada", KEY, &older);
    }
    let root = format!("http://{}/", site.address);
    browser.open(&root);
    log_in(&browser, "ada", "password");
    browser.press("My books");
    let address = browser.attributes(".books a", "href").remove(0);
    let book = format!("books/{}", address.rsplit('/').next().unwrap());
    for page in ["", "books", "devices", "account", &book, "nowhere"] {
        for width in [320, 360, 800, 1440] {
            browser.resize(width);
            browser.open(&format!("{root}{page}"));
            let wide = browser.evaluate("document.documentElement.scrollWidth");
            let too_wide = "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth)\
                            .map(e => e.outerHTML.slice(0, 80)).join('\\n')";
            let elements = || browser.evaluate(too_wide);
            assert!(wide.as_u64().unwrap() <= u64::from(width), "{page} is {wide} wide at {width}: {}", elements());
        }
        let unlabelled =
            "[...document.querySelectorAll('input:not([type=hidden])')].filter(i => !i.labels.length).length";
        assert_eq!(browser.evaluate(unlabelled), 0, "{page}");
        assert_eq!(browser.evaluate("document.querySelectorAll('h1').length"), 1, "{page}");
    }
}

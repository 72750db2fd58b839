//! The appearance: light, dark, or as the browser prefers, with and without a login, and without a script.

use crate::browser::{Browser, Scripts};
use crate::common::Site;
use crate::visitor::{Visitor, cookie, site};

#[test]
fn the_appearance_is_kept_in_a_cookie_and_leads_back_to_the_page_before() {
    let site = site();
    let nobody = Visitor::anonymous(site.client);
    let choose = |theme: &str, referer: &str| {
        let from = [("origin", &b"http://localhost"[..]), ("referer", referer.as_bytes())];
        nobody.post_from("/theme", &[("theme", theme)], &from)
    };
    let dark = choose("dark", "http://localhost/login?a=b");
    assert_eq!((dark.status, dark.header("location")), (303, Some("/login?a=b")), "{dark:?}");
    let (name, attributes) = cookie(&dark);
    assert_eq!((name.as_str(), attributes.as_str()), ("kosync-theme=dark", "Max-Age=31536000; HttpOnly; SameSite=Lax"));
    let shown = |cookie: &str| Visitor { client: site.client, cookie: cookie.into() }.get("/login").body;
    assert!(shown("kosync-theme=dark").contains("data-theme=\"dark\""));
    for cookie in ["", "kosync-theme=\"><script>", "kosync-theme=auto"] {
        assert!(shown(cookie).contains("data-theme=\"auto\""), "{cookie}");
    }
    // It is not taken for a session, nor a session for it.
    let ada = Visitor::log_in(site.client, "ada", "password");
    let both = Visitor { client: site.client, cookie: format!("kosync-theme=light; {}", ada.cookie) };
    let account = both.get("/account");
    assert!(account.status == 200 && account.body.contains("data-theme=\"light\""), "{account:?}");
    // Nobody is sent to another host, or has the appearance changed by another site.
    for foreign in ["http://localhost//evil.example/", "http://localhost/\\evil.example", "nonsense"] {
        assert_eq!(choose("light", foreign).header("location"), Some("./"), "{foreign}");
    }
    // Over TLS it is never sent without.
    let behind = Site::with(|builder| builder.trusted_proxies(["127.0.0.1".parse().unwrap()]));
    let from = [("origin", &b"https://localhost"[..]), ("x-forwarded-proto", b"https")];
    let secure = Visitor::anonymous(behind.client).post_from("/theme", &[("theme", "dark")], &from);
    assert!(cookie(&secure).1.ends_with("SameSite=Lax; Secure"), "{secure:?}");
    assert_eq!(choose("pink", "http://localhost/").status, 400);
    assert_eq!(nobody.post_from("/theme", &[("theme", "dark")], &[("origin", b"http://evil.example")]).status, 403);
}

#[test]
fn the_appearance_overrides_what_the_browser_prefers_without_a_script() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let site = site();
    let root = format!("http://{}/", site.address);
    browser.open(&format!("{root}login"));
    let ground = || browser.css("body", "background-color");
    let (light, dark) = ("rgba(253, 252, 249, 1)", "rgba(24, 26, 27, 1)");
    for (system, expected) in [("light", light), ("dark", dark)] {
        browser.emulate_media("", &[("prefers-color-scheme", system)]);
        assert_eq!(ground(), expected, "{system}");
    }
    browser.press("Light");
    assert_eq!((ground().as_str(), browser.url()), (light, format!("{root}login")));
    browser.press("Dark");
    browser.emulate_media("", &[("prefers-color-scheme", "light")]);
    assert_eq!(ground(), dark);
    assert_eq!(browser.texts("[aria-pressed=true]"), ["Dark"]);
    // After the login, too, and on paper never.
    browser.fill("name", "ada");
    browser.fill("password", "password");
    browser.press("Log in");
    assert_eq!(ground(), dark);
    browser.emulate_media("print", &[]);
    assert_eq!(ground(), "rgba(255, 255, 255, 1)");
    browser.emulate_media("", &[("prefers-color-scheme", "light")]);
    browser.press("Automatic");
    assert_eq!(ground(), light);
}

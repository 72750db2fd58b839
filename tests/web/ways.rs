//! Ways in and back: accounts made in the browser, where a login leads, sessions that end in a form, notices, and ways out of errors.

use crate::browser::{Browser, Scripts};
use crate::common::{KEY, Reply, Site, percent_encoded, position};
use crate::visitor::{ADMIN_PASSWORD, Visitor, book_path, cookie, forms, pages, site};

const NEW: [(&str, &str); 3] = [("name", "new reader"), ("new", "password"), ("again", "password")];

/// Returns the value of the hidden or visible field of that name.
#[track_caller]
fn value<'a>(page: &'a Reply, name: &str) -> &'a str {
    let rest =
        page.body.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap_or_else(|| panic!("{name}: {page:?}"));
    rest.split('"').next().unwrap()
}

#[track_caller]
fn redirects(reply: &Reply, to: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, Some(to)), "{reply:?}");
}

#[test]
fn r1_an_account_made_in_the_browser_is_one_that_a_device_logs_in_to() {
    let site = site();
    let visitor = Visitor::anonymous(site.client);
    assert!(visitor.get("/login").body.contains("<a href=\"./register\">"));
    let reply = visitor.post("/register", &NEW);
    redirects(&reply, "./");
    let reader = Visitor { client: site.client, cookie: cookie(&reply).0 };
    assert!(reader.get("/").body.contains("Account created."), "logged in, and told once");
    assert!(!reader.get("/").body.contains("Account created."));
    assert_eq!(site.login("new reader", KEY).status, 200);
    redirects(&reader.get("/register"), "./");
    // A form of another site makes none, whatever session the browser sends along.
    let mut fields = NEW;
    fields[0].1 = "forged";
    for origin in [&[("origin", b"http://evil.example".as_slice())][..], &[("sec-fetch-site", b"cross-site")], &[]] {
        for visitor in [&visitor, &reader] {
            assert_eq!(visitor.post_from("/register", &fields, origin).status, 403);
        }
    }
    site.login("forged", KEY).unauthorized();
}

#[test]
fn r3_r5_a_refused_account_says_why_at_each_field_and_keeps_the_name() {
    let site = site();
    let visitor = Visitor::anonymous(site.client);
    let refused = |fields: &[(&str, &str)], status: u16, texts: &[&str]| {
        let reply = visitor.post("/register", fields);
        assert_eq!((reply.status, reply.header("set-cookie")), (status, None), "{reply:?}");
        for text in texts {
            assert!(reply.body.contains(text), "{text}: {reply:?}");
        }
    };
    let both = [("name", "a:b"), ("new", "x"), ("again", "y")];
    refused(
        &both,
        400,
        &[
            "<title>Error: Create an account – kosync</title>",
            "<a href=\"#name\">The account was not created: the name may not contain a colon.</a>",
            "<a href=\"#again\">The two passwords differ.",
            "value=\"a:b\"",
            "<input id=\"name\" aria-invalid=\"true\" aria-describedby=\"name-error\"",
            "id=\"name-error\">The account was not created",
            "<input id=\"again\" aria-invalid=\"true\"",
        ],
    );
    for name in ["ada", "ADA", "admin", "Admin"] {
        refused(&[("name", name), ("new", "x"), ("again", "x")], 400, &["already exists", "href=\"#name\""]);
    }
    refused(&[("name", ""), ("new", ""), ("again", "")], 400, &["the name is empty", "The new password is empty."]);
    site.login("ada", KEY).shaped();
    assert_eq!(site.login("ada", KEY).status, 200);
}

#[test]
fn r6_accounts_made_in_the_browser_count_like_those_of_devices() {
    let mut config = kosync::Config::default();
    config.registrations_per_address = 2;
    let site = Site::with(|builder| builder.config(config));
    site.registered("first", KEY);
    let visitor = Visitor::anonymous(site.client);
    redirects(&visitor.post("/register", &NEW), "./");
    let reply = visitor.post("/register", &[("name", "third"), ("new", "x"), ("again", "x")]);
    assert_eq!(reply.status, 429, "{reply:?}");
    assert!(reply.header("retry-after").is_some() && reply.body.contains("Too many accounts were created."));
    assert_eq!(site.register("fourth", KEY).status, 402);
}

#[test]
fn while_registration_is_closed_the_browser_makes_no_account() {
    let site = site();
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    assert_eq!(admin.post("/registration", &[("open", "no")]).status, 303);
    let visitor = Visitor::anonymous(site.client);
    let login = visitor.get("/login").body;
    assert!(!login.contains("register\"") && login.contains("Registration is closed"), "{login}");
    for reply in [visitor.get("/register"), visitor.post("/register", &NEW)] {
        assert_eq!(reply.status, 403);
        assert!(reply.body.contains("Registration is closed") && reply.body.contains("href=\"./login\""), "{reply:?}");
        assert!(!reply.body.contains("href=\"./register"), "no way leads back to where it is closed: {reply:?}");
    }
    site.login("new reader", KEY).unauthorized();
}

#[test]
fn the_login_page_says_who_sets_a_new_password() {
    let site = site();
    let ask = |language: &[u8]| site.send("GET", "/login", &[("accept-language", language)], None).body;
    let english = ask(b"en");
    assert!(english.contains("An administrator of this server can set a new one"), "{english}");
    assert!(english.contains("<code>kosync user passwd NAME</code>"), "{english}");
    let german = ask(b"de-CH, en;q=0.5");
    assert!(german.contains("Passwort vergessen? Ein Administrator dieses Servers"), "{german}");
}

/// The address is checked where it comes back, whoever wrote it.
#[test]
fn a_login_leads_to_the_page_that_was_asked_for_and_nowhere_else() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let anonymous = Visitor::anonymous(site.client);
    let fields = [("name", "ada"), ("password", "password")];
    let wanted = format!("{}?page=2", book_path("book"));
    let sent = anonymous.get(&wanted);
    let address = sent.header("location").unwrap().strip_prefix("..").unwrap().to_owned();
    assert!(address.starts_with("/login?next="), "{sent:?}");
    // A wrong password in between does not lose it, nor does the page that makes accounts.
    let next = value(&anonymous.get(&address), "next").to_owned();
    let wrong = anonymous.post("/login", &[("name", "ada"), ("password", "wrong"), ("next", &next)]);
    assert_eq!(value(&wrong, "next"), next);
    assert_eq!(value(&anonymous.get(&format!("/register?next={next}")), "next"), next);
    let reply = anonymous.post("/login", &[fields[0], fields[1], ("next", &next)]);
    redirects(&reply, &format!(".{wanted}"));
    // With a session, the login page leads on at once.
    let ada = Visitor { client: site.client, cookie: cookie(&reply).0 };
    redirects(&ada.get(&address), &format!(".{wanted}"));

    let encoded = |address: &str| book_path(address)["/books/".len()..].to_owned();
    for hostile in [
        "https://evil.example/",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "books/../../evil",
        "../evil",
        ".//evil.example",
        "books\r\nset-cookie: kosync=x",
        "books\t",
        "/books",
        "login",
        "register",
        "logout",
        "books/Ym9vaw/rename",
        "metrics",
        "syncs/progress/book",
        "nowhere",
    ] {
        let next = encoded(hostile);
        redirects(&anonymous.post("/login", &[fields[0], fields[1], ("next", &next)]), "./");
        redirects(&ada.get(&format!("/login?next={next}")), "./");
    }
    for raw in ["https://evil.example", "//evil.example", "%2f%2fevil.example", "!!!", "_w"] {
        redirects(&anonymous.post("/login", &[fields[0], fields[1], ("next", raw)]), "./");
        redirects(&ada.get(&format!("/login?next={}", percent_encoded(raw))), "./");
    }
}

#[test]
fn get_of_a_form_s_address_leads_to_the_page_with_the_form() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let book = book_path("book");
    for (path, page) in [
        ("/password".to_owned(), "./account#current".to_owned()),
        ("/current-position".into(), "./account#current-position".into()),
        ("/delete-account".into(), "./account#password".into()),
        (format!("{book}/rename"), format!("../..{book}#name")),
        (format!("{book}/put-back"), format!("../..{book}")),
        ("/logout".into(), "./".into()),
        ("/accounts/2/password".into(), "../../accounts/2#new".into()),
    ] {
        redirects(&ada.get(&path), &page);
    }
    // None of the forms is a dead end, and none changes anything by GET.
    for (path, _) in forms() {
        let reply = ada.get(&path);
        // The page that asks whether to delete a file needs its path.
        let is_there = [200, 303, 403].contains(&reply.status) || path == "/files/delete";
        assert!(is_there, "{path}: {reply:?}");
    }
    assert!(ada.is_logged_in());
}

/// Nothing typed is lost, and no password is kept. No other site can fill in what is sent.
#[test]
fn a_session_that_ends_in_the_middle_of_a_form_keeps_what_was_typed() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let rename = format!("{}/rename", book_path("book"));
    let title = "Götter & \"Helden\" <b>";
    assert_eq!(ada.post("/logout", &[]).status, 303);
    let ended = ada.post(&rename, &[("name", title)]);
    assert_eq!(ended.status, 403, "{ended:?}");
    assert!(ended.body.contains("Your session has ended, so nothing was saved."), "{ended:?}");
    assert!(ended.body.contains("<title>Error: Log in – kosync</title>"), "{ended:?}");
    assert!(ended.body.contains("action=\"../../login\""), "{ended:?}");
    let carried =
        [("form", value(&ended, "form")), ("fields", value(&ended, "fields"))].map(|(n, v)| (n, v.to_owned()));
    let log_in = |password| {
        let mut fields = vec![("name", "ada"), ("password", password)];
        fields.extend(carried.iter().map(|(name, value)| (*name, value.as_str())));
        Visitor::anonymous(site.client).post("/login", &fields)
    };
    let wrong = log_in("wrong");
    assert_eq!((wrong.status, value(&wrong, "fields")), (403, carried[1].1.as_str()), "{wrong:?}");
    // The login asks, and changes nothing yet.
    let asked = log_in("password");
    assert_eq!(asked.status, 200, "{asked:?}");
    let ada = Visitor { client: site.client, cookie: cookie(&asked).0 };
    let shown = "name=\"name\" value=\"Götter &#38; &#34;Helden&#34; &#60;b&#62;\"";
    assert!(asked.body.contains(shown), "{asked:?}");
    assert!(asked.body.contains(&format!("action=\".{rename}\"")), "{asked:?}");
    assert!(!ada.get(&book_path("book")).body.contains("Helden"));
    redirects(&ada.post(&rename, &[("name", title)]), &format!("../..{}", book_path("book")));
    assert!(ada.get(&book_path("book")).body.contains("Helden"));

    // Passwords are asked for again, and travel in no page.
    let anonymous = Visitor::anonymous(site.client);
    let secret = "only-I-know-this";
    let ended = anonymous.post("/accounts", &[("name", "grete"), ("new", secret), ("again", secret)]);
    let fields = value(&ended, "fields").to_owned();
    assert_eq!(fields, book_path("name=grete&new=&again=")["/books/".len()..]);
    let fields = [("name", "admin"), ("password", ADMIN_PASSWORD), ("form", "accounts"), ("fields", &fields)];
    let asked = anonymous.post("/login", &fields);
    assert!(asked.body.contains("name=\"new\" type=\"password\" autocomplete=\"new-password\" required"), "{asked:?}");
    assert!(asked.body.contains("name=\"name\" value=\"grete\""), "{asked:?}");
    // What is too long is not kept, and the page says so.
    let ended = anonymous.post(&rename, &[("name", &"x".repeat(30_000))]);
    assert!(ended.body.contains("too long to be kept") && !ended.body.contains("xxx"), "{ended:?}");
    assert!(ended.body.len() < 8 << 10);
}

#[test]
fn another_site_cannot_fill_in_a_form_that_is_confirmed_after_a_login() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let rename = format!("{}/rename", book_path("book"));
    let anonymous = Visitor::anonymous(site.client);
    let ended = anonymous.post(&rename, &[("name", "Forged")]);
    let carried = [("form", value(&ended, "form")), ("fields", value(&ended, "fields"))];
    let fields: Vec<(&str, &str)> = [("name", "ada"), ("password", "password")].into_iter().chain(carried).collect();
    let origins: [&[(&str, &[u8])]; 3] =
        [&[("origin", b"http://evil.example")], &[("sec-fetch-site", b"cross-site")], &[("origin", b"null")]];
    for origin in origins {
        for (path, fields) in [(rename.as_str(), &[("name", "Forged")][..]), ("/login", &fields)] {
            let reply = anonymous.post_from(path, fields, origin);
            assert_eq!((reply.status, reply.header("set-cookie")), (403, None));
            assert!(!reply.body.contains("Forged") && !reply.body.contains("name=\"fields\""), "{reply:?}");
        }
    }
    // In an address they do nothing, and a form that is none of ours is dropped.
    let page = anonymous.get(&format!("/login?form={}&fields={}", percent_encoded(carried[0].1), carried[1].1));
    assert!(!page.body.contains("name=\"fields\""), "{page:?}");
    for path in ["//evil.example", "https://evil.example", "nowhere", "books/../x", "users/create"] {
        let reply = anonymous.post("/login", &[fields[0], fields[1], ("form", path), ("fields", carried[1].1)]);
        redirects(&reply, "./");
    }
}

#[test]
fn a_notice_is_shown_once_and_only_to_the_session_that_did_it() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let elsewhere = Visitor::log_in(site.client, "ada", "password");
    let book = book_path("book");
    // No address puts one on the screen.
    for word in ["deleted", "renamed", "account-deleted", "password"] {
        for path in ["/", "/books", "/account", book.as_str()] {
            let page = ada.get(&format!("{path}?done={word}")).body;
            assert!(!page.contains("role=\"status\""), "{path} {word}: {page}");
        }
        let page = Visitor::anonymous(site.client).get(&format!("/login?done={word}")).body;
        assert!(!page.contains("role=\"status\""), "{word}: {page}");
    }
    let shown = |visitor: &Visitor| visitor.get(&book).body.contains("Name saved.");
    let rename = || redirects(&ada.post(&format!("{book}/rename"), &[("name", "Mine")]), &format!("../..{book}"));
    rename();
    assert!(!ada.get("/books").body.contains("Name saved."), "it is for another page");
    assert!(!shown(&elsewhere), "it is for another session");
    assert!(shown(&ada));
    assert!(!shown(&ada), "a reload does not show it again");
    // Only a page that is shown uses it up.
    redirects(&ada.post("/current-position", &[("rule", "last")]), "./account");
    ada.client.send("HEAD", "/account", &[("cookie", ada.cookie.as_bytes())], None);
    ada.post("/account", &[]);
    assert!(ada.get("/account").body.contains("Saved. It applies from"));
    // The account's deletion is confirmed on the login page, which has no session any more.
    let reply = ada.post("/delete-account", &[("password", "password")]);
    redirects(&reply, "./login");
    assert!(!Visitor::anonymous(site.client).get("/login").body.contains("Account deleted"));
    let login = ada.get("/login");
    assert!(login.body.contains("Account deleted, with all its data."), "{login:?}");
    assert_eq!(cookie(&login), ("kosync=".into(), "Max-Age=0; HttpOnly; SameSite=Lax".into()));
    assert!(!ada.get("/login").body.contains("Account deleted"));
}

/// The browser sends a `Lax` cookie along when a link of another site is opened. So no GET may change anything.
#[test]
fn a_link_from_another_site_opens_the_page_with_the_session_and_changes_nothing() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    let ada = Visitor::log_in(site.client, "ada", "password");
    let foreign: [(&str, &[u8]); 3] =
        [("sec-fetch-site", b"cross-site"), ("referer", b"http://start.example/"), ("accept", b"text/html")];
    for visitor in [&ada, &admin] {
        let open = |path: &str| {
            let mut headers = foreign.to_vec();
            headers.push(("cookie", visitor.cookie.as_bytes()));
            site.send("GET", path, &headers, None)
        };
        assert_eq!(open("/").status, 200, "it is logged in");
        for path in pages().into_iter().chain(forms().into_iter().map(|(path, _)| path)) {
            open(&path);
        }
    }
    assert!(ada.is_logged_in() && admin.is_logged_in());
    assert_eq!(site.pulled("ada", KEY, "book")["progress"], "p");
    assert_eq!(site.server.store().users().unwrap().len(), 3);
    assert!(site.server.registration().unwrap());
}

#[test]
fn a_refused_rename_keeps_its_text_and_says_where_it_is_wrong() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let rename = format!("{}/rename", book_path("book"));
    let reply = ada.post(&rename, &[("name", "My\u{1} book")]);
    assert_eq!(reply.status, 400);
    for text in [
        "<title>Error: ",
        "<a href=\"#name\">The name was not saved: it has control characters, such as a line break. Remove them.</a>",
        "aria-invalid=\"true\" aria-describedby=\"name-error\"",
        // HTML has no control characters; this one says where it was.
        "value=\"My\u{fffd} book\"",
        "role=\"alert\" tabindex=\"-1\" autofocus",
    ] {
        assert!(reply.body.contains(text), "{text}: {reply:?}");
    }
    assert_eq!(ada.post("/preferences", &[("language", "de")]).status, 303);
    let reply = ada.post(&rename, &[("name", "My\u{1} book")]);
    for text in [
        "<title>Fehler: ",
        "Der Name wurde nicht gespeichert: Er enthält Steuerzeichen, etwa einen Zeilenumbruch. Entferne sie.",
    ] {
        assert!(reply.body.contains(text), "{text}: {reply:?}");
    }
}

#[test]
fn a_wrong_password_is_blamed_on_the_name_only_where_one_was_asked() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let login = Visitor::anonymous(site.client).post("/login", &[("name", "ada"), ("password", "wrong")]);
    assert!(login.body.contains("<a href=\"#password\">The name or the password is wrong.</a>"), "{login:?}");
    for (path, field, fields) in [
        ("/password", "current", vec![("current", "wrong"), ("new", "x"), ("again", "x")]),
        ("/delete-account", "password", vec![("password", "wrong")]),
    ] {
        let reply = ada.post(path, &fields);
        assert_eq!(reply.status, 403);
        assert!(reply.body.contains(&format!("<a href=\"#{field}\">The password is wrong.</a>")), "{reply:?}");
        assert!(reply.body.contains(&format!("id=\"{field}\" aria-invalid=\"true\"")), "{reply:?}");
        assert!(!reply.body.contains("The name or the password"), "{reply:?}");
    }
}

#[test]
fn every_error_page_has_a_way_back() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    let book = book_path("book");
    let leads = |reply: &Reply, status: u16, ways: &[String]| {
        assert_eq!(reply.status, status, "{reply:?}");
        let list = reply.body.split("<ul class=\"ways\">").nth(1).unwrap_or_else(|| panic!("{reply:?}"));
        let found: Vec<&str> = list
            .split("</ul>")
            .next()
            .unwrap()
            .split("href=\"")
            .skip(1)
            .map(|rest| rest.split('"').next().unwrap())
            .collect();
        assert_eq!(found, ways, "{reply:?}");
    };
    let ways = |ways: &[&str]| ways.iter().map(|way| (*way).to_owned()).collect::<Vec<_>>();
    leads(&ada.get("/books/!!!"), 404, &ways(&["../books", "../"]));
    leads(&ada.get("/nowhere/at/all"), 404, &ways(&["../../"]));
    leads(&ada.get("/accounts"), 403, &ways(&["./"]));
    leads(
        &ada.post(&format!("{book}/put-back"), &[("sequence", "x")]),
        400,
        &[format!("../..{book}"), "../../".into()],
    );
    leads(
        &ada.post(&format!("{book}/shelf"), &[("to", "nowhere")]),
        400,
        &[format!("../..{book}#shelf"), "../../".into()],
    );
    leads(&ada.post("/books", &[("search", &"x".repeat(70_000))]), 413, &ways(&["./books", "./"]));
    leads(&ada.post("/devices", &[]), 405, &ways(&["./devices", "./"]));
    let refused = ada.post_from("/password", &[], &[("origin", b"http://evil.example")]);
    leads(&refused, 403, &ways(&["./account#current", "./"]));
    let anonymous = Visitor::anonymous(site.client);
    leads(&anonymous.get("/nowhere"), 404, &ways(&["./login"]));
    leads(&anonymous.post_from("/login", &[], &[("origin", b"null")]), 403, &ways(&["./login", "./login"]));
}

/// Registers, loses the session in a form, and sees errors: with the keyboard's focus where they are.
fn a_visit(browser: &Browser, language: usize) {
    let site = site();
    let text = |texts: [&'static str; 2]| texts[language];
    let root = format!("http://{}/", site.address);
    browser.delete_cookies();
    browser.open(&format!("{root}books"));
    browser.press(text(["Create one", "Lege eines an"]));
    let create = |again: &str| {
        browser.fill("name", "eve");
        browser.fill("new", "password");
        browser.fill("again", again);
        browser.press_at("main button");
    };
    create("other");
    let title = browser.evaluate("document.title");
    assert_eq!(title, text(["Error: Create an account – kosync", "Fehler: Konto anlegen – kosync"]));
    // The summary has the focus, and its link leads to the field.
    let focused = || browser.evaluate("document.activeElement.id");
    assert_eq!(focused(), "errors");
    browser.press_at_without_page("#errors a");
    assert_eq!(browser.evaluate("location.hash"), "#again");
    assert_eq!(browser.attributes("[aria-invalid]", "id"), ["again"]);
    create("password");
    assert_eq!(browser.url(), format!("{root}books"));
    assert!(browser.text("[role=status]").starts_with(text(["Account created.", "Konto angelegt."])));

    site.pushed("eve", KEY, &position("book", "p", 0.5));
    browser.open(&format!("{root}{}", &book_path("book")[1..]));
    // The session ends while the reader types.
    browser.press_at_without_page(".rename > summary");
    browser.fill("name", "Kept");
    browser.delete_cookies();
    browser.press_at("form[action$=rename] button");
    assert!(browser.text("[role=alert]").starts_with(text(["Your session has ended", "Deine Sitzung ist zu Ende"])));
    browser.fill("name", "eve");
    browser.fill("password", "wrong");
    browser.press_at("main button");
    assert_eq!(focused(), "errors");
    browser.fill("password", "password");
    browser.press_at("main button");
    assert_eq!(browser.text("h1"), text(["Send it again?", "Noch einmal senden?"]));
    browser.press_at("main button");
    assert_eq!(browser.text("h1"), "Kept");
    assert_eq!(browser.text("[role=status]"), text(["Name saved.", "Name gespeichert."]));
    browser.and_wait_for_page(|| browser.open(&browser.url()));
    assert_eq!(browser.texts("[role=status]"), [""; 0]);
}

#[test]
fn a_visit_with_scripts_in_english_and_german() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    a_visit(&browser, 0);
    let Some(browser) = Browser::start_in(Scripts::On, "de") else { return };
    a_visit(&browser, 1);
}

#[test]
fn a_visit_without_scripts_in_english_and_german() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    a_visit(&browser, 0);
    let Some(browser) = Browser::start_in(Scripts::Off, "de") else { return };
    a_visit(&browser, 1);
}

/// A real browser, and a start page on another site: its link opens the page logged in, its form is refused.
#[test]
fn a_start_page_on_another_site_can_link_here_but_not_send_forms() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = site();
    let root = format!("http://{}/", site.address);
    browser.open(&format!("{root}login"));
    browser.fill("name", "admin");
    browser.fill("password", ADMIN_PASSWORD);
    browser.press_at("main button");
    // `localhost` is another site than `127.0.0.1`.
    let page = format!(
        "<a href='{root}account'>books</a><form method=post action='{root}registration'><input name=open value=no><button>go</button></form>"
    );
    let other = crate::common::serve(kosync::salvo::Router::new().goal(StartPage(page)));
    let start = format!("http://localhost:{}/", other.address.port());
    browser.open(&start);
    browser.press("books");
    assert_eq!(browser.url(), format!("{root}account"));
    browser.open(&start);
    browser.press_at("button");
    assert!(browser.text("main").contains("Nothing was changed"), "{}", browser.text("main"));
    assert!(browser.text("header").contains("Log out") || browser.text("main").contains("Log in"));
    assert!(site.server.registration().unwrap());
}

struct StartPage(String);

#[kosync::salvo::async_trait]
impl kosync::salvo::Handler for StartPage {
    async fn handle(
        &self,
        _: &mut kosync::salvo::Request,
        _: &mut kosync::salvo::Depot,
        res: &mut kosync::salvo::Response,
        _: &mut kosync::salvo::FlowCtrl,
    ) {
        res.render(kosync::salvo::writing::Text::Html(self.0.clone()));
    }
}

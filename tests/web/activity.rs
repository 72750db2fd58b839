//! Tests the page "Why does it not sync?" and the choice of the current position. The tests see both as a browser does.

use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::common::{KEY, OTHER_KEY, Site, percent_encoded, position};
use crate::visitor::{Visitor, book_path, site};

/// Returns the text of a page's elements between two tags, without the tags in it.
fn texts(body: &str, start: &str, end: &str) -> Vec<String> {
    let without_tags = |html: &str| {
        let mut text = String::new();
        for (index, piece) in html.split('<').enumerate() {
            text.push_str(if index == 0 { piece } else { piece.split_once('>').map_or("", |(_, rest)| rest) });
        }
        text.replace("&#39;", "'").replace("&#38;", "&").replace("&#34;", "\"").trim().to_owned()
    };
    body.split(start).skip(1).map(|rest| without_tags(rest.split(end).next().unwrap())).collect()
}

/// Returns the sentences of the page, the newest first.
fn sentences(visitor: &Visitor) -> Vec<String> {
    let body = visitor.get("/activity").body;
    let list = body.split("<ul class=\"activity\">").nth(1).unwrap_or_default().split("</ul>").next().unwrap();
    texts(list, "<p>", "</p>")
}

fn messages(site: &Site) -> Vec<String> {
    let all = site.send_as("ada", KEY, "GET", "/api/v1/activity", None).shaped().json();
    let message = |line: &Value| line["message"].as_str().unwrap().to_owned();
    all["activity"].as_array().unwrap().iter().map(message).collect()
}

#[test]
fn the_page_says_what_the_api_says() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let empty = ada.get("/activity").body;
    assert!(empty.contains("No device has asked for or sent anything since.") && empty.contains("class=\"address\""));
    let mut body = position("book", "p", 0.5);
    body["metadata"] = json!({ "title": "Emma" });
    site.pushed("ada", KEY, &body);
    for document in ["book", "8718ff0e1f7b1e5f", "book"] {
        site.pulled("ada", KEY, document);
    }
    site.push("ada", KEY, &json!({ "document": "book" })).refused(403, 2003, "Invalid request");
    site.login("ada", OTHER_KEY).unauthorized();
    site.login("ADA", KEY).unauthorized();
    site.pull("grace", KEY, "a book of grace's");
    let said = sentences(&ada);
    // The page has a title in another type instead of quotes.
    let messages: Vec<String> = messages(&site).iter().map(|message| message.replace(['“', '”'], "")).collect();
    let without_quotes: Vec<String> = said.iter().map(|text| text.replace(['“', '”'], "")).collect();
    assert_eq!(without_quotes, messages);
    assert_eq!(said.len(), 6, "{said:?}");
    for (line, text) in said.iter().zip([
        "A client from 127.0.0.1 tried to log in as ADA",
        "A login from 127.0.0.1 failed: the password was wrong (401)",
        "Kobo_nova (by its address) sent a position of Emma, which was refused: its field “percentage” is missing",
        "Kobo_nova (by its address) asked for a position of Emma and got the one that it had sent itself, 50%",
        "Kobo_nova (by its address) asked for a position of 8718ff0e…; none is known under this id.",
        "Kobo_nova sent 50% of Emma. It became the current position.",
    ]) {
        assert!(line.starts_with(text), "{line:?} does not start with {text:?}");
    }
    let page = ada.get("/activity").body;
    assert!(page.contains(&format!("href=\".{}\"", book_path("book"))), "a line leads to its book: {page}");
    assert!(!page.contains("grace"), "{page}");
    let of_grace = Visitor::log_in(site.client, "grace", "password").get("/activity").body;
    assert!(of_grace.contains("a book o…") && !of_grace.contains("Emma") && !of_grace.contains("ADA"), "{of_grace}");
}

#[test]
fn account_and_books_lead_to_the_page() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    assert!(ada.get("/account").body.contains("href=\"./activity\">Why does it not sync?"));
    let book = ada.get(&book_path("book")).body;
    assert!(book.contains("href=\"../activity\">Why does it not sync?"), "{book}");
    // KOReader does not offer it on every device, as the page once said.
    assert!(book.contains("unless you have turned a page on that device since"), "{book}");
    assert!(!book.contains("your devices offer to go there"), "{book}");
}

#[test]
fn an_account_chooses_its_rule_and_sees_the_server_s_default() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let chosen = || {
        let body = ada.get("/account").body;
        let inputs: Vec<String> = body
            .split("name=\"rule\" value=\"")
            .skip(1)
            .map(|rest| rest.split('>').next().unwrap().to_owned())
            .collect();
        assert_eq!(inputs.len(), 4, "{inputs:?}");
        let checked: Vec<String> =
            inputs.iter().filter_map(|input| input.strip_suffix("\" checked")).map(str::to_owned).collect();
        assert!(body.contains("The server’s default (where I read last)"), "{body}");
        checked.join(",")
    };
    assert_eq!(chosen(), "");
    let rule = || site.send_as("ada", KEY, "GET", "/api/v1/account", None).shaped().json()["current_position"].take();
    for (value, shown) in [("furthest", "furthest"), ("last", "last"), ("newest", "newest"), ("", "newest")] {
        let reply = ada.post("/current-position", &[("rule", value)]);
        assert_eq!((reply.status, reply.header("location")), (303, Some("./account")));
        assert!(ada.get("/account").body.contains("It applies from the next position on"));
        assert_eq!((chosen().as_str(), rule()), (value, json!(shown)));
    }
    assert_eq!(ada.post("/current-position", &[("rule", "furthest")]).status, 303);
    let refused = ada.post("/current-position", &[("rule", &percent_encoded("first"))]);
    assert!(refused.status == 400 && refused.body.contains("There is no such choice."), "{refused:?}");
    assert_eq!(chosen(), "furthest", "a refused form changes nothing");
    // Another account has its own.
    let grace = site.send_as("grace", KEY, "GET", "/api/v1/account", None).shaped().json();
    assert_eq!(grace["current_position_is_default"], true);
}

fn push(site: &Site, device: &str, document: &str, percentage: f64) {
    let mut body = position(document, &format!("/p[{percentage}]"), percentage);
    body["device"] = json!(device);
    body["device_id"] = json!(device);
    body["metadata"] = json!({ "title": "Emma" });
    site.pushed("ada", KEY, &body);
}

/// Reads a book to 60 % on the Kobo. The phone is then opened and closed where it had been.
fn phone_at_its_old_place(site: &Site) {
    push(site, "Kobo", "book", 0.2);
    push(site, "Phone", "book", 0.25);
    push(site, "Kobo", "book", 0.6);
    // Its pushes of other books keep these from being one queue.
    push(site, "Phone", "other", 0.5);
    push(site, "Phone", "book", 0.25);
}

/// The forms to put a position back, by the percentage that they name.
fn put_back_labels(body: &str) -> Vec<String> {
    body.split("aria-label=\"Put back ").skip(1).map(|rest| rest.split(" of ").next().unwrap().to_owned()).collect()
}

#[test]
fn the_current_position_offers_no_button_whichever_entry_of_the_history_it_is() {
    let site = site();
    phone_at_its_old_place(&site);
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = ada.get(&book_path("book")).body;
    assert_eq!(put_back_labels(&page), ["25%", "25%", "20%"], "the second entry of four, 60 %, is the current one");
    assert_eq!(page.matches(">Current<").count(), 1);
    // Starting over leaves all of them to be put back.
    let over = ada.post(&format!("{}/start-over", book_path("book")), &[]);
    assert_eq!((over.status, over.header("location")), (303, Some(&*format!("../..{}", book_path("book")))));
    assert_eq!(site.pulled("ada", KEY, "book"), json!({}));
    let page = ada.get(&book_path("book")).body;
    assert_eq!(put_back_labels(&page), ["25%", "60%", "25%", "20%"]);
    assert!(page.contains("This book was started over.") && !page.contains("<button>Start over</button>"), "{page}");
    let sequence = page.split("name=\"sequence\" value=\"").nth(2).unwrap().split('"').next().unwrap();
    assert_eq!(ada.post(&format!("{}/put-back", book_path("book")), &[("sequence", sequence)]).status, 303);
    assert_eq!(site.pulled("ada", KEY, "book")["percentage"], 0.6);
    assert!(ada.get(&book_path("book")).body.contains("<button>Start over</button>"));
}

/// In a real browser: why the place did not change, and putting it back from there; the rule; starting over.
#[test]
fn a_reader_finds_out_why_and_puts_the_position_back() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let site = site();
    phone_at_its_old_place(&site);
    browser.open(&format!("http://{}/login", site.address));
    browser.fill("name", "ada");
    browser.fill("password", "password");
    browser.press_at("main button");
    browser.press("Account");
    browser.press("Why does it not sync?");
    assert_eq!(browser.text("h1"), "Why does it not sync?");
    let expected = "Phone sent 25% of Emma. It had been there before. A device on which nothing was read does not replace another device’s position. The current \
                    position is still the one of Kobo, 60%.";
    assert_eq!(browser.text(".activity p"), expected);
    assert_eq!(browser.texts(".activity button"), ["Put back"]);
    browser.fits("why");
    browser.press("Put back");
    assert_eq!(browser.text("[role=status]"), "Position put back. It is now the current one.");
    assert_eq!(browser.text("h1"), "Emma");
    let pulled = site.pulled("ada", KEY, "book");
    assert_eq!((&pulled["percentage"], &pulled["device"]), (&json!(0.25), &json!("kosync (put back)")));
    browser.press("Start over");
    assert!(browser.text("[role=status]").starts_with("Started over."));
    assert_eq!(site.pulled("ada", KEY, "book"), json!({}));
    browser.press("Why does it not sync?");
    assert!(browser.text(".activity p").ends_with("there is no current position until a device reads on."));
    browser.press("Account");
    browser.press_at_without_page("input[value=furthest]");
    browser.press_at("form[action$=current-position] button");
    assert_eq!(browser.text("[role=status]"), "Saved. It applies from the next position on that a device sends.");
    assert_eq!(browser.attributes("input[name=rule]:checked", "value"), ["furthest"]);
    browser.fits("account");
    push(&site, "Kobo", "other", 0.4);
    browser.open(&format!("http://{}/activity", site.address));
    let expected = "Kobo sent 40% of Emma. That is not further. By this account’s rule the furthest position is the current one. The \
                    current position is still the one of Phone, 50%.";
    assert_eq!(browser.text(".activity p"), expected);
}

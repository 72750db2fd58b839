//! "Why does it not sync?" and the choice of the current position, as a browser sees them.

use serde_json::{Value, json};

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
        "Kobo_nova (by its address) asked for a position of Emma and got the one that it had sent itself, 50 %",
        "Kobo_nova (by its address) asked for a position of 8718ff0e…; none is known under this id.",
        "Kobo_nova sent 50 % of Emma. It became the current position.",
    ]) {
        assert!(line.starts_with(text), "{line:?} does not start with {text:?}");
    }
    let page = ada.get("/activity").body;
    assert!(page.contains(&format!("href=\".{}\"", book_path("book"))), "a line leads to its book: {page}");
    assert!(!page.contains("grace"), "{page}");
    let of_grace = Visitor::log_in(site.client, "grace", "password").get("/activity").body;
    assert!(of_grace.contains("a book …") && !of_grace.contains("Emma") && !of_grace.contains("ADA"), "{of_grace}");
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
        assert_eq!((reply.status, reply.header("location")), (303, Some("./account?done=rule")));
        assert_eq!((chosen().as_str(), rule()), (value, json!(shown)));
    }
    assert!(ada.get("/account?done=rule").body.contains("It holds from the next position on"));
    assert_eq!(ada.post("/current-position", &[("rule", "furthest")]).status, 303);
    let refused = ada.post("/current-position", &[("rule", &percent_encoded("first"))]);
    assert!(refused.status == 400 && refused.body.contains("There is no such choice."), "{refused:?}");
    assert_eq!(chosen(), "furthest", "a refused form changes nothing");
    // Another account has its own.
    let grace = site.send_as("grace", KEY, "GET", "/api/v1/account", None).shaped().json();
    assert_eq!(grace["current_position_is_default"], true);
}

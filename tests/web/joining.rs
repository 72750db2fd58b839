//! "This is the same book as…": suggestions, choosing, one row in the lists, one plot, and parting [I7].

use kosync::store::Transferred;
use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::common::{KEY, Site, position};
use crate::visitor::{Visitor, book_path, site};

fn emma(document: &str, progress: &str, percentage: f64, device: &str) -> Value {
    let mut body = position(document, progress, percentage);
    body["device"] = json!(device);
    body["device_id"] = json!(device);
    body["metadata"] = json!({ "title": "Emma", "authors": "Jane Austen", "filename": format!("{document}.epub") });
    body
}

fn with_two_files() -> Site {
    let site = site();
    site.pushed("ada", KEY, &emma("bought", "/body/p[1]", 0.25, "Kobo"));
    site.pushed("ada", KEY, &emma("converted", "/body/p[7]", 0.425, "Phone"));
    site.pushed("ada", KEY, &position("another", "/body/p[2]", 0.5));
    site
}

fn segment(document: &str) -> String {
    book_path(document).trim_start_matches("/books/").to_owned()
}

/// Returns how often a text is on a page.
#[track_caller]
fn count(visitor: &Visitor, path: &str, text: &str) -> usize {
    let reply = visitor.get(path);
    assert_eq!(reply.status, 200, "{path}: {reply:?}");
    reply.body.matches(text).count()
}

#[test]
fn i7_two_files_are_joined_and_parted_on_the_pages() {
    let site = with_two_files();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = book_path("bought");
    // The other file is suggested, with its reason, and nothing is joined by that.
    assert_eq!(count(&ada, &page, "same title and authors"), 1);
    assert_eq!(count(&ada, &page, "The same book: Emma"), 1);
    assert_eq!(count(&ada, &format!("{page}/join"), "This one: another"), 1);
    assert_eq!(count(&ada, "/books", "<bdi>Emma</bdi>"), 2);

    let joined = ada.post(&format!("{page}/join"), &[("other", &segment("converted"))]);
    assert_eq!((joined.status, joined.header("location").unwrap().ends_with(&page)), (303, true), "{joined:?}");
    assert_eq!(count(&ada, "/books", "<bdi>Emma</bdi>"), 1);
    assert_eq!(count(&ada, "/books", "2 books"), 1);
    assert_eq!(count(&ada, "/", "<bdi>Emma</bdi>"), 1);
    // Either page has both histories in one plot, each device with its mark, and says which files there are.
    for (document, other) in [("bought", "converted"), ("converted", "bought")] {
        let page = book_path(document);
        let plot =
            ada.get(&page).body.split("class=\"plot\"").nth(1).unwrap().split("</ul>").next().unwrap().to_owned();
        for mark in ["c0\"", "c2\""] {
            assert_eq!(plot.matches(mark).count(), 2, "a point, and the legend: {plot}");
        }
        assert_eq!(count(&ada, &page, &format!("Part {other}.epub")), 1);
        assert_eq!(count(&ada, &page, "same title and authors"), 0);
        assert_eq!(count(&ada, &page, ">Current<"), 1);
        assert_eq!(count(&ada, &format!("{page}/join"), "one: Emma"), 0);
    }
    // A position of the other file can be put back.
    let history = ada.get(&page).body;
    let sequence = history.split("name=\"sequence\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(ada.post(&format!("{}/put-back", book_path("converted")), &[("sequence", &sequence)]).status, 303);
    assert_eq!(site.pulled("ada", KEY, "bought")["progress"], "/body/p[1]");
    assert_eq!(count(&ada, &format!("{page}/delete"), "This deletes the file with the ID"), 1);

    let parted = ada.post(&format!("{page}/part"), &[("other", &segment("converted"))]);
    assert_eq!((parted.status, parted.header("location").unwrap().ends_with(&page)), (303, true), "{parted:?}");
    assert_eq!(count(&ada, "/books", "<bdi>Emma</bdi>"), 2);
    assert_eq!(site.pulled("ada", KEY, "converted")["percentage"], 0.425);
}

#[test]
fn i7_forms_that_cannot_be_carried_out_say_why() {
    let site = with_two_files();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = book_path("bought");
    let refused = |path: &str, other: &str, text: &str| {
        let reply = ada.post(&format!("{page}/{path}"), &[("other", other)]);
        assert!(reply.status == 400 && reply.body.contains(text), "{reply:?}");
    };
    refused("join", "", "The other book is missing.");
    refused("join", "!", "The other book is missing.");
    refused("join", &segment("bought"), "This is the book itself.");
    refused("part", &segment("converted"), "These files are no longer joined.");
    // The search finds books to choose from.
    let found = ada.post(&format!("{page}/join"), &[("search", "anoth")]);
    let found = found.header("location").unwrap().trim_start_matches("../..").to_owned();
    assert_eq!(count(&ada, &found, "This one: another"), 1);
    assert_eq!(count(&ada, &found, "All other books"), 1);
}

#[test]
fn i7_a_reader_joins_two_files_in_a_browser() {
    let Some(browser) = Browser::start(Scripts::On) else { return };
    let site = with_two_files();
    browser.open(&format!("http://{}/login", site.address));
    browser.fill("name", "ada");
    browser.fill("password", "password");
    browser.press_at("main button");
    browser.press("My books");
    browser.press("another");
    // By the list of all books, then by a suggestion.
    browser.press("This is the same book as…");
    assert_eq!(browser.text("h1"), "The same book as…");
    browser.fill("search", "emma");
    browser.press("Search");
    browser.press_at("section:last-of-type ul li:last-child button");
    assert!(browser.text("[role=status]").starts_with("Joined."));
    browser.press_at("button[aria-label='The same book: Emma']");
    assert!(browser.text("[role=status]").starts_with("Joined."));
    assert_eq!(browser.attributes(".plot .points path", "class").len(), 3);
    browser.press("My books");
    assert_eq!(browser.texts(".books .title"), ["Emma"]);
    browser.press_at(".books a");
    browser.press_at("button[aria-label='Part bought.epub']");
    assert!(browser.text("[role=status]").starts_with("Parted."));
    browser.press("My books");
    assert_eq!(browser.texts(".books .title").len(), 2);
}

/// After KOReader's document matching method changed, each book of an account exists twice. That is more than a list of
/// suggestions has.
#[test]
fn i6_each_book_has_its_suggestion_on_its_page_however_many_there_are() {
    let site = site();
    let document = |half: char, number: usize| {
        let record = json!({
            "account": "ada", "document": format!("{half}{number:03}"),
            "metadata": { "title": format!("Book {number}"), "authors": "Jane Austen" },
            "history": [{ "progress": "p", "percentage": 0.5, "device": "Kobo", "timestamp": 1 }],
        });
        Transferred::Document(serde_json::from_value(record).unwrap())
    };
    let records = ['a', 'b'].into_iter().flat_map(|half| (0..120).map(move |number| document(half, number))).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(site.server.store().import_batch(records)).unwrap();
    let ada = Visitor::log_in(site.client, "ada", "password");
    for (page, other) in [("a000", "b000"), ("a119", "b119"), ("b119", "a119")] {
        for path in [book_path(page), format!("{}/join", book_path(page))] {
            assert_eq!(count(&ada, &path, "same title and authors"), 1, "{path}");
            assert!(count(&ada, &path, &format!("value=\"{}\"", segment(other))) >= 1, "{path}");
        }
    }
}

/// A device asked for an id that no device had pushed. Another device pushed a book.
#[test]
fn i7_the_page_of_requests_joins_an_id_that_was_asked_for_in_vain() {
    let site = site();
    let send = |agent: &str, method: &str, path: &str, body: Option<&Value>| {
        let headers: [(&str, &[u8]); 3] =
            [("x-auth-user", b"ada"), ("x-auth-key", KEY.as_bytes()), ("user-agent", agent.as_bytes())];
        let reply = site.send(method, path, &headers, body.map(Value::to_string).as_deref());
        assert_eq!(reply.status, 200, "{reply:?}");
    };
    send("KOReader/1", "PUT", "/syncs/progress", Some(&emma("bought", "/body/p[3]", 0.6, "Kobo")));
    send("Readest/1", "PUT", "/syncs/progress", Some(&emma("another", "/body/p[1]", 0.1, "Phone")));
    send("Readest/1", "GET", "/syncs/progress/converted", None);
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = ada.get("/activity").body;
    let form = page.split("<form").find(|form| form.contains("They are one book")).expect("a form");
    let attribute = |name: &str| form.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap();
    let action = format!("{}/join", book_path("bought"));
    assert!(attribute("action").ends_with(&action), "{form}");
    assert_eq!(ada.post(&action, &[("other", attribute("value"))]).status, 303);
    assert_eq!(site.pulled("ada", KEY, "converted")["percentage"], 0.6);
    assert_eq!(count(&ada, "/activity", "They are one book"), 0, "it is said already");
}

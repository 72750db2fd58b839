//! The list of books, naming many, shelves, devices, and long histories: each flow in two languages.

use serde_json::{Value, json};

use crate::common::{KEY, Reply, Site};
use crate::visitor::{Visitor, book_path, site};

/// What every page keeps to, in bytes.
const PAGE_MAX: usize = 60_000;

fn push(site: &Site, document: &str, about: Value, percentage: f64, device: &str) {
    let body = json!({ "document": document, "progress": "p", "percentage": percentage, "device": device,
        "device_id": device, "metadata": about });
    site.pushed("ada", KEY, &body);
}

fn library() -> (Site, Visitor) {
    let site = site();
    push(&site, "godel", json!({ "title": "Gödel, Escher, Bach", "authors": "Douglas Hofstadter" }), 0.5, "Kobo");
    push(&site, "emma", json!({ "title": "“Emma”", "authors": "Jane Austen" }), 0.25, "Kobo");
    push(&site, "walden", json!({ "title": "walden", "authors": "Ägidius Thoreau" }), 1.0, "Phone");
    push(&site, "0123456789abcdef", json!({}), 0.75, "Phone");
    let ada = Visitor::log_in(site.client, "ada", "password");
    (site, ada)
}

fn speak(visitor: &Visitor, language: &str) {
    assert_eq!(visitor.post("/preferences", &[("language", language)]).status, 303);
}

/// Returns the page that a form redirects to.
#[track_caller]
fn follow(visitor: &Visitor, reply: &Reply) -> String {
    assert_eq!(reply.status, 303, "{reply:?}");
    let location = reply.header("location").unwrap().trim_start_matches("../").trim_start_matches("./");
    visitor.get(&format!("/{location}")).body
}

/// Returns the titles of the list on a page.
fn titles(page: &str) -> Vec<String> {
    let list = page.split("<ol class=\"books").nth(1).unwrap_or_default().split("</ol>").next().unwrap();
    let titles = list.split("<span class=\"title").skip(1);
    titles.map(|rest| rest.split("<bdi>").nth(1).unwrap().split("</bdi>").next().unwrap().to_owned()).collect()
}

#[track_caller]
fn assert_titles(visitor: &Visitor, path: &str, expected: &[&str]) {
    let page = visitor.get(path).body;
    assert_eq!(titles(&page), expected, "{path}: {page}");
}

const GODEL: &str = "Gödel, Escher, Bach";

#[test]
fn the_list_is_sorted_and_filtered_by_its_address() {
    let (site, ada) = library();
    assert_titles(&ada, "/books", &["0123456789abcdef", "walden", "“Emma”", GODEL]);
    assert_titles(&ada, "/books?sort=title", &["“Emma”", GODEL, "walden", "0123456789abcdef"]);
    assert_titles(&ada, "/books?sort=author", &["walden", GODEL, "“Emma”", "0123456789abcdef"]);
    assert_titles(&ada, "/books?sort=progress", &["walden", "0123456789abcdef", GODEL, "“Emma”"]);
    assert_titles(&ada, "/books?sort=finished", &["walden", "0123456789abcdef", "“Emma”", GODEL]);
    assert_titles(&ada, "/books?shelf=finished", &["walden"]);
    assert_titles(&ada, "/books?shelf=reading&sort=title", &["“Emma”", GODEL, "0123456789abcdef"]);
    assert_titles(&ada, "/books?unnamed=yes", &["0123456789abcdef"]);
    // What is not there counts as not asked for.
    assert_titles(
        &ada,
        "/books?sort=x&shelf=y&device=z&unnamed=no&page=0",
        &["0123456789abcdef", "walden", "“Emma”", GODEL],
    );
    let page = ada.get("/devices").body;
    let kobo = page.split_once("Kobo").unwrap().1.split("books?device=").nth(1).unwrap().split('"').next().unwrap();
    assert_titles(&ada, &format!("/books?device={kobo}"), &["“Emma”", GODEL]);
    // The number beside a device is that of the books that its link finds, whichever device was the last one there.
    push(&site, "emma", json!({ "title": "“Emma”", "authors": "Jane Austen" }), 0.3, "Phone");
    let devices = ada.get("/devices").body;
    for (device, expected) in [("Kobo", &["“Emma”", GODEL][..]), ("Phone", &["“Emma”", "0123456789abcdef", "walden"])]
    {
        let row = devices.split("<li>").find(|row| row.contains(&format!(">{device}</bdi></h2>"))).unwrap();
        let link = row.split("books?device=").nth(1).unwrap();
        assert!(link[34..].starts_with(&format!("{} books<", expected.len())), "{link}");
        assert_titles(&ada, &format!("/books?device={}", &link[..32]), expected);
    }
    assert_titles(&ada, &format!("/books?device={}", "0".repeat(32)), &[]);
    for (language, sorted, found) in
        [("en", "4 books, by title", "1 book found."), ("de", "4 Bücher, nach Titel", "1 Buch gefunden.")]
    {
        speak(&ada, language);
        let page = ada.get("/books?sort=title").body;
        assert!(page.contains(sorted) && page.contains("<option value=\"title\" selected>"), "{page}");
        assert!(ada.get("/books?shelf=finished").body.contains(found));
    }
}

/// No log of a proxy has the words of a search as they were typed. They travel in a form's body, and encoded in the
/// address.
#[test]
fn a_search_ignores_accents_and_keeps_the_order_and_the_filters() {
    let (_site, ada) = library();
    for (language, words) in [("en", "2 books found"), ("nl", "2 boeken gevonden")] {
        speak(&ada, language);
        let reply = ada.post("/books", &[("search", "ú"), ("sort", "title"), ("shelf", "reading")]);
        let location = reply.header("location").unwrap().to_owned();
        assert!(location.ends_with("&sort=title&shelf=reading") && !location.contains('%'), "{location}");
        let page = follow(&ada, &reply);
        assert_eq!(titles(&page), ["“Emma”", GODEL], "{page}");
        assert!(page.contains(words) && page.contains("value=\"ú\""), "{page}");
    }
    for (search, expected) in [("godel", GODEL), ("AGIDIUS", "walden"), ("0123", "0123456789abcdef")] {
        assert_eq!(titles(&follow(&ada, &ada.post("/books", &[("search", search)]))), [expected]);
    }
    // A renamed book is found by its own title, too.
    assert_eq!(ada.post(&format!("{}/rename", book_path("emma")), &[("name", "Book club")]).status, 303);
    assert_eq!(titles(&follow(&ada, &ada.post("/books", &[("search", "emma")]))), ["Book club"]);
}

#[test]
fn many_books_are_named_at_once_and_what_failed_stays_as_it_was_typed() {
    let site = site();
    for number in 0..3 {
        push(&site, &format!("{number}"), json!({}), 0.5, "Kobo");
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    let field = |document: &str| format!("name-{}", &book_path(document)["/books/".len()..]);
    assert!(ada.get("/books").body.contains("3 books have no name: name them"));
    for (language, reason, saved) in [
        ("es", "tiene más de 1024 bytes", "1 nombre se guardó"),
        ("en", "it is longer than 1,024 bytes", "1 name was saved."),
    ] {
        speak(&ada, language);
        let long = "é".repeat(513);
        let good = if language == "es" { "0" } else { "1" };
        let fields = [(field(good), "Persuasion".to_owned()), (field("2"), long.clone())];
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (&**name, &**value)).collect();
        let reply = ada.post("/unnamed", &fields);
        assert_eq!(reply.status, 400);
        for text in [reason, saved, &format!("value=\"{long}\""), "aria-invalid=\"true\""] {
            assert!(reply.body.contains(text), "{text}: {}", reply.body);
        }
        assert_eq!(
            site.send_as("ada", KEY, "GET", &format!("/api/v1/documents/{good}"), None).json()["name"],
            "Persuasion"
        );
    }
    let page = follow(&ada, &ada.post("/unnamed", &[(&field("2"), "Sanditon"), (&field("none"), " ")]));
    assert!(page.contains("Names saved.") && page.contains("Every book has a name."), "{page}");
    // Another tab still has the fields: what is typed there for books that have a name, or are gone, is not lost without a word.
    let late = ada.post("/unnamed", &[(&field("0"), "late\u{1}"), (&field("none"), "Emma")]);
    assert_eq!(late.status, 400, "{late:?}");
    assert!(late.body.contains(&format!("<a href=\"#{}\">", field("0"))), "{late:?}");
    assert!(late.body.contains("value=\"late\u{fffd}\"") && !late.body.contains("href=\"#name-bm9uZQ\""), "{late:?}");
    assert!(late.body.contains("<p>The name was not saved: the book was deleted meanwhile.</p>"), "{late:?}");
}

#[test]
fn a_book_is_moved_finished_on_a_date_and_hidden() {
    let (_site, ada) = library();
    let page = book_path("emma");
    let shelf = |fields: &[(&str, &str)]| follow(&ada, &ada.post(&format!("{page}/shelf"), fields));
    let moved = shelf(&[("to", "aside")]);
    assert!(moved.contains("<strong>Set aside</strong>") && moved.contains("Let its positions decide"), "{moved}");
    assert_titles(&ada, "/books?shelf=aside", &["“Emma”"]);
    for (language, date) in [("fr", "terminé le 1er mars 2026"), ("en", "finished on 1 March 2026")] {
        speak(&ada, language);
        let finished = shelf(&[("to", "finished"), ("date", "2026-03-01")]);
        assert!(finished.contains(date), "{finished}");
    }
    assert_titles(&ada, "/books?shelf=finished&sort=finished", &["walden", "“Emma”"]);
    for date in ["", "yesterday", "2999-01-01", "2026-02-30"] {
        let reply = ada.post(&format!("{page}/shelf"), &[("to", "finished"), ("date", date)]);
        assert!(reply.status == 400 && reply.body.contains("no later than today"), "{date}: {reply:?}");
    }
    assert!(shelf(&[("to", "auto")]).contains("<strong>Reading now</strong>"));
    let hidden = follow(&ada, &ada.post(&format!("{page}/hidden"), &[("hidden", "yes")]));
    assert!(hidden.contains("Show in lists"), "{hidden}");
    assert_titles(&ada, "/books", &["0123456789abcdef", "walden", GODEL]);
    assert_titles(&ada, "/books?shelf=hidden", &["“Emma”"]);
    for shelf in ["reading", "aside", "finished"] {
        let listed = ada.get(&format!("/books?shelf={shelf}")).body;
        assert!(!listed.contains("Emma"), "{shelf}: {listed}");
    }
    follow(&ada, &ada.post(&format!("{page}/hidden"), &[("hidden", "no")]));
    assert_eq!(titles(&ada.get("/books").body).len(), 4);
    // Deleting says what goes and what stays.
    let delete = ada.get(&format!("{}/delete", book_path("walden"))).body;
    for text in ["1 position of its history", "That you finished a book", "1 day on which you read it"] {
        assert!(delete.contains(text), "{text}: {delete}");
    }
}

/// A hidden book is in no list but that of hidden ones. This holds for naming and joining, and beside devices.
#[test]
fn a_hidden_book_is_in_no_list_but_that_of_hidden_ones() {
    let (site, ada) = library();
    push(&site, "copy", json!({ "title": "“Emma”", "authors": "Jane Austen" }), 0.3, "Phone");
    push(&site, "fedcba9876543210", json!({}), 0.75, "Tablet");
    let hide = |document: &str, hidden: &str| {
        assert_eq!(ada.post(&format!("{}/hidden", book_path(document)), &[("hidden", hidden)]).status, 303);
    };
    let emma = book_path("emma");
    assert!(ada.get(&emma).body.contains("The same book: “Emma”"));
    assert!(ada.get("/books").body.contains("2 books have no name: name them"));
    for document in ["copy", "0123456789abcdef", "fedcba9876543210"] {
        hide(document, "yes");
    }
    let list = ada.get("/books").body;
    assert!(!list.contains("no name") && list.contains("3 books are hidden"), "{list}");
    assert!(ada.get("/unnamed").body.contains("Every book has a name."));
    assert!(!ada.get(&emma).body.contains("The same book: “Emma”"));
    let join = ada.get(&format!("{emma}/join")).body;
    assert_eq!(join.matches("<button type=\"submit\" name=\"other\"").count(), 2, "{join}");
    assert!(join.contains(GODEL) && join.contains("walden") && !join.contains("0123456789abcdef"), "{join}");
    let devices = ada.get("/devices").body;
    assert!(devices.contains(">Tablet</bdi>") && !devices.contains("fedcba9876543210"), "{devices}");
    // Each number of books is that of the list to which it leads.
    let links: Vec<&str> = devices.split("books?device=").skip(1).collect();
    let numbers = links.iter().map(|link| {
        let (key, text) = link.split('<').next().unwrap().split_once("\">").unwrap();
        let list = ada.get(&format!("/books?device={key}")).body;
        assert!(list.contains(&format!("{text} found.")), "{text}: {list}");
        text
    });
    assert!(numbers.collect::<Vec<_>>().contains(&"0 books"), "all that the tablet has are hidden: {devices}");
    // From its own page, a copy that was hidden can be joined.
    assert!(ada.get(&book_path("copy")).body.contains("The same book: “Emma”"));
    hide("fedcba9876543210", "no");
    assert!(ada.get("/books").body.contains("1 book has no name: name it"));
    assert!(ada.get("/devices").body.contains("fedcba9876543210"));
}

#[test]
fn a_device_is_named_and_forgotten_and_its_mark_stays_the_same() {
    let (site, ada) = library();
    // Of a page, the mark beside each name of a device.
    let mark = |page: &str, name: &str| {
        let before = page.split(&format!(">{name}</bdi>")).next().unwrap().rsplit("class=\"point ").next().unwrap();
        before.split('"').next().unwrap().to_owned()
    };
    let (list, book) = (ada.get("/books").body, ada.get(&book_path("walden")).body);
    assert_eq!((mark(&list, "Kobo"), mark(&list, "Phone")), ("c0".to_owned(), "c1".to_owned()));
    assert_eq!(mark(&book, "Phone"), "c1");
    let devices = ada.get("/devices").body;
    let action = |devices: &str, name: &str, form: &str| {
        let row = devices.split("<li>").find(|row| row.contains(&format!(">{name}</bdi></h2>"))).unwrap();
        let end = row.split(&format!("/{form}\"")).next().unwrap();
        format!("/devices/{}/{form}", end.rsplit('/').next().unwrap())
    };
    let name = action(&devices, "Kobo", "name");
    for (language, too_long) in [("de", "länger als 64 Zeichen"), ("en", "longer than 64 characters")] {
        speak(&ada, language);
        let reply = ada.post(&name, &[("name", &"x".repeat(65))]);
        assert!(
            reply.status == 400 && reply.body.contains(too_long) && reply.body.contains(&"x".repeat(65)),
            "{reply:?}"
        );
    }
    let named = follow(&ada, &ada.post(&name, &[("name", "Kobo in the kitchen")]));
    assert!(named.contains("calls itself <bdi>Kobo</bdi>"), "{named}");
    for path in ["/books".to_owned(), book_path("emma"), "/devices".to_owned()] {
        assert_eq!(mark(&ada.get(&path).body, "Kobo in the kitchen"), "c0", "{path}");
    }
    let forgotten = follow(&ada, &ada.post(&action(&named, "Phone", "forget"), &[]));
    assert!(!forgotten.contains(">Phone</bdi>") && forgotten.contains("1 device,"), "{forgotten}");
    assert_eq!(mark(&ada.get(&book_path("walden")).body, "Phone"), "c1", "its positions keep their mark");
    push(&site, "walden", json!({}), 0.3, "Phone");
    assert_eq!(mark(&ada.get("/devices").body, "Phone"), "c1", "it is back");
    // Another account has no such device.
    let grace = Visitor::log_in(site.client, "grace", "password");
    assert_eq!(grace.post(&name, &[("name", "mine")]).status, 404);
}

#[test]
fn a_long_history_is_folded_and_has_pages_of_its_own() {
    let site = site();
    for number in 0..120 {
        push(&site, "book", json!({ "title": "Emma" }), f64::from(number) / 200.0, "Kobo");
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    for (language, earlier, all) in
        [("en", "18 earlier positions", "All 120 positions"), ("de", "18 frühere Positionen", "Alle 120 Positionen")]
    {
        speak(&ada, language);
        let page = ada.get(&book_path("book")).body;
        let (newest, folded) = page.split_once("<details class=\"earlier\">").unwrap();
        assert_eq!((newest.matches("class=\"when\"").count(), folded.matches("class=\"when\"").count()), (5, 18));
        assert!(folded.contains(earlier) && folded.contains(all), "{page}");
        assert!(page.len() < PAGE_MAX, "{} bytes", page.len());
    }
    let history = format!("{}/history", book_path("book"));
    let count = |page: &str| page.matches("class=\"when\"").count();
    assert_eq!([1, 2, 3].map(|page| count(&ada.get(&format!("{history}?page={page}")).body)), [50, 50, 20]);
}

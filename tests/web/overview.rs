//! Tests the overview, days, months and years of reading, as pages and as pictures. Also tests the yearly goal.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::browser::{Browser, Scripts};
use crate::common::reading::EMMA;
use crate::common::{KEY, Site, position};
use crate::visitor::{PAGES, Page, Reader, Visitor, book_path};

/// What every page keeps to, in bytes.
const PAGE_MAX: usize = 60_000;
const DAY: u64 = 24 * 60 * 60;
/// 2023-11-12 12:00 UTC.
const NOON: u64 = 1_699_790_400;
const HASH: &str = "ce3c380e7ab0a56e48d8ffb32cea8a3d";

fn book(id: &str, title: Option<&str>, history: &[(u64, f64, &str)]) -> Value {
    let position = |(timestamp, percentage, device): &(u64, f64, &str)| json!({ "progress": "p", "percentage": percentage, "device": device, "device_id": device, "timestamp": timestamp });
    let history: Vec<Value> = history.iter().map(position).collect();
    let metadata = title.map_or_else(|| json!({}), |title| json!({ "title": title, "authors": "Jane Austen" }));
    json!({ "account": "ada", "document": id, "history": history, "metadata": metadata })
}

/// Imports books into the account `ada` of a running server.
fn import(dir: &Path, books: &[Value]) {
    let mut lines = vec![json!({ "kosync_export": { "format": 1 } })];
    lines.extend(books.iter().map(|book| json!({ "document": book })));
    lines.push(json!({ "end": { "accounts": 0, "documents": books.len() } }));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let file = dir.join("export.jsonl");
    std::fs::write(&file, text).unwrap();
    let mut import = Command::new(env!("CARGO_BIN_EXE_kosync"));
    import.arg("--data-dir").arg(dir).args(["import", "--merge", "ada"]).arg(&file).stdout(Stdio::null());
    assert!(import.status().unwrap().success());
}

/// Starts a server on which `ada` has read `books`, and `grace` nothing.
fn site_with(books: &[Value]) -> (tempfile::TempDir, Site, Visitor) {
    let dir = tempfile::tempdir().unwrap();
    let site = Site::with(|builder| builder.data_dir(dir.path()));
    site.registered("ada", KEY);
    site.registered("grace", KEY);
    if !books.is_empty() {
        import(dir.path(), books);
    }
    let ada = Visitor::log_in(site.client, "ada", "password");
    (dir, site, ada)
}

fn two_books() -> Vec<Value> {
    let emma = [
        (NOON, 0.05, "Kobo"),
        (NOON + DAY, 0.25, "Kobo"),
        (NOON + 2 * DAY, 0.6, "Kindle"),
        (NOON + 8 * DAY, 0.99, "Kobo"),
    ];
    let hash = [(NOON + 20 * DAY, 0.05, "Kobo"), (NOON + 21 * DAY, 1.0, "Kobo")];
    vec![book("emma", Some("Emma"), &emma), book(HASH, None, &hash)]
}

#[track_caller]
fn assert_has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    assert!(page.len() < PAGE_MAX, "{} bytes", page.len());
}

/// Returns the page without tags, each run of white space as one blank.
fn text(page: &str) -> String {
    let body = page.split("<main").nth(1).unwrap_or(page);
    let text: String =
        body.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text)).collect::<Vec<_>>().join(" ");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_year_is_counted_from_the_positions_of_its_days() {
    let (_dir, _site, ada) = site_with(&two_books());
    let page = ada.get("/year/2023").body;
    assert_has(&page, &["<h1>Your year 2023</h1>", "href=\"../month/2023-11\"", "href=\"../year/2023.svg\">"]);
    assert_has(
        &text(&page),
        &[
            "Finished in 2023 2 and 2 books’ worth read",
            "Days read in 2023 6 of 365 days",
            "Longest run of days 3",
            "You read on 6 days in 2023.",
            "Nov 4 days 1 book",
            "Kobo 82% Kindle 18%",
            "Each device’s share of the progress of 2023.",
            "Emma by Jane Austen 20 Nov read in 4 days",
            "Your day ends at 4:00",
        ],
    );
    let bars: Vec<&str> = page.split("<li><span class=\"count\">").skip(1).collect();
    assert_eq!(bars.len(), 12);
    assert!(bars[10].starts_with('1') && bars[11].starts_with('1') && bars[9].contains(">0<"), "{bars:?}");
    assert!(!page.contains("style=") && !page.contains("NaN"));
}

/// Books may have been read before their reader had this server.
#[test]
fn a_year_without_positions_has_a_page_if_a_book_was_finished_in_it() {
    let (_dir, _site, ada) = site_with(&two_books());
    let shelf = format!("{}/shelf", book_path("emma"));
    assert_eq!(ada.post(&shelf, &[("to", "finished"), ("date", "2019-05-01")]).status, 303);
    assert!(ada.get("/").body.contains("href=\"./year/2019\""));
    let page = ada.get("/year/2019").body;
    assert_has(&page, &["href=\"../year/2019\" aria-current=\"page\"", "href=\"../year/2023\""]);
    assert_has(&text(&page), &["Finished in 2019 1", "Emma by Jane Austen 1 May"]);
}

/// The number on top counts all finished books. The covers below it add up to that.
#[test]
fn the_wall_says_how_many_books_count_that_it_does_not_show() {
    let ids = ["one", "two", "three"].map(|id| format!("{id} of three books"));
    let history = [(NOON, 0.05, "Kobo"), (NOON + DAY, 1.0, "Kobo")];
    let books: Vec<Value> = ids.iter().map(|id| book(id, Some(id), &history)).collect();
    let (_dir, _site, ada) = site_with(&books);
    assert!(!ada.get("/year/2023").body.contains("not shown:"));
    assert_eq!(ada.post(&format!("{}/hidden", book_path(&ids[0])), &[("hidden", "yes")]).status, 303);
    assert_eq!(ada.post(&format!("{}/delete", book_path(&ids[1])), &[]).status, 303);
    for path in ["/", "/year/2023"] {
        let page = ada.get(path).body;
        let shown = "three of three books by Jane Austen 13 Nov read in 2 days";
        assert_has(&text(&page), &[shown, "2 more count, but are not shown"]);
        assert!(!page.contains("and 2 more") && !page.contains(&ids[0]), "{page}");
    }
    assert_has(&text(&ada.get("/year/2023").body), &["Finished in 2023 3 and 3 books’ worth read"]);
    let list = ada.get("/books").body;
    assert!(list.contains("books?shelf=hidden\">1 book is hidden: show it</a>"), "{list}");
    assert!(ada.get("/books?shelf=hidden").body.contains(&ids[0]));
    // Without any cover, it says so, too.
    assert_eq!(ada.post(&format!("{}/delete", book_path(&ids[2])), &[]).status, 303);
    assert_has(&text(&ada.get("/year/2023").body), &["Finished in 2023 3 more count, but are not shown"]);
}

/// The shares of a year add up to all that was read in it: also that on devices that were forgotten, and in deleted books.
#[test]
fn shares_of_devices_add_up_to_what_was_read() {
    let history = |device| [(NOON, 0.0, device), (NOON + DAY, 0.495, device)];
    let books = [
        book("one", Some("One"), &history("Kobo")),
        book("two", Some("Two"), &[(NOON, 0.0, "Kindle"), (NOON + DAY, 0.49, "Kindle")]),
        book("three", Some("Three"), &[(NOON, 0.0, "Phone"), (NOON + DAY, 0.01, "Phone")]),
        book("four", Some("Four"), &[(NOON, 0.0, "Kobo"), (NOON + DAY, 1.0, "Kobo")]),
    ];
    let (_dir, _site, ada) = site_with(&books);
    let shares = |ada: &Visitor| {
        let page = text(&ada.get("/year/2023").body);
        page.split("Where you read ").nth(1).unwrap().split(" Each device").next().unwrap().to_owned()
    };
    assert_eq!(shares(&ada), "Kobo 75% Kindle 25% Phone 0.5%");
    assert_eq!(ada.post(&format!("{}/delete", book_path("four")), &[]).status, 303);
    let rest = "Other devices and deleted books 50%";
    assert_eq!(shares(&ada), format!("Kobo 25% Kindle 25% Phone 0.5% {rest}"));
    let devices = ada.get("/devices").body;
    let row = devices.split("<li>").find(|row| row.contains(">Kindle</bdi>")).unwrap();
    let forget = row.split("action=\"./").nth(2).unwrap().split('"').next().unwrap();
    assert_eq!(ada.post(&format!("/{forget}"), &[]).status, 303);
    assert_eq!(shares(&ada), "Kobo 25% Phone 0.5% Other devices and deleted books 75%");
}

/// The page of a day with many books shows those that were read most. It counts the others.
#[test]
fn a_day_with_many_books_says_how_many_more_there_are() {
    let books: Vec<Value> = (0..23)
        .map(|number| {
            let end = f64::from(number + 10) / 100.0;
            let title = format!("Title {number}");
            book(&format!("b{number}"), Some(&title), &[(NOON - DAY, 0.0, "Kobo"), (NOON, end, "Kobo")])
        })
        .collect();
    let (_dir, _site, ada) = site_with(&books);
    let page = ada.get("/day/2023-11-12").body;
    assert_eq!(page.matches("class=\"title").count(), 20);
    assert!(page.contains(">Title 22<") && !page.contains(">Title 2<"), "{page}");
    assert!(page.contains("and 3 more") && !page.contains("hidden, or"), "{page}");
    assert_eq!(ada.post(&format!("{}/hidden", book_path("b22")), &[("hidden", "yes")]).status, 303);
    let page = ada.get("/day/2023-11-12").body;
    assert!(page.contains("and 2 more") && page.contains("The rest was read in books that you have hidden"), "{page}");
}

#[test]
fn the_pages_speak_the_account_s_language() {
    let (_dir, _site, ada) = site_with(&two_books());
    assert_eq!(ada.post("/preferences", &[("language", "de")]).status, 303);
    let page = ada.get("/year/2023").body;
    assert_has(
        &text(&page),
        &[
            "Dein Jahr 2023",
            "2023 beendet 2 und dem Umfang nach 2 Bücher gelesen",
            "2023 hast du an 6 Tagen gelesen.",
            "Kobo 82 %",
            "Emma von Jane Austen 20.",
        ],
    );
    assert_has(
        &text(&ada.get("/day/2023-11-14").body),
        &["14. November 2023", "35 % eines Buches", "von 25 % bis 60 %"],
    );
    assert_has(&text(&ada.get("/month/2023-11").body), &["November 2023 4 Tage", "12. Nov. 5 % eines Buches"]);
    assert_has(&text(&ada.get("/").body), &["Dein Jahr, Tag für Tag", "Beendet nach Monat"]);
    assert_has(&ada.get("/year/2023.svg").body, &["xml:lang=\"de\"", "Ein Lesejahr", "Bücher beendet"]);
}

#[test]
fn a_day_shows_what_was_read_from_where_to_where() {
    let (_dir, site, ada) = site_with(&two_books());
    let page = ada.get("/day/2023-11-14").body;
    assert_has(&page, &["<h1>14 November 2023</h1>", &format!("href=\"..{}\"", book_path("emma"))]);
    assert_has(&text(&page), &["35% of a book", "Emma Jane Austen from 25% to 60% Kindle"]);
    // The days before and after it with reading, and its month.
    for link in ["../day/2023-11-13", "../day/2023-11-20", "../month/2023-11"] {
        assert!(page.contains(&format!("href=\"{link}\"")), "{link}: {page}");
    }
    let empty = ada.get("/day/2023-11-15").body;
    assert_has(&text(&empty), &["Your devices reported no reading on this day"]);
    assert_has(&text(&ada.get("/day/9000-01-01").body), &["This day is still to come."]);
    // Another account has read nothing on it, and is told so.
    let grace = Visitor::log_in(site.client, "grace", "password");
    let hers = grace.get("/day/2023-11-14").body;
    assert_has(&text(&hers), &["Your devices reported no reading on this day"]);
    assert!(!hers.contains("Emma"));
    assert!(!grace.get("/year/2023").body.contains("Emma") && !grace.get("/year/2023.svg").body.contains("Emma"));
    for path in
        ["/day/2023-11-31", "/day/x", "/day/2023-1-1", "/month/2023-13", "/month/2023", "/year/20", "/year/x.svg"]
    {
        assert_eq!(ada.get(path).status, 404, "{path}");
    }
    assert_eq!(Visitor::anonymous(site.client).get("/day/2023-11-14").status, 303);
    assert_eq!(Visitor::anonymous(site.client).get("/year/2023.svg").status, 303);
}

#[test]
fn a_month_lists_its_days_for_who_cannot_point_at_squares() {
    let (_dir, _site, ada) = site_with(&two_books());
    let page = ada.get("/month/2023-11").body;
    assert_eq!(page.matches("href=\"../day/2023-11-").count(), 4);
    assert_has(
        &text(&page),
        &["November 2023", "4 days · 99% of a book", "12 Nov 5% of a book 13 Nov 20% of a book 14 Nov 35% of a book"],
    );
    assert!(page.contains("href=\"../month/2023-12\"") && page.contains("href=\"../year/2023\""), "{page}");
    // A year that is still to come has no page. An import from a server with a wrong clock leads to its months.
    let to_come = ada.get("/month/9000-01").body;
    assert!(to_come.contains("href=\"../month/2023-12\"") && !to_come.contains("/year/9000"), "{to_come}");
    assert_has(&text(&ada.get("/month/2023-10").body), &["Your devices reported no reading in this month"]);
}

/// A picture that others open: well-formed whatever the titles are, and without scripts, styles, fonts or addresses.
#[test]
fn the_picture_of_a_year_is_one_safe_file() {
    let mut books = two_books();
    for (index, title) in
        ["<script>alert(1)</script>", "a\u{1}b\u{b}c ]]> &amp; \"", "吾輩は猫である", "موسم الهجرة"].iter().enumerate()
    {
        let end = NOON + 30 * DAY;
        books.push(book(&format!("b{index}"), Some(title), &[(end - DAY, 0.5, "Kobo"), (end, 1.0, "Kobo")]));
    }
    let (_dir, _site, ada) = site_with(&books);
    let picture = ada.get("/year/2023.svg");
    assert_eq!((picture.status, picture.header("content-type")), (200, Some("image/svg+xml; charset=utf-8")));
    let svg = picture.body;
    assert_well_formed(&svg);
    for foreign in ["<script", "<style", "style=", "href", "url(", "@import", "<image", "<foreignObject", "onload"] {
        assert!(!svg.contains(foreign), "{foreign}: {svg}");
    }
    assert_eq!(svg.matches("http").count(), 1, "the name space alone");
    assert_has(
        &svg,
        &[">2023</text>", "A year of reading", ">ada</text>", ">Emma</text>", ">吾輩は猫で", "books finished"],
    );
    let head = ada.client.send("HEAD", "/year/2023.svg", &[("cookie", ada.cookie.as_bytes())], None);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

/// Asserts that tags are nested, and that XML allows every character.
#[track_caller]
fn assert_well_formed(xml: &str) {
    let allowed = |c: char| matches!(c, '\n' | '\t' | '\r') || (c >= ' ' && !matches!(c, '\u{fffe}' | '\u{ffff}'));
    assert!(xml.chars().all(allowed), "{xml:?}");
    let mut open = Vec::new();
    let mut parts = xml.split('<');
    assert_eq!(parts.next(), Some(""));
    for part in parts {
        let (tag, text) = part.split_once('>').unwrap_or_else(|| panic!("{part}"));
        let name = tag.split([' ', '\n', '/']).find(|name| !name.is_empty()).unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "{tag}");
        } else if !tag.ends_with('/') {
            open.push(name);
        }
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        for entity in text.split('&').skip(1).chain(tag.split('&').skip(1)) {
            let name = entity.split(';').next().unwrap();
            let is_number =
                name.strip_prefix('#').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
            assert!(is_number || ["lt", "gt", "amp", "quot", "apos"].contains(&name), "{name}");
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_push_of_today_is_on_the_overview() {
    let (_dir, site, ada) = site_with(&[]);
    assert!(ada.get("/").body.contains("No books yet"));
    site.pushed("ada", KEY, &position("book", "p", 0.05));
    site.pushed("ada", KEY, &position("book", "q", 0.25));
    let page = ada.get("/").body;
    assert_has(
        &text(&page),
        &[
            "Go on reading",
            "Reading now 1 opened in the last 45 days",
            "Days in a row 1 longest run: 1",
            "Weeks in a row 1 longest run: 1",
            "You read on 1 day in the last twelve months.",
            "25% · just now",
        ],
    );
    assert!(!page.contains("at this pace"), "one day makes no pace");
    // The day, its month and the year are linked.
    let day = page.split("href=\"day/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(
        page.contains(&format!("href=\"./month/{}\"", &day[..7]))
            && page.contains(&format!("href=\"./year/{}\"", &day[..4]))
    );
    assert_has(&text(&ada.get(&format!("/day/{day}")).body), &["25% of a book", "to 25%"]);
    // Finished: it moves from the list to the wall.
    site.pushed("ada", KEY, &position("book", "r", 1.0));
    let page = ada.get("/").body;
    assert!(!page.contains("Go on reading"), "{page}");
    assert_has(&text(&page), &["Reading now 0", &format!("Finished in {} 1 and 1 book’s worth read", &day[..4])]);
    assert_eq!(page.matches("<ul class=\"wall\">").count(), 1);
}

#[test]
fn a_book_that_is_read_on_has_an_end_in_sight() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let paced = [(now - 20 * DAY, 0.05, "Kobo"), (now - 10 * DAY, 0.3, "Kobo"), (now - DAY, 0.5, "Kobo")];
    let paused = [(now - 40 * DAY, 0.05, "Kobo"), (now - 30 * DAY, 0.3, "Kobo")];
    let set_aside = [(now - 90 * DAY, 0.05, "Kobo"), (now - 80 * DAY, 0.3, "Kobo")];
    let books = [("paced", &paced[..]), ("paused", &paused[..]), ("aside", &set_aside[..])];
    let (_dir, _site, ada) = site_with(&books.map(|(id, history)| book(id, Some(&format!("A {id} book")), history)));
    let page = ada.get("/").body;
    let cards: Vec<&str> = page.split("<li>").filter(|item| item.contains("class=\"title\"")).collect();
    assert_eq!(cards.len(), 2, "{page}");
    assert!(cards[0].contains("A paced book") && cards[0].contains("at this pace done around "), "{}", cards[0]);
    assert!(cards[1].contains("A paused book") && !cards[1].contains("at this pace"), "{}", cards[1]);
}

/// Every book that the number counts is on the page, or a link away.
#[test]
fn books_to_go_on_with_that_are_not_shown_are_linked() {
    let (_dir, site, ada) = site_with(&[]);
    let push = |number: usize| site.pushed("ada", KEY, &position(&format!("book {number}"), "p", 0.5));
    (1..=6).for_each(|number| drop(push(number)));
    assert!(!ada.get("/").body.contains("books?shelf=reading"));
    (7..=8).for_each(|number| drop(push(number)));
    let page = ada.get("/").body;
    assert_has(&page, &["<a class=\"tall\" href=\"./books?shelf=reading\">and 2 more</a>"]);
    assert_has(&text(&page), &["Reading now 8 opened in the last 45 days"]);
}

#[test]
fn a_goal_is_set_shown_changed_and_taken_back() {
    let (_dir, site, ada) = site_with(&[]);
    site.pushed("ada", KEY, &position("book", "r", 1.0));
    assert!(ada.get("/").body.contains("Set a goal for the year"));
    let saved = ada.post("/goal", &[("goal", " 24 ")]);
    assert_eq!((saved.status, saved.header("location")), (303, Some("./")), "{saved:?}");
    assert_has(&text(&ada.get("/").body), &["Saved.", "1 of 24 books · ", "Change the goal"]);
    assert_has(&ada.get("/").body, &["<progress max=\"24\" value=\"1\""]);
    for wrong in ["0", "-1", "1001", "x", "1.5", "99999999999"] {
        let refused = ada.post("/goal", &[("goal", wrong)]);
        assert_eq!(refused.status, 400, "{wrong}");
        assert!(refused.body.contains("from 1 to 1,000"), "{wrong}: {}", refused.body);
        // The field has what was typed, and its error.
        let field = refused.body.split("<input id=\"goal\"").nth(1).unwrap().split('>').next().unwrap();
        assert!(field.contains(&format!("value=\"{wrong}\"")) && field.contains("aria-invalid=\"true\""), "{field}");
    }
    assert_has(&text(&ada.get("/").body), &["1 of 24 books"]);
    // Another account's is its own.
    let grace = Visitor::log_in(site.client, "grace", "password");
    site.pushed("grace", KEY, &position("book", "r", 1.0));
    assert!(!grace.get("/").body.contains("of 24 books"));
    assert_eq!(ada.post("/goal", &[("goal", "")]).status, 303);
    assert!(ada.get("/").body.contains("Set a goal for the year"));
    // Who comes back to the form's address is led to the page.
    assert_eq!(ada.get("/goal").status, 303);
}

/// A year in which something was read every day, by many devices, with long titles: every page, in every language.
#[test]
fn a_page_with_a_year_of_reading_stays_below_60_000_bytes() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let mut books = Vec::new();
    for number in 0..73_u64 {
        // Five days each, one after the other.
        let devices = ["Kobo Libra 2", "Kindle Paperwhite", "KOReader on Pixel 8", "Readest"];
        let history: Vec<_> = (0..5_u64)
            .map(|day| {
                (
                    now - (364 - 5 * number - day) * DAY,
                    [0.1, 0.3, 0.5, 0.8, 1.0][usize::try_from(day).unwrap()],
                    devices[usize::try_from(number % 4).unwrap()],
                )
            })
            .collect();
        let title = format!("{number} The Life and Strange Surprizing Adventures of Robinson Crusoe, of York, Mariner");
        books.push(book(&format!("book {number}"), Some(&title), &history));
        books.push(book(&format!("{number:032x}"), None, &history[..1]));
    }
    let names: Vec<String> = (0..300).map(|number| format!("Kobo Libra {number} in the kitchen")).collect();
    let long: Vec<_> = (0..300_u64)
        .map(|row| (now - (300 - row) * DAY, row as f64 / 301.0, &*names[usize::try_from(row % 12).unwrap()]))
        .collect();
    books.push(book(EMMA, Some(&"Of the Progress and Advancement of Learning ".repeat(5)), &long));
    let (_dir, _site, ada) = site_with(&books);
    let year = text(&ada.get("/").body).split("Finished in ").nth(1).unwrap()[..4].to_owned();
    let pages = PAGES.iter().filter(|page| page.reader == Reader::Ada && page.is_html).map(Page::path);
    // Those that a list of links leads to.
    let more = [
        "/books?page=2".to_owned(),
        format!("{}/join?page=3", book_path(EMMA)),
        format!("{}/history?page=2", book_path(EMMA)),
    ];
    let pages: Vec<String> = pages.chain(more).chain([format!("/year/{year}")]).collect();
    let mut large = Vec::new();
    for language in ["de", "en", "es", "fr", "nl"] {
        ada.post("/preferences", &[("language", language)]);
        for path in &pages {
            let page = ada.get(path);
            assert!([200, 403, 404].contains(&page.status), "{path}: {page:?}");
            if page.body.len() >= PAGE_MAX {
                large.push(format!("{path} in {language}: {} bytes", page.body.len()));
            }
        }
    }
    assert!(large.is_empty(), "{large:#?}");
    assert!(ada.get("/").body.matches("href=\"day/").count() >= 360);
    assert_well_formed(&ada.get(&format!("/year/{year}.svg")).body);
}

#[test]
fn days_are_reached_by_pointer_and_by_keyboard() {
    let Some(browser) = Browser::start(Scripts::Off) else { return };
    let (_dir, site, ada) = site_with(&two_books());
    site.pushed("ada", KEY, &position("book", "p", 0.05));
    ada.post("/preferences", &[("language", "fr")]);
    let root = format!("http://{}/", site.address);
    browser.open(&root);
    browser.fill("name", "ada");
    browser.fill("password", "password");
    browser.press_at("main button");
    assert_eq!(browser.texts("main h2")[..2], ["Reprendre la lecture", "Votre année, jour après jour"]);
    browser.fits("overview");
    // The squares are no stops of the tabulator key, the months are.
    assert_eq!(browser.attributes(".calendar a:not([tabindex='-1'])", "href").len(), 12);
    let headings = "[...document.querySelectorAll('h1,h2,h3')].map(h => h.tagName).join(' ')";
    let order = browser.evaluate(headings);
    assert!(order.as_str().unwrap().starts_with("H1 H2 H3 H2"), "{order}");
    browser.press_at(".calendar g a");
    assert!(browser.url().contains("/day/"), "{}", browser.url());
    browser.fits("day");
    browser.open(&format!("{root}year/2023"));
    browser.fits("year");
    assert_eq!(browser.texts(".shares .name"), ["Kobo", "Kindle"]);
    browser.open(&format!("{root}month/2023-11"));
    browser.fits("month");
    browser.press("14 nov.");
    assert_eq!(browser.text("h1"), "14 novembre 2023");
    assert_eq!(browser.texts(".reading .title"), ["Emma"]);
    assert_eq!(browser.console(), [""; 0]);
    for language in ["de", "en", "es", "fr", "nl"] {
        ada.post("/preferences", &[("language", language)]);
        browser.open(&format!("{root}year/2023.svg"));
        assert_eq!(browser.evaluate("document.documentElement.tagName"), "svg");
        // No line ends in the margin, which begins at 940 of 1,000.
        let beyond = "(picture => [...picture.querySelectorAll('text')].filter(text => \
                      text.getBoundingClientRect().right > 0.945 * picture.getBoundingClientRect().width)\
                      .map(text => text.textContent))(document.documentElement)";
        assert_eq!(browser.evaluate(beyond), json!([]), "{language}");
    }
}

/// By hand: `cargo test --release --test web ten_thousand -- --ignored --nocapture` says how long the pages take when asked again.
#[test]
#[ignore = "measures, and takes a minute"]
fn ten_thousand_books_with_twenty_positions_each() {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let history = |number: u64| -> Vec<(u64, f64, &str)> {
        let position = |row: u64| {
            (now - (number % 700 + 20 - row) * DAY, (row + 1) as f64 / 20.0, ["Kobo", "Kindle"][(row % 2) as usize])
        };
        (0..20).map(position).collect()
    };
    let books: Vec<Value> = (0..10_000)
        .map(|number| book(&format!("book {number}"), Some(&format!("Book {number}")), &history(number)))
        .collect();
    let (_dir, _site, ada) = site_with(&books);
    for path in ["/", "/year/2026", "/year/2026.svg", "/month/2026-01", "/day/2026-01-15"] {
        for time in ["first", "again", "again"] {
            let start = std::time::Instant::now();
            let reply = ada.get(path);
            println!("{path} {time}: {:?}, {} bytes, {}", start.elapsed(), reply.body.len(), reply.status);
        }
    }
}

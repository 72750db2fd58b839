//! Reading times, highlights and files on the dashboard.

use serde_json::{Value, json};

use crate::common::reading::{EMMA, WALDEN, export, statistics, upload, uploaded};
use crate::common::{KEY, Site, position};
use crate::visitor::{Visitor, book_path, site};

/// What every page keeps to, in bytes.
const PAGE_MAX: usize = 60_000;

fn with_files() -> (Site, Visitor) {
    let site = site();
    site.pushed("ada", KEY, &position(EMMA, "p", 0.5));
    let has_times = |statistics: &Value| statistics["reading"]["seconds"] == 345;
    uploaded(&site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", has_times);
    let texts = ["Emma <Woodhouse>", "# handsome"];
    let has_both = |list: &Value| list["highlights"].as_array().unwrap().len() == 2;
    uploaded(&site, "Austen - Emma.json", export(&texts).to_string().as_bytes(), "/api/v1/highlights", has_both);
    let ada = Visitor::log_in(site.client, "ada", "password");
    (site, ada)
}

#[track_caller]
fn assert_has(page: &str, texts: &[&str]) {
    for text in texts {
        assert!(page.contains(text), "{text} is not in {page}");
    }
    assert!(page.len() < PAGE_MAX, "{} bytes", page.len());
}

#[test]
fn minutes_are_beside_the_percentage_with_what_they_were_counted_from() {
    let (site, ada) = with_files();
    let source = "KOReader’s statistics, last uploaded today ";
    let by = " by KOReader/2026.08 &#60;b&#62;";
    assert_has(&ada.get("/").body, &["5\u{a0}min in all", "· 5\u{a0}min", "KOReader’s statistics, last uploaded ", by]);
    // A Sunday and a Tuesday, of which no position tells.
    let weeks = "<dt>Weeks in a row</dt><dd>1<span class=\"quiet\">longest run: 2</span>";
    assert_has(&ada.get("/").body, &[weeks]);
    // The day is there, with the books that no device has pushed then.
    assert_has(&ada.get("/day/2023-11-14").body, &["<p>5\u{a0}min</p>", EMMA, "<p class=\"meta\">5\u{a0}min</p>"]);
    assert_has(
        &ada.get("/day/2023-11-12").body,
        &["<bdi>Walden &#38; &#60;b&#62;</bdi>", "/statistics/", "under a minute"],
    );
    let book = ada.get(&book_path(EMMA)).body;
    assert_has(
        &book,
        &[
            "5\u{a0}min on 1 day",
            "10 pages of 100",
            "120 pages an hour",
            "about 25\u{a0}min",
            "2 highlights",
            source,
            by,
        ],
    );
    let books = ada.get("/books").body;
    assert_has(
        &books,
        &["2 books", "· 5\u{a0}min", "Walden &#38; &#60;b&#62;", "from statistics", "under a minute read"],
    );
    assert!(books.find(EMMA).unwrap() < books.find("Walden").unwrap(), "the last read is first");
    let found = ada.post("/books", &[("search", "thoreau")]);
    let found = ada.get(&format!("/{}", found.header("location").unwrap().trim_start_matches("./"))).body;
    assert_has(&found, &["1 book found", "Walden"]);
    let walden = book_path(WALDEN).replace("/books/", "/statistics/");
    assert_has(
        &ada.get(&walden).body,
        &["Walden &#38; &#60;b&#62;", "under a minute on 1 day", WALDEN, "No device has pushed"],
    );
    assert_eq!(ada.get("/statistics/AAAA").status, 404);
    // Once it was pushed, the page does not say that it was not: it leads to the book.
    site.pushed("ada", KEY, &position(WALDEN, "p", 0.5));
    let pushed = ada.get(&walden);
    site.pushed("ada", KEY, &position(EMMA, "q", 0.99));
    let book = ada.get(&book_path(EMMA)).body;
    assert!(book.contains("under a minute") && !book.contains("about under"), "{book}");
    assert_eq!((pushed.status, pushed.header("location")), (303, Some(&*format!("..{}", book_path(WALDEN)))));
}

/// The statistics know a book by its content, the device by its file name.
#[test]
fn a_book_of_the_statistics_is_the_one_that_was_pushed_under_another_id() {
    let site = site();
    let mut body = position("by-name", "p", 0.5);
    body["identifiers"] = json!([{ "type": "filename", "value": "by-name" }, { "type": "partial-md5", "value": EMMA }]);
    site.pushed("ada", KEY, &body);
    let has_times = |statistics: &Value| statistics["reading"]["seconds"] == 345;
    uploaded(&site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", has_times);
    let has_one = |list: &Value| list["highlights"].as_array().unwrap().len() == 1;
    let annotation = json!({ "x": { "text": "handsome", "drawer": "lighten", "datetime": "2023-11-14 12:00:00" } });
    uploaded(&site, &format!("{EMMA}.json"), annotation.to_string().as_bytes(), "/api/v1/highlights", has_one);
    let ada = Visitor::log_in(site.client, "ada", "password");
    let books = ada.get("/books").body;
    assert_has(&books, &["2 books", "by-name", "· 5\u{a0}min", "Walden"]);
    assert!(!books.contains(EMMA), "{books}");
    assert_has(&ada.get(&book_path("by-name")).body, &["5\u{a0}min on 1 day", "1 highlight"]);
    let highlights = format!("/highlights?book={}", book_path("by-name").replace("/books/", ""));
    assert_has(&ada.get(&highlights).body, &["handsome", &book_path("by-name")]);
    // The day's page has it once, under its position's name.
    let day = ada.get("/day/2023-11-14").body;
    assert_has(&day, &["by-name", "<p class=\"meta\">5\u{a0}min</p>"]);
    assert!(!day.contains("/statistics/"), "{day}");
}

#[test]
fn highlights_are_shown_searched_and_downloaded() {
    let (_site, ada) = with_files();
    let page = ada.get("/highlights").body;
    assert_has(
        &page,
        &["2 highlights", "Emma &#60;Woodhouse&#62;", "Volume I · page 1 · yellow", "a note", "last uploaded today"],
    );
    let found = ada.post("/highlights", &[("search", "handsome")]);
    let address = format!("/{}", found.header("location").unwrap().trim_start_matches("./"));
    let found = ada.get(&address).body;
    assert_has(&found, &["1 highlight found", "# handsome"]);
    assert!(!found.contains("Woodhouse"));
    let of_book = book_path(EMMA).replace("/books/", "/highlights?book=");
    assert_has(&ada.get(&of_book).body, &["Highlights in <bdi>Emma</bdi>", "2 highlights"]);
    let query = of_book.split_once('?').unwrap().1;
    // A search on a book's page stays with the book.
    let (book, of_book) = (query.split_once('=').unwrap().1, ada.get(&of_book).body);
    assert_has(&of_book, &[&format!("<input type=\"hidden\" name=\"book\" value=\"{book}\">")]);
    let found = ada.post("/highlights", &[("search", "handsome"), ("book", book)]);
    let address = found.header("location").unwrap();
    assert!(address.contains(query) && address.contains("&find="), "{address}");
    let markdown = ada.get(&format!("/highlights/markdown?{query}"));
    assert_eq!(
        markdown.header("content-disposition"),
        Some("attachment; filename=\"Emma.md\"; filename*=UTF-8''Emma.md")
    );
    assert_eq!(markdown.header("content-type"), Some("text/markdown; charset=utf-8"));
    let head = ada.client.send("HEAD", "/highlights/json", &[("cookie", ada.cookie.as_bytes())], None);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn files_are_listed_downloaded_and_deleted() {
    let (site, ada) = with_files();
    let page = ada.get("/files").body;
    assert_has(
        &page,
        &[
            "Austen - Emma.json",
            "statistics.sqlite3",
            "2 of at most 1,000 files",
            "Set up KOReader",
            "/webdav</code>",
            "of 256\u{a0}MiB",
        ],
    );
    assert!(!page.contains("withheld"));
    let download = |name: &str| book_path(name).replace("/books/", "/files/download?path=");
    let file = ada.get(&download("Austen - Emma.json"));
    assert_eq!(
        file.header("content-disposition"),
        Some("attachment; filename=\"Austen - Emma.json\"; filename*=UTF-8''Austen%20-%20Emma.json")
    );
    assert!(file.body.contains("Woodhouse") && file.header("content-type") == Some("application/octet-stream"));
    // Another account's are not there.
    let grace = Visitor::log_in(site.client, "grace", "password");
    assert_eq!(grace.get(&download("statistics.sqlite3")).status, 404);
    let delete = download("statistics.sqlite3").replace("download", "delete");
    let merged = "Sync first with the device that synced last";
    assert_has(&ada.get(&delete).body, &["Delete this file?", "statistics.sqlite3", merged]);
    // So with a folder that has such a file, and with no other.
    let basic: &[(&str, &[u8])] = &[("authorization", b"Basic YWRhOnBhc3N3b3Jk")];
    for (folder, file) in [("with", "statistics.sqlite3"), ("without", "statistics.json")] {
        assert_eq!(site.send("MKCOL", &format!("/webdav/{folder}"), basic, None).status, 201);
        assert_eq!(site.send("PUT", &format!("/webdav/{folder}/{file}"), basic, Some("x")).status, 201);
        let page = ada.get(&download(folder).replace("download", "delete")).body;
        assert_has(&page, &["Delete this folder?"]);
        assert_eq!(page.contains(merged), folder == "with", "{folder}");
        assert_eq!(ada.post("/files/delete", &[("path", &book_path(folder).replace("/books/", ""))]).status, 303);
    }
    let encoded = delete.split_once('=').unwrap().1;
    assert_eq!(grace.post("/files/delete", &[("path", encoded)]).status, 404);
    assert_eq!(ada.post("/files/delete", &[("path", encoded)]).header("location"), Some("../files"));
    assert_has(&ada.get("/files").body, &["File deleted.", "1 of at most 1,000"]);
    for path in ["!!!", "", "Li4", "L2V0Yy9wYXNzd2Q"] {
        assert_eq!(ada.get(&format!("/files/download?path={path}")).status, 404, "{path}");
        assert_eq!(ada.post("/files/delete", &[("path", path)]).status, 404, "{path}");
    }
}

#[test]
fn an_upload_that_cannot_be_read_is_named_with_the_reason() {
    let (site, ada) = with_files();
    assert_eq!(upload(site.address, "statistics.sqlite3", b"<i>nonsense").status, 204);
    let page = crate::common::wait_until("the reason", || {
        Some(ada.get("/files").body).filter(|page| page.contains("cannot be read: it is not an SQLite database"))
    });
    assert_has(
        &page,
        &["The times are those of the last upload that could be read.", "KOReader’s statistics, last uploaded"],
    );
    assert_has(&ada.get("/").body, &["cannot be read", "5\u{a0}min in all"]);
}

/// Fifty long highlights with characters that HTML escapes are a page of bounded size.
#[test]
fn pages_of_long_highlights_are_bounded() {
    let site = site();
    let texts: Vec<String> = (0..50).map(|number| format!("{number} {}", "long ".repeat(2000))).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let has_one = |list: &Value| list["highlights"].as_array().unwrap().len() == 1;
    uploaded(&site, "Emma.json", export(&texts).to_string().as_bytes(), "/api/v1/highlights?limit=1", has_one);
    let ada = Visitor::log_in(site.client, "ada", "password");
    assert_has(&ada.get("/highlights").body, &["50 highlights", "Page 1 of 3"]);
    assert_has(&ada.get("/highlights?page=2").body, &["Page 2 of 3"]);
}

/// No page has an English text, also where a file says nothing about its book.
#[test]
fn highlights_of_a_book_without_a_title_say_so_in_the_reader_s_language() {
    let site = site();
    let mut file = export(&["a quote"]);
    (file["title"], file["author"], file["file"]) = (json!(""), json!(""), json!(""));
    let has_one = |list: &Value| list["highlights"].as_array().unwrap().len() == 1;
    uploaded(&site, "x.json", file.to_string().as_bytes(), "/api/v1/highlights", has_one);
    let ada = Visitor::log_in(site.client, "ada", "password");
    for (language, title) in [("de", "Ohne Titel"), ("fr", "Sans titre")] {
        let page = ada.get_in(language, "/highlights").body;
        assert!(page.contains(&format!("<bdi>{title}</bdi>")) && !page.contains("Without"), "{page}");
    }
}

#[test]
fn w5_a_withheld_database_is_named_with_what_to_do() {
    let (site, _ada) = with_files();
    let site = site.restored();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let page = ada.get("/files").body;
    assert_has(&page, &["<b class=\"tag\">withheld</b>", "Sync first with the device that synced last"]);
    assert_eq!(page.matches("withheld").count(), 1, "the export is not: {page}");
    // The numbers stay, and the old bytes can be had by hand.
    assert_has(&ada.get("/").body, &["5\u{a0}min in all"]);
    let download = book_path("statistics.sqlite3").replace("/books/", "/files/download?path=");
    let head = ada.client.send("HEAD", &download, &[("cookie", ada.cookie.as_bytes())], None);
    assert_eq!((head.status, head.header("content-length")), (200, Some(statistics(10).len().to_string().as_str())));
    let delete = ada.get(&download.replace("download", "delete")).body;
    assert_has(&delete, &["Sync first with the device that synced last"]);
    assert_eq!(upload(site.address, "statistics.sqlite3", &statistics(11)).status, 201);
    let page = ada.get("/files").body;
    assert!(!page.contains("withheld"), "{page}");
}

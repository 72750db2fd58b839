//! Reading times and highlights: from the files that KOReader uploads to what `/api/v1` says of them [W5, W6, W7].

use serde_json::{Value, json};

use super::api_v1::{as_ada, document_path, get, push_metadata};
use super::webdav::base64;
use crate::common::reading::{EMMA, NOON, WALDEN, export, statistics, upload, uploaded};
use crate::common::{KEY, OTHER_KEY, Site, position, wait_until};

const STATISTICS: &str = "/api/v1/statistics";
const HIGHLIGHTS: &str = "/api/v1/highlights";

fn has_seconds(seconds: u64) -> impl Fn(&Value) -> bool {
    move |statistics| statistics["reading"]["seconds"] == seconds && statistics["reading"].get("unread").is_none()
}

/// Days are those of the machine's time zone.
fn day(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).unwrap().to_zoned_datetime(jiff::tz::TimeZone::system()).date().to_string()
}

#[test]
fn w6_an_uploaded_file_of_statistics_is_reading_time() {
    let site = Site::with_ada();
    assert!(get(&site, STATISTICS).get("reading").is_none(), "nothing was uploaded");
    push_metadata(&site, EMMA, json!({ "title": "Emma" }));
    assert!(get(&site, &document_path(EMMA, "")).get("reading").is_none());
    let answer = uploaded(&site, "statistics.sqlite3", &statistics(10), STATISTICS, has_seconds(345));
    let reading = &answer["reading"];
    let uploaded_at = reading["uploaded_at"].as_u64().unwrap();
    let pushed_at = get(&site, &document_path(EMMA, ""))["timestamp"].as_u64().unwrap();
    assert!((pushed_at..pushed_at + 60).contains(&uploaded_at), "{reading}");
    let expected = json!({
        "seconds": 345, "pages": 11, "sessions": 2, "since": NOON - 172_800, "until": NOON + 330,
        "days": [
            { "date": day(NOON - 172_800), "seconds": 45, "pages": 1 }, { "date": day(NOON), "seconds": 300, "pages": 10 },
        ],
        "file": "statistics.sqlite3", "uploaded_at": uploaded_at, "uploaded_by": "KOReader/2026.08 <b>",
    });
    assert_eq!(*reading, expected);
    let book = get(&site, &document_path(EMMA, ""));
    let expected = json!({
        "seconds": 300, "pages": 10, "sessions": 1, "since": NOON + 30, "until": NOON + 330, "pages_an_hour": 120.0,
        // Half of 100 pages are left.
        "seconds_left": 1500, "days": [{ "date": day(NOON), "seconds": 300, "pages": 10 }],
    });
    assert_eq!(book["reading"], expected);
    // The next upload counts, without another request before.
    uploaded(&site, "statistics.sqlite3", &statistics(20), STATISTICS, has_seconds(645));
    // Other accounts have their own.
    site.registered("grace", OTHER_KEY);
    let hers = site.send_as("grace", OTHER_KEY, "GET", STATISTICS, None).json();
    assert!(hers.get("reading").is_none(), "{hers}");
}

/// A device that matches by file name may name the binary document, too [I3]. Files of one book may be joined [I7].
#[test]
fn w6_reading_and_highlights_land_on_the_book_under_any_of_its_ids() {
    let site = Site::with_ada();
    let mut body = position("by-name", "p", 0.5);
    body["metadata"] = json!({ "title": "Another title", "filename": "emma.epub" });
    body["identifiers"] = json!([{ "type": "filename", "value": "by-name" }, { "type": "partial-md5", "value": EMMA }]);
    site.pushed("ada", KEY, &body);
    uploaded(&site, "statistics.sqlite3", &statistics(10), STATISTICS, has_seconds(345));
    let seconds = |id: &str| get(&site, &document_path(id, ""))["reading"]["seconds"].clone();
    assert_eq!((seconds("by-name"), seconds(EMMA)), (json!(300), json!(300)));
    let count = |count: usize| move |list: &Value| list["highlights"].as_array().unwrap().len() == count;
    let annotation =
        json!({ "x": { "text": "handsome", "drawer": "lighten", "datetime": "2023-11-14 12:00:00" } }).to_string();
    let of_book = format!("{HIGHLIGHTS}?document=by-name");
    let list = uploaded(&site, &format!("{EMMA}.json"), annotation.as_bytes(), &of_book, count(1));
    assert_eq!(list["highlights"][0]["document"], "by-name");
    // An export of it, which says the file's name alone, is of the same book: what is in both is one highlight.
    let exported = export(&["handsome", "clever"]).to_string();
    uploaded(&site, "export.json", exported.as_bytes(), &of_book, count(2));
    // Walden is a file of the same book, says its reader.
    site.pushed("ada", KEY, &position(WALDEN, "p", 0.6));
    assert_eq!(seconds(WALDEN), 45);
    let joined = as_ada(&site, "POST", &document_path("by-name", "/join"), Some(json!({ "document": WALDEN })));
    assert_eq!(joined.status, 200, "{joined:?}");
    for id in ["by-name", WALDEN] {
        let book = get(&site, &document_path(id, ""));
        // The position is that of the book, wherever it was pushed: 40 of 100 pages are left.
        let read = (&book["percentage"], &book["reading"]["seconds"], &book["reading"]["seconds_left"]);
        assert_eq!(read, (&json!(0.6), &json!(345), &json!(1255)), "{book}");
    }
    assert!(count(2)(&get(&site, &format!("{HIGHLIGHTS}?document={WALDEN}"))));
}

/// The exporter may be set up before the progress sync is.
#[test]
fn w7_highlights_land_on_a_book_that_is_pushed_after_they_were_uploaded() {
    let site = Site::with_ada();
    let has_two = |list: &Value| list["highlights"].as_array().unwrap().len() == 2;
    let list = uploaded(&site, "export.json", export(&["a", "b"]).to_string().as_bytes(), HIGHLIGHTS, has_two);
    assert!(list["highlights"][0].get("document").is_none(), "{list}");
    push_metadata(&site, "by-name", json!({ "title": "Another title", "filename": "emma.epub" }));
    let of_book = format!("{HIGHLIGHTS}?document=by-name");
    wait_until("highlights of the book", || has_two(&get(&site, &of_book)).then_some(()));
}

/// KOReader sends a book's file name and title only once its reader has switched that on.
#[test]
fn w7_highlights_land_on_a_book_whose_title_is_learnt_after_they_were_uploaded() {
    let site = Site::with_ada();
    for id in ["by-file", "by-title"] {
        site.pushed("ada", KEY, &position(id, "p", 0.5));
    }
    let has_two = |list: &Value| list["highlights"].as_array().unwrap().len() == 2;
    let mut untitled = export(&["c", "d"]);
    (untitled["title"], untitled["author"], untitled["file"]) = (json!("Walden"), json!("Unknown Author"), Value::Null);
    uploaded(&site, "walden.json", untitled.to_string().as_bytes(), HIGHLIGHTS, has_two);
    let has_four = |list: &Value| list["highlights"].as_array().unwrap().len() == 4;
    uploaded(&site, "export.json", export(&["a", "b"]).to_string().as_bytes(), HIGHLIGHTS, has_four);
    push_metadata(&site, "by-file", json!({ "filename": "emma.epub" }));
    let of_book = format!("{HIGHLIGHTS}?document=by-file");
    wait_until("highlights of the file", || has_two(&get(&site, &of_book)).then_some(()));
    // A name that the reader gives it is a title, too.
    as_ada(&site, "PATCH", &document_path("by-title", ""), Some(json!({ "name": "Walden" })));
    let of_book = format!("{HIGHLIGHTS}?document=by-title");
    wait_until("highlights of the named book", || has_two(&get(&site, &of_book)).then_some(()));
}

#[test]
fn an_upload_that_cannot_be_read_leaves_the_numbers_and_says_so() {
    let site = Site::with_ada();
    uploaded(&site, "statistics.sqlite3", &statistics(1), STATISTICS, has_seconds(75));
    let mut damaged = statistics(2);
    damaged.truncate(5000);
    let is_unread = |statistics: &Value| statistics["reading"].get("unread").is_some();
    let answer = uploaded(&site, "statistics.sqlite3", &damaged, STATISTICS, is_unread);
    assert_eq!(
        (&answer["reading"]["seconds"], &answer["reading"]["unread"]["file"]),
        (&json!(75), &json!("statistics.sqlite3"))
    );
    let answer = uploaded(&site, "statistics.sqlite3", b"no database", STATISTICS, |statistics: &Value| {
        statistics["reading"]["unread"]["reason"] == "it is not an SQLite database"
    });
    assert_eq!(answer["reading"]["seconds"], 75);
    // After a restart, too.
    let site = site.restarted(|builder| builder);
    assert_eq!(get(&site, STATISTICS)["reading"], answer["reading"]);
}

#[test]
fn w5_the_numbers_stay_where_the_file_is_withheld() {
    let site = Site::with_ada();
    uploaded(&site, "statistics.sqlite3", &statistics(1), STATISTICS, has_seconds(75));
    let site = site.restored();
    let withheld =
        site.send("GET", "/webdav/statistics.sqlite3", &[("authorization", b"Basic YWRhOnBhc3N3b3Jk")], None);
    assert_eq!(withheld.status, 404);
    assert!(has_seconds(75)(&get(&site, STATISTICS)));
    uploaded(&site, "statistics.sqlite3", &statistics(2), STATISTICS, has_seconds(105));
}

#[test]
fn deleting_the_file_deletes_the_numbers() {
    let site = Site::with_ada();
    uploaded(&site, "statistics.sqlite3", &statistics(1), STATISTICS, has_seconds(75));
    let deleted =
        site.send("DELETE", "/webdav/statistics.sqlite3", &[("authorization", b"Basic YWRhOnBhc3N3b3Jk")], None);
    assert_eq!(deleted.status, 204);
    wait_until("no numbers", || get(&site, STATISTICS).get("reading").is_none().then_some(()));
}

#[test]
fn w7_highlights_are_listed_paged_filtered_and_searched() {
    let site = Site::with_ada();
    assert_eq!(get(&site, HIGHLIGHTS), json!({ "highlights": [] }));
    let texts: Vec<String> = (0..5).map(|number| format!("passage {number}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let count = |count: usize| move |list: &Value| list["highlights"].as_array().unwrap().len() == count;
    let exported = export(&texts).to_string();
    let list = uploaded(&site, "2023 Austen - Emma.json", exported.as_bytes(), HIGHLIGHTS, count(5));
    let expected = json!({
        "title": "Emma", "authors": "Jane Austen", "text": "passage 1", "note": "a note", "chapter": "Volume I", "page": "2",
        "color": "yellow", "timestamp": NOON + 60,
    });
    assert_eq!(list["highlights"][1], expected);
    // The statistics say which document it is. A deletion that AnnotationSync knows of counts.
    uploaded(&site, "statistics.sqlite3", &statistics(1), &format!("{HIGHLIGHTS}?document={EMMA}"), count(5));
    let gone = json!({ "x": { "text": "passage 0", "drawer": "lighten", "deleted": true, "datetime_updated": "2100-01-01 00:00:00" },
        "y": { "text": "<another>", "drawer": "underscore", "pageno": 50, "datetime": "2023-11-14 12:00:00" } });
    let list = uploaded(&site, &format!("{EMMA}.json"), gone.to_string().as_bytes(), HIGHLIGHTS, |list: &Value| {
        count(5)(list) && list["highlights"][0]["text"] == "passage 1"
    });
    assert_eq!(
        (&list["highlights"][4]["text"], &list["highlights"][4]["document"]),
        (&json!("<another>"), &json!(EMMA))
    );
    // Page by page, each once.
    let (mut all, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = get(&site, &format!("{HIGHLIGHTS}?limit=2&cursor={cursor}"));
        let rows = page["highlights"].as_array().unwrap();
        assert!(rows.len() <= 2);
        all.extend(rows.clone());
        let Some(next) = page["next"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(Value::Array(all), list["highlights"]);
    let found = |query: &str| get(&site, &format!("{HIGHLIGHTS}?{query}"))["highlights"].as_array().unwrap().len();
    assert_eq!(
        ["search=passage", "search=PASSAGE%203", "search=austen", "search=nothing", "document=x"].map(found),
        [4, 1, 5, 0, 0]
    );
    assert_eq!(found("cursor=unknown.3"), 0);
    // The device's next export has none left: what AnnotationSync has stays.
    let mut emptied = export(&[]);
    emptied["created_on"] = json!(NOON + 9001);
    uploaded(&site, "2023-11-15 Austen - Emma.json", emptied.to_string().as_bytes(), HIGHLIGHTS, count(1));
    as_ada(&site, "GET", &format!("{HIGHLIGHTS}?cursor=x"), None).refused(
        400,
        3400,
        "'cursor' must be the 'next' of the page before.",
    );
    site.send("GET", HIGHLIGHTS, &[], None).unauthorized();
}

/// Two readers' devices of one model have the same book in the same place. *Set up a device* gives each a password of its own.
#[test]
fn w7_devices_of_one_model_with_passwords_of_their_own_keep_their_highlights() {
    let site = Site::with_ada();
    let basic = ["kitchen", "bed"].map(|name| {
        let made = as_ada(&site, "POST", "/api/v1/device-passwords", Some(json!({ "name": name }))).json();
        format!("Basic {}", base64(&format!("ada:{}", made["password"].as_str().unwrap())))
    });
    let upload = |device: usize, created_on: i64, text: &str| {
        let mut exported = export(&[text]);
        exported["created_on"] = json!(created_on);
        let headers: [(&str, &[u8]); 2] =
            [("authorization", basic[device].as_bytes()), ("user-agent", b"KOReader/2026.08 (Kobo_nova; Linux; arm)")];
        let path = format!("/webdav/{created_on}.json");
        assert_eq!(site.send("PUT", &path, &headers, Some(&exported.to_string())).status, 201);
    };
    upload(0, NOON, "deleted since");
    upload(0, NOON + 2, "kitchen");
    upload(1, NOON + 1, "bed");
    wait_until("the last export of each", || {
        let list = get(&site, HIGHLIGHTS);
        let texts = list["highlights"].as_array().unwrap().iter().map(|it| it["text"].as_str().unwrap().to_owned());
        let mut texts: Vec<_> = texts.collect();
        texts.sort();
        (texts == ["bed", "kitchen"]).then_some(())
    });
}

/// Attack: any bytes under the names that the server reads. It answers all the same, and so does everything else.
#[test]
fn hostile_files_are_files_and_no_more() {
    let site = Site::with_ada();
    let zeros = [&b"SQLite format 3\0"[..], &vec![0; 100_000]].concat();
    let deep = [b"{\"entries\":".to_vec(), b"[".repeat(200_000)].concat();
    let many = b"{}".repeat(60_000);
    for (name, bytes) in [
        ("statistics.sqlite3", &zeros[..]),
        ("statistics.sqlite3", &zeros[..20]),
        ("statistics.sqlite3", b""),
        (&format!("{EMMA}.json"), &deep[..]),
        (&format!("{EMMA}.json"), &many[..]),
        ("export.json", &zeros[..]),
        ("export.json", b"\xff\xfe{"),
    ] {
        assert!([201, 204].contains(&upload(site.address, name, bytes).status));
        let fetched = site.send_as("ada", KEY, "GET", STATISTICS, None);
        assert_eq!(fetched.status, 200, "{fetched:?}");
        assert_eq!(as_ada(&site, "GET", HIGHLIGHTS, None).status, 200);
    }
    uploaded(&site, "statistics.sqlite3", &statistics(1), STATISTICS, has_seconds(75));
}

//! Tests the language, the time zone and the day's end of an account. Each text of a page must be translated.

use std::collections::BTreeSet;

use kosync::Language;
use serde_json::{Value, json};

use crate::common::{KEY, OTHER_KEY, Site, position};
use crate::visitor::{ADMIN_PASSWORD, Visitor, book_path};

/// 2026-11-26 22:10 in UTC. `date -u -d '2026-11-26 22:10' +%s`
const NOW: u64 = 1_795_731_000;

/// Texts that are the same in English and in German, beside data.
const SAME: [&str; 7] = ["Administrator", "ID", "JSON", "Name", "Server", "Status", "kosync"];

fn site() -> Site {
    let site = Site::with(|builder| builder.admin_password(ADMIN_PASSWORD).language(Language::Dutch).clock(|| NOW));
    site.registered("ada", KEY);
    site
}

fn account(site: &Site) -> Value {
    site.send_as("ada", KEY, "GET", "/api/v1/account", None).shaped().json()
}

#[test]
fn pages_follow_the_account_s_language_then_the_browser_s_then_the_server_s() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let is_in = |language: &str, accepted: &str, path: &str| {
        let body = ada.get_in(accepted, path).body;
        assert!(body.contains(&format!("<html lang=\"{language}\"")), "{language}, {accepted}: {body}");
        body
    };
    assert!(is_in("de", "de-AT,en;q=0.5", "/files").contains("<h1>Dateien</h1>"));
    let login = Visitor::anonymous(site.client).get_in("fr", "/login").body;
    assert!(login.contains("<html lang=\"fr\""), "{login}");
    assert!(is_in("nl", "pl, *;q=0.1", "/files").contains("<h1>Bestanden</h1>"), "the server's");
    assert_eq!(ada.post("/preferences", &[("language", "es")]).status, 303);
    for accepted in ["de", "nl", "pl"] {
        assert!(is_in("es", accepted, "/files").contains("<h1>Archivos</h1>"), "the account's");
    }
    assert_eq!(account(&site)["language"], "es");
    assert!(ada.get("/account").body.contains("<option value=\"es\" lang=\"es\" selected>"));
    assert_eq!(ada.post("/preferences", &[("language", "")]).status, 303);
    is_in("de", "de", "/files");
    assert_eq!(account(&site).get("language"), None);
}

#[test]
fn a_choice_that_does_not_exist_is_refused_and_changes_nothing() {
    let site = site();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let chosen = [("language", "en"), ("time_zone", "Asia/Tokyo"), ("day_end", "2")];
    assert_eq!(ada.post("/preferences", &chosen).status, 303);
    let before = account(&site);
    assert_eq!(
        (&before["language"], &before["time_zone"], &before["day_end"]),
        (&json!("en"), &json!("Asia/Tokyo"), &json!(2))
    );
    for (field, value) in [("language", "xx"), ("time_zone", "Nowhere/Land"), ("day_end", "13"), ("day_end", "x")] {
        let mut fields = vec![("language", "de"), ("time_zone", "UTC"), ("day_end", "3")];
        fields.retain(|(name, _)| *name != field);
        fields.push((field, value));
        let refused = ada.post("/preferences", &fields);
        assert_eq!(refused.status, 400, "{field}={value}: {refused:?}");
        assert!(refused.body.contains("There is no such choice."), "{refused:?}");
        // The other choices of the form are still made there.
        for (name, chosen) in [
            ("language", "value=\"de\" lang=\"de\" selected"),
            ("time_zone", "<option selected>UTC"),
            ("day_end", "value=\"3\" selected"),
        ] {
            assert!(name == field || refused.body.contains(chosen), "{field}={value} loses {name}: {refused:?}");
        }
        assert_eq!(account(&site), before, "{field}={value}");
    }
    let page = ada.get("/account").body;
    for selected in ["<option selected>Asia/Tokyo</option>", "value=\"2\" selected"] {
        assert!(page.contains(selected), "{selected}: {page}");
    }
}

#[test]
fn times_are_those_of_the_account_s_zone() {
    let site = site();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let ada = Visitor::log_in(site.client, "ada", "password");
    for (zone, exact) in [
        ("UTC", "title=\"26 November 2026, 22:10\""),
        ("Asia/Tokyo", "title=\"27 November 2026, 07:10\""),
        ("America/New_York", "title=\"26 November 2026, 17:10\""),
    ] {
        assert_eq!(ada.post("/preferences", &[("time_zone", zone), ("language", "en")]).status, 303);
        let page = ada.get("/activity").body;
        assert!(page.contains(exact) && page.contains("datetime=\"2026-11-26T22:10:00Z\""), "{zone}: {page}");
    }
}

/// Returns what people read of a page: its text nodes, and those of attributes that are read aloud or shown.
fn texts(body: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for (index, piece) in body.split('<').enumerate() {
        let (tag, text) = if index == 0 { ("", piece) } else { piece.split_once('>').unwrap_or((piece, "")) };
        texts.push(text.trim().to_owned());
        for name in ["aria-label", "title", "placeholder", "alt"] {
            let value = tag.split_once(&format!(" {name}=\"")).and_then(|(_, rest)| rest.split('"').next());
            texts.extend(value.map(str::to_owned));
        }
    }
    texts
}

fn has_word(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphabetic());
    words.any(|word| word.chars().count() > 1 && !["KiB", "MiB", "GiB", "TiB"].contains(&word))
}

/// Every text of a page except names and numbers differs between two languages.
#[cfg(feature = "statistics")]
#[test]
fn no_text_of_a_page_is_the_same_in_german_and_in_english() {
    use crate::common::reading::{EMMA, export, statistics, uploaded};

    let site = Site::with(|builder| builder.admin_password(ADMIN_PASSWORD));
    site.registered("ada", KEY);
    let mut body = position("book", "p", 0.5);
    body["metadata"] = json!({ "title": "Titel 1", "authors": "Autorin 1" });
    site.pushed("ada", KEY, &body);
    site.pushed("ada", KEY, &position("book", "p", 0.4));
    site.pulled("ada", KEY, "unbekannt");
    site.push("ada", KEY, &json!({ "document": "book" })).refused(403, 2003, "Invalid request");
    site.login("ada", OTHER_KEY).unauthorized();
    let has_times = |statistics: &Value| statistics["reading"]["seconds"] == 345;
    uploaded(&site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", has_times);
    let has_one = |list: &Value| list["highlights"].as_array().unwrap().len() == 1;
    uploaded(&site, "Emma.json", export(&["Stelle 1"]).to_string().as_bytes(), "/api/v1/highlights", has_one);
    // Names and texts of the fixtures, and of KOReader's menus on the page of files.
    let data: BTreeSet<&str> = [
        "ada",
        "admin",
        "Titel 1",
        "Autorin 1",
        "book",
        "unbekann…",
        "Kobo_nova",
        "AAAA",
        "Walden &#38; &#60;b&#62;",
        "Henry Thoreau",
        "Emma",
        "Jane Austen",
        "statistics.sqlite3",
        "Emma.json",
        "Stelle 1",
        "a note",
        "percentage",
        EMMA,
        "KOReader/2026.08 &#60;b&#62;",
        "Tools",
        "Cloud storage",
        "Add new server",
        "WebDAV",
        "Save",
        "Reading statistics",
        "Settings",
        "Cloud sync",
        "Edit",
        "Long-press here to choose current folder",
        "Choose",
        "Sync now",
        "Export highlights and notes",
        "Choose formats and services",
        "Json",
        "Export to Json",
        "Upload to cloud storage",
        "Enable",
        "Export from current book",
        "Export from all books in history",
        "Profiles",
        "New",
        "Edit actions",
        "General",
        "Reading statistics: synchronize",
        "Auto-execute",
        "on book closing",
        "always",
        "Document matching method",
        "Progress sync",
        "Binary",
        "kosync import",
        "kosync restore",
        "Kosync.db",
    ]
    .into();
    let ada = Visitor::log_in(site.client, "ada", "password");
    let admin = Visitor::log_in(site.client, "admin", ADMIN_PASSWORD);
    let book = book_path("book");
    let of_files = "/files/delete?path=RW1tYS5qc29u";
    let mut untranslated = Vec::new();
    for (visitor, path) in [
        (&ada, "/"),
        (&ada, "/books"),
        (&ada, &*book),
        (&ada, &format!("{book}/delete")),
        (&ada, &format!("{book}/join")),
        (&ada, "/highlights"),
        (&ada, "/devices"),
        (&ada, "/files"),
        (&ada, of_files),
        (&ada, "/account"),
        (&ada, "/device-passwords"),
        (&ada, "/activity"),
        (&admin, "/accounts"),
        (&admin, "/accounts/2"),
        (&admin, "/accounts/2/delete"),
        (&admin, "/transfer"),
    ] {
        let [english, german] = ["en", "de"].map(|language| {
            let reply = visitor.get_in(language, path);
            assert_eq!(reply.status, 200, "{path}: {reply:?}");
            assert!(reply.body.contains(&format!("<html lang=\"{language}\"")), "{path}");
            texts(&reply.body)
        });
        let german: BTreeSet<String> = german.into_iter().collect();
        // Beside the names of the fixtures: addresses, time zones, names of settings, and the languages' own names.
        let is_data = |text: &str| {
            let is_language = || Language::ALL.iter().any(|language| language.native_name() == text);
            data.contains(text.trim_end_matches(" – kosync"))
                || SAME.contains(&text)
                || text.contains(['/', '_'])
                || text == "UTC"
                || is_language()
        };
        let same = english.into_iter().filter(|text| has_word(text) && german.contains(text) && !is_data(text));
        let same: Vec<String> = same.collect();
        if !same.is_empty() {
            untranslated.push((path.to_owned(), same));
        }
    }
    assert!(untranslated.is_empty(), "texts that are not translated: {untranslated:#?}");
}

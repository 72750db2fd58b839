//! Everything that a person can do on the pages, in a real browser: in two languages, at three widths, light and dark, with and without
//! a script.
//!
//! Each of the six looks has all flows, and each two values of the four are together in one of them. The person finds what to press by
//! what it says, and looks at every page: see [`person::Person`].

mod account;
mod administrator;
mod books;
mod devices;
mod messages;
mod overview;
mod person;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::person::{Look, Person};
use crate::browser::{Browser, Scripts};
use crate::common::reading::{EMMA, export, statistics, upload, uploaded};
use crate::common::{KEY, Site};
use crate::visitor::site;

type Flow = fn(&mut Person<'_>);

/// All flows, in the order in which one person goes through them.
const FLOWS: [(&str, Flow); 20] = [
    ("registers", account::registers),
    ("logs in", account::logs_in),
    ("chooses an appearance", account::chooses_an_appearance),
    ("takes a wrong turn", account::takes_a_wrong_turn),
    ("sets a goal", overview::sets_a_goal),
    ("looks back", overview::looks_back),
    ("finds books", books::finds_books),
    ("names books", books::names_books),
    ("loses the session", account::loses_the_session),
    ("keeps a book", books::keeps_a_book),
    ("joins books", books::joins_books),
    ("reads highlights", books::reads_highlights),
    ("names devices", devices::names_devices),
    ("sets a device up", devices::sets_a_device_up),
    ("makes device passwords", devices::makes_device_passwords),
    ("keeps files", devices::keeps_files),
    ("deletes a book", books::deletes_a_book),
    ("chooses preferences", account::chooses_preferences),
    ("changes the password", account::changes_the_password),
    ("deletes the account", account::deletes_the_account),
];

/// Those of an administrator, after which nothing is as it was.
const ADMINISTRATOR: [(&str, Flow); 2] =
    [("manages accounts", administrator::manages_accounts), ("moves data", administrator::moves_data)];

/// Starts a server on which `ada` has books, devices, reading times, highlights and a file.
fn site_with_books() -> Site {
    let site = site();
    let push = |document: &str, title: Option<(&str, &str)>, percentage: f64, device: &str| {
        let mut body = json!({ "document": document, "progress": format!("/body/p[{percentage}]"), "percentage": percentage,
            "device": device, "device_id": device });
        if let Some((title, authors)) = title {
            body["metadata"] = json!({ "title": title, "authors": authors, "filename": format!("{document}.epub") });
        }
        site.pushed("ada", KEY, &body);
    };
    for number in 0..46 {
        push(&format!("volume {number}"), Some((&format!("Volume {number}"), "An author")), 0.1, "Kobo");
    }
    for number in 1..=3 {
        push(&format!("{number}c9a3f{}", "0".repeat(26)), None, 0.2, "Kobo");
    }
    push("bought", Some(("Persuasion", "Jane Austen")), 0.25, "Kobo");
    push("converted", Some(("Persuasion", "Jane Austen")), 0.4, "Phone");
    push("geb", Some(("Gödel, Escher, Bach", "Douglas Hofstadter")), 0.5, "Kindle");
    push("war", Some(("Война и мир", "Лев Толстой")), 0.3, "Kobo");
    push(EMMA, Some(("Emma", "Jane Austen")), 0.99, "Kobo");
    for (percentage, device) in [(0.1, "Kobo"), (0.3, "Phone"), (0.6, "Kobo")] {
        push("middlemarch", Some(("Middlemarch", "George Eliot")), percentage, device);
    }
    uploaded(&site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", |statistics: &Value| {
        statistics["reading"]["seconds"] == 345
    });
    let has_both = |list: &Value| list["highlights"].as_array().unwrap().len() == 2;
    let highlights = export(&["Emma <Woodhouse>", "handsome, clever"]).to_string();
    uploaded(&site, "Emma.json", highlights.as_bytes(), "/api/v1/highlights", has_both);
    assert_eq!(upload(site.address, "notes & <b>.txt", b"a note").status, 201);
    site
}

/// Goes through all flows with one look.
fn everything(look: Look) {
    let Some(browser) = Browser::start_in(look.scripts, look.language) else { return };
    let site = site_with_books();
    let mut person = Person::new(&browser, &site, look);
    for (name, flow) in FLOWS.into_iter().chain(ADMINISTRATOR) {
        println!("{name}");
        flow(&mut person);
    }
    let unseen: Vec<&str> = routes().into_iter().filter(|route| !is_seen(route, &person.seen.borrow())).collect();
    assert_eq!(unseen, [""; 0], "a page or a form that no flow comes to");
}

fn is_seen(route: &str, seen: &BTreeSet<String>) -> bool {
    let fits = |path: &String| {
        let pairs = || route.split('/').zip(path.split('/'));
        route.split('/').count() == path.split('/').count()
            && pairs().all(|(name, segment)| name == segment || name.starts_with('{') && !segment.is_empty())
    };
    seen.iter().any(fits)
}

/// Returns all routes of pages, files and forms, as the source has them.
fn routes() -> Vec<&'static str> {
    let dashboard = include_str!("../../../src/http/dashboard/mod.rs");
    let transfer = include_str!("../../../src/http/dashboard/transfer/mod.rs");
    let quoted = |part: &'static str| part.split('"').nth(1).unwrap();
    let after = |call: &'static str| dashboard.split(call).skip(1).map(quoted);
    let mut routes: Vec<&str> = after("self.page(").chain(after("self.action(")).chain(after("self.file(")).collect();
    // Each is the first text of a call there.
    let is_route = |text: &&str| *text == "transfer" || text.starts_with("transfer/");
    routes.extend(transfer.split('"').skip(1).step_by(2).filter(is_route));
    // A proxy's user switches accounts: see the tests of that.
    routes.retain(|route| *route != "switch-account");
    assert!(routes.len() > 45 && routes.contains(&"transfer/import"), "{routes:?}");
    routes
}

#[test]
fn every_flow_in_english_at_360_pixels_in_light_with_scripts() {
    everything(Look { language: "en", width: 360, scheme: "light", scripts: Scripts::On });
}

#[test]
fn every_flow_in_german_at_360_pixels_in_dark_without_scripts() {
    everything(Look { language: "de", width: 360, scheme: "dark", scripts: Scripts::Off });
}

#[test]
fn every_flow_in_german_at_800_pixels_in_light_with_scripts() {
    everything(Look { language: "de", width: 800, scheme: "light", scripts: Scripts::On });
}

#[test]
fn every_flow_in_english_at_800_pixels_in_dark_without_scripts() {
    everything(Look { language: "en", width: 800, scheme: "dark", scripts: Scripts::Off });
}

#[test]
fn every_flow_in_english_at_1440_pixels_in_dark_with_scripts() {
    everything(Look { language: "en", width: 1440, scheme: "dark", scripts: Scripts::On });
}

#[test]
fn every_flow_in_german_at_1440_pixels_in_light_without_scripts() {
    everything(Look { language: "de", width: 1440, scheme: "light", scripts: Scripts::Off });
}

//! What `GET /api/v1/activity` says of pulls that find nothing, and of names that say little.

use serde_json::json;

use super::activity::{KOBO, PHONE, activity, assert_newest, pulls, pushes, site};
use super::api_v1::{as_ada, get};
use crate::common::{KEY, position};

/// A PDF beside an EPUB: no place of the one leads anywhere in the other, so a pull gets none, and the page must not say "if they are one
/// book" to the reader who has just said that they are.
#[test]
fn i7_a_file_that_was_joined_and_gets_no_place_says_so() {
    let site = site();
    let (book, other) = ("9c25aa0e1f7b1e5f53f40c2ecac41b3c", "8718ff0e1f7b1e5f53f40c2ecac41b3c");
    let mut body = position(book, "56", 0.5);
    body["metadata"] = json!({ "title": "Emma" });
    site.pushed("ada", KEY, &body);
    pushes(&site, PHONE, "another", 0.1);
    let join = json!({ "document": other });
    assert_eq!(as_ada(&site, "POST", &format!("/api/v1/documents/{book}/join"), Some(join)).status, 200);
    pulls(&site, PHONE, other);
    let newest = assert_newest(
        &site,
        "unknown",
        "Phone (by its address) asked for a position of 8718ff0e… and got none. It is joined with “Emma”. If it still gets none, the places \
         of the other files lead elsewhere in this one: read some pages of it on the device, and it gets positions.",
    );
    assert_eq!((newest.get("title"), newest.get("candidate")), (None, None));
    let over = as_ada(&site, "POST", &format!("/api/v1/documents/{book}/start-over"), None);
    assert_eq!(over.status, 200);
    pushes(&site, PHONE, "another", 0.2);
    pulls(&site, PHONE, other);
    let message = "Phone (by its address) asked for a position of “Emma”. The book was started over: there is no current position until a \
                   device reads on.";
    let newest = activity(&site).remove(0);
    assert!(newest["message"].as_str().unwrap().starts_with(message), "{newest}");
}

/// In most homes, the server sees all devices at one address, with one KOReader version.
#[test]
fn an_id_that_nobody_pushed_has_a_candidate_though_all_devices_share_an_address() {
    let site = site();
    let phone = (KOBO.0, PHONE.1, PHONE.2);
    pushes(&site, phone, "other", 0.1);
    pushes(&site, KOBO, "9c25aa0e1f7b1e5f53f40c2ecac41b3c", 0.6);
    pulls(&site, phone, "8718ff0e1f7b1e5f53f40c2ecac41b3c");
    let newest = assert_newest(
        &site,
        "unknown",
        "A device at 192.0.2.1 (KOReader/2026.08) asked for a position of 8718ff0e…; none is known under this id. Your Kobo sent \
         9c25aa0e… today TIME. If they are one book, the files differ.",
    );
    assert_eq!(newest["candidate"], "9c25aa0e1f7b1e5f53f40c2ecac41b3c");
    // A device that is known by its address is not told of its own book.
    let site = super::activity::site();
    pushes(&site, KOBO, "9c25aa0e1f7b1e5f53f40c2ecac41b3c", 0.6);
    pulls(&site, KOBO, "8718ff0e1f7b1e5f53f40c2ecac41b3c");
    assert_eq!(activity(&site)[0].get("candidate"), None);
}

/// No client can have pushed such an id. The reader wants to know why nothing comes.
#[test]
fn an_id_that_no_push_can_have_is_shown() {
    let site = site();
    let asked = "A device at 192.0.2.1 (KOReader/2026.08) asked for a position of a book whose id is too long or has a colon; none is \
                 known under this id.";
    for id in ["a:b", &"x".repeat(256), "\u{fffd}"] {
        pulls(&site, KOBO, id);
        let nothing = "No other device has sent a position of another book in the day before.";
        let newest = activity(&site).remove(0);
        assert!(newest["message"].as_str().unwrap().starts_with(&format!("{asked} {nothing}")), "{newest}");
        assert_eq!((&newest["outcome"], newest.get("document")), (&json!("unknown"), None));
    }
    pushes(&site, PHONE, "book", 0.5);
    pulls(&site, KOBO, "a:b");
    let message = activity(&site)[0]["message"].as_str().unwrap().to_owned();
    assert!(message.starts_with(&format!("{asked} Your Phone sent book today")), "{message}");
}

#[test]
fn a_device_without_a_name_is_called_so() {
    let site = site();
    for (name, expected) in [("", "(no name)"), (" \t", "(no name)"), ("-", "-")] {
        pushes(&site, (KOBO.0, name, KOBO.2), "book", 0.5);
        pushes(&site, PHONE, "other", 0.5);
        pulls(&site, PHONE, "book");
        let all = activity(&site);
        let start = |index: usize, start: String| {
            let message = all[index]["message"].as_str().unwrap();
            assert!(message.starts_with(&start), "{message}");
        };
        start(0, format!("Phone (by its address) asked for a position of book and got the one of {expected}, 50%"));
        start(2, format!("{expected} sent 50% of book."));
    }
}

/// Each file of a book gets the position under a name other than its device's.
#[test]
fn i7_a_position_that_was_put_back_is_called_so_for_each_file() {
    let site = site();
    pushes(&site, KOBO, "one", 0.5);
    pushes(&site, PHONE, "two", 0.501);
    assert_eq!(as_ada(&site, "POST", "/api/v1/documents/one/join", Some(json!({ "document": "two" }))).status, 200);
    pushes(&site, PHONE, "two", 0.8);
    let first = get(&site, "/api/v1/documents/one/history")["history"].as_array().unwrap().last().unwrap().clone();
    let back = json!({ "sequence": first["sequence"] });
    assert_eq!(as_ada(&site, "POST", "/api/v1/documents/one/put-back", Some(back)).status, 200);
    for (device, document) in [(KOBO, "one"), (PHONE, "two")] {
        pulls(&site, device, document);
        let message = format!(
            "{} (by its address) asked for a position of {document} and got the one that was put back, 50%, reached today TIME.",
            device.1
        );
        assert_newest(&site, "sent", &message);
    }
}

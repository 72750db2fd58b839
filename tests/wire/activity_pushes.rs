//! What `GET /api/v1/activity` says of pushes: what each did to the current position, and why one was refused.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use super::activity::{KOBO, PHONE, activity, assert_newest, behind_a_proxy, from, pushes, sends, site};
use super::api_v1::{as_ada, get};
use crate::common::{KEY, Site, position};

#[test]
fn pushes_within_seconds_are_one_line_and_so_is_a_session() {
    // The server's own clock would make several lines on a slow machine.
    let site = Site::with(|builder| behind_a_proxy(builder).clock(|| 1_800_000_000));
    site.registered("ada", KEY);
    for percentage in [0.2, 0.22, 0.26] {
        pushes(&site, PHONE, "book", percentage);
    }
    let newest = activity(&site).remove(0);
    assert_eq!((activity(&site).len(), &newest["times"]), (1, &json!(3)));
    let message = newest["message"].as_str().unwrap();
    let expected = "Phone sent 3 positions of book within seconds, as a device does after it could not reach the server; the last \
                    is 26%.";
    assert!(message.starts_with(expected), "{message}");
}

#[test]
fn a_refusal_names_the_field_or_the_limit() {
    let site = site();
    let good = json!({ "document": "book", "progress": "p", "percentage": 0.5, "device": "Kobo", "device_id": "K" });
    let again = "It will be refused again: tell the makers of the reading program.";
    let refused = |change: &dyn Fn(&mut Value), status, subject: &str, reason: &str| {
        let mut body = good.clone();
        change(&mut body);
        assert_eq!(sends(&site, &body.to_string()), status);
        let message = format!("{subject}, which was refused: {reason}. {again}");
        assert_newest(&site, "invalid", &message);
    };
    let without = |field: &'static str| move |body: &mut Value| drop(body.as_object_mut().unwrap().remove(field));
    let of_book = "Kobo sent a position of book";
    // Before its first good push, nothing tells the device apart; the body does.
    refused(&without("percentage"), 403, of_book, "its field “percentage” is missing or is not a number (403)");
    let text = |body: &mut Value| body["percentage"] = json!("half");
    let other = |body: &mut Value| {
        text(body);
        body["document"] = json!("other");
    };
    refused(&other, 403, "Kobo sent a position of other", "its field “percentage” is missing or is not a number (403)");
    let object = |body: &mut Value| body["device_id"] = json!({});
    refused(&object, 403, of_book, "its field “device_id” is missing or is not a text (403)");
    let nobody = "A device at 192.0.2.1 (KOReader/2026.08) sent a position of book";
    refused(&without("device"), 403, nobody, "its field “device” is missing or is not a text (403)");
    let long = |body: &mut Value| body["progress"] = json!("x".repeat(8193));
    refused(&long, 403, of_book, "its field “progress” is too long (403)");
    refused(
        &without("document"),
        403,
        "Kobo sent a position",
        "its field “document” is missing, is not a text, is empty, or has a colon or bytes that are not UTF-8 (403)",
    );
    // A refused list of identifiers [I1] is named, not another field.
    let list = |name: &str| {
        format!(
            "its list “{name}” must have 1 to 8 entries in the form of the protocol, no type twice, and one whose value is the id of \
             the book (403)"
        )
    };
    for (index, identifiers) in
        [json!([]), json!("book"), json!([{ "type": "isbn", "value": "978" }])].iter().enumerate()
    {
        let named = |id: String| {
            move |body: &mut Value| {
                (body["document"], body["identifiers"]) = (json!(id), identifiers.clone());
            }
        };
        let of = |id: &str| format!("Kobo sent a position of {id}");
        let id = format!("book{index}");
        refused(&named(id.clone()), 403, &of(&id), &list("identifiers"));
        let id = format!("part{index}");
        let percentage_alone = |body: &mut Value| {
            named(id.clone())(body);
            body.as_object_mut().unwrap().remove("progress");
            body["position_kind"] = json!("percentage");
        };
        refused(&percentage_alone, 403, &of(&id), &list("identifiers"));
    }
    let pull = from(&site, KOBO.0, "ada", KEY, "GET", "/syncs/progress/book?ids=isbn:978", None);
    pull.refused(403, 2003, "Invalid request: ids has no entry whose value is the document.");
    let asked = "A device at 192.0.2.1 (KOReader/2026.08) asked for a position of book and got no answer:";
    assert_newest(&site, "invalid", &format!("{asked} {}. The device asks again.", list("ids")));
    assert_eq!(sends(&site, "{"), 400);
    let unknown = "A device at 192.0.2.1 (KOReader/2026.08) sent a position, which was refused:";
    assert_newest(&site, "invalid", &format!("{unknown} its body is not a JSON object (400). {again}"));
    assert_eq!(sends(&site, &format!("{good}{}", " ".repeat(70_000))), 413);
    assert_newest(&site, "too_large", &format!("{unknown} its body is larger than 65,536 bytes (413). {again}"));
    // A device that sends the same again makes one line.
    for _ in 0..2 {
        assert_eq!(sends(&site, "{"), 400);
    }
    assert_eq!(activity(&site)[0]["times"], 3);
    assert_eq!(get(&site, "/api/v1/documents")["total"], 0);
}

#[test]
fn a_full_account_says_so() {
    let site = Site::with(|builder| behind_a_proxy(builder).max_documents(1));
    site.registered("ada", KEY);
    pushes(&site, KOBO, "book", 0.5);
    let body = position("another", "p", 0.5).to_string();
    assert_eq!(sends(&site, &body), 507);
    assert_newest(
        &site,
        "over_quota",
        "Kobo_nova sent a position of another, which was refused: the account has as many books as it may have (507). Delete some \
         books, or ask the administrator for a greater limit.",
    );
}

/// The phone pushes from where it had been. The clock decides which pushes are a queue.
#[test]
fn c1_a_push_that_does_not_move_the_position_says_why_and_can_be_put_back() {
    let now = Arc::new(AtomicU64::new(1_800_000_000));
    let clock = now.clone();
    let site = Site::with(|builder| behind_a_proxy(builder).clock(move || clock.load(Ordering::Relaxed)));
    site.registered("ada", KEY);
    let later = |seconds| now.fetch_add(seconds, Ordering::Relaxed);
    pushes(&site, KOBO, "book", 0.2);
    later(3600);
    pushes(&site, PHONE, "book", 0.21);
    later(3600);
    pushes(&site, KOBO, "book", 0.6);
    later(3600);
    pushes(&site, PHONE, "book", 0.21);
    let still = "The current position is still the one of Kobo, 60%.";
    let newest = assert_newest(
        &site,
        "repeat",
        &format!(
            "Phone sent 21% of book. It had been there before. A device on which nothing was read does not replace another device’s position. {still}"
        ),
    );
    later(3600);
    pushes(&site, ("192.0.2.3", "Tablet", "T"), "book", 0.01);
    assert_newest(
        &site,
        "opened",
        &format!(
            "Tablet sent 1% of book. That is the beginning, as a device sends it on which a book is opened for the first time. {still}"
        ),
    );
    later(3600);
    pushes(&site, KOBO, "book", 0.7);
    later(3600);
    pushes(&site, PHONE, "book", 0.7);
    let still = "The current position is still the one of Kobo, 70%.";
    assert_newest(
        &site,
        "echo",
        &format!(
            "Phone sent 70% of book. It had received this place from another device, and nothing was read on it since. {still}"
        ),
    );
    later(3600);
    pushes(&site, KOBO, "book", 0.7);
    let held = assert_newest(
        &site,
        "held_repeat",
        "Kobo sent 70% of book. That is the current position already, which this device had sent before.",
    );
    assert_eq!(held["sequence"], Value::Null, "there is nothing to put back");
    // What the phone queued while it was offline, oldest first, is behind the Kobo.
    later(3600);
    for percentage in [0.3, 0.4] {
        pushes(&site, PHONE, "book", percentage);
        later(1);
    }
    let queue = activity(&site).remove(0);
    assert_eq!((&queue["outcome"], &queue["times"]), (&json!("queue"), &json!(2)), "{queue}");
    assert!(
        queue["message"]
            .as_str()
            .unwrap()
            .ends_with(&format!("That is behind what another device had reached. {still}"))
    );
    // The repeat is put back by its number.
    let body = json!({ "sequence": newest["sequence"] });
    let back = as_ada(&site, "POST", "/api/v1/documents/book/put-back", Some(body));
    assert_eq!((back.status, &back.json()["percentage"]), (200, &json!(0.21)), "{back:?}");
    let repeat = activity(&site).into_iter().find(|line| line["outcome"] == "repeat").unwrap();
    assert_eq!(repeat["sequence"], Value::Null, "it is back");
}

#[test]
fn c2_under_furthest_a_push_says_that_it_is_not_further() {
    let site = site();
    let rule = json!({ "current_position": "furthest" });
    assert_eq!(as_ada(&site, "PATCH", "/api/v1/account", Some(rule)).status, 200);
    pushes(&site, KOBO, "book", 0.6);
    pushes(&site, PHONE, "book", 0.4);
    assert_newest(
        &site,
        "not_further",
        "Phone sent 40% of book. That is not further. By this account’s rule the furthest position is the current one. The current \
         position is still the one of Kobo, 60%.",
    );
}

/// A refusal is recorded where the device has a password of its own, too.
#[test]
fn a_refused_push_by_a_device_password_is_shown() {
    let site = site();
    let made = site.send_as("ada", KEY, "POST", "/api/v1/device-passwords", Some(r#"{"name":"Kobo"}"#)).json();
    let password = made["password"].as_str().unwrap();
    let body = json!({ "document": "book", "progress": "p", "device": "Kobo" }).to_string();
    assert_eq!(from(&site, KOBO.0, "ada", password, "PUT", "/syncs/progress", Some(&body)).status, 403);
    assert_eq!(activity(&site)[0]["outcome"], "invalid");
}

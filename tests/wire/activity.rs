//! `GET /api/v1/activity`: what an account's devices asked and sent, in plain words, and nothing of other accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use kosync::Builder;
use serde_json::{Value, json};

use super::api_v1::{as_ada, description, get, push_metadata};
use super::bounded::chunked;
use super::openapi::assert_conforms;
use crate::common::{KEY, OTHER_KEY, Reply, Site, percent_encoded, position};

const AGENT: &str = "KOReader/2026.08 (https://koreader.rocks/) LuaSocket/3.1.0";
pub(super) const KOBO: (&str, &str, &str) = ("192.0.2.1", "Kobo", "K");
pub(super) const PHONE: (&str, &str, &str) = ("192.0.2.2", "Phone", "P");

pub(super) fn behind_a_proxy(builder: Builder) -> Builder {
    builder.trusted_proxies(["127.0.0.0/8".parse().unwrap()])
}

/// Starts a server with the account `ada` behind a proxy that names each device's address.
pub(super) fn site() -> Site {
    let site = Site::with(|builder| behind_a_proxy(builder).admin_password("password"));
    site.registered("ada", KEY);
    site
}

fn from(site: &Site, address: &str, user: &str, key: &str, method: &str, path: &str, body: Option<&str>) -> Reply {
    let headers: [(&str, &[u8]); 4] = [
        ("x-auth-user", user.as_bytes()),
        ("x-auth-key", key.as_bytes()),
        ("x-forwarded-for", address.as_bytes()),
        ("user-agent", AGENT.as_bytes()),
    ];
    site.send(method, path, &headers, body)
}

pub(super) fn pushes(site: &Site, (address, device, id): (&str, &str, &str), document: &str, percentage: f64) {
    let mut body = position(document, &format!("/p[{percentage}]"), percentage);
    body["device"] = json!(device);
    body["device_id"] = json!(id);
    let reply = from(site, address, "ada", KEY, "PUT", "/syncs/progress", Some(&body.to_string()));
    assert_eq!(reply.status, 200, "{reply:?}");
}

pub(super) fn pulls(site: &Site, (address, ..): (&str, &str, &str), document: &str) {
    let path = format!("/syncs/progress/{}", percent_encoded(document));
    assert_eq!(from(site, address, "ada", KEY, "GET", &path, None).status, 200);
}

fn sends(site: &Site, body: &str) -> u16 {
    from(site, KOBO.0, "ada", KEY, "PUT", "/syncs/progress", Some(body)).status
}

/// Returns the account's activity, which conforms to its description.
#[track_caller]
pub(super) fn activity(site: &Site) -> Vec<Value> {
    let all = get(site, "/api/v1/activity");
    let description = description();
    assert_conforms(&description, &description["components"]["schemas"]["Activity"], &all, "activity");
    all["activity"].as_array().unwrap().clone()
}

/// Asserts outcome and message of the newest entry, and returns it.
#[track_caller]
pub(super) fn assert_newest(site: &Site, outcome: &str, message: &str) -> Value {
    let newest = activity(site).remove(0);
    assert_eq!((newest["outcome"].as_str(), without_times(&newest["message"]).as_str()), (Some(outcome), message));
    newest
}

/// Replaces times of day, which are those of the clock.
fn without_times(message: &Value) -> String {
    let text = message.as_str().unwrap();
    let is_time = |word: &str| word.len() == 5 && word.as_bytes()[2] == b':';
    let words = text.split(' ').map(|word| {
        let bare = word.trim_end_matches(['.', ',', ';', ')']);
        if is_time(bare) { word.replace(bare, "TIME") } else { word.to_owned() }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn an_id_that_nobody_pushed_is_shown_with_the_book_that_another_device_pushed() {
    let site = site();
    pulls(&site, PHONE, "8718ff0e1f7b1e5f53f40c2ecac41b3c");
    assert_newest(
        &site,
        "unknown",
        "A device at 192.0.2.2 (KOReader/2026.08) asked for a position of 8718ff0e…; none is known under this id. No other device has \
         sent a position of another book in the day before.",
    );
    pushes(&site, KOBO, "9c25aa0e1f7b1e5f53f40c2ecac41b3c", 0.6);
    push_metadata(&site, "9c25aa0e1f7b1e5f53f40c2ecac41b3c", json!({ "title": "Shovel Knight" }));
    pushes(&site, KOBO, "9c25aa0e1f7b1e5f53f40c2ecac41b3c", 0.61);
    pushes(&site, PHONE, "other", 0.1);
    pulls(&site, PHONE, "8718ff0e1f7b1e5f53f40c2ecac41b3c");
    let newest = assert_newest(
        &site,
        "unknown",
        "Phone (by its address) asked for a position of 8718ff0e…; none is known under this id. Your Kobo sent “Shovel Knight” as \
         9c25aa0e… today TIME. If they are one book, the files differ.",
    );
    assert_eq!(newest["candidate"], "9c25aa0e1f7b1e5f53f40c2ecac41b3c");
    assert_eq!((&newest["device"], &newest["device_by"]), (&json!("Phone"), &json!("address")));
    assert_eq!((&newest["request"], &newest["address"]), (&json!("pull"), &json!("192.0.2.2")));
    // Once it exists, the old line says so.
    pushes(&site, PHONE, "8718ff0e1f7b1e5f53f40c2ecac41b3c", 0.3);
}

#[test]
fn a_position_is_sent_once_and_then_nothing_is_newer() {
    let site = site();
    pushes(&site, KOBO, "book", 0.6);
    let pushed = assert_newest(&site, "current", "Kobo sent 60% of book. It became the current position.");
    assert_eq!((&pushed["percentage"], &pushed["device_by"]), (&json!(0.6), &json!("request")));
    pushes(&site, PHONE, "other", 0.1);
    pulls(&site, PHONE, "book");
    assert_newest(
        &site,
        "sent",
        "Phone (by its address) asked for a position of book and got the one of Kobo, 60%, reached today TIME.",
    );
    for times in 1..=3 {
        pulls(&site, PHONE, "book");
        let newest = activity(&site).remove(0);
        assert_eq!((&newest["outcome"], &newest["times"]), (&json!("unchanged"), &json!(times + 1)));
    }
    assert_newest(
        &site,
        "unchanged",
        "Phone (by its address) asked for a position of book and got the same one as before: the one of Kobo, 60%, reached today TIME. No \
         device has sent a newer one since. (4 times since TIME.)",
    );
    assert_eq!(activity(&site).len(), 3, "repeats are one line");
}

/// Settings that were copied from one device to another have its id.
#[test]
fn a_device_s_own_position_names_its_twin() {
    let site = site();
    pushes(&site, KOBO, "book", 0.6);
    pulls(&site, KOBO, "book");
    assert_newest(
        &site,
        "own_position",
        "Kobo (by its address) asked for a position of book and got the one that it had sent itself, 60%, reached today TIME. KOReader then \
         says “Latest progress is coming from this device”. No other device has sent a newer one under this id. If one should have: is \
         its push on this page, and under the same id?",
    );
    pushes(&site, ("192.0.2.9", KOBO.1, KOBO.2), "other", 0.2);
    pulls(&site, KOBO, "book");
    let newest = activity(&site).remove(0);
    let message = newest["message"].as_str().unwrap();
    assert!(
        message.contains("A device of the same name and id also sends from 192.0.2.9. If that is another"),
        "{message}"
    );
}

#[test]
fn pushes_within_seconds_are_one_line_and_so_is_a_session() {
    let site = site();
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

#[test]
fn logins_are_shown_with_their_address_and_guesses_displace_no_requests() {
    let site = site();
    pushes(&site, KOBO, "book", 0.5);
    assert_eq!(from(&site, KOBO.0, "ada", KEY, "GET", "/users/auth", None).status, 200);
    assert_newest(&site, "accepted", "Kobo (by its address) logged in.");
    for _ in 0..2 {
        from(&site, "203.0.113.7", "ada", OTHER_KEY, "GET", "/syncs/progress/book", None).unauthorized();
    }
    let failed = "A login from 203.0.113.7 failed: the password was wrong (401). If it was a device, log in again there: KOReader drops \
                  a position that is refused so.";
    let newest = assert_newest(&site, "wrong_password", &format!("{failed} (2 times since TIME.)"));
    assert_eq!((&newest["address"], &newest["times"]), (&json!("203.0.113.7"), &json!(2)));
    let guess = |number: usize| {
        let address = format!("203.0.{number}.1");
        from(&site, &address, "ada", &format!("guess {number}"), "GET", "/users/auth", None).status
    };
    let statuses: Vec<u16> = (0..80).map(guess).collect();
    assert_eq!(statuses.last(), Some(&429));
    assert_newest(
        &site,
        "too_many_failures",
        "A login from 203.0.79.1 was refused without checking its password, because too many had failed before (429). Find the device \
         that still has an old password.",
    );
    let all = activity(&site);
    assert!(all.iter().any(|line| line["outcome"] == "current"), "{all:?}");
    assert!(all.len() <= 42, "{}", all.len());
}

/// [A7]: a phone's keyboard made `Ada` of `ada`.
#[test]
fn a7_a_login_under_another_spelling_is_shown_to_the_account_of_that_name() {
    let site = site();
    for key in [KEY, OTHER_KEY] {
        from(&site, PHONE.0, "Ada", key, "GET", "/users/auth", None).unauthorized();
    }
    let newest = assert_newest(
        &site,
        "other_name",
        "A client from 192.0.2.2 tried to log in as Ada, and this account does not exist (401): yours is ada. Names are case-sensitive. \
         Type yours on that device as it is here. (2 times since TIME.)",
    );
    assert_eq!(newest["request"], "login");
}

/// Nothing of one account is in another's activity [A4]. Requests under a name that does not exist are in no activity.
#[test]
fn a4_an_account_sees_its_own_requests_alone() {
    let site = site();
    for name in ["grace", "adam"] {
        site.registered(name, OTHER_KEY);
    }
    pushes(&site, KOBO, "a book of ada's", 0.5);
    from(&site, "203.0.113.8", "nobody", KEY, "GET", "/users/auth", None).unauthorized();
    from(&site, "203.0.113.9", "ada", "wrong", "GET", "/users/auth", None).unauthorized();
    let of = |name: &str| site.send_as(name, OTHER_KEY, "GET", "/api/v1/activity", None).shaped().json();
    for name in ["grace", "adam"] {
        assert_eq!(of(name), json!({ "activity": [] }));
    }
    let admin = site.send_as("admin", "password", "GET", "/api/v1/activity", None).shaped().json();
    assert_eq!(admin, json!({ "activity": [] }), "an administrator has an activity of their own");
    site.send("GET", "/api/v1/activity", &[], None).unauthorized();
    site.send_as("ada", "wrong", "GET", "/api/v1/activity", None).unauthorized();
    assert_eq!(activity(&site).len(), 3);
    let answer = as_ada(&site, "GET", "/api/v1/activity", None);
    assert!(!answer.body.contains("nobody") && !answer.body.contains("203.0.113.8"), "{answer:?}");
    // Who registers the name of a deleted account sees nothing of it.
    assert_eq!(as_ada(&site, "DELETE", "/users/me", None).status, 200);
    site.registered("ada", KEY);
    assert_eq!(activity(&site), [] as [Value; 0]);
}

/// A changed key and a deleted document change nothing about what was asked.
#[test]
fn activity_outlives_a_new_key_and_a_deleted_document() {
    let site = site();
    pushes(&site, KOBO, "book", 0.5);
    assert_eq!(as_ada(&site, "DELETE", "/api/v1/documents/book", None).status, 200);
    let body = json!({ "password": OTHER_KEY }).to_string();
    assert_eq!(as_ada(&site, "PUT", "/users/password", Some(serde_json::from_str(&body).unwrap())).status, 200);
    let all = site.send_as("ada", OTHER_KEY, "GET", "/api/v1/activity", None).shaped().json();
    let line = &all["activity"][0];
    assert_eq!(
        (&line["outcome"], &line["document"], &line["title"]),
        (&json!("current"), &json!("book"), &Value::Null)
    );
}

#[test]
fn a_pull_writes_nothing_to_disk_and_a_restart_forgets() {
    let site = site();
    pushes(&site, KOBO, "book", 0.5);
    let file = site.server.store().path().join("data.mdb");
    let before = std::fs::read(&file).unwrap();
    for document in ["book", "unknown"] {
        pulls(&site, KOBO, document);
    }
    assert_eq!(activity(&site).len(), 3);
    assert!(std::fs::read(&file).unwrap() == before, "the data file has changed");
    let site = site.restarted(behind_a_proxy);
    assert_eq!(activity(&site), [] as [Value; 0]);
}

/// Names that clients chose are cut, and 200 requests are kept.
#[test]
fn long_names_are_cut_and_the_last_200_requests_are_kept() {
    let site = site();
    let long = "ü".repeat(250);
    for number in 0..210 {
        pushes(&site, (KOBO.0, &long, &long), &format!("{number:04}{}", "x".repeat(251)), 0.5);
    }
    let all = chunked(&site, "ada", "/api/v1/activity")["activity"].take();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 200);
    assert!(
        all[0]["document"].as_str().unwrap().starts_with("0209")
            && all[199]["document"].as_str().unwrap().starts_with("0010")
    );
    assert_eq!(all[0]["device"], "ü".repeat(64));
}

#[test]
fn the_account_chooses_which_position_its_devices_get() {
    let site = Site::with(|builder| builder.current_position(kosync::PositionRule::Last));
    site.registered("ada", KEY);
    let account = |site: &Site| {
        let account = get(site, "/api/v1/account");
        (account["current_position"].clone(), account["current_position_is_default"].clone())
    };
    assert_eq!(account(&site), (json!("last"), json!(true)));
    let set = |rule: Value| as_ada(&site, "PATCH", "/api/v1/account", Some(json!({ "current_position": rule })));
    for rule in ["newest", "furthest", "last"] {
        let answer = set(json!(rule));
        assert_eq!((answer.status, &answer.json()["current_position"]), (200, &json!(rule)));
        assert_eq!(account(&site), (json!(rule), json!(false)));
    }
    let message = "'current_position' must be 'newest', 'furthest' or 'last', or null.";
    for bad in [json!("first"), json!(1), json!(["newest"]), json!("")] {
        set(bad).refused(400, 3400, message);
    }
    let message = "The body must have 'current_position', 'language', 'time_zone', 'day_end' or 'goal'.";
    for body in [json!({}), json!({ "current-position": "last" })] {
        as_ada(&site, "PATCH", "/api/v1/account", Some(body)).refused(400, 3400, message);
    }
    assert_eq!(account(&site), (json!("last"), json!(false)), "a refused request changes nothing");
    assert_eq!(set(json!("furthest")).status, 200);
    let site = site.restarted(|builder| builder);
    assert_eq!(account(&site), (json!("furthest"), json!(false)));
    assert_eq!(as_ada(&site, "PATCH", "/api/v1/account", Some(json!({ "current_position": null }))).status, 200);
    assert_eq!(account(&site), (json!("newest"), json!(true)));
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

/// Start over: pulls find nothing until a reader moves, and the page says why.
#[test]
fn c2_a_book_that_was_started_over_has_no_position_until_a_reader_moves() {
    let site = site();
    pushes(&site, KOBO, "book", 1.0);
    let path = "/api/v1/documents/book/start-over";
    as_ada(&site, "POST", "/api/v1/documents/other/start-over", None).refused(404, 3404, "There is no such document.");
    let answer = as_ada(&site, "POST", path, None);
    assert_eq!((answer.status, &answer.json()["percentage"]), (200, &json!(0.0)));
    assert_eq!(site.pulled("ada", KEY, "book"), json!({}));
    let history = get(&site, "/api/v1/documents/book/history")["history"].take();
    assert_eq!((history.as_array().unwrap().len(), &history[0]["current"]), (1, &Value::Null), "the history stays");
    let over = "The book was started over: there is no current position until a device reads on.";
    let expected = format!("A device at 127.0.0.1 asked for a position of book. {over}");
    assert_newest(&site, "unknown", &expected);
    pushes(&site, KOBO, "book", 1.0);
    assert_eq!(activity(&site)[0]["outcome"], "repeat");
    assert_eq!(site.pulled("ada", KEY, "book"), json!({}));
    pushes(&site, KOBO, "book", 0.03);
    assert_eq!(site.pulled("ada", KEY, "book")["percentage"], 0.03);
}

/// PATCH takes effect with the next push, and moves nothing by itself.
#[test]
fn another_rule_holds_from_the_next_push_on() {
    let site = site();
    let set = |rule: &str| as_ada(&site, "PATCH", "/api/v1/account", Some(json!({ "current_position": rule }))).status;
    pushes(&site, KOBO, "book", 0.6);
    pushes(&site, PHONE, "book", 0.4);
    let at = || site.pulled("ada", KEY, "book")["percentage"].as_f64().unwrap();
    assert!((at() - 0.4).abs() < 1e-9);
    assert_eq!(set("furthest"), 200);
    assert!((at() - 0.4).abs() < 1e-9, "nothing stored is computed anew");
    pushes(&site, KOBO, "book", 0.5);
    pushes(&site, PHONE, "book", 0.45);
    assert!((at() - 0.5).abs() < 1e-9);
    assert_eq!(set("last"), 200);
    assert!((at() - 0.5).abs() < 1e-9);
    pushes(&site, PHONE, "book", 0.45);
    assert!((at() - 0.45).abs() < 1e-9);
}

/// A copy of a book has an id that no device has pushed. Its other identifier is known [I3].
#[test]
fn requests_with_identifiers_are_shown_for_the_book_that_these_mean() {
    let site = site();
    let mut body = position("bought", "/p[1]", 0.25);
    body["identifiers"] = json!([{ "type": "file", "value": "bought" }, { "type": "isbn", "value": "9780141439587" }]);
    assert_eq!(sends(&site, &body.to_string()), 200);
    push_metadata(&site, "bought", json!({ "title": "Emma" }));
    body = position("converted", "/p[2]", 0.5);
    body["identifiers"] =
        json!([{ "type": "file", "value": "converted" }, { "type": "isbn", "value": "9780141439587" }]);
    assert_eq!(sends(&site, &body.to_string()), 200);
    let newest = &activity(&site)[0];
    assert_eq!((&newest["document"], &newest["title"]), (&json!("bought"), &json!("Emma")));
    let pull = |ids: &str| {
        let path = format!("/syncs/progress/converted?ids={ids}");
        from(&site, PHONE.0, "ada", KEY, "GET", &path, None).status
    };
    assert_eq!(pull("file:converted,isbn:9780141439587"), 200);
    let newest = &activity(&site)[0];
    assert_eq!((&newest["request"], &newest["document"]), (&json!("pull"), &json!("bought")));
    assert_eq!(pull("file:other"), 403);
    let newest = &activity(&site)[0];
    assert_eq!((&newest["request"], &newest["outcome"]), (&json!("pull"), &json!("invalid")), "{newest}");
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

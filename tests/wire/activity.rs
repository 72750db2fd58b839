//! `GET /api/v1/activity`: what an account's devices asked and sent, in plain words, and nothing of other accounts.

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

pub(super) fn from(
    site: &Site,
    address: &str,
    user: &str,
    key: &str,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> Reply {
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

pub(super) fn sends(site: &Site, body: &str) -> u16 {
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
    let old = activity(&site).into_iter().find(|line| line["outcome"] == "unknown").unwrap();
    assert_eq!(old.get("candidate"), None);
    let message = "Phone (by its address) asked for a position of 8718ff0e…; none was known under this id then. Now there is \
                   “8718ff0e1f7b1e5f53f40c2ecac41b3c”.";
    assert_eq!(old["message"], message);
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

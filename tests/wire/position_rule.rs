//! An account's rule of the current position and *Start over*, by `/api/v1`.

use serde_json::{Value, json};

use super::activity::{KOBO, PHONE, activity, assert_newest, pushes, site};
use super::api_v1::{as_ada, get};
use crate::common::{KEY, Site};

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
    assert!((at() - 0.4).abs() < 1e-9, "nothing stored is computed again");
    pushes(&site, KOBO, "book", 0.5);
    pushes(&site, PHONE, "book", 0.45);
    assert!((at() - 0.5).abs() < 1e-9);
    assert_eq!(set("last"), 200);
    assert!((at() - 0.5).abs() < 1e-9);
    pushes(&site, PHONE, "book", 0.45);
    assert!((at() - 0.45).abs() < 1e-9);
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

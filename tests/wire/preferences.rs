//! `PATCH /api/v1/account`: what an account chooses for its pages.

use serde_json::{Value, json};

use super::api_v1::as_ada;
use crate::common::Site;

#[test]
fn preferences_are_chosen_one_by_one_and_null_is_the_default() {
    let site = Site::with_ada();
    let fields = ["language", "time_zone", "day_end", "goal"];
    let get = || {
        let account = as_ada(&site, "GET", "/api/v1/account", None).shaped().json();
        (fields.map(|field| account.get(field).cloned()), account["current_position"].clone())
    };
    let patch = |body: Value| as_ada(&site, "PATCH", "/api/v1/account", Some(body));
    assert_eq!(get(), ([None, None, None, None], json!("newest")));
    let all = json!({ "language": "fr", "time_zone": "Europe/Paris", "day_end": 0, "goal": 1000, "current_position": "last" });
    let answer = patch(all.clone()).shaped();
    assert_eq!(answer.status, 200, "{answer:?}");
    let chosen = fields.map(|field| Some(all[field].clone()));
    assert_eq!(get(), (chosen.clone(), json!("last")));
    assert_eq!(fields.map(|field| answer.json().get(field).cloned()), chosen, "the answer has them");
    // What is not sent stays.
    assert_eq!(patch(json!({ "goal": 12 })).status, 200);
    assert_eq!(get(), ([chosen[0].clone(), chosen[1].clone(), chosen[2].clone(), Some(json!(12))], json!("last")));
    assert_eq!(patch(json!({ "language": null, "day_end": null, "current_position": null })).status, 200);
    assert_eq!(get(), ([None, chosen[1].clone(), None, Some(json!(12))], json!("newest")));
}

#[test]
fn a_preference_that_is_no_choice_is_refused_with_the_choices_and_changes_nothing() {
    let site = Site::with_ada();
    let patch = |body: Value| as_ada(&site, "PATCH", "/api/v1/account", Some(body));
    assert_eq!(patch(json!({ "language": "de", "time_zone": "UTC", "day_end": 3, "goal": 5 })).status, 200);
    let account = || as_ada(&site, "GET", "/api/v1/account", None).shaped().json();
    let before = account();
    let language = "'language' must be 'de', 'en', 'es', 'fr' or 'nl', or null.";
    let zone = "'time_zone' must be a name of the tz database, such as 'Europe/Berlin', or null.";
    let hour = "'day_end' must be an hour from 0 to 12, or null.";
    let goal = "'goal' must be a number of books from 1 to 1000, or null.";
    let rule = "'current_position' must be 'newest', 'furthest' or 'last', or null.";
    for (field, values, message) in [
        ("language", vec![json!("pl"), json!("DE"), json!(""), json!(1)], language),
        (
            "time_zone",
            vec![json!("Nowhere/Land"), json!(""), json!("../UTC"), json!("x".repeat(70_000 / 2)), json!([])],
            zone,
        ),
        ("day_end", vec![json!(13), json!(-1), json!(1.5), json!("4"), json!(260)], hour),
        ("goal", vec![json!(0), json!(1001), json!("12"), json!(70_000)], goal),
        ("current_position", vec![json!("first"), json!(1)], rule),
    ] {
        for value in values {
            let mut body = json!({ "language": "nl", "goal": 7 });
            body[field] = value;
            patch(body).refused(400, 3400, message);
            assert_eq!(account(), before, "{field}");
        }
    }
    let none = "The body must have 'current_position', 'language', 'time_zone', 'day_end' or 'goal'.";
    patch(json!({})).refused(400, 3400, none);
    patch(json!({ "other": 1 })).refused(400, 3400, none);
}

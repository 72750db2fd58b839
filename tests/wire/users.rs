//! Registration, changing the key, deletion: rules R1 to R4, U1 and U2 of docs/protocol.md.

use serde_json::{Value, json};

use crate::common::{KEY, OTHER_KEY, Site, position};

fn create(site: &Site, body: &Value) -> crate::common::Reply {
    site.send("POST", "/users/create", &[], Some(&body.to_string()))
}

#[test]
fn r1_a_registered_user_can_log_in_at_once() {
    let site = Site::start();
    let reply = site.register("ada", KEY).shaped();
    assert_eq!((reply.status, reply.body.as_str()), (201, r#"{"username":"ada"}"#));
    assert_eq!(site.login("ada", KEY).status, 200);
    assert_eq!(site.pull("ada", KEY, "book").body, "{}");
}

#[test]
fn r2_a_taken_name_is_402_and_keeps_its_key() {
    let site = Site::with_ada();
    site.register("ada", OTHER_KEY).refused(402, 2002, "Username is already registered.");
    site.login("ada", OTHER_KEY).unauthorized();
    assert_eq!(site.login("ada", KEY).status, 200);
    site.register("admin", KEY).refused(402, 2002, "Username is already registered.");
}

#[test]
fn r3_missing_or_invalid_fields_are_403() {
    let site = Site::start();
    for body in [
        json!({}),
        json!({ "username": "ada" }),
        json!({ "password": KEY }),
        json!({ "username": "", "password": KEY }),
        json!({ "username": "  ", "password": KEY }),
        json!({ "username": "ada", "password": "" }),
        json!({ "username": "a:b", "password": KEY }),
        json!({ "username": ":", "password": KEY }),
        json!({ "username": 5, "password": KEY }),
        json!({ "username": "ada", "password": 5 }),
        json!({ "username": null, "password": KEY }),
        json!({ "username": ["ada"], "password": KEY }),
        json!({ "username": "ada", "password": { "a": "b" } }),
        json!({ "username": "a\nb", "password": KEY }),
    ] {
        create(&site, &body).refused(403, 2003, "Invalid request");
    }
    let long = json!({ "username": "x".repeat(256), "password": KEY });
    create(&site, &long).refused(403, 2003, "Invalid request: username is longer than 255 bytes.");
    let longest = json!({ "username": "x".repeat(255), "password": KEY, "something": "else" });
    assert_eq!(create(&site, &longest).status, 201);
    assert_eq!(site.login(&"x".repeat(255), KEY).status, 200);
}

#[test]
fn r4_closed_registration_is_402() {
    let site = Site::with(|builder| builder.registration(false));
    site.register("ada", KEY).refused(402, 2005, "User registration is disabled.");
    // Some clients tell the two kinds of 402 apart by this word.
    assert!(!site.register("ada", KEY).body.contains("already"));
    site.login("ada", KEY).unauthorized();
    site.register("", "").refused(402, 2005, "User registration is disabled.");
}

#[test]
fn u1_a_new_password_takes_effect_and_progress_stays() {
    let site = Site::with_ada();
    site.pushed("ada", KEY, &position("book", "p", 0.5));
    let body = json!({ "password": OTHER_KEY }).to_string();
    let reply = site.send_as("ada", KEY, "PUT", "/users/password", Some(&body)).shaped();
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"updated":true}"#));
    site.login("ada", KEY).unauthorized();
    site.push("ada", KEY, &position("book", "q", 0.6)).unauthorized();
    assert_eq!(site.pulled("ada", OTHER_KEY, "book")["progress"], "p");
    site.send_as("ada", KEY, "PUT", "/users/password", Some(&body)).unauthorized();
    // Setting the same password again is allowed.
    assert_eq!(site.send_as("ada", OTHER_KEY, "PUT", "/users/password", Some(&body)).status, 200);
    assert_eq!(site.login("ada", OTHER_KEY).status, 200);
}

#[test]
fn u1_an_invalid_new_password_changes_nothing() {
    let site = Site::with_ada();
    for body in [json!({}), json!({ "password": "" }), json!({ "password": 1 }), json!({ "password": null })] {
        let reply = site.send_as("ada", KEY, "PUT", "/users/password", Some(&body.to_string()));
        reply.refused(403, 2003, "Invalid request");
    }
    assert_eq!(site.login("ada", KEY).status, 200);
}

#[test]
fn u2_deletion_is_complete_and_leaves_other_accounts_alone() {
    let site = Site::with_ada();
    site.registered("grace", KEY);
    for document in ["one", "two", "three"] {
        site.pushed("ada", KEY, &position(document, "p", 0.5));
        site.pushed("grace", KEY, &position(document, "g", 0.5));
    }
    site.send_as("ada", OTHER_KEY, "DELETE", "/users/me", None).unauthorized();
    assert_eq!(site.pulled("ada", KEY, "one")["progress"], "p");

    let reply = site.send_as("ada", KEY, "DELETE", "/users/me", None).shaped();
    assert_eq!((reply.status, reply.body.as_str()), (200, r#"{"deleted":true}"#));
    site.send_as("ada", KEY, "DELETE", "/users/me", None).refused(404, 2006, "Account not found.");
    site.send_as("ada", "whatever", "DELETE", "/users/me", None).refused(404, 2006, "Account not found.");
    site.login("ada", KEY).unauthorized();
    site.push("ada", KEY, &position("one", "p", 0.5)).unauthorized();
    site.pull("ada", KEY, "one").unauthorized();
    assert_eq!(site.pulled("grace", KEY, "one")["progress"], "g");
    // The administrator's account cannot be deleted.
    let site = Site::with(|builder| builder.admin_password("password"));
    let reply = site.send_as("admin", KEY, "DELETE", "/users/me", None);
    reply.refused(403, 2003, "Invalid request: the account admin cannot be deleted.");
    assert_eq!(site.login("admin", KEY).status, 200);
}

#[test]
fn u2_a_deleted_name_can_be_registered_again_without_old_data() {
    let site = Site::with_ada();
    site.registered("grace", KEY);
    for document in ["one", "two", "three"] {
        site.pushed("ada", KEY, &position(document, "p", 0.5));
        site.pushed("grace", KEY, &position(document, "g", 0.5));
    }
    assert_eq!(site.send_as("ada", KEY, "DELETE", "/users/me", None).status, 200);
    site.registered("ada", OTHER_KEY);
    site.login("ada", KEY).unauthorized();
    for document in ["one", "two", "three"] {
        assert_eq!(site.pull("ada", OTHER_KEY, document).body, "{}");
        assert_eq!(site.pulled("grace", KEY, document)["progress"], "g");
    }
}

//! `/api/v1`: no account reaches another account's data.

use kosync::{Document, Username};
use serde_json::{Value, json};

use super::api_v1::{description, document_path, field_of_each, get, ok, push, push_metadata, rename};
use crate::common::{KEY, OTHER_KEY, Site, percent_encoded, position};

const ADMIN: &str = "the admin's password";

type Headers<'a> = Vec<(&'a str, &'a [u8])>;

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Returns everything that an account has, as every route returns it.
fn all_of(site: &Site, user: &str, key: &str, documents: &[&str]) -> Vec<Value> {
    let paths = ["documents", "devices", "statistics"].map(|name| format!("/api/v1/{name}"));
    let each_document =
        documents.iter().flat_map(|document| [document_path(document, ""), document_path(document, "/history")]);
    let mut all: Vec<Value> =
        paths.into_iter().chain(each_document).map(|path| ok(site.send_as(user, key, "GET", &path, None))).collect();
    all.extend(documents.iter().map(|document| site.pulled(user, key, document)));
    let account = site.server.store().user(&Username::new(user).unwrap()).unwrap().unwrap();
    all.push(json!([account.documents, account.last_used, account.active]));
    all
}

/// Everyone except ada sends every method to every route. They use ids and sequence numbers of ada's.
#[test]
fn no_other_account_reads_or_changes_an_account_s_data() {
    let site = Site::with(|builder| builder.admin_password(ADMIN));
    for name in ["ada", "grace", "off"] {
        site.registered(name, KEY);
    }
    let documents = ["book", "a/b"];
    for document in documents {
        push_metadata(&site, document, json!({ "title": "a title of ada's" }));
        push(&site, document, "ada's position", 1.0, ("ada's device", None));
        ok(rename(&site, document, json!("ada's name")));
        site.pushed("off", KEY, &position(document, "p", 0.5));
    }
    let off = site.send_as("admin", ADMIN, "PUT", "/manage/users/active?username=off", None);
    assert_eq!(off.body, r#"{"message":"User marked as inactive"}"#);
    let body = json!({ "name": "ada's device password" }).to_string();
    let made = site.send_as("ada", KEY, "POST", "/api/v1/device-passwords", Some(&body)).json();
    let device_password = made["id"].to_string();
    let device = get(&site, "/api/v1/devices")["devices"][0]["id"].as_str().unwrap().to_owned();
    let before = all_of(&site, "ada", KEY, &documents);

    let key = KEY.as_bytes();
    let others: [(&str, Headers<'_>); 5] = [
        ("another user", vec![("x-auth-user", b"grace"), ("x-auth-key", key)]),
        ("an administrator", vec![("x-auth-user", b"admin"), ("x-auth-key", ADMIN.as_bytes())]),
        ("no credentials", vec![]),
        ("the username alone", vec![("x-auth-user", b"ada")]),
        ("a disabled account", vec![("x-auth-user", b"off"), ("x-auth-key", key)]),
    ];
    let description = description();
    let mut requests = 0;
    for (path, methods) in description["paths"].as_object().unwrap() {
        for document in documents {
            let history = get(&site, &document_path(document, "/history"));
            let id = if path.contains("/devices/") { &device } else { &device_password };
            let path_of_ada = path.replace("{document}", &percent_encoded(document)).replace("{id}", id);
            // Parameters that the routes do not have.
            let path_of_ada = format!("{path_of_ada}?username=ada&user=ada");
            for sequence in field_of_each(&history["history"], "sequence") {
                let body = json!({
                    "name": "stolen", "sequence": sequence, "username": "ada", "document": "a/b", "current_position": null,
                    "given_name": "stolen",
                });
                let body = body.to_string();
                for (who, headers) in &others {
                    for method in METHODS {
                        let reply = site.send(method, &path_of_ada, headers, Some(&body));
                        let what = format!("{method} {path_of_ada} by {who}: {reply:?}");
                        requests += 1;
                        let operation = if method == "HEAD" { "get" } else { &method.to_lowercase() };
                        let status = match path.as_str() {
                            _ if methods.get(operation).is_none() => 405,
                            "/api/v1/openapi.json" => 200,
                            _ if !matches!(*who, "another user" | "an administrator") => 401,
                            _ if path.contains("{document}") || path.contains("{id}") => 404,
                            "/api/v1/device-passwords" if method == "POST" => 201,
                            _ => 200,
                        };
                        assert_eq!(reply.status, status, "{what}");
                        assert!(!reply.body.contains("ada's"), "{what}");
                        if status != 200 || method == "HEAD" || path.ends_with("openapi.json") {
                            continue;
                        }
                        let empty = match path.as_str() {
                            "/api/v1/account" => json!({
                                "username": if *who == "another user" { "grace" } else { "admin" },
                                "current_position": "newest", "current_position_is_default": true,
                                "documents": 0, "max_documents": 10_000, "bytes": 0, "max_bytes": 64 << 20,
                            }),
                            "/api/v1/documents" => json!({ "total": 0, "documents": [] }),
                            // Those that this test has made for the account itself.
                            "/api/v1/device-passwords" => {
                                assert!(reply.json()["device_passwords"].is_array(), "{what}");
                                continue;
                            }
                            "/api/v1/activity" => json!({ "activity": [] }),
                            "/api/v1/devices" => json!({ "devices": [] }),
                            "/api/v1/highlights" => json!({ "highlights": [] }),
                            "/api/v1/suggestions" => json!({ "suggestions": [] }),
                            "/api/v1/statistics" => json!({
                                "documents": 0, "finished": 0, "finished_this_year": 0, "in_progress": 0, "aside": 0, "hidden": 0, "days_read": 0, "days_in_a_row": 0,
                                "days": [], "finished_by_month": [], "longest_days_in_a_row": 0, "weeks_in_a_row": 0,
                                "longest_weeks_in_a_row": 0,
                            }),
                            other => {
                                panic!("{other}: the response to an account without documents is missing in this test")
                            }
                        };
                        assert_eq!(reply.json(), empty, "{what}");
                    }
                }
            }
        }
    }
    assert!(requests >= 7 * METHODS.len() * others.len() * 2 * 2, "{requests}");
    assert_eq!(all_of(&site, "ada", KEY, &documents), before);
    // The other accounts have no new documents.
    let store = site.server.store();
    for name in ["grace", "admin"] {
        let user = store.user(&Username::new(name).unwrap()).unwrap().unwrap();
        assert_eq!((user.documents, store.documents(user.id, None, 1).unwrap()), (0, vec![]), "{name}");
    }
    let off = store.user(&Username::new("off").unwrap()).unwrap().unwrap();
    let history = store.history(off.id, &Document::new("book").unwrap(), 9).unwrap();
    assert_eq!(history.len(), 1, "the disabled account has not changed its own documents");
}

#[test]
fn the_same_id_under_two_accounts_is_two_documents() {
    let site = Site::with_ada();
    site.registered("grace", OTHER_KEY);
    push(&site, "book", "ada's", 0.5, ("d", None));
    let before = all_of(&site, "ada", KEY, &["book"]);
    site.pushed("grace", OTHER_KEY, &position("book", "1", 0.9));
    site.pushed("grace", OTHER_KEY, &position("book", "2", 0.9));
    let as_grace = |method, rest, body: Option<Value>| {
        let body = body.map(|body| body.to_string());
        ok(site.send_as("grace", OTHER_KEY, method, &document_path("book", rest), body.as_deref()).shaped())
    };
    let history = as_grace("GET", "/history", None)["history"].take();
    assert_eq!(field_of_each(&history, "progress"), ["2", "1"]);
    let sequence = &history[1]["sequence"];
    assert_eq!(as_grace("PATCH", "", Some(json!({ "name": "grace's" })))["name"], "grace's");
    assert_eq!(as_grace("POST", "/put-back", Some(json!({ "sequence": sequence })))["progress"], "1");
    assert_eq!(all_of(&site, "ada", KEY, &["book"]), before);
    as_grace("DELETE", "", None);
    assert_eq!(all_of(&site, "ada", KEY, &["book"]), before);
}

//! `openapi.json` describes every route below `/api/v1` and every response, as they are.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::api_v1::{as_ada, description, document_path, get, push, push_metadata};
use crate::common::{Reply, Site};

/// The source of the route table.
const ROUTES: &str = include_str!("../../src/http/api/mod.rs");

/// Asserts that a value conforms to a schema. It knows the keywords that the description uses and panics at any other, so that
/// none goes unchecked.
pub fn assert_conforms(root: &Value, schema: &Value, value: &Value, at: &str) {
    let fields = schema.as_object().unwrap_or_else(|| panic!("{at}: no schema: {schema}"));
    if value.is_null() && schema["type"].as_array().is_some_and(|types| types.contains(&json!("null"))) {
        return;
    }
    for (keyword, argument) in fields {
        match keyword.as_str() {
            "$ref" => {
                let pointer = argument.as_str().unwrap().strip_prefix('#').expect("a pointer into this file");
                let target = root.pointer(pointer).unwrap_or_else(|| panic!("{at}: {argument} does not exist"));
                assert_conforms(root, target, value, at);
            }
            "type" => {
                let one = std::slice::from_ref(argument);
                let types = argument.as_array().map_or(one, Vec::as_slice);
                assert!(
                    types.iter().any(|name| is_a(value, name.as_str().unwrap())),
                    "{at}: {value} is not of type {argument}"
                );
            }
            "enum" => assert!(argument.as_array().unwrap().contains(value), "{at}: {value} is none of {argument}"),
            "const" => assert_eq!(value, argument, "{at}"),
            "minimum" => {
                let (value, least) = (value.as_f64().unwrap(), argument.as_f64().unwrap());
                assert!(value >= least, "{at}: {value} is below {least}");
            }
            "minProperties" => {
                let (fields, least) = (value.as_object().unwrap().len(), argument.as_u64().unwrap());
                assert!(fields as u64 >= least, "{at}: {value} has fewer than {least} fields");
            }
            "required" => {
                for name in argument.as_array().unwrap() {
                    assert!(value.get(name.as_str().unwrap()).is_some(), "{at}: {name} is missing in {value}");
                }
            }
            "properties" => {
                for (name, schema) in argument.as_object().unwrap() {
                    if let Some(value) = value.get(name) {
                        assert_conforms(root, schema, value, &format!("{at}.{name}"));
                    }
                }
            }
            "additionalProperties" => {
                assert_eq!(*argument, json!(false), "{at}: another value is not checked here");
                let known = &fields["properties"];
                for name in value.as_object().unwrap().keys() {
                    assert!(known.get(name).is_some(), "{at}: {name} is not described");
                }
            }
            "items" => {
                for (index, value) in value.as_array().unwrap().iter().enumerate() {
                    assert_conforms(root, argument, value, &format!("{at}[{index}]"));
                }
            }
            "description" | "format" | "maxLength" | "default" | "maximum" => {}
            other => panic!("{at}: keyword `{other}` is not checked here"),
        }
    }
}

fn is_a(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        other => panic!("type `{other}` is not checked here"),
    }
}

/// Without this, a check that accepts everything would pass.
/// The binary has it compressed.
#[test]
fn the_description_is_served_as_it_is_in_the_source() {
    let site = Site::with_ada();
    let reply = site.send("GET", "/api/v1/openapi.json", &[], None);
    assert_eq!((reply.status, reply.json()), (200, description()));
}

#[test]
fn the_schema_check_rejects_wrong_values_and_unknown_keywords() {
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": ["list"],
        "properties": {
            "list": { "type": "array", "items": { "$ref": "#/count" } },
            "text": { "type": ["string", "null"], "maxLength": 3 },
            "yes": { "const": true },
            "word": { "enum": ["one", "two"] },
        },
    });
    let root = json!({ "count": { "type": "integer", "minimum": 1 } });
    let check = |schema: &Value, value: Value| {
        std::panic::catch_unwind(|| assert_conforms(&root, schema, &value, "value")).map_err(|_| value.to_string())
    };
    for good in
        [json!({ "list": [] }), json!({ "list": [1, 2], "text": null, "yes": true }), json!({ "list": [], "text": "" })]
    {
        assert_eq!(check(&schema, good), Ok(()));
    }
    for bad in [
        json!([]),
        json!({}),
        json!({ "list": {} }),
        json!({ "list": [1, 0] }),
        json!({ "list": [1.5] }),
        json!({ "list": [], "text": 1 }),
        json!({ "list": [], "yes": false }),
        json!({ "list": [], "word": "three" }),
        json!({ "list": [], "more": 1 }),
    ] {
        assert!(check(&schema, bad.clone()).is_err(), "{bad} was accepted");
    }
    for unknown in [json!({ "pattern": "x" }), json!({ "type": "date" }), json!({ "$ref": "#/nowhere" }), json!(true)] {
        assert!(check(&unknown, json!(1)).is_err(), "{unknown} was accepted");
    }
}

/// Returns path, method and description of each operation.
fn operations(description: &Value) -> Vec<(&str, String, &Value)> {
    let paths = description["paths"].as_object().unwrap().iter();
    paths
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters");
            methods.map(move |(method, operation)| (path.as_str(), method.to_uppercase(), operation))
        })
        .collect()
}

/// A request, and the status that it must get.
struct Case {
    operation: &'static str,
    status: u64,
    /// The query, with its question mark.
    query: &'static str,
    document: &'static str,
    body: Option<Value>,
}

/// Returns requests for each status of each operation, except 401 and 429. The order matters: the document is deleted last.
fn cases(older: &Value, device_password: &'static str, device: &'static str) -> Vec<Case> {
    let case = |operation, status, query, document, body| Case { operation, status, query, document, body };
    let get = |operation, status, document| case(operation, status, "", document, None);
    let rename = |status, document, name| case("changeDocument", status, "", document, Some(json!({ "name": name })));
    let put_back =
        |status, document, sequence| case("putBack", status, "", document, Some(json!({ "sequence": sequence })));
    let join =
        |operation, status, document, other| case(operation, status, "", document, Some(json!({ "document": other })));
    vec![
        get("getAccount", 200, ""),
        case("changeAccount", 200, "", "", Some(json!({ "current_position": "furthest" }))),
        case("changeAccount", 200, "", "", Some(json!({ "current_position": null }))),
        case(
            "changeAccount",
            200,
            "",
            "",
            Some(json!({ "language": "nl", "time_zone": "UTC", "day_end": 2, "goal": 12 })),
        ),
        case("changeAccount", 400, "", "", Some(json!({ "current_position": "first" }))),
        get("getActivity", 200, ""),
        get("listDocuments", 200, ""),
        case("listDocuments", 200, "?search=emma&limit=1&offset=0", "", None),
        case("listDocuments", 200, "?limit=1", "", None),
        case("listDocuments", 400, "?limit=0", "", None),
        case("listDocuments", 400, "?offset=x", "", None),
        get("getDocument", 200, "book"),
        get("getDocument", 200, "bare"),
        get("getDocument", 404, "nothing"),
        rename(200, "book", json!("a name")),
        rename(400, "book", json!([])),
        rename(403, "book", json!("x".repeat(1025))),
        rename(403, "book", json!("a\nb")),
        rename(404, "nothing", json!("a name")),
        get("getDocument", 200, "book"),
        get("listDocuments", 200, ""),
        rename(200, "book", json!(null)),
        get("getHistory", 200, "book"),
        get("getHistory", 200, "bare"),
        get("getHistory", 404, "nothing"),
        case("getHistory", 200, "?limit=1", "book", None),
        case("getHistory", 400, "?cursor=x", "book", None),
        put_back(200, "book", older.clone()),
        put_back(400, "book", json!("x")),
        put_back(404, "book", json!(999_999)),
        put_back(404, "nothing", older.clone()),
        get("startOver", 200, "bare"),
        get("getDocument", 200, "bare"),
        get("getHistory", 200, "bare"),
        get("startOver", 404, "nothing"),
        get("getHistory", 200, "book"),
        get("getSuggestions", 200, ""),
        join("joinDocuments", 200, "book", "other"),
        join("joinDocuments", 400, "book", "book"),
        join("joinDocuments", 404, "nothing", "book"),
        get("getDocument", 200, "book"),
        get("getDocument", 200, "other"),
        get("listDocuments", 200, ""),
        get("getHistory", 200, "book"),
        case("getHistory", 200, "?limit=1", "other", None),
        join("partDocuments", 200, "book", "other"),
        join("partDocuments", 400, "book", ""),
        join("partDocuments", 404, "book", "other"),
        get("listDevices", 200, ""),
        case("listDevices", 200, "?limit=1", "", None),
        case("listDevices", 400, "?limit=0", "", None),
        case("changeDocument", 200, "", "bare", Some(json!({ "shelf": "finished", "finished_on": "2026-01-02" }))),
        case("changeDocument", 200, "", "bare", Some(json!({ "shelf": null, "hidden": true }))),
        case("nameDevice", 200, "", device, Some(json!({ "given_name": "Kobo in the kitchen" }))),
        case("nameDevice", 400, "", device, Some(json!({ "given_name": 1 }))),
        case("nameDevice", 403, "", device, Some(json!({ "given_name": "a\nb" }))),
        case("nameDevice", 404, "", "unknown", Some(json!({ "given_name": "a" }))),
        get("listDevices", 200, ""),
        get("forgetDevice", 200, device),
        get("forgetDevice", 404, device),
        get("getStatistics", 200, ""),
        get("getDocument", 200, "0123456789abcdef0123456789abcdef"),
        get("listHighlights", 200, ""),
        case("listHighlights", 200, "?limit=1&search=a", "", None),
        case("listHighlights", 400, "?cursor=x", "", None),
        get("listDevicePasswords", 200, ""),
        case("createDevicePassword", 201, "", "", Some(json!({ "name": "Kindle" }))),
        case("createDevicePassword", 400, "", "", Some(json!({ "name": 1 }))),
        case("createDevicePassword", 403, "", "", Some(json!({ "name": " " }))),
        get("listDevicePasswords", 200, ""),
        get("revokeDevicePassword", 200, device_password),
        get("revokeDevicePassword", 404, device_password),
        get("getDescription", 200, ""),
        get("deleteDocument", 200, "book"),
        get("deleteDocument", 404, "book"),
    ]
}

#[test]
fn the_description_matches_routes_methods_and_responses() {
    let site = Site::with_ada();
    let description = description();
    assert_eq!(get(&site, "/api/v1/openapi.json"), description, "the server sends this description");

    // Its paths are those of the source, and their methods are those of `Allow`.
    let described: BTreeSet<&str> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routes = ROUTES.split("\"api/v1/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let routes: BTreeSet<String> = routes.map(|path| format!("/api/v1/{path}")).collect();
    assert_eq!(described.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>(), routes);
    let operations = operations(&description);
    for path in described {
        let reply = as_ada(&site, "TRACE", &path.replace("{document}", "book").replace("{id}", "1"), None);
        assert_eq!(reply.status, 405, "{path}");
        let of_path = operations.iter().filter(|operation| operation.0 == path);
        let mut methods: BTreeSet<&str> = of_path.map(|operation| operation.1.as_str()).collect();
        if methods.contains("GET") {
            methods.insert("HEAD");
        }
        let allowed: BTreeSet<&str> = reply.header("allow").unwrap().split(", ").collect();
        assert_eq!(methods, allowed, "{path}");
    }

    // Each response conforms to the schema of its status, and each described status occurs.
    assert_responses(&site, &description, &operations);
}

/// Uploads what the optional fields of the reading times and highlights come from.
#[cfg(feature = "statistics")]
fn with_reading(site: &Site) {
    use crate::common::reading::{EMMA, export, statistics, uploaded};
    push(site, EMMA, "q", 0.6, ("Kobo", None));
    let is_read = |statistics: &Value| statistics["reading"]["seconds"] == 345;
    uploaded(site, "statistics.sqlite3", &statistics(10), "/api/v1/statistics", is_read);
    let is_unread = |statistics: &Value| statistics["reading"].get("unread").is_some();
    uploaded(site, "statistics.sqlite3", b"nonsense", "/api/v1/statistics", is_unread);
    let has_both = |list: &Value| list["highlights"].as_array().unwrap().len() == 2;
    uploaded(site, "Emma.json", export(&["a", "b"]).to_string().as_bytes(), "/api/v1/highlights", has_both);
}

#[cfg(not(feature = "statistics"))]
fn with_reading(_: &Site) {}

fn assert_responses(site: &Site, description: &Value, operations: &[(&str, String, &Value)]) {
    push_metadata(site, "book", json!({ "filename": "emma.epub", "title": "Emma", "authors": "Jane Austen" }));
    push(site, "book", "q", 0.6, ("Kobo", None));
    push(site, "bare", "p", 1.0, ("phone", None));
    push_metadata(site, "other", json!({ "title": "Emma", "authors": "Jane Austen" }));
    with_reading(site);
    let history = get(site, &document_path("book", "/history"));
    let made =
        [(); 2].map(|()| as_ada(site, "POST", "/api/v1/device-passwords", Some(json!({ "name": "Kobo" }))).json());
    let [revoked, device] = made.map(|made| (made["id"].to_string(), made["password"].as_str().unwrap().to_owned()));
    site.pushed(
        "ada",
        &revoked.1,
        &json!({ "document": "bare", "progress": "p", "percentage": 1.0, "device": "phone" }),
    );
    let mut seen = BTreeSet::new();
    let mut check = |operation: &Value, reply: Reply| {
        let id = operation["operationId"].as_str().unwrap();
        let response = &operation["responses"][reply.status.to_string()];
        assert!(response.is_object(), "{id}: {} is not described", reply.status);
        let schema = &response["content"]["application/json"]["schema"];
        assert_conforms(description, schema, &reply.clone().shaped().json(), &format!("{id} {}", reply.status));
        seen.insert((id.to_owned(), reply.status.to_string()));
    };
    let devices = get(site, "/api/v1/devices");
    let device_id = devices["devices"][0]["id"].as_str().unwrap().to_owned().leak();
    let cases = cases(&history["history"][1]["sequence"], revoked.0.leak(), device_id);
    for Case { operation, status, query, document, body } in cases {
        let known = operations.iter().find(|(_, _, known)| known["operationId"] == operation);
        let (path, method, operation) = known.unwrap_or_else(|| panic!("{operation} is not described"));
        let path = path.replace("{document}", document).replace("{id}", document) + query;
        let reply = as_ada(site, method, &path, body.clone());
        assert_eq!(u64::from(reply.status), status, "{method} {path} {body:?}: {reply:?}");
        // The body of a successful request conforms to its schema.
        if matches!(status, 200 | 201) {
            let schema = operation["requestBody"]["content"]["application/json"].get("schema");
            assert_eq!(body.is_some(), schema.is_some(), "{method} {path}");
            if let Some((schema, body)) = schema.zip(body) {
                assert_conforms(description, schema, &body, &path);
            }
        }
        check(operation, reply);
    }
    for (path, method, operation) in operations {
        let path = path.replace("{document}", "bare").replace("{id}", "1");
        if operation["security"] == json!([]) {
            assert_eq!(site.send(method, &path, &[], None).status, 200, "{path} needs no credentials");
            continue;
        }
        check(operation, site.send(method, &path, &[], Some("{}")));
        check(operation, site.send_as("ada", &device.1, method, &path, Some("{}")));
        // Failures in a row reach the limit, however fast it recovers.
        for guess in 0.. {
            assert!(guess < 1000, "guessing is not limited");
            let reply = site.send_as("ada", "wrong", method, &path, Some("{}"));
            let status = reply.status;
            if status == 429 {
                assert!(reply.header("retry-after").is_some(), "{reply:?}");
            }
            check(operation, reply);
            if status == 429 {
                break;
            }
        }
    }
    let promised: BTreeSet<_> = operations
        .iter()
        .flat_map(|(_, _, operation)| {
            let id = operation["operationId"].as_str().unwrap();
            operation["responses"].as_object().unwrap().keys().map(move |status| (id.to_owned(), status.clone()))
        })
        .collect();
    assert_eq!(seen, promised);
}
